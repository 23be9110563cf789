"""All n at which the difference of two free energies is zero: in closed form, in balls, and over enclosures.

``f(n) = E n + Λ log n − M log log n + C`` is the difference of two phases, M that of their multiplicities.
With M = 0 its zeros are values of the Lambert function, otherwise they are isolated; over enclosures of E, Λ
and C all zeros lie where the lowest f is not above 0 and the highest not below.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import NoReturn

from flint import arb

from kgon.base.verdicts import UndecidedError
from kgon.numerics.isolation import isolate
from kgon.potential.any_number import exact_ball


def solve_crossing(energy: arb, delta_lambda: Fraction | arb, constant: arb) -> list[arb] | None:
    """Find all n > 0 with ``energy·n + Δλ·log n + constant = 0``, each in a ball of its own.

    With κ = energy/Δλ the equation is ``κn·e^{κn} = κ e^{−constant/Δλ}``, so n = W(z)/κ with
    z = κ e^{−constant/Δλ}: one root (branch 0) for z > 0, two (branches 0 and −1) for −1/e < z < 0,
    none for z < −1/e.  Without log term the equation is linear, without linear term n is
    e^{−constant/Δλ}.

    Parameters
    ----------
    energy, constant : flint.arb
        βΔL and Δc; exactly zero must be an exact ball.
    delta_lambda : Fraction or flint.arb
        Δλ.

    Returns
    -------
    list of flint.arb in increasing order, or None where every n solves the equation.

    Raises
    ------
    UndecidedError
        The balls are too wide to count the roots.
    """
    slope = exact_ball(delta_lambda) if isinstance(delta_lambda, Fraction) else delta_lambda
    no_energy = energy == 0
    if slope == 0:
        if no_energy:
            if constant == 0:
                return None
            return [] if constant != 0 else _undecided(constant)
        root = -constant / energy
        if root > 0:
            return [root]
        return [] if root <= 0 else _undecided(root)
    log_scale = -constant / slope
    if no_energy:
        return [log_scale.exp()]
    kappa = energy / slope
    z = kappa * log_scale.exp()
    if z > 0:
        return [z.lambertw() / kappa]
    edge = z + (-arb(1)).exp()
    if edge < 0:
        return []
    if edge > 0 and z < 0:
        # kappa < 0: branch 0 is the root nearer 0.
        return [z.lambertw() / kappa, z.lambertw(-1) / kappa]
    return _undecided(z)


def _undecided(ball: arb) -> NoReturn:
    raise UndecidedError(f"the number of roots is not decided: {ball.str(12)} is too close to a limit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """The difference ``f(n) = E n + Λ log n − M log log n + C``; with M ≠ 0 for n > 1."""

    energy: arb
    lambda_: arb
    constant: arb
    power: int = 0

    def at(self, n: arb) -> arb:
        """Enclose f(n)."""
        found = self.energy * n + self.lambda_ * n.log() + self.constant
        return found - self.power * n.log().log() if self.power else found

    def slope(self, n: arb) -> arb:
        """Enclose f′(n)."""
        found = self.energy + self.lambda_ / n
        return found - self.power / (n * n.log()) if self.power else found

    def roots(self) -> list[arb] | None:
        """Find all n at which f is zero, in increasing order; None where it is zero for every n.

        Raises
        ------
        UndecidedError
            The balls are too wide to count the roots.
        """
        if not self.power:
            return solve_crossing(self.energy, self.lambda_, self.constant)
        if self.energy == 0 and self.lambda_ == 0:
            return [(self.constant / self.power).exp().exp()]
        # In y = log log n the term of M is linear, and beyond the ends one term outweighs the others.
        low, high = self._first(), self._last()
        return [y.exp().exp() for y in isolate(self._in_log_log, self._slope_in_log_log, low, high)]

    def _in_log_log(self, y: arb) -> arb:
        x = y.exp()
        return self.energy * x.exp() + self.lambda_ * x - self.power * y + self.constant

    def _slope_in_log_log(self, y: arb) -> arb:
        x = y.exp()
        return x * (self.energy * x.exp() + self.lambda_) - self.power

    def _first(self) -> arb:
        """A y < 0 below which |M y| outweighs the rest: there log n < 1 and n < e."""
        rest = abs(self.energy) * arb(1).exp() + abs(self.lambda_) + abs(self.constant) + 1
        return (-(rest / abs(self.power)).upper() - 1).mid()

    def _last(self) -> arb:
        """A y > 0 above which the leading term outweighs the rest, as its lead grows from there on."""
        for y in (arb(1) + k for k in range(512)):
            x = y.exp()
            if self.energy != 0:
                # Compared at x: |E| eˣ against (|Λ| + |M|) x + |C|, where log x < x.
                rest = abs(self.lambda_) + abs(self.power)
                lead = abs(self.energy) * x.exp() - rest * x - abs(self.constant)
                growth = abs(self.energy) * x.exp() - rest
            else:
                lead = abs(self.lambda_) * x - abs(self.power) * y - abs(self.constant)
                growth = abs(self.lambda_) * x - abs(self.power)
            if lead > 0 and growth > 0:
                return y
        return _undecided(self.energy if self.energy != 0 else self.lambda_)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A range of n that holds zeros of f, with the sign of f before and after it.

    Attributes
    ----------
    lower, upper : flint.arb or None
        Its ends; None where it is open to 0 (with M ≠ 0 to 1), or to infinity.
    before, after : int
        The sign of every f just outside; 0 at an open end.
    """

    lower: arb | None
    upper: arb | None
    before: int
    after: int


def stretches(lowest: list[tuple[bool, Gap]], highest: list[tuple[bool, Gap]]) -> list[Stretch]:
    """Find the ranges of n that hold all zeros of all f between a lowest and a highest one.

    Parameters
    ----------
    lowest, highest : list of (bool, Gap)
        What they are for n ≥ 1 (True) and for n < 1 (False), where the sign of log n is another.
    """
    edges = _joined([root for after, gap in [*lowest, *highest] for root in _roots_there(after, gap)])
    start = arb(1) if lowest[0][1].power else arb(0)
    ends = [start, *(x for low, high in edges for x in (low, high))]
    between = zip(ends[::2], [*ends[1::2], 2 * ends[-1] + 2], strict=True)
    signs = [_sign((below + above) / 2, lowest, highest) for below, above in between]
    found: list[Stretch] = []
    lower: arb | None = None
    before = signs[0]
    inside = before == 0
    for (low, high), sign in zip(edges, signs[1:], strict=True):
        if not inside:
            lower, inside = low, True
        if sign:
            found.append(Stretch(lower=lower, upper=high, before=before, after=sign))
            before, inside = sign, False
    if inside:
        found.append(Stretch(lower=lower, upper=None, before=before, after=0))
    return found


def _roots_there(after: bool, gap: Gap) -> list[arb]:
    roots = gap.roots() or []
    return [n for n in roots if (not n < 1 if after else not n > 1)]


def _joined(roots: list[arb]) -> list[tuple[arb, arb]]:
    """Join balls that overlap, in increasing order: lower and upper ends."""
    found: list[tuple[arb, arb]] = []
    for low, high in sorted(((n.lower(), n.upper()) for n in roots), key=lambda ends: _Ordered(ends[0])):
        if found and not low > found[-1][1]:
            found[-1] = found[-1][0], high if high > found[-1][1] else found[-1][1]
        else:
            found.append((low, high))
    return found


class _Ordered:
    """An exact ball as a key to sort by."""

    def __init__(self, value: arb) -> None:
        self.value = value

    def __lt__(self, other: _Ordered) -> bool:
        return bool(self.value < other.value)


def _sign(n: arb, lowest: list[tuple[bool, Gap]], highest: list[tuple[bool, Gap]]) -> int:
    """The sign that every f has at n; 0 where some may be zero."""
    after = not n < 1
    low, high = (next(gap for side, gap in pieces if side is after).at(n) for pieces in (lowest, highest))
    return 1 if low > 0 else -1 if high < 0 else 0
