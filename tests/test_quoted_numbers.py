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
LEVEL, MEASURED, SETTING = "a level of confidence", "measured beside other libraries", "an input"
TYPED = {
    "README.md": {"the version of Python": ["3.11"]},
    "docs/asked-and-answered.md": {LEVEL: ["95 %"]},
    "docs/branches.md": {SETTING: ["0.25", "0.25"]},
    "docs/errata.md": {
        SECOND_HAND: ["1.24975", "0.85483", "1.55041", "1.29122", "1.55045", "1.29119", "2.77311", "6.37767"],
    },
    "docs/free-energy.md": {SETTING: ["0.034"], SECOND_HAND: ["6.37767"]},
    "docs/how-fast.md": {MEASURED: ["11.3", "1.27", "1.38", "1.93", "1.94", "2.85", "40 %", "43 %", "7 %"]},
    "docs/lambda-hat.md": {SECOND_HAND: ["5 %"]},
    "docs/posterior.md": {SETTING: ["2 %"]},
    "docs/quickstart.md": {"the version of Python": ["3.11"]},
    "docs/training.md": {SETTING: ["0.999", "2 %", "2 %"], LEVEL: ["95 %"]},
    "docs/which-method.md": {LEVEL: ["95 %"]},
}
"""The numbers that stand in a page without a name, in this order for each reason why they may."""
NO_PROSE = (
    (r"^:::\{kept-table\}.*?^:::\s*$", re.S | re.M),
    (r"^```.*?^```\s*$", re.S | re.M),
    (r"<!-- number:.*?<!-- /number -->", re.S),
    (r"`[^`]*`", re.S),
    (r"\]\([^)]*\)", 0),
)
"""Tables of results, code, numbers by name and targets of links, in the order in which they are taken out."""
FORMULA = re.compile(r"\$\$.*?\$\$|(?<!\\)\$[^$\n]+\$", re.S)
DECIMAL, SHARE = re.compile(r"(?<![\w.:/^])\d+\.\d+(?!\w)"), re.compile(r"\d+(?:\.\d+)?[ \\]*%")
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
    """List what is typed: decimals of three digits or more, in formulas of two, and all percentages."""
    for pattern, flags in NO_PROSE:
        text = re.sub(pattern, " ", text, flags=flags)
    in_formulas = " ".join(FORMULA.findall(text))
    rest = FORMULA.sub(" ", text)
    return [*decimals(in_formulas, 2), *decimals(rest, 3), *SHARE.findall(rest)]


def decimals(text, digits):
    """List the decimal numbers of so many significant digits or more."""
    return [x for x in DECIMAL.findall(text) if len(x.replace(".", "").lstrip("0")) >= digits]


def test_what_counts_as_typed():
    assert typed_in("n = 601.005, {number}`a` and 0.0482; 1.5, 0.05, 1.2.3") == ["601.005", "0.0482"]
    assert typed_in("`1.234` $x=1.234$ [a](b-1.234.md)\n```\n1.234\n```\n") == ["1.234"]
    assert typed_in("$0.0078$ $\\frac12 a^{1}$ 92 % and 3.5%") == ["0.0078", "92 %", "3.5%"]
    assert typed_in("<!-- number: a -->1.234<!-- /number --> 1.235") == ["1.235"]
    assert typed_in(":::{kept-table} search\n:words: what\n0.0693: two\n:::\n") == []


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
    allowed = {name: sorted(x for part in why.values() for x in part) for name, why in TYPED.items()}
    typed = {name: sorted(numbers) for name, numbers in found.items() if numbers}
    assert typed == allowed, "ask for the number by its name: {number}`name`, or {kept}`result path`"
