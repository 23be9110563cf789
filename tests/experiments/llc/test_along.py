"""λ̂ along a trajectory: each point as ``llc`` would have it, resumed, and honest about divergence."""

import numpy as np
import pytest

from kgon.base.verdicts import KgonError
from kgon.base.work import Work
from kgon.experiments.llc import along as module
from kgon.experiments.llc.along import LocalSeries, llc_along
from kgon.experiments.llc.estimate import llc
from kgon.kgons.catalogue import Catalogue
from kgon.potential.data import sample
from kgon.potential.empirical import EmpiricalLoss
from kgon.potential.loss import Potential
from kgon.potential.model import TMS

SIX = TMS(6)
DATA = EmpiricalLoss(SIX, *sample(SIX, 1000, seed=0))
KGONS = np.array([SIX.pack(Catalogue(6)[x].W, Catalogue(6)[x].biases) for x in ("4+", "5", "6")])


def test_the_defaults_are_the_published_settings():
    found = llc_along(DATA, KGONS)
    assert (found.n, found.precision, found.step_size, found.steps) == (1000, 1.0, 1e-3, 500)
    assert found.beta == pytest.approx(1 / np.log(1000))
    assert found.lambda_hat.shape == found.stderr.shape == (3,)
    assert "good" not in found.health  # 500 steps do not explore the flat directions


def test_points_agree_with_llc():
    """Other random numbers, the same estimate: within four standard errors, all below 0.15."""
    options = {"gamma": 100.0, "steps": 2000, "sampler": "mala", "step_size": 1e-3}
    found = llc_along(DATA, KGONS, **options)
    for k, label in enumerate(("4+", "5", "6")):
        point = Catalogue(6)[label]
        alone = llc(point.W, point.biases, loss=DATA, burn_in=0, seed=9, **options)
        error = np.hypot(alone.stderr, found.stderr[k])
        assert error < 0.15
        assert abs(found.lambda_hat[k] - alone.lambda_hat) < 4 * error


def test_the_standard_error_is_that_of_independent_runs():
    """Over 60 repetitions, whose spread is known to 9 %: it covers, and by at most a factor 2."""
    found = llc_along(DATA, np.tile(KGONS[2], (60, 1)))
    ratio = found.stderr.mean() / found.lambda_hat.std(ddof=1)
    assert 0.75 < ratio < 2


def test_it_does_not_depend_on_workers_or_groups_and_resumes(tmp_path, monkeypatch):
    options = {"steps": 30, "seed": 2}
    one = llc_along(DATA, KGONS, **options)
    assert one.to_json() == llc_along(DATA, KGONS, work=Work(workers=map), **options).to_json()
    monkeypatch.setattr(module, "GROUP", 2)
    assert one.to_json() == llc_along(DATA, KGONS, work=Work(folder=tmp_path), **options).to_json()
    assert len(list(tmp_path.iterdir())) == 2
    monkeypatch.setattr(module, "run_langevin", None)  # nothing is computed again
    assert one.to_json() == llc_along(DATA, KGONS, work=Work(folder=tmp_path), **options).to_json()
    with pytest.raises(TypeError):
        llc_along(DATA, KGONS, work=Work(folder=tmp_path), steps=31, seed=2)
    with pytest.raises(TypeError):
        llc_along(DATA, KGONS + 1e-9, work=Work(folder=tmp_path), **options)


def test_divergence_is_marked_and_survives_json():
    points = np.array([KGONS[2], 50 * KGONS[2]])
    found = llc_along(Potential(SIX), points, n=5000, steps=20)
    assert np.isfinite(found.lambda_hat[0]) and np.isnan(found.lambda_hat[1])
    assert found.health[1] == "diverged at step size 0.001" and "diverged" in str(found)
    assert LocalSeries.from_json(found.to_json()).to_json() == found.to_json()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"w": KGONS[0]}, "shape"),
        ({"w": KGONS[:, :5]}, "points of shape"),
        ({"w": np.full((2, 18), np.nan)}, "finite"),
        ({"w": np.empty((0, 18))}, "t of at least 1"),
        ({"n": 7}, "the data set has 1000 samples, n says 7"),
        ({"loss": Potential(SIX)}, "n, the sample size, is wanted"),
        ({"sampler": "hmc"}, "sgld or mala along a trajectory"),
        ({"sampler": "x"}, "sampler must be one of"),
        ({"steps": 3}, "steps must be an integer of at least 12"),
        ({"chains": 1}, "chains must be an integer of at least 2"),
        ({"gamma": 0.0}, "gamma must be"),
        ({"beta": -1.0}, "beta must be"),
        ({"step_size": 0.0}, "step_size must be"),
        ({"batch": 3, "sampler": "mala"}, "no batch"),
        ({"loss": Potential(SIX), "n": 100, "batch": 3}, "the population loss has none"),
    ],
)
def test_bad_options_are_refused(change, words):
    options = {"loss": DATA, "w": KGONS} | change
    with pytest.raises(KgonError, match=words):
        llc_along(options.pop("loss"), options.pop("w"), **options)
