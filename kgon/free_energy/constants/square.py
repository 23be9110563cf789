"""Estimate the constant of the local free energy of the 4-gons that are local minima.

Near a label's flat set, and counting all its copies under permutations and rotations,

    −log Z(n) = β n L* + λ log(β n) + C + o(1),      Z(n) = ∫ exp(−β n L(w)) φ(w) dw,   φ = N(0, I_{3c}).

With normal coordinates z, flat ones s, and c(L − L*) = q(z; s) + O(z³), q homogeneous of degree 2 in z:

    C = −log[ N · c^λ · J · ∫ds φ(s) ∫exp(−q) dz ],

N the number of copies and J the Jacobian, ½ for each live column: d²W = ½ dν dθ at ‖W‖² = 1 + ν.  The
4-gons sit on kinks of L, and q is not a quadratic form; its integrals are in ``_four_live``, ``_three_live``
and ``_few_live``.  The o(1) is of order n^{−1/2} for φ = 0, since the next term of L has degree 3, and of
order n^{−1/3} for φ ≥ 1: where one movable column begins to reach another the cost grows like a cube.

Z is an integral over points near the flat set with b_m < 0 at its dead columns: L falls where such a bias
becomes positive, and where ‖W_m‖² + b_m does.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import ClassVar

from kgon.base import text
from kgon.base.results import Result, result
from kgon.base.verdicts import KgonError, UndecidedError
from kgon.free_energy.constants._few_live import cone_mass, opening_mass
from kgon.free_energy.constants._four_live import circle_integral
from kgon.free_energy.constants._three_live import opened_integral, three_integral
from kgon.kgons.labels import Label
from kgon.kgons.square_minima import cone_certificate, cone_direction
from kgon.numerics.quasi_monte_carlo import IntegralEstimate

LARGEST_C = 16
"""Largest c: the standard errors over flat families grow with c and reach 0.01 here."""
LIVE = math.pi * math.sqrt(12)
"""∫ exp(−(ν² + 3νβ + 3β²)/3) dν dβ."""


@result
class SquareConstant(Result):
    """The constant C of one 4-gon in −log Z = β n L* + λ log(β n) + C.

    Attributes
    ----------
    label, configuration : str
    c : int
    value, stderr : float
        C, from randomised quasi-Monte Carlo, and its standard error.
    noise : tuple of float
        The error by replicate: the squares sum to that of ``stderr``, and the products with those of another
        label, whose replicates have the same random numbers, to the covariance.
    lambda_ : Fraction
        λ of the flat set that ``meaning`` names.
    count : int
        N, the number of copies of the flat set under permutations of the features.
    meaning : str
        Which flat set is meant.
    """

    json_names: ClassVar[dict[str, str]] = {"lambda_": "lambda"}

    label: str
    configuration: str
    c: int
    value: float
    stderr: float
    noise: tuple[float, ...]
    lambda_: Fraction
    count: int
    meaning: str

    def headline(self) -> str:
        name = self.label if self.configuration == "adjacent" else f"{self.label}:{self.configuration}"
        return f"{name}, c = {self.c}: C = {text.with_error(self.value, self.stderr)}, λ = {self.lambda_}"

    def rows(self) -> Sequence[tuple[str, str]]:
        return [
            ("constant C", text.with_error(self.value, self.stderr)),
            ("learning coefficient λ", str(self.lambda_)),
            ("copies", str(self.count)),
            ("flat set", self.meaning),
        ]


def log_density(squared_norm: float, dimension: int) -> float:
    """Compute the logarithm of the standard normal density at a point of that squared norm."""
    return -squared_norm / 2 - dimension * math.log(2 * math.pi) / 2


def log_live(vertices: int) -> float:
    """Compute the logarithm of what ``vertices`` live columns contribute besides the integral of exp(−q).

    (½ φ(W) φ(b))^vertices at ‖W‖ = 1, b = 0.
    """
    return vertices * (math.log(0.5) + log_density(1.0, 3))


@lru_cache(maxsize=256)
def square_constant(label: Label, c: int) -> SquareConstant:
    """Estimate the constant C of a 4-gon that is a local minimum.

    Parameters
    ----------
    label : Label
        4^{σ+} that is a local minimum, or 4^{φ−} other than ``4--:opposite``.
    c : int
        Features, at most 16.

    Raises
    ------
    KgonError
        Not a 4-gon; not a local minimum; c too large; or the label has no constant: ``4--:opposite`` at
        every c and ``4-`` at c = 5.
    UndecidedError
        No certificate decides whether the label is a local minimum.

    Examples
    --------
    >>> square_constant(Label.parse("4---"), 4)
    <4---, c = 4: C = 4.84969 ± 0.00013, λ = 1>
    """
    if label.k != 4:
        raise KgonError(f"label {label} is not a 4-gon; its constant comes from the Hessian")
    label.check(c)
    if c > LARGEST_C:
        raise KgonError(f"c must be at most {LARGEST_C} for the constant of a 4-gon, got {c}")
    if label.sigma and label.phi:
        raise KgonError(f"label {label} has no constant: with sigma and phi >= 1 it is not a local minimum")
    if label.sigma and cone_certificate(c, label.sigma) is None:
        if cone_direction(c, label.sigma) is not None:
            raise KgonError(f"label {label} has no constant at c = {c}: it is not a local minimum there")
        raise UndecidedError(f"whether label {label} is a local minimum at c = {c} is undecided")
    if label.configuration == "opposite":
        raise KgonError(
            f"label {label} has no constant: the integral over its flat set diverges where the columns "
            "between the live ones all come to one side, at the flat set of 4-- with the smaller lambda 2"
        )
    if label.phi == 1 and c == 5:
        raise KgonError(
            "label 4- has no constant at c = 5: two strata of its flat set have lambda 5, "
            "so that Z falls like log(n)/n^5"
        )
    three = _three_live if c > 4 else _three_live_opened
    families: list[Family] = [_four_live, three, _two_live, _one_live, _none_live]
    lambda_, count, log_factor, integral, meaning = families[label.phi](label, c)
    log_evidence = math.log(count) + float(lambda_) * math.log(c) + log_factor + math.log(integral.value)
    return SquareConstant(
        label=label.name, configuration=label.configuration, c=c, value=-log_evidence,
        stderr=integral.relative, noise=tuple(-x for x in integral.noise), lambda_=lambda_, count=count,
        meaning=meaning,
    )  # fmt: skip


FlatSet = tuple[Fraction, int, float, IntegralEstimate, str]
"""λ, N, log factor and integral of C = −log[N c^λ · factor · integral], and which flat set is meant."""
Family = Callable[[Label, int], FlatSet]


def _four_live(label: Label, c: int) -> FlatSet:
    """φ = 0: circles; λ = (2c + 3 + σ)/2, N = c!/(4 σ! δ!)."""
    sigma, delta = label.sigma, c - 4 - label.sigma
    copies = math.factorial(c) // (4 * math.factorial(sigma) * math.factorial(delta))
    log_factor = math.log(2 * math.pi) + log_live(4)
    log_factor += sigma * log_density(1 / (4 * c * c), 3) + delta * (log_density(0, 2) + math.log(0.5))
    meaning = "all rotations of the square and all negative biases of the dead columns, whose W is 0"
    return Fraction(2 * c + 3 + sigma, 2), copies, log_factor, circle_integral(c, sigma), meaning


def _three_live(label: Label, c: int) -> FlatSet:
    """φ = 1, c ≥ 6: λ = (c + 5)/2, N = c(c − 1)(c − 2) ordered triples of live columns."""
    copies, log_factor = c * (c - 1) * (c - 2), math.log(2 * math.pi) + log_live(3)
    meaning = (
        "three live columns 90 degrees apart, in every rotation; the others anywhere on the ray of the "
        "fourth vertex, not all at 0, with biases b_m < -max_i W_i.W_m over these"
    )
    return Fraction(c + 5, 2), copies, log_factor, three_integral(c - 3), meaning


def _three_live_opened(label: Label, c: int) -> FlatSet:
    """φ = 1, c = 4: λ = 4 of the stratum with W = 0, less than 9/2 of the sliding column; N = 8."""
    log_factor = math.log(2 * math.pi) + log_live(3) + log_density(0, 2) + math.log(0.5)
    meaning = (
        "three live columns at least 90 degrees apart, the fourth at W = 0 with any negative bias: at c = 4 "
        "this part of the connected flat set has the smallest lambda (9/2 where the fourth is at its vertex)"
    )
    return Fraction(4), c * (c - 1) * (c - 2) // 3, log_factor, opened_integral(), meaning


def _two_live(label: Label, c: int) -> FlatSet:
    """φ = 2, adjacent: λ = 2, N = c(c − 1)/2."""
    integral = opening_mass(c - 2).scaled(LIVE**2)
    meaning = (
        "two live columns at any angle of at least 90 degrees, in every rotation; the others where "
        "W_m.W_j <= 0 for both, with biases b_m < -max_i W_i.W_m over these; the flat set of 4--:opposite is "
        "connected with it, has a larger lambda and does not contribute"
    )
    return Fraction(2), c * (c - 1) // 2, math.log(2 * math.pi) + log_live(2), integral, meaning


def _one_live(label: Label, c: int) -> FlatSet:
    """φ = 3: λ = 1, N = c."""
    integral = cone_mass(c - 1, math.pi).scaled(LIVE)
    meaning = (
        "one live column in every rotation; the others in the half plane W_m.W_j <= 0, with biases "
        "b_m < -max_i W_i.W_m over these"
    )
    return Fraction(1), c, math.log(2 * math.pi) + log_live(1), integral, meaning


def _none_live(label: Label, c: int) -> FlatSet:
    """φ = 4: λ = 0; C is minus the logarithm of the prior mass of an open set."""
    meaning = "the open set b_m < -max_i W_i.W_m for every m, on which no output is ever on"
    return Fraction(0), 1, 0.0, cone_mass(c, 2 * math.pi), meaning
