"""Phases of one's own: the same answers as those of the catalogue, wherever a label is taken."""

import math

import numpy as np
import pytest

from kgon.base.verdicts import KgonError, Verdict
from kgon.experiments import assess_antecedent
from kgon.free_energy import (
    Phase,
    dominant_phases,
    in_beta,
    n_crit,
    occupancy,
    occupancy_curves,
    phase,
)
from kgon.free_energy.crossings import crossing
from kgon.free_energy.energies import Union


def by_hand(label, theory="prior", name=None):
    """A phase of the catalogue as one of one's own, with the numbers that it has there."""
    found = phase(label, theory=theory)
    return Phase(name=name or f"my {label}", loss=found.loss, lambda_=found.lambda_, constant=found.constant)


@pytest.mark.parametrize("theory", ["none", "prior", "laplace"])
@pytest.mark.parametrize("pair", [("5", "6"), ("5", "5+"), ("4", "6"), ("4+", "5+")])
def test_a_phase_given_by_hand_answers_as_its_label(theory, pair):
    first, second = pair
    labels = n_crit(first, second, theory=theory, beta="1/2")
    for a, b in ((by_hand(first, theory), second), (by_hand(first, theory), by_hand(second, theory))):
        own = n_crit(a, b, theory=theory, beta="1/2")
        assert [(r.n, r.lower, r.upper, r.stderr) for r in own.roots] == [
            (r.n, r.lower, r.upper, r.stderr) for r in labels.roots
        ]
        assert (own.delta_loss, own.delta_lambda, own.delta_c, own.kind) == (
            labels.delta_loss, labels.delta_lambda, labels.delta_c, labels.kind
        )  # fmt: skip


def test_shares_and_ranges_are_those_of_the_labels():
    mine = [by_hand(label) for label in ("5", "5+", "6")]
    one, other = occupancy([300.0, 900.0], among=mine), occupancy([300.0, 900.0], among=["5", "5+", "6"])
    assert [list(x) for x in one.values()] == [list(x) for x in other.values()]
    own, labels = dominant_phases(among=mine), dominant_phases(among=["5", "5+", "6"])
    assert [(r.n_from, r.n_to) for r in own] == [(r.n_from, r.n_to) for r in labels]
    assert [r.label for r in own] == [f"my {r.label}" for r in labels]


def test_twelve_digits_give_the_root_to_eleven():
    """The same numbers as decimals: no more is lost than their rounding."""
    mine = []
    for label in ("5", "6"):
        p = phase(label)
        mine.append(f"{label}'={float(p.loss):.14g},{p.lambda_},{float(p.constant):.14g}")
    assert n_crit(*mine).roots[-1].n == pytest.approx(n_crit("5", "6").roots[-1].n, rel=1e-10)


@pytest.mark.parametrize("theory", ["prior", "laplace"])
@pytest.mark.parametrize("name", ["A", "5"])
def test_the_numbers_given_count_alone_and_in_a_union_whatever_the_name(theory, name):
    """The larger root of n ΔL + Δλ log n + Δc, by Newton's method, with 6 of the catalogue."""
    six = phase("6", theory=theory)
    made = Phase(name=name, loss="0.06", lambda_=7, constant=str(float(six.constant) - 2))
    dl, dk, dc = float(six.loss) - 0.06, float(six.lambda_) - 7, 2
    n = 1e5
    for _ in range(60):
        n -= (n * dl + dk * math.log(n) + dc) / (dl + dk / n)
    alone, union = n_crit(made, "6", theory=theory), n_crit((made,), "6", theory=theory)
    numeric = crossing(Union((phase(made, theory=theory),)), six, 6, theory=theory)
    assert [found.roots[-1].n for found in (alone, union, numeric)] == pytest.approx([n] * 3, rel=1e-9)
    assert alone.given[0].loss == "0.06" and "given" in str(alone)


def test_text_and_object_and_label_mix():
    made = Phase(name="A", loss="0.07", lambda_=7, constant=3.6)
    written = n_crit("A=0.07,7,3.6", "6").roots
    assert [r.n for r in n_crit(made, "6").roots] == [r.n for r in written]
    both = n_crit((made, "5"), "6")
    assert both.first == "A,5" and both.roots and both.delta_loss is None
    assert in_beta([100.0, 900.0], [1], theory="prior", among=[made, "6"]).phases == ["6", "A"]


def test_the_seeds_own_table_gives_601():
    root = n_crit("5=0.06874,7,3.62417", "6=0.04819,8.5,6.37767").roots[-1]
    assert round(root.n) == 601 and root.lower < 601.0466594566 < root.upper + 1e-9


def test_the_error_of_a_root_is_that_of_many_draws():
    found = n_crit("A=0.07±0.0002,7±0.05,3.6±0.1", "B=0.05,8.5,6.4").roots[-1]
    rng = np.random.default_rng(5)
    draws = rng.normal((0.07, 7, 3.6), (0.0002, 0.05, 0.1), (1500, 3))
    n = found.n * np.ones(1500)
    for _ in range(30):  # Newton, all at once
        gap = n * (0.05 - draws[:, 0]) + (8.5 - draws[:, 1]) * np.log(n) + 6.4 - draws[:, 2]
        n -= gap / (0.05 - draws[:, 0] + (8.5 - draws[:, 1]) / n)
    assert found.stderr == pytest.approx(np.std(n), rel=0.08)  # 1500 draws: 2 %; the curvature adds 1 %
    share = occupancy_curves([600.0], among=["A=0.07±0.0002,7±0.05,3.6±0.1", "B=0.05,8.5,6.4"])
    gaps = 600 * (0.05 - draws[:, 0]) + (8.5 - draws[:, 1]) * math.log(600) + 6.4 - draws[:, 2]
    assert share.stderr[0][0] == pytest.approx(np.std(1 / (1 + np.exp(gaps))), rel=0.1)


def test_an_error_on_both_sides_cancels():
    """The same phase twice agrees everywhere, whatever its error."""
    made = Phase(name="A", loss="0.07±0.01", lambda_=7)
    assert n_crit(made, made).everywhere


def test_multiplicity_in_the_free_energy():
    made = Phase(name="A", loss="0.1", lambda_=3, constant=1, multiplicity=3)
    assert float(made.free_energy(50.0)) == pytest.approx(
        5 + 3 * math.log(50) - 2 * math.log(math.log(50)) + 1, rel=1e-15
    )
    with pytest.raises(KgonError, match="A has multiplicity 3, for n > 1: log log n is no number at n = 1"):
        made.free_energy(1.0)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: n_crit("A=0.07", "6"), "NAME=loss,lambda,constant, as A=0.07,7,3.6; got 'A=0.07'"),
        (lambda: n_crit("A=1,2,3,4,5", "6"), "NAME=loss,lambda,constant"),
        (
            lambda: n_crit("A=1,2,3,B=1,3,2", "6"),
            "as A=0.07,7,3.6, a blank between two of them; got 'A=1,2,3,B=1",
        ),
        (
            lambda: n_crit("=1,2,3", "6"),
            "the name of a phase must be text on one line without , and =.* got ''",
        ),
        (lambda: n_crit("A=1,x,3", "6"), "lambda of A must be a number such as .* got 'x'"),
        (lambda: n_crit("A=1,-2", "6"), "lambda of A must be at least 0, got '-2'"),
        (lambda: n_crit("A=1,2,3,0", "6"), "multiplicity of A must be an integer of at least 1, got '0'"),
        (lambda: n_crit("5=1,2,3", "5"), "two different phases are called 5"),
        (lambda: n_crit(("A=1,2", "A=1,3"), "5"), "a union names each phase once"),
        (
            lambda: n_crit(phase("5", theory="laplace"), "6"),
            "5 has the constant of theory laplace, asked .* prior",
        ),
        (lambda: n_crit("A=[1,2],2", ("5", "6")), "need numbers: A: .* is enclosed"),
        (lambda: Phase(name="A\nB", loss=1, lambda_=1), "the name of a phase must be text on one line"),
        (lambda: Phase(name="A", loss=1, lambda_=1).label, "A is given by its numbers"),
        (lambda: dominant_phases(among=["A=1,2", "A=1,2"]), "must be different"),
    ],
)
def test_errors_name_the_value(call, words):
    with pytest.raises(KgonError, match=words):
        call()


def test_names_are_escaped():
    found = n_crit(Phase(name="a_1%<b>", loss="0.07", lambda_=7), "B=0.05,8")
    assert r"\text{a\_1\%$<$b$>$}" in found._repr_latex_()
    assert "&lt;b&gt;" in found._repr_html_() and "<b>" not in found._repr_html_()


def test_the_hypothesis_with_numbers_of_ones_own():
    exact = assess_antecedent(["A=0.1,6", "B=0.07,7", "C=0.05,8.5"])
    assert exact.verdict is Verdict.PROVED and exact.transitions[1].slope == pytest.approx(-0.02 / 1.5)
    assert assess_antecedent(["A=0.1,6", "B=0.07,7±0.4", "C=0.05,8.5"]).verdict is Verdict.UNDECIDED
    assert assess_antecedent(["A=0.1,6±0.1", "B=0.07,7"]).verdict is Verdict.CONFIRMED
    assert assess_antecedent(["A=0.1,[6,7.5]", "B=0.07,7"]).verdict is Verdict.UNDECIDED
    assert assess_antecedent(["A=0.1,[6,6.5]", "B=0.07,7"]).verdict is Verdict.PROVED
    assert assess_antecedent(["A=0.1,8", "6"]).verdict is Verdict.PROVED
    assert assess_antecedent(["A=0.1,9", "6"]).verdict is Verdict.REFUTED
