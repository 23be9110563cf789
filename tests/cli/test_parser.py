"""The parser: quick help, and one line for every bad input."""

import json
import subprocess
import sys

import numpy as np
import pytest
from support.command import run

from kgon.cli.parser import ORDER
from kgon.cli.registry import COMMANDS


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from kgon import cli\n"
        "try: cli.main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'scipy', 'sympy', 'numba', 'matplotlib', 'flint'} & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "reproduce" in done.stdout


FILES = {
    "nan.csv": "1,0,nan\n0,1,0\n0,0,0\n",
    "inf.json": '{"W": [[1, 0], [0, Infinity]], "b": [0, 0]}',
    "ragged.csv": "1,0,0\n0,1\n0,0,0\n",
    "words.csv": "1,0,zero\n0,1,0\n0,0,0\n",
    "one-row.csv": "1,2,3\n",
    "empty.csv": "",
    "tall.csv": "1,0\n0,1\n1,1\n0,0\n",
    "shape.json": '{"W": [[1, 0, 0], [0, 1, 0]], "b": [0, 0]}',
    "flat.json": '{"W": [1, 0], "b": [0, 0]}',
    "ragged.json": '{"W": [[1, 0], [0]], "b": [0, 0]}',
    "text.json": '{"W": [["a", "b"], ["c", "d"]], "b": [0, 0]}',
    "complex.json": '{"W": [[{}, 0], [0, 1]], "b": [0, 0]}',
    "keys.json": '{"weights": [[1, 0], [0, 1]]}',
    "broken.json": '{"W": [[1, 0',
    "list.json": "[1, 2, 3]",
    "deep.json": "[" * 100_000,
    "binary.csv": b"\xff\xfe\x00\x01",
    "notzip.npz": b"PK\x03\x04 this is not an archive",
    "empty.npz": b"",
    "model.pkl": b"\x80\x04N.",
    "digits.json": '{"W": [[1' + "0" * 5000 + ', 0], [0, 1]], "b": [0, 0]}',
    "huge.json": '{"W": [[1e31, 0, 0], [0, 1, 0]], "b": [0, 0, 0]}',
    "eight.json": json.dumps({"W": np.ones((2, 8)).tolist(), "b": [0.0] * 8}),
}

BAD = [
    (["verify", "missing.npz"], "no such file"),
    *[(["verify", name], name) for name in FILES if name not in ("digits.json", "huge.json", "eight.json")],
    (["verify", "pickled.npz"], "never loaded"),
    (["verify", "nokeys.npz"], "no entry named W or weight for W"),
    (["verify", "stack.npz"], "one point"),
    (["verify", "complex.npz"], "real numbers"),
    (["verify", "7"], "at least 7 features"),
    (["verify", "5-"], "only the 4-gon"),
    (["verify", "4+++"], "leaves 2"),
    (["verify", "4-----"], "switches off 5"),
    (["verify", "3"], "begins at k = 4"),
    (["verify", "pentagon"], "unknown label 'pentagon'"),
    (["verify", "6-+"], "unknown label"),
    (["verify", "4--:diagonal"], "one of adjacent, opposite"),
    (["verify", "4-:opposite"], "only two switched-off columns"),
    (["verify", ""], "unknown label ''"),
    (["verify", "6", "--tol", "0"], "'0'"),
    (["verify", "6", "--tol", "nan"], "'nan'"),
    (["verify", "6", "-c", "5"], "c is 5"),
    (["catalogue", "-c", "3"], "'3'"),
    (["catalogue", "-c", "six"], "'six'"),
    (["catalogue", "-c", "1000000"], "'1000000'"),
    (["catalogue", "--format", "html"], "html"),
    (["ncrit", "5"], "required"),
    (["ncrit", "4+-", "6"], "lambda of 4+- is not known"),
    (["ncrit", "4+----", "6"], "not a local minimum"),
    (["ncrit", "5,5", "6"], "each phase once"),
    (["ncrit", "5", "6", "--evidence", "x.json"], "--theory evidence"),
    (["ncrit", "5", "6", "--theory", "evidence", "--evidence", "missing.json"], "missing.json"),
    (["ncrit", "4", "6", "--theory", "laplace2"], "k >= 5"),
    (["phases", "--among", "5,9"], "at least 9 features"),
    (["phases", "--n", "1:5"], "--diagram"),
    (["phases", "--diagram", "importance", "--values", "2,1"], "increasing"),
    (["phases", "--diagram", "importance", "--theory", "laplace2"], "laplace2"),
    (["phases", "--diagram", "beta", "--values", "0"], "'0'"),
    (["llc", "4+-"], "not a local minimum"),
    (["llc", "6", "--n", "-3"], "'-3'"),
    (["llc", "6", "--n", "1"], "above 1"),
    (["llc", "6", "--n", "5000", "--gamma", "0"], "'0'"),
    (["llc", "6", "--beta", "0.1"], "--beta 0.1 is for --n"),
    (["llc", "6", "--gamma", "1"], "--gamma 1 is for --n"),
    (["llc", "6", "--seed", "0"], "--seed 0 is for --n"),
    (["antecedent", "--n", "100"], "--n 100 is for --sampled"),
    (["antecedent", "--gamma", "3"], "--gamma 3 is for --sampled"),
    (["phases", "--diagram", "beta", "--values", "1:2"], "a:b:step"),
    (["antecedent", "5"], "at least two states"),
    (["antecedent", "5", "5"], "5 twice"),
    (["antecedent", "5", "9"], "at least 9 features"),
    (["evidence", "--n", "5,2"], "increasing"),
    (["evidence", "--workers", "0"], "workers"),
    (["ncrit", "5", "9"], "at least 9 features"),
    (["ncrit", "5", "6", "--beta", "-1"], "'-1'"),
    (["ncrit", "5", "6", "--beta", "0"], "'0'"),
    (["ncrit", "5", "6", "--beta", "nan"], "'nan'"),
    (["ncrit", "5", "6", "--beta", "1/0"], "'1/0'"),
    (["ncrit", "5", "6", "--beta", "1e999"], "'1e999'"),
    (["ncrit", "5", "6", "--theory", "guess"], "guess"),
    (["ncrit", "5", "6", "--theory", "mcmc"], "mcmc"),
    (["occupancy"], "--n"),
    (["occupancy", "--n", "0"], "'0'"),
    (["occupancy", "--n=-5:5"], "'-5:5'"),
    (["occupancy", "--n", "10:5"], "'10:5'"),
    (["occupancy", "--n", "1:10:0"], "'1:10:0'"),
    (["occupancy", "--n", "1:10:nan"], "'1:10:nan'"),
    (["occupancy", "--n", "1:inf"], "'1:inf'"),
    (["occupancy", "--n", "1:2:3:4"], "'1:2:3:4'"),
    (["occupancy", "--n", "1:1e12"], "at most 100000"),
    (["occupancy", "--n", "many"], "'many'"),
    (["occupancy", "--n", "100", "-c", "4", "--theory", "laplace2"], "c = 4"),
    (["table", "periodic"], "'periodic'"),
    (["table"], "name a table"),
    (["figure", "mona-lisa", "--out", "out"], "mona-lisa"),
    (["figure"], "name a figure"),
    (["figure", "kgon", "--label", "8", "--out", "out"], "8"),
    (["table", "phases", "--out", "file.txt/sub"], "file.txt"),
    (["frobnicate"], "frobnicate"),
    ([], "name a command"),
    (["ncrit", "5", "6", "--beta", "1e999999999"], "'1e999999999'"),
    (["occupancy", "--n", "1e300", "--beta", "1e100"], "overflows"),
    (["verify", "digits.json"], "not valid JSON"),
    (["verify", "huge.json"], "at most 1e+30"),
    (["verify", "nan.csv", "-c", "7"], "nan.csv"),
    (["verify", "eight.json", "-c", "7"], "8 features"),
    (["table", "catalogue", "--beta", "2"], "does not depend on beta"),
    (["table", "claims", "-c", "7"], "does not depend on c"),
    (["table", "phases", "-c", "3"], "'3'"),
    (["figure", "taxonomy", "-c", "7", "--out", "out"], "does not depend on c"),
    (["bench", "--seed", "-1"], "-1"),
    (["exists"], "--k"),
    (["exists", "--k", "2"], "'2'"),
    (["exists", "--k", "9:5"], "'9:5'"),
    (["exists", "--k", "a"], "'a'"),
    (["exists", "--k", "3:99999"], "'3:99999'"),
    (["exists", "--k", "3:5:2"], "'3:5:2'"),
    (["exists", "--k", "5.5"], "'5.5'"),
    (["exact"], "required"),
    (["exact", "7"], "at least 7 features"),
    (["exact", "5-"], "impossible"),
    (["exact", "5++"], "c = 6 leaves 1"),
    (["exact", "six"], "unknown label"),
    (["exact", "6", "-c", "3"], "'3'"),
    (["table", "existence", "-c", "7"], "does not depend on c"),
]


@pytest.fixture
def files(tmp_path, monkeypatch):
    for name, content in FILES.items():
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    (tmp_path / "file.txt").write_text("a file, not a folder")
    eye = np.eye(2)
    np.savez(tmp_path / "pickled.npz", W=np.array([{"a": 1}], dtype=object), b=eye)
    np.savez(tmp_path / "nokeys.npz", kernel=eye)
    np.savez(tmp_path / "stack.npz", W=np.zeros((2, 2, 3)), b=np.zeros((2, 3)))
    np.savez(tmp_path / "complex.npz", W=eye * 1j, b=np.zeros(2))
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(("argv", "names"), BAD, ids=[" ".join(argv)[:50] or "nothing" for argv, _ in BAD])
def test_bad_input_is_exit_2_and_one_line(capsys, files, argv, names):
    code, out, err = run(capsys, *argv)
    assert code == 2
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("kgon")
    assert names in err


def test_every_declared_command_is_in_the_help():
    assert {*ORDER} == COMMANDS.keys()


@pytest.mark.parametrize(
    ("argv", "line"),
    [
        (("ncrit", "5", "6", "--among", "5"), "kgon ncrit: error: unrecognized arguments: --among 5"),
        (("catalogue", "7"), "kgon catalogue: error: unrecognized arguments: 7"),
        (("--seed",), "kgon: error: unrecognized arguments: --seed"),
    ],
)
def test_an_unknown_option_is_an_error_of_its_command(capsys, argv, line):
    code, out, err = run(capsys, *argv)
    assert (code, out) == (2, "") and err.startswith(line) and err.count("\n") == 1


def test_the_table_of_bad_input_is_long_enough():
    assert len(BAD) >= 30
