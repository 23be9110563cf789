"""The page of the main job: one file that asks for nothing, and shows everything that was made."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from support.page import Elements, about, claims_named, everything, with_claim

from kgon.kgons.catalogue import Catalogue
from kgon.report.artefact import SHOWN, artefacts
from kgon.report.page.story import CLAIMS_TABLE, PRESETS, STORY
from kgon.report.page.text_items import TEXT_ITEMS
from kgon.report.page.whole import write_page

LARGEST = 15_000_000
"""Bytes that the page may have, by the issue that asked for it."""


def html_of(made: Any, failed: Any = {}) -> str:  # noqa: B006
    return write_page(made, failed, about())["index.html"].decode()


@pytest.fixture(scope="module")
def html() -> str:
    return html_of(everything())


@pytest.fixture(scope="module")
def elements(html: str) -> Elements:
    return Elements(html)


def test_what_begins_ends(elements: Elements) -> None:
    assert not elements.open and not elements.wrong


def test_it_is_one_file_that_asks_for_nothing(html: str, elements: Elements) -> None:
    assert len(html.encode()) < LARGEST
    assert not {tag for tag, _ in elements.found} & {"iframe", "object", "embed", "audio", "video", "base"}
    assert elements.values("src") and all(x.startswith("data:image/") for x in elements.values("src"))
    assert [how["href"] for tag, how in elements.found if tag == "link"] == ["data:,"]
    assert not re.findall(r"@import|url\(|XMLHttpRequest|WebSocket|import\(", html)
    assert html.count("fetch(") == 1  # of timings.json, when the button is pressed
    assert not [x for x in elements.values("href") if x.startswith(("http:", "https:", "//"))]
    policy = next(how["content"] for _, how in elements.found if how.get("http-equiv"))
    assert str(policy).startswith("default-src 'none'")


def test_ids_are_unique_and_links_within_the_page_lead_somewhere(elements: Elements) -> None:
    assert len(elements.ids) == len(set(elements.ids))
    within = {x[1:] for x in elements.values("href") if x.startswith("#")}
    assert len(within) > 100 and within <= set(elements.ids)
    assert set(elements.values("aria-labelledby")) <= set(elements.ids)


def test_every_picture_says_what_it_shows(elements: Elements) -> None:
    pictures = [how for tag, how in elements.found if tag == "img"]
    declared = artefacts("figure").values()
    assert sorted(str(x["alt"]) for x in pictures) == sorted(x.shows for x in declared)


def test_what_is_wider_than_the_page_scrolls_by_keyboard_too(elements: Elements) -> None:
    regions = [how for _, how in elements.found if how.get("class") == "wide"]
    tables = sum(tag == "table" for tag, _ in elements.found)
    assert len(regions) > tables
    assert all(x["tabindex"] == "0" and x["role"] == "group" and x["aria-label"] for x in regions)


def test_every_artefact_has_its_place_in_the_story() -> None:
    for kind, names in (
        ("figure", [x for each in STORY for x in each.figures]),
        ("table", [CLAIMS_TABLE, *(x for each in STORY for x in each.tables)]),
        ("claims", [x for each in STORY for x in each.claims]),
    ):
        assert sorted(names) == sorted(artefacts(kind)), kind


def test_what_has_no_place_in_the_story_is_shown_all_the_same() -> None:
    found = everything()
    stray = [
        replace(x, name=f"stray-{kind}", artefact=f"{kind} stray-{kind}", **more)
        for kind, more in (
            ("figure", {}), ("table", {}), ("claims", {"value": claims_named("stray", 1)}),
        )
        for x in [next(x for x in found if x.kind == kind)]
    ]  # fmt: skip
    ids = Elements(html_of([*found, *stray])).ids
    assert {"more", "fig-stray-figure", "table-stray-table", "claim-stray-0"} <= set(ids)


def test_every_figure_and_table_of_the_text_has_an_anchor(elements: Elements) -> None:
    anchors = [item.anchor for item in TEXT_ITEMS]
    assert len(anchors) == len(set(anchors)) == 15
    assert set(anchors) <= set(elements.ids)
    for item in TEXT_ITEMS:
        assert not item.shown or item.shown in artefacts(item.kind), item.title
        assert item.claims or not item.shown, item.title
    assert "fig-no-such-figure" not in elements.ids


def test_contradicted_claims_come_first_in_each_group(html: str) -> None:
    data = json.loads(write_page(everything(), {}, about())["report.json"])["data"]
    groups = [x["group"] for x in data["claims"]]
    assert list(dict.fromkeys(groups)) == ["mechanistic", "thermodynamic", "mathematical"]
    assert sorted(groups, key=["mechanistic", "thermodynamic", "mathematical"].index) == groups
    rank = ["REFUTED", "UNDECIDED", "CONFIRMED", "PROVED"]
    for group in set(groups):
        places = [rank.index(x["verdict"]) for x in data["claims"] if x["group"] == group]
        assert places == sorted(places)
    verdicts = {x["anchor"]: rank.index(x["verdict"]) for x in data["claims"]}
    for section in data["sections"]:
        places = [verdicts[anchor] for anchor in section["claims"]]
        assert places == sorted(places)
    shown = re.findall(r'<tr role="row" id="(claim-[^"]+)"', html)
    assert shown == [x["anchor"] for x in data["claims"]]
    for verdict, count in data["verdicts"].items():
        assert re.search(rf'class="count">{count}</span>\s*<span class="verdict {verdict.lower()}">', html)
    assert sum(data["verdicts"].values()) == len(shown)


def test_nothing_in_a_name_is_obeyed() -> None:
    evil = '<script>alert("x")</script> & <b>'
    (claim,) = claims_named("", 1)
    spoilt = dict.fromkeys(("name", "source", "published", "ours", "rule"), evil)
    fields = {**claim.by_name(), **spoilt}
    html = html_of(with_claim(everything(), type(claim)(**fields)), {evil: evil})
    assert "<script>alert" not in html and "<b>" not in html
    assert html.count("&lt;script&gt;alert") >= 7
    found = Elements(html)
    assert not found.wrong and sum(tag == "script" for tag, _ in found.found) == 1


def test_the_same_run_gives_the_same_bytes() -> None:
    first, second = (write_page(everything(), {}, about()) for _ in "ab")
    assert first == second


def test_another_claim_gives_another_page() -> None:
    made = everything()
    (claim,) = claims_named("another", 1)
    before, after = (
        json.loads(write_page(x, {}, about())["report.json"])["data"] for x in (made, with_claim(made, claim))
    )
    assert before["run"]["contents"] != after["run"]["contents"]
    assert before["run"]["sources"] == after["run"]["sources"]


def test_errors_are_named_and_their_absence_is_said(html: str) -> None:
    assert "everything that this run was to make was made" in html
    failed = html_of([x for x in everything() if x.artefact != "table phases"], {"table phases": "no luck"})
    assert "1 artefact could not be made" in failed and "<code>table phases</code>: no luck" in failed
    assert "everything that this run was to make was made" not in failed


def test_a_page_of_nothing_is_a_page() -> None:
    found = Elements(html_of([], {"study x": "no luck"}))
    assert not found.wrong and {"claims", "errors", "methods", "landscape"} <= set(found.ids)


def test_counts_are_those_of_the_claims(html: str) -> None:
    only = [x for x in everything() if x.kind == "claims"][:1]
    alone = html_of(with_claim(only, claims_named("alone", 1)[0]))
    assert re.findall(r'class="count">(\d+)</span>', alone) == ["1", "0", "0", "0"]
    assert "Contradicted:" not in alone and "Contradicted:" in html


def test_every_kind_that_is_shown_is_made_before_the_page() -> None:
    whole = artefacts("page")["index"]
    assert {x.kind for x in whole.inputs} == set(SHOWN)
    assert whole.parameters == ("made", "failed", "about")


def test_links_into_the_explorer_name_points_of_it(elements: Elements) -> None:
    points = [x.partition("#at=")[2] for x in elements.values("href") if x.startswith("explorer.html#")]
    assert len(points) == sum(map(len, PRESETS.values())) and set(PRESETS) <= set(artefacts("figure"))
    kgons = {str(x.name) for x in Catalogue(6)}
    assert {end for point in points for end in point.split("..")} <= kgons
