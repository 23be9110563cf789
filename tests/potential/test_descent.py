"""Descents end where a plain loop ends, each on its own, and basins do not depend on the step."""

import numpy as np
import pytest

from kgon.base.verdicts import KgonError
from kgon.kgons.catalogue import Catalogue
from kgon.potential.descent import ARRIVED_NORM, LEVEL_TOLERANCE, MAX_STEPS, ZERO_GRADIENT, descend
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.sampling import smc

SIX = TMS(6)
LEVELS = sorted({point.loss for point in Catalogue(6) if point.is_minimum})


@pytest.fixture(scope="module")
def posterior():
    """2000 points of the posterior at s = 100 and at s = 300."""
    rng = np.random.default_rng(1)
    climb = smc.pilot(
        rng, smc.prior(rng, Potential(SIX), 2000), Potential(SIX), 0.0, (100.0, 300.0), keep=(100.0, 300.0)
    )
    return {s: state.w for s, state in climb.kept.items()}


def _label(ends):
    gaps = np.abs(ends.loss[:, None] - LEVELS)
    return np.where(ends.converged & (gaps.min(axis=1) <= LEVEL_TOLERANCE), gaps.argmin(axis=1), -1)


def _plainly(tms, w, step, levels, max_steps):
    """The same descent of one point, as a loop over ``Potential``."""
    potential = Potential(tms)
    for taken in range(max_steps + 1):
        W, b = tms.unpack(w)
        loss, grad_W, grad_b = potential.loss_and_gradient(W, b)
        gradient = np.concatenate([grad_W.ravel(), grad_b])
        norm = np.linalg.norm(gradient)
        near = levels is None or min(abs(loss - level) for level in levels) <= LEVEL_TOLERANCE
        if (near and norm <= ARRIVED_NORM) or norm <= ZERO_GRADIENT or taken == max_steps:
            return w, loss, norm, taken
        w = w - step / (1 + np.max(np.sum(W**2, axis=0))) * gradient
    raise AssertionError


@pytest.mark.parametrize(
    ("tms", "step", "levels"), [(SIX, 1.0, LEVELS), (SIX, 0.7, None), (TMS(4, 1), 0.5, None)]
)
def test_the_end_is_that_of_a_plain_loop(tms, step, levels):
    rng = np.random.default_rng(2)
    starts = rng.standard_normal((6, tms.dimension))
    ends = descend(tms, starts, step=step, levels=levels, max_steps=400)
    for i, start in enumerate(starts):
        w, loss, norm, taken = _plainly(tms, start, step, levels, 400)
        assert abs(ends.steps[i] - taken) <= 1  # rounding may decide the last step
        assert np.allclose(ends.w[i], w, atol=1e-4)
        assert ends.loss[i] == pytest.approx(loss, abs=1e-8)
        assert ends.gradient_norm[i] == pytest.approx(norm, rel=0.02)
        assert ends.converged[i] == (taken < 400)


def test_points_do_not_depend_on_their_company(posterior):
    """Bit for bit: more points than slots, in another order, or alone."""
    w = posterior[300.0][:400]
    ends = descend(SIX, w, levels=LEVELS)
    backwards = descend(SIX, w[::-1], levels=LEVELS)
    for name in ("w", "loss", "gradient_norm", "steps", "converged"):
        assert np.array_equal(getattr(ends, name), getattr(backwards, name)[::-1])
    for i in (0, 17, 399):
        assert np.array_equal(descend(SIX, w[i : i + 1], levels=LEVELS).w[0], ends.w[i])


def test_the_input_is_left_alone():
    for count in (1, 3):
        w = np.random.default_rng(3).standard_normal((count, 18))
        before = w.copy()
        descend(SIX, w, max_steps=5)
        assert np.array_equal(w, before)


@pytest.mark.parametrize("s", [100.0, 300.0])
def test_the_step_does_not_decide_the_basin(posterior, s):
    """Half the step sends fewer than 3 points of 1000 to another end; twice the tolerance none at all."""
    w = posterior[s]
    labels = _label(descend(SIX, w, levels=LEVELS))
    halved = _label(descend(SIX, w, step=0.5, levels=LEVELS, max_steps=6000))
    assert np.mean(labels != halved) < 0.003
    assert np.mean(labels < 0) < 0.003
    further = _label(descend(SIX, w[:500], levels=LEVELS, tolerance=ARRIVED_NORM / 10, max_steps=20000))
    assert np.mean(labels[:500] != further) < 0.005


def test_labels_are_not_all_the_same(posterior):
    """The step test would pass if all points ended in one place: they do not."""
    found = np.bincount(_label(descend(SIX, posterior[100.0], levels=LEVELS)) + 1, minlength=11)
    assert (found[[1, 2, 3, 6]] > 50).all()  # 6, 5+, 5 and 4


@pytest.mark.parametrize("point", [p for p in Catalogue(6) if p.is_minimum], ids=lambda p: str(p.name))
def test_minima_are_found_again(point):
    rng = np.random.default_rng(4)
    w = SIX.pack(point.W, point.biases) + 0.01 * rng.standard_normal((50, 18))
    ends = descend(SIX, w, levels=LEVELS)
    assert ends.converged.all()
    assert np.abs(ends.loss - point.loss).max() <= LEVEL_TOLERANCE


def test_a_saddle_is_no_end():
    """4-gons with positive and switched-off columns are no minima: nothing arrives at their loss."""
    point = Catalogue(6)["4+-"]
    assert point.is_minimum is False
    w = SIX.pack(point.W, point.biases) + 0.01 * np.random.default_rng(5).standard_normal((50, 18))
    ends = descend(SIX, w, levels=LEVELS)
    assert 10 < ends.converged.sum() < 50  # some leave within the steps given
    assert (ends.loss[ends.converged] < point.loss - 0.04).all()
    assert (ends.steps[~ends.converged] == MAX_STEPS).all()


def test_a_slow_passage_is_no_arrival():
    """Near a saddle the gradient is small: without levels that ends the descent, with them it does not."""
    point = Catalogue(6)["4+-"]
    w = SIX.pack(point.W, point.biases)[None, :] + 1e-5
    at_once, patient = descend(SIX, w), descend(SIX, w, levels=LEVELS, max_steps=500)
    assert at_once.converged[0]
    assert at_once.steps[0] == 0
    assert not patient.converged[0]
    assert patient.steps[0] == 500


def test_descents_stop_below_a_loss(posterior):
    ends = descend(SIX, posterior[300.0][:300], levels=LEVELS, below=0.08)
    whole = descend(SIX, posterior[300.0][:300], levels=LEVELS)
    low = whole.loss < 0.08
    assert low.sum() >= 295  # few descents from the posterior end at a minimum above
    assert (ends.loss[low] < 0.08).all() and not ends.converged[low].any()
    assert np.array_equal(ends.loss[~low], whole.loss[~low])  # which none of them passes below
    assert ends.steps.sum() < 0.2 * whole.steps.sum()


@pytest.mark.parametrize("size", [5.0, 30.0])
def test_large_points_come_down(size):
    """A fixed step would blow up: the Hessian is of the size of W². Biases are slow, so that few arrive."""
    start = size * np.random.default_rng(6).standard_normal((200, 18))
    ends = descend(SIX, start, levels=LEVELS)
    before = Potential(SIX).loss(*SIX.unpack(start))
    assert before.min() > 1
    assert ends.loss.max() < 0.34  # at most about a third, the loss of a network that is off


def test_an_overflow_ends_the_descent():
    ends = descend(SIX, np.full((1, 18), 1e200), levels=LEVELS)
    assert not ends.converged[0]
    assert ends.steps[0] == 0


def test_options_are_checked():
    w = np.zeros((2, 18))
    with pytest.raises(KgonError, match=r"w must have shape \(m, 18\), got \(18,\)"):
        descend(SIX, w[0])
    with pytest.raises(KgonError, match="step must be positive and finite, got 0"):
        descend(SIX, w, step=0)
    with pytest.raises(KgonError, match="max_steps must be an integer of at least 1, got 0"):
        descend(SIX, w, max_steps=0)
