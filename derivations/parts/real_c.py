"""Sections 7 and 8 of derivation 4: a real number of columns, and βn."""

from __future__ import annotations

import flint
import sympy as sp
from flint import arb, fmpq, fmpq_poly
from parts.page import Page, inline, is_zero, tex
from parts.polygon import g, m, sums

from kgon.branches.real_c import follow_polygon
from kgon.kgons import polygons
from kgon.potential.symbolic import RISING, a, off_integral

BITS = 256
x = sp.Symbol("x", positive=True)


def event(j: int) -> tuple[sp.Poly, list[arb]]:
    """The polynomial in x = cos(2π/c) at whose roots neighbour j + 1 begins to be active; c at its roots.

    Neighbours 1 to j are active there and m = cos(2π(j + 1)/c), 0 < m < 1.
    """
    cosines = [sp.chebyshevt(i, x) for i in range(1, j + 1)]
    value = sp.together(g.subs(sums(cosines)).subs(m, sp.chebyshevt(j + 1, x)))
    numerator = sp.Poly(sp.fraction(sp.cancel(value))[0], x)
    found = []
    with flint.ctx.workprec(BITS):
        polynomial = fmpq_poly([fmpq(int(c.p), int(c.q)) for c in numerator.all_coeffs()[::-1]])
        for root, _ in polynomial.complex_roots():
            if not root.imag.contains(0) or not -1 < root.real < 1:
                continue
            c = 2 * arb.pi() / root.real.acos()
            # m > 0: the angle of neighbour j + 1 is less than a right one.
            if c > 4 * (j + 1):
                found.append(c)
    return numerator, found


def real_c(page: Page) -> None:
    """Section 4.7: the curve of regular c-gons over real c, and its corners."""
    page.section("4.7 The regular c-gon for real c")
    page.text(
        r"""For real :math:`c>4` let :math:`R(\tau,b;c)=\operatorname{diag}(\tau,b)
        +2\sum_{1\le j<c/4}\operatorname{off}(\tau\cos\tfrac{2\pi j}c,b)`. At whole :math:`c` and
        :math:`b\le0` it is the reduced loss of derivation 2. With :math:`b=-m\tau`, its critical points with
        :math:`0<m<1` are the zeros of the function :math:`g` of derivation 2, Lemma 2, with the sums
        :math:`F,G,H,M` over the neighbours whose :math:`x_j=\cos(2\pi j/c)` exceeds :math:`m`: nothing in
        that lemma uses that :math:`c` is whole.""",
        r"""**Proposition 14.** On a branch with :math:`g'(m)\ne0`""",
    )
    page.math(
        r"\frac{dR}{dc}=\frac{\partial R}{\partial c}=\frac{4\pi\tau}{c^2}\sum_jj\,\sin\frac{2\pi j}c\;"
        r"\partial_a\operatorname{off}\Bigl(\tau\cos\frac{2\pi j}c,\,b\Bigr),",
    )
    page.text(
        r"""which is positive where a neighbour is active: the loss per column rises with :math:`c`. A
        neighbour becomes active without a jump of second derivatives.""",
        r"""**Proof.** Theorem 1; :math:`\partial_a\operatorname{off}=2\int\mu(a\mu+b)_+d\mu\ge0`, and off is
        :math:`C^2` for :math:`b<0` (derivation 1, Proposition 3). ∎""",
    )
    c, tau = sp.symbols("c tau", positive=True)
    form = off_integral(RISING)
    angle = 2 * sp.pi / c
    value = 2 * form.subs(a, tau * sp.cos(angle))
    written = 4 * sp.pi * tau / c**2 * sp.sin(angle) * sp.diff(form, a).subs(a, tau * sp.cos(angle))
    page.check(
        "the formula for one neighbour, symbolically",
        sp.simplify(sp.diff(value, c) - written) == 0,
    )
    page.text(
        r"""**Theorem 15.** Neighbour :math:`j+1` begins (or ceases) to be active on the curve exactly where
        :math:`g(m)=0` with the neighbours :math:`1,\dots,j` and :math:`m=\cos\tfrac{2\pi(j+1)}c`. With
        :math:`x=\cos\tfrac{2\pi}c` and :math:`x_i=T_i(x)` (Chebyshev), this is a polynomial equation
        :math:`P_j(x)=0`, to be solved with :math:`T_{j+1}(x)>0`, :math:`c>4(j+1)`. For each :math:`j` of
        the table there is exactly one such :math:`c`:""",
    )
    rows, single, agree = [], True, True
    told = follow_polygon("5", lower=5, upper=24).events
    first: sp.Poly | None = None
    for j in range(1, 4):
        polynomial, found = event(j)
        first = first or polynomial
        single &= len(found) == 1
        numeric = [e for e in told if f"neighbour {j + 1} " in e.name]
        agree &= all(bool(arb(e.lower) < found[0] < arb(e.upper)) for e in numeric)
        rows.append(
            [str(j + 1), str(polynomial.degree()), f":math:`{found[0].str(30, radius=False)}`"],
        )
    page.table(["neighbour", "degree of :math:`P_j`", "c"], rows)
    page.check("all complex roots of each polynomial, isolated in balls: one has c > 4(j + 1)", single)
    assert first is not None
    factors = [factor for factor, _ in first.factor_list()[1]]
    relevant = max(factors, key=lambda f: f.degree())
    page.text(
        r"""For neighbour 2 the equation is """
        + inline(relevant.as_expr())
        + r""" :math:`=0`, irreducible over the rationals; its root is :math:`x=\cos\tfrac{2\pi}c` and
        :math:`m=2x^2-1`.""",
    )
    page.check(
        f"""P₁ is a rational multiple of this polynomial and the factors
        {", ".join(str(f.as_expr()) for f in factors if f != relevant) or "1"}; it has the root of the
        table""",
        relevant.is_irreducible and _vanishes(relevant, event(1)[1][0]),
    )
    page.check(
        """the events of ``kgon.branches.real_c`` between c = 5 and 24 for these neighbours have intervals
        that contain the values""",
        agree and any(e.kind == "region" for e in told),
    )
    page.check(
        "so the regular 11-gon has s = 1 and the 12-gon s = 2, as in the table of derivation 2",
        [polygons.regular_polygons(k)[0].s for k in (11, 12)] == [1, 2],
    )


def _vanishes(polynomial: sp.Poly, c: arb) -> bool:
    with flint.ctx.workprec(BITS):
        at = (2 * arb.pi() / c).cos()
        total = arb(0)
        for coefficient in polynomial.all_coeffs():
            total = total * at + int(coefficient)
        return bool(total.contains(0)) and bool(abs(total) < arb("1e-40"))


def strength(page: Page) -> None:
    """Section 4.8: crossings of free energies, with βn as the parameter."""
    page.section("4.8 βn as the parameter")
    page.text(
        r"""The free energy of a phase is, to the order considered,
        :math:`F(s)=sL+\lambda\log s+\text{const}`, :math:`s=\beta n`. The point stays; the branch is
        :math:`F(s)`.""",
        r"""**Proposition 16.** The difference :math:`f(s)=s\,\Delta L+\Delta\lambda\log s+\Delta c` of two
        phases has at most two zeros :math:`s>0`, unless it is 0. For :math:`\Delta L\ne0\ne\Delta\lambda`,
        with :math:`\zeta=\frac{\Delta L}{\Delta\lambda}e^{-\Delta c/\Delta\lambda}` they are
        :math:`s=\tfrac{\Delta\lambda}{\Delta L}W(\zeta)`, with the branches :math:`W_0` and :math:`W_{-1}` of
        Lambert's function: one zero for :math:`\zeta>0` or :math:`\zeta=-1/e`, two for
        :math:`-1/e<\zeta<0`, none for :math:`\zeta<-1/e`.""",
        r"""**Proof.** :math:`f''=-\Delta\lambda/s^2` has one sign: :math:`f` is strictly convex or concave,
        or affine in :math:`s`. :math:`f=0` is :math:`\kappa s\,e^{\kappa s}=\zeta` with
        :math:`\kappa=\Delta L/\Delta\lambda`, and :math:`we^w` falls from 0 to :math:`-1/e` on
        :math:`(-\infty,-1]` and rises beyond. ∎""",
        r"""So the phase of lower :math:`L` wins for large :math:`s`, and that of smaller :math:`\lambda`
        for small :math:`s`; with two zeros one phase has the lower free energy between them only.
        ``kgon.free_energy.crossings`` evaluates the formula in balls (page *Free energy*).""",
    )
    s, dL, dl, dc = sp.symbols("s L lambda c", real=True)
    f = s * dL + dl * sp.log(s) + dc
    page.check(
        r""":math:`f''=-\Delta\lambda/s^2`; and with :math:`s=e^q`: :math:`\log(\kappa se^{\kappa
        s}/\zeta)=f/\Delta\lambda`""",
        is_zero(sp.diff(f, s, 2) + dl / s**2)
        and is_zero(sp.expand((sp.log(s) + dL / dl * s) + dc / dl - f / dl)),
    )
    w = sp.Symbol("w", real=True)
    slope = sp.diff(w * sp.exp(w), w)
    page.check(
        rf""":math:`(we^w)'={tex(sp.factor(slope))}`, zero at :math:`w=-1` alone, where :math:`we^w=-1/e`""",
        sp.solve(slope, w) == [-1] and (w * sp.exp(w)).subs(w, -1) == -sp.exp(-1),
    )
