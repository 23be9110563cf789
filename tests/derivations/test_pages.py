"""The committed pages are what the scripts write, and a false claim stops a script."""

import subprocess
import sys

import pytest
import sympy as sp
from parts.page import Page, is_zero, main, shown
from support.derivation import FOLDER, SCRIPTS, load
from support.exhaustive import exhaustive

PAGES = FOLDER.parent / "docs" / "derivations"


QUICK = ("02a_algebraic_numbers", "02b_other_columns")
"""Scripts that take a second; the pages of the others are compared among the slow checks."""


@pytest.mark.parametrize("name", exhaustive([x.stem for x in SCRIPTS], quick=QUICK))
def test_the_committed_page_is_what_the_script_writes(name, capsys):
    assert main(load(name).build, ["--check"]) == 0, capsys.readouterr().out


def test_a_script_ends_with_the_exit_code():
    script = FOLDER / "02a_algebraic_numbers.py"
    command = [sys.executable, str(script), "--check"]
    assert subprocess.run(command, check=False, stdout=subprocess.DEVNULL).returncode == 0


def test_every_page_has_its_script_and_is_in_the_index():
    pages = {path.stem for path in PAGES.glob("*.rst")}
    assert pages == {path.stem for path in SCRIPTS}
    index = (PAGES / "index.md").read_text(encoding="utf-8")
    assert all(name in index for name in pages)


def test_check_finds_a_changed_page(tmp_path, capsys):
    def build():
        page = Page("00_example.py", "Example")
        page.check("1 + 1 = 2", sp.Integer(2) == 2)
        return page

    here = ["--out", str(tmp_path)]
    assert main(build, [*here, "--check"]) == 1  # not written yet
    assert main(build, here) == 0
    assert main(build, [*here, "--check"]) == 0
    path = tmp_path / "00_example.rst"
    path.write_text(path.read_text().replace("2", "3"))
    assert main(build, [*here, "--check"]) == 1
    assert "differs" in capsys.readouterr().out


def test_a_false_identity_stops_the_script():
    page = Page("00_example.py", "Example")
    x = sp.Symbol("x")
    page.check("a true identity", is_zero((x + 1) ** 2 - x**2 - 2 * x - 1))
    with pytest.raises(AssertionError, match="does not hold: the square of a sum"):
        page.check("the square of a sum", is_zero((x + 1) ** 2 - x**2 - 1))
    with pytest.raises(AssertionError, match="a truthy object is not a decided claim"):
        page.check("a truthy object is not a decided claim", x)
    with pytest.raises(AssertionError, match="is not the computed"):
        shown("2x", x, 2 * x)
    assert page.claims == 1
