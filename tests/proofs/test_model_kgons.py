"""The k-gons of a model: a verdict is that of a point that is proved to be there."""

from dataclasses import replace

from kgon.base.verdicts import Verdict
from kgon.potential.model import TMS
from kgon.proofs import model_kgons
from kgon.proofs.model_kgons import list_model_kgons


def test_a_common_factor_changes_the_losses_alone():
    plain, doubled = (list_model_kgons(TMS(5, importance=[factor] * 5)).kgons for factor in (1, 2))
    assert [x.label for x in plain] == [x.label for x in doubled]
    for one, two in zip(plain, doubled, strict=True):
        assert (one.lambda_, one.is_minimum, two.critical) == (two.lambda_, two.is_minimum, Verdict.PROVED)
        assert abs(2 * one.loss - two.loss) < 1e-15
    (pentagon,) = (x for x in doubled if x.label == "5")
    assert pentagon.nearby.loss_lower <= pentagon.loss + 1e-15 <= pentagon.nearby.loss_upper + 2e-15


def test_an_exact_point_elsewhere_proves_nothing(monkeypatch):
    certify = model_kgons.certify_near
    monkeypatch.setattr(model_kgons, "certify_near", lambda *a, **k: replace(certify(*a, **k), distance=0.01))
    listed = {x.label: x for x in list_model_kgons(TMS(5, importance=[2] * 5)).kgons}
    assert (listed["5"].critical, listed["4+"].critical) == (Verdict.UNDECIDED, Verdict.PROVED)


def test_no_sign_no_kind():
    listed = {x.label: x for x in list_model_kgons(TMS(6, importance=[1, 1, 1, 1, 1, 0])).kgons}
    assert listed["5+, positive column 5"].kind == "minimum not known"
    assert "unused column takes part" in listed["5, dead column 4"].ended
    assert "fold" in listed["6"].kind and listed["5, dead column 5"].kind == "minimum~"
    unequal = list_model_kgons(TMS(5, probability=[0.3, 0.2, 0.2, 0.2, 0.1])).table()
    assert "λ" not in [column.heading for column in unequal.columns]
