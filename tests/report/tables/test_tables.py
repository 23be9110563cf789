"""Tables: what they show is what was computed, and the LaTeX compiles."""

import csv
import io

import pytest
from support.exhaustive import exhaustive
from support.latex import compiled, complaints

from kgon.base.text import with_error
from kgon.base.verdicts import KgonError
from kgon.experiments.llc import two_ways
from kgon.experiments.posterior.as_theory import sampled_crossing
from kgon.free_energy.crossings import n_crit
from kgon.free_energy.learning import learning_coefficients
from kgon.free_energy.phases import phase
from kgon.kgons.catalogue import Catalogue
from kgon.report import tables
from kgon.report.artefact import Registry
from kgon.report.graph import make_one
from kgon.report.store import Store, default_place

pytestmark = pytest.mark.usefixtures("common_store")


def cells(name, **options):
    made = tables.make_table(name, store=Store(default_place()), **options)
    return list(csv.DictReader(io.StringIO(made.csv())))


def test_catalogue_table_shows_the_catalogue():
    rows = cells("catalogue")
    points = list(Catalogue(6))
    assert [row["label"] for row in rows] == [str(point.name) for point in points]
    for row, point in zip(rows, points, strict=True):
        assert float(row["loss"]) == pytest.approx(point.loss, abs=5e-9)
        assert float(row["c_prior"]) == pytest.approx(point.c_prior, abs=5e-7)


def test_phase_table_is_the_published_one():
    rows = {row["label"]: row for row in cells("phases")}
    assert len(rows) == 11 and "4----" in rows
    published = {
        "5": ("7", 0.06874, 3.62417),
        "5+": ("8.5", 0.06180, 3.62764),
        "6": ("8.5", 0.04819, 6.37764),
    }
    for label, (lam, loss, constant) in published.items():
        assert rows[label]["lambda"] == lam
        assert round(float(rows[label]["loss"]), 5) == loss
        assert round(float(rows[label]["c_prior"]), 5) == constant
    assert rows["5"]["attained"] == "no"
    assert rows["4--:opposite"]["laplace"] == ""
    for label in ("5", "6"):
        assert float(rows[label]["laplace"]) == pytest.approx(
            float(phase(label, theory="laplace").constant), abs=5e-7
        )


def test_ncrit_table_covers_all_pairs_theories_and_betas():
    rows = cells("ncrit")
    assert len(rows) == 3 * 4 * 2
    found = next(r for r in rows if (r["pair"], r["theory"], r["beta"]) == ("5 → 6", "prior", "1"))
    assert found["roots"] == "0.15985967, 601.00519"
    assert len(cells("ncrit", theory="none", beta="2")) == 3


def test_unknown_table():
    with pytest.raises(KgonError, match="'lengths'"):
        tables.make_table("lengths")


SAMPLED = {
    "learning-check", "branches", "claims", "evidence", "llc-bias", "llc-convergence", "llc-falls",
    "llc-published", "loss-lambda-hat", "sgd-transitions", "solids", "theories", "transition-rates",
}  # fmt: skip
"""Tables that take more than ten seconds to make."""


@pytest.mark.integration
@pytest.mark.parametrize("name", exhaustive(tables.TABLES, quick=set(tables.TABLES) - set(SAMPLED)))
def test_latex_compiles(name, tmp_path, monkeypatch, study):
    if name == "learning-check":  # only its form matters here
        monkeypatch.setattr(two_ways, "QUICK", two_ways.CheckEffort(chains=8, draws=8, resolution=1.0))
        studies = {"learning_checks": make_one(Registry("study"), "learning_checks", {}).value}
    else:
        studies = {x.name: study(x.name) for x in tables.TABLES[name].inputs if x.kind == "study"}
    text = tables.make_table(name, **studies).latex()
    assert complaints(compiled(tmp_path, [text])) == []


def test_theories_stand_beside_the_evidence(evidence):
    rows = {(row["theory"], row["beta"]): row for row in cells("theories", evidence=evidence)}
    assert [theory for theory, beta in rows if beta == "1"] == [
        "none",
        "prior",
        "laplace",
        "laplace2",
        "evidence",
    ]
    for (theory, beta), row in rows.items():
        if theory == "evidence":
            root = sampled_crossing(evidence, "5,5+", "6", beta=beta).roots[0]
            assert row["both"] == with_error(root.n, root.stderr)
        else:
            assert float(row["single"]) == pytest.approx(
                n_crit("5", "6", theory=theory, beta=beta).roots[-1].n, abs=5e-3
            )
            assert float(row["both"]) > float(row["single"])


def test_evidence_table_has_the_union_below_its_parts(evidence):
    for row in cells("evidence", evidence=evidence):
        both, one, other = (float(row[name].split()[0]) for name in ("5,5+", "5", "5+"))
        assert both < min(one, other)
        assert float(row["all"].split()[0]) <= both + 0.05


def test_transitions_table_gives_the_reason():
    rows = {row["pair"]: row for row in cells("transitions")}
    assert rows["4+ → 5"]["verdict"] == "REFUTED" and "8 → 7" in rows["4+ → 5"]["reason"]
    assert rows["4++- → 4+"]["before"] == "undefined" and rows["5 → 6"]["verdict"] == "PROVED"


def test_learning_table_is_the_proved_one():
    rows = {row["label"]: row for row in cells("learning", c=7)}
    for found in learning_coefficients(7):
        row = rows[str(found.name)]
        assert float(row["lambda"]) == float(found.lambda_) and row["flat"] == str(found.flat_dimension)
    assert "5+" not in rows  # a saddle at c = 7
