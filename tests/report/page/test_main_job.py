"""The page of the main job itself: what it takes from studies and claims is there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.command import run
from support.page import Elements

from kgon.report.page.about import SEED
from kgon.report.page.story import PRESETS
from kgon.report.page.text_items import TEXT_ITEMS

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("common_store")]
SEEDED = (
    "evidence",
    "occupancy",
    "projection",
    "llc_published",
    "llc_convergence",
    "landscape",
    "staircases",
)


def test_it_is_whole_and_its_bytes_do_not_change(capsys: Any, tmp_path: Path) -> None:
    for name in "ab":
        code, text, _ = run(capsys, "reproduce", "--out", str(tmp_path / name), "--no-progress")
        assert code == 0 and text.rstrip().endswith(f"The page: {tmp_path / name / 'index.html'}")
    for name in ("index.html", "report.json", "explorer.html"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    html = (tmp_path / "a/index.html").read_text(encoding="utf-8")
    data = json.loads((tmp_path / "a/report.json").read_text(encoding="utf-8"))["data"]
    found = Elements(html)
    assert not found.wrong and not found.open and len(html.encode()) < 15_000_000
    beside = {x.partition("#")[0] for x in found.values("href") if not x.startswith(("#", "data:"))}
    assert [x for x in sorted(beside) if not (tmp_path / "a" / x).exists()] == []
    assert data["failed"] == [] and len(data["claims"]) > 90 and len(data["methods"]) == 9
    check_text_items(data)
    times = json.loads((tmp_path / "a/timings.json").read_text(encoding="utf-8"))
    assert {
        key for kind in ("claims", "figures", "tables") for x in data[kind] for key in x["seconds"]
    } <= set(times)


def check_text_items(data: Any) -> None:
    """Every item of the text leads to what is shown, and to claims that begin as they should."""
    names = {x["anchor"]: x["name"] for x in data["claims"]}
    assert len(data["text"]) == len(TEXT_ITEMS)
    for item, shown in zip(TEXT_ITEMS, data["text"], strict=True):
        going = [names[anchor] for anchor in shown["claims"]]
        assert all(name.startswith(item.claims) for name in going)
        for begin in item.claims:
            assert any(name.startswith(begin) for name in going), begin


def test_studies_draw_from_the_seed_that_the_page_states(study: Any) -> None:
    assert {study(name).seed for name in SEEDED} == {SEED}
    assert {found.seed for found in study("training").values()} == {SEED}


def test_links_into_the_explorer_lead_to_its_points(study: Any) -> None:
    (six,) = (model for model in study("explorer")["models"] if model["c"] == 6)
    known = {x["id"] for x in (*six["points"], *six["saddles"])}
    assert {point for points in PRESETS.values() for point in points} <= known
    assert {x["id"] for x in six["saddles"]} <= set(PRESETS["landscape"])
