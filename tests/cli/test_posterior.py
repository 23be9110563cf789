"""Commands that sample the posterior."""

import json
from dataclasses import replace

import pytest
from support.command import data_of, run

from kgon.base.work import Work
from kgon.experiments.posterior import mixing
from kgon.experiments.posterior.chains import Chains
from kgon.experiments.posterior.evidence import sample_evidence
from kgon.experiments.posterior.evidence_plan import Marks
from kgon.experiments.posterior.evidence_result import EvidenceEffort
from kgon.experiments.posterior.occupancy import FULL
from kgon.kgons.basins import Basins
from kgon.potential.model import TMS

QUICK = ("--ensembles", "4", "--draws", "12", "--no-progress")


def test_sample_writes_draws_and_goes_on_with_them(capsys, tmp_path):
    argv = ("sample", "--n", "30", "--data", "1", "--out", str(tmp_path), *QUICK)
    code, out, _ = run(capsys, *argv, "--json")
    data = json.loads(out)["data"]
    assert code == 1 and "round trips" in data["health"]  # 4 chains of 12 draws prove nothing
    assert {"ess", "rhat", "occupancy", "health"} <= data.keys() and "w" not in data
    assert (tmp_path / "draws.npz").exists() and (tmp_path / "run-01.npz").exists()
    assert run(capsys, *argv, "--json")[1] == out
    drawn = (tmp_path / "draws.npz").read_bytes()
    for option, value in (("--seed", "1"), ("--runs", "1")):
        code, _, err = run(capsys, *argv, option, value)
        assert code == 2 and f"other settings ({option[2:]} " in err and "give another folder" in err
        assert (tmp_path / "draws.npz").read_bytes() == drawn
    code, _, err = run(capsys, "sample", "--n", "30", "--format", "nc")
    assert code == 2 and "--format nc is for --out" in err


def test_occupancy_by_sampling(capsys, tmp_path):
    argv = ("occupancy", "--n", "20,40", "--theory", "mcmc", "--out", str(tmp_path), "--no-progress")
    rows = data_of(capsys, *argv)
    assert sum(row["probability"] for row in rows if row["n"] == 20) == pytest.approx(1)
    assert all(row["stderr"] is not None for row in rows)
    code, _, err = run(capsys, "occupancy", "--n", "20", "--sets", "2")
    assert code == 2 and "--sets 2 is for --theory mcmc" in err
    code, _, err = run(capsys, *argv, "--among", "5,6")
    assert code == 2 and "not for --theory mcmc" in err
    code, _, err = run(capsys, "occupancy", "--n", "20", "--workers", "2")
    assert code == 2 and "--workers 2 is for --theory evidence or mcmc" in err


WEIGHTS = ("--importance", "1,1,1,1,1,1/2")


MODEL = TMS(6, importance=[1, 1, 1, 1, 1, 0.5])


def test_occupancies_are_sampled_in_a_model_of_ones_own(capsys, monkeypatch):
    few = replace(FULL, population=Chains(ensembles=2, draws=8))
    monkeypatch.setattr("kgon.experiments.posterior.occupancy.FULL", few)
    argv = ("occupancy", "--n", "20", *WEIGHTS)
    _, out, _ = run(capsys, *argv, "--theory", "mcmc", "--no-progress", "--json")
    shown = json.loads(out)["data"]
    assert tuple(row["label"] for row in shown) == Basins(MODEL).phases
    assert sum(row["probability"] for row in shown) == pytest.approx(1)
    code, out, err = run(capsys, *argv)
    assert (code, out) == (2, "") and err.count("\n") == 1
    assert "--importance 1,1,1,1,1,1/2 is for --theory evidence or mcmc" in err


def test_an_evidence_of_another_model_is_refused(capsys, tmp_path):
    effort = EvidenceEffort(particles=64, replicates=2)
    sample_evidence(MODEL, sizes=(2.0, 4.0), effort=effort, work=Work(folder=tmp_path))
    argv = ("occupancy", "--n", "3", "--theory", "evidence", "--evidence", str(tmp_path / "evidence.json"))
    code, out, _ = run(capsys, *argv, *WEIGHTS)
    assert code == 0 and "model: importance 1,1,1,1,1,0.5" in out and "5+, positive column 5" in out
    assert run(capsys, *argv)[1] == out  # whose model is that of the file
    code, _, err = run(capsys, *argv, "--importance", "1,1,1,1,1,1/3")
    assert code == 2 and "was sampled with importance 1,1,1,1,1,0.5; asked for is importance" in err


@pytest.mark.slow
def test_occupancies_that_do_not_mix_are_exit_1(capsys, monkeypatch):
    monkeypatch.setattr(mixing, "LEAST_ROUND_TRIPS", 10**9)
    code, out, _ = run(capsys, "occupancy", "--n", "20", "--theory", "mcmc", "--no-progress")
    assert code == 1 and "round trips with the population loss" in out


def test_evidence_is_written_resumed_and_used(capsys, tmp_path):
    folder = tmp_path / "run"
    argv = ("evidence", "--n", "2,4", "--out", str(folder), "--no-progress")
    first = data_of(capsys, *argv)
    assert data_of(capsys, *argv) == first
    file = str(folder / "evidence.json")
    shares = data_of(capsys, "occupancy", "--n", "3", "--theory", "evidence", "--evidence", file)
    assert sum(row["probability"] for row in shares) == pytest.approx(1)
    assert all(row["stderr"] is not None for row in shares if row["probability"])
    found = data_of(capsys, "ncrit", "5", "6", "--theory", "evidence", "--evidence", file)
    assert found["roots"] == [] and found["theory"] == "evidence"
    assert data_of(capsys, "phases", "--theory", "evidence", "--evidence", file)
    code, _, err = run(capsys, "occupancy", "--n", "100", "--theory", "evidence", "--evidence", file)
    assert code == 2 and "from 2 to 4" in err
    bad = tmp_path / "bad.json"
    bad.write_text("{}")
    code, _, err = run(capsys, "ncrit", "5", "6", "--theory", "evidence", "--evidence", str(bad))
    assert code == 2 and "not an evidence.json" in err


def test_irregular_minima_are_phases_of_the_sampled_evidence(capsys, tmp_path):
    few = EvidenceEffort(particles=128, replicates=2)
    found = sample_evidence(7, sizes=(100.0, 150.0, 300.0), effort=few, marks=Marks(split=160.0))
    file = tmp_path / "evidence.json"
    file.write_text(found.to_json(), encoding="utf-8")
    options = ("--theory", "evidence", "--evidence", str(file), "-c", "7")
    shares = {
        row["label"]: row["probability"] for row in data_of(capsys, "occupancy", "--n", "120", *options)
    }
    assert shares["5+:mute"] > 0.02 and shares.get("other", 0.0) < 0.01
    roots = data_of(capsys, "ncrit", "5,5+:mute", "6", *options)
    assert (roots["first"], roots["second"]) == ("5,5+:mute", "6")
    code, _, err = run(capsys, "ncrit", "5+:deaf", "6", *options)
    assert code == 2 and "an irregular minimum looks like 6:211111 or 5+:mute" in err
    code, _, err = run(capsys, "ncrit", "5+:mute", "6", "-c", "7")  # no theory has a constant of it
    assert code == 2 and "mute" in err
