"""Proofs about branches: tubes that hold exactly one curve of critical points, and enclosures of events.

A tube about a chord z(s) = m + s t in z = (y, p) is the set |z − z(s)| ≤ ρ (each coordinate), |s| ≤ h.  Krawczyk's
theorem, applied to F(z) = 0, τ·(z − m) = s with all s at once, proves that it holds exactly one zero for
each s; as it uses arclength and not p, it also holds round folds.  Neighbouring tubes hold the same curve
if the end of one certainly lies in the other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import flint
import numpy as np
from flint import arb, arb_mat

from kgon.branches.balls import Balls, Enclosure, ball
from kgon.model import Floats
from kgon.results import UndecidedError

BITS = 128
"""Precision of the balls."""
LONGEST, SHORTEST = 0.08, 1e-6
"""Half lengths of the tubes that are tried."""
FINE = 1e-3
"""Half length down to which a tube without certain inertia or sense is shortened."""
EVENT_RADIUS = 2.0**-60
"""Radius of the boxes in which events are enclosed."""

Function = Callable[[list[arb]], tuple[list[arb], arb_mat]]
"""Values and Jacobian at a ball of points."""


def _column(values: Sequence[arb]) -> arb_mat:
    return arb_mat([[x] for x in values])


def _floats(matrix: arb_mat) -> Floats:
    return np.array([[float(x.mid()) for x in row] for row in matrix.tolist()])


def _inverse(matrix: arb_mat) -> tuple[arb_mat, Floats]:
    middle = _floats(matrix)
    if not np.isfinite(middle).all() or np.linalg.cond(middle) > 1e13:
        raise UndecidedError("the linear system is singular")
    inverse = np.linalg.inv(middle)
    return arb_mat(inverse.tolist()), inverse


def enclose_zero(function: Function, start: Sequence[float], *, radius: float = EVENT_RADIUS) -> list[arb]:
    """Krawczyk's theorem: a zero of the function near ``start`` exists, the only one within ``radius``.

    Parameters
    ----------
    function : callable
        Takes n balls, returns n values and their (n, n) Jacobian, both enclosed over the balls.
    start : sequence of n floats
    radius : float

    Returns
    -------
    list of n balls
        The zero lies in them.

    Raises
    ------
    UndecidedError
        Not proved: Newton's method does not settle, or Krawczyk's image is not inside its box.
    """
    point = [arb(float(x)) for x in start]
    size, previous = np.inf, np.inf
    for _ in range(40):
        values, jacobian = function(point)
        Y, _ = _inverse(jacobian)
        step = Y * _column(values)
        size = max(float(abs(step[i, 0]).mid()) for i in range(len(point)))
        point = [(x - step[i, 0]).mid() for i, x in enumerate(point)]
        if size < 1e-30 or (size < 1e-18 and size >= previous):
            break
        if not size < 1.0:
            break
        previous = size
    if not size < radius / 4:
        raise UndecidedError("Newton's method does not settle on a zero")
    values, jacobian = function(point)
    Y, _ = _inverse(jacobian)
    n = len(point)
    spread = arb(0, radius)
    _, slopes = function([x + spread for x in point])
    defect = arb_mat([[int(i == j) for j in range(n)] for i in range(n)]) - Y * slopes
    image = _column(point) - Y * _column(values) + defect * _column([spread] * n)
    if not all((x + spread).contains_interior(image[i, 0]) for i, x in enumerate(point)):
        raise UndecidedError("Krawczyk's image is not inside its box")
    # Once more on the image itself: the zero lies in it.
    spreads = [image[i, 0] - x for i, x in enumerate(point)]
    _, slopes = function([image[i, 0] for i in range(n)])
    defect = arb_mat([[int(i == j) for j in range(n)] for i in range(n)]) - Y * slopes
    finer = _column(point) - Y * _column(values) + defect * _column(spreads)
    return [image[i, 0].intersection(finer[i, 0]) for i in range(n)]


# --- systems of events -----------------------------------------------------------------------------


def _on(balls: Balls, found: Enclosure) -> tuple[list[arb], arb_mat, arb_mat]:
    """Gradient, Hessian and ∂∇L/∂p on the symmetric subspace."""
    across = balls.even.transpose()
    gradient = across * found.gradient
    return (
        [gradient[i, 0] for i in range(balls.size)],
        across * found.hessian * balls.even,
        across * found.slope,
    )


def _assembled(
    blocks: Sequence[Sequence[arb_mat | None]], rows: Sequence[int], columns: Sequence[int]
) -> arb_mat:
    """A matrix from blocks; None is zero."""
    out = [[arb(0)] * sum(columns) for _ in range(sum(rows))]
    top = 0
    for line, height in zip(blocks, rows, strict=True):
        left = 0
        for block, width in zip(line, columns, strict=True):
            if block is not None:
                for s in range(height):
                    for t in range(width):
                        out[top + s][left + t] = block[s, t]
            left += width
        top += height
    return arb_mat(out)


def singular_system(balls: Balls, *, odd: bool) -> Function:
    """F = 0, H v = 0, |v|² = 1 in (y, p, v): a fold (v symmetric), or where the symmetry breaks (v not)."""
    basis = balls.odd if odd else balls.even
    if basis is None:
        raise UndecidedError("there is no symmetry to break")
    m, q = balls.size, basis.ncols()

    def function(z: list[arb]) -> tuple[list[arb], arb_mat]:
        y, p, v = z[:m], z[m], z[m + 1 :]
        whole = basis * _column(v)
        found = balls.evaluate(y, p, along=whole)
        assert found.turn is not None
        gradient, H, slope = _on(balls, found)
        across = basis.transpose()
        second = across * found.hessian * basis
        values = second * _column(v)
        norm = sum((x * x for x in v), arb(0)) - 1
        jacobian = _assembled(
            [
                [H, slope, None],
                [across * found.turn * balls.even, across * found.hessian_slope * whole, second],
                [None, None, arb_mat([[2 * x for x in v]])],
            ],
            [m, q, 1],
            [m, 1, q],
        )
        return [*gradient, *[values[i, 0] for i in range(q)], norm], jacobian

    return function


def border_system(balls: Balls, name: str) -> Function:
    """F = 0 and one of the functions that ``CriticalPoints.watch`` names, in (y, p)."""
    kind, *columns = name.split()
    m = balls.size
    place = {index: k for k, index in enumerate(balls.system.order)}
    i, j = (int(columns[0]), int(columns[-1]))

    def function(z: list[arb]) -> tuple[list[arb], arb_mat]:
        y, p = z[:m], z[m]
        found = balls.evaluate(y, p)
        gradient, H, slope = _on(balls, found)
        at = balls.columns(y)
        value = at[j][2]
        row = [arb(0)] * len(place)
        row[place[j, 2]] = arb(1)
        if kind == "pair":
            for h in (0, 1):
                value = value + at[i][h] * at[j][h]
                for column, other in ((i, j), (j, i)):
                    if (column, h) in place:
                        row[place[column, h]] = row[place[column, h]] + at[other][h]
        below = arb_mat([row]) * balls.even
        return [*gradient, value], _assembled([[H, slope], [below, None]], [m, 1], [m, 1])

    return function


def maxwell_system(first: Balls, second: Balls | tuple[Fraction, Fraction]) -> Function:
    """F₁ = 0, F₂ = 0 and L₁ = L₂ in (y₁, y₂, p); or L₁ = q + r p for a second branch (q, r) that is exact."""
    if isinstance(second, tuple):
        return _maxwell_exact(first, *second)
    m, q, other = first.size, second.size, second

    def function(z: list[arb]) -> tuple[list[arb], arb_mat]:
        p = z[m + q]
        a, b = first.evaluate(z[:m], p), other.evaluate(z[m : m + q], p)
        (f, H, slope), (g, K, other_slope) = _on(first, a), _on(other, b)
        jacobian = _assembled(
            [
                [H, None, slope],
                [None, K, other_slope],
                [a.gradient.transpose() * first.even, -(b.gradient.transpose() * other.even),
                 arb_mat([[a.loss_slope - b.loss_slope]])],
            ],
            [m, q, 1],
            [m, q, 1],
        )  # fmt: skip
        return [*f, *g, a.loss - b.loss], jacobian

    return function


def _maxwell_exact(first: Balls, at_zero: Fraction, slope: Fraction) -> Function:
    m = first.size

    def function(z: list[arb]) -> tuple[list[arb], arb_mat]:
        p = z[m]
        found = first.evaluate(z[:m], p)
        values, H, along = _on(first, found)
        last = arb_mat([[found.loss_slope - ball(slope)]])
        jacobian = _assembled([[H, along], [found.gradient.transpose() * first.even, last]], [m, 1], [m, 1])
        return [*values, found.loss - ball(at_zero) - ball(slope) * p], jacobian

    return function


# --- tubes -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Tube:
    """A tube that holds exactly one zero of F for each s in [−h, h].

    Attributes
    ----------
    middle, tangent : (m + 1,) arrays
        m and t = τ, in (y, p); exact as floats.
    half, radius : float
        h and ρ.
    ends : three lists of balls
        The curve at s = −h, 0 and h.
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
    ends: tuple[list[arb], list[arb], list[arb]]
    lower: float
    upper: float
    sense: int
    negative: int | None


def _bordered(balls: Balls, found: Enclosure, tangent: Floats) -> tuple[list[arb], arb_mat]:
    """F on the symmetric subspace and its Jacobian in (y, p), with τ as last row."""
    gradient, H, slope = _on(balls, found)
    m = balls.size
    last = [arb_mat([[float(x) for x in tangent[:-1]]]), arb_mat([[float(tangent[-1])]])]
    return gradient, _assembled([[H, slope], last], [m, 1], [m, 1])


def _turned(balls: Balls, z: Sequence[arb], direction: Sequence[arb]) -> tuple[arb_mat, arb_mat]:
    """Along a direction in (y, p): the derivative of ``_bordered``'s matrix, and of the whole Hessian.

    L is affine in p: of second derivatives with p only ∂H/∂p is there.
    """
    m = balls.size
    whole = balls.even * _column(direction[:m])
    found = balls.evaluate(z[:m], z[m], along=whole)
    assert found.turn is not None
    hessian = found.turn + found.hessian_slope * direction[m]
    across = balls.even.transpose()
    inside, side = across * hessian * balls.even, across * (found.hessian_slope * whole)
    return _assembled([[inside, side], [None, None]], [m, 1], [m, 1]), hessian


def tube(balls: Balls, middle: Floats, tangent: Floats, half: float) -> Tube:
    """Prove a tube about a chord; the radius is chosen.

    The Jacobian A over the tube is enclosed as A(m) + s A′ + A″, with A′ its derivative along the chord and A″ that
    over the radius: this keeps what an enclosure entry by entry would lose.

    Raises
    ------
    UndecidedError
        Not proved: too long, or near a singular point.
    """
    m = balls.size
    centre = [arb(float(x)) for x in middle]
    t = [arb(float(x)) for x in tangent]
    reach = arb(0, half)
    at_middle = balls.evaluate(centre[:m], centre[m])
    gradient, A = _bordered(balls, at_middle, tangent)
    Y, inverse = _inverse(A)
    chord = [x + y * reach for x, y in zip(centre, t, strict=True)]
    along, hessian_along = _turned(balls, chord, t)
    # F(z(s)) = F(m) + s F′(m) t + ½ s² (A′ t); the last equation, τ·(z − m) = s, is not quite met by the
    # chord as |t|² is not quite 1.
    slope, bend = A * _column(t), along * _column(t)
    square = (reach * reach).union(arb(0)) / 2
    values = [gradient[i] + reach * slope[i, 0] + square * bend[i, 0] for i in range(m)]
    values.append(reach * (slope[m, 0] - 1))
    gap = Y * _column(values)
    radius = 2.0 * max(float(abs(gap[i, 0]).upper()) for i in range(m + 1)) + 1e-14
    spread = arb(0, radius)
    fat = [x + spread for x in chord]
    around, hessian_around = _turned(balls, fat, [spread] * (m + 1))
    one = arb_mat([[int(i == j) for j in range(m + 1)] for i in range(m + 1)])
    defect = one - Y * A - (Y * along) * reach - Y * around
    image = -gap + defect * _column([spread] * (m + 1))
    if not all(spread.contains_interior(image[i, 0]) for i in range(m + 1)):
        raise UndecidedError("Krawczyk's image is not inside its tube")
    before, start, after = (_end(balls, centre, t, tangent, s, radius, Y) for s in (-half, 0.0, half))
    curve = [x + image[i, 0] for i, x in enumerate(chord)]
    return Tube(
        middle=middle, tangent=tangent, half=half, radius=radius, ends=(before, start, after),
        lower=below(curve[m]), upper=above(curve[m]), sense=_sense(defect, inverse),
        negative=_inertia(at_middle.hessian, hessian_along, reach, hessian_around),
    )  # fmt: skip


def _inertia(H: arb_mat, along: arb_mat, reach: arb, around: arb_mat) -> int | None:
    """Negative eigenvalues of H + s·along + around, certain for all of them; None where it is not.

    CᵀHC is strictly diagonally dominant for a congruence C: Gershgorin and Sylvester, as ``certify.inertia_of``.
    """
    middle = _floats(H)
    values, vectors = np.linalg.eigh((middle + middle.T) / 2)
    if not np.abs(values).min() > 0:
        return None
    C = arb_mat((vectors / np.sqrt(np.abs(values))).tolist())
    across = C.transpose()
    form = (across * H * C + (across * along * C) * reach + across * around * C).tolist()
    for i, row in enumerate(form):
        others = sum((abs(x) for j, x in enumerate(row) if j != i), arb(0))
        if not abs(row[i]) > others:
            return None
    return sum(bool(form[i][i] < 0) for i in range(len(form)))


def below(x: arb) -> float:
    """A float below all of a ball."""
    return float(np.nextafter(float(x.lower()), -np.inf))


def above(x: arb) -> float:
    """A float above all of a ball."""
    return float(np.nextafter(float(x.upper()), np.inf))


def _sense(defect: arb_mat, inverse: Floats) -> int:
    """Sign of dp/ds: the tangent solves A u = e, and |u − Y e| ≤ ‖D‖/(1 − ‖D‖) |Y e| with D = 1 − Y A."""
    norm = max(
        (sum((abs(x) for x in row), arb(0)) for row in defect.tolist()), key=lambda x: float(x.upper())
    ).upper()
    first = inverse[:, -1]
    if not norm < 1:
        return 0
    gap = norm / (1 - norm) * arb(float(np.abs(first).max()))
    value = arb(float(first[-1]))
    return 1 if value > gap else (-1 if value < -gap else 0)


def _end(
    balls: Balls, centre: list[arb], t: list[arb], tangent: Floats, s: float, radius: float, Y: arb_mat
) -> list[arb]:
    """The curve at one s: Krawczyk's image there, within the tube."""
    m = balls.size
    at = [x + y * arb(s) for x, y in zip(centre, t, strict=True)]
    spread = arb(0, radius)
    best = [x + spread for x in at]
    for _ in range(4):
        middle = [x.mid() for x in best]
        gradient, _ = _bordered(balls, balls.evaluate(middle[:m], middle[m]), tangent)
        _, around = _bordered(balls, balls.evaluate(best[:m], best[m]), tangent)
        hold = sum((x * (u - v) for x, u, v in zip(t, middle, centre, strict=True)), arb(0)) - arb(s)
        defect = arb_mat([[int(i == j) for j in range(m + 1)] for i in range(m + 1)]) - Y * around
        step = Y * _column([*gradient, hold])
        image = _column(middle) - step + defect * _column([x - y for x, y in zip(best, middle, strict=True)])
        smaller = [x.intersection(image[i, 0]) for i, x in enumerate(best)]
        done = not max(float(x.rad()) for x in smaller) < 0.5 * max(float(x.rad()) for x in best)
        best = smaller
        if done:
            break
    return best


def joined(end: Sequence[arb], other: Tube) -> bool:
    """Whether a zero of F that is known to lie in balls certainly lies in a tube, and so on its curve."""
    return lies_in(end, other.middle, other.tangent, other.half, other.radius)


def lies_in(end: Sequence[arb], middle: Floats, tangent: Floats, half: float, radius: float) -> bool:
    """Whether all points of the balls certainly lie in the tube with these numbers."""
    centre = [arb(float(x)) for x in middle]
    t = [arb(float(x)) for x in tangent]
    s = sum((x * (u - v) for x, u, v in zip(t, end, centre, strict=True)), arb(0))
    if not abs(s) <= arb(float(half)):
        return False
    spread = arb(0, float(radius))
    return all(spread.contains(u - (v + x * s)) for x, u, v in zip(t, end, centre, strict=True))


def corrected(balls: Balls, z: Floats, tangent: Floats) -> tuple[Floats, Floats]:
    """Newton's method in floats on the plane τ·(z′ − z) = 0: the point, and the unit tangent there.

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


def chain(
    balls: Balls, z: Floats, tangent: Floats, *, lower: float, upper: float, longest: float = LONGEST,
    most: int = 5000, progress: Callable[[str], None] | None = None,
) -> Chain:  # fmt: skip
    """Tubes from a point along its tangent, until the parameter certainly leaves [lower, upper].

    Parameters
    ----------
    balls : Balls
    z, tangent : (m + 1,) arrays
        A point near the branch, in (y, p), and the direction to go.
    """
    tubes: list[Tube] = []
    half, reason = longest / 4, ""
    with flint.ctx.workprec(BITS):
        while len(tubes) < most:
            try:
                # The first tube is about the start itself, the others begin where the last one ended.
                guess = z if not tubes else z + half * tangent
                middle, direction = corrected(balls, guess, tangent)
                found = tube(balls, middle, direction, half * (1.0 if not tubes else 1.02))
                unclear = found.negative is None or not found.sense
                if unclear and half > FINE:
                    raise UndecidedError("the inertia is not certain")
                if tubes and not (joined(tubes[-1].ends[2], found) or joined(found.ends[0], tubes[-1])):
                    raise UndecidedError("the tubes are not certainly joined")
            except UndecidedError as error:
                half, reason = 0.7 * half, str(error)
                if half < SHORTEST:
                    return Chain(tuple(tubes), False, reason)
                continue
            tubes.append(found)
            if progress is not None and len(tubes) % 50 == 0:
                progress(f"{len(tubes)} tubes, parameter {found.middle[-1]:.6f}")
            end = found.ends[2]
            if end[-1] > upper or end[-1] < lower:
                return Chain(tuple(tubes), True, "")
            z, tangent = np.array([float(x.mid()) for x in end]), direction
            half = min(1.2 * half, longest)
    return Chain(tuple(tubes), False, f"more than {most} tubes")
