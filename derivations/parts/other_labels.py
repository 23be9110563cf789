"""Section 5 of derivation 2b: why the k-gons have no other labels."""

from __future__ import annotations

from itertools import combinations

import flint
import sympy as sp
from flint import arb
from parts.page import Page, tex

from kgon.kgons import values
from kgon.kgons.labels import Label
from kgon.potential import any_number
from kgon.potential.symbolic import ON, a, b, diag_integral, off_integral


def other_labels(page: Page) -> None:
    """A zero column has one positive bias, and only the 4-gon can lose a vertex."""
    page.section("2b.5 Why there are no other labels")
    _positive_bias(page)
    page.text(
        r"""**Proposition 7.** Take a regular k-gon with :math:`k\ge5` and :math:`b>-l^2` that is critical
        (derivation 2), and a set :math:`\Phi` of :math:`\varphi` of its vertices,
        :math:`1\le\varphi\le k-1`. (i) If these are switched off, that is, stay in place with biases so
        low that :math:`W_i\cdot W_j+b_j\le0` for every :math:`j\in\Phi` and all :math:`i`, the point is not
        critical. (ii) Nor is it if the columns in :math:`\Phi` are instead moved to where they are off and
        reach no live vertex.""",
        r"""**Proof.** By derivation 2, Theorem 4, (i) and (ii), :math:`b<0`, so that :math:`0<m<1`, and by
        (iii) :math:`s\ge1`. (With :math:`s=0` only :math:`m=0` is left, where :math:`\cos\alpha\le0`, hence
        :math:`k\le4`.) Adjacent vertices are thus active neighbours of each other, and somewhere round the
        polygon a live :math:`i` is adjacent to a member of :math:`\Phi`.
        Let :math:`J\ne\emptyset` be the set of its active neighbours in :math:`\Phi`; for these
        :math:`a=W_i\cdot W_j>-b>0`, where :math:`\partial_a\operatorname{off}=2\int\mu\operatorname{relu}
        (a\mu+b)\,d\mu` and :math:`\partial_b\operatorname{off}=2\int\operatorname{relu}(a\mu+b)\,d\mu` are
        positive.""",
        r"""(i) No slope changes, and exactly the terms with an output in :math:`\Phi` become constant. As
        :math:`\nabla_{W_i}L` was 0, it is now""",
    )
    page.math(
        r"\nabla_{W_i}L&=-\frac1c\sum_{j\in J}\partial_a\operatorname{off}(W_i\cdot W_j,\,b)\,W_j,",
        r"W_i\cdot\nabla_{W_i}L&=-\frac1c\sum_{j\in J}\partial_a\operatorname{off}(W_i\cdot W_j,\,b)"
        r"\;(W_i\cdot W_j)<0.",
    )
    page.text(
        r"""(ii) Output :math:`i` has lost its inputs in :math:`\Phi` and gained none. As
        :math:`\partial_{b_i}L` was 0, it is now :math:`-\tfrac1c\sum_{j\in J}\partial_b\operatorname{off}
        (W_i\cdot W_j,b)<0`, with the old :math:`W_j`. ∎""",
    )
    sets = [(k, subset) for k in range(5, 10) for subset in _subsets(k)]
    page.check(
        f"""for k = 5, …, 9, with one positive and one dead column beside the polygon, and all {len(sets)}
        sets Φ up to rotation, in balls: the gradient of the whole polygon contains 0 in every component; for
        every live i adjacent to Φ certainly :math:`W_i\\cdot\\nabla_{{W_i}}L<0` in case (i), and
        :math:`\\partial_{{b_i}}L<0` in case (ii) with the columns moved to 0""",
        all(_whole_is_critical(k) for k in range(5, 10))
        and all(_certainly_not_critical(k, subset) for k, subset in sets),
    )
    page.text(
        r"""So no label :math:`k^{\sigma+,\varphi-}` has :math:`k\ge5` and :math:`1\le\varphi\le k-1`. With
        :math:`\varphi=k` no vertex is on, and :math:`L` does not depend on :math:`l` and :math:`b` any more:
        such points are not counted as k-gons. The proposition keeps the live vertices of the k-gon as they
        are. With another :math:`l` and :math:`b` they can be critical: every other vertex of a 10-gon
        becomes a 5-gon, which has a label of its own.""",
    )


def _positive_bias(page: Page) -> None:
    bz, c = sp.symbols("b_z c", positive=True)
    slope = sp.diff(diag_integral(ON) + (c - 1) * off_integral(ON), b)
    slope = sp.expand(slope.subs({a: 0, b: bz}))
    page.text(
        r"""**Proposition 6.** Whatever the other columns are, a column of a critical point with
        :math:`W_z=0` and :math:`b_z>0` has :math:`b_z=1/(2c)`.""",
        rf"""**Proof.** All its slopes are 0, and :math:`c\,\partial_{{b_z}}L={tex(slope)}`. ∎""",
    )
    page.check("this derivative has the only zero 1/(2c)", sp.solve(slope, bz) == [1 / (2 * c)])


def _subsets(k: int) -> list[tuple[int, ...]]:
    """The sets of 1 to k − 1 of k vertices, one for each class under rotation."""
    every = [subset for size in range(1, k) for subset in combinations(range(k), size)]
    return [x for x in every if x == min(tuple(sorted((j + t) % k for j in x)) for t in range(k))]


def _point(k: int) -> tuple[list[list[arb]], list[arb]]:
    """The regular k-gon with one positive and one dead column, in balls."""
    return values.ball_point(Label(k, 1), k + 2)


def _whole_is_critical(k: int) -> bool:
    with flint.ctx.workprec(256):
        grad_W, grad_b = any_number.gradient(*_point(k))
        entries = [arb(x) for row in (*grad_W, grad_b) for x in row]
        return all(x.contains(0) and float(abs(x).upper()) < 1e-40 for x in entries)


def _certainly_not_critical(k: int, off: tuple[int, ...]) -> bool:
    with flint.ctx.workprec(256):
        W, bias = _point(k)
        low = -2 * values.polygon(k).length_squared
        bias = [low if j in off else x for j, x in enumerate(bias)]
        moved = [[arb(0) if j in off else x for j, x in enumerate(row)] for row in W]
        grad_W, _ = any_number.gradient(W, bias)
        _, grad_b = any_number.gradient(moved, bias)
        adjacent = [i for i in range(k) if i not in off and {(i - 1) % k, (i + 1) % k} & set(off)]
        along = [W[0][i] * grad_W[0][i] + W[1][i] * grad_W[1][i] for i in adjacent]
        return bool(adjacent) and all(x < 0 for x in (*along, *(grad_b[i] for i in adjacent)))
