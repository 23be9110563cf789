"""Prove tubes that hold exactly one curve of critical points each, and join them to a whole branch.

A tube about a chord z(s) = m + s t in z = (y, p) is the set ``|z − z(s)| ≤ ρ`` (each coordinate),
``|s| ≤ h``.  Krawczyk's theorem, applied to F(z) = 0, τ·(z − m) = s with all s at once, proves that it
holds exactly one zero for each s; as it uses arclength and not p, it also holds round folds.  Neighbouring
tubes hold the same curve if the end of one certainly lies in the other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from flint import arb, arb_mat

from kgon.base.checks import Floats
from kgon.base.verdicts import UndecidedError
from kgon.branches.balls import Balls, Expansion
from kgon.branches.events import block_matrix
from kgon.numerics.balls import above, at_precision, below, column, entries, exact_balls, row_sums
from kgon.numerics.inertia import inertia_of
from kgon.numerics.krawczyk import BITS, Krawczyk, defect_of, inverse_of, prove_zero

LONGEST, SHORTEST = 0.08, 1e-6
"""Half lengths of the tubes that are tried."""
LEAST_RADIUS = 1e-10
"""Radius of a tube about a straight piece of curve; ends are known far better."""
END_RADIUS = 1e-12
"""Radius of the box in which an end is proved to lie: far above rounding, far below a tube's."""
FINE = 1e-3
"""Half length down to which a tube without certain inertia or sense is shortened."""


@dataclass(frozen=True, slots=True, eq=False)
class Tube:
    """A tube that holds exactly one zero of F for each s in [−h, h].

    Attributes
    ----------
    middle, tangent : (m + 1,) arrays
        m and t = τ, in (y, p); exact as floats.
    half, radius : float
        h and ρ.
    end : list of balls
        The curve at s = h.
    lower, upper : float
        Bounds of the parameter on the curve.
    sense : int
        Sign of dp/ds on all of it; 0 where it is not certain, as at a fold.
    negative : int or None
        Negative eigenvalues of the Hessian, certain for every point of the tube; None where it is not.
    """

    middle: Floats
    tangent: Floats
    half: float
    radius: float
    end: list[arb]
    lower: float
    upper: float
    sense: int
    negative: int | None


def _bordered(found: Expansion, tangent: Sequence[arb]) -> arb_mat:
    """The Jacobian of F in (y, p) on the symmetric subspace, with τ as last row."""
    m = len(tangent) - 1
    last = [arb_mat([tangent[:m]]), arb_mat([tangent[m:]])]
    return block_matrix([[found.hessian, found.drift], last], [m, 1], [m, 1])


def _turned(balls: Balls, z: Sequence[arb], direction: Sequence[arb]) -> tuple[arb_mat, arb_mat]:
    """Along a direction in (y, p): the derivative of ``_bordered``'s matrix, and of the whole Hessian.

    L is affine in p: of second derivatives with p only ∂H/∂p is there.
    """
    m = balls.size
    whole = balls.even * column(direction[:m])
    found = balls.evaluate(z, along=entries(whole))
    hessian = found.here.turn + found.slope.hessian * direction[m]
    across = balls.even.transpose()
    inside, side = across * hessian * balls.even, across * (found.slope.hessian * whole)
    return block_matrix([[inside, side], [None, None]], [m, 1], [m, 1]), hessian


@at_precision(BITS)
def tube(balls: Balls, middle: Floats, tangent: Floats, half: float) -> Tube:
    """Prove a tube about a chord; the radius is chosen.

    The Jacobian A over the tube is enclosed as A(m) + s A′ + A″, with A′ its derivative along the chord and
    A″ that over the radius: this keeps what an enclosure entry by entry would lose.

    Raises
    ------
    UndecidedError
        Not proved: too long, or near a singular point.
    """
    m = balls.size
    centre, t, reach = exact_balls(middle), exact_balls(tangent), arb(0, half)
    at_middle = balls.evaluate(centre)
    gradient, A = at_middle.gradient, _bordered(at_middle, t)
    Y = inverse_of(A)
    chord = [x + y * reach for x, y in zip(centre, t, strict=True)]
    along, hessian_along = _turned(balls, chord, t)
    # F(z(s)) = F(m) + s F′(m) t + ½ s² (A′ t); the last equation, τ·(z − m) = s, is not quite met by the
    # chord as |t|² is not quite 1.
    slope, bend = entries(A * column(t)), entries(along * column(t))
    square = (reach * reach).union(arb(0)) / 2
    values = [gradient[i] + reach * slope[i] + square * bend[i] for i in range(m)]
    operator = Krawczyk.at([arb(0)] * (m + 1), [*values, reach * (slope[m] - 1)], Y)
    radius = 2.0 * max(float(abs(x).upper()) for x in entries(operator.step)) + LEAST_RADIUS
    spread = [arb(0, radius)] * (m + 1)
    around, hessian_around = _turned(balls, [x + y for x, y in zip(chord, spread, strict=True)], spread)
    defect = defect_of(Y, A) - (Y * along) * reach - Y * around
    curve = [x + y for x, y in zip(chord, operator.proved(spread, defect), strict=True)]
    try:
        negative, _ = inertia_of(at_middle.here.hessian, [(reach, hessian_along), (arb(1), hessian_around)])
    except UndecidedError:
        negative = None
    return Tube(
        middle=middle, tangent=tangent, half=half, radius=radius,
        end=_curve(balls, middle, tangent, half, radius),
        lower=below(curve[m]), upper=above(curve[m]), sense=_sense(defect, Y), negative=negative,
    )  # fmt: skip


def _sense(defect: arb_mat, inverse: arb_mat) -> int:
    """Sign of dp/ds: the tangent solves A u = e, and |u − Y e| ≤ ‖D‖/(1 − ‖D‖) |Y e| with D = 1 − Y A."""
    norm = max(row_sums(defect), key=lambda x: float(x.upper())).upper()
    if not norm < 1:
        return 0
    first = [row[-1] for row in inverse.tolist()]
    gap = norm / (1 - norm) * max(abs(x) for x in first)
    return 1 if first[-1] > gap else (-1 if first[-1] < -gap else 0)


def _curve(balls: Balls, middle: Floats, tangent: Floats, s: float, radius: float) -> list[arb]:
    """The curve in a tube at one s: a far smaller box holds a zero, and lies in the tube, which has one.

    Raises
    ------
    UndecidedError
        The small box is not certain to hold a zero, or to lie in the tube.
    """
    centre, t, spread = exact_balls(middle), exact_balls(tangent), arb(0, radius)

    def system(z: Sequence[arb]) -> tuple[list[arb], arb_mat]:
        found = balls.evaluate(z)
        along = sum((x * (u - v) for x, u, v in zip(t, z, centre, strict=True)), arb(0))
        return [*found.gradient, along - arb(s)], _bordered(found, t)

    point = exact_balls(corrected(balls, middle + s * tangent, tangent)[0])
    (found,) = prove_zero(system, point, [arb(END_RADIUS)])
    if not all((x + y * arb(s) + spread).contains(z) for x, y, z in zip(centre, t, found.box, strict=True)):
        raise UndecidedError("the end of the tube is not certain to lie in it")
    return found.image


@at_precision(BITS)
def curve_at(balls: Balls, found: Tube, s: float) -> list[arb]:
    """Enclose the curve in a tube at s, −h ≤ s ≤ h."""
    return _curve(balls, found.middle, found.tangent, s, found.radius)


def joined(end: Sequence[arb], other: Tube) -> bool:
    """Say whether a zero of F that is known to lie in balls certainly lies in a tube, and so on its curve."""
    return lies_in(end, other.middle, other.tangent, other.half, other.radius)


@at_precision(BITS)
def lies_in(end: Sequence[arb], middle: Floats, tangent: Floats, half: float, radius: float) -> bool:
    """Say whether all points of the balls certainly lie in the tube with these numbers."""
    centre, t, spread = exact_balls(middle), exact_balls(tangent), arb(0, float(radius))
    s = sum((x * (u - v) for x, u, v in zip(t, end, centre, strict=True)), arb(0))
    if not abs(s) <= arb(float(half)):
        return False
    return all(spread.contains(u - (v + x * s)) for x, u, v in zip(t, end, centre, strict=True))


def corrected(balls: Balls, z: Floats, tangent: Floats) -> tuple[Floats, Floats]:
    """Come back to the branch on the plane τ·(z′ − z) = 0, in floats: the point, and the unit tangent there.

    Raises
    ------
    UndecidedError
        It does not converge.
    """
    system, m = balls.system, balls.size
    even = np.asarray(balls.lift(np.eye(m)))
    point = z.copy()
    for _ in range(12):
        x, p = even @ point[:m], float(point[m])
        value = even.T @ system.equations(x, p)
        matrix = np.zeros((m + 1, m + 1))
        matrix[:m, :m] = even.T @ system.jacobian(x, p) @ even
        matrix[:m, m] = even.T @ system.derivative(x, p)
        matrix[m] = tangent
        residual = np.append(value, tangent @ (point - z))
        if np.linalg.cond(matrix) > 1e13:
            break
        move = np.linalg.solve(matrix, residual)
        point = point - move
        size = float(np.abs(move).max())
        if size < 1e-13:
            direction = np.linalg.solve(matrix, np.append(np.zeros(m), 1.0))
            return point, direction / np.linalg.norm(direction)
        if size > 0.5:
            break
    raise UndecidedError("Newton's method does not come back to the branch")


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """Tubes joined end to end.

    Attributes
    ----------
    tubes : tuple of Tube
    reached : bool
        Whether the end asked for was reached.
    reason : str
        Why it was not.
    """

    tubes: tuple[Tube, ...]
    reached: bool
    reason: str


@at_precision(BITS)
def chain_tubes(
    balls: Balls, z: Floats, tangent: Floats, *, lower: float, upper: float, longest: float = LONGEST,
    most: int, progress: Callable[[str], None] | None = None,
) -> Chain:  # fmt: skip
    """Join tubes from a point along its tangent, until the parameter certainly leaves [lower, upper].

    Parameters
    ----------
    balls : Balls
    z, tangent : (m + 1,) arrays
        A point near the branch, in (y, p), and the direction to go.
    most : int
        Of tubes; beyond, the chain is given up.
    """
    tubes: list[Tube] = []
    half, reason = longest / 4, ""
    while len(tubes) < most:
        try:
            # The first tube is about the start itself, the others begin where the last one ended.
            guess = z if not tubes else z + half * tangent
            middle, direction = corrected(balls, guess, tangent)
            found = tube(balls, middle, direction, half * (1.0 if not tubes else 1.02))
            unclear = found.negative is None or not found.sense
            if unclear and half > FINE:
                raise UndecidedError("the inertia is not certain")
            if tubes and not joined(tubes[-1].end, found):
                raise UndecidedError("the tubes are not certainly joined")
        except UndecidedError as error:
            half, reason = 0.7 * half, str(error)
            if half < SHORTEST:
                return Chain(tuple(tubes), False, reason)
            continue
        tubes.append(found)
        if progress is not None and len(tubes) % 50 == 0:
            progress(f"{len(tubes)} tubes, parameter {found.middle[-1]:.6f}")
        end = found.end
        if end[-1] > upper or end[-1] < lower:
            return Chain(tuple(tubes), True, "")
        z, tangent = np.array([float(x.mid()) for x in end]), direction
        half = min(1.2 * half, longest)
    return Chain(tuple(tubes), False, f"more than {most} tubes")
