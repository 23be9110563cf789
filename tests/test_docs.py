"""The examples in the documentation run, and show what they print."""

import csv
import doctest
import importlib
import importlib.util
import json
import re
from pathlib import Path

import pytest
from support.command import need, run
from support.documentation import module_of_documentation

from kgon.report.artefact import artefacts

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"```python\n(.*?)```", re.S)
PAGES = {path.stem: BLOCK.findall(path.read_text(encoding="utf-8")) for path in (ROOT / "docs").glob("*.md")}
SESSIONS = sorted(name for name, blocks in PAGES.items() if any(">>>" in block for block in blocks))
"""Pages whose blocks are sessions of the interpreter; the blocks of a page are one session."""
SCRIPTS = sorted(name for name, blocks in PAGES.items() if blocks and name not in SESSIONS)
"""Pages whose blocks are code without its output."""
CONSOLES = (
    *(
        "tutorial-slt",
        "tutorial-certificates",
        "how-to-point",
        "how-to-ncrit",
        "how-to-latex",
        "how-to-branch",
    ),
    *("how-to-cluster", "faq"),
)
"""Pages whose commands are run as they stand there."""
ELSEWHERE = {"real-models", "how-to-add"}
"""Run by tests/potential/test_torch.py, with the commands of the page, and by tests/test_how_to_add.py."""


@pytest.mark.parametrize("name", SESSIONS)
def test_a_session_prints_what_the_page_shows(name):
    test = doctest.DocTestParser().get_doctest("\n".join(PAGES[name]), {}, name, f"docs/{name}.md", 0)
    assert test.examples
    assert doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test).failed == 0


def test_commands_of_the_page_on_free_energies_print_what_it_shows(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs/free-energy.md").read_text(encoding="utf-8")
    shown = "".join(re.findall(r"```console\n(.*?)```", page, re.S)).split("$ kgon ")[1:]
    assert len(shown) == 4
    for command, _, text in (x.partition("\n") for x in shown):
        code, out, err = run(capsys, *command.split())
        assert code == 0, err
        assert not text or out.strip() == text.strip()


def console(page):
    """The commands of a page in order, each with what it prints there, and the files that the page has."""
    text = (ROOT / f"docs/{page}.md").read_text(encoding="utf-8")
    files = re.findall(r"```\{code-block\} text\n:caption: (\S+)\n(.*?)```", text, re.S)
    shown = "".join(re.findall(r"```console\n(.*?)```", text, re.S)).split("$ ")[1:]
    return files, [(line, said) for line, _, said in (x.partition("\n") for x in shown)]


def alike(shown, found):
    """Whether a page shows what was found; ``...`` stands for anything, and white space is one space."""
    pattern = ".*?".join(re.escape(" ".join(x.split())) for x in shown.split("..."))
    return re.fullmatch(
        pattern.replace(r"\ .*?", ".*?").replace(r".*?\ ", ".*?"), " ".join(found.split()), re.S
    )


@pytest.mark.slow
@pytest.mark.parametrize("page", CONSOLES)
def test_commands_of_a_tutorial_print_what_it_shows(page, capsys, tmp_path, monkeypatch):
    """Exit codes are 0, but for those that ``echo $?`` shows."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KGON_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("COLUMNS", "200")
    files, commands = console(page)
    for name, text in files:
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert commands
    for k, (line, shown) in enumerate(commands):
        if line == "echo $?":
            continue
        assert line.startswith("kgon ")
        code, out, err = run(capsys, *line.split()[1:])
        asked = k + 1 < len(commands) and commands[k + 1][0] == "echo $?"
        assert code == (int(commands[k + 1][1]) if asked else 0), (line, err)
        found = err if code == 2 else out
        assert alike(shown, found), f"$ {line}\n{found}"


@pytest.fixture(scope="module")
def figure_pages():
    return extension("figure_pages")


def test_every_figure_has_a_picture_and_its_words_in_the_gallery(figure_pages):
    written = figure_pages.gallery()
    for name, figure in artefacts("figure").items():
        file = ROOT / "docs" / figure_pages.picture(name)
        assert file.read_bytes().startswith(b"\x89PNG"), name
        assert file.parent.name == "images" or file.stat().st_size < figure_pages.LARGEST, name
        for words in (f"## {name}\n", figure.shows, figure.seen, figure.unseen, f"kgon figure {name}\n"):
            assert words and words in written, name
    kept = {path.stem for path in (ROOT / "docs/images/gallery").iterdir()}
    assert kept <= artefacts("figure").keys()


def test_the_tutorial_figure_by_figure_has_every_item_of_the_text(figure_pages):
    from kgon.report.page.text_items import TEXT_ITEMS

    written = figure_pages.steps()
    assert re.findall(r"^## (.*)$", written, re.M) == [item.title for item in TEXT_ITEMS]
    shown = [item for item in TEXT_ITEMS if item.shown]
    commands = re.findall(r"^kgon (\w+) (\S+) --out kgon-output$", written, re.M)
    assert commands == [(item.kind, item.shown) for item in shown] and len(shown) > 10
    assert all(f"index.html#{item.anchor}" in written for item in shown)


@pytest.mark.slow
def test_commands_of_the_tutorial_figure_by_figure_write_the_files_it_names(
    figure_pages, common_store, capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    for line in re.findall(r"^kgon .* --out kgon-output$", figure_pages.steps(), re.M):
        said(capsys, line)
    named = re.findall(r"`(kgon-output/\S+)`", figure_pages.steps())
    assert named and all((tmp_path / name).stat().st_size for name in named)


def test_every_command_has_its_run_time():
    run_times = extension("run_times")
    from kgon.cli import parser
    from kgon.cli.registry import COMMANDS

    assert parser and {line.split()[0] for line in (*run_times.COMMANDS, *run_times.LONG)} >= COMMANDS.keys()
    measured = json.loads(run_times.MEASURED.read_text(encoding="utf-8"))
    assert tuple(measured["seconds"]) == run_times.COMMANDS and tuple(measured["parts"]) == run_times.LONG
    assert all(seconds > 0 for seconds in (*measured["seconds"].values(), *measured["parts"].values()))
    assert all(f"`kgon {line}`" in run_times.table() for line in run_times.COMMANDS)


def test_every_format_is_listed(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    formats = extension("written_formats")
    from kgon.cli.registry import COMMANDS
    from kgon.proofs.check.entry import FORMATS

    assert all(f"`kgon/{name}/1`" in formats.of_commands() for name in COMMANDS)
    assert len(formats.results()) > 50 and "``kgon/n-crit/1``" in formats.of_results()
    assert all(f"`{form}`" in formats.of_certificates() for form in FORMATS)
    page = (ROOT / "docs/formats.md").read_text(encoding="utf-8")
    assert all(f"<!-- {name} -->" in page for name in formats.WRITERS)


@pytest.mark.parametrize("line", ["ncrit 5 6", "phases --among 5 6", "exact 6", "store"])
def test_what_a_command_writes_as_json_is_valid_by_the_schema_of_the_object(line, capsys):
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((ROOT / "kgon/base/document.schema.json").read_text(encoding="utf-8"))
    code, out, err = run(capsys, *line.split(), "--json")
    assert code == 0, err
    jsonschema.validate(json.loads(out), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**json.loads(out), "schema": "another"}, schema)


def test_what_a_page_leaves_out_matches_anything_and_nothing_else_does():
    assert alike("a ...\nc", "a b b\nc") and alike("...", "") and alike("a ... b", "a   x b")
    assert not alike("a ... d", "a b c") and not alike("a", "a b")


@pytest.mark.slow
def test_a_point_and_a_run_of_ones_own_take_three_commands(capsys, tmp_path, monkeypatch):
    """The rows of the ten-minute test, as the quickstart has them."""
    page = (ROOT / "docs/quickstart.md").read_text(encoding="utf-8").split("## Your own point")[1]
    blocks = re.findall(r"```(text|sh)\n(.*?)```", page.split("\n## ")[0], re.S)
    (point,) = [text for kind, text in blocks if kind == "text"]
    of_point, of_run = [text.splitlines() for kind, text in blocks if kind == "sh"]
    assert max(len(of_point), len(of_run)) <= 3
    monkeypatch.chdir(tmp_path)
    (tmp_path / "point.csv").write_text(point)
    verified, classified = (said(capsys, line) for line in of_point)
    assert "gradient within tolerance" in verified and "PROVED to lie within" in verified
    assert "nearest 6, basin 6, hull 6" in classified
    trained, labelled, listed = (said(capsys, line) for line in of_run)
    assert "4++- → 4+" in trained
    assert "changes of the nearest k-gon, with ΔL and Δλ between the two" in labelled
    assert labelled.splitlines()[-1].split()[1:] == ["4-", "4+", "-0.062500", "+2.5"]
    assert "the list is in labels.csv" in listed
    with open(tmp_path / "labels.csv", newline="") as file:
        steps = [int(row["step"]) for row in csv.DictReader(file)]
    assert steps == list(range(0, 50001, 100))


def test_phases_and_a_table_of_ones_own_take_three_commands(capsys, tmp_path, monkeypatch):
    page = (ROOT / "docs/quickstart.md").read_text(encoding="utf-8")
    (point,) = re.findall(r"```text\n(.*?)```", page.split("## Your own point")[1].split("\n## ")[0], re.S)
    blocks = re.findall(r"```sh\n(.*?)```", page.split("## Your own phases")[1].split("\n## ")[0], re.S)
    of_phases, of_table = [block.splitlines() for block in blocks]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "point.csv").write_text(point)
    alone, against = (said(capsys, line) for line in of_phases)
    assert "601" in alone and "601" in against
    (written,) = (said(capsys, line) for line in of_table)
    assert r"\begin{tabular}" in written and "point.csv & " in written and "CONFIRMED" in written


def said(capsys, line):
    """What a command of a page prints."""
    code, out, err = run(capsys, *line.split()[1:])
    assert line.startswith("kgon ") and code == 0, err
    return out


@pytest.mark.slow
@pytest.mark.integration
@pytest.mark.parametrize("name", sorted({*SCRIPTS} - ELSEWHERE))
def test_a_script_runs(name, tmp_path, monkeypatch):
    need("arviz_base")
    monkeypatch.chdir(tmp_path)
    exec("\n".join(PAGES[name]), {})


def extension(name):
    """A module of the documentation that writes a part of a page."""
    pytest.importorskip("sphinx")
    return module_of_documentation(name)


@pytest.fixture(scope="module")
def public_names():
    return extension("public_names")


@pytest.fixture(scope="module")
def paper():
    return extension("paper_rows")


def test_every_item_of_the_paper_has_an_answer_or_a_reason(paper):
    assert len({row.item for row in paper.ROWS}) == len(paper.ROWS) >= 35
    for row in paper.ROWS:
        assert row.item and row.states
        assert row.claims or row.later or row.tables or row.figures or row.pages or row.missing, row.item
        for kind, names in (("claims", row.later), ("table", row.tables), ("figure", row.figures)):
            assert {*names} <= artefacts(kind).keys(), row.item
        for name in row.pages:
            assert (ROOT / "docs" / f"{name}{paper.ending(name)}").exists(), row.item
    assert {*paper.JUDGED} <= artefacts("claims").keys()


@pytest.mark.slow
def test_every_claim_of_the_page_on_the_paper_is_one_and_its_verdict_is_shown(paper):
    judged = paper.judge()
    assert {name for row in paper.ROWS for name in row.claims} <= judged.keys()
    lines = {line.split(" | ")[0]: line for line in paper.table().splitlines()}
    octagon, table = lines["| App. E.2, 8-gon"], lines["| Table A.1"]
    assert "yes, corrects it" in octagon and "**REFUTED**" in octagon and "1.55041 \\[S\\]" in octagon
    assert "REFUTED" not in table and "1.55045 \\[S\\]; kgon: 1.55044969" in table
    marked = [claim for claim in judged.values() if claim.second_hand and claim.name in str(paper.ROWS)]
    assert len(marked) > 25 and all(claim.quoted.endswith("[S]") for claim in marked)


def test_an_item_without_an_answer_says_so(paper):
    assert paper.Row(item="x", states="y", missing="z").status({}) == "no"
    assert paper.Row(item="x", states="y", pages=("errata",)).status({}) == "yes"
    assert paper.Row(item="x", states="y", pages=("errata",), missing="z").status({}) == "part"


def test_the_errata_are_at_least_six_and_each_has_its_lines():
    page = (ROOT / "docs/errata.md").read_text(encoding="utf-8")
    entries = re.split(r"^\*\*(?=\d+\. )", page.split("**Not a misprint")[0], flags=re.M)[1:]
    assert len(entries) >= 6
    assert all(">>>" in entry for entry in entries)


def test_the_reference_has_every_public_name_once(public_names):
    listed = re.findall(r"^\.\. (?:autoclass|autofunction|py:data):: (\S+)", public_names.reference(), re.M)
    assert len(listed) == len(set(listed)) > 200
    written = {dotted.rpartition(".")[2]: dotted.rpartition(".")[0] for dotted in listed}
    assert len(written) == len(listed), "no two packages have different things of one name"
    for package in [*public_names.packages(), "kgon"]:
        module = importlib.import_module(package)
        for name in {*module.__all__} - {"__version__"}:
            where = importlib.import_module(written[name])
            assert getattr(module, name) is getattr(where, name), (package, name)


def test_a_new_public_name_appears_by_itself(public_names, monkeypatch):
    import kgon.numerics

    monkeypatch.setattr(kgon.numerics, "__all__", [*kgon.numerics.__all__, "newcomer"])
    monkeypatch.setattr(kgon.numerics, "newcomer", lambda: None, raising=False)
    assert ".. autofunction:: kgon.numerics.newcomer\n" in public_names.reference()
