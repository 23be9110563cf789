"""Derivation 5a: the constants of the free energy.

Run with ``--check`` to compare with the committed page.
"""

from __future__ import annotations

from itertools import permutations
from math import factorial

import sympy as sp
from parts.dead_region import boundary, region
from parts.leading import sample
from parts.page import Page, is_zero, run
from parts.volumes import polar_jacobian
from parts.wick import wick

from kgon.kgons.labels import Label
from kgon.potential.symbolic import ON, a, b, diag_integral

COUNTED = (
    (Label(6), 6),
    (Label(5, 1), 6),
    (Label(5), 6),
    (Label(6), 7),
    (Label(4), 6),
    (Label(4, 1), 6),
    (Label(4, 2), 6),
)
"""Labels whose copies are counted by going through all permutations."""


def evidence(page: Page) -> None:
    """The evidence of a k-gon, and the constant that is to be computed."""
    page.text(
        r"""Derivation 5 gives the power of :math:`n`; this page gives the factor in front. Let
        :math:`\varphi` be the prior, :math:`N(0,I_d)` with :math:`d=3c`, and""",
    )
    page.math(r"Z_n=\int e^{-\beta nL(w)}\,\varphi(w)\,dw,\qquad F_n=-\log Z_n,")
    page.text(
        r"""the integral over a neighbourhood of all copies of a k-gon: of its whole flat set, turned,
        reflected, and with its columns permuted. The constant :math:`C` is defined by""",
    )
    page.math(r"F_n=\beta nL^*+\lambda\log(\beta n)+C+o(1).")
    page.text(
        r"""Everything depends on :math:`\beta` and :math:`n` through :math:`\beta n` only. Here :math:`L` is
        the population loss; :math:`r=2`, :math:`p` is uniform and :math:`I=1`. :math:`W^*` and :math:`w^*`
        are the weights and all parameters of the standard representative.""",
    )


def isolated(page: Page) -> None:
    """Section 5a.1: Theorem 1, on isolated orbits."""
    page.section("5a.1 Isolated orbits: k ≥ 5 and no dead column")
    page.text(
        r"""**Theorem 1.** Let :math:`k\ge5`, :math:`k+\sigma=c`, and let the point be a minimum (derivation
        5, Theorem A). Then :math:`\lambda=\tfrac12(d-1)` and""",
    )
    page.math(
        r"C=-\log\left[N\cdot2\pi\lVert W^*\rVert_F\cdot(2\pi)^{(d-1)/2}\,\det{}'(H)^{-1/2}\,"
        r"\varphi(w^*)\right],\qquad N=\frac{c!}{\sigma!\,k},",
    )
    page.text(
        r"""with :math:`\lVert W^*\rVert_F=\sqrt k\,l`, :math:`\varphi(w^*)=(2\pi)^{-d/2}e^{-\lVert
        w^*\rVert^2/2}`, :math:`H` the Hessian of :math:`L` at :math:`w^*`, and :math:`\det'` the product of
        its non-zero eigenvalues.""",
        r"""**Proof.** *The copies.* The orbit of :math:`w^*` under rotations is a circle:
        :math:`R_\theta W^*=W^*` only for :math:`\theta=0` modulo :math:`2\pi`, as a vertex is not 0. An
        arrangement of the :math:`c` columns on the :math:`k` vertices and the :math:`\sigma` positive places
        is one of :math:`c!/\sigma!`; two of them lie on one circle exactly if they differ by one of the
        :math:`k` cyclic shifts, which are the rotations by multiples of :math:`2\pi/k`. A reflection of the
        plane turns an arrangement into the reversed one, which has been counted. So there are
        :math:`N` circles, and they are disjoint.""",
        r"""*The length.* The velocity of :math:`R_\theta w^*` has the norm
        :math:`\lVert W^*\rVert_F`, so the circle has the length
        :math:`2\pi\lVert W^*\rVert_F`, and :math:`\lVert W^*\rVert_F^2=k\,l^2`.""",
        r"""*Laplace.* Across the circle the Hessian is positive definite, with the eigenvalues of
        :math:`H` other than the 0 along the circle. :math:`L` and :math:`\varphi` are invariant under
        rotations, so each circle contributes its length times
        :math:`\varphi(w^*)\,e^{-\beta nL^*}(2\pi/(\beta n))^{(d-1)/2}\det'(H)^{-1/2}(1+O(1/n))`. The
        Jacobian of the slice is 1 on the circle (Lemma 3 below). ∎""",
    )
    theta = sp.Symbol("theta", real=True)
    x, y = sp.symbols("x0:3", real=True), sp.symbols("y0:3", real=True)
    turn = sp.Matrix([[sp.cos(theta), -sp.sin(theta)], [sp.sin(theta), sp.cos(theta)]])
    velocity = (turn * sp.Matrix([x, y])).diff(theta)
    page.check(
        r"""the velocity of three arbitrary columns under rotation has the squared norm
        :math:`\lVert W\rVert_F^2`""",
        sp.simplify(sum(v**2 for v in velocity) - sum(v**2 for v in (*x, *y))) == 0,
    )
    page.check(
        f"""N by going through all permutations of the columns and collecting the circles, for
        {", ".join(f"{label.pretty} at c = {c}" for label, c in COUNTED)}:
        {", ".join(str(copies(label, c)) for label, c in COUNTED)}, as c!/(σ! δ! k) says; reflected copies are
        among them""",
        all(circles(label, c) == (copies(label, c), True) for label, c in COUNTED)
        and copies(Label(6), 6) == 120
        and copies(Label(5, 1), 6) == 144,
    )


def copies(label: Label, c: int) -> int:
    """How many copies of a polygon there are up to rotation: c!/(σ! δ! k)."""
    dead = c - label.k - label.sigma
    return factorial(c) // (factorial(label.sigma) * factorial(dead) * label.k)


def circles(label: Label, c: int) -> tuple[int, bool]:
    """Number of circles among all permutations of the columns, and whether reflections add none.

    A point is written as the place of every column: the number of its vertex, or its role.  A rotation
    that maps the polygon to itself shifts the numbers.
    """
    k = label.k
    roles = label.roles(c)
    places = [j if j < k else -1 if roles[j] == "positive" else -2 for j in range(c)]

    def circle(point: tuple[int, ...]) -> tuple[int, ...]:
        return min(tuple((j + s) % k if j >= 0 else j for j in point) for s in range(k))

    found = {circle(point) for point in set(permutations(places))}
    reflected = {circle(tuple(-j % k if j >= 0 else j for j in point)) for point in found}
    return len(found), reflected == found


def squares(page: Page) -> None:
    """Section 5a.5: Theorem 5 on 4-gons, and what holds for φ ≥ 1."""
    page.section("5a.5 The 4-gons")
    page.text(
        r"""Let :math:`\varphi=0` (no vertex switched off), and let :math:`q\ge\kappa\operatorname{dist}^2`
        as in derivation 2d, with its coordinates :math:`\nu_j,\varphi_j,\beta_j,W_s,\eta_p`; for
        :math:`\sigma=0`, :math:`q=C` there, and Lemma 3 gives :math:`\kappa`.""",
        r"""**Theorem 5.** With :math:`\lambda=\tfrac12(2c+3+\sigma)`,
        :math:`N=\dfrac{c!}{4\,\sigma!\,\delta!}` and :math:`I=\int e^{-q}`, over all coordinates except the
        dead biases and with :math:`\varphi_0=0`,""",
    )
    page.math(
        r"C=-\log\left[N\cdot2\pi\cdot2^{-4}\cdot(2\pi)^{-(3c-\delta)/2}"
        r"e^{-\frac12\left(4+\sigma/(4c^2)\right)}\cdot2^{-\delta}\cdot c^\lambda\,I\right].",
    )
    page.text(
        r"""**Proof.** *Copies:* as in Theorems 1 and 2, with :math:`k=4`. *Measure:* for live columns
        :math:`dW_j=\tfrac12\,d\nu_j\,d\varphi_j`, hence :math:`2^{-4}`. The integrand does not change if all
        columns are turned; with :math:`\varphi_j=\theta+\varphi_j'`, :math:`\varphi_0'=0`, the measure of the
        angles is :math:`d\theta\,d\varphi_1'd\varphi_2'd\varphi_3'`, and :math:`\theta` gives :math:`2\pi`.
        *Prior:* the density of the :math:`3c-\delta` coordinates other than the dead biases at
        :math:`w^*`; the norm is :math:`\lVert w^*\rVert^2=4+\sigma/(4c^2)`. The dead biases are flat and have
        the mass :math:`\Phi(0)=\tfrac12` each, in the sense of section 5a.2: cut off at :math:`-\eta`, and
        :math:`\eta\to0`. *Integral:* by derivation 2d, Theorem 1, :math:`c\,(L-L^*)=q+O(r^3)` with
        :math:`q` homogeneous of degree 2. Put :math:`z=\sqrt{c/(\beta n)}\,y`: the coordinates are
        :math:`2\lambda` in number, so that""",
    )
    page.math(r"\int e^{-\beta n(L-L^*)}dz=\left(\frac c{\beta n}\right)^\lambda\left(I+O(n^{-1/2})\right).")
    page.text(
        r"""On the slice dist² is positive definite, so :math:`I` is finite, and
        :math:`c\,(L-L^*)\ge\tfrac12\kappa \operatorname{dist}^2` near the point gives a bound for dominated
        convergence. ∎""",
        r"""The error is of order :math:`n^{-1/2}`, not :math:`1/n`: :math:`q` is not even, and terms of odd
        degree need not average out.""",
    )
    c, sigma = sp.symbols("c sigma")
    page.check(
        r"""the coordinates: 4 of ν, 4 of β, 3 angles, 2 for each of the σ + δ = c − 4 small columns, σ of η:
        2λ in number; :math:`dW=\tfrac12\,dN\,d\theta`""",
        is_zero(4 + 4 + 3 + 2 * (c - 4) + sigma - (2 * c + 3 + sigma))
        and is_zero(polar_jacobian() - sp.Rational(1, 2)),
    )
    page.check(
        """q is homogeneous of degree 2 but not even: in exact fractions at a direction of 4⁺, c = 6, and at
        its opposite""",
        homogeneous_not_even(),
    )
    page.text(
        r"""**With switched-off vertices,** :math:`\sigma=0`. The flat set :math:`F` of derivation 5 with
        the live columns :math:`\Lambda` carries the integral; the other columns are movable. With one
        or two live columns almost every point of :math:`F` has all conditions strict, and near it
        :math:`c\,(L-L^*)` is :math:`\sum_j\tfrac13(\nu_j^2+3\nu_j\beta_j+3\beta_j^2)` to leading order over
        the live :math:`j`, with :math:`\int e^{-\dots}d\nu_jd\beta_j=2\sqrt3\,\pi`. So""",
    )
    page.math(
        r"|\Lambda|=0:&\quad Z_n\to e^{-\beta nL^*}P_0,\qquad "
        r"P_0=\mathbb E_W\prod_j\Phi\bigl(-\max_iW_i\cdot W_j\bigr),",
        r"|\Lambda|=1:&\quad Z_n\sim e^{-\beta nL^*}\,c\cdot2\pi\cdot\frac{\sqrt3\,\pi c}{\beta n}\cdot"
        r"(2\pi)^{-3/2}e^{-1/2}\,P_1,",
        r"|\Lambda|=2:&\quad Z_n\sim e^{-\beta nL^*}\,\binom c2\cdot2\pi"
        r"\left(\frac{\sqrt3\,\pi c}{\beta n}\right)^2(2\pi)^{-3}e^{-1}"
        r"\int_{\pi/2}^{3\pi/2}P_2(\alpha)\,d\alpha,",
    )
    page.text(
        r"""with the prior mass :math:`P_1`, or :math:`P_2(\alpha)`, of the movable columns that are off and
        have :math:`W_m\cdot W_j\le0` for the live :math:`j`, where :math:`\alpha` is the angle between the
        two live columns; :math:`i=j` is included in the maximum. *Proof:* as above, by Fubini over the flat
        coordinates and dominated convergence. Near the part of :math:`F` over which is integrated, each
        movable output has :math:`b_m<0` and :math:`\lVert W_m\rVert^2+b_m<0`, so that its own input costs
        :math:`\tfrac13` and the others at least 0: :math:`c\,(L-L^*)` is at least the sum over the live
        outputs, which the lower bound of derivation 5, Lemma 2, holds for; the prior is integrable. Pairs of
        live columns are counted by :math:`\binom c2`, and
        :math:`\alpha=\theta_j-\theta_i`, :math:`i<j`, runs over all of
        :math:`[\tfrac\pi2,\tfrac{3\pi}2]`. This is the connected flat set of both configurations of
        :math:`\varphi=2`; the opposite one is a part of measure 0. Beyond the border
        :math:`\lVert W_m\rVert^2+b_m=0` of :math:`F` the loss falls, by diag; so the integral is over a
        neighbourhood of the part of :math:`F` with :math:`b_m,\lVert W_m\rVert^2+b_m\le-\eta`, and
        :math:`\eta\to0` after :math:`n\to\infty`, as in section 5a.2.""",
        r"""With three live columns, by derivation 5, Proposition 6, the kind (a) has
        :math:`\lambda=\tfrac{c+5}2`. Its constant is an integral over the distances :math:`x_m\ge0` of the
        movable columns on their ray. Near :math:`x=0`, with :math:`X=\max x_m`, opening the right angles of
        the live columns by :math:`z` in sum costs little while :math:`zX` is small, so that the integral
        over the two gaps is of order :math:`\int_0^{1/X}z\,dz`, that is :math:`X^{-2}`, and""",
    )
    page.math(r"\int_0X^{-2}\,X^{c-4}\,dX<\infty\quad\text{exactly if}\quad c\ge6.")
    page.text(
        r"""So :math:`4^-` has a constant at :math:`\lambda=\tfrac{c+5}2` for :math:`c\ge6` only. At c = 4
        the integral is carried by the opened points of kind (b), with :math:`\lambda=4`; at c = 5 a
        logarithm appears, as in Proposition 6.""",
    )
    N, eps, mu = sp.symbols("N varepsilon mu", positive=True)
    kink = (N - eps) / N  # where Nμ + b = 0 for b = −N + ε
    gain = sp.integrate(sp.expand((N * mu - N + eps) * (N * mu - N + eps - 2 * mu)), (mu, kink, 1))
    page.check(
        r"""beyond that border, with :math:`b=-N+\varepsilon`, diag is
        :math:`\tfrac13-\varepsilon^2/N+O(\varepsilon^3)`""",
        is_zero(sp.series(sp.expand(gain), eps, 0, 3).removeO() + eps**2 / N),
    )
    nu, beta = sp.symbols("nu beta", real=True)
    own = diag_integral(ON).subs({a: 1 + nu, b: beta}, simultaneous=True)
    hessian = sp.hessian(own, (nu, beta))
    X = sp.Symbol("X", positive=True)
    page.check(
        r"""the Gaussian integral of the live quadratic, :math:`2\pi/\sqrt{\det}=2\sqrt3\,\pi` with
        determinant 1/3; half of it, by :math:`dW=\tfrac12dN\,d\theta`, is :math:`\sqrt3\,\pi`""",
        hessian.det() == sp.Rational(1, 3)
        and is_zero(2 * sp.pi / sp.sqrt(hessian.det()) - 2 * sp.sqrt(3) * sp.pi),
    )
    page.check(
        r"""the integral :math:`\int_0^1X^{c-6}dX` for c = 4 to 8: infinite, infinite, 1, 1/2, 1/3""",
        [sp.integrate(X ** (size - 6), (X, 0, 1)) for size in range(4, 9)]
        == [sp.oo, sp.oo, 1, sp.Rational(1, 2), sp.Rational(1, 3)],
    )


def homogeneous_not_even() -> bool:
    """Whether q(2v) = 4 q(v) and q(−v) ≠ q(v)."""
    v = sample(6, 1, 0)

    def times(s: int) -> object:
        pairs = {name: [(s * x, s * y) for x, y in getattr(v, name)] for name in ("positive", "dead")}
        rest = {name: [s * x for x in getattr(v, name)] for name in ("nu", "beta", "phi", "eta")}
        return type(v)(**rest, **pairs).q()

    return times(2) == 4 * v.q() and times(-1) != v.q()


def build() -> Page:
    """Derivation 5a: the constants of the free energy."""
    page = Page(__file__, "5a. The constants of the free energy")
    evidence(page)
    isolated(page)
    region(page)
    boundary(page)
    wick(page)
    squares(page)
    return page


if __name__ == "__main__":
    run(build)
