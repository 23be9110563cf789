"""Uniform samples against ellipsoids (exact moments), rejection sampling, and volumes of other exponents."""

import numpy as np
import pytest
from scipy import stats

from kgon.base.verdicts import KgonError
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.sampling import sublevel as module
from kgon.sampling.diagnostics import monte_carlo_error
from kgon.sampling.sublevel import loss_height, measure_sublevel

STIFFNESS = np.array([1.0, 1.0, 4.0, 100.0, 1e4, 1e6])


def ellipsoid(points):
    return points**2 @ STIFFNESS


def octant(points):
    """Squared distance to the octant x ≥ 0."""
    return np.sum(np.minimum(points, 0) ** 2, axis=1)


def ball(rng, m, d, radius):
    """Uniform points of a ball."""
    x = rng.standard_normal((m, d))
    return radius * x / np.linalg.norm(x, axis=1, keepdims=True) * rng.random((m, 1)) ** (1 / d)


def run(height, d, *, level, radius, seed=0, members=400, draws=1, thin=20):
    return measure_sublevel(
        np.random.default_rng(seed),
        height,
        np.zeros(d),
        level=level,
        radius=radius,
        members=members,
        draws=draws,
        thin=thin,
    )


def test_moments_of_an_ellipsoid():
    """Uniform in Σ k x² < ε: E[k_i x_i²] = ε/(d + 2); and h/ε has the distribution function t^(d/2)."""
    found = run(ellipsoid, 6, level=1e-4, radius=1.0, members=4000)
    second = STIFFNESS * found.points**2 / 1e-4
    error = second.std(axis=0) / np.sqrt(4000)  # members are independent
    assert np.all(np.abs(second.mean(axis=0) - 1 / 8) < 4.5 * error)
    assert np.all(np.abs(found.points.mean(axis=0)) < 4.5 * found.points.std(axis=0) / np.sqrt(4000))
    assert stats.kstest((found.heights[:, 0] / 1e-4) ** 3, "uniform").pvalue > 1e-3


def towards_the_centre(rng, body, points, heights, root):
    """A wrong move: lines through the centre, so that a point at radius r is r^(1−d) times too likely."""
    low, high = np.zeros(len(points)), np.full(len(points), np.sqrt(body.level))
    direction = points / np.sqrt(ellipsoid(points))[:, None]
    points = direction * rng.uniform(low, high)[:, None]
    return points, ellipsoid(points)


def test_the_test_would_see_a_move_that_is_not_reversible(monkeypatch):
    right = module.hit_and_run
    count = iter(range(10**9))

    def mixed(rng, body, points, heights, root):
        wrong = next(count) % 4 == 3
        return (towards_the_centre if wrong else right)(rng, body, points, heights, root)

    monkeypatch.setattr(module, "hit_and_run", mixed)
    found = run(ellipsoid, 6, level=1e-4, radius=1.0, members=4000)
    assert stats.kstest((found.heights[:, 0] / 1e-4) ** 3, "uniform").pvalue < 1e-9


def test_a_cone_with_walls_against_rejection_sampling():
    level, radius = 0.02, 1.0
    found = run(octant, 3, level=level, radius=radius, members=4000)
    assert np.all(octant(found.points) < level) and np.all(np.sum(found.points**2, axis=1) < radius**2)
    proposals = ball(np.random.default_rng(9), 400_000, 3, radius)
    truth = proposals[octant(proposals) < level]
    for a, b in (
        (octant(found.points), octant(truth)),
        (found.points[:, 0], truth[:, 0]),
        (found.points.sum(axis=1), truth.sum(axis=1)),
        (np.linalg.norm(found.points, axis=1), np.linalg.norm(truth, axis=1)),
    ):
        assert stats.ks_2samp(a, b).pvalue > 1e-3


def test_a_nonconvex_loss_against_rejection_sampling():
    """One feature in one dimension: a curved valley in two parameters."""
    tms, centre = TMS(1, 1), np.array([0.6, 0.1])
    height = loss_height(tms, centre)
    found = measure_sublevel(
        np.random.default_rng(3), height, centre, level=0.02, radius=0.7, members=4000, draws=1, thin=20
    )
    proposals = centre + ball(np.random.default_rng(4), 200_000, 2, 0.7)
    excess = Potential(tms).loss(proposals[:, :1, None], proposals[:, 1:]) - Potential(tms).loss(
        [[0.6]], [0.1]
    )
    truth = proposals[excess < 0.02]
    for k in (0, 1):
        assert stats.ks_2samp(found.points[:, k], truth[:, k]).pvalue > 1e-3
    assert stats.ks_2samp(found.heights[:, 0], excess[excess < 0.02]).pvalue > 1e-3


@pytest.mark.parametrize(
    ("height", "d", "exponent"),
    [
        (lambda x: x[:, 0] ** 4 + x[:, 1] ** 2, 2, 0.75),
        (lambda x: x[:, 0] ** 2 + x[:, 1] ** 2, 4, 1.0),  # two flat directions
        (lambda x: np.abs(x[:, 0]) + x[:, 1] ** 2 + x[:, 2] ** 6, 3, 1 + 1 / 2 + 1 / 6),
    ],
)
def test_exponents_that_are_known(height, d, exponent):
    found = run(height, d, level=1e-6, radius=0.5, draws=300, thin=2)
    logs = -np.log(found.heights / 1e-6)
    estimate, error = 1 / logs.mean(), monte_carlo_error(logs) / logs.mean() ** 2
    assert error < 0.01
    assert abs(estimate - exponent) < 4 * error


def test_the_same_seed_gives_the_same_bits():
    a, b, other = (run(octant, 3, level=0.1, radius=1.0, seed=s, draws=3, thin=1) for s in (1, 1, 2))
    assert np.array_equal(a.heights, b.heights) and np.array_equal(a.points, b.points)
    assert not np.array_equal(a.heights, other.heights)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"level": 0.0}, "level"),
        ({"radius": np.inf}, "radius"),
        ({"members": 11}, "members must be an integer of at least 12, got 11"),
        ({"draws": 0}, "draws"),
        ({"thin": 0}, "thin"),
        (
            {"level": 1e-9, "height": lambda x: octant(x) + 1},
            "must lie below the level 1e-09, its height is 1",
        ),
    ],
)
def test_bad_options_are_refused(change, words):
    options = {"height": octant, "level": 0.1, "radius": 1.0} | change
    height = options.pop("height")
    with pytest.raises(KgonError, match=words):
        run(height, 3, **options)
