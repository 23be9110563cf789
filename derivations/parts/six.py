"""Section 6 of derivation 4: the 6-gon and the 5⁺-gon as the sixth column loses importance."""

from __future__ import annotations

from dataclasses import dataclass

import flint
import mpmath
import numpy as np
import sympy as sp
from flint import arb
from parts.page import Page, is_zero
from parts.precise import EVEN, ODD, Basis, block, critical, equal_loss, loss, singular

from kgon.base.verdicts import Verdict
from kgon.branches.balls import Balls
from kgon.branches.follow import follow_branch
from kgon.branches.maxwell import maxwell_points, system_at
from kgon.branches.results import PROVED, BranchEvent, KgonBranch
from kgon.kgons import polygons

DIGITS = 50
WORK = 70
BITS = 192
SHORTEST = 1e-4
"""Half length of a piece of a tube that is not cut further."""
SHOWN = 40
"""Digits shown."""


def ordered(branch: KgonBranch, k: int) -> list[float]:
    """The even coordinates of a point of the package's branch, column 5 on the first axis as column 0."""
    point = branch.points[k]
    turn = -np.arctan2(point.W[1, 5], point.W[0, 5])
    cos, sin = np.cos(turn), np.sin(turn)
    W = np.array([[cos, -sin], [sin, cos]]) @ point.W
    angles = np.arctan2(W[1], W[0]) % (2 * np.pi)
    angles[5] = 0.0
    order = np.argsort(angles)
    whole = [[W[0, j], W[1, j], point.b[j]] for j in order]
    return [float(whole[entries[0][0]][entries[0][1]]) for entries in EVEN]


def nearest(branch: KgonBranch, parameter: float, negative: int) -> int:
    """The place of the point nearest to a parameter, among those with so many negative eigenvalues."""
    fitting = [k for k, point in enumerate(branch.points) if point.negative == negative]
    return min(fitting, key=lambda k: abs(branch.points[k].parameter - parameter))


def at_event(branch: KgonBranch, event: BranchEvent) -> int:
    """The place of the point nearest to an event, along the branch."""
    places = range(len(branch.points))
    return min(places, key=lambda k: abs(branch.points[k].arclength - event.arclength))


def lowest(basis: Basis, y: list[float], parameter: float) -> list[float]:
    """The unit eigenvector of a block of the Hessian whose eigenvalue is nearest to zero."""
    H = np.array([[float(x) for x in row] for row in block(basis, loss(y, mpmath.mpf(parameter))[2])])
    values, vectors = np.linalg.eigh(H)
    return [float(x) for x in vectors[:, int(np.argmin(np.abs(values)))]]


def six(page: Page) -> None:
    """Section 4.6: the line of 5⁺, the curve of 6, and the numbers of their events."""
    page.section("4.6 The 6-gon and the 5⁺-gon")
    page.text(
        r"""Let :math:`c=6` and :math:`I` the importance of column 0, which is a vertex of the 6-gon on the
        first axis. The mirror image in this axis exchanges 1 with 5 and 2 with 4; the 18 coordinates,
        without the rotation, are 10 even and 7 odd ones. With :math:`W_0=(x_0,0)`, :math:`W_3=(x_3,0)`,
        :math:`W_{1,5}=(x_1,\pm y_1)`, :math:`W_{2,4}=(x_2,\pm y_2)` the reduced loss is
        :math:`6L=I\,F_0+F_3+2F_1+2F_2`,""",
    )
    page.math(
        r"F_0&=D(x_0^2,b_0)+2\operatorname{off}(x_0x_1,b_0)+2\operatorname{off}(x_0x_2,b_0)"
        r"+\operatorname{off}(x_0x_3,b_0),",
        r"F_3&=D(x_3^2,b_3)+2\operatorname{off}(x_3x_1,b_3)+2\operatorname{off}(x_3x_2,b_3)"
        r"+\operatorname{off}(x_3x_0,b_3),",
        r"F_1&=D(x_1^2+y_1^2,b_1)+\operatorname{off}(x_1^2-y_1^2,b_1)"
        r"+\operatorname{off}(x_1x_2+y_1y_2,b_1)+\operatorname{off}(x_1x_2-y_1y_2,b_1)",
        r"&\quad+\operatorname{off}(x_1x_0,b_1)+\operatorname{off}(x_1x_3,b_1),",
    )
    page.text(
        r"""and :math:`F_2` is :math:`F_1` with 1 and 2 exchanged. By Proposition 3 its critical points are
        critical points of :math:`L`. In the same way a vertex of the 5-gon has 8 even coordinates (its own
        length and bias, and three for each pair), and one of the :math:`5^+`-gon 10: with the two of the
        positive column, which leaves 0 with it.""",
    )
    page.check(
        "the slopes above are the inner products of the columns, symbolically",
        _slopes_agree(),
    )
    branch = follow_branch("6", role="vertex", lower=0.25, upper=3.0, certify=True)
    line = follow_branch("5+", role="positive", lower=0.25, upper=3.0, certify=True)
    _statement(page, branch)
    _numbers(page, branch, line)


def _slopes_agree() -> bool:
    x0, x1, x2, x3, y1, y2 = sp.symbols("x_0:4 y_1:3")
    W = [sp.Matrix(w) for w in ((x0, 0), (x1, y1), (x2, y2), (x3, 0), (x2, -y2), (x1, -y1))]
    expected = {
        0: {1: x0 * x1, 5: x0 * x1, 2: x0 * x2, 4: x0 * x2, 3: x0 * x3},
        3: {1: x3 * x1, 5: x3 * x1, 2: x3 * x2, 4: x3 * x2, 0: x3 * x0},
        1: {5: x1**2 - y1**2, 2: x1 * x2 + y1 * y2, 4: x1 * x2 - y1 * y2, 0: x1 * x0, 3: x1 * x3},
        2: {4: x2**2 - y2**2, 1: x1 * x2 + y1 * y2, 5: x1 * x2 - y1 * y2, 0: x2 * x0, 3: x2 * x3},
    }
    return all(is_zero(W[i].dot(W[j]) - x) for j, row in expected.items() for i, x in row.items())


def above(branch: KgonBranch, pentagon: arb) -> tuple[int, bool]:
    """Whether L > L_{5+} at all points of the tubes before the last part; and how many tubes these are.

    A tube is cut into pieces along its chord until it holds for the enclosure of L on each.
    """
    proof = branch.proof
    assert proof is not None
    count = sum(part.tubes for part in proof.parts[:-1])
    balls = Balls(system_at(branch))
    for k in range(count):
        radius = arb(0, float(proof.radius[k]))
        pieces = [(0.0, float(proof.half[k]))]
        while pieces:
            middle, half = pieces.pop()
            s = arb(middle, half)
            chord = zip(proof.middle[k], proof.tangent[k], strict=True)
            *y, p = (arb(float(x)) + s * float(t) + radius for x, t in chord)
            if balls.evaluate([*y, p]).here.loss > (5 * pentagon + 7 * p / 24) / 6:
                continue
            if half < SHORTEST:
                return count, False
            pieces += [(middle - half / 2, half / 2), (middle + half / 2, half / 2)]
    return count, True


def _statement(page: Page, branch: KgonBranch) -> None:
    with flint.ctx.workprec(BITS):
        pentagon, hexagon = (polygons.regular_polygons(k)[0].cost for k in (5, 6))
        shown = (5 * pentagon).str(20, radius=False)
        lower_at_one = bool(hexagon < (5 * pentagon + arb(7) / 24) / 6)
        tubes, higher = above(branch, pentagon)
    page.text(
        r"""**The line.** By Theorem 10 the :math:`5^+`-gon whose positive column is varied stays where it is,
        and with :math:`\varphi_5` of derivation 6""",
    )
    page.math(rf"L_{{5^+}}(I)=\tfrac16\Bigl(5\varphi_5+\tfrac7{{24}}I\Bigr),\qquad 5\varphi_5\approx{shown}.")
    page.text(
        r"""**Theorem 13.** The 6-gon at :math:`I=1` lies on a curve of critical points with its mirror
        symmetry that goes down from :math:`I=3` by the 6-gon to a fold at :math:`I_f`, and up again to
        :math:`I=3`. On all of it there is exactly one point with :math:`L_6=L_{5^+}`. It lies on the *lower
        sheet,* where :math:`H` is positive definite, at an :math:`I_M` between :math:`I_f` and 1;
        :math:`L_6<L_{5^+}` on the lower sheet for :math:`I_M<I\le3`, and :math:`L_6>L_{5^+}` on the rest of
        the curve.""",
        r"""**Proof, by computer.** The curve, and that it is the only one near by, is proved by a chain of
        tubes (section 4.4), and the fold by Theorem 6 (i); this script repeats both with ``kgon.branches``.
        The chain has two parts. In the *last part,* which covers :math:`[0.3905,3]`, every tube has a
        certain sense and no negative eigenvalue. In all the other tubes, those of the upper sheet and those
        about the fold, :math:`L>L_{5^+}` for the enclosures of :math:`L` and :math:`I` on the pieces of the
        tube. On the last part let :math:`h=L_6-L_{5^+}`. By Theorem 1 :math:`L_6`, and so :math:`h`, is
        concave there. Where the part begins, :math:`h>0`, since that point lies in a tube of the first
        part; and :math:`h(1)<0`. The set where a concave function is :math:`\ge0` is an interval, here with
        the end :math:`I_M` before 1: so :math:`h<0` beyond, and :math:`h>0` before, by concavity between
        the beginning and :math:`I_M`. ∎""",
        r"""A line can meet a strictly concave curve twice; the signs of :math:`h` at both ends exclude that.
        Whether there is more than one fold in the few short tubes about :math:`I_f` does not matter here.""",
    )
    proof = branch.proof
    page.check(
        """the chain of tubes reaches from I = 3 to I = 3 without a gap; its last part, of certain sense and
        with no negative eigenvalue, covers [0.3905, 3]""",
        proof is not None
        and proof.verdict is Verdict.PROVED
        and (proof.parts[-1].sense, proof.parts[-1].negative) == (1, 0)
        and proof.parts[-1].lower < 0.3905
        and proof.parts[-1].upper >= 3
        and proof.parts[0].sense == -1
        and proof.parts[0].upper >= 3,
    )
    page.check(
        r"""in balls: :math:`L>L_{5^+}` on all other tubes (more than 100); h(1) < 0""",
        higher and tubes > 100 and lower_at_one,
    )


@dataclass(frozen=True)
class Line:
    """The loss of the 5⁺-gon, which is affine in the importance."""

    at_zero: mpmath.mpf
    slope: mpmath.mpf

    @classmethod
    def exact(cls) -> Line:
        """5φ₅/6 + 7I/144, to the working precision of mpmath."""
        with flint.ctx.workprec(400):
            pentagon = mpmath.mpf(polygons.regular_polygons(5)[0].cost.str(80, radius=False))
        return cls(5 * pentagon / 6, mpmath.mpf(7) / 144)

    def __call__(self, importance: mpmath.mpf) -> mpmath.mpf:
        """The loss of the 5⁺-gon at an importance."""
        return self.at_zero + self.slope * importance


@dataclass(frozen=True)
class Number:
    """An importance that this script computes, with the loss there and the event that the package proves."""

    name: str
    importance: mpmath.mpf
    loss: mpmath.mpf
    event: BranchEvent

    def row(self) -> list[str]:
        """The cells of this number in the table."""
        digits = mpmath.nstr(self.importance, SHOWN), mpmath.nstr(self.loss, 20)
        return [self.name, *(f":math:`{x}`" for x in digits)]

    def in_its_proof(self) -> bool:
        """Whether the importance lies in the interval that the package proves, and this is narrow."""
        low, high = self.event.lower, self.event.upper
        holds = mpmath.mpf(low) <= self.importance <= mpmath.mpf(high)
        return self.event.status == PROVED and holds and high - low < 1e-9


def maxwell_event(branch: KgonBranch, line: KgonBranch) -> BranchEvent:
    """The one point of equal loss where neither branch has a negative eigenvalue."""
    (event,) = [x for x in maxwell_points(branch, line) if not any(x.what.indices)]
    return event


def equal_to_line(branch: KgonBranch, event: BranchEvent, line: Line) -> list[mpmath.mpf]:
    """The critical point (y, I) of the 6-gon with the loss of the 5⁺-gon, next to the package's."""
    start = ordered(branch, nearest(branch, event.parameter, negative=0))
    return equal_loss([*start, event.parameter], line, line.slope, DIGITS)


def singular_number(name: str, branch: KgonBranch, kind: str, null_space: Basis) -> Number:
    """The critical point at which a block of the Hessian is singular, next to an event of the package."""
    (event,) = [event for event in branch.events if event.kind == kind]
    at = at_event(branch, event)
    y, parameter = ordered(branch, at), branch.points[at].parameter
    null = lowest(null_space, y, parameter)
    *found, importance = singular([*y, parameter], null, null_space is ODD, DIGITS)[: len(EVEN) + 1]
    return Number(name, importance, loss(found, importance)[0], event)


def changes_sign(point: list[mpmath.mpf], importance: mpmath.mpf, line: Line) -> bool:
    """Whether h = L₆ − L₅₊ is positive 10⁻²⁰ before an importance, and negative 10⁻²⁰ after it."""
    step = mpmath.mpf(10) ** -20
    before, after = (
        loss(critical(point, at, DIGITS), at)[0] - line(at) for at in (importance - step, importance + step)
    )
    return bool(before > 0 > after)


def _numbers(page: Page, branch: KgonBranch, line_branch: KgonBranch) -> None:
    page.text(
        r"""**The numbers.** With code of its own, that shares only the closed forms of derivation 1
        with the package, the script solves the systems of Theorem 6 for the reduced loss by Newton's
        method:""",
    )
    with mpmath.workdps(WORK):
        line, event = Line.exact(), maxwell_event(branch, line_branch)
        *point, equal = equal_to_line(branch, event, line)
        found = [
            Number("Maxwell point :math:`I_M`", equal, line(equal), event),
            singular_number("fold :math:`I_f`", branch, "fold", EVEN),
            singular_number("branch point on the upper sheet", branch, "branch point", ODD),
        ]
        page.table(["", ":math:`I`", ":math:`L`"], [number.row() for number in found])
        page.check(
            f"""Newton's last step is smaller than 1e-{DIGITS}; each value lies in the interval that the
            package proves, of width below 1e-9""",
            all(number.in_its_proof() for number in found),
        )
        page.check(
            r"""h changes its sign between :math:`I_M-10^{-20}` and :math:`I_M+10^{-20}`""",
            changes_sign(point, equal, line),
        )
    page.text(
        r"""At the branch point the null vector is odd: the mirror symmetry is broken by branches that
        leave it there, and from there on two eigenvalues are negative.""",
    )
