"""Certificates of the 4-gons: rational points on the kinks of the potential, in exact arithmetic."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from flint import arb, fmpq_poly

from kgon.base.verdicts import UndecidedError
from kgon.kgons.labels import Label
from kgon.kgons.square_flat_set import zero_cone
from kgon.kgons.square_minima import Node, cone_certificate, cone_direction
from kgon.kgons.values import loss_parts, rational_square
from kgon.potential import any_number
from kgon.potential.any_number import rational
from kgon.potential.enclosure import Enclosure
from kgon.potential.regions import jet_in

LIFT = 3
"""Rate at which the bias of the moved column falls on the descent curve."""

Point = tuple[list[list[Fraction]], list[Fraction]]


def certify_square(label: Label, c: int) -> dict[str, Any]:
    """Prove what a 4-gon is: the ``claims`` and the ``witness`` of its certificate (docs/certificates.md)."""
    W, b = rational_square(label, c)
    columns = list(zip(*W, b, strict=True))
    found = Enclosure.at(columns, [(j, i) for j in range(c) for i in range(3)], order=1)
    if any(found.gradient):
        raise UndecidedError(f"{label}: the gradient is not zero")
    loss = found.loss
    if loss != loss_parts(label, c)[0]:
        raise UndecidedError(f"{label}: L = {loss} is not what its columns add up to")
    decided, witness = _decide(label, c, (W, b))
    return {
        "claims": {
            "length_squared": "1",
            "bias": "0",
            "loss": str(loss),
            "regions": [
                ["corner" if i != j and _dot(W, i, j) == b[j] == 0 else name for j, name in enumerate(row)]
                for i, row in enumerate(found.regions)
            ],
            "verdict": "UNDECIDED",
            "proof": None,
            "flat_dimension": None,
            "growth": None,
            **decided,
        },
        "witness": witness,
    }


def _decide(label: Label, c: int, point: Point) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Decide whether a 4-gon is a minimum: the claims that this makes, and the numbers that prove them."""
    if label.sigma == 0:
        cone = zero_cone(label, c)
        texts = {name: [str(x) for x in getattr(cone, name)] for name in ("multipliers", "interior")}
        return {"verdict": "minimum", "proof": "lower-bound", "flat_dimension": cone.dimension}, texts
    if label.phi:
        return {"verdict": "not a minimum", "proof": "descent"}, _descent(label, c, point)
    if (minimum := cone_certificate(c, label.sigma)) is not None:
        flat = 1 + label.roles(c).count("dead")
        claims = {
            "verdict": "minimum",
            "proof": "cone",
            "flat_dimension": flat,
            "growth": str(minimum.growth),
        }
        nodes = [_node_text(node) for node in minimum.nodes]
        return claims, {"epsilon": str(minimum.epsilon), "nodes": nodes}
    if (direction := cone_direction(c, label.sigma)) is not None:
        texts = {"direction": [str(x) for x in direction]}
        return {"verdict": "not a minimum", "proof": "direction"}, texts
    return {}, None


def _node_text(node: Node) -> dict[str, Any]:
    return {
        "k": [str(x) for x in node["k"]],
        "tau": {key: str(x) for key, x in node["tau"].items()},
        "share": {key: str(x) for key, x in node["share"].items()},
    }


def _dot(W: list[list[Any]], i: int, j: int) -> Any:
    return W[0][i] * W[0][j] + W[1][i] * W[1][j]


# --- the descent curve ---------------------------------------------------------------------------


def _descent(label: Label, c: int, point: Point) -> dict[str, Any]:
    """A curve on which the loss falls, with the largest reach 2⁻ⁿ that can be proved."""
    moved, pulled = label.switched_off()[0], label.roles(c).index("positive")
    velocity = [point[0][axis][moved] for axis in (0, 1)]
    pull = Fraction(1, 4 * c)
    for exponent in range(1, 20):
        reach = Fraction(1, 2**exponent)
        if _falls(point, moved, pulled, velocity, pull, reach):
            return {
                "moved": moved,
                "pulled": pulled,
                "velocity": [str(x) for x in velocity],
                "pull": str(pull),
                "lift": str(LIFT),
                "reach": str(reach),
            }
    raise UndecidedError(f"{label}: no descent along the curve could be proved")


def _falls(
    point: Point, moved: int, pulled: int, velocity: list[Fraction], pull: Fraction, reach: Fraction
) -> bool:
    """Whether L < L* is proved for 0 < u ≤ reach: 3c(L − L*) as an exact polynomial in u."""
    W, b = point
    c = len(b)
    curve = [[fmpq_poly([rational(x)]) for x in row] for row in W]
    bias = [fmpq_poly([rational(x)]) for x in b]
    for axis in (0, 1):
        curve[axis][moved] = fmpq_poly([rational(W[axis][moved]), rational(velocity[axis])])
        curve[axis][pulled] = fmpq_poly([0, rational(-pull * velocity[axis])])
    bias[moved] = fmpq_poly([rational(b[moved]), -LIFT])
    change = fmpq_poly([-3 * c * rational(any_number.loss(W, b))])
    for i in range(c):
        for j in range(c):
            a = _dot(curve, i, j)
            signs = _sign(bias[j], reach), _sign(a + bias[j], reach)
            if None in signs or {-1, 1} <= set(signs):
                return False  # undecided, or a quotient: not a polynomial
            region = "off" if -1 in signs else "on"
            change += jet_in("diag" if i == j else "off", region, a, bias[j], 0)[0]
    return _sign(change, reach) == -1


def _sign(polynomial: fmpq_poly, reach: Fraction) -> int | None:
    """Sign of a polynomial on all of 0 < u ≤ reach, or None where it is not proved."""
    if polynomial.degree() < 0:
        return 0
    lowest = next(i for i in range(polynomial.degree() + 1) if polynomial[i] != 0)
    half = rational(reach / 2)
    box = arb(half).union(arb(0)).union(arb(rational(reach)))
    value = arb(0)
    for i in range(polynomial.degree(), lowest - 1, -1):
        value = value * box + arb(polynomial[i])
    if value > 0:
        return 1
    return -1 if value < 0 else None
