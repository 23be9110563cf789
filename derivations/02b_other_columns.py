"""Derivation 2b: the columns beside the polygon.

Positive, dead and switched-off columns: the 4-gons with all their labels, losses, saddles, the
infimum of half the squared norm over a flat family, and why there are no other labels.  Run with
``--check`` to compare with the committed page.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import flint
import sympy as sp
from flint import arb
from parts.exact import SQUARE
from parts.other_labels import other_labels
from parts.page import Page, all_zero, is_zero, run, tex

from kgon.kgons import catalogue
from kgon.kgons import labels as kgons_labels
from kgon.kgons import values as kgons_values
from kgon.kgons.labels import Label
from kgon.potential import any_number
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.potential.symbolic import OFF, ON, a, b, diag_integral, off_integral

"""Vertices of the 4-gon."""


def four_gons(c: int) -> list[Label]:
    """All labels of the 4-gon with c features, in all configurations."""
    return kgons_labels.all_labels(c, [4])


def rational_point(label: Label, c: int) -> tuple[list[list[Fraction]], list[Fraction]]:
    """Standard representative of a 4-gon in exact fractions."""
    return kgons_labels.representative(label, c, Fraction(1), Fraction(0), SQUARE, Fraction)


def flat_gradient(point: tuple[list[list[Fraction]], list[Fraction]]) -> list[Fraction]:
    """All components of the gradient of L in exact fractions, one after another."""
    grad_W, grad_b = any_number.gradient(*point)
    return [Fraction(x) for x in (*grad_W[0], *grad_W[1], *grad_b)]


def squares(page: Page) -> None:
    """The 4-gon with σ positive and φ switched-off columns."""
    page.section("2b.1 The 4-gon and its labels")
    page.text(
        r"""A point with label :math:`4^{\sigma+,\varphi-}`, :math:`c\ge4`, has the four vertices
        :math:`W=\pm e_1,\pm e_2` with bias 0, except that :math:`\varphi` of them are *switched off* by a
        bias :math:`b_j\le-1`; :math:`\sigma` *positive* columns :math:`W=0`, :math:`b=1/(2c)`; and *dead*
        columns :math:`W=0`, :math:`b<0`.  Again :math:`p` is uniform and :math:`I=1`.""",
        r"""**Theorem 1.** Every such point is a critical point of :math:`L`.""",
        r"""**Proof.** No column has :math:`W_j=0` and :math:`b_j=0`, so the gradient is given by the first
        derivatives of the pair functions (derivation 1, Theorem 5).  *Output = a live vertex:*
        :math:`\operatorname{diag}` has gradient 0 at :math:`(1,0)`, where it has its minimum value 0; the
        slopes to all other columns are 0 or :math:`-1`, and at :math:`(0,0)` and :math:`(-1,0)`
        :math:`\operatorname{off}` is :math:`C^1` with gradient 0.  *Output = a switched-off vertex:*
        :math:`a+b_j\le0` for every slope :math:`a\in\{1,0,-1\}`, and both functions are :math:`C^1` with
        gradient 0 on the closed region off.  *Dead output:* the same with :math:`a=0`.  *Positive output*
        :math:`z`: :math:`\partial_{b_z}L=0` by the choice of :math:`b_z` (derivation 2, Theorem 1).  With
        respect to :math:`W_z`, each input :math:`i\ne z` contributes
        :math:`\tfrac1c\,\partial_a\operatorname{off}(0,b_z)\,W_i`, and with respect to :math:`W_i` it
        contributes :math:`\tfrac1c\,\partial_a\operatorname{off}(0,b_z)\,W_z=0`; in sum""",
    )
    slope = sp.diff(off_integral(ON), a).subs(a, 0)
    page.math(
        r"\nabla_{W_z}L=\frac{b_z}{c}\sum_iW_i=0,\qquad "
        rf"\partial_a\operatorname{{off}}(0,b)={tex(slope)}\quad(b\ge0).\quad\blacksquare"
    )
    on_gradient = [sp.diff(diag_integral(ON), v).subs({a: 1, b: 0}) for v in (a, b)]
    corner = [sp.diff(off_integral(r), v).subs({a: 0, b: 0}) for r in (ON, OFF) for v in (a, b)]
    page.check(
        "diag(1, 0) = 0 with gradient 0; off has gradient 0 at (0, 0) from the regions on and off",
        all_zero([diag_integral(ON).subs({a: 1, b: 0}), *on_gradient, *corner]),
    )
    counts = {c: four_gons(c) for c in range(4, 9)}
    page.check(
        f"""in exact fractions every component of the gradient is 0 at the standard representative of all
        {sum(map(len, counts.values()))} labels and configurations with 4 ≤ c ≤ 8""",
        all(
            not any(flat_gradient(rational_point(label, c))) for c, found in counts.items() for label in found
        ),
    )
    page.check(
        "the check can fail: with the positive bias 1/(2c + 1) or a vertex missing the gradient is not 0",
        all(any(flat_gradient(point)) for point in near_misses()),
    )


def near_misses() -> Iterable[tuple[list[list[Fraction]], list[Fraction]]]:
    """Points next to critical ones that are not critical."""
    W, bias = rational_point(Label(4, 1), 6)
    yield W, [*bias[:4], Fraction(1, 13), bias[5]]
    yield [[*row[:3], Fraction(0), *row[4:]] for row in W], [*bias[:3], Fraction(-1, 2), *bias[4:]]


# --- 4.2 losses ----------------------------------------------------------------------------------


def losses(page: Page) -> None:
    """Section 2b.2: what each column contributes to the loss."""
    page.section("2b.2 Losses")
    c = sp.Symbol("c", positive=True)
    positive = sp.expand((diag_integral(ON).subs(a, 0) + (c - 1) * off_integral(ON).subs(a, 0)) / c)
    positive = sp.expand(positive.subs(b, 1 / (2 * c)))
    off_column = diag_integral(OFF) / c
    page.text(
        r"""**Proposition 2.** With :math:`R_k` the reduced loss of the regular k-gon (derivation 2),
        :math:`R_4=0`, :math:`\nu` live vertices and :math:`\delta` dead columns,""",
    )
    page.math(
        rf"L=\nu\,\frac{{R_k}}c+(\varphi+\delta)\,{tex(off_column)}"
        rf"+\sigma\left({tex(positive)}\right),\qquad \nu+\varphi+\sigma+\delta=c."
    )
    page.text(
        r"""**Proof.** The contribution of output :math:`j` to :math:`cL` is :math:`\tfrac13` if it is
        off for every input; for a positive column it is
        :math:`\operatorname{diag}(0,b)+(c-1)\operatorname{off}(0,b)` at :math:`b=1/(2c)`; and for a
        live vertex it is :math:`R_k`, as no column with :math:`W=0` reaches it (:math:`b\le0`), and a
        switched-off vertex of the 4-gon reaches it with slope 0 or −1. ∎""",
    )
    page.check(
        r"each positive column instead of a dead one lowers L by :math:`1/(4c^2)`; for c = 6 by 1/144",
        is_zero(off_column - positive - 1 / (4 * c**2))
        and (off_column - positive).subs(c, 6) == sp.Rational(1, 144),
    )
    labels = [(label, size) for size in range(4, 9) for label in four_gons(size)]
    page.check(
        """the package's loss (``kgon.kgons.values.loss_parts``) equals L in exact fractions for every label
        of the 4-gon with 4 ≤ c ≤ 8""",
        all(
            kgons_values.loss_parts(label, size)[0] == any_number.loss(*rational_point(label, size))
            for label, size in labels
        ),
    )
    dearer = [Label.parse(text) for text in ("5", "5+", "6")]
    page.check(
        "for 5, 5⁺ and 6 at c = 6 its enclosure overlaps with L evaluated in balls from the pair functions",
        all(ball_losses_agree(label, 6) for label in dearer),
    )
    difference = kgons_values.loss_parts(dearer[0], 6)[0] - kgons_values.loss_parts(dearer[1], 6)[0]
    page.check("L(5) − L(5⁺) = 1/144 at c = 6, as rational numbers", difference == Fraction(1, 144))
    rows = []
    for label in [
        label for label in kgons_labels.all_labels(6, [4, 5, 6]) if label.configuration == "adjacent"
    ]:
        q, r = kgons_values.loss_parts(label, 6)
        exact_text = f":math:`{tex(sp.Rational(q.numerator, q.denominator))}`"
        if r:
            share = sp.Rational(r.numerator, r.denominator)
            factor = "" if share == 1 else rf"{tex(share)}\,"
            exact_text = (rf"{exact_text[:-1]}+" if q else ":math:`") + rf"{factor}R_{label.k}`"
        with flint.ctx.workprec(128):
            rows.append(
                [f":math:`{label.latex}`", exact_text, kgons_values.loss_ball(label, 6).str(10, radius=False)]
            )
    page.text("The 18 labels of :math:`c=6` (digits certain to within one unit of the last):")
    page.table(["label", ":math:`L`", "decimal"], rows)


def ball_losses_agree(label: Label, c: int) -> bool:
    """Whether loss_ball overlaps with the loss of the representative in balls, to 40 digits."""
    with flint.ctx.workprec(256):
        polygon = kgons_values.polygon(label.k)
        angles = [flint.fmpq(2 * j, label.k) for j in range(label.k)]
        directions = [(arb.cos_pi_fmpq(x), arb.sin_pi_fmpq(x)) for x in angles]
        W, bias = kgons_labels.representative(label, c, polygon.length, polygon.bias, directions, arb)
        value, claimed = arb(any_number.loss(W, bias)), kgons_values.loss_ball(label, c)
        return bool(value.overlaps(claimed)) and float(value.rad()) < 1e-40


# --- 4.3 saddles -----------------------------------------------------------------------------------


def saddles(page: Page) -> None:
    """A column that can move beside a positive one."""
    page.section("2b.3 Local minima, and points that are not")
    page.text(
        r"""**Proposition 3.** A 4-gon with :math:`\sigma=0` is a local minimum of :math:`L`, for every
        :math:`\varphi`.""",
        r"""**Proof.** A dead or switched-off column has :math:`b_j<0` and :math:`\lVert W_j\rVert^2+b_j<0`.
        Near the point this stays true, and its :math:`\operatorname{diag}` is :math:`\tfrac13`. All other
        pair terms are integrals of squares, so that :math:`cL\ge\tfrac13(\varphi+\delta)`, which is the
        value at the point (Proposition 2). ∎""",
    )
    page.check(
        """the standard representatives of all 4-gons with σ = 0, 4 ≤ c ≤ 8, satisfy the strict inequalities,
        and their loss is (φ + δ)/(3c), in exact fractions""",
        all(strictly_off(label, c) for c in range(4, 9) for label in four_gons(c) if label.sigma == 0),
    )
    page.text(
        r"""**Proposition 4.** Neither of these is a local minimum of :math:`L`: a 4-gon with
        :math:`\sigma\ge1` and :math:`\varphi\ge1`; a regular k-gon, :math:`k\ge5`, with :math:`\sigma\ge1`
        and at least one dead column.""",
        r"""**Proof.** Let :math:`p` be positive. Let :math:`d` be switched off and :math:`e=W_d`, or
        let :math:`d` be dead (:math:`k\ge5`) and :math:`e` any unit vector. Consider the curve
        :math:`u\ge0` on which column :math:`d` moves to :math:`W_d+u\,e` with its bias lowered by
        :math:`3u`, and :math:`W_p=-\varepsilon u\,e`; :math:`u` is small. Moving :math:`d` alone costs
        nothing: its output stays off (for a vertex because :math:`(1+u)^2\le1+3u`), and as an input it
        reaches no vertex, since :math:`e\cdot W_j\le0` for every live :math:`j` of the 4-gon, and
        :math:`b_j<0` if :math:`k\ge5`. Output :math:`p` is on for every input, with slopes whose sum is
        :math:`W_p\cdot\sum_{i\ne p}W_i=-\varepsilon u^2`, because the columns of the point itself sum
        to 0. The slopes enter :math:`\operatorname{off}=b^2+ab+\tfrac13a^2` linearly with the factor
        :math:`b_p`; everything else that depends on :math:`W_p` is bounded by a multiple of
        :math:`\lVert W_p\rVert^2`. So for a constant :math:`K`, and all small :math:`u` and
        :math:`\varepsilon`,""",
    )
    page.math(r"c\,(L-L^*)\le -\varepsilon\,b_p\,u^2+K\varepsilon^2u^2,")
    page.text("which is negative for :math:`0<\\varepsilon<b_p/K`. ∎")
    linear = off_integral(ON)
    page.check(
        r"off in the region on is :math:`b^2+ab+a^2/3`",
        is_zero(linear - b**2 - a * b - a**2 / 3),
    )
    cases = [(label, c) for c in range(5, 9) for label in four_gons(c) if label.sigma and label.phi]
    page.check(
        f"""for all {len(cases)} labels and configurations of the 4-gon with σ, φ ≥ 1 and 5 ≤ c ≤ 8, and
        u = 1/10, 1/100, 1/1000: on this curve with ε = 1/(4c) the loss is smaller, in exact fractions""",
        all(falls(label, c, Fraction(1, n)) for label, c in cases for n in (10, 100, 1000)),
    )
    six = {label.name for label, c in cases if c == 6}
    page.check(f"at c = 6 these are {len(six)} of the 18 labels", len(six) == 8)
    bp, c = sp.symbols("b_p c", positive=True)
    u, v = sp.symbols("u v", real=True)
    pair = off_integral(ON).subs({a: u * v, b: bp}, simultaneous=True) / c
    mixed = sp.diff(pair, u, v).subs({u: 0, v: 0})
    q = sp.Symbol("q", real=True)
    block = sp.Matrix([[0, mixed], [mixed, q]])
    page.text(
        r"""For :math:`k\ge5` all vertices have :math:`b<0` and :math:`L` is :math:`C^2` near the point,
        which is therefore a saddle in the usual sense. With :math:`W_d=u\,e`, :math:`W_p=v\,e` the only
        pair that depends on both is input :math:`d`, output :math:`p`, with slope :math:`uv`, and
        :math:`\partial_u^2L=0`. The Hessian has the block""",
    )
    page.math(rf"{tex(block)},\qquad\det={tex(block.det())}<0.")
    page.check("the mixed derivative and the determinant", is_zero(block.det() + (bp / c) ** 2))
    point = catalogue.Catalogue(7)["5+"]
    measured = Potential(TMS(7)).hessian(point.W, point.biases)
    dead, positive = 6, 5
    block_ok = abs(measured[dead, dead]) < 1e-12 and abs(measured[dead, positive] - 1 / (14 * 7)) < 1e-12
    page.check(
        """in floating point, label 5⁺ at c = 7 (one dead column): the block is the one stated within 1e-12,
        and the package finds a saddle""",
        bool(block_ok) and point.is_minimum is False,
    )
    page.text(
        r"""At :math:`c=6` the second case does not occur: 5 has no positive column and 5⁺ no dead one.
        A 4-gon with four live vertices and :math:`\sigma\ge1` is covered by neither proposition: a dead
        column that moves reaches a vertex, which costs at second order. Derivation 2d decides when
        it is a local minimum: always for :math:`c\le8`, not always from :math:`c=9` on.""",
    )


def strictly_off(label: Label, c: int) -> bool:
    """Whether every dead and switched-off column is strictly off, and L is their share alone."""
    W, bias = rational_point(label, c)
    off = [j for j, role in enumerate(label.roles(c)) if role in ("dead", "switched-off")]
    norms = [W[0][j] ** 2 + W[1][j] ** 2 for j in off]
    strict = all(bias[j] < 0 and norm + bias[j] < 0 for j, norm in zip(off, norms, strict=True))
    return strict and any_number.loss(W, bias) == Fraction(len(off), 3 * c)


def falls(label: Label, c: int, u: Fraction) -> bool:
    """Whether the loss is below that of the label on the curve of Proposition 4."""
    W, bias = rational_point(label, c)
    d = label.switched_off()[0]
    p = label.roles(c).index("positive")
    e = (W[0][d], W[1][d])
    for axis in (0, 1):
        W[axis][d] += u * e[axis]
        W[axis][p] = -u * e[axis] / (4 * c)
    bias[d] -= 3 * u
    return any_number.loss(W, bias) < kgons_values.loss_parts(label, c)[0]


# --- 4.4 the prior constant ------------------------------------------------------------------------


def imbalance(label: Label) -> tuple[int, int]:
    """S: minus the sum of the live vertices of a 4-gon."""
    off = label.switched_off()
    live = [SQUARE[j] for j in range(4) if j not in off]
    return -sum(x for x, _ in live), -sum(y for _, y in live)


def prior_rational(label: Label, c: int) -> Fraction:
    """The part of Proposition 5 that does not come from the live vertices."""
    roles = label.roles(c)
    movable = roles.count("dead") + roles.count("switched-off")
    value = Fraction(label.sigma, 8 * c * c)
    if label.sigma and label.phi:
        x, y = imbalance(label)
        size = Fraction(x * x + y * y)
        value += (size / movable + size**2 / movable**3) / 2
    return value


def prior(page: Page) -> None:
    """The infimum of half the squared norm over a flat family."""
    page.section("2b.4 The smallest norm in a flat family")
    page.text(
        r"""The published free energies use :math:`c_\alpha=\tfrac12\lVert w\rVert^2` at the critical
        point. A dead or switched-off column can move without changing :math:`L`, so this is a function
        on a family, and its infimum is used. The family must be named. Call the dead and switched-off
        columns *movable*, and let the *flat family* of a label be the set of critical points with""",
    )
    page.items(
        r"the live vertices at their places, with length :math:`l` and bias :math:`b` of the k-gon,",
        r"the positive columns at :math:`W_p=0`, :math:`b_p=1/(2c)`,",
        r"""each movable column :math:`m` off and harmless: :math:`W_m\cdot W_i+b_m\le0` for all :math:`i`,
        including :math:`i=m`, and :math:`W_m\cdot W_j+b_j\le0` for every live :math:`j`.""",
    )
    page.text(
        r"""All these points have the same :math:`L`.  If there is a positive column,
        :math:`\nabla_{W_p}L=\tfrac{b_p}c\sum_iW_i`, so they are critical only while :math:`\sum_iW_i=0`.
        Let :math:`u` be the number of movable columns, :math:`\nu` that of live ones, and
        :math:`S=-\sum_{\text{live}}W_j`.""",
        r"""**Proposition 5.** The infimum of :math:`\tfrac12\lVert w\rVert^2` over the flat family is""",
    )
    size, number = sp.symbols("y u", positive=True)
    page.math(
        r"\nu\,\frac{l^2+b^2}2+\frac{\sigma}{8c^2}+\begin{cases}"
        r"\dfrac12\left(\dfrac{\lVert S\rVert^2}{u}+\dfrac{\lVert S\rVert^4}{u^3}\right)"
        r"&\text{if }\sigma\ge1\text{ and }\varphi\ge1,\\0&\text{otherwise.}\end{cases}"
    )
    page.text(
        r"""**Proof.** The live and positive columns contribute the first two terms. If
        :math:`\sigma=0`, movable columns at :math:`W_m=0` with :math:`b_m\uparrow0` contribute
        arbitrarily little. (The limit :math:`W_m=0,\ b_m=0` is not in the family: :math:`L` is not
        differentiable there.) If :math:`\varphi=0`, the live vertices are a full polygon, :math:`S=0`,
        and the same choice satisfies :math:`\sum W_i=0`. Let :math:`\sigma,\varphi\ge1`. The movable
        columns have the sum :math:`S`, and :math:`b_m\le-\lVert W_m\rVert^2`, so their part is at least
        :math:`\tfrac12\sum_m h(\lVert W_m\rVert)`, :math:`h(y)=y^2+y^4`. :math:`h` is convex and
        increasing for :math:`y\ge0`, so by Jensen and the triangle inequality this is at least
        :math:`\tfrac u2\,h(\lVert S\rVert/u)`, the value stated. If :math:`S\ne0` it is attained by
        :math:`W_m=S/u`, :math:`b_m=-\lVert S/u\rVert^2` for all :math:`m`: among movable columns
        :math:`W_m\cdot W_{m'}+b_m=0`; and :math:`S\cdot W_j\le0` for every live vertex of the square.
        If :math:`S=0` it is approached as before. ∎""",
    )
    h = size**2 + size**4
    page.check(
        r":math:`h''>0`, :math:`h'>0` for :math:`y>0`, and :math:`u\,h(y/u)=y^2/u+y^4/u^3`",
        sp.diff(h, size, 2).is_positive is True
        and sp.diff(h, size).is_positive is True
        and is_zero(number * h.subs(size, size / number) - size**2 / number - size**4 / number**3),
    )
    labels = [label for label in four_gons(8) if label.sigma and label.phi]
    page.check(
        r"""S · W_j ≤ 0 for every live vertex, in every configuration with φ ≥ 1""",
        all(
            imbalance(label)[0] * SQUARE[j][0] + imbalance(label)[1] * SQUARE[j][1] <= 0
            for label in labels
            for j in range(4)
            if j not in label.switched_off()
        ),
    )
    attained = [
        (label, c) for c in range(5, 9) for label in four_gons(c) if label.sigma and any(imbalance(label))
    ]
    page.check(
        f"""the minimising points of the {len(attained)} labels with S ≠ 0, 5 ≤ c ≤ 8, have gradient 0,
        the loss of their label, and the stated norm, in exact fractions""",
        all(minimiser_agrees(label, c) for label, c in attained),
    )
    everything = [(label, c) for c in range(4, 10) for label in kgons_labels.all_labels(c, range(4, c + 1))]
    page.check(
        f"""the package (``kgon.kgons.values.prior_parts``) uses this formula, for all {len(everything)}
        labels with 4 ≤ c ≤ 9""",
        all(
            kgons_values.prior_parts(label, c)
            == (prior_rational(label, c), Fraction(label.roles(c).count("live")))
            for label, c in everything
        ),
    )
    with flint.ctx.workprec(128):
        values = {text: kgons_values.prior_ball(Label.parse(text), 6) for text in ("5", "5+", "6")}
        rounded = {text: value.str(6, radius=False) for text, value in values.items()}
        close = abs(values["6"] - arb("6.37767")) < arb("3e-5")
    page.table(
        ["label", r":math:`c_\alpha` at c = 6", "published"],
        [["5", rounded["5"], "> 3.62417"], ["5⁺", rounded["5+"], "3.62764"], ["6", rounded["6"], "6.37767"]],
    )
    page.check(
        """the published values of 5 and 5⁺ are this formula, rounded; that of 6 is not, and differs from it
        by less than 3e-5""",
        rounded == {"5": "3.62417", "5+": "3.62764", "6": "6.37764"} and close,
    )
    page.text(
        r"""**What is not claimed.** With fewer than four live vertices the live columns can move as
        well: any two of them may stand at any angle of at least 90° without changing :math:`L`. For
        :math:`\sigma=0` this does not affect the infimum, as their norms stay. For :math:`\sigma\ge1`
        and two adjacent live vertices it does: the point can be opened, through critical points of the
        same loss, until the two are opposite, where :math:`S=0`. Over that larger family the infimum
        for :math:`4^{\sigma+,--}` is the same for both configurations, namely the value of the opposite
        one.""",
    )
    page.check(
        """the opening, with the two live vertices at the rational angle cos θ = −3/5: gradient 0 and the
        loss of the label, in exact fractions (c = 6, σ = 1)""",
        opened_is_critical(),
    )


def minimiser_agrees(label: Label, c: int) -> bool:
    """Whether the point W_m = S/u, b_m = −‖S/u‖² is critical, with the loss and norm stated."""
    W, bias = rational_point(label, c)
    roles = label.roles(c)
    movable = [j for j, role in enumerate(roles) if role in ("dead", "switched-off")]
    share = [Fraction(x, len(movable)) for x in imbalance(label)]
    for j in movable:
        W[0][j], W[1][j] = share
        bias[j] = -(share[0] ** 2 + share[1] ** 2)
    norm = sum(x * x for x in (*W[0], *W[1], *bias)) / 2
    stated = prior_rational(label, c) + Fraction(roles.count("live"), 2)
    same_loss = any_number.loss(W, bias) == kgons_values.loss_parts(label, c)[0]
    return not any(flat_gradient((W, bias))) and same_loss and norm == stated


def opened_is_critical() -> bool:
    """Two live vertices at cos θ = −3/5 with three movable columns sharing S, one positive column."""
    live = [(Fraction(1), Fraction(0)), (Fraction(-3, 5), Fraction(4, 5))]
    share = [-(live[0][axis] + live[1][axis]) / 3 for axis in (0, 1)]
    columns = [*live, share, share, share, (Fraction(0), Fraction(0))]
    W = [[column[axis] for column in columns] for axis in (0, 1)]
    norm = share[0] ** 2 + share[1] ** 2
    bias = [Fraction(0), Fraction(0), -norm, -norm, -norm, Fraction(1, 12)]
    loss = kgons_values.loss_parts(Label(4, 1, 2), 6)[0]
    return not any(flat_gradient((W, bias))) and any_number.loss(W, bias) == loss


def build() -> Page:
    """Derivation 2b: the columns beside the polygon."""
    page = Page(__file__, "2b. The other columns")
    page.text(
        r"""A critical point of the catalogue is a regular polygon together with columns that are positive,
        dead or switched off.  This page treats those columns: why the point is critical, what they add to
        the loss, when they make it a saddle, how small the norm of the parameter can be, and why there are
        no others.""",
    )
    squares(page)
    losses(page)
    saddles(page)
    prior(page)
    other_labels(page)
    return page


if __name__ == "__main__":
    run(build)
