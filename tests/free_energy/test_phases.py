"""Phases: their free energies, which have a constant, unions as text."""

import mpmath
import numpy as np
import pytest
from support.phases import phase_in_mpmath

from kgon.free_energy.phases import phase, phase_or_union, phases_of


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
    from kgon.free_energy.phases import comparison_note

    assert missing not in {p.name for p in phases_of(c, theory=theory)}
    left_out = comparison_note(c, theory=theory).partition("left out: ")[2].split(", ")
    assert missing in left_out
