"""Exit codes, and output that nobody reads to its end."""

import json
import subprocess
import sys

import pytest
from support.command import run

from kgon.base.table import Table
from kgon.base.verdicts import UndecidedError
from kgon.cli.outcome import Outcome


def test_undecided_is_exit_1(capsys, monkeypatch):
    def undecided(*_, **__):
        raise UndecidedError("too close")

    monkeypatch.setattr("kgon.free_energy.n_crit", undecided)
    code, _, err = run(capsys, "ncrit", "5", "6")
    assert (code, err) == (1, "kgon ncrit: undecided: too close\n")


@pytest.mark.parametrize(
    ("name", "argv"), [("exact", ["exact", "6"]), ("prove_existence", ["exists", "--k", "5"])]
)
def test_undecided_numbers_are_exit_1(capsys, monkeypatch, name, argv):
    def undecided(*_, **__):
        raise UndecidedError("too close")

    monkeypatch.setattr(f"kgon.kgons.{name}", undecided)
    assert run(capsys, *argv) == (1, "", f"kgon {argv[0]}: undecided: too close\n")


def test_a_closed_pipe_is_not_an_error():
    command = f"{sys.executable} -m kgon catalogue --json | head -n 1"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith("{")
    assert "Traceback" not in done.stderr


def test_a_table_is_made_only_where_it_is_asked_for():
    made = []
    outcome = Outcome({}, "text", tabulate=lambda: made.append(1) or Table("t", "title", [], []))
    assert outcome.printed("x", {"json": False}) == "text" and made == []
    assert json.loads(outcome.printed("x", {"json": True}))["data"] == {} and made == []
    assert "title" in outcome.printed("x", {"json": False, "format": "markdown"}) and made == [1]
