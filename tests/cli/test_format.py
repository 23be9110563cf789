"""What commands find is written as LaTeX that compiles, as CSV that reads back, and as Markdown."""

import csv
import io

import numpy as np
import pytest
from support.command import data_of, run
from support.latex import compiled, complaints

from kgon.base.escape import escape_latex
from kgon.kgons.catalogue import Catalogue

COMMANDS = {
    "verify": ("verify", "5+"),
    "llc": ("llc", "5"),
    "exact": ("exact", "6"),
    "exists": ("exists", "--k", "3:60"),  # on two pages
    "catalogue": ("catalogue", "-c", "5"),
    "ncrit": ("ncrit", "A=0.06874,7,3.62417", "B_1=[0.048,0.049],8.5,6.4"),
    "phases": ("phases", "--among", "5,5+,6"),
    "occupancy": ("occupancy", "--n", "100:1200:100"),
    "antecedent": ("antecedent",),
    "search": ("search", "-c", "4", "--starts", "200", "--no-progress"),
    "continue": ("continue", "6", "--to", "0.9", "--no-progress"),
    "landscape": ("landscape", "-c", "4", "--starts", "100", "--trials", "1", "--no-progress"),
}


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """A point in a file whose name means something in LaTeX, CSV and Markdown."""
    point = Catalogue(6)["5+"]
    file = tmp_path_factory.mktemp("odd") / 'a_b%$&#{},"x|y^2.npz'
    np.savez(file, W=point.W, b=point.biases)
    return file


def written(capsys, form, *argv):
    code, out, err = run(capsys, *argv, "--format", form)
    assert code == (argv[0] == "antecedent"), err  # which is refuted
    return out


def test_the_row_of_a_point_is_its_json(capsys, odd):
    (row,) = csv.DictReader(io.StringIO(written(capsys, "csv", "verify", str(odd))))
    data = data_of(capsys, "verify", str(odd))
    assert row["point"] == data["source"] == str(odd)
    assert float(row["loss"]) == pytest.approx(data["loss"], abs=1e-9)
    assert float(row["gradient"]) == pytest.approx(data["gradient_norm"], rel=0.05)
    assert row["nearest"] == data["nearest"] == "5+" and float(row["lambda"]) == data["lambda"] == 8.5
    assert row["critical"].startswith("PROVED within ") and row["minimum"] == data["minimum"]


def test_what_is_not_proved_says_so(capsys, tmp_path):
    point = Catalogue(6)["6"]
    np.savez(tmp_path / "off.npz", W=point.W * 1.001, b=point.biases)
    code, out, _ = run(capsys, "verify", str(tmp_path / "off.npz"), "--format", "csv")
    (row,) = csv.DictReader(io.StringIO(out))
    assert code == 1 and row["critical"] == "REFUTED" and row["lambda"] == ""


def test_markdown_has_a_cell_for_each_column(capsys, odd):
    lines = [x for x in written(capsys, "markdown", "verify", str(odd)).splitlines() if x.startswith("|")]
    assert len(lines) == 3
    assert len({line.replace("\\|", "").count("|") for line in lines}) == 1


def test_the_lambda_of_a_label(capsys):
    (row,) = csv.DictReader(io.StringIO(written(capsys, "csv", "llc", "5")))
    assert (row["label"], row["lambda"], row["m"], row["proved"]) == ("5", "7", "1", "PROVED")


@pytest.mark.parametrize("name", ["verify", "llc", "landscape", "search"])
def test_a_model_of_ones_own_is_named(capsys, name):
    command = COMMANDS[name]
    importance = ",".join("2" * features_of(command))
    text = written(capsys, "markdown", *command, "--importance", importance)
    assert f"importance {importance}" in text


def features_of(command):
    """How many features a command is about."""
    return int(command[command.index("-c") + 1]) if "-c" in command else 6


def test_the_roots_of_n_crit_are_its_rows(capsys):
    roots = data_of(capsys, "ncrit", "5", "6")["roots"]
    rows = list(csv.DictReader(io.StringIO(written(capsys, "csv", "ncrit", "5", "6"))))
    assert [float(row["n"]) for row in rows] == pytest.approx([root["n"] for root in roots], rel=1e-7)
    assert [(row["below"], row["above"]) for row in rows] == [("6", "5"), ("5", "6")]


def test_n_crit_is_a_symbol_in_latex(capsys):
    out = written(capsys, "latex", *COMMANDS["ncrit"])
    assert r"\caption{$n_{\text{crit}}$(A $\to$ B\_1) = " in out and r"$\Delta$L: $-$0.02" in out
    assert r"n\_crit" not in out and "n_crit(A → B_1) = " in written(capsys, "text", *COMMANDS["ncrit"])


@pytest.mark.parametrize("form", ["text", "latex", "markdown"])
def test_a_table_of_a_rough_point_has_what_is_proved_near_it(capsys, tmp_path, form):
    point = Catalogue(6)["6"]  # λ = 17/2, ‖W‖ = 3.23, so that 0.001 of it is at most 3.3e-3
    rough = tmp_path / "rough.npz"
    np.savez(rough, W=point.W * 1.001, b=point.biases)
    code, out, _ = run(capsys, "verify", str(rough), "--tol", "0.1", "--format", form)
    if form != "text":  # a table; the text has a line of each
        assert "an exact critical point is PROVED to lie within 3.3e-3, with L in [0.0481923760315" in out
        assert "a local minimum: PROVED, " in out and ": 8.5." in out
    assert code == 0 and "8.5" in out
    np.savez(rough, W=np.vstack([np.arange(6.0), point.W]), b=point.biases)  # Newton does not settle
    assert "an exact critical point is" not in run(capsys, "verify", str(rough), "--format", form)[1]


def test_a_table_of_a_branch_lists_its_events(capsys):
    events = data_of(capsys, *COMMANDS["continue"])["events"]
    rows = list(csv.DictReader(io.StringIO(written(capsys, "csv", *COMMANDS["continue"]))))
    assert [row["event"] for row in rows] == [event["kind"] for event in events]


def test_points_and_runs_have_loss_and_gradient(capsys, tmp_path):
    for k, label in enumerate(("4+", "5", "5")):
        point = Catalogue(6)[label]
        np.savez(tmp_path / f"step-{k}.npz", W=point.W, b=point.biases)
    (one,) = csv.DictReader(io.StringIO(written(capsys, "csv", "classify", str(tmp_path / "step-1.npz"))))
    assert one["label"] == "5" and float(one["loss"]) == pytest.approx(Catalogue(6)["5"].loss, abs=1e-9)
    assert float(one["norm"]) < 1e-12
    rows = list(csv.DictReader(io.StringIO(written(capsys, "csv", "classify", str(tmp_path)))))
    assert [(row["step"], row["label"]) for row in rows] == [("0", "4+"), ("1", "5"), ("2", "5")]
    assert "changes at 1: 4+ → 5" in written(capsys, "markdown", "classify", str(tmp_path))
    assert "longtable}{" not in written(capsys, "latex", "classify", str(tmp_path))


def test_a_format_beside_json_is_refused(capsys):
    code, _, err = run(capsys, "verify", "5", "--format", "latex", "--json")
    assert code == 2 and "--format is not for --json" in err


@pytest.mark.integration
def test_latex_compiles_on_the_width_of_a_page(capsys, odd, tmp_path):
    commands = [*COMMANDS.values(), ("verify", str(odd))]
    texts = [written(capsys, "latex", *argv) for argv in commands]
    assert "longtable}{" in texts[3] and all(r"\begin{table}" in x for x in texts[:3] + texts[4:])
    log = compiled(tmp_path, [text.replace(r"\label{tab:", rf"\label{{{k}:") for k, text in enumerate(texts)])
    assert complaints(log) == []


@pytest.mark.integration
def test_names_in_any_script_compile(capsys, tmp_path):
    point = Catalogue(6)["5"]
    texts = []
    for name in (
        "运行-点",
        "опыт λ",
        "e\u0301té «ð»",
        "🙂",
        "دورة",
        "".join(map(chr, range(0xA0, 0x250)))[:80],
    ):
        file = tmp_path / f"{name}.npz"
        np.savez(file, W=point.W, b=point.biases)
        texts.append(written(capsys, "latex", "verify", str(file)))
    assert "[U+8FD0][U+884C]-[U+70B9].npz" in texts[0]
    every = [chr(k) for k in (*range(0xA0, 0x600), *range(0x2000, 0x2400), 0x4E2D, 0xAC00, 0x1F642)]
    texts += ["\n\n".join(map(escape_latex, every))]
    assert "Missing character" not in compiled(tmp_path, texts)
