"""λ̂ at finite n: samplers against each other and against λ, and chains that must not be believed."""

import math

import numpy as np
import pytest
from support.exhaustive import exhaustive

from kgon.base.verdicts import KgonError
from kgon.base.work import Work
from kgon.experiments.llc.estimate import LocalEstimate, estimate_llc, llc
from kgon.experiments.llc.measures import Measures
from kgon.experiments.llc.settings import HMC, MALA, SGLD, Localiser, Sampler
from kgon.kgons.catalogue import Catalogue
from kgon.potential.data import sample
from kgon.potential.empirical import EmpiricalLoss
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.sampling.langevin import Langevin, run_langevin

DATA = EmpiricalLoss(TMS(6), *sample(TMS(6), 400, seed=1))


def at(label, **options):
    point = Catalogue(6)[label]
    return llc(point.W, point.biases, **options)


def test_the_estimator_at_the_published_size_is_biased_and_tends_to_lambda():
    """λ̂ at n = 5000 is not λ; it comes near it as n grows."""
    hexagon = Catalogue(6)["6"]
    found = [llc(hexagon.W, hexagon.biases, n=n) for n in (5e3, 1e7)]
    assert all(x.health.good for x in found)
    assert found[0].localiser.beta == pytest.approx(1 / np.log(5000))
    assert found[0].lambda_hat - 8.5 > 10 * found[0].stderr
    assert abs(found[1].lambda_hat - 8.5) < 0.1


@pytest.mark.parametrize("label", ["4", "5+", "4----"])
def test_chains_that_leave_are_reported(label):
    point = Catalogue(6)[label]
    found = llc(point.W, point.biases, n=5000, steps=100)
    assert found.estimate.escaped > 0.01 and not found.health.good
    assert "something lower" in str(found.health) and "not to be trusted" in repr(found)


def test_a_point_that_is_not_critical_has_a_negative_estimate():
    point = Catalogue(6)["6"]
    found = llc(point.W + 0.2, point.biases, n=5000, steps=100)
    assert found.lambda_hat < 0 and not found.health.good


def test_a_constant_loss_gives_zero():
    found = llc(np.eye(2, 4), np.full(4, -2.0), n=1e9, gamma=1e4, steps=12)
    assert (
        found.lambda_hat == found.stderr == 0 and found.estimate.ess is None and found.estimate.rhat is None
    )
    assert LocalEstimate.from_json(found.to_json()).estimate.ess is None


GOOD = {
    "escaped": 0.0, "left": 0.0, "far": 0.001, "rhat": 1.01, "rhat_distance": 1.02, "ess": 1e4,
    "acceptance": 0.6, "bias": 0.1,
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"escaped": 0.02}, "2.00% of the draws lie below"),
        ({"left": 0.1}, "10.0% of the chains end in the basin of something lower"),
        ({"far": 0.2}, "20.0% of the draws are farther away"),
        ({"rhat": 1.4}, "R-hat 1.400 exceeds"),
        ({"rhat_distance": 1.3}, "R-hat 1.300 of the distance"),
        ({"ess": 30.0}, "only 30 effective draws"),
        ({"acceptance": 0.1}, "acceptance is only 0.10"),
        ({"bias": 0.7}, "the step size adds about 0.70"),
    ],
)
def test_health_names_every_reason(change, words):
    def health(values):
        return Measures(lambda_hat=8.0, stderr=0.1, **values).health()

    assert health(GOOD).good
    none = ("left", "far", "rhat_distance", "rhat", "ess")
    assert health(GOOD | dict.fromkeys(none)).good
    assert health(GOOD | change).reasons[0].startswith(words)
    assert words in str(health(GOOD | {"escaped": 0.5, "bias": 2.0} | change))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"n": 1}, "n must be a finite number above 1, got 1"),
        ({"n": "many"}, "n must be a finite number above 1, got 'many'"),
        ({"n": np.nan}, "n must be"),
        ({"beta": 0.0}, "beta must be"),
        ({"gamma": -1.0}, "gamma must be"),
        ({"steps": 5}, "steps must be an integer of at least 12, got 5"),
        ({"chains": 10}, "chains must be an integer of at least 72, got 10"),
        ({"seed": -1}, "seed"),
        ({"n": 1e18}, "strength"),
        ({"n": None}, "n is missing: only a data set brings its own sample size"),
        ({"sampler": "nuts"}, "sampler must be one of hmc, mala, sgld, got 'nuts'"),
        ({"loss": "data"}, "loss must be 'population', the seed of a data set, or a data set; got 'data'"),
        ({"loss": 1, "n": 99.5}, "n must be a whole number"),
        ({"loss": DATA}, "the data set has 400 samples, n says 100"),
        ({"loss": DATA, "n": None, "tms": TMS(6, r=3)}, "the data set is one of"),
        ({"step_size": 0.1}, "step_size 0.1 is for mala and sgld"),
        ({"burn_in": 3}, "burn_in 3 is for mala and sgld"),
        ({"batch": 3}, "batch 3 is for sgld"),
        ({"sampler": "mala", "batch": 3}, "batch 3 is for sgld"),
        ({"sampler": "sgld", "batch": 3}, "the population loss has none"),
        ({"sampler": "sgld", "chains": 1}, "chains must be an integer from 2 to 100000, got 1"),
        ({"W": np.zeros((2, 5))}, "b must have shape"),
        ({"W": np.zeros((3, 2, 6)), "b": np.zeros((3, 6))}, "one point is wanted"),
        ({"tms": TMS(7)}, "W must have shape"),
        ({"b": None}, "b is missing"),
        ({"W": "6"}, "the label 6 names a whole point"),
        ({"W": "7", "b": None}, "7"),
        ({"sampler": "sgld", "steps": 12.5}, "steps must be an integer of at least 12, got 12.5"),
    ],
)
def test_bad_options_are_refused(change, words):
    options = {"W": np.zeros((2, 6)), "b": np.zeros(6), "n": 100} | change
    with pytest.raises(KgonError, match=words):
        llc(options.pop("W"), options.pop("b"), **options)


@pytest.mark.parametrize("sampler", ["hmc", "mala", "sgld"])
def test_a_seed_fixes_every_bit_and_results_survive_json(sampler):
    options = {"n": 1e5, "gamma": 100.0, "steps": 12, "sampler": sampler}
    options |= {"step_size": 1e-5} if sampler == "sgld" else {}
    one, two, other = (at("6", seed=s, **options) for s in (3, 3, 4))
    assert one.to_json() == two.to_json()
    assert one.lambda_hat != other.lambda_hat
    assert LocalEstimate.from_json(one.to_json()).to_json() == one.to_json()
    assert "n = 100000" in repr(one) and sampler in str(one)


@pytest.mark.parametrize("loss", exhaustive(["population", 5], quick=["population"]))
@pytest.mark.parametrize("label", exhaustive(["5", "5+", "6"], quick=["6"]))
def test_samplers_agree_where_the_chains_are_held(label, loss):
    """HMC and MALA are exact, SGLD is not: tolerance 0.1, at standard errors of 0.02 and less."""
    common = {"n": 5000, "gamma": 100.0, "loss": loss}
    hmc = at(label, **common)
    mala = at(label, sampler="mala", steps=30_000, **common)
    assert hmc.health.good and mala.health.good
    assert max(hmc.stderr, mala.stderr) < 0.02
    assert abs(hmc.lambda_hat - mala.lambda_hat) < 0.1
    sgld = at(label, sampler="sgld", steps=30_000, burn_in=1000, **common)
    assert sgld.lambda_hat - hmc.lambda_hat > 0.3 and sgld.estimate.bias > 0.25 and not sgld.health.good
    assert abs(sgld.lambda_hat - sgld.estimate.bias - hmc.lambda_hat) < 0.15  # L is not quadratic


@pytest.mark.parametrize(
    ("label", "exact"), exhaustive([("6", 8.5), ("5+", 8.5), ("5", 7.0)], quick=[("5", 7.0)])
)
def test_lambda_at_a_million(label, exact):
    """Less than λ by about ½ Σ γ/(s hᵢ) ≤ 0.2 for γ = 100: tolerance 0.25, half the spacing of λ."""
    for sampler in ("hmc", "mala"):
        found = at(label, n=1e6, gamma=100.0, sampler=sampler)
        assert found.health.good and found.stderr < 0.03
        assert abs(found.lambda_hat - exact) < 0.25
    size = 0.2 / found.localiser.strength
    found = at(label, n=1e6, gamma=100.0, sampler="sgld", step_size=size, steps=100_000, burn_in=10_000)
    assert found.stderr < 0.06 and found.estimate.bias < 0.3
    assert abs(found.lambda_hat - found.estimate.bias - exact) < 0.25


@pytest.mark.parametrize("label", ["5", "5+"])
def test_long_chains_leave_5_and_5_plus_at_the_published_size(label):
    found = at(label, n=5000, sampler="mala", steps=20_000)
    assert found.estimate.left > 0.5 and found.estimate.escaped > 0.01 and not found.health.good
    short = at(label, n=5000, sampler="sgld", chains=20)
    assert short.estimate.left > 0.05 and "basin of something lower" in str(short.health)
    assert short.lambda_hat > found.lambda_hat + 2


@pytest.mark.parametrize("label", ["4++-", "4+--", "4--", "4+", "5", "6"])
def test_a_saddle_has_no_basin_to_leave(label):
    """Which k-gons are minima is proved elsewhere; here gradient descent from beside them tells."""
    found = at(label, n=5000, gamma=100.0, chains=72, steps=30)
    assert (found.estimate.left is None) is (label in ("4++-", "4+--"))
    assert ("no minimum" in str(found)) is (found.estimate.left is None)


def test_a_chain_that_is_far_away_is_noticed():
    """Without the loss's hold ‖w − w*‖² has the chi-squared distribution: 0.001 lies beyond the quantile."""
    dead = {"n": 1e6, "sampler": "mala", "steps": 4000, "gamma": 1.0}
    found = llc(np.zeros((2, 4)), np.full(4, -40.0), **dead)
    assert found.lambda_hat == 0 and found.estimate.far < 0.01 and found.health.good


def test_the_data_may_be_given_as_such():
    point = Catalogue(6)["6"]
    by_seed = llc(point.W, point.biases, n=400, loss=1, sampler="sgld")
    given = llc(point.W, point.biases, loss=DATA, sampler="sgld")
    assert by_seed.lambda_hat == given.lambda_hat and given.localiser.n == 400 and given.loss == "400 samples"


def test_numbers_do_not_depend_on_the_workers():
    one = at("6", n=5000, sampler="sgld", steps=40)
    assert one.to_json() == at("6", n=5000, sampler="sgld", steps=40, work=Work(workers=map)).to_json()


def test_divergence_is_an_error_that_says_what_would_do():
    with pytest.raises(KgonError, match=r"sgld diverges at step_size 0.001 .* a step below 8e-07 is wanted"):
        at("6", n=2e7, sampler="sgld")


def test_a_label_is_its_standard_representative():
    point = Catalogue(5)["5"]
    expected = llc(point.W, point.biases, n=500, chains=72, steps=12)
    assert llc("5", n=500, tms=TMS(5), chains=72, steps=12).to_json() == expected.to_json()
    assert llc("6", n=500, chains=72, steps=12).localiser.strength == 500 / np.log(500)


def test_keywords_are_the_settings_that_they_stand_for():
    tms, point = TMS(6), Catalogue(6)["6"]
    front = llc(point.W, point.biases, loss=DATA, sampler="mala", gamma=100.0, steps=50, seed=3)
    chosen = Sampler(kind="mala", chains=10, steps=50, burn_in=10)
    localiser = Localiser(n=400, gamma=100)
    plain = estimate_llc(DATA, tms.pack(point.W, point.biases), localiser, chosen, seed=3)
    assert front.to_json() == plain.to_json() and front.sampler.step_size > 0


def test_the_burn_in_keeps_its_share_of_the_steps():
    assert (MALA.but(steps=2000).burn_in, MALA.but(steps=2000, burn_in=7).burn_in) == (400, 7)
    assert MALA.but(chains=None, step_size=None) == MALA
    assert (SGLD.but(steps=40).burn_in, HMC.but(steps=40).burn_in) == (0, 0)
    assert (HMC.count(18), HMC.count(100), SGLD.count(18)) == (256, 400, 10)


def test_chains_below_the_point_are_discarded_and_counted():
    """The rule by hand, on the draws: more than a share of a chain's draws below L(w*)."""
    how = {"n": 5000, "gamma": 0.1, "sampler": "sgld", "chains": 12, "steps": 400, "step_size": 1e-3}
    point = Catalogue(6)["5"]
    localiser, tms = Localiser(n=5000, gamma=0.1), TMS(6)
    drawn = run_langevin(
        Potential(tms),
        tms.pack(point.W, point.biases),
        Langevin(strength=localiser.strength, precision=0.1, step_size=1e-3, steps=400),
        chains=12,
    )
    below = (drawn.excess < 0).mean(axis=1)
    share = float(np.sort(below)[8:10].mean())  # some stay, some go
    kept = below <= share
    assert 2 <= kept.sum() < 12
    found = llc("5", discard=share, **how)
    means = localiser.strength * drawn.excess[kept].mean(axis=1)
    assert found.estimate.discarded == 12 - kept.sum()
    assert found.lambda_hat == pytest.approx(means.mean(), rel=1e-12)
    assert found.estimate.spread == pytest.approx(means.std(ddof=1), rel=1e-12)
    assert "were discarded" in str(found.health) and "chains discarded" in str(found)
    assert llc("5", **how).estimate.discarded == 0
    for share in (0, 1, -0.1, math.nan):
        with pytest.raises(KgonError, match="discard must be a share between 0 and 1"):
            llc("5", discard=share, **how)
    with pytest.raises(KgonError, match=r"discard 0\.05 is for mala and sgld"):
        llc("5", n=5000, discard=0.05)
    with pytest.raises(KgonError, match="none is left to compare"):
        llc("4++-", discard=1e-6, **how)  # no minimum: all fall
