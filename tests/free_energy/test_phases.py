"""Phases: their free energies, which have a constant, unions as text."""

import math

import mpmath
import numpy as np
import pytest
from support.phases import phase_in_mpmath

from kgon.base.work import Work
from kgon.free_energy.constants._four_live import circle_integral
from kgon.free_energy.constants.square import square_constant
from kgon.free_energy.crossings import n_crit
from kgon.free_energy.energies import Union, difference_stderr, joint_noise, standard_error
from kgon.free_energy.phases import (
    comparison_note,
    laplace_phases,
    phase,
    phase_or_union,
    phases_of,
    square_constants,
)


def test_free_energy_of_a_phase_is_the_formula():
    p = phase("5+")
    L, lam, c = phase_in_mpmath("5+", "prior")
    for n in (1.0, 77.0, 1e5):
        true = 0.5 * n * L + lam * mpmath.log(n) + c
        assert abs(float(p.free_energy(n, beta=0.5)) - true) <= 1e-14 * true
    assert p.free_energy(np.array([1.0, 2.0])).shape == (2,)
    assert float(phase("5+", theory="none").free_energy(1.0)) == pytest.approx(float(L), rel=1e-15)


def test_the_next_order_vanishes_for_large_n():
    for label in ("6", "5+"):
        low, high = phase(label, theory="laplace"), phase(label, theory="laplace2")
        gaps = np.array([float(low.free_energy(n) - high.free_energy(n)) for n in (1e4, 1e5)])
        assert gaps[0] == pytest.approx(10 * gaps[1], rel=1e-9)  # K/n
    five = [float(phase("5", theory="laplace").free_energy(n) - phase("5", theory="laplace2").free_energy(n))
            for n in (1e8, 8e8)]  # fmt: skip
    assert five[0] / five[1] == pytest.approx(2, rel=0.02)  # n^{−1/3}


def test_phases_of_leaves_out_what_has_no_constant():
    assert {p.name for p in phases_of(6, theory="laplace2")} == {"5", "5+", "6"}
    assert len(phases_of(6, theory="laplace")) == 10
    assert "4-" not in {p.name for p in phases_of(4, theory="prior", among=["4"])}


def test_text_with_spaces_is_read():
    assert phase_or_union("5, 5+").name == "5,5+"


@pytest.mark.parametrize(
    ("c", "theory", "missing"), [(5, "laplace", "4-"), (6, "laplace2", "4"), (18, "laplace", "4-")]
)
def test_labels_without_a_constant_are_left_out_and_named(c, theory, missing):

    assert missing not in {p.name for p in phases_of(c, theory=theory)}
    left_out = comparison_note(c, theory=theory).partition("left out: ")[2].split(", ")
    assert missing in left_out


def test_errors_of_two_constants_know_their_common_random_numbers():
    """Over 24 seeds the difference of two integrals spreads as their joint error says.

    The replicates of one seed have the same shifts, and the two integrals are alike: as independent ones
    their difference would be taken to be several times as uncertain.
    """
    pairs = [
        [circle_integral(c, 0, seed=seed, log2_points=6, replicates=8) for c in (6, 7)]
        for seed in range(0, 48, 2)
    ]
    gaps = [math.log(second.value / first.value) for first, second in pairs]
    noise = np.array([[x.noise for x in pair] for pair in pairs])
    spread, said = np.std(gaps, ddof=1), np.sqrt(np.mean(np.sum((noise[:, 1] - noise[:, 0]) ** 2, axis=1)))
    apart = np.sqrt(np.mean(np.sum(noise**2, axis=(1, 2))))
    # A standard deviation of 24 is known to 1/√46 = 15 %, that of the errors to less.
    assert said == pytest.approx(spread, rel=0.45)
    assert apart > 2.5 * max(said, spread)  # far beyond what chance could hide
    for first, _ in pairs:
        assert math.hypot(*first.noise) == pytest.approx(first.relative, rel=1e-9)


def test_unions_and_differences_of_sampled_constants_have_their_covariance():
    a, b = (phase(label, theory="laplace") for label in ("4", "4+"))
    x, y = (np.array(one.errors) for one in (a, b))
    assert a.error == pytest.approx(square_constant(a.label, 6).stderr, rel=1e-9) and a.error > 0
    assert difference_stderr(a, b, 300.0) == pytest.approx(np.sqrt(np.sum((y - x) ** 2)), rel=1e-9)
    assert difference_stderr(a, a, 300.0) == 0
    both = Union((a, b))
    share = math.exp(float(both.free_energy(300.0) - a.free_energy(300.0)))
    expected = np.sqrt(np.sum((share * x + (1 - share) * y) ** 2))
    assert standard_error(both.noise(300.0)) == pytest.approx(expected, rel=1e-6)
    # What is enclosed adds nothing, and a union gives back the error of what it is compared with.
    six = phase("6", theory="laplace")
    assert difference_stderr(six, a, 300.0) == pytest.approx(a.error, rel=1e-9)
    root = n_crit("4", "4+", theory="laplace").roots[-1]
    slope = float(b.loss - a.loss) + float(b.lambda_ - a.lambda_) / root.n
    assert root.stderr == pytest.approx(difference_stderr(a, b, root.n) / abs(slope), rel=1e-6)


def test_errors_of_different_samplings_add_as_independent_ones():
    three, four = {"a": np.array([3.0, 0.0, 0.0])}, {"b": np.array([0.0, 0.0, 4.0, 0.0])}
    assert standard_error(joint_noise([three, four])) == 5
    assert standard_error(joint_noise([three, {"a": -three["a"]}])) == 0
    assert standard_error(joint_noise([three, {"b": -three["a"]}])) == pytest.approx(18**0.5)
    assert standard_error(joint_noise([{"a": np.zeros((0, 2))}, {"b": np.zeros((0, 2))}])).tolist() == [0, 0]


def test_an_enclosure_that_enters_by_its_middle_is_said():
    enclosed, exact = "A=[0.06,0.08],7,3.6", "B=0.05,8.5,6.4"
    assert "enters by the middle" in comparison_note(among=[enclosed, exact])
    assert "enters by the middle" not in comparison_note(among=["A=0.07,7,3.6", exact])


def test_constants_of_4_gons_that_are_known_give_the_phases_of_laplace(monkeypatch):
    """At c = 4: with them nothing is integrated again, and each phase is the very same."""
    names, known = ("4---", "4----"), []

    def workers(function, tasks):
        known.extend(task for task in tasks if str(task[0]) not in names)
        return [function(task) if task not in known else None for task in tasks]

    constants = square_constants(4, work=Work(workers=workers))
    assert len(known) == 3  # each label is a task, and what has no constant is left out
    with monkeypatch.context() as patch:
        for module in ("constants.square", "phases"):
            patch.delattr(f"kgon.free_energy.{module}.square_constant")
        found = laplace_phases(constants, 4)
    assert [x.name for x in found] == [*names]
    assert all(x.agrees(phase(x.name, 4, theory="laplace")) for x in found)
