"""λ̂ along a trajectory: each point as ``estimate_llc`` has it, resumed, and honest about divergence."""

from dataclasses import replace

import numpy as np
import pytest

from kgon.base.verdicts import KgonError
from kgon.base.work import HERE, Work
from kgon.experiments.llc import along as module
from kgon.experiments.llc.along import LocalSeries, estimate_llc_along
from kgon.experiments.llc.estimate import estimate_llc
from kgon.experiments.llc.settings import SGLD, Localiser, Sampler
from kgon.kgons.catalogue import Catalogue
from kgon.potential.data import sample
from kgon.potential.empirical import EmpiricalLoss
from kgon.potential.loss import Potential
from kgon.potential.model import TMS

SIX = TMS(6)
DATA = EmpiricalLoss(SIX, *sample(SIX, 1000, seed=0))
DENSITY = Localiser.of(DATA)
KGONS = np.array([SIX.pack(Catalogue(6)[x].W, Catalogue(6)[x].biases) for x in ("4+", "5", "6")])


def test_the_defaults_are_the_published_settings():
    found = estimate_llc_along(DATA, KGONS, DENSITY)
    assert (found.localiser.n, found.localiser.gamma) == (1000, 1.0)
    assert (found.sampler.step_size, found.sampler.steps) == (1e-3, 500)
    assert found.localiser.beta == pytest.approx(1 / np.log(1000))
    assert found.lambda_hat.shape == found.stderr.shape == (3,)
    assert (
        not any(x.good for x in found.by_point) and not found.health.good
    )  # 500 steps do not explore the flat directions


def test_points_agree_with_llc():
    """Other random numbers, the same estimate: within four standard errors, all below 0.15."""
    localiser = Localiser.of(DATA, gamma=100.0)
    mala = Sampler(kind="mala", chains=10, steps=2000, step_size=1e-3)
    found = estimate_llc_along(DATA, KGONS, localiser, mala)
    for k in range(3):
        alone = estimate_llc(DATA, KGONS[k], localiser, mala, seed=9)
        error = np.hypot(alone.stderr, found.stderr[k])
        assert error < 0.15
        assert abs(found.lambda_hat[k] - alone.lambda_hat) < 4 * error


def test_the_standard_error_is_that_of_independent_runs():
    """Over 60 repetitions, whose spread is known to 9 %: it covers, and by at most a factor 2."""
    found = estimate_llc_along(DATA, np.tile(KGONS[2], (60, 1)), DENSITY)
    ratio = found.stderr.mean() / found.lambda_hat.std(ddof=1)
    assert 0.75 < ratio < 2


def test_it_does_not_depend_on_workers_or_groups_and_resumes(tmp_path, monkeypatch):

    def along(w=KGONS, steps=30, work=HERE):
        return estimate_llc_along(DATA, w, DENSITY, SGLD.but(steps=steps), seed=2, work=work)

    one, kept = along(), Work(folder=tmp_path)
    assert one.to_json() == along(work=Work(workers=map)).to_json()
    monkeypatch.setattr(module, "GROUP", 2)
    assert one.to_json() == along(work=kept).to_json()
    assert len(list(tmp_path.iterdir())) == 2
    monkeypatch.setattr(module, "run_langevin", None)  # nothing is computed again
    assert one.to_json() == along(work=kept).to_json()
    with pytest.raises(TypeError):
        along(steps=31, work=kept)
    with pytest.raises(TypeError):
        along(KGONS + 1e-9, work=kept)


def test_divergence_is_marked_and_survives_json():
    points = np.array([KGONS[2], 50 * KGONS[2]])
    found = estimate_llc_along(Potential(SIX), points, Localiser(n=5000), SGLD.but(steps=20))
    assert np.isfinite(found.lambda_hat[0]) and np.isnan(found.lambda_hat[1])
    assert str(found.by_point[1]) == "diverged at step size 0.001" and "diverged" in str(found)
    assert LocalSeries.from_json(found.to_json()).to_json() == found.to_json()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"w": KGONS[0]}, "shape"),
        ({"w": KGONS[:, :5]}, "points of shape"),
        ({"w": np.full((2, 18), np.nan)}, "finite"),
        ({"w": np.empty((0, 18))}, "t of at least 1"),
        ({"n": 7}, "the data set has 1000 samples, n says 7"),
        ({"loss": Potential(SIX)}, "n is missing"),
        ({"sampler": "hmc", "step_size": None}, "sgld or mala along a trajectory"),
        ({"sampler": "x"}, "sampler must be one of"),
        ({"steps": 3}, "steps must be an integer of at least 12"),
        ({"chains": 1}, "chains must be an integer from 2 to 100000, got 1"),
        ({"gamma": 0.0}, "gamma must be"),
        ({"beta": -1.0}, "beta must be"),
        ({"step_size": 0.0}, "step_size must be"),
        ({"batch": 3, "sampler": "mala"}, "batch 3 is for sgld"),
        ({"loss": Potential(SIX), "n": 100, "batch": 3}, "the population loss has none"),
    ],
)
def test_bad_options_are_refused(change, words):
    options = {"loss": DATA, "w": KGONS, "n": None, "beta": None, "gamma": 1.0, "sampler": "sgld"} | change
    loss, w, kind = (options.pop(name) for name in ("loss", "w", "sampler"))
    density = {name: options.pop(name) for name in ("n", "beta", "gamma")}
    with pytest.raises(KgonError, match=words):
        estimate_llc_along(loss, w, Localiser.of(loss, **density), replace(SGLD, kind=kind, **options))
