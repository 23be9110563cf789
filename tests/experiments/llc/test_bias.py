"""The split of λ̂ − λ: on chains made by hand, on a quadratic loss, and against other samplers."""

from dataclasses import replace

import numpy as np
import pytest

from kgon.base.streams import stream
from kgon.base.verdicts import KgonError
from kgon.experiments.llc.bias import CAUSES, ShortChains, SplitEffort, split_bias, split_parts
from kgon.experiments.llc.estimate import llc
from kgon.experiments.llc.falls import Fall, measure_fall
from kgon.experiments.llc.settings import Localiser
from kgon.kgons.basins import Basins
from kgon.kgons.catalogue import Catalogue
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.sampling import langevin as sampling_langevin
from kgon.sampling.diagnostics import monte_carlo_error, rhat
from kgon.sampling.hmc import State
from kgon.sampling.langevin import Langevin, run_langevin

MADE = ShortChains(
    energy=np.array([[6.0, 8.0], [5.0, 9.0], [7.0, -3.0], [8.0, -20.0]]),
    inside=np.array([[True, True], [True, True], [True, False], [True, False]]),
    kept=np.array([True, True, True, False]),
    bias=np.array([0.1, 0.2, 0.3, 0.2]),
)
"""Four chains in two parts: two stay, one falls a little, one falls and is discarded."""


def test_chains_made_by_hand_are_split_as_on_paper():
    """In the basin (6 + 8 + 5 + 9 + 7 + 8)/6 = 43/6, of all 20/8, of those kept 32/6."""
    *parts, whole, density, sampling = split_parts(6.0, (6.5, 0.3), (7.0, 0.4), MADE)
    assert tuple(x.name for x in parts) == CAUSES
    values = [0.5, 0.5, 43 / 6 - 0.2 - 7, 0.2, 20 / 8 - 43 / 6, 32 / 6 - 20 / 8]
    assert [x.value for x in parts] == pytest.approx(values)
    assert (whole.value, density.value) == pytest.approx((32 / 6 - 6, 1.0))
    assert sampling.value == pytest.approx(32 / 6 - 7)
    assert [x.stderr for x in parts[:2]] == pytest.approx([0.3, 0.5]) and density.stderr == 0.4
    # The jackknife of a mean is its standard error: of the biases, whatever else the chains do.
    assert parts[3].stderr == pytest.approx(np.std(MADE.bias, ddof=1) / 2)
    assert sampling.stderr == pytest.approx(np.hypot(0.4, whole.stderr))


def test_without_escape_or_discarding_only_time_and_step_are_left():
    kept = np.ones(4, dtype=bool)
    calm = replace(MADE, inside=np.ones((4, 2), dtype=bool), kept=kept)
    *parts, whole, _, _ = split_parts(2.0, (2.0, 0.1), (2.0, 0.1), calm)
    assert [(x.value, x.stderr) for x in parts[-2:]] == [(0.0, 0.0), (0.0, 0.0)]
    assert whole.stderr == pytest.approx(np.std(MADE.energy.mean(axis=1), ddof=1) / 2)


def test_chains_of_which_nothing_is_left_are_refused():
    for change, words in (
        ({"kept": np.array([True, False, False, False])}, "1 of 4 chains are kept"),
        ({"inside": np.zeros((4, 2), dtype=bool)}, "0 of 4 chains are in the basin"),
    ):
        with pytest.raises(KgonError, match=words):
            split_parts(6.0, (6.5, 0.3), (7.0, 0.4), replace(MADE, **change))
    with pytest.raises(KgonError, match="not a local minimum"):
        split_bias("4++-")
    with pytest.raises(KgonError, match="chains must be an integer of at least 4, got 3"):
        SplitEffort(chains=3, draws=20)


def test_time_and_step_of_a_quadratic_loss_are_in_closed_form():
    """The hexagon at n = 10⁹, γ = 10⁴: chains of 80 steps from w*, of which the slow directions know little.

    In a direction of curvature k the variance after t steps is (1 − a^2t)/(k (1 − ε k/4)), a = 1 − ε k/2.
    The mean of 1600 chains has an error of 0.03; without time it would be 3 more, without the step 0.4 less.
    """
    tms, point, s = TMS(6), Catalogue(6)["6"], 1e9 / np.log(1e9)
    h = np.linalg.eigvalsh(Potential(tms).hessian(point.W, point.biases))
    k, t = s * h + 1e4, np.arange(1, 81)[:, None]
    size = 0.4 / k.max()
    settings = Langevin(strength=s, precision=1e4, step_size=size, steps=80)
    centre = tms.pack(point.W, point.biases)
    found = run_langevin(Potential(tms), centre, settings, chains=1600, seed=4)

    def energy(step, grown):
        return float(np.mean(np.sum(0.5 * s * h / (k * (1 - step * k / 4)) * grown, axis=1)))

    whole = energy(size, 1 - (1 - size * k / 2) ** (2 * t))
    assert energy(size, np.ones((80, 18))) - whole > 2
    assert abs(s * found.excess.mean() - whole) < 0.12
    # What the chains' own gradients say of the step is what the closed form says.
    without = energy(0.0, 1 - np.exp(-size * k * t))
    assert whole - without > 0.15
    assert found.bias == pytest.approx(whole - without, abs=0.06)


@pytest.fixture(scope="module")
def square():
    return measure_fall("4")


def test_the_density_in_the_basin_of_the_lowest_minimum_is_that_of_other_chains(published):
    """Nothing is lower than 6, and few chains leave it: Hamiltonian chains that may leave find the same."""
    split = published.splits[-1]
    free = llc("6", n=5000, chains=144, steps=100, seed=3)
    assert free.estimate.left == 0
    gap = split.exact + split.parts[0].value - free.lambda_hat
    assert abs(gap) < 4 * np.hypot(split.parts[0].stderr, free.stderr) < 0.5


def test_short_chains_fall_from_the_square_and_a_restricted_one_finds_its_lambda(square):
    """λ = 15/2: within 0.5 where the basin cannot be left, far below where it can."""
    assert square.lambda_ == 7.5 and square.basin is not None
    assert abs(square.basin.value - 7.5) < 0.5 and square.basin.stderr < 0.1
    assert square.exact_chains.value < -10 and square.fall.value < -5
    assert square.fall.value + square.rest.value == pytest.approx(square.short.value)
    assert sum(square.ends.values()) == 10
    short = llc("4", n=5000, sampler="sgld")
    assert square.short.value == pytest.approx(short.lambda_hat)
    assert Fall.from_json(square.to_json()).to_json() == square.to_json()
    assert "is the fall" in repr(square)


@pytest.mark.slow
def test_the_density_in_the_basin_of_5_is_that_of_langevin_chains_that_turn_back():
    """MALA, whose hundred steps are taken back where they end outside: another sampler of the same density.

    Without the basin Hamiltonian chains find 7.2 there, and short chains of SGLD 8.1.
    """
    basins, point, s, gamma = Basins(6), Catalogue(6)["5"], Localiser(n=5000).strength, 1.0
    loss, centre, inside = basins.potential, TMS(6).pack(point.W, point.biases), basins.inside(["5"])
    settings = Langevin(strength=s, precision=gamma, step_size=4e-4, steps=100, metropolis=True)
    rngs = [stream(7, k) for k in range(64)]
    w, energy, rates = np.tile(centre, (64, 1)), np.full((64, 700), np.nan), []
    for k in range(700):
        parts = [
            sampling_langevin._run(loss, centre, w[i : i + 16], settings, rngs[i : i + 16])
            for i in range(0, 64, 16)  # as many as move together
        ]
        ends = np.concatenate([found["path"][:, -1] for found in parts])
        rates += [found["acceptance"].mean() for found in parts]
        w = np.where(inside(State.at(loss, ends))[:, None], ends, w)
        energy[:, k] = s * (loss.flat(w)[0] - point.loss)
    drawn = energy[:, 200:]
    error = monte_carlo_error(drawn)
    assert 0.5 < np.mean(rates) < 0.99 and rhat(drawn) < 1.05 and error < 0.08
    split = split_bias("5", SplitEffort(chains=16, draws=300))
    expected = split.exact + split.parts[0].value
    assert abs(drawn.mean() - expected) < 4 * np.hypot(error, split.parts[0].stderr) < 0.4
    assert expected > 8.4
