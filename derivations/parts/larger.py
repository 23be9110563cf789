"""More than six features: what the step still gives, and the octagon (derivation 6, section 6.9)."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp
from flint import arb
from parts.covering import Constants, corners, cover, lower_bound, m
from parts.exact import ball
from parts.page import Page, is_zero
from parts.sums import boxes, integral, power, rho_of, step, variation

from kgon.kgons import polygons
from kgon.proofs.global_minimum import BOUNDS

MANY = 60
"""From this c on the cost of the regular c-gon is bounded as in derivation 2c."""
BETWEEN = Fraction(45, 100), Fraction(56, 100)
"""m_k lies here for k ≥ MANY (derivation 2c)."""


def cost(k: int) -> arb:
    """The loss per column φ_k of the regular k-gon, as a ball."""
    return polygons.regular_polygons(k)[0].cost


def with_positive(k: int, c: int) -> arb:
    """cL of the regular k-gon with c − k positive columns."""
    return k * cost(k) + (c - k) * (arb(1) / 3 - arb(1) / (4 * c))


def larger(page: Page, values: dict[int, Constants]) -> None:
    """Lower bounds for c = 7 and 8; the octagon."""
    page.section("6.9 Seven features and more")
    limit = values[6].total + arb(1) / 4
    seven = with_positive(6, 7)
    page.text(
        r"""*Lower bounds.* Proposition 10 does not need the constants of a polygon. For any rational
        :math:`V` and :math:`\kappa>0`, with :math:`T=(V+2\pi\kappa)/c`, the same two coverings prove
        :math:`c\,L\ge V`, if they succeed, and the next step may start from :math:`V'=V`, :math:`\delta=0`.
        If (1) holds with :math:`\theta_0=0`, one may take :math:`\tau_1=1`: then (b) is about covered
        columns only. ``kgon prove global-minimum -c 7`` and ``-c 8`` print what is reached in this way: """
        + " and ".join(rf":math:`L\ge{float(value):g}` for c = {c}" for c, value in BOUNDS.items())
        + r""".""",
        r"""*What is not proved.* For :math:`c=7` the argument cannot reach the heptagon, whatever
        :math:`\kappa` and :math:`\delta` are: (b) fails for
        :math:`V\ge6\varphi_6+\tfrac14="""
        + cost_text(limit)
        + r"""`, while :math:`7\varphi_7="""
        + cost_text(7 * cost(7))
        + r"""`. Indeed, at :math:`B=1`, :math:`\tau=\alpha=b'=0`, :math:`b=\tfrac16` star is at most
        :math:`\tfrac14-(V-V')\le0`, pair is :math:`\tfrac29-V`, and viol is :math:`\tfrac18-T`; both are
        negative, because :math:`\kappa\,\tfrac\pi2>T` and :math:`T=(V+2\pi\kappa)/7` imply :math:`T>V/3`.
        To go on, one would have to look at both neighbours of the column that is deleted. The heptagon is
        lower than the hexagon with a positive column, for which :math:`7L="""
        + cost_text(seven)
        + r"""`. Whether it is the global minimum is open, and so is the global minimum for every
        :math:`c\ge8`. But there it is not the regular c-gon.""",
        r"""**Theorem 12.** For every :math:`c\ge8` all regular c-gons, with any length and any bias, have a
        larger loss than the regular heptagon with :math:`c-7` positive columns.""",
        r"""**Proof.** The heptagon has :math:`b<0`, so no column of length 0 reaches it, and with biases
        :math:`\tfrac1{2c}` these add :math:`\tfrac13-\tfrac1{4c}` each (Lemma 2 (vi)):""",
    )
    page.math(r"c\,L=7\,\varphi_7+(c-7)\left(\tfrac13-\tfrac1{4c}\right).\tag{3}")
    octagon, lower = 8 * cost(8), with_positive(7, 8)
    page.text(
        r"""*The octagon.* Of each output keep :math:`D` and the two nearest neighbours, at 45°. By Lemma 5,
        :math:`8L\ge8\min_{0\le m\le1}H(m,\tfrac1{\sqrt2})`, and the second bound of Lemma 8 with
        :math:`\kappa=0` and the first one cover :math:`[0,1]` by intervals on which 8H exceeds (3). (The
        lowest octagon has :math:`8L=8\varphi_8="""
        + cost_text(octagon)
        + r"""`; (3) is """
        + f":math:`{cost_text(lower)}`"
        + r""". A regular octagon of length 0 has :math:`L\ge\tfrac13-\tfrac1{32}` by Lemma 2 (vi).)
        *9 ≤ c < 60.* By derivation 2c, Corollary 6, no regular c-gon has a loss below :math:`\varphi_c`, and
        :math:`c\,\varphi_c` exceeds (3). *c ≥ 60.* It suffices that
        :math:`c\,(\tfrac13-\varphi_c)<7\,(\tfrac13-\varphi_7)`. By derivation 2c, with :math:`m=m_c` and
        :math:`\rho=\tfrac12(1-m)`, :math:`\tfrac13-\varphi_c=B^2/(4A)`, :math:`B=\tfrac13(1-m)^2(2+m)`,
        :math:`A=\tfrac13P_3`, and the inequality (1) there bounds :math:`P_3` below:""",
    )
    page.math(
        r"c\left(\tfrac13-\varphi_c\right)=\frac{3\,c\,B^2}{4P_3}\le\frac{\pi\sqrt\rho\,(3-2\rho)^2}"
        r"{12\,\bigl(\hat I_3-\varepsilon_0\hat V_3\bigr)},\qquad\varepsilon_0=\frac{(2\pi/60)^2}{48\,\rho},"
    )
    page.text(
        r"""with :math:`\hat I_3` and :math:`\hat V_3` those of :math:`N=(1-v)^3`. And
        :math:`0.45<m_c<0.56` (Proposition 4 and the proof of Corollary 7). ∎""",
    )
    c, kappa, V = sp.symbols("c kappa V", positive=True)
    least = sp.solve(sp.Eq(kappa * sp.pi / 2, (V + 2 * sp.pi * kappa) / c), kappa)[0]
    point = {m: sp.Rational(1, 6)}
    zero, both = sp.Rational(1, 3) - m + m**2, m**2
    page.check(
        r""":math:`\kappa\,\tfrac\pi2>(V+2\pi\kappa)/c` implies :math:`T>V/(c-4)`; at b = 1/6: D(0, b) +
        off(0, b) + b² = 1/4, D(0, b) + off(0, b) = 2/9, ½D(0, b) + off(0, b) = 1/8; 2/9 < V and 1/8 < V/3
        from this V on; the limit for c = 7; :math:`7\varphi_7<6\varphi_6+\tfrac13-\tfrac1{28}`; the
        heptagon has b < 0""",
        is_zero((V + 2 * sp.pi * least) / c - V / (c - 4))
        and (zero + 2 * both).subs(point) == sp.Rational(1, 4)
        and (zero + both).subs(point) == sp.Rational(2, 9)
        and (zero / 2 + both).subs(point) == sp.Rational(1, 8)
        and bool(arb(3) / 8 < limit < 7 * cost(7) < seven)
        and bool(polygons.regular_polygons(7)[0].bias < 0),
    )
    page.check(
        r""":math:`8H(m,1/\sqrt2)` exceeds (3) on [0, 1], in balls on intervals of m; and the check can
        fail: it does
        not exceed :math:`8\varphi_8+\tfrac1{1000}`, nor :math:`H(m,\cos\tfrac{2\pi}7)` by eighths of (3)""",
        octagon_above(lower / 8, arb(1) / arb(2).sqrt())
        and not octagon_above(cost(8) + ball(Fraction(1, 8000)), arb(1) / arb(2).sqrt())
        and not octagon_above(lower / 8, (2 * arb.pi() / 7).cos()),
    )
    page.check(
        f"""for 8 ≤ c < {MANY}, in balls, :math:`c\\,\\varphi_c` exceeds (3); and 8/3 − 1/4 exceeds (3) for
        c = 8""",
        all(bool(with_positive(7, c) < c * cost(c)) for c in range(8, MANY))
        and bool(with_positive(7, 8) < arb(8) / 3 - arb(1) / 4),
    )
    rho, sum_ = sp.symbols("rho S", positive=True)
    P3 = (2 * rho) ** 3 * 4 * sp.sqrt(rho) * c / (2 * sp.pi) * sum_
    B = (2 * rho) ** 2 * (3 - 2 * rho) / 3
    page.check(
        r"""the factor of :math:`1/(\hat I_3-\varepsilon_0\hat V_3)`; and that the bound is below
        :math:`7\,(\tfrac13-\varphi_7)` on :math:`0.45\le m\le0.56`, in balls on 16 boxes""",
        is_zero(3 * c * B**2 / (4 * P3) - sp.pi * sp.sqrt(rho) * (3 - 2 * rho) ** 2 / (12 * sum_))
        and all(bool(gain(x) < arb(7) / 3 - 7 * cost(7)) for x in boxes(*map(rho_of, reversed(BETWEEN)), 16)),
    )


def gain(rho: arb) -> arb:
    """An upper bound of c (1/3 − φ_c) for every c ≥ MANY, with m in a box."""
    epsilon = step(MANY) ** 2 / (48 * rho)
    least = integral(power(3), rho) - epsilon * variation(power(3), rho)
    return arb.pi() * rho.sqrt() * (3 - 2 * rho) ** 2 / (12 * least)


def cost_text(x: arb) -> str:
    """The first six digits of a ball, as text."""
    return x.str(6, radius=False)


def octagon_above(value: arb, cosine: arb) -> bool:
    """Whether H(m, t) > value for all m in [0, 1] is proved by halving."""
    box = corners(0, 1, 0, 0)
    return cover(box, lambda at: bool(lower_bound(*at[0], cosine) > value)) is not None
