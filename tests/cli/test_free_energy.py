"""Commands on free energies as a user meets them: n_crit, phases, occupancy, the antecedent hypothesis."""

import json

import numpy as np
import pytest
from support.command import data_of, run


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


def test_the_phases_left_out_are_named(capsys):
    for argv in (("phases",), ("occupancy", "--n", "100")):
        _, out, _ = run(capsys, *argv)
        assert "local minima left out: none" in out
        _, out, _ = run(capsys, *argv, "--among", "5,5+,6", "--json")
        basis = ["c = 6, theory prior, β = 1"] if argv == ("phases",) else []
        assert json.loads(out)["notes"] == [
            *basis,
            "compared: 5, 5+, 6; local minima left out: 4, 4-, 4--, 4---, 4----, 4+, 4++",
        ]


def test_antecedent_says_what_is_refuted(capsys):
    code, out, _ = run(capsys, "antecedent", "--json")
    data = json.loads(out)["data"]
    assert code == 1 and data["states"] == ["4++-", "4+", "5"]
    assert [t["verdict"] for t in data["transitions"]] == ["UNDECIDED", "REFUTED"]
    assert (data["verdict"], data["verdict_hat"]) == ("REFUTED", None)
    assert run(capsys, "antecedent", "4", "6")[0] == 0


def test_diagrams_have_their_grid(capsys):
    beta = data_of(capsys, "phases", "--diagram", "beta", "--n", "100,1000", "--values", "1/2,1")
    assert np.shape(beta["lowest"]) == (2, 2) and beta["values"] == [0.5, 1.0]
    steps = data_of(capsys, "phases", "--diagram", "beta", "--n", "100,1000", "--values", "0.5:1:0.5")
    assert steps["values"] == beta["values"] and steps["lowest"] == beta["lowest"]
    importance = data_of(
        capsys,
        "phases",
        "--diagram",
        "importance",
        "--n",
        "200",
        "--values",
        "0.5:1:0.25",
        "--theory",
        "laplace",
    )
    assert np.shape(importance["lowest"]) == (3, 1) and importance["beta"] == 1.0


A, B = "A=0.06874,7,3.62417", "B=0.04819,8.5,6.37767"


def test_the_seeds_table_in_one_command(capsys):
    data = data_of(capsys, "ncrit", A, B)
    assert [round(root["n"]) for root in data["roots"]] == [0, 601]
    assert data["given"][0] == {
        "name": "A", "loss": "0.06874", "lambda": "7", "constant": "3.62417", "multiplicity": 1
    }  # fmt: skip


def test_own_phases_of_a_file_stand_where_labels_do(capsys, tmp_path):
    path = tmp_path / "mine.json"
    path.write_text(run(capsys, "ncrit", A, B, "--json")[1])
    assert f"4--:opposite; {path} has A, B\n" in run(capsys, "ncrit", "A", "C", "--phases", str(path))[2]
    direct = data_of(capsys, "ncrit", A, "6,5")["roots"]
    assert data_of(capsys, "ncrit", "A", "6,5", "--phases", str(path))["roots"] == direct
    assert data_of(capsys, "ncrit", "A,B", "6", "--phases", str(path))["first"] == "A,B"
    ranges = data_of(capsys, "phases", "--phases", str(path))
    assert [row["label"] for row in ranges] == ["A", "B"]
    rows = data_of(capsys, "occupancy", "--n", "600", "--phases", str(path), "--among", "A", "5,6")
    assert [row["label"] for row in rows] == ["6", "5", "A"] or len(rows) == 3
    chain = data_of(capsys, "antecedent", "--phases", str(path))
    assert (chain["states"], chain["verdict"]) == (["A", "B"], "PROVED")


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("ncrit", "A=0.07", "6"), "NAME=loss,lambda,constant"),
        (("ncrit", "A=0.07,x,1", "6"), "lambda of A must be a number such as 0.07 or 15/2"),
        (("ncrit", A, "6", "--theory", "evidence"), "compares sampled basins"),
        (("ncrit", A, "C"), "unknown label 'C'"),
        (("ncrit", "0.07,7", "6"), "4--:opposite; NAME=loss,lambda,constant is one of your own"),
        (("ncrit", A, "6", "--phases", "none.json"), "none.json: No such file"),
        (("phases", "--diagram", "importance", "--among", A), "A is given by its numbers"),
        (("antecedent", A, "6", "--sampled"), "A is given by its numbers"),
        (("occupancy", "--n", "1", "--among", "A=0.1,7,1,2", "6"), "A has multiplicity 2, for n > 1"),
    ],
)
def test_own_phases_that_are_refused(capsys, argv, words):
    code, out, err = run(capsys, *argv)
    assert (code, out) == (2, "") and words in err and err.count("\n") == 1


@pytest.mark.parametrize("form", ["text", "latex"])
def test_phases_say_their_theory_and_beta(capsys, form):
    """Also in a table: a number that depends on n says which β it used."""
    status, out, _ = run(capsys, "phases", "-c", "5", "--beta", "1/2", "--theory", "none", "--format", form)
    beta = "β" if form == "text" else r"$\beta$"
    assert status == 0
    assert f"c = 5, theory none, {beta} = 1/2" in out


def test_phases_that_are_all_given_rest_on_no_theory(capsys):
    _, out, _ = run(capsys, "phases", "--among", "A=0.07,7,3.6", "B=0.05,8.5,6.4")
    assert "c = 6, given phases, β = 1" in out
    _, out, _ = run(capsys, "phases", "--among", "A=0.07,7,3.6", "6")
    assert "c = 6, theory prior, β = 1" in out


def test_occupancies_of_given_phases_rest_on_no_theory_either(capsys):
    own = ("occupancy", "--n", "100", "--among", "A=0.07,7,3.6")
    for others, words in (
        (("B=0.05,8.5,6.4",), "given phases"),
        (("B=0.05,8.5,6.4", "--theory", "laplace"), "given phases, n through βn"),
        (("6",), "theory prior"),
    ):
        _, out, _ = run(capsys, *own, *others)
        assert f"Theoretical occupancy, c = 6, {words}, β = 1" in out


def test_an_enclosure_in_a_table_is_as_fine_as_its_number(capsys):
    _, out, _ = run(capsys, "ncrit", "5", "6", "--format", "csv")
    assert '601.00519,"[601.005186, 601.0051861]"' in out
