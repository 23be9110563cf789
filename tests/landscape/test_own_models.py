"""Which models a landscape is made for, in which units, and up to how many strings."""

import dataclasses
import itertools

import numpy as np
import pytest

from kgon.base.verdicts import KgonError
from kgon.landscape.assembly import check_strings, highest_square, loss_landscape
from kgon.potential.model import TMS

FIVE = TMS(5, importance=[1, 1, 1, 1, 0.99])
SIX = TMS(6, importance=[1, 1, 1, 1, 1, 0.9])
OFTEN = TMS(5, probability=[0.18, 0.18, 0.18, 0.18, 0.28])


@pytest.mark.parametrize(
    ("tms", "words"),
    [
        (TMS(5, importance=[1, 1, 1, 1, 0]), "differ by a factor of 1000 at most"),
        (TMS(5, importance=[1, 1, 1, 1, 9e-4]), "importance 1,1,1,1,0.0009"),
        (TMS(5, probability=[0.25, 0.25, 0.25, 0.25, 0]), "kgon search finds"),
        (TMS(5, 3, importance=[1, 1, 1, 1, 0.5]), "r = 3"),
        (TMS(5, 3), "r = 3"),
        (TMS(3, importance=[1, 1, 0.5]), "c must be an integer from 4 to 12, got 3"),
    ],
)
def test_models_that_no_landscape_is_made_for_are_refused(tms, words):
    with pytest.raises(KgonError, match=words):
        loss_landscape(tms, starts=0, trials=0)


def test_too_many_strings_are_refused():
    minima = [np.zeros(15)] * 200
    with pytest.raises(KgonError, match="200 minima make 60300 strings, over 20000"):
        check_strings(minima, 3)
    check_strings(minima, 0)
    check_strings(minima[:100], 3)


def test_the_highest_square_is_that_of_the_heaviest_outputs_off():
    for tms in (TMS(4), FIVE, SIX, OFTEN, TMS(7), TMS(12)):
        weights = tms.probability * tms.importance / 3
        off = max(tms.c - 4, 1)
        best = max(sum(x) for x in itertools.combinations(weights, off))
        assert highest_square(tms) == pytest.approx(best, rel=1e-14)
    assert highest_square(TMS(6)) == 2 / 18 and highest_square(TMS(4)) == 1 / 12


def test_a_common_factor_changes_the_loss_and_nothing_else():
    plain = TMS(4, importance=[1, 1, 1, 0.5])
    one = loss_landscape(plain, starts=60, trials=0)
    for factor in (8.0, 3.0):
        many = loss_landscape(TMS(4, importance=factor * plain.importance), starts=60, trials=0)
        names = [(x.label, x.kind) for x in one.nodes]
        assert [(x.label, x.kind) for x in many.nodes] == names
        assert [(x.first, x.second) for x in many.edges] == [(x.first, x.second) for x in one.edges]
        for field, part in (("loss", "nodes"), ("saddle_loss", "edges"), ("barrier", "edges")):
            pairs = zip(getattr(many, part), getattr(one, part), strict=True)
            for x, y in pairs:
                assert getattr(x, field) == pytest.approx(factor * getattr(y, field), rel=1e-12, abs=1e-14)
        assert many.below == pytest.approx(factor * one.below, rel=1e-14)


def test_a_name_by_loss_says_the_loss_of_the_model():
    found = loss_landscape(TMS(4, importance=[1, 1, 1, 0.5]), starts=0, trials=0)
    node = dataclasses.replace(found.node("4---, live column 0"), label="L=0.208333")
    edge = dataclasses.replace(found.edges[0], first="L=0.208333", second="4")
    part = dataclasses.replace(found, nodes=(found.node("4"), node), edges=(edge,))
    for factor, digits in ((8.0, 6), (1 / 1024, 10)):
        many = part.times(factor)
        label = f"L={node.loss * factor:.{digits}f}"
        assert [x.label for x in many.nodes] == ["4", label]
        assert (many.edges[0].first, many.edges[0].second) == (label, "4")
        assert many.node(label).loss == node.loss * factor
