"""Commands that write tables and figures, and the main job, as a user meets them."""

import json
from pathlib import Path

import pytest
from support.command import data_of, run
from support.exhaustive import exhaustive
from support.latex import compiled, complaints

from kgon.report.tables import TABLES

pytestmark = pytest.mark.usefixtures("common_store")


def test_lists_name_everything(capsys):
    tables = {row["name"] for row in data_of(capsys, "table", "--list")}
    figures = {row["name"] for row in data_of(capsys, "figure", "--list")}
    assert {"catalogue", "phases", "ncrit", "exact", "existence", "claims"} <= tables
    assert {"energy-levels", "kgon", "free-energy", "occupancy", "toy-posterior", "taxonomy"} <= figures


@pytest.mark.parametrize(
    "name",
    exhaustive(
        ["catalogue", "phases", "ncrit", "exact", "existence", "claims"],
        quick=["catalogue", "phases", "ncrit"],
    ),
)
def test_every_table_is_written_in_every_format(capsys, tmp_path, name):
    paths = data_of(capsys, "table", name, "--out", str(tmp_path))["paths"]
    assert len(paths) == 4
    assert all((tmp_path / path).stat().st_size > 100 for path in paths)


@pytest.mark.slow
def test_reproduce_writes_everything_and_judges(capsys, tmp_path):
    out = tmp_path / "out"
    code, text, err = run(capsys, "reproduce", "--out", str(out))
    assert code == 0
    assert "claim" in text and "published" in text and "verdict" in text
    assert "artefacts as kept" in err or "figure energy-levels" in err
    document = json.loads((out / "claims.json").read_text())
    verdicts = {claim["name"]: claim["verdict"] for claim in document["data"]["claims"]}
    assert verdicts["n_crit(5 → 6), theory prior, β = 1"] == "PROVED"
    assert verdicts["c of the 6-gon = ½‖w*‖²"] == "REFUTED"
    for name in document["data"]["files"]:
        assert (out / name).stat().st_size > 0
    names = {Path(name).stem for name in document["data"]["files"] if name.endswith(".tex")}
    assert names == {name for name, found in TABLES.items() if not found.slow}
    written = [(out / "tables" / f"{name}.tex").read_text() for name in sorted(names)]
    for paper in ("a4paper", "letterpaper"):
        assert complaints(compiled(tmp_path, written, paper)) == []
    strict, _, _ = run(capsys, "reproduce", "--out", str(out), "--strict", "--no-progress")
    assert strict == 1
