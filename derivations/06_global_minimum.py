"""Derivation 6: the square, the regular pentagon and the regular hexagon are the global minima.

A computer-assisted proof.  This script decides every identity and every constant, and covers the domain of
the inequality in two variables; the one in five variables is covered by ``kgon prove global-minimum``.
Run with ``--check`` to compare with the committed page.
"""

from __future__ import annotations

from fractions import Fraction

import flint
from flint import arb
from parts.covering import BITS, Constants, constants, convex, lemma_two
from parts.exact import ball
from parts.larger import larger
from parts.outputs import derivatives, monotone, one_end, one_output
from parts.page import Page, run
from parts.twins import step, twins

from kgon.kgons import polygons
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.labels import Label
from kgon.proofs.edge_lemmas import polygon_constants

THETA = {5: (Fraction(0), Fraction(45, 32)), 6: (Fraction(63, 256), Fraction(83, 64))}
"""θ₀ and θ₁ of Lemma 8."""
NEAR = {5: (39, 64, 295, 333), 6: (79, 103, 248, 290)}
"""The box in which convexity decides: smallest and largest m, smallest and largest θ, in units of 1/256."""
DIGITS = 12


def near(c: int) -> list[Fraction]:
    """Smallest and largest m, smallest and largest θ of the box around (m*, θ*)."""
    return [Fraction(x, 256) for x in NEAR[c]]


def digits(x: arb, count: int = DIGITS) -> str:
    """All digits certain to one unit of the last; an exact integer as such."""
    if x.is_integer():
        return f":math:`{int(x.unique_fmpz())}`"
    return f":math:`{x.str(count, radius=False)}`"


# --- 6.1 ------------------------------------------------------------------------------------------------


def statement(page: Page) -> None:
    """Section 6.1: Theorem 1, and its proof for the square."""
    page.section("6.1 The theorem")
    page.text(
        r"""Let :math:`r=2`, :math:`p` uniform and :math:`I=1`. The columns of :math:`W` are
        :math:`w_1,\dots,w_c\in\mathbb R^2`, and :math:`A_j=\lVert w_j\rVert^2`. With the pair functions of
        derivation 1, and :math:`D` for diag,""",
    )
    page.math(
        r"\operatorname{off}(a,b)&=\int_0^1\operatorname{relu}(a\mu+b)^2\,d\mu,\qquad"
        r" D(N,b)=\int_0^1\bigl(\mu-\operatorname{relu}(N\mu+b)\bigr)^2d\mu\quad(N\ge0),",
        r"c\,L(W,b)&=\sum_{j=1}^cF_j,\qquad"
        r" F_j=D(A_j,b_j)+\sum_{i\ne j}\operatorname{off}(w_i\cdot w_j,\,b_j).",
    )
    page.text(
        r""":math:`L_c` is the loss with :math:`c` columns, and :math:`\varphi_k` the loss per column of the
        critical regular k-gon (derivation 2c: there is exactly one), that is :math:`L` for :math:`c=k`;
        :math:`\varphi_4=0`.""",
        r"""**Theorem 1.** Let :math:`c=4`, 5 or 6. For all :math:`W\in\mathbb R^{2\times c}` and
        :math:`b\in\mathbb R^c`, :math:`L(W,b)\ge\varphi_c`. Equality holds exactly for the points that an
        orthogonal map of the plane and a permutation of the columns take to the critical regular c-gon.""",
    )
    rows = []
    for c in (4, 5, 6):
        polygon = polygons.regular_polygons(c)[0]
        values = (polygon.cost, polygon.length, polygon.bias)
        rows.append([str(c), *(digits(x) for x in values)])
    page.table(["c", "minimum of L", "l", "b"], rows)
    page.text(
        r"""The proof is complete on this page, and what is finite in it but long is done by computer: for
        :math:`c=5` the covering of a rectangle by boxes, which this script repeats; for :math:`c=6` in
        addition the covering of a box in five dimensions, which is left to a command of the package and to
        a checker that shares no code with it (section 6.10).""",
        r"""**Proof for c = 4.** :math:`L\ge0`. If :math:`L=0`, every :math:`D(A_j,b_j)=0`: then
        :math:`\operatorname{relu}(A_j\mu+b_j)=\mu` for :math:`0\le\mu\le1`, so :math:`A_j=1`,
        :math:`b_j=0`. And :math:`\operatorname{off}(w_i\cdot w_j,0)=0`, so :math:`w_i\cdot w_j\le0` for
        :math:`i\ne j`. Four unit vectors of the plane with no acute angle between neighbours: the four gaps
        add up to :math:`2\pi`, so each is :math:`\tfrac\pi2`. Conversely :math:`L=0` at the square. ∎""",
        r"""*The idea for c = 5 and 6.* The sum of the gaps between neighbouring columns is :math:`2\pi`,
        whatever they are. So it suffices to bound the cost of two neighbours below by a function of their
        gap :math:`\alpha` that is affine, and tangent at :math:`\alpha=2\pi/c`. For :math:`c=5` such a
        bound holds for all neighbours. For :math:`c=6` it does not (section 6.7): neighbours of nearly the
        same direction may be cheap *as neighbours*, and are expensive because of the other columns. There a
        column is deleted, and the theorem for :math:`c=5` gives what is missing.""",
    )
    page.check(
        """the first line of the table is 0, 1, 0 exactly; the losses are those of the catalogue
        (``kgon.kgons.catalogue``), to 30 digits""",
        all(bool(x == y) for x, y in zip(polygon_values(4), (0, 1, 0), strict=True))
        and all(catalogue_agrees(c) for c in (5, 6)),
    )


def polygon_values(c: int) -> tuple[arb, arb, arb]:
    """L, l and b of the regular c-gon."""
    polygon = polygons.regular_polygons(c)[0]
    return polygon.cost, polygon.length, polygon.bias


def catalogue_agrees(c: int) -> bool:
    """Whether the catalogue's loss of the c-gon is within 1e-30 of the ball."""
    loss = Catalogue(c)[Label(c)].loss_digits
    return bool(abs(arb(loss) - polygon_values(c)[0]) < arb("1e-30"))


# --- 6.3 ------------------------------------------------------------------------------------------------


def edges(page: Page) -> None:
    """Section 6.3: Lemma 3, which bounds the loss by a sum over edges."""
    page.section("6.3 Edges")
    page.text(
        r"""Let :math:`c\ge3`, and let no column be 0. Order the columns by angle, equal angles in any
        order. The *gaps* :math:`\alpha_e\ge0` are the angles from each column to the next,
        counter-clockwise; their sum is :math:`2\pi`. The :math:`c` pairs of successive columns are the
        *edges*. They are :math:`c` different pairs, each column is in exactly two, and the two columns of
        an edge have the inner product :math:`a=\sqrt{AA'}\cos\alpha`, also if :math:`\alpha>\pi`. The cost
        of an edge is""",
    )
    page.math(
        r"w=\tfrac12\bigl(D(A,b)+D(A',b')\bigr)+\operatorname{off}(a,b)+\operatorname{off}(a,b')\ \ge0."
    )
    page.text(
        r"""**Lemma 3.** :math:`c\,L\ge\sum_ew_e`. If :math:`\kappa` and :math:`T` are such that every edge
        has""",
    )
    page.math(r"w\ \ge\ T-\kappa\,\alpha,\tag{E}")
    page.text(
        r"""then :math:`c\,L\ge V`, where :math:`V=c\,T-2\pi\kappa`.""",
        r"""**Proof.** Drop the terms off of all pairs that are not edges. Sum (E) over the edges. ∎""",
        r"""With :math:`\kappa\ge0` and :math:`\kappa\,\theta_1\ge T`, (E) is trivial for
        :math:`\alpha\ge\theta_1`.""",
    )


# --- 6.5 ------------------------------------------------------------------------------------------------


def tangency(page: Page, values: dict[int, Constants]) -> None:
    """Lemma 6: the constants of the regular polygon."""
    page.section("6.5 The constants")
    page.text(
        r"""**Lemma 6.** Let :math:`c=5` or 6, :math:`\theta^*=2\pi/c`, :math:`t^*=\cos\theta^*`, and let
        :math:`m^*=-b/l^2` be that of the critical regular c-gon; :math:`A^*=\hat A(m^*,t^*)`,
        :math:`b^*=-m^*A^*`. Then (i) the regular c-gon has :math:`l^2=A^*`, bias :math:`b^*`, and
        :math:`\varphi_c=H(m^*,t^*)`. (ii) With""",
    )
    page.math(
        r"\kappa=-\,\partial_\theta H(m^*,\cos\theta)\big|_{\theta^*}"
        r"=2\,\partial_a\operatorname{off}(A^*t^*,b^*)\,A^*\sin\theta^*>0,\qquad T=\varphi_c+\kappa\,\theta^*"
    )
    page.text(
        r"""the function :math:`(m,\theta)\mapsto H(m,\cos\theta)+\kappa\theta` has the value :math:`T` and
        the gradient 0 at :math:`(m^*,\theta^*)`, and :math:`V=c\,T-2\pi\kappa=c\,\varphi_c`.""",
        r"""**Proof.** Of the c-gon only the first neighbours are active, since :math:`0<m^*<t^*` and
        :math:`\cos2\theta^*<0`: its loss per column is :math:`D(l^2,b)+2\operatorname{off}(l^2t^*,b)`. By
        derivation 2, :math:`g(m^*)=0` and :math:`l^2=B/(2A)`; the rest is in the box. ∎""",
        r"""No other :math:`\kappa` would do: (E) is to be an equality at the regular polygon and an
        inequality near it.""",
    )
    derivatives(page)
    rows = []
    for c, at in values.items():
        ratio = at.level / at.kappa
        shown = (at.m, at.length_squared, at.cost, at.kappa, at.level, ratio)
        rows.append([str(c), *(digits(x, 10) for x in shown)])
    page.table(["c", "m*", "A*", "φ", "κ", "T", "T/κ"], rows)
    page.check(
        """0 < m* < t*, cos 2θ* < 0, κ > 0; A*, b* and φ, from the formulas of Lemma 5, overlap with
        ``kgon.kgons.polygons``, which computes them from the sums of derivation 2; both formulas for κ
        agree; κ, T and δ overlap with those of the prover (``kgon.proofs.edge_lemmas``); all these balls
        have a radius below 1e-40""",
        all(consistent(at) for at in values.values()),
    )


def consistent(at: Constants) -> bool:
    """The claims about the constants of one c."""
    polygon = polygons.regular_polygons(at.c)[0]
    prover = polygon_constants(at.c)
    cosine = at.theta.cos()
    slope = at.length_squared * cosine
    # ∂ₐ of (a + b)³/(3a)
    off_a = (slope + at.bias) ** 2 * (2 * slope - at.bias) / (3 * slope**2)
    return bool(
        0 < at.m < cosine
        and (2 * at.theta).cos() < 0
        and at.kappa > 0
        and at.length_squared.overlaps(polygon.length_squared)
        and at.bias.overlaps(polygon.bias)
        and at.cost.overlaps(polygon.cost)
        and at.kappa.overlaps(2 * off_a * at.length_squared * at.theta.sin())
        and at.kappa.overlaps(prover.kappa)
        and at.level.overlaps(prover.level)
        and at.bonus.overlaps(prover.bonus)
        and all(x.rad() < arb("1e-40") for x in (at.m, at.kappa, at.level, at.total))
    )


# --- 6.6 ------------------------------------------------------------------------------------------------


def edge_inequality(page: Page, values: dict[int, Constants]) -> None:
    """Section 6.6: Lemmas 7 and 8, the pentagon, and the bonus of the next step."""
    page.section("6.6 The edge inequality, and the pentagon")
    page.text(
        r"""**Lemma 7.** Let :math:`\kappa>0`, :math:`0\le\theta_0<\theta_1<\tfrac\pi2`,
        :math:`\kappa\,\theta_1\ge T`, and""",
    )
    page.math(
        r"H(m,\cos\theta)+\kappa\,\theta\ \ge\ T\qquad(0\le m\le1,\ \theta_0\le\theta\le\theta_1).\tag{1}"
    )
    page.text(
        r"""Then (E) holds for every edge with :math:`\alpha\ge\theta_1`, strictly; and for every edge with
        :math:`\alpha<\theta_1` and :math:`a\le\cos\theta_0\,\min(A,A')`. If (1) is an equality at
        :math:`(m^*,\theta^*)` only, :math:`0<m^*<1`, then (E) is an equality only if both columns have
        :math:`A=\hat A(m^*,\cos\theta^*)` and :math:`b=-m^*A`, and :math:`\alpha=\theta^*`.""",
        r"""**Proof.** For :math:`\alpha>\theta_1`, :math:`w\ge0>T-\kappa\alpha`. For
        :math:`\alpha=\theta_1`, :math:`w>0\ge T-\kappa\alpha`: if :math:`w` were 0, then
        :math:`D(A,b)=D(A',b')=0`, so :math:`A=A'=1`, :math:`b=b'=0`, and :math:`\operatorname{off}(a,0)=0`,
        so :math:`\cos\alpha\le0`. In the other case :math:`a>0`, and by Lemma 4 it suffices that
        :math:`E(A,b,t)\ge0` for :math:`t=a/A` and for :math:`t=a/A'`. Put :math:`\theta=\arccos t`; then
        :math:`\theta\ge\theta_0`. For :math:`\theta>\theta_1`, :math:`E\ge\kappa\,\theta-T>0`. For
        :math:`\theta\le\theta_1` Lemma 5 and (1) give :math:`E\ge H(m,\cos\theta)+\kappa\,\theta-T\ge0`. In
        the case of equality both :math:`E` are 0, so at both ends :math:`(m,\theta)=(m^*,\theta^*)`, and by
        the last part of Lemma 5 :math:`A=\hat A`; here :math:`0<m<1` means :math:`b=-mA`. So :math:`A=A'`,
        and :math:`\cos\alpha=a/A=\cos\theta^*`. ∎""",
        r"""**Lemma 8.** (1) holds with the constants of Lemma 6, with equality only at
        :math:`(m^*,\theta^*)`, for :math:`c=5`, :math:`\theta_0=0`, :math:`\theta_1=\tfrac{45}{32}`; and for
        :math:`c=6`, :math:`\theta_0=\tfrac{63}{256}`, :math:`\theta_1=\tfrac{83}{64}`.""",
        r"""**Proof, by computer.** *Near the polygon,* in a box
        :math:`[m_0,m_1]\times[\vartheta_0,\vartheta_1]` that has :math:`(m^*,\theta^*)` in its interior and
        :math:`m_1<\cos\vartheta_1`: there :math:`H` is smooth, and on the whole box the Hessian of
        :math:`(m,\theta)\mapsto H(m,\cos\theta)` is positive definite. The box is convex, so
        :math:`H+\kappa\theta` is strictly convex on it; its gradient vanishes at :math:`(m^*,\theta^*)`,
        where its value is :math:`T`. *Elsewhere* the rectangle is cut into boxes until on each of them one
        of two lower bounds exceeds :math:`T`. Let :math:`m_0\le m\le m_1`,
        :math:`\vartheta_0\le\theta\le\vartheta_1`, :math:`t=\cos\vartheta_1`, :math:`q_i=1-m_i`; then""",
    )
    page.math(
        r"H(m,\cos\theta)+\kappa\theta&\ge\frac13\left[1-\frac{q_0^4(2+m_0)^2}"
        r"{4\,(q_1^3+2(t-m_1)_+^3/t)}\right]+\kappa\,\vartheta_0\qquad(m_1<1),",
        r"H(m,\cos\theta)+\kappa\theta&\ge\frac13-\frac{q_0(2+m_0)^2}{12}+\kappa\,\vartheta_0.",
    )
    page.text(
        r"""The first holds because :math:`q^2(2+m)` and :math:`q` fall with :math:`m`, and
        :math:`(t-m)_+^3/t` grows with :math:`t` and falls with :math:`m`; the second because
        :math:`H\ge\tfrac13-\tfrac1{12}q\,(2+m)^2`, which grows with :math:`m`. ∎""",
    )
    monotone(page)
    counts = {c: lemma_two(at, THETA[c], near(c)) for c, at in values.items()}
    page.check(
        f"""κθ₁ ≥ T and θ₁ < π/2; (m*, θ*) inside the near box, and the Hessian positive definite on it, in
        balls on sub-boxes: m from {near(5)[0]} to {near(5)[1]}, θ from {near(5)[2]} to {near(5)[3]} for c =
        5; m from {near(6)[0]} to {near(6)[1]}, θ from {near(6)[2]} to {near(6)[3]} for c = 6""",
        all(sides(at) and inside(at) and convex(near(c)) for c, at in values.items()),
    )
    page.check(
        f"""the coverings, by {thousands(counts[5])} and {thousands(counts[6])} boxes; every box has dyadic
        corners, and every bound is certain in balls""",
        all(count is not None for count in counts.values()),
    )
    page.check(
        "the program can fail: for c = 6 and θ₀ = 0 it meets a point where (1) is certainly false",
        lemma_two(values[6], (Fraction(0), THETA[6][1]), near(6)) is None,
    )
    pentagon(page, values[5])


def thousands(count: int | None) -> str:
    """A count rounded to the next thousand, as text."""
    if count is None:
        raise AssertionError("no covering")
    return f"about {1000 * round(count / 1000)}"


def sides(at: Constants) -> bool:
    """Whether κθ₁ ≥ T and θ₁ < π/2."""
    end = ball(THETA[at.c][1])
    return bool(at.kappa * end > at.level and end < arb.pi() / 2)


def inside(at: Constants) -> bool:
    """Whether (m*, θ*) lies inside the box of convexity."""
    m0, m1, x0, x1 = map(ball, near(at.c))
    return bool(m0 < at.m < m1 and x0 < at.theta < x1)


def pentagon(page: Page, at: Constants) -> None:
    """Theorem 1 for c = 5, and the bonus."""
    page.text(
        r"""**Proof of Theorem 1 for c = 5.** Suppose :math:`5L\le5\varphi_5`. As
        :math:`5\varphi_5<\tfrac16`, Lemma 2 (ii) says :math:`w_i\cdot w_j<A_j` for all :math:`i\ne j`. So
        no column is 0 (it would have :math:`w_i\cdot w_j=A_j`), and each edge has :math:`a<\min(A,A')`.
        Lemmas 7 and 8 with :math:`\theta_0=0` give (E) for every edge, and Lemma 3 gives
        :math:`5L\ge5\varphi_5`. If there is equality, (E) is an equality for every edge; each column is in
        an edge, so all have :math:`A_j=A^*`, :math:`b_j=b^*`, and all gaps are :math:`2\pi/5`. ∎""",
        r"""**Lemma 9 (bonus).** Let :math:`\delta=\min\bigl(\tfrac\pi2\kappa-T,\ \tfrac16-5\varphi_5\bigr)`
        with the constants of :math:`c=5`. If five columns, none of them 0, have a gap of at least
        :math:`\tfrac\pi2`, then :math:`5L_5\ge5\varphi_5+\delta`.""",
        r"""**Proof.** If some :math:`w_i\cdot w_j\ge A_j`, :math:`i\ne j`, then
        :math:`5L_5\ge\tfrac16\ge5\varphi_5+\delta`. Otherwise (E) holds for every edge, as above. For the
        edge with the gap :math:`\alpha\ge\tfrac\pi2` use :math:`w\ge0` instead:
        :math:`5L_5\ge4T-\kappa\,(2\pi-\alpha)=5\varphi_5+\kappa\alpha-T`. ∎""",
    )
    page.check(
        f"""5φ₅ < 1/6; κπ/2 − T > 0 is the smaller of the two numbers:
        δ = {digits(at.bonus)}""",
        bool(at.total < arb(1) / 6) and bool(0 < at.kappa * arb.pi() / 2 - at.level < arb(1) / 6 - at.total),
    )


# --- 6.10 -----------------------------------------------------------------------------------------------


def computer(page: Page) -> None:
    """What was computed, and how to repeat it."""
    page.section("6.10 What the computer did")
    page.text(
        r"""Three coverings carry the proof: Lemma 8 for :math:`c=5`, Lemma 8 for :math:`c=6`, Lemma 11 for
        :math:`c=6`. In each, a box is cut in two until on every piece one of the stated lower bounds is
        certainly positive. The bounds need only the values of monotone functions at corners, so that no
        derivative and no interval extension of the loss is involved; only the box of convexity needs
        the Hessian of :math:`H` on boxes. A covering proves an inequality of positive margin, and the
        points where there is none, :math:`(m^*,\theta^*)`, are inside the boxes of convexity.""",
    )
    page.items(
        r"""*This script* repeats the first two, with its own code, in ball arithmetic of """
        + str(BITS)
        + r""" bits, on boxes with exact corners; and it decides all constants and identities above.""",
        r"""*The package* (``kgon.proofs.global_minimum``) searches all three coverings in floating point and
        then proves each leaf in ball arithmetic. ``kgon prove global-minimum -c 6`` repeats the proof,
        prints the numbers of boxes and the least margins, and writes the trees of boxes, with the bound that
        holds on each leaf, to a certificate.""",
        r"""*The checker* verifies a certificate: ``kgon check certificates/c6_global-minimum.json``. It uses
        the standard library of Python alone, integers with directed rounding, and no code of the package;
        :math:`\varphi`, :math:`\kappa`, :math:`T` and all cosines are enclosed anew. The format is described
        on the page *The global minimum*. Both programs decide the side conditions of Lemma 7 and Proposition
        10 too, and they require :math:`T<\tfrac13`; that is not needed here, as :math:`m=1` is part of
        (1).""",
    )
    page.text(
        r"""So the theorem for :math:`c=5` rests on this page and, for Lemma 8, on any one of three
        programs; for :math:`c=6` on this page and, for Lemma 11, on any one of two.""",
    )


def build() -> Page:
    """Derivation 6: the regular polygon is the global minimum for four, five and six features."""
    page = Page(__file__, "6. The global minimum")
    page.text(
        r"""For four, five and six features in the plane the regular polygon with as many vertices is the
        global minimum of the loss, and the only one up to symmetry. Proofs of this kind are easy to get
        wrong: on this page every step is written out, and the boxes say what was decided by the script.""",
    )
    with flint.ctx.workprec(BITS):
        values = {c: constants(c) for c in (5, 6)}
        statement(page)
        one_output(page)
        edges(page)
        one_end(page)
        tangency(page, values)
        edge_inequality(page, values)
        twins(page, values)
        step(page, values, THETA[6])
        larger(page, values)
        computer(page)
    return page


if __name__ == "__main__":
    run(build)
