"""Figures of the sampled posterior show the numbers that they are given."""

from typing import Any

import numpy as np
import pytest

from kgon.base import verdicts
from kgon.experiments.posterior.chains import Chains
from kgon.experiments.posterior.occupancy import OccupancyEffort, posterior_occupancy
from kgon.free_energy.dominance import occupancy as shares_of
from kgon.report import figures


@pytest.fixture(scope="module")
def sampled() -> Any:
    few = Chains(ensembles=2, draws=8)
    return posterior_occupancy(OccupancyEffort(n=(40, 120), sets=3, chains=few, population=few))


def test_occupancies_of_theory_population_and_data(sampled: Any) -> None:
    figure = figures.make_figure("occupancy-sampled", occupancy=sampled)
    axes = figure.axes
    assert len(axes) == 8  # two β, two theories and two kinds of samples
    titles = [ax.get_title(loc="left") for ax in axes[:4]]
    assert titles == ["theory: prior", "theory: laplace2", "population loss", "3 data sets"]
    for row, beta in enumerate((1, 0.5)):
        assert rf"$\beta = {beta:g}$" in axes[4 * row].get_ylabel()
        drawn = [line for line in axes[4 * row + 2].lines if line.get_gid() == "phase"]
        heights = np.array([line.get_ydata() for line in drawn])
        shown = sampled.population[row].T
        assert all(any(np.allclose(height, x) for x in shown) for height in heights)
        dots = [line for line in axes[4 * row + 3].lines if line.get_gid() == "data-set"]
        assert all(len(line.get_xdata()) == 6 for line in dots) and dots
    with pytest.raises(verdicts.KgonError, match="does not depend on occupancy"):
        figures.make_figure("occupancy-theories", occupancy=sampled)


def test_the_pair_is_the_theory_beside_the_mean_over_data_sets(sampled: Any) -> None:
    left, right = figures.make_figure("occupancy-pair", occupancy=sampled).axes
    theory = shares_of(left.lines[0].get_xdata(), 6, theory="prior", beta=1)
    curves = [line.get_ydata() for line in left.lines if line.get_gid() == "phase"]
    assert curves and all(any(np.array_equal(y, x) for x in theory.values()) for y in curves)
    means = sampled.sets[0].mean(axis=1).T
    drawn = [line.get_ydata() for line in right.lines if line.get_gid() == "phase"]
    assert drawn and all(any(np.allclose(y, x) for x in means) for y in drawn)
    assert "3 data sets" in right.get_title(loc="left")
    apart = 0.015 * np.ptp(right.get_xlim())  # set side by side, at every n alike
    for line in right.lines:
        if line.get_gid() == "phase":
            moved = line.get_xdata() - np.array(sampled.n)
            assert np.ptp(moved) < 1e-9 and abs(moved[0]) <= apart + 1e-9


@pytest.mark.slow
@pytest.mark.integration
def test_tsne_has_a_panel_for_every_posterior() -> None:
    figure = figures.make_figure("tsne")
    assert [ax.get_title(loc="left") for ax in figure.axes] == [
        rf"$n = {n}$, $\beta = {beta:g}$" for beta in (1, 0.5) for n in (300, 500, 700, 1000)
    ]
    for ax in figure.axes:
        cloud, *phases = ax.lines
        assert len(cloud.get_xdata()) == 480 and sum(len(line.get_xdata()) for line in phases) == 60
