"""The lowest pass out of a cubic well: its norm, its half, and the integral over a shallow well itself."""

import numpy as np
import pytest
from scipy.integrate import quad, trapezoid

from kgon.branches.diagram import minima
from kgon.branches.energy import corrected_at
from kgon.branches.follow import follow_branch
from kgon.branches.maxwell import sheets
from kgon.free_energy.constants.barrier import (
    LEAST_BARRIER,
    cubic_barrier,
    least_strength,
    polygon_strength,
    spectral_norm,
)
from kgon.free_energy.constants.second_order import slice_at
from kgon.kgons.labels import Label
from kgon.potential.loss import Potential
from kgon.potential.parameters import Parameter

LAST = Parameter.parse("importance[5]", 6)
COLUMNS = range(6)


def hexagon(value):
    """The 6-gon's branch at an importance: model and point."""
    ((W, b),) = minima(Label(6), "vertex", [value]).points
    return LAST.tms(value), W, b


def share_of_quadratic(x):
    """r(x): the cubic well up to its pass, of the integral of the quadratic form alone."""
    well = lambda t: np.exp(-x * (3 * t**2 - 2 * t**3))  # noqa: E731
    return (quad(well, -np.inf, 0)[0] + quad(well, 0, 1)[0]) * np.sqrt(3 * x / np.pi)


def test_the_least_barrier_holds_half_of_the_quadratic():
    assert share_of_quadratic(LEAST_BARRIER) == pytest.approx(0.5, abs=1e-9)
    shares = [share_of_quadratic(x) for x in np.geomspace(1e-3, 1e3, 61)]
    assert max(shares) < 1.09 and shares[-1] == pytest.approx(1, abs=2e-4)


def test_the_norm_of_orthogonal_cubes_is_the_largest():
    rng = np.random.default_rng(1)
    Q = np.linalg.qr(rng.standard_normal((7, 7)))[0]
    sizes = np.array([0.3, -2.5, 1.0, 2.4, 0.1])
    C = np.einsum("a,ia,ja,ka->ijk", sizes, Q[:, :5], Q[:, :5], Q[:, :5])
    assert spectral_norm(C) == pytest.approx(2.5, rel=1e-7)


def test_no_direction_has_more_than_the_norm():
    rng = np.random.default_rng(2)
    C = rng.standard_normal((5, 5, 5))
    C = sum(C.transpose(axes) for axes in ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)))
    v = rng.standard_normal((200_000, 5))
    v /= np.linalg.norm(v, axis=1, keepdims=True)
    seen = np.abs(np.einsum("ijk,si,sj,sk->s", C, v, v, v, optimize=True)).max()
    assert seen <= spectral_norm(C) < 1.05 * seen


def test_towards_the_fold_it_is_the_barrier_to_the_saddle():
    """The other sheet of the branch is the saddle that meets the minimum at the fold."""
    branch = follow_branch("6", lower=0.38, upper=1.0)
    ratios = []
    for value in (0.40, 0.392, 0.391):
        tms, W, b = hexagon(value)
        here = [x for x in sheets(branch) if x.p[0] <= value <= x.p[-1]]
        points = [x.system.point(corrected_at(x, value)) for x in here]
        low, high = sorted(Potential(tms).loss(*point) for point in points)
        ratios.append(cubic_barrier(W, b, tms=tms, columns=COLUMNS) / (high - low))
    assert ratios == sorted(ratios) and ratios[0] > 0.8 and ratios[-1] == pytest.approx(1, abs=0.1)


def test_the_integral_over_a_shallow_well_against_its_quadratic_form():
    """Along the valley to the pass, across it by the determinant: an integral that knows no expansion."""
    tms, W, b = hexagon(0.395)
    potential, found = Potential(tms), slice_at(W, b, tms=tms, columns=COLUMNS)
    values, vectors = np.linalg.eigh(found.hessian)
    soft, across = (found.basis @ x for x in (vectors[:, 0], vectors[:, 1:]))
    start = np.concatenate([W.ravel(), b])

    def follow(step, stop):
        """Distances along the soft direction, L − L* on the valley's floor, and log det across it."""
        y, rows = np.zeros(across.shape[1]), []
        for k in range(4000):
            for _ in range(3):
                point = start + soft * (k * step) + across @ y
                V, a = point[:12].reshape(2, 6), point[12:]
                slope = np.concatenate([x.ravel() for x in potential.gradient(V, a)])
                H = across.T @ potential.hessian(V, a) @ across
                y = y - np.linalg.solve(H, across.T @ slope)
            rise = potential.loss(V, a) - potential.loss(W, b)
            rows.append((k * step, rise, np.linalg.slogdet(H)[1]))
            if stop(rows):
                break
        return np.array(rows)

    least = least_strength(W, b, tms=tms, columns=COLUMNS)
    wide = 1 / np.sqrt(least * values[0]) / 10
    sides = [follow(sign * wide / 4, lambda rows: rows[-1][1] < rows[-2][1] if len(rows) > 1 else False)
             if sign == _pass_side(potential, start, soft, wide) else
             follow(sign * wide / 2, lambda rows: least * rows[-1][1] > 25) for sign in (-1, 1)]  # fmt: skip
    for strength, low, high in ((least, 0.4, 0.6), (30 * least, 0.95, 1.12)):
        total = sum(
            abs(trapezoid(np.exp(-strength * x[:, 1] - (x[:, 2] - x[0, 2]) / 2), x[:, 0])) for x in sides
        )
        assert low < total / np.sqrt(2 * np.pi / (strength * values[0])) < high


def _pass_side(potential, start, soft, step):
    """The sign of the soft direction in which L rises less."""
    rises = {sign: potential.loss(p[:12].reshape(2, 6), p[12:]) for sign in (-1, 1)
             for p in [start + sign * step * soft]}  # fmt: skip
    return min(rises, key=rises.get)


def test_regular_polygons_hold_from_twenty_on():
    """Which is where the figure of the diagrams begins, at β = 1."""
    for label, c in (("5", 6), ("5+", 6), ("6", 6), ("5", 7), ("6", 7), ("7", 7)):
        assert polygon_strength(Label.parse(label), c) < 20
