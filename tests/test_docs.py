"""The examples in the documentation run, and show what they print."""

import doctest
import re
from pathlib import Path

import pytest
from support.command import need

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"```python\n(.*?)```", re.S)
PAGES = {path.stem: BLOCK.findall(path.read_text(encoding="utf-8")) for path in (ROOT / "docs").glob("*.md")}
SESSIONS = sorted(name for name, blocks in PAGES.items() if any(">>>" in block for block in blocks))
"""Pages whose blocks are sessions of the interpreter; the blocks of a page are one session."""
SCRIPTS = sorted(name for name, blocks in PAGES.items() if blocks and name not in SESSIONS)
"""Pages whose blocks are code without its output."""
ELSEWHERE = {"real-models"}
"""Run by tests/potential/test_torch.py, together with the commands of the page."""


@pytest.mark.parametrize("name", SESSIONS)
def test_a_session_prints_what_the_page_shows(name):
    test = doctest.DocTestParser().get_doctest("\n".join(PAGES[name]), {}, name, f"docs/{name}.md", 0)
    assert test.examples
    assert doctest.DocTestRunner().run(test).failed == 0


@pytest.mark.slow
@pytest.mark.integration
@pytest.mark.parametrize("name", sorted({*SCRIPTS} - ELSEWHERE))
def test_a_script_runs(name, tmp_path, monkeypatch):
    need("arviz_base")
    monkeypatch.chdir(tmp_path)
    exec("\n".join(PAGES[name]), {})
