"""Rims of ledges in a model of one's own: their formulas, who may rise, and where the ways down end."""

import numpy as np
import pytest
from support import truth

from kgon.kgons.labels import Label
from kgon.kgons.names import JOINED, known_name
from kgon.landscape.assembly import loss_landscape
from kgon.landscape.graph import LEDGE
from kgon.landscape.rims import columns_to_raise, find_rims
from kgon.potential.model import TMS

FIVE = TMS(5, importance=[1, 1, 1, 1, 0.99])


def test_rims_follow_their_formulas():
    """Below the rim L is constant; above it a dead column costs I (b² − p b), an output at a vertex less."""
    seen = 0
    for rim in find_rims(FIVE):
        W, b = FIVE.unpack(rim.path.w)
        loss = truth.loss(W, b, FIVE.probability, FIVE.importance)
        x, p, weight = b[:, rim.column], FIVE.probability[rim.column], FIVE.importance[rim.column]
        if W[0, :, rim.column].any():
            part = np.where(x > -1, p * (x**2 - 2 / 3 * np.abs(x) ** 3), p / 3) - p / 3
        else:
            part = np.where(x > 0, x**2 - p * x, 0.0)
        straight = slice(0, 33) if rim.followed else slice(None)
        assert (loss - loss[0])[straight] == pytest.approx(weight * part[straight], abs=1e-14)
        assert np.all(np.diff(loss) <= 1e-15) and rim.top == 8
        assert loss[8] == pytest.approx(loss[0], abs=1e-15) and loss[9] < loss[8]
        seen += 1
    assert seen > 20


def test_dead_columns_and_those_at_vertices_may_be_exchanged(five):
    ends = {edge.second for edge in five.edges if edge.first == "4-, live columns 0 1 2"}
    assert ends == {
        "4, dead column 4", "4, dead column 3",
        "4+-, live columns 0 1 2; positive column 3", "4+-, live columns 0 1 2; positive column 4",
    }  # fmt: skip
    plain = columns_to_raise(Label.parse("4+--"), TMS(6))
    assert plain == [(5, 5), (1, 1)]


def test_a_positive_column_that_is_pulled_leans():
    """Beside vertices of different weight the rim leads to a positive column that is not at W = 0."""
    tms = TMS(6, importance=[1, 1, 1, 1, 1, 0.9])
    rims = {str(rim.first): rim for rim in find_rims(tms)}
    leaning, still = rims["5, dead column 4"], rims["5, dead column 5"]
    assert leaning.followed and not still.followed
    W, b = tms.unpack(leaning.path.w[-1])
    assert 1e-4 < np.hypot(*W[:, 4]) < 0.1 and b[4] > 0
    assert known_name(leaning.path.w[-1], within=JOINED, tms=tms).name == "5+, positive column 4"


@pytest.mark.slow
def test_a_dead_column_makes_an_irregular_minimum_a_ledge():
    found = loss_landscape(8, starts=0, trials=0)
    (rim,) = (edge for edge in found.edges if edge.first == "6:211111")
    assert rim.second == "6+:211111" and found.node("6:211111").kind == LEDGE
    assert 1 / 256 < rim.back < 1.03 / 256  # a positive column at W = 0 makes 1/(4c²); this one leans


def test_columns_whose_exchange_would_move_the_4_gon_do_not_rise():
    """The positive column stays where Σ p_i W_i = 0 over the vertices, so these must be equally probable."""
    tms = TMS(8, probability=[1 / 16] * 4 + [1 / 8] * 2 + [1 / 4] * 2)
    name = Label.parse("4+-, live columns 1 2 3; positive column 4")
    assert columns_to_raise(name, tms) == [(5, 5), (6, 5), (0, 0)]
