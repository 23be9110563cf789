"""Descent that follows a slowly changed importance."""

import numpy as np
import pytest

from kgon.base.verdicts import KgonError
from kgon.experiments.sweep import sweep_importance
from kgon.kgons.catalogue import Catalogue
from kgon.potential.loss import Potential
from kgon.potential.model import TMS


@pytest.fixture(scope="module")
def found():
    return sweep_importance()


def test_it_begins_at_6_and_ends_at_5_plus(found):
    at_one = int(np.flatnonzero(found.importance == 1.0)[0])
    assert found.loss[at_one] == pytest.approx(Catalogue(6)["6"].loss, abs=1e-9)
    assert found.loss[-int(np.sum(found.importance[41:] >= 1.0))] == pytest.approx(
        Catalogue(6)["5+"].loss, abs=1e-9
    )


def test_6_is_left_where_its_branch_has_its_fold(found):
    low, high = found.left_at
    assert low < 0.390358 < high  # the fold, which kgon.branches proves


def test_it_does_not_come_back(found):
    assert found.last_column[41:].max() < 1e-3 and found.last_column[0] > 1.2


def test_every_point_is_critical_for_its_importance(found):
    for value, w in zip(found.importance[::9], found.w[::9], strict=True):
        _, gradient = Potential(TMS(6, importance=[1, 1, 1, 1, 1, value])).flat(w[None])
        assert np.linalg.norm(gradient) < 1e-6


def test_5_plus_is_never_left():
    found = sweep_importance("5+", importances=[0.3, 0.6, 1.0])
    assert found.left_at is None and "never left" in found.headline()


def test_importances_increase():
    with pytest.raises(KgonError, match="increas"):
        sweep_importance(importances=[1.0, 0.5])


def test_a_saddle_does_not_hold_it():
    """4⁺⁺⁻ is critical and no minimum: without a push descent would stay, at L = 11/72 and more."""
    assert Catalogue(6)["4++-"].loss > 0.15
    assert sweep_importance("4++-", importances=[1.0, 1.1]).loss.max() < 0.105
