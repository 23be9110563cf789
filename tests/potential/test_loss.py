"""The potential in float64 against quadrature, complex steps and its own borders."""

from fractions import Fraction

import numpy as np
import pytest
from scipy.integrate import quad
from support import truth

from kgon.base.verdicts import KgonError
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.values import standard_point
from kgon.potential import any_number, loss
from kgon.potential.enclosure import Enclosure
from kgon.potential.loss import Potential
from kgon.potential.model import TMS

SIZES = [(r, c) for r in (1, 2, 3) for c in range(3, 10)]
PER_SIZE = 480  # 21 sizes: 10 080 points
TOLERANCE = 1e-12  # required; rounding is near c² · 2e-16


def _case(r, c, m, seed=0):
    rng = np.random.default_rng([seed, r, c])
    p, importance = truth.random_weights(rng, c)
    return (*truth.random_points(rng, m, r, c), TMS(c, r, probability=p, importance=importance))


def test_the_points_span_every_region():
    counts = {"off": {}, "diag": {}}
    for r, c in SIZES:
        W, b, _ = _case(r, c, PER_SIZE)
        gram = np.einsum("mhi,mhj->mij", W, W)
        end = gram + b[:, None, :]
        start = np.broadcast_to(b[:, None, :], end.shape)
        code = np.where(start > 0, np.where(end > 0, "on", "falling"), np.where(end > 0, "rising", "off"))
        diagonal = np.broadcast_to(np.eye(c, dtype=bool), code.shape)
        for kind, chosen in (("diag", code[diagonal]), ("off", code[~diagonal])):
            for name, count in zip(*np.unique(chosen, return_counts=True), strict=True):
                counts[kind][str(name)] = counts[kind].get(str(name), 0) + int(count)
    assert set(counts["off"]) == {"on", "rising", "falling", "off"}
    assert set(counts["diag"]) == {"on", "rising", "off"}
    assert min(min(found.values()) for found in counts.values()) > 1000


@pytest.mark.parametrize(("r", "c"), SIZES)
def test_loss_equals_quadrature(r, c):
    W, b, tms = _case(r, c, PER_SIZE)
    expected = truth.loss(W, b, tms.probability, tms.importance)
    error = np.abs(Potential(tms).loss(W, b) - expected) / (1 + expected)
    assert error.max() <= TOLERANCE


@pytest.mark.parametrize(("r", "c"), SIZES)
def test_gradient_equals_complex_step_through_the_integral(r, c):
    W, b, tms = _case(r, c, 40, seed=1)
    grad_W, grad_b = Potential(tms).gradient(W, b)
    true_W, true_b = truth.gradient(W, b, tms.probability, tms.importance)
    scale = 1 + np.abs(true_W).max(axis=(1, 2)) + np.abs(true_b).max(axis=1)
    assert (np.abs(grad_W - true_W).max(axis=(1, 2)) / scale).max() <= TOLERANCE
    assert (np.abs(grad_b - true_b).max(axis=1) / scale).max() <= TOLERANCE


@pytest.mark.parametrize(("r", "c"), [(1, 3), (2, 6), (3, 5)])
def test_quadrature_of_the_model_against_adaptive_quadrature(r, c):
    W, b, tms = _case(r, c, 1, seed=2)
    W, b = W[0], b[0]
    total = 0.0
    for i in range(c):

        def error(mu, i=i):
            x = np.zeros(c)
            x[i] = mu
            return float((x - np.maximum(W.T @ (W @ x) + b, 0)) ** 2 @ tms.importance)

        kinks = -b / (W.T @ W)[i]
        points = kinks[(kinks > 0) & (kinks < 1)]
        value, accuracy = quad(error, 0, 1, points=points if len(points) else None, epsabs=1e-13)
        assert accuracy < 1e-10
        total += tms.probability[i] * value
    assert abs(tms.loss_by_quadrature(W, b) - total) <= 1e-10 * (1 + total)
    assert abs(truth.loss(W, b, tms.probability, tms.importance) - total) <= 1e-10 * (1 + total)


def test_quadrature_of_the_model_equals_the_potential():
    for r, c in ((1, 4), (2, 6), (3, 7)):
        W, b, tms = _case(r, c, 20, seed=3)
        for k in range(20):
            expected = tms.loss_by_quadrature(W[k], b[k])
            assert abs(Potential(tms).loss(W[k], b[k]) - expected) <= TOLERANCE * (1 + expected)


# --- borders: second derivatives of 3·off are at most 2, 3 and 6, so that its gradient is Lipschitz
# with constant 9 (maximum norm of the gradient, sum of the steps); for 3·diag the bound is 9 + 12/N.

STEP = Fraction(1, 10**12)
OFF_BORDERS = [
    *[(Fraction(k, 7), Fraction(0)) for k in range(-20, 21) if k],
    *[(Fraction(k, 7), -Fraction(k, 7)) for k in range(-20, 21) if k],
    (Fraction(0), Fraction(0)),
]
DIAG_BORDERS = [
    *[(Fraction(k, 7), Fraction(0)) for k in range(1, 31)],
    *[(Fraction(k, 7), -Fraction(k, 7)) for k in range(1, 31)],
    (Fraction(0), Fraction(1, 3)),
    (Fraction(0), Fraction(-1, 3)),
]


@pytest.mark.parametrize("direction", [(0, 1), (1, 0), (1, 1), (1, -1), (2, -1), (1, -2)])
def test_gradient_of_off_is_continuous_on_every_border(direction):
    da, db = (STEP * x for x in direction)
    sides = set()
    for a, b in OFF_BORDERS:
        here = any_number.off(a, b, order=1)
        for sign in (1, -1):
            there = any_number.off(a + sign * da, b + sign * db, order=1)
            sides.add(truth.region(a + sign * da, b + sign * db))
            assert max(abs(x - y) for x, y in zip(here[1:], there[1:], strict=True)) <= 27 * STEP
    assert sides == {"on", "rising", "falling", "off"}


@pytest.mark.parametrize("direction", [(0, 1), (1, 0), (1, 1), (1, -1), (1, -2)])
def test_gradient_of_diag_is_continuous_on_every_border_but_the_origin(direction):
    da, db = (STEP * x for x in direction)
    for n, b in DIAG_BORDERS:
        here = any_number.diag(n, b, order=1)
        for sign in (1, -1) if n else (1,):
            there = any_number.diag(n + sign * da, b + sign * db, order=1)
            bound = (9 + (12 / (n - 2 * STEP) if n else 0)) * 3 * STEP
            assert max(abs(x - y) for x, y in zip(here[1:], there[1:], strict=True)) <= bound


def test_bias_derivative_of_diag_jumps_at_the_origin():
    tiny = STEP
    above = any_number.diag(Fraction(0), tiny, order=1)[2]
    below = any_number.diag(Fraction(0), -tiny, order=1)[2]
    rising = any_number.diag(2 * tiny, -tiny, order=1)[2]  # active fraction ½ for every step
    assert abs(above - (-3)) <= 10 * tiny
    assert below == 0
    assert abs(rising - Fraction(-9, 4)) <= 10 * tiny


def _border_points(rng):
    """Points of TMS(4) with pairs exactly on each kind of border, and a column in general position."""
    a = float(rng.integers(4, 20)) / 8
    d = float(rng.integers(4, 20)) / 8
    x, y, z = rng.normal(size=3)
    for third, b in (
        (x, [0.0, z, -0.3, 0.2]),  # (a, b) = (0, 0) with column 1; a > 0 and a < 0 with columns 2, 3
        (x, [-a * a, z, 0.1, -0.4]),  # N + b = 0
        (d, [a * d, z, -a * d, 0.3]),  # a + b = 0, b > 0 (inputs 3 to 0) and b < 0 (0 to 2)
    ):
        W, b = np.array([[a, 0.0, third, -d], [0.0, d, y, 0.0]]), np.array(b)
        gram = W.T @ W
        assert 0 in (gram + b)[0] or (gram[0, 1] == 0 == b[0])
        yield W, b


def test_gradient_of_the_potential_is_continuous_on_borders():
    potential = Potential(TMS(4))
    rng = np.random.default_rng(5)
    for _ in range(30):
        for W, b in _border_points(rng):
            here = TMS(4).pack(*potential.gradient(W, b))
            w = TMS(4).pack(W, b)
            for _ in range(6):
                step = rng.normal(size=w.size)
                step /= np.linalg.norm(step)
                slopes = [
                    np.linalg.norm(TMS(4).pack(*potential.gradient(*TMS(4).unpack(w + size * step))) - here)
                    / size
                    for size in (1e-4, 1e-6)
                ]
                # A jump would make the quotient a hundred times larger; the Lipschitz constant of
                # the gradient bounds both.  Rounding adds 1e-15/1e-6.
                assert slopes[1] <= 10 * slopes[0] + 1e-6
                assert potential.differentiable(W, b)


def test_gradient_of_the_potential_jumps_where_a_column_and_its_bias_vanish():
    potential = Potential(TMS(4))
    W = np.array([[1.0, 0, -0.5, 0], [0, 1.0, 0.3, 0]])
    grads = []
    for bias in (1e-9, -1e-9):
        b = np.array([0.1, -0.2, 0.0, bias])
        assert potential.differentiable(W, b)
        grads.append(potential.gradient(W, b)[1][3])
    # (1/c)·∂_b diag jumps from −1 to 0; the off terms change by O(1e-9).
    assert abs(grads[1] - grads[0] - 1 / 4) < 1e-8
    at = np.array([0.1, -0.2, 0.0, 0.0])
    assert not potential.differentiable(W, at)
    assert potential.gradient(W, at)[1][3] == pytest.approx(grads[0], abs=1e-8)  # from b > 0


def slope_of_a_tiny_column(n, b, c):
    """∂L/∂b of a column with ‖W_j‖² = n that no other one reaches, in fractions, from the integral.

    ``−(2/c) ∫ (μ − nμ − b) dμ`` over the active part, from μ = −b/n to 1.
    """
    if n + b <= 0:
        return Fraction(0)
    u = -b / n
    return -((1 - n) * (1 - u**2) - 2 * b * (1 - u)) / c


@pytest.mark.parametrize(
    ("size", "bias"), [(2.7e-162, -5e-324), (1e-155, -1e-311), (1e-170, -1e-320), (1e-150, -1e-310)]
)
def test_products_that_underflow_do_not_decide_a_region(size, bias):
    """W_j·W_j = 7.3e-324 is rounded to 4.9e-324 = −b_j: the column seems off, and is not."""
    W = np.array([[size, 0.0, 0.0], [0.0, 1.0, 0.0]])
    b = np.array([bias, 0.1, -1.0])
    n, exact = Fraction(size) ** 2, Fraction(bias)
    potential = Potential(TMS(3))
    true = slope_of_a_tiny_column(n, exact, 3)
    assert potential.gradient(W, b)[1][0] == pytest.approx(float(true), rel=1e-12, abs=1e-140)
    assert potential.regions(W, b)[0, 0] == ("rising" if n + exact > 0 else "off")
    loss, grad_W, grad_b = potential.loss_and_gradient(np.array([W + 0.5, W, W]), np.array([b, b, b + 0.3]))
    for k, (x, y) in enumerate([(W + 0.5, b), (W, b), (W, b + 0.3)]):
        one = potential.loss_and_gradient(x, y)
        assert loss[k] == one[0]
        assert np.array_equal(grad_W[k], one[1])
        assert np.array_equal(grad_b[k], one[2])


def test_a_column_whose_square_underflows_is_not_zero():
    W, b = np.array([[1e-170, 0.0], [0.0, 1.0]]), np.array([0.0, 0.1])
    potential = Potential(TMS(2))
    assert potential.differentiable(W, b)
    assert not potential.differentiable(W * [0, 1], b)


def test_an_output_without_weight_does_not_spoil_differentiability():
    tms = TMS(3, importance=[1, 1, 0])
    W, b = np.array([[1.0, 0, 0], [0, 1.0, 0]]), np.array([0.1, -0.2, 0.0])
    assert Potential(tms).differentiable(W, b)
    assert not Potential(TMS(3)).differentiable(W, b)


def test_smooth_tells_the_kinks_of_the_gradient():
    potential = Potential(TMS(3))
    W = np.array([[1.0, 0.0, 0.5], [0.0, 2.0, 0.5]])
    assert potential.smooth(W, np.array([0.1, -0.2, 0.3]))
    assert not potential.smooth(W, np.array([0.0, -0.2, 0.3]))  # W_0·W_1 = b_0 = 0
    assert not potential.smooth(W, np.array([-1.0, -0.2, 0.3]))  # ‖W_0‖² + b_0 = 0
    assert potential.smooth(W, np.array([0.1, -0.2, 0.0]))  # b_2 = 0 alone is no kink
    assert potential.smooth(W, np.array([0.1, -0.2, -0.5 - 1e-9]))
    assert not potential.smooth(W, np.array([0.1, -0.2, -0.5 - 1e-13]))
    assert not potential.smooth(W * [1, 1, 0], np.array([0.1, -0.2, 0.0]))


def test_regions_by_the_signs_of_start_and_end():
    rng = np.random.default_rng(8)
    W, b = truth.random_points(rng, 50, 2, 5)
    potential = Potential(TMS(5))
    for k in range(50):
        gram = W[k].T @ W[k]
        expected = [[truth.region(gram[i, j], b[k, j]) for j in range(5)] for i in range(5)]
        assert potential.regions(W[k], b[k]).tolist() == expected


@pytest.mark.parametrize(
    ("W", "b", "words"),
    [
        (np.zeros((2, 5)), np.zeros(6), r"W must have shape \(\.\.\., 2, 6\), got \(2, 5\)"),
        (np.zeros((2, 6)), np.zeros(5), r"b must have shape \(6,\) to match W, got \(5,\)"),
        (np.zeros((3, 2, 6)), np.zeros((2, 6)), r"b must have shape \(3, 6\)"),
        (np.full((2, 6), np.nan), np.zeros(6), r"W must be finite, got nan at index \(0, 0\)"),
        (np.zeros((2, 6)), np.array([0, 0, np.inf, 0, 0, 0]), r"b must be finite, got inf at index \(2,\)"),
        ("text", np.zeros(6), "real numbers"),
        (np.zeros(6), np.zeros(6), "W must have shape"),
    ],
)
def test_bad_points_are_refused_with_the_value(W, b, words):
    for function in (Potential(TMS(6)).loss, Potential(TMS(6)).hessian):
        with pytest.raises(KgonError, match=words):
            function(W, b)


def test_rounding_makes_no_loss_negative():
    """Squares turned by many angles: the exact loss is 0 up to 1e-32, what floats make of it was below it."""
    L = Potential(TMS(4))
    turns = np.linspace(0, 7, 400)[:, None] + np.pi / 2 * np.arange(4)
    W, b = np.stack([np.cos(turns), np.sin(turns)], axis=1), np.zeros((400, 4))
    evaluate, packed = L.compiled()
    bare = np.array([evaluate(packed, L.tms.pack(*point), np.empty(12)) for point in zip(W, b, strict=True)])
    assert bare.min() < 0  # of the compiled function, whose bits simulations rest on
    assert np.array_equal(L.loss(W, b), np.maximum(bare, 0))
    assert [L.loss(w, x) for w, x in zip(W, b, strict=True)] == np.maximum(bare, 0).tolist()


def test_single_point_methods_refuse_batches():
    potential = Potential(TMS(6))
    with pytest.raises(KgonError, match="one point is wanted"):
        potential.gradient_norm(np.zeros((3, 2, 6)), np.zeros((3, 6)))


def test_the_regions_of_a_pair_of_columns_are_decided_once():
    """The polygons of all labels share their columns, and unused columns are alike."""
    labels = [label for label in Catalogue(12).labels if label.k > 4]
    loss._region.cache_clear()
    for label in labels:
        W, b = standard_point(label, 12)
        found = Potential(TMS(12)).regions(W, b)
        columns = [[Fraction(x) for x in column] for column in np.vstack([W, b]).T.tolist()]
        if label.k in (5, 8):
            assert found.tolist() == Enclosure.at(columns, order=0).regions
    pairs = len(labels) * 12**2
    assert loss._region.cache_info().misses < pairs / 5
