"""A posterior with two phases in the plane: a regular minimum and a degenerate line.

The potential is ``L(w) = (w1 − 1)² (w1² + w2² + 1/4)⁴`` and the posterior ``p(w) ∝ exp(−n L(w))``, that
is β = 1, with a uniform prior on the box ``BOX``.  Everything about L follows from the expression with
SymPy, everything about p by quadrature.

What the critical points are
----------------------------
* The line ``w1 = 1``: L = 0, the Hessian has rank 1 everywhere on it, so it is a Morse–Bott minimum and
  λ = 1/2.
* A regular minimum at ``((4 − √11)/10, 0) ≈ (0.0683, 0)`` with L ≈ 0.00365 and λ = d/2 = 1.  The ball
  W_1 of the text is said to be centred at (0, 0): that is a rounded statement, since ∂L/∂w1 = −1/128
  there.
* A saddle at ``((4 + √11)/10, 0) ≈ (0.7317, 0)`` between the two.

The regions are the ball about the minimum that reaches the saddle, and the strip about the line that
reaches the saddle; the remainder of the box is reported as ``mass_rest``.  From the ball to the strip the
loss falls and λ falls too, so the ball holds more mass at small n only through its constant (it is wide
while the Gaussian across the line is narrow); see ``exchange``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache
from itertools import pairwise
from math import cos, exp, pi, sin
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike
from scipy import integrate, optimize

from kgon.base.checks import Floats, check_positive, refusal
from kgon.base.results import Record, Result, result
from kgon.experiments.plane import W1, W2, PlanePoint, describe_point

BOX = (-2.0, 2.0)
"""Range of both coordinates: the support of the uniform prior."""
LOSS = (W1 - 1) ** 2 * (W1**2 + W2**2 + sp.Rational(1, 4)) ** 4
"""The potential as a SymPy expression."""
_TOLERANCE = {"epsabs": 1e-11, "epsrel": 1e-9}


def toy_gradient() -> sp.Matrix:
    """∇L as a SymPy column."""
    return sp.Matrix([sp.factor(LOSS.diff(x)) for x in (W1, W2)])


@cache
def _compiled(module: str) -> Callable[[Any, Any], Any]:
    compiled: Callable[[Any, Any], Any] = sp.lambdify((W1, W2), LOSS, module)
    return compiled


def toy_loss(w1: ArrayLike, w2: ArrayLike) -> Floats:
    """L at one or many points (broadcast).

    Examples
    --------
    >>> toy_loss([1.0, 0.0], [0.7, 0.0]).tolist()
    [0.0, 0.00390625]
    """
    return np.asarray(_compiled("numpy")(np.asarray(w1, dtype=np.float64), np.asarray(w2, dtype=np.float64)))


@result
class ToyPoint(PlanePoint):
    """A critical point of the toy potential, or for ``line`` the point (1, 0) of the critical line.

    ``name`` is ``minimum``, ``saddle`` or ``line``; λ is half the rank of the Hessian, at a minimum whose
    critical set has the dimension of the kernel.

    Attributes
    ----------
    loss : float
    w1_exact, loss_exact : str
        SymPy expressions.
    """

    loss: float
    w1_exact: str
    loss_exact: str

    def headline(self) -> str:
        lam = "" if self.lambda_ is None else f", lambda = {self.lambda_}"
        return f"{self.name} at ({self.w1:.6g}, {self.w2:.6g}): L = {self.loss:.6g}{lam}"


def _toy_point(name: str, at: tuple[sp.Expr, sp.Expr], flat: int) -> ToyPoint:
    """Describe a critical point: a minimum if its Hessian has ``flat`` zero eigenvalues and none below."""
    found = describe_point(LOSS, at)
    minimum = found["negative"] == 0 and found["zero"] == flat
    value = sp.simplify(sp.expand(LOSS.subs({W1: at[0], W2: at[1]})))
    return ToyPoint(
        name=name,
        loss=float(value),
        w1_exact=str(at[0]),
        loss_exact=str(value),
        is_minimum=minimum,
        lambda_=Fraction(found["positive"], 2) if minimum else None,
        **found,
    )


@cache
def toy_critical_points() -> tuple[ToyPoint, ToyPoint, ToyPoint]:
    """Find all real critical points, minimum, saddle and line, by factoring the gradient.

    The components of ∇L share the factor (w1 − 1) q³ with q = w1² + w2² + 1/4 > 0.  It vanishes on the
    line alone; the cofactors have two common real zeros.

    Examples
    --------
    >>> [p.name for p in toy_critical_points()], [p.w1_exact for p in toy_critical_points()][:2]
    (['minimum', 'saddle', 'line'], ['2/5 - sqrt(11)/10', 'sqrt(11)/10 + 2/5'])
    """
    first, second = toy_gradient()
    common = sp.gcd(first, second)
    if not sp.cancel(common / ((W1 - 1) * (W1**2 + W2**2 + sp.Rational(1, 4)) ** 3)).is_number:
        raise AssertionError(f"unexpected common factor of the gradient: {common}")
    cofactors = [sp.cancel(first / common), sp.cancel(second / common)]
    zeros = sp.solve(cofactors, [W1, W2], dict=True)
    places = sorted(((z[W1], z[W2]) for z in zeros if all(v.is_real for v in z.values())), key=lambda p: p[0])
    low, high = (_toy_point("", place, 0) for place in places)
    if not (low.is_minimum and high.negative == 1 == high.positive):
        raise AssertionError("the potential has one regular minimum and one saddle off the line")
    return (
        _toy_point("minimum", places[0], 0),
        _toy_point("saddle", places[1], 0),
        _toy_point("line", (sp.Integer(1), sp.Integer(0)), 1),
    )


@result
class ToyPosterior(Result):
    """The masses of the two phases of the toy posterior at one n (β = 1, uniform prior on the box).

    Attributes
    ----------
    n : float
    box : (2,) array
        Range of both coordinates.
    radius, half_width : float
        Of the ball about the minimum and of the strip about the line; both end at the saddle.
    evidence : float
        ∫ exp(−nL) over the box.
    mass_ball, mass_strip, mass_rest : float
        Posterior probabilities; they sum to one.
    error : float
        Bound on the quadrature error of the masses, as estimated by the quadrature.
    """

    n: float
    box: np.ndarray
    radius: float
    half_width: float
    evidence: float
    mass_ball: float
    mass_strip: float
    mass_rest: float
    error: float

    def headline(self) -> str:
        return (
            f"n = {self.n:g}: ball {self.mass_ball:.6f}, strip {self.mass_strip:.6f}, "
            f"rest {self.mass_rest:.6f} (β = 1)"
        )

    def density(self, w1: ArrayLike, w2: ArrayLike) -> Floats:
        """The normalised density p(w), 0 outside the box."""
        x, y = np.asarray(w1, dtype=np.float64), np.asarray(w2, dtype=np.float64)
        inside = np.maximum(np.abs(x - self.box.mean()), np.abs(y - self.box.mean())) <= np.ptp(self.box) / 2
        return np.asarray(np.where(inside, np.exp(-self.n * toy_loss(x, y)) / self.evidence, 0.0))


def _regions() -> tuple[ToyPoint, float, float]:
    """The minimum, the radius of the ball about it, and half the width of the strip about the line."""
    minimum, saddle, line = toy_critical_points()
    return minimum, saddle.w1 - minimum.w1, line.w1 - saddle.w1


def _bands(n: float, low: float, high: float) -> tuple[float, float]:
    """Integrate exp(−nL) over low < w1 < high within the box, with its error; first over w1."""

    scalar = _compiled("math")

    def inner(w2: float) -> float:
        # Break points at multiples of the standard deviation across the line, L ≈ (w1 − 1)² (5/4 + w2²)⁴.
        ridge = 1.0 / ((1.25 + w2 * w2) ** 2 * (2.0 * n) ** 0.5)
        points = [low] + [1.0 + k * ridge for k in (-6, -2, 0, 2, 6)] + [high]
        edges = sorted(min(max(x, low), high) for x in points)
        return sum(
            float(integrate.quad(lambda w1: exp(-n * scalar(w1, w2)), a, b)[0])
            for a, b in pairwise(edges)
            if b > a
        )

    # L is even in w2.
    value, error = integrate.quad(inner, 0.0, BOX[1], **_TOLERANCE)
    return 2 * float(value), 2 * float(error)


def _ball(n: float, minimum: ToyPoint, radius: float) -> tuple[float, float]:
    """Integrate exp(−nL) over the ball about the minimum, in polar coordinates."""
    scalar = _compiled("math")
    value, error = integrate.dblquad(
        lambda r, angle: r * exp(-n * scalar(minimum.w1 + r * cos(angle), r * sin(angle))),
        0.0,
        pi,
        0.0,
        radius,
        **_TOLERANCE,
    )
    return 2 * float(value), 2 * float(error)


@cache
def toy_posterior(n: float) -> ToyPosterior:
    """Integrate evidence and phase masses at n, by adaptive quadrature.

    Raises
    ------
    KgonError
        n is not a number in (0, 1e6].

    Examples
    --------
    >>> at = toy_posterior(100)
    >>> round(at.mass_ball, 3), round(at.mass_strip, 3)
    (0.514, 0.485)
    """
    size = check_positive("n", n)
    if size > 1e6:
        raise refusal("n", "positive and at most 1e6", n)
    minimum, radius, half_width = _regions()
    evidence, error = _bands(size, *BOX)
    strip, strip_error = _bands(size, 1 - half_width, 1 + half_width)
    ball, ball_error = _ball(size, minimum, radius)
    return ToyPosterior(
        n=size,
        box=np.array(BOX),
        radius=radius,
        half_width=half_width,
        evidence=evidence,
        mass_ball=ball / evidence,
        mass_strip=strip / evidence,
        mass_rest=1.0 - (ball + strip) / evidence,
        error=(error + strip_error + ball_error) / evidence,
    )


@cache
def exchange() -> tuple[float, ...]:
    """Find all n in (0, 1000] at which ball and strip hold the same mass, in increasing order.

    At the first root the ball overtakes (below it the posterior is still the prior, and the strip is the
    larger region), at the second the strip does, for good: its loss is lower and so is its λ.

    Examples
    --------
    >>> [round(n, 3) for n in exchange()]
    [0.669, 112.38]
    """
    minimum, radius, half_width = _regions()

    def gap(n: float) -> float:
        return _ball(n, minimum, radius)[0] - _bands(n, 1 - half_width, 1 + half_width)[0]

    edges = np.geomspace(1e-3, 1000.0, 25)
    gaps = [gap(float(n)) for n in edges]
    return tuple(
        float(optimize.brentq(gap, edges[k], edges[k + 1], xtol=1e-9))
        for k in range(len(edges) - 1)
        if gaps[k] * gaps[k + 1] < 0
    )


@result
class ToyPhases(Record):
    """The toy posterior at some n, with what its potential is.

    Attributes
    ----------
    minimum, saddle, line : ToyPoint
        The critical points, of the line one.
    posteriors : tuple of ToyPosterior
    exchanged : float
        The n from which on the strip holds more mass than the ball.
    """

    minimum: ToyPoint
    saddle: ToyPoint
    line: ToyPoint
    posteriors: tuple[ToyPosterior, ...]
    exchanged: float


def toy_phases_at(sizes: Sequence[float]) -> ToyPhases:
    """Collect the critical points, the posteriors at some n, and where the strip overtakes the ball."""
    minimum, saddle, line = toy_critical_points()
    return ToyPhases(
        minimum=minimum,
        saddle=saddle,
        line=line,
        posteriors=tuple(toy_posterior(n) for n in sizes),
        exchanged=exchange()[-1],
    )
