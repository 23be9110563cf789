"""SGD against a plain loop with finite differences, against gradient descent, and its symmetries."""

import numpy as np
import pytest

from kgon.base.verdicts import KgonError
from kgon.kgons.labels import Label
from kgon.kgons.symmetry import rotate
from kgon.kgons.values import standard_point
from kgon.potential.data import draw
from kgon.potential.empirical import EmpiricalLoss
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.sampling.sgd import Protocol, run_sgd


def generator(key=0):
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(5, spawn_key=(key,))))


def batch_loss(tms, feature, amplitude, w):
    """(1/batch) Σ_s Σ_j I_j (x_j − f_j(x))² by the dense forward pass."""
    x = np.zeros((len(feature), tms.c))
    x[np.arange(len(feature)), feature] = amplitude
    return np.mean((x - tms.forward(x, *tms.unpack(w))) ** 2 @ tms.importance)


def gradient(tms, feature, amplitude, w, h=1e-6):
    """Central differences; the batch loss is piecewise quartic, so that the error is about h² and 1e-16/h."""
    steps = h * np.eye(len(w))
    return np.array(
        [
            (batch_loss(tms, feature, amplitude, w + e) - batch_loss(tms, feature, amplitude, w - e))
            / (2 * h)
            for e in steps
        ]
    )


def plain_epochs(tms, sample, w, batch, rng):
    """All parameters of three epochs at rate 0.05: shuffled by Fisher and Yates, one batch after another."""
    feature, amplitude = sample
    n, visited = len(feature), [w]
    order = np.arange(n)
    for _ in range(3):
        for m in range(n - 1, 0, -1):
            other = int(rng.random() * (m + 1))
            order[[m, other]] = order[[other, m]]
        for at in range(0, n, batch):
            chosen = order[at : at + batch]
            w = w - 0.05 * gradient(tms, feature[chosen], amplitude[chosen], w)
            visited.append(w)
    return visited


@pytest.mark.parametrize(
    ("tms", "n", "batch"),
    [
        (TMS(6), 20, 5),
        (TMS(5, 3, importance=[1, 0.5, 2, 1, 0]), 23, 5),
        (TMS(4, 1), 7, 7),
        (TMS(3, 2), 4, 1),
        pytest.param(TMS(9, 9), 6, 3, marks=pytest.mark.slow),  # more rows than the compiler is told,
        pytest.param(TMS(34, 2), 40, 20, marks=pytest.mark.slow),  # more outputs
    ],
)
def test_three_epochs_are_those_of_a_plain_loop(tms, n, batch):
    rng, plain = generator(), generator()
    sample, start = draw(rng, tms, n), 0.7 * rng.standard_normal(tms.dimension)
    protocol = Protocol(n=n, batch=batch, learning_rate=0.05, epochs=3)
    loss = EmpiricalLoss(tms, *sample)
    found = run_sgd(rng, loss, sample, start, protocol, records=range(protocol.steps + 1))
    draw(plain, tms, n), plain.standard_normal(tms.dimension)  # the same numbers have been used up
    assert np.allclose(found.w, plain_epochs(tms, sample, start, batch, plain), rtol=0, atol=1e-7)
    assert np.ptp(found.w, axis=0).max() > 0.01  # something moved
    assert found.loss == pytest.approx(Potential(tms).flat(found.w)[0], abs=0)


def _one_by_one(tms, sample, w, protocol, rng):
    """The end of a trajectory, one float after the other, in the order that its bits come from."""
    (W, b), (feature, amplitude) = (x.copy() for x in tms.unpack(w)), sample
    order = np.arange(protocol.n)
    for _ in range(protocol.epochs):
        for m in range(protocol.n - 1, 0, -1):
            other = int(rng.random() * (m + 1))
            order[[m, other]] = order[[other, m]]
        for at in range(0, protocol.n, protocol.batch):
            grad_W, grad_b = np.zeros_like(W), np.zeros_like(b)
            chosen = order[at : at + protocol.batch]
            for i, mu in zip(feature[chosen], amplitude[chosen], strict=True):
                hidden, back = mu * W[:, i], np.zeros(tms.r)
                for j in range(tms.c):
                    z = b[j]
                    for h in range(tms.r):
                        z += W[h, j] * hidden[h]
                    if z > 0:
                        slope = 2.0 * tms.importance[j] * (z - mu if j == i else z)
                        grad_b[j] += slope
                        grad_W[:, j] += slope * hidden
                        back += slope * W[:, j]
                grad_W[:, i] += mu * back
            rate = protocol.learning_rate / len(chosen)
            W, b = W - rate * grad_W, b - rate * grad_b
    return tms.pack(W, b)


@pytest.mark.parametrize("tms", [TMS(6), TMS(5, 3, importance=[1, 0.5, 2, 1, 0]), TMS(3, 1)])
def test_lanes_change_no_bit(tms):
    rng, plain = generator(2), generator(2)
    sample, start = draw(rng, tms, 50), 0.7 * rng.standard_normal(tms.dimension)
    draw(plain, tms, 50), plain.standard_normal(tms.dimension)
    protocol = Protocol(n=50, batch=20, learning_rate=0.1, epochs=10)
    found = run_sgd(rng, EmpiricalLoss(tms, *sample), sample, start, protocol)
    assert np.array_equal(found.w[-1], _one_by_one(tms, sample, start, protocol, plain))


def test_a_full_batch_is_gradient_descent_of_the_empirical_loss():
    rng, tms = generator(1), TMS(6)
    sample = draw(rng, tms, 300)
    loss = EmpiricalLoss(tms, *sample)
    w = rng.standard_normal(tms.dimension)
    found = run_sgd(rng, loss, sample, w, Protocol(n=300, batch=300, learning_rate=0.1, epochs=40))
    for k in range(41):
        assert np.allclose(found.w[k], w, rtol=0, atol=1e-12)
        assert found.empirical[k] == pytest.approx(loss.flat(w[None])[0][0], abs=1e-12)
        w = w - 0.1 * loss.flat(w[None])[1][0]


def test_an_epoch_uses_every_sample_once():
    # To first order in η an epoch moves by η Σ_batches ∇ = η (n/batch) ∇L_n; drawing with replacement would
    # be off by the noise of 100 samples, a tenth of the gradient of one.
    rng, tms = generator(2), TMS(6)
    sample = draw(rng, tms, 100)
    loss = EmpiricalLoss(tms, *sample)
    w = rng.standard_normal(tms.dimension)
    errors = []
    for rate in (1e-4, 1e-5):
        found = run_sgd(rng, loss, sample, w, Protocol(n=100, batch=4, learning_rate=rate, epochs=1))
        moved = (w - found.w[-1]) / (rate * 25)
        errors.append(np.linalg.norm(moved - loss.flat(w[None])[1][0]))
    assert errors[1] < errors[0] / 5 < 0.1


def test_rotations_and_permutations_carry_over():
    rng, tms = generator(3), TMS(6)
    feature, amplitude = draw(rng, tms, 200)
    W, b = tms.unpack(rng.standard_normal(tms.dimension))
    protocol = Protocol(n=200, batch=10, learning_rate=0.02, epochs=50)
    image = np.array([3, 5, 0, 1, 4, 2])  # feature i becomes image[i]
    moved_W, moved_b = np.empty_like(W), np.empty_like(b)
    moved_W[:, image], moved_b[image] = rotate(W, 0.7, reflect=True), b
    one = (feature, amplitude)
    two = (image[feature], amplitude)
    first = run_sgd(generator(9), EmpiricalLoss(tms, *one), one, tms.pack(W, b), protocol)
    second = run_sgd(generator(9), EmpiricalLoss(tms, *two), two, tms.pack(moved_W, moved_b), protocol)
    end_W, end_b = tms.unpack(first.w[-1])
    other_W, other_b = tms.unpack(second.w[-1])
    assert np.allclose(other_W[:, image], rotate(end_W, 0.7, reflect=True), atol=1e-9)
    assert np.allclose(other_b[image], end_b, atol=1e-9)
    assert np.allclose(first.empirical, second.empirical, atol=1e-9)
    assert not np.allclose(end_W, W, atol=0.1)


def test_what_is_recorded_changes_nothing():
    tms, protocol = TMS(6), Protocol(n=50, batch=8, epochs=30, learning_rate=0.05)
    sample = draw(generator(4), tms, 50)
    loss, w = EmpiricalLoss(tms, *sample), generator(5).standard_normal(18)
    every = run_sgd(generator(6), loss, sample, w, protocol, records=range(protocol.steps + 1))
    some = run_sgd(generator(6), loss, sample, w, protocol, records=[0, 1, 2, 100, 210])
    assert np.array_equal(every.w[some.steps], some.w)
    assert np.array_equal(every.loss[some.steps], some.loss)
    assert np.array_equal(w, every.w[0])


def test_the_published_protocol():
    protocol = Protocol()
    assert (protocol.n, protocol.batch, protocol.learning_rate, protocol.epochs) == (1000, 20, 0.005, 4500)
    assert protocol.steps == 225_000
    records = protocol.records()
    assert len(records) == 501 and records[0] == 0 and records[-1] == 225_000
    assert np.all(np.diff(records) == 450)
    assert np.array_equal(Protocol(n=10, batch=3, epochs=2).records(), [0, 4, 8])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"n": 0}, "n must be an integer of at least 1, got 0"),
        ({"n": 10}, "batch must be an integer from 1 to 10, got 20"),
        ({"batch": 0}, "batch must be an integer"),
        ({"epochs": 1.5}, "epochs must be an integer of at least 1, got 1.5"),
        ({"learning_rate": 0}, "learning rate must be positive and finite, got 0"),
        ({"learning_rate": float("nan")}, "got nan"),
        ({"learning_rate": "fast"}, "got 'fast'"),
    ],
)
def test_bad_protocols_are_refused(options, words):
    with pytest.raises(KgonError, match=words):
        Protocol(**options)


def test_bad_arguments_are_refused():
    tms, protocol = TMS(6), Protocol(n=30, batch=5, epochs=2)
    sample = draw(generator(), tms, 30)
    loss, w = EmpiricalLoss(tms, *sample), np.zeros(18)
    with pytest.raises(KgonError, match=r"shape \(18,\), got \(17,\)"):
        run_sgd(generator(), loss, sample, np.zeros(17), protocol)
    with pytest.raises(KgonError, match="n = 1000, the sample 30"):
        run_sgd(generator(), loss, sample, w, Protocol())
    for records in ([], [3, 2], [-1, 2], [0.5]):
        with pytest.raises(KgonError, match="records"):
            run_sgd(generator(), loss, sample, w, protocol, records=records)


def test_divergence_is_an_error_that_names_the_rate():
    tms = TMS(6)
    sample = draw(generator(), tms, 100)
    W, b = standard_point(Label.parse("6"), 6)
    protocol = Protocol(n=100, batch=5, learning_rate=50.0, epochs=200)
    with pytest.raises(KgonError, match="learning rate below 50"):
        run_sgd(generator(), EmpiricalLoss(tms, *sample), sample, tms.pack(W, b) + 0.1, protocol)
