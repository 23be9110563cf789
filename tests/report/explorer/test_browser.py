"""The explorer in headless Chromium, as a reader meets it."""

import contextlib
import io
import re
from fractions import Fraction

import numpy as np
import pytest
from support.browser import WIDTHS, Browser
from support.explorer import EVALUATED, GROUPS, sample

from kgon.free_energy.dominance import occupancy
from kgon.kgons.catalogue import Catalogue
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.report.explorer.page import save_explorer

pytestmark = pytest.mark.integration

MOVED = "#W=0.9,0.36,-0.947,-0.8,0.3,0;0.4,1.3,0.688,-0.6,-1.013,0.05&b=-0.3,-0.28,-0.2,-0.4,-0.3,0.1&I=0.8"
SHOWN = ("", MOVED, "#at=4%2B..5@30&theory=laplace&n=100", "#c=8&at=5")
"""Addresses of a k-gon, any point, a point on a path, and a model of more features."""


@pytest.fixture(scope="module")
def page(study, tmp_path_factory):
    return save_explorer(study("explorer"), tmp_path_factory.mktemp("explorer") / "explorer.html")


def frames(browser: Browser, count: int = 3) -> None:
    """Wait until what was asked for is drawn."""
    browser.driver.execute_async_script(
        "let left = arguments[0]; const done = arguments[1];"
        "const next = () => left-- ? requestAnimationFrame(next) : done(); next()",
        count,
    )


def pause(browser: Browser, seconds: float) -> None:
    browser.driver.execute_async_script(f"setTimeout(arguments[0], {1000 * seconds})")


def text_of(browser: Browser, name: str) -> str:
    return str(browser.run("return document.getElementById(arguments[0]).textContent", name))


def click(browser: Browser, selector: str) -> None:
    browser.run("document.querySelector(arguments[0]).click()", selector)
    frames(browser)


def focus(browser: Browser, name: str) -> None:
    browser.run("document.getElementById(arguments[0]).focus()", name)


def state_of(browser: Browser) -> dict:
    return dict(browser.run("return JSON.parse(JSON.stringify(kgon.state))"))


@pytest.fixture
def shown(browser, page):
    """Opens the page at an address, and waits until it is drawn."""

    def open_it(fragment: str = "", **how: int) -> Browser:
        browser.open(page, fragment=fragment, **how)
        frames(browser)
        return browser

    return open_it


# --- what any page must do --------------------------------------------------------------------------------


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("fragment", SHOWN)
def test_it_is_quiet_asks_for_nothing_and_fits(shown, page, width, fragment):
    browser = shown(fragment, width=width)
    assert browser.errors() == []
    assert {url.partition("#")[0] for url in browser.requests()} == {page.resolve().as_uri()}
    assert browser.overflow() <= 0, browser.too_wide()
    assert browser.run("return document.getElementById('app').hidden") is False


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [WIDTHS[0], WIDTHS[-1]])
@pytest.mark.parametrize("fragment", SHOWN)
def test_axe_finds_nothing_grave(shown, browser, width, scheme, fragment):
    browser.prefer(color_scheme=scheme)
    shown(fragment, width=width)
    browser.run("document.querySelectorAll('details').forEach(x => { x.open = true; })")
    assert browser.violations("moderate", "serious", "critical") == []


CONTROLS = """
return [...document.querySelectorAll('button, input, select, summary, a[href], [tabindex="0"]')]
  .filter(e => !e.disabled && e.getClientRects().length)
  .map(e => e.id ? '#' + e.id : e.tagName.toLowerCase() + ' '
       + (e.getAttribute('aria-label') || e.textContent.trim().slice(0, 40)))
"""


@pytest.mark.parametrize("width", [WIDTHS[0], WIDTHS[-1]])
def test_the_tabulator_reaches_every_control(shown, width):
    browser = shown(MOVED, width=width)
    controls = browser.run(CONTROLS)
    assert len(controls) > 50
    assert set(controls) - set(browser.tab_stops()) == set()


def test_without_scripts_the_table_is_shown(browser, page):
    browser.emulate("Emulation.setScriptExecutionDisabled", value=True)
    browser.open(page)
    picture = browser.driver.find_elements("css selector", "noscript table tbody tr")
    assert len(picture) == 18
    assert all(row.is_displayed() for row in picture)


# --- the numbers ------------------------------------------------------------------------------------------


def test_loss_and_gradient_are_those_of_python_at_ten_thousand_points(shown):
    """Of which a thousand lie on borders of regions, to the last bit."""
    browser = shown()
    compared = 0
    for c, importance in GROUPS:
        found = sample(c, importance)
        values = browser.run(EVALUATED, found.points, found.tms.importance.tolist())
        assert np.abs(np.array(values) - found.expected).max() < 1e-12
        compared += len(values)
    assert compared == 10_000


def test_every_preset_has_the_loss_of_its_certificate(shown, study, landscape):
    browser = shown()
    found = browser.run("""
        const model = kgon.known.models.find(x => x.c === 6), ones = Array(6).fill(1);
        return [...model.points, ...model.saddles]
          .map(x => [x.id, kgon.evaluate(kgon.presetPoint(model, x.id), ones).loss])""")
    losses = dict(found)
    for label, claims in study("point_certificates").items():
        ends = [claims["loss"]] if isinstance(claims["loss"], str) else claims["loss"]
        assert [losses.pop(label)] * len(ends) == pytest.approx([float(Fraction(x)) for x in ends], abs=1e-12)
    for edge in landscape.saddles:
        loss = losses.pop(f"{edge.first}..{edge.second}")
        assert edge.loss_lower - 1e-12 <= loss <= edge.loss_upper + 1e-12
    assert losses == {}


@pytest.mark.parametrize("theory", ["prior", "laplace"])
@pytest.mark.parametrize("n", [30, 601, 5000])
def test_occupancies_shown_are_those_of_python(shown, theory, n):
    browser = shown(f"#n={n}&theory={theory}")
    cells = browser.run(
        "return [...document.querySelectorAll('#phases tr')].map(x => x.lastChild.textContent)"
    )
    expected = [float(x[0]) for x in occupancy([float(n)], theory=theory).values()]
    assert len(cells) == len(expected) == 10
    for cell, share in zip(cells, expected, strict=True):
        assert cell == ("< 0.1 %" if share < 0.0005 else f"{100 * share:.1f} %")


def test_what_is_shown_of_a_kgon_is_what_python_says(shown):
    browser = shown()
    for point in (p for p in Catalogue(6) if p.configuration == "adjacent"):
        click(browser, f'[data-preset="{point.name}"]')
        assert float(text_of(browser, "loss")) == pytest.approx(point.loss, abs=5.1e-9)
        assert text_of(browser, "slope") == "0"
        assert (text_of(browser, "nearest"), text_of(browser, "distance")) == (point.name.pretty, "here")
        assert text_of(browser, "lambda") == ("–" if point.lambda_ is None else str(point.lambda_))
        assert f"at={point.name}" in browser.driver.current_url


@pytest.mark.parametrize("fragment", ["#at=5%2B", MOVED, "#at=4%2B..5", "#c=7&at=6"])
def test_the_python_that_is_shown_says_the_same(shown, fragment):
    browser = shown(fragment)
    code = text_of(browser, "python")
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(code, {})
    loss, slope, nearest, shares = out.getvalue().splitlines()
    said = re.findall(r"# (\S+)", code)
    assert float(loss) == pytest.approx(float(said[0]), rel=1e-11)
    assert float(slope) == pytest.approx(float(said[1]), rel=1e-2, abs=1e-9)
    label, distance = nearest.split()
    assert label == said[2]
    assert float(distance) == pytest.approx(
        float(re.search(rf"# {re.escape(label)} (\S+)", code)[1]), rel=1e-2, abs=1e-7
    )
    assert shares.startswith("{")


@pytest.mark.parametrize("button", ["copy-python", "copy-link"])
def test_what_is_copied_is_what_is_shown(shown, button):
    from selenium.webdriver.common.keys import Keys

    browser = shown("#at=5%2B&n=300")
    focus(browser, button)
    browser.press(Keys.ENTER)
    pause(browser, 0.2)
    assert text_of(browser, button) == "Copied"
    browser.run(
        "const e = document.createElement('textarea'); e.id = 'pasted'; document.body.append(e); e.focus()"
    )
    browser.press("v", held=(Keys.CONTROL,))
    pasted = browser.run("return document.getElementById('pasted').value")
    assert pasted == (text_of(browser, "python") if button == "copy-python" else browser.driver.current_url)


# --- moving -----------------------------------------------------------------------------------------------


def test_keys_move_a_column_and_undo_brings_it_back(shown):
    from selenium.webdriver.common.keys import Keys

    browser = shown("#at=5")
    before = state_of(browser)["point"]
    focus(browser, "column-1")
    browser.press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_UP, "+")
    frames(browser)
    after = state_of(browser)["point"]
    assert after["W"][0][1] == pytest.approx(before["W"][0][1] + 0.02)
    assert after["W"][1][1] == pytest.approx(before["W"][1][1] + 0.01)
    assert after["b"][1] == pytest.approx(before["b"][1] + 0.01)
    expected = Potential(TMS(6)).loss(after["W"], after["b"])
    assert float(text_of(browser, "loss")) == pytest.approx(expected, abs=5.1e-9)
    browser.run("document.activeElement.blur()")
    browser.press("z", held=(Keys.CONTROL,))
    frames(browser)
    assert state_of(browser)["point"] == before
    browser.press("z", held=(Keys.CONTROL, Keys.SHIFT))
    frames(browser)
    assert state_of(browser)["point"] == after


def centre(browser: Browser, name: str) -> tuple[float, float]:
    box = browser.run(
        "const e = document.querySelector(arguments[0]); e.scrollIntoView({block: 'center'});"
        "const box = e.getBoundingClientRect();"
        "return [box.left + box.width / 2, box.top + box.height / 2]",
        f"#{name} .knob",
    )
    return box[0], box[1]


def dragged(browser: Browser, name: str, dx: float, dy: float, kind: str) -> None:
    """Drag something by pixels, with the mouse or a finger."""
    x, y = centre(browser, name)
    for part, (px, py) in enumerate([(x, y), (x + dx / 2, y + dy / 2), (x + dx, y + dy), (x + dx, y + dy)]):
        if kind == "touch":
            what = ("touchStart", "touchMove", "touchMove", "touchEnd")[part]
            points = [] if what == "touchEnd" else [{"x": px, "y": py}]
            browser.emulate("Input.dispatchTouchEvent", type=what, touchPoints=points)
        else:
            what = ("mousePressed", "mouseMoved", "mouseMoved", "mouseReleased")[part]
            browser.emulate(
                "Input.dispatchMouseEvent", type=what, x=px, y=py, button="left", buttons=1, clickCount=1
            )
    frames(browser)


@pytest.mark.parametrize("kind", ["mouse", "touch"])
@pytest.mark.parametrize("width", [WIDTHS[0], WIDTHS[-1]])
def test_a_column_is_dragged(shown, kind, width):
    browser = shown("#at=5%2B", width=width)
    before = state_of(browser)["point"]
    unit = browser.run("return 160 * document.getElementById('plane').getScreenCTM().a")
    dragged(browser, "column-0", -0.25 * unit, -0.5 * unit, kind)
    after = state_of(browser)
    assert after["point"]["W"][0][0] == pytest.approx(before["W"][0][0] - 0.25, abs=0.02)
    assert after["point"]["W"][1][0] == pytest.approx(before["W"][1][0] + 0.5, abs=0.02)
    assert after["point"]["b"] == before["b"]
    assert "W=" in browser.driver.current_url
    click(browser, "#undo")
    assert state_of(browser)["point"] == before
    assert browser.errors() == []


def test_numbers_can_be_typed_and_slid(shown):
    from selenium.webdriver.common.keys import Keys

    browser = shown("#at=6")
    focus(browser, "b-2")
    browser.press("a", held=(Keys.CONTROL,))
    browser.press("-0.5", Keys.ENTER)
    frames(browser)
    assert state_of(browser)["point"]["b"][2] == -0.5
    focus(browser, "slide-3")
    browser.press(Keys.ARROW_RIGHT)
    frames(browser)
    assert -0.62 < state_of(browser)["point"]["b"][3] < -0.59
    focus(browser, "importance-slide")
    browser.press(Keys.ARROW_LEFT)
    frames(browser)
    state = state_of(browser)
    assert state["importance"] == 0.99
    loss = Potential(TMS(6, importance=[1, 1, 1, 1, 1, 0.99])).loss(state["point"]["W"], state["point"]["b"])
    assert float(text_of(browser, "loss")) == pytest.approx(loss, abs=5.1e-9)


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_a_walk_ends_in_a_critical_point(shown, browser, motion):
    browser.prefer(reduced_motion=motion)
    shown("#at=4%2B..5@30")
    focus(browser, "column-0")
    before = float(text_of(browser, "loss"))
    browser.press("w")
    browser.driver.execute_async_script("""
        const done = arguments[0], walk = document.getElementById("walk");
        const look = () => walk.getAttribute("aria-pressed") === "true" ? setTimeout(look, 50) : done();
        setTimeout(look, 50)""")
    frames(browser)
    assert (text_of(browser, "nearest"), before > 0.07) == ("5", True)
    assert float(text_of(browser, "loss")) == pytest.approx(Catalogue(6)["5"].loss, abs=1e-8)
    assert text_of(browser, "said").startswith("At rest at L = 0.068744, nearest 5")
    click(browser, "#undo")
    assert float(text_of(browser, "loss")) == before


def test_reduced_motion_shows_no_frame_between(shown, browser):
    browser.prefer(reduced_motion="reduce")
    shown("#at=4%2B..5@30")
    browser.run("document.getElementById('walk').click()")
    assert browser.run("return document.getElementById('walk').getAttribute('aria-pressed')") == "false"
    frames(browser)
    assert text_of(browser, "nearest") == "5"


def test_a_step_goes_down(shown):
    browser = shown(MOVED)
    before = state_of(browser)["point"]
    click(browser, "#step")
    after = state_of(browser)["point"]
    tms = TMS(6, importance=[1, 1, 1, 1, 1, 0.8])
    potential = Potential(tms)
    _, W, b = potential.loss_and_gradient(before["W"], before["b"])
    rate = 1 / (1 + (np.array(before["W"]) ** 2).sum(axis=0).max())
    assert np.array(after["W"]) == pytest.approx(np.array(before["W"]) - rate * W, abs=1e-12)
    assert np.array(after["b"]) == pytest.approx(np.array(before["b"]) - rate * b, abs=1e-12)


def test_a_path_is_walked_with_the_slider(shown, landscape):
    from selenium.webdriver.common.keys import Keys

    browser = shown("#at=5%2B..6")
    edge = next(e for e in landscape.saddles if (e.first, e.second) == ("5+", "6"))
    assert float(text_of(browser, "loss")) == pytest.approx(edge.saddle_loss, abs=5.1e-9)
    focus(browser, "step-along")
    browser.press(Keys.HOME)
    frames(browser)
    assert (text_of(browser, "nearest"), text_of(browser, "way-from")) == ("5⁺", "5⁺")
    browser.press(Keys.END)
    frames(browser)
    assert text_of(browser, "nearest") == "6"
    assert float(text_of(browser, "loss")) == pytest.approx(Catalogue(6)["6"].loss, abs=1e-6)
    assert "at=5+..6@" in browser.driver.current_url


# --- addresses --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fragment", SHOWN)
def test_the_address_holds_the_whole_state(shown, fragment):
    browser = shown(fragment)
    first = state_of(browser)
    address = browser.driver.current_url
    shown("#" + address.partition("#")[2])
    assert state_of(browser) == first
    assert browser.driver.current_url == address


def test_every_change_is_in_the_address(shown):
    browser = shown(MOVED)
    for change in ("kgon.state.point.b[0] = 0.123456789012345", "kgon.state.strength = 77"):
        browser.run(change)
        assert browser.run("return kgon.readState(kgon.writeState(kgon.state))") == state_of(browser)


def test_a_link_within_the_page_is_followed_and_can_be_undone(shown):
    browser = shown("#at=5")
    browser.run("location.hash = '#at=4%2B%2B&n=50'")
    pause(browser, 0.1)
    assert (state_of(browser)["at"], state_of(browser)["strength"]) == ("4++", 50)
    click(browser, "#undo")
    assert state_of(browser)["at"] == "5"
    browser.run("location.hash = '#at=nothing'")
    pause(browser, 0.1)
    assert (state_of(browser)["at"], text_of(browser, "said")) == ("5", "The address holds no point.")


def test_letters_are_commands_beside_the_plane_only(shown):
    browser = shown(MOVED)
    before = state_of(browser)["point"]
    focus(browser, "copy-python")
    browser.press("s")
    frames(browser)
    assert state_of(browser)["point"] == before
    focus(browser, "step")
    browser.press("s")
    frames(browser)
    assert state_of(browser)["point"] != before


@pytest.mark.parametrize(
    "fragment", ["#at=9", "#W=1,2;3", "#c=99", "#at=5..6@7", "#%E0%A4%A", "#W=a,b;c,d&b=1", "#at=4+..5@1000"]
)
def test_an_address_without_a_point_says_so(shown, fragment):
    browser = shown(fragment)
    assert text_of(browser, "said").startswith("The address holds no point")
    assert state_of(browser)["at"] == "6"
    assert browser.errors() == []


def test_another_number_of_features(shown):
    from selenium.webdriver.support.ui import Select

    browser = shown("#theory=laplace")
    for c in (4, 5, 7, 8):
        Select(browser.driver.find_element("id", "features")).select_by_value(str(c))
        frames(browser)
        lowest = min(Catalogue(c), key=lambda p: p.loss)
        assert float(text_of(browser, "loss")) == pytest.approx(lowest.loss, abs=5.1e-9)
        assert text_of(browser, "slope") == "0"
        assert len(browser.driver.find_elements("css selector", ".handle")) == c
        assert browser.overflow() <= 0
    assert browser.errors() == []
