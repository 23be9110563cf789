"""What commands call proved has been checked by another process; what that refuses is undecided."""

import dataclasses
import json
from functools import partial

import pytest
from support.command import data_of, run
from support.minimum_prover import certificates, sealed

from kgon.base.verdicts import Verdict
from kgon.branches.compare import continue_branch
from kgon.branches.results import KgonBranch
from kgon.proofs import certificates as prover
from kgon.proofs import global_minimum
from kgon.proofs.certificates import ACCEPTED, certify, write_certificates
from kgon.report import checked, studies
from kgon.report.checked import check_apart, check_one
from kgon.report.claims.free_energy import learning_claims
from kgon.report.claims.kgons import minima_claims


@pytest.fixture
def files(tmp_path):
    """A good certificate, one that is changed, one that leaves the kind open, and what is none."""
    good = certify("4", 6)
    bad = sealed({**good, "claims": {**good["claims"], "loss": "1/10"}})
    texts = {
        "good": json.dumps(good),
        "bad": json.dumps(bad),
        "five": json.dumps(certificates()[5]),
        "none": "",
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.json").write_text(text)
    return [tmp_path / f"{name}.json" for name in texts]


def test_one_process_checks_many_files(files, monkeypatch):
    started = []
    real = checked.subprocess.run
    monkeypatch.setattr(checked.subprocess, "run", lambda *a, **k: started.append(a) or real(*a, **k))
    assert check_apart(files) == [
        ACCEPTED,
        "REJECTED by kgon.proofs.check: claims.loss is not 1/9",
        ACCEPTED,
        "REJECTED by kgon.proofs.check: the file is empty",
    ]
    assert len(started) == 1 and "--json" in started[0][0] and "-I" in started[0][0]
    assert check_apart([]) == [] and len(started) == 1


def test_what_was_said_is_kept_by_contents(files, tmp_path, monkeypatch):
    keep = tmp_path / "kept"
    said = check_apart(files, keep)
    asked = []
    monkeypatch.setattr(checked, "_said", lambda names: asked.extend(names) or ["anew"] * len(names))
    assert check_apart(files, keep) == said and asked == []
    files[0].write_text(json.dumps(certify("4-", 6)))
    assert check_apart(files, keep) == ["anew", *said[1:]] and asked == [str(files[0])]
    monkeypatch.setattr(checked, "CHECKERS", tmp_path)  # other checkers
    assert check_apart(files, keep) == ["anew"] * 4


def test_a_process_that_fails_accepts_nothing(files, tmp_path, monkeypatch):
    (tmp_path / "folder").mkdir()
    monkeypatch.setattr(checked, "_key", str)
    (said,) = set(check_apart([*files[:1], tmp_path / "folder"]))
    assert "not a regular file" in said and said.startswith("not checked: ")
    monkeypatch.setattr(checked, "ALONE", "raise SystemExit('no {!r}')")
    (said,) = check_apart(files[:1])
    assert said.startswith("not checked: ") and said != ACCEPTED


@pytest.mark.parametrize("said", [ACCEPTED, "REJECTED by kgon.proofs.check: for a test"])
def test_results_say_what_the_checker_said(tmp_path, said):
    good = said == ACCEPTED
    wanted = Verdict.PROVED if good else Verdict.UNDECIDED
    label, c = prover.check_label("4", 6)
    point = write_certificates([label], c, tmp_path)[0].checked_as(said)
    minimum = global_minimum.prove_global_minimum(5, folder=tmp_path).checked_as(said)
    branch = continue_branch(
        "5+", role="positive", lower=0.95, upper=1.0, certify=True, accept=lambda _: said
    )
    square = continue_branch("4+", role="positive", lower=0.5, upper=1.2, certify=True, accept=lambda _: said)
    for found in (point, minimum, branch, square):
        assert (found.checked, found.verdict) == (said, wanted)
        assert said in str(found) and ("PROVED" in str(found)) is good
        assert json.loads(found.to_json())["data"]["checked"] == said
    assert minimum.bound > 0 if good else (minimum.bound, minimum.reason) == (0, said)
    assert KgonBranch.from_json(branch.to_json()).checked == said


def forge(monkeypatch, module):
    """The prover writes what is false, with the right digest."""
    real = module.write_document

    def forged(document, path):
        claims = {**document.get("claims", {}), "loss": "1/10"} if "claims" in document else None
        changes = {"c": 7} if claims is None else {"claims": claims}
        return real(sealed({**document, **changes}), path)

    monkeypatch.setattr(module, "write_document", forged)


def test_the_commands_ask_before_they_say_proved(tmp_path, capsys, monkeypatch):
    (found,) = data_of(capsys, "certify", "4", "--out", str(tmp_path))
    assert (found["verdict"], found["checked"]) == ("PROVED", ACCEPTED)
    found = data_of(capsys, "prove", "global-minimum", "-c", "4", "--out", str(tmp_path))
    assert (found["verdict"], found["checked"]) == ("PROVED", ACCEPTED)
    line = ("continue", "5+", "--role", "positive", "--from", "0.95", "--to", "1.0", "--certify")
    found = data_of(capsys, *line, "--no-progress")
    assert found["checked"] == ACCEPTED
    kept = data_of(capsys, *line, "--no-progress", "--out", str(tmp_path / "run"))
    assert kept["checked"] == ACCEPTED
    assert json.loads((tmp_path / "run" / "branch.json").read_text())["data"]["checked"] == ACCEPTED
    for module in (prover, global_minimum):
        forge(monkeypatch, module)
    for command in (("certify", "4"), ("prove", "global-minimum", "-c", "4")):
        code, out, _ = run(capsys, *command, "--out", str(tmp_path / "forged"))
        assert code == 1 and "UNDECIDED" in out and "REJECTED by kgon.proofs.check: " in out
        assert "PROVED" not in out


def test_the_main_job_asks(tmp_path, monkeypatch):
    study = studies.point_certificates
    found = study(tmp_path)
    assert {x["verdict"] for x in found.values()} == {"minimum", "not a minimum"} and len(found) == 21
    (claim,) = [x for x in minima_claims(found) if "labels that are local minima" in x.name]
    assert claim.verdict is Verdict.PROVED
    assert [x.verdict for x in learning_claims(found)[:2]] == [Verdict.PROVED] * 2
    assert len(list(tmp_path.glob("c6_*.json"))) == len(found)
    with monkeypatch.context() as patched:
        patched.setattr(checked, "check_apart", lambda files: ["REJECTED"] * len(files))
        refused = study(tmp_path)
    assert {x["verdict"] for x in refused.values()} == {"UNDECIDED"}
    (claim,) = [x for x in minima_claims(refused) if "labels that are local minima" in x.name]
    assert claim.verdict is Verdict.UNDECIDED
    assert [x.verdict for x in learning_claims(refused)[:2]] == [Verdict.UNDECIDED] * 2
    monkeypatch.setattr(studies, "check_apart", lambda files: ["REJECTED"] * len(files))
    five = partial(global_minimum.prove_global_minimum, 5)
    monkeypatch.setattr(studies, "prove_global_minimum", lambda _, folder: five(folder=folder))
    minimum = studies.minimum(tmp_path)
    assert (minimum.verdict, minimum.checked) == (Verdict.UNDECIDED, "REJECTED")
    assert dataclasses.replace(minimum).reason == "REJECTED"
    assert minimum.certificate is None  # its place is no part of what was found
    assert check_one(tmp_path / "c6_4.json") == ACCEPTED


def test_no_verdict_is_never_kept_and_a_damaged_file_of_them_is_written_anew(files, tmp_path, monkeypatch):
    """As where the other process was ended by the system, or by Ctrl-C."""
    keep = tmp_path / "kept"
    with monkeypatch.context() as killed:
        killed.setattr(checked, "ALONE", "import os; os.abort() #{!r}")
        assert all(x.startswith("not checked: ") for x in check_apart(files[:1], keep))
    assert not keep.exists()
    for text in ("", "[1]", "{", "\udcff"):
        keep.write_text(text, errors="surrogateescape")
        assert check_apart(files[:1], keep) == [ACCEPTED]
    assert json.loads(keep.read_text()).popitem()[1] == ACCEPTED
