"""Follow the 4-gons, which sit on kinks of the gradient, exactly; and find how long they are minima.

At a fixed point the gradient is affine in the parameter of the weights.  Where it is zero for two values it
is zero for all: then the point stays critical, and its loss is affine in the parameter.

What does change is whether 4^{σ+} is a local minimum.  With output importances I_j the leading part of
``c(L − L*)`` is (docs, derivation 2d, with the weights put back)

    q = Σ_j I_j [(ν_j² + 3ν_jβ_j + 3β_j²)/3 + off(φ_j − φ_{j+1}, β_j) + off(φ_{j−1} − φ_j, β_j)
        + Σ_s off(P_s·e_j, β_j) + Σ_d off(D_d·e_j, β_j)] + Σ_s I_s [c η_s² + b P_s·(T + Σ P)],  b = 1/(2c),

with j over the vertices, s over the positive columns and d over the dead ones, T the sum of the other
columns' changes.  Its terms in the brackets are not negative, so that the least q at ΣP² = 1 is a concave
function of each I.  It increases with the importance of a vertex; that of positive columns alone can make it
negative when it grows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
from scipy.optimize import brentq

from kgon.base.checks import Floats
from kgon.base.verdicts import KgonError
from kgon.branches.roles import arrangement, column_kinds
from kgon.kgons.labels import Label
from kgon.kgons.square_minima import (
    DIRECTIONS,
    TANGENTS,
    descended,
    direction,
    is_copositive,
    leading_value,
    minimise_reduced,
    node_at,
)
from kgon.kgons.values import rational_square
from kgon.numerics.continuation.events import EVENT_WIDTH
from kgon.potential import any_number
from kgon.potential.kernels.vertices import vertex_outputs
from kgon.potential.parameters import IMPORTANCE, Parameter, WeightLine

NONE = 1e-10
"""Least value of q in floats that is taken for zero."""
DENOMINATOR = 10**8
"""Of the rational multipliers in certificates near the loss of stability."""
GRADIENT = 1e-8
"""Largest slope of q/ΣP² where a descent ends: the value is off by its square."""


@dataclass(frozen=True)
class Square:
    """A 4-gon with its columns in any order.

    Attributes
    ----------
    roles : tuple of str
        ``vertex``, ``switched-off``, ``positive`` or ``dead`` for each column.
    W, b : rows of fractions
        The exact point.
    """

    roles: tuple[str, ...]
    W: list[list[Fraction]]
    b: list[Fraction]

    @cached_property
    def positive(self) -> list[int]:
        """The positive columns."""
        return [j for j, role in enumerate(self.roles) if role == "positive"]

    @cached_property
    def vertices(self) -> list[int]:
        """The live columns, counter-clockwise from the first axis."""
        live = [j for j, role in enumerate(self.roles) if role == "vertex"]
        return sorted(live, key=lambda j: np.arctan2(float(self.W[1][j]), float(self.W[0][j])) % (2 * np.pi))

    @cached_property
    def _before(self) -> int:
        """How many numbers of u = (ν, β, φ, D, P) come before P."""
        return 12 + 2 * self.roles.count("dead")

    def loss(self, parameter: WeightLine, value: Fraction) -> Fraction:
        """Evaluate L exactly."""
        p, importance = parameter.weights(value)
        return Fraction(any_number.loss(self.W, self.b, probability=p, importance=importance))

    def stays(self, parameter: WeightLine) -> bool:
        """Say whether the gradient is exactly zero for every value of the parameter.

        It is affine in the parameter, or quadratic where importances and probabilities change: three values
        decide.
        """
        start = parameter.start
        for value in (start, start / 2 + Fraction(1, 3), start / 2 + Fraction(1, 2)):
            p, importance = parameter.weights(value)
            if not any_number.is_critical(self.W, self.b, probability=p, importance=importance):
                return False
        return True

    # --- the leading function -----------------------------------------------------------------------

    def least(self, importance: Sequence[float], *, starts: int = 12) -> tuple[float, Floats]:
        """Find the least q at ΣP² = 1 in float64, from several starts, and where it is."""
        rng = np.random.default_rng(0)
        found = []
        for k in range(starts):
            P = rng.standard_normal((len(self.positive), 2))
            if k < 4:  # along the diagonals, where it is least as long as no vertex differs
                P[:] = np.array([1.0, 1.0]) * (1, -1, 1, -1)[k] * 0.2 ** np.arange(len(P))[:, None]
            u = np.concatenate([np.zeros(self._before), P.ravel() / np.linalg.norm(P)])
            found.append(self.descended(u, importance))
        return min(found, key=lambda pair: pair[0])

    def descended(self, u: Floats, importance: Sequence[float]) -> tuple[float, Floats]:
        """Find the local minimum of q/ΣP² near u = (ν, β, φ, D, P)."""
        weights = np.array(importance, dtype=np.float64)
        value, u = descended(self._quotient, u, weights, gradient=GRADIENT)
        return value, u / np.linalg.norm(u[self._before :])

    def _quotient(self, u: Floats, importance: Floats) -> tuple[float, Floats]:
        """q/ΣP² and its gradient, in (ν, β, φ, D, P)."""
        value, gradient = self._leading(u, importance)
        P = u[self._before :]
        square = float(P @ P)
        gradient = gradient / square
        gradient[self._before :] -= 2 * value / square**2 * P
        return value / square, gradient

    def _leading(self, u: Floats, importance: Floats) -> tuple[float, Floats]:
        c, end = len(self.roles), self._before
        value, g = vertex_outputs(u, importance[self.vertices])
        nu, phi = u[:4], u[8:12]
        D, P = u[12:end].reshape(-1, 2), u[end:].reshape(-1, 2)
        pull = importance[self.positive] @ P / (2 * c)
        whole = nu @ DIRECTIONS / 2 + phi @ TANGENTS + D.sum(axis=0) + P.sum(axis=0)
        value += float(pull @ whole)
        g[:4] += DIRECTIONS @ pull / 2
        g[8:12] += TANGENTS @ pull
        g[12:end] += np.tile(pull, len(D))
        g[end:] += (pull + importance[self.positive][:, None] * whole / (2 * c)).ravel()
        return value, g


def exact_square(label: Label, parameter: WeightLine, role: str) -> Square:
    """Build the exact point of a 4-gon whose varied columns have the role."""
    c, order = parameter.c, arrangement(label, parameter, role)
    kinds = column_kinds(label, c)
    W, b = rational_square(label, c)
    rows = [[row[j] for j in order] for row in (*W, b)]
    return Square(tuple(kinds[j] for j in order), rows[:2], rows[2])


@dataclass(frozen=True, slots=True, kw_only=True)
class Stability:
    """Where on a range of the parameter a 4-gon is a local minimum.

    Attributes
    ----------
    border : float or None
        Value of the parameter beyond which it is none; None if there is no such value on the range.
    lower, upper : float or None
        Enclosure of the border.
    proved : bool
        Whether the enclosure is proved, by an exact dual certificate below and an exact direction above.
    """

    border: float | None = None
    lower: float | None = None
    upper: float | None = None
    proved: bool = False


def stability(square: Square, parameter: WeightLine, lower: float, upper: float) -> Stability:
    """Find where the 4-gon ceases to be a local minimum, importances varied (see the module).

    Without positive columns it is one for all positive weights: live outputs cost nothing, their least, and
    those of dead and switched-off columns are constant near by.  With switched-off ones beside positive ones
    nothing decides it.
    """
    if "positive" not in square.roles or "switched-off" in square.roles:
        return Stability()
    if parameter.varies != (IMPORTANCE,):
        raise KgonError(f"the stability of {square.roles} is known for importances, got {parameter.name}")

    def weights(value: float) -> list[float]:
        return [float(x) for x in parameter.weights(Fraction(value))[1]]

    def border(good: float, bad: float) -> float:
        """Where the least q, which is concave, vanishes between a minimum and a point that is none."""
        (value, u), root = least[bad], bad
        while value < -NONE:
            # Where another direction is lower still at the root, that one is followed.
            found = brentq(
                lambda x, u=u: square.descended(u, weights(x))[0], good, bad, xtol=1e-12, rtol=1e-14
            )
            root = float(found)
            value, u = square.least(weights(root))
        return root

    start = float(parameter.start)
    least = {value: square.least(weights(value)) for value in (lower, upper)}
    if all(value > -NONE for value, _ in least.values()):
        return Stability()
    if start not in least:
        least[start] = square.least(weights(start))
    holds = {at: value > -NONE for at, (value, _) in least.items()}
    for end in (lower, upper):
        if holds[end] != holds[start]:
            root = border(start, end) if holds[start] else border(end, start)
            return _enclosed(square, parameter, root)
    return Stability()


def _enclosed(square: Square, parameter: WeightLine, root: float) -> Stability:
    """The border with an enclosure: proved where the importances of all positive columns alone are varied."""
    positive = tuple(square.positive)
    half = EVENT_WIDTH / 2
    located = Stability(border=root, lower=root - half, upper=root + half)
    c, sigma = len(square.roles), len(positive)
    if parameter.affine != Parameter(IMPORTANCE, positive, c).affine:
        return located
    gaps = [Fraction(1, 2**exponent) for exponent in (36, 30, 24, 20, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9)]
    low = next((x for gap in gaps if _is_minimum(c, sigma, x := Fraction(root) - gap)), None)
    high = next((x for gap in gaps if _has_descent(c, sigma, x := Fraction(root) + gap)), None)
    if low is None or high is None:
        return located
    return Stability(border=root, lower=float(low), upper=float(high), proved=True)


def _is_minimum(c: int, sigma: int, importance: Fraction) -> bool:
    """Exact certificate that 4^{σ+} is a minimum with this importance of its positive columns, or less."""
    minima = [minimise_reduced(np.array([1.0, t]), c, sigma, float(importance))[1] for t in (0.0, 1.0)]
    nodes = (node_at(0, minima[0], c, sigma, DENOMINATOR), node_at(1, minima[1], c, sigma, DENOMINATOR))
    return is_copositive(c, sigma, importance - 1, nodes)


def _has_descent(c: int, sigma: int, importance: Fraction) -> bool:
    """Exact direction with q < 0 at this importance of the positive columns, and any more."""
    _, z = minimise_reduced(np.array([1.0, 1.0]), c, sigma, float(importance))
    v = [Fraction(float(x)) for x in direction(z, sigma)]
    return leading_value(c, sigma, v, importance=importance) < 0
