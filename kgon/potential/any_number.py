"""The potential in any number type: exact rationals, balls, mpmath, complex steps.

The same printed formulas as the float kernels (``kgon.potential.kernels._generated``), with the region of
each pair decided by the number type's own comparisons.  A ball that straddles a border gets the
hull over all regions it may touch, which encloses the true values wherever in the ball these lie.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

from flint import arb, fmpq

from kgon.base.verdicts import KgonError, UndecidedError
from kgon.potential.kernels import _generated

Number = Any
Matrix = Sequence[Sequence[Number]]
Jet = tuple[Number, ...]

ZERO_JET: Jet = (0, 0, 0, 0, 0, 0)
ONE_JET: Jet = (1, 0, 0, 0, 0, 0)


def exact_ball(x: Fraction) -> arb:
    """A rational as a ball: exact where it is dyadic."""
    return arb(fmpq(x.numerator, x.denominator))


def _real(x: Number) -> Number:
    return x.real if isinstance(x, complex) else x


def _regions(a: Number, b: Number) -> list[str]:
    """Names of the regions that (a, b) may lie in: one for numbers, perhaps more for balls."""
    b, end = _real(b), _real(a + b)
    if b >= 0 and end >= 0:
        return ["on"]
    if b <= 0 and end <= 0:
        return ["off"]
    if b < 0 and end > 0:
        return ["rising"]
    if b > 0 and end < 0:
        return ["falling"]
    b_signs = [s for s, excluded in ((1, b < 0), (-1, b > 0)) if not excluded]
    end_signs = [s for s, excluded in ((1, end < 0), (-1, end > 0)) if not excluded]
    names = {(1, 1): "on", (-1, -1): "off", (-1, 1): "rising", (1, -1): "falling"}
    return [names[signs] for signs in product(b_signs, end_signs)]


def _jet_in(kind: str, name: str, a: Number, b: Number) -> Jet:
    if name == "off":
        return ZERO_JET if kind == "off" else ONE_JET
    function: Callable[..., Jet] = getattr(_generated, f"{kind}_{name}")
    if name == "on":
        return function(a, b, 1)
    return function(a, b, (a + b) / a if name == "rising" else -b / a)


def _hull(jets: list[Jet]) -> Jet:
    first, *others = jets
    for other in others:
        first = tuple(x.union(y) for x, y in zip(first, other, strict=True))
    return first


def _jet(kind: str, a: Number, b: Number, order: int) -> Jet:
    names = _regions(a, b)
    if kind == "diag":
        names = [name for name in names if name != "falling"]
        if not names:
            raise KgonError(f"diag needs n = |W_j|^2 >= 0, got {a}")
    size = (1, 3, 6)[order]
    jets = [_jet_in(kind, name, a, b)[:size] for name in names]
    if len(jets) == 1:
        return jets[0]
    if order == 2 or not hasattr(a, "union"):
        raise UndecidedError(f"the region of the pair (a, b) = ({a}, {b}) is not decided at this precision")
    ball = type(a)
    return _hull([tuple(ball(x) for x in entries) for entries in jets])


def off(a: Number, b: Number, *, order: int = 0) -> Jet:
    """3·off(a, b) and its derivatives up to ``order`` ≤ 2, as one flat tuple.

    Examples
    --------
    >>> from fractions import Fraction
    >>> off(Fraction(1), Fraction(-1, 2), order=1)
    (Fraction(1, 8), Fraction(5, 8), Fraction(3, 4))
    """
    return _jet("off", a, b, order)


def diag(n: Number, b: Number, *, order: int = 0) -> Jet:
    """3·diag(n, b), n = ‖W_j‖² ≥ 0, and its derivatives up to ``order`` ≤ 2.

    Examples
    --------
    >>> from fractions import Fraction
    >>> diag(Fraction(0), Fraction(1, 12))
    (Fraction(37, 48),)
    """
    return _jet("diag", n, b, order)


def _dot(W: Matrix, i: int, j: int) -> Number:
    total = W[0][i] * W[0][j]
    for row in W[1:]:
        total = total + row[i] * row[j]
    return total


def _weights(c: int, p: Sequence[Number] | None, importance: Sequence[Number] | None) -> Matrix:
    """p_i·I_j by (i, j), times c where p is not given (so that it stays an integer)."""
    p = [1] * c if p is None else p
    importance = [1] * c if importance is None else importance
    return [[p[i] * importance[j] for j in range(c)] for i in range(c)]


def loss(
    W: Matrix,
    b: Sequence[Number],
    *,
    probability: Sequence[Number] | None = None,
    importance: Sequence[Number] | None = None,
) -> Number:
    """L at W (r rows of c numbers) and b (c numbers), in the number type given.

    Examples
    --------
    The 4-gon with two dead columns (c = 6) has L = 1/9:

    >>> from fractions import Fraction as Q
    >>> W = [[Q(x) for x in (1, 0, -1, 0, 0, 0)], [Q(x) for x in (0, 1, 0, -1, 0, 0)]]
    >>> loss(W, [Q(0)] * 4 + [Q(-1, 2)] * 2)
    Fraction(1, 9)
    """
    c = len(b)
    weights = _weights(c, probability, importance)
    total: Number = b[0] * 0  # zero of the number type, for points where every pair is off
    for i, j in product(range(c), repeat=2):
        pair = diag if i == j else off
        total = total + weights[i][j] * pair(_dot(W, i, j), b[j])[0]
    return total / (3 * (c if probability is None else 1))


def gradient(
    W: Matrix,
    b: Sequence[Number],
    *,
    probability: Sequence[Number] | None = None,
    importance: Sequence[Number] | None = None,
) -> tuple[list[list[Number]], list[Number]]:
    """Gradient of L with respect to W (r rows) and b, in the number type given."""
    r, c = len(W), len(b)
    scale = 3 * (c if probability is None else 1)
    weights = _weights(c, probability, importance)
    zero: Number = b[0] * 0
    grad_W: list[list[Number]] = [[zero] * c for _ in range(r)]
    grad_b: list[Number] = [zero] * c
    for i, j in product(range(c), repeat=2):
        pair = diag if i == j else off
        _, fa, fb = pair(_dot(W, i, j), b[j], order=1)
        grad_b[j] = grad_b[j] + weights[i][j] * (zero + fb) / scale
        for h in range(r):
            grad_W[h][i] = grad_W[h][i] + weights[i][j] * fa * W[h][j] / scale
            grad_W[h][j] = grad_W[h][j] + weights[i][j] * fa * W[h][i] / scale
    return grad_W, grad_b
