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

from typing import Any

from ..budget import BRANCHES
from ..reading import integer, items, keys, label, real, require, written
from ..report import Report
from .curves import Curve, check_chain, check_fixed
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
    _, c_, parameter, range_, branch, others, maxwell, _ = keys(data, names, "the certificate")
    family = Family.of(parameter, integer(c_, "c", 4, BRANCHES.columns), range_)
    others, maxwell = (items(x, "others, maxwell", most=BRANCHES.crossings) for x in (others, maxwell))
    bodies = [("branch", branch), *((f"others {i}", x) for i, x in enumerate(others))]
    count_tubes([body for _, body in bodies])
    effort = Effort()
    curves = [check_curve(body, family, effort, where) for where, body in bodies]
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


def check_curve(body: Any, family: Family, effort: Effort, where: str) -> Curve:
    """Prove one branch."""
    k, sigma, _ = label(body.get("label") if type(body) is dict else None, family.c, where)
    if k == 4:
        return check_fixed(body, k, sigma, family, where)
    return check_chain(body, k, sigma, family, effort, where)


def check_maxwell(item: Any, curves: list[Curve], where: str) -> str:
    """Prove that the branch and one of the others have the same loss at a value of the parameter."""
    index, point = keys(item, "other point", where)
    other = curves[1 + integer(index, f"{where}: other", 0, len(curves) - 2)]
    require(curves[0].system is not None, f"{where}: the branch must be followed")
    return crossing(
        curves[0], other, [real(x, where) for x in items(point, where, most=6 * BRANCHES.columns)], where
    )
