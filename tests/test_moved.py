"""No test was lost when the house was rebuilt: every test of before has an image today.

The list is ``tests/support/moved_tests.csv``; its head says how to extend it when a test is renamed, moved
or split.  Files are read as syntax trees, nothing is imported.
"""

import ast
import csv
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TABLE = Path(__file__).parent / "support" / "moved_tests.csv"
TESTS, EXAMPLES = 1208, 104
"""Test functions, and docstrings with examples, of commit a47599e."""


def rows() -> list[tuple[str, str]]:
    """Old and new names, in the order of the file."""
    lines = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    header, *found = [tuple(row) for row in csv.reader(lines)]
    assert header == ("old", "new")
    return found


@cache
def names_in(path: str) -> frozenset[str]:
    """Tests of a file of tests/, or objects of a module whose docstring has an example."""
    if not (ROOT / path).is_file():
        return frozenset()
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(found_tests(tree) if path.startswith("tests/") else found_examples(tree))


def found_tests(node: ast.AST, *outer: str):
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef) and child.name.startswith("Test"):
            yield from found_tests(child, *outer, child.name)
        elif isinstance(child, ast.FunctionDef) and child.name.startswith("test"):
            yield "::".join([*outer, child.name])


def found_examples(node: ast.AST, *outer: str):
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ">>>" in (
        ast.get_docstring(node) or ""
    ):
        yield ".".join(outer)
    for child in ast.iter_child_nodes(node):
        inner = (*outer, child.name) if isinstance(child, ast.ClassDef | ast.FunctionDef) else outer
        yield from found_examples(child, *inner)


def exists(name: str) -> bool:
    """Whether file::name is a test or an example of today."""
    path, _, inner = name.partition("::")
    return inner in names_in(path)


def test_the_list_is_whole():
    old = {name for name, _ in rows()}
    counts = [sum(name.startswith(folder) for name in old) for folder in ("tests/", "kgon/")]
    assert counts == [TESTS, EXAMPLES]
    assert len(set(rows())) == len(rows()), "a line stands twice"


def test_every_test_has_an_image():
    assert [(old, new) for old, new in rows() if not exists(new)] == []


HERE = "tests/test_moved.py"


@pytest.mark.parametrize(
    "name", ["", "tests/gone.py::test_x", f"{HERE}::test_gone", f"{HERE}::exists", "kgon/base/work.py::gone"]
)
def test_what_is_not_there_is_no_image(name):
    assert not exists(name)
