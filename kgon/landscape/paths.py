"""Paths of a loss: down the gradient flow to rest, and strings between two points.

A path is a polyline in the flat parameter with the length along it and the loss at its points.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kgon.base.checks import Floats, check_integer, check_positive
from kgon.potential.descent import gradient_step
from kgon.potential.flow import gradient_flow
from kgon.potential.loss import Loss

REST = 1e-9
"""‖∇L‖ at which a flow has come to rest."""
TOLERANCE = 1e-9
"""Error of a step of the flow."""
FIRST, RECORDED, LONGEST = 100.0, 400, 1e5
"""Time of the first stretch of a flow (each is twice the last), points recorded in it, time in all."""
STEP = 0.7
"""κ of a string's steps κ / (1 + max_j ‖W_j‖²), less than that of a descent as images interact."""


@dataclass(frozen=True, slots=True)
class Path:
    """A polyline in the flat parameter, with the length along it and the loss at its points.

    Attributes
    ----------
    w : (m, d) array
    arc : (m,) array
        Length from the first point.
    loss : (m,) array
    """

    w: Floats
    arc: Floats
    loss: Floats

    @classmethod
    def through(cls, loss: Loss, w: Floats) -> Path:
        """Build the path through points w (m, d)."""
        return cls(w, lengths(w), loss.flat(np.ascontiguousarray(w))[0])

    def thinned(self, points: int) -> Path:
        """Keep at most so many of the points, about equally far apart, with both ends."""
        wanted = np.linspace(0.0, self.arc[-1], check_integer("points", points, 2))
        chosen = np.unique(np.searchsorted(self.arc, wanted[:-1]).clip(max=len(self.arc) - 1))
        if chosen[-1] < len(self.arc) - 1:
            chosen = np.append(chosen, len(self.arc) - 1)
        return Path(self.w[chosen], self.arc[chosen], self.loss[chosen])


def lengths(w: Floats) -> Floats:
    """Measure polylines (…, m, d) up to each of their points."""
    steps = np.linalg.norm(np.diff(w, axis=-2), axis=-1)
    return np.concatenate([np.zeros((*steps.shape[:-1], 1)), np.cumsum(steps, axis=-1)], axis=-1)


def descent(loss: Loss, w: Floats, *, rest: float = REST) -> Path:
    """Follow the gradient flow from a point until it rests.

    Parameters
    ----------
    loss : Loss
    w : (d,) array
    rest : float
        ‖∇L‖ at which it rests.

    Returns
    -------
    Path
        About equally spaced in time within stretches; ends where it rests, or at time ``LONGEST``.

    Examples
    --------
    >>> from kgon.potential.model import TMS
    >>> from kgon.potential.loss import Potential
    >>> path = descent(Potential(TMS(1, 1)), np.array([0.8, 0.1]))
    >>> np.round(path.w[-1], 6).tolist()
    [1.0, 0.0]
    """
    check_positive("rest", rest)
    pieces, stretch, total = [w[None]], FIRST, 0.0
    while total < LONGEST:
        piece = gradient_flow(
            loss, pieces[-1][-1], np.linspace(0.0, stretch, RECORDED + 1)[1:], tolerance=TOLERANCE
        ).w
        norms = np.linalg.norm(loss.flat(piece)[1], axis=1)
        resting = np.flatnonzero(norms <= rest)
        pieces.append(piece[: resting[0] + 1] if len(resting) else piece)
        if len(resting):
            break
        stretch, total = 2 * stretch, total + stretch
    return Path.through(loss, np.concatenate(pieces))


def strings(loss: Loss, first: Floats, last: Floats, *, images: int = 33, steps: int = 1500) -> list[Path]:
    """Find paths of least energy between points and others by the simplified string method, all at once.

    The images between the ends take steps of steepest descent, and are spread to equal distances after
    each (E, Ren and Vanden-Eijnden 2007).  Where its loss has a maximum a saddle is near.

    Parameters
    ----------
    loss : Loss
    first, last : (s, d) arrays
        The ends of each string, which stay where they are.
    images, steps : int

    Returns
    -------
    list of s Paths
        Of ``images`` points each; none depends on the others.
    """
    part = np.linspace(0.0, 1.0, check_integer("images", images, 3))[:, None]
    w = first[:, None] * (1 - part) + last[:, None] * part
    for _ in range(check_integer("steps", steps, 1)):
        step = gradient_step(loss, w.reshape(-1, w.shape[2]), STEP).reshape(w.shape)
        w[:, 1:-1] -= step[:, 1:-1]
        w = _spread(w)
    return [Path.through(loss, each) for each in w]


def _spread(w: Floats) -> Floats:
    """Spread the points of polylines (s, m, d) to equal distances along each."""
    arc = lengths(w)
    wanted = np.linspace(0.0, arc[:, -1], w.shape[1], axis=1)[:, 1:-1]
    before = np.sum(arc[:, None] < wanted[:, :, None], axis=2)  # points of the old line
    right = before.clip(1, w.shape[1] - 1)
    line = np.arange(len(w))[:, None]
    start = arc[line, right - 1]
    gap = arc[line, right] - start
    part = (wanted - start) / np.where(gap > 0, gap, 1.0)
    left, step = w[line, right - 1], w[line, right]
    step -= left
    return np.concatenate([w[:, :1], left + part[:, :, None] * step, w[:, -1:]], axis=1)


def summits(path: Path) -> list[int]:
    """List the positions of the local maxima of the loss between the ends.

    Examples
    --------
    >>> summits(Path(np.zeros((5, 1)), np.arange(5.0), np.array([0.0, 2.0, 1.0, 3.0, 1.0])))
    [1, 3]
    """
    loss = path.loss
    return [k for k in range(1, len(loss) - 1) if loss[k - 1] < loss[k] >= loss[k + 1]]
