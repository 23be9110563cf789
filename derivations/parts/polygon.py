"""The reduced loss of a regular polygon, for derivations 2 and 2a; see their pages for the notation."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import sympy as sp
from flint import arb, fmpq
from parts.page import is_zero

from kgon.kgons import polygons
from kgon.potential.symbolic import ON, RISING, a, b, diag_integral, off_integral

tau = sp.Symbol("tau", positive=True)
m = sp.Symbol("m", real=True)
F, G, H, M = sp.symbols("F G H M", real=True)
third = sp.Rational(1, 3)

RISING_OFF = off_integral(RISING)
ON_OFF = off_integral(ON)


def cell_energy() -> sp.Expr:
    """A(m) with s active neighbours on each side, through the sums F, G, H and M."""
    term = sp.expand(RISING_OFF.subs({a: 1, b: -m}))
    x = sp.Symbol("x", positive=True)
    one = sp.Poly(sp.expand(x * RISING_OFF.subs({a: x, b: -m})), x)
    # (x − m)³/(3x) holds x², x, 1 and 1/x; summed with weight 1 at x = 1 and 2 at each cosine.
    by_power = {3: F, 2: G, 1: M, 0: H}
    total = sum((coefficient * by_power[power] for (power,), coefficient in one.terms()), sp.Integer(0))
    if not is_zero(total.subs(dict.fromkeys((F, G, H, M), 1)) - term):
        raise AssertionError("the sums do not reproduce a single term")
    return sp.collect(sp.expand(total), m)


A = cell_energy()
B = sp.factor(sp.diff(RISING_OFF, a).subs({a: 1, b: -m}))
g = sp.expand(6 * (1 + m) * A + (1 - m) * (2 + m) * sp.diff(A, m))
R = third - tau * B + tau**2 * A
"""The reduced loss in the coordinates (τ, m)."""
R_m, R_tau_at_m = sp.diff(R, m), sp.diff(R, tau)
R_b = sp.expand(-R_m / tau)
"""∂R/∂b at fixed τ, since m = −b/τ."""
R_tau = sp.expand(R_tau_at_m - R_m * m / tau)
"""∂R/∂τ at fixed b."""


def sums(cosines: Sequence[sp.Expr]) -> dict[sp.Symbol, sp.Expr]:
    """F, G, H and M for the given cosines of the active neighbours on one side."""
    return {
        F: 1 + 2 * sum(x**2 for x in cosines),
        G: 1 + 2 * sum(cosines),
        H: 1 + 2 * sum(1 / x for x in cosines),
        M: sp.Integer(1 + 2 * len(cosines)),
    }


def published_pair(x: sp.Symbol, y: sp.Symbol) -> tuple[sp.Expr, sp.Expr]:
    """Left sides of the published pair of equations in x = l and y = b (Chen et al. 2023)."""
    return (
        x**6 * G + x**2 * y**2 * H + 2 * x**4 * y * M + y**2 - x**4,
        2 * x**8 * F + 3 * x**6 * y * G - x**2 * y**3 * H - 2 * x**6 - 2 * y**3,
    )


def literature_equations(s: int, k: int) -> tuple[sp.Expr, sp.Expr]:
    """The published pair of a k-gon with s active neighbours on each side of a vertex."""
    values = sums([sp.cos(2 * sp.pi * j / k) for j in range(1, s + 1)])
    first, second = published_pair(*sp.symbols("x y", real=True))
    return first.subs(values), second.subs(values)


def polygon_energy(cosines: Sequence[sp.Expr]) -> tuple[sp.Expr, sp.Expr]:
    """A(m) and B(m) by their definition, as sums over the active neighbours one by one.

    Parameters
    ----------
    cosines : sequence of sympy.Expr
        cos(jα) of the active neighbours on one side, j = 1 … s.
    """
    rising = RISING_OFF.subs(b, -m)
    return rising.subs(a, 1) + 2 * sum((rising.subs(a, at) for at in cosines), sp.Integer(0)), B


@cache
def polygon_polynomial(s: int) -> tuple[sp.Poly, tuple[sp.Symbol, ...]]:
    """The polynomial in m whose roots are the critical points of R, and the symbols of its s cosines.

    R is stationary in τ at τ = B/(2A), where R = 1/3 − B²/(4A); it is stationary in m where
    ``2B'A − BA' = 0``.  The factor (1 − m), which is never a root with 0 ≤ m < 1, is divided out
    and the denominators cos(jα) are cleared, so that the coefficients are polynomials in the cosines
    with integer coefficients.
    """
    cosines = sp.symbols(f"c1:{s + 1}", positive=True)
    A, B = polygon_energy(cosines)
    numerator = sp.numer(sp.together(2 * sp.diff(B, m) * A - B * sp.diff(A, m)))
    return sp.Poly(sp.cancel(numerator / (1 - m)), m), tuple(cosines)


def in_balls(expression: sp.Expr, values: dict[sp.Symbol, arb]) -> arb:
    """A polynomial with rational coefficients evaluated in balls."""
    symbols = list(values)
    total = arb(0)
    for powers, coefficient in sp.Poly(expression, *symbols).terms():
        product = arb(fmpq(int(coefficient.p), int(coefficient.q)))
        for symbol, power in zip(symbols, powers, strict=True):
            product *= values[symbol] ** power
        total += product
    return total


def ball_sums(k: int, s: int, at: arb) -> dict[sp.Symbol, arb]:
    """F, G, H, M and m as balls."""
    cosines = [arb.cos_pi_fmpq(fmpq(2 * j, k)) for j in range(1, s + 1)]
    return {symbol: arb(1) * value for symbol, value in sums(cosines).items() if symbol is not M} | {
        M: arb(1 + 2 * s),
        m: at,
    }


def substitution(k: int) -> tuple[bool, sp.Expr, int]:
    """Substitute a regular k-gon with symbolic l and b into the full gradient, c = k + 2.

    Column k is positive, column k + 1 dead.

    Returns
    -------
    holds : bool
        Whether the gradient is that of derivation 2, section 2.1, in every component.
    polynomial : sympy.Expr
        Minimal polynomial of cos α in C.
    s : int
        Active neighbours on one side, as in the k-gon that exists.
    """
    C, S, length, beta, bp = sp.symbols("C S l beta b_p")
    minimal = sp.Poly(sp.minimal_polynomial(sp.cos(2 * sp.pi / k), C), C)
    ideal = [minimal.as_expr(), S**2 + C**2 - 1]

    def reduce(expression: sp.Expr) -> sp.Expr:
        # Two coprime leading terms: a Gröbner basis, so that the remainder is unique.
        return sp.reduced(sp.expand(expression), ideal, S, C, length, beta, bp, order="lex")[1]

    def cosine(j: int) -> sp.Expr:
        return sp.rem(sp.chebyshevt(j % k, C), minimal.as_expr(), C)

    vertex = [(cosine(j), reduce(S * sp.chebyshevu((j % k) - 1, C)) if j % k else 0) for j in range(k)]
    c = k + 2
    W = [[length * v[axis] for v in vertex] + [0, 0] for axis in (0, 1)]
    gram_ok = all(
        reduce(W[0][i] * W[0][j] + W[1][i] * W[1][j] - length**2 * cosine(i - j)) == 0
        for i in range(k)
        for j in range(k)
    )
    found = polygons.regular_polygons(k)[0]
    active = range(-found.s, found.s + 1)

    def derivatives(i: int, j: int) -> tuple[sp.Expr, sp.Expr]:
        """∂_a and ∂_b of the pair (i, j), in the region of the k-gon."""
        if j == k:  # the positive column as output: region on
            form = (diag_integral(ON) if i == j else ON_OFF).subs(b, bp)
            return sp.diff(form, a).subs(a, 0), sp.diff(form, bp).subs(a, 0)
        if j > k or i >= k or not any((i - j - d) % k == 0 for d in active):
            return sp.Integer(0), sp.Integer(0)
        form = diag_integral(RISING) if i == j else RISING_OFF
        slope = length**2 * cosine(i - j)
        inverse = sp.invert(cosine(i - j), minimal.as_expr(), C) / length**2
        # ∂ times a³ is a polynomial in a and b; 1/a is a polynomial in C over l².
        return tuple(
            sp.Poly(sp.cancel(sp.diff(form, v) * a**3), a, b).as_expr().subs({a: slope, b: beta}) * inverse**3
            for v in (a, b)
        )

    pairs = {(i, j): derivatives(i, j) for i in range(c) for j in range(c)}
    # The reduced derivatives, by their definition.
    tau_part = sum((cosine(d) * pairs[d % k, 0][0] for d in active), sp.Integer(0))
    bias_part = sum((pairs[d % k, 0][1] for d in active), sp.Integer(0))
    residuals = []
    for v in range(c):
        for axis in (0, 1):
            entry = sum(W[axis][i] * (pairs[i, v][0] + pairs[v, i][0]) for i in range(c))
            residuals.append(entry - 2 * tau_part * W[axis][v])
        entry = sum(pairs[i, v][1] for i in range(c))
        target = {k: 2 * c * bp - 1, k + 1: 0}.get(v, bias_part)
        residuals.append(entry - target)
    zero = all(reduce(sp.expand(x * length**6)) == 0 for x in residuals)
    return gram_ok and zero, minimal.as_expr(), found.s
