"""Find every n at which two free energies agree: by the Lambert W function in balls, or by changes of sign.

``affine_roots`` is for two single phases whose F_n is βnL + λ log n − (m − 1) log log n + c, where all roots
are enclosed; ``sign_changes`` is for anything else, in floating point, between bounds on n.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from flint import arb
from scipy.optimize import brentq

from kgon.base.results import Result, result
from kgon.base.text import rounded_down, rounded_up, with_error
from kgon.base.verdicts import KgonError, UndecidedError
from kgon.free_energy.energies import FreeEnergy, Phase, difference_stderr
from kgon.free_energy.gaps import Gap, stretches
from kgon.free_energy.quantities import Quantity
from kgon.numerics.balls import above, at_precision, below
from kgon.potential.any_number import exact_ball

ROOT_BITS = 256
"""First working precision of roots; a question that it leaves open is asked again with more."""
DEVIATIONS = 2
"""Standard errors by which estimates are moved to see whether as many roots remain."""
WIDE = 1e-7
"""Part of n from which on the width of an enclosure is more than rounding."""
SMALLEST_SIZE = 1e-3
"""Smallest n at which they are looked for where nothing is an expansion in 1/n."""
LARGEST_STRENGTH = 1e7
"""Largest βn at which they are looked for."""
GRID = 1200
"""Points of log n on which a change of sign is looked for."""


@result
class CriticalSize(Result):
    """One sample size at which two phases have the same free energy.

    Attributes
    ----------
    n : float
    lower, upper : float
        Enclosure, proved for the given constants where these are affine theories of two single phases;
        otherwise floats on both sides of the change of sign.  Where numbers are enclosures, the range that
        holds the root of every choice of them; ``upper`` is None where it has no end.
    stderr : float or None
        Standard error of n, where a constant is sampled.
    below, above : str
        The phase with the lower F_n just below and just above n; the same one where the two touch.
    certain : bool
        Whether there is a root for every choice of numbers within their enclosures; False where some have
        none here.
    """

    n: float
    lower: float
    upper: float | None
    stderr: float | None = None
    below: str
    above: str
    certain: bool = True

    @classmethod
    def between(
        cls, a: FreeEnergy, b: FreeEnergy, n: float, bounds: tuple[float, float], slope: float, error: float
    ) -> CriticalSize:
        """The root at n, where F_B − F_A has a slope: where it falls, B is lower above n.

        ``error`` is the standard error of F_B − F_A, 0 where nothing was sampled.
        """
        lower, higher = (a, b) if slope < 0 else (b, a)
        stderr = error / abs(slope) if error else None
        return cls(n=n, lower=bounds[0], upper=bounds[1], stderr=stderr, below=lower.name, above=higher.name)

    @property
    def wide(self) -> bool:
        """Whether the enclosure is that of given numbers, not of rounding."""
        return self.upper is None or self.upper - self.lower > WIDE * self.n

    @property
    def enclosure(self) -> str:
        """Write the enclosure rounded outwards: with six digits where it is wide, else more than n has."""
        digits = 6 if self.wide else 10
        upper = "∞" if self.upper is None else rounded_up(self.upper, digits)
        return f"[{rounded_down(self.lower, digits)}, {upper}]"

    @property
    def text(self) -> str:
        """Write n to the digits that are known, or the range that holds it."""
        value = f"{self.n:.8g}" if self.stderr is None else with_error(self.n, self.stderr)
        if not self.wide:
            return value
        return self.enclosure + ("" if self.certain else " for some") + (f" ({value})" if self.stderr else "")

    def headline(self) -> str:
        return f"n = {self.text}: {self.below} → {self.above}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Difference:
    """What a phase B has more than a phase A: β ΔL, Δλ, Δc at β and Δm, in units of n or of βn."""

    energy: Quantity
    lambda_: Quantity
    constant: Quantity
    power: int
    unit: Fraction

    @classmethod
    def of(cls, a: Phase, b: Phase, beta: Fraction) -> Difference:
        """Subtract the numbers of two phases; where n enters through βn alone, the unknown is βn."""
        if a.by_strength != b.by_strength:
            raise KgonError(f"{a.name} and {b.name} are phases of different theories")
        loss, unit = b.loss - a.loss, beta if a.by_strength else Fraction(1)
        return cls(
            energy=loss.times(beta / unit), lambda_=b.lambda_ - a.lambda_, constant=b.constant - a.constant,
            power=b.multiplicity - a.multiplicity, unit=unit,
        )  # fmt: skip

    @property
    def numbers(self) -> tuple[Quantity, Quantity, Quantity]:
        """β ΔL, Δλ and Δc."""
        return self.energy, self.lambda_, self.constant

    @property
    def gap(self) -> Gap:
        """F_B − F_A at the working precision, of enclosures that of their middles."""
        energy, lambda_, constant = (x.enclosure() for x in self.numbers)
        return Gap(energy=energy, lambda_=lambda_, constant=constant, power=self.power)

    def extreme(self, side: int) -> list[tuple[bool, Gap]]:
        """The lowest (0) or highest (1) of F_B − F_A over enclosures, for n ≥ 1 (True) and below (False)."""
        energy, lambda_, constant = (x.bounds for x in self.numbers)
        pieces = [(True, lambda_[side]), *([] if self.power else [(False, lambda_[1 - side])])]
        return [
            (after, Gap(energy=energy[side], lambda_=slope, constant=constant[side], power=self.power))
            for after, slope in pieces
        ]

    def within(self, deviations: int) -> Difference:
        """The same with estimates enclosed by so many standard errors either way."""
        energy, lambda_, constant = (x.within(deviations) for x in self.numbers)
        return replace(self, energy=energy, lambda_=lambda_, constant=constant)

    def touches(self) -> bool:
        """Whether F_B − F_A has a double zero, of exact numbers: then it is n = 1.

        At a double zero n is −Λ/E, a rational, and so is log n: by Lindemann's theorem n is 1.
        """
        energy, lambda_, constant = (x.exact for x in self.numbers)
        if self.power or not energy or lambda_ is None or constant is None:
            return False
        return energy == -lambda_ == -constant


def affine_roots(a: Phase, b: Phase, beta: Fraction) -> tuple[CriticalSize, ...] | None:
    """Enclose every n at which two phases agree: n βΔL + Δλ log n − Δm log log n + Δc = 0.

    Returns
    -------
    tuple of CriticalSize or None
        None where the two agree for every n.

    Raises
    ------
    UndecidedError
        The balls are too wide to count the roots, or the two free energies touch.
    """
    less = Difference.of(a, b, beta)
    if any(x.ends for x in less.numbers):
        return _over_enclosures(a, b, less, beta)
    return _of_numbers(a, b, less, beta)


def open_roots(a: Phase, b: Phase, beta: Fraction, found: Sequence[CriticalSize]) -> str:
    """Say where else two phases may agree, by estimates within ``DEVIATIONS`` standard errors of theirs.

    Parameters
    ----------
    a, b : Phase
    beta : Fraction
    found : sequence of CriticalSize
        The roots of the numbers as they were estimated.

    Returns
    -------
    str
        Empty where all such numbers have as many roots.
    """
    less = Difference.of(a, b, beta)
    if not any(x.stderr for x in less.numbers):
        return ""
    every = _over_enclosures(a, b, less.within(DEVIATIONS), beta)
    if len(every) == len(found) and all(x.certain and x.upper is not None for x in every):
        return ""
    where = " and ".join(f"n in {x.enclosure}" for x in every)
    return f"how many roots there are: numbers within {DEVIATIONS} standard errors of these agree at {where}"


@at_precision(ROOT_BITS, 4 * ROOT_BITS, 16 * ROOT_BITS)
def _of_numbers(a: Phase, b: Phase, less: Difference, beta: Fraction) -> tuple[CriticalSize, ...] | None:
    """The roots where every number is one."""
    gap, unit = less.gap, exact_ball(less.unit)
    if less.touches():
        lower = a if gap.energy > 0 else b
        n = 1 / unit
        ends = below(n), above(n)
        return (CriticalSize(n=float(n), lower=ends[0], upper=ends[1], below=lower.name, above=lower.name),)
    found = gap.roots()
    if found is None:
        return None
    roots = []
    for root in found:
        slope = gap.slope(root) * unit
        if not (slope < 0 or slope > 0):
            raise UndecidedError(f"the free energies touch near n = {root.str(12)}")
        n = _held(root / unit, a, b)
        error = difference_stderr(a, b, float(n), beta=beta)
        roots.append(CriticalSize.between(a, b, float(n), (below(n), above(n)), float(slope), error))
    return tuple(roots)


@at_precision(ROOT_BITS, 4 * ROOT_BITS)
def _over_enclosures(a: Phase, b: Phase, less: Difference, beta: Fraction) -> tuple[CriticalSize, ...]:
    """The ranges that hold the roots of all numbers within their enclosures."""
    unit, gap = exact_ball(less.unit), less.gap
    try:
        middle = [n / unit for n in gap.roots() or []]
    except UndecidedError:
        middle = []
    roots = []
    for part in stretches(less.extreme(0), less.extreme(1)):
        low = (
            float(less.unit**-1 if less.power else 0)
            if part.lower is None
            else below(_held(part.lower / unit, a, b))
        )
        high = None if part.upper is None else above(_held(part.upper / unit, a, b))
        inside = [float(_held(n, a, b)) for n in middle if n > low and (high is None or n < high)]
        n = inside[0] if inside else low if high is None else (low + high) / 2
        crosses = part.before * part.after < 0
        slope = float(gap.slope(exact_ball(Fraction(n)) * unit) * unit) if n > low else 0.0
        error = difference_stderr(a, b, n, beta=beta) if slope else 0.0
        roots.append(
            CriticalSize(
                n=n, lower=low, upper=high, stderr=error / abs(slope) if error else None,
                below=_lower_phase(a, b, part.before), above=_lower_phase(a, b, part.after), certain=crosses,
            )
        )  # fmt: skip
    return tuple(roots)


def _held(n: arb, a: Phase, b: Phase) -> arb:
    """Return n, and refuse one that no float holds."""
    if not 0 < float(n) < math.inf:
        known = n.str(6, radius=False)
        raise KgonError(f"{a.name} and {b.name} agree at n = {known}, which no double precision number holds")
    return n


def _lower_phase(a: FreeEnergy, b: FreeEnergy, sign: int) -> str:
    """The phase that is lower where F_B − F_A has a sign, 0 where it may have either."""
    return f"{a.name} or {b.name}" if not sign else a.name if sign > 0 else b.name


def sign_changes(
    a: FreeEnergy, b: FreeEnergy, beta: Fraction, *, low: float, high: float
) -> tuple[CriticalSize, ...]:
    """Find the roots of F_B − F_A from ``low`` to ``high`` in float64: one for each change of sign."""

    def gap(log_n: float) -> float:
        n = math.exp(log_n)
        return float(b.free_energy(n, beta=beta) - a.free_energy(n, beta=beta))

    n = np.clip(np.exp(np.linspace(math.log(low), math.log(high), GRID)), low, high)
    values = b.free_energy(n, beta=beta) - a.free_energy(n, beta=beta)
    roots = []
    for k in np.flatnonzero(np.sign(values[:-1]) * np.sign(values[1:]) < 0):
        at = float(brentq(gap, math.log(n[k]), math.log(n[k + 1]), xtol=1e-13, rtol=1e-13))
        size = math.exp(at)
        slope = (gap(at + 1e-4) - gap(at - 1e-4)) / (2e-4 * size)
        error = difference_stderr(a, b, size, beta=beta)
        bounds = size * (1 - 1e-12), size * (1 + 1e-12)
        roots.append(CriticalSize.between(a, b, size, bounds, math.copysign(slope, -values[k]), error))
    return tuple(roots)
