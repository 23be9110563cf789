"""The command line: contract of the JSON, exit codes, and one line for every bad input."""

import importlib
import json
import subprocess
import sys

import numpy as np
import pytest
from support.command import data_of, run

from kgon.base.verdicts import UndecidedError
from kgon.cli import outcome
from kgon.kgons.catalogue import Catalogue
from kgon.potential.points import write_point

# --- good input ----------------------------------------------------------------------------------


def test_catalogue_has_the_contracts_fields(capsys):
    rows = data_of(capsys, "catalogue")
    fields = [
        "label",
        "configuration",
        "k",
        "sigma",
        "phi",
        "loss",
        "length",
        "bias",
        "gradient_norm",
        "is_minimum",
        "lambda",
        "c_prior",
        "certificate",
    ]
    assert len(rows) == 21
    assert len({row["label"] for row in rows}) == 18
    for row in rows:
        assert set(fields) <= row.keys()
        assert row["gradient_norm"] <= 1e-15
    six = next(row for row in rows if row["label"] == "6")
    assert (six["lambda"], six["is_minimum"], six["certificate"]) == (8.5, True, None)
    assert round(six["loss"], 5) == 0.04819


@pytest.mark.parametrize("form", outcome.TABLE_FORMATS)
def test_catalogue_formats(capsys, form):
    code, out, _ = run(capsys, "catalogue", "-c", "5", "--format", form)
    assert code == 0
    assert "4----" in out or "4^{----}" in out


def test_ncrit_recovers_the_published_value(capsys):
    data = data_of(capsys, "ncrit", "5", "6")
    assert len(data["roots"]) == 2
    for root in data["roots"]:
        assert root["lower"] < root["n"] < root["upper"]
        assert root["upper"] - root["lower"] <= 1e-9
    assert round(data["roots"][1]["n"]) == 601
    assert {"delta_loss", "delta_lambda", "delta_c"} <= data.keys()
    assert "infimum" in data["note"]


@pytest.mark.parametrize(
    ("pair", "theory", "count"),
    [(("5", "6"), "prior", 2), (("5+", "6"), "prior", 1), (("5+", "6"), "none", 0), (("6", "5"), "none", 2)],
)
def test_ncrit_counts_roots(capsys, pair, theory, count):
    assert len(data_of(capsys, "ncrit", *pair, "--theory", theory)["roots"]) == count


def test_ncrit_of_a_phase_with_itself(capsys):
    data = data_of(capsys, "ncrit", "5", "5")
    assert data["everywhere"] is True
    assert data["roots"] == []


def test_beta_scales_the_energy(capsys):
    half = data_of(capsys, "ncrit", "5", "6", "--beta", "0.5")["roots"][1]["n"]
    same = data_of(capsys, "ncrit", "5", "6", "--beta", "1/2")["roots"][1]["n"]
    one = data_of(capsys, "ncrit", "5", "6")["roots"][1]["n"]
    assert half == same
    assert half > 2 * one  # doubling n at the same energy still adds Δλ log 2


def test_phases(capsys):
    rows = data_of(capsys, "phases", "--among", "5,5+,6")
    assert [row["label"] for row in rows] == ["5+", "5", "6"]
    assert rows[0]["n_from"] is None
    assert rows[-1]["n_to"] is None
    assert rows[1]["n_to"] == rows[2]["n_from"]


def test_occupancy_range_includes_its_end(capsys):
    rows = data_of(capsys, "occupancy", "--n", "100:1200:50")
    sizes = sorted({row["n"] for row in rows})
    assert sizes == list(range(100, 1201, 50))
    for n in sizes:
        assert sum(row["probability"] for row in rows if row["n"] == n) == pytest.approx(1, abs=1e-12)


def test_occupancy_list_and_single_size(capsys):
    assert {row["n"] for row in data_of(capsys, "occupancy", "--n", "100,250.5")} == {100, 250.5}
    assert {row["n"] for row in data_of(capsys, "occupancy", "--n", "7")} == {7}


@pytest.mark.parametrize("label", [str(point.name) for point in Catalogue(6)])
def test_verify_every_label(capsys, label):
    data = data_of(capsys, "verify", label)
    assert data["critical"] == "PROVED"
    assert data["nearest"] == label
    assert data["distance"] < 1e-12


def test_verify_file(capsys, tmp_path):
    point = Catalogue(6)["5+"]
    order = [3, 5, 0, 4, 2, 1]
    exact = write_point(tmp_path / "p.npz", point.W[:, order], point.biases[order])
    data = data_of(capsys, "verify", str(exact))
    assert (data["critical"], data["nearest"]) == ("PROVED", "5+")
    moved = write_point(tmp_path / "q.json", point.W * 1.001, point.biases)
    data = data_of(capsys, "verify", str(moved), code=1)
    assert (data["critical"], data["nearest"]) == ("REFUTED", "5+")
    assert data["distance"] == pytest.approx(0.001 * np.linalg.norm(point.W), rel=1e-6)


def test_verify_tolerance_decides(capsys, tmp_path):
    point = Catalogue(6)["6"]
    path = write_point(tmp_path / "p.csv", point.W * (1 + 1e-6), point.biases)
    assert run(capsys, "verify", str(path), "--tol", "1e-4")[0] == 0
    assert run(capsys, "verify", str(path))[0] == 1


def test_verify_refuses_the_corner_where_l_is_not_differentiable(capsys, tmp_path):
    path = write_point(tmp_path / "p.npz", np.zeros((2, 6)), np.zeros(6))
    data = data_of(capsys, "verify", str(path), code=1)
    assert data["critical"] == "REFUTED"


def test_exact_numbers(capsys):
    data = data_of(capsys, "exact", "6")
    assert (data["label"], data["c"]) == ("6", 6)
    assert data["length_squared"]["minimal_polynomial"] == [5, -23, 19, 8, 4]
    assert data["bias"]["minimal_polynomial"] == [25, 46, -11, -12, 4]
    for name in ("length_squared", "bias", "loss"):
        number = data[name]
        assert all(type(x) is int for x in number["minimal_polynomial"])
        assert number["lower"] <= float(number["decimal"]) <= number["upper"]
    assert data_of(capsys, "exact", "8", "-c", "9")["loss"]["radical"] is None
    code, out, _ = run(capsys, "exact", "6")
    assert code == 0 and "5x^4 - 23x^3 + 19x^2 + 8x + 4" in out


def test_existence_of_polygons(capsys):
    rows = data_of(capsys, "exists", "--k", "3:12")
    assert [row["k"] for row in rows] == list(range(3, 13))
    assert {row["exists"] for row in rows} == {"PROVED"}
    (nine,) = rows[6]["roots"]
    assert (nine["s"], round(nine["length"], 5), round(nine["bias"], 5)) == (1, 1.61711, -1.54232)
    assert [row["k"] for row in rows if not row["fixed_s_exists"]] == [9, 10, 11]
    assert [row["k"] for row in data_of(capsys, "exists", "--k", "40")] == [40]
    code, out, _ = run(capsys, "exists", "--k", "9:9")
    assert code == 0 and "1.61711085" in out


def test_lists_name_everything(capsys):
    tables = {row["name"] for row in data_of(capsys, "table", "--list")}
    figures = {row["name"] for row in data_of(capsys, "figure", "--list")}
    assert {"catalogue", "phases", "ncrit", "exact", "existence", "claims"} <= tables
    assert {"energy-levels", "kgon", "free-energy", "occupancy", "toy-posterior", "taxonomy"} <= figures


@pytest.mark.parametrize("name", ["catalogue", "phases", "ncrit", "exact", "existence", "claims"])
def test_every_table_is_written_in_every_format(capsys, tmp_path, name):
    paths = data_of(capsys, "table", name, "--out", str(tmp_path))["paths"]
    assert len(paths) == 4
    assert all((tmp_path / path).stat().st_size > 100 for path in paths)


# --- start-up ------------------------------------------------------------------------------------


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


# --- bad input -----------------------------------------------------------------------------------

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
    "huge.json": '{"W": [[1e31, 0], [0, 1]], "b": [0, 0]}',
    "eight.json": json.dumps({"W": np.ones((2, 8)).tolist(), "b": [0.0] * 8}),
}

BAD = [
    (["verify", "missing.npz"], "no such file"),
    *[(["verify", name], name) for name in FILES if name not in ("digits.json", "huge.json", "eight.json")],
    (["verify", "pickled.npz"], "never loaded"),
    (["verify", "nokeys.npz"], "no array 'W'"),
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
    np.savez(tmp_path / "nokeys.npz", weights=eye)
    np.savez(tmp_path / "stack.npz", W=np.stack([eye, eye]), b=np.zeros((2, 2)))
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


def test_the_table_of_bad_input_is_long_enough():
    assert len(BAD) >= 30


@pytest.mark.slow  # two minutes
def test_reproduce_writes_everything_and_judges(capsys, tmp_path):
    out = tmp_path / "out"
    code, text, err = run(capsys, "reproduce", "--out", str(out))
    assert code == 0
    assert "claim" in text and "published" in text and "verdict" in text
    assert "figure energy-levels" in err
    document = json.loads((out / "claims.json").read_text())
    verdicts = {claim["name"]: claim["verdict"] for claim in document["data"]["claims"]}
    assert verdicts["n_crit(5 → 6), theory prior, β = 1"] == "PROVED"
    assert verdicts["c of the 6-gon = ½‖w*‖²"] == "REFUTED"
    for name in document["data"]["files"]:
        assert (out / name).stat().st_size > 0
    strict, _, _ = run(capsys, "reproduce", "--out", str(out), "--strict", "--no-progress")
    assert strict == 1


def test_undecided_is_exit_1(capsys, monkeypatch):
    from kgon.free_energy import crossings

    def undecided(*_, **__):
        raise UndecidedError("too close")

    monkeypatch.setattr(crossings, "n_crit", undecided)
    code, _, err = run(capsys, "ncrit", "5", "6")
    assert (code, err) == (1, "kgon ncrit: undecided: too close\n")


@pytest.mark.parametrize(
    ("home", "name", "argv"),
    [("algebraic", "exact", ["exact", "6"]), ("polygon_existence", "existence", ["exists", "--k", "5"])],
)
def test_undecided_numbers_are_exit_1(capsys, monkeypatch, home, name, argv):
    def undecided(*_, **__):
        raise UndecidedError("too close")

    monkeypatch.setattr(importlib.import_module(f"kgon.{home}"), name, undecided)
    assert run(capsys, *argv) == (1, "", f"kgon {argv[0]}: undecided: too close\n")


def test_the_phases_left_out_are_named(capsys):
    for argv in (("phases",), ("occupancy", "--n", "100")):
        _, out, _ = run(capsys, *argv)
        assert "local minima left out: none" in out
        _, out, _ = run(capsys, *argv, "--among", "5,5+,6", "--json")
        assert json.loads(out)["notes"] == [
            "compared: 5, 5+, 6; local minima left out: 4, 4-, 4--, 4---, 4----, 4+, 4++"
        ]


def test_a_closed_pipe_is_not_an_error():
    command = f"{sys.executable} -m kgon catalogue --json | head -n 1"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith("{")
    assert "Traceback" not in done.stderr
