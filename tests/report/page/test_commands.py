"""The commands that the page names are commands."""

from __future__ import annotations

import shlex

import pytest

from kgon.cli.parser import parser
from kgon.report.artefact import SHOWN, artefacts

COMMANDS = sorted({x.told_by for kind in SHOWN for x in artefacts(kind).values() if kind != "method"})


@pytest.mark.parametrize("command", COMMANDS)
def test_it_is_parsed(command: str) -> None:
    program, *given = shlex.split(command)
    found = parser().parse_args(given)
    assert program == "kgon" and found.command == given[0]
    if found.command in ("table", "figure"):
        assert found.name in artefacts(found.command)


def test_another_is_not() -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["ncrit", "--no-such-option"])
