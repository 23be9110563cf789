"""Exact λ: closed formulas, certificates that the independent checker accepts, refusals."""

import json
from fractions import Fraction

import pytest

from kgon.base.verdicts import KgonError, Verdict
from kgon.free_energy.learning import LearningCoefficient, learning_coefficient, learning_coefficients
from kgon.kgons.catalogue import Catalogue
from kgon.proofs.check import check_certificate

AT_SIX = {
    "6": "17/2", "5+": "17/2", "5": "7", "4++": "17/2", "4+": "8", "4": "15/2", "4-": "11/2", "4--": "2",
    "4--:opposite": "9/2", "4---": "1", "4----": "0",
}  # fmt: skip


def test_the_ten_labels_of_six_features():
    found = {str(x.name): x for x in learning_coefficients(6)}
    assert {name: str(x.lambda_) for name, x in found.items()} == AT_SIX
    assert len({x.label for x in found.values()}) == 10
    assert all(x.verdict is Verdict.PROVED and x.multiplicity == 1 for x in found.values())


@pytest.mark.parametrize("c", [4, 5, 6, 7, 8])
def test_every_local_minimum_has_a_proof_that_the_checker_accepts(c):
    found = learning_coefficients(c)
    assert {x.name for x in found} == {p.name for p in Catalogue(c) if p.is_minimum}
    for x in found:
        report = check_certificate(json.dumps(x.certificate))
        assert report.verdict == "PROVED"
        assert x.certificate["claims"]["verdict"] == "minimum"
        assert x.lambda_ == Fraction(3 * c - x.flat_dimension, 2)
        assert x.lambda_ == Catalogue(c)[x.name].lambda_


@pytest.mark.parametrize(("c", "k", "sigma"), [(8, 5, 0), (8, 8, 0), (8, 7, 1), (12, 9, 3), (12, 7, 0)])
def test_polygons_count_their_columns(c, k, sigma):
    """Codimension of rotation and dead columns: λ = (3(k + σ) − 1)/2."""
    label = f"{k}{'+' * sigma}"
    assert learning_coefficient(label, c).lambda_ == Fraction(3 * (k + sigma) - 1, 2)


@pytest.mark.parametrize("label", ["4+-", "4++--:opposite", "4+----", "4++-"])
def test_what_is_no_minimum_has_no_lambda(label):
    with pytest.raises(KgonError, match="not a local minimum"):
        learning_coefficient(label)


def test_a_saddle_has_no_lambda():
    """5⁺ at c = 7 has a dead column beside a positive one: derivation 2b, Proposition 4."""
    with pytest.raises(KgonError, match=r"lambda of 5[+] is not defined"):
        learning_coefficient("5+", 7)


def test_impossible_labels_are_refused():
    with pytest.raises(KgonError, match="at least 7 features"):
        learning_coefficient("7")


def test_the_representative_is_named_where_it_matters():
    assert "differs elsewhere" in learning_coefficient("4-").representative
    assert "0, 2 at their vertices" in learning_coefficient("4--:opposite").representative
    assert learning_coefficient("6").representative == "unique up to symmetry"


def test_json_round_trip():
    found = learning_coefficient("4-")
    again = LearningCoefficient.from_json(found.to_json())
    assert again.lambda_ == found.lambda_ and again.certificate == found.certificate
    assert found.data()["lambda"] == 5.5 and str(found).count("11/2") == 2


@pytest.mark.parametrize(("label", "words"), [("4+", "8"), ("4", "15/2 = 7.5")])
def test_an_integer_is_written_once(label, words):
    assert dict(learning_coefficient(label).rows())["learning coefficient λ"] == words
