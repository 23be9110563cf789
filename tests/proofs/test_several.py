"""Critical points proved where several features are active at once."""

import numpy as np
import pytest
from support.exhaustive import exhaustive

from kgon.base.verdicts import Verdict
from kgon.kgons.catalogue import Catalogue
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.potential.several import SparsePotential
from kgon.proofs.nearby import certify_near


def near_kgon(k, length, bias, others):
    """A regular polygon and columns W = 0 with other biases."""
    angles = 2 * np.pi * np.arange(k) / k
    W = np.zeros((2, k + len(others)))
    W[:, :k] = length * np.array([np.cos(angles), np.sin(angles)])
    return W, np.array([bias] * k + others)


POINTS = {
    "pentagon": (5, 1.1346, -0.2463, [], "bernoulli:0.05", 1),
    "5+": (5, 1.1346, -0.2463, [0.025], "bernoulli:0.05", 1),
    "5": (5, 1.1346, -0.2463, [-0.5], "bernoulli:0.05", 2),  # flat: rotation and the dead column's bias
    "6": (6, 1.1864, -0.4310, [], "bernoulli:0.05", 1),
}


@pytest.mark.parametrize("name", exhaustive(POINTS, quick=["pentagon", "5"]))
def test_minima_at_p_005_are_proved(name):
    k, length, bias, others, inputs, flat = POINTS[name]
    W, b = near_kgon(k, length, bias, others)
    tms = TMS(k + len(others), inputs=inputs)
    found = certify_near(W, b, tms=tms)
    assert found.verdict is Verdict.PROVED and (found.negative, found.flat) == (0, flat)
    assert found.distance < 1e-3 and found.radius > 1e-8
    assert found.loss_upper - found.loss_lower < 1e-14
    assert 0 < SparsePotential(tms).loss(W, b) - found.loss_lower < 1e-6


@pytest.mark.parametrize(
    ("p", "length", "bias", "loss"),
    [(0.05, 1.134619, -0.246326, 0.00890359), (0.1, 1.100445, -0.209926, 0.02630513)],
)
def test_the_pentagon_has_the_known_length_bias_and_loss(p, length, bias, loss):
    """As others have found by floating point (ztreisman/arc-llc: l = 1.1346, b = -0.2463)."""
    W, b = near_kgon(5, length, bias, [])
    found = certify_near(W, b, tms=TMS(5, inputs=f"bernoulli:{p}"))
    assert found.verdict is Verdict.PROVED
    assert found.distance < 3e-6  # five times half a unit of the last digits, of length and bias
    assert abs(found.loss_lower - loss) < 1e-8


def test_one_active_feature_by_either_way():
    """Exactly one active feature is the model of the paper: the same hexagon, by another program."""
    point = Catalogue(6)["6"]
    found = certify_near(point.W, point.biases, tms=TMS(6, inputs="exactly:1"))
    known = certify_near(point.W, point.biases)
    assert found.verdict is known.verdict is Verdict.PROVED
    assert (found.negative, found.flat) == (known.negative, known.flat)
    assert found.loss_lower <= known.loss_upper and known.loss_lower <= found.loss_upper


def test_what_is_no_critical_point_is_not_proved():
    W, b = near_kgon(5, 1.1346, -0.2463, [])
    W[0, 0] += 0.1
    found = certify_near(W, b, tms=TMS(5, inputs="bernoulli:0.05"))
    assert found.verdict is Verdict.UNDECIDED or found.distance > 0.05
    kink = certify_near(np.eye(2), np.zeros(2), tms=TMS(2, inputs="bernoulli:0.5"))
    assert kink.verdict is Verdict.UNDECIDED and "second derivative" in kink.reason
    many = certify_near(np.zeros((2, 13)), np.zeros(13), tms=TMS(13, inputs="bernoulli:0.5"))
    assert many.verdict is Verdict.UNDECIDED and "at most 12" in many.reason


def test_a_dead_column_is_held_to_second_order():
    """L rises by 0.003416 ‖W_j‖² from the pentagon and a dead column of any bias; not with one active."""
    W, b = near_kgon(5, 1.13461916954, -0.246325616349, [-0.5])
    sparse, plain = SparsePotential(TMS(6, inputs="bernoulli:0.05")), Catalogue(6)["5"]
    for bias in (-0.5, -2.0):
        b[5] = bias
        H = sparse.hessian(W, b)
        assert H[5, 5] / 2 == pytest.approx(0.003416, abs=1e-6) == H[11, 11] / 2
        assert abs(H[5, 11]) < 1e-12 and abs(H[17]).max() == 0.0
    at_one = Potential(TMS(6)).hessian(plain.W, plain.biases)
    assert abs(at_one[5]).max() == 0.0
