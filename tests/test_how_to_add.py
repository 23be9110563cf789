"""The examples of the page *How to add*: each is executed as if it stood in its file, and undone again."""

import re
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.command import data_of, run
from support.drawings import marked

from kgon.base.verdicts import KgonError
from kgon.cli.registry import COMMANDS
from kgon.kgons.catalogue import Catalogue
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.report import artefact, figures, tables
from kgon.sampling.diagnostics import rhat

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/how-to-add.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"## (A [a-z]+)\n[^#]*?```python\n(# .*?)```", PAGE, re.S))
"""The first block of each section; its first line names the file."""

Added = Callable[[str], dict[str, Any]]


@pytest.fixture
def added(monkeypatch: pytest.MonkeyPatch) -> Iterator[Added]:
    """Executes the example for a file, and takes back what it declared."""
    namespaces: list[dict[str, Any]] = []

    def add(what: str) -> dict[str, Any]:
        first, _, source = EXAMPLES[what].partition("\n")
        place = first.split()[-1]
        name = place.removesuffix(".py").replace("/", ".") if place.endswith(".py") else "example"
        module = types.ModuleType(name)
        monkeypatch.setitem(sys.modules, "example", module)  # where a dataclass looks for its names
        namespaces.append(vars(module))
        exec(source, vars(module))
        artefact.artefacts.cache_clear()
        return vars(module)

    yield add
    for registry in (COMMANDS, *artefact._DECLARED.values()):
        for name, declared in list(registry.items()):
            function = declared.make if isinstance(declared, artefact.Artefact) else declared.run
            if any(function.__globals__ is space for space in namespaces):
                del registry[name]
    artefact.artefacts.cache_clear()


def test_every_example_says_where_it_goes() -> None:
    places = {what: text.partition("\n")[0].split()[-1] for what, text in EXAMPLES.items()}
    assert places.keys() >= {"A table", "A figure", "A command", "A sampler"}
    assert [place for place in places.values() if not (ROOT / place).exists()] == []


def test_a_table(added: Added, capsys: Any) -> None:
    assert "flatness" not in tables.TABLES
    added("A table")
    rows = data_of(capsys, "table", "flatness", "-c", "7")["rows"]
    assert [row["ratio"] for row in rows] == [f"{x.bias / x.length**2:.6f}" for x in Catalogue(7)]
    listed = {row["name"]: row["description"] for row in data_of(capsys, "table", "--list")}
    assert listed["flatness"] == "List the bias of every k-gon in units of its squared length."
    assert run(capsys, "table", "flatness", "--theory", "laplace")[0] == 2  # it depends on c alone
    assert r"{$b/l^2$}" in tables.make_table("flatness").latex()


def test_a_figure(added: Added, tmp_path: Path) -> None:
    added("A figure")
    drawn = marked(figures.make_figure("loss-length", c=5), "point")
    places = {(line.get_xdata()[0], line.get_ydata()[0]) for line in drawn}
    assert places == {(point.loss, point.length) for point in Catalogue(5)}
    first, second = (figures.save_figure("loss-length", tmp_path / x, formats=["png"]) for x in "ab")
    assert first[0].read_bytes() == second[0].read_bytes()


def test_a_command(added: Added, capsys: Any) -> None:
    added("A command")
    found = data_of(capsys, "area", "4", "--scale", "2")["area"]
    assert found == pytest.approx(8 * Catalogue(6)["4"].length ** 2)  # a square of diagonal 2 · 2l
    assert "Find the area of the hull of a k-gon." in run(capsys, "area", "--help")[1]
    assert run(capsys, "area", "7")[0] == run(capsys, "area", "6", "--scale", "-1")[0] == 2


def test_a_sampler(added: Added) -> None:
    names = added("A sampler")
    walk = names["RandomWalk"](strength=1e-9, precision=4.0, step_size=0.4, steps=4000)
    loss, centre = Potential(TMS(3)), np.full(9, 0.5)
    draws = names["run_random_walk"](loss, centre, walk, chains=40)
    again = names["run_random_walk"](loss, centre, walk, chains=40)
    assert draws.shape == (40, 4000, 9) and np.array_equal(draws, again)
    late = draws[:, 1000:]
    assert rhat(late[..., 0]) < 1.02
    assert (
        np.abs(late.mean(axis=(0, 1)) - 0.5).max() < 0.03 and np.abs(late.std(axis=(0, 1)) - 0.5).max() < 0.03
    )
    with pytest.raises(KgonError, match="step_size must be positive"):
        names["RandomWalk"](strength=1.0, step_size=0.0)


def test_nothing_is_left(added: Added) -> None:
    assert "flatness" not in tables.TABLES and "loss-length" not in figures.FIGURES and "area" not in COMMANDS
