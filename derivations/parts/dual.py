"""Section 4 of derivation 2d: the dual certificate of a local minimum."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp
from parts.cones import CERTIFICATES, Node
from parts.exact import SQUARE
from parts.leading import (
    TANGENTS,
    Multipliers,
    certificate_form,
    form,
    multipliers,
    sample,
    strictly_copositive,
)
from parts.page import Page, all_zero, tex

LARGEST = 12
"""Largest c of the table in section 2d.6."""
CASES = [(c, sigma) for c in range(5, LARGEST + 1) for sigma in range(1, c - 3)]
"""All (c, σ) of the table."""


def epsilon_nodes(case: tuple[int, int]) -> tuple[Fraction, tuple[Node, Node]]:
    """ε and the two nodes of a certificate."""
    n, first, second = CERTIFICATES[case]
    return Fraction(1, n), (first, second)


def growth(case: tuple[int, int]) -> Fraction:
    """The constant κ that a certificate proves for a case (c, σ)."""
    epsilon, _ = epsilon_nodes(case)
    return epsilon / (1 + epsilon) / (48 * (case[0] - 2))


def certificate(page: Page) -> None:
    """The dual certificate on the cone of P."""
    page.section("2d.4 The certificate")
    page.text(
        r"""Choose every multiplier linear in :math:`(x,y)`: :math:`\lambda=x\lambda^{(0)}+y\lambda^{(1)}`,
        both of the form :math:`k\,(\mu-\tau)_+`. Keep the following terms of :math:`C` and drop the others,
        which are not negative. (:math:`a_0` is not used.)""",
    )
    page.table(
        ["live output", "positive columns", "neighbours", "dead columns (if δ ≥ 1)"],
        [
            [
                "0",
                r":math:`\sigma\operatorname{off}(P_x/\sigma,\beta_0)`",
                r":math:`\operatorname{off}(a_3,\beta_0)`",
                "",
            ],
            [
                "1",
                r":math:`\sigma\operatorname{off}(P_y/\sigma,\beta_1)`",
                r":math:`\operatorname{off}(a_1,\beta_1)`",
                "",
            ],
            [
                "2",
                "",
                r":math:`\operatorname{off}(a_1,\beta_2)+\operatorname{off}(a_2,\beta_2)`",
                r":math:`\delta\operatorname{off}(-D_x/\delta,\beta_2)`",
            ],
            [
                "3",
                "",
                r":math:`\operatorname{off}(a_2,\beta_3)+\operatorname{off}(a_3,\beta_3)`",
                r":math:`\delta\operatorname{off}(-D_y/\delta,\beta_3)`",
            ],
        ],
    )
    page.text(
        r"""The lower bound of :math:`Q_B` by these minorants is linear in :math:`\varphi` and :math:`D`, and
        there it must vanish. As :math:`T_x=\tfrac12(\nu_0-\nu_2)+\varphi_3-\varphi_1+D_x` and
        :math:`T_y=\tfrac12(\nu_1-\nu_3)+\varphi_0-\varphi_2+D_y`, it does if""",
    )
    page.items(
        r""":math:`2\sum M_1` over the two outputs of the gap 1, 2, 3 is :math:`BP_x`, :math:`B(P_x+P_y)`,
        :math:`BP_y`;""",
        r":math:`2M_1` of the dead columns at output 2, 3 is :math:`BP_x`, :math:`BP_y`.",
    )
    page.check(
        "with these values the coefficients of φ₀, …, φ₃, D_x, D_y vanish, symbolically",
        all_zero(free_coefficients()),
    )
    page.text(
        r"""This fixes the factors :math:`k` of these multipliers; free are all :math:`\tau`, the share of
        each gap's two outputs, and :math:`k` at the positive columns, for
        which :math:`P_x/\sigma` and :math:`P_y/\sigma` are taken at :math:`P=(1,0)` and
        :math:`(1,1)`. Minimise over :math:`(\nu_j,\beta_j)` with
        :math:`p_j=\tfrac12B\,P\cdot e_j` and :math:`r_j=2\sum M_0` over the terms of output :math:`j`, each
        with its multiplicity 1, :math:`\sigma` or :math:`\delta`:""",
    )
    page.math(
        r"Q_B&\ge B\lVert P\rVert^2+2M_1^{(p,0)}P_x+2M_1^{(p,1)}P_y-\sum M_2"
        r"-\sum_j\left(3p_j^2-3p_jr_j+r_j^2\right)",
        r"&=G_{11}x^2+2G_{12}xy+G_{22}y^2.",
    )
    page.text(
        r"""Here :math:`M_1^{(p,j)}` belongs to the positive columns at output :math:`j`. The right side
        is quadratic because all multipliers are linear in :math:`(x,y)`.""",
        r"""**Proposition 4.** If :math:`G_{11}>0`, :math:`G_{22}>0`, and :math:`G_{12}\ge0` or
        :math:`G_{12}^2<G_{11}G_{22}`, then :math:`q\ge\kappa\operatorname{dist}^2` with
        :math:`\kappa=\dfrac{\varepsilon}{1+\varepsilon}\cdot\dfrac1{48\,(c-2)}`.""",
        r"""**Proof.** The condition makes the quadratic form positive for :math:`x,y\ge0` except at 0; in
        the second case it is positive definite. So :math:`Q_B\ge0`, and the reductions apply. ∎""",
    )
    minima = [case for case in CASES if case in CERTIFICATES]
    page.check(
        f"""in exact fractions, for each of the {len(minima)} cases with “local minimum” in section 2d.6: the
        multipliers are not negative, cancel φ and D, and G satisfies the condition of Proposition 4""",
        all(strictly_copositive(certificate_form(*case, *epsilon_nodes(case))) for case in minima),
    )
    narrow = [case for case in minima if epsilon_nodes(case)[0] < Fraction(1, 4)]
    moved = [(9, 2), (9, 3), (10, 1), (12, 2)]
    page.check(
        f"""the check can fail: it does with 20ε, in the {len(narrow)} cases with ε < 1/4, and with the
        numbers of (c, σ) = (8, 2) at {", ".join(map(str, moved))}""",
        not any(
            strictly_copositive(certificate_form(*case, 20 * epsilon_nodes(case)[0], epsilon_nodes(case)[1]))
            for case in narrow
        )
        and not any(strictly_copositive(certificate_form(*case, *epsilon_nodes((8, 2)))) for case in moved),
    )
    page.check(
        f"""the lower bound of Q_B, and q ≥ κ dist², hold at {3 * len(minima)} rational points with P in the
        cone, exactly""",
        all(bounds_hold(case, seed) for case in minima for seed in range(3)),
    )
    epsilon, nodes = epsilon_nodes((6, 2))
    B = Fraction(1, 12) * (1 + epsilon)
    first, second = (multipliers(node, t, 6, 2, B) for t, node in enumerate(nodes))
    G = [tex(sp.Rational(str(form(u, v)))) for u, v in ((first, first), (first, second), (second, second))]
    page.text(
        rf"""For example, at 4⁺⁺, :math:`c=6`, with :math:`\varepsilon={tex(sp.Rational(str(epsilon)))}`,
        the multipliers are as follows, and :math:`G_{{11}}={G[0]}`, :math:`G_{{12}}={G[1]}`,
        :math:`G_{{22}}={G[2]}`.""",
    )
    page.table(
        ["live output", "felt", r":math:`\lambda^{(0)}`", r":math:`\lambda^{(1)}`"],
        example_rows(first, second),
    )


def free_coefficients() -> list[sp.Expr]:
    """Coefficients of φ and D in the lower bound, with the values of 2M₁ of the text."""
    B, Px, Py = sp.symbols("B P_x P_y")
    phi, nu, D = sp.symbols("phi:4"), sp.symbols("nu:4"), sp.symbols("D_x D_y")
    T = [sum(nu[j] * SQUARE[j][i] / 2 + phi[j] * TANGENTS[j][i] for j in range(4)) + D[i] for i in (0, 1)]
    written = [(nu[0] - nu[2]) / 2 + phi[3] - phi[1] + D[0], (nu[1] - nu[3]) / 2 + phi[0] - phi[2] + D[1]]
    a1, a2, a3 = (phi[j] - phi[(j + 1) % 4] for j in (1, 2, 3))
    bound = B * (Px * T[0] + Py * T[1]) + B * Px * a1 + B * (Px + Py) * a2 + B * Py * a3
    bound += B * Px * (-D[0]) + B * Py * (-D[1])
    return [*(sp.diff(bound, v) for v in (*phi, *D)), *(x - y for x, y in zip(T, written, strict=True))]


def bounds_hold(case: tuple[int, int], seed: int) -> bool:
    """Whether Q_B ≥ G(P) and q ≥ κ dist² at a sample point."""
    c, _ = case
    epsilon, nodes = epsilon_nodes(case)
    d = sample(*case, seed, in_cone=True)
    g11, g12, g22 = certificate_form(*case, epsilon, nodes)
    x, y = d.P[0] - d.P[1], d.P[1]
    value = d.C() + (1 + epsilon) / (2 * c) * d.coupling()
    bound = g11 * x * x + 2 * g12 * x * y + g22 * y * y
    return x >= 0 and y >= 0 and value >= bound and d.q() >= growth(case) * d.distance()


def example_rows(first: Multipliers, second: Multipliers) -> list[list[str]]:
    """The rows of the table of multipliers."""

    def shown(k: Fraction, tau: Fraction) -> str:
        if k == 0:
            return "0"
        return rf":math:`{tex(sp.Rational(str(k)))}\left(\mu-{tex(sp.Rational(str(tau)))}\right)_+`"

    rows = []
    for (name, j, _, *u), (_, _, _, *v) in zip(first.terms, second.terms, strict=True):
        felt = "positive columns" if name.startswith("pos") else f":math:`a_{name[3]}`"
        rows.append([str(j), felt, shown(*u), shown(*v)])
    return sorted(rows)
