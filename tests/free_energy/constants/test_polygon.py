"""The Laplace constants of polygons: the orbit by enumeration, the determinant by eigenvalues."""

import itertools
import math

import numpy as np
import pytest

from kgon.base.verdicts import KgonError
from kgon.free_energy.constants.dead import dead_mass
from kgon.free_energy.constants.polygon import circles, polygon_constant, transverse_determinant
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.labels import Label
from kgon.potential.loss import Potential
from kgon.potential.model import TMS


@pytest.mark.parametrize(("label", "c"), [("5", 5), ("5+", 6), ("5", 6), ("6", 6), ("5", 7)])
def test_circles_by_enumeration_of_all_permutations(label, c):
    """Distinct sets {R(θ) W π}: columns by role, the ring read from its smallest index."""
    name = Label.parse(label)
    roles = name.roles(c)
    seen = set()
    for permutation in itertools.permutations(range(c)):
        ring = [permutation[j] for j in range(name.k)]
        start = ring.index(min(ring))
        rest = tuple(
            frozenset(permutation[j] for j in range(name.k, c) if roles[j] == role)
            for role in ("positive", "dead")
        )
        seen.add((tuple(ring[start:] + ring[:start]), rest))
    assert circles(name, c) == len(seen)


@pytest.mark.parametrize(("label", "c"), [("6", 6), ("5+", 6), ("5", 6), ("7", 8), ("6++", 8)])
def test_determinant_is_the_product_of_the_positive_eigenvalues(label, c):
    point = Catalogue(c)[label]
    used = [j for j, role in enumerate(point.name.roles(c)) if role != "dead"]
    index = [h * c + j for h in range(3) for j in used]
    values = np.linalg.eigvalsh(Potential(TMS(c)).hessian(point.W, point.biases)[np.ix_(index, index)])
    assert abs(values[0]) < 1e-12 < values[1]
    ball = transverse_determinant(point.name, c)
    assert float(ball) == pytest.approx(np.prod(values[1:]), rel=1e-9)
    assert float(ball.rad()) < 1e-40


def test_the_constant_is_the_formula_at_the_hexagon():
    point = Catalogue(6)["6"]
    values = np.linalg.eigvalsh(Potential(TMS(6)).hessian(point.W, point.biases))[1:]
    log_z = math.log(120) + math.log(2 * math.pi * np.linalg.norm(point.W))
    log_z += 8.5 * math.log(2 * math.pi) - 0.5 * np.log(values).sum()
    log_z += -9 * math.log(2 * math.pi) - 0.5 * (np.sum(point.W**2) + np.sum(point.biases**2))
    assert float(polygon_constant(Label(6), 6)) == pytest.approx(-log_z, abs=1e-9)


def test_dead_columns_bring_their_mass_each():
    one, two = polygon_constant(Label(5), 6), polygon_constant(Label(5), 7)
    # the Hessian of the live columns scales like 1/c, the counts are 144 and 7!/(2·5)
    expected = -math.log(504 / 144) - math.log(float(dead_mass(5))) + 7 * math.log(6 / 7)
    assert float(two - one) == pytest.approx(expected, abs=1e-12)


def test_refusals():
    with pytest.raises(KgonError, match="k >= 5, got 4"):
        polygon_constant(Label(4), 6)
    with pytest.raises(KgonError, match="local minimum"):
        polygon_constant(Label(5, 1), 7)
