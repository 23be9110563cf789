"""Derivation 4: branches of critical points, their events, and what is proved about them.

Run with ``--check`` to compare with the committed page.
"""

from __future__ import annotations

from fractions import Fraction
from random import Random

import numpy as np
import sympy as sp
from parts.bordered import bordered
from parts.importance import importance
from parts.page import Page, all_zero, is_zero, run
from parts.real_c import real_c, strength
from parts.six import six
from parts.tubes import tubes

from kgon.branches.roles import start_of_branch
from kgon.kgons.labels import Label
from kgon.kgons.systems import CriticalPoints, subspaces
from kgon.potential import any_number
from kgon.potential.parameters import Parameter


def system(page: Page) -> None:
    """The system, the slope of the loss, concavity, the cubic."""
    page.section("4.1 Branches and their loss")
    page.text(
        r"""The loss with probabilities :math:`p_i` and importances :math:`I_j` is
        :math:`L=\sum_{ij}p_iI_j\,\ell_{ij}(W,b)` (derivation 1). Let :math:`r=2`. A *parameter* :math:`s`
        is one that the :math:`p_iI_j` are affine in, as one importance, one probability (the others share
        :math:`1-p_i`), or a common factor on several are. Then :math:`L=L_0+sL_1`. A *branch* is a curve of
        critical points :math:`w(s)`; :math:`H` is the Hessian in the coordinates of section 4.2, and
        :math:`g=\partial_s\nabla L=\nabla L_1`.""",
        r"""**Theorem 1.** Let :math:`L` be :math:`C^2` near :math:`w(s_0)` and :math:`H` regular there. Then
        :math:`w` is :math:`C^1` near :math:`s_0`, and along it""",
    )
    page.math(
        r"\frac{dw}{ds}=-H^{-1}g,\qquad\frac{dL}{ds}=\frac{\partial L}{\partial s}=L_1(w(s)),\qquad"
        r"\frac{d^2L}{ds^2}=-g^{\mathsf T}H^{-1}g.",
    )
    page.text(
        r"""So on a branch of nondegenerate minima (:math:`H` positive definite) the loss is concave:
        strictly on intervals where the point moves, affine where it stays.""",
        r"""**Proof.** Implicit function theorem for :math:`\nabla L=0`;
        :math:`\tfrac{dL}{ds}=\nabla L\cdot\dot w+\partial_sL`, and its derivative is
        :math:`\nabla L_1\cdot\dot w`. If it vanishes, :math:`g=0` and :math:`\dot w=0`. ∎""",
        r"""On a border where :math:`L` is only :math:`C^1`, :math:`L_1(w(s))` is still continuous: the loss
        of a branch has no corners, and stays concave if it is concave on both sides.""",
        r"""Between two points the package takes for :math:`L` the cubic with these values :math:`L_0,L_1`
        and slopes :math:`L_0',L_1'` at both ends, at distance :math:`w`:""",
    )
    page.math(
        r"(1-t)^2(1+2t)L_0+t^2(3-2t)L_1+w\,t(1-t)\bigl((1-t)L_0'-tL_1'\bigr),\qquad 0\le t\le1.",
    )
    page.text(
        r"""It only finds the signs and a start: each Maxwell point is then refined on the equations
        themselves.""",
    )
    _theorem_one(page)
    t, w = sp.symbols("t w")
    v = sp.symbols("v:4")
    cubic = (1 - t) ** 2 * (1 + 2 * t) * v[0] + t**2 * (3 - 2 * t) * v[1]
    cubic += w * t * (1 - t) * ((1 - t) * v[2] - t * v[3])
    slope = sp.diff(cubic, t) / w
    page.check(
        "the cubic has these values and slopes",
        all_zero(
            (
                cubic.subs(t, 0) - v[0], cubic.subs(t, 1) - v[1],
                slope.subs(t, 0) - v[2], slope.subs(t, 1) - v[3],
            )
        ),
    )  # fmt: skip
    page.check(
        """L is affine: in exact fractions, at three values of each of importance[5], probability[5] and
        importance[3,4] (a common factor), at random rational points""",
        all(
            _affine(Parameter.parse(name, 6), seed)
            for name in ("importance[5]", "probability[5]", "importance[3,4]")
            for seed in range(3)
        ),
    )


def _theorem_one(page: Page) -> None:
    s = sp.Symbol("s")
    k = sp.symbols("k:12")
    x, y = sp.symbols("x y")
    monomials = [x, y, x**2, x * y, y**2, x**3]
    L0 = sum(a * f for a, f in zip(k[:6], monomials, strict=True))
    L1 = sum(a * f for a, f in zip(k[6:], monomials, strict=True))
    whole = L0 + s * L1
    H, g = sp.hessian(whole, (x, y)), sp.Matrix([L1.diff(x), L1.diff(y)])
    move = -H.inv() * g
    gradient = sp.Matrix([whole.diff(x), whole.diff(y)])

    def along(f: sp.Expr) -> sp.Expr:
        return f.diff(s) + f.diff(x) * move[0] + f.diff(y) * move[1]

    page.check(
        r"""for two unknowns and symbolic coefficients: :math:`\nabla L` does not change along :math:`\dot
        w`, and the derivative of :math:`L_1` along it is :math:`-g^{\mathsf T}H^{-1}g`""",
        all_zero([along(f) for f in gradient]) and is_zero(along(L1) + (g.T * H.inv() * g)[0]),
    )


def _affine(parameter: Parameter, seed: int) -> bool:
    random = Random(seed)
    W = [[Fraction(random.randint(-9, 9), 8) for _ in range(6)] for _ in range(2)]
    b = [Fraction(random.randint(-9, 9), 8) for _ in range(6)]
    losses = []
    for value in (Fraction(1, 10), Fraction(3, 10), Fraction(5, 10)):
        p, importances = parameter.weights(value)
        losses.append(Fraction(any_number.loss(W, b, probability=p, importance=importances)))
    return losses[0] + losses[2] == 2 * losses[1] and losses[0] != losses[1]


def gauge(page: Page) -> None:
    """Section 4.2: how rotations and the mirror image are removed."""
    page.section("4.2 Rotations and mirror images")
    page.text(
        r"""Columns that take no part (:math:`W_j=0`, :math:`b_j<0`, all other biases negative) are left out:
        :math:`L` does not depend on them near by. Let column 0 lie on the first axis,
        :math:`W_0=(x_0,0)`, :math:`x_0\ne0`. The unknowns are all other coordinates but :math:`y_0`, and
        the equation :math:`\partial L/\partial y_0=0` is dropped; by derivation 3, section 3.2, it holds
        where the others do.""",
        r"""**Proposition 2.** At a critical point, the Hessian without the row and column of :math:`y_0`
        has as many negative eigenvalues as the whole one, and one zero less.""",
        r"""**Proof.** The derivative :math:`t` of the rotations is in the kernel of the whole Hessian, and
        has the component :math:`x_0` at :math:`y_0`: the vectors with :math:`y_0`-component 0 are a
        complement of :math:`\langle t\rangle`, and the quadratic form of any vector is that of its part
        there. ∎""",
        r"""**Proposition 3.** Let :math:`S` be the mirror image in the first axis together with a
        permutation of order at most two of columns whose weights agree for every :math:`s`, such that
        :math:`Sw=w`. Let :math:`E_\pm` be bases of the vectors with :math:`Sv=\pm v`. (i) A point of the
        *even* space :math:`E_+` is critical if :math:`L` restricted to it is stationary. (ii) At points of
        :math:`E_+` the Hessian has the blocks :math:`H_\pm=E_\pm^{\mathsf T}HE_\pm`, and
        :math:`E_+^{\mathsf T}HE_-=0`; the numbers of negative eigenvalues add up. (iii) Where :math:`H_+`
        is regular, the branch in :math:`E_+` goes on, smooth, although :math:`H` be singular.""",
        r"""**Proof.** :math:`S` is orthogonal, and :math:`L(Sw)=L(w)`: so
        :math:`\nabla L(Sw)=S\,\nabla L(w)`, :math:`H(Sw)=S\,H(w)\,S`. At :math:`Sw=w` the gradient lies in
        :math:`E_+`, and :math:`H` commutes with :math:`S`. ∎""",
        r"""This is what makes a branch point provable: on :math:`E_+` it is an ordinary point.""",
    )
    rows, fits = [], True
    for text, role, sizes in (("6", "vertex", (10, 7)), ("5+", "vertex", (10, 7)), ("5", "vertex", (8, 6))):
        label = Label.parse(text)
        parameter = Parameter.parse("importance[5]", 6)
        found = CriticalPoints(*start_of_branch(label, parameter, role), parameter=parameter)
        S = found.reflection()
        even, odd = subspaces(S)
        fits &= (
            even.shape[1] == sizes[0]
            and odd.shape[1] == sizes[1]
            and bool((S @ even == even).all() and (S @ odd == -odd).all())
            and not (even.T @ odd).any()
            and bool(np.array_equal(S @ S, np.eye(len(S))))
        )
        rows.append([f":math:`{label.latex}`", role, str(len(S)), *map(str, sizes)])
    page.table(["label, c = 6", "column varied", "unknowns", "even", "odd"], rows)
    page.check("in integers: S² = 1, SE₊ = E₊, SE₋ = −E₋, E₊ and E₋ orthogonal, and their sizes", fits)
    xi, yi, xj, yj, angle = sp.symbols("x_i y_i x_j y_j theta", real=True)
    turn = sp.Matrix([[sp.cos(angle), -sp.sin(angle)], [sp.sin(angle), sp.cos(angle)]])
    mirror = sp.diag(1, -1)
    first, second = sp.Matrix([xi, yi]), sp.Matrix([xj, yj])
    page.check(
        "inner products, and so L, do not change under rotations and mirror images",
        all(sp.simplify((M * first).dot(M * second) - first.dot(second)) == 0 for M in (turn, mirror)),
    )


def summary(page: Page) -> None:
    """What is proved and what is computed."""
    page.section("4.9 What is proved, and what is computed")
    page.items(
        r"""*Proved on this page,* with the arithmetic that the boxes name: Theorems 1 to 12 and 15 and the
        propositions; the thresholds of Theorems 11 and 12 as enclosures in balls.""",
        r"""*Proved with the tubes of the package:* Theorem 13. The script repeats that proof and uses it.""",
        r"""*Computed:* the 40 digits in section 4.6; the package encloses the same three numbers by
        Krawczyk's theorem. The thresholds of :math:`4^+` and :math:`4^{++}` for a vertex of small
        importance.""",
    )


def build() -> Page:
    """Derivation 4: critical points as the weights of the features change."""
    page = Page(__file__, "4. Continuation")
    page.text(
        r"""When the weights of the features change, a critical point moves, or stays. This page says how
        its loss changes, which equations its events satisfy and when they can be solved, what a chain of
        tubes proves, and then follows the k-gons with six columns as the importance of one column
        changes.""",
    )
    system(page)
    gauge(page)
    bordered(page)
    tubes(page)
    importance(page)
    six(page)
    real_c(page)
    strength(page)
    summary(page)
    return page


if __name__ == "__main__":
    run(build)
