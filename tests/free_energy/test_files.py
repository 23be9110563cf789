"""Files of phases: every form, and every fault in one line that names the file."""

import json

import pytest

from kgon.base.verdicts import KgonError
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


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
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
