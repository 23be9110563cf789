"""Section 4 of derivation 5a: the term of order 1/n at an isolated orbit."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from random import Random

import sympy as sp
from parts.page import Page, is_zero


def next_order(V: sp.Expr, psi: sp.Expr, z: Sequence[sp.Symbol]) -> sp.Expr:
    """The coefficient of 1/ν in log ∫ exp(−νV + ψ), for a minimum of V at z = 0."""
    origin = dict.fromkeys(z, 0)
    places = range(len(z))

    def derivative(f: sp.Expr, *indices: int) -> sp.Expr:
        return sp.diff(f, *(z[i] for i in indices)).subs(origin)

    G = sp.Matrix(len(z), len(z), lambda i, j: derivative(V, i, j)).inv()
    third = {i: derivative(V, *i) for i in product(places, repeat=3)}
    total = sum(
        -derivative(V, i, j, k, m) * G[i, j] * G[k, m] / 8 for i, j, k, m in product(places, repeat=4)
    )
    for (i, j, k), (x, y, w) in product(third, repeat=2):
        factor = third[i, j, k] * third[x, y, w]
        total += factor * (G[i, j] * G[k, x] * G[y, w] / 8 + G[i, x] * G[j, y] * G[k, w] / 12)
    slope = [derivative(psi, i) for i in places]
    for i, j in product(places, repeat=2):
        total += G[i, j] * (derivative(psi, i, j) + slope[i] * slope[j]) / 2
    for (i, j, k), m in product(third, places):
        total -= third[i, j, k] * G[i, j] * G[k, m] * slope[m] / 2
    return total


def wick(page: Page) -> None:
    """Section 5a.4: Theorem 4, the term of order 1/n at an isolated orbit."""
    page.section("5a.4 The term of order 1/n at an isolated orbit")
    page.text(
        r"""Let :math:`k+\sigma=c` and :math:`\nu=\beta n`. Let :math:`W^*` stand for the vector
        :math:`(W^*,0)`, :math:`R_\theta` for the rotation of all columns, :math:`t` for the unit tangent of
        the orbit at :math:`w^*`, and use the slice :math:`w=R_\theta(w^*+z)`, :math:`z\perp t`.""",
        r"""**Lemma 3.** :math:`dw=\lVert W^*\rVert_F\,J(z)\,d\theta\,dz` with
        :math:`J(z)=1+\dfrac{\langle z,W^*\rangle}{\lVert W^*\rVert_F^2}`.""",
        r"""**Proof.** With :math:`D=R_0'`, the rotation by 90° of the columns of :math:`W`, which
        annihilates the biases, the derivative of the map is :math:`R_\theta` applied to :math:`D(w^*+z)` and
        to an orthonormal basis of :math:`t^\perp`. Its determinant is the component of :math:`D(w^*+z)` along
        :math:`t=Dw^*/\lVert W^*\rVert_F`. As :math:`D` is antisymmetric and :math:`D^2w^*=-W^*`,
        :math:`\langle Dz,Dw^*\rangle=-\langle z,D^2w^*\rangle=\langle z,W^*\rangle`. ∎""",
    )
    page.check(
        """the ratio of the determinants at z and at 0, in exact fractions, for 20 random points with 2 × 3
        weights and 3 biases""",
        all(jacobian_agrees(seed) for seed in range(20)),
    )
    page.text(
        r"""So with :math:`V(z)=L(w^*+z)-L^*` and :math:`\psi=\log(\varphi J)` on the slice the evidence is
        :math:`N\cdot2\pi\lVert W^*\rVert_Fe^{-\nu L^*}\int e^{-\nu V+\psi}dz`, and at :math:`z=0`""",
    )
    page.math(
        r"\psi'=-w^*+\frac{W^*}{\lVert W^*\rVert_F^2},\qquad\psi''=-I-\frac{W^*W^{*T}}{\lVert W^*\rVert_F^4}."
    )
    page.text(
        r"""**Theorem 4.** Let :math:`G=H^{-1}` be the inverse of the Hessian on the slice; indices after a
        comma are derivatives at 0 and repeated ones are summed. Then""",
    )
    page.math(
        r"F_n&=\beta nL^*+\lambda\log(\beta n)+C-\frac{c_1}{\beta n}+O(n^{-2}),",
        r"c_1&=-\tfrac18V_{,ijkl}G_{ij}G_{kl}+\tfrac18V_{,ijk}V_{,lmn}G_{ij}G_{kl}G_{mn}"
        r"+\tfrac1{12}V_{,ijk}V_{,lmn}G_{il}G_{jm}G_{kn}",
        r"&\quad+\tfrac12G_{ij}\left(\psi_{,ij}+\psi_{,i}\psi_{,j}\right)"
        r"-\tfrac12V_{,ijk}G_{ij}G_{kl}\,\psi_{,l}.",
    )
    page.text(
        r"""**Proof.** Near the orbit of a k-gon with :math:`k\ge5` every pair term stays in one region, so
        :math:`V` is analytic, and Laplace's method applies to all orders. Put :math:`z=y/\sqrt\nu`:""",
    )
    page.math(
        r"-\nu V+\psi=\psi(0)-\tfrac12H_{ij}y_iy_j+\nu^{-1/2}\underbrace{\left(-\tfrac16V_{,ijk}y_iy_jy_k"
        r"+\psi_{,i}y_i\right)}_{A}+\nu^{-1}\underbrace{\left(-\tfrac1{24}V_{,ijkl}y_iy_jy_ky_l"
        r"+\tfrac12\psi_{,ij}y_iy_j\right)}_{B}+O(\nu^{-3/2})."
    )
    page.text(
        r"""Under the Gaussian of covariance :math:`G` odd moments vanish, so :math:`c_1=\langle
        B\rangle+\tfrac12\langle A^2\rangle`. By Isserlis' theorem a moment is the sum over all pairings: 3
        for :math:`y_iy_jy_ky_l`, equivalent against a symmetric :math:`V_{,ijkl}`:
        :math:`-\tfrac3{24}`. Of the 15 pairings of two triples 9 join one index of each and 6 join all three:
        :math:`\tfrac12\cdot\tfrac9{36}` and :math:`\tfrac12\cdot\tfrac6{36}`. The three pairings of
        a triple with :math:`\psi_{,l}y_l` give
        :math:`\tfrac12\cdot2\cdot(-\tfrac16)\cdot3`. ∎""",
    )
    page.check("of the 15 pairings of six indices in two triples 9 join one pair across, and 6 all three",
               pairings() == {1: 9, 3: 6})  # fmt: skip
    one_dimension(page)
    two_dimensions(page)


def one_dimension(page: Page) -> None:
    """Gamma functions, and a ring in the plane."""
    z, a = sp.symbols("z a")
    gamma_function = z - sp.log(1 + z)
    page.check(
        r"""Stirling: :math:`\Gamma(n+1)=n^{n+1}\int e^{-n(x-\log x)}dx` gives 1/12; and with
        :math:`\psi=(a-1)\log x`, which makes it :math:`\Gamma(n+a)`, :math:`\tfrac12B_2(a)` for every
        :math:`a`""",
        next_order(gamma_function, sp.Integer(0), [z]) == sp.Rational(1, 12)
        and sp.expand(next_order(gamma_function, (a - 1) * sp.log(1 + z), [z]) - bernoulli(a) / 2) == 0,
    )
    V = ((1 + z) ** 2 - 1) ** 2 / 2
    with_prior = next_order(V, sp.log(1 + z) - (1 + z) ** 2 / 2, [z])
    page.check(
        r"""a ring in the plane: :math:`\int e^{-\nu(\lVert w\rVert^2-1)^2/2-\lVert w\rVert^2/2}dw
        =\pi\sqrt{2\pi/\nu}\;e^{-1/2+1/(8\nu)}` up to an exponentially small term (substitute
        :math:`x=\lVert w\rVert^2-1`); the slice has the leading constant
        :math:`2\pi\sqrt{2\pi/(4\nu)}\,e^{-1/2}` and :math:`c_1=\tfrac18`. Without the factor :math:`J` it
        would be another number""",
        sp.diff(V, z, 2).subs(z, 0) == 4
        and with_prior == sp.Rational(1, 8)
        and next_order(V, -((1 + z) ** 2) / 2, [z]) != sp.Rational(1, 8),
    )


def bernoulli(a: sp.Expr) -> sp.Expr:
    """The Bernoulli polynomial B₂(a)."""
    return a**2 - a + sp.Rational(1, 6)


def two_dimensions(page: Page) -> None:
    """A Dirichlet integral, and invariance under every change of variables."""
    x, y = sp.symbols("x y")
    third = sp.Rational(1, 3)
    simplex = -sp.log(third + x) - sp.log(third + y) - sp.log(third - x - y)
    stirling = 3 * sp.Rational(1, 12) - bernoulli(sp.Integer(3)) / 6
    page.check(
        r"""Dirichlet: :math:`\int(xy(1-x-y))^ndx\,dy=\Gamma(n+1)^3/\Gamma(3n+3)` has
        :math:`c_1=\tfrac3{12}-\tfrac{B_2(3)}6=-\tfrac79`""",
        is_zero(next_order(simplex, sp.Integer(0), [x, y]) - stirling) and stirling == -sp.Rational(7, 9),
    )
    page.check(
        r"""invariance: :math:`\int e^{-\nu(h_1u^2+h_2v^2)/2}du\,dv` has no term of order :math:`1/\nu`, and
        the formula gives 0 after every change of variables :math:`u=x+\dots`, :math:`v=y+\dots` with terms of
        degree 2 and 3, 14 symbols, with :math:`\psi` the logarithm of its Jacobian determinant""",
        invariant(),
    )


def invariant() -> bool:
    """Whether c₁ = 0 for a Gaussian integral in arbitrary coordinates."""
    x, y, s = sp.symbols("x y s")
    h = sp.symbols("h1 h2", positive=True)
    monomials = [x * x, x * y, y * y, x**3, x * x * y, x * y * y, y**3]
    p, q = sp.symbols("p0:7"), sp.symbols("q0:7")
    u = x + sum(a * m for a, m in zip(p, monomials, strict=True))
    v = y + sum(a * m for a, m in zip(q, monomials, strict=True))
    V = sp.expand(h[0] * u**2 / 2 + h[1] * v**2 / 2)
    determinant = sp.expand(sp.diff(u, x) * sp.diff(v, y) - sp.diff(u, y) * sp.diff(v, x)) - 1
    scaled = sp.expand((determinant - determinant**2 / 2).subs({x: s * x, y: s * y}, simultaneous=True))
    psi = scaled.coeff(s, 1) + scaled.coeff(s, 2)  # the logarithm to second order
    return bool(sp.expand(next_order(V, psi, [x, y])) == 0)


def pairings() -> dict[int, int]:
    """Number of pairings of {0, 1, 2, 3, 4, 5} by how many pairs join {0, 1, 2} with {3, 4, 5}."""

    def every(rest: tuple[int, ...]) -> list[list[tuple[int, int]]]:
        if not rest:
            return [[]]
        first, *others = rest
        return [
            [(first, other), *more]
            for other in others
            for more in every(tuple(i for i in others if i != other))
        ]

    counts: dict[int, int] = {}
    for pairing in every(tuple(range(6))):
        across = sum((i < 3) != (j < 3) for i, j in pairing)
        counts[across] = counts.get(across, 0) + 1
    return counts


def jacobian_agrees(seed: int) -> bool:
    """Whether det[D(w + z), E] / det[Dw, E] = 1 + ⟨z, W⟩/‖W‖² for a basis E of the complement of t."""
    random = Random(seed)

    def vector(size: int) -> list[sp.Rational]:
        return [sp.Rational(random.randint(-9, 9), random.randint(1, 5)) for _ in range(size)]

    w = sp.Matrix(vector(9))  # two rows of weights, then biases
    W = sp.Matrix([*w[:6], 0, 0, 0])

    def turned(v: sp.Matrix) -> sp.Matrix:
        return sp.Matrix([*(-v[3:6, :]), *v[0:3, :], 0, 0, 0])

    t = turned(w)
    basis = t.T.nullspace()
    z = sum((c * e for c, e in zip(vector(8), basis, strict=True)), sp.zeros(9, 1))
    before = sp.Matrix.hstack(t, *basis).det()
    after = sp.Matrix.hstack(turned(w + z), *basis).det()
    return bool(after / before == 1 + z.dot(W) / W.dot(W)) and Fraction(0) != before
