"""Prove the inertia of a symmetric matrix of balls: how many eigenvalues are positive and negative."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from flint import arb, arb_mat

from kgon.base.checks import Floats
from kgon.base.verdicts import UndecidedError
from kgon.numerics.balls import middle_of


def inertia_of(H: arb_mat, others: Sequence[tuple[arb, arb_mat]] = ()) -> tuple[int, Floats]:
    """Count the negative eigenvalues of every matrix in H + Σ s M, and give the congruence that shows it.

    CᵀHC is strictly diagonally dominant, so that it and C are invertible and the signs of its diagonal
    are those of the eigenvalues of H (Gershgorin, Sylvester).

    Parameters
    ----------
    H : (n, n) arb_mat
    others : sequence of (s, M)
        Multiples of further matrices.  CᵀMC is multiplied by the ball s, so that what cancels in M, stays so.

    Raises
    ------
    UndecidedError
        The signs are not certain.
    """
    middle = middle_of(H)
    values, vectors = np.linalg.eigh((middle + middle.T) / 2)
    if not np.abs(values).min() > 0:
        raise UndecidedError("an eigenvalue is zero as far as floats can tell")
    congruence: Floats = np.asarray(vectors / np.sqrt(np.abs(values)))
    C = arb_mat(congruence.tolist())
    across = C.transpose()
    form = across * H * C
    for s, M in others:
        form = form + (across * M * C) * s
    rows = form.tolist()
    for i, row in enumerate(rows):
        if not abs(row[i]) > sum((abs(x) for j, x in enumerate(row) if j != i), arb(0)):
            raise UndecidedError("the signs of the eigenvalues are not certain")
    return sum(bool(row[i] < 0) for i, row in enumerate(rows)), congruence
