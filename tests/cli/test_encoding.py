"""Output in an encoding that has no Greek letters: every result is printed, and stays readable."""

import ast
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.command import run
from support.exhaustive import exhaustive

import kgon
from kgon.cli.encoding import fitted, spell_out, word


def printed(encoding, *argv):
    """What a command writes to a pipe in this encoding."""
    done = subprocess.run(
        [sys.executable, "-m", "kgon", *argv],
        env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
        capture_output=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode(encoding)


ENCODINGS = [("ascii", "1/2||w||^2"), ("latin-1", "½||w||²")]


@pytest.mark.parametrize(("encoding", "heading"), exhaustive(ENCODINGS, quick=ENCODINGS[:1]))
def test_a_table_is_printed_in_words(encoding, heading):
    out = printed(encoding, "catalogue", "-c", "5")
    assert heading in out and "||grad L||" in out and "lambda" in out and "b >= 5" not in out
    assert "k >= 5" in out and "\\" not in out


def test_the_help_is_printed_in_words():
    assert "sample lambda-hat at this sample size" in printed("ascii", "llc", "--help")


def test_json_is_the_same_in_every_encoding():
    unicode, *others = (printed(x, "exact", "5", "--json") for x in ("utf-8", "ascii", "latin-1"))
    assert not unicode.isascii() and [json.loads(text) for text in others] == [json.loads(unicode)] * 2


def test_frames_stay_in_line():
    lines = fitted("┌───────────────────┐\n│ λ̂  0.1   ± 0.2    │\n└───────────────────┘", "ascii").split("\n")
    assert lines == ["+-------------------+", "| lambda-hat 0.1 +- 0.2 |", "+-------------------+"]
    assert fitted("│ Δ exact           1 │", "ascii") == "| Delta  exact      1 |"


def constants():
    """Texts of the package that are no docstrings."""
    for path in Path(kgon.__file__).parent.rglob("*.py"):
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        documentation = {node.value for node in nodes if isinstance(node, ast.Expr)}
        for node in nodes:
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in documentation:
                yield node.value


def test_every_character_that_the_package_writes_has_words():
    characters = {x for text in constants() for x in text if not x.isascii()}
    assert len(characters) > 40
    for character in characters:
        spelled = word(character)
        assert spelled.isascii() and "\\" not in spelled, (character, spelled)


def test_what_has_no_words_is_escaped(monkeypatch):
    """Such as a file name that is no text: even UTF-8 has no bytes for a lone surrogate."""
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="utf-8"))
    spell_out()
    print("\N{SNOWMAN} λ \udcff", flush=True)
    assert raw.getvalue().decode() == "\N{SNOWMAN} λ \\udcff\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("more", exhaustive([[], ["--json"]], quick=[[]]))
def test_a_full_disk_is_one_line(more):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "kgon", "catalogue", "--no-progress", *more],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (done.returncode, done.stderr.count(b"\n")) == (2, 1)
    assert done.stderr.startswith(b"kgon catalogue: error: ")


def test_an_error_of_the_machine_names_its_file(capsys, monkeypatch):
    def fails(*_, **__):
        Path("nowhere/x.npz").read_bytes()

    monkeypatch.setattr("kgon.free_energy.n_crit", fails)
    assert run(capsys, "ncrit", "5", "6") == (
        2, "", "kgon ncrit: error: nowhere/x.npz: No such file or directory\n",
    )  # fmt: skip


@pytest.mark.skipif(os.name != "posix", reason="closes a descriptor in a shell")
def test_errors_do_not_go_to_standard_output_where_their_own_is_closed():
    command = f"{sys.executable} -m kgon verify nosuch 2>&-"
    done = subprocess.run(["sh", "-c", command], stdout=subprocess.PIPE, check=False)
    assert (done.returncode, done.stdout) == (2, b"")
