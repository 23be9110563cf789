"""Section 4 of derivation 4: what a chain of tubes proves."""

from __future__ import annotations

import sympy as sp
from parts.page import Page, is_zero


def tubes(page: Page) -> None:
    """Section 4.4: the tube theorem, how tubes join, their sense and inertia, Maxwell points."""
    page.section("4.4 Tubes")
    page.text(
        r"""In :math:`z=(y,p)\in\mathbb R^N`, :math:`N=n+1`, let :math:`F:\mathbb R^N\to\mathbb R^n` be
        :math:`C^1` with Lipschitz derivative, as :math:`\nabla L` is on the even coordinates away from the
        kinks. A *tube* is given by vectors
        :math:`m,t,\tau\in\mathbb R^N` and :math:`h,\rho>0` (the package takes :math:`\tau=t`):""",
    )
    page.math(
        r"T=\{\,z(s)+e:\ \lvert s\rvert\le h,\ \lvert e_i\rvert\le\rho\,\},\qquad z(s)=m+s\,t,\qquad"
        r"\Phi_s(z)=\begin{pmatrix}F(z)\\\tau\cdot(z-m)-s\end{pmatrix},\quad A=\Phi_s'.",
    )
    page.text(
        r"""**Theorem 9.** Let :math:`Y` be any :math:`N\times N` matrix, let the interval vector
        :math:`\gamma` contain :math:`Y\Phi_s(z(s))` for all :math:`\lvert s\rvert\le h` and the interval
        matrix :math:`\Delta` contain :math:`1-YA(z)` for all :math:`z\in T`. With :math:`B=[-\rho,\rho]^N`,
        suppose""",
    )
    page.math(r"-\gamma+\Delta B\subset\operatorname{int}B.")
    page.text(
        r"""(i) For each :math:`\lvert s\rvert\le h`, :math:`\Phi_s` has exactly one zero :math:`\zeta(s)` in
        :math:`T`, and it lies in :math:`z(s)+(-\gamma+\Delta B)`. (ii) :math:`\zeta` is a
        :math:`C^1` curve, and the zeros of :math:`F` in :math:`T` with :math:`\lvert\tau\cdot(z-m)\rvert\le
        h` are its points. (iii) *Joining:* if a zero of :math:`F` is known to lie in a set
        :math:`E`, and every :math:`z\in E` has :math:`\lvert\sigma\rvert\le h` and
        :math:`z-z(\sigma)\in B` for :math:`\sigma=\tau\cdot(z-m)`, this zero is on :math:`\zeta`. So if the
        end of the curve of one tube lies in such a set of the next, both are parts of one :math:`C^1` curve.
        (iv) *Sense:* let :math:`\lVert\Delta\rVert_\infty\le d<1`. The tangent :math:`\zeta'(s)` differs from
        the last column :math:`Ye` of :math:`Y` by at most :math:`\tfrac d{1-d}\lVert Ye\rVert_\infty` in each
        entry. If that is less than its last entry, :math:`p` is strictly monotone on the curve. (v)
        *Inertia:* if :math:`C^{\mathsf T}HC` is strictly diagonally dominant for every Hessian :math:`H` of
        an interval matrix that contains those of :math:`T`, all have the same number of negative
        eigenvalues.""",
        r"""**Proof.** (i) The assumption says
        :math:`\lvert\gamma_i\rvert+\sum_j\lvert\Delta_{ij}\rvert\rho<\rho`; so
        :math:`\lVert\Delta\rVert_\infty<1`, and :math:`Y` and every matrix with rows from those of
        :math:`A(T)` are regular. For :math:`\lvert e\rvert\le\rho`, by the mean value theorem,
        :math:`e-Y\Phi_s(z(s)+e)\in-\gamma+\Delta B`: Brouwer's theorem gives a fixed point, a zero.
        :math:`T` is convex, as the sum of a segment and a box; the difference of the values of
        :math:`\Phi_s` at two points of :math:`T` is their difference times the mean :math:`\int_0^1A`, and
        :math:`1-Y\!\int\!A\in\Delta`: so :math:`\Phi_s` is injective on all of :math:`T`. (ii) Implicit
        function theorem; a zero of :math:`F` in :math:`T` is a zero of :math:`\Phi_\sigma` with
        :math:`\sigma=\tau\cdot(z-m)`. (iii) The zero lies in :math:`T`, and (ii) applies; near it the zeros
        of :math:`F` are one curve, as :math:`A` is regular, so that both curves continue each other.
        (iv) :math:`A\zeta'=e`, so :math:`\zeta'-Ye=(1-YA)\zeta'`, and
        :math:`\lVert\zeta'\rVert\le\lVert Ye\rVert/(1-d)`. (v) Derivation 3, Theorem 3. ∎""",
        r"""All :math:`s` are treated at once and :math:`p` is not distinguished; a tube holds a fold as it
        does any other piece. For the enclosures the package uses Taylor's formula along the chord,""",
    )
    page.math(
        r"F(z(s))&=F(m)+s\,F'(m)t+s^2\!\int_0^1(1-\theta)\,F''(z(\theta s))[t,t]\,d\theta,",
        r"A(z(s)+e)&=A(m)+s\!\int_0^1A'(z(\theta s))[t]\,d\theta+\int_0^1A'(z(s)+\theta e)[e]\,d\theta:",
    )
    page.text(
        r"""the integrals lie in enclosures of the integrands, which are convex. :math:`A` is Lipschitz, not
        :math:`C^1`, where the curve crosses a border on which third derivatives of the pair functions jump;
        there an integrand takes values of either side, and the enclosure is the hull of both. As :math:`L`
        is affine in :math:`p`, :math:`A'` needs no derivative of order higher than one in :math:`p`.""",
        r"""*What a chain proves.* Tubes joined from one end of a range of :math:`p` to the other hold one
        :math:`C^1` curve. Where the sense is certain throughout, it is a graph over :math:`p`; the sense is
        not certain in the tubes at a fold, and these alone do not prove that there is only one fold. A
        fold, a branch point, a border or a Maxwell point is proved to exist, exactly one in a small box, by
        Krawczyk's theorem (derivation 3, Theorem 1) for the systems of Theorem 6; and to be *on the curve*
        by (iii). The interval reported for a Maxwell point is that of :math:`p` in a box whose two points
        are on the two proved curves.""",
    )
    s, theta, x = sp.symbols("s theta x")
    coefficients = sp.symbols("f:5")
    f = sum(c * x**i for i, c in enumerate(coefficients))
    m, t = sp.symbols("m t")
    remainder = sp.integrate(
        sp.expand((1 - theta) * sp.diff(f, x, 2).subs(x, m + theta * s * t) * t**2), (theta, 0, 1)
    )
    taylor = f.subs(x, m) + s * t * sp.diff(f, x).subs(x, m) + s**2 * remainder
    page.check(
        "Taylor's formula with this remainder, for a polynomial of degree 4 with symbolic coefficients",
        is_zero(f.subs(x, m + s * t) - taylor),
    )
