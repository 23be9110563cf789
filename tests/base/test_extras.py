"""Every extra of the package is known, and its absence is one line that can be followed."""

import sys
import tomllib
from pathlib import Path

import pytest

from kgon.base.extras import EXTRAS, check_extra
from kgon.base.verdicts import KgonError


@pytest.mark.parametrize("extra", EXTRAS)
def test_a_missing_extra_says_what_to_install(monkeypatch, extra):
    name, modules = EXTRAS[extra]
    monkeypatch.setitem(sys.modules, modules[-1], None)  # what an import meets where it is not installed
    with pytest.raises(KgonError, match=rf"^this needs {name}: pip install '\.\[{extra}\]' in the clone"):
        check_extra(extra, "this")


def test_the_extras_are_those_of_the_package():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert EXTRAS.keys() <= project["optional-dependencies"].keys()


def test_no_text_advises_a_package_index():
    """Kgon is installed from a clone."""
    root = Path(__file__).parents[2]
    pages = [root / "README.md", *(root / "docs").glob("*.md"), *(root / "kgon").rglob("*.py")]
    assert [page for page in pages if "'kgon[" in page.read_text(encoding="utf-8")] == []
