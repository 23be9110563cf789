"""Transition states: saddles of index 1, proved, and the two minima that each joins (r = 2).

A saddle has one unstable direction.  The gradient flow to either side of it ends at a minimum; the two
flow lines together are the path of least energy over that saddle.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from kgon.base.checks import Floats
from kgon.base.runs import Arrays
from kgon.kgons.names import JOINED, Register, known_name
from kgon.kgons.nearest_kgon import SAME
from kgon.kgons.rest import at_rest
from kgon.kgons.symmetry import APART, different, orbit_distance, rotate
from kgon.landscape.paths import Path, descent, strings, summits
from kgon.numerics.zeros import Method, critical_point
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
NOTHING = UNKNOWN, np.nan, np.nan
"""Index and bounds of the loss of such a point."""
NEGATIVE = 1e-8
"""Eigenvalues below −this count as negative, in float64."""
NEAR = 1e-4
"""Distance within which the root that is found at the end of a flow is where the flow was going."""
ABOVE = 1e-9
"""By how much a summit of a string must lie above both its ends."""


def loss_at(tms: TMS, w: Floats) -> float:
    """Compute L at one flat point (d,)."""
    return float(Potential(tms).flat(w[None])[0][0])


def is_known(tms: TMS, w: Floats) -> bool:
    """Say whether a critical point (d,) has a name of its own in the model, up to its flat directions."""
    return known_name(w, within=JOINED, tms=tms) is not None


def refine_saddle(tms: TMS, w: Floats) -> tuple[Floats, float]:
    """Find the critical point near w (d,) by the Levenberg–Marquardt method, and ‖∇L‖ there."""
    potential = Potential(tms)
    return critical_point(
        lambda x: potential.flat(x[None])[1][0],
        potential.flat_hessian,
        w,
        Method(damping=1e-6, max_steps=200),
    )


def spectrum(tms: TMS, w: Floats) -> tuple[Floats, Floats]:
    """Compute eigenvalues and axes of the Hessian at w (d,); at a kink, of its limit from one side."""
    return np.linalg.eigh(Potential(tms).hessian(*tms.unpack(w)))


def index(tms: TMS, w: Floats) -> int:
    """Count the negative eigenvalues of the Hessian at w (d,), in float64."""
    return int(np.sum(spectrum(tms, w)[0] < -NEGATIVE))


# --- saddles to minima ---------------------------------------------------------------------------


def joined_minima(tms: TMS, w: Floats) -> Arrays:
    """Follow the flow from the saddle at w (d,) to the two minima that it joins, and prove what can be.

    Returns
    -------
    dict
        ``path 0``, ``path 1`` (m, d): the flow lines to both sides, which begin at the saddle; ``curvature``:
        its lowest eigenvalue; ``negative``: how many are proved negative, −1 where unknown, and the
        ``reason``; ``bounds`` (2,): those proved of its loss, NaN where unknown.  An exact point farther away
        than ``SAME`` is another one.
    """
    w = at_rest(tms, refine_saddle(tms, w)[0])
    W, b = tms.unpack(w)
    values, axes = spectrum(tms, w)
    found = certify_near(W, b, tms=tms)
    smooth = Potential(tms).smooth(W, b, tol=JOINED.loss)
    reason = found.reason if smooth else "L is not C² here: the index is that of a Hessian from one side"
    here = found.distance is not None and found.distance <= SAME
    proved = (found.negative, found.loss_lower, found.loss_upper) if here else (None, None, None)
    negative, *bounds = (none if x is None else x for x, none in zip(proved, NOTHING, strict=True))
    lines = (np.concatenate([w[None], fallen(tms, w + sign * PUSH * axes[:, 0])]) for sign in (1.0, -1.0))
    return {
        **{f"path {side}": line for side, line in enumerate(lines)},
        "curvature": np.array(values[0]),
        "reason": np.array(reason),
        "negative": np.array(negative),
        "bounds": np.array(bounds),
    }


def fallen(tms: TMS, w: Floats) -> Floats:
    """Follow the flow from w (d,) to a minimum, which root finding makes precise: points (m, d).

    A flow that symmetry leads to another saddle goes on to one side of it.
    """
    pieces: list[Floats] = []
    for _ in range(MOST_SADDLES):
        path = descent(Potential(tms), w).thinned(POINTS)
        end, norm = refine_saddle(tms, path.w[-1])
        close = norm <= CRITICAL and np.linalg.norm(end - path.w[-1]) <= NEAR
        pieces += [path.w, end[None]] if close else [path.w]
        last = pieces[-1][-1]
        values, axes = spectrum(tms, last)
        if values[0] >= -NEGATIVE or is_known(tms, last):
            break
        w = last + PUSH * axes[:, 0]
    return np.concatenate(pieces)


# --- minima to saddles ---------------------------------------------------------------------------


def aligned(tms: TMS, w: Floats, target: Floats, rng: np.random.Generator | None = None) -> Floats:
    """Take w (d,) to its image nearest to a target under O(2) and exchanges of columns that are alike.

    With a generator of random numbers it is nearest for a random rotation.
    """
    W, b = tms.unpack(w)
    goal_W, goal_b = tms.unpack(target)
    if rng is None:
        match = orbit_distance(W, b, goal_W, goal_b, classes=tms.classes)
        return tms.pack(match.orthogonal @ W[:, match.assignment], b[match.assignment])
    turned = rotate(W, float(rng.uniform(0, 2 * np.pi)), reflect=bool(rng.integers(2)))
    cost = np.sum((goal_W[:, :, None] - turned[:, None, :]) ** 2, axis=0)
    cost[different(tms.classes)] += APART
    # Columns that are alike are shuffled: each assignment leads to another pass.
    order = rng.permutation(tms.c)
    _, chosen = linear_sum_assignment(cost[:, order])
    columns = order[chosen]
    return tms.pack(turned[:, columns], b[columns])


Pair = tuple[Floats, Floats, int]
"""Two minima (d,), and how often a string between them was tried before."""


def saddles_between(tms: TMS, pairs: Sequence[Pair], seed: int) -> dict[str, NDArray[Any]]:
    """Find the saddles on strings between minima.

    Parameters
    ----------
    tms : TMS
    pairs : sequence of Pair
        Trial 0 of two minima aligns them as well as possible, the others at random.
    seed : int

    Returns
    -------
    dict
        ``saddles`` (m, d): critical points of index 1 to which root finding leads from the summits of the
        strings; ``top`` (s,): the largest loss on each string.
    """
    ends = np.array([(first, aligned(tms, last, first, _rng(seed, trial))) for first, last, trial in pairs])
    paths = strings(Potential(tms), ends[:, 0], ends[:, 1])
    found = [w for path in paths for w in _saddles_on(tms, path)]
    tops = np.array([path.loss.max() for path in paths])
    return {"saddles": np.array(found).reshape(len(found), tms.dimension), "top": tops}


def _rng(seed: int, trial: int) -> np.random.Generator | None:
    """Random numbers of a trial; none for the first."""
    key = np.random.SeedSequence(seed, spawn_key=(trial,))
    return np.random.Generator(np.random.Philox(key)) if trial else None


def _saddles_on(tms: TMS, path: Path) -> list[Floats]:
    """List the saddles that root finding leads to from the summits of a string."""
    floor = max(path.loss[0], path.loss[-1]) + ABOVE
    found = []
    for k in summits(path):
        if path.loss[k] > floor:
            w, norm = refine_saddle(tms, path.w[k])
            if norm <= CRITICAL and index(tms, w) == 1:
                found.append(w)
    return found


def distinct_saddles(tms: TMS, points: Sequence[Floats]) -> list[Floats]:
    """List the points (d,) that have no name of their own, each once up to symmetry, by loss."""
    register = Register(JOINED, tms, follow=False)
    for w in sorted((at_rest(tms, w) for w in points), key=lambda w: loss_at(tms, w)):
        register.name(w, loss_at(tms, w))
    return list(register.others.values())
