"""The empirical loss against a pass over all samples, its limit, its cost and its rounding."""

import math
from fractions import Fraction

import numpy as np
import pytest
from support import truth

from kgon.base.verdicts import KgonError
from kgon.potential.data import sample
from kgon.potential.empirical import EmpiricalLoss
from kgon.potential.kernels import empirical
from kgon.potential.loss import Potential
from kgon.potential.model import TMS

TOLERANCE = 1e-12  # required; compensated prefix sums leave c² · 1e-16


def _compare(tms, feature, amplitude, W, b):
    value, grad_W, grad_b = EmpiricalLoss(tms, feature, amplitude).loss_and_gradient(W, b)
    true = truth.forward_loss(W, b, tms.importance, feature, amplitude)
    assert abs(value - true) <= TOLERANCE * (1 + true)
    flat = tms.pack(W, b)
    slopes = np.empty(flat.size)
    for k in range(flat.size):
        moved = flat.astype(complex)
        moved[k] += 1j * truth.H
        split = tms.r * tms.c
        rows, biases = moved[:split].reshape(tms.r, tms.c), moved[split:]
        slopes[k] = truth.forward_loss(rows, biases, tms.importance, feature, amplitude).imag / truth.H
    gap = np.abs(tms.pack(grad_W, grad_b) - slopes).max()
    assert gap <= TOLERANCE * (1 + np.abs(slopes).max())


@pytest.mark.parametrize(("r", "c"), [(1, 3), (2, 6), (3, 5), (2, 9)])
@pytest.mark.parametrize("n", [1, 2, 7, 1000])
def test_equals_the_average_over_all_samples(r, c, n):
    rng = np.random.default_rng([r, c, n])
    p, importance = truth.random_weights(rng, c)
    tms = TMS(c, r, probability=p, importance=importance)
    W, b = truth.random_points(rng, 8, r, c)
    feature, amplitude = sample(tms, n, seed=n)
    for k in range(len(W)):
        _compare(tms, feature, amplitude, W[k], b[k])


def test_features_without_samples():
    rng = np.random.default_rng(3)
    W, b = truth.random_points(rng, 10, 2, 6)
    for feature in (np.full(50, 2), np.full(50, 0), np.full(50, 5), rng.choice([1, 4], 50)):
        amplitude = rng.random(50)
        for k in range(10):
            _compare(TMS(6), feature, amplitude, W[k], b[k])


def test_ties_and_amplitudes_zero_and_one():
    rng = np.random.default_rng(4)
    W, b = truth.random_points(rng, 40, 2, 3)
    amplitude = rng.choice([0.0, 0.0, 0.25, 0.5, 0.5, 1.0], 200)
    feature = rng.integers(0, 3, 200)
    for k in range(40):
        _compare(TMS(3), feature, amplitude, W[k], b[k])
    _compare(TMS(3), feature, np.zeros(200), W[0], b[0])
    _compare(TMS(3), feature, np.ones(200), W[0], b[0])


def test_samples_exactly_on_a_kink():
    # W_0·W_0 = W_1·W_1 = 1, W_0·W_1 = −½ exactly, r = 3; all kinks are multiples of 1/8.
    W = np.array([[1.0, -0.5, 0.0], [0.0, 0.5, 0.5], [0.0, math.sqrt(0.5), 0.0]])
    for b in ([0.25, -0.25, 0.125], [-0.5, 0.125, -0.125], [0.5, 0.0, 0.0], [-1.0, -1.0, 0.0]):
        amplitude = np.repeat(np.arange(9) / 8, 9)
        feature = np.tile(np.arange(3), 27)
        kinks = [-b[j] / a for row in W.T @ W for j, a in enumerate(row) if a]
        assert np.isin(kinks, np.arange(9) / 8).any()
        _compare(TMS(3, 3), feature, amplitude, W, np.array(b))


def test_where_a_column_and_its_bias_vanish_the_gradient_is_that_from_above():
    rng = np.random.default_rng(6)
    tms = TMS(6)
    feature, amplitude = sample(tms, 300, seed=6)
    W = rng.normal(size=(2, 6)) * [1, 1, 1, 0, 0, 0]
    _compare(tms, feature, amplitude, W, np.array([0, 0.5, -0.5, 1e-200, 0.5, -0.5]))
    loss = EmpiricalLoss(tms, feature, amplitude)
    value, grad_W, grad_b = loss.loss_and_gradient(W, np.zeros(6))
    assert value == pytest.approx(truth.forward_loss(W, np.zeros(6), tms.importance, feature, amplitude))
    above = loss.loss_and_gradient(W, np.full(6, 1e-200))
    assert np.abs(grad_W - above[1]).max() < 1e-190 and np.array_equal(grad_b, above[2])


def test_the_order_of_the_samples_does_not_matter():
    rng = np.random.default_rng(7)
    W, b = truth.random_points(rng, 1, 2, 6)
    feature, amplitude = sample(TMS(6), 5000, seed=7)
    order = rng.permutation(5000)
    first = EmpiricalLoss(TMS(6), feature, amplitude).loss_and_gradient(W[0], b[0])
    second = EmpiricalLoss(TMS(6), feature[order], amplitude[order]).loss_and_gradient(W[0], b[0])
    assert (
        first[0] == second[0] and np.array_equal(first[1], second[1]) and np.array_equal(first[2], second[2])
    )


def _one_sample(W, b):
    """Mean and standard deviation of the loss of one sample, by quadrature over its amplitude."""
    panels = np.arange(3000)[:, None]
    mu = ((panels + (1 + truth.NODES) / 2) / 3000).ravel()
    weights = np.tile(truth.NODE_WEIGHTS, 3000) / 6000
    before = mu[:, None] * (W.T @ W)[:, None, :] + b  # feature, amplitude, output
    target = mu[:, None] * np.eye(6)[:, None, :]
    error = np.sum((target - np.maximum(before, 0)) ** 2, axis=-1)
    mean, square = error.mean(axis=0) @ weights, (error**2).mean(axis=0) @ weights
    return mean, math.sqrt(square - mean**2)


POINTS = list(zip(*truth.random_points(np.random.default_rng(8), 6, 2, 6), strict=True))


def test_the_mean_of_one_sample_is_the_population_loss():
    for W, b in POINTS:
        assert abs(_one_sample(W, b)[0] - Potential(TMS(6)).loss(W, b)) < 1e-6


@pytest.mark.parametrize("n", [10**3, 10**4, 10**5])
def test_converges_to_the_population_loss_as_one_over_the_root_of_n(n):
    z = []
    for k, (W, b) in enumerate(POINTS):
        mean, spread = _one_sample(W, b)
        losses = [EmpiricalLoss(TMS(6), *sample(TMS(6), n, seed=1000 * k + i)).loss(W, b) for i in range(20)]
        z += [(loss - mean) / (spread / math.sqrt(n)) for loss in losses]
    assert np.abs(z).max() <= 4  # 120 draws: 1 in 130 to see one beyond
    # The binomial of 120 draws with chance 0.683 stays within 0.55 … 0.81 at 3 sigma: the
    # deviations are as large as 1/√n says, not only as small.
    assert 0.55 <= np.mean(np.abs(z) <= 1) <= 0.81


def _counted(sizes):
    """Mean number of amplitudes looked at over 200 points, by n."""
    tms = TMS(6)
    W, b = truth.random_points(np.random.default_rng(9), 200, 2, 6)
    found = []
    for n in sizes:
        feature, amplitude = sample(tms, n, seed=9)
        loss = EmpiricalLoss(tms, feature, amplitude)
        counts = [loss.probes(W[k], b[k]) for k in range(200)]
        largest = int(np.bincount(feature, minlength=6).max())
        assert max(counts) <= 36 * (int(math.log2(largest)) + 1)
        found.append(np.mean(counts))
    return found


def test_an_evaluation_looks_at_less_than_one_amplitude_a_pair():
    """Of 4 buckets a sample, few have any; up to 2¹⁶ buckets a feature the number does not grow with n."""
    assert all(0 < count < 36 / 2 for count in _counted([10**3, 10**4, 10**5]))


@pytest.mark.slow
def test_the_cost_of_many_samples_grows_with_the_logarithm_of_n():
    """Beyond 2¹⁶ buckets a factor of ten adds at most ⌈log2 10⌉ = 4 to each of the 36 searches."""
    counts = _counted([10**6, 10**7])
    assert 0 < counts[1] - counts[0] <= 36 * 4


CLOSE = [0.0, 0.25, 0.25, 0.2500000001, 0.5, math.nextafter(1.0, 0.0), 1.0, 1.0]


@pytest.mark.parametrize("amplitude", [[0.3], [0.0, 0.0], [1.0, 1.0], CLOSE, [0.5] * 1000])
def test_the_table_of_buckets_leads_to_where_an_output_switches(amplitude):
    """Amplitudes on the borders of buckets and many in one, switched at, beside and beyond each of them."""
    tms, mu = TMS(1, 1), np.array(amplitude)
    loss = EmpiricalLoss(tms, np.zeros(mu.size, dtype=int), mu)
    kinks = {y for x in amplitude for y in (x, math.nextafter(x, 2.0), math.nextafter(x, -2.0))}
    for kink in [*kinks, 0.1, 0.4, 2.0, -1.0]:
        for w, b in ((1.0, -kink), (2.0, -4.0 * kink)):  # w² μ + b switches at the kink
            found, _, (slope,) = loss.loss_and_gradient(np.array([[w]]), np.array([b]))
            out = np.maximum(w * w * mu + b, 0.0)
            assert found == pytest.approx(np.mean((mu - out) ** 2), abs=1e-15 * (1 + b * b))
            on = w * w * mu + b > 0
            assert slope == pytest.approx(np.mean(2 * (out - mu) * on), abs=1e-15 * (1 + abs(b)))
            assert loss.probes(np.array([[w]]), np.array([b])) <= math.log2(mu.size) + 1


def test_prefix_sums_are_compensated():
    """A million amplitudes near 0.1: naive partial sums are wrong in digits that count."""
    n = 10**6
    amplitude = np.sort(0.1 + 1e-9 * np.random.default_rng(10).random(n))
    power1, power2 = np.empty((2, n + 1))
    empirical.prefix_sums(amplitude, np.array([0, n]), power1, power2)
    squares = amplitude * amplitude
    for prefix, terms in ((power1, amplitude), (power2, squares)):
        for k in (0, 1, 2, 1000, 333_333, n):
            true = math.fsum(terms[:k])
            bound = 2 * 2.0**-53 * true  # one rounding of the result, one to spare
            assert abs(prefix[k] - true) <= bound
        assert abs(np.cumsum(terms)[-1] - true) > bound


def test_prefix_sums_restart_at_each_feature_and_skip_no_first_term():
    amplitude = np.array([1e-17, 1.0, 0.5, 0.25, 1.0])
    start = np.array([0, 2, 2, 3, 5])
    power1, power2 = np.empty((2, 9))
    empirical.prefix_sums(amplitude, start, power1, power2)
    at = 0
    for i in range(4):
        for stop in range(start[i], start[i + 1] + 1):
            for prefix, k in ((power1, 1), (power2, 2)):
                true = sum((Fraction(float(x)) ** k for x in amplitude[start[i] : stop]), Fraction(0))
                assert prefix[at] == pytest.approx(float(true), rel=2.0**-52)
            at += 1
    assert at == power1.size


@pytest.mark.parametrize(
    ("feature", "amplitude", "words"),
    [
        ([], [], "not empty"),
        ([0, 1], [0.5], "equally long"),
        ([[0]], [[0.5]], "equally long"),
        ([0, 6], [0.5, 0.5], "integers from 0 to 5"),
        ([0, -1], [0.5, 0.5], "integers from 0 to 5"),
        ([0.0, 1.0], [0.5, 0.5], "integers from 0 to 5"),
        ([0, 1], [0.5, 1.0000001], r"\[0, 1\]"),
        ([0, 1], [0.5, -1e-9], r"\[0, 1\]"),
        ([0, 1], [0.5, float("nan")], r"\[0, 1\]"),
    ],
)
def test_bad_samples_are_refused(feature, amplitude, words):
    with pytest.raises(KgonError, match=words):
        EmpiricalLoss(TMS(6), feature, amplitude)


def test_one_point_at_a_time():
    """Probes are counted for one; the loss takes batches, below."""
    loss = EmpiricalLoss(TMS(2, 1), [0, 1], [0.5, 0.5])
    with pytest.raises(KgonError, match="one point is wanted"):
        loss.probes(np.zeros((3, 1, 2)), np.zeros((3, 2)))


@pytest.mark.parametrize(("r", "c", "m"), [(1, 3, 1), (2, 6, 7), (3, 5, 130)])
def test_a_batch_is_its_points_one_by_one(r, c, m):
    rng = np.random.default_rng([r, c, m])
    p, importance = truth.random_weights(rng, c)
    tms = TMS(c, r, probability=p, importance=importance)
    W, b = truth.random_points(rng, m, r, c)
    for loss in (EmpiricalLoss(tms, *sample(tms, 300, seed=m)), Potential(tms)):
        value, grad_W, grad_b = loss.loss_and_gradient(W, b)
        assert (value.shape, grad_W.shape, grad_b.shape) == ((m,), (m, r, c), (m, c))
        for k in range(m):
            one, one_W, one_b = loss.loss_and_gradient(W[k], b[k])
            assert isinstance(one, float)
            assert value[k] == one
            assert np.array_equal(grad_W[k], one_W)
            assert np.array_equal(grad_b[k], one_b)
        flat, gradient = loss.flat(tms.pack(W, b))
        assert np.array_equal(flat, value)
        assert np.array_equal(gradient, tms.pack(grad_W, grad_b))
        assert np.array_equal(loss.loss(W, b), value)
        assert np.array_equal(loss.gradient(W, b)[0], grad_W)


def test_a_batch_is_a_slow_sum_over_the_samples():
    """Gradient by hand: −2 I_j (x_j − f_j) [f_j > 0] with respect to the activation of output j."""
    rng = np.random.default_rng(7)
    tms = TMS(5, 2, importance=[1, 2, 0.5, 1, 3])
    feature, amplitude = sample(tms, 200, seed=7)
    W, b = truth.random_points(rng, 12, 2, 5)
    value, grad_W, grad_b = EmpiricalLoss(tms, feature, amplitude).loss_and_gradient(W, b)
    for k in range(12):
        total, slow_W, slow_b = 0.0, np.zeros((2, 5)), np.zeros(5)
        for i, mu in zip(feature, amplitude, strict=True):
            x = np.zeros(5)
            x[i] = mu
            hidden = W[k] @ x
            error = x - np.maximum(W[k].T @ hidden + b[k], 0.0)
            total += error @ (tms.importance * error)
            back = -2 * tms.importance * error * (W[k].T @ hidden + b[k] > 0)
            slow_b += back
            slow_W += np.outer(hidden, back) + np.outer(W[k] @ back, x)
        assert value[k] == pytest.approx(total / 200, rel=1e-12)
        assert np.allclose(grad_W[k], slow_W / 200, rtol=1e-11, atol=1e-12)
        assert np.allclose(grad_b[k], slow_b / 200, rtol=1e-11, atol=1e-12)


def test_a_batch_of_another_shape_is_refused():
    loss = EmpiricalLoss(TMS(2, 1), [0, 1], [0.5, 0.5])
    with pytest.raises(KgonError, match=r"b must have shape \(3, 2\)"):
        loss.loss(np.zeros((3, 1, 2)), np.zeros((2, 2)))
