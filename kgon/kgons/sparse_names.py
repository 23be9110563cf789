"""Names of critical points where several features may be active at once: the k-gons that lead there."""

from __future__ import annotations

import numpy as np

from kgon.base.checks import Floats
from kgon.base.verdicts import KgonError
from kgon.kgons.labels import Label
from kgon.kgons.names import Naming
from kgon.kgons.sparse import sparse_point
from kgon.potential.model import TMS

SAME = 1e-6
"""Largest difference of scalar products and biases of a point that is named."""


def sparse_name(tms: TMS, W: Floats, b: Floats) -> Naming:
    """Name a critical point by the regular k-gon whose branch from one active feature leads to it.

    Parameters
    ----------
    tms : TMS
    W, b : (2, c) and (c,) arrays

    Returns
    -------
    Naming
        Without words on columns, as all weights are the same.

    Examples
    --------
    >>> tms = TMS(6, inputs="bernoulli:0.05")
    >>> str(sparse_name(tms, *sparse_point(Label.parse("5+"), tms)).name)
    '5+'
    """
    live = np.linalg.norm(W, axis=0) > SAME
    polygon, positive, dead = (np.flatnonzero(x) for x in (live, ~live & (b > 0), ~live & (b <= 0)))
    polygon = polygon[np.argsort(np.arctan2(*W[::-1, polygon]))]
    order = np.concatenate([polygon, positive, dead])
    try:
        label = Label.parse(f"{len(polygon)}{'+' * len(positive)}")
        own, bias = sparse_point(label, tms)
    except KgonError as error:
        return Naming(None, str(error))
    V, a = W[:, order], b[order]
    shown = len(b) - len(dead)  # the bias of a dead column is its own
    apart = max(float(np.abs(V.T @ V - own.T @ own).max()), float(np.abs(a - bias)[:shown].max()))
    if apart > SAME:
        return Naming(None, f"not the {label} of these inputs, which is {apart:.2g} away")
    return Naming(label)
