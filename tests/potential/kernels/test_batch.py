"""The batch kernel: bit-identical to single evaluation, exact to rounding, in bounds."""

import os
import platform
import re
import subprocess
import sys
from fractions import Fraction

import numba
import numpy as np
import pytest
from support import truth

from kgon.base.verdicts import KgonError
from kgon.potential import any_number
from kgon.potential.kernels import batch
from kgon.potential.loss import Potential
from kgon.potential.model import TMS

SIZES = [0, 1, 2, 15, 16, 17, 127, 128, 129, 1000]


def _points(m, r=2, c=6, seed=0):
    rng = np.random.default_rng([seed, m, r, c])
    p, importance = truth.random_weights(rng, c)
    W, b = truth.random_points(rng, m, r, c)
    return W, b, Potential(TMS(c, r, probability=p, importance=importance))


@pytest.mark.parametrize("m", SIZES)
@pytest.mark.parametrize(("r", "c"), [(2, 6), (1, 3), (3, 5)])
def test_a_batch_equals_single_points_bit_for_bit(m, r, c):
    W, b, potential = _points(m, r, c)
    loss, grad_W, grad_b = potential.loss_and_gradient(W, b)
    assert loss.shape == (m,) and grad_W.shape == (m, r, c) and grad_b.shape == (m, c)
    for k in range(m):
        one = potential.loss_and_gradient(W[k], b[k])
        assert isinstance(one[0], float)
        assert one[0] == loss[k]
        assert np.array_equal(one[1], grad_W[k]) and np.array_equal(one[2], grad_b[k])


def test_the_position_in_a_batch_does_not_matter():
    W, b, potential = _points(517)
    order = np.random.default_rng(1).permutation(517)
    straight = potential.loss_and_gradient(W, b)
    shuffled = potential.loss_and_gradient(W[order], b[order])
    for x, y in zip(straight, shuffled, strict=True):
        assert np.array_equal(np.asarray(x)[order], y)


def test_a_batch_of_any_shape():
    W, b, potential = _points(24)
    flat = potential.loss_and_gradient(W, b)
    nested = potential.loss_and_gradient(W.reshape(2, 3, 4, 2, 6), b.reshape(2, 3, 4, 6))
    for x, y in zip(flat, nested, strict=True):
        assert np.array_equal(np.asarray(x).ravel(), y.ravel()) and y.shape[:3] == (2, 3, 4)


def test_inputs_are_not_changed_and_may_be_read_only():
    W, b, potential = _points(130)
    before = W.copy(), b.copy()
    W.flags.writeable = b.flags.writeable = False
    potential.loss_and_gradient(W, b)
    potential.loss_and_gradient(np.asfortranarray(W), np.asfortranarray(b))
    assert np.array_equal(W, before[0]) and np.array_equal(b, before[1])


def test_the_lanes_of_the_tests_are_those_of_the_kernel():
    assert {batch.WIDTH - 1, batch.WIDTH, batch.WIDTH + 1} <= set(SIZES)


def test_threads_change_no_bit():
    W, b, potential = _points(1003)
    one = potential.loss_and_gradient(W, b)
    for threads in (2, 3):
        for x, y in zip(one, potential.loss_and_gradient(W, b, threads=threads), strict=True):
            assert np.array_equal(x, y)
    with pytest.raises(KgonError, match="threads must be an integer of at least 1, got 0"):
        potential.loss_and_gradient(W, b, threads=0)


def _bordering(rng, W, b):
    """Put points on borders of regions: zero columns and biases, orthogonal columns, b = −‖W_j‖²."""
    m, r, c = W.shape
    for k in range(0, m, 3):
        i, j = rng.integers(0, c, 2)
        change = rng.integers(0, 5)
        if change == 0:
            W[k, :, i] = 0.0
        elif change == 1:
            b[k, i] = 0.0
        elif change == 2:
            W[k, :, i] = b[k, i] = 0.0
        elif change == 3 and r > 1 and i != j:
            W[k, :, i] = W[k, :, j] = 0.0
            W[k, 0, i], W[k, 1, j] = rng.normal(size=2)
        else:
            W[k, :, i] = np.round(4 * W[k, :, i]) / 4
            b[k, i] = -np.sum(W[k, :, i] ** 2)
    return W, b


def _errors_fit(m, r, c):
    """Compare m random points, a third on borders, with exact rationals: 1e-14 (1 + L) and (1 + ‖∇L‖)."""
    W, b, potential = _points(m, r, c, seed=7)
    _bordering(np.random.default_rng(m), W, b)
    p, importance = any_number.fractions(np.array([potential.tms.probability, potential.tms.importance]))
    loss, grad_W, grad_b = potential.loss_and_gradient(W, b)
    for k in range(m):
        *rows, biases = any_number.fractions(np.vstack([W[k], b[k]]))
        true = any_number.loss(rows, biases, probability=p, importance=importance)
        # c² pairs, each a dozen roundings: 1e-14 relative to 1 + L.
        assert abs(Fraction(float(loss[k])) - true) <= Fraction(1, 10**14) * (1 + true)
        true_W, true_b = any_number.gradient(rows, biases, probability=p, importance=importance)
        slope = np.array([*true_W, true_b], dtype=float)
        error = np.vstack([grad_W[k], grad_b[k]]) - slope
        assert np.linalg.norm(error) <= 1e-14 * (1 + np.linalg.norm(slope))


@pytest.mark.parametrize(("r", "c"), [(1, 1), (1, 3), (2, 4), (2, 6), (3, 5)])
def test_the_kernel_equals_exact_rationals(r, c):
    _errors_fit(60, r, c)


@pytest.mark.slow
@pytest.mark.parametrize(("r", "c"), [(1, 1), (1, 3), (2, 4), (2, 6), (3, 5)])
def test_the_kernel_equals_exact_rationals_at_ten_thousand_points(r, c):
    _errors_fit(2000, r, c)


BOUNDS = """
import numba
import numpy as np
from kgon.potential.kernels import _jit, _lanes, batch, empirical, hessian, pairs, point
assert _jit.config.BOUNDSCHECK == 1
@numba.njit
def beyond(x):
    return x[x.shape[0]]
try:
    beyond(np.zeros(3))
except IndexError:
    pass
else:
    raise SystemExit("bounds are not checked")
rng = np.random.default_rng(0)
for r, c, m in ((1, 1, 1), (1, 3, 5), (2, 6, 129), (3, 4, 257)):
    W, b = rng.normal(size=(m, r, c)), rng.normal(size=(m, c))
    p, importance = np.full(c, 1 / c), np.ones(c)
    room = np.empty(m), np.empty_like(W), np.empty_like(b)
    batch.losses_gradients(point.pack(p, importance, np.empty(0, np.int64)), W, b, *room)
    hessian.hessian(W[0], b[0], p, importance, np.empty((c * (r + 1),) * 2), _jit.known(r))
    for n in (1, 2, 50):
        feature = np.sort(rng.integers(0, c, n))
        mu = rng.random(n)
        start = np.searchsorted(feature, np.arange(c + 1)).astype(np.int64)
        for i in range(c):
            mu[start[i]:start[i + 1]].sort()
        arrays = point.unpack(point.pack(p, importance, start))
        arrays.amplitude[:] = mu
        empirical.prefix_sums(mu, start, arrays.power1, arrays.power2)
        empirical.fill_table(mu, start, arrays.table)
        packed = point.pack(p, importance, start)
        for name, values in zip(point.Arrays._fields, point.unpack(packed)):
            values[:] = getattr(arrays, name)
        for k in range(min(m, 5)):
            for scale in (0.0, 1.0, 1e300, np.nan):
                batch.losses_gradients(packed, scale * W, b, *room)
                point.loss_gradient(arrays, scale * W[k], b[k], np.empty((r, c)), np.empty(c))
for a in (-1.0, 0.0, 1.0):
    for b in (-2.0, -0.5, 0.0, 0.5, 2.0):
        pairs.region(a, b), pairs.fraction(a, b), pairs.off_gradient(a, b), pairs.off_jet(a, b)
        pairs.diag_gradient(a * a, b), pairs.diag_jet(a * a, b)
@numba.njit
def lanes_beyond(x):
    return _lanes.load(x, x.size, 0.0)
try:
    lanes_beyond(np.zeros(3))
except IndexError:
    pass
else:
    raise SystemExit("bounds of lanes are not checked")
print("in bounds")
"""


SAMPLERS = """
import numpy as np
from kgon.potential.data import sample
from kgon.potential.empirical import EmpiricalLoss
from kgon.potential.kernels import _jit
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.sampling.hmc import State, Target, step
from kgon.sampling.langevin import Langevin, run_langevin
from kgon.sampling.sgd import Protocol, run_sgd
assert _jit.config.BOUNDSCHECK == 1
rng = np.random.default_rng(0)
for c, r, n in ((6, 2, 50), (1, 1, 7), (9, 9, 20)):
    tms = TMS(c, r)
    data = sample(tms, n, seed=1)
    for loss in (Potential(tms), EmpiricalLoss(tms, *data)):
        state = State.at(loss, rng.standard_normal((17, tms.dimension)))
        for scale in (None, np.eye(tms.dimension)):
            step(rng, state, Target(loss=loss, strength=1.0), step_size=0.1, leapfrogs=2, scale=scale)
        for chains in (2, 18):
            run_langevin(loss, state.w[0], Langevin(strength=1.0, steps=4, burn_in=1), chains=chains)
    run_langevin(loss, state.w[0], Langevin(strength=1.0, steps=4, batch=3), chains=2)
    run_sgd(rng, loss, data, 0.1 * state.w[0], Protocol(n=n, batch=min(n, 8), epochs=2))
print("in bounds")
"""


@pytest.mark.parametrize(
    "kernels", [BOUNDS, pytest.param(SAMPLERS, marks=pytest.mark.slow)], ids=["losses", "samplers"]
)
def test_every_kernel_stays_in_bounds(tmp_path, kernels):
    environment = {**os.environ, "NUMBA_BOUNDSCHECK": "1", "NUMBA_CACHE_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", kernels], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "in bounds"


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="reads the assembly of x86")
def test_a_batch_is_vector_code():
    """Of the multiplications most are of packed floats; without the lanes there would be none."""
    W, b, potential = _points(3)
    kernel = numba.njit(error_model="numpy")(batch.losses_gradients.py_func)
    kernel(potential.packed, W, b, np.empty(3), np.empty_like(W), np.empty_like(b))
    (assembly,) = kernel.inspect_asm().values()
    packed, single = (len(re.findall(rf"v?mul{kind}\s", assembly)) for kind in ("pd", "sd"))
    assert packed > 100 and packed > 3 * single
