"""The list of what PROVED stands for has every module that says it, and what it names is there."""

import ast
import re
from pathlib import Path

from kgon.cli.registry import COMMANDS

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "what-proved-means.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
    for line in PAGE.split("## The list")[1].split("## As it is printed")[0].splitlines()
    if line.startswith("| `")
]
MODULES = {name for row in ROWS for name in re.findall(r"`([^`]+)`", row[2])}


def says_proved(tree):
    """Whether a module makes the verdict itself: ``Verdict.PROVED`` or ``proved=`` outside a comparison."""
    compared = {
        id(part) for node in ast.walk(tree) if isinstance(node, ast.Compare) for part in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "PROVED" and id(node) not in compared:
            return True
        if isinstance(node, ast.keyword) and node.arg == "proved":
            constant = isinstance(node.value, ast.Constant)
            if not constant or node.value.value is True:
                return True
    return False


def test_every_module_that_proves_is_in_the_list():
    """``base.verdicts`` defines the word; the checkers speak for themselves."""
    found = set()
    for path in (ROOT / "kgon").rglob("*.py"):
        name = ".".join(path.relative_to(ROOT / "kgon").with_suffix("").parts)
        if says_proved(ast.parse(path.read_text(encoding="utf-8"))):
            found.add(name)
    found.remove("base.verdicts")
    missing = {name for name in found if not any(f"{name}.".startswith(f"{x}.") for x in MODULES)}
    assert not missing


def test_modules_and_commands_of_the_list_are_there():
    for name in MODULES:
        path = ROOT / "kgon" / Path(*name.split("."))
        assert path.is_dir() or path.with_suffix(".py").is_file(), name
    commands = {words.split()[0] for row in ROWS for words in re.findall(r"`([^`]+)`", row[0])}
    assert commands <= set(COMMANDS)
    assert len(ROWS) >= 12 and all(len(row) == 5 and all(row) for row in ROWS)
