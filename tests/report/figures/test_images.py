"""Figures that are exact look as they did: compared with kept images, at the same versions of what draws."""

import json

import pytest
from support.baselines import FOLDER, NAMES, draw, versions

TOLERANCE = 1.0
"""Root mean square of the difference, of 255: 0 for the same figure, 2.7 for a line of another colour."""


@pytest.fixture(scope="module", autouse=True)
def same_versions():
    kept = json.loads((FOLDER / "versions.json").read_text(encoding="utf-8"))
    if kept != versions():
        pytest.skip(f"the images were drawn with {kept}, here are {versions()}: see support/baselines.py")


def difference(expected, actual):
    """What Matplotlib's comparison says, None where they are alike; the kept file is left alone."""
    from matplotlib.testing.compare import compare_images

    return compare_images(str(expected), str(actual), TOLERANCE, in_decorator=True)


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_looks_as_it_did(name, tmp_path):
    assert difference(FOLDER / f"{name}.png", draw(name, tmp_path / f"{name}.png")) is None


def test_another_curve_is_seen(tmp_path):
    moved = draw("occupancy", tmp_path / "occupancy.png", theory="none")  # n_crit is 445 in the place of 601
    assert difference(FOLDER / "occupancy.png", moved)["rms"] > TOLERANCE


def test_another_colour_is_seen(tmp_path, monkeypatch):
    from kgon.kgons import colours

    monkeypatch.setitem(colours.FAMILY, 6, colours.FAMILY[4])
    assert (
        difference(FOLDER / "occupancy.png", draw("occupancy", tmp_path / "occupancy.png"))["rms"] > TOLERANCE
    )
