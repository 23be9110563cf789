"""The point group of a configuration in space: the rotations and reflections that permute its columns."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

import numpy as np

from kgon.base.checks import Floats
from kgon.base.verdicts import KgonError

SAME = 1e-6
"""Distance within which two columns count as one."""
LONGEST_ORDER = 24
"""Of a rotation that is looked for."""
POLYHEDRAL = {12: "T", 24: "O", 60: "I"}
"""Groups of rotations with more than one main axis, by their number; 12 and 24 may also be dihedral."""


def symmetries(W: Floats, b: Floats) -> list[Floats]:
    """List the orthogonal maps (3, 3) that permute columns W (3, c) of equal bias b (c,).

    Raises
    ------
    KgonError
        The columns do not span the space: then there are infinitely many, or a reflection that moves none.
    """
    if (rank := _rank(W)) < 3:
        raise KgonError(f"a point group is that of columns that span three dimensions, W has rank {rank}")
    first = [0]
    for j in range(1, W.shape[1]):
        if len(first) < 3 and _rank(W[:, [*first, j]]) > len(first):
            first.append(j)
    inverse, gram = np.linalg.inv(W[:, first]), W.T @ W
    found = []
    for images in permutations(range(W.shape[1]), 3):
        like = np.abs(gram[np.ix_(images, images)] - gram[np.ix_(first, first)]).max() < SAME
        if like and _permutes(turn := W[:, images] @ inverse, W, b):
            found.append(turn)
    return found


def _rank(W: Floats) -> int:
    return int(np.linalg.matrix_rank(W, tol=SAME))


def _permutes(turn: Floats, W: Floats, b: Floats) -> bool:
    """Say whether every column is turned into another one of the same bias."""
    gaps = np.linalg.norm((turn @ W)[:, :, None] - W[:, None, :], axis=0) + np.abs(b[:, None] - b[None, :])
    return bool(np.all(gaps.min(axis=1) < SAME))


def point_group(W: Floats, b: Floats) -> str:
    """Name the point group of columns W (3, c) with biases b (c,), after Schoenflies.

    Examples
    --------
    >>> point_group(np.hstack([np.eye(3), -np.eye(3)]), np.zeros(6))
    'Oh'
    >>> point_group(np.hstack([np.eye(3), -np.eye(3)]), np.array([0, 0, 0, 0, 0, -0.1]))
    'C4v'
    """
    elements = symmetries(W, b)
    proper = [Q for Q in elements if np.linalg.det(Q) > 0]
    improper = [Q for Q in elements if np.linalg.det(Q) < 0]
    order, axis = max(((_order(Q), _fixed(Q, 1.0)) for Q in proper), key=lambda pair: pair[0])
    if len(proper) > 2 * order:
        name = POLYHEDRAL[len(proper)]
        if not improper:
            return name
        inverted = any(np.allclose(Q, -np.eye(3), atol=SAME) for Q in improper)
        return name + ("d" if name == "T" and not inverted else "h")
    mirrors = [abs(float(_fixed(Q, -1.0) @ axis)) for Q in improper if _is_mirror(Q)]
    return _of_one_axis(order, len(proper) == 2 * order, bool(improper), mirrors)


def _of_one_axis(order: int, dihedral: bool, improper: bool, mirrors: Sequence[float]) -> str:
    """Name a group with one main axis: ``mirrors`` has the cosines of this axis with their normals."""
    name = f"{'D' if dihedral else 'C'}{order}"
    if not improper:
        return name
    if order == 1:
        return "Cs" if mirrors else "Ci"
    if any(cosine > 1 - SAME for cosine in mirrors):
        return name + "h"
    if dihedral:
        return name + "d"
    return name + "v" if mirrors else f"S{2 * order}"


def _order(Q: Floats) -> int:
    """Find the least power of a rotation that is the identity."""
    power = np.eye(3)
    for n in range(1, LONGEST_ORDER + 1):
        power = power @ Q
        if np.allclose(power, np.eye(3), atol=100 * SAME):
            return n
    raise KgonError(f"a rotation has no order up to {LONGEST_ORDER}: {Q.tolist()}")


def _fixed(Q: Floats, eigenvalue: float) -> Floats:
    """Find a unit vector that a map multiplies by an eigenvalue of 1 or −1."""
    values, vectors = np.linalg.eig(Q)
    vector = np.real(vectors[:, int(np.argmin(np.abs(values - eigenvalue)))])
    return np.asarray(vector / np.linalg.norm(vector))


def _is_mirror(Q: Floats) -> bool:
    return abs(float(np.trace(Q)) - 1.0) < SAME and np.allclose(Q, Q.T, atol=SAME)
