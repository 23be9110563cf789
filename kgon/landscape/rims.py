"""Rims of flat ledges: k-gons from whose border the loss falls without a barrier."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from kgon.base.checks import Floats
from kgon.base.runs import Arrays
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.labels import DEAD_BIAS, SWITCHED_OFF_BIAS, Label
from kgon.landscape.paths import Path
from kgon.landscape.saddles import PUSH, fallen
from kgon.potential.loss import Potential
from kgon.potential.model import TMS


def over_rims(c: int, w: Floats) -> Arrays:
    """Find the ways over the rim from a minimum (d,) that is no k-gon, in floating point.

    Where an output is off, and would come on by its own input first, its bias rises to the rim
    b_j = −‖W_j‖², and the flow goes on.

    Returns
    -------
    dict
        ``path j`` (m, d) for each such column j; the rim is the third point.
    """
    tms = TMS(c)
    W, b = tms.unpack(w)
    gram = W.T @ W
    paths: Arrays = {}
    for j in np.flatnonzero((b < 0) & (gram + b < 0).all(axis=0) & (np.argmax(gram, axis=0) == np.arange(c))):
        line = np.repeat(w[None], 3, axis=0)
        line[1:, tms.r * c + j] = (-gram[j, j] + b[j]) / 2, -gram[j, j]
        over = line[-1].copy()
        over[tms.r * c + j] += PUSH
        paths[f"path {j}"] = np.concatenate([line, fallen(tms, over)])
    return paths


@dataclass(frozen=True, slots=True)
class Rim:
    """The line from a k-gon on a ledge to the k-gon below, along which L never rises.

    Attributes
    ----------
    first, last : Label
    path : Path
        Constant at first, then falling.
    top : int
        Position of the rim.
    """

    first: Label
    last: Label
    path: Path
    top: int


def find_rims(c: int) -> Iterator[Rim]:
    """List the rims of all k-gons of c features (adjacent configurations).

    Examples
    --------
    >>> [f"{rim.first} → {rim.last}" for rim in find_rims(6) if rim.first.k == 5]
    ['5 → 5+']
    """
    for label in Catalogue(c).labels:
        roles = label.roles(c)
        if label.configuration != "adjacent":
            continue
        if "dead" in roles:
            m = roles.index("dead")
            alive = Label(label.k, label.sigma + 1, label.phi)
            yield _rim(c, label, alive, m, (DEAD_BIAS, 0.0, 1 / (2 * c)))
        if label.phi:
            m, alive = label.phi - 1, Label(label.k, label.sigma, label.phi - 1)
            yield _rim(c, label, alive, m, (SWITCHED_OFF_BIAS, -1.0, 0.0))


def _rim(c: int, first: Label, last: Label, column: int, biases: tuple[float, float, float]) -> Rim:
    """Raise the bias of one column from the first of three values over the second, the rim, to the third."""
    point, tms = Catalogue(c)[first], TMS(c)
    before, top, after = biases
    values = np.concatenate([np.linspace(before, top, 9), np.linspace(top, after, 25)[1:]])
    w = np.tile(tms.pack(point.W, point.biases), (len(values), 1))
    w[:, tms.r * c + column] = values
    return Rim(first, last, Path.through(Potential(tms), w), 8)
