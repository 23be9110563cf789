"""Put what costs nothing at rest: columns that take no part, and biases of outputs that are off."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kgon.base.checks import Floats
from kgon.kgons.labels import DEAD_BIAS
from kgon.potential.kernels import alike as kernel
from kgon.potential.model import TMS

MARGIN = 1e-5
"""What counts as the border of an output's off region (see ``names.SEARCHED``)."""


def products_and_roles(tms: TMS, w: Floats) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Compute W_i·W_j (m, c, c), b (m, c) and the roles of the columns (m, c) of points (m, d)."""
    W, b = tms.unpack(w)
    gram = np.einsum("kri,krj->kij", W, W)
    role = np.empty(b.shape, dtype=np.int64)
    biases = np.ascontiguousarray(b)
    for k in range(len(w)):
        kernel.roles(gram[k], biases[k], MARGIN, role[k])
    return gram, biases, role


def at_rest(tms: TMS, w: Floats, *, heard: bool = False) -> Floats:
    """Put what is free in a critical point (d,) at standard values, away from borders.

    Columns without a part go to W_j = 0, b_j = −½.  Where the output alone is off its bias becomes −‖W_j‖² −
    ½, below its own input; with ``heard`` it becomes −max_i W_i·W_j − ½, below every input.
    """
    (gram,), _, (role,) = products_and_roles(tms, w[None])
    W, b = (array.copy() for array in tms.unpack(w))
    W[:, role == kernel.NO_PART], b[role == kernel.NO_PART] = 0.0, DEAD_BIAS
    off = role == kernel.UNHEARD
    b[off] = DEAD_BIAS - (np.maximum(gram.max(axis=0), 0.0) if heard else np.diag(gram))[off]
    return tms.pack(W, b)
