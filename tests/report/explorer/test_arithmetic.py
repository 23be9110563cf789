"""What the scripts of the explorer compute, by node where it is there, against Python."""

import json

import numpy as np
import pytest
from support.explorer import GROUPS, by_node, on_a_border, sample

from kgon.free_energy.dominance import occupancy
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.nearest_kgon import nearest_of_many
from kgon.potential.kernels import pairs
from kgon.potential.loss import Potential
from kgon.report.explorer.data import FEATURES, _model


def test_a_tenth_of_the_points_lie_on_borders():
    for c, importance in GROUPS:
        on = on_a_border(sample(c, importance))
        assert on[:100].all()
        assert on.sum() == 100


@pytest.mark.parametrize(("c", "importance"), GROUPS)
def test_loss_and_gradient_are_those_of_python(c, importance):
    found = sample(c, importance)
    given = json.dumps({"points": found.points, "importance": found.tms.importance.tolist()})
    flat = "f => [f.loss, ...f.W[0], ...f.W[1], ...f.b]"
    script = f"given.points.map(p => evaluate(p, given.importance)).map({flat})"
    assert np.abs(np.array(json.loads(by_node(script, given))) - found.expected).max() < 1e-12


NAMES = {pairs.OFF: "off", pairs.ON: "on", pairs.RISING: "rising", pairs.FALLING: "falling"}


def test_regions_are_those_of_python():
    """On a border the last bit of W_i·W_j decides: there those of the kernel, of the same product."""
    found = sample(6, 1.0, count=200, on_borders=100)
    given = json.loads(by_node("given.map(regionsOf)", json.dumps(found.points)))
    for regions, W, b in zip(given, found.W.tolist(), found.b.tolist(), strict=True):
        (x, y), columns = W, range(6)
        expected = [[NAMES[pairs.region(x[i] * x[j] + y[i] * y[j], b[j])] for j in columns] for i in columns]
        assert regions == expected
    potential = Potential(found.tms)
    for regions, W, b in zip(given[100:], found.W[100:], found.b[100:], strict=True):
        assert regions == [[str(x) for x in row] for row in potential.regions(W, b)]


@pytest.mark.parametrize("c", FEATURES)
def test_the_nearest_kgon_is_that_of_python(c):
    """Near k-gons and far from all."""
    far = sample(c, 1.0, count=40, on_borders=20)
    rng = np.random.default_rng(c)
    kgons = list(Catalogue(c))
    W = np.concatenate([far.W, [p.W + 0.1 * rng.normal(size=p.W.shape) for p in kgons]])
    b = np.concatenate([far.b, [p.biases + 0.1 * rng.normal(size=c) for p in kgons]])
    points = [{"W": x.tolist(), "b": y.tolist()} for x, y in zip(W, b, strict=True)]
    given = json.dumps({"points": points, "targets": _model(c)["targets"]})
    script = "given.points.map(p => nearestKgon(given.targets, p)).map(near => [near.id, near.distance])"
    names, distances = zip(*json.loads(by_node(script, given)), strict=True)
    rows, expected = nearest_of_many(W, b)
    assert np.allclose(distances, expected, rtol=1e-8, atol=1e-9)
    assert list(names) == [str(Catalogue(c).labels[row]) for row in rows]


@pytest.mark.parametrize("c", FEATURES)
def test_occupancies_are_those_of_python(c):
    sizes = [10.0, 300.0, 601.0, 5000.0]
    phases = _model(c)["theories"]["prior"]["phases"]
    given = json.dumps({"phases": phases, "sizes": sizes})
    found = np.array(json.loads(by_node("given.sizes.map(n => occupancies(given.phases, n))", given)))
    expected = occupancy(sizes, c)
    assert [phase["id"] for phase in phases] == list(expected)
    assert np.allclose(found.T, list(expected.values()), rtol=1e-9, atol=1e-12)
