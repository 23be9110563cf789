"""Transition states: saddles of index 1, proved, and the two minima that each joins (r = 2, uniform inputs).

A saddle has one unstable direction.  The gradient flow to either side of it ends at a minimum; the two
flow lines together are the path of least energy over that saddle.

Beside the saddles there are *rims*: a k-gon with a dead or a switched-off column lies on a flat ledge, at
the rim of which L begins to fall.  At W_m = 0 the part of L that depends on b_m is constant for b_m ≤ 0 and
b_m² − b_m/c for b_m ≥ 0, which falls to b_m = 1/(2c).  An output at a unit vertex of the 4-gon costs 1/(3c)
for b ≤ −1 and (b² − ⅔|b|³)/c for −1 ≤ b ≤ 0, which falls to b = 0.  Along these two lines L never rises: one
gets down from a ledge without climbing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from kgon.base.checks import Floats
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.labels import DEAD_BIAS
from kgon.kgons.nearest_kgon import nearest
from kgon.kgons.symmetry import orbit_distance, rotate
from kgon.landscape.paths import descent, string, summits
from kgon.numerics.zeros import critical_point
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.proofs.nearby import certify_near

POINTS = 100
"""Points kept of each half of a path."""
PUSH = 1e-3
"""Length of the first step from a saddle along its unstable direction."""
CRITICAL = 1e-11
"""‖∇L‖ of a saddle."""
MOST_SADDLES = 4
"""Saddles that one flow may be led to before it is given up."""
UNKNOWN = -1
"""Index of a point that is not certified."""
NEGATIVE = 1e-8
"""Eigenvalues below −this count as negative, in float64."""
ROUNDING = 1e-6
"""What root finding leaves of a pair that should be off; its loss is of the second order in that."""
SAME_LOSS, SAME_POINT = 1e-8, 1e-4
"""Differences of loss and of parameters within which two critical points are one."""
ABOVE = 1e-9
"""By how much a summit of a string must lie above both its ends."""


def name_of(tms: TMS, w: Floats) -> str:
    """Label (without configuration) of the k-gon that a point is, up to its flat directions; else empty."""
    W, b = tms.unpack(w)
    near = nearest(W, b)
    point = Catalogue(tms.c)[near.label]
    same = near.distance <= SAME_POINT and abs(float(Potential(tms).loss(W, b)) - point.loss) <= SAME_LOSS
    return point.label if same else ""


def reflected_and_permuted(tms: TMS, w: Floats) -> Floats:
    """The same critical point with its flat coordinates at standard values, to compare it with others.

    Where an output is off, its column shrinks to W_j = 0, b_j = −½ if that leaves the loss and ∇L = 0; else
    its bias becomes −‖W_j‖² − ½.
    """
    potential = Potential(tms)
    W, b = (array.copy() for array in tms.unpack(w))
    off = np.flatnonzero((b < 0) & (W.T @ W + b < ROUNDING).all(axis=0))
    b[off] = DEAD_BIAS - np.sum(W[:, off] ** 2, axis=0)
    loss = potential.loss(W, b)
    for j in off:
        shrunk = np.repeat(W[None], 3, axis=0)
        shrunk[:, :, j] = np.outer((1.0, 0.5, 0.0), W[:, j])
        biases = np.repeat(b[None], 3, axis=0)
        biases[:, j] = DEAD_BIAS - np.sum(shrunk[:, :, j] ** 2, axis=1)
        losses, gradients = potential.flat(tms.pack(shrunk, biases))
        if np.all(np.abs(losses - loss) <= ROUNDING**2) and np.linalg.norm(gradients[-1]) <= ROUNDING:
            W, b = shrunk[-1], biases[-1]
    return tms.pack(W, b)


def same(tms: TMS, first: Floats, second: Floats) -> bool:
    """Whether two critical points are one, up to symmetry and flat directions."""
    losses, _ = Potential(tms).flat(np.array([first, second]))
    if abs(losses[0] - losses[1]) > SAME_LOSS:
        return False
    one, other = (tms.unpack(reflected_and_permuted(tms, w)) for w in (first, second))
    return orbit_distance(*one, *other).distance <= SAME_POINT


def refine_saddle(tms: TMS, w: Floats, *, damping: float = 1e-6) -> tuple[Floats, float]:
    """The critical point near w, by the Levenberg–Marquardt method, and ‖∇L‖ there."""
    potential = Potential(tms)
    return critical_point(
        lambda x: potential.flat(x[None])[1][0],
        lambda x: potential.hessian(*tms.unpack(x)),
        w,
        damping=damping,
        max_steps=200,
    )


def index(tms: TMS, w: Floats) -> int:
    """Negative eigenvalues of the Hessian in float64 (at a kink: of its limit from one side)."""
    return int(np.sum(np.linalg.eigvalsh(Potential(tms).hessian(*tms.unpack(w))) < -NEGATIVE))


# --- saddles to minima ---------------------------------------------------------------------------


def joined_minima(c: int, w: Floats) -> dict[str, NDArray[Any]]:
    """What the saddle at w joins: two flow lines and their ends, and what is proved of it.

    Returns
    -------
    dict
        ``w`` (d,), ``curvature``, and for each side s = 0, 1 ``path s`` (m, d), ``label s``; ``proof``,
        ``reason``, ``negative`` (−1 where unknown), ``bounds`` of the loss (nan where unknown).
    """
    tms = TMS(c)
    potential = Potential(tms)
    w = reflected_and_permuted(tms, refine_saddle(tms, w)[0])
    W, b = tms.unpack(w)
    values, axes = np.linalg.eigh(potential.hessian(W, b))
    found = certify_near(W, b)
    reason = found.reason
    if not potential.smooth(W, b, tol=SAME_LOSS):
        reason = "L is not C² here: the index is that of a Hessian from one side"
    out: dict[str, NDArray[Any]] = {
        "w": w,
        "curvature": np.array(values[0]),
        "proof": np.array(str(found.verdict)),
        "reason": np.array(reason),
        "negative": np.array(UNKNOWN if found.negative is None else found.negative),
        "bounds": np.array([np.nan if x is None else x for x in (found.loss_lower, found.loss_upper)]),
    }
    for side, sign in enumerate((1.0, -1.0)):
        points = np.concatenate([w[None], fallen(tms, w + sign * PUSH * axes[:, 0])])
        out[f"path {side}"] = points
        out[f"label {side}"] = np.array(name_of(tms, points[-1]))
    return out


def fallen(tms: TMS, w: Floats) -> Floats:
    """Points (m, d) of the flow from w to a minimum, which root finding makes precise.

    A flow that symmetry leads to another saddle goes on to one side of it.
    """
    potential = Potential(tms)
    pieces: list[Floats] = []
    for _ in range(MOST_SADDLES):
        path = descent(potential, w).thinned(POINTS)
        end, norm = refine_saddle(tms, path.w[-1])
        close = norm <= CRITICAL and np.linalg.norm(end - path.w[-1]) <= SAME_POINT
        pieces += [path.w, end[None]] if close else [path.w]
        last = pieces[-1][-1]
        if name_of(tms, last) or not index(tms, last):
            break
        axes = np.linalg.eigh(potential.hessian(*tms.unpack(last)))[1]
        w = last + PUSH * axes[:, 0]
    return np.concatenate(pieces)


# --- minima to saddles ---------------------------------------------------------------------------


def aligned(tms: TMS, w: Floats, target: Floats, rng: np.random.Generator | None = None) -> Floats:
    """An image of w under O(2) × S_c near the target: the nearest, or the nearest for a random rotation."""
    W, b = tms.unpack(w)
    goal_W, goal_b = tms.unpack(target)
    if rng is None:
        match = orbit_distance(W, b, goal_W, goal_b)
        return tms.pack(match.orthogonal @ W[:, match.assignment], b[match.assignment])
    turned = rotate(W, float(rng.uniform(0, 2 * np.pi)), reflect=bool(rng.integers(2)))
    cost = np.sum((goal_W[:, :, None] - turned[:, None, :]) ** 2, axis=0)
    # Columns that are alike are shuffled: each assignment leads to another pass.
    order = rng.permutation(tms.c)
    _, chosen = linear_sum_assignment(cost[:, order])
    columns = order[chosen]
    return tms.pack(turned[:, columns], b[columns])


def saddles_between(c: int, first: Floats, last: Floats, seed: int, trial: int) -> dict[str, NDArray[Any]]:
    """Saddles on a string between two minima.

    Parameters
    ----------
    c : int
    first, last : (d,) arrays
    seed, trial : int
        Trial 0 aligns the ends as well as possible, the others at random.

    Returns
    -------
    dict
        ``saddles`` (m, d): critical points of index 1 to which root finding leads from the summits of the
        string; ``top``: the largest loss on the string.
    """
    tms = TMS(c)
    key = np.random.SeedSequence(seed, spawn_key=(trial,))
    rng = np.random.Generator(np.random.Philox(key)) if trial else None
    path = string(Potential(tms), first, aligned(tms, last, first, rng))
    floor = max(path.loss[0], path.loss[-1]) + ABOVE
    found = []
    for k in summits(path):
        if path.loss[k] > floor:
            w, norm = refine_saddle(tms, path.w[k])
            if norm <= CRITICAL and index(tms, w) == 1:
                found.append(w)
    return {"saddles": np.array(found).reshape(len(found), tms.dimension), "top": np.array(path.loss.max())}


def distinct_saddles(tms: TMS, points: Sequence[Floats]) -> list[Floats]:
    """The points that are no k-gons, each once up to symmetry and flat directions, by loss."""
    kept: list[Floats] = []
    home = [reflected_and_permuted(tms, w) for w in points]
    for w in sorted(home, key=lambda w: float(Potential(tms).flat(w[None])[0][0])):
        if not name_of(tms, w) and not any(same(tms, w, other) for other in kept[-4:]):
            kept.append(w)
    return kept
