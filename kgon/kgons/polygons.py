"""Regular k-gons as critical points: the reduced equations, solved in balls and to 50 digits.

A regular polygon with length l and bias b has, per column, the reduced loss
``R(τ, b) = diag(τ, b) + Σ_j off(τ cos jα, b)``, τ = l², α = 2π/k, j = 1 … k − 1.  By symmetric
criticality its critical points are critical points of L (docs, derivation 02).  With b = −mτ,
R = 1/3 − τB(m) + τ²A(m), so that τ = B/(2A), R = 1/3 − B²/(4A), and m is a root of
``g(m) = 6(1 + m)A(m) + (1 − m)(2 + m)A′(m)``, a quartic for each number s of active neighbours on one
side (cos((s + 1)α) ≤ m < cos(sα)).  No root has b > 0, and b = 0 is critical only for k ≤ 4 (ibid.).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, log2
from typing import Any

import flint
import mpmath
from flint import arb, fmpq

from kgon.base.checks import check_integer
from kgon.base.verdicts import Status, UndecidedError
from kgon.numerics.isolation import isolate
from kgon.numerics.newton import solve_newton
from kgon.potential import any_number
from kgon.potential.kernels import _generated


@dataclass(frozen=True, slots=True, kw_only=True)
class RegularPolygon:
    """A regular k-gon that solves the reduced equations; balls that contain the exact values.

    Attributes
    ----------
    k, s : int
        Vertices; active neighbours on one side.
    m, length_squared, length, bias : flint.arb
        m = −b/l², l², l and b.
    cost : flint.arb
        Reduced loss R per column, so that L = R for c = k.
    """

    k: int
    s: int
    m: arb
    length_squared: arb
    length: arb
    bias: arb
    cost: arb


def _cosines(k: int, s: int) -> list[arb]:
    """Enclose cos(2πj/k) for the active neighbours j = 1 … s."""
    return [arb.cos_pi_fmpq(fmpq(2 * j, k)) for j in range(1, s + 1)]


def _energy(m: arb, cosines: list[arb]) -> tuple[arb, arb, arb]:
    """Enclose A(m), A′(m) and A″(m), continued analytically from where the s neighbours are active."""
    jets = [_generated.off_rising(x, -m, (x - m) / x) for x in (arb(1), *cosines)]
    weights = [1] + [2] * len(cosines)
    value, slope, curvature = (
        sum((w * jet[entry] for w, jet in zip(weights, jets, strict=True)), arb(0)) / 3 for entry in (0, 2, 5)
    )
    return value, -slope, curvature


def _from_m(k: int, s: int, m: arb) -> RegularPolygon:
    """Compute l, b and R of the polygon from a root m of g."""
    value, _, _ = _energy(m, _cosines(k, s))
    B = (1 - m) * (1 - m) * (2 + m) / 3
    tau = B / (2 * value)
    cost = arb(1) / 3 - B * B / (4 * value)
    return RegularPolygon(k=k, s=s, m=m, length_squared=tau, length=tau.sqrt(), bias=-m * tau, cost=cost)


def _cell(k: int, s: int) -> list[RegularPolygon]:
    """Find the k-gons with exactly s active neighbours on one side."""
    if s == 0:
        # g = m(1 − m)³: m = 0 is the only root in [0, 1), where τ = 1 and R = 0; the next
        # neighbour must be inactive there, cos α ≤ 0.
        if k > 4:
            return []
        zero, one = arb(0), arb(1)
        return [RegularPolygon(k=k, s=0, m=zero, length_squared=one, length=one, bias=zero, cost=zero)]
    cosines = _cosines(k, s)

    def g(m: arb) -> arb:
        value, slope, _ = _energy(m, cosines)
        return 6 * (1 + m) * value + (1 - m) * (2 + m) * slope

    def dg(m: arb) -> arb:
        value, slope, curvature = _energy(m, cosines)
        return 6 * value + (5 + 4 * m) * slope + (1 - m) * (2 + m) * curvature

    next_cosine = arb.cos_pi_fmpq(fmpq(2 * (s + 1), k))
    low, high = next_cosine.max(arb(0)), cosines[-1]
    found = []
    for m in isolate(g, dg, low.lower(), high.upper()):
        if low < m < high:
            found.append(_from_m(k, s, m))
        elif not (m < low or m > high):
            raise UndecidedError(f"the {k}-gon with s = {s}: root {m.str(10)} may sit on a border")
    return found


MOST_DIGITS = 100_000
"""Digits of enclosures that may be asked for."""


def regular_polygons(k: int, digits: int = 60) -> tuple[RegularPolygon, ...]:
    """Find every regular k-gon with b > −l² that is a critical point; these are proved to be all.

    For b ≤ 0 the roots of g are isolated in ball arithmetic on every cell of m = −b/l² in [0, 1).  None
    has b > 0 (docs, derivation 02, Theorem 4).  With b ≤ −l² every output is off and L is constant;
    these points are not counted.

    Parameters
    ----------
    k : int
        Vertices, at least 3.
    digits : int
        Decimal digits of the enclosures, 15 to 100000.

    Returns
    -------
    tuple of RegularPolygon

    Raises
    ------
    KgonError
        k is too small, or the digits too few or too many.
    UndecidedError
        A root may sit on the border of a cell at this precision.

    Examples
    --------
    >>> pentagon, = regular_polygons(5)
    >>> print(pentagon.length.str(8), pentagon.bias.str(8))
    [1.1704596 +/- 3.91e-8] [-0.28229728 +/- 3.13e-9]
    """
    return _regular_polygons(check_integer("k", k, 3), check_integer("digits", digits, 15, MOST_DIGITS))


@lru_cache(maxsize=256)
def _regular_polygons(k: int, digits: int) -> tuple[RegularPolygon, ...]:
    """``regular_polygons`` of checked integers, kept."""
    with flint.ctx.workprec(ceil((digits + 10) * log2(10))):
        return tuple(p for s in range(ceil(k / 4)) for p in _cell(k, s))


@dataclass(frozen=True, slots=True, kw_only=True)
class PolygonRoot:
    """Where Newton's method on the reduced gradient ended: l, b and R in mpmath, residual and status."""

    length: Any
    bias: Any
    cost: Any
    residual: Any
    status: Status


def reduced_jet(tau: Any, bias: Any, cosines: Sequence[Any]) -> tuple[Any, Any, Any, list[list[Any]]]:
    """Compute R, ∂R/∂τ, ∂R/∂b and the Jacobian of the latter two, in the number type given.

    Summed from the pair functions over ``cosines``, cos(jα) for j = 1 … k − 1; the regions are those of
    the values, with no assumption on s.
    """
    entries: list[Any] = list(any_number.diag(tau, bias, order=2))
    for x in cosines:
        f, fa, fb, faa, fab, fbb = any_number.off(tau * x, bias, order=2)
        for at, term in enumerate((f, x * fa, fb, x * x * faa, x * fab, fbb)):
            entries[at] = entries[at] + term
    f, ft, fb, ftt, ftb, fbb = (entry / 3 for entry in entries)
    return f, ft, fb, [[ftt, ftb], [ftb, fbb]]


def newton_polygon(polygon: RegularPolygon, *, digits: int = 50) -> PolygonRoot:
    """Solve the reduced equations by Newton's method from the float64 values of a polygon.

    A second computation: it uses the pair functions themselves, not the polynomial in m.
    """
    k = polygon.k
    with mpmath.workdps(digits + 15):
        cosines = [mpmath.cospi(mpmath.mpf(2 * j) / k) for j in range(1, k)]
    start = [float(polygon.length_squared), float(polygon.bias)]
    root = solve_newton(
        lambda x: reduced_jet(x[0], x[1], cosines)[1:3],
        lambda x: reduced_jet(x[0], x[1], cosines)[3],
        start,
        digits=digits,
    )
    with mpmath.workdps(digits + 15):
        tau, bias = root.x
        return PolygonRoot(
            length=mpmath.sqrt(tau),
            bias=bias,
            cost=reduced_jet(tau, bias, cosines)[0],
            residual=root.residual,
            status=root.status,
        )
