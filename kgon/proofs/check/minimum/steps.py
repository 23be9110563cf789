"""One step of the chain: from cL ≥ V for c − 1 columns to the same for c columns."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import Any

from ..intervals import Interval96 as Interval
from ..reading import keys, rationals, require
from .bounds import ONE, Box, Step, bound_five, bound_two, circle
from .covering import Covering, unpack
from .tight import PI, polygon

UNIQUE = "is the global minimum of L, unique up to rotation, reflection and permutation; there L"
NAMES = {5: "pentagon", 6: "hexagon", 7: "heptagon", 8: "octagon"}


def in_lowest_terms(values: Any, where: str, length: int) -> list[Fraction]:
    """Return a list of rationals that are written in lowest terms."""
    found = rationals(values, where, length)
    require([str(x) for x in found] == values, f"{where} must hold reduced rationals in strings")
    return found


def outwards(values: Any, where: str, length: int) -> Box:
    """Return [lower, upper, …] rounded to multiples of 2^-96."""
    ends = [Interval.of(x) for x in in_lowest_terms(values, where, length)]
    return tuple(end.hi if i % 2 else end.lo for i, end in enumerate(ends))


def check_step(data: Any, before: Step | None, cells: int) -> tuple[Step, list[str]]:
    """Re-derive one step of the chain from the one before; a box near the polygon may take so many cells."""
    c = 5 if before is None else before.c + 1
    at = f"c = {c}"
    c_, value, slope, two, five = keys(data, "c value slope two five", f"{at}: the step")
    theta_, near_, tree = keys(two, "theta near tree", f"{at}: two")
    require(type(c_) is int and c_ == c, f"{at}: the steps must be 5, 6, … in order")
    require((five is None) == (before is None), f"{at}: five must be null in the first step, and only there")
    theta, near = outwards(theta_, f"{at}: theta", 2), None
    if value is None and slope is None:
        near = outwards(near_, f"{at}: near", 4)
        step, said = of_the_polygon(c, near, cells)
    else:
        require(before is not None and near_ is None, f"{at}: a value needs a step before it and no near")
        V, kappa = map(Interval.of, in_lowest_terms([value, slope], f"{at}: value, slope", 2))
        step, said = Step(c, V, kappa, level(c, V, kappa)), f"c L >= {value} for all W and b"
    coverings = [ends_of_edges(step, near, theta, tree, f"{at}: two.tree")]
    if before is None:  # a column with W_i·W_j ≥ |W_j|² costs 1/6 or more
        bonus = min(ONE // 6 - step.V.hi, (step.kappa * PI / 2 - step.T).lo)
        require(theta[0] == 0 and bonus > 0, f"{at}: theta must begin at 0, and V be below 1/6")
        step = Step(c, step.V, step.kappa, step.T, bonus)
    else:
        coverings.append(edges(step, before, theta, five, at))
    leaves = " + ".join(str(covering.leaves()) for covering in coverings)
    return step, [f"{at}: {leaves} boxes cover all cases", f"{at}: {said}"]


def level(c: int, V: Any, kappa: Any) -> Any:
    """Return T = (V + 2πκ)/c."""
    return (V + 2 * PI * kappa) / c


def of_the_polygon(c: int, near: Box, cells: int) -> tuple[Step, str]:
    """Return the constants of the regular c-gon, and the theorem about it."""
    phi, kappa = polygon(c, near, cells)
    low, high = phi.lo * 10**24 >> Interval.bits, -(-phi.hi * 10**24 >> Interval.bits)
    name = NAMES.get(c, f"{c}-gon")
    said = f"the regular {name} {UNIQUE} is between 0.{low:024d} and 0.{high:024d}"
    return Step(c, c * phi, kappa, level(c, c * phi, kappa)), said


def ends_of_edges(step: Step, near: Box | None, theta: Box, tree: Any, where: str) -> Covering:
    """Return the covering of lemma two, whose side conditions hold."""
    at = f"c = {step.c}"
    require(step.V.lo > 0 and step.kappa.lo > 0, f"{at}: value and slope must be positive")
    require(3 * step.T.hi < ONE, f"{at}: T must be below 1/3")  # the cost of a column with b ≤ −A
    require(0 <= theta[0] < theta[1] and 2 * theta[1] < PI.lo, f"{at}: theta must be within [0, π/2)")
    # From θ₁ on, and a fortiori from π/2 on, κα ≥ T and w ≥ 0 are enough.
    require(step.kappa.lo * theta[1] >= step.T.hi * ONE, f"{at}: theta must not end before T/κ")
    bound = partial(bound_two, step, near)
    return Covering(unpack(tree, where), (0, theta[0]), (ONE, theta[1]), bound, where)


def edges(step: Step, before: Step, theta: Box, five: Any, at: str) -> Covering:
    """Return the covering of lemma five, whose side conditions hold."""
    tau_, size_, tree = keys(five, "tau size tree", f"{at}: five")
    tau, size = (Interval.of(x).hi for x in in_lowest_terms([tau_, size_], f"{at}: tau, size", 2))
    zero = Interval.of(Fraction(1, 3) - Fraction(1, 4 * step.c)).lo + before.V.lo
    require(zero > step.V.hi, f"{at}: a zero column is not excluded")  # it costs 1/3 − b₊ + c·b₊² or more
    require(tau >= ONE, f"{at}: tau must be 1 or more")
    require(tau * circle(theta[0])[0].lo >= ONE * ONE, f"{at}: tau is too small for theta")
    # If A_y > size: D(N, ·) ≥ (N − 1)²/(3(N + 1)²), which rises for N ≥ 1; D + off ≥ 1/6 at x if τ ≤ 1.
    tail = (size - ONE) ** 2 * ONE // (3 * (size + ONE) ** 2) + (ONE // 6 if tau <= ONE else 0)
    require(size >= ONE and tail > min(step.V.hi, 2 * step.T.hi), f"{at}: size is too small")
    low, high, where = (0, 0, 0, -size, -size), (size, tau, theta[1], ONE, ONE), f"{at}: five.tree"
    return Covering(unpack(tree, where), low, high, partial(bound_five, step, before), where)
