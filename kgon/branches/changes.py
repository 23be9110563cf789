"""Say what an event of a branch consists of, as facts; the sentence about it is for readers alone."""

from __future__ import annotations

from dataclasses import replace

from kgon.base.results import Record, result
from kgon.kgons.labels import Label

POLYGON_BORDERS = {"b": "the bias is zero: the 4-gon", "diag": "the own output is switched off"}
"""Borders that a regular polygon with a real number of columns meets."""


@result
class Change(Record):
    """What happens at an event, or a part of it; its kinds are below."""

    def headline(self) -> str:
        """Say in words what happens."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"<{self.headline()}>"


@result
class BranchName(Change):
    """Which branch: a k-gon, and what its first varied column is at the start."""

    label: str
    role: str

    @property
    def kgon(self) -> Label:
        """The label as an object."""
        return Label.parse(self.label)

    def headline(self) -> str:
        return f"{self.label} ({self.role})"


@result
class EqualLoss(Change):
    """Another branch has the same loss.

    Attributes
    ----------
    own, other : BranchName
    indices : tuple of int or None
        Negative eigenvalues of the Hessian on this branch and on the other; None for one that stays where
        it is (a 4-gon).
    """

    own: BranchName
    other: BranchName
    indices: tuple[int | None, ...]

    def turned(self) -> EqualLoss:
        """Say the same of the other branch."""
        return replace(self, own=self.other, other=self.own, indices=self.indices[::-1])

    def headline(self) -> str:
        of_index = [
            f", {branch.headline()} of index {index}"
            for branch, index in zip((self.own, self.other), self.indices, strict=True)
            if index
        ]
        return f"same loss as {self.other.headline()}" + "".join(of_index)


@result
class EqualEnergy(Change):
    """Another branch has the same free energy at a sample size."""

    other: BranchName
    n: float
    beta: float
    theory: str

    def headline(self) -> str:
        at = f"n = {self.n:g}, β = {self.beta:g}, {self.theory}"
        return f"same free energy as {self.other.headline()}: {at}"


@result
class EnergyOrder(Change):
    """Another phase has the same free energy at this strength βn; the lower one below it, and above."""

    other: str
    below: str
    above: str

    def headline(self) -> str:
        return f"same free energy as {self.other}: {self.below} below, {self.above} above"


@result
class Eigenvalues(Change):
    """Eigenvalues of the Hessian pass zero: how many are negative before and after.

    Attributes
    ----------
    before, after : int
    breaks : bool
        Whether the branches that cross here break the mirror symmetry.
    """

    before: int
    after: int
    breaks: bool

    def headline(self) -> str:
        broken = ", the mirror symmetry breaks" if self.breaks else ""
        return f"negative eigenvalues {self.before} → {self.after}{broken}"


@result
class RegionChange(Change):
    """Pairs (i, j) that go from one region to another: how output j answers to input i."""

    pairs: tuple[tuple[int, ...], ...]
    before: str
    after: str

    def headline(self) -> str:
        return f"{', '.join(f'{i}→{j}' for i, j in self.pairs)} {self.before} → {self.after}"


@result
class Regions(Change):
    """Pairs change their regions, perhaps because a bias vanishes.

    Attributes
    ----------
    bias : int or None
        The column whose bias is zero.
    changes : tuple of RegionChange
    """

    bias: int | None
    changes: tuple[RegionChange, ...]

    def headline(self) -> str:
        bias = "" if self.bias is None else f"b_{self.bias} = 0: "
        return bias + "; ".join(change.headline() for change in self.changes)


@result
class MinimumLost(Change):
    """A 4-gon ceases to be a local minimum."""

    def headline(self) -> str:
        return "the leading part of L is indefinite beyond"


@result
class PolygonChange(Change):
    """What changes on the curve of regular polygons: a border, or a neighbour, by its number, is met."""

    at: tuple[str | int, ...]

    def headline(self) -> str:
        return ", ".join(
            POLYGON_BORDERS[place]
            if isinstance(place, str)
            else f"neighbour {place} begins or ceases to be active"
            for place in self.at
        )


Happening = EqualLoss | EqualEnergy | EnergyOrder | Eigenvalues | Regions | MinimumLost | PolygonChange
