"""``report.json``: what the page shows, in the form that its schema says."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from support.page import about, everything

from kgon.report.page.references import REFERENCES
from kgon.report.page.whole import FORM, write_page

CITATION = Path(__file__).parents[3] / "CITATION.cff"


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        write_page(everything(), {"table x": "no luck"}, about())["report.json"]
    )
    return found


@pytest.fixture(scope="module")
def valid() -> Any:
    jsonschema = pytest.importorskip("jsonschema", reason="in the extra [test]")
    schema = json.loads(FORM.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema).is_valid


def test_it_is_valid_by_its_schema(report: dict[str, Any], valid: Any) -> None:
    assert valid(report)
    assert report["schema"] == "kgon/report/1"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data["claims"][0].update(verdict="TRUE"),
        lambda data: data["claims"][0].pop("rule"),
        lambda data: data["verdicts"].update(PROVED=-1),
        lambda data: data["figures"][0].update(seconds=3.0),
        lambda data: data["run"].update(contents="abc"),
        lambda data: data.update(more=1),
    ],
    ids=["verdict", "rule", "count", "seconds", "hash", "more"],
)
def test_what_is_not_as_it_should_be_is_not_valid(report: dict[str, Any], valid: Any, spoil: Any) -> None:
    other = deepcopy(report)
    spoil(other["data"])
    assert not valid(other)


def test_names_and_anchors_lead_somewhere(report: dict[str, Any]) -> None:
    data = report["data"]
    claims = {x["anchor"] for x in data["claims"]}
    studies = {x["name"] for x in data["studies"]}
    shown = {kind: {x["name"] for x in data[kind]} for kind in ("figures", "tables")}
    for section in data["sections"]:
        assert set(section["claims"]) <= claims
        assert all(set(section[kind]) <= shown[kind] for kind in shown)
    for kind in ("claims", "figures", "tables"):
        assert all(set(x["studies"]) <= studies for x in data[kind])
    assert data["failed"] == [{"artefact": "table x", "reason": "no luck"}]


def test_methods_cite_what_is_listed(report: dict[str, Any]) -> None:
    data = report["data"]
    cited = {key for each in data["methods"] for key in each["cites"]}
    assert cited | {"kgon"} == {x["key"] for x in data["references"]} == set(REFERENCES)


def test_references_are_those_of_the_citation_file() -> None:
    text = CITATION.read_text(encoding="utf-8")
    own, paper = REFERENCES["kgon"], REFERENCES["chen2023"]
    assert f'title: "{own.title}"' in text and f"date-released: {own.year}-" in text
    assert f"title: {paper.title}" in text and f"year: {paper.year}" in text
    assert f"value: {paper.where}" in text
    names = [f"family-names: {x.rpartition(' ')[2]}" for x in paper.authors]
    assert [text.index(x) for x in names] == sorted(text.index(x) for x in names)
    assert text.count("family-names: ") == len(names)
