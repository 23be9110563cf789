"""Derivation 7, second half: how smooth the loss is, the limit of high sparsity, and the pentagon."""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from math import comb
from typing import NamedTuple

import flint
import numpy as np
import sympy as sp
from flint import arb
from parts.exact import ball
from parts.page import Page, all_zero

from kgon.numerics.balls import exact_balls
from kgon.numerics.inertia import inertia_of
from kgon.potential.expectations import Law, Output
from kgon.potential.several_exact import LawAndWeights
from kgon.proofs.gauge import BITS, proved_in, turned
from kgon.proofs.sparse_gauge import sparse_gauge

Q = Fraction
DIGITS = 12


def cost(output: Output, j: int) -> Fraction:
    """F_j − E x_j²."""
    found: Fraction = 2 * output.expectation((), 2) - 2 * output.expectation((j,), 1)
    return found


# --- 7.5 ------------------------------------------------------------------------------------------------


def smoothness(page: Page) -> None:
    """Section 7.5: regions, and where the loss is how smooth."""
    page.section("7.5 Regions and smoothness")
    page.text(
        r"""**Proposition 6.** (i) For each output the :math:`2^c` hyperplanes :math:`b+\sum_{i\in T}a_i=0`
        cut the space of :math:`(a,b)` into *regions*, in each of which :math:`F` is a polynomial divided
        by :math:`a_1\cdots a_c` and once more by :math:`a_j`. (ii) :math:`L` is :math:`C^1` but where
        :math:`W_j=0` and :math:`b_j=0`, with :math:`p_j>0`; there the derivative in :math:`b_j` jumps by
        :math:`-2\,\mathbb E\,x_j`. (iii) :math:`L` is :math:`C^2` but on :math:`b_j=0`, if with a
        probability above 0 no feature is active or only such as are orthogonal to :math:`W_j`; and on
        :math:`\lVert W_j\rVert^2+b_j=0`, :math:`b_j\le0`, if with a probability above 0 feature j is
        active alone, or with such features.  Across the first :math:`\partial_{b_j}^2L` jumps by
        :math:`2I_j` times that probability.""",
        r"""**Proof.** (i) Theorem 4. (ii) By Lemma 1 the first derivatives are expectations of bounded
        functions of :math:`(a,b,x)` that are continuous but where :math:`y=0` in
        :math:`V_0^{\alpha+e_j}`.  There feature j is active: if :math:`a_j=\lVert W_j\rVert^2>0`, then
        :math:`y=0` has probability 0, and the expectation is continuous, by dominated convergence.  If
        :math:`W_j=0`, then all :math:`a_i=0`, and :math:`y=b_j`. (iii) :math:`V_0^\alpha` is continuous
        unless :math:`y=0` has a positive probability: :math:`b_j=0` and active are only features with
        :math:`a_i=0`, which is the jump that is stated.  In :math:`V_{-1}^{\alpha+e_j}` integrate over
        :math:`x_j` first: with :math:`a_j>0` and :math:`y=a_jx_j+y'` this leaves the expectation of
        :math:`x_j^{1+\alpha_j}x^{\alpha'}/a_j` at :math:`x_j=-y'/a_j`, where this lies in :math:`[0,1]`,
        and 0 elsewhere: a bounded function, continuous but where :math:`y'=-a_j`.  This has probability 0
        unless :math:`y'=b_j` for the other active features, that is they have :math:`a_i=0`, and
        :math:`b_j=-a_j`. ∎""",
        r"""Each polygon at :math:`p>0` with :math:`b_j\ne0`, positive columns (:math:`b_j=p/2`) and dead ones
        lie where :math:`L` is :math:`C^2`.""",
    )
    page.check(
        "by the exact program, on both sides of the borders: the second derivative of E x_j relu(y) jumps on "
        "‖W_j‖² + b_j = 0 if j is active alone, not beside another feature that is not orthogonal; that of "
        "E relu(y)² jumps on b_j = 0 if no feature is active, not if one is",
        jumps(),
    )


def jumps() -> bool:
    """Jumps of second derivatives in b across corners, by the exact program at two sides of the border."""
    step = Q(1, 10**30)
    slope, other = Q(3, 2), Q(1, 3)

    def jump(a: Sequence[Fraction], b: Fraction, factors: tuple[int, ...], n: int) -> Fraction:
        law = Law.bernoulli([Q(1)] * len(a))
        sides = [Output(a, b + sign * step, law).expectation(factors, n) for sign in (1, -1)]
        return abs(sides[0] - sides[1])

    alone, beside = jump([slope], -slope, (0,), -1), jump([slope, other], -slope, (0,), -1)
    none, one = jump([Q(0)], Q(0), (), 0), jump([slope], Q(0), (), 0)
    return alone > Q(1, 10) and beside < Q(1, 10**20) and none == 1 and one < Q(1, 10**20)


# --- 7.6 ------------------------------------------------------------------------------------------------


def limit(page: Page) -> None:
    """Section 7.6: the limit of high sparsity, for both signs of the biases."""
    page.section("7.6 The limit p → 0")
    page.text(
        r"""Let all :math:`p_i=p`, :math:`L` the loss of derivation 1 (one active feature, uniform) and
        :math:`L_p` the present one, Bernoulli.""",
        r"""**Theorem 7.**""",
    )
    page.math(
        r"L_p(w)&=(1-p)^c\sum_jI_j\operatorname{relu}(b_j)^2+c\,p\,(1-p)^{c-1}L(w)+R_p(w),",
        r"0&\le R_p(w)\le\binom c2p^2\,\sup_{x\in[0,1]^c}\sum_jI_j\,(x_j-f_j(x))^2 .",
    )
    page.text(
        r"""With :math:`\Lambda_p=L_p/(c\,p\,(1-p)^{c-1})`: (i) where all :math:`b_j\le0`, :math:`\Lambda_p\to
        L`, uniformly on bounded sets. (ii) Where some :math:`b_j>0` with :math:`I_j>0`,
        :math:`\Lambda_p\to\infty`, like :math:`\sum_jI_j\operatorname{relu}(b_j)^2/(cp)`. (iii) A
        *positive* column, :math:`W_j=0` and :math:`b_j=p/2`, costs :math:`\tfrac p3-\tfrac{p^2}4`, in
        :math:`\Lambda_p` in the limit as much as a *dead* one, :math:`\tfrac1{3c}`; with one active
        feature it costs :math:`\tfrac1{3c}-\tfrac1{4c^2}`.""",
        r"""**Proof.** Split the expectation by how many features are active: none, with probability
        :math:`(1-p)^c`, where :math:`x=0` and :math:`f=\operatorname{relu}(b)`; one, with probability
        :math:`c\,p\,(1-p)^{c-1}`, and then each alike; or more, with a probability of at most
        :math:`\binom c2p^2`, as some pair is active.  The supremum is bounded on bounded sets. (iii) With
        :math:`W_j=0` the output is the constant :math:`\operatorname{relu}(b_j)`, and :math:`\mathbb
        E(x_j-t)^2` is least at :math:`t=\mathbb E\,x_j=\tfrac p2`, where it is :math:`\tfrac
        p3-\tfrac{p^2}4`. ∎""",
        r"""So the limit is singular for positive columns: along :math:`5^+` with :math:`b=p/2` the scaled
        loss tends to that of 5, not to that of the point :math:`5^+` of exactly one active feature, whose
        bias :math:`\tfrac1{2c}` does not tend to 0.""",
    )
    p = sp.Symbol("p")
    page.check(
        "the probability of two or more active features, C(c, 2) p² minus it is p³ times a polynomial whose "
        "coefficients in p and 1 − p are not negative, c = 2, …, 8",
        all(pair_bound(c) for c in range(2, 9)),
    )
    page.check(
        "in fractions, at random points with c = 3: the first two terms and R_p within its bounds, p = 1/10, "
        "1/100, 1/1000",
        limit_holds(),
    )
    t = sp.Symbol("t")
    constant = p / 3 - 2 * t * p / 2 + t**2
    page.check(
        "the cost of a constant output t, its minimum, and the same at p = 1/c",
        all_zero([
            sp.diff(constant, t).subs(t, p / 2), constant.subs(t, p / 2) - (p / 3 - p**2 / 4),
        ]),
    )  # fmt: skip


def pair_bound(c: int) -> bool:
    """C(c, 2) p² − P(two or more) in terms p^i (1 − p)^{c−i}: all coefficients are at least 0."""
    # C(c, 2) p² = C(c, 2) p² (p + 1 − p)^{c−2}
    return all(comb(c, 2) * comb(c - 2, i - 2) - comb(c, i) >= 0 for i in range(2, c + 1))


def limit_holds() -> bool:
    """Theorem 7 at random points, in fractions."""
    generator, c = random.Random(7), 3
    for p in (Q(1, 10), Q(1, 100), Q(1, 1000)):
        a = [[Q(generator.randint(-20, 20), 16) for _ in range(c)] for _ in range(c)]
        b = [Q(generator.randint(-12, 12), 16) for _ in range(c)]
        whole, one, empty, dearest = Q(0), Q(0), Q(0), Q(0)
        for j in range(c):
            a[j][j] = abs(a[j][j]) + Q(1, 16)
            whole += p / 3 + cost(Output(a[j], b[j], Law.bernoulli([p] * c)), j)
            one += Q(1, 3 * c) + cost(Output(a[j], b[j], Law.exactly(1, c, Q(1))), j)
            empty += max(b[j], Q(0)) ** 2
            dearest += max(Q(1), b[j] + sum(max(y, Q(0)) for y in a[j])) ** 2
        rest = whole - (1 - p) ** c * empty - c * p * (1 - p) ** (c - 1) * one
        if not 0 <= rest <= comb(c, 2) * p**2 * dearest:
            return False
    return True


# --- 7.7 ------------------------------------------------------------------------------------------------

PENTAGONS = {Q(1, 20): (1.1346, -0.2463), Q(1, 10): (1.1004, -0.2099)}
"""Length and bias near which the pentagon is found, by p."""


def pentagon(page: Page) -> None:
    """Section 7.7: the regular pentagon at two values of p."""
    page.section("7.7 The regular pentagon at finite p")
    page.text(
        r"""By Krawczyk's theorem (derivation 3), on boxes about points of all five columns, a critical point
        with :math:`c=5` columns of one length :math:`l` at angles :math:`2\pi/5` and one bias :math:`b`
        is proved to exist and to be alone in its box, up to rotation; the Hessian is positive definite
        across rotations on the box: a local minimum.  Taking each column to the place of the next and
        turning by :math:`-2\pi/5` is a symmetry of :math:`L`; the image of the point lies in the box,
        too, and so is the point itself: it is the regular pentagon.  The digits are certain.""",
    )
    rows = []
    for p, (length, bias) in PENTAGONS.items():
        found = proved_pentagon(p, length, bias)
        page.check(
            f"the point at p = {p}: proved, of index 0, and its image in its box",
            found.negative == 0 and found.symmetric,
        )
        rows.append([f":math:`{p}`", *(digits(y) for y in (found.length, found.bias, found.loss))])
    page.table(["p", "l", "b", ":math:`L_p`"], rows)


def digits(y: arb) -> str:
    """All digits certain to one unit of the last."""
    return f":math:`{y.str(DIGITS, radius=False)}`"


class ProvedPentagon(NamedTuple):
    """What is proved of a critical point: balls, the index, and whether its image lies in its box."""

    length: arb
    bias: arb
    loss: arb
    negative: int
    symmetric: bool


def proved_pentagon(p: Fraction, length: float, bias: float) -> ProvedPentagon:
    """Prove the critical point near a regular pentagon, at exactly this p."""
    angles = 2 * np.pi * np.arange(5) / 5
    W, b = length * np.array([np.cos(angles), np.sin(angles)]), [bias] * 5
    with flint.ctx.workprec(BITS):
        chances = [ball(p)] * 5
        model = LawAndWeights(Law.bernoulli(chances), chances, [arb(1)] * 5)
        found = proved_in(*sparse_gauge(W, [exact_balls([*W[:, j], b[j]]) for j in range(5)], model))
        negative, _ = inertia_of(found.boxes[-1].slopes)
        exact, gauge = found.exact, found.gauge
        moved = turned([exact[(j + 1) % 5] for j in range(5)], gauge.pivots)
        inside = [
            y.contains(moved[j][i]) for (j, i), y in zip(gauge.unknowns, found.boxes[-1].box, strict=True)
        ]
        first = exact[0]
        norm = (first[0] * first[0] + first[1] * first[1]).sqrt()
        return ProvedPentagon(norm, first[2], found.loss, negative, all(inside))
