"""Lower bounds of what edges cost on a box, in integers that are multiples of 2^-96."""

from __future__ import annotations

from dataclasses import dataclass

from ..circle import Point, at_angle
from ..intervals import Interval96 as Interval
from ..reading import require

BITS, ONE = Interval.bits, Interval.one
Box = tuple[int, ...]


@dataclass(frozen=True)
class Step:
    """What a step proves and needs."""

    c: int
    V: Interval
    kappa: Interval
    T: Interval
    bonus: int = 0  # cL ≥ V + bonus if some gap is π/2 or more


def circle(angle: int) -> Point:
    """Enclose the cosine and the sine of an angle of [0, 2]."""
    return at_angle(angle, Interval)


def off(a: int, b: int) -> int:
    """Bound off(a, b) from below, by less than one unit."""
    if b >= 0:
        return (a * a + 3 * b * (a + b)) // (3 << BITS) if a + b >= 0 else b**3 // (-3 * a << BITS)
    return (a + b) ** 3 // (3 * a << BITS) if a + b > 0 else 0


def diag(N: int, b: int) -> int:
    """Bound D(N, b), N ≥ 0, from below, by less than one unit."""
    end, rest = N + b, ONE - N
    if b >= 0:
        return (rest * rest - 3 * b * (rest - b)) // (3 << BITS)
    if end <= 0:
        return ONE // 3
    return ((N * N << 2 * BITS) - end * end * ((2 * N - b << BITS) - end * N)) // (3 * N * N << BITS)


def least(N0: int, N1: int, b0: int, b1: int) -> int:
    """Bound D from below on a box: ∫ (relu(Nμ + b) − μ)₊² = off(N − 1, b) rises in N, b, the rest falls."""
    return max(diag(N1, b1) - off(N1 - ONE, b1) - 1, 0) + off(N0 - ONE, b0)


def bound_two(step: Step, near: Box | None, leaf: str, low: Box, high: Box) -> int:
    """Bound H(m, cos θ) + κθ − T from below on a box of (m, θ); 1 for a box inside near."""
    (m0, t0), (m1, t1) = low, high
    if leaf == "n" and near is not None:
        return 1 if near[0] <= m0 and m1 <= near[1] and near[2] <= t0 and t1 <= near[3] else -ONE
    q, p, rest = ONE - m0, 2 * ONE + m0, (step.kappa.lo * t0 >> BITS) - step.T.hi
    if leaf == "q":  # without neighbours: q(2 + m)² falls in m
        return ONE // 3 - -(-q * p * p // (12 << 2 * BITS)) + rest
    t = circle(t1)[0].lo  # q²(2 + m) and q³ fall in m; (t − m)₊³/t falls in m and rises in t = cos θ
    bottom = (ONE - m1) ** 3 + (2 * max(t - m1, 0) ** 3 << BITS) // t
    if leaf != "h" or bottom <= 0:
        return -ONE
    below: int = (ONE - -(-((q * q * p) ** 2) // (bottom << 2 * BITS + 2))) // 3 + rest
    return below


def bound_five(step: Step, before: Step, leaf: str, low: Box, high: Box) -> int:
    """Bound star, pair or viol from below on a box of (B, τ, α, b_x, b_y), B = A_y cos² α, τ = A/a."""
    (B0, t0, alpha0, b0, y0), (B1, t1, alpha1, b1, y1) = low, high
    a = B0 * t0 >> BITS
    cost = least(B0 * t0 * t0 >> 2 * BITS, -(-B1 * t1 * t1 >> 2 * BITS), b0, b1)
    cross = off(a, b0) + off(a, y0)
    if leaf == "s":  # the other neighbour costs b₊² at x, or leaves y a gap of π/2 or more without x
        return cost + cross + min(max(b0, 0) ** 2 >> BITS, before.bonus) - (step.V.hi - before.V.lo)
    cos0, cos1 = circle(alpha0)[0].hi, circle(alpha1)[0].lo
    require(cos1 > 0, "an angle is not acute")
    cost += least((B0 << 2 * BITS) // cos0**2, -((-B1 << 2 * BITS) // cos1**2), y0, y1)
    if leaf == "p":
        return cost + cross - step.V.hi
    slack: int = (cost >> 1) + cross + (step.kappa.lo * alpha0 >> BITS) - step.T.hi
    return slack if leaf == "v" else -ONE
