"""Inertia of a symmetric matrix of balls: how many eigenvalues are proved positive and negative."""

from __future__ import annotations

import numpy as np
from flint import arb, arb_mat

from kgon.base.verdicts import UndecidedError


def inertia_of(H: arb_mat) -> tuple[int, np.ndarray]:
    """Number of negative eigenvalues, certain for every matrix in H, and the congruence that shows it.

    CᵀHC is strictly diagonally dominant, so that it and C are invertible and the signs of its diagonal
    are those of the eigenvalues of H (Gershgorin, Sylvester).
    """
    middle = np.array([[float(x.mid()) for x in row] for row in H.tolist()])
    values, vectors = np.linalg.eigh((middle + middle.T) / 2)
    congruence = vectors / np.sqrt(np.abs(values))
    C = arb_mat(congruence.tolist())
    form = (C.transpose() * H * C).tolist()
    for i, row in enumerate(form):
        others = sum((abs(x) for j, x in enumerate(row) if j != i), arb(0))
        if not abs(row[i]) > others:
            raise UndecidedError("the signs of the eigenvalues are not certain")
    return sum(bool(form[i][i] < 0) for i in range(len(form))), congruence
