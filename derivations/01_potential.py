"""Derivation 1: the potential in closed form, its smoothness, gradient and Hessian.

Lemma 3.1 of Chen et al. (2023), arXiv:2310.06301, from the integral over the input amplitude.
Run with ``--check`` to compare with the committed page.
"""

from __future__ import annotations

import sympy as sp
from parts.chain_rule import POINTS, generic_case, package_agrees
from parts.page import Page, all_zero, inline, is_zero, run, tex

from kgon.potential import symbolic
from kgon.potential.kernels import _generated
from kgon.potential.symbolic import FALLING, OFF, ON, RISING, Region, a, b, mu

N = sp.Symbol("N", positive=True)
ORDERS = symbolic.JET_ORDERS

CONDITIONS = {
    "on": r"b\ge 0,\ a+b\ge 0",
    "rising": r"b<0<a+b",
    "falling": r"a+b<0<b",
    "off": r"b\le 0,\ a+b\le 0",
}
INTERVALS = {"on": r"[0,1]", "rising": r"[-b/a,\,1]", "falling": r"[0,\,-b/a]", "off": r"\emptyset"}


def integral(integrand: sp.Expr, start: sp.Expr, end: sp.Expr) -> sp.Expr:
    """Definite integral of a polynomial in μ, term by term from its coefficients."""
    coefficients = sp.Poly(integrand, mu).all_coeffs()[::-1]
    terms = (c * (end ** (n + 1) - start ** (n + 1)) / (n + 1) for n, c in enumerate(coefficients))
    return sp.factor(sp.together(sum(terms, sp.Integer(0))))


def active(integrand: sp.Expr, region: Region) -> sp.Expr:
    """Integral over the part of [0, 1] where the ReLU is active."""
    return integral(integrand, region.start, region.end)


# --- 1. the pair integrals ---------------------------------------------------------------------

OFF_FORM = {region.name: active((a * mu + b) ** 2, region) for region in symbolic.OFF_REGIONS}
"""off(a, b) by region."""

DIAG_FORM = {
    region.name: sp.factor(
        active((mu - a * mu - b) ** 2, region)
        + integral(mu**2, sp.Integer(0), region.start)
        + integral(mu**2, region.end, sp.Integer(1))
    )
    for region in symbolic.DIAG_REGIONS
}
"""diag(N, b) by region, with the letter a for N."""


DIAG_SHOWN = {
    # (μ − Nμ − b)² = ((N − 1)μ + b)², so that the region on is off at a = N − 1.
    "on": OFF_FORM["on"].subs(a, N - 1),
    "rising": sp.Add(
        sp.Rational(1, 3), sp.factor(DIAG_FORM["rising"] - sp.Rational(1, 3)).subs(a, N), evaluate=False
    ),
    "off": DIAG_FORM["off"],
}
"""diag(N, b) by region, arranged for reading."""


def pair_integrals(page: Page) -> None:
    """Section 1.1: the two pair integrals in closed form, in every region."""
    page.section("1.1 The two pair integrals")
    page.text(
        r"""**Model.** :math:`W` is an :math:`r\times c` matrix with columns :math:`W_1,\dots,W_c`,
        :math:`b\in\mathbb R^c`, and :math:`f(x)=\operatorname{relu}(W^{\mathsf T}Wx+b)`.  The input is
        :math:`x=\mu e_i` with :math:`i\sim p` and :math:`\mu\sim U[0,1]`.  Output :math:`j` then receives
        the pre-activation :math:`\mu\,W_i\cdot W_j+b_j`, so that with output importances :math:`I_j`""",
    )
    page.math(
        r"L(W,b)&=\mathbb E\sum_j I_j\,(x_j-f_j(x))^2=\sum_{i}p_i\sum_j I_j\,\ell_{ij},",
        r"\ell_{ij}&=\operatorname{off}(W_i\cdot W_j,\,b_j)\quad(i\ne j),\qquad"
        r"\ell_{jj}=\operatorname{diag}(\lVert W_j\rVert^2,\,b_j),",
        r"\operatorname{off}(a,b)&=\int_0^1\operatorname{relu}(a\mu+b)^2\,d\mu,\qquad"
        r"\operatorname{diag}(N,b)=\int_0^1\bigl(\mu-\operatorname{relu}(N\mu+b)\bigr)^2d\mu\quad(N\ge 0).",
    )
    page.text(
        r"""**Lemma 1.** :math:`a\mu+b` is affine in :math:`\mu` and equals :math:`b` at :math:`\mu=0` and
        :math:`a+b` at :math:`\mu=1`.  The signs of these two numbers therefore decide on which part of
        :math:`[0,1]` the ReLU is active, and the integral over that part of the polynomial
        :math:`(a\mu+b)^2` is:""",
    )
    page.table(
        ["region", "condition", "active for", r":math:`\operatorname{off}(a,b)`"],
        [
            [name, f":math:`{CONDITIONS[name]}`", f":math:`{INTERVALS[name]}`", inline(OFF_FORM[name])]
            for name in ("on", "rising", "falling", "off")
        ],
    )
    page.text(
        r"""On a border of two regions both formulas apply and agree (section 1.3).  For the diagonal
        integral :math:`N\ge 0` excludes *falling*; outside the active part the integrand is
        :math:`\mu^2`:""",
    )
    page.table(
        ["region", r":math:`\operatorname{diag}(N,b)`"],
        [[name, inline(shown)] for name, shown in DIAG_SHOWN.items()],
    )
    page.check(
        "the diag table: each entry equals the integral over the active part plus the rest",
        all_zero(DIAG_FORM[name].subs(a, N) - shown for name, shown in DIAG_SHOWN.items()),
    )
    page.check(
        "the package's integrals (``kgon.potential.symbolic``) equal these seven expressions",
        all_zero(symbolic.off_integral(r) - OFF_FORM[r.name] for r in symbolic.OFF_REGIONS)
        and all_zero(symbolic.diag_integral(r) - DIAG_FORM[r.name] for r in symbolic.DIAG_REGIONS),
    )
    page.check(
        r"""the printed functions that the package evaluates (``kgon.potential.kernels._generated``),
        applied to symbols, are three times the value and all derivatives up to order two of these
        expressions, in every region""",
        all(printed_agrees(*case) for case in printed_cases()),
    )


def printed_cases() -> list[tuple[str, Region, sp.Expr]]:
    """Kind, region and derived expression of each printed function."""
    cases = [("off", r, OFF_FORM[r.name]) for r in symbolic.OFF_REGIONS if r is not OFF]
    return cases + [("diag", r, DIAG_FORM[r.name]) for r in symbolic.DIAG_REGIONS if r is not OFF]


def printed_agrees(kind: str, region: Region, value: sp.Expr) -> bool:
    """Whether a printed function returns 3 × the jet of ``value``."""
    printed = getattr(_generated, f"{kind}_{region.name}")(a, b, region.fraction)
    return all_zero(
        3 * sp.diff(value, a, i, b, j) - entry for (i, j), entry in zip(ORDERS, printed, strict=True)
    )


# --- 2. identities ------------------------------------------------------------------------------


def identities(page: Page) -> None:
    """Section 1.2: diag follows from off, which is homogeneous and convex."""
    page.section("1.2 One function suffices")
    page.text(
        r"""**Lemma 2.** (i) :math:`\operatorname{diag}=\tfrac13-\partial_a\operatorname{off}
        +\operatorname{off}` at :math:`a=N\ge0`.  (ii) :math:`\operatorname{off}` is homogeneous of degree
        two: :math:`\operatorname{off}(\lambda a,\lambda b)=\lambda^2\operatorname{off}(a,b)` for
        :math:`\lambda\ge0`, hence :math:`a\,\partial_a\operatorname{off}+b\,\partial_b\operatorname{off}
        =2\operatorname{off}`.  (iii) :math:`\operatorname{off}` is convex in :math:`(a,b)`.  With
        :math:`t` the length of the active interval, its Hessian away from the origin is""",
    )
    page.math(
        r"\partial^2\operatorname{off}(a,b)=2\int_{\text{active}}"
        r"\begin{pmatrix}\mu^2&\mu\\\mu&1\end{pmatrix}d\mu,\qquad \det\partial^2\operatorname{off}"
        rf"={tex(hessian_determinant())}."
    )
    page.text(
        r"""**Proof.** (i) Expand the square: :math:`\int\mu^2=\tfrac13`, and :math:`\partial_a
        \operatorname{off}=2\int\mu\operatorname{relu}(a\mu+b)\,d\mu`, because
        :math:`x\mapsto\operatorname{relu}(x)^2` is continuously differentiable with derivative
        :math:`2\operatorname{relu}(x)`.  (ii) :math:`\operatorname{relu}(\lambda x)=\lambda
        \operatorname{relu}(x)`; differentiate in :math:`\lambda` at 1.  (iii) For each
        :math:`\mu` the integrand is a convex function of a linear function of :math:`(a,b)`.  If
        :math:`(a,b)\ne(0,0)`, then :math:`a\mu+b` vanishes for at most one :math:`\mu\in[0,1]`, and away from
        it the Lipschitz function :math:`2\operatorname{relu}(a\mu+b)` is differentiable in :math:`(a,b)`:
        differentiate once more under the integral. ∎""",
    )
    page.check(
        "part (i), in the regions on, rising and off",
        all_zero(
            DIAG_FORM[r.name] - (sp.Rational(1, 3) - sp.diff(OFF_FORM[r.name], a) + OFF_FORM[r.name])
            for r in symbolic.DIAG_REGIONS
        ),
    )
    scale = sp.Symbol("lambda", positive=True)
    page.check(
        "part (ii), both statements, in all four regions",
        all_zero(
            difference
            for f in OFF_FORM.values()
            for difference in (
                f.subs({a: scale * a, b: scale * b}, simultaneous=True) - scale**2 * f,
                a * sp.diff(f, a) + b * sp.diff(f, b) - 2 * f,
            )
        ),
    )
    page.check(
        "part (iii), the formula for each second derivative and the determinant, in all four regions",
        all_zero(
            sp.diff(OFF_FORM[r.name], a, i, b, 2 - i) - active(2 * mu**i, r)
            for r in symbolic.OFF_REGIONS
            for i in (0, 1, 2)
        )
        and all_zero(
            hessian_matrix(r).det() - hessian_determinant().subs(symbolic.t, r.fraction)
            for r in symbolic.OFF_REGIONS
        ),
    )


def hessian_matrix(region: Region) -> sp.Matrix:
    """The Hessian of off in (a, b), in one region."""
    return sp.hessian(OFF_FORM[region.name], (a, b))


def hessian_determinant() -> sp.Expr:
    """det ∂²off through the active fraction t, from the region *rising*."""
    return sp.factor(hessian_matrix(RISING).det().subs(b, RISING.bias))


# --- 3. smoothness --------------------------------------------------------------------------------

BORDERS = (
    (ON, RISING, b, r"b=0,\ a>0"),
    (ON, FALLING, a + b, r"a+b=0,\ b>0"),
    (RISING, OFF, a + b, r"a+b=0,\ b<0"),
    (FALLING, OFF, b, r"b=0,\ a<0"),
)
"""The four rays from the origin that separate the regions of off: sides, equation, name."""


def jump(forms: dict[str, sp.Expr], border: tuple[Region, Region, sp.Expr, str], i: int, j: int) -> sp.Expr:
    """Jump of ∂_a^i ∂_b^j across a border: first side minus second, at a point of the border."""
    one, other, equation, _ = border
    difference = sp.diff(forms[one.name] - forms[other.name], a, i, b, j)
    return sp.factor(sp.together(difference).subs(b, 0 if equation == b else -a))


def jumps(
    forms: dict[str, sp.Expr], border: tuple[Region, Region, sp.Expr, str], order: int
) -> list[sp.Expr]:
    """Jumps of all derivatives of one order, ∂_a^order first."""
    return [jump(forms, border, order - j, j) for j in range(order + 1)]


def smoothness_of_off(page: Page) -> None:
    """Section 1.3: how smooth off is across every border of its regions."""
    page.section("1.3 How smooth off is")
    page.text(
        r"""The plane without the origin is cut by four rays into the four open regions; inside each,
        :math:`\operatorname{off}` is a polynomial or a rational function whose denominator :math:`3a`
        does not vanish.  The difference of the two formulas that meet at a ray is:""",
    )
    rows = []
    for border in BORDERS:
        one, other, _, name = border
        difference = sp.factor(OFF_FORM[one.name] - OFF_FORM[other.name])
        third = ", ".join(inline(x) for x in jumps(OFF_FORM, border, 3))
        rows.append([f":math:`{name}`", f"{one.name} − {other.name}", inline(difference), third])
    page.table(
        [
            "ray",
            "regions",
            "difference of the formulas",
            r"jump of :math:`\partial_a^3,\ \partial_a^2\partial_b,\ \partial_a\partial_b^2,\ \partial_b^3`",
        ],
        rows,
    )
    page.text(
        r"""**Proposition 3.** :math:`\operatorname{off}` is :math:`C^2` on
        :math:`\mathbb R^2\setminus\{(0,0)\}` and on no neighbourhood of a point of the four rays
        :math:`C^3`.  At the origin it is :math:`C^{1,1}` and not :math:`C^2`: its gradient is Lipschitz
        on the whole plane, with the best constant""",
    )
    lipschitz = max(sp.hessian(OFF_FORM["on"], (a, b)).eigenvals(), key=float)
    page.math(rf"\Lambda={tex(lipschitz)}={tex(sp.N(lipschitz, 6))}\ldots")
    page.text(
        r"""**Proof.** Each difference is a cube of the ray's equation over :math:`\pm 3a`: it vanishes with
        all derivatives of order at most two on the ray, and not to third order.  Near the origin: the
        gradient is homogeneous of degree one and continuous, so it is continuous at the origin, where
        it vanishes.  The second derivatives are homogeneous of degree zero, so at the origin they depend
        on the direction of approach, for instance :math:`\partial_b^2\operatorname{off}` is """
        + inline(sp.diff(OFF_FORM["on"], b, 2))
        + r""" in the region on and 0 in the region off: no limit exists.  By Lemma 2 (iii)
        :math:`\partial^2\operatorname{off}` is at most its value for the full interval, in the order
        of symmetric matrices, whose larger eigenvalue is :math:`\Lambda`; in the region on it
        has this value, so no smaller constant will do.  A segment that
        avoids the origin gives the Lipschitz bound by the mean value theorem; the others
        follow by continuity. ∎""",
    )
    page.check(
        "value, first and second derivatives agree on all four rays",
        all_zero(jump(OFF_FORM, border, i, j) for border in BORDERS for i, j in ORDERS),
    )
    page.check(
        "on every ray at least one third derivative jumps (each jump in the table is non-zero for a ≠ 0)",
        all(any(not is_zero(x) for x in jumps(OFF_FORM, border, 3)) for border in BORDERS),
    )
    moment = sp.Matrix([[mu**2, mu], [mu, 1]])
    page.check(
        r"""Λ is the larger eigenvalue of :math:`2\int_0^1`, and the matrix under the integral has trace
        :math:`1+\mu^2` and determinant 0, hence is positive semidefinite""",
        is_zero(moment.det())
        and is_zero(moment.trace() - mu**2 - 1)
        and lipschitz
        == max((2 * moment).applyfunc(lambda x: sp.integrate(x, (mu, 0, 1))).eigenvals(), key=float),
    )


def smoothness_of_diag(page: Page) -> None:
    """Section 1.4: how smooth diag is across every border and at the corner."""
    page.section("1.4 How smooth diag is")
    page.text(
        r"""The region of :math:`\operatorname{diag}` is the half-plane :math:`N\ge 0`, with the borders
        :math:`b=0` and :math:`N+b=0`.  By Lemma 2 (i) it contains one derivative of
        :math:`\operatorname{off}` and is in general one order less smooth:""",
    )
    inner = [border for border in BORDERS if FALLING not in border]
    rows = []
    for border in inner:
        one, other, _, name = border
        difference = sp.factor(DIAG_FORM[one.name] - DIAG_FORM[other.name]).subs(a, N)
        second = ", ".join(inline(x.subs(a, N)) for x in jumps(DIAG_FORM, border, 2))
        third = ", ".join(inline(x.subs(a, N)) for x in jumps(DIAG_FORM, border, 3))
        name = name.replace("a", "N")
        rows.append([f":math:`{name}`", f"{one.name} − {other.name}", inline(difference), second, third])
    page.table(
        [
            "ray",
            "regions",
            "difference of the formulas",
            r"jump of :math:`\partial_N^2,\ \partial_N\partial_b,\ \partial_b^2`",
            r"jump of :math:`\partial_N^3,\ \partial_N^2\partial_b,\ \partial_N\partial_b^2,\ \partial_b^3`",
        ],
        rows,
    )
    right = sp.diff(DIAG_FORM["on"], b).subs({a: 0, b: 0})
    left = sp.diff(DIAG_FORM["off"], b)
    page.text(
        r"""**Proposition 4.** For :math:`N>0`, :math:`\operatorname{diag}` is :math:`C^2` except on
        :math:`N+b=0`, where it is :math:`C^1` and all three second derivatives jump.  (On :math:`b=0,\ N>0`
        it is :math:`C^2`, and the third derivative in :math:`b` jumps.)  On the edge :math:`N=0`,
        :math:`b\ne 0`, it is given by one polynomial near each point.  At the corner :math:`(0,0)` it is
        continuous, but along :math:`N=0` the derivative in :math:`b` is """
        + inline(left)
        + r" for :math:`b<0` and tends to "
        + inline(right)
        + r" as :math:`b\downarrow 0`.",
        r"""**Proof.** The table, and on :math:`N=0`: the region is off for :math:`b<0` and on for
        :math:`b>0`, with values """
        + inline(DIAG_FORM["off"])
        + " and "
        + inline(sp.expand(DIAG_FORM["on"].subs(a, 0)))
        + ". ∎",
        r"""As a function of the column :math:`W_j`, with :math:`N=\lVert W_j\rVert^2`, the corner is mild in
        :math:`W_j` and sharp in :math:`b_j`: :math:`\partial_N\operatorname{diag}` is bounded near the
        corner, so that the derivative :math:`2W_j\,\partial_N\operatorname{diag}` tends to 0 there.""",
    )
    page.check(
        "value and first derivatives agree on both rays",
        all_zero(jump(DIAG_FORM, border, i, j) for border in inner for i, j in ((0, 0), (1, 0), (0, 1))),
    )
    page.check(
        "second derivatives agree on b = 0; the third derivative in b does not, for any N > 0",
        all_zero(jumps(DIAG_FORM, inner[0], 2))
        and jump(DIAG_FORM, inner[0], 0, 3).subs(a, N).is_nonzero is True,
    )
    page.check(
        "all three second derivatives jump on N + b = 0, for every N > 0",
        all(x.subs(a, N).is_nonzero is True for x in jumps(DIAG_FORM, inner[1], 2)),
    )
    page.check(
        f"the one-sided bias derivatives at the corner are {left} and {right}",
        (left, right) == (0, -1),
    )
    slope = sp.diff(DIAG_FORM["rising"], a).subs(b, RISING.bias)
    page.check(
        r"""in the region rising :math:`\partial_N\operatorname{diag}` is a polynomial in N and the active
        fraction :math:`0\le t\le1`, hence bounded near the corner""",
        sp.simplify(slope).is_polynomial(a, symbolic.t),
    )


# --- 4. gradient and Hessian ----------------------------------------------------------------------


def potential(page: Page) -> None:
    """Section 1.5: the gradient and the Hessian of L."""
    page.section("1.5 Gradient and Hessian of L")
    page.text(
        r"""Write :math:`a_{ij}=W_i\cdot W_j`,
        :math:`\omega_{ij}=p_iI_j`, and :math:`\ell^{a}_{ij},\ \ell^{b}_{ij},\ \ell^{aa}_{ij},\dots` for the
        derivatives of the pair function :math:`\ell_{ij}(a,b)` at :math:`(a_{ij},b_j)`; here
        :math:`\ell_{jj}` is diag and the others are off.""",
        r"""**Theorem 5.** At a point where the pair functions are differentiable, with the
        :math:`c\times c` matrix :math:`A_{ij}=\omega_{ij}\,\ell^a_{ij}`,""",
    )
    page.math(
        r"\nabla_W L&=W\,(A+A^{\mathsf T}),\qquad \text{that is}\quad"
        r"\nabla_{W_k}L=\sum_i\bigl(\omega_{ik}\,\ell^a_{ik}+\omega_{ki}\,\ell^a_{ki}\bigr)W_i,",
        r"\partial_{b_j}L&=\sum_i\omega_{ij}\,\ell^b_{ij}.",
    )
    page.text(
        r"""Where they are twice differentiable, with :math:`E_k` the inclusion of column :math:`k` into
        :math:`\mathbb R^{r\times c}` and :math:`d_{ij}=E_iW_j+E_jW_i` the gradient of :math:`a_{ij}` (so that
        :math:`d_{jj}=2E_jW_j`),""",
    )
    page.math(
        r"\nabla^2_{WW}L&=\sum_{i,j}\omega_{ij}\Bigl(\ell^{aa}_{ij}\,d_{ij}d_{ij}^{\mathsf T}"
        r"+\ell^{a}_{ij}\,(E_iE_j^{\mathsf T}+E_jE_i^{\mathsf T})\Bigr),",
        r"\nabla_W\partial_{b_j}L&=\sum_i\omega_{ij}\,\ell^{ab}_{ij}\,d_{ij},\qquad"
        r"\partial_{b_j}^2L=\sum_i\omega_{ij}\,\ell^{bb}_{ij},",
    )
    page.text(
        r"""and the mixed derivatives in two different biases vanish.""",
        r"""**Proof.** The chain rule: :math:`\ell_{ij}` depends on :math:`(W,b)` through :math:`a_{ij}`, a
        quadratic form with gradient :math:`d_{ij}` and constant Hessian
        :math:`E_iE_j^{\mathsf T}+E_jE_i^{\mathsf T}`, and through :math:`b_j`. ∎""",
    )
    cases = ((1, 2), (2, 3))
    differences = {case: generic_case(*case) for case in cases}
    named = ", ".join(f"({r}, {c})" for r, c in cases)
    page.check(
        f"""the gradient for (r, c) = {named}: direct differentiation of L with symbolic W, b, p, I and with
        arbitrary pair functions, so for every choice of regions at once""",
        all(x == 0 for case in cases for x in differences[case][0]),
    )
    page.check(
        "the Hessian in the same cases",
        all(x == 0 for case in cases for x in differences[case][1]),
    )
    results = [package_agrees(point, OFF_FORM, DIAG_FORM) for point in POINTS]
    seen = set().union(*(result[2] for result in results))
    page.check(
        f"""at {len(POINTS)} rational points with r = 2, c = 3, two of them with unequal p and I, whose pairs
        visit all four regions: ``kgon.potential.any_number.loss`` and ``gradient`` in exact fractions equal
        the directly differentiated L""",
        seen == {"on", "rising", "falling", "off"} and all(result[0] for result in results),
    )
    page.check(
        "at the same points the floating-point Hessian of the package agrees within 1e-12",
        all(result[1] for result in results),
    )


def consequences(page: Page) -> None:
    """Section 1.6: how smooth L is, and which symmetries it has."""
    page.section("1.6 Consequences")
    page.text(
        r"""**Corollary 6.** (i) :math:`L` is :math:`C^1` on the complement of the set where, for some
        :math:`j`, :math:`W_j=0` and :math:`b_j=0`, and its gradient is locally Lipschitz there.  (ii) It is
        :math:`C^2` near every point at which none of these occurs: :math:`W_i\cdot W_j=0=b_j` with
        :math:`i\ne j`; :math:`\lVert W_j\rVert^2+b_j=0` with :math:`b_j\le 0`.
        (iii) :math:`L(QW,b)=L(W,b)` for every orthogonal :math:`Q`.  (iv) A permutation of the features
        that is applied to :math:`W`, :math:`b`, :math:`p` and :math:`I` together does not change :math:`L`;
        for uniform :math:`p` and :math:`I` every permutation of the columns of :math:`(W,b)` is a
        symmetry.""",
        r"""**Proof.** (i), (ii) Propositions 3 and 4 and the chain rule; where
        :math:`\operatorname{diag}` is only :math:`C^1` its second derivatives are bounded near the border
        away from the corner.  (iii) :math:`L` depends on :math:`W` only through
        :math:`W^{\mathsf T}W`.  (iv) Rename the indices of the double sum. ∎""",
        r"""In particular, at a critical point on a kink, such as the 4-gon, where :math:`W_i\cdot W_j=0=b_j`
        for adjacent vertices, the gradient is still a continuous function, and *critical* means that it
        vanishes.  The leading part of :math:`L-L^*` there is positively homogeneous of degree two and need
        not be a quadratic form.""",
    )
    angle = sp.Symbol("theta", real=True)
    W = sp.Matrix(2, 3, sp.symbols("W:2:3"))
    turn = sp.Matrix([[sp.cos(angle), -sp.sin(angle)], [sp.sin(angle), sp.cos(angle)]])
    page.check(
        r"""the Gram matrix of three columns in the plane is unchanged by rotation through a symbolic angle
        and by reflection""",
        all(sp.simplify((Q * W).T * (Q * W) - W.T * W) == sp.zeros(3) for Q in (turn, turn * sp.diag(1, -1))),
    )


def build() -> Page:
    """Derivation 1: the potential in closed form, its smoothness, gradient and Hessian."""
    page = Page(__file__, "1. The potential")
    page.text(
        r"""The population loss of the toy model of superposition is a sum of two integrals over the input
        amplitude (Chen et al. 2023, Lemma 3.1, arXiv:2310.06301).  This page derives both integrals in
        closed form, decides how smooth they are across every border of their regions, and gives the
        gradient and Hessian of the loss.  Formulas below are the output of the script; what it
        checked is listed in the boxes.""",
    )
    pair_integrals(page)
    identities(page)
    smoothness_of_off(page)
    smoothness_of_diag(page)
    potential(page)
    consequences(page)
    return page


if __name__ == "__main__":
    run(build)
