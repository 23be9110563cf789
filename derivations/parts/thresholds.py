"""How important positive columns of a 4-gon may become: Theorem 12 of derivation 4."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import flint
import mpmath
import sympy as sp
from flint import arb, arb_mat, fmpq
from parts.page import Page, is_zero

from kgon.potential.symbolic import RISING, a, b, off_integral

BITS = 256
beta0, beta2, h, u, v, p, weight, nu0, nu2 = sp.symbols("beta_0 beta_2 h u v p I nu_0 nu_2", real=True)
OFF = off_integral(RISING)


@dataclass(frozen=True)
class Case:
    """4^{σ+}: m positive columns of importance I, n of importance 1, and d dead ones.

    ``start`` is a solution to a few digits, found by optimisation: (β₀, β₂, h, u, v, I) at p = 1;
    ``share`` is the part of the middle gap given to output 2.
    """

    c: int
    m: int
    n: int
    start: tuple[float, ...]
    share: tuple[int, int] = (1, 1)

    @property
    def dead(self) -> int:
        return self.c - 4 - self.m - self.n


CASES = (
    Case(5, 1, 0, (-0.542, -0.852, 1.014, 1.444, 2.096)),
    Case(6, 1, 0, (-0.527, -0.773, 0.866, 1.182, 1.501)),
    Case(6, 1, 1, (-0.508, -0.638, 0.825, 1.060, 0.650, 2.394)),
    Case(6, 2, 0, (-0.688, -1.339, 1.459, 2.300, 2.071), (3, 5)),
    Case(7, 1, 0, (-0.519, -0.734, 0.794, 1.056, 1.240)),
    Case(7, 2, 0, (-0.649, -1.136, 1.153, 1.746, 1.319)),
    Case(8, 1, 0, (-0.515, -0.710, 0.751, 0.982, 1.095)),
    Case(9, 1, 0, (-0.513, -0.695, 0.722, 0.934, 1.004)),
    Case(10, 1, 0, (-0.511, -0.684, 0.700, 0.899, 0.941)),
)


def off(slope: sp.Expr, bias: sp.Expr) -> sp.Expr:
    """The pair function off in the region rising, of symbols."""
    return OFF.subs({a: slope, b: bias}, simultaneous=True)


def half(case: Case) -> sp.Expr:
    """q/2 on the directions that are symmetric about the diagonal, ν not yet eliminated."""
    live = sum((x**2 + 3 * x * y + 3 * y**2) / 3 for x, y in ((nu0, beta0), (nu2, beta2)))
    pull = (weight * case.m * p - case.n * v) / (2 * case.c)
    whole = case.m * p - case.n * v + (nu0 - nu2) / 2 - h - (1 + case.dead) * u
    felt = off(h, beta0) + off(h, beta2) + (1 + case.dead) * off(u, beta2)
    return live + felt + case.m * off(p, beta0) + case.n * off(v, beta2) + pull * whole


def unknowns(case: Case) -> tuple[sp.Symbol, ...]:
    """The unknowns of the reduced problem, when p is set to 1."""
    return (beta0, beta2, h, u, *([v] if case.n else []), weight)


def system(case: Case) -> list[sp.Expr]:
    """The derivatives of q/2 in β₀, β₂, h, u, v and p, with ν at its minimum, at p = 1."""
    value = half(case)
    least = sp.solve([sp.diff(value, nu) for nu in (nu0, nu2)], (nu0, nu2), dict=True)[0]
    reduced = value.subs(least)
    return [sp.together(sp.diff(reduced, x).subs(p, 1)) for x in (*unknowns(case)[:-1], p)]


def enclosed(
    equations: Sequence[sp.Expr], symbols: Sequence[sp.Symbol], start: Sequence[float], digits: int = 60
) -> list[arb]:
    """Newton's method to many digits, then Krawczyk's theorem on the box of radius 10^(10 − digits).

    Raises
    ------
    AssertionError
        Not proved.
    """
    n = len(symbols)
    values = sp.lambdify(symbols, list(equations), modules="mpmath")
    with mpmath.workdps(digits + 10):
        root = mpmath.findroot(lambda *z: values(*z), [mpmath.mpf(x) for x in start])
        point = [arb(mpmath.nstr(x, digits)) for x in root]
    point = [x.mid() for x in point]
    radius = arb(10) ** (10 - digits)
    box = [x + arb(0, 1) * radius for x in point]
    jacobian = sp.Matrix(equations).jacobian(symbols)
    plain: Callable[..., list[arb]] = sp.lambdify(symbols, list(equations), modules=[{}])
    slopes: Callable[..., list[list[arb]]] = sp.lambdify(
        symbols, [[sp.together(x) for x in row] for row in jacobian.tolist()], modules=[{}]
    )
    Y = arb_mat([[arb(x.mid()) for x in row] for row in arb_mat(slopes(*point)).inv().tolist()])
    one = arb_mat([[int(i == j) for j in range(n)] for i in range(n)])
    spread = arb_mat([[x - y] for x, y in zip(box, point, strict=True)])
    image = (one - Y * arb_mat(slopes(*box))) * spread - Y * arb_mat([[x] for x in plain(*point)])
    found = [x + image[i, 0] for i, x in enumerate(point)]
    if not all(x.contains_interior(y) for x, y in zip(box, found, strict=True)):
        raise AssertionError("Krawczyk's image is not inside its box")
    return found


def moments(slope: arb, bias: arb) -> tuple[arb, arb, arb]:
    """M₀, M₁, M₂ of λ = (slope·μ + bias)₊, by the formulas of derivation 2d with k and τ."""
    tau = -bias / slope
    rest = 1 - tau
    return slope * rest**2 / 2, slope * rest**2 * (2 + tau) / 6, slope**2 * rest**3 / 3


@dataclass(frozen=True)
class Threshold:
    """I*, and what Theorem 12 asks for."""

    importance: arb
    rising: bool
    alpha: arb
    diagonal: arb


def threshold(case: Case) -> Threshold:
    """The solution of the system in balls, its regions, α and G(1, 1)."""
    with flint.ctx.workprec(BITS):
        z = enclosed(system(case), unknowns(case), case.start)
        B0, B2, H, U = z[:4]
        V = z[4] if case.n else arb(1)
        importance = z[-1]
        c, m, n, d = case.c, case.m, case.n, case.dead
        rising = all(x < 0 for x in (B0, B2)) and all(
            x > 0 for x in (H + B0, H + B2, U + B2, 1 + B0, *([V + B2] if n else []))
        )
        R = (importance * m - n * V) / (2 * c)
        rising = rising and bool(R > 0)
        part = arb(fmpq(*case.share))
        first, upper, lower, wide = (moments(*x) for x in ((arb(1), B0), (H, B0), (H, B2), (U, B2)))
        others = moments(V, B2) if n else (arb(0),) * 3
        constant = R * (m - n * V) + 2 * m * first[1] + 2 * n * V * others[1]

        def bound(squares: arb, biases: Sequence[arb], pulls: Sequence[arb], times: int) -> arb:
            live = sum((3 * x * x - 3 * x * r + r * r for x, r in zip(pulls, biases, strict=True)), arb(0))
            return times * constant - squares - live

        own = m * first[2] + upper[2] + lower[2] + d * wide[2] + n * others[2]
        at2 = 2 * (lower[0] + d * wide[0] + n * others[0])
        alpha = bound(
            own + (part**2 + (1 - part) ** 2) * wide[2],
            (2 * m * first[0], 2 * upper[0], at2 + 2 * part * wide[0], 2 * (1 - part) * wide[0]),
            (R / 2, arb(0), -R / 2, arb(0)),
            1,
        )
        both = (2 * (m * first[0] + upper[0]),) * 2 + (at2 + 2 * wide[0],) * 2
        diagonal = bound(2 * (own + wide[2]), both, (R / 2, R / 2, -R / 2, -R / 2), 2)
        return Threshold(importance, rising, alpha, diagonal)


def thresholds(page: Page) -> None:
    """Theorem 12: up to which importance of its positive columns a 4-gon is a minimum."""
    page.text(
        r"""**The importance of positive columns of a 4-gon.** Let :math:`m\ge1` of the :math:`\sigma=m+n`
        positive columns of :math:`4^{\sigma+}` have importance :math:`I`, all other columns 1;
        :math:`\delta` columns are dead, :math:`b=1/(2c)`. The contribution of a positive output is a
        polynomial (derivation 2d, Theorem 1), and so is now, with :math:`P_1`, :math:`P_2` the sums of the
        :math:`W_p` of the two kinds, the leading part of :math:`c(L-L^*)`""",
    )
    page.math(
        r"q_I=C_I+b\,(I\,P_1+P_2)\cdot(P_1+P_2+T);",
    )
    page.text(
        r""":math:`C_I` depends on :math:`I` only by the terms :math:`c\,I\,\eta_p^2`; put
        :math:`\eta=0`, where it is least. On the directions that are symmetric about the
        diagonal of the square (section 2d.5), with slopes :math:`p` and :math:`-v` of the two kinds,
        :math:`h=f-g` and :math:`u=2g=w`,""",
    )
    page.math(
        r"\tfrac12q_I=\ &\sum_{i=0,2}\tfrac13(\nu_i^2+3\nu_i\beta_i+3\beta_i^2)+\operatorname{off}(h,\beta_0)"
        r"+\operatorname{off}(h,\beta_2)+(1+\delta)\operatorname{off}(u,\beta_2)"
        r"+m\operatorname{off}(p,\beta_0)",
        r"&+n\operatorname{off}(v,\beta_2)+b\,(Imp-nv)\bigl(mp-nv+\tfrac12(\nu_0-\nu_2)-h-(1+\delta)u\bigr)",
    )
    page.text(
        r"""as long as the outputs are off for the slopes :math:`-2f`, :math:`-p`, :math:`-w`, :math:`-v`
        that are left out; these have negative biases.""",
        r"""**Theorem 12.** Let :math:`(\nu,\beta,h,u,v,p,I^*)`, :math:`p=1`, be a zero of all partial
        derivatives of this function in :math:`\nu,\beta,h,u,v,p`, with
        :math:`\beta_0,\beta_2<0`, each slope of each off larger than :math:`-\beta`, and
        :math:`R=b(I^*m-nv)>0`; let :math:`\alpha>0`, a number defined in the proof; and let :math:`n=0`, or
        :math:`4^{n+}` with :math:`c` columns be a local minimum of the kind of Proposition 2 (i) of
        derivation 2d. Then :math:`4^{\sigma+}` is a local minimum for :math:`0<I<I^*`, and none for
        :math:`I>I^*`.""",
        r"""**Proof.** *Above.* By Euler's identity :math:`q_{I^*}=0` in this direction. :math:`q_I` is affine
        in :math:`I`, and positive there at :math:`I=0`: it is :math:`C>0` or the leading part for
        :math:`4^{n+}` with :math:`\delta+m` dead columns. So :math:`q_I<0` there for :math:`I>I^*`.
        *Below,* :math:`I=I^*`. Fix :math:`R=b(I^*P_1+P_2)\in\mathbb R^2`. Then
        :math:`q=C+R\cdot(P_1+P_2+T)` is *convex* in all that is left, and columns of one kind may be
        replaced by their mean. By the symmetry of the square let :math:`R_x,R_y\ge0`, and let the zero
        stand for :math:`R=(R,R)`. Bound each off by the linear minorant of section 2d.3, with multipliers
        that are linear in :math:`(R_x,R_y)`,""",
    )
    page.math(r"\lambda=\tfrac{R_x}R\lambda^x+\tfrac{R_y}R\lambda^y,")
    page.text(
        r"""where :math:`\lambda^y` is the mirror image of :math:`\lambda^x` in the diagonal, and
        :math:`\lambda^x` has: at output 0, :math:`(p\mu+\beta_0)_+` for the columns of
        importance :math:`I`; for gap 1, :math:`(h\mu+\beta_0)_+` at output 1 and
        :math:`(h\mu+\beta_2)_+` at output 2; for gap 2, :math:`\theta\,(u\mu+\beta_2)_+` at output 2 and
        :math:`(1-\theta)(u\mu+\beta_2)_+` at output 3; at output 2, :math:`(u\mu+\beta_2)_+` for the
        dead columns and :math:`(v\mu+\beta_2)_+` for the others; and 0 elsewhere.
        The derivatives in :math:`h`, :math:`u` vanish: these are the conditions under which :math:`\varphi`
        and :math:`D` cancel (section 2d.4, with :math:`R` for :math:`BP`). Those in :math:`v` and
        :math:`p` give""",
    )
    page.math(r"R\left(1-\tfrac1{I^*}\right)-2M_1(v\mu+\beta_2)-\tfrac1{I^*}\,2M_1(p\mu+\beta_0)=0,")
    page.text(
        r"""if :math:`n\ge1` the condition under which :math:`P_2` cancels once :math:`P_1=(R/b-P_2)/I^*` is
        put in. So the bound, minimised over :math:`\nu` and :math:`\beta`, is a quadratic form, symmetric
        in :math:`R_x` and :math:`R_y`:
        :math:`G=\alpha(R_x^2+R_y^2)/R^2+2\gamma R_xR_y/R^2`. At :math:`R_x=R_y=R` the multipliers are the
        functions :math:`X_+` themselves, where :math:`X_+^2=2\lambda X-\lambda^2`, and
        the direction of the theorem is the minimum: :math:`G=q_{I^*}=0`, :math:`\gamma=-\alpha`, and""",
    )
    page.math(r"q_{I^*}\ \ge\ G=\frac\alpha{R^2}\,(R_x-R_y)^2\ \ge\ 0.")
    page.text(
        r"""Here, with the moments :math:`M_i(a,\beta)` of :math:`(a\mu+\beta)_+` and
        :math:`\Lambda(x,r)=3x^2-3xr+r^2` (section 2d.3), :math:`\alpha` is the bound at
        :math:`(R_x,R_y)=(R,0)`:""",
    )
    page.math(
        r"\alpha=\ &R\,(m-nv)+2mM_1(1,\beta_0)+2nv\,M_1(v,\beta_2)-mM_2(1,\beta_0)-M_2(h,\beta_0)"
        r"-M_2(h,\beta_2)",
        r"&-\bigl(\theta^2+(1-\theta)^2+\delta\bigr)M_2(u,\beta_2)-n\,M_2(v,\beta_2)",
        r"&-\Lambda\bigl(\tfrac R2,r_0\bigr)-\Lambda(0,r_1)"
        r"-\Lambda\bigl(-\tfrac R2,r_2\bigr)-\Lambda(0,r_3),",
        r"r_0&=2mM_0(1,\beta_0),\quad r_1=2M_0(h,\beta_0),\quad r_3=2(1-\theta)M_0(u,\beta_2),",
        r"r_2&=2M_0(h,\beta_2)+2(\theta+\delta)M_0(u,\beta_2)+2n\,M_0(v,\beta_2).",
    )
    page.text(
        r"""For :math:`0<I<I^*`, :math:`q_I` is a convex combination of
        :math:`q_0\ge\kappa\operatorname{dist}^2` and :math:`q_{I^*}\ge0` but for the terms in :math:`\eta`,
        which are positive. Apply Proposition 2 of derivation 2d. ∎""",
        r"""The equations are polynomial after clearing denominators, so that :math:`I^*` is an algebraic
        number; its minimal polynomial is not computed here. At :math:`I=I^*` itself nothing is decided.""",
    )
    found = {case: threshold(case) for case in CASES}
    rows = []
    for case, value in found.items():
        label = f"4^{{{'+' * (case.m + case.n)}}}"
        rows.append(
            [str(case.c), f":math:`{label}`", str(case.m), str(case.n), str(case.dead),
             f":math:`{value.importance.str(20, radius=False)}`",
             f":math:`{value.alpha.str(5, radius=False)}`"]
        )  # fmt: skip
    page.table(["c", "label", "m", "n", "δ", r":math:`I^*`", "α"], rows)
    page.check(
        """each row: Krawczyk's theorem for the system on a box of radius 1e-50, in balls; the regions; R > 0;
        α > 0 (with θ = 3/5 for m = 2, c = 6, and θ = 1 otherwise); G(1, 1) contains 0 and is smaller than
        1e-40""",
        all(
            x.rising and x.alpha > 0 and x.diagonal.contains(0) and abs(x.diagonal) < arb("1e-40")
            for x in found.values()
        ),
    )
    page.check(
        """the values agree with derivation 2d: I* > 1 for σ = 1, c ≤ 9, and for (c, σ) = (6, 2), (7, 2), and
        I* < 1 for σ = 1, c = 10""",
        all(bool(x.importance > 1) == (case.c < 10) for case, x in found.items())
        and bool(found[CASES[-1]].importance < 1),
    )
    general = Case(6, 1, 1, ())
    page.check(
        """Euler's identity for q/2, homogeneous of degree 2; and the relation between the derivatives in v
        and p, symbolically at c = 6, m = n = 1""",
        _identities(general),
    )


def _identities(case: Case) -> bool:
    value = half(case)
    symbols = (nu0, nu2, beta0, beta2, h, u, v, p)
    euler = sum(x * sp.diff(value, x) for x in symbols) - 2 * value
    bias = sp.Rational(1, 2 * case.c)
    R = bias * (weight * case.m * p - case.n * v)
    slopes = [sp.diff(off(*pair), pair[0]) for pair in ((v, beta2), (p, beta0))]
    relation = R * (1 - 1 / weight) - slopes[0] - slopes[1] / weight
    derivatives = sp.diff(value, v) / case.n + sp.diff(value, p) / (weight * case.m)
    return is_zero(euler) and is_zero(relation + derivatives)
