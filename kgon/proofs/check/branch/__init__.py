"""Certificates of branches: curves of critical points over a parameter of the weights.

A branch is a curve of critical points of L = Σ_ij p_i I_j ∫₀¹ (δ_ij μ − relu(W_i·W_j μ + b_j))² dμ over a
parameter p of the weights. All terms, gradients and Hessians here are three times those of L.

Unknowns are y, coordinates of the points that are their own mirror image in the first axis, and p. A tube is
``|(y, p) − (m + s t)| ≤ ρ`` in every coordinate, ``|s| ≤ h``. It is cut along s, until Krawczyk's theorem for
∇L = 0, t·((y, p) − m) = s proves on each piece that there is exactly one zero for every s. The second
derivatives of L are bounded by the hull over the regions that a box meets. This is right though they may jump
there, as ∇L is Lipschitz: its increments are integrals of generalised derivatives, which are in the hull. So
are those of the third ones, except at |W_j|² + b_j = 0, where a chord is refused; nothing is bounded where
W_i·W_j = 0 and the region is not certain. So the Hessian on a piece is that in its middle and what it changes
along the chord, and the gradient along it is a Taylor series.
"""

from __future__ import annotations

import random
from typing import Any

from ..budget import BRANCHES
from ..reading import integer, items, keys, label, real, require, written
from ..report import Report
from .curves import Chain, Curve, check_fixed, read_chain
from .maxwell import crossing
from .start import Family
from .tubes import Effort

FORMAT = "kgon-branch/1"
UNCHECKED = "not checked: where exactly folds, branch points and borders are, and that no event is missing"


def title(data: dict[str, Any]) -> str:
    """Return the label of the branch that a certificate gives, if it gives one."""
    branch = data.get("branch")
    return written(branch.get("label") if isinstance(branch, dict) else None)


def check_branch(data: Any) -> Report:
    """Check a parsed certificate; raise ValueError where it fails."""
    names = "format c parameter range branch others maxwell digest"
    _, c_, parameter, range_, branch, others, maxwell, seed = keys(data, names, "the certificate")
    family = Family.of(parameter, integer(c_, "c", 4, BRANCHES.columns), range_)
    others, maxwell = (items(x, "others, maxwell", most=BRANCHES.crossings) for x in (others, maxwell))
    bodies = [("branch", branch), *((f"others {i}", x) for i, x in enumerate(others))]
    count_tubes([body for _, body in bodies])
    parts = [read_curve(body, family, where) for where, body in bodies]
    prove_tubes([part for part in parts if isinstance(part, Chain)], random.Random(str(seed)))
    curves = [part.curve() if isinstance(part, Chain) else part for part in parts]
    said = [text for curve in curves for text in curve.said]
    said += [check_maxwell(item, curves, f"maxwell {i}") for i, item in enumerate(maxwell)]
    verdict = "UNDECIDED" if any(curve.open for curve in curves) else "PROVED"
    return Report(verdict, f"{curves[0].name} over {parameter}", [*said, UNCHECKED])


def count_tubes(bodies: list[Any]) -> None:
    """Refuse too many tubes, and tubes that are there twice, before any of them is proved."""
    tubes = work = 0
    for body in bodies:
        parts = (body.get(name) if type(body) is dict else None for name in ("vertices", "positive", "tubes"))
        vertices, positive, chain = (x if type(x) is list else [] for x in parts)
        require(len(set(map(repr, chain))) >= len(chain) - 1, "tubes are there twice")  # that of the start is
        tubes, work = tubes + len(chain), work + len(chain) * (len(vertices) + len(positive)) ** 3
    require(tubes <= BRANCHES.tubes, f"there are more than {BRANCHES.tubes} tubes")
    require(work <= BRANCHES.work, "there are too many tubes for so many columns")


def read_curve(body: Any, family: Family, where: str) -> Curve | Chain:
    """Read one branch; that of a 4-gon is proved at once."""
    k, sigma, _ = label(body.get("label") if type(body) is dict else None, family.c, where)
    if k == 4:
        return check_fixed(body, k, sigma, family, where)
    return read_chain(body, k, sigma, family, where)


def prove_tubes(chains: list[Chain], order: random.Random) -> None:
    """Prove all tubes of a file, in an order that its digest sets: what is heavy at its end is met early."""
    places = [(chain, i) for chain in chains for i in range(len(chain.tubes))]
    effort = Effort()
    order.shuffle(places)
    for chain, i in places:
        chain.prove(i, effort)


def check_maxwell(item: Any, curves: list[Curve], where: str) -> str:
    """Prove that the branch and one of the others have the same loss at a value of the parameter."""
    index, point = keys(item, "other point", where)
    other = curves[1 + integer(index, f"{where}: other", 0, len(curves) - 2)]
    require(curves[0].system is not None, f"{where}: the branch must be followed")
    return crossing(
        curves[0], other, [real(x, where) for x in items(point, where, most=6 * BRANCHES.columns)], where
    )
