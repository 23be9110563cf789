"""Numbers by name: taken from tables and claims as they stand there, and nothing else."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from kgon.base.table import Column, Table
from kgon.base.verdicts import KgonError, Verdict
from kgon.report.artefact import artefacts
from kgon.report.claims.claim import own_claim
from kgon.report.page.named import CELLS, PROVED, QUOTES, SAMPLED, largest, smallest
from kgon.report.page.numbers import numbers_of, write_numbers
from kgon.report.product import Made, Product

OCTAGON = "c = 8: the regular octagon is not the global minimum"


def made_table(name: str, rows: list[dict[str, str]]) -> Made:
    columns = [Column(key, key) for key in rows[0]]
    table = Table(name=name, title="", columns=columns, rows=rows)
    return Made.of(artefacts("table")[name], Product(value=table))


def made_claim(said: str, verdict: Verdict = Verdict.PROVED) -> Made:
    claim = own_claim(OCTAGON, said, rule="lower", verdict=verdict)
    return Made.of(artefacts("claims")["minimum_claims"], Product(value=[claim]))


def row(roots: str, beta: str = "1") -> dict[str, str]:
    return {"pair": "5 → 6", "theory": "prior", "beta": beta, "roots": roots}


def test_a_cell_is_a_number_under_the_name_of_its_row() -> None:
    found = numbers_of([made_table("ncrit", [row("0.16, 601.005"), row("none", beta="0.5")])])
    assert found["ncrit.5-6.prior.beta-1"]["value"] == "601.005"
    assert found["ncrit.5-6.prior.beta-1.first"]["value"] == "0.16"
    assert "ncrit.5-6.prior.beta-0.5" not in found
    assert found["ncrit.5-6.prior.beta-1"]["from"] == "table ncrit"
    assert "5 → 6" in found["ncrit.5-6.prior.beta-1"]["says"]


def test_a_number_with_an_error_is_sampled() -> None:
    rows = [{"label": "4", "laplace": "-18.6 ± 0.1", "c_prior": "2"}]
    found = numbers_of([made_table("phases", rows)])
    assert found["constant.laplace.4"]["rests"] == SAMPLED
    assert found["constant.prior.4"]["rests"] != SAMPLED


def test_a_number_is_taken_from_what_is_said_of_a_claim() -> None:
    found = numbers_of([made_claim("7+ is lower by 0.0049")])["octagon.excess"]
    assert (found["value"], found["rests"]) == ("0.0049", PROVED)
    assert numbers_of([made_claim("7+ is lower by 1", Verdict.REFUTED)])["octagon.excess"]["rests"] != PROVED
    with pytest.raises(KgonError, match=r"octagon\.excess.*something else"):
        numbers_of([made_claim("something else")])


def test_what_was_made_and_judged_is_counted() -> None:
    found = numbers_of([made_claim("lower by 1"), made_table("ncrit", [row("1")])])
    counts = {name: x["value"] for name, x in found.items() if x["rests"] == "count"}
    assert (counts["claims.count"], counts["claims.proved"], counts["claims.refuted"]) == ("1", "1", "0")
    assert (counts["tables.count"], counts["figures.count"]) == ("1", "0")


def test_two_numbers_of_one_name_are_refused() -> None:
    with pytest.raises(KgonError, match="two numbers"):
        numbers_of([made_table("ncrit", [row("1"), row("2")])])


def test_the_file_is_a_document_and_holds_nothing_of_what_is_not_there() -> None:
    files = write_numbers([replace(made_claim("lower by 1"), value=[])])
    data = json.loads(files["numbers.json"])
    assert (data["schema"], data["options"]) == ("kgon/numbers/1", {"full": False})
    assert set(data["data"]["numbers"]) == {"figures.count", "tables.count", "claims.count"} | {
        f"claims.{verdict}".lower() for verdict in Verdict
    }


def test_parts_of_cells() -> None:
    assert (largest("1, 2"), largest("2"), largest("none")) == ("2", "2", "")
    assert (smallest("1, 2"), smallest("2"), smallest("none")) == ("1", "", "")


def test_what_has_a_name_is_declared_with_care() -> None:
    assert {each.table for each in CELLS} <= set(artefacts("table"))
    for each in (*CELLS, *QUOTES):
        assert each.says
        assert re.fullmatch(r"[\w{}.,+-]+", each.name), each.name
    names = [each.name for each in QUOTES]
    assert len(names) == len(set(names))
    assert all(re.compile(each.pattern).groups == 1 for each in QUOTES)
