"""Basins of the local minima: the k-gon at which gradient descent ends.

A descent that ends at the loss of a local minimum of the catalogue, with that many columns at the length
and bias of its live ones, belongs to its basin.  The columns tell irregular minima apart whose loss is
within the tolerance of a k-gon's, as at c = 8 that of an irregular hexagon and of the octagon.  Minima of one
loss are one basin: the two configurations of 4-- are places of one flat family.  Whatever fits no minimum
(saddles passed too slowly, irregular minima) is ``other``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kgon.base.checks import Floats, assign
from kgon.base.verdicts import KgonError
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.nearest_kgon import nearest
from kgon.potential.descent import LEVEL_TOLERANCE, DescentEnds, descend
from kgon.potential.loss import Potential
from kgon.potential.model import TMS

OTHER = "other"
"""Name of what belongs to no basin."""
COLUMN_TOLERANCE = 0.1
"""Largest error of the length and of the bias of a live column at the end of a descent.

Descents to the minima of c = 4 … 7 end within 0.01.
"""
STRUCTURE_DISTANCE = 0.05
"""Distance to the k-gon within which the structure of an end point confirms its label.

At ‖∇L‖ ≤ 1e-4 and an eigenvalue of 0.02 the distance left is 0.005; a dead column at the rim of its cone
adds to it.
"""


class Located(Protocol):
    """Points of many chains: all that an indicator of basins asks of a sampler's state."""

    @property
    def w(self) -> Floats:
        """Flat parameters (m, d): W row-major, then b."""


@dataclass(frozen=True, slots=True, init=False, eq=False)
class Basins:
    """The basins of c features (r = 2, uniform inputs).

    Attributes
    ----------
    tms : TMS
    labels : tuple of str
        Labels of the local minima without configuration, by increasing loss.
    levels : (len(labels),) array
        Their losses.
    live : tuple of (int, float, float)
        How many live columns each has, their length and their bias.

    Examples
    --------
    >>> Basins(6).labels
    ('6', '5+', '5', '4++', '4+', '4', '4-', '4--', '4---', '4----')
    """

    tms: TMS
    labels: tuple[str, ...]
    levels: Floats
    live: tuple[tuple[int, float, float], ...]

    def __init__(self, c: int = 6) -> None:
        minima = sorted((p for p in Catalogue(c) if p.is_minimum), key=lambda p: (p.loss, p.label))
        first = [next(group) for _, group in groupby(minima, key=lambda p: p.label)]
        levels = np.array([p.loss for p in first])
        if not np.all(np.diff(levels) > 4 * LEVEL_TOLERANCE):
            raise KgonError(f"c = {c}: two k-gons have losses too close for the loss to name the basin")
        levels.flags.writeable = False
        live = tuple((p.k - p.phi, p.length, p.bias) for p in first)
        assign(self, tms=TMS(c), labels=tuple(p.label for p in first), levels=levels, live=live)

    @property
    def potential(self) -> Potential:
        """The population loss."""
        return Potential(self.tms)

    def index(self, label: str) -> int:
        """Position of a label."""
        if label not in self.labels:
            known = ", ".join(self.labels)
            raise KgonError(f"{label!r} is not a basin of c = {self.tms.c}; there are {known}")
        return self.labels.index(label)

    def descend(self, w: Floats, *, step: float = 1.0, below: float = -np.inf) -> DescentEnds:
        """Descend from points w (m, d) until each is at a level (see ``simulate.descent``)."""
        return descend(self.tms, w, step=step, levels=self.levels, below=below)

    def named(self, ends: DescentEnds) -> NDArray[np.int64]:
        """Index of the basin of every end point, −1 for ``other``."""
        gaps = np.abs(ends.loss[:, None] - self.levels)
        found = np.argmin(gaps, axis=1)
        fits = ends.converged & (np.min(gaps, axis=1) <= LEVEL_TOLERANCE)
        W, b = self.tms.unpack(ends.w)
        count, length, bias = np.array(self.live)[found].T
        error = np.maximum(np.abs(np.linalg.norm(W, axis=1) - length[:, None]), np.abs(b - bias[:, None]))
        fits &= np.sum(error <= COLUMN_TOLERANCE, axis=1) >= count
        return np.where(fits, found, -1)

    def of(self, w: Floats) -> NDArray[np.int64]:
        """Basin of every point w (m, d): index of the label, −1 for ``other``."""
        return self.named(self.descend(w))

    def inside(self, labels: Sequence[str]) -> Callable[[Located], NDArray[np.bool_]]:
        """Indicator of the union of some basins, with descents that stop when the answer is known.

        Below the lowest of its levels a descent cannot end in the union.  For the lowest minimum alone it
        is the other way round: below the next level nothing else was ever seen (c = 4 … 10).
        """
        wanted = sorted({self.index(label) for label in labels})
        if not wanted:
            raise KgonError("a union of basins needs at least one label, got none")
        lowest = wanted == [0]
        below = float(self.levels[1 if lowest else wanted[0]]) - LEVEL_TOLERANCE

        def indicator(state: Located) -> NDArray[np.bool_]:
            ends = self.descend(state.w, below=below)
            found = np.isin(self.named(ends), wanted)
            return np.asarray(found | (ends.loss < below)) if lowest else found

        return indicator

    def confirmed(self, ends: DescentEnds, *, most: int) -> tuple[int, int]:
        """How many of up to ``most`` labelled end points have the structure of their k-gon.

        Returns
        -------
        checked, confirmed : int
        """
        names = self.named(ends)
        sample = np.flatnonzero(names >= 0)[:most]
        good = 0
        for i in sample:
            near = nearest(*self.tms.unpack(ends.w[i]))
            same = near.label.split(":")[0] == self.labels[names[i]]
            good += same and near.distance <= STRUCTURE_DISTANCE
        return len(sample), good
