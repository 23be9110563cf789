"""Numbers in the documentation and the README: each comes by its name, and is what the main job finds."""

import json
import re
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from support.command import run

from kgon.report.artefact import Registry
from kgon.report.graph import make_one
from kgon.report.page.numbers import numbers_of
from kgon.report.product import Made

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs").glob("*.md"))
QUICK = ("catalogue", "exact", "learning", "ncrit", "existence")
"""Tables that need no study, or one of a few seconds."""
LARGEST_ERROR = 3
"""Standard errors by which two samples may differ."""
SECOND_HAND = "published, quoted"
FULL = "of --full or of a long search, which the quick main job has not: still to be had by name"
TYPED = {
    "README.md": (1, "the version of Python"),
    "docs/branches.md": (1, "where a bias is zero: one of the regions that kgon table branches lists"),
    "docs/critical-points.md": (30, FULL),
    "docs/errata.md": (8, SECOND_HAND),
    "docs/free-energy.md": (1, SECOND_HAND),
    "docs/how-fast.md": (6, "measured beside other libraries by kgon bench speed"),
    "docs/lambda-hat.md": (123, FULL),
    "docs/learning-coefficients.md": (6, f"{SECOND_HAND}: four; of kgon antecedent --sampled: two"),
    "docs/posterior.md": (1, FULL),
    "docs/quickstart.md": (1, "the version of Python"),
    "docs/training.md": (16, FULL),
}
"""How many decimal numbers of three digits or more stand in a page without a name, and why they may."""
NO_PROSE = (
    (r"^```.*?^```\s*$", re.S | re.M),
    (r"\$\$.*?\$\$", re.S),
    (r"(?<!\\)\$[^$\n]+\$", 0),
    (r"<!-- number:.*?<!-- /number -->", re.S),
    (r"`[^`]*`", re.S),
    (r"\]\([^)]*\)", 0),
)
"""Code, formulas, numbers by name and targets of links, in the order in which they are taken out."""
ROLE = re.compile(r"\{number\}`([^`]*)`")


@pytest.fixture(scope="module")
def quick_numbers():
    """The numbers of the tables that are quick to make."""
    register = Registry("table")
    return numbers_of([Made.of(register[name], make_one(register, name, {})) for name in QUICK])


def agree(kept, fresh):
    """Whether two values of a number agree: as text, or, sampled, within their errors."""
    if kept == fresh:
        return True
    parts = [x.split(" ± ") for x in (kept, fresh)]
    if [len(x) for x in parts] != [2, 2]:
        return False
    (first, its), (second, others) = [[Decimal(y) for y in x] for x in parts]
    return (first - second) ** 2 <= LARGEST_ERROR**2 * (its**2 + others**2)


def test_proved_losses_lambda_and_n_crit_are_those_of_today(quoted, quick_numbers):
    fresh = {name: x for name, x in quick_numbers.items() if x["rests"] != "count"}
    assert {"loss.6", "loss.6.exact", "lambda.5", "ncrit.5-6.prior.beta-1", "regular.9.length"} <= set(fresh)
    kept = quoted.known()
    assert {name: kept.get(name) for name in fresh} == fresh


@pytest.mark.slow
@pytest.mark.usefixtures("common_store")
def test_every_number_is_that_of_the_main_job(quoted, capsys, tmp_path):
    code, _, _ = run(capsys, "reproduce", "--out", str(tmp_path / "job"), "--no-progress")
    assert code == 0
    fresh = json.loads((tmp_path / "job/numbers.json").read_text(encoding="utf-8"))["data"]["numbers"]
    kept = json.loads(quoted.NUMBERS.read_text(encoding="utf-8"))["data"]["numbers"]
    assert kept.keys() == fresh.keys()
    assert {name for name in kept if not agree(kept[name]["value"], fresh[name]["value"])} == set()
    for name in kept:
        assert {**kept[name], "value": ""} == {**fresh[name], "value": ""}


def test_values_agree_as_text_or_within_their_errors():
    assert agree("1.50", "1.50")
    assert not agree("1.50", "1.51")
    assert agree("1.0 ± 0.1", "1.4 ± 0.1")
    assert not agree("1.0 ± 0.1", "1.5 ± 0.1")
    assert not agree("1.0 ± 0.1", "1.0")


def test_a_number_is_shown_as_it_is_kept_or_rounded(quoted, monkeypatch):
    kept = {"a": {"value": "0.0481924"}, "b": {"value": "256.1 ± 2.0"}, "c": {"value": "39 of 45"}}
    monkeypatch.setattr(quoted, "known", lambda: kept)
    assert [quoted.shown(x) for x in ("a", "a .4f", "b", "b .0f", "c")] == [
        "0.0481924", "0.0482", "256.1 ± 2.0", "256", "39 of 45",
    ]  # fmt: skip
    with pytest.raises(ValueError, match=r"c is '39 of 45'"):
        quoted.shown("c .4f")
    with pytest.raises(KeyError):
        quoted.shown("d")
    text = "n <!-- number: b .0f -->7<!-- /number --> and <!-- number: a -->\n<!-- /number -->."
    filled = "n <!-- number: b .0f -->256<!-- /number --> and <!-- number: a -->0.0481924<!-- /number -->."
    assert quoted.fill(text) == filled == quoted.fill(filled)


def test_the_readme_has_the_numbers_that_are_kept(quoted):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(quoted.SPAN.findall(text)) == text.count("<!-- number:") >= 5
    assert quoted.fill(text) == text, "run python docs/quoted_numbers.py"


def test_every_number_that_a_page_asks_for_is_there(quoted):
    asked = [(page.name, x) for page in PAGES for x in ROLE.findall(page.read_text(encoding="utf-8"))]
    assert len(asked) > 40
    for _, name in asked:
        assert quoted.shown(name)


def typed_in(text):
    """The decimal numbers of three significant digits or more that are typed."""
    for pattern, flags in NO_PROSE:
        text = re.sub(pattern, " ", text, flags=flags)
    found = re.findall(r"(?<![\w.:/])\d+\.\d+(?!\w)", text)
    return [x for x in found if len(x.replace(".", "").lstrip("0")) >= 3]


def test_what_counts_as_typed():
    assert typed_in("n = 601.005, {number}`a` and 0.0482; 1.5, 0.05, 1.2.3") == ["601.005", "0.0482"]
    assert typed_in("`1.234` $x=1.234$ [a](b-1.234.md)\n```\n1.234\n```\n") == []
    assert typed_in("<!-- number: a -->1.234<!-- /number --> 1.235") == ["1.235"]


def test_a_name_that_is_not_there_ends_the_build(quoted, tmp_path):
    pytest.importorskip("myst_parser")
    from sphinx.application import Sphinx
    from sphinx.errors import ExtensionError

    config = {"extensions": ["myst_parser", "quoted_numbers"]}
    sys.modules["quoted_numbers"] = quoted

    def build(text):
        (tmp_path / "index.md").write_text(f"# Page\n\n{text}\n", encoding="utf-8")
        places = [str(tmp_path), None, str(tmp_path / "out"), str(tmp_path / "trees")]
        Sphinx(*places, "text", confoverrides=config, status=None, warning=None).build()
        return (tmp_path / "out/index.txt").read_text(encoding="utf-8")

    assert f"L is {quoted.shown('loss.6 .4f')}." in build("L is {number}`loss.6 .4f`.")
    for wrong in ("loss.sixty", "pairs.count .q"):
        with pytest.raises(ExtensionError, match=r"index, line 3.*" + re.escape(wrong)):
            build(f"L is {{number}}`{wrong}`.")


def test_no_result_is_typed_that_is_not_listed():
    pages = [ROOT / "README.md", *PAGES]
    found = {page.relative_to(ROOT).as_posix(): typed_in(page.read_text(encoding="utf-8")) for page in pages}
    counts = {name: len(numbers) for name, numbers in found.items() if numbers}
    wrong = {name: found[name] for name, count in counts.items() if count != TYPED.get(name, (0, ""))[0]}
    assert wrong == {}, "ask for the number by its name: {number}`name`, with the names of docs/numbers.json"
    assert counts.keys() == TYPED.keys()
