"""Whether a point is critical, which k-gon is nearest, and what is proved near by."""

from fractions import Fraction

import numpy as np
import pytest

from kgon.base.verdicts import KgonError, Verdict
from kgon.kgons.catalogue import Catalogue
from kgon.potential.model import TMS
from kgon.proofs.verification import verify


def test_near_misses_are_refuted():
    for label in ("4", "4++", "5", "5+", "6"):
        point = Catalogue(6)[label]
        for j in range(2):
            b = point.biases.copy()
            b[j] += 1e-4
            assert verify(point.W, b).critical is Verdict.REFUTED
        assert verify(point.W * 1.00001, point.biases).critical is Verdict.REFUTED


def test_where_l_is_not_differentiable_nothing_is_critical():
    found = verify(np.zeros((2, 4)), np.array([0.0, -1, -1, -1]))
    assert found.critical is Verdict.REFUTED
    assert "linearly" in found.reason
    # the near-miss: just inside the dead region all is flat
    assert verify(np.zeros((2, 4)), np.full(4, -1e-9)).critical is not Verdict.REFUTED


def test_other_sizes_have_no_nearest_kgon():
    found = verify(np.eye(3), np.zeros(3))
    assert (found.nearest, found.distance) == (None, None)
    assert found.critical is Verdict.PROVED  # the identity is perfect at r = c = 3, in fractions
    assert found.nearby is not None and found.nearby.distance == 0
    skewed = TMS(6, importance=[1, 1, 1, 1, 1, 2])
    point = Catalogue(6)["6"]
    assert verify(point.W, point.biases, tms=skewed).nearest is None


@pytest.mark.parametrize("tol", [0, -1, np.nan, np.inf])
def test_bad_tolerance(tol):
    with pytest.raises(KgonError, match="tol must be positive"):
        verify(np.eye(3), np.zeros(3), tol=tol)


def test_only_one_point_at_a_time():
    with pytest.raises(KgonError, match="one point"):
        verify(np.zeros((5, 2, 6)), np.zeros((5, 6)))


def test_verify_says_what_was_proved(tmp_path):
    point = Catalogue(6)["5+"]
    found = verify(point.W, point.biases)
    assert (found.critical, found.kind) == (Verdict.PROVED, "minimum")
    assert found.nearby is not None and found.nearby.negative == 0
    square = Catalogue(6)["4++-"]
    found = verify(square.W, square.biases)
    assert (found.critical, found.kind) == (Verdict.PROVED, "not a minimum")
    moved = verify(point.W * 1.0001, point.biases)
    assert moved.critical is Verdict.REFUTED
    assert moved.nearby is not None and moved.nearby.verdict is Verdict.PROVED


@pytest.mark.parametrize(("size", "bias"), [(2.7e-162, -5e-324), (1e-155, -1e-311)])
def test_a_dead_column_that_is_not_dead_is_refuted(size, bias):
    """In fractions ‖W_5‖² + b_5 > 0, so that ∂L/∂b_5 = −(1 − u²)/6 + O(1e-150), u = −b_5/‖W_5‖²."""
    point = Catalogue(6)["5"]
    W, b = point.W.copy(), point.biases.copy()
    W[:, 5], b[5] = (size, 0.0), bias
    slope = (1 - (Fraction(bias) / Fraction(size) ** 2) ** 2) / 6
    found = verify(W, b)
    assert found.critical is Verdict.REFUTED
    assert found.gradient_norm == pytest.approx(float(slope), rel=1e-9)
    assert found.nearby.verdict is Verdict.UNDECIDED
