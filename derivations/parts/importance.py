"""Section 5 of derivation 4: what the importance of one column does to a k-gon."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import flint
import sympy as sp
from flint import arb, arb_mat, fmpq
from parts.page import Page
from parts.thresholds import thresholds

from kgon.branches.squares import exact_square, stability
from kgon.kgons import polygons
from kgon.kgons.labels import Label
from kgon.kgons.values import standard_point
from kgon.potential import any_number
from kgon.potential.parameters import Parameter
from kgon.potential.symbolic import ON, RISING, a, b, diag_integral, off_integral
from kgon.proofs.certificates import certify

BITS = 192


def importance(page: Page) -> None:
    """The columns that stay, their slopes, and how long the points are minima."""
    page.section("4.5 The importance of one column")
    page.text(
        r"""Uniform :math:`p`, all importances 1 but :math:`I_j=I`. With the notation of derivation 6,
        :math:`cL=\sum_jI_jF_j`, :math:`F_j=D(A_j,b_j)+\sum_{i\ne j}\operatorname{off}(W_i\cdot
        W_j,b_j)\ge0`. So :math:`\partial L/\partial I=F_j/c`, and on every branch""",
    )
    page.math(r"0\le\frac{dL}{dI}=\frac{F_j}c\le\frac LI:")
    page.text(
        r""":math:`L` does not fall with :math:`I`, and :math:`L/I` does not rise.""",
        r"""**Theorem 10.** At a k-gon of the catalogue (derivation 2b), let :math:`j` be a column as below.
        Then :math:`\nabla F_j=0`, so that the point is critical for every :math:`I`, and
        :math:`L=L^*+(I-1)F_j/c`.""",
    )
    page.table(
        ["column", ":math:`F_j`", "slope at c = 6", "local minimum"],
        [
            ["dead or switched off", r":math:`\tfrac13`", "1/18", "as at I = 1, for all I > 0"],
            ["positive", r":math:`\tfrac13-\tfrac1{4c}`", "7/144", "up to some I: Theorems 11, 12"],
            ["live vertex of a 4-gon", "0", "0", r"for all I > 0 if σ = 0; for I ≥ 1 if it is at I = 1"],
        ],
    )
    page.text(
        r"""A live vertex of a k-gon with :math:`k\ge5` has :math:`\nabla F_j\ne0`: the point moves, and
        where it is a nondegenerate minimum :math:`L` is strictly concave in :math:`I` there (Theorem 1).""",
        r"""**Proof.** *Dead or switched off:* all :math:`W_i\cdot W_j+b_j<0` and :math:`b_j<0` at the
        point, and so near it, where therefore :math:`F_j=\tfrac13` is constant: :math:`L` changes by a
        constant. *Positive:* near the point, where :math:`W_j=w` and :math:`b_j=\beta`, the output is on,
        and""",
    )
    w2, beta, c = sp.symbols("N beta c", positive=True)
    x = sp.Symbol("x", real=True)
    own = sp.expand(diag_integral(ON).subs({a: w2, b: beta}, simultaneous=True))
    other = sp.expand(off_integral(ON).subs({a: x, b: beta}, simultaneous=True))
    page.math(
        r"F_j=\tfrac13(1-\lvert w\rvert^2)^2-(1-\lvert w\rvert^2)\beta+\beta^2"
        r"+\sum_{i\ne j}\Bigl[\beta^2+\beta\,w\cdot W_i+\tfrac13(w\cdot W_i)^2\Bigr].",
    )
    page.text(
        r"""At :math:`w=0`, :math:`\beta=1/(2c)` its derivative in :math:`\beta` is :math:`-1+2c\beta=0`,
        that in :math:`w` is :math:`\beta\sum_iW_i=0`, and those in :math:`W_i` are multiples of :math:`w`.
        *A vertex of a 4-gon:* :math:`F_j=0` is its least value. *Local minima:* with :math:`\sigma=0`
        every :math:`F_j` of a 4-gon is least, or constant, near the point; a vertex of
        :math:`4^{\sigma+}` adds :math:`(I-1)F_j\ge0`. *A live vertex,* :math:`k\ge5`: an active neighbour
        :math:`i` has :math:`\partial F_j/\partial W_i=\partial_a\operatorname{off}\,W_j\ne0`. ∎""",
    )
    page.check(
        r"""the terms of :math:`F_j` for a positive output; its value 1/3 − 1/(4c) at the point""",
        sp.expand(own - ((1 - w2) ** 2 / 3 - (1 - w2) * beta + beta**2)) == 0
        and sp.expand(other - (beta**2 + beta * x + x**2 / 3)) == 0
        and sp.simplify(
            own.subs(w2, 0).subs(beta, 1 / (2 * c)) + (c - 1) / (4 * c**2) - (sp.Rational(1, 3) - 1 / (4 * c))
        )
        == 0,
    )
    labels = [Label.parse(text) for text in ("4", "4+", "4++", "4-", "4--")]
    page.check(
        """in exact fractions, for all columns of 4, 4⁺, 4⁺⁺, 4⁻ and 4⁻⁻ at c = 6: ∇F = 0, and F is the value
        of the table""",
        all(_stays(label, j) for label, j in product(labels, range(6))),
    )
    page.check(
        "the check can fail: it finds a slope once a bias is moved by 1/1000",
        not _stays(labels[1], 4, moved=Fraction(1, 1000)),
    )
    _small_vertices(page)
    polygons_with_a_positive_column(page)
    thresholds(page)


def _stays(label: Label, j: int, *, moved: Fraction = Fraction(0)) -> bool:
    """Whether F_j has no gradient at the exact 4-gon, and its value is that of Theorem 10."""
    W, b_ = standard_point(label, 6)
    rows = [[Fraction(float(x)).limit_denominator(12) for x in row] for row in W]
    biases = [Fraction(float(x)).limit_denominator(12) for x in b_]
    biases[j] += moved
    alone = [Fraction(int(i == j)) for i in range(6)]
    grad_W, grad_b = any_number.gradient(rows, biases, importance=alone)
    role = label.roles(6)[j]
    value = {"live": Fraction(0), "positive": Fraction(7, 24)}.get(role, Fraction(1, 3))
    return all(x == 0 for row in [*grad_W, grad_b] for x in row) and (
        6 * Fraction(any_number.loss(rows, biases, importance=alone)) == value
    )


def _small_vertices(page: Page) -> None:
    parameter = Parameter.parse("importance[5]", 6)
    found = {
        text: stability(exact_square(Label.parse(text), parameter, "vertex"), parameter, 0.02, 1.0).border
        for text in ("4+", "4++")
    }
    shown = {text: f"{value:.6f}" for text, value in found.items() if value is not None}
    page.text(
        rf"""*Not proved:* for a vertex with :math:`I<1` the package (``kgon.branches.squares``), in
        floating point, finds that :math:`4^+` ceases to be a local minimum below :math:`I={shown["4+"]}`, and
        :math:`4^{{++}}` below :math:`{shown["4++"]}`, at :math:`c=6`.""",
    )


# --- regular polygons with a positive column ---------------------------------------------------------


def block(k: int) -> tuple[arb_mat, arb, arb]:
    """Hessian of ΣF over the vertices in (X, Y, Z), see the page; τ; and κ."""
    polygon = polygons.regular_polygons(k)[0]
    tau, bias, length = polygon.length_squared, polygon.bias, polygon.length
    form = off_integral(RISING)
    names = ((a,), (b,), (a, a), (a, b), (b, b))
    off = [sp.lambdify((a, b), sp.together(sp.diff(form, *v)), modules=[{}]) for v in names]
    third = sp.Rational(1, 3)
    own_form = third - sp.diff(form, a) + form
    own = [sp.lambdify((a, b), sp.together(sp.diff(own_form, *v)), modules=[{}]) for v in names]

    def angle(j: int) -> tuple[arb, arb]:
        at = fmpq(2 * j, k)
        return arb.cos_pi_fmpq(at), arb.sin_pi_fmpq(at)

    def moves(j: int) -> list[tuple[arb, arb, arb]]:
        """(dW, db) of column j in X, Y and Z."""
        x, y = angle(j)
        zero = arb(0)
        return [(x * x, x * y, zero), (-y * y, y * x, zero), (zero, zero, x)]

    H = [[arb(0)] * 3 for _ in range(3)]
    for j, d in product(range(k), range(-polygon.s, polygon.s + 1)):
        i = (j + d) % k
        at = (tau * angle(d)[0], bias)
        f = [g(*at) for g in (own if d == 0 else off)]
        W = [tuple(length * x for x in angle(n)) for n in (i, j)]
        first, second = moves(i), moves(j)
        slope = [
            u[0] * W[1][0] + u[1] * W[1][1] + W[0][0] * v[0] + W[0][1] * v[1]
            for u, v in zip(first, second, strict=True)
        ]
        for s, t in product(range(3), repeat=2):
            mixed = sum((first[s][n] * second[t][n] + first[t][n] * second[s][n] for n in (0, 1)), arb(0))
            up, vp = second[s][2], second[t][2]
            H[s][t] += f[0] * mixed + f[2] * slope[s] * slope[t]
            H[s][t] += f[3] * (slope[s] * vp + slope[t] * up) + f[4] * up * vp
    kappa = arb(1) / (2 * (k + 1)) - arb(2) / 3 + k * tau / 6
    return arb_mat(H), tau, kappa


def polygon_threshold(k: int) -> tuple[arb, arb, bool]:
    """I*, κ, and whether the block is positive definite."""
    with flint.ctx.workprec(BITS):
        H, _, kappa = block(k)
        coupling = arb_mat([[arb(k) / 2], [-arb(k) / 2], [arb(0)]])
        square = (coupling.transpose() * H.solve(coupling))[0, 0]
        bias = arb(1) / (2 * (k + 1))
        minors = [H[0, 0], H[0, 0] * H[1, 1] - H[0, 1] * H[1, 0], H.det()]
        return 2 * kappa / (bias**2 * square), kappa, all(x > 0 for x in minors)


def polygons_with_a_positive_column(page: Page) -> None:
    """Theorem 11: up to which importance of its positive column k⁺ is a minimum."""
    page.text(
        r"""**Theorem 11.** Let :math:`k\ge5`, :math:`c=k+1`, and let the positive column of :math:`k^+`
        have importance :math:`I`; suppose that :math:`k^+` is a nondegenerate local minimum at :math:`I=1`.
        It is one exactly for :math:`I<I^*`,""",
    )
    page.math(
        r"I^*=\frac{2\kappa}{b^2\,\ell^{\mathsf T}H_1^{-1}\ell},\qquad b=\frac1{2c},\quad"
        r"\kappa=b-\tfrac23+\tfrac16k\tau,\quad\ell=\tfrac k2(1,-1,0),",
    )
    page.text(
        r"""and a saddle for :math:`I>I^*`. :math:`H_1` is the Hessian of the sum of :math:`F` over the
        vertices in :math:`(X,Y,Z)`: vertex :math:`i` at the angle :math:`\alpha_i` moves by
        :math:`X\cos\alpha_i` outwards and :math:`Y\sin\alpha_i` counter-clockwise, and its bias by
        :math:`Z\cos\alpha_i`.""",
        r"""**Proof.** The second-order part of :math:`c(L-L^*)` is that of the vertices plus :math:`I`
        times""",
    )
    page.math(
        r"\kappa\,\lvert w\rvert^2+b\,w\cdot\sum_i\delta W_i+c\,\eta^2,",
    )
    page.text(
        r"""because in the formula for :math:`F_j` above the terms in :math:`\lvert w\rvert^2` have the
        coefficient :math:`-\tfrac23+b`, and :math:`\sum_i(w\cdot W_i)^2=\tfrac12k\tau\lvert w\rvert^2`.
        :math:`w` is coupled to the mean motion of the vertices alone. That belongs to the representation of
        the dihedral group in the plane; for :math:`w` on the axis of a mirror it lies in the space of
        :math:`(X,Y,Z)`, where :math:`\sum_i\delta W_i=\ell\cdot(X,Y,Z)`. Minimise over :math:`(X,Y,Z)`:
        :math:`I\kappa-\tfrac12I^2b^2\,\ell^{\mathsf T}H_1^{-1}\ell` is left as the coefficient of
        :math:`\lvert w\rvert^2`. All other blocks of the Hessian do not depend on :math:`I`, or are :math:`I`
        times a positive number. ∎""",
    )
    rows, holds = [], True
    for k in range(5, 9):
        value, kappa, positive = polygon_threshold(k)
        holds &= bool(value > 1 and kappa > 0 and positive)
        rows.append([f":math:`{k}^+`", *(f":math:`{x.str(12, radius=False)}`" for x in (kappa, value))])
    page.table(["label, c = k + 1", "κ", ":math:`I^*`"], rows)
    page.check(
        r"""in balls, for each k of the table: :math:`H_1` is positive definite, κ > 0, :math:`I^*>1`; the
        certificate of each label at c = k + 1 says “minimum” (derivation 3)""",
        holds and all(certify(Label(k, 1), k + 1)["claims"]["verdict"] == "minimum" for k in range(5, 9)),
    )
