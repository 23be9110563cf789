"""What long commands found is kept beside the pages, and they show it by its name."""

import json
import re
import shlex
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from support.command import run

import kgon
from kgon.cli.parser import parser
from kgon.proofs.nearby import certify_near

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs").glob("*.md"))
LARGEST_ERROR = 3
"""Standard errors by which a quick and a long run may differ."""


def test_each_result_is_a_document_of_its_command(kept):
    assert {path.stem for path in kept.FOLDER.iterdir()} == set(kept.COMMANDS)
    for name, command in kept.COMMANDS.items():
        whole = json.loads((kept.FOLDER / f"{name}.json").read_text(encoding="utf-8"))
        assert whole["command"] == f"kgon {command}"
        assert whole["schema"] == f"kgon/{command.split()[0]}/1"
        assert whole["kgon"] == kgon.__version__


def test_every_command_is_one_that_kgon_understands(kept):
    reader = parser()
    for command in kept.COMMANDS.values():
        reader.parse_args(shlex.split(command))


def test_every_result_is_quoted_and_every_quotation_is_there(kept):
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    asked = re.findall(r"\{kept\}`([^`]*)`", text)
    tables = re.findall(r"^:::\{kept-table\} (\S+)", text, re.M)
    assert len(asked) > 80 and len(tables) >= 4
    for each in asked:
        assert kept.shown(each), each
    assert {each.partition(" ")[0] for each in asked} | set(tables) <= set(kept.COMMANDS)


def test_points_that_the_search_found_are_critical_and_have_the_kept_loss(kept):
    smooth = [point for point in kept.kept("search") if point["certificate"]]
    assert len(smooth) > 15
    for point in smooth:
        proof = certify_near(np.array(point["W"]), np.array(point["b"]))
        assert proof.verdict is kgon.Verdict.PROVED and proof.negative in (None, point["index"])
        assert proof.loss_lower - 1e-15 <= point["loss"] <= proof.loss_upper + 1e-15


@pytest.mark.parametrize("name", ["six", "switch"])
def test_events_of_a_branch_are_found_again(kept, name, capsys):
    code, out, _ = run(capsys, *shlex.split(kept.COMMANDS[name]), "--json")
    assert code == 0
    fresh = kept.without(json.loads(out)["data"])
    pairs = [(fresh, kept.kept(name))] if name == "six" else zip(fresh, kept.kept(name), strict=True)
    for found, before in pairs:
        assert [x["kind"] for x in found["events"]] == [x["kind"] for x in before["events"]]
        for x, y in zip(found["events"], before["events"], strict=True):
            assert x["parameter"] == pytest.approx(y["parameter"], abs=1e-11)


def test_a_short_run_from_a_kept_training_has_its_bits(kept, capsys):
    """Run k does not depend on how many there are, and each of the three starts is another command."""
    code, out, _ = run(
        capsys, *shlex.split("train --trajectories 2 --start small --seed 3 --json --no-progress")
    )
    assert code == 0
    last = [x["plateaus"][-1]["label"] for x in json.loads(out)["data"]["trajectories"]]
    assert set(last) <= set(kept.kept("train-small")["ends"])


def test_quick_parts_of_the_bias_agree_with_those_of_the_long_run(kept, quoted):
    columns = {"ours": "chains", "finite n": "of-n", "γ": "of-gamma", "density": "of-the-density"}
    for row in kept.kept("llc-bias")["rows"]:
        for column, name in columns.items():
            quick = quoted.known()[f"lambda-hat.{row['label']}.{name}"]["value"]
            (first, its), (second, others) = [map(Decimal, x.split(" ± ")) for x in (quick, row[column])]
            assert (first - second) ** 2 <= LARGEST_ERROR**2 * (its**2 + others**2), (row["label"], column)


def test_paths_formats_and_tables(kept, monkeypatch):
    data = {
        "columns": [{"key": "label", "heading": "k-gon"}, {"key": "x", "heading": "λ̂"}],
        "rows": [{"label": "5", "x": "7.71 ± 0.85"}, {"label": "6", "x": "9.03 ± 0.59"}],
        "points": [{"loss": 0.06929, "index": 1}, {"loss": 0.11, "index": None}],
    }
    monkeypatch.setattr(kept, "kept", lambda name: data)
    assert kept.shown("a rows/label=6/x") == "9.03 ± 0.59"
    assert kept.shown("a rows/label=6/x .1f") == "9.0"
    assert kept.shown("a points/loss=0.0693/loss .1%") == "6.9%"
    assert kept.shown("a points/0/index") == "1"
    for wrong in ("a rows/label=7/x", "a points/loss=0.1&index=2/loss", "a rows/9", "a nothing"):
        with pytest.raises(LookupError):
            kept.shown(wrong)
    assert kept.table("a", {}, {}) == [
        "| k-gon | λ̂ |", "|---|---|", "| 5 | 7.71 ± 0.85 |", "| 6 | 9.03 ± 0.59 |",
    ]  # fmt: skip
    turned = kept.table("a", {"columns": "label|; x|estimate", "rows": "label=6", "turned": ""}, {})
    assert turned == ["| k-gon | 6 |", "|---|---|", "| estimate | 9.03 ± 0.59 |"]
    said = kept.table("a points", {"columns": "loss|L|.4f; index", "words": "what"}, {"0.0693": "a saddle"})
    assert said[2:] == ["| 0.0693 | 1 | a saddle |", "| 0.1100 |  |  |"]
    with pytest.raises(LookupError, match="words of no row"):
        kept.table("a points", {"columns": "loss|L|.4f", "words": "what"}, {"0.07": "a saddle"})
