"""Proofs where the loss is twice differentiable: an exact zero of the gradient, and its index."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import flint
import numpy as np
from flint import arb, arb_mat

from kgon.base.verdicts import UndecidedError
from kgon.kgons import labels
from kgon.kgons.labels import Label
from kgon.kgons.polygons import reduced_jet
from kgon.kgons.values import directions, loss_parts, polygon
from kgon.numerics.balls import at_precision, row_sums
from kgon.numerics.inertia import inertia_of
from kgon.numerics.krawczyk import defect_of, inverse_of, prove_zero
from kgon.potential.any_number import exact_ball
from kgon.potential.enclosure import Enclosure, Index
from kgon.potential.regions import regions

PRECISIONS = (256, 512, 1024)
"""Precisions of the balls, one after the other until everything is decided."""
DIGITS = 34
"""Decimals of the enclosures in the claims."""
RADII = range(4, 44)
"""The uniqueness radius ρ is the first of 2⁻⁴, 2⁻⁵, … at which everything is decided."""


# --- numbers in the file -------------------------------------------------------------------------


def _dyadic(x: arb) -> list[int]:
    """[m, e] with x = m·2^e, exactly; the midpoint of a ball."""
    man, exp = x.mid().man_exp()
    return [int(man), int(exp)]


def _matrix(values: arb_mat) -> list[list[list[int]]]:
    return [[_dyadic(x) for x in row] for row in values.tolist()]


def _interval(x: arb) -> list[str]:
    """Decimals just below and above a ball, as rationals."""
    scale = 10**DIGITS
    low = (x.lower() * scale).floor().unique_fmpz()
    high = (x.upper() * scale).ceil().unique_fmpz()
    if low is None or high is None:
        raise UndecidedError(f"{x.str(10)} is not known to {DIGITS} decimals")
    return [str(Fraction(int(end), scale)) for end in (low, high)]


# --- smooth points -------------------------------------------------------------------------------


@at_precision(*PRECISIONS)
def certify_smooth(label: Label, c: int) -> dict[str, Any]:
    """Prove what a k-gon with k ≥ 5 is: ``claims`` and ``witness`` of docs/certificates.md."""
    reduced = _Reduced(label.k)
    reason = ""
    for exponent in RADII:
        try:
            claims, witness = _neighbourhood(label, c, reduced, arb(2) ** -exponent)
        except UndecidedError as error:
            reason = str(error)
            continue
        return {"claims": {**reduced.claims(label, c), **claims}, "witness": {**reduced.witness, **witness}}
    raise UndecidedError(
        f"{label}, c = {c}: {reason}, at every radius down to 2^-{RADII[-1]} and {PRECISIONS[-1]} bits"
    )


class _Reduced:
    """Krawczyk's theorem for the reduced equations: enclosures of τ = l² and b."""

    def __init__(self, k: int) -> None:
        found = polygon(k, int(flint.ctx.prec * math.log10(2)) - 16)
        self.k, self.s = k, found.s
        self.cosines = [x for x, _ in directions(k)]
        middle = [found.length_squared.mid(), found.bias.mid()]
        (zero,) = prove_zero(self._system, middle, [arb(2) ** -100])
        self.image = zero.image
        self._side_conditions(*zero.box)
        self.witness = {
            "box": {
                "midpoint": [_dyadic(x) for x in middle],
                "radius": [_dyadic(zero.radius), _dyadic(zero.radius)],
            },
            "reduced_inverse": _matrix(zero.operator.inverse),
        }

    def _system(self, at: Sequence[arb]) -> tuple[list[arb], arb_mat]:
        _, *gradient, jacobian = self._jet(*at)
        return gradient, arb_mat(jacobian)

    def _jet(self, tau: arb, bias: arb) -> tuple[arb, arb, arb, list[list[arb]]]:
        return reduced_jet(tau, bias, self.cosines[1:])

    def _side_conditions(self, tau: arb, bias: arb) -> None:
        for j, cosine in enumerate(self.cosines):
            expected = "rising" if min(j, self.k - j) <= self.s else "off"
            if regions("off", tau * cosine, bias) != [expected]:
                raise UndecidedError(f"neighbour {j} is not certainly {expected}")

    def claims(self, label: Label, c: int) -> dict[str, Any]:
        tau, bias = self.image
        cost = self._jet(tau, bias)[0]
        q, r = loss_parts(label, c)
        loss = exact_ball(q) + exact_ball(r) * cost
        return {
            "s": self.s,
            "length_squared": _interval(tau),
            "bias": _interval(bias),
            "loss": _interval(loss),
        }


def unknowns(label: Label, c: int) -> list[Index]:
    """Coordinates of the gauge-fixed square system, in order."""
    roles = label.roles(c)
    found = [(j, i) for j in range(label.k) for i in range(3) if (j, i) != (0, 1)]
    found += [(j, i) for j, role in enumerate(roles) if role == "positive" for i in range(3)]
    if label.sigma and "dead" in roles:
        found += [(roles.index("dead"), i) for i in range(2)]
    return found


def widened(label: Label, c: int, tau: arb, bias: arb, radius: arb) -> list[tuple[arb, arb, arb]]:
    """All points within ρ of the exact one, with room for what brings a critical point into the gauge.

    It is compared with the exact point turned by less than ρ/l, and with the same dead columns; but if σ ≥ 1
    the first of these is moved to keep their sum (docs/certificates.md).
    """
    W, b = labels.representative(label, c, tau.sqrt(), bias, directions(label.k), arb)
    if not tau > radius * radius:
        raise UndecidedError("the radius is not below the length of the columns")
    live, dead = radius + radius**3 / tau, radius * max(1, label.roles(c).count("dead") - 1)
    spread = [live] * label.k + [radius] * (c - label.k)
    if label.sigma and label.k + label.sigma < c:
        spread[label.k + label.sigma] = dead
    return [
        (x + arb(0, size), y + arb(0, size), z + arb(0, radius))
        for x, y, z, size in zip(*W, b, spread, strict=True)
    ]


def _neighbourhood(
    label: Label, c: int, reduced: _Reduced, radius: arb
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Uniqueness, regions and inertia on the box of radius ρ about the exact point."""
    (tau, bias), order = reduced.image, unknowns(label, c)
    found = Enclosure.at(widened(label, c, tau, bias, radius), order, strict=True)
    H, inverse = found.hessian, inverse_of(found.hessian)
    if not all(x < 1 for x in row_sums(defect_of(inverse, H))):
        raise UndecidedError("the Hessian is not certainly invertible")
    negative, congruence = inertia_of(H)
    dead = label.roles(c).count("dead")
    flat = 1 + (3 * dead if label.sigma == 0 else max(0, 3 * dead - 2))
    descent = None
    if negative:
        reach = radius / arb(float(np.abs(congruence[:, 0]).max()))  # eigh sorts: column 0 is lowest
        power = math.floor(math.log2(float(reach)))
        descent = {"column": 0, "reach": str(Fraction(2) ** power)}
    claims = {
        "regions": found.regions,
        "radius": _dyadic(radius),
        "flat_dimension": flat,
        "negative": negative,
        "positive": len(order) - negative,
        "verdict": "saddle" if negative else "minimum",
        "descent": descent,
    }
    return claims, {"inverse": _matrix(inverse), "congruence": _matrix(arb_mat(congruence.tolist()))}
