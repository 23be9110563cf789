"""The two series against Hessian ranks; their fit; a loss that is constant."""

import numpy as np
import pytest
from support.exhaustive import exhaustive

from kgon.kgons.catalogue import Catalogue
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.sampling.exponent import energy_series, extrapolate, volume_series

SIZES = {"radius": 2e-3, "draws": 60}


def point(label, c):
    found = Catalogue(c)[label]
    return TMS(c), TMS(c).pack(found.W, found.biases)


WIDTHS, ERRORS = np.array([1.0, 0.3, 0.1]), np.array([0.02, 0.03, 0.02])


@pytest.mark.parametrize("slope", [0.0, 0.05, 0.5])
@pytest.mark.parametrize("bend", [0.0, -0.5, 0.5])
def test_the_fit_covers_the_truth_with_and_without_curvature(slope, bend):
    """7 + slope (x + bend x²): four stated errors are at least 3.3 actual ones (a line: 2 at most)."""
    rng = np.random.default_rng(0)
    truth = 7 + slope * (WIDTHS + bend * WIDTHS**2)
    fits = np.array(
        [extrapolate(WIDTHS, truth + ERRORS * rng.standard_normal(3), ERRORS) for _ in range(3000)]
    )
    z = (fits[:, 0] - 7) / fits[:, 1]
    assert np.sqrt(np.mean(z**2)) < 4 / 3.3


def test_the_fit_of_noise_is_not_wider_than_a_line_needs():
    rng = np.random.default_rng(1)
    fits = np.array([extrapolate(WIDTHS, 7 + ERRORS * rng.standard_normal(3), ERRORS) for _ in range(3000)])
    design = np.column_stack([np.ones(3), WIDTHS]) / ERRORS[:, None]
    line = np.sqrt(np.linalg.inv(design.T @ design)[0, 0])
    assert np.all(fits[:, 1] >= line * (1 - 1e-9))
    assert np.median(fits[:, 1]) == pytest.approx(line)
    assert np.std(fits[:, 0]) == pytest.approx(line, rel=0.1)


@pytest.mark.parametrize(("label", "c"), exhaustive([("6", 6), ("5", 6), ("5", 5)], quick=[("5", 5)]))
def test_smooth_minima_have_half_the_rank_of_the_hessian(label, c):
    tms, w = point(label, c)
    W, b = w[: 2 * c].reshape(2, c), w[2 * c :]
    half = np.linalg.matrix_rank(Potential(tms).hessian(W, b), tol=1e-9) / 2
    first, second = np.random.default_rng(0).spawn(2)
    energy = energy_series(first, tms, w, strengths=(1e11, 1e12), chains=256, **SIZES)
    volume = volume_series(second, tms, w, levels=(5e-11, 5e-12), members=384, **SIZES)
    assert energy.below == volume.below == 0
    for series in (energy, volume):
        assert series.errors.max() < 0.1
        assert np.all(np.abs(series.estimates - half) < 4 * series.errors)


def test_where_the_loss_is_constant_the_exponent_is_zero_with_a_bound():
    tms, w = point("4----", 4)
    first, second = np.random.default_rng(0).spawn(2)
    energy = energy_series(first, tms, w, strengths=(1e10, 1e12), chains=64, **SIZES)
    volume = volume_series(second, tms, w, levels=(1e-10, 1e-12), members=64, **SIZES)
    for series in (energy, volume):
        assert series.limit == 0 and np.all(series.estimates == 0)
        assert 0 < series.stderr < 0.01
        assert series.ess is None and series.rhat is None


def test_draws_below_a_point_that_is_no_minimum_are_counted():
    tms, w = point("5+", 7)  # a saddle
    first, second = np.random.default_rng(0).spawn(2)
    energy = energy_series(first, tms, w, strengths=(1e11, 1e12), chains=128, **SIZES)
    volume = volume_series(second, tms, w, levels=(1e-11, 1e-12), members=128, **SIZES)
    assert energy.below > 0.5 and volume.below > 0.5
