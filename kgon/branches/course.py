"""What is followed: a k-gon, the parameter and its range, and what the columns are that are varied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kgon.base.checks import Floats, check_integer
from kgon.base.verdicts import KgonError
from kgon.branches.results import KgonBranch
from kgon.branches.roles import roles_on, settled_role, start_of_branch
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.labels import Label
from kgon.kgons.systems import CriticalPoints
from kgon.kgons.values import as_label, list_labels
from kgon.numerics.continuation.curve import Steps
from kgon.potential.parameters import WeightLine, read_parameter

STEPS = Steps()
"""The settings of the continuation where the range is not wide."""
MOST_POINTS = STEPS.max_points
"""Points each way, and tubes of a proof, after which a branch is given up by default ..."""
ALL_POINTS = 10**6
"""... and the most that can be asked for."""
FEWEST = 2000
"""Steps that the longest one must allow across the range; on a wide range it is longer for that."""


def system_of(label: Label, parameter: WeightLine, role: str) -> CriticalPoints:
    """Build the system of a k-gon whose varied columns have a role."""
    W, b = start_of_branch(label, parameter, role)
    return CriticalPoints(W, b, parameter=parameter)


@dataclass(frozen=True, slots=True)
class Course:
    """A k-gon over a range of a parameter: all that says which branch is meant.

    Attributes
    ----------
    label : Label
    parameter : WeightLine
    role : str
        What the columns varied are at the start; see ``kgon.branches.roles``.
    lower, upper : float
        The range of the parameter, which contains its value at the catalogue's point.
    points : int
        Most points each way, and most tubes of a proof.
    """

    label: Label
    parameter: WeightLine
    role: str
    lower: float
    upper: float
    points: int = MOST_POINTS

    @classmethod
    def of(
        cls, label: Label | str, parameter: WeightLine | str, lower: float, upper: float,
        *, role: str | None = None, c: int = 6, points: int = MOST_POINTS,
    ) -> Course:  # fmt: skip
        """Read and check a course; without a role it is that of the standard representative's columns.

        Raises
        ------
        KgonError
            A label, parameter, role or range that cannot be.
        """
        given = as_label(label)
        name = Catalogue(c)[given].name  # without words
        varied = parameter if isinstance(parameter, WeightLine) else read_parameter(parameter, c)
        if varied.c != c:
            raise KgonError(f"{varied.name} is a parameter of {varied.c} features, c is {c}")
        role = settled_role(given, varied, role)
        low, high = varied.check(lower), varied.check(upper)
        first = float(varied.start)
        if not low <= first <= high or low == high:
            raise KgonError(
                f"a branch begins at {varied.name} = {first:.6g}: give a range that contains it, "
                f"got {low:g} to {high:g}"
            )
        return cls(name, varied, role, low, high, check_integer("points", points, 1, ALL_POINTS))

    @property
    def c(self) -> int:
        """The number of features."""
        return self.parameter.c

    @property
    def start(self) -> float:
        """The parameter at the catalogue's point, where the branch is begun."""
        return float(self.parameter.start)

    @property
    def steps(self) -> Steps:
        """The settings of the continuation: on a wide range its steps may be longer."""
        longest = max(STEPS.longest, (self.upper - self.lower) / FEWEST)
        return replace(STEPS, longest=longest, max_points=self.points)

    @property
    def ways(self) -> tuple[int, ...]:
        """The directions in which the range goes on from the start: −1, 1 or both."""
        return (-1,) * (self.lower < self.start) + (1,) * (self.start < self.upper)

    def point(self) -> tuple[Floats, Floats]:
        """Return W and b of the catalogue's point, with its columns in their roles."""
        return start_of_branch(self.label, self.parameter, self.role)

    def system(self) -> CriticalPoints:
        """Build the equations that are solved along the branch."""
        return system_of(self.label, self.parameter, self.role)

    def against(self, labels: Sequence[Label | str]) -> Iterator[Course]:
        """Go through other k-gons over the same range, in every role that the varied columns can play."""
        for label in list_labels(labels):
            name = Catalogue(self.c)[label].name
            for role in roles_on(name, self.parameter):
                other = replace(self, label=name, role=role)
                if other != self:
                    yield other

    def branch(self, **found: Any) -> KgonBranch:
        """Make the result of following this course: what was found, beside what was asked for."""
        return KgonBranch(
            label=self.label.name, configuration=self.label.configuration, c=self.c,
            parameter=self.parameter.name, role=self.role, lower=self.lower, upper=self.upper,
            start=self.start, **found,
        )  # fmt: skip
