"""What docs/branches.md tells of the hexagon whose sixth feature loses its importance."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from kgon.branches.follow import follow_branch
from kgon.kgons.nearest_kgon import nearest
from kgon.potential.loss import Potential
from kgon.potential.model import TMS


@pytest.fixture(scope="module")
def six():
    return follow_branch("6", lower=0.3, upper=1.0)


def test_beyond_the_fold_the_branch_is_the_transition_state_to_six(six, saddles):
    end = min((p for p in six.points if p.parameter == 1.0), key=lambda p: -p.loss)
    same = min((x for x in saddles if x.index == 1), key=lambda x: abs(x.loss - end.loss))
    assert end.negative == 1 and abs(same.loss - end.loss) < 1e-10


@pytest.mark.slow
def test_below_the_fold_the_flow_ends_at_five_with_a_positive_column(six):
    last = min(six.points, key=lambda p: p.parameter)
    loss = Potential(TMS(6, importance=[1, 1, 1, 1, 1, 0.38]))

    def down(_, w):
        _, grad_W, grad_b = loss.loss_and_gradient(w[:12].reshape(2, 6), w[12:])
        return -np.concatenate([grad_W.ravel(), grad_b])

    start = np.concatenate([last.W.ravel(), last.b])
    w = solve_ivp(down, (0.0, 2e4), start, method="LSODA", rtol=1e-9, atol=1e-12).y[:, -1]
    W, b = w[:12].reshape(2, 6), w[12:]
    # The point 5+ does not move with this importance: the catalogue's is the one to be near.
    found = nearest(W, b)
    assert found.label == "5+" and found.distance < 1e-8
    assert np.hypot(*W[:, 5]) < 1e-8 and b[5] == pytest.approx(1 / 12, abs=1e-8)
