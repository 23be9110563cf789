"""Posterior draws and occupancies: against plain Monte Carlo, the evidence, and themselves."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
from support.command import need
from support.exhaustive import exhaustive

from kgon.base.streams import stream
from kgon.base.verdicts import KgonError
from kgon.base.work import Work
from kgon.experiments.posterior import mixing
from kgon.experiments.posterior.as_theory import sampled_occupancy
from kgon.experiments.posterior.chains import Chains, Source
from kgon.experiments.posterior.draws import Posterior, PosteriorDraws, sample_posterior, save
from kgon.experiments.posterior.evidence import sample_evidence
from kgon.experiments.posterior.evidence_result import EvidenceEffort
from kgon.experiments.posterior.mixing import Mixing, OccupancyMixing, between_runs
from kgon.experiments.posterior.occupancy import OccupancyEffort, posterior_occupancy
from kgon.experiments.posterior.occupancy_result import PosteriorOccupancy, root
from kgon.kgons.basins import Basins
from kgon.potential.data import sample
from kgon.potential.empirical import EmpiricalLoss
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.potential.points import read_point
from kgon.sampling import diagnostics
from kgon.sampling.diagnostics import spread_error

FEW = Chains(ensembles=4, draws=12)
TWO = OccupancyEffort(n=(30, 60), sets=2, chains=FEW, population=FEW)
THREE = OccupancyEffort(n=(30, 60), sets=3, chains=FEW, population=Chains(ensembles=8, draws=20))


@pytest.fixture(scope="module")
def found():
    return sample_posterior(60, data=2, chains=Chains(ensembles=8, draws=40))


def test_the_draws_fit_together(found):
    assert found.draws.w.shape == (16, 40, 18)
    W, b = found.points
    loss = EmpiricalLoss(TMS(6), *sample(TMS(6), 60, seed=2))
    assert loss.loss(W[5], b[5]) == pytest.approx(found.draws.loss.ravel()[5])
    names = Basins(6).of(found.draws.w.reshape(-1, 18))
    assert np.array_equal(np.where(names < 0, 10, names), found.draws.basin.ravel())
    assert found.shares.occupancy.sum() == pytest.approx(1)
    assert found.shares.occupancy[2] == pytest.approx(np.mean(found.draws.basin == 2))


@pytest.mark.slow
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
    assert np.all(np.abs(found.shares.occupancy[:10] - expected) < 0.04)
    assert found.draws.loss.mean() == pytest.approx(weight @ loss / weight.sum(), rel=0.03)


@pytest.mark.slow
def test_every_run_and_every_purpose_has_random_numbers_of_its_own(found):
    halves = found.draws.w.reshape(2, -1)
    assert not np.any(halves[0] == halves[1])
    other = sample_posterior(60, data=3, chains=Chains(ensembles=8, draws=40), runs=1)
    centred = [w - w.mean(axis=(0, 1)) for w in (other.draws.w, found.draws.w[:8])]
    assert abs(np.corrcoef(centred[0].ravel(), centred[1].ravel())[0, 1]) < 0.06  # 5760 numbers: 4.5 errors
    again = sample_posterior(60, data=2, chains=Chains(ensembles=8, draws=40), runs=1, seed=1)
    assert not np.any(again.draws.w.ravel() == halves[0])
    streams = [(101, 0, 0), (101, 0, 1), (101, 1, 0), (102, 0), (103, 0, 1), (103, 1, 0), (104, 0), (105,)]
    first = {stream(0, *place).random() for place in streams}
    assert len(first) == len(streams)


def test_errors_and_differences_are_those_of_the_formula():
    assert spread_error(np.array([0.0, 1.0, 2.0])) == pytest.approx(1 / np.sqrt(3))
    # Two runs of two chains: shares of phase 0 are 0.25, 0.75 and 0, 0.5.
    basin = np.array([[[0, 1, 1, 1], [0, 0, 0, 1]], [[1, 1, 1, 1], [0, 0, 1, 1]]])
    error = np.std([0.25, 0.75], ddof=1) / np.sqrt(2)
    assert between_runs(basin, [0]) == pytest.approx(0.25 / np.hypot(error, error))
    assert between_runs(basin[:1], [0]) is None
    apart = np.stack([np.zeros((2, 4), dtype=int), np.ones((2, 4), dtype=int)])
    assert between_runs(apart, [0, 1]) == np.inf and between_runs(apart[:1].repeat(2, axis=0), [0]) == 0


def test_sizes_of_mixing_are_the_worst_of_the_phases():
    """occupancy_ess is the smallest, occupancy_rhat the largest over the phases."""
    found = sample_posterior(150, chains=Chains(ensembles=8, draws=40), runs=1)
    seen = [k for k in range(11) if found.shares.occupancy[k] >= mixing.SEEN]
    sizes = [diagnostics.ess((found.draws.basin == k).astype(float)) for k in seen]
    splits = [diagnostics.rhat((found.draws.basin == k).astype(float), ranks=False) for k in seen]
    assert len(seen) > 2
    assert (found.mixing.occupancy_ess, found.mixing.occupancy_rhat) == (min(sizes), max(splits))


def test_numpy_numbers_are_numbers(tmp_path):
    options = {"runs": 1, "work": Work(folder=tmp_path)}
    one = sample_posterior(np.int64(20), data=np.int64(1), seed=np.int64(0), chains=FEW, **options)
    chains = Chains(ensembles=np.int64(4), draws=np.int64(12))
    other = sample_posterior(np.float32(20), data=1, chains=chains, **options)
    assert np.array_equal(one.draws.w, other.draws.w) and one.to_json() == other.to_json()


def test_beta_and_n_count_as_their_product():
    one, other = (sample_posterior(n, beta=beta, chains=FEW, runs=1) for n, beta in ((40, 1), (80, "1/2")))
    assert np.array_equal(one.draws.w, other.draws.w) and (other.source.beta, other.source.n) == (0.5, 80)


def test_workers_and_restarts_change_nothing(tmp_path):
    alone = sample_posterior(30, chains=FEW)
    two = sample_posterior(30, chains=FEW, work=Work(workers=2, folder=tmp_path))
    again = sample_posterior(30, chains=FEW, work=Work(folder=tmp_path))
    assert np.array_equal(alone.draws.w, two.draws.w) and np.array_equal(two.draws.w, again.draws.w)
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["posterior.json", "run-00.npz", "run-01.npz"]
    assert json.loads((tmp_path / "posterior.json").read_text())["data"] == alone.data()
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
    known = [x for x in splits if x is not None], [x for x in sizes if x is not None]
    found = Mixing(
        ess=sizes[0], rhat=splits[0], occupancy_ess=min(known[1], default=None),
        occupancy_rhat=max(known[0], default=None), largest_z=z, round_trips=trips, barrier=(5.0, 5.0),
        acceptance=(0.6, 0.9), rejection=(0.2, 0.4), rungs=(17, 17),
    )  # fmt: skip
    assert words in str(found.health) and found.health.good is (words == "good")


def test_runs_without_any_spread_that_differ_are_not_healthy_and_json_can_say_so():
    """Their difference is infinite, which JSON has no word for."""
    runs = [
        {
            "w": np.zeros((1, 2, 4, 18)), "loss": np.zeros((1, 2, 4)), "basin": np.full((1, 2, 4), k),
            "round_trips": np.full(2, 50), "strengths": np.array([0.0, 9.0]), "rejection": np.full(1, 0.3),
            "acceptance": np.full(1, 0.7),
        }
        for k in (0, 1)
    ]  # fmt: skip
    drawn = PosteriorDraws.of(runs)
    found = Mixing.of(runs, drawn.loss, drawn.basin)
    assert found.largest_z == found.occupancy_rhat == mixing.LARGEST
    assert "the runs differ by 1000000.0 standard errors" in str(found.health)
    assert Mixing.from_data(found.data()).health == found.health
    alone = Mixing.of(runs[:1], drawn.loss[:2], drawn.basin[:2])
    assert alone.largest_z is None and "differ" not in str(alone.health)


def test_chains_that_stay_where_they_are_are_not_healthy(monkeypatch):
    """Without exchanges nothing travels: no round trips."""
    from kgon.sampling import tempering

    monkeypatch.setattr(tempering._Climb, "_exchange", lambda self: None)
    stuck = sample_posterior(300, chains=Chains(ensembles=8, draws=40), runs=1)
    assert not stuck.health.good and "round trips" in str(stuck.health)


def test_npz_is_read_by_every_command(found, tmp_path):
    path = save(found, tmp_path / "draws.npz")
    tms, W, b = read_point(path)
    assert tms == TMS(6) and W.shape == (640, 2, 6) and b.shape == (640, 6)
    with np.load(path, allow_pickle=False) as archive:
        assert archive["labels"][archive["basin"][7]] == found.shares.labels[found.draws.basin.ravel()[7]]
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
        assert np.array_equal(tree["posterior"]["basin"], found.draws.basin)
        energy = found.source.beta * found.source.n * found.draws.loss
        prior = -0.5 * (found.draws.w**2).sum(axis=-1) - 9 * np.log(2 * np.pi)
        assert np.allclose(tree["sample_stats"]["lp"], prior - energy)
        assert set(tree["posterior"]["b"].dims) == {"chain", "draw", "feature"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n": 0}, "n must be positive and finite, got 0"),
        ({"n": 2.5, "data": 1}, "whole number of samples, got n = 2.5"),
        ({"n": 5, "data": -1}, "seed of a data set must be an integer of at least 0"),
        ({"n": 5, "runs": 0}, "runs must be an integer of at least 1"),
        ({"n": 5, "beta": -1}, "beta"),
        ({"n": 5, "seed": -1}, "seed must be"),
    ],
)
def test_options_are_checked(options, message):
    with pytest.raises(KgonError, match=message):
        sample_posterior(**options)
    with pytest.raises(KgonError, match="ensembles must be"):
        Chains(ensembles=1)
    with pytest.raises(KgonError, match="workers must be"):
        sample_posterior(5, work=Work(workers=0))


@pytest.fixture(scope="module")
def curves():
    return posterior_occupancy(THREE)


def test_every_share_sums_to_one(curves):
    assert np.allclose(curves.population.sum(axis=-1), 1) and np.allclose(curves.sets.sum(axis=-1), 1)
    shares, errors = curves.by_run()
    assert np.allclose(shares.mean(axis=0), curves.population)
    assert np.allclose(errors[0], curves.members[:, :, :8].std(axis=2, ddof=1) / np.sqrt(8))
    assert not np.array_equal(shares[0], shares[1])
    assert curves.population.shape == (2, 2, 11) and curves.sets.shape == (2, 2, 3, 11)


@pytest.mark.slow
def test_a_set_is_sampled_at_each_beta(curves):
    """At β = ½ the 4-gon holds more, as in a run for that β alone."""
    four = curves.labels.index("4")
    alone = [
        sample_posterior(
            60, data=1, beta=beta, chains=Chains(ensembles=16, draws=60), runs=1
        ).shares.occupancy[four]
        for beta in (1, "1/2")
    ]
    many = posterior_occupancy(replace(TWO, n=(60,), chains=Chains(ensembles=16, draws=60)))
    assert many.sets[:, 0, 0, four] == pytest.approx(alone, abs=0.08)
    assert not np.array_equal(many.sets[0], many.sets[1])
    assert not np.array_equal(many.sets[:, :, 0], many.sets[:, :, 1])


@pytest.fixture(scope="module")
def kept_two(tmp_path_factory):
    """A folder with the curves of ``TWO``."""
    folder = tmp_path_factory.mktemp("two")
    posterior_occupancy(TWO, work=Work(folder=folder))
    return folder


OTHERS = [
    (TWO, {"betas": [1]}),
    (replace(TWO, n=(30, 45)), {}),
    (replace(TWO, chains=Chains(ensembles=4, draws=8)), {}),
    (replace(TWO, population=Chains(ensembles=4, draws=20)), {}),
    (TWO, {"seed": 1}),
]


@pytest.mark.parametrize(("effort", "options"), exhaustive(OTHERS, quick=[OTHERS[2]]))
def test_a_folder_of_other_settings_is_not_used(tmp_path, kept_two, effort, options):
    shutil.copytree(kept_two, tmp_path, dirs_exist_ok=True)
    stamps = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    kept = posterior_occupancy(effort, **options, work=Work(folder=tmp_path))
    assert kept.to_json() == posterior_occupancy(effort, **options).to_json()
    assert all(path.stat().st_mtime_ns == then for path, then in stamps.items())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([60, 60], 1.01, 1.0, [30, 40], 1.05), "good"),
        (([9, 9], 1.01, 1.0, [], 1.0), "only 18 round trips with the population loss"),
        (([60, 60], 1.2, 1.0, [], 1.0), "R-hat with the population loss 1.200"),
        (([60, 60], 1.01, 5.0, [], 1.0), "differ by 5.0 standard errors"),
        (([60, 60], 1.01, 1.0, [30, 3], 1.0), "1 of 2 data sets have fewer than 20 round trips"),
        (([60, 60], 1.01, 1.0, [30], 1.3), "R-hat of a data set 1.300"),
    ],
)
def test_health_of_the_curves_names_what_is_wrong(arguments, words):
    population_trips, population_rhat, z, trips, sets_rhat = arguments
    found = OccupancyMixing(
        population_rhat=population_rhat, sets_rhat=sets_rhat, largest_z=z,
        population_trips=tuple(population_trips), round_trips=tuple(trips),
    )  # fmt: skip
    assert words in str(found.health) and found.health.good is (words == "good")


def test_large_sizes_have_names_of_their_own(monkeypatch):
    """n = 1000000 and 1000001 are two tasks."""
    seen = []

    def fake(self, function, tasks, what):
        seen.extend(tasks)
        basin = np.zeros((2, 2, 4), dtype=int)
        arrays = {"basin": basin, "round_trips": np.ones(2), "strengths": np.array([0.0, 5e5, 2e6])}
        return {name: {**arrays, "rejection": np.full(2, 0.3), "step_sizes": np.ones(2)} for name in tasks}

    monkeypatch.setattr(Work, "run", fake)
    posterior_occupancy(replace(TWO, n=(1_000_000, 1_000_001)), betas=[1])
    assert len(set(seen)) == len(seen) == 6


def test_beta_n_decides_with_the_population_loss(curves):
    """n = 60 at β = ½ is n = 30 at β = 1: one rung."""
    assert np.array_equal(curves.population[1, 1], curves.population[0, 0])


def test_a_data_set_is_the_one_of_sample(curves):
    alone = sample_posterior(60, data=2, chains=Chains(ensembles=16, draws=60), runs=1)
    shares = curves.sets[0, 1, 1]
    assert np.abs(shares - alone.shares.occupancy).max() < 0.3  # 48 draws against 960
    assert str(Source(c=6, n=60, data_seed=2)) == "data set of seed 2"


@pytest.mark.slow
def test_curves_do_not_depend_on_workers_and_resume(curves, tmp_path):
    once = posterior_occupancy(THREE, work=Work(workers=2, folder=tmp_path))
    again = posterior_occupancy(THREE, work=Work(folder=tmp_path))
    assert once.to_json() == again.to_json() == curves.to_json()


def curve(shares, sets=None):
    """Occupancies of two phases at n = 100, 200, 400: share of the first by ensemble, and by data set."""

    def of(rows):
        share = np.array(rows).reshape(-1, 3).T[None]
        return np.stack([share, 1 - share, np.zeros_like(share)], axis=-1)

    members, by_set = of(shares), of([] if sets is None else sets)
    mixing = OccupancyMixing(
        population_rhat=1.0, sets_rhat=1.0, largest_z=1.0, population_trips=(9,), round_trips=(9, 9)
    )
    drawn = Chains(ensembles=2, draws=4, thin=1)
    return PosteriorOccupancy(
        c=6, n=(100.0, 200.0, 400.0), betas=(1.0,), labels=("6", "5", "other"), members=members, runs=1,
        data_seeds=tuple(range(by_set.shape[2])), sets=by_set, sets_stderr=by_set, mixing=mixing,
        chains=drawn, population_chains=drawn, seed=0,
    )  # fmt: skip


def test_the_crossover_is_where_the_shares_are_equal():
    n, error = curve([[0.2, 0.4, 0.6]] * 4).crossover(["6"], ["5"], 0, data=False)
    assert n == pytest.approx(200 * np.sqrt(2)) and error == pytest.approx(0)  # log-odds −0.405 and 0.405
    assert curve([[0.2, 0.3, 0.4]] * 4).crossover(["6"], ["5"], 0, data=False) is None
    with pytest.raises(KgonError, match="'7' is none of the basins"):
        curve([[0.2, 0.4, 0.6]] * 4).crossover(["7"], ["5"], 0, data=False)


def test_the_error_of_the_crossover_is_that_of_the_mean():
    """Delta method: d log n = sd(log-odds shift)/slope/√K for small shifts that are the same at all n."""
    shift = np.array([-0.01, 0.01, -0.02, 0.02, 0.0])
    odds = np.array([-1.0, -0.2, 0.4])
    rows = [1 / (1 + np.exp(-(odds + x))) for x in shift]
    slope = 0.6 / np.log(2)
    expected = np.std(shift, ddof=1) / np.sqrt(5) / slope
    for data in (False, True):
        found = curve(rows, rows).crossover(["6"], ["5"], 0, data=data)
        assert found[1] / found[0] == pytest.approx(expected, rel=0.03)


def test_roots_of_a_line():
    x = np.array([0.0, 1.0, 2.0])
    assert root(x, np.array([-1.0, -1.0, 1.0])) == pytest.approx(1.5)
    assert root(x, np.array([-1.0, 0.0, 1.0])) == pytest.approx(1.0)
    assert np.isnan(root(x, np.array([-1.0, 1.0, -1.0]))) and np.isnan(root(x, np.ones(3)))
    # A phase without a draw at some n: the bracket is the right one.
    n, _ = curve([[0.3, 1.0, 1.0]] * 3).crossover(["6"], ["5"], 0, data=False)
    assert 100 < n < 200


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n": [2, 1]}, "positive, finite and increasing"),
        ({"n": [0.0]}, "positive, finite and increasing"),
        ({"n": [1.5, 2], "sets": 2}, "whole number of samples"),
        ({"n": [5], "sets": 1}, "sets must be 0"),
        ({"n": [5], "betas": [1, "1"]}, "betas must be different"),
        ({"n": [5], "betas": []}, "betas must be different"),
    ],
)
def test_options_of_the_curves_are_checked(options, message):
    betas = {name: options.pop(name) for name in ("betas",) if name in options}
    with pytest.raises(KgonError, match=message):
        posterior_occupancy(replace(TWO, **options), **betas)


@pytest.mark.slow
def test_two_runs_and_the_evidence_agree_on_the_hexagon():
    """Three estimates of the occupancy of 6 by two algorithms: within 3 joint standard errors."""
    sizes = (160.0, 210.0, 270.0, 340.0, 420.0)
    long = replace(TWO, n=sizes, sets=0, population=Chains(ensembles=32, draws=200))
    curves = posterior_occupancy(long, betas=[1], work=Work(workers=2))
    effort = EvidenceEffort(particles=1024, replicates=12)  # its errors are a third of the runs'
    local = sample_evidence(sizes=sizes, effort=effort, work=Work(workers=2))
    share, error = sampled_occupancy(local, sizes)["6"]
    k = curves.labels.index("6")
    runs, errors = (x[:, 0, :, k] for x in curves.by_run())
    assert errors.max() <= 0.02 and error.max() <= 0.02
    for first, second, e1, e2 in (
        (runs[0], runs[1], errors[0], errors[1]),
        (runs[0], share, errors[0], error),
        (runs[1], share, errors[1], error),
    ):
        assert np.all(np.abs(first - second) <= 3 * np.hypot(e1, e2))


def test_occupancies_of_a_model_agree_with_plain_monte_carlo():
    """Shares of the prior's draws with their weights: at βn = 20 these are a few hundred effective ones."""
    tms = TMS(6, importance=[1, 1, 1, 1, 1, 0.1])
    w = stream(0, 9).standard_normal((1200, 18))
    weight = np.exp(-20 * Potential(tms).loss(*tms.unpack(w)))
    weight /= weight.sum()
    effort = OccupancyEffort(n=(20,), sets=0, chains=FEW, population=Chains(ensembles=8, draws=30))
    curves = posterior_occupancy(effort, c=tms, betas=[1])
    assert curves.model == tms and curves.labels == Basins(tms).phases
    inside = Basins(tms).of(w)[:, None] == np.arange(len(curves.labels) - 1)
    share = weight @ inside
    error = np.sqrt(weight**2 @ (inside - share) ** 2)
    seen = np.flatnonzero(share > 0.03)
    joint = np.hypot(curves.population_stderr[0, 0, seen], error[seen])
    z = (curves.population[0, 0, seen] - share[seen]) / joint
    assert len(seen) >= 3 and np.abs(z).max() <= 4
    plain = posterior_occupancy(effort, c=6, betas=[1])
    assert "model" not in plain.to_dict()["data"] and plain.labels != curves.labels


def test_a_posterior_is_a_result(found):
    assert isinstance(found, Posterior) and "posterior at n = 60, beta = 1 (data set of seed 2)" in repr(
        found
    )
    assert "split R̂" in str(found)
