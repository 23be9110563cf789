"""The toy posterior, the taxonomy of critical points, and the cost of the empirical loss."""

from __future__ import annotations

import json
from fractions import Fraction
from math import sqrt

import numpy as np
import pytest
import sympy as sp
from scipy import integrate

from kgon.base.verdicts import KgonError
from kgon.experiments import cost, toy
from kgon.experiments.taxonomy import W1, W2, build_taxonomy
from kgon.potential.data import sample
from kgon.potential.empirical import EmpiricalLoss
from kgon.potential.model import TMS


def test_gradient_vanishes_exactly_at_the_critical_points() -> None:
    for point in toy.toy_critical_points():
        at = {toy.W1: sp.sympify(point.w1_exact), toy.W2: sp.Integer(0)}
        assert [sp.simplify(g.subs(at)) for g in toy.toy_gradient()] == [0, 0]


def test_gradient_vanishes_on_the_whole_line_and_not_at_the_origin() -> None:
    assert [g.subs(toy.W1, 1) for g in toy.toy_gradient()] == [0, 0]
    assert [g.subs({toy.W1: 0, toy.W2: 0}) for g in toy.toy_gradient()] == [-sp.Rational(1, 128), 0]


def test_critical_points_kinds_places_and_losses() -> None:
    minimum, saddle, line = toy.toy_critical_points()
    assert minimum.w1 == pytest.approx((4 - sqrt(11)) / 10, rel=1e-15)
    assert saddle.w1 == pytest.approx((4 + sqrt(11)) / 10, rel=1e-15)
    assert (minimum.negative, minimum.zero, minimum.positive) == (0, 0, 2)
    assert (saddle.negative, saddle.zero, saddle.positive) == (1, 0, 1)
    assert (line.negative, line.zero, line.positive) == (0, 1, 1)
    assert [p.lambda_ for p in (minimum, saddle, line)] == [Fraction(1), None, Fraction(1, 2)]
    for point in (minimum, saddle, line):
        assert point.loss == pytest.approx(float(toy.toy_loss(point.w1, point.w2)), rel=1e-12)
    assert 0 == line.loss < minimum.loss < saddle.loss


def test_no_further_critical_point_in_the_box() -> None:
    """|∇L| from finite differences is small only near the points and the line."""
    axis = np.linspace(-1.6, 1.6, 161)
    x, y = np.meshgrid(axis, axis)
    h = 1e-5
    norm = np.hypot(
        toy.toy_loss(x + h, y) - toy.toy_loss(x - h, y), toy.toy_loss(x, y + h) - toy.toy_loss(x, y - h)
    ) / (2 * h)
    far = np.abs(x - 1) > 0.05
    for point in toy.toy_critical_points()[:2]:
        far &= np.hypot(x - point.w1, y) > 0.05
    assert norm[far].min() > 1e-3


@pytest.mark.parametrize(("place", "expected"), [("minimum", 1.0), ("line", 0.5)])
def test_lambda_is_the_exponent_of_the_volume(place: str, expected: float) -> None:
    minimum, saddle, line = toy.toy_critical_points()
    point = minimum if place == "minimum" else line
    fine = np.linspace(-0.1, 0.1, 2001)
    x, y = np.meshgrid(point.w1 + fine, fine)
    gap = toy.toy_loss(x, y) - point.loss
    small, large = (float(np.mean(gap < e)) for e in (1e-5, 1e-4))
    slope = np.log(large / small) / np.log(10)
    assert slope == pytest.approx(expected, abs=0.02)
    assert saddle.lambda_ is None


@pytest.mark.parametrize("n", [10, 100])
def test_evidence_agrees_with_dblquad_and_the_density_normalises(n: int) -> None:
    at = toy.toy_posterior(n)
    low, high = toy.BOX
    middle = 1.0  # a break at the ridge
    total = sum(
        integrate.dblquad(lambda w1, w2: float(at.density(w1, w2)), low, high, a, b, epsabs=1e-7)[0]
        for a, b in ((low, middle), (middle, high))
    )
    assert total == pytest.approx(1.0, abs=1e-5)
    assert at.error < 1e-7


@pytest.mark.parametrize("n", [10, 100])
def test_masses_against_a_midpoint_sum(n: int) -> None:
    at = toy.toy_posterior(n)
    minimum = toy.toy_critical_points()[0]
    cells = 2000
    width = (toy.BOX[1] - toy.BOX[0]) / cells
    middle = toy.BOX[0] + width * (np.arange(cells) + 0.5)
    x, y = np.meshgrid(middle, middle)
    p = at.density(x, y) * width**2
    ball = np.hypot(x - minimum.w1, y) < at.radius
    strip = np.abs(x - 1) < at.half_width
    assert not (ball & strip).any()
    assert p[ball].sum() == pytest.approx(at.mass_ball, abs=2e-4)
    assert p[strip].sum() == pytest.approx(at.mass_strip, abs=2e-4)
    assert at.mass_ball + at.mass_strip + at.mass_rest == pytest.approx(1.0, abs=1e-12)


def test_density_is_zero_outside_the_box() -> None:
    at = toy.toy_posterior(10)
    assert at.density(1.0, 2.001) == 0.0 < at.density(1.0, 1.999)


def test_exchange_of_mass() -> None:
    first, last = toy.exchange()
    for n in (first, last):
        at = toy.toy_posterior(n)
        assert at.mass_ball == pytest.approx(at.mass_strip, abs=1e-8)
    assert toy.toy_posterior(0.9 * last).mass_ball > toy.toy_posterior(0.9 * last).mass_strip
    assert toy.toy_posterior(1.1 * last).mass_ball < toy.toy_posterior(1.1 * last).mass_strip
    assert last > 10 and 100 < last < 120


@pytest.mark.parametrize("n", [0, -1, float("nan"), float("inf"), "ten"])
def test_bad_n_is_refused(n: object) -> None:
    with pytest.raises(KgonError, match=str(n)):
        toy.toy_posterior(n)  # type: ignore[arg-type]


def test_results_survive_json() -> None:
    results = [
        toy.toy_posterior(10),
        *toy.toy_critical_points(),
        *build_taxonomy(),
        *cost.probe_counts(sizes=[50], points=3),
    ]
    for result in results:
        again = type(result).from_json(result.to_json())
        assert json.dumps(again.data()) == json.dumps(result.data())
        assert repr(result).startswith("<") and str(result)


# --- taxonomy -------------------------------------------------------------------------------------


def test_taxonomy_gradient_and_inertia_against_finite_differences() -> None:
    h = 1e-3
    for entry in build_taxonomy():
        x, y = entry.w1, entry.w2
        f = entry.loss
        slope = [f(x + h, y) - f(x - h, y), f(x, y + h) - f(x, y - h)]
        assert np.abs(slope).max() / (2 * h) < 5e-6
        xx = (f(x + h, y) - 2 * f(x, y) + f(x - h, y)) / h**2
        yy = (f(x, y + h) - 2 * f(x, y) + f(x, y - h)) / h**2
        xy = (f(x + h, y + h) - f(x + h, y - h) - f(x - h, y + h) + f(x - h, y - h)) / (4 * h**2)
        values = np.linalg.eigvalsh(np.array([[xx, xy], [xy, yy]], dtype=float))
        assert values == pytest.approx(entry.eigenvalues, abs=1e-4)
        signs = [int(np.sum(entry.eigenvalues < 0)), int(np.sum(entry.eigenvalues == 0))]
        assert [entry.negative, entry.zero] == signs


def test_taxonomy_circle_counts_against_sampling() -> None:
    angle = np.linspace(0, 2 * np.pi, 10_001)[:-1] + 0.0001
    for entry in build_taxonomy():
        around = entry.loss(entry.w1 + 0.25 * np.cos(angle), entry.w2 + 0.25 * np.sin(angle))
        gap = np.sign(around - entry.loss(entry.w1, entry.w2))
        assert np.sum(gap != np.roll(gap, 1)) == entry.sign_changes
        assert entry.is_minimum == bool((gap >= 0).all())


def test_taxonomy_kinds() -> None:
    found = {e.name: (e.inertia, e.sign_changes, e.zero_directions, e.is_minimum) for e in build_taxonomy()}
    assert found == {
        "minimum": ("(+, +)", 0, 0, True),
        "maximum": ("(−, −)", 0, 0, False),
        "saddle": ("(+, −)", 4, 4, False),
        "circle of minima": ("(+, 0)", 0, 2, True),
        "monkey saddle": ("(0, 0)", 6, 6, False),
        "singular minimum": ("(0, 0)", 0, 4, True),
    }
    assert [e.lambda_ for e in build_taxonomy() if e.is_minimum] == [
        Fraction(1),
        Fraction(1, 2),
        Fraction(1, 2),
    ]
    assert [e.multiplicity for e in build_taxonomy() if e.is_minimum] == [1, 1, 2]


def test_critical_curves_consist_of_critical_points() -> None:
    curves = {e.name: e for e in build_taxonomy() if e.critical_curve is not None}
    assert set(curves) == {"circle of minima", "singular minimum"}
    for entry in curves.values():
        L = sp.sympify(entry.expression, {"w1": W1, "w2": W2})
        curve = sp.sympify(entry.critical_curve, {"w1": W1, "w2": W2})
        assert [sp.rem(L.diff(x), curve, W1) for x in (W1, W2)] == [0, 0]
        assert entry.curve(entry.w1, entry.w2) == 0
    with pytest.raises(KgonError, match="monkey saddle"):
        next(e for e in build_taxonomy() if e.name == "monkey saddle").curve(0, 0)


# --- cost -----------------------------------------------------------------------------------------


def test_cost_does_not_grow_and_stays_under_the_bound() -> None:
    rows = cost.probe_counts(sizes=[1000, 10_000, 100_000], points=40)
    for row in rows:
        assert row.mean <= row.largest <= row.bound
        assert row.mean < 36 / 2
        assert row.bound == pytest.approx(36 * (np.log2(row.n / 6) + 1))


def test_cost_mean_is_that_of_the_counts() -> None:
    (row,) = cost.probe_counts(c=4, sizes=[500], points=5, seed=3)
    rng = np.random.default_rng(3)
    W, b = rng.standard_normal((5, 2, 4)), rng.standard_normal((5, 4))
    empirical = EmpiricalLoss(TMS(4), *sample(TMS(4), 500, seed=3))
    counts = [empirical.probes(W[k], b[k]) for k in range(5)]
    assert (row.mean, row.largest) == (np.mean(counts), max(counts))


def test_cost_depends_on_nothing_but_its_seed() -> None:
    kwargs = {"sizes": [300, 900], "points": 6}
    once, again = (cost.probe_counts(**kwargs, seed=1) for _ in range(2))  # type: ignore[arg-type]
    other = cost.probe_counts(**kwargs, seed=2)  # type: ignore[arg-type]
    assert [r.data() for r in once] == [r.data() for r in again] != [r.data() for r in other]


@pytest.mark.parametrize(
    ("kwargs", "value"), [({"points": 1}, "1"), ({"sizes": [11]}, "11"), ({"c": 0}, "0")]
)
def test_cost_refuses(kwargs: dict[str, object], value: str) -> None:
    with pytest.raises(KgonError, match=value):
        cost.probe_counts(**kwargs)  # type: ignore[arg-type]
