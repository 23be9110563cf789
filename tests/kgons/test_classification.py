"""Names of points: every k-gon, noise, workers, and what is refused."""

import json

import numpy as np
import pytest

from kgon.base.verdicts import KgonError
from kgon.base.work import Work
from kgon.kgons.basins import OTHER, Basins
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.classification import CHUNK, Classification, classify
from kgon.kgons.nearest_kgon import nearest

POINTS = list(Catalogue(6))


def stacked(points):
    return np.array([p.W for p in points]), np.array([p.biases for p in points])


def test_every_kgon_has_its_own_names():
    found = classify(*stacked(POINTS))
    names = [p.label for p in POINTS]
    assert found.label.tolist() == [str(p.name) for p in POINTS]
    assert found.configuration.tolist() == [p.configuration for p in POINTS]
    assert found.distance.max() < 1e-12
    assert found.hull.tolist() == names
    # a saddle has no basin: descent stays at it
    assert found.basin.tolist() == [p.label if p.is_minimum else OTHER for p in POINTS]


def test_the_ways_are_those_of_their_modules():
    rng = np.random.default_rng(1)
    W, b = rng.normal(0, 0.8, (60, 2, 5)), rng.normal(-0.2, 0.5, (60, 5))
    found = classify(W, b)
    basins = Basins(5)
    index = basins.of(basins.tms.pack(W, b))
    assert found.basin.tolist() == [OTHER if i < 0 else basins.labels[i] for i in index]
    for p in range(60):
        assert found.label[p] == nearest(W[p], b[p]).label
    assert sum(found.counts()["hull"].values()) == 60
    off = found.disagreements()["nearest and basin"]
    assert off == sum(x.split(":")[0] != y for x, y in zip(found.label, found.basin, strict=True))


def test_neither_chunks_nor_workers_change_anything():
    rng = np.random.default_rng(2)
    m = CHUNK + 7
    W, b = rng.normal(0, 0.8, (m, 2, 4)), rng.normal(-0.2, 0.5, (m, 4))
    lines = []
    one = classify(W, b, basin=False, work=Work(progress=lines.append))
    two = classify(W, b, basin=False, work=Work(workers=2))
    last = classify(W[CHUNK:], b[CHUNK:], basin=False)
    assert len(lines) == 2
    for name in ("label", "distance", "hull"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
        np.testing.assert_array_equal(getattr(one, name)[CHUNK:], getattr(last, name))


def test_one_point_and_its_json():
    found = classify(POINTS[0].W, POINTS[0].biases, basin=False)
    assert len(found) == 1 and found.basin is None
    assert found.records() == [
        {"label": "4", "configuration": "adjacent", "distance": 0.0, "basin": None, "hull": "4"}
    ]
    again = Classification.from_json(found.to_json())
    assert again.to_dict() == found.to_dict()
    assert json.loads(found.to_json())["schema"] == "kgon/classification/1"
    assert "nearest 4, hull 4" in str(found)


def test_the_table_counts_and_compares():
    found = classify(*stacked(POINTS))
    text = found.table().text()
    assert "nearest and basin differ at 10 points" in text  # saddles: 8 labels, 10 configurations
    assert "nearest and hull differ at 0 points" in text


def test_what_is_refused():
    W, b = stacked(POINTS)
    with pytest.raises(KgonError, match="at least one of basin"):
        classify(W, b, basin=False, nearest=False, hull=False)
    with pytest.raises(KgonError, match="at least one point"):
        classify(W[:0], b[:0])
    with pytest.raises(KgonError, match="r = 2"):
        classify(np.zeros((3, 3, 6)), np.zeros((3, 6)))
    with pytest.raises(KgonError, match="workers"):
        classify(W, b, work=Work(workers=0))
