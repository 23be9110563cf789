"""What one output contributes to the loss: inequalities for off and D (derivation 6, sections 6.2, 6.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from itertools import pairwise, product

import sympy as sp
from parts.covering import H, hessian, m, q, slope_in_t, t
from parts.page import Page, all_zero, is_zero
from parts.polygon import A as ENERGY
from parts.polygon import B as ENERGY_B
from parts.polygon import F, G, M, g
from parts.polygon import H as INVERSES
from parts.polygon import m as m_of_2

from kgon.potential import any_number
from kgon.potential.symbolic import OFF, ON, RISING, a, b, diag_integral, mu, off_integral

N = sp.Symbol("N", positive=True)
third = sp.Rational(1, 3)
ENERGY_HERE = (q**3 + 2 * (t - m) ** 3 / t) / 3
"""A(m) of derivation 2 with one active neighbour on each side."""
GRID = [Fraction(x, 4) for x in (-9, -4, -3, -1, 0, 1, 2, 4, 7)]


def positive(x: Fraction) -> Fraction:
    """The positive part of a fraction."""
    return max(x, Fraction(0))


def integral(function: Callable[[Fraction], Fraction], kinks: Iterable[Fraction]) -> Fraction:
    """∫₀¹ of a function that is quadratic between the kinks: Simpson's rule, exact."""
    nodes = sorted({Fraction(0), Fraction(1), *(x for x in kinks if 0 < x < 1)})
    pieces = ((y - x) * (function(x) + 4 * function((x + y) / 2) + function(y)) for x, y in pairwise(nodes))
    return sum(pieces, Fraction(0)) / 6


def kinks(N: Fraction, b: Fraction) -> list[Fraction]:
    """Zeros of Nμ + b and of Nμ + b − μ."""
    return [-b / slope for slope in (N, N - 1) if slope]


def off(slope: Fraction, b: Fraction) -> Fraction:
    """The pair function off, computed from its integral."""
    return integral(lambda mu: positive(slope * mu + b) ** 2, [-b / slope] if slope else [])


def excess(N: Fraction, b: Fraction) -> Fraction:
    """The part D⁻ of D where the output is too large, computed from its integral."""
    return integral(lambda mu: positive(positive(N * mu + b) - mu) ** 2, kinks(N, b))


def shortfall(N: Fraction, b: Fraction) -> Fraction:
    """The part D⁺ of D where the output is too small, computed from its integral."""
    return integral(lambda mu: positive(mu - positive(N * mu + b)) ** 2, kinks(N, b))


def own(N: Fraction, b: Fraction) -> Fraction:
    """The pair function D of a column with itself, computed from its integral."""
    return integral(lambda mu: (mu - positive(N * mu + b)) ** 2, kinks(N, b))


def least(N: Fraction) -> Fraction:
    """The function g(N) of Lemma 2, a lower bound of D."""
    return (N - 1) ** 2 / (3 * (N + 1) ** 2)


def one_output(page: Page) -> None:
    """Section 6.2: Lemma 2, on the loss of one output."""
    page.section("6.2 One output")
    page.text(
        r"""**Lemma 2.** (i) :math:`\operatorname{off}\ge0`, and it does not decrease when :math:`a` or
        :math:`b` grows; :math:`\operatorname{off}(a,b)\ge b_+^2` for :math:`a\ge0`; :math:`\operatorname{off}
        (a,b)=0` if :math:`b\le-\max(a,0)`. (ii) *Covered outputs.* If :math:`w_i\cdot w_j\ge A_j` for some
        :math:`i\ne j`, then :math:`F_j\ge\tfrac16`. (iii) :math:`D=D^++D^-` with""",
    )
    page.math(
        r"D^+(N,b)=\int_0^1\bigl(\mu-\operatorname{relu}(N\mu+b)\bigr)_+^2d\mu,\qquad"
        r" D^-(N,b)=\int_0^1\bigl(\operatorname{relu}(N\mu+b)-\mu\bigr)_+^2d\mu=\operatorname{off}(N-1,b);"
    )
    page.text(
        r""":math:`D^+` does not grow and :math:`D^-` does not fall when :math:`N` or :math:`b` grows. (iv)
        For :math:`b\ge0`, :math:`\partial_bD(N,b)=2b-1+N`; for :math:`b\le-N`, :math:`D(N,b)=\tfrac13`. (v)
        For :math:`N\ge1`""",
    )
    page.math(
        r"\min_bD(N,b)=\mathsf g(N),\qquad\mathsf g(N)=\frac{(N-1)^2}{3\,(N+1)^2},"
        r"\quad\text{which grows with }N;"
    )
    page.text(
        r"""finally (vi), if :math:`w_x=0`, then
        :math:`F_x=\tfrac13-(b_x)_++c\,(b_x)_+^2\ge\tfrac13-\tfrac1{4c}`.""",
        r"""**Proof.** (i) :math:`\mu\ge0`, and :math:`\operatorname{relu}^2` does not decrease;
        :math:`\operatorname{off}(0,b)=b_+^2`; and in the last case :math:`a\mu+b\le0` on :math:`[0,1]`.
        (ii) With :math:`y=\operatorname{relu}(A_j\mu+b_j)` and :math:`y'=\operatorname{relu}(w_i\cdot
        w_j\,\mu+b_j)\ge y\ge0`, :math:`F_j\ge\int(\mu-y)^2+y'^2\ge\int(\mu-y)^2+y^2\ge\int\tfrac12\mu^2`.
        (iii) A square is the sum of the squares of its positive and negative parts, and
        :math:`\operatorname{relu}(N\mu+b)` grows with :math:`N` and :math:`b`. Where :math:`N\mu+b\ge0`,
        the integrand of :math:`D^-` is :math:`((N-1)\mu+b)_+^2`; elsewhere it is 0, and
        :math:`(N-1)\mu+b<0` as well. (iv) For :math:`b\ge0` the ReLU is active on :math:`[0,1]`; for
        :math:`b\le-N` nowhere. (v) By (iv) :math:`D` grows with :math:`b` for :math:`b\ge0`, and is
        :math:`\tfrac13>\mathsf g(N)` for :math:`b\le-N`. For :math:`b=-mN`, :math:`0\le m\le1`, its
        derivative in :math:`m` is :math:`Nq\,\bigl((1+m)-N(1-m)\bigr)`, :math:`q=1-m`, which is negative
        before and positive after :math:`m=(N-1)/(N+1)`. (vi)
        :math:`D(0,b)=\int(\mu-b_+)^2=\tfrac13-b_++b_+^2`, and each of the other :math:`c-1` columns adds
        :math:`\operatorname{off}(0,b)=b_+^2`. ∎""",
    )
    y, c = sp.symbols("y c", positive=True)
    page.check(
        r"""(ii): :math:`(\mu-y)^2+y^2-\tfrac12\mu^2=2\,(y-\tfrac12\mu)^2`, and
        :math:`\int_0^1\tfrac12\mu^2=\tfrac16`""",
        is_zero((mu - y) ** 2 + y**2 - mu**2 / 2 - 2 * (y - mu / 2) ** 2)
        and sp.integrate(mu**2 / 2, (mu, 0, 1)) == sp.Rational(1, 6),
    )
    points = [(x, y) for x, y in product(GRID, GRID) if x >= 0]
    page.check(
        f"""(i), (iii): at {len(points)} rational points, D, D⁺, D⁻ and off integrated exactly from their
        definitions: D = D⁺ + D⁻, D⁻(N, b) = off(N − 1, b), the signs of all steps between neighbouring
        points, and D and off as in derivation 1 (``kgon.potential.any_number``)""",
        all(
            own(n, y) == shortfall(n, y) + excess(n, y)
            and excess(n, y) == off(n - 1, y)
            and 3 * own(n, y) == any_number.diag(n, y)[0]
            for n, y in points
        )
        and all(3 * off(x, y) == any_number.off(x, y)[0] for x, y in product(GRID, GRID))
        and steps(),
    )
    on = sp.diff(diag_integral(ON), b).subs(a, N)
    page.check(
        r"(iv): :math:`\partial_bD`; D = ⅓ in the region off",
        is_zero(on - (2 * b - 1 + N)) and diag_integral(OFF) == third,
    )
    rising = diag_integral(RISING).subs({a: N, b: -m * N})
    best = (N - 1) / (N + 1)
    g_of_N = (N - 1) ** 2 / (3 * (N + 1) ** 2)
    page.check(
        r"""(v): the derivative in m; D at :math:`m=(N-1)/(N+1)` is :math:`\mathsf g(N)`;
        :math:`\mathsf g'=\tfrac43(N-1)/(N+1)^3`; D > g at the rational points with N ≥ 1, but for the one
        with equality""",
        all_zero(
            (
                sp.diff(rising, m) - N * q * (1 + m - N * q),
                rising.subs(m, best) - g_of_N,
                sp.diff(g_of_N, N) - sp.Rational(4, 3) * (N - 1) / (N + 1) ** 3,
            )
        )
        and all(own(n, y) >= least(n) for n, y in points if n >= 1)
        and [(n, y) for n, y in points if n >= 1 and own(n, y) == least(n)] == [(1, 0)],
    )
    zero = third - b + c * b**2
    page.check(
        r"(vi): D(0, b) and off(0, b) for b > 0; the minimum over b, at :math:`1/(2c)`",
        is_zero(diag_integral(ON).subs(a, 0) + (c - 1) * off_integral(ON).subs(a, 0) - zero)
        and is_zero(zero - (third - 1 / (4 * c)) - c * (b - 1 / (2 * c)) ** 2),
    )


def steps() -> bool:
    """Whether off, D⁻ and −D⁺ do not fall from one point of the grid to the next."""
    both = [(off, GRID), (excess, [x for x in GRID if x >= 0])]
    for function, slopes in (*both, (lambda n, y: -shortfall(n, y), [x for x in GRID if x >= 0])):
        values = [[function(x, y) for y in GRID] for x in slopes]
        lines = (*values, *zip(*values, strict=True))
        if any(y < x for line in lines for x, y in pairwise(line)):
            return False
    return True


# --- 6.4 ------------------------------------------------------------------------------------------------


def one_end(page: Page) -> None:
    """Lemmas 4 and 5: decoupling, and the minimum over A and b."""
    page.section("6.4 One end of an edge")
    page.text(
        r"""The edge inequality has five variables. It decouples into two inequalities, one for each
        end, with two essential variables.""",
        r"""**Lemma 4.** Let :math:`\kappa\ge0`, :math:`0\le\alpha<\tfrac\pi2` and
        :math:`0<a=\sqrt{AA'}\cos\alpha\le\min(A,A')`. Then :math:`w-(T-\kappa\alpha)\ge\tfrac12
        \bigl[E(A,b,\tfrac aA)+E(A',b',\tfrac a{A'})\bigr]` with""",
    )
    page.math(r"E(A,b,t)=D(A,b)+2\operatorname{off}(tA,b)+\kappa\arccos t-T.")
    page.text(
        r"""**Proof.** The function :math:`f(u)=\arccos(e^{-u})` is concave on :math:`u\ge0`: it is
        continuous, and for :math:`u>0` its derivative :math:`(e^{2u}-1)^{-1/2}` falls. With
        :math:`a/A=e^{-u}` and :math:`a/A'=e^{-u'}`, :math:`u,u'\ge0`, the mean of :math:`u` and :math:`u'`
        is :math:`-\log\cos\alpha`, so that :math:`\alpha\ge\tfrac12[\arccos(a/A)+\arccos(a/A')]`. Insert
        this in :math:`w+\kappa\alpha-T` and use :math:`a=\tfrac aA\,A=\tfrac a{A'}\,A'`. ∎""",
        r"""**Lemma 5.** For :math:`0\le m\le1` and :math:`0<t\le1` let, with :math:`q=1-m`,""",
    )
    page.math(
        r"H(m,t)=\frac13\left[1-\frac{q^4(2+m)^2}{4\,V(m,t)}\right],\qquad"
        r" V=q^3+\frac{2\,(t-m)_+^3}t,\qquad \hat A(m,t)=\frac{q^2(2+m)}{2V},\qquad H(1,t)=\frac13."
    )
    page.text(
        r"""For all :math:`A>0` and all :math:`b`, with :math:`m` the point of :math:`[0,1]` that is nearest
        to :math:`-b/A`,""",
    )
    page.math(r"D(A,b)+2\operatorname{off}(tA,b)\ \ge\ H(m,t).")
    page.text(
        r"""If :math:`0<m<1`, equality holds only for :math:`A=\hat A(m,t)`. :math:`H` is continuous.""",
        r"""**Proof.** *b = −mA with* :math:`0\le m<1`. The left side is
        :math:`\tfrac13-\tfrac13q^2(2+m)\,A+\tfrac13V\,A^2`, a parabola in :math:`A` with its minimum
        :math:`H(m,t)` at :math:`\hat A` only. *b ≤ −A.* Then :math:`m=1`, and :math:`D=\tfrac13=H(1,t)`. *b
        > 0.* Then :math:`m=0`. For fixed :math:`A` the left side is, for :math:`b\ge0`, a parabola in
        :math:`b` with the minimum""",
    )
    page.math(
        r"G(A)=\tfrac13(1-A)^2+\tfrac23t^2A^2-\tfrac1{12}\bigl(1-A\,(1+2t)\bigr)_+^2"
        r"\quad\text{at}\quad b=\tfrac16\bigl(1-A\,(1+2t)\bigr)_+."
    )
    page.text(
        r"""For small :math:`A` a positive bias is therefore better than none. But :math:`G` is :math:`C^1`
        and convex, with :math:`G''=\tfrac16(2+(1-2t)^2)` where the last term is active; and its derivative
        vanishes at :math:`A=1/(1+2t^2)`, because :math:`1/(1+2t^2)\ge1/(1+2t)` for :math:`t\le1` and the last
        term is not active there. So :math:`G\ge G(1/(1+2t^2))=H(0,t)`. *Continuity* as :math:`m\to1`:
        :math:`0\le1-3H\le\tfrac14q\,(2+m)^2`. ∎""",
    )
    checks_of_one_end(page)


def checks_of_one_end(page: Page) -> None:
    """What SymPy decides about Lemmas 4 and 5."""
    u = sp.Symbol("u", positive=True)
    slope = 1 / sp.sqrt(sp.exp(2 * u) - 1)
    page.check(
        r"""the derivative of :math:`\arccos(e^{-u})`, and its square :math:`1/(e^{2u}-1)`, whose derivative
        is :math:`-2e^{2u}/(e^{2u}-1)^2<0`""",
        sp.simplify(sp.diff(sp.acos(sp.exp(-u)), u) ** 2 - slope**2) == 0
        and sp.simplify(sp.diff(slope**2, u) + 2 * sp.exp(2 * u) / (sp.exp(2 * u) - 1) ** 2) == 0
        and sp.diff(sp.acos(sp.exp(-u)), u).subs(u, 1).evalf() > 0,
    )
    alone = sp.integrate(sp.expand((mu - N * (mu - m)) ** 2), (mu, m, 1)) + sp.integrate(mu**2, (mu, 0, m))
    neighbour = sp.integrate(sp.expand((N * (t * mu - m)) ** 2), (mu, m / t, 1))
    V = q**3 + 2 * (t - m) ** 3 / t
    whole = third - q**2 * (2 + m) * N / 3 + V * N**2 / 3
    A_hat = q**2 * (2 + m) / (2 * V)
    page.check(
        "the parabola in A, with and without active neighbours, from the integrals and from derivation 1",
        all_zero(
            (
                alone + 2 * neighbour - whole,
                alone - whole + 2 * N**2 * (t - m) ** 3 / (3 * t),
                alone - diag_integral(RISING).subs({a: N, b: -m * N}),
                neighbour - off_integral(RISING).subs({a: t * N, b: -m * N}),
            )
        ),
    )
    page.check(
        r"its minimum: the left side is :math:`H+\tfrac13V\,(A-\hat A)^2`",
        is_zero(whole - H - V * (N - A_hat) ** 2 / 3),
    )
    on = diag_integral(ON).subs(a, N) + 2 * off_integral(ON).subs(a, t * N)
    z = 1 - N * (1 + 2 * t)
    G_free = (1 - N) ** 2 / 3 + 2 * t**2 * N**2 / 3
    G_cut = G_free - z**2 / 12
    best = 1 / (1 + 2 * t**2)
    page.check(
        r"""b ≥ 0: the left side is :math:`\tfrac13(1-A)^2+\tfrac23t^2A^2-b\,z+3b^2` with :math:`z=1-A(1+2t)`;
        minimum :math:`-\tfrac1{12}z^2` at :math:`b=\tfrac16z`; both second derivatives of G, and its first
        where the formulas meet; the zero of G′, :math:`1/(1+2t^2)-1/(1+2t)=2t(1-t)/((1+2t^2)(1+2t))`, and
        the value :math:`H(0,t)`""",
        all_zero(
            (
                on - (G_free - b * z + 3 * b**2),
                3 * b**2 - b * z + z**2 / 12 - 3 * (b - z / 6) ** 2,
                sp.diff(G_cut, N, 2) - (2 + (1 - 2 * t) ** 2) / 6,
                sp.diff(G_free, N, 2) - 2 * (1 + 2 * t**2) / 3,
                sp.diff(G_cut - G_free, N).subs(N, 1 / (1 + 2 * t)),
                sp.diff(G_free, N).subs(N, best),
                best - 1 / (1 + 2 * t) - 2 * t * (1 - t) / ((1 + 2 * t**2) * (1 + 2 * t)),
                G_free.subs(N, best) - H.subs(m, 0),
            )
        ),
    )


def derivatives(page: Page) -> None:
    """The derivatives of H: the polygon equation, and what the coverings use."""
    sums = {F: 1 + 2 * t**2, G: 1 + 2 * t, INVERSES: 1 + 2 / t, M: 3, m_of_2: m}
    energy, top, quartic = (expression.subs(sums) for expression in (ENERGY, ENERGY_B, g))
    page.check(
        r""":math:`H=\tfrac13-B^2/(4A)` with A and B of derivation 2 for one active neighbour on each side,
        where :math:`A=\tfrac13V`; :math:`\hat A=B/(2A)`; and :math:`\partial_mH=\frac{(1-m)\,B}{12A^2}\,g`
        with its quartic g""",
        all_zero(
            (
                energy - ENERGY_HERE,
                H - third + top**2 / (4 * energy),
                q**2 * (2 + m) / (6 * ENERGY_HERE) - top / (2 * energy),
                sp.diff(H, m) - q * top * quartic / (12 * energy**2),
            )
        ),
    )
    A_hat = q**2 * (2 + m) / (6 * ENERGY_HERE)
    per_end = 2 * sp.diff(off_integral(RISING), a).subs({a: t * A_hat, b: -m * A_hat}) * A_hat
    page.check(
        r""":math:`\partial_tH(m,t)=2\,\hat A\,\partial_a\operatorname{off}(t\hat A,-m\hat A)>0` for
        :math:`t>m`: the derivative at fixed A and b, as A is where the parabola has its minimum""",
        all_zero((sp.diff(H, t) - per_end, sp.diff(H, t) - slope_in_t(m, t))),
    )


def monotone(page: Page) -> None:
    """What the bounds on a box rest on."""
    over = (t - m) ** 3 / t
    page.check(
        r""":math:`\tfrac d{dm}q^2(2+m)=-3q\,(1+m)`; :math:`\tfrac d{dm}q\,(2+m)^2=-3m\,(2+m)`;
        :math:`\partial_t\frac{(t-m)^3}t=\frac{(t-m)^2(2t+m)}{t^2}` and
        :math:`\partial_m\frac{(t-m)^3}t=-\frac{3(t-m)^2}t`; without neighbours
        :math:`H=\tfrac13-\tfrac1{12}q\,(2+m)^2`""",
        all_zero(
            (
                sp.diff(q**2 * (2 + m), m) + 3 * q * (1 + m),
                sp.diff(q * (2 + m) ** 2, m) + 3 * m * (2 + m),
                sp.diff(over, t) - (t - m) ** 2 * (2 * t + m) / t**2,
                sp.diff(over, m) + 3 * (t - m) ** 2 / t,
                third * (1 - q**4 * (2 + m) ** 2 / (4 * q**3)) - third + q * (2 + m) ** 2 / 12,
            )
        ),
    )
    s = sp.Symbol("s", positive=True)
    f = -12 * H
    direct = (
        sp.diff(f, m, 2),
        -s * sp.diff(f, m, t),
        s**2 * sp.diff(f, t, 2) - t * sp.diff(f, t),
    )
    page.check(
        r"""the second derivatives of :math:`H(m,\cos\theta)` as the script evaluates them in balls""",
        all_zero(x - y for x, y in zip(direct, hessian(m, t, s), strict=True)),
    )
