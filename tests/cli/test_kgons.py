"""Commands on k-gons as a user meets them."""

import json

import numpy as np
import pytest
from support.command import data_of, run

from kgon import proofs
from kgon.cli.options import TABLE_FORMATS
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.labels import Label
from kgon.kgons.sparse import sparse_point
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.potential.points import read_point, write_point


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


@pytest.mark.parametrize("form", TABLE_FORMATS)
def test_catalogue_formats(capsys, form):
    code, out, _ = run(capsys, "catalogue", "-c", "5", "--format", form)
    assert code == 0
    assert "4----" in out or "4^{----}" in out


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


def stored(path, kind=np.float64, **more):
    point = Catalogue(6)["6"]
    np.savez(path, W=point.W.astype(kind), b=point.biases.astype(kind), **more)
    return str(path)


def test_verify_reads_the_model_in_a_file(capsys, tmp_path):
    sizes = [1, 1, 1, 1, 1, 2]
    data = data_of(capsys, "verify", stored(tmp_path / "w.npz", importance=sizes), code=1)
    six = Catalogue(6)["6"]
    expected = Potential(TMS(6, importance=sizes)).gradient_norm(six.W, six.biases)
    assert (data["critical"], data["gradient_norm"]) == ("REFUTED", expected)
    assert expected > 1e-3 and data["nearest"] is None and "importance" in data["model"]
    for more in ({"W_out": 2 * six.W}, {"scale_factor": 2.0}, {"extra": 1}):
        code, out, err = run(capsys, "verify", stored(tmp_path / "p.npz", **more))
        assert (code, out, err.count("\n")) == (2, "", 1) and next(iter(more)) in err


def test_verify_knows_the_rounding_of_float32(capsys, tmp_path):
    data = data_of(capsys, "verify", stored(tmp_path / "p.npz", np.float32))
    assert (data["critical"], data["nearest"]) == ("PROVED", "6")
    assert 1e-8 < data["nearby"]["distance"] < data["rounding"] < 3e-6
    assert data["gradient_norm"] > data["tol"] == 1e-8
    # the same numbers said to be float64 are not critical
    point = read_point(tmp_path / "p.npz")
    write_point(tmp_path / "wide.npz", *point[1:])
    assert data_of(capsys, "verify", str(tmp_path / "wide.npz"), code=1)["critical"] == "REFUTED"


def test_the_catalogue_tells_how_far_it_is(capsys, monkeypatch):
    monkeypatch.setattr("kgon.base.work.APART", 0.0)
    code, _, told = run(capsys, "catalogue", "-c", "5")
    assert code == 0 and f"{len(Catalogue(5))} of {len(Catalogue(5))} k-gons" in told
    assert run(capsys, "catalogue", "-c", "5", "--no-progress")[2] == ""


def test_one_stacked_point_is_a_point(capsys, tmp_path):
    point = Catalogue(6)["6"]
    for name in ("1.npz", "2.npz"):
        write_point(tmp_path / name, point.W[None], point.biases[None])
    assert data_of(capsys, "verify", str(tmp_path / "1.npz"))["critical"] == "PROVED"
    code, out, _ = run(capsys, "classify", str(tmp_path))
    assert code == 0 and out.count("0.048192") == 2


def test_a_common_factor_of_the_importances_moves_no_critical_point(capsys):
    data = data_of(capsys, "verify", "6", "--importance", "2,2,2,2,2,2")
    plain = data_of(capsys, "verify", "6")
    assert (data["critical"], data["nearest"], data["kind"]) == ("PROVED", "6", "minimum")
    assert data["loss"] == pytest.approx(2 * plain["loss"], rel=1e-14)
    exact = data_of(capsys, "llc", "6", "--importance", "3,3,3,3,3,3")
    assert exact["lambda"] == 8.5


def test_at_other_importances_a_k_gon_is_no_critical_point_and_its_lambda_is_not_claimed(capsys):
    point = Catalogue(6)["6"]
    data = proofs.verify(point.W, point.biases, tms=TMS(6, importance=[1, 1, 1, 1, 1, 0.5])).data()
    assert data["critical"] == "REFUTED" and data["nearest"] is None
    code, _, err = run(capsys, "llc", "6", "--importance", "1,1,1,1,1,1/2")
    assert code == 2 and "is for equal importances" in err


@pytest.mark.parametrize(
    ("value", "words"),
    [("1,x", "--importance is a list of numbers"), ("", "--importance is a list of numbers"),
     ("1,2", "importance must have shape (6,), got (2,)"),
     ("1,1,1,1,1,-1", "importance must be finite and not negative")],
)  # fmt: skip
def test_importances_that_are_none(capsys, value, words):
    code, _, err = run(capsys, "verify", "6", f"--importance={value}")
    assert code == 2 and words in err and err.count("\n") == 1


def test_a_file_and_the_command_line_name_one_model(capsys, tmp_path):
    point = Catalogue(6)["6"]
    path = tmp_path / "point.json"
    content = {"W": point.W.tolist(), "b": point.biases.tolist(), "importance": [2.0] * 6}
    path.write_text(json.dumps(content))
    same = data_of(capsys, "verify", str(path), "--importance", "2,2,2,2,2,2")
    assert same["critical"] == "PROVED"
    code, _, err = run(capsys, "verify", str(path), "--importance", "3,3,3,3,3,3")
    assert code == 2 and "has another importance than --importance says" in err


def test_verify_takes_labels_and_files_with_inputs(capsys, tmp_path):
    inputs = ["--inputs", "bernoulli:0.05"]
    data = data_of(capsys, "verify", "4+", "-c", "5", *inputs)
    assert (data["critical"], data["minimum"]) == ("PROVED", "PROVED")
    assert (data["lambda"], data["name"]) == (7.0, "4+")
    assert data["model"]["inputs"] == "bernoulli" and data["model"]["probability"] == [0.05] * 5
    path = write_point(tmp_path / "pentagon.json", *sparse_point(Label.parse("5"), TMS(5, inputs=inputs[1])))
    listed = ["--inputs", "bernoulli", "--probability", "1/20,1/20,1/20,1/20,1/20"]
    for options in (inputs, listed):
        data = data_of(capsys, "verify", str(path), *options)
        assert (data["critical"], data["name"], data["loss"] < 0.009) == ("PROVED", "5", True)
    one = data_of(capsys, "verify", "5", "-c", "5", "--inputs", "one")
    assert one["loss"] == data_of(capsys, "verify", "5", "-c", "5")["loss"] and "model" not in one


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--inputs", "two"], "inputs must be one, bernoulli:P"),
        (["--inputs", "bernoulli"], "needs probabilities"),
        (["--inputs", "bernoulli:0.1", "--probability", "1,0,0,0,0,0"], "say a probability of 0.1"),
        (["--inputs", "exactly:2"], "for independent ones"),
    ],
)
def test_verify_refuses_other_inputs(capsys, options, words):
    code, _, err = run(capsys, "verify", "6", *options)
    assert code == 2 and words in err and len(err.splitlines()) == 1
