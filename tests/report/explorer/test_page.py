"""The file of the explorer: one page that asks for nothing, and whose numbers are those of Python."""

import json
import re
from fractions import Fraction
from html.parser import HTMLParser

import numpy as np
import pytest

from kgon.base.verdicts import KgonError
from kgon.free_energy.phases import phases_of
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.colours import FAMILY
from kgon.kgons.labels import Label
from kgon.landscape.paths import lengths
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.report.explorer import page as explorer
from kgon.report.explorer.data import FEATURES


@pytest.fixture(scope="module")
def data(study):
    return study("explorer")


@pytest.fixture(scope="module")
def six(data):
    return next(model for model in data["models"] if model["c"] == 6)


@pytest.fixture(scope="module")
def html(data):
    return explorer.explorer_page(data)


class Elements(HTMLParser):
    """The elements of a page, and what stands in its scripts by id."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def test_it_is_one_small_file_that_asks_for_nothing(html):
    assert len(html.encode()) < 500_000
    elements = Elements(html).found
    assert not {tag for tag, _ in elements} & {"img", "iframe", "object", "embed", "audio", "video", "base"}
    assert all("src" not in how for _, how in elements)
    assert [how["href"] for _, how in elements if "href" in how] == ["data:,"]
    assert not re.findall(r"@import|url\(|fetch\(|XMLHttpRequest|WebSocket|import\(", html)
    addresses = set(re.findall(r"https?://[^\s\"'<>]+", html))
    assert addresses == {"http://www.w3.org/2000/svg"}  # the name of a language, which nobody opens
    policy = next(how["content"] for _, how in elements if how.get("http-equiv"))
    assert policy.startswith("default-src 'none'")


def test_every_control_has_a_name_and_every_id_is_one(html):
    elements = Elements(html).found
    ids = [how["id"] for _, how in elements if "id" in how]
    assert len(ids) == len(set(ids))
    labelled = {how["for"] for tag, how in elements if tag == "label"}
    controls = [how for tag, how in elements if tag in ("input", "select")]
    assert len(controls) >= 6
    assert [how for how in controls if how["id"] not in labelled and "aria-label" not in how] == []
    asked = set(re.findall(r'byId\("([\w-]+)"\)', html))
    assert asked <= set(ids)


def test_its_data_are_the_json_that_it_was_given(html, data):
    inside = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.S)
    assert json.loads(inside[1]) == json.loads(json.dumps(data, allow_nan=False))


def test_same_input_same_bytes(html, data):
    assert explorer.explorer_page(data) == html


def test_all_parts_are_in_the_page_and_in_the_order_of_need(html):
    assert html.count('"use strict"') == 1
    places = [html.index(explorer.part(f"{name}.js")) for name in explorer.SCRIPTS]
    assert places == sorted(places)
    written = {path.stem for path in (explorer.Path(explorer.__file__).parent / "parts").glob("*.js")}
    assert written == set(explorer.SCRIPTS)


def test_a_page_too_large_is_refused(data, monkeypatch):
    monkeypatch.setattr(explorer, "LARGEST", 1000)
    with pytest.raises(KgonError, match="over 1000"):
        explorer.explorer_page(data)


def test_without_scripts_it_is_a_table_of_the_18_kgons(html):
    table = re.search(r"<noscript>(.*?)</noscript>", html, re.S)[1]
    rows = re.findall(r'<tr><th scope="row">(.*?)</th><td>(.*?)</td><td>(.*?)</td><td>(.*?)</td></tr>', table)
    assert len(rows) == 18
    for point in (p for p in Catalogue(6) if p.configuration == "adjacent"):
        (row,) = [row for row in rows if row[0] == point.name.pretty]
        assert float(row[1]) == pytest.approx(point.loss, abs=5e-9)
        assert row[2] == ("–" if point.lambda_ is None else str(point.lambda_))


# --- the data ---------------------------------------------------------------------------------------------


def test_all_kgons_are_presets(data):
    for model in data["models"]:
        names = [str(label) for label in Catalogue(model["c"]).labels]
        assert sorted(point["id"] for point in model["points"]) == sorted(names)
    assert [model["c"] for model in data["models"]] == list(FEATURES)


def certified_loss(claims):
    """The loss of a certificate: exact, or the ends of an enclosure."""
    ends = [claims["loss"]] if isinstance(claims["loss"], str) else claims["loss"]
    return [float(Fraction(x)) for x in ends]


def test_presets_have_the_loss_of_their_certificates_and_its_verdict(six, study):
    certificates = study("point_certificates")
    assert certificates.keys() == {point["id"] for point in six["points"]}
    potential = Potential(TMS(6))
    for point in six["points"]:
        claims = certificates[point["id"]]
        for loss in certified_loss(claims):
            assert potential.loss(point["W"], point["b"]) == pytest.approx(loss, abs=1e-12)
            assert point["loss"] == pytest.approx(loss, abs=1e-12)
        assert (
            point["kind"]
            == {"minimum": "local minimum, proved", "not a minimum": "no minimum, proved"}[claims["verdict"]]
        )
        flat = claims["flat_dimension"]
        assert point["lambda"] == (str(Fraction(18 - flat, 2)) if claims["verdict"] == "minimum" else None)


def test_saddles_and_paths_are_those_of_the_landscape(six, landscape):
    potential = Potential(TMS(6))
    assert len(six["saddles"]) == len(landscape.saddles) == 5
    for found, edge in zip(six["saddles"], landscape.saddles, strict=True):
        assert (found["from"], found["to"]) == (edge.first, edge.second)
        assert potential.loss(found["W"], found["b"]) == pytest.approx(edge.saddle_loss, abs=1e-12)
        assert edge.loss_lower - 1e-12 <= found["loss"] <= edge.loss_upper + 1e-12
        path = found["path"]
        W, b = np.array(path["W"]), np.array(path["b"])
        top = path["top"]
        assert W[top].tolist() == found["W"]
        assert b[top].tolist() == found["b"]
        losses = potential.loss(W, b)
        assert losses.argmax() == top
        assert (np.diff(losses[: top + 1]) > -1e-9).all()
        assert (np.diff(losses[top:]) < 1e-9).all()
        steps = np.diff(lengths(np.concatenate([W.reshape(len(W), -1), b], axis=1)))
        assert steps.max() < 3 * steps.mean()  # no jump, at the saddle neither
        for end, name in ((0, edge.first), (-1, edge.second)):
            assert losses[end] == pytest.approx(Catalogue(6)[Label.parse(name)].loss, abs=1e-6)


@pytest.mark.parametrize("theory", ["prior", "laplace"])
def test_constants_are_those_of_the_theory(six, theory):
    phases = phases_of(6, theory=theory)
    found = six["theories"][theory]
    assert [(x["id"], x["loss"], x["lambda"], x["constant"]) for x in found["phases"]] == [
        (p.name, float(p.loss), float(p.lambda_), float(p.constant)) for p in phases
    ]
    assert found["byStrength"] is phases[0].by_strength


def test_colours_are_those_of_the_figures(html, data):
    assert {x["k"]: x["colour"] for model in data["models"] for x in model["points"]} == {
        k: FAMILY[k] for k in (4, 5, 6, 7, 8)
    }
    for k in (4, 5, 6, 7, 8):
        assert f"--k{k}: {FAMILY[k]};" in html
