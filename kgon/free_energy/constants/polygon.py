"""Enclose the Laplace constants of the regular k-gons, k ≥ 5, in balls.

Near all copies of a k-gon, ``∫ e^{−βnL} φ dw = N · 2π‖W‖ · φ(w*) · P^δ · (2π/βn)^λ · det′(H)^{−1/2}`` to
leading order: N circles under permutations, each of length 2π‖W‖_F, φ the density of N(0, I), det′ over
the Hessian's nonzero eigenvalues in the live and positive columns, and P the prior mass of the region in
which each of the δ dead columns moves (docs, derivation 5a).
"""

from __future__ import annotations

import math
from functools import lru_cache

import flint
from flint import arb, arb_mat

from kgon.base.verdicts import KgonError
from kgon.free_energy.constants.dead import dead_mass
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.labels import Label
from kgon.kgons.values import ball_point, polygon, prior_parts
from kgon.potential.any_number import exact_ball
from kgon.potential.enclosure import Enclosure

BITS = 256


def circles(label: Label, c: int) -> int:
    """Count the distinct circles in the orbit of a k-gon with all vertices live: c!/(σ! δ! k).

    The permutations act on the columns; those of the positive and of the dead ones among themselves, and
    the k cyclic ones of the vertices, which are rotations, give the same circle.  A reflection is a
    permutation of the vertices too.

    Examples
    --------
    >>> circles(Label(6), 6), circles(Label(5, 1), 6), circles(Label(5), 6)
    (120, 144, 144)
    """
    dead = c - label.k - label.sigma
    return math.factorial(c) // (math.factorial(label.sigma) * math.factorial(dead) * label.k)


def transverse_determinant(label: Label, c: int) -> arb:
    """Enclose det′ of the Hessian in the live and positive columns: det(H + t tᵀ), t along the rotation."""
    with flint.ctx.workprec(BITS):
        return _determinant(label, c)


def _determinant(label: Label, c: int) -> arb:
    found = polygon(label.k)
    W, b = ball_point(label, c)
    columns = list(zip(*W, b, strict=True))
    used = label.k + label.sigma
    order = [(j, i) for j in range(used) for i in range(3)]
    H = Enclosure.at(columns, order, strict=True).hessian
    norm = arb(label.k).sqrt() * found.length
    tangent = [(-columns[j][1], columns[j][0], arb(0))[i] / norm for j, i in order]
    outer = arb_mat([[x * y for y in tangent] for x in tangent])
    return (H + outer).det()


@lru_cache(maxsize=256)
def polygon_constant(label: Label, c: int) -> arb:
    """Enclose C of ``F_n = βn L + λ log(βn) + C`` for a k-gon, k ≥ 5, that is a local minimum.

    ``C = −log N − log 2π‖W‖ + ½ log 2π + ½ log det′ + ½‖w*‖² − δ log P``, the norm over live and positive
    columns.

    Raises
    ------
    KgonError
        k < 5, or not a local minimum.

    Examples
    --------
    >>> print(polygon_constant(Label(6), 6).str(8, radius=False))
    -11.911667
    """
    if label.k < 5 or not Catalogue(c)[label].is_minimum:
        raise KgonError(f"the Laplace constant of a polygon needs a local minimum with k >= 5, got {label}")
    dead = label.roles(c).count("dead")
    with flint.ctx.workprec(BITS):
        found = polygon(label.k)
        two_pi = 2 * arb.pi()
        length = two_pi * arb(label.k).sqrt() * found.length
        log_det = transverse_determinant(label, c).log()
        q, r = prior_parts(label, c)
        energy = exact_ball(q) + exact_ball(r) * ((found.length_squared + found.bias * found.bias) / 2)
        mass = dead_mass(label.k) if dead else arb(1)
        start = -arb(circles(label, c)).log() - length.log()
        return start + (two_pi.log() + log_det) / 2 + energy - dead * mass.log()
