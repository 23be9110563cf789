"""K-gons where several features may be active at once, followed from one active feature.

The columns of the polygon have one length l and one bias b, so that L is a function of these two, whose
critical points are critical for L (it does not change when columns are taken to the next ones and turned
back).  A column W = 0 stays one, by the same symmetry: *positive* with b_j = E x_j, or *dead* with b_j < 0.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kgon.base.checks import Floats
from kgon.base.verdicts import KgonError
from kgon.kgons.labels import Label
from kgon.kgons.values import standard_point
from kgon.potential.model import TMS
from kgon.potential.several import SparsePotential

STEPS = 24
"""Steps from one active feature to the model's p, where they need not be shorter."""
NEWTON = 20
SETTLED = 1e-14
"""Largest last step of Newton's method."""
ABOVE = 1e-9
"""Bias from which the square is followed: 0 is a kink, and at p > 0 it is positive."""
LONGEST, SHORTEST = 0.1, 1e-4
"""Largest change of l and b in one step of p, and the smallest step, as a share of the way."""


def sparse_point(label: Label, tms: TMS) -> tuple[Floats, Floats]:
    """Find W and b of a regular k-gon where several features may be active at once.

    Parameters
    ----------
    label : Label
        Without switched-off columns.
    tms : TMS
        With r = 2, and one probability and one importance for all features.

    Raises
    ------
    KgonError
        Another label or model (features are to be independent, p above 0), or the branch ends before.

    Examples
    --------
    >>> W, b = sparse_point(Label.parse("5+"), TMS(6, inputs="bernoulli:0.05"))
    >>> round(float(np.hypot(*W[:, 0])), 6), np.round(b[[0, 5]], 6).tolist()
    (1.134619, [-0.246326, 0.025])
    """
    label.check(tms.c)
    if tms.r != 2 or len(tms.classes) > 1 or not tms.inputs.independent:
        raise KgonError(
            "k-gons are followed to several active features at r = 2, for independent ones of equal "
            f"weights, not to {tms!r}"
        )
    if not tms.probability[0] > 0:
        raise KgonError(
            f"{label} is followed to a probability above 0, where features are active, not {tms!r}"
        )
    if label.phi:
        raise KgonError(f"{label} is not followed to several active features: columns are switched off")
    W, b = (x.copy() for x in standard_point(label.label, tms.c))
    b[label.k : label.k + label.sigma] = tms.probability[0] / 2
    live = np.arange(tms.c) < label.k
    if label.k == 4:
        b[live] = ABOVE
    share, step = 0.0, 1 / STEPS
    while share < 1:
        step = min(step, 1 - share)
        after = share + step
        L = SparsePotential(tms if after == 1 else _rarer(tms, after))
        found = _settled(L, W, b, live)
        if found is None:
            step /= 2
            if step < SHORTEST:
                raise KgonError(f"the branch of {label} ends, or is lost, at about {L.tms!r}")
            continue
        (W, b), share = found, after
    return W, b


def _rarer(tms: TMS, share: float) -> TMS:
    """The model with probabilities that are smaller by a factor."""
    return TMS(tms.c, inputs="bernoulli", probability=share * tms.probability)


def _settled(
    L: SparsePotential, W: Floats, b: Floats, live: NDArray[np.bool_]
) -> tuple[Floats, Floats] | None:
    """The zero of ∂L/∂l and ∂L/∂b by Newton's method; None where that does not settle near by."""
    tms = L.tms
    directions = np.array([tms.pack(W / W[0, 0], 0 * b), tms.pack(0 * W, 1.0 * live)])
    moved, step = np.zeros(2), np.inf
    for _ in range(NEWTON):
        w = tms.pack(W, b) + moved @ directions
        grad_W, grad_b = L.gradient(*tms.unpack(w))
        bent = directions @ L.hessian(*tms.unpack(w)) @ directions.T
        change = np.linalg.solve(bent, -directions @ tms.pack(grad_W, grad_b))
        moved = moved + change
        if not np.abs(moved).max() < LONGEST:
            return None
        before, step = step, float(np.abs(change).max())
        if step < SETTLED or step >= before < 100 * SETTLED:
            return tms.unpack(tms.pack(W, b) + moved @ directions)
    return None
