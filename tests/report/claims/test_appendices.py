"""Claims on the appendices: what decides them, and near-misses that they must refute."""

from dataclasses import replace
from fractions import Fraction

import flint
import pytest
from flint import arb

from kgon.base.verdicts import Verdict
from kgon.experiments.training.results import TransitionCount
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.existence import prove_existence
from kgon.kgons.labels import Label
from kgon.kgons.polygons import regular_polygons
from kgon.report.claims import appendices, free_energy, polygons
from kgon.report.claims.claim import PAPER, TEXT, exact_claim, own_claim, rounding_claim
from kgon.report.claims.training import _inconclusive


def by_name(found):
    return {x.name: x for x in found}


def test_what_is_known_at_second_hand_is_marked_where_it_is_printed():
    read = rounding_claim("x", "0.5", arb("0.51"), source=TEXT)
    quoted = rounding_claim("x", "0.5", arb("0.51"), source=f"{PAPER}, Table 1")
    own = own_claim("x", "0.51", rule="none", verdict=Verdict.PROVED)
    assert [x.second_hand for x in (read, quoted, own)] == [False, True, False]
    assert [x.quoted for x in (read, quoted)] == ["0.5", "0.5 [S]"]
    assert "published 0.5 [S], ours" in quoted.headline() and "[S]" not in read.headline()
    assert quoted.to_dict()["data"]["second_hand"] is True


def test_a_number_without_rounding_must_be_equal():
    assert exact_claim("x", "2", arb(2)).verdict is Verdict.PROVED
    near = arb(2) + arb(2) ** -60  # 53 bits do not hold it: a ball around 2
    assert near.contains(2) and exact_claim("x", "2", near).verdict is Verdict.UNDECIDED
    with flint.ctx.workprec(128):
        assert exact_claim("x", "2", arb(2) + arb(2) ** -60).verdict is Verdict.REFUTED


def test_table_a1_is_right_at_the_octagon_and_the_text_is_not():
    found = by_name(polygons.polygon_claims())
    refuted = [name for name, x in found.items() if x.verdict is Verdict.REFUTED]
    assert refuted == [
        "l of the 8-gon, as the text has it",
        "b of the 8-gon, as the text has it",
        "h_8 = 3kL of the 8-gon at c = 8",
    ]
    assert all(x.verdict is Verdict.PROVED for name, x in found.items() if name not in refuted)
    assert float(polygons.h(8)) == pytest.approx(24 * Catalogue(8)["8"].loss, abs=1e-14)


def test_a_dead_feature_adds_one_only_where_no_bias_is_positive():
    assert polygons._rise(Label(5), 6) == 1
    assert polygons._rise(Label(4, 1), 5) == Fraction(41, 40)
    difference = 3 * (7 * Catalogue(7)["5"].loss - 6 * Catalogue(6)["5"].loss)
    assert difference == pytest.approx(1, abs=1e-13)
    assert all(x.verdict is Verdict.PROVED for x in polygons.loss_claims())


def test_the_second_pair_of_the_12_gon_breaks_its_side_condition():
    twelve = prove_existence(12)
    found = by_name(appendices.equation_claims({12: twelve}))
    second = found["12-gon: the second pair (l, b) is a critical point too"]
    assert second.verdict is Verdict.REFUTED and "not active" in second.ours
    kept = [replace(x, admissible=True) if x.s == 2 else x for x in twelve.rejected]
    claims = by_name(appendices.equation_claims({12: replace(twelve, rejected=tuple(kept))}))
    assert claims[second.name].verdict is Verdict.PROVED
    other = [replace(x, length=x.length + 1e-4) for x in kept]
    claims = by_name(appendices.equation_claims({12: replace(twelve, rejected=tuple(other))}))
    assert claims[second.name].verdict is Verdict.UNDECIDED  # not the published pair


def test_equations_as_printed_are_refuted_and_as_derived_hold():
    found = by_name(appendices.equation_claims({12: prove_existence(12)}))
    assert found["App. E.1, second equation as printed"].verdict is Verdict.REFUTED
    (octagon,) = regular_polygons(8)
    gap = appendices._factor(octagon) - octagon.length_squared
    assert gap.contains(0) and float(abs(gap).upper()) < 1e-50
    assert appendices._least_gradient(5, 6) > 0.1
    assert appendices._least_gradient(6, 6) == 0


@pytest.mark.parametrize(
    ("name", "wide", "claim"),
    [
        ("_factor", arb(1, 0.5), "App. E.1, second equation as printed"),
        ("_least_gradient", 0.0, "Theorem F.2 as printed: vertices of a k-gon at multiples of 2π/c"),
    ],
)
def test_what_balls_do_not_exclude_is_not_proved(monkeypatch, name, wide, claim):
    monkeypatch.setattr(appendices, name, lambda *_: wide)
    found = by_name(appendices.equation_claims({12: prove_existence(12)}))
    assert found[claim].verdict is Verdict.UNDECIDED


def test_where_the_loss_is_analytic_is_counted(monkeypatch):
    claim = appendices._analytic()
    assert claim.verdict is Verdict.PROVED and claim.ours.startswith("analytic at 4⁻⁻⁻⁻, 5, 5⁺, 6; ")
    for rule in (lambda name, c: name.k > 4, lambda name, c: name.k > 4 or name.phi > 2):
        monkeypatch.setattr(appendices, "is_analytic", rule)
        assert appendices._analytic().verdict is Verdict.UNDECIDED
    kinks = {"4", "4+", "4++", "4-", "4--"}
    ranks = appendices.one_sided_ranks
    monkeypatch.setattr(appendices, "one_sided_ranks", lambda x, c: ranks(x if str(x) in kinks else "4----"))
    assert appendices._analytic().verdict is Verdict.UNDECIDED  # 5 and 5 of ten are not 4 and 6


def test_labels_are_as_the_certificates_say():
    minima = {"4", "4-", "4--", "4--:opposite", "4---", "4----", "4+", "4++", "5", "5+", "6"}
    certificates = {
        str(name): {"verdict": "minimum" if str(name) in minima else "not a minimum"}
        for name in Catalogue(6).labels
    }
    found = by_name(appendices.label_claims(certificates))
    assert {x.verdict for x in found.values()} == {Verdict.PROVED}
    theorem = "Theorem F.2: the k-gons are critical points, and of what kind"
    open_ = certificates | {"5": {"verdict": "UNDECIDED"}}
    assert by_name(appendices.label_claims(open_))[theorem].verdict is Verdict.UNDECIDED
    assert appendices._certainly_not_critical(Label(5, 0, 1), 6)
    assert not appendices._certainly_not_critical(Label(4, 1, 2), 6)


def test_critical_sizes_and_coefficients():
    sizes = by_name(free_energy.crossing_claims())
    assert [str(x.verdict) for x in sizes.values()] == ["PROVED", "PROVED", "PROVED", "REFUTED"]
    assert "n = 39.65, with Δλ = 0; 380 needs Δλ = 2.34" in [*sizes.values()][-1].ours
    assert {x.verdict for x in free_energy.coefficient_claims()} == {Verdict.PROVED}
    (pairs,) = free_energy.antecedent_claims()
    assert pairs.verdict is Verdict.PROVED
    assert pairs.ours == (
        "39 of 45; it falls on 4 → 5, 4+ → 5, 4++ → 5; it stays on 4++ → 5+, 4++ → 6, 5+ → 6"
    )


def test_at_most_two_observed_transitions_may_be_inconclusive():
    def seen(*rises, fall=-0.1):
        return [
            TransitionCount(first=f"A{k}", second="B", count=1, delta_loss=fall, delta_lambda=x)
            for k, x in enumerate(rises)
        ]

    assert _inconclusive(seen(1, 1, -1, 0)).verdict is Verdict.CONFIRMED
    assert _inconclusive(seen(1, None, -1)).verdict is Verdict.UNDECIDED
    assert _inconclusive(seen(0, None, -1, -1)).verdict is Verdict.REFUTED
    assert _inconclusive(seen(1, 1, 1, fall=0.1)).verdict is Verdict.REFUTED  # λ rises, L does not fall
    assert "A2 → B (Δλ = -1)" in _inconclusive(seen(1, None, -1)).ours
