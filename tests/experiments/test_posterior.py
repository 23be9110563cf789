"""Posterior draws and occupancies: against plain Monte Carlo, the evidence, and themselves."""

import json

import numpy as np
import pytest
from command import data_of, need, run

from kgon.experiments import posterior as module
from kgon.experiments.basins import Basins
from kgon.experiments.evidence import evidence
from kgon.experiments.evidence_theory import sampled_occupancy
from kgon.experiments.occupancy import PosteriorOccupancy, posterior_occupancy
from kgon.experiments.posterior import Posterior, sample_posterior, save
from kgon.experiments.posterior_run import Chains, Source
from kgon.io import read_point
from kgon.model import TMS
from kgon.potential import EmpiricalLoss, Potential
from kgon.results import KgonError
from kgon.simulate.data import sample

FEW = Chains(ensembles=4, draws=12)


@pytest.fixture(scope="module")
def found():
    return sample_posterior(60, data=2, chains=Chains(ensembles=8, draws=40))


def test_the_draws_fit_together(found):
    assert found.w.shape == (16, 40, 18)
    W, b = found.points
    loss = EmpiricalLoss(TMS(6), *sample(TMS(6), 60, seed=2))
    assert loss.loss(W[5], b[5]) == pytest.approx(found.loss.ravel()[5])
    names = Basins(6).of(found.w.reshape(-1, 18))
    assert np.array_equal(np.where(names < 0, 10, names), found.basin.ravel())
    assert found.occupancy.sum() == pytest.approx(1)
    assert found.occupancy[2] == pytest.approx(np.mean(found.basin == 2))


def test_occupancies_are_those_of_weighted_prior_draws():
    """At s = 20 a million points of the prior, weighted, know the shares to 0.01."""
    rng = np.random.default_rng(6)
    w = rng.standard_normal((1_000_000, 18))
    loss = np.concatenate([Potential(TMS(6)).flat(part)[0] for part in np.array_split(w, 50)])
    weight = np.exp(-20 * (loss - loss.min()))
    chosen = rng.choice(len(w), 4000, p=weight / weight.sum())
    basins = Basins(6)
    expected = np.array([np.mean(basins.of(w[chosen]) == k) for k in range(10)])
    found = sample_posterior(20, chains=Chains(ensembles=32, draws=60), runs=1)
    assert np.all(np.abs(found.occupancy[:10] - expected) < 0.04)
    assert found.loss.mean() == pytest.approx(weight @ loss / weight.sum(), rel=0.03)


def test_beta_and_n_count_as_their_product():
    one, other = (sample_posterior(n, beta=beta, chains=FEW, runs=1) for n, beta in ((40, 1), (80, "1/2")))
    assert np.array_equal(one.w, other.w) and (other.beta, other.n) == (0.5, 80)


def test_workers_and_restarts_change_nothing(tmp_path):
    alone = sample_posterior(30, chains=FEW)
    two = sample_posterior(30, chains=FEW, workers=2, folder=tmp_path)
    again = sample_posterior(30, chains=FEW, folder=tmp_path)
    assert np.array_equal(alone.w, two.w) and np.array_equal(two.w, again.w)
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["run-00.npz", "run-01.npz"]
    assert alone.to_json() == two.to_json() == again.to_json()


@pytest.mark.parametrize(
    ("trips", "splits", "sizes", "z", "words"),
    [
        ((100, 100), [1.01], [500.0], 1.0, "good"),
        ((20, 20), [1.01], [500.0], 1.0, "only 40 round trips"),
        ((100, 100), [1.01, 1.2], [500.0], 1.0, "R-hat 1.200"),
        ((100, 100), [1.01, None], [500.0, 40.0], 1.0, "only 40 effective draws"),
        ((100, 100), [1.01], [None], 5.0, "differ by 5.0 standard errors"),
    ],
)
def test_health_names_what_is_wrong(trips, splits, sizes, z, words):
    assert words in module._health(trips, splits, sizes, z)


def test_chains_that_stay_where_they_are_are_not_healthy(monkeypatch):
    """Without exchanges nothing travels: no round trips."""
    from kgon.simulate import tempering

    monkeypatch.setattr(tempering._Climb, "_exchange", lambda self: None)
    stuck = sample_posterior(300, chains=Chains(ensembles=8, draws=40), runs=1)
    assert not stuck.healthy and "round trips" in stuck.health


def test_npz_is_read_by_every_command(found, tmp_path):
    path = save(found, tmp_path / "draws.npz")
    tms, W, b = read_point(path)
    assert tms == TMS(6) and W.shape == (640, 2, 6) and b.shape == (640, 6)
    with np.load(path, allow_pickle=False) as archive:
        assert archive["labels"][archive["basin"][7]] == found.labels[found.basin.ravel()[7]]
        assert json.loads(str(archive["result"]))["data"]["n"] == 60
    with pytest.raises(KgonError, match=r"written as \.npz or \.nc"):
        save(found, tmp_path / "draws.txt")


@pytest.mark.integration
def test_netcdf_is_read_by_arviz(found, tmp_path):
    need("arviz_base", "h5netcdf")
    import xarray

    path = save(found, tmp_path / "draws.nc")
    with xarray.open_datatree(path, engine="h5netcdf") as tree:
        assert tree["posterior"]["W"].shape == (16, 40, 2, 6)
        assert np.array_equal(tree["posterior"]["basin"], found.basin)
        energy = found.beta * found.n * found.loss
        prior = -0.5 * (found.w**2).sum(axis=-1) - 9 * np.log(2 * np.pi)
        assert np.allclose(tree["sample_stats"]["lp"], prior - energy)
        assert set(tree["posterior"]["b"].dims) == {"chain", "draw", "feature"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n": 0}, "n must be a positive, finite number, got 0"),
        ({"n": 2.5, "data": 1}, "whole number of samples, got n = 2.5"),
        ({"n": 5, "data": -1}, "seed of a data set must be an integer of at least 0"),
        ({"n": 5, "runs": 0}, "runs must be an integer of at least 1"),
        ({"n": 5, "beta": -1}, "beta"),
        ({"n": 5, "seed": -1}, "seed must be"),
        ({"n": 5, "workers": 0}, "workers must be"),
    ],
)
def test_options_are_checked(options, message):
    with pytest.raises(KgonError, match=message):
        sample_posterior(**options)
    with pytest.raises(KgonError, match="ensembles must be"):
        Chains(ensembles=1)


# --- occupancy ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def curves():
    return posterior_occupancy([30, 60], sets=3, chains=FEW, population=Chains(ensembles=8, draws=20))


def test_every_share_sums_to_one(curves):
    assert np.allclose(curves.population.sum(axis=-1), 1) and np.allclose(curves.sets.sum(axis=-1), 1)
    assert np.allclose(curves.runs.mean(axis=0), curves.population)
    assert curves.population.shape == (2, 2, 11) and curves.sets.shape == (2, 2, 3, 11)


def test_beta_n_decides_with_the_population_loss(curves):
    """n = 60 at β = ½ is n = 30 at β = 1: one rung."""
    assert np.array_equal(curves.population[1, 1], curves.population[0, 0])


def test_a_data_set_is_the_one_of_sample(curves):
    alone = sample_posterior(60, data=2, chains=Chains(ensembles=16, draws=60), runs=1)
    shares = curves.sets[0, 1, 1]
    assert np.abs(shares - alone.occupancy).max() < 0.3  # 48 draws against 960
    assert str(Source(c=6, n=60, data=2)) == "data set of seed 2"


def test_curves_do_not_depend_on_workers_and_resume(curves, tmp_path):
    options = {"sets": 3, "chains": FEW, "population": Chains(ensembles=8, draws=20)}
    once = posterior_occupancy([30, 60], workers=2, folder=tmp_path, **options)
    again = posterior_occupancy([30, 60], folder=tmp_path, **options)
    assert once.to_json() == again.to_json() == curves.to_json()


def curve(population, sets=None):
    """An occupancy of two phases at n = 100, 200, 400 with given shares of the first."""
    share = np.stack([population, 1 - np.array(population), np.zeros(3)], axis=-1)[None]
    sets = np.zeros((1, 3, 0)) if sets is None else np.array(sets).T[None]
    shares = np.stack([sets, 1 - sets, np.zeros_like(sets)], axis=-1)
    return PosteriorOccupancy(
        c=6, n=(100.0, 200.0, 400.0), betas=(1.0,), labels=("6", "5", "other"), population=share,
        population_stderr=np.full_like(share, 0.01), runs=share[None], runs_stderr=share[None],
        data_seeds=tuple(range(sets.shape[2])), sets=shares, sets_stderr=shares, population_rhat=1.0,
        sets_rhat=1.0, round_trips=(9, 9), health="good", ensembles=2, draws=4, seed=0,
    )  # fmt: skip


def test_the_crossover_is_where_the_shares_are_equal():
    n, error = curve([0.2, 0.4, 0.6]).crossover(["6"], ["5"], 0, data=False)
    assert n == pytest.approx(200 * np.sqrt(2))  # log-odds −0.405 and 0.405
    assert error == pytest.approx(n * (0.01 / 0.6 + 0.01 / 0.4) / 1.17, rel=0.3)
    assert curve([0.2, 0.3, 0.4]).crossover(["6"], ["5"], 0, data=False) is None
    with pytest.raises(KgonError, match="'7' is none of the basins"):
        curve([0.2, 0.4, 0.6]).crossover(["7"], ["5"], 0, data=False)


def test_the_crossover_of_data_sets_has_their_spread():
    equal = curve([0.2, 0.4, 0.6], [[0.2, 0.4, 0.6]] * 4).crossover(["6"], ["5"], 0, data=True)
    assert equal == pytest.approx((200 * np.sqrt(2), 0.0))
    spread = [[0.2, 0.4 + x, 0.6 + x] for x in (-0.05, 0.0, 0.05)]
    n, error = curve([0.2, 0.4, 0.6], spread).crossover(["6"], ["5"], 0, data=True)
    assert 200 < n < 400 and error > 10


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n": [2, 1]}, "positive, finite and increasing"),
        ({"n": [0.0]}, "positive, finite and increasing"),
        ({"n": [1.5, 2]}, "whole number of samples"),
        ({"n": [5], "sets": 1}, "sets must be 0"),
        ({"n": [5], "betas": [1, "1"]}, "betas must be different"),
        ({"n": [5], "betas": []}, "betas must be different"),
    ],
)
def test_options_of_the_curves_are_checked(options, message):
    with pytest.raises(KgonError, match=message):
        posterior_occupancy(chains=FEW, population=FEW, **options)


@pytest.mark.slow
def test_two_runs_and_the_evidence_agree_on_the_hexagon():
    """Three estimates of the occupancy of 6 by two algorithms: within 3 joint standard errors."""
    sizes = (160.0, 210.0, 270.0, 340.0, 420.0)
    curves = posterior_occupancy(
        sizes, betas=[1], sets=0, population=Chains(ensembles=32, draws=200), workers=2
    )
    local = evidence(sizes=sizes, particles=4096, replicates=12, workers=2)
    share, error = sampled_occupancy(local, sizes)["6"]
    k = curves.labels.index("6")
    runs, errors = curves.runs[:, 0, :, k], curves.runs_stderr[:, 0, :, k]
    assert errors.max() <= 0.02 and error.max() <= 0.02
    for first, second, e1, e2 in (
        (runs[0], runs[1], errors[0], errors[1]),
        (runs[0], share, errors[0], error),
        (runs[1], share, errors[1], error),
    ):
        assert np.all(np.abs(first - second) <= 3 * np.hypot(e1, e2))


# --- command line ------------------------------------------------------------------------------

QUICK = ("--ensembles", "4", "--draws", "12", "--no-progress")


def test_sample_writes_draws_and_goes_on_with_them(capsys, tmp_path):
    argv = ("sample", "--n", "30", "--data", "1", "--out", str(tmp_path), *QUICK)
    code, out, _ = run(capsys, *argv, "--json")
    data = json.loads(out)["data"]
    assert code == 1 and "round trips" in data["health"]  # 4 chains of 12 draws prove nothing
    assert {"ess", "rhat", "occupancy", "health"} <= data.keys() and "w" not in data
    assert (tmp_path / "draws.npz").exists() and (tmp_path / "run-01.npz").exists()
    assert run(capsys, *argv, "--json")[1] == out
    code, _, err = run(capsys, "sample", "--n", "30", "--format", "nc")
    assert code == 2 and "--format nc is for --out FOLDER" in err


def test_occupancy_by_sampling(capsys, tmp_path):
    argv = ("occupancy", "--n", "20,40", "--theory", "mcmc", "--out", str(tmp_path), "--no-progress")
    rows = data_of(capsys, *argv)
    assert sum(row["probability"] for row in rows if row["n"] == 20) == pytest.approx(1)
    assert all(row["stderr"] is not None for row in rows)
    code, _, err = run(capsys, "occupancy", "--n", "20", "--sets", "2")
    assert code == 2 and "--sets 2 is for --theory mcmc" in err
    code, _, err = run(capsys, *argv, "--among", "5,6")
    assert code == 2 and "not for --theory mcmc" in err


def test_a_posterior_is_a_result(found):
    assert isinstance(found, Posterior) and "posterior at n = 60, beta = 1 (data set of seed 2)" in repr(
        found
    )
    assert "split R̂" in str(found)
