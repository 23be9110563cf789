"""Change an importance slowly and let descent follow: where it leaves a minimum, and whether it returns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from kgon.base.checks import Floats, check_increasing
from kgon.base.results import Result, result
from kgon.base.streams import stream
from kgon.kgons.catalogue import Catalogue
from kgon.potential.descent import descend
from kgon.potential.model import TMS

IMPORTANCES = tuple(float(x) for x in np.round(np.linspace(0.3, 1.3, 41), 6))
"""Importances of the last feature, both ways."""
PUSH = 1e-4
"""Standard deviation of what is added to every coordinate before each descent: no saddle holds it."""

GONE = 0.5
"""Length below which the last column has left its vertex: there it is above 1, else it goes to zero."""


@result
class ImportanceSweep(Result):
    """Where descent stands while the importance of the last feature falls, and rises again.

    Attributes
    ----------
    label : str
        The k-gon that is left behind.
    c : int
    importance : (m,) array
        Falling, then rising.
    w : (m, 3c) array
        Where descent arrived, from where it stood before.
    loss : (m,) array
    """

    schema: ClassVar[str] = "importance-sweep"

    label: str
    c: int
    importance: np.ndarray
    w: np.ndarray
    loss: np.ndarray

    @property
    def last_column(self) -> Floats:
        """Length of the last column of W at each importance, (m,)."""
        W, _ = TMS(self.c).unpack(self.w)
        return np.asarray(np.hypot(W[:, 0, -1], W[:, 1, -1]))

    @property
    def gone(self) -> NDArray[np.bool_]:
        """Whether the last column has left its vertex at each importance, (m,)."""
        return np.asarray(self.last_column < GONE)

    @property
    def falling(self) -> int:
        """How many of the importances are those on the way down; the others rise."""
        return int(self.importance.argmin()) + 1

    @property
    def left_at(self) -> tuple[float, float] | None:
        """Between which two importances the last column goes to zero as it falls; None if it never does."""
        gone = np.flatnonzero(self.gone[: self.falling])
        if not len(gone) or not gone[0]:
            return None
        return float(self.importance[gone[0]]), float(self.importance[gone[0] - 1])

    def headline(self) -> str:
        found = self.left_at
        where = "is never left" if found is None else f"is left between {found[0]:g} and {found[1]:g}"
        return f"{self.label} as the importance of feature {self.c - 1} falls: it {where}"


def sweep_importance(
    label: str = "6", c: int = 6, *, importances: Sequence[float] = IMPORTANCES, seed: int = 0
) -> ImportanceSweep:
    """Lower the importance of the last feature from 1 or more in steps, and raise it again; descent follows.

    Parameters
    ----------
    label : str
        The k-gon from which it starts.
    c : int
    importances : sequence of float
        Increasing; they are gone through from the last to the first and back.
    seed : int
        Of the small pushes before each descent.

    Returns
    -------
    ImportanceSweep

    Raises
    ------
    KgonError
        An unknown label, or importances that do not increase.

    Examples
    --------
    >>> sweep_importance("6", importances=[0.3, 0.38, 0.4, 0.7, 1.0]).headline()
    '6 as the importance of feature 5 falls: it is left between 0.38 and 0.4'
    """
    values = check_increasing("importances", importances)
    point, rng = Catalogue(c)[label], stream(seed)
    w = TMS(c).pack(point.W, point.biases)
    there_and_back = np.array([*values[::-1], *values])
    points, losses = np.empty((len(there_and_back), len(w))), np.empty(len(there_and_back))
    for k, value in enumerate(there_and_back):
        tms = TMS(c, importance=[*np.ones(c - 1), value])
        found = descend(tms, (w + PUSH * rng.standard_normal(len(w)))[None], tolerance=1e-7)
        w = found.w[0]
        points[k], losses[k] = w, found.loss[0]
    return ImportanceSweep(label=label, c=c, importance=there_and_back, w=points, loss=losses)
