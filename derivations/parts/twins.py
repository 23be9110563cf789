"""The step from c − 1 to c columns, and the hexagon (derivation 6, sections 6.7 and 6.8)."""

from __future__ import annotations

from fractions import Fraction
from math import atan2

import numpy as np
import sympy as sp
from flint import arb
from parts.covering import Constants
from parts.exact import SQUARE, Point, ball, inner
from parts.outputs import least, off, own
from parts.page import Page

from kgon.potential import any_number
from kgon.proofs.global_minimum import SIZE as PROVER_SIZE
from kgon.proofs.global_minimum import TAU as PROVER_TAU

TAU, SIZE = Fraction(33, 32), Fraction(32)
"""τ₁ and Q of the hexagon's step."""
SAMPLES = 40


def total(point: Point) -> Fraction:
    """The loss times c, in exact fractions by the package."""
    return len(point[1]) * any_number.loss(*point)


def edge(point: Point, i: int, j: int) -> Fraction:
    """The cost w of the edge (i, j), from the integrals."""
    bias, a = point[1], inner(point[0], i, j)
    ends = own(inner(point[0], i, i), bias[i]) + own(inner(point[0], j, j), bias[j])
    return ends / 2 + off(a, bias[i]) + off(a, bias[j])


def edge_sum(point: Point) -> Fraction:
    """The sum of w over the edges; no column may be 0."""
    c = len(point[1])
    order = sorted(range(c), key=lambda j: atan2(point[0][1][j], point[0][0][j]))
    return sum((edge(point, order[i - 1], order[i]) for i in range(c)), Fraction(0))


def deleted(point: Point, x: int) -> Point:
    """The point with column x deleted."""
    W, bias = point
    return [row[:x] + row[x + 1 :] for row in W], bias[:x] + bias[x + 1 :]


def reach(point: Point, x: int) -> Fraction:
    """S_x, all terms of the loss that involve column x, computed from the integrals."""
    others = [i for i in range(len(point[1])) if i != x]
    bias = point[1]
    received = sum((off(inner(point[0], i, x), bias[x]) for i in others), Fraction(0))
    sent = sum((off(inner(point[0], i, x), bias[i]) for i in others), Fraction(0))
    return own(inner(point[0], x, x), bias[x]) + received + sent


def samples(c: int) -> list[Point]:
    """Rational points, about half of whose columns have small biases of either sign."""
    random = np.random.Generator(np.random.Philox(np.random.SeedSequence(6, spawn_key=(c,))))
    found = []
    for _ in range(SAMPLES):
        W = [[Fraction(int(x), 8) for x in random.integers(-12, 13, c)] for _ in range(2)]
        bias = [Fraction(int(x), 8) for x in random.integers(-10, 5, c)]
        found.append((W, bias))
    return found


def nonzero(point: Point) -> bool:
    """Whether every column of the point differs from 0."""
    return all(inner(point[0], j, j) for j in range(len(point[1])))


# --- 6.7 ------------------------------------------------------------------------------------------------


def twins(page: Page, values: dict[int, Constants]) -> None:
    """Why the edges alone do not prove the hexagon."""
    page.section("6.7 Why neighbours alone do not prove the hexagon")
    page.text(
        r"""For :math:`c=6`, (E) is false for some pairs of neighbours: with :math:`\alpha=0`, :math:`A=0`,
        :math:`b=\tfrac16` and a perfect column :math:`A'=1`, :math:`b'=0`, the edge costs
        :math:`w=\tfrac12D(0,\tfrac16)+\operatorname{off}(0,\tfrac16)=\tfrac18<T`. (A column of length 0 has
        no angle, but a very short one costs nearly the same.) No other choice of :math:`\kappa` and no
        other function of :math:`\alpha` helps: put such a column between two *equal* perfect columns, and
        the other three vertices of the square around. Nearest neighbours then cost""",
    )
    page.math(r"\sum_ew_e=\tfrac14<6\,\varphi_6=" + values[6].total.str(10, radius=False) + r"\ldots,")
    page.text(
        r"""so that the sum over the edges, minimised over everything, is below the value that is to be
        proved. The true loss of this point is large, :math:`6L=1`: the two equal columns are not
        neighbours, and the sum over the edges does not see that each of them covers the other. (For
        :math:`c=5` the same construction costs :math:`\tfrac14` too, but that is more than
        :math:`5\varphi_5`.) What fails is (1) near :math:`\theta=0`, since :math:`H(0,1)=\tfrac29`.""",
    )
    point = twin_point()
    page.check(
        r"""the edge 1/8, the sum of the six edges 1/4 and 6L = 1, from the integrals and from
        ``kgon.potential.any_number``; :math:`T_5<\tfrac29<T_6`, :math:`\tfrac18<T_6`,
        :math:`5\varphi_5<\tfrac14<6\varphi_6`""",
        edge(point, 0, 1) == Fraction(1, 8)
        and sum(edge(point, i, (i + 1) % 6) for i in range(6)) == Fraction(1, 4)
        and total(point) == 1
        and bool(values[5].level < ball(Fraction(2, 9)) < values[6].level)
        and bool(ball(Fraction(1, 8)) < values[6].level)
        and bool(values[5].total < ball(Fraction(1, 4)) < values[6].total),
    )


def twin_point() -> Point:
    """A zero column, then the vertices of the square, the first of them again at the end."""
    vertices = [(0, 0), *SQUARE, SQUARE[0]]
    W = [[Fraction(v[axis]) for v in vertices] for axis in (0, 1)]
    return W, [Fraction(1, 6)] + [Fraction(0)] * 5


# --- 6.8 ------------------------------------------------------------------------------------------------


def step(page: Page, values: dict[int, Constants], theta: tuple[Fraction, Fraction]) -> None:
    """Section 6.8: Proposition 10, Lemma 11 and the hexagon."""
    page.section("6.8 One column more, and the hexagon")
    page.text(
        r"""*Deletion.* For a column :math:`x` let :math:`S_x=F_x+\sum_{i\ne x}\operatorname{off}(w_i\cdot
        w_x,b_i)`. All terms of the loss that involve :math:`x` are in :math:`S_x`, so that""",
    )
    page.math(r"c\,L_c(W,b)=S_x+(c-1)\,L_{c-1}(\text{the other columns}).\tag{2}")
    page.text(
        r"""*The setting of a step.* Let :math:`c\ge4` and :math:`(c-1)\,L_{c-1}\ge V'` everywhere. Let
        :math:`\delta\ge0` be such that :math:`(c-1)\,L_{c-1}\ge V'+\delta` if none of the :math:`c-1`
        columns is 0 and a gap is at least :math:`\tfrac\pi2`. Let :math:`\kappa,T,\theta_0,\theta_1`
        satisfy (1) and the other conditions of Lemma 7, :math:`V=cT-2\pi\kappa`; and let
        :math:`\tau_1\ge1`, :math:`\tau_1\cos\theta_0\ge1`, :math:`Q\ge1`. On the box""",
    )
    page.math(
        r"0\le B\le Q,\quad0\le\tau\le\tau_1,\quad0\le\alpha\le\theta_1,\quad-Q\le b\le1,\quad-Q\le b'\le1"
    )
    page.text(r"""let :math:`A=\tau^2B`, :math:`a=\tau B`, :math:`A'=B/\cos^2\alpha` and""")
    page.math(
        r"\text{star}&=D(A,b)+\operatorname{off}(a,b)+\operatorname{off}(a,b')+\min(b_+^2,\delta)-(V-V'),",
        r"\text{pair}&=D(A,b)+D(A',b')+\operatorname{off}(a,b)+\operatorname{off}(a,b')-V,",
        r"\text{viol}&=\tfrac12\bigl(D(A,b)+D(A',b')\bigr)+\operatorname{off}(a,b)+\operatorname{off}(a,b')"
        r"+\kappa\alpha-T.",
    )
    page.text(
        r"""**Proposition 10.** Suppose (a) :math:`\tfrac13-\tfrac1{4c}+V'>V`; (b) at each point of the box
        star, pair or viol is positive; (c) :math:`\mathsf g(Q)+\varpi>\min(V,2T)`, where
        :math:`\varpi=\tfrac16` if :math:`\tau_1=1` and :math:`\varpi=0` otherwise. Then :math:`c\,L\ge V`
        everywhere. If moreover (1) is an equality at :math:`(m^*,\theta^*)` only, :math:`0<m^*<1`, then
        :math:`c\,L=V` only if all columns have :math:`A_j=\hat A(m^*,\cos\theta^*)` and :math:`b_j=-m^*A_j`
        and all gaps are :math:`\theta^*`.""",
        r"""**Proof.** Suppose :math:`c\,L\le V`. *No column is 0,* by (2), Lemma 2 (vi) and (a). So there
        are edges. *Each edge satisfies (E),* as will be shown; then Lemma 3 gives :math:`c\,L\ge V`. Let
        :math:`x,y` be the ends of an edge with the gap :math:`\alpha`, named so that :math:`A_x\le A_y`. By
        Lemma 7 only :math:`\alpha<\theta_1` matters. Then :math:`a=w_x\cdot w_y>0`; put
        :math:`\tau=A_x/a>0`.""",
        r"""*τ ≥ τ₁.* Then :math:`a\le A_x/\tau_1\le\cos\theta_0\,\min(A_x,A_y)`, and Lemma 7 gives (E).""",
        r"""*τ < τ₁.* With :math:`B=A_y\cos^2\alpha>0`: :math:`a^2=A_xA_y\cos^2\alpha=\tau a\,B`, so that
        :math:`a=\tau B`, :math:`A_x=\tau^2B`, :math:`A_y=B/\cos^2\alpha`. Let :math:`b=b_x`,
        :math:`b'=b_y`. It suffices that star, pair or viol is positive for these numbers, whether they are
        in the box or not:""",
    )
    page.items(
        r"""viol > 0 is (E), with strict inequality.""",
        r"""pair > 0 contradicts :math:`c\,L\ge F_x+F_y\ge\text{pair}+V`.""",
        r"""star > 0: let :math:`z` be the other neighbour of :math:`x`; :math:`z\ne y`. If :math:`w_z\cdot
        w_x\ge0`, then :math:`F_x` has besides :math:`\operatorname{off}(a,b)` the term
        :math:`\operatorname{off}(w_z\cdot w_x,b)\ge b_+^2`, and (2) gives :math:`c\,L\ge
        D(A,b)+\operatorname{off}(a,b)+b_+^2+\operatorname{off}(a,b')+V'\ge\text{star}+V`. If
        :math:`w_z\cdot w_x<0`, the gap between :math:`z` and :math:`x` is more than :math:`\tfrac\pi2`;
        when :math:`x` is deleted, :math:`z` and :math:`y` become successive columns, and their gap is that
        one plus :math:`\alpha`. Then :math:`(c-1)L_{c-1}\ge V'+\delta` for the other columns, and (2) gives
        :math:`c\,L\ge D(A,b)+\operatorname{off}(a,b)+\operatorname{off}(a,b')+V'+\delta\ge\text{star}+V`.
        Both contradict :math:`c\,L\le V`.""",
    )
    page.text(
        r"""*The box is enough.* If :math:`A_y>Q`: :math:`D(A_y,b')\ge\mathsf g(A_y)\ge\mathsf g(Q)` by
        Lemma 2 (v). If :math:`\tau_1=1`, then :math:`\tau<1`, :math:`a>A_x`, and
        :math:`D(A_x,b)+\operatorname{off}(a,b)\ge\tfrac16` by the proof of Lemma 2 (ii). So
        :math:`\text{pair}\ge\mathsf g(Q)+\varpi-V` and :math:`\text{viol}\ge\tfrac12(\mathsf
        g(Q)+\varpi)-T`, and by (c) one of them is positive. If :math:`A_y\le Q`: then :math:`B\le Q`,
        :math:`A_x\le Q`, and :math:`a\le\sqrt{A_xA_y}\le Q`. For :math:`b\ge1` none of star, pair, viol
        falls as :math:`b` grows (Lemma 2 (i), (iv)), and for :math:`b\le-Q` none depends on :math:`b`; the
        same holds for :math:`b'`. So :math:`b` and :math:`b'` may be replaced by the nearest points of
        :math:`[-Q,1]`, and then (b) applies.""",
        r"""*Equality.* If :math:`c\,L=V`, (E) is an equality for every edge. None of them has viol > 0, so
        that all are edges with :math:`\alpha<\theta_1`, :math:`\tau\ge\tau_1`, for which Lemma 7 describes
        equality. ∎""",
        r"""Columns of the same direction and equal columns (:math:`\alpha=0`), ties of length, and a
        shorter column that is covered, :math:`a\ge A_x`, need no separate treatment: there
        :math:`\tau\le1`. The faces :math:`B=0` and :math:`\tau=0` of the box are not reached by columns
        that are not 0; they only close the box.""",
        r"""*Bounds on a box.* Let :math:`B_0\le B\le B_1` and so on, :math:`a_0=\tau_0B_0`. Then
        :math:`\operatorname{off}(a,b)\ge\operatorname{off}(a_0,b_0)`, :math:`b_+\ge(b_0)_+`,
        :math:`\kappa\alpha\ge\kappa\alpha_0`, and by Lemma 2 (iii)""",
    )
    page.math(
        r"D(A,b)&\ge D^+(\tau_1^2B_1,b_1)+D^-(\tau_0^2B_0,b_0),",
        r"D(A',b')&\ge D^+(B_1/\cos^2\alpha_1,b'_1)+D^-(B_0/\cos^2\alpha_0,b'_0),",
    )
    page.text(
        r"""with :math:`D^-(N,b)=\operatorname{off}(N-1,b)` and :math:`D^+=D-D^-`.""",
    )
    hexagon(page, values, theta)


def hexagon(page: Page, values: dict[int, Constants], theta: tuple[Fraction, Fraction]) -> None:
    """Lemma 11, and the proof of Theorem 1 for c = 6."""
    five, six = values[5], values[6]
    room = six.total - five.total
    corner = arb(5) / 24 + five.bonus - room
    page.text(
        r"""**Lemma 11.** (b) holds for :math:`c=6` with :math:`V'=5\varphi_5`, the :math:`\delta` of Lemma
        9, the constants of Lemma 6 and :math:`\theta_0=\tfrac{63}{256}`, :math:`\theta_1=\tfrac{83}{64}`,
        :math:`\tau_1=\tfrac{33}{32}`, :math:`Q=32`.""",
        r"""**Proof, by computer** (section 6.10): the box is cut until on each piece the lower bound of
        star, pair or viol is positive. ∎""",
        r"""The least value of the largest of the three seems to be that at :math:`\tau=0`,
        :math:`b=\tfrac14` (with :math:`B=1`, :math:`\alpha=b'=0`, say):
        :math:`\text{star}=\tfrac5{24}+\delta-(6\varphi_6-5\varphi_5)="""
        + corner.str(4, radius=False)
        + r"""`. Without the bonus it would be negative, and the lemma false.""",
        r"""**Proof of Theorem 1 for c = 6.** Theorem 1 for :math:`c=5` gives :math:`V'`, Lemma 9
        :math:`\delta`, Lemma 8 (1), and Lemma 11 (b); (a) and (c) are in the box. Proposition 10 gives
        :math:`6L\ge6\varphi_6`, and equality only at the regular hexagon with :math:`l^2=A^*`,
        :math:`b=b^*`; there it holds, by Lemma 6. ∎""",
    )
    b = sp.Symbol("b")
    page.check(
        r"""deletion, (2), in exact fractions for every column of """
        + f"{SAMPLES} random rational points with c = 4, 5, 6; Lemma 3 at those without a zero column",
        all(
            total(point) == reach(point, x) + total(deleted(point, x))
            for c in (4, 5, 6)
            for point in samples(c)
            for x in range(c)
        )
        and all(total(point) >= edge_sum(point) for c in (4, 5, 6) for point in samples(c) if nonzero(point)),
    )
    page.check(
        r"""(a): 1/3 − 1/24 + 5φ₅ > 6φ₆ (indeed 1/3 − 1/24 > 6φ₆); (c): :math:`\mathsf g(32)>6\varphi_6`;
        :math:`\tau_1\cos\theta_0\ge1`; the prover uses these :math:`\tau_1` and Q""",
        bool(arb(7) / 24 > six.total)
        and bool(ball(least(SIZE)) > six.total)
        and bool(ball(TAU) * ball(theta[0]).cos() > 1)
        and (PROVER_TAU[6], PROVER_SIZE) == (TAU, SIZE),
    )
    page.check(
        r"""at τ = 0, b = ¼: D(0, b) + off(0, b) = 5/24, the minimum of ⅓ − b + 2b² over b; star is positive
        there, and negative without δ; pair and viol are negative""",
        sp.expand(sp.Rational(5, 24) + 2 * (b - sp.Rational(1, 4)) ** 2) == sp.Rational(1, 3) - b + 2 * b**2
        and own(Fraction(0), Fraction(1, 4)) + off(Fraction(0), Fraction(1, 4)) == Fraction(5, 24)
        and bool(five.bonus < arb(1) / 16)
        and bool(0 < corner < five.bonus)
        and bool(arb(5) / 24 < six.total)
        and bool(arb(13) / 96 < six.level)
        and own(Fraction(0), Fraction(1, 4)) / 2 + off(Fraction(0), Fraction(1, 4)) == Fraction(13, 96),
    )
    smallest, count = on_a_grid(five, six, theta)
    page.check(
        f"""on a grid of {count} points of the box the largest of the three is nowhere below its value
        there, in floating point (a test of the formulas, and no part of the proof)""",
        abs(smallest - float(corner)) < 1e-12,
    )


def on_a_grid(five: Constants, six: Constants, theta: tuple[Fraction, Fraction]) -> tuple[float, int]:
    """The least value of max(star, pair, viol) on a grid, and the number of its points."""
    B = np.array([0, 0.1, 0.3, 0.5, 0.7, 0.85, 1, 1.15, 1.3, 1.5, 1.8, 2.2, 3, 5, 10, 32])
    tau = np.array([0, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.9, 0.96, 1, float(TAU)])
    alpha = np.linspace(0, float(theta[1]), 9)
    bias = np.array(
        [-32, -8, -3, -2, -1.5, -1.2, -1, -0.8, -0.6, -0.4, -0.2, -0.1, 0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3,
         0.4, 0.6, 1]
    )  # fmt: skip
    B, tau, alpha, b, b_y = np.meshgrid(B, tau, alpha, bias, bias, indexing="ij", sparse=True)
    a = tau * B
    both = off_floats(a, b) + off_floats(a, b_y)
    x = own_floats(tau * a, b)
    y = own_floats(B / np.cos(alpha) ** 2, b_y)
    V, before, T, kappa = (float(v) for v in (six.total, five.total, six.level, six.kappa))
    star = x + both + np.minimum(np.maximum(b, 0) ** 2, float(five.bonus)) - (V - before)
    largest = np.maximum(np.maximum(star, x + y + both - V), (x + y) / 2 + both + kappa * alpha - T)
    return float(largest.min()), largest.size


def off_floats(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The pair function off for a ≥ 0, in floating point."""
    a, b = np.broadcast_arrays(a, b)
    rising = np.maximum(a + b, 0) ** 3 / np.where(a > 0, 3 * a, 1)
    return np.where(b >= 0, a**2 / 3 + a * b + b**2, rising)


def own_floats(N: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The pair function D of a column with itself, in floating point."""
    N, b = np.broadcast_arrays(N, b)
    m = np.clip(-b / np.where(N > 0, N, 1e-300), 0, 1)
    below = (1 - N * (1 - m) ** 2 * (2 + m) + N**2 * (1 - m) ** 3) / 3
    return np.where(b >= 0, (1 - N) ** 2 / 3 - (1 - N) * b + b**2, below)
