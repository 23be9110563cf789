"""Derivation 2c: exactly one regular k-gon for every k >= 5.

Every zero of g has a positive slope: by the Cauchy-Schwarz inequality for small m, by comparing sums with
integrals for k >= 60, and by bisection in ball arithmetic for k < 60.  Run with ``--check`` to compare
with the committed page.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil

import flint
import sympy as sp
from flint import arb
from parts.page import Page, all_zero, is_zero, run
from parts.polygon import A, B, F, G, H, M, g, m
from parts.sums import (
    CELLS,
    GROWTH,
    TERMS,
    agrees_with_g,
    averages,
    ball,
    boxes,
    cells,
    g_at_border,
    inequality_one,
    integral,
    power,
    rho_of,
    rises,
    sign_numerator,
    step,
    variation,
    zero_of_limit,
)

from kgon.kgons import polygons

P1, P2, P3 = M - m * H, G - 2 * m * M + m**2 * H, F - 3 * m * G + 3 * m**2 * M - m**3 * H
"""The sums of (x − m)^i / x over the active neighbours."""
c = m * (1 - m) / (1 + m)
FIRST = 60
"""From this k on sums are compared with integrals; below, each k is treated alone."""
LOW, MIDDLE, HIGH = Fraction(41, 100), Fraction(56, 100), Fraction(9, 10)
BELOW = Fraction(45, 100)
RATE = 80
"""|m_k − m_∞| ≤ RATE/k²."""


# --- 2c.1 -------------------------------------------------------------------------------------------------


def slope_at_zeros(page: Page) -> None:
    """Section 2c.1: the derivative of g at its zeros, and small m."""
    page.section("2c.1 The slope of g at its zeros")
    page.text(
        r"""The notation is that of derivation 2: :math:`b=-m\,l^2`, :math:`x_j=\cos j\alpha`,
        :math:`\alpha=2\pi/k`, and a regular k-gon with :math:`-l^2<b<0` is critical if and only if
        :math:`g(m)=0` and :math:`l^2=B/(2A)`.  All sums are over the active :math:`j` modulo :math:`k`,
        those with :math:`x_j>m`, :math:`j=0` included, and :math:`0<m<1`.  Let""",
    )
    page.math(
        r"P_i=\sum\frac{(x_j-m)^i}{x_j}\quad(i=1,2,3),\qquad c(m)=\frac{m(1-m)}{1+m},\qquad"
        r" c'(m)=\frac{1-2m-m^2}{(1+m)^2}."
    )
    page.text(r"""**Lemma 1.** On :math:`(0,1)`, :math:`g` is :math:`C^1`, and""")
    page.math(
        r"g=(1+m)\bigl(c\,P_2-2\,(1-m)P_2+2P_3\bigr)=\sum\frac{(x_j-m)^2}{x_j}"
        r"\bigl(m(1-m)-2(1-x_j)(1+m)\bigr).",
    )
    page.text(r"""Where :math:`g(m)=0`,""")
    page.math(r"P_2\,g'=(1+m)\Bigl(c'\,P_2^2+4\,(P_1P_3-P_2^2)\Bigr).")
    page.text(
        r"""**Proof.** :math:`A=P_3/3` and :math:`A'=-P_2`; :math:`A` is :math:`C^2` (Lemma 2 of derivation
        2).  Inside a cell both formulas are identities between polynomials in :math:`m` and the four sums
        :math:`F,G,H,M`, and both sides are continuous. ∎""",
    )
    x = sp.Symbol("x", positive=True)
    form = (1 + m) * ((c - 2 * (1 - m)) * P2 + 2 * P3)
    page.check(
        "the first form of g, in F, G, H, M and m; the second, for one symbolic cosine; c′",
        all_zero(
            (
                form - g,
                (c - 2 * (1 - m) + 2 * (x - m)) * (1 + m) - m * (1 - m) + 2 * (1 - x) * (1 + m),
                sp.diff(c, m) - (1 - 2 * m - m**2) / (1 + m) ** 2,
                sp.diff(c, m) - 2 / (1 + m) ** 2 + 1,
            )
        ),
    )
    right = (1 + m) * (sp.diff(c, m) * P2**2 + 4 * (P1 * P3 - P2**2))
    page.check(
        r":math:`P_2g'-(1+m)(c'P_2^2+4(P_1P_3-P_2^2))=\bigl(P_2/(1+m)-2P_1\bigr)\,g`, in F, G, H, M and m",
        is_zero(P2 * sp.diff(g, m) - right - (P2 / (1 + m) - 2 * P1) * g),
    )
    page.check("A = P₃/3 and A′ = −P₂", all_zero((3 * A - P3, sp.diff(A, m) + P2)))
    page.text(
        r"""**Proposition 2.** Let :math:`k\ge5`, :math:`0<m\le\sqrt2-1` and :math:`g(m)=0`.  Then
        :math:`g'(m)>0`.""",
        r"""**Proof.** By the Cauchy–Schwarz inequality :math:`P_2^2\le P_1P_3`, with equality only if all
        active :math:`x_j-m` are equal, that is for :math:`s=0`; but then :math:`g=m(1-m)^3\ne0`.  And
        :math:`c'\ge0` because :math:`m^2+2m\le1`. ∎""",
        r"""For large :math:`k` the zero is near 0.4925, where :math:`c'` is slightly negative.  There the
        defect in the Cauchy–Schwarz inequality has to be bounded below; further right :math:`g>0` will be
        shown directly.  With :math:`\delta=1-m`, :math:`t_j=(1-x_j)/\delta` (active: :math:`t_j<1`) and
        :math:`\vartheta=m/(2(1+m))`,""",
    )
    page.math(
        r"g=2\,(1+m)\,\delta^3\sum_{t_j<1}\frac{(1-t_j)^2(\vartheta-t_j)}{x_j},\qquad"
        r" P_i=\delta^i\sum_{t_j<1}\frac{(1-t_j)^i}{x_j}."
    )
    t, rho = sp.symbols("t rho")
    x = 1 - (1 - m) * t
    page.check(
        r"the formula for g in t, for one symbolic cosine, and :math:`\vartheta=(2-1/(1-\rho))/4` for"
        r" :math:`\rho=(1-m)/2`",
        all_zero(
            (
                m * (1 - m) - 2 * (1 - x) * (1 + m) - 2 * (1 + m) * (1 - m) * (m / (2 * (1 + m)) - t),
                m / (2 * (1 + m)) - ((2 - 1 / (1 - rho)) / 4).subs(rho, (1 - m) / 2),
            )
        ),
    )


# --- 2c.2 -------------------------------------------------------------------------------------------------


def sums_and_integrals(page: Page) -> None:
    """The error of a Riemann sum, in scaled variables."""
    page.section("2c.2 Sums and integrals")
    page.text(
        r"""**Lemma 3.** Let :math:`\psi` be :math:`2\pi`-periodic and Lipschitz, its derivative of bounded
        variation :math:`V` over a period.  Then
        :math:`\bigl|\alpha\sum_{j=1}^k\psi(j\alpha)-\int_0^{2\pi}\psi\bigr|\le\alpha^2V/12`.""",
        r"""**Proof.** Let :math:`K(\theta)=\tfrac12\theta^2-\tfrac12\alpha\theta+\tfrac1{12}\alpha^2` for
        :math:`0\le\theta\le\alpha`, continued with period :math:`\alpha`.  It is continuous with
        :math:`|K|\le\alpha^2/12`; inside the periods :math:`K''=1`, and at each node :math:`K'` falls by
        :math:`\alpha`.  Integrating by parts twice over a period of :math:`\psi`,
        :math:`\int K\,d\psi'=-\int K'\psi'\,d\theta=\int\psi\,d\theta-\alpha\sum\psi(j\alpha)`. ∎""",
    )
    theta, step_ = sp.symbols("theta alpha", positive=True)
    K = theta**2 / 2 - step_ * theta / 2 + step_**2 / 12
    page.check(
        "K(0) = K(α) = α²/12 is its maximum, K(α/2) = −α²/24 its minimum, and K′ falls by α at a node",
        all_zero(
            (
                K.subs(theta, 0) - step_**2 / 12,
                K.subs(theta, step_) - step_**2 / 12,
                K.subs(theta, step_ / 2) + step_**2 / 24,
                sp.diff(K, theta).subs(theta, step_ / 2),
                sp.diff(K, theta).subs(theta, 0) - sp.diff(K, theta).subs(theta, step_) + step_,
            )
        ),
    )
    page.text(
        r"""Put :math:`\rho=\delta/2` and :math:`\theta=2\arcsin(y\sqrt\rho)`, :math:`-1\le y\le1`.  Then
        :math:`\cos\theta=1-2\rho y^2`, and :math:`t=(1-\cos\theta)/\delta=y^2`.  For a polynomial
        :math:`N` with :math:`N(1)=0` let :math:`\psi=N(t)/\cos\theta` where :math:`t<1`, and 0
        elsewhere.  With :math:`P(v)=N(v)/(1-2\rho v)` and :math:`v=y^2`, :math:`\int\psi\,d\theta=
        4\sqrt\rho\,\hat I` and :math:`V=\hat V/\sqrt\rho`, where""",
    )
    page.math(
        r"\hat I(N,\rho)&=\int_0^1\frac{N(v)\,dy}{(1-2\rho v)\sqrt{1-\rho v}},",
        r"\hat V(N,\rho)&=\int_0^1\frac{2}{\sqrt{1-\rho v}}\,\Bigl|(1-2\rho v)\,P'(v)"
        r"+2v\,(1-\rho v)\,P''(v)\Bigr|\,dy+2\sqrt{1-\rho}\;|P'(1)|.",
    )
    page.text(r"""Lemma 3 then says:""")
    page.math(
        r"\left|\frac{\alpha}{4\sqrt\rho}\sum_{t_j<1}\frac{N(t_j)}{x_j}-\hat I(N,\rho)\right|\le"
        r"\varepsilon\,\hat V(N,\rho),\qquad"
        r"\varepsilon=\frac{\alpha^2}{24\,\delta}=\frac{\alpha^2}{48\,\rho}.\tag{1}"
    )
    page.text(
        r"""The last term of :math:`\hat V` is the jump of :math:`\psi'` at :math:`t=1`.  Both numbers depend
        on :math:`\rho` continuously down to :math:`\rho=0`, so that boxes of :math:`\rho` suffice.  The
        script encloses :math:`\hat I` by the power series of
        :math:`1/((1-2z)\sqrt{1-z})`, whose coefficients""",
    )
    page.math(r"0<a_n=\sum_{i\le n}\binom{2i}i4^{-i}\,2^{n-i}\le2^{n+1}")
    page.text(
        rf"""leave, for :math:`|N|\le1` on :math:`[0,1]` and {TERMS} terms, a tail of at most
        :math:`2(2\rho)^{{{TERMS}}}/(1-2\rho)`; the coefficients are integrated exactly,
        :math:`\int_0^1v^n\,dy=1/(2n+1)`.  It bounds :math:`\hat V` by ball arithmetic on {CELLS} equal
        intervals of :math:`y`.""",
    )
    y, rho = sp.symbols("y rho", positive=True)
    P = sp.Function("P")
    v = sp.Symbol("v")
    root = sp.sqrt(1 - rho * y**2)
    inner = root * sp.diff(P(v), v).subs(v, y**2) * 2 * y
    claimed = (2 / root) * (
        (1 - 2 * rho * y**2) * sp.diff(P(v), v) + 2 * v * (1 - rho * v) * sp.diff(P(v), v, 2)
    ).subs(v, y**2)
    cubic = sum(sp.Symbol(f"n{i}") * v**i for i in range(4))
    rational = cubic / (1 - 2 * rho * v)
    substituted = (sp.diff(inner, y) - claimed).replace(P, lambda z: rational.subs(v, z)).doit()
    uP1 = sp.diff(cubic, v) + 2 * rho * rational
    page.check(
        r""":math:`d\theta/dy=2\sqrt\rho/\sqrt{1-\rho y^2}`, so that :math:`\psi'=\sqrt{1-\rho y^2}\,
        \tfrac{d}{dy}P(y^2)/(2\sqrt\rho)`, and the integrand of :math:`\hat V` is :math:`\tfrac{d}{dy}` of
        :math:`\sqrt{1-\rho y^2}\,\tfrac{d}{dy}P(y^2)`, for a cubic N with symbolic coefficients""",
        is_zero(sp.diff(2 * sp.asin(y * sp.sqrt(rho)), y) ** 2 - 4 * rho / (1 - rho * y**2))
        and is_zero(sp.expand(substituted * root)),
    )
    page.check(
        "P′ and P″ as the script evaluates them: (1 − 2ρv)P′ = N′ + 2ρP, (1 − 2ρv)P″ = N″ + 4ρP′",
        all_zero(
            (
                (1 - 2 * rho * v) * sp.diff(rational, v) - uP1,
                (1 - 2 * rho * v) * sp.diff(rational, v, 2)
                - sp.diff(cubic, v, 2)
                - 4 * rho * sp.diff(rational, v),
            )
        ),
    )
    z = sp.Symbol("z")
    series = sp.series(1 / ((1 - 2 * z) * sp.sqrt(1 - z)), z, 0, 8).removeO()
    page.check(
        f"the coefficients a₀, …, a₇ against the series, and the bound for all {TERMS}",
        all(series.coeff(z, j) == sp.Rational(a.numerator, a.denominator) for j, a in enumerate(GROWTH[:8]))
        and all(0 < a <= 2 ** (j + 1) for j, a in enumerate(GROWTH)),
    )
    values = [Fraction(43, 100), Fraction(5, 7), Fraction(24, 25)]
    cases = [(k, value) for k in (7, 60, 301) for value in values]
    page.check(
        "(1) as an inequality between balls for the four N used below, at m = 43/100, 5/7, 24/25 and"
        " k = 7, 60, 301 (a test of the formulas and of their programs)",
        all(inequality_one(k, value) for k, value in cases),
    )
    page.check(
        r"the sum with the last of them, times :math:`2(1+m)\delta^3`, overlaps with the quartic g of"
        " derivation 2 in balls, where s ≥ 1",
        all(agrees_with_g(*case) for case in [*cases[:1], *cases[3:]]),
    )


# --- 2c.3 -------------------------------------------------------------------------------------------------


def convex_enough(rho: arb) -> bool:
    """Whether c′ + 4(P₁P₃/P₂² − 1) > 0 on a box, for every k ≥ FIRST."""
    epsilon = step(FIRST) ** 2 / (48 * rho)
    I1, I2, I3 = (integral(power(i), rho) for i in (1, 2, 3))
    V1, V2, V3 = (variation(power(i), rho) for i in (1, 2, 3))
    low1, low3, high2 = I1 - epsilon * V1, I3 - epsilon * V3, I2 + epsilon * V2
    here = 1 - 2 * rho
    dc = 2 / (1 + here) ** 2 - 1
    return bool(low1 > 0 and low3 > 0 and dc + 4 * (low1 * low3 / high2**2 - 1) > 0)


def sign_on(rho: arb, epsilon: arb, sign: int) -> bool:
    """Whether g has a sign on a box, if (1) holds with that ε or a smaller one."""
    N = sign_numerator(rho)
    return bool(sign * integral(N, rho) > epsilon * variation(N, rho))


def many_vertices(page: Page) -> None:
    """Section 2c.3: uniqueness for all k ≥ FIRST, from sums that are near integrals."""
    page.section(f"2c.3 k ≥ {FIRST}")
    page.text(
        rf"""**Proposition 4.** Let :math:`k\ge{FIRST}`.  (i) Where :math:`g(m)=0` and
        :math:`{float(LOW)}\le m\le{float(MIDDLE)}`, :math:`g'(m)>0`.  (ii) :math:`g>0` on
        :math:`[{float(MIDDLE)},\,1)`.""",
        rf"""**Proof.** In (1) :math:`\varepsilon` falls with :math:`k`; let
        :math:`\alpha_0=2\pi/{FIRST}`.  *Part (i).*  By Lemma 1 it suffices that
        :math:`c'+4\,(P_1P_3/P_2^2-1)>0`.  With :math:`N_i=(1-v)^i`, (1) bounds
        :math:`P_1` and :math:`P_3` below and :math:`P_2` above; their common factors cancel:""",
    )
    page.math(
        r"\frac{P_1P_3}{P_2^2}\ge\frac{(\hat I_1-\varepsilon_0\hat V_1)(\hat I_3-\varepsilon_0\hat V_3)}"
        r"{(\hat I_2+\varepsilon_0\hat V_2)^2},\qquad\varepsilon_0=\frac{\alpha_0^2}{24\,\delta}."
    )
    page.text(
        rf"""*Part (ii).* With :math:`N=(1-v)^2(\vartheta-v)`, (1) gives :math:`g>0` wherever
        :math:`\hat I>\varepsilon\hat V`.  For :math:`m\le{float(HIGH)}` this holds with
        :math:`\varepsilon_0`.  Let :math:`m\ge{float(HIGH)}`.  If at least two neighbours are active on each
        side, then, as :math:`\cos z\le1-z^2/2+z^4/24`,
        :math:`\delta>1-\cos2\alpha\ge2\alpha^2(1-\alpha^2/3)`, so that
        :math:`\varepsilon<1/(48\,(1-\alpha_0^2/3))` whatever :math:`k` is, and
        :math:`\hat I>\varepsilon\hat V` still holds, down to :math:`\delta=0`.  If none is active,
        :math:`g=m(1-m)^3>0`.  If one is active on each side, with :math:`t=t_1` and :math:`x_1>m`,""",
    )
    page.math(
        r"\sum\frac{(1-t_j)^2(\vartheta-t_j)}{x_j}=\vartheta+\frac2{x_1}(1-t)^2(\vartheta-t)"
        r"\ge\vartheta-\frac{8}{27\,m}(1-\vartheta)^3>0,"
    )
    page.text(
        r"""because :math:`(1-t)^2(t-\vartheta)\le\tfrac4{27}(1-\vartheta)^3` on :math:`[\vartheta,1]`, and
        :math:`\vartheta m` rises and :math:`(1-\vartheta)^3` falls with :math:`m`. ∎""",
    )
    page.check(
        rf"part (i) on :math:`{float(LOW)}\le m\le{float(MIDDLE)}`, on 64 boxes of ρ",
        all(convex_enough(rho) for rho in boxes(rho_of(MIDDLE), rho_of(LOW), 64)),
    )
    page.check(
        rf"part (ii), :math:`\hat I>\varepsilon_0\hat V` on"
        rf" :math:`{float(MIDDLE)}\le m\le{float(HIGH)}`, on 128 boxes",
        all(
            sign_on(rho, step(FIRST) ** 2 / (48 * rho), 1) for rho in boxes(rho_of(HIGH), rho_of(MIDDLE), 128)
        ),
    )
    epsilon = 1 / (48 * (1 - step(FIRST) ** 2 / 3))
    page.check(
        rf":math:`\hat I>\hat V/(48(1-\alpha_0^2/3))` on :math:`{float(HIGH)}\le m\le1`, on 16 boxes",
        all(sign_on(rho, epsilon, 1) for rho in boxes(Fraction(0), rho_of(HIGH), 16)),
    )
    t, q = sp.symbols("t vartheta")
    gap = sp.Rational(4, 27) * (1 - q) ** 3 - (1 - t) ** 2 * (t - q)
    square = (3 * t - 1 - 2 * q) ** 2 * (4 - 3 * t - q) / 27
    at = sp.Rational(HIGH.numerator, HIGH.denominator)
    theta = (m / (2 * (1 + m))).subs(m, at)
    page.check(
        r""":math:`\tfrac4{27}(1-\vartheta)^3-(1-t)^2(t-\vartheta)=\tfrac1{27}(3t-1-2\vartheta)^2
        (4-3t-\vartheta)`, which is not negative for :math:`t,\vartheta\le1`; and the last inequality at """
        + f"m = {float(HIGH)}",
        is_zero(gap - square) and bool(theta * at > sp.Rational(8, 27) * (1 - theta) ** 3),
    )


# --- 2c.4 -------------------------------------------------------------------------------------------------


def few_vertices(page: Page) -> None:
    """Section 2c.4: uniqueness for 5 ≤ k < FIRST, by bisection in balls."""
    page.section(f"2c.4 5 ≤ k < {FIRST}")
    page.text(
        rf"""For these :math:`k` the script bisects each cell with :math:`s\ge1` between {float(LOW)} and
        :math:`\cos\alpha` until on every interval either :math:`g\ne0` or :math:`g'>0`, in balls, with the
        quartic of derivation 2.  (Beyond :math:`\cos\alpha`, :math:`g=m(1-m)^3>0`.)""",
    )
    start = ball(LOW)
    page.check(
        rf"each zero of g on :math:`[{float(LOW)},1)` has :math:`g'>0`, for every k from 5 to {FIRST - 1};"
        rf" :math:`{float(LOW)}<\sqrt2-1`",
        all(
            rises(quartic, low.max(start), high)
            for k in range(5, FIRST)
            for low, high, quartic in cells(k)
            if not high < start
        )
        and (1 + LOW) ** 2 < 2,
    )


# --- 2c.5 -------------------------------------------------------------------------------------------------


def theorem(page: Page) -> None:
    """Section 2c.5: the theorem of uniqueness, and what follows from it."""
    page.section("2c.5 The theorem")
    page.text(
        r"""**Theorem 5.** For every :math:`k\ge5` and every :math:`c\ge k` there is exactly one pair
        :math:`(l,b)` with :math:`l>0`, :math:`b>-l^2` for which the regular k-gon points are critical points
        of :math:`L` (with zero columns that are dead or positive, as in derivation 2, Theorem 1).  It has
        :math:`-l^2<b<0`.  For :math:`k=3` and 4 there is exactly one as well, :math:`(1,0)`.""",
        rf"""**Proof.** By derivation 2, Theorem 1, Lemma 2 and Theorem 4, these pairs correspond to the
        zeros of :math:`g` on :math:`(0,1)`, and the last sentence is part of Theorem 4.  At every zero
        :math:`g'>0`: up to :math:`\sqrt2-1>{float(LOW)}` by Proposition 2; beyond, by Proposition 4 if
        :math:`k\ge{FIRST}` and by section 2c.4 if :math:`k<{FIRST}`.  So near each zero :math:`g` is negative
        before it and positive after it, and between two consecutive zeros it would have to change its
        sign once more; there is at most one zero.  There is one by derivation 2, Theorem 5. ∎""",
        r"""**Corollary 6.** Let :math:`k\ge5`, :math:`c\ge k`.  On :math:`\tau\ge0`, :math:`b\in\mathbb R`,
        the function :math:`R(\tau,b)+(c-k)\,b_+^2` has its global minimum at the k-gon and only there, and
        its Hessian there is positive definite.""",
        r"""**Proof.** For :math:`\tau>0`, :math:`0\le m<1` it is
        :math:`A\,(\tau-B/(2A))^2+\tfrac13-f/4`, and :math:`f'=-(1-m)Bg/(3A^2)` is positive before the zero
        :math:`m_k` of :math:`g` and negative after it, with :math:`f''(m_k)=-(1-m)Bg'/(3A^2)<0`.  For
        :math:`m\ge1` it is :math:`\tfrac13`.  For :math:`b=n\tau`, :math:`n\ge0`, it is at least
        :math:`\tfrac13-f_n/4` with :math:`f_n=B^2/A` of the proof of derivation 2, Theorem 4; there
        :math:`2B'A-BA'<0` for :math:`n>0`, so :math:`f_n\le f_0=f(0)<f(m_k)`, and
        :math:`f_n\to1/c` as :math:`n\to\infty`.  At :math:`\tau=0` it is
        :math:`\tfrac13-b_++c\,b_+^2\ge\tfrac13-1/(4c)\ge\tfrac13-f(0)/4`. ∎""",
        r"""**Corollary 7.** The k-gon has :math:`s=\lceil k/4\rceil-1`, the value fixed in the published
        text, for :math:`k=5,6,7,8,12` and no other :math:`k\ge5`.""",
        rf"""**Proof.** That value is the k-gon's if and only if its cell contains :math:`m_k`, that is if
        :math:`m_k<\cos(s\alpha)`, :math:`g(\cos s\alpha)>0`.  For :math:`k\ge{FIRST}` the second claim below
        gives :math:`m_k>{float(BELOW)}`, so :math:`s<k\arccos({float(BELOW)})/(2\pi)<0.176\,k<k/4-1`. ∎""",
    )
    published = [k for k in range(5, FIRST) if g_at_border(k, ceil(k / 4) - 1) > 0]
    negative = [k for k in range(5, FIRST) if g_at_border(k, ceil(k / 4) - 1) < 0]
    page.check(
        rf"""for 5 ≤ k < {FIRST}, :math:`g(\cos s\alpha)` at the published s is positive for
        k = {", ".join(map(str, published))} and negative for every other k""",
        published == [5, 6, 7, 8, 12] and len(published) + len(negative) == FIRST - 5,
    )
    rho = ball(rho_of(BELOW))
    share = ball(BELOW).acos() / (2 * arb.pi())
    page.check(
        rf":math:`-\hat I>\varepsilon_0\hat V` at m = {float(BELOW)}, hence g < 0 there for"
        rf" k ≥ {FIRST}; and :math:`\arccos({float(BELOW)})/(2\pi)<0.176<\tfrac14-\tfrac1{{{FIRST}}}`",
        sign_on(rho, step(FIRST) ** 2 / (48 * rho), -1)
        and bool(share < ball(Fraction(176, 1000)))
        and Fraction(176, 1000) < Fraction(1, 4) - Fraction(1, FIRST),
    )


def limit(page: Page) -> None:
    """Section 2c.6: the k-gon in the limit k → ∞."""
    page.section("2c.6 Large k")
    page.text(
        r"""**Corollary 8.** As :math:`k\to\infty`, :math:`m_k\to m_\infty`, the only zero in :math:`(0,1)` of
        the quartic of derivation 2 with :math:`F,G,H,M` replaced by their averages""",
    )
    page.math(
        r"\frac1\pi\cdot\frac{\theta+\sin\theta\cos\theta}2,\quad\frac1\pi\sin\theta,\quad"
        r"\frac1\pi\log\frac{1+\sin\theta}{\cos\theta},\quad\frac\theta\pi,\qquad\theta=\arccos m,"
    )
    page.text(
        rf"""and :math:`|m_k-m_\infty|\le{RATE}/k^2` for every :math:`k\ge5`.  Moreover
        :math:`k\,l^2\to B/(2\bar A)` and :math:`k\,(\tfrac13-R)\to B^2/(4\bar A)` at :math:`m_\infty`, with
        :math:`\bar A` from the same averages.""",
        rf"""**Proof.** The averages are :math:`\tfrac1{{2\pi}}\int_{{-\theta}}^\theta` of
        :math:`\cos^2,\cos,1/\cos` and 1, and by (1), as :math:`k\to\infty`, the sign of the averaged
        quartic is that of :math:`\hat I=\hat I_2\cdot(\vartheta-E)`, where :math:`E` is the mean of
        :math:`v` for the density proportional to
        :math:`(1-v)^2v^{{-1/2}}(1-2\rho v)^{{-1}}(1-\rho v)^{{-1/2}}`
        on :math:`[0,1]`.  The derivative of the logarithm of this density in :math:`\rho` is
        :math:`2v/(1-2\rho v)+v/(2(1-\rho v))` plus a constant.  It rises with :math:`v`, so its covariance
        with :math:`v`, which is :math:`dE/d\rho`, is positive: :math:`E` falls with :math:`m`, and
        :math:`\vartheta` rises with :math:`\vartheta'=1/(2(1+m)^2)`.  So there is only one zero, and
        :math:`|\vartheta-E|\ge|m-m_\infty|/(2(1+{float(MIDDLE)})^2)` for :math:`m\le{float(MIDDLE)}`.  For
        :math:`k\ge{FIRST}`, :math:`{float(BELOW)}<m_k<{float(MIDDLE)}`, and there (1) with :math:`g=0` says
        :math:`|\vartheta-E|\le\varepsilon\hat V/\hat I_2`.  The two limits follow from
        :math:`l^2=B/(2A)`, :math:`R=\tfrac13-B^2/(4A)` and :math:`A/k\to\bar A`, uniformly near
        :math:`m_\infty` by Lemma 3. ∎""",
    )
    at = zero_of_limit(Fraction(1, 2**80))
    mean = averages(at)
    mean_A = (mean[F] - 3 * at * mean[G] + 3 * at**2 * mean[M] - at**3 * mean[H]) / (3 * arb.pi())
    mean_B = (1 - at) ** 2 * (2 + at) / 3
    values = [
        (r"m_\infty", at),
        (r"\lim k\,l^2", mean_B / (2 * mean_A)),
        (r"\lim(-k\,b)", at * mean_B / (2 * mean_A)),
        (r"\lim k\,(\tfrac13-R)", mean_B**2 / (4 * mean_A)),
        (r"\lim s/k", at.acos() / (2 * arb.pi())),
    ]
    page.table(
        ["limit", "value"], [[f":math:`{name}`", value.str(15, radius=False)] for name, value in values]
    )
    page.check(
        "the averaged quartic changes its sign from − to + within 2⁻⁸⁰ of the first number; B and A as used"
        " for the others are those of derivation 2; all digits shown are certain to one unit of the last",
        bool(at.rad() < arb(2) ** -79)
        and all_zero((B - (1 - m) ** 2 * (2 + m) / 3, 3 * A - P3))
        and all(value.rel_accuracy_bits() > 60 for _, value in values),
    )
    page.check(
        rf""":math:`2(1+{float(MIDDLE)})^2\,\varepsilon\hat V/\hat I_2<{RATE}/k^2` on
        :math:`{float(BELOW)}\le m\le{float(MIDDLE)}`, on 32 boxes""",
        all(close(rho) for rho in boxes(rho_of(MIDDLE), rho_of(BELOW), 32)),
    )
    page.check(
        rf"for 5 ≤ k < {FIRST} the one :math:`m_k` of ``kgon.kgons.polygons`` has"
        rf" :math:`|m_k-m_\infty|<{RATE}/k^2`",
        all(
            len(found := polygons.regular_polygons(k)) == 1 and bool(abs(found[0].m - at) < arb(RATE) / k**2)
            for k in range(5, FIRST)
        ),
    )


def close(rho: arb) -> bool:
    """Whether the bound on |m_k − m_∞| is as stated on a box."""
    scale = 2 * (1 + ball(MIDDLE)) ** 2 * (2 * arb.pi()) ** 2 / (48 * rho)
    return bool(scale * variation(sign_numerator(rho), rho) / integral(power(2), rho) < RATE)


def build() -> Page:
    """Derivation 2c: exactly one regular k-gon for every k >= 5."""
    page = Page(__file__, "2c. Every k")
    page.text(
        r"""For every :math:`k\ge5` there is exactly one regular k-gon with :math:`b>-l^2` that is a critical
        point.  Derivation 2 proved that there is one.  This page proves that there is no second, that the
        k-gon is the global minimum of its reduced loss, and finds its limit as :math:`k\to\infty`.""",
    )
    with flint.ctx.workprec(128):
        slope_at_zeros(page)
        sums_and_integrals(page)
        many_vertices(page)
        few_vertices(page)
        theorem(page)
        limit(page)
    return page


if __name__ == "__main__":
    run(build)
