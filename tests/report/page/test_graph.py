"""The page in the graph of artefacts: made last, made again when something that it shows has changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.page import png

from kgon.base.table import Column, Table
from kgon.base.verdicts import KgonError
from kgon.report import agenda, artefact
from kgon.report.artefact import Artefact, Declared, artefacts
from kgon.report.graph import in_order, make_all
from kgon.report.keeping import look_at_store
from kgon.report.page.about import about_run
from kgon.report.product import Product
from kgon.report.store import Store

CELL = {"x": "1"}


def small() -> Table:
    """Show a cell."""
    return Table(name="small", title="Small", columns=[Column("x", "x")], rows=[dict(CELL)])


def broken() -> Table:
    """Show nothing."""
    raise KgonError("no luck")


TABLE = Artefact(name="small", kind="table", make=small)
BROKEN = Artefact(name="broken", kind="table", make=broken)
SLOW = Artefact(name="slow", kind="table", make=broken, slow=True)


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Artefact:
    for each in (TABLE, BROKEN, SLOW):
        monkeypatch.setitem(artefacts("table"), each.name, each)
    return artefacts("page")["index"]


def made(wanted: list[Artefact], place: Path, **how: Any) -> dict[str, Product]:
    """Make artefacts, and say what was made, and what was read."""
    found: dict[str, Product] = {}
    values = {"about": about_run(False)}
    how.setdefault("store", Store(place))
    done = make_all(wanted, values, finish=lambda x, product: found.update({str(x): product}), **how)
    found["made"] = Product(value=list(done.seconds))
    return found


def data_of(product: Product) -> Any:
    return json.loads(product.files["report.json"])["data"]


def test_it_comes_last_and_asks_for_nothing_that_is_not_wanted(page: Artefact) -> None:
    assert in_order([page, TABLE]) == [TABLE, page]
    assert SLOW in page.inputs and in_order([page]) == [page]


def test_it_shows_what_was_made_and_what_failed(page: Artefact, tmp_path: Path) -> None:
    found = made([page, TABLE, BROKEN], tmp_path)
    data = data_of(found["page index"])
    assert [x["name"] for x in data["tables"]] == ["small"]
    assert data["failed"] == [{"artefact": "table broken", "reason": "no luck"}]


def test_it_is_read_while_nothing_changes_and_made_when_something_does(
    page: Artefact, tmp_path: Path
) -> None:
    first = made([page, TABLE], tmp_path)
    assert first["made"].value == ["table small", "page index"]
    again = made([page, TABLE], tmp_path)
    assert again["made"].value == [] and again["page index"].files == first["page index"].files
    kept = look_at_store(Store(tmp_path))
    assert kept.kept == 2 and not kept.stale
    failing = made([page, TABLE, BROKEN], tmp_path)
    assert failing["made"].value == ["page index"]  # the failure is new
    assert made([page, TABLE], tmp_path)["made"].value == []
    without = made([page], tmp_path)
    assert without["made"].value == ["page index"] and not data_of(without["page index"])["tables"]


def test_other_words_make_another_page_and_no_other_figure(
    page: Artefact, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    shown = artefacts("figure")["energy-levels"]
    monkeypatch.setattr(
        "kgon.report.product._drawn", lambda x, *_: drawn.append(x.name) or {"png": png(), "pdf": b"%PDF"}
    )
    formats = ("pdf", "png")
    first = made([page, shown], tmp_path, formats=formats)
    monkeypatch.setattr(Artefact, "words", property(lambda x: (x.name, "other words")))
    again = made([page, shown], tmp_path, formats=formats)
    assert drawn == ["energy-levels"] and again["made"].value == ["page index"]
    assert first["figure energy-levels"].files == again["figure energy-levels"].files


def test_a_picture_that_changed_makes_another_page(
    page: Artefact, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = artefacts("figure")["energy-levels"]
    for size in (100, 200):
        monkeypatch.setattr(
            "kgon.report.product._drawn", lambda *_, size=size: {"png": png(size), "pdf": b"%PDF"}
        )
        found = made([page, shown], tmp_path / str(size), formats=("pdf", "png"), store=None)
        assert f'width="{round(size / 160 * 96)}"' in found["page index"].files["index.html"].decode()
    contents = [
        agenda.content_kept(shown, Store(tmp_path).write(recipe, None, {"png": png(size)}))
        for size in (100, 200)
        for recipe in [agenda.Recipes([shown], {}, ("png",)).of(shown)]
        if recipe is not None
    ]
    assert len(set(contents)) == 2


def test_other_templates_make_another_page(page: Artefact, tmp_path: Path) -> None:
    from kgon.report import recipes

    reached = recipes.reached_by(page)
    assert (
        reached is not None
        and "the files in report/page/templates" in reached.modules
        and "jinja2" in reached.libraries
    )
    assert not any(x.startswith(("kgon.sampling", "kgon.experiments")) for x in reached.modules)


def test_its_function_is_imported_when_it_is_called() -> None:
    assert isinstance(artefact.artefacts("page")["index"].make, Declared)
