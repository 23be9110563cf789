"""What can be varied along a branch: one number that the weights p_i I_j of the potential follow.

Each kind of parameter is declared once, by a function that says along which line the weights go.
``Parameter`` is one of these kinds with its columns, as ``importance[5]``; ``Toward`` is the way from equal
weights to those of a model.  Both are a ``WeightLine``: the rest follows from the line.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from kgon.base.checks import check_positive, exact_fraction, refusal
from kgon.base.verdicts import KgonError
from kgon.potential.model import TMS

IMPORTANCE, PROBABILITY = "importance", "probability"
_NAME = re.compile(r"(\w+)\[(\d{1,3}(?:,\d{1,3})*)\]")

Weights = tuple[list[Fraction], list[Fraction]]
"""Probabilities and importances."""
Line = tuple[list[Fraction], list[Fraction]]
"""Weights at the parameter 0, and their slope."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A way to vary the weights: either the importances or the probabilities, along a line.

    As the others stay, L is affine in the parameter; all proofs of branches rest on that.

    Attributes
    ----------
    varies : str
        ``importance`` or ``probability``.
    line : callable
        From a bool for each column, whether it is named, to the line.  At one value of the parameter, where
        branches begin, all weights must be alike: importances 1, probabilities 1/c.
    """

    varies: str
    line: Callable[[Sequence[bool]], Line]


KINDS: dict[str, Kind] = {}
"""Every kind of parameter, by name."""


def kind(name: str, varies: str) -> Callable[[Callable[[Sequence[bool]], Line]], Callable[..., Line]]:
    """Declare the function below as the line of a kind of parameter."""

    def declare(line: Callable[[Sequence[bool]], Line]) -> Callable[..., Line]:
        KINDS[name] = Kind(varies, line)
        return line

    return declare


@kind("importance", varies=IMPORTANCE)
def _importance(named: Sequence[bool]) -> Line:
    """The importance of the columns named; the others stay 1."""
    return [Fraction(not x) for x in named], [Fraction(x) for x in named]


@kind("probability", varies=PROBABILITY)
def _probability(named: Sequence[bool]) -> Line:
    """The probability of one column, or a common factor on several; the others share what is left."""
    c, size = len(named), sum(named)
    if size == c:
        raise KgonError(f"probabilities add up to 1: one of them must be left to give way, got all {c}")
    each = Fraction(1) if size == 1 else Fraction(1, c)
    rest = Fraction(1, c - size)
    return [Fraction(0) if x else rest for x in named], [each if x else -size * each * rest for x in named]


class WeightLine(ABC):
    """One real number that the probabilities and importances follow, each along a line."""

    c: int
    columns: tuple[int, ...]

    @property
    @abstractmethod
    def name(self) -> str:
        """Write it as ``read_parameter`` reads it."""

    @property
    @abstractmethod
    def start(self) -> Fraction:
        """Its value at the catalogue's points, where all weights are alike."""

    @property
    @abstractmethod
    def affine(self) -> tuple[Weights, Weights]:
        """The weights at 0 and their slope; computed once, as a branch asks for them at every step."""

    @property
    def varies(self) -> tuple[str, ...]:
        """Which weights are not constant: ``importance``, ``probability``."""
        p, importance = self.affine[1]
        return (IMPORTANCE,) * any(importance) + (PROBABILITY,) * any(p)

    @property
    def least(self) -> float:
        """Its greatest lower bound: at it a weight becomes 0."""
        return float(max((-x / y for x, y in self._lines() if y > 0), default=-float("inf")))

    @property
    def most(self) -> float:
        """Its least upper bound."""
        return float(min((-x / y for x, y in self._lines() if y < 0), default=float("inf")))

    def _lines(self) -> list[tuple[Fraction, Fraction]]:
        at, slope = self.affine
        return [pair for k in (0, 1) for pair in zip(at[k], slope[k], strict=True)]

    def check(self, value: float) -> float:
        """Return the value itself, if all weights are positive there."""
        number = check_positive(self.name, value, self.least)
        if not number < self.most:
            raise refusal(self.name, f"between {self.least:g} and {self.most:g}", value)
        return number

    def weights(self, value: Fraction) -> Weights:
        """Return the probabilities and importances at a value, exactly."""
        (p, importance), (dp, di) = self.affine
        return (
            [x + value * y for x, y in zip(p, dp, strict=True)],
            [x + value * y for x, y in zip(importance, di, strict=True)],
        )

    def tms(self, value: float) -> TMS:
        """Return the model at a value."""
        p, importance = self.weights(Fraction(value))
        return TMS(self.c, probability=[float(x) for x in p], importance=[float(x) for x in importance])


@dataclass(frozen=True)
class Parameter(WeightLine):
    """What is varied: a kind of parameter, such as the importance, of some columns.

    With one column ``importance`` and ``probability`` are that number itself, with several a common factor on
    them (1 at the catalogue's point).  The other importances stay 1; the other probabilities share what is
    left, so that the sum stays 1.

    Attributes
    ----------
    kind : str
        One of ``KINDS``.
    columns : tuple of int
        Counted from 0.
    c : int
        Features.

    Examples
    --------
    >>> Parameter.parse("importance[5]", 6)
    Parameter(kind='importance', columns=(5,), c=6)
    >>> [str(x) for x in Parameter.parse("probability[0]", 4).weights(Fraction(1, 2))[0]]
    ['1/2', '1/6', '1/6', '1/6']
    """

    kind: str
    columns: tuple[int, ...]
    c: int

    @classmethod
    def parse(cls, text: str, c: int) -> Parameter:
        """Read ``importance[5]``, ``probability[0]`` or ``importance[3,4]``."""
        match = _NAME.fullmatch(text.replace(" ", "")) if isinstance(text, str) else None
        if match is None or match[1] not in KINDS:
            raise KgonError(
                "a parameter looks like importance[5], probability[0] or importance[3,4], its kind is one of "
                f"{', '.join(KINDS)}, got {text!r}"
            )
        columns = tuple(int(x) for x in match[2].split(","))
        if max(columns) >= c:
            raise KgonError(f"columns are counted from 0 to {c - 1}, got {text!r}")
        if len(set(columns)) < len(columns):
            raise KgonError(f"a parameter names each column once, got {text!r}")
        found = cls(match[1], tuple(sorted(columns)), c)
        _ = found.affine  # refuses columns that the kind cannot have
        return found

    @property
    def name(self) -> str:
        """Write the parameter as ``parse`` reads it."""
        return f"{self.kind}[{','.join(map(str, self.columns))}]"

    @property
    def _line(self) -> Line:
        return KINDS[self.kind].line([j in self.columns for j in range(self.c)])

    @property
    def _alike(self) -> Fraction:
        """The weight that every column has at the catalogue's points."""
        return Fraction(1) if KINDS[self.kind].varies == IMPORTANCE else Fraction(1, self.c)

    @property
    def start(self) -> Fraction:
        """Its value at the catalogue's points, where all weights are alike."""
        return next((self._alike - x) / y for x, y in zip(*self._line, strict=True) if y)

    @cached_property
    def affine(self) -> tuple[Weights, Weights]:
        """The weights at 0 and their slope."""
        (at, slope), c = self._line, self.c
        constant = [Fraction(0)] * c
        if KINDS[self.kind].varies == IMPORTANCE:
            return ([Fraction(1, c)] * c, at), (constant, slope)
        return (at, [Fraction(1)] * c), (slope, constant)


@dataclass(frozen=True)
class Toward(WeightLine):
    """The way from equal weights, at 0, to those of a model, at 1: each changes evenly.

    All importances begin as the median of the model's, so that a common factor changes no critical point on
    the way.  Where both importances and probabilities change, L is no affine function of the parameter, and
    no proof of a branch applies.

    Attributes
    ----------
    model : TMS

    Examples
    --------
    >>> way = Toward(TMS(4, importance=[1, 1, 1, 0.5]))
    >>> way.name, [str(x) for x in way.weights(Fraction(1, 2))[1]]
    ('importance=1,1,1,0.5', ['1', '1', '1', '3/4'])
    """

    model: TMS

    @property
    def c(self) -> int:  # type: ignore[override]
        """Features."""
        return self.model.c

    @property
    def columns(self) -> tuple[int, ...]:  # type: ignore[override]
        """The columns whose weights change."""
        p, importance = self.affine[1]
        return tuple(j for j in range(self.c) if p[j] or importance[j])

    @property
    def name(self) -> str:
        """Write the model's weights as the options of a command do, with signs of equality."""
        return self.model.weights_text.replace(", ", ";").replace(" ", "=")

    @property
    def start(self) -> Fraction:
        """The value at which all weights are alike."""
        return Fraction(0)

    @cached_property
    def affine(self) -> tuple[Weights, Weights]:
        """The weights at 0 and their slope."""
        c, unit = self.c, Fraction(self.model.unit)
        alike = [Fraction(1, c)] * c, [unit] * c
        plain = 1.0 / c  # a probability that is the default is 1/c itself, not the float next to it
        ends = (
            [Fraction(1, c) if x == plain else Fraction(x) for x in self.model.probability.tolist()],
            [Fraction(x) for x in self.model.importance.tolist()],
        )
        p, importance = ([x - y for x, y in zip(ends[k], alike[k], strict=True)] for k in (0, 1))
        return alike, (p, importance)


def read_parameter(text: str, c: int) -> WeightLine:
    """Read ``importance[5]`` and the like, or ``importance=1,1,1,1,1,1/2``, the way to a model."""
    if not isinstance(text, str) or "=" not in text:
        return Parameter.parse(text, c)
    weights: dict[str, list[float]] = {}
    for part in text.replace(" ", "").split(";"):
        name, _, values = part.partition("=")
        numbers = [exact_fraction(x) for x in values.split(",")]
        if name not in (IMPORTANCE, PROBABILITY) or name in weights or None in numbers:
            raise KgonError(
                f"a way to a model looks like importance=1,1,1,1,1,1/2;probability=…, got {text!r}"
            )
        weights[name] = [float(x) for x in numbers if x is not None]
    return Toward(TMS(c, importance=weights.get(IMPORTANCE), probability=weights.get(PROBABILITY)))
