"""Headless Chromium for the tests of pages: what it says and asks for, and axe-core."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from support.command import need

FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--hide-scrollbars", "--force-color-profile=srgb",
)  # fmt: skip
WIDTHS = (400, 800, 1400)
"""Widths in CSS pixels that a page must fit: a telephone, a tablet, a desk."""
GRAVE = ("serious", "critical")
"""Grades of axe-core that no page may have."""


def need_programs(*names: str) -> list[str]:
    """Find programs; skip where one is missing, unless they are required."""
    found = [shutil.which(name) for name in names]
    for name, path in zip(names, found, strict=True):
        if path is None:
            if os.environ.get("KGON_REQUIRE_INTEGRATION"):
                pytest.fail(f"{name} is required here")
            pytest.skip(f"{name} is not installed")
    return [str(path) for path in found]


class Browser:
    """A page in headless Chromium.

    ``driver`` is Selenium's, for whatever is not here.
    """

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def open(self, page: Path | str, *, width: int = 1400, height: int = 1000, fragment: str = "") -> None:
        """Open a file at a size, as if for the first time; what was logged before is forgotten."""
        self.driver.get("about:blank")
        self.resize(width, height)
        self.errors()
        self.driver.get_log("performance")
        address = page if isinstance(page, str) else page.resolve().as_uri()
        self.driver.get(address + fragment)

    def resize(self, width: int, height: int = 1000) -> None:
        """Set the size of the page in CSS pixels, which may be less than that of a window."""
        size = {"width": width, "height": height}
        self.emulate("Emulation.setDeviceMetricsOverride", **size, deviceScaleFactor=1, mobile=False)

    def prefer(self, **features: str) -> None:
        """Emulate preferences of the user: ``color_scheme="dark"``, ``reduced_motion="reduce"``."""
        media = [{"name": f"prefers-{x.replace('_', '-')}", "value": value} for x, value in features.items()]
        self.emulate("Emulation.setEmulatedMedia", features=media)

    def emulate(self, command: str, **how: Any) -> Any:
        """Execute a command of Chromium's own protocol."""
        return self.driver.execute_cdp_cmd(command, how)

    def run(self, script: str, *given: Any) -> Any:
        """Run a script in the page, as Selenium does: ``return`` hands a value back."""
        return self.driver.execute_script(script, *given)

    def errors(self) -> list[str]:
        """List what the console says, warnings too, since it was last asked."""
        return [x["message"] for x in self.driver.get_log("browser") if x["level"] in ("SEVERE", "WARNING")]

    def requests(self) -> list[str]:
        """List the addresses that were asked for since the page was opened, or since this was asked."""
        messages = [json.loads(x["message"])["message"] for x in self.driver.get_log("performance")]
        sent = [x["params"]["request"]["url"] for x in messages if x["method"] == "Network.requestWillBeSent"]
        return [url for url in sent if not url.startswith(("data:", "about:", "blob:"))]

    def overflow(self) -> float:
        """Measure by how many pixels the page is wider than it may be."""
        return float(self.run("const e = document.documentElement; return e.scrollWidth - e.clientWidth"))

    def too_wide(self) -> list[str]:
        """List the elements that stick out of the page on the right, to say where an overflow comes from."""
        return list(
            self.run("""
            const most = document.documentElement.clientWidth + 1;
            return [...document.body.querySelectorAll('*')]
              .filter(e => e.getBoundingClientRect().right > most)
              .map(e => e.outerHTML.slice(0, 80))""")
        )

    def violations(self, *grades: str) -> list[str]:
        """Ask axe-core what is wrong with the page, by default of the grades ``GRAVE``."""
        self.run(resources.files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
        found = self.driver.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            "axe.run(document, {resultTypes: ['violations']}).then(x => done(x.violations))"
        )
        return [
            f"{x['id']} ({x['impact']}): {node['target']} {node['html'][:120]}"
            for x in found
            for node in x["nodes"]
            if x["impact"] in (grades or GRAVE)
        ]

    def press(self, *keys: str, held: tuple[str, ...] = ()) -> None:
        """Press keys one after another, where the focus is, while others are held."""
        from selenium.webdriver.common.action_chains import ActionChains

        chain = ActionChains(self.driver)
        for key in held:
            chain.key_down(key)
        chain.send_keys(*keys)
        for key in held:
            chain.key_up(key)
        chain.perform()

    def tab_stops(self, most: int = 400) -> list[str]:
        """Press the tabulator from the top until the focus comes round; list a selector of each stop.

        The ``id``, else the role or tag with the name that assistive tools read.
        """
        from selenium.webdriver.common.keys import Keys

        self.run("document.activeElement.blur(); window.scrollTo(0, 0)")
        stops: list[str] = []
        for _ in range(most):
            self.press(Keys.TAB)
            stop = self.run("""
                const e = document.activeElement;
                if (!e || e === document.body) return null;
                const name = e.getAttribute('aria-label') || e.textContent.trim().slice(0, 40);
                return e.id ? '#' + e.id : e.tagName.toLowerCase() + ' ' + name""")
            if stop is None or (stops and stop == stops[0] and stop.startswith("#")):
                break
            stops.append(stop)
        return stops

    def save_shot(self, path: Path, *, whole: bool = True) -> Path:
        """Write a picture of the page, all of its height or what is seen."""
        import base64

        shot = self.emulate("Page.captureScreenshot", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(shot["data"]))
        return path


@contextmanager
def open_browser(profile: Path) -> Iterator[Browser]:
    """Start Chromium with an empty profile; skip where it is missing, unless it is required."""
    need("selenium", "axe_core_python")
    program, tool = need_programs("chromium", "chromedriver")
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(tool))
    driver.set_script_timeout(120)
    try:
        yield Browser(driver)
    finally:
        driver.quit()
