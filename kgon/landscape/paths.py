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
    """Measure a polyline (m, d) up to each of its points."""
    steps = np.linalg.norm(np.diff(w, axis=0), axis=1)
    return np.concatenate([[0.0], np.cumsum(steps)])


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


def string(loss: Loss, first: Floats, last: Floats, *, images: int = 33, steps: int = 1500) -> Path:
    """Find a path of least energy between two points by the simplified string method.

    The images between the ends take steps of steepest descent, and are spread to equal distances after
    each (E, Ren and Vanden-Eijnden 2007).  Where its loss has a maximum a saddle is near.

    Parameters
    ----------
    loss : Loss
    first, last : (d,) arrays
        The ends, which stay where they are.
    images, steps : int

    Returns
    -------
    Path
        Of ``images`` points.
    """
    part = np.linspace(0.0, 1.0, check_integer("images", images, 3))[:, None]
    w = first * (1 - part) + last * part
    for _ in range(check_integer("steps", steps, 1)):
        w[1:-1] -= gradient_step(loss, w, STEP)[1:-1]
        w = _spread(w)
    return Path.through(loss, w)


def _spread(w: Floats) -> Floats:
    """Spread the points of a polyline to equal distances along it."""
    arc = lengths(w)
    wanted = np.linspace(0.0, arc[-1], len(w))
    right = np.searchsorted(arc, wanted[1:-1]).clip(1, len(w) - 1)
    gap = arc[right] - arc[right - 1]
    part = (wanted[1:-1] - arc[right - 1]) / np.where(gap > 0, gap, 1.0)
    inner = w[right - 1] + part[:, None] * (w[right] - w[right - 1])
    return np.concatenate([w[:1], inner, w[-1:]])


def summits(path: Path) -> list[int]:
    """List the positions of the local maxima of the loss between the ends.

    Examples
    --------
    >>> summits(Path(np.zeros((5, 1)), np.arange(5.0), np.array([0.0, 2.0, 1.0, 3.0, 1.0])))
    [1, 3]
    """
    loss = path.loss
    return [k for k in range(1, len(loss) - 1) if loss[k - 1] < loss[k] >= loss[k + 1]]
