"""Exact distances modulo symmetry, and the plane of posterior draws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgon.base.verdicts import KgonError
from kgon.experiments.posterior.projection import orbit_distances, project_draws
from kgon.kgons.symmetry import orbit_distance, rotate


def pair(seed, c=6):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(2, 2, c)), rng.normal(size=(2, c))


@given(st.integers(0, 10_000), st.floats(-7, 7), st.booleans())
def test_symmetries_cost_nothing(seed, angle, reflect):
    W, b = pair(seed)
    order = np.random.default_rng(seed).permutation(6)
    turned = rotate(W[0], angle, reflect=reflect)[:, order]
    distances = orbit_distances(np.array([W[0], turned, W[1]]), np.array([b[0], b[0][order], b[1]]))
    assert distances[0, 1] < 1e-6
    assert distances[0, 2] == pytest.approx(distances[1, 2], abs=1e-9)
    assert np.array_equal(distances, distances.T)


@pytest.mark.slow
def test_no_rotation_on_a_grid_is_nearer():
    """Brute force: every permutation is an assignment problem, every angle of a grid is tried."""
    for seed in range(5):
        W, b = pair(seed, c=5)
        (exact,) = orbit_distances(W, b)[np.triu_indices(2, 1)]
        best = min(
            np.hypot(
                np.linalg.norm(rotate(W[0], angle, reflect=reflect)[:, order] - W[1]),
                np.linalg.norm(b[0][order] - b[1]),
            )
            for angle in np.linspace(0, 2 * np.pi, 361)
            for reflect in (False, True)
            for order in _orders(5)
        )
        assert exact <= best + 1e-12 and best - exact < 0.05


def _orders(c):
    import itertools

    return [list(order) for order in itertools.permutations(range(c))]


def test_the_search_by_alignment_is_an_upper_bound_that_mostly_is_exact():
    gaps = []
    for seed in range(60):
        W, b = pair(seed)
        gaps.append(orbit_distance(W[0], b[0], W[1], b[1]).distance - orbit_distances(W, b)[0, 1])
    assert min(gaps) > -1e-9 and np.median(np.abs(gaps)) < 1e-9


@pytest.mark.slow
@pytest.mark.integration
def test_the_phases_form_clusters():
    found = project_draws([100, 400], betas=[1], draws=40, perplexity=10)
    assert found.xy.shape == (1, 2, 40, 2) and np.isfinite(found.xy).all()
    assert found.neighbours > found.by_chance + 0.2
    again = project_draws([100, 400], betas=[1], draws=40, perplexity=10)
    assert np.array_equal(found.basin, again.basin)


@pytest.mark.integration
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"c": 8}, "c must be an integer from 4 to 7, got 8"),
        ({"perplexity": 200.0}, "perplexity must lie from 1 to a third"),
        ({"draws": 2}, "draws must be an integer of at least 4"),
        ({"n": []}, "at least one n"),
    ],
)
def test_options_are_checked(options, message):
    with pytest.raises(KgonError, match=message):
        project_draws(**{"n": [50], "betas": [1], "draws": 8, "perplexity": 2.0, **options})
    with pytest.raises(KgonError, match="c <= 7"):
        orbit_distances(np.zeros((2, 2, 8)), np.zeros((2, 8)))
