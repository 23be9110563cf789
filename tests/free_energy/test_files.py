"""Files of phases: every form, and every fault in one line that names the file."""

import json

import pytest

from kgon.base.verdicts import KgonError, KgonWarning
from kgon.free_energy import read_phases

ROW = {"name": "A", "loss": 0.07, "lambda": 7, "constant": 3.6}
FORMS = {
    "list.json": json.dumps([ROW]),
    "named.json": json.dumps({"A": {"loss": 0.07, "lambda": "14/2", "constant": 3.6}}),
    "short.json": json.dumps({"A": [0.07, 7, 3.6]}),
    "under.json": json.dumps({"phases": [ROW]}),
    "written.json": json.dumps({"schema": "kgon/ncrit/1", "data": {"given": [ROW]}}),
    "plain.csv": "name,loss,lambda,constant\nA,0.07,7,3.6\n",
    "order.csv": "\ufefflambda, constant, L, label\n7, 3.6, 0.07, A\n",
    "more.csv": "name,loss,lambda,c,m,remark\nA,0.07,7,3.6,1,the first\n",
    "pandas.csv": ",loss,lambda,constant\nA,0.07,7,3.6\n",
    "index.csv": ",name,loss,lambda,constant\n0,A,0.07,7,3.6\n",
    "latex.csv": "Name,$L$,$\\lambda$,$c$\nA,0.07,7,3.6\n",
    "hat.csv": "name,Loss,$\\hat{\\lambda}$,Constant\nA,0.07,7,3.6\n",
    "greek.csv": "phase;loss;λ̂;c\nA;0.07;7;3.6\n",
    "llc.csv": "name\tloss/mean\tllc/mean\tc\nA\t0.07\t7\t3.6\n",
    "columns.json": json.dumps({"name": ["A"], "loss": [0.07], "llc": [7], "constant": [3.6]}),
    "pandas.json": json.dumps({"name": {"0": "A"}, "L": {"0": 0.07}, "λ": {"0": 7}, "c": {"0": 3.6}}),
    "pandas_index.json": json.dumps({"loss": {"A": 0.07}, "λ": {"A": 7}, "constant": {"A": 3.6}}),
    "pandas_table.json": json.dumps({"data": [{"index": "A", "loss": 0.07, "lambda": 7, "constant": 3.6}]}),
    "blank.csv": "name,loss,lambda,constant,multiplicity\nA,7/100,7.0,3.60,\n\n",
}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_gives_the_same_phase(tmp_path, name):
    path = tmp_path / name
    path.write_text(FORMS[name], encoding="utf-8")
    found = read_phases(path)
    assert [str(p) for p in found.values()] == ["A: L = 0.07, λ = 7, c = 3.6"] and list(found) == ["A"]


def test_decimals_are_those_of_the_file_not_the_floats_beside_them(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('[{"name": "A", "loss": 0.1000000000000000055, "lambda": 7}]')
    (found,) = read_phases(path).values()
    assert str(found.loss.exact) == "200000000000000011/2000000000000000000"


def test_errors_and_enclosures(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('name,loss,loss_error,lambda,constant\nA,0.07,0.001,"[7,7.5]",3.6 +- 0.1\n')
    assert str(read_phases(path)["A"]) == "A: L = 0.07 ± 0.001, λ = [7, 7.5], c = 3.6 ± 0.1"


@pytest.mark.parametrize("name", ["lambda_error", "lambda_se", "llc_stderr", "LLC/sem", "$\\lambda$_err"])
def test_a_standard_error_may_have_any_of_its_usual_names(tmp_path, name):
    path = tmp_path / "a.csv"
    path.write_text(f"name,loss,llc,{name}\nA,0.07,7,0.25\n", encoding="utf-8")
    assert str(read_phases(path)["A"]) == "A: L = 0.07, λ = 7 ± 0.25, c = 0"


def test_columns_are_joined_by_the_index_of_their_rows(tmp_path):
    """Not by their order: B has λ = 5 here, though it stands first in its column."""
    path = tmp_path / "a.json"
    data = {"loss": {"A": 0.07, "B": 0.08}, "lambda": {"B": 5, "A": 7}, "constant": {"B": 1}}
    path.write_text(json.dumps(data))
    found = read_phases(path)
    assert list(map(str, found.values())) == ["A: L = 0.07, λ = 7, c = 0", "B: L = 0.08, λ = 5, c = 1"]
    path.write_text(json.dumps({"name": {"0": "A", "1": "B"}, **{k: data[k] for k in ("loss", "lambda")}}))
    with pytest.raises(KgonError, match=r"the name of a phase|has no l"):
        read_phases(path)


@pytest.mark.parametrize(
    "name", ["std_lambda", "sigma_llc", "llc_std_err", "σ_λ", "lambda_ci_low", "standard deviation of lambda"]
)
def test_no_error_is_passed_over_wherever_the_word_for_it_stands(tmp_path, name):
    path = tmp_path / "a.csv"
    path.write_text(f"name,loss,lambda,{name}\nA,0.07,7,0.25\n", encoding="utf-8")
    with pytest.raises(KgonError, match=f"{name} is not understood: a standard error is a column such"):
        read_phases(path)


def test_numbers_that_are_passed_over_are_named(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("name,loss,lambda,seed,time_std,remark\nA,0.07,7,3,0.5,first\n")
    with pytest.warns(KgonWarning, match=r"a\.csv: passed over: seed, time_std \(read are") as caught:
        assert str(read_phases(path)["A"]) == "A: L = 0.07, λ = 7, c = 0"
    assert len(caught) == 1


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        (
            "a.csv",
            "name,loss,llc,llc_std\nA,1,2,3\n",
            "llc_std is not understood: a standard error is",
        ),
        ("a.csv", "name,loss,llc,std\nA,1,2,3\n", "std is not understood: a standard error is a column such"),
        ("a.csv", "name,loss,llc,lambda\nA,1,2,3\n", "llc and lambda are one number"),
        ("a.csv", "name,loss,llc,llc\nA,1,2,3\n", "the header names llc twice"),
        ("a.csv", "name,loss,slope\nA,1,2\n", "phase A has no lambda among name, loss, slope"),
        ("a.json", '{"name": ["A", "B"], "loss": [1], "lambda": [1]}', "name, loss, lambda are not equally"),
        ("a.json", "[1", "not JSON"),
        ("a.json", "[]", "each name once, got"),
        ("a.json", "7", "must hold a list"),
        ("a.json", '[{"loss": 1, "lambda": 1}]', "the name of a phase must be"),
        ("a.json", '[{"name": "A", "loss": 1}]', "phase A has no lambda"),
        ("a.json", '[{"name": "A", "loss": NaN, "lambda": 1}]', "loss of A must be a number .* got 'nan'"),
        ("a.json", '[{"name": "A", "loss": 1, "L": 2, "lambda": 1}]', "loss and L are one number"),
        ("a.json", '{"A": [1, 2], "A": [3, 4]}', "each name once"),
        ("a.json", '[{"name": "A,B", "loss": 1, "lambda": 1}]', "without , and =.* got 'A,B'"),
        ("a.json", '[{"name": "A", "loss": 1, "lambda": -1}]', "lambda of A must be at least 0, got '-1'"),
        (
            "a.json",
            '[{"name": "A", "loss": 1, "lambda": 1, "m": 1.5}]',
            "multiplicity of A must be an integer",
        ),
        ("a.csv", "A,0.07,7,3.6\n", "the header must be name,loss,lambda,constant"),
        ("a.csv", "name,loss,lambda\nA,1,2,3\n", "row 'A' has more cells than the header"),
        ("a.csv", "name,loss,lambda\nA,1,2\nA,1,3\n", "each name once, got \\['A', 'A'\\]"),
        ("a.csv", "", "the header must be"),
        ("a.txt", "", "from .json and .csv, not from '.txt'"),
    ],
)
def test_faults_name_the_file_and_what_would_be_right(tmp_path, name, text, words):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(KgonError, match=f"(?s)^.*{name}: .*{words}") as caught:
        read_phases(path)
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_one_that_is_no_text(tmp_path):
    with pytest.raises(KgonError, match=r"none\.csv: No such file"):
        read_phases(tmp_path / "none.csv")
    (tmp_path / "a.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(KgonError, match="not a text file in UTF-8"):
        read_phases(tmp_path / "a.csv")
