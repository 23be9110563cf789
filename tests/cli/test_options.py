"""What is refused is refused before the work, and every option says beside which others it has a meaning."""

import os
import subprocess
import sys
from types import MappingProxyType

import pytest
from support.command import run

from kgon.base.verdicts import KgonError
from kgon.cli.option import flag, integer, number, option, unless, when
from kgon.cli.options import CLOSED_FORM, weights
from kgon.cli.registry import COMMANDS, Command
from kgon.cli.values import fractions
from kgon.free_energy.theories import THEORIES
from kgon.potential import TMS

HEAVY = ("scipy", "sympy", "numba", "matplotlib", "flint")


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        ("ncrit 5 9", "label 9 needs at least 9 features"),
        ("ncrit 5 six", "unknown label 'six'"),
        ("ncrit 5 6 --evidence x.json", "--evidence x.json is for --theory evidence"),
        ("verify pentagon", "unknown label 'pentagon'"),
        ("exact 4+++", "c = 6 leaves 2"),
        ("certify 5 7", "label 7 needs at least 7 features"),
        ("antecedent 4+ 5-", "only the 4-gon"),
        ("llc 7 --n 100", "label 7 needs at least 7 features"),
        ("continue 7 --to 0.5", "label 7 needs at least 7 features"),
        ("continue 6 --to 0.5 --against 5,8", "label 8 needs at least 8 features"),
        ("phases --among 5,9", "label 9 needs at least 9 features"),
        ("occupancy --n 100 --sets 3", "--sets 3 is for --theory mcmc"),
        ("occupancy --n 9:5", "'9:5'"),
        ("evidence --n many", "'many'"),
        ("exists --k 2", "'2'"),
        ("prove global-minimum --out file.txt/sub", "cannot be written"),
        ("evidence --out file.txt", "cannot be written"),
        ("classify points.npz --out file.txt/list.csv", "cannot be written"),
        ("sample --n 100 --format nc --out run", "--format nc needs ArviZ"),
    ],
)
def test_it_is_refused_before_anything_heavy_is_imported(tmp_path, argv, words):
    (tmp_path / "file.txt").write_text("a file, not a folder")
    code = (
        "import sys\nsys.modules['arviz_base'] = None\n"
        f"from kgon import cli\ncode = cli.main({argv.split()!r})\n"
        f"heavy = {{*{HEAVY}}} & {{*sys.modules}}\n"
        "sys.exit(f'imported {heavy}' if heavy else code)"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and words in done.stderr and done.stderr.count("\n") == 1, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["file.txt"]


def test_the_closed_theories_are_those_of_the_free_energies():
    assert tuple(THEORIES) == CLOSED_FORM


# --- how options are settled -----------------------------------------------------------------------------


def collected(**keywords):
    return keywords


COMMAND = Command(
    "try", collected,
    (
        option("--theory", "of the energy", "prior", choices=("prior", "mcmc")),
        integer("--sets", "data sets", 0, only=when("theory", "mcmc")),
        number("--n", "sample size"),
        number("--gamma", "precision", 1.0, only=when("n")),
        integer("--doubled", "of sets", lambda settled: 2 * settled["sets"], only=when("theory", "mcmc")),
        flag("--certify", "prove it", only=unless("n")),
        option("--file", "read", read=lambda text, given: (text, given["theory"])),
        option("--kept", "not handed on", keyword=""),
    ),
)  # fmt: skip
NOTHING = MappingProxyType({x.name: False if x.name == "certify" else None for x in COMMAND.options})


def test_defaults_are_filled_in_where_they_mean_something():
    options, keywords = COMMAND.settle(NOTHING)
    assert keywords == {"theory": "prior", "certify": False}
    assert options == {**NOTHING, "theory": "prior"}
    options, keywords = COMMAND.settle({**NOTHING, "theory": "mcmc", "sets": 3, "n": 9.0})
    assert keywords == {"theory": "mcmc", "sets": 3, "n": 9.0, "gamma": 1.0, "doubled": 6}
    assert options["doubled"] == 6 and options["gamma"] == 1.0


def test_values_are_read_for_the_function_and_kept_as_given_for_the_document():
    options, keywords = COMMAND.settle({**NOTHING, "file": "a.npz", "kept": "here"})
    assert keywords["file"] == ("a.npz", "prior") and options["file"] == "a.npz"
    assert "kept" not in keywords and options["kept"] == "here"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"sets": 0}, "--sets 0 is for --theory mcmc"),
        ({"gamma": 0.5}, "--gamma 0.5 is for --n"),
        ({"n": 9.0, "certify": True}, "--certify is not for --n"),
    ],
)
def test_options_without_a_meaning_are_refused(given, words):
    with pytest.raises(KgonError, match=f"^{words}$"):
        COMMAND.settle({**NOTHING, **given})


def test_the_help_says_when_and_which_default():
    described = {option.name: option.described for option in COMMAND.options}
    assert described["sets"] == "data sets (with --theory mcmc; default 0)"
    assert described["certify"] == "prove it (not with --n)"
    assert described["theory"] == "of the energy (default prior)"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_help(capsys, name):
    assert all(option.help for option in COMMANDS[name].options)
    code, out, _ = run(capsys, name, "--help")
    assert code == 0 and COMMANDS[name].summary[:40] in " ".join(out.split())


def test_no_help_loses_a_letter():
    for command in COMMANDS.values():
        for each in command.options:
            assert each.described.count("(") == each.described.count(")"), each.described
            assert each.help.rstrip(")") in each.described


def test_empty_names_of_folders_and_files_are_refused(capsys):
    """Empty, as where a shell's variable is not set: it is not the folder at hand."""
    assert run(capsys, "train", "--trajectories", "1", "--out", "") == (
        2, "", "kgon train: error: --out is empty: name a folder, such as . for this one\n",
    )  # fmt: skip
    assert run(capsys, "classify", "") == (2, "", "kgon classify: error: the name of a file is empty\n")


def test_whoever_samples_has_workers_and_a_scheduler():
    """Every command with a seed; the benchmark measures one process."""
    own = {name: {option.name for option in command.options} for name, command in COMMANDS.items()}
    without = [x for x, names in own.items() if "seed" in names and not {"workers", "scheduler"} <= names]
    assert without == ["bench"]
    one = [x for x, names in own.items() if "workers" in names and "scheduler" not in names]
    assert one == []  # who has workers has a cluster, too
    reads_evidence = {x for x, names in own.items() if "evidence" in names}
    assert reads_evidence == {"ncrit", "phases", "occupancy", "table", "figure"}
    assert all({"workers", "scheduler"} <= own[x] for x in reads_evidence)


@pytest.mark.parametrize(
    ("argv", "what"),
    [
        ("ncrit 5 6 --theory evidence --workers 3", "kgon.experiments.posterior.sample_evidence"),
        ("phases --theory evidence --workers 3", "kgon.experiments.posterior.sample_evidence"),
        ("occupancy --n 100 --theory evidence --workers 3", "kgon.experiments.posterior.sample_evidence"),
        ("occupancy --n 100 --theory mcmc --workers 3", "kgon.experiments.posterior_occupancy"),
        ("antecedent --sampled --workers 3", "kgon.experiments.sampled_estimates"),
        ("llc 6 --n 100 --sampler mala --workers 3", "kgon.experiments.llc.llc"),
        ("certify 6 --workers 3", "kgon.base.work.Work.map"),
        ("evidence --workers 3", "kgon.experiments.posterior.sample_evidence"),
        ("sample --n 100 --workers 3", "kgon.experiments.posterior.sample_posterior"),
        ("landscape --workers 3", "kgon.landscape.loss_landscape"),
        ("search --starts 9 --workers 3", "kgon.landscape.search_critical_points"),
        ("train --trajectories 2 --workers 3", "kgon.experiments.train"),
    ],
)
def test_workers_reach_what_samples(monkeypatch, capsys, argv, what):
    """The function that shares out the work is asked with so many."""
    asked = []

    def recorded(*given, work=None, **_):
        asked.append(given[0] if work is None else work)
        raise KgonError("asked")

    monkeypatch.setattr(what, recorded)
    code, _, error = run(capsys, *argv.split())
    assert (code, [work.workers for work in asked]) == (2, [3]), error


def test_evidence_that_no_file_has_is_sampled_by_all_processors():
    settled, _ = COMMANDS["occupancy"].settle(_given("occupancy", n="100", theory="evidence"))
    assert settled["workers"] == (os.cpu_count() or 1)
    settled, _ = COMMANDS["occupancy"].settle(_given("occupancy", n="100", theory="mcmc"))
    assert settled["workers"] == 1


def _given(command, **values):
    return {option.name: values.get(option.name) for option in COMMANDS[command].options}


def test_the_examples_of_importances_and_probabilities_are_a_model():
    """What ``--help`` shows can be typed: probabilities there add up to 1."""
    for declared in weights():
        shown = declared.help.rpartition(": ")[2]
        name = declared.flags[0]
        values = fractions(name, shown)
        assert TMS(6, **{name.removeprefix("--"): values}).c == 6
