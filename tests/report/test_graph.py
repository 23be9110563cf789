"""The graph of artefacts: each study once, what fails is listed, options come from the signatures."""

from __future__ import annotations

from typing import Any

import pytest

from kgon.base.verdicts import KgonError
from kgon.base.work import Work
from kgon.cli.report import reproduce
from kgon.report import reproduce as main_job
from kgon.report.artefact import MODULES, Artefact, Registry, artefacts
from kgon.report.figures import FIGURES
from kgon.report.graph import in_order, make_all, make_one
from kgon.report.tables import TABLES

MADE: list[str] = []


def source(work: Work, c: int = 6, full: bool = False) -> str:
    MADE.append(f"{c} {full} {work.folder}")
    return f"source of {c}"


def broken() -> None:
    raise KgonError("no luck")


def derived(source: str) -> str:
    return f"derived from {source}"


def shown(derived: str, source: str, label: str | None = None) -> str:
    return f"{derived}, {source}, {label}"


def spoilt(broken: None) -> None:
    raise AssertionError("never made")


def wrong() -> None:
    raise ZeroDivisionError("a bug")


@pytest.fixture
def invented(monkeypatch: pytest.MonkeyPatch) -> dict[str, Artefact]:
    MADE.clear()
    found = {}
    for kind, functions in (("study", (source, broken, derived)), ("table", (shown, spoilt, wrong))):
        for make in functions:
            found[make.__name__] = Artefact(name=make.__name__, kind=kind, make=make)
            monkeypatch.setitem(artefacts(kind), make.__name__, found[make.__name__])
    return found


def test_a_study_is_made_once_and_first(invented: dict[str, Artefact]) -> None:
    tables = [invented["spoilt"], invented["shown"]]
    assert [x.name for x in in_order(tables)] == ["broken", "source", "derived", "spoilt", "shown"]
    made = make_one(Registry("table"), "shown", {"c": 7})
    assert made.value == "derived from source of 7, source of 7, None"
    assert MADE == ["7 False None"]


def test_what_is_given_is_not_made(invented: dict[str, Artefact]) -> None:
    made = make_one(Registry("table"), "shown", {"source": "x", "label": "5"})
    assert made.value == "derived from x, x, 5"
    assert MADE == []


def test_what_fails_is_listed_and_the_rest_is_made(invented: dict[str, Artefact], tmp_path: Any) -> None:
    finished, told = {}, []
    failed = make_all(
        [invented[name] for name in ("spoilt", "wrong", "shown")], {"full": True},
        work=Work(folder=tmp_path), tell=told.append,
        finish=lambda artefact, made: finished.update({artefact.name: made.value}),
    ).failed  # fmt: skip
    assert failed == {
        "study broken": "no luck",
        "table spoilt": "needs study broken, which failed",
        "table wrong": "ZeroDivisionError('a bug')",
    }
    assert list(finished) == ["source", "derived", "shown"]
    assert told == [
        "study broken, 5 left", "study source, 3 left", "study derived, 2 left", "table wrong, 1 left",
        "table shown, 0 left",
    ]  # fmt: skip
    assert [f"6 True {tmp_path / 'source' / 'full'}"] == MADE


def test_one_artefact_alone_raises(invented: dict[str, Artefact]) -> None:
    with pytest.raises(KgonError, match="no luck"):
        make_one(Registry("table"), "spoilt", {})
    with pytest.raises(ZeroDivisionError):
        make_one(Registry("table"), "wrong", {})


def test_options_are_those_of_the_signatures(invented: dict[str, Artefact]) -> None:
    assert invented["shown"].options == ("c", "label", "full")
    assert invented["spoilt"].options == ()
    for given, words in (
        ({"colour": 1}, "unknown option 'colour' of a table; the options are c, label, theory, beta, full"),
        (
            {"theory": "laplace"},
            r"table shown does not depend on theory \(got 'laplace'\); options: c, l",
        ),
        ({"evidence": 1}, "does not depend on evidence"),
        ({"full": "yes"}, "full must be True or False, got 'yes'"),
    ):
        with pytest.raises(KgonError, match=words):
            make_one(Registry("table"), "shown", given)
    assert MADE == []
    make_one(Registry("table"), "shown", {"theory": "prior", "beta": "1", "c": None})  # the defaults of all


def test_every_artefact_says_what_it_is_and_what_it_needs() -> None:
    for kind in MODULES:
        for name, artefact in artefacts(kind).items():
            assert artefact.name == name and artefact.kind == kind and artefact.description
            given = {"work", "folder", "claims", *(("made", "failed", "about") if kind == "page" else ())}
            known = {*artefact.options, *(x.name for x in artefact.inputs), *given}
            assert set(artefact.parameters) <= known, name
    assert TABLES["theories"].options == ("full",)  # for six features alone
    assert FIGURES["loss-lambda-hat"].options == ("full",)


def test_the_command_says_what_failed(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setattr(main_job, "artefacts", lambda kind: SMALL.get(kind, {}))
    found = reproduce(full=False, strict=False, work=Work(folder=tmp_path, progress=lambda _: None))
    assert not found.holds
    assert "table wrong failed: ZeroDivisionError('a bug')" in found.text
    assert "1 artefacts failed" not in found.text and "an artefact failed" in found.text
    assert (tmp_path / "tables" / "catalogue.txt").exists() and (tmp_path / "claims.json").exists()


SMALL = {
    "table": {
        "wrong": Artefact(name="wrong", kind="table", make=wrong),
        "catalogue": TABLES["catalogue"],
    }
}
