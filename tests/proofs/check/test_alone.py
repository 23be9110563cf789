"""The folder of checkers runs alone: a copy of it, the standard library, all three formats."""

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.minimum_prover import certificates

import kgon.proofs.check
from kgon.branches.certificate import branch_certificate
from kgon.branches.follow import follow_branch
from kgon.proofs.certificates import certify

FOLDER = Path(kgon.proofs.check.__file__).parent
ISOLATED = "import runpy, sys; sys.path.insert(0, {!r}); runpy.run_module('check', run_name='__main__')"


def document(form):
    if form == "kgon-certificate/1":
        return certify("5+", 6)
    if form == "kgon-global-minimum/1":
        return certificates()[5]
    return branch_certificate(follow_branch("5", lower=0.9, upper=1.05, certify=True))


FORMS = ["kgon-certificate/1", "kgon-global-minimum/1", "kgon-branch/1"]


@pytest.fixture(scope="module", params=FORMS)
def good(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("certificates") / "good.json"
    path.write_text(json.dumps(document(request.param)))
    return path


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    folder = tmp_path_factory.mktemp("alone")
    shutil.copytree(FOLDER, folder / "check", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.py")), ids=lambda x: str(x.relative_to(FOLDER)))
def test_it_uses_the_standard_library_alone(path):
    depth = len(path.relative_to(FOLDER).parts)
    nodes = list(ast.walk(ast.parse(path.read_text())))
    names = [a.name for n in nodes if isinstance(n, ast.Import) for a in n.names]
    names += [str(n.module) for n in nodes if isinstance(n, ast.ImportFrom) and not n.level]
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names
    assert all(n.level <= depth for n in nodes if isinstance(n, ast.ImportFrom))


def isolated(folder, files, **options):
    """Run a copy with nothing else to import: no site-packages, no environment, no current folder."""
    command = [sys.executable, "-I", "-S", "-c", ISOLATED.format(str(folder)), *map(str, files)]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def test_it_runs_by_itself(good, copied, tmp_path):
    bad, missing = (tmp_path / f"{name}.json" for name in ("bad", "missing"))
    bad.write_text(good.read_text()[:-1])
    for files, status in (([good], 0), ([good, bad], 1), ([good, missing], 2), ([], 2)):
        done = isolated(copied, files, cwd=tmp_path)
        assert done.returncode == status, done.stderr
        lines = done.stdout.splitlines()
        assert len(lines) == len([file for file in files if file != missing])
        assert not files or (": PROVED " in lines[0] and "REJECTED" not in lines[0])
        assert "Traceback" not in done.stderr


def test_the_module_runs_from_the_folder_above(good, copied):
    command = [sys.executable, "-S", "-m", "check", "--json", str(good)]
    where = {"cwd": copied, "env": {**os.environ, "PYTHONPATH": ""}}
    done = subprocess.run(command, capture_output=True, text=True, check=False, **where)
    assert done.returncode == 0, done.stderr
    (found,) = map(json.loads, done.stdout.splitlines())
    assert found["verdict"] == "PROVED" and found["file"] == str(good)
    assert found["claims"] and not found["reason"]


def test_the_installed_module_runs(good):
    done = subprocess.run(
        [sys.executable, "-m", "kgon.proofs.check", str(good)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{good}: PROVED ")
