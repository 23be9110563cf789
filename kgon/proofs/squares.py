"""Certificates of the 4-gons: rational points on the kinks of the potential, in exact arithmetic."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from flint import arb, fmpq, fmpq_poly

from kgon.base.verdicts import UndecidedError
from kgon.kgons import labels
from kgon.kgons.labels import Label
from kgon.kgons.square_flat_set import SQUARE, zero_cone
from kgon.kgons.square_minima import Node, cone_certificate, cone_direction
from kgon.kgons.values import loss_parts
from kgon.potential import any_number

LIFT = 3
"""Rate at which the bias of the moved column falls on the descent curve."""

Point = tuple[list[list[Fraction]], list[Fraction]]


def certify_square(label: Label, c: int) -> dict[str, Any]:
    """``claims`` and ``witness`` of a 4-gon; see docs/certificates.md."""
    W, b = labels.representative(label, c, Fraction(1), Fraction(0), SQUARE, Fraction)
    grad_W, grad_b = any_number.gradient(W, b)
    if any(x != 0 for row in [*grad_W, grad_b] for x in row):
        raise UndecidedError(f"{label}: the gradient is not zero")
    loss = any_number.loss(W, b)
    if loss != loss_parts(label, c)[0]:
        raise UndecidedError(f"{label}: L = {loss} is not what its columns add up to")
    verdict, proof = "UNDECIDED", None
    witness: dict[str, Any] | None = None
    flat: int | None = None
    growth: str | None = None
    if label.sigma == 0:
        verdict, proof = "minimum", "lower-bound"
        cone = zero_cone(label, c)
        flat = cone.dimension
        witness = {
            "multipliers": [str(x) for x in cone.multipliers],
            "interior": [str(x) for x in cone.interior],
        }
    elif label.phi:
        verdict, proof, witness = "not a minimum", "descent", _descent(label, c, (W, b))
    elif (found := cone_certificate(c, label.sigma)) is not None:
        verdict, proof = "minimum", "cone"
        flat, growth = 1 + label.roles(c).count("dead"), str(found.growth)
        nodes = [_node_text(node) for node in found.nodes]
        witness = {"epsilon": str(found.epsilon), "nodes": nodes}
    elif (direction := cone_direction(c, label.sigma)) is not None:
        verdict, proof = "not a minimum", "direction"
        witness = {"direction": [str(x) for x in direction]}
    return {
        "claims": {
            "length_squared": "1",
            "bias": "0",
            "loss": str(loss),
            "regions": [[_region(W, b, i, j) for j in range(c)] for i in range(c)],
            "verdict": verdict,
            "proof": proof,
            "flat_dimension": flat,
            "growth": growth,
        },
        "witness": witness,
    }


def _node_text(node: Node) -> dict[str, Any]:
    return {
        "k": [str(x) for x in node["k"]],
        "tau": {key: str(x) for key, x in node["tau"].items()},
        "share": {key: str(x) for key, x in node["share"].items()},
    }


def _region(W: list[list[Fraction]], b: list[Fraction], i: int, j: int) -> str:
    a = W[0][i] * W[0][j] + W[1][i] * W[1][j]
    if i != j and a == 0 and b[j] == 0:
        return "corner"
    if b[j] >= 0 and a + b[j] >= 0:
        return "on"
    if b[j] <= 0 and a + b[j] <= 0:
        return "off"
    return "rising" if b[j] < 0 else "falling"


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


def _q(x: Fraction) -> fmpq:
    return fmpq(x.numerator, x.denominator)


def _falls(
    point: Point, moved: int, pulled: int, velocity: list[Fraction], pull: Fraction, reach: Fraction
) -> bool:
    """Whether L < L* is proved for 0 < u ≤ reach: 3c(L − L*) as an exact polynomial in u."""
    W, b = point
    c = len(b)
    curve = [[fmpq_poly([_q(x)]) for x in row] for row in W]
    bias = [fmpq_poly([_q(x)]) for x in b]
    for axis in (0, 1):
        curve[axis][moved] = fmpq_poly([_q(W[axis][moved]), _q(velocity[axis])])
        curve[axis][pulled] = fmpq_poly([0, _q(-pull * velocity[axis])])
    bias[moved] = fmpq_poly([_q(b[moved]), -LIFT])
    change = fmpq_poly([-3 * c * _q(any_number.loss(W, b))])
    for i in range(c):
        for j in range(c):
            a = curve[0][i] * curve[0][j] + curve[1][i] * curve[1][j]
            end = a + bias[j]
            start_sign, end_sign = _sign(bias[j], reach), _sign(end, reach)
            if start_sign is None or end_sign is None:
                return False
            if start_sign >= 0 and end_sign >= 0:
                term = a * a + 3 * a * bias[j] + 3 * bias[j] * bias[j]
                if i == j:  # diag = 1/3 - d(off)/da + off
                    term += 1 - 2 * a - 3 * bias[j]
            elif start_sign <= 0 and end_sign <= 0:
                term = fmpq_poly([int(i == j)])
            else:
                return False  # a quotient: not a polynomial
            change += term
    return _sign(change, reach) == -1


def _sign(polynomial: fmpq_poly, reach: Fraction) -> int | None:
    """Sign of a polynomial on all of 0 < u ≤ reach, or None where it is not proved."""
    if polynomial.degree() < 0:
        return 0
    lowest = next(i for i in range(polynomial.degree() + 1) if polynomial[i] != 0)
    half = _q(reach / 2)
    box = arb(half).union(arb(0)).union(arb(_q(reach)))
    value = arb(0)
    for i in range(polynomial.degree(), lowest - 1, -1):
        value = value * box + arb(polynomial[i])
    if value > 0:
        return 1
    return -1 if value < 0 else None
