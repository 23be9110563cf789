"""Tell the kinds of critical points in two dimensions apart, by the Hessian and by a small circle about them.

Three kinds are decided by the Hessian (minimum, maximum, saddle); for the degenerate ones the values on
a small circle about the point tell them apart: how often L − L(w*) changes sign, and in how many
directions it vanishes.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike

from kgon.base.checks import Floats
from kgon.base.results import result
from kgon.base.verdicts import KgonError
from kgon.experiments.plane import W1, W2, PlanePoint, describe_point

_EXAMPLES: tuple[tuple[str, sp.Expr, tuple[int, int]], ...] = (
    ("minimum", W1**2 + W2**2, (0, 0)),
    ("maximum", -(W1**2) - W2**2, (0, 0)),
    ("saddle", W1**2 - W2**2, (0, 0)),
    ("circle of minima", (W1**2 + W2**2 - 1) ** 2, (1, 0)),
    ("monkey saddle", W1**3 - 3 * W1 * W2**2, (0, 0)),
    ("singular minimum", W1**2 * W2**2, (0, 0)),
)


@result
class TaxonomyEntry(PlanePoint):
    """One kind of critical point, at the example that stands for it.

    Attributes
    ----------
    expression, latex : str
        The potential, in w1 and w2.
    gradient : tuple of str
        Exact components of ∇L there: zeros.
    critical_curve : str or None
        Polynomial whose zeros are critical points too, the common factor of ∇L; None if they are isolated.
    sign_changes : int
        How often L − L(w*) changes sign around a small circle: 0 at an extremum, 4 at a saddle.
    zero_directions : int
        Places of that circle where L − L(w*) vanishes.
    multiplicity : int or None
        Power of the logarithm plus one, in vol{L − L* < ε} ~ C ε^λ (log 1/ε)^(m−1).
    """

    expression: str
    latex: str
    gradient: tuple[str, ...]
    critical_curve: str | None
    sign_changes: int
    zero_directions: int
    multiplicity: int | None

    @property
    def inertia(self) -> str:
        """Signs of the eigenvalues, such as ``(+, 0)``; positive ones first."""
        return "(" + ", ".join("+" * self.positive + "0" * self.zero + "−" * self.negative) + ")"

    def loss(self, w1: ArrayLike, w2: ArrayLike) -> Floats:
        """L at one or many points (broadcast)."""
        return _evaluate(self.expression, w1, w2)

    def curve(self, w1: ArrayLike, w2: ArrayLike) -> Floats:
        """The polynomial of the critical curve; there must be one."""
        if self.critical_curve is None:
            raise KgonError(f"the critical point of {self.name} is isolated")
        return _evaluate(self.critical_curve, w1, w2)

    def headline(self) -> str:
        return f"{self.name}: L = {self.expression} at ({self.w1:g}, {self.w2:g}), signs {self.inertia}"


def _evaluate(expression: str, w1: ArrayLike, w2: ArrayLike) -> Floats:
    function = sp.lambdify((W1, W2), sp.sympify(expression, {"w1": W1, "w2": W2}))
    return np.asarray(function(np.asarray(w1, dtype=np.float64), np.asarray(w2, dtype=np.float64)))


def _around(expression: sp.Expr, at: tuple[int, int]) -> tuple[int, int]:
    """Count the sign changes and zeros of L − L(w*) on the circle of radius 1/4, by exact real roots.

    The circle is parametrised by (1 − t², 2t)/(1 + t²), which leaves out the direction t = ∞: after a
    turn by the 3-4-5 angle none of the examples vanishes there.
    """
    t = sp.symbols("t", real=True)
    x, y = (1 - t**2) / (1 + t**2), 2 * t / (1 + t**2)
    cosine, sine, radius = sp.Rational(3, 5), sp.Rational(4, 5), sp.Rational(1, 4)
    place = {
        W1: at[0] + radius * (cosine * x - sine * y),
        W2: at[1] + radius * (sine * x + cosine * y),
    }
    difference = expression - expression.subs({W1: at[0], W2: at[1]})
    numerator = sp.Poly(sp.numer(sp.together(difference.subs(place))), t)
    if numerator.degree() <= 0:
        return 0, 0
    roots: list[Any] = sp.real_roots(numerator)
    distinct = set(roots)
    return sum(roots.count(root) % 2 for root in distinct), len(distinct)


def _learning_coefficient(expression: sp.Expr, at: tuple[int, int], rank: int) -> tuple[Fraction, int]:
    """Compute λ and its multiplicity at a minimum.

    For a monomial w1^(2a) w2^(2b) it is the smallest 1/(2a), 1/(2b), its multiplicity the number of ties.
    Otherwise the minimum must be Morse–Bott, and λ = rank/2.
    """
    powers = sp.Poly(expression, W1, W2).monoms()
    if len(powers) == 1 and at == (0, 0):
        inverse = [Fraction(1, p) for p in powers[0] if p]
        return min(inverse), inverse.count(min(inverse))
    return Fraction(rank, 2), 1


def _entry(name: str, expression: sp.Expr, at: tuple[int, int]) -> TaxonomyEntry:
    where = {W1: at[0], W2: at[1]}
    gradient = [expression.diff(x).subs(where) for x in (W1, W2)]
    if any(component != 0 for component in gradient):
        raise AssertionError(f"{at} is not a critical point of {expression}")
    common = sp.gcd(expression.diff(W1), expression.diff(W2))
    found = describe_point(expression, at)
    changes, zeros = _around(expression, at)
    above = expression.subs({W1: at[0] + sp.Rational(3, 20), W2: at[1] + sp.Rational(1, 5)})
    minimum = changes == 0 and bool(above > expression.subs(where))
    lam, multiplicity = _learning_coefficient(expression, at, found["positive"]) if minimum else (None, None)
    return TaxonomyEntry(
        name=name,
        expression=str(expression),
        latex=sp.latex(expression, symbol_names={W1: "w_1", W2: "w_2"}),
        gradient=tuple(str(component) for component in gradient),
        critical_curve=None if common.is_number else str(common),
        sign_changes=changes,
        zero_directions=zeros,
        is_minimum=minimum,
        lambda_=lam,
        multiplicity=multiplicity,
        **found,
    )


@cache
def build_taxonomy() -> tuple[TaxonomyEntry, ...]:
    """Build an entry for each of the three kinds that the Hessian decides, and for three degenerate ones.

    Examples
    --------
    >>> [(entry.name, entry.inertia) for entry in build_taxonomy()][2:4]
    [('saddle', '(+, −)'), ('circle of minima', '(+, 0)')]
    """
    return tuple(_entry(*example) for example in _EXAMPLES)
