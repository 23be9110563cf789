"""Section 5 of derivation 5: the learning coefficient is not constant on a flat set."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import sympy as sp
from parts.exact import Point, inner
from parts.page import Page, is_zero
from parts.volumes import point

from kgon.kgons.labels import Label
from kgon.potential import any_number

STEPS = tuple(Fraction(i, 12) for i in range(13))
"""Places on a segment of a path where the loss is computed."""
SIZES = range(4, 9)


def turned(t: Fraction) -> tuple[Fraction, Fraction]:
    """The unit vector (0, 1) turned clockwise by 2 arctan t."""
    return 2 * t / (1 + t * t), (1 - t * t) / (1 + t * t)


def place(W: list[list[Fraction]], j: int, x: Fraction, y: Fraction) -> None:
    """Put column j of W at the place (x, y)."""
    W[0][j], W[1][j] = Fraction(x), Fraction(y)


def opposite_to_adjacent(c: int) -> Iterator[list[Point]]:
    """The three segments of the path of Proposition 5, each as points."""
    start = point(Label(4, 0, 2, "opposite"), c)

    def at(r: Fraction, t: Fraction, y: Fraction) -> Point:
        W = [list(row) for row in start[0]]
        place(W, 0, 1 - r, y)
        place(W, 1, *turned(t))
        return W, list(start[1])

    zero, one = Fraction(0), Fraction(1)
    yield [at(x, zero, zero) for x in STEPS]
    yield [at(one, x, zero) for x in STEPS]
    yield [at(one, one, x) for x in STEPS]


def strict_point(c: int) -> Point:
    """Two live columns, and all products with them negative."""
    W, bias = point(Label(4, 0, 2, "opposite"), c)
    place(W, 1, *turned(Fraction(1, 4)))
    place(W, 3, W[0][1], -W[1][1])
    for j in (0, *range(4, c)):
        place(W, j, Fraction(-1, 10), Fraction(0))
    return W, bias


def opened(c: int, t: Fraction) -> Point:
    """Three live columns with gaps 90° + 2 arctan t twice, and all others at W = 0."""
    W, bias = point(Label(4, 0, 1), c)
    place(W, 1, *turned(t))
    place(W, 3, W[0][1], -W[1][1])
    place(W, 0, Fraction(0), Fraction(0))
    return W, bias


def shrunk(c: int, r: Fraction) -> Point:
    """The label 4⁻ with its switched-off column at (1 − r) times its vertex."""
    W, bias = point(Label(4, 0, 1), c)
    place(W, 0, 1 - r, Fraction(0))
    return W, bias


def flat(w: Point, live: tuple[int, ...]) -> bool:
    """Whether a point lies in the flat set F of its live columns, and its gradient is exactly zero."""
    W, bias = w
    c = len(bias)
    movable = [j for j in range(c) if j not in live]
    fixed = all(inner(W, j, j) == 1 and bias[j] == 0 for j in live)
    apart = all(inner(W, i, j) <= 0 for j in live for i in range(c) if i != j)
    off = all(bias[m] < 0 and inner(W, i, m) + bias[m] < 0 for m in movable for i in range(c))
    grad_W, grad_b = any_number.gradient(W, bias)
    return fixed and apart and off and not any((*grad_W[0], *grad_W[1], *grad_b))


def strata(page: Page) -> None:
    """Section 5.5: Propositions 4 to 6, on how λ changes along a flat set."""
    page.section("5.5 The learning coefficient is not constant on a flat set")
    page.text(
        r"""Theorem C is about the standard representatives. With :math:`\varphi\ge1` a representative belongs
        to a large connected set of points of equal loss, and :math:`\lambda` changes along it. Fix the set
        :math:`\Lambda` of live columns and call all others *movable*. Let :math:`F` be the set of the points
        with""",
    )
    page.math(
        r"&\lVert W_j\rVert=1,\quad b_j=0,\quad W_i\cdot W_j\le0\qquad(j\in\Lambda,\ i\ne j),",
        r"&b_m<0,\quad W_i\cdot W_m+b_m<0\qquad(m\notin\Lambda,\ \text{all }i).",
    )
    page.text(
        r"""**Proposition 4.** On :math:`F` the loss is :math:`L^*=(c-|\Lambda|)/(3c)`; every point of
        :math:`F` is a local minimum, and near it the identity of Lemma 1 and the bounds of Lemma 2 hold.
        Hence :math:`\lambda`, which exists as :math:`L` is semialgebraic, at a point :math:`w`
        of :math:`F` is at least :math:`|\Lambda|`, and it is at
        most :math:`\lambda` at the points of :math:`F` near :math:`w`.""",
        r"""**Proof.** The movable outputs are off strictly, also near :math:`w`; that is all that Lemma 1
        needs, and Lemma 2 needs no more than :math:`N_j` near 1 and :math:`\beta_j` near 0. The live norms
        and biases alone give a factor :math:`\epsilon^{|\Lambda|}` from above. A small ball about
        :math:`w` contains smaller balls about the points of :math:`F` near it. ∎""",
        r"""**Proposition 5 (two live columns).** (i) At a point of :math:`F` with
        :math:`W_i\cdot W_j<0` for every live :math:`j` and :math:`i\ne j`, :math:`\lambda=2`,
        :math:`m=1`. (ii) The representatives of :math:`4^{--}`, adjacent (:math:`\lambda=2`) and opposite
        (:math:`\lambda=\tfrac{c+3}2`), are joined, up to a rotation and a permutation, by a path in
        :math:`F`.""",
        r"""**Proof.** (i) The products stay negative near the point, and :math:`Q` is the sum of the
        :math:`\nu_j^2+\beta_j^2`. (ii) Begin at the opposite representative: live :math:`W_1=(0,1)`,
        :math:`W_3=(0,-1)`; switched off :math:`W_0=(1,0)`, :math:`W_2=(-1,0)`. First :math:`W_0=(1-r,0)`,
        :math:`0\le r\le1`. Then :math:`W_1=\bigl(\tfrac{2t}{1+t^2},\tfrac{1-t^2}{1+t^2}\bigr)`,
        :math:`0\le t\le1`: its products with :math:`W_3` and :math:`W_2` are
        :math:`-\tfrac{1-t^2}{1+t^2}` and :math:`-\tfrac{2t}{1+t^2}`. Last :math:`W_0=(0,y)`,
        :math:`0\le y\le1`, whose products with :math:`W_1=(1,0)` and :math:`W_3` are 0 and :math:`-y`. All
        switched-off columns keep :math:`b=-2`, and no product exceeds 1. The end is the adjacent
        representative, turned. ∎""",
    )
    paths = {c: list(opposite_to_adjacent(c)) for c in SIZES}
    page.check(
        f"""in exact fractions, at {len(STEPS)} points of each segment, 4 ≤ c ≤ 8: all conditions of F hold,
        the gradient is 0, L is that of the label; the end is the adjacent representative turned by 90° with
        its columns permuted""",
        all(
            flat(w, (1, 3)) and any_number.loss(*w) == Fraction(c - 2, 3 * c)
            for c, segments in paths.items()
            for segment in segments
            for w in segment
        )
        and all(ends_adjacent(segments[-1][-1], c) for c, segments in paths.items()),
    )
    page.check(
        """a point as in (i), with the live columns turned towards each other by 2 arctan(1/4) each and the
        dead columns and column 0 at (−1/10, 0): the conditions of F, all products with live columns
        negative, the loss of the label; 4 ≤ c ≤ 8""",
        all(
            flat(w, (1, 3))
            and any_number.loss(*w) == Fraction(c - 2, 3 * c)
            and all(inner(w[0], i, j) < 0 for j in (1, 3) for i in range(c) if i != j)
            for c, w in ((c, strict_point(c)) for c in SIZES)
        ),
    )
    page.text(
        r"""So the opposite configuration is a stratum of higher :math:`\lambda` in the flat set of the
        adjacent one: it is left as soon as all movable columns on one side have moved to 0. On the whole
        flat set of two live columns the least :math:`\lambda` is 2; with one live column it is 1, and with
        none 0, everywhere.""",
    )
    three_live(page)


def ends_adjacent(w: Point, c: int) -> bool:
    """Whether w is the adjacent representative after a quarter turn and a permutation."""
    W, bias = point(Label(4, 0, 2), c)
    quarter = [(-W[1][j], W[0][j], bias[j]) for j in range(c)]
    here = [(w[0][0][j], w[0][1][j], w[1][j]) for j in range(c)]
    return sorted(quarter) == sorted(here)


def three_live(page: Page) -> None:
    """Proposition 6: the strata of a flat set with three live columns."""
    page.text(
        r"""**Proposition 6 (three live columns).** Let :math:`M=c-3` be the number of movable columns. There
        are three kinds of points of :math:`F`, and they lie on one path:""",
    )
    page.table(
        ["", "gaps between the live columns", "movable columns", ":math:`\\lambda`", ":math:`m`"],
        [
            [
                "(a)",
                "90°, 90°, 180°",
                "on the ray opposite to the middle live one, not all at 0",
                r":math:`\frac{c+5}2`",
                "1",
            ],
            ["(b)", "90° or more, less than 180°", "all at :math:`W=0`", ":math:`c`", "1"],
            [
                "(c)",
                "90°, 90°, 180°",
                "all at :math:`W=0`",
                r":math:`\min\bigl(c,\frac{c+5}2\bigr)`",
                "1; but 2 for c = 5",
            ],
        ],
    )
    page.text(
        r"""The standard representative of :math:`4^-` is of kind (a).""",
        r"""**Proof.** Three gaps of at least 90° with the sum 360° are 90°, 90°, 180°, or all less than
        180°. In the first case the conditions :math:`W\cdot W_j\le0` leave the ray opposite to the middle
        column, in the second only 0: these are the three kinds. Again :math:`s=\sqrt\epsilon`, the live
        norms and biases give :math:`s^6`, and the conditions are, up to constant factors of :math:`s`, that
        the gaps between live columns are at least :math:`\tfrac\pi2-s` and :math:`W\cdot u_j\le s` for
        movable :math:`W`. Let :math:`u_1,u_2,u_3` be the live directions in order, with gaps
        :math:`\tfrac\pi2+x` and :math:`\tfrac\pi2+y`, and :math:`z=x+y`.""",
        r"""(a) As for :math:`\varphi=1` in Theorem C: a column of the ray at a positive distance has
        constrained gaps on both sides, and these with the two gaps of the live columns fix three angles,
        :math:`s^3`; every other movable column, whether at 0 or on the ray, is confined to a strip,
        :math:`s^{M-1}`. In sum :math:`s^{6+3+M-1}=s^{c+5}`.""",
        r"""(b) The three directions positively span the plane, so that every movable column is confined to a
        triangle of size :math:`s`: :math:`s^{6+2M}=s^{2c}`. The gaps fill an open set, as at most one of
        them is 90°.""",
        r"""(c) The third gap is free, and :math:`x,y\ge-s`. Let :math:`A` be the area of the movable
        :math:`W` in a fixed small ball. The lines :math:`W\cdot u_1=s` and
        :math:`W\cdot u_3=s` meet at the angle :math:`|z|`, and :math:`u_1+u_3=2\sin(\tfrac z2)\,n` with a
        unit vector :math:`n` that is nearly :math:`-u_2`. If :math:`|z|\le2s`, :math:`W` is confined to a
        strip that reaches from :math:`n\cdot W=-s` or so to the end of the ball, so that :math:`A` is of
        order :math:`s`. If :math:`z>2s`, the strip narrows to a point at
        :math:`n\cdot W=s/\sin\tfrac z2`, and it contains a rectangle of half this length and of a width of
        order :math:`s`: :math:`A` is of the order of :math:`s\min(1,s/z)`. The :math:`M` movable columns are
        independent given the angles; the measure of the :math:`(x,y)` with a given :math:`z` is of order
        :math:`z\,dz`. So the volume is, up to constant factors,""",
    )
    page.math(
        r"s^6\,s^M\Bigl[s^2+\int_s^{\eta}z\,\bigl(\tfrac sz\bigr)^M\,dz\Bigr],\qquad"
        r"\int_s^{\eta}z^{1-M}s^M\,dz=\begin{cases}s\,(\eta-s)&M=1,\\"
        r"s^2\log(\eta/s)&M=2,\\\frac{s^2-s^M\eta^{2-M}}{M-2}&M\ge3,\end{cases}"
    )
    page.text(
        r"""that is :math:`s^8`, :math:`s^{10}\log(1/s)` and :math:`s^{8+M}`: in powers of
        :math:`\epsilon`, 4 for c = 4, 5 with a logarithm for c = 5, and :math:`\tfrac{c+5}2` for
        :math:`c\ge6`. For the path, let column 0 of the representative go to 0 along its ray, the dead
        columns being at 0: (a) to (c). Then turn :math:`u_1` and :math:`u_3` towards each other by the same
        angle, of less than 45°: (c) to (b). ∎""",
    )
    z, s, eta = sp.symbols("z s eta", positive=True)
    closed = {1: s * (eta - s), 2: s**2 * sp.log(eta / s)}
    closed |= {m: (s**2 - s**m * eta ** (2 - m)) / (m - 2) for m in range(3, 9)}
    page.check(
        "the integral, for M = 1 to 8",
        all(
            sp.simplify(sp.integrate(z * (s / z) ** m, (z, s, eta)) - sp.expand_log(value)) == 0
            for m, value in closed.items()
        ),
    )
    page.check(
        r"""the exponents in s: 8, 10 and 8 + M are 2λ of the table for M = c − 3, 4 ≤ c ≤ 12, and
        c = (c + 5)/2 exactly for c = 5""",
        all(
            min(6 + 2 * m, 8 + m) == 2 * min(Fraction(c), Fraction(c + 5, 2)) and (2 * c == c + 5) == (c == 5)
            for c, m in ((c, c - 3) for c in range(4, 13))
        )
        and (6 + 1 + 1, 6 + 2 + 2) == (8, 10),
    )
    theta, alpha = sp.symbols("theta alpha", real=True)
    first = sp.Matrix([sp.cos(theta - alpha), sp.sin(theta - alpha)])
    third = sp.Matrix([sp.cos(theta + alpha), sp.sin(theta + alpha)])
    middle = sp.Matrix([sp.cos(theta), sp.sin(theta)])
    page.check(
        r"""two unit vectors at the angle :math:`2\alpha` sum to :math:`2\cos\alpha` times the unit vector
        between them; here :math:`\alpha=\tfrac\pi2-\tfrac z2`""",
        all(is_zero(sp.expand(sp.expand_trig(x))) for x in first + third - 2 * sp.cos(alpha) * middle),
    )
    quarter = [Fraction(i, 48) for i in range(13)]
    page.check(
        f"""the path in exact fractions, {len(STEPS)} and {len(quarter)} points, 4 ≤ c ≤ 8: the conditions of
        F, gradient 0, L that of 4⁻""",
        all(
            flat(w, (1, 2, 3)) and any_number.loss(*w) == Fraction(c - 3, 3 * c)
            for c in SIZES
            for w in [*(shrunk(c, r) for r in STEPS), *(opened(c, t) for t in quarter)]
        ),
    )
    page.check(
        """the check can fail: turned apart instead of together, by 2 arctan(1/4) each, the loss is larger""",
        all(any_number.loss(*opened(c, Fraction(-1, 4))) > Fraction(c - 3, 3 * c) for c in SIZES),
    )
    page.text(
        r"""What a free energy sees is the least :math:`\lambda` on the flat set, with the largest :math:`m`
        that goes with it. For three live columns this is 4 at c = 4; 5 with :math:`m=2` at c = 5, so that
        :math:`\log\log n` appears, although each standard representative has :math:`m=1`; and
        :math:`\tfrac{c+5}2` with :math:`m=1` for :math:`c\ge6`.""",
    )
