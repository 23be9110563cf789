"""Crossings beyond two affine phases: unions, the next order, types, standard errors."""

import math

import numpy as np
import pytest

from kgon.free_energy.crossings import all_crossings, crossing, dominant_phases, n_crit, transition_kind
from kgon.free_energy.phases import Union, phase, phase_or_union, phases_of


def test_laplace_knows_n_only_through_beta_n():
    one, half = (n_crit("5", "6", theory="laplace", beta=b).roots for b in (1, "1/2"))
    assert [2 * r.n for r in one] == pytest.approx([r.n for r in half], rel=1e-14)
    prior_one, prior_half = (n_crit("5", "6", beta=b).roots[-1].n for b in (1, "1/2"))
    assert prior_half / prior_one > 2.1  # the published constant does not scale


def test_a_union_crosses_where_the_sum_of_weights_does():
    found = n_crit("5,5+", "6", theory="laplace")
    (root,) = found.roots
    a, b, c = (float(phase(x, theory="laplace").free_energy(root.n)) for x in ("5", "5+", "6"))
    assert math.log(math.exp(c - a) + math.exp(c - b)) == pytest.approx(0, abs=1e-9)
    assert root.below == "5,5+" and root.above == "6" and found.kind == ""
    assert root.n > max(r.n for r in n_crit("5", "6", theory="laplace").roots)


def test_a_union_of_one_phase_is_the_phase():
    lone = Union((phase("5", theory="laplace"),))
    numeric = crossing(lone, phase("6", theory="laplace"), 6, theory="laplace")
    closed = n_crit("5", "6", theory="laplace")
    assert numeric.roots[-1].n == pytest.approx(closed.roots[-1].n, rel=1e-10)


def test_the_next_order_vanishes_for_large_n():
    for label in ("6", "5+"):
        low, high = phase(label, theory="laplace"), phase(label, theory="laplace2")
        gaps = np.array([float(low.free_energy(n) - high.free_energy(n)) for n in (1e4, 1e5)])
        assert gaps[0] == pytest.approx(10 * gaps[1], rel=1e-9)  # K/n
    five = [float(phase("5", theory="laplace").free_energy(n) - phase("5", theory="laplace2").free_energy(n))
            for n in (1e8, 8e8)]  # fmt: skip
    assert five[0] / five[1] == pytest.approx(2, rel=0.02)  # n^{−1/3}


def test_standard_errors_come_from_the_constants():
    found = n_crit("4+", "6", theory="laplace")
    root = found.roots[-1]
    error = math.hypot(phase("4+", theory="laplace").error, phase("6", theory="laplace").error)
    slope = found.delta_loss + found.delta_lambda / root.n
    assert root.stderr == pytest.approx(error / abs(slope), rel=1e-9)
    assert "standard error" in found.note and "±" in root.text
    assert n_crit("5", "6", theory="laplace").roots[0].stderr is None


@pytest.mark.parametrize(
    ("delta_loss", "delta_lambda", "kind"),
    [
        (-1.0, 0.5, "type A"),
        (-1.0, 0.0, "ΔL < 0, Δλ = 0"),
        (-1.0, -0.5, "ΔL < 0, Δλ < 0"),
        (1.0, 0.5, "ΔL > 0, Δλ > 0"),
    ],
)
def test_kinds(delta_loss, delta_lambda, kind):
    assert transition_kind(delta_loss, delta_lambda) == kind


def test_every_pair_once_from_higher_to_lower_loss():
    found = all_crossings(6, theory="prior")
    assert len(found) == 45 and all(x.delta_loss < 0 for x in found)
    kinds = {(x.first, x.second): x.kind for x in found}
    assert kinds["5", "6"] == "type A"
    assert kinds["4+", "5"] == "ΔL < 0, Δλ < 0"  # λ falls from 8 to 7
    assert kinds["5+", "6"] == "ΔL < 0, Δλ = 0"


def test_each_root_of_a_pair_is_a_change_of_sign():
    for found in all_crossings(6, theory="laplace"):
        a, b = phase(found.first, theory="laplace"), phase(found.second, theory="laplace")
        for root in found.roots:
            gap = [float(b.free_energy(root.n * x) - a.free_energy(root.n * x)) for x in (1 - 1e-6, 1 + 1e-6)]
            assert gap[0] * gap[1] < 0
            assert (gap[0] > 0) == (root.below == found.first)


def test_dominance_among_all_minima_and_among_those_of_the_text():
    everything = {x.label for x in dominant_phases(theory="prior")}
    assert "4--" in everything  # the published constant lets a flat 4-gon win at small n
    assert [x.label for x in dominant_phases(theory="laplace")][-1] == "6"
    assert {x.label for x in dominant_phases(among=["5", "5+", "6"])} == {"5", "5+", "6"}


def test_phases_of_leaves_out_what_has_no_constant():
    assert {p.name for p in phases_of(6, theory="laplace2")} == {"5", "5+", "6"}
    assert len(phases_of(6, theory="laplace")) == 10
    assert "4-" not in {p.name for p in phases_of(4, theory="prior", among=["4"])}


def test_text_with_spaces_is_read():
    assert phase_or_union("5, 5+").name == "5,5+"


def test_the_next_order_says_nothing_below_its_range():
    first = dominant_phases(theory="laplace2", beta="1/2")[0]
    assert first.n_from == 100.0  # βn = 50


@pytest.mark.parametrize(
    ("c", "theory", "missing"), [(5, "laplace", "4-"), (6, "laplace2", "4"), (18, "laplace", "4-")]
)
def test_labels_without_a_constant_are_left_out_and_named(c, theory, missing):
    from kgon.free_energy.phases import comparison_note

    assert missing not in {p.name for p in phases_of(c, theory=theory)}
    left_out = comparison_note(c, theory=theory).partition("left out: ")[2].split(", ")
    assert missing in left_out


def test_unions_of_the_same_phases_agree_everywhere():
    found = n_crit("4,5,6", "6,5,4", theory="laplace")
    assert found.everywhere and found.roots == ()


@pytest.mark.parametrize("theory", ["none", "prior", "laplace", "laplace2"])
def test_a_phase_and_itself_agree_in_every_theory(theory):
    found = n_crit("5", "5", theory=theory)
    assert found.everywhere and found.roots == () and found.delta_loss == 0


def test_small_roots_of_unions_are_found():
    """{4----, 4-} → 4++ has two roots under laplace, the first below βn = 50: a grid of its own."""
    found = n_crit("4----,4-", "4++", theory="laplace")
    n = np.geomspace(0.01, 1000, 20_001)
    a, b, c = (phase(x, theory="laplace").free_energy(n) for x in ("4----", "4-", "4++"))
    gap = c + np.logaddexp(-a, -b)
    changes = n[:-1][gap[:-1] * gap[1:] < 0]
    assert [root.n for root in found.roots] == pytest.approx(list(changes), rel=1e-3)
    assert found.roots[0].n < 50
