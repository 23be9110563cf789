"""Distances to where a column is off: against a general solver, a dense grid, and finite differences."""

import numpy as np
import pytest
from scipy.optimize import minimize

from kgon.kgons.catalogue import Catalogue
from kgon.kgons.labels import Label
from kgon.kgons.values import polygon, standard_point
from kgon.potential.kernels import flat_sets

LIVE = {(0, 1, 2, 3): (0, 0, 0, 0), (1, 2, 3): (0, np.inf, 0, 0), (2, 3): (0, np.inf, 0, np.inf),
        (1, 3): (-np.inf, np.inf, 0, 0), (3,): (-np.inf, np.inf, 0, np.inf),
        (): (-np.inf, np.inf, -np.inf, np.inf)}  # fmt: skip
"""Live vertices of the square, and the box of a movable column's W: W·V_j ≤ 0 for every live j."""


def polygons():
    return [k for k in range(5, 65) if Label(k) in Catalogue(k).labels]


def by_slsqp(x, y, bias, live, live_bias):
    """Squared distance to {live·w ≤ −live_bias, b ≤ −live·w, b ≤ −‖w‖²} by sequential programming."""

    def room(p):
        inner = live @ p[:2]
        return np.concatenate([-live_bias - inner, -p[2] - inner, [-p[2] - p[:2] @ p[:2]]])

    start = np.array([x, y, bias])
    if room(start).min() >= 0:
        return 0.0
    best = np.inf
    for first in ([0.0, 0.0, min(bias, -0.1)], [0.1 * x, 0.1 * y, -1.0]):
        found = minimize(
            lambda p: np.sum((p - start) ** 2), first, jac=lambda p: 2 * (p - start), method="SLSQP",
            constraints={"type": "ineq", "fun": room}, options={"ftol": 1e-16, "maxiter": 500},
        )  # fmt: skip
        best = min(best, found.fun)
    return best


def test_the_bowl_is_inside_the_pyramid_for_every_polygon():
    """What beside_polygon rests on: −b/l² ≤ cos²(π/k), so that b ≤ −max V_j·w implies b ≤ −‖w‖²."""
    for k in polygons():
        found = polygon(k)
        ratio = -found.bias / found.length_squared
        assert ratio < np.cos(np.pi / k) ** 2, k  # a ball is below a number only if all of it is


@pytest.mark.parametrize("live", list(LIVE))
def test_beside_vertices_of_the_square(live):
    rng = np.random.default_rng(len(live))
    vertices = np.array([[1.0, 0], [0, 1], [-1, 0], [0, -1]])[list(live)].reshape(-1, 2)
    for _ in range(60):
        x, y, bias = rng.normal(0, 1, 3)
        gap, _ = flat_sets.beside_square(x, y, bias, np.array(LIVE[live], dtype=float))
        expected = by_slsqp(x, y, bias, vertices, np.zeros(len(live)))
        # SLSQP may leave its set by about 1e-9; of two answers the smaller is not better there
        assert gap == pytest.approx(expected, abs=1e-7 * (1 + expected))


@pytest.mark.parametrize("k", [5, 6, 7, 9, 12])
def test_beside_a_polygon(k):
    rng = np.random.default_rng(k)
    W, b = standard_point(Label(k), k)
    for _ in range(120):
        x, y, bias = rng.normal(0, 0.7, 3)
        gap, _ = flat_sets.beside_polygon(np.hypot(x, y), np.arctan2(y, x), bias, k, W[0, 0], -b[0])
        expected = by_slsqp(x, y, bias, W.T, b)
        assert gap == pytest.approx(expected, abs=1e-7 * (1 + expected))


@pytest.mark.parametrize("k", [5, 8])
def test_foot_points_are_never_beaten_and_beaten_by_little(k):
    """Brute force: the set sampled on a grid of W, with the largest bias that it allows."""
    W, b = standard_point(Label(k), k)
    side = -b[0] / W[0, 0] / np.cos(np.pi / k)
    x, y = np.meshgrid(np.linspace(-side, side, 301), np.linspace(-side, side, 301))
    inner = np.tensordot(W.T, np.stack([x, y]), axes=1)
    inside = (inner <= -b[0]).all(axis=0)
    top = -np.maximum(inner.max(axis=0), x**2 + y**2)[inside]
    x, y = x[inside], y[inside]
    rng = np.random.default_rng(k)
    for px, py, bias in rng.normal(0, 0.6, (40, 3)):
        gap, _ = flat_sets.beside_polygon(np.hypot(px, py), np.arctan2(py, px), bias, k, W[0, 0], -b[0])
        grid = np.min((x - px) ** 2 + (y - py) ** 2 + np.maximum(bias - top, 0) ** 2)
        assert gap <= grid + 1e-12
        assert np.sqrt(gap) >= np.sqrt(grid) - 4 * (1 + W[0, 0]) * side / 300


def test_derivatives_in_the_angle():
    rng = np.random.default_rng(3)
    W, b = standard_point(Label(5), 5)
    for _ in range(200):
        size, angle, bias = rng.uniform(0, 1.5), rng.uniform(-7, 7), rng.normal(-0.2, 0.6)

        def square(t, size=size, bias=bias):
            box = np.array([0.0, np.inf, 0.0, np.inf])
            return flat_sets.beside_square(size * np.cos(t), size * np.sin(t), bias, box)

        def pentagon(t, size=size, bias=bias):
            return flat_sets.beside_polygon(size, t, bias, 5, W[0, 0], -b[0])

        for function in (square, pentagon):
            step = 1e-6
            slope = (function(angle + step)[0] - function(angle - step)[0]) / (2 * step)
            # the distance is C¹ but not C²: an error of the order of the step at a kink of the slope
            assert function(angle)[1] == pytest.approx(slope, abs=2e-5)


def test_the_foot_on_the_parabola():
    """Against the roots of its cubic."""
    rng = np.random.default_rng(4)
    for size, bias in [
        (0.0, 0.3),
        (0.0, -0.2),
        (1e-9, 1.0),
        (0.3, 100.0),
        (50.0, -1.0),
        *rng.normal(0, 1, (200, 2)),
    ]:
        size = abs(size)
        t, gap = flat_sets.parabola(size, bias)
        if bias <= -size * size:
            assert (t, gap) == (size, 0.0)
            continue
        roots = np.roots([2.0, 0.0, 1.0 + 2.0 * bias, -size])
        real = np.append(roots[np.abs(roots.imag) < 1e-7].real, 0.0)
        assert gap == pytest.approx(min((x - size) ** 2 + (x * x + bias) ** 2 for x in real), rel=1e-9)


def test_the_cone_is_below_every_turn_of_the_polygon():
    rng = np.random.default_rng(5)
    for k in (5, 7, 10):
        W, b = standard_point(Label(k), k)
        for size, bias in zip(np.abs(rng.normal(0, 1, 50)), rng.normal(0, 1, 50), strict=True):
            turns = [
                flat_sets.beside_polygon(size, t, bias, k, W[0, 0], -b[0])[0]
                for t in np.linspace(0, np.pi / k, 40)
            ]
            low = flat_sets.beside_any_polygon(size, bias, k, W[0, 0], -b[0])
            assert low <= min(turns) + 1e-12
            corner = flat_sets.beside_polygon(size, np.pi / k, bias, k, W[0, 0], -b[0])[0]
            assert low == pytest.approx(corner, rel=1e-9, abs=1e-12)  # the cone touches along the edges
