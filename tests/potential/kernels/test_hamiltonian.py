"""Trajectories are those of a plain leapfrog, and a chain's bits do not depend on the lane it moves in."""

from fractions import Fraction

import numba
import numpy as np
import pytest
from support import truth

from kgon.potential.data import sample
from kgon.potential.empirical import EmpiricalLoss
from kgon.potential.kernels import _lanes, hamiltonian
from kgon.potential.loss import Potential
from kgon.potential.model import TMS

PRECISION = 2.5


def _loss(c, r, of_sample):
    rng = np.random.default_rng([c, r])
    p, importance = truth.random_weights(rng, c)
    tms = TMS(c, r, probability=p, importance=importance)
    return EmpiricalLoss(tms, *sample(tms, 50, seed=1)) if of_sample else Potential(tms)


def _start(loss, m, scaled):
    """Points, momenta, step sizes and strengths of m chains, the centre, and S."""
    rng, d = np.random.default_rng(m), loss.tms.dimension
    w, p, centre = 0.6 * rng.standard_normal((m, d)), rng.standard_normal((m, d)), rng.standard_normal(d)
    scale = np.eye(d) + 0.3 * rng.standard_normal((d, d)) if scaled else np.empty((0, 0))
    return w, p, rng.uniform(0.01, 0.05, m), rng.uniform(0.0, 20.0, m), centre, scale


def _moved(loss, w, p, size, strength, centre, scale, leapfrogs):
    """End points, momenta, gradients and losses by the kernel."""
    motion = hamiltonian.Motion(PRECISION, centre, scale, np.ascontiguousarray(scale.T), leapfrogs)
    found = w.copy(), p.copy(), loss.flat(w)[1], np.full(len(w), np.nan)
    hamiltonian.trajectories(loss.packed, motion, *found, size, strength)
    return found


def _plain(loss, w, p, size, strength, centre, scale, leapfrogs):
    """The same by the definition, with NumPy's matrix products and sums."""
    scale = scale if scale.size else np.eye(len(centre))

    def force(w):
        return (strength[:, None] * loss.flat(w)[1] + PRECISION * (w - centre)) @ scale

    size = size[:, None]
    for _ in range(leapfrogs):
        p = p - 0.5 * size * force(w)
        w = w + size * (p @ scale.T)
        p = p - 0.5 * size * force(w)
    value, gradient = loss.flat(w)
    return w, p, gradient, value


@pytest.mark.parametrize("of_sample", [False, True])
@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize(("c", "r", "m"), [(6, 2, 17), (1, 1, 3), (4, 3, 33)])
def test_trajectories_are_those_of_a_plain_leapfrog(of_sample, scaled, c, r, m):
    loss = _loss(c, r, of_sample)
    start = _start(loss, m, scaled)
    for found, plain in zip(_moved(loss, *start, 4), _plain(loss, *start, 4), strict=True):
        assert np.allclose(found, plain, rtol=1e-11, atol=1e-11)  # a hundred or so roundings
    ahead = _plain(loss, *start, 5)
    assert np.abs(_moved(loss, *start, 4)[0] - ahead[0]).max() > 1e-3


@pytest.mark.parametrize("of_sample", [False, True])
@pytest.mark.parametrize("scaled", [False, True])
def test_a_chain_has_the_same_bits_alone_and_among_others(of_sample, scaled):
    loss = _loss(6, 2, of_sample)
    *start, centre, scale = _start(loss, 37, scaled)
    together = _moved(loss, *start, centre, scale, 3)
    order = np.random.default_rng(0).permutation(37)
    shuffled = _moved(loss, *(x[order] for x in start), centre, scale, 3)
    for k in (0, 15, 16, 36):
        alone = _moved(loss, *(x[k : k + 1] for x in start), centre, scale, 3)
        assert all(np.array_equal(x[0], y[k]) for x, y in zip(alone, together, strict=True))
    assert all(np.array_equal(x, y[order]) for x, y in zip(shuffled, together, strict=True))


def test_a_trajectory_runs_back():
    loss = _loss(6, 2, of_sample=False)
    w, p, *others = _start(loss, 20, scaled=True)
    there, momentum, _, _ = _moved(loss, w, p, *others, 10)
    back, _, _, _ = _moved(loss, there, -momentum, *others, 10)
    assert np.abs(there - w).max() > 0.5
    assert np.abs(back - w).max() < 1e-10


@numba.njit
def _fused(x, y, z, out):
    many = _lanes.load(z, 0, _lanes.nothing())
    _lanes.store(out, 0, _lanes.fused(x, _lanes.load(y, 0, _lanes.nothing()), many))
    return _lanes.fused(x, y[0], z[0])


def test_fused_rounds_once():
    rng = np.random.default_rng(2)
    out = np.empty(_lanes.WIDTH)
    twice = 0
    for _ in range(20):
        x, y = rng.standard_normal(), rng.standard_normal(_lanes.WIDTH)
        z = -x * y * (1 + 1e-14 * rng.standard_normal(_lanes.WIDTH))  # most digits cancel
        exact = [float(Fraction(x) * Fraction(a) + Fraction(b)) for a, b in zip(y, z, strict=True)]
        assert _fused(x, y, z, out) == exact[0]
        assert out.tolist() == exact
        twice += np.sum(x * y + z != exact)
    assert twice > 100  # two roundings are seen to differ
