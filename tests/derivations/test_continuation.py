"""What derivation 4 computes by itself: thresholds of the importance, enclosures, the reduced loss."""

from dataclasses import replace

import flint
import mpmath
import numpy as np
import pytest
import sympy as sp
from parts import importance as columns_that_stay
from parts import precise, thresholds
from support import truth

from kgon.kgons.labels import Label
from kgon.kgons.values import standard_point
from kgon.potential.loss import Potential
from kgon.potential.model import TMS


def test_the_threshold_of_a_positive_column_is_where_the_hessian_turns():
    """Theorem 11 of derivation 4 against the eigenvalues of the whole Hessian."""
    for k in (5, 7):
        value, _, positive = columns_that_stay.polygon_threshold(k)
        assert positive
        W, b = standard_point(Label(k, 1), k + 1)
        negative = []
        for factor in (0.999, 1.001):
            importance = np.where(b > 0, float(value) * factor, 1.0)
            H = Potential(TMS(k + 1, importance=importance)).hessian(W, b)
            negative.append(int((np.linalg.eigvalsh(H) < -1e-9).sum()))
        assert negative == [0, 2]


def test_the_certificate_of_theorem_12_fails_with_another_share():
    (case,) = [case for case in thresholds.CASES if (case.c, case.m) == (6, 2)]
    assert thresholds.threshold(case).alpha > 0
    assert thresholds.threshold(replace(case, share=(1, 1))).alpha < 0


def test_a_double_zero_is_not_enclosed_in_derivation_4():
    x = sp.Symbol("x")
    with flint.ctx.workprec(thresholds.BITS):
        (root,) = thresholds.enclosed([x**2 - 2], [x], [1.4])
        assert (root**2).contains(2)
        with pytest.raises((AssertionError, ValueError, ZeroDivisionError)):
            thresholds.enclosed([(x - 1) ** 2], [x], [1.4])


class TestReducedLoss:
    """The loss of six columns with a mirror axis, in 40 digits, at a random point."""

    IMPORTANCE = mpmath.mpf("0.7")
    STEP = mpmath.mpf(10) ** -15

    @pytest.fixture(autouse=True)
    def _digits(self):
        with mpmath.workdps(40):
            yield

    @pytest.fixture
    def y(self):
        return [mpmath.mpf(x) for x in np.random.default_rng(3).uniform(-1, 1, 10)]

    def ends(self, y, k):
        """What the derivation says at both ends of a short step in one coordinate."""
        moved = [[x + sign * self.STEP * (s == k) for s, x in enumerate(y)] for sign in (1, -1)]
        return [precise.loss(point, self.IMPORTANCE) for point in moved]

    def test_its_value_is_the_integral(self, y):
        at = precise.columns(y)
        W, b = [[column[k] for column in at] for k in (0, 1)], [column[2] for column in at]
        weights = [mpmath.mpf(1) / 6] * 6, [self.IMPORTANCE, *[mpmath.mpf(1)] * 5]
        assert abs(precise.loss(y, self.IMPORTANCE)[0] - truth.mp_loss(W, b, *weights)) < 1e-30

    def test_its_gradient_is_that_of_differences(self, y):
        even = precise.projected(precise.EVEN, precise.loss(y, self.IMPORTANCE)[1])
        for k in range(10):
            (ahead, *_), (behind, *_) = self.ends(y, k)
            assert abs((ahead - behind) / (2 * self.STEP) - even[k]) < 1e-20

    def test_its_hessian_is_that_of_differences_of_the_gradient(self, y):
        block = precise.block(precise.EVEN, precise.loss(y, self.IMPORTANCE)[2])
        for k in range(10):
            ahead, behind = (precise.projected(precise.EVEN, end[1]) for end in self.ends(y, k))
            for s in range(10):
                assert abs((ahead[s] - behind[s]) / (2 * self.STEP) - block[s][k]) < 1e-20
