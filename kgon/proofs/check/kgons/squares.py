"""4-gons: the gradient, the loss and the regions exactly, and a proof of what kind of point it is."""

from __future__ import annotations

from typing import Any

from ..reading import integer, keys, rational, require
from ..square import Square
from .proofs import PROOFS, Kind, Point


def check_square(sigma: int, switched: list[int], c: int, claims: Any, witness: Any) -> list[str]:
    """Re-derive the claims about a 4-gon with these vertices switched off."""
    names = "length_squared bias loss regions verdict proof flat_dimension growth"
    *numbers, table, verdict, proof, flat, growth = keys(claims, names, "claims")
    square = Square.of(c, range(4), range(4, 4 + sigma), switched)
    total, gradient = square.loss_and_gradient(lambda i, j: 1)
    loss = total / (3 * c)
    require(table == [[square.region(i, j) for j in range(c)] for i in range(c)], "claims.regions is wrong")
    require(not any(gradient), "the gradient is not zero")
    for name, claimed, own in zip(names.split()[:3], numbers, (1, 0, loss), strict=True):
        require(rational(claimed, f"claims.{name}") == own, f"claims.{name} is not {own}")
    kind = Kind("UNDECIDED", "the kind of the point is left open")
    if proof is None:
        require(witness is None, "witness must be null")
    else:
        require(type(proof) is str and proof in PROOFS, "claims.proof is unknown")
        kind = PROOFS[proof](Point(square, sigma, len(switched), loss), witness)
    require(verdict == kind.verdict, f"claims.verdict is not {kind.verdict}")
    own_flat = None if flat is None else integer(flat, "claims.flat_dimension")
    require(own_flat == kind.flat_dimension, f"claims.flat_dimension is not {kind.flat_dimension}")
    own_growth = None if growth is None else rational(growth, "claims.growth")
    require(own_growth == kind.growth, f"claims.growth is not {kind.growth}")
    said = ["the gradient is exactly zero", f"the loss is {loss}"]
    said += [f"flat dimension {flat}"] * (flat is not None) + [f"growth {growth}"] * (growth is not None)
    return [*said, kind.statement]
