"""Derivation 2a: length, bias and loss of a regular k-gon as algebraic numbers.

Minimal polynomials over Q by resultants, for k = 5 and 6, and the 10-gon in the golden ratio.
Run with ``--check`` to compare with the committed page.
"""

from __future__ import annotations

import flint
import sympy as sp
from flint import arb
from parts.page import Page, is_zero, run, tex
from parts.polygon import A, B, g, m, sums, third

from kgon.kgons import polygons


def elimination(page: Page) -> None:
    """Minimal polynomials of the 5- and 6-gon."""
    page.section("2a.1 The 5-gon and the 6-gon")
    page.text(
        r"""The polynomial :math:`g` of derivation 2 has coefficients in :math:`\mathbb Q(\cos\alpha)`, and
        :math:`\tau=l^2`, :math:`b` and :math:`R` are rational in :math:`m`, so all are algebraic.
        Eliminating :math:`m` and :math:`\cos\alpha` by resultants gives a polynomial over
        :math:`\mathbb Q`.  It is factored, and the one factor that has the enclosed number as a root is
        kept.""",
    )
    t = sp.Symbol("t")
    rows, unique = [], True
    polynomials = {}
    for k in (5, 6):
        polygon = polygons.regular_polygons(k)[0]
        for name, ball in (("l^2", polygon.length_squared), ("b", polygon.bias), ("R", polygon.cost)):
            polynomial, good = minimal_polynomial(k, name, ball, t)
            unique &= good
            polynomials[k, name] = polynomial
            coefficients = sp.Poly(polynomial, t).all_coeffs()
            rows.append([str(k), f":math:`{name}`", ", ".join(map(str, coefficients))])
    page.table(["k", "number", "minimal polynomial, highest degree first"], rows)
    page.check(
        """each polynomial is irreducible over the rationals and has exactly one root in an interval of
        width 1e-20 around the enclosure""",
        unique,
    )
    page.check(
        "for k = 6 those of l² and b are the published ones, 5t⁴ − 23t³ + 19t² + 8t + 4 and"
        " 25t⁴ + 46t³ − 11t² − 12t + 4",
        is_zero(polynomials[6, "l^2"] - (5 * t**4 - 23 * t**3 + 19 * t**2 + 8 * t + 4))
        and is_zero(polynomials[6, "b"] - (25 * t**4 + 46 * t**3 - 11 * t**2 - 12 * t + 4)),
    )


def golden_ratio(page: Page) -> None:
    """Section 2a.2: the 10-gon is the one with the golden ratio."""
    page.section("2a.2 The 10-gon")
    golden = (1 + sp.sqrt(5)) / 2
    values = sums([golden / 2])
    at = golden - 1
    exact_tau = sp.simplify((B / (2 * A)).subs(values).subs(m, at))
    exact_R = sp.simplify((third - B**2 / (4 * A)).subs(values).subs(m, at))
    page.text(
        r"""**Example.** The regular 10-gon is the one with the golden ratio
        :math:`\varphi=(1+\sqrt5)/2`: :math:`l=\varphi`, :math:`b=-\varphi`, and """
        + rf":math:`R={tex(exact_R)}`, with :math:`s=1`.",
    )
    ten = polygons.regular_polygons(10)[0]
    page.check(
        "k = 10: cos 36° = φ/2, g(φ − 1) = 0, τ = φ², mτ = φ, R = 1/6, and the enclosures contain them",
        sp.radsimp(sp.cos(sp.pi / 5) - golden / 2) == 0
        and sp.radsimp(sp.expand(g.subs(values).subs(m, at))) == 0
        and sp.expand(exact_tau - golden**2) == 0
        and sp.expand(at * golden**2 - golden) == 0
        and exact_R == sp.Rational(1, 6)
        and ten.s == 1
        and golden_contained(ten),
    )


def golden_contained(ten: polygons.RegularPolygon) -> bool:
    """Whether the enclosures of the 10-gon meet φ, −φ and 1/6."""
    with flint.ctx.workprec(256):
        phi = (1 + arb(5).sqrt()) / 2
        sixth = arb(1) / 6
        return bool(ten.length.overlaps(phi) and ten.bias.overlaps(-phi) and ten.cost.overlaps(sixth))


def minimal_polynomial(k: int, name: str, ball: arb, t: sp.Symbol) -> tuple[sp.Expr, bool]:
    """Minimal polynomial of l², b or R of a k-gon with s = 1; whether it isolates the ball."""
    x = sp.Symbol("x")
    values = sums([x])
    number = {"l^2": B / (2 * A), "b": -m * B / (2 * A), "R": third - B**2 / (4 * A)}[name].subs(values)
    equation = sp.numer(sp.together(t - number))
    resultant = sp.resultant(equation, sp.numer(sp.together(g.subs(values))), m)
    resultant = sp.resultant(resultant, sp.minimal_polynomial(sp.cos(2 * sp.pi / k), x), x)
    middle = ball.mid().fmpq()
    centre = sp.Rational(int(middle.p), int(middle.q))
    width = sp.Rational(1, 10**20)
    inside = [
        factor
        for factor, _ in sp.factor_list(resultant, t)[1]
        if sp.Poly(factor, t).count_roots(centre - width / 2, centre + width / 2) == 1
    ]
    good = len(inside) == 1 and sp.Poly(inside[0], t).is_irreducible and float(ball.rad()) < 1e-40
    return inside[0], bool(good)


def build() -> Page:
    """Derivation 2a: length, bias and loss of a regular k-gon as algebraic numbers."""
    page = Page(__file__, "2a. Algebraic numbers")
    elimination(page)
    golden_ratio(page)
    return page


if __name__ == "__main__":
    run(build)
