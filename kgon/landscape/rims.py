"""Rims of flat ledges: k-gons from whose border the loss falls without a barrier."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from kgon.base.checks import Floats
from kgon.base.runs import Arrays
from kgon.kgons.arrangements import classes_of
from kgon.kgons.followed import is_exact_square
from kgon.kgons.labels import DEAD_BIAS, SWITCHED_OFF_BIAS, Label
from kgon.kgons.names import named_points
from kgon.landscape.paths import Path
from kgon.landscape.saddles import CRITICAL, PUSH, fallen
from kgon.potential.loss import Potential
from kgon.potential.model import TMS


def over_rims(tms: TMS, w: Floats) -> Arrays:
    """Find the ways over the rim from a minimum (d,) that is no k-gon, in floating point.

    Where an output is off, and would come on by its own input first, its bias rises to the rim
    b_j = −‖W_j‖², and the flow goes on.

    Returns
    -------
    dict
        ``path j`` (m, d) for each such column j; the rim is the third point.
    """
    W, b = tms.unpack(w)
    gram = W.T @ W
    first = np.diag(gram) >= gram.max(axis=0)
    paths: Arrays = {}
    for j in np.flatnonzero((b < 0) & (gram + b < 0).all(axis=0) & first):
        line = np.repeat(w[None], 3, axis=0)
        line[1:, tms.r * tms.c + j] = (-gram[j, j] + b[j]) / 2, -gram[j, j]
        over = line[-1].copy()
        over[tms.r * tms.c + j] += PUSH
        paths[f"path {j}"] = np.concatenate([line, fallen(tms, over)])
    return paths


@dataclass(frozen=True, slots=True)
class Rim:
    """The way from a k-gon on a ledge to the minimum below, along which L never rises.

    Attributes
    ----------
    first : Label
        With the words that a model of unequal weights needs.
    column : int
        The column whose bias rises.
    path : Path
        Constant at first, then falling.
    top : int
        Position of the rim.
    followed : bool
        The end of the way follows the gradient flow; else all of it is the straight line of one bias.
    """

    first: Label
    column: int
    path: Path
    top: int
    followed: bool


def find_rims(tms: TMS) -> Iterator[Rim]:
    """List the rims of all k-gons of a model (adjacent configurations).

    Examples
    --------
    >>> [(str(rim.first), rim.column) for rim in find_rims(TMS(6)) if rim.first.k == 5]
    [('5', 5)]
    """
    for point in named_points(tms):
        if isinstance(point.name, Label) and point.name.configuration == "adjacent":
            for column, place in columns_to_raise(point.name, tms):
                order = np.arange(tms.c)
                order[[column, place]] = place, column
                yield _rim(tms, point.name, point.W[:, order], point.b[order], column)


def columns_to_raise(name: Label, tms: TMS) -> list[tuple[int, int]]:
    """List the columns of a k-gon whose bias may rise at no cost up to a rim: of those that are alike, one.

    A dead column may, and one that is switched off at a vertex.  Where there are both, it costs nothing to
    exchange them.

    Returns
    -------
    list of (column, place)
        The column, and that whose place it takes before: itself, or one of another weight.

    Examples
    --------
    >>> columns_to_raise(Label.parse("4+--"), TMS(6))
    [(5, 5), (1, 1)]
    >>> columns_to_raise(Label.parse("4-, live columns 0 1 2"), TMS(6, importance=[1, 1, 1, 1, 1, 0.5]))
    [(4, 4), (5, 4), (3, 3), (5, 3)]
    """
    roles, columns = name.roles(tms.c), name.columns(tms.c)
    dead = [j for role, j in zip(roles, columns, strict=True) if role == "dead"]
    off = [j for role, j in zip(roles, columns, strict=True) if role == "switched-off"]
    kind = dict(zip(columns, classes_of(columns, tms.classes), strict=True))
    first = {kind[j]: j for j in reversed([*dead, *off])}
    found = []
    for place in (*dead[:1], *off[-1:]):
        chosen = first | {kind[place]: place}
        found += [(j, place) for j in sorted(chosen.values()) if _stays(name, tms, j, place)]
    return found


def _stays(name: Label, tms: TMS, column: int, place: int) -> bool:
    """Say whether a 4-gon is a critical point with two columns exchanged; at equal weights they all are."""
    order = [{column: place, place: column}.get(j, j) for j in name.columns(tms.c)]
    return name.k != 4 or column == place or is_exact_square(name, order, tms)


def _rim(tms: TMS, name: Label, W: Floats, b: Floats, column: int) -> Rim:
    """Raise the bias of a column to the rim and over it, while L falls; then follow the flow from there.

    A dead column with a bias b ≥ 0 costs I (b² − p b) more, least at p/2.  A switched-off one comes on until
    b = 0.
    """
    before, top, after = SWITCHED_OFF_BIAS, -1.0, 0.0
    if not W[:, column].any():
        before, top, after = DEAD_BIAS, 0.0, float(tms.probability[column] / 2)
    values = np.concatenate([np.linspace(before, top, 9), np.linspace(top, after, 25)[1:]])
    w = np.tile(tms.pack(W, b), (len(values), 1))
    w[:, tms.r * tms.c + column] = values
    potential = Potential(tms)
    followed = bool(np.linalg.norm(potential.flat(w[-1:])[1]) > CRITICAL)
    if followed:
        w = np.concatenate([w, fallen(tms, w[-1])[1:]])
    return Rim(name, column, Path.through(potential, w), 8, followed)
