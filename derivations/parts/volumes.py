"""Section 4 of derivation 5: the volume near a 4-gon without positive columns."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import sympy as sp
from parts.exact import SQUARE, Point, inner
from parts.page import Page, is_zero

from kgon.kgons import labels
from kgon.kgons.labels import Label
from kgon.kgons.square_flat_set import is_certified, zero_cone
from kgon.potential import any_number
from kgon.potential.symbolic import OFF, ON, RISING, a, b, diag_integral, off_integral

LABELS = (
    Label(4),
    Label(4, 0, 1),
    Label(4, 0, 2),
    Label(4, 0, 2, "opposite"),
    Label(4, 0, 3),
    Label(4, 0, 4),
)
"""The 4-gons without positive columns."""
RADIUS = Fraction(1, 20)
"""Half width of the box around the representative."""


def point(label: Label, c: int) -> Point:
    """Standard representative of a 4-gon in exact fractions."""
    return labels.representative(label, c, Fraction(1), Fraction(0), SQUARE, Fraction)


def live_columns(label: Label, c: int) -> list[int]:
    """The places of the columns of a label that are live."""
    return [j for j, role in enumerate(label.roles(c)) if role == "live"]


def live_part(W: list[list[Fraction]], bias: list[Fraction], live: list[int]) -> Fraction:
    """What the live outputs contribute to cL."""
    total = Fraction(0)
    for j in live:
        total += Fraction(any_number.diag(inner(W, j, j), bias[j])[0])
        total += sum(Fraction(any_number.off(inner(W, i, j), bias[j])[0]) for i in range(len(bias)) if i != j)
    return total / 3


def comparison(W: list[list[Fraction]], bias: list[Fraction], live: list[int]) -> Fraction:
    """The function Q of Lemma 2, which the loss is compared with."""
    total = Fraction(0)
    for j in live:
        total += (inner(W, j, j) - 1) ** 2 + bias[j] ** 2
        total += sum(max(inner(W, i, j), Fraction(0)) ** 2 for i in range(len(bias)) if i != j)
    return total


def moved(label: Label, c: int, seed: int, scale: Fraction) -> Point:
    """A rational point whose coordinates differ from the representative's by at most scale / 20."""
    random = Random(100 * c + seed)
    W, bias = point(label, c)

    def step() -> Fraction:
        return RADIUS * scale * Fraction(random.randint(-12, 12), 12)

    return [[x + step() for x in row] for row in W], [x + step() for x in bias]


def learning_coefficient(label: Label, c: int) -> Fraction:
    """λ of Theorem C at the standard representative."""
    closed = {
        Label(4): Fraction(2 * c + 3, 2),
        Label(4, 0, 1): Fraction(c + 5, 2),
        Label(4, 0, 2): Fraction(2),
        Label(4, 0, 2, "opposite"): Fraction(c + 3, 2),
        Label(4, 0, 3): Fraction(1),
        Label(4, 0, 4): Fraction(0),
    }
    return closed[label]


def exponents(label: Label, c: int) -> list[Fraction]:
    """Powers of ε from live norms and biases, from the angles, and from the dead columns."""
    live = live_columns(label, c)
    # A gap between neighbours is constrained if at least one of the two is live.
    gaps = sum(1 for i in range(4) if i in live or (i + 1) % 4 in live)
    angles = Fraction(3, 2) if gaps == 4 else Fraction(0)
    # Each opposite pair of live columns pins one coordinate of a dead column.
    pairs = sum(1 for i in (0, 1) if i in live and i + 2 in live)
    return [Fraction(len(live)), angles, (c - 4) * Fraction(pairs, 2)]


def near_the_point(page: Page) -> None:
    """Section 5.4: Lemmas 1 and 2, on the loss near a 4-gon without positive columns."""
    page.section("5.4 The 4-gons without positive columns")
    page.text(
        r"""**Theorem C.** Let :math:`\sigma=0`, :math:`c\ge4`, with :math:`\varphi` switched-off and
        :math:`\delta=c-4` dead columns. At the standard representative (switched-off columns at their
        vertices with :math:`b=-2`, dead ones at :math:`W=0` with :math:`b=-\tfrac12`) the multiplicity is 1
        and""",
    )
    header = ["", "φ = 0", "φ = 1", "φ = 2 adjacent", "φ = 2 opposite", "φ = 3", "φ = 4"]
    lambdas = [r"\frac{2c+3}2", r"\frac{c+5}2", "2", r"\frac{c+3}2", "1", "0"]
    parts = [exponents(label, 5) for label in LABELS]  # c = 5: one dead column
    names = ("norms and biases of the live columns", "angles", "each dead column")
    rows = [[":math:`\\lambda`", *(f":math:`{x}`" for x in lambdas)]]
    rows += [[name, *(str(part[at]) for part in parts)] for at, name in enumerate(names)]
    page.table(header, rows)
    page.text(
        r"""The lower rows say which power of :math:`\epsilon` comes from where. Let :math:`\Lambda` be the
        set of live columns, and :math:`U` the box of the points whose coordinates differ from those of the
        representative by at most :math:`\tfrac1{20}`. For live :math:`j` write
        :math:`N_j=\lVert W_j\rVert^2=1+\nu_j` and :math:`b_j=\beta_j`. On :math:`U`,
        :math:`N_j\ge\tfrac9{10}` and :math:`|\beta_j|\le\tfrac1{20}`.""",
        r"""**Lemma 1.** On :math:`U`, exactly,""",
    )
    page.math(
        r"c\,(L-L^*)=\sum_{j\in\Lambda}\Bigl[\operatorname{diag}(N_j,\beta_j)"
        r"+\sum_{i\ne j}\operatorname{off}(W_i\cdot W_j,\beta_j)\Bigr]."
    )
    page.text(
        r"""**Proof.** On :math:`U` every :math:`\lVert W_i\rVert^2\le(1+\tfrac1{20})^2+\tfrac1{400}`, and
        for a dead column it is at most :math:`\tfrac2{400}`. So a switched-off output :math:`m` has
        :math:`W_i\cdot W_m+b_m\le\tfrac{442}{400}-\tfrac{39}{20}<0` for every :math:`i`, including
        :math:`i=m`, and a dead one
        :math:`W_i\cdot W_m+b_m\le\sqrt{\tfrac{442}{400}\cdot\tfrac2{400}}-\tfrac9{20}<0`; with
        :math:`b_m<0` it is off for every input, and contributes :math:`\tfrac13`. Together that is
        :math:`\tfrac13(\varphi+\delta)=cL^*` (derivation 2b, Proposition 2). ∎""",
    )
    tested = [
        (label, c, seed, Fraction(1, n))
        for label in LABELS
        for c in range(4, 9)
        for seed in (0, 1)
        for n in (1, 30, 1000)
    ]
    points = [(live_columns(label, c), c, moved(label, c, seed, s)) for label, c, seed, s in tested]
    starts = {(label, c): any_number.loss(*point(label, c)) for label, c, _, _ in tested}
    changes = [
        c * (any_number.loss(*w) - starts[label, c])
        for (label, c, _, _), (_, _, w) in zip(tested, points, strict=True)
    ]
    page.check(
        r"""the bounds: :math:`(1+\tfrac1{20})^2+\tfrac1{400}=\tfrac{442}{400}<\tfrac{39}{20}`,
        :math:`\tfrac{442}{400}\cdot\tfrac2{400}<(\tfrac9{20})^2`,
        :math:`(1-\tfrac1{20})^2\ge\tfrac9{10}`""",
        (1 + RADIUS) ** 2 + RADIUS**2 == Fraction(442, 400) < Fraction(39, 20)
        and Fraction(442, 400) * 2 * RADIUS**2 < Fraction(9, 20) ** 2
        and Fraction(9, 10) <= (1 - RADIUS) ** 2,
    )
    page.check(
        f"""the identity in exact fractions (``kgon.potential.any_number``) at {len(points)} points of U:
        the six kinds, 4 ≤ c ≤ 8, at distances of about 1/20, 1/600 and 1/20000""",
        all(live_part(*w, live) == change for (live, _, w), change in zip(points, changes, strict=True)),
    )
    page.text(
        r"""**Lemma 2.** Where Lemma 1's identity holds and :math:`N_j\ge\tfrac9{10}`,
        :math:`|\beta_j|\le\tfrac1{20}` for the live columns,""",
    )
    page.math(
        r"\kappa_0\,Q\le c\,(L-L^*)\le2c\,Q,\qquad Q=\sum_{j\in\Lambda}\Bigl[\nu_j^2+\beta_j^2"
        r"+\sum_{i\ne j}(W_i\cdot W_j)_+^2\Bigr],\qquad\kappa_0=\frac1{336\,(c-1)}."
    )
    page.text(
        r"""**Proof.** *diag, above.* relu is 1-Lipschitz and :math:`\mu=\operatorname{relu}(\mu)`, so
        :math:`|\mu-\operatorname{relu}(N\mu+\beta)|\le|\nu\mu+\beta|`, and
        :math:`\operatorname{diag}\le\int(\nu\mu+\beta)^2d\mu\le\tfrac43(\nu^2+\beta^2)`, the trace of the
        form. *diag, below.* The output is on at least for :math:`\mu\ge\tfrac18`, since
        :math:`|\beta|/N\le\tfrac1{18}`; so :math:`\operatorname{diag}\ge\int_{1/8}^1(\nu\mu+\beta)^2d\mu`.
        A form's smallest eigenvalue is at least its determinant divided by its trace, here
        :math:`\tfrac1{12}(\tfrac78)^4/\tfrac43>\tfrac1{28}`. *off, above.*
        :math:`(a\mu+\beta)_+\le a_++\beta_+`, so :math:`\operatorname{off}\le2a_+^2+2\beta^2`. *off, below.*
        As in Lemma 3 of derivation 2d, :math:`\operatorname{off}\ge\theta(\tfrac16a_+^2-\beta^2)` for
        :math:`0\le\theta\le1`; take :math:`\theta=1/(56(c-1))`, so that the :math:`c-1` terms of an output
        cost :math:`\tfrac1{56}\beta_j^2`, half of what diag gives. The smaller coefficient is
        :math:`\tfrac\theta6=\kappa_0`; above, the larger one is :math:`\tfrac43+2(c-1)\le2c`. ∎""",
    )
    nu, beta, tau, mu = sp.symbols("nu beta tau mu", real=True)
    partial = sp.expand(sp.integrate((nu * mu + beta) ** 2, (mu, tau, 1)))
    matrix = sp.hessian(partial / 2, (nu, beta))
    eighth = matrix.subs(tau, sp.Rational(1, 8))
    page.check(
        r"""the form of :math:`\int_\tau^1(\nu\mu+\beta)^2d\mu` has determinant
        :math:`\tfrac1{12}(1-\tau)^4`; at τ = 1/8 it divided by 4/3 exceeds 1/28; the trace at τ = 0 is 4/3
        and falls with τ""",
        is_zero(matrix.det() - (1 - tau) ** 4 / 12)
        and eighth.det() / sp.Rational(4, 3) > sp.Rational(1, 28)
        and matrix.trace().subs(tau, 0) == sp.Rational(4, 3)
        and is_zero(sp.diff(matrix.trace(), tau) + tau**2 + 1),
    )
    page.check(
        r"""the closed forms: off = :math:`a^2/3+ab+b^2` where it is on, :math:`(a+b)^3/(3a)` where it rises,
        0 where it is off""",
        is_zero(off_integral(ON) - a**2 / 3 - a * b - b**2)
        and is_zero(off_integral(RISING) - (a + b) ** 3 / (3 * a))
        and off_integral(OFF) == 0
        and is_zero(diag_integral(OFF) - sp.Rational(1, 3)),
    )
    bounds = [(comparison(*w, live), c) for live, c, w in points]
    page.check(
        f"""the two inequalities in exact fractions at these {len(points)} points; the lower one would fail at
        some of them with 1 in place of κ₀""",
        all(
            q / (336 * (c - 1)) <= change <= 2 * c * q for (q, c), change in zip(bounds, changes, strict=True)
        )
        and any(q > change for (q, _), change in zip(bounds, changes, strict=True)),
    )


def volumes(page: Page) -> None:
    """The proof of Theorem C: how the volume of {Q < ε} shrinks with ε."""
    page.text(
        r"""**Proof of Theorem C.** By Lemma 2 the volumes of :math:`\{L-L^*<\epsilon\}` lie between those of
        :math:`\{Q<\epsilon/2\}` and :math:`\{Q<c\,\epsilon/\kappa_0\}`, so that :math:`\lambda` and the
        multiplicity may be computed from :math:`Q`. Let :math:`s=\sqrt\epsilon`. If :math:`Q<\epsilon`, then
        :math:`|\nu_j|,|\beta_j|<s` and :math:`(W_i\cdot W_j)_+<s` for all live :math:`j` and
        :math:`i\ne j`; conversely these with :math:`s/\sqrt{c(c+1)}` in place of :math:`s` imply
        :math:`Q<\epsilon`, since :math:`Q` has at most :math:`c(c+1)` terms. Constants in front of
        :math:`s` do not matter below.""",
        r"""*Coordinates.* For the columns 0 to 3 use :math:`N_j` and the angle,
        :math:`dW_j=\tfrac12\,dN_j\,d\theta_j`, and in place of the four angles :math:`\theta_0` and the gaps
        :math:`g_i=\theta_{i+1}-\theta_i` (indices modulo 4), which sum to :math:`2\pi`; for dead columns
        :math:`W` itself. On :math:`U` a column of the square is within 1/10 radian of its vertex, and
        :math:`W_i\cdot W_{i+1}=\sqrt{N_iN_{i+1}}\,\sin(\tfrac\pi2-g_i)`. So if one of :math:`i,i+1` is live,
        the condition on their product implies :math:`g_i\ge\tfrac\pi2-3s` and is implied by
        :math:`g_i\ge\tfrac\pi2-\tfrac s2`: the gap is *constrained*. Opposite columns have a negative
        product. Norms of switched-off columns, and biases of switched-off and dead ones, are free.""",
        r"""*Live norms and biases.* They are confined to intervals of length of order :math:`s`,
        independently of everything else: a factor :math:`s^2=\epsilon` for each live column.""",
        r"""*Angles.* For :math:`\varphi=0`, :math:`\varphi=1` and the opposite configuration every gap has a
        live end. Four gaps of at least :math:`\tfrac\pi2-t` that sum to :math:`2\pi` form a simplex of volume
        :math:`(4t)^3/6`, so the angles give a factor between multiples of
        :math:`s^3=\epsilon^{3/2}`; :math:`\theta_0` is free. In the adjacent configuration the gap
        between the two switched-off columns is not constrained, nor are two gaps for :math:`\varphi=3`: the
        constrained ones may all lie between :math:`\tfrac\pi2` and :math:`\tfrac\pi2+\tfrac1{100}`, a set
        whose volume does not depend on :math:`\epsilon`.""",
        r"""*Dead columns,* for fixed live ones; :math:`u_j` is the direction of :math:`W_j`, and the
        conditions are :math:`W\cdot u_j\le s/\sqrt{N_j}` for live :math:`j`.""",
    )
    page.items(
        r""":math:`\varphi=0`: one of the four :math:`u_j` is within 60° of the direction of :math:`W`, so
        :math:`\lVert W\rVert\le4s`; and :math:`\lVert W\rVert\le s/2` suffices. The area is of order
        :math:`s^2=\epsilon`.""",
        r""":math:`\varphi=1` and opposite: the live columns 1 and 3 are opposite vertices. *Above:* by the
        gaps :math:`\lVert u_1+u_3\rVert\le6s`, hence :math:`|W\cdot u_1|\le3s` for
        :math:`\lVert W\rVert\le\tfrac1{10}`: a strip, of area at most of order :math:`s`. *Below:* restrict
        the gaps to :math:`|g_i-\tfrac\pi2|\le\tfrac s{100}`, a set of the same order :math:`s^3`; then
        :math:`|W\cdot u_1|\le\tfrac s4`, with :math:`W\cdot u_2\le0` if column 2 is live, satisfies all
        conditions: area of order :math:`s=\epsilon^{1/2}`.""",
        r"""adjacent and :math:`\varphi=3`: for the gaps chosen above the cone :math:`W\cdot u_j\le0` of the
        live :math:`j` has an opening of at least :math:`\tfrac\pi2-\tfrac1{100}`: its part near 0 has an area
        that does not depend on :math:`\epsilon`.""",
        r""":math:`\varphi=4`: there is no live column and :math:`Q=0`; :math:`L` is constant on
        :math:`U`.""",
    )
    page.text(
        r"""The bounds are uniform in the variables held fixed, so by Fubini they multiply: the volume lies
        between two multiples of :math:`\epsilon^\lambda`, :math:`\lambda` the sum of the exponents. A
        smaller box changes the multiples only, and a ball lies between two boxes. There is no
        logarithm. ∎""",
    )
    x, y, z, t = sp.symbols("x y z t", positive=True)
    simplex = sp.integrate(1, (z, 0, 4 * t - x - y), (y, 0, 4 * t - x), (x, 0, 4 * t))
    page.check(
        r"""the volume of the simplex of three numbers :math:`x,y,z\ge0` with :math:`x+y+z\le4t`, and
        :math:`dW=\tfrac12\,dN\,d\theta`""",
        is_zero(simplex - (4 * t) ** 3 / 6) and is_zero(polar_jacobian() - sp.Rational(1, 2)),
    )
    page.check(
        """the numbers: cos 60° < cos(π/4 + 1/10), the worst direction of a dead column at φ = 0, by
        cos x ≥ 1 − x²/2 and π < 22/7; sin x ≥ x/2 for 0 ≤ x ≤ 1/5 by sin x ≥ x − x³/6, and
        2/(9/10) < 3; the angle to the vertex is at most arctan(1/19) < 1/10""",
        1 - (Fraction(22, 28) + Fraction(1, 10)) ** 2 / 2 > Fraction(1, 2)
        and 1 - Fraction(1, 25) / 6 > Fraction(1, 2)
        and Fraction(20, 9) < 3
        and RADIUS / (1 - RADIUS) == Fraction(1, 19) < Fraction(1, 10),
    )
    every = [(label, c) for label in LABELS for c in range(4, 13)]
    page.check(
        "the exponents sum to the λ of the theorem for the six kinds, 4 ≤ c ≤ 12",
        all(sum(exponents(label, c)) == learning_coefficient(label, c) for label, c in every),
    )
    cones = {(label, c): zero_cone(label, c) for label, c in every}
    page.check(
        r"""a second way to the same numbers: the zero cone of derivation 3, whose dimension f is certified by
        rational multipliers (Stiemke), gives :math:`\lambda=\tfrac12(3c-f)` for all of them""",
        all(
            is_certified(cone, sum(1 if role == "live" else 3 for role in label.roles(c)))
            and Fraction(3 * c - cone.dimension, 2) == learning_coefficient(label, c)
            for (label, c), cone in cones.items()
        ),
    )


def polar_jacobian() -> sp.Expr:
    """The Jacobian |∂W/∂(N, θ)| of a column in squared length and angle."""
    n, theta = sp.symbols("n theta", positive=True)
    W = sp.Matrix([sp.sqrt(n) * sp.cos(theta), sp.sqrt(n) * sp.sin(theta)])
    return sp.simplify(W.jacobian([n, theta]).det())
