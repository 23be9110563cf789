"""The symmetries O(2) × S_c: rotations, distances between orbits, canonical forms."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgon.kgons import symmetry
from kgon.kgons.catalogue import Catalogue

PERMUTED = st.tuples(st.integers(0, 2**32 - 1), st.integers(2, 8))


def _random(seed, c):
    rng = np.random.default_rng([seed, c])
    return rng, rng.normal(size=(2, c)), rng.normal(size=c)


def _moved(rng, W, b):
    order = rng.permutation(len(b))
    turned = symmetry.rotate(W, rng.uniform(-np.pi, np.pi), reflect=bool(rng.integers(2)))
    return turned[:, order], b[order]


@given(PERMUTED)
def test_rotate_is_orthogonal_and_turns_by_the_angle(case):
    rng, W, _ = _random(*case)
    angle = rng.uniform(-np.pi, np.pi)
    turned = symmetry.rotate(W, angle)
    assert np.allclose(turned.T @ turned, W.T @ W, atol=1e-13)
    expected = (W[0] + 1j * W[1]) * np.exp(1j * angle)
    assert np.allclose(turned[0] + 1j * turned[1], expected, atol=1e-14)
    mirrored = symmetry.rotate(W, angle, reflect=True)
    assert np.allclose(mirrored[0] + 1j * mirrored[1], (W[0] - 1j * W[1]) * np.exp(1j * angle), atol=1e-14)


@given(PERMUTED)
def test_distance_is_zero_on_the_orbit_and_the_match_realises_it(case):
    rng, W, b = _random(*case)
    target_W, target_b = _moved(rng, W, b)
    match = symmetry.orbit_distance(W, b, target_W, target_b)
    assert match.distance < 1e-7  # the square root of rounding, 1e-15
    assert sorted(match.assignment) == list(range(len(b)))
    assert np.allclose(match.orthogonal @ match.orthogonal.T, np.eye(2), atol=1e-13)
    assert np.allclose(match.orthogonal @ W[:, match.assignment], target_W, atol=1e-7)
    assert np.allclose(b[match.assignment], target_b)


@given(st.integers(0, 10**6), st.integers(2, 6))
def test_distance_is_invariant_and_symmetric(seed, c):
    """By small displacements, where the nearest alignment is the obvious one, as in classifying."""
    rng, W, b = _random(seed, c)
    near_W, near_b = W + 0.05 * rng.normal(size=W.shape), b + 0.05 * rng.normal(size=c)
    here = symmetry.orbit_distance(W, b, near_W, near_b).distance
    assert here <= np.sqrt(np.sum((W - near_W) ** 2) + np.sum((b - near_b) ** 2)) + 1e-12
    for other in (
        symmetry.orbit_distance(*_moved(rng, W, b), near_W, near_b),
        symmetry.orbit_distance(W, b, *_moved(rng, near_W, near_b)),
        symmetry.orbit_distance(near_W, near_b, W, b),
    ):
        assert abs(other.distance - here) < 1e-7


def _brute_force(W, b, target_W, target_b):
    """All permutations; for each the best angle by a dense grid, refined by bisection of the grid."""
    z, t = W[0] + 1j * W[1], target_W[0] + 1j * target_W[1]
    best = np.inf
    for order in permutations(range(len(b))):
        fixed = np.sum((b[list(order)] - target_b) ** 2)
        for points in (z, z.conj()):
            chosen = points[list(order)]
            low, high = -np.pi, np.pi
            for _ in range(6):
                angles = np.linspace(low, high, 61)
                values = np.sum(np.abs(np.exp(1j * angles)[:, None] * chosen - t) ** 2, axis=1)
                at = angles[np.argmin(values)]
                width = (high - low) / 60
                low, high = at - width, at + width
            best = min(best, fixed + values.min())
    return np.sqrt(best)


@pytest.mark.parametrize("seed", range(25))
def test_distance_equals_brute_force(seed):
    rng, W, b = _random(seed, 4)
    target_W, target_b = rng.normal(size=(2, 4)), rng.normal(size=4)
    ours = symmetry.orbit_distance(W, b, target_W, target_b).distance
    # The grid ends with a width of 1e-9: its own error is far below 1e-9.
    assert abs(ours - _brute_force(W, b, target_W, target_b)) < 1e-9


def test_distance_between_kgons_equals_brute_force_over_five_columns():
    points = Catalogue(5)
    for first, second in (("4", "5"), ("4+", "5"), ("4--", "4--:opposite"), ("4", "4-")):
        p, q = points[first], points[second]
        ours = symmetry.orbit_distance(p.W, p.biases, q.W, q.biases).distance
        assert abs(ours - _brute_force(p.W, p.biases, q.W, q.biases)) < 1e-9


@given(PERMUTED)
def test_canonical_form_is_constant_on_orbits_and_stays_on_them(case):
    rng, W, b = _random(*case)
    form_W, form_b = symmetry.canonical_form(W, b)
    again_W, again_b = symmetry.canonical_form(*_moved(rng, W, b))
    assert np.allclose(form_W, again_W, atol=1e-12) and np.array_equal(form_b, again_b)
    assert symmetry.orbit_distance(W, b, form_W, form_b).distance < 1e-7
    assert abs(form_W[1, 0]) < 1e-14 and form_W[0, 0] == pytest.approx(np.hypot(*W).max())
    other_W, _ = symmetry.canonical_form(W * [[1.0], [1.01]], b)
    assert not np.allclose(form_W, other_W, atol=1e-4)


def test_align_ignores_the_place_of_free_columns():
    W = np.array([[1.0, 0.0, 5.0], [0.0, 1.0, -3.0]])
    target = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    extra = np.zeros((3, 3))
    assert symmetry.align(W, target, extra, free=[2]).distance < 1e-7
    assert symmetry.align(W, target, extra).distance > 1
    extra[2] = [0, 0, 4]
    assert symmetry.align(W, target, extra, free=[2]).distance == pytest.approx(2, abs=1e-7)
