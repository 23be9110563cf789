"""Which features are active at once, as part of the model."""

import pickle

import numpy as np
import pytest

from kgon.base.verdicts import KgonError
from kgon.kgons.followed import lead
from kgon.kgons.labels import Label
from kgon.landscape.assembly import loss_landscape
from kgon.landscape.search import search_critical_points
from kgon.potential.data import sample
from kgon.potential.descent import descend
from kgon.potential.empirical import EmpiricalLoss
from kgon.potential.inputs import Inputs
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.potential.roots import find_roots
from kgon.proofs.model_kgons import list_model_kgons

LISTED = TMS(3, inputs="bernoulli", probability=[0.1, 0.2, 0.9], importance=[1, 2, 3])
MODELS = [
    TMS(6, inputs="bernoulli:0.05"),
    TMS(5, 3, inputs="exactly:2"),
    LISTED,
    TMS(4, inputs="bernoulli:0.25"),
]


@pytest.mark.parametrize("tms", MODELS, ids=repr)
def test_a_model_is_read_back_from_its_data_its_repr_and_a_pickle(tms):
    assert TMS.from_data(tms.data()) == tms
    assert eval(repr(tms), {"TMS": TMS}) == tms
    assert pickle.loads(pickle.dumps(tms)) == tms and hash(pickle.loads(pickle.dumps(tms))) == hash(tms)
    assert tms != TMS(tms.c, tms.r) and not tms.uniform and not tms.equal and tms.own is tms


def test_the_probability_is_how_often_a_feature_is_active():
    assert TMS(6, inputs="bernoulli:0.05").probability.tolist() == [0.05] * 6
    assert TMS(5, inputs="exactly:2").probability.tolist() == [0.4] * 5
    assert TMS(5, inputs="one") == TMS(5) and TMS(5).data().keys() == {"c", "r", "importance", "probability"}
    assert TMS(4, inputs=Inputs("exactly", 3)) == TMS(4, inputs="exactly:3")
    assert TMS(4, inputs="bernoulli:0.25") != TMS(4)  # whose probabilities are the same numbers


def test_a_model_says_its_inputs_as_options_of_a_command():
    assert str(TMS(6, inputs="bernoulli:0.05")) == "inputs bernoulli:0.05"
    assert str(LISTED) == "importance 1,2,3, probability 0.1,0.2,0.9, inputs bernoulli"


def test_scaling_keeps_the_inputs():
    tms = TMS(3, inputs="exactly:2", importance=[4, 2, 1])
    assert tms.scaled.inputs == tms.inputs and tms.scaled.importance.max() < 4


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"inputs": "two"}, r"inputs must be one, bernoulli:P .* got 'two'"),
        ({"inputs": "one:1"}, "got 'one:1'"),
        ({"inputs": 0.05}, "got 0.05"),
        ({"inputs": "bernoulli:1.5"}, "got 'bernoulli:1.5'"),
        ({"inputs": "bernoulli:nan"}, "got 'bernoulli:nan'"),
        ({"inputs": "bernoulli:x"}, "got 'bernoulli:x'"),
        ({"inputs": "bernoulli"}, "bernoulli:0.05, or a list"),
        ({"inputs": "exactly:0"}, "from 1 to 3, got 0"),
        ({"inputs": "exactly:4"}, "from 1 to 3, got 4"),
        ({"inputs": "exactly:-1"}, "got 'exactly:-1'"),
        ({"inputs": "exactly:" + "9" * 5000}, "or exactly:S, got 'exactly:999"),
        ({"inputs": "bernoulli:0.1", "probability": [0.1, 0.1, 0.2]}, "say a probability of 0.1, the list"),
        ({"inputs": "exactly:2", "probability": [0.1, 0.1, 0.2]}, "say a probability of 0.66"),
        ({"inputs": "bernoulli", "probability": [0.1, 0.1, 1.2]}, "at most 1"),
    ],
)
def test_other_inputs_are_refused_with_the_value(options, words):
    with pytest.raises(KgonError, match=words):
        TMS(3, **options)


TMS4 = TMS(4, inputs="bernoulli:0.25")
WEIGHTS, BIASES = np.zeros((2, 4)), np.zeros(4)


@pytest.mark.parametrize(
    "use",
    [
        lambda: Potential(TMS4),
        lambda: EmpiricalLoss(TMS4, [0], [0.5]),
        lambda: sample(TMS4, 10, seed=0),
        lambda: descend(TMS4, np.zeros((1, 12))),
        lambda: find_roots(TMS4, np.zeros((1, 12))),
        lambda: search_critical_points(TMS4, starts=10, seed=0),
        lambda: loss_landscape(TMS4),
        lambda: lead(Label.parse("4"), range(4), TMS4),
        lambda: list_model_kgons(TMS4),
        lambda: TMS.of(TMS4),
        lambda: TMS4.loss_by_quadrature(WEIGHTS, BIASES),
        lambda: TMS4.with_weights({"importance": [1, 1, 1, 2]}, "it"),
    ],
)
def test_what_knows_one_active_feature_only_refuses_several(use):
    """Without a word the answer would be another model's, of the same probabilities."""
    with pytest.raises(KgonError, match="several active features at once"):
        use()
