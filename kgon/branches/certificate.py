"""Write certificates of proved branches, which ``kgon.proofs.check.branch`` verifies by itself.

A certificate holds the tubes of a chain, how each is joined to the next, and what is claimed of it: that it
passes through the regular polygon, which way the parameter goes, the number of negative eigenvalues, and
where another branch, given too, has the same loss.  Floats are written in hexadecimal: exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kgon.base.checks import Floats
from kgon.base.verdicts import KgonError
from kgon.branches.balls import Balls
from kgon.branches.maxwell import proved_maxwell_points, system_at
from kgon.branches.results import KgonBranch
from kgon.kgons.systems import SHORT, CriticalPoints
from kgon.proofs.certificates import digest, write_document

FORMAT = "kgon-branch/1"
NAME = "certificate.json"
ABOUT = 1e-9
"""Distance of the middles of tubes about the start, from it and from each other."""


def branch_certificate(branch: KgonBranch, others: Sequence[KgonBranch] = ()) -> dict[str, Any]:
    """Build the certificate of a branch that was followed with ``certify``, or of a 4-gon that stays.

    Parameters
    ----------
    branch : KgonBranch
    others : sequence of KgonBranch
        Proved too, over the same parameter; those of equal loss at some value of it are put in.

    Raises
    ------
    KgonError
        The branch was not proved.

    Examples
    --------
    >>> from kgon.branches.follow import follow_branch
    >>> from kgon.proofs.check import check_certificate
    >>> five = follow_branch("5+", role="positive", lower=0.9, upper=1.1, certify=True)
    >>> check_certificate(branch_certificate(five)).verdict
    'PROVED'
    """
    put_in: list[dict[str, Any]] = []
    maxwell = []
    for other in others if not branch.exact else ():
        if not other.exact and (other.proof is None or not other.proof.tubes):
            continue
        found = proved_maxwell_points(branch, other)
        for x, y, p in found:
            coordinates = [Balls(system_at(branch)).project(x)]
            if not other.exact:
                coordinates.append(Balls(system_at(other)).project(y))
            point = _written(np.concatenate([*coordinates, [p]]))
            maxwell.append({"other": len(put_in), "point": point})
        if found:
            put_in.append(_body(other))
    document = {
        "format": FORMAT, "c": branch.c, "parameter": branch.parameter,
        "range": _written(np.array([branch.lower, branch.upper])),
        "branch": _body(branch), "others": put_in, "maxwell": maxwell,
    }  # fmt: skip
    document["digest"] = digest(document)
    return document


def write_branch_certificate(
    branch: KgonBranch, folder: str | Path, others: Sequence[KgonBranch] = ()
) -> Path:
    """Write ``folder/certificate.json``, atomically and with the same bytes each time."""
    return write_document(branch_certificate(branch, others), Path(folder) / NAME)


def _written(values: Floats) -> list[str]:
    return [float(x).hex() for x in values]


def _roles(W: Floats, b: Floats, gauge: int) -> dict[str, list[int]]:
    """Vertices counter-clockwise from the one on the axis, and positive columns, at the start."""
    angle = np.arctan2(W[1], W[0]) - np.arctan2(W[1, gauge], W[0, gauge])
    live = [j for j in range(len(b)) if np.hypot(*W[:, j]) > SHORT]
    return {
        "vertices": sorted(live, key=lambda j: float(np.round(angle[j] % (2 * np.pi), 9) % 6.283185)),
        "positive": [j for j in range(len(b)) if j not in live and b[j] > 0],
    }


def _body(branch: KgonBranch) -> dict[str, Any]:
    if branch.exact:
        W, b = branch.points[0].W, branch.points[0].b
        gauge = int(np.argmax(W[0]))
        switched = [j for j in range(branch.c) if b[j] < 0 and np.hypot(*W[:, j]) > SHORT]
        return {"label": branch.label, "role": branch.role, **_roles(W, b, gauge), "switched": switched}
    proof = branch.proof
    if proof is None or not proof.tubes:
        raise KgonError(
            f"{branch.name} has no proof that a certificate could hold: follow it with certify=True"
        )
    system = system_at(branch)
    claims = [(part.sense, part.negative) for part in proof.parts for _ in range(part.tubes)]
    middle, tangent, half = proof.middle, proof.tangent, proof.half
    tubes = [
        {
            "middle": _written(middle[i]), "tangent": _written(tangent[i]), "half": float(half[i]).hex(),
            "radius": float(proof.radius[i]).hex(), "sense": sense, "negative": negative,
        }
        for i, (sense, negative) in enumerate(claims)
    ]  # fmt: skip
    ends: list[str | None] = []
    for i, sign in ((0, -1), (-1, 1)):
        p = middle[i, -1] + sign * half[i] * tangent[i, -1]
        ends.append("lower" if p < branch.lower else "upper" if p > branch.upper else None)
    joins = _joins(branch, ends)
    roles = _roles(system.W, system.b, system.gauge)
    first = roles["vertices"][0]
    return {
        "label": branch.label, "role": branch.role, "ends": ends, **roles, "mirror": _mirror(system),
        "start": _written(np.array([np.hypot(*system.W[:, first]), system.b[first]])),
        "tubes": tubes, "joins": joins,
    }  # fmt: skip


def _mirror(system: CriticalPoints) -> list[int] | None:
    """Images of the columns under the reflection, if the system is symmetric."""
    R = system.reflection()
    if np.array_equal(R, np.eye(len(R))):
        return None
    image = list(range(len(system.b)))
    for k, (j, i) in enumerate(system.order):
        if i == 0:
            image[j] = int(system.order[int(np.argmax(np.abs(R[:, k])))][0])
    return image


def _joins(branch: KgonBranch, ends: list[str | None]) -> str:
    """Which zero is in both of two tubes: of the first at s = h, of the second at −h, of the first at 0.

    Away from the start each tube was joined to the one before; two tubes lie about the start itself.
    """
    proof = branch.proof
    assert proof is not None
    gaps = np.abs(np.diff(proof.middle, axis=0)).max(axis=1)
    if not (gaps < ABOUT).any():  # followed one way
        forward = abs(proof.middle[0, -1] - branch.start) < ABOUT
        begin = 0 if forward else 1
        ends[begin] = ends[begin] or "start"
        return ("+" if forward else "-") * (proof.tubes - 1)
    at = int(np.argmin(gaps))
    return "-" * at + "0" + "+" * (proof.tubes - 2 - at)
