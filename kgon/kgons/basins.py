"""Basins of the local minima: the k-gon, or the irregular minimum, at which gradient descent ends.

A descent ends in the basin of the minimum whose structure its end has (``kgon.kgons.names``).  Minima of one
loss are one basin: the two configurations of 4-- are places of one flat family.  Whatever fits no minimum
(saddles passed too slowly, irregular minima of more than eight features) is ``other``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from kgon.base.checks import Floats, assign
from kgon.base.verdicts import KgonError
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.irregular import Irregular, irregular_minima
from kgon.kgons.labels import Label
from kgon.kgons.names import DESCENDED, Known, KnownName, Tolerance, identify, known_at
from kgon.kgons.nearest_kgon import nearest
from kgon.potential.descent import ARRIVED_NORM, MAX_STEPS, Ends, descend
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.potential.roots import find_roots

OTHER = "other"
"""Name of what belongs to no basin."""
STRUCTURE_DISTANCE = 0.05
"""Distance to the minimum within which the structure of an end point confirms its name.

At ‖∇L‖ ≤ 1e-4 and an eigenvalue of 0.02 the distance left is 0.005; a dead column at the rim of its cone adds
to it.
"""
LOOSE = Tolerance(loss=DESCENDED.loss, columns=STRUCTURE_DISTANCE)
"""The same of a point at unequal weights, which is followed back to equal ones."""
SLOW_STEPS = 100_000
"""Steps of a descent where there are irregular minima: the saddle from which a column
becomes mute has an eigenvalue of −7e-4 at c = 7 and of −2e-4 at c = 8, and one descent in ten passes it."""
ARRIVED = 1e-3
"""‖∇L‖ at which a descent at a level is looked at: names at c = 4 … 8 are those of a tenth of it."""
STILL = 1e-7
"""‖∇L‖ at which a point that passes a level rests there after all."""


class Located(Protocol):
    """The points of many chains: all that an indicator of basins asks of a sampler's state."""

    @property
    def w(self) -> Floats:
        """The flat parameters (m, d): W row-major, then b."""


@dataclass(frozen=True, slots=True, init=False, eq=False)
class Basins:
    """The basins of attraction of the local minima of a model (r = 2).

    At unequal weights the minima are those k-gons that are minima of the model (``kgon.kgons.followed``), by
    arrangement; columns of the same weight are alike.

    Parameters
    ----------
    model : int or TMS
        Features, from 4 to 64, or a model.

    Attributes
    ----------
    tms : TMS
    minima : Known
        The local minima, by increasing loss: that of the model whose largest weight is 1 (``TMS.scaled``), on
        which is descended.

    Examples
    --------
    >>> Basins(6).labels
    ('6', '5+', '5', '4++', '4+', '4', '4-', '4--', '4---', '4----')
    >>> Basins(7).labels[:5]
    ('7', '6+', '6', '6:211111', '5++')
    """

    tms: TMS
    minima: Known

    def __init__(self, model: int | TMS = 6) -> None:
        tms = TMS.of(model)
        kgons = {point.label for point in Catalogue(tms.c) if point.is_minimum} if tms.equal else set()
        named = known_at(tms)
        special = [isinstance(x, Label) and x.configuration != "adjacent" for x in named.names]
        minima = [x in named.minima or str(x) in kgons for x in named.names]
        assign(self, tms=tms, minima=named.take(np.flatnonzero(np.array(minima) & ~np.array(special))))

    @property
    def names(self) -> tuple[KnownName, ...]:
        """The names of the minima, k-gons without configuration."""
        return self.minima.names

    @property
    def labels(self) -> tuple[str, ...]:
        """The names in ASCII."""
        return tuple(str(name) for name in self.names)

    @property
    def phases(self) -> tuple[str, ...]:
        """The labels, and ``other`` for what belongs to no basin: the index −1 is that of the last phase."""
        return (*self.labels, OTHER)

    @property
    def levels(self) -> Floats:
        """The losses (k,) of the minima, increasing, of the scaled model."""
        return self.minima.loss

    @property
    def tolerance(self) -> Tolerance:
        """How near to a minimum a descent has ended: levels that are close are told apart."""
        return self.minima.scaled(DESCENDED)

    @property
    def potential(self) -> Potential:
        """The population loss."""
        return Potential(self.tms)

    def index(self, label: str) -> int:
        """Find the position of a name among the labels.

        Raises
        ------
        KgonError
            There is no such basin.
        """
        if label not in self.labels:
            known_ones = ", ".join(self.labels)
            raise KgonError(f"{label!r} is not a basin of c = {self.tms.c}; there are {known_ones}")
        return self.labels.index(label)

    def descend(
        self, w: Floats, *, step: float = 1.0, below: float = -np.inf, tolerance: float = ARRIVED
    ) -> Ends:
        """Descend from points w (m, d) until each is at a minimum (see ``kgon.potential.descent``).

        A descent that seems to rest at a level but has not the structure of a minimum there is passing a
        saddle: it goes on.
        """
        slow = any(isinstance(name, Irregular) for name in self.names)
        settings: dict[str, Any] = {
            "step": step,
            "levels": self.levels,
            "level_tolerance": self.tolerance.loss,
            "below": below,
            "max_steps": SLOW_STEPS if slow else MAX_STEPS,
        }
        ends = descend(self.tms.scaled, w, tolerance=tolerance, **settings)
        passing = np.flatnonzero(ends.converged & (self.named(ends) < 0))
        if len(passing):
            ends.put(passing, descend(self.tms.scaled, ends.w[passing], tolerance=STILL, **settings))
        return ends

    def named(self, ends: Ends) -> NDArray[np.int64]:
        """Name the basin of every end point: indices (m,) of the labels, −1 for ``other``."""
        return np.where(ends.converged, self.minima.rows(ends.w, ends.loss, DESCENDED), -1)

    def of(self, w: Floats) -> NDArray[np.int64]:
        """Find the basin of every point w (m, d): indices (m,) of the labels, −1 for ``other``."""
        return self.named(self.descend(w))

    def inside(self, labels: Sequence[str]) -> Callable[[Located], NDArray[np.bool_]]:
        """Build the indicator of a union of basins, with descents that stop when the answer is known.

        Below the lowest of its levels a descent cannot end in the union.  For the lowest minimum alone it
        is the other way round: below the next level nothing else was ever seen (c = 4 … 10).
        """
        wanted = sorted({self.index(label) for label in labels})
        if not wanted:
            raise KgonError("a union of basins needs at least one label, got none")
        lowest = wanted == [0]
        below = float(self.levels[1 if lowest else wanted[0]]) - self.tolerance.loss

        def indicator(state: Located) -> NDArray[np.bool_]:
            ends = self.descend(state.w, below=below)
            found = np.isin(self.named(ends), wanted)
            return np.asarray(found | (ends.loss < below)) if lowest else found

        return indicator

    def confirmed(self, ends: Ends, *, most: int) -> tuple[int, int]:
        """Count how many of up to ``most`` named end points have the structure of their minimum.

        Returns
        -------
        checked, confirmed : int
        """
        found = self.named(ends)
        sample = np.flatnonzero(found >= 0)[:most]
        nearer = descend(self.tms.scaled, ends.w[sample], tolerance=ARRIVED_NORM, max_steps=MAX_STEPS)
        names = [self.names[k] for k in found[sample]]
        return len(sample), sum(map(self._has_structure, nearer.w, names))

    def _has_structure(self, w: Floats, name: KnownName) -> bool:
        """Whether a point is near a minimum modulo symmetry, by another measure than its name was found
        by."""
        W, b = self.tms.unpack(w)
        if not self.tms.equal:
            root = find_roots(self.tms.scaled, w[None])
            return identify(root.w[0] if root.converged[0] else w, within=LOOSE, tms=self.tms) == name
        if isinstance(name, Irregular):
            (point,) = (x for x in irregular_minima(self.tms.c) if x.name == name)
            return point.distance(W, b) <= STRUCTURE_DISTANCE
        near = nearest(W, b)
        return Label.parse(near.label).name == name.name and near.distance <= STRUCTURE_DISTANCE
