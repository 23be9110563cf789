"""The page in headless Chromium: quiet, alone, as wide as the window, and usable by keyboard."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.browser import WIDTHS
from support.page import about, everything

from kgon.report.page.whole import write_page

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    for name, contents in write_page(everything(), {}, about()).items():
        (folder / name).write_bytes(contents)
    return folder / "index.html"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_it_is_quiet_asks_for_nothing_and_fits(browser: Any, page: Path, width: int, scheme: str) -> None:
    browser.prefer(color_scheme=scheme)
    browser.open(page, width=width)
    assert browser.errors() == []
    assert browser.requests() == [page.resolve().as_uri()]
    browser.run("document.querySelectorAll('details').forEach(x => x.open = true)")
    assert browser.overflow() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1400])
def test_axe_finds_nothing_serious(browser: Any, page: Path, width: int, scheme: str) -> None:
    browser.prefer(color_scheme=scheme)
    browser.open(page, width=width)
    browser.run("document.querySelectorAll('details').forEach(x => x.open = true)")
    assert browser.violations() == []


def test_every_control_is_reached_by_keyboard(browser: Any, page: Path) -> None:
    browser.open(page)
    stops = browser.tab_stops(most=2000)
    assert stops[0] == "a Skip to the contents" and "#show-seconds" in stops
    focusable = browser.run(
        "return [...document.querySelectorAll('a[href], button, summary, [tabindex=\"0\"]')]"
        ".filter(x => x.checkVisibility({contentVisibilityAuto: true})).length"
    )
    assert focusable > 200 and len(stops) >= focusable


def test_a_link_opens_what_hides_its_target(browser: Any, page: Path) -> None:
    browser.open(page, fragment="#table-ncrit-every-pair")
    assert browser.run("return document.getElementById('table-ncrit-every-pair').closest('details').open")


def test_every_item_of_the_text_is_where_its_link_leads(browser: Any, page: Path) -> None:
    browser.open(page)
    lost = browser.run("""
        const links = [...document.querySelectorAll('table.text a[href^="#"]')];
        return links.map(x => x.getAttribute('href').slice(1)).filter(x => !document.getElementById(x))""")
    assert lost == [] and browser.run("return document.querySelectorAll('table.text tbody tr').length") == 15


def test_seconds_are_shown_from_the_file_that_is_chosen(browser: Any, page: Path, tmp_path: Path) -> None:
    chosen = tmp_path / "timings.json"
    times = {"claims catalogue_claims": 0.25, "study evidence": 3.0, "claims evidence_claims": 1.5}
    browser.open(page)
    assert set(seconds(browser)) == {"–"}
    for text, said in (
        (json.dumps(times), "Seconds shown at"),
        ("no JSON", "no JSON"),
        ("{}", "No seconds of this page"),
    ):
        chosen.write_text(text)
        browser.driver.find_element("id", "choose-seconds").send_keys(str(chosen))
        browser.driver.execute_async_script("setTimeout(arguments[0], 300)")
        assert said in browser.run("return document.getElementById('seconds-said').textContent")
        assert set(seconds(browser)) == {"–", "0.3", "3.0", "4.5"}
    assert browser.errors() == []


def seconds(browser: Any) -> list[str]:
    found: list[str] = browser.run(
        "return [...document.querySelectorAll('.seconds')].map(x => x.textContent)"
    )
    return found


def test_it_is_read_without_scripts(browser: Any, page: Path) -> None:
    browser.emulate("Emulation.setScriptExecutionDisabled", value=True)
    browser.open(page)
    browser.emulate("Emulation.setScriptExecutionDisabled", value=False)
    hidden = browser.run("return document.getElementById('show-seconds').checkVisibility()")
    assert hidden is False and browser.errors() == []
    assert browser.run("return document.querySelector('nav a[href=\"#claims\"]').checkVisibility()")


def test_on_paper_nothing_scrolls_and_there_is_nothing_to_press(browser: Any, page: Path) -> None:
    browser.open(page, width=800)
    browser.emulate("Emulation.setEmulatedMedia", media="print", features=[])
    try:
        assert not browser.run("return document.querySelector('nav').checkVisibility()")
        assert not browser.run("return document.getElementById('show-seconds').checkVisibility()")
        kinds = browser.run("""
            return [...document.querySelectorAll('.wide')].map(x => getComputedStyle(x).overflowX)""")
        assert set(kinds) == {"visible"} and browser.overflow() == 0
        browser.run("dispatchEvent(new Event('beforeprint'))")
        assert browser.run("return document.querySelectorAll('details:not([open])').length") == 0
    finally:
        browser.emulate("Emulation.setEmulatedMedia", media="", features=[])
