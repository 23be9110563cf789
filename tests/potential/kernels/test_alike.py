"""Points compared modulo O(r) × S_c, against all permutations and against what a rotation does."""

from itertools import permutations

import numpy as np
import pytest

from kgon.potential.kernels import alike as kernel
from kgon.potential.kernels.alike import NO_PART, PART, UNHEARD

TOL = 1e-8


def _case(W, b):
    """Arguments of the kernel."""
    W, b = np.asarray(W, dtype=float), np.asarray(b, dtype=float)
    gram = W.T @ W
    role = np.empty(len(b), dtype=np.int64)
    kernel.roles(gram, b, 1e-5, role)
    return gram, b, role


def _moved(rng, W, b):
    """Another point of the orbit."""
    Q, _ = np.linalg.qr(rng.normal(size=(len(W), len(W))))
    order = rng.permutation(len(b))
    return (Q @ W)[:, order], b[order]


def _same(first, second, tol=TOL):
    return kernel.alike(*_case(*first), *_case(*second), tol)


@pytest.mark.parametrize(("r", "c"), [(1, 1), (1, 5), (2, 6), (2, 9), (3, 6)])
def test_orbits_are_one_point_and_what_is_moved_a_little_is_another(r, c):
    rng = np.random.default_rng([r, c])
    for _ in range(20):
        W, b = rng.normal(size=(r, c)), rng.uniform(0.1, 2, c)  # biases above 0: every column counts
        other = _moved(rng, W, b)
        assert _same((W, b), other)
        for move in ("W", "b"):
            V, a = other[0].copy(), other[1].copy()
            if move == "W":
                V[:, 0] *= np.sqrt(1 + 1e-6 / np.sum(V[:, 0] ** 2))
            else:
                a[0] += 1e-6
            assert not _same((W, b), (V, a))
            assert _same((W, b), (V, a), tol=1e-4)


def test_agrees_with_all_permutations():
    """Columns from a small set, so that norms and angles often tie; half of the pairs are one orbit."""
    rng = np.random.default_rng(3)
    found = {True: 0, False: 0}
    for _ in range(400):
        points = []
        for _ in range(2):
            columns = rng.integers(-1, 2, size=(2, 4)).astype(float)
            points.append((columns, rng.integers(1, 3, size=4).astype(float)))
        (W, b), (V, a) = points
        if rng.random() < 0.3:
            V, a = _moved(rng, W, b)
        gram, gram2 = W.T @ W, V.T @ V
        expected = any(
            np.allclose(gram, gram2[np.ix_(p, p)], rtol=0, atol=TOL) and np.allclose(b, a[list(p)])
            for p in permutations(range(4))
        )
        assert _same((W, b), (V, a)) == expected
        found[expected] += 1
    assert min(found.values()) > 50


def test_equal_lengths_biases_and_spectra_are_not_enough():
    """Two columns of one vertex split at neighbours, and at opposite vertices of a square."""
    half = np.sqrt(0.5)
    square = np.array([[1.0, 0, -1, 0], [0, 1, 0, -1]])
    b = np.full(6, 0.5)
    near = np.concatenate([square[:, [0, 0, 1, 1]] * half, square[:, 2:]], axis=1)
    far = np.concatenate([square[:, [0, 0, 2, 2]] * half, square[:, [1, 3]]], axis=1)
    assert np.allclose(np.linalg.eigvalsh(near.T @ near), np.linalg.eigvalsh(far.T @ far))
    assert not _same((near, b), (far, b))
    assert _same((near, b), _moved(np.random.default_rng(0), near, b))


def test_roles():
    W = [[1.0, 0.0, 0.0, 0.5], [0.0, 0.0, 0.0, 0.0]]
    assert _case(W, [0.0, 0.1, -0.5, -0.5])[2].tolist() == [PART, PART, UNHEARD, UNHEARD]
    # without the positive column, which hears every input, the dead one takes no part
    assert _case(W, [0.0, -0.1, -0.5, -0.6])[2].tolist() == [PART, NO_PART, NO_PART, UNHEARD]
    # an input that switches the positive column off again is heard by it for small amplitudes
    assert _case([[1.0, -1.0], [0.0, 0.0]], [0.1, -1.5])[2].tolist() == [PART, UNHEARD]
    # an output that its own input switches on takes part
    assert _case([[1.0], [0.0]], [-0.9])[2].tolist() == [PART]
    assert _case([[1.0], [0.0]], [-1.1])[2].tolist() == [NO_PART]


def test_what_is_free_is_not_compared():
    W = np.array([[1.0, 0.0, 0.3], [0.0, 0.0, 0.0]])
    assert _same((W, [0.0, 0.1, -0.5]), (W, [0.0, 0.1, -3.0]))  # a bias that is not heard
    assert not _same((W, [0.0, 0.1, -0.5]), (W * [1, 1, 1.1], [0.0, 0.1, -0.5]))  # its column is
    V = np.array([[1.0, -0.2, -0.7], [0.0, 0.0, 0.4]])
    assert _same((V, [-0.1, -1.0, -1.0]), ([[1.0, 0, 0], [0, 0, 0]], [-0.1, -0.5, -0.5]))
    assert not _same((V, [-0.1, -1.0, -1.0]), (V, [-0.1, 0.2, -1.0]))


def test_classes_point_to_the_first_of_each():
    rng = np.random.default_rng(5)
    base = [(rng.normal(size=(2, 5)), rng.normal(size=5) + 2) for _ in range(4)]
    pick = rng.integers(4, size=40)
    cases = [_case(*_moved(rng, *base[k])) for k in pick]
    loss = np.sort(pick * 1e-12)  # all within the tolerance: only the columns tell them apart
    order = np.argsort(pick, kind="stable")
    out = np.empty(40, dtype=np.int64)
    gram, b, role = (np.array([cases[k][part] for k in order]) for part in range(3))
    kernel.classes(gram, b, role, loss, 1e-9, TOL, out)
    firsts = {int(k): int(np.flatnonzero(pick[order] == k)[0]) for k in set(pick)}
    assert out.tolist() == [firsts[int(k)] for k in pick[order]]
    # of different losses, equal columns are different points
    kernel.classes(gram, b, role, loss * 1e6, 1e-9, TOL, out)
    assert out.tolist() == [firsts[int(k)] for k in pick[order]]
    kernel.classes(gram, b, role, np.arange(40.0), 1e-9, TOL, out)
    assert out.tolist() == list(range(40))
