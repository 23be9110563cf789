"""The two lemmas on neighbouring columns behind the global minimum, proved in ball arithmetic.

Notation, statements and proofs are in derivation 06.  An edge joins columns that are neighbours by
angle; its inequality is ``w ≥ T − κα``.  Lemma *two* bounds one end of an edge, with ``b = −mA`` and
θ = arccos(a/A); lemma *five* deals with edges whose shorter column is nearly or more than covered
by the other.  A covering of the domain is searched in floats (``kgon.potential.kernels.edges``) and then
every leaf is proved here with exact corners.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import Any

import flint
import numpy as np
from flint import arb

from kgon.base.checks import Floats
from kgon.base.verdicts import KgonError, UndecidedError, Verdict
from kgon.kgons.polygons import regular_polygons
from kgon.potential import any_number
from kgon.potential.any_number import exact_ball
from kgon.potential.kernels import edges

BITS = 128
"""Precision of the balls; the corners of every box are exact in it."""
NODES = {2: 400_000, 5: 4_000_000}
"""Nodes of the largest covering that is searched, by dimension."""
SCALES = {2: (1.0, 1.0), 5: (1.0, 2.0, 1.0, 2.0, 1.0)}
"""Weights of the sides when a box is halved: they decide the size of a covering, not its truth."""
MARGINS = {2: 1e-5, 5: 1e-3}
"""How far above zero the lower bound on each leaf is wanted."""
REMEMBERED = 2**16
"""Parts of the bounds of leaves that are remembered at a time."""
CELLS = 7
"""``near`` is halved this often in each direction, where it must, when the Hessian is enclosed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeConstants:
    """What the lemmas of step c are about, as balls.

    Attributes
    ----------
    c : int
        Number of columns.
    kappa, level : flint.arb
        κ and T of the edge inequality w ≥ T − κα.
    total : flint.arb
        V = cT − 2πκ, the lower bound of cL that follows.
    m, theta : flint.arb or None
        Where lemma two is tight: m* = −b/A and θ* = 2π/c of the regular c-gon; None where the bound
        is not that of a regular polygon.
    """

    c: int
    kappa: arb
    level: arb
    total: arb
    m: arb | None = None
    theta: arb | None = None

    @property
    def bonus(self) -> arb:
        """δ: five columns with a gap of at least π/2 have cL ≥ V + δ (edges only, derivation 06)."""
        return (self.kappa * arb.pi() / 2 - self.level).min(arb(1) / 6 - self.total)


@dataclass(frozen=True, slots=True, kw_only=True)
class Covering:
    """A lemma with its covering.

    Attributes
    ----------
    verdict : Verdict
        REFUTED: certainly false at ``point``.
    reason : str
        What is missing, where it is not proved.
    leaves : dict
        Number of leaves by reason.
    margin : float
        Least certified lower bound over the leaves, near the tight point excepted.
    tree : bytes
        Nodes in preorder (``kgon.potential.kernels.edges``).
    point : tuple of float or None
        Where the lemma fails.
    """

    verdict: Verdict
    reason: str
    leaves: dict[str, int]
    margin: float | None
    tree: bytes
    point: tuple[float, ...] | None = None


@lru_cache(maxsize=32)
def polygon_constants(c: int, digits: int = 60) -> EdgeConstants:
    """κ, T and V at the regular c-gon with its first neighbours active.

    κ = 2·∂ₐoff(A cos θ*, b)·A sin θ* makes H + κθ stationary there, T = φ + κθ* is its value.

    Raises
    ------
    KgonError
        There is no regular c-gon with exactly the first neighbours active.

    Examples
    --------
    >>> print(polygon_constants(6).total.str(10, radius=False))
    0.2891542562
    """
    found = [polygon for polygon in regular_polygons(c, digits) if polygon.s == 1]
    if len(found) != 1:
        raise KgonError(f"there is no regular {c}-gon with just its first neighbours active")
    with flint.ctx.workprec(4 * digits):
        polygon, theta = found[0], 2 * arb.pi() / c
        length, sine = polygon.length_squared, (2 * arb.pi() / c).sin()
        slope = any_number.off(length * theta.cos(), polygon.bias, order=1)[1] / 3
        kappa = 2 * slope * length * sine
        level = polygon.cost + kappa * theta
        return EdgeConstants(c=c, kappa=kappa, level=level, total=c * polygon.cost, m=polygon.m, theta=theta)


def bound_constants(c: int, total: Fraction, kappa: Fraction) -> EdgeConstants:
    """Constants with which the lemmas give cL ≥ ``total``: T = (V + 2πκ)/c."""
    with flint.ctx.workprec(2 * BITS):
        V, slope = exact_ball(total), exact_ball(kappa)
        return EdgeConstants(c=c, kappa=slope, level=(V + 2 * arb.pi() * slope) / c, total=V)


def least_end(theta: Floats) -> Floats:
    """min over m of H(m, cos θ), in floats on a grid of 1/1000: the least cost of one end of an edge.

    Examples
    --------
    >>> least_end(np.array([0.0, 2 * np.pi / 5])).round(4)
    array([0.2222, 0.0158])
    """
    m, t = np.linspace(0, 1, 1001)[:-1, None], np.cos(np.asarray(theta))
    bottom = (1 - m) ** 3 + 2 * np.clip(t - m, 0, 1) ** 3 / t
    least: Floats = ((1 - (1 - m) ** 4 * (2 + m) ** 2 / (4 * bottom)) / 3).min(axis=0)
    return least


@dataclass(frozen=True, slots=True, kw_only=True)
class EndSlack:
    """By how much one end of an edge costs enough at the regular c-gon's κ and T, in floats.

    Attributes
    ----------
    c : int
    theta, slack : (n,) arrays
        θ from 0 to π/2 (exclusive) in radians; min over m of H(m, cos θ) + κθ − T.
    """

    c: int
    theta: Floats
    slack: Floats


def end_slack(c: int, points: int = 721) -> EndSlack:
    """Tabulate lemma two for a picture; the proof is ``prove_two``."""
    theta = np.linspace(0, math.pi / 2, points)[:-1]
    constants = polygon_constants(c)
    slack = least_end(theta) + float(constants.kappa) * theta - float(constants.level)
    return EndSlack(c=c, theta=theta, slack=slack)


def suggested_slope(c: int, theta: float) -> Fraction:
    """κ for which lemma two on [θ, π/2] gives the best V, from floats; any κ is sound."""
    angle = np.linspace(theta, math.pi / 2, 801)[:-1]
    least, slopes = least_end(angle), np.arange(16, 200) / 400
    values = [c * (least + slope * angle).min() - 2 * math.pi * slope for slope in slopes]
    return Fraction(16 + int(np.argmax(values)), 400)


# --- lemma two -----------------------------------------------------------------------------------


def prove_two(
    constants: EdgeConstants,
    theta: tuple[Fraction, Fraction],
    near: tuple[Fraction, Fraction, Fraction, Fraction] | None,
) -> Covering:
    """Prove H(m, cos θ) + κθ ≥ T for 0 ≤ m ≤ 1 and θ in an interval.

    Parameters
    ----------
    constants : EdgeConstants
    theta : two fractions
        θ₀ and θ₁ < π/2.
    near : four fractions or None
        A box m₀, m₁, ϑ₀, ϑ₁ around the tight point in which convexity proves it.
    """
    with flint.ctx.workprec(BITS):
        doubt = "" if near is None else _not_tight(constants, near) or _not_convex(near)
        box = (Fraction(0), theta[0]), (Fraction(1), theta[1])
        kappa, level = constants.kappa, constants.level
        room = [] if near is None or doubt else [exact_ball(x) for x in near]
        cosine = lru_cache(maxsize=None)(lambda key: exact_ball(Fraction(*key)).cos())

        def bound(letter: int, lo: Sequence[arb], hi: Sequence[arb]) -> arb | None:
            if letter == edges.NEAR:
                inside = room[0] <= lo[0] and hi[0] <= room[1] and room[2] <= lo[1] and hi[1] <= room[3]
                return None if inside else arb(-1)
            q = 1 - lo[0]
            if letter == edges.ALONE:
                own = 1 - q * (2 + lo[0]) * (2 + lo[0]) / 4
            else:
                t, r = cosine(_key(hi[1])), 1 - hi[0]
                over = (t - hi[0]).max(arb(0))
                bottom = r * r * r + 2 * over * over * over / t
                own = 1 - _square(q * q * (2 + lo[0])) / (4 * bottom)
            return own / 3 + kappa * lo[1] - level

        found = _prove(box, [kappa, level, *(room or [arb(2)] * 4)], bound, (edges.NEIGHBOURS,))
        if doubt and found.verdict is not Verdict.REFUTED:  # the search alone can refute, not prove
            return replace(found, verdict=Verdict.UNDECIDED, reason=doubt)
        return found


def _square(x: arb) -> arb:
    return x * x


@dataclass(frozen=True, slots=True)
class _Parts:
    """P = q²(2 + m) and V = q³ + 2(t − m)³/t of H = (1 − P²/(4V))/3, t > m, with first derivatives."""

    P: arb
    dP: arb
    V: arb
    Vm: arb
    Vt: arb

    @classmethod
    def at(cls, m: arb, t: arb) -> _Parts:
        q, u = 1 - m, (t - m) / t
        return cls(
            P=q * q * (2 + m),
            dP=-3 * q * (1 + m),
            V=q * q * q + 2 * t * t * u * u * u,
            Vm=-3 * q * q - 6 * t * u * u,
            Vt=6 * t * u * u - 2 * t * u * u * u,
        )


def _not_tight(constants: EdgeConstants, near: Sequence[Fraction]) -> str:
    """Why (m*, θ*) cannot be the tight point; empty if it lies inside ``near``, H + κθ is T and stationary.

    That value and slope vanish exactly follows from how κ and T are defined; balls catch other constants.
    """
    m0, m1, t0, t1 = map(exact_ball, near)
    m, theta = constants.m, constants.theta
    if m is None or theta is None:
        return "no tight point is known for these constants"
    if not (m0 < m < m1 and t0 < theta < t1):
        return f"the tight point is not inside near = {[str(x) for x in near]}"
    at = _Parts.at(m, theta.cos())
    ratio = at.P / at.V
    value = (1 - at.P * ratio / 4) / 3 + constants.kappa * theta - constants.level
    slopes = (2 * at.dP - ratio * at.Vm, constants.kappa - ratio * ratio * at.Vt * theta.sin() / 12)
    if not all(x.contains(0) for x in (value, *slopes)):
        return "H + κθ − T does not vanish to first order at the tight point"
    return ""


def _not_convex(near: Sequence[Fraction]) -> str:
    """Why H is not certainly convex on ``near``; empty if it is."""
    m0, m1, t0, t1 = map(exact_ball, near)
    cells = [((m0 + m1) / 2, (t0 + t1) / 2, (m1 - m0) / 2, (t1 - t0) / 2, 0)]
    while cells:
        m, theta, dm, dt, depth = cells.pop()
        if _hessian_positive(m + dm * arb(0, 1), theta + dt * arb(0, 1)):
            continue
        if depth == CELLS:
            return f"the Hessian is not positive definite on all of near = {[str(x) for x in near]}"
        dm, dt = dm / 2, dt / 2
        cells += [(m + i * dm, theta + j * dt, dm, dt, depth + 1) for i in (-1, 1) for j in (-1, 1)]
    return ""


def _hessian_positive(m: arb, theta: arb) -> bool:
    """Whether (m, θ) ↦ H(m, cos θ) has a positive definite Hessian on a box, with cos θ > m there.

    H = (1 − r/4)/3 with r = n/V, n = P².
    """
    q, t, sine = 1 - m, theta.cos(), theta.sin()
    if not t > m:
        return False
    at, u = _Parts.at(m, t), (t - m) / t
    V, Vm, Vt = at.V, at.Vm, at.Vt
    n, dn, ddn = at.P * at.P, 2 * at.P * at.dP, 2 * at.dP * at.dP + 12 * at.P * m  # P'' = 6m
    Vmm, Vmt, Vtt = 6 * q + 12 * u, -12 * u + 6 * u * u, 12 * u - 12 * u * u + 4 * u * u * u
    r = n / V
    rm, rt = (dn - r * Vm) / V, -r * Vt / V
    rmm = (ddn - 2 * rm * Vm - r * Vmm) / V
    rmt = -(rm * Vt + rt * Vm + r * Vmt) / V
    rtt = -(2 * rt * Vt + r * Vtt) / V
    # minus twelve times the second derivatives, in m and θ
    mm, mx, xx = rmm, -rmt * sine, rtt * sine * sine - rt * t
    return bool(mm < 0 and xx < 0 and mm * xx - mx * mx > 0)


# --- lemma five ----------------------------------------------------------------------------------


def prove_five(
    constants: EdgeConstants,
    before: arb,
    delta: arb,
    *,
    tau: Fraction,
    theta: Fraction,
    size: Fraction,
) -> Covering:
    """Prove that star, pair or viol is positive on the whole box of lemma five.

    Parameters
    ----------
    constants : EdgeConstants
    before, delta : flint.arb
        V′ of step c − 1 and its bonus δ.
    tau, theta, size : Fraction
        The box is B ∈ [0, size], τ ∈ [0, tau], α ∈ [0, theta], b and b_y ∈ [−size, 1].
    """
    with flint.ctx.workprec(BITS):
        zero = Fraction(0)
        box = (zero, zero, zero, -size, -size), (size, tau, theta, Fraction(1), Fraction(1))
        total, room = constants.total, constants.total - before
        cosine = lru_cache(maxsize=None)(lambda key: _square(exact_ball(Fraction(*key)).cos()))
        kappa, level = constants.kappa, constants.level

        def off(a: arb, b: arb) -> arb:  # three times off, as the printed functions
            return arb(any_number.off(a, b)[0])

        @_remembered
        def beside(start: arb, part: arb, b: arb) -> arb:
            return off(start * part, b)

        def diag(n: arb, b: arb) -> arb:
            return arb(any_number.diag(n, b)[0])

        def parts(n_lo: arb, n_hi: arb, b_lo: arb, b_hi: arb) -> arb:  # 3·(D⁺ + D⁻)
            high = diag(n_hi, b_hi) - off(n_hi - 1, b_hi)
            return high + off(n_lo - 1, b_lo)

        @_remembered
        def first(B_lo: arb, t_lo: arb, B_hi: arb, t_hi: arb, b_lo: arb, b_hi: arb) -> arb:
            return parts(B_lo * t_lo * t_lo, B_hi * t_hi * t_hi, b_lo, b_hi)

        @_remembered
        def second(B_lo: arb, a_lo: arb, B_hi: arb, a_hi: arb, b_lo: arb, b_hi: arb) -> arb:
            n_lo, n_hi = B_lo / cosine(_key(a_lo)), B_hi / cosine(_key(a_hi))
            return parts(n_lo, n_hi, b_lo, b_hi)

        def bound(letter: int, lo: Sequence[arb], hi: Sequence[arb]) -> arb:
            own = first(lo[0], lo[1], hi[0], hi[1], lo[3], hi[3])
            both = (beside(lo[0], lo[1], lo[3]) + beside(lo[0], lo[1], lo[4])) / 3
            if letter == edges.STAR:
                positive = lo[3].max(arb(0))
                return own / 3 + both + (positive * positive).min(delta) - room
            sum_ = (own + second(lo[0], lo[2], hi[0], hi[2], lo[4], hi[4])) / 3
            return sum_ + both - total if letter == edges.PAIR else sum_ / 2 + both + kappa * lo[2] - level

        parameters = [kappa, level, total, room, delta]
        return _prove(box, parameters, bound, (edges.STAR, edges.PAIR, edges.VIOL))


# --- coverings -----------------------------------------------------------------------------------


def _remembered(function: Callable[..., arb]) -> Callable[..., arb]:
    """Remember results of the same objects: leaves have one for each number in their corners."""
    known: dict[tuple[int, ...], tuple[tuple[arb, ...], arb]] = {}

    def call(*given: arb) -> arb:
        key = tuple(map(id, given))
        if key not in known:
            if len(known) >= REMEMBERED:
                known.clear()
            known[key] = given, function(*given)  # which keeps them, so that no other has their identities
        return known[key][1]

    return call


def _key(x: arb) -> tuple[int, int]:
    """An exact dyadic as numerator and denominator."""
    man, exp = map(int, x.man_exp())
    return (man << exp, 1) if exp >= 0 else (man, 1 << -exp)


def leaves(tree: bytes, lo: Sequence[Fraction], hi: Sequence[Fraction]) -> Iterator[tuple[int, Any, Any]]:
    """Letter and exact corners of each leaf of a tree over a box with dyadic corners.

    Raises
    ------
    KgonError
        The nodes do not make one whole tree.
    """
    stack = [(tuple(map(exact_ball, lo)), tuple(map(exact_ball, hi)))]
    numbers: dict[float, arb] = {}
    for code in tree:
        if not stack:
            raise KgonError("the tree goes on after its last leaf")
        low, high = stack.pop()
        axis = code - edges.DIGIT
        if not 0 <= axis < len(low):
            yield code, low, high
            continue
        middle = (low[axis] + high[axis]) / 2
        first = numbers.setdefault(float(middle), middle)  # one object for each number
        middle = first if first == middle else middle
        stack.append(((*low[:axis], middle, *low[axis + 1 :]), high))
        stack.append((low, (*high[:axis], middle, *high[axis + 1 :])))
    if stack:
        raise KgonError("the tree ends before its last leaf")


def _prove(
    box: tuple[Sequence[Fraction], Sequence[Fraction]],
    parameters: Sequence[arb],
    bound: Callable[[int, Sequence[arb], Sequence[arb]], arb | None],
    reasons: Sequence[int],
) -> Covering:
    """Search a covering in floats, then prove each of its leaves, or that the statement is false.

    On a single point the bounds by the ``reasons`` are values; the statement is false where all are negative.
    """
    lo, hi = (np.array([float(x) for x in corner]) for corner in box)
    codes = np.zeros(NODES[lo.size], dtype=np.uint8)
    floats, scale = np.array([float(x) for x in parameters]), np.array(SCALES[lo.size])
    status, nodes, point = edges.cover(lo, hi, floats, scale, MARGINS[lo.size], codes)
    if status == edges.NEGATIVE:
        at = [arb(float(x)) for x in point]
        place = ", ".join(f"{x:.6g}" for x in point)
        values = [bound(letter, at, at) for letter in reasons]
        false = all(value is not None and bool(value < 0) for value in values)
        return Covering(
            verdict=Verdict.REFUTED if false else Verdict.UNDECIDED,
            reason=f"false at ({place})" if false else f"not decided at ({place})",
            leaves={},
            margin=None,
            tree=b"",
            point=tuple(map(float, point)),
        )
    if status == edges.BUDGET:
        reason = f"no covering within {codes.size} nodes"
        return Covering(verdict=Verdict.UNDECIDED, reason=reason, leaves={}, margin=None, tree=b"")
    tree = codes[:nodes].tobytes()
    counts: Counter[str] = Counter()
    margin = arb(1)
    for letter, low, high in leaves(tree, *box):
        least = bound(letter, low, high)
        counts[chr(letter)] += 1
        if least is None:
            continue
        if not least > 0:
            raise UndecidedError(f"the leaf with corners {low} and {high} is not decided at {BITS} bits")
        margin = margin.min(least)
    return Covering(
        verdict=Verdict.PROVED, reason="", leaves=dict(sorted(counts.items())), margin=float(margin.lower()),
        tree=tree,
    )  # fmt: skip
