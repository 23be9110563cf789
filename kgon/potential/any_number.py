"""The potential in any number type: exact rationals, balls, mpmath, complex steps.

The same printed formulas as the float kernels, with the region of each pair decided by the number type's own
comparisons (``kgon.potential.regions``).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from flint import arb, fmpq

from kgon.base.checks import Floats
from kgon.base.verdicts import UndecidedError
from kgon.potential.enclosure import Enclosure
from kgon.potential.regions import Jet, Number, jet_in, jet_over, regions

Matrix = Sequence[Sequence[Number]]


def rational(x: Fraction) -> fmpq:
    """Convert a fraction to python-flint's type."""
    return fmpq(x.numerator, x.denominator)


def fractions(rows: Floats) -> list[list[Fraction]]:
    """Convert rows of floats to the fractions that they are exactly."""
    return [[Fraction(x) for x in row] for row in rows.tolist()]


def exact_ball(x: Fraction) -> arb:
    """Enclose a rational in a ball, which is exact where it is dyadic."""
    return arb(rational(x))


def _jet(kind: str, a: Number, b: Number, order: int) -> Jet:
    names = regions(kind, a, b)
    if len(names) == 1:
        return jet_in(kind, names[0], a, b, order)
    if order == 2:
        raise UndecidedError(f"the region of the pair (a, b) = ({a}, {b}) is not decided at this precision")
    return jet_over(kind, names, a, b, order)


def off(a: Number, b: Number, *, order: int = 0) -> Jet:
    """Compute 3·off(a, b) and its derivatives up to ``order`` ≤ 2, as one flat tuple.

    Examples
    --------
    >>> from fractions import Fraction
    >>> off(Fraction(1), Fraction(-1, 2), order=1)
    (Fraction(1, 8), Fraction(5, 8), Fraction(3, 4))
    """
    return _jet("off", a, b, order)


def diag(n: Number, b: Number, *, order: int = 0) -> Jet:
    """Compute 3·diag(n, b), n = ‖W_j‖² ≥ 0, and its derivatives up to ``order`` ≤ 2.

    Examples
    --------
    >>> from fractions import Fraction
    >>> diag(Fraction(0), Fraction(1, 12))
    (Fraction(37, 48),)
    """
    return _jet("diag", n, b, order)


def _evaluated(
    W: Matrix,
    b: Sequence[Number],
    p: Sequence[Number] | None,
    importance: Sequence[Number] | None,
    order: int,
) -> tuple[Number, list[Number]]:
    """L and, at order 1, its gradient by columns (each W_j, then b_j)."""
    c = len(b)
    columns = list(zip(*W, b, strict=True))
    unknowns = [(j, i) for j in range(c) for i in range(len(W) + 1)]
    if p is None and importance is None:
        found = Enclosure.at(columns, unknowns, order=order)
        return found.loss, found.gradient
    rows, outputs = [1] * c if p is None else p, [1] * c if importance is None else importance
    found = Enclosure.at(columns, unknowns, order=order, weights=[[x * y for y in outputs] for x in rows])
    share = c if p is None else 1  # here, as 1/c is no number of every type
    return found.loss / share, [x / share for x in found.gradient]


def loss(
    W: Matrix,
    b: Sequence[Number],
    *,
    probability: Sequence[Number] | None = None,
    importance: Sequence[Number] | None = None,
) -> Number:
    """Compute L at W (r rows of c numbers) and b (c numbers), in the number type given.

    Examples
    --------
    The 4-gon with two dead columns (c = 6) has L = 1/9:

    >>> from fractions import Fraction as Q
    >>> W = [[Q(x) for x in (1, 0, -1, 0, 0, 0)], [Q(x) for x in (0, 1, 0, -1, 0, 0)]]
    >>> loss(W, [Q(0)] * 4 + [Q(-1, 2)] * 2)
    Fraction(1, 9)
    """
    return _evaluated(W, b, probability, importance, 0)[0]


def gradient(
    W: Matrix,
    b: Sequence[Number],
    *,
    probability: Sequence[Number] | None = None,
    importance: Sequence[Number] | None = None,
) -> tuple[list[list[Number]], list[Number]]:
    """Compute the gradient of L with respect to W (r rows) and b, in the number type given."""
    _, flat = _evaluated(W, b, probability, importance, 1)
    size = len(W) + 1
    rows = [flat[h::size] for h in range(size)]
    return rows[:-1], rows[-1]


def is_critical(
    W: Matrix,
    b: Sequence[Number],
    *,
    probability: Sequence[Number] | None = None,
    importance: Sequence[Number] | None = None,
) -> bool:
    """Say whether the gradient of L, from b_j > 0 where W_j = 0 and b_j = 0, is zero: exactly, for fractions.

    Of balls, whether it may be zero.

    Examples
    --------
    >>> from fractions import Fraction as Q
    >>> W = [[Q(x) for x in (1, 0, -1, 0)], [Q(x) for x in (0, 1, 0, -1)]]
    >>> is_critical(W, [Q(0)] * 4), is_critical(W, [Q(1, 10**30)] * 4)
    (True, False)
    """
    grad_W, grad_b = gradient(W, b, probability=probability, importance=importance)
    return not any(x != 0 for row in [*grad_W, grad_b] for x in row)
