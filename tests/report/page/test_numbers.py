"""Numbers by name: taken from tables and claims as they stand there, and nothing else."""

from __future__ import annotations

import json
import re

import pytest

from kgon.base.table import Column, Table
from kgon.base.verdicts import KgonError, Verdict
from kgon.experiments.llc.against_loss import RankTest
from kgon.proofs.global_minimum import prove_global_minimum
from kgon.report.artefact import artefacts
from kgon.report.claims.claim import own_claim
from kgon.report.page.named import CELLS, CLAIMED, PROVED, SAMPLED, largest, smallest
from kgon.report.page.numbers import numbers_of, write_numbers
from kgon.report.product import Made, Product

LABELS = "number of k-gon labels at c = 6"


def made_table(name: str, rows: list[dict[str, str]]) -> Made:
    columns = [Column(key, key) for key in rows[0]]
    table = Table(name=name, title="", columns=columns, rows=rows)
    return Made.of(artefacts("table")[name], Product(value=table))


def made_claim(said: str, verdict: Verdict = Verdict.PROVED) -> Made:
    claim = own_claim(LABELS, said, rule="equal", verdict=verdict)
    return Made.of(artefacts("claims")["catalogue_claims"], Product(value=[claim]))


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


def test_a_claim_that_is_a_number_is_taken_as_it_stands() -> None:
    found = numbers_of([made_claim("18")])["labels.count"]
    assert (found["value"], found["rests"]) == ("18", PROVED)
    assert numbers_of([made_claim("17", Verdict.REFUTED)])["labels.count"]["rests"] != PROVED


def test_what_is_proved_says_its_row() -> None:
    rows = [
        {"label": label, "role": "vertex", "kind": "fold", "parameter": "0.39", "status": status}
        for label, status in (("6", "proved"), ("7", "converged"))
    ]
    found = numbers_of([made_table("branches", rows)])
    assert found["fold.6"]["rests"] == PROVED != found["fold.7"]["rests"]


def test_what_was_made_and_judged_is_counted() -> None:
    found = numbers_of([made_claim("18"), made_table("ncrit", [row("1")])])
    counts = {name: x["value"] for name, x in found.items() if x["rests"] == "count"}
    assert (counts["claims.count"], counts["claims.proved"], counts["claims.refuted"]) == ("1", "1", "0")
    assert (counts["tables.count"], counts["figures.count"]) == ("1", "0")


def test_two_numbers_of_one_name_are_refused() -> None:
    with pytest.raises(KgonError, match="two numbers"):
        numbers_of([made_table("ncrit", [row("1"), row("2")])])


def test_the_file_is_a_document_with_fields_of_results() -> None:
    ranks = RankTest(
        complexity="λ", count=10, spearman=-0.9, spearman_p=2e-4, kendall=-0.8, kendall_p=5e-4,
        verdict=Verdict.CONFIRMED,
    )  # fmt: skip
    data = json.loads(write_numbers([], prove_global_minimum(4), ranks, [])["numbers.json"])
    assert (data["schema"], data["options"]) == ("kgon/numbers/1", {"full": False})
    found = data["data"]["numbers"]
    assert (found["spearman"]["value"], found["spearman.p"]["value"]) == ("-0.90", "0.0002")
    assert found["global-minimum.6"]["rests"] == PROVED
    assert {x["rests"] for name, x in found.items() if name.endswith(".count")} == {"count"}


def test_parts_of_cells() -> None:
    assert (largest("1, 2"), largest("2"), largest("none")) == ("2", "2", "")
    assert (smallest("1, 2"), smallest("2"), smallest("none")) == ("1", "", "")


def test_what_has_a_name_is_declared_with_care() -> None:
    assert {each.table for each in CELLS} <= set(artefacts("table"))
    for name in (*CLAIMED, *(each.name for each in CELLS)):
        assert re.fullmatch(r"[\w{}.,+-]+", name), name
    assert all(each.says for each in CELLS)
