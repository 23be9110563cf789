"""Find all roots of a function on an interval, proved in ball arithmetic.

Knows nothing of the toy model.
"""

from __future__ import annotations

from collections.abc import Callable

from flint import arb

from kgon.base.verdicts import KgonError, UndecidedError


def isolate(
    function: Callable[[arb], arb],
    derivative: Callable[[arb], arb],
    lower: arb,
    upper: arb,
    *,
    max_boxes: int = 10_000,
) -> list[arb]:
    """Find all roots of a function on an interval, each proved in a ball of its own.

    Subintervals are discarded when the function is certainly not zero on them, and accepted when
    the derivative is certainly not zero (at most one root) and the function certainly changes sign
    (at least one); otherwise they are halved.  Roots at the two ends are not looked for: the
    function must be certainly non-zero there.

    Parameters
    ----------
    function, derivative : callable
        Enclosures of f and f′ on a ball, at the working precision of ``flint.ctx``.
    lower, upper : arb
        The interval.
    max_boxes : int
        Bound on the subintervals examined.

    Returns
    -------
    list of arb
        Disjoint balls in increasing order, each refined to the working precision.

    Raises
    ------
    UndecidedError
        A subinterval cannot be decided: a multiple root, a root at an end, or too little precision.

    Examples
    --------
    >>> balls = isolate(lambda x: x * x - 2, lambda x: 2 * x, arb(0), arb(3))
    >>> len(balls), float(balls[0].mid())
    (1, 1.414213562373095)
    """
    if not lower < upper:
        raise KgonError(f"the interval must not be empty, got [{lower.str(8)}, {upper.str(8)}]")
    todo = [(lower.mid(), upper.mid())]
    found: list[arb] = []
    examined = 0
    while todo:
        low, high = todo.pop()
        box = low.union(high)
        examined += 1
        if function(box) != 0:
            continue
        at_low, at_high = function(low), function(high)
        if at_low != 0 and at_high != 0 and derivative(box) != 0:
            if (at_low > 0) != (at_high > 0):
                found.append(_refine(function, derivative, box))
            continue
        middle = _split(function, low, high)
        if middle is None or examined >= max_boxes:
            raise UndecidedError(
                f"the roots on [{lower.str(8)}, {upper.str(8)}] could not be isolated near {low.str(8)}"
            )
        todo += [(middle, high), (low, middle)]
    return found


def _split(function: Callable[[arb], arb], low: arb, high: arb) -> arb | None:
    """A point between low and high at which the function is certainly not zero."""
    for sixteenths in (8, 7, 9, 6, 10):
        middle = (low + (high - low) * sixteenths / 16).mid()
        if low < middle < high and function(middle) != 0:
            return middle
    return None


def _refine(function: Callable[[arb], arb], derivative: Callable[[arb], arb], box: arb) -> arb:
    """Interval Newton on a box that holds exactly one root and where f′ ≠ 0."""
    while True:
        middle = box.mid()
        image = middle - function(middle) / derivative(box)
        smaller = box.intersection(image)
        if not smaller.rad() < box.rad() * 0.9:
            return smaller
        box = smaller
