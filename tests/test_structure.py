"""The house: import contracts, file sizes, and a README that tells the truth."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_import_contracts():
    tool = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([tool], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


STANDALONE = "check.py"
"""The checker runs by itself and may not be split; it has a bound of its own."""


def test_no_module_is_longer_than_500_lines():
    files = [*ROOT.glob("kgon/**/*.py"), *ROOT.glob("derivations/*.py"), *ROOT.glob("tests/**/*.py")]
    sizes = {path.name: len(path.read_text().splitlines()) for path in files}
    assert sizes.pop(STANDALONE) <= 700
    assert {name: size for name, size in sizes.items() if size > 500} == {}


def test_the_readmes_python_example_runs():
    example = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    assert example is not None
    done = subprocess.run([sys.executable, "-c", example[1]], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "601.005" in done.stdout
    assert "0.1599" in done.stdout or "0.15986" in done.stdout
    assert re.search(r"nearest k-gon\s+5\+", done.stdout)
    assert re.search(r"distance\s+0\.0026", done.stdout)


def test_the_top_level_is_what_it_should_be():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if tracked.returncode:
        pytest.skip("not a git checkout")
    top = {name.split("/")[0] for name in tracked.stdout.split()}
    assert top <= {
        "pyproject.toml", "README.md", "kgon", "derivations", "tests", "docs", ".ci", "LICENSE",
        "CITATION.cff", "CHANGELOG.md", ".gitignore", ".importlinter",
    }  # fmt: skip
