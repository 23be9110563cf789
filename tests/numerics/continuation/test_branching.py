"""Switching branches, and families of solutions."""

import math

import numpy as np
import pytest
from support.systems import FOLD, LORENZ, PITCHFORK, RING, TRANSCRITICAL, TRIANGLE, Equations, bratu, cassini

from kgon.base.verdicts import KgonError
from kgon.numerics.continuation import Steps, follow, resume, switch


def _branches(system, event, **options):
    return [follow(system, x, p, tangent=tangent, **options) for x, p, tangent in switch(system, event)]


def test_both_arms_of_a_pitchfork():
    trunk = follow(PITCHFORK, np.zeros(1), -1, lower=-1, upper=1)
    arms = _branches(PITCHFORK, trunk.events[0], lower=-1, upper=1)
    assert sorted(branch.x[-1, 0] for branch in arms) == pytest.approx([-1, 1])
    for branch in arms:
        assert branch.ended == "upper" and not branch.events
        assert np.abs(branch.x[:, 0] ** 2 - branch.parameter).max() < 1e-12


def test_from_an_arm_of_a_pitchfork_to_its_trunk():
    arm = follow(PITCHFORK, np.ones(1), 1, lower=-1, upper=1, direction=-1)
    trunks = _branches(PITCHFORK, arm.events[0], lower=-1, upper=1)
    assert sorted(branch.parameter[-1] for branch in trunks) == [-1, 1]
    assert all(np.abs(branch.x).max() < 1e-15 for branch in trunks)


@pytest.mark.parametrize(("x", "other"), [(0.0, 1.0), (-1.0, 0.0)])
def test_both_ways_from_a_transcritical_point(x, other):
    trunk = follow(TRANSCRITICAL, np.array([x]), -1, lower=-1, upper=1)
    arms = _branches(TRANSCRITICAL, trunk.events[0], lower=-1, upper=1)
    assert sorted(branch.parameter[-1] for branch in arms) == [-1, 1]
    for branch in arms:
        assert np.abs(branch.x[:, 0] - other * branch.parameter).max() < 1e-12


def test_the_other_arm_of_a_lemniscate():
    system = cassini(1.0)
    branch = follow(system, np.zeros(1), math.sqrt(2), lower=-2, upper=2)
    event = branch.of("branch point")[0]
    starts = switch(system, event)
    assert len(starts) == 2
    along = event.tangent
    for x, p, tangent in starts:
        assert abs(tangent @ along) < 1e-2  # the arms cross at a right angle
        assert abs(np.hypot(x[0], p) - 1e-3) < 1e-8


def test_the_convection_of_lorenz():
    """C± : x = y = ±√(8(p − 1)/3), z = p − 1."""
    trunk = follow(LORENZ, np.zeros(3), 0, lower=-1, upper=3)
    arms = _branches(LORENZ, trunk.events[0], lower=-1, upper=10)
    assert sorted(branch.x[-1, 0] for branch in arms) == pytest.approx([-math.sqrt(24), math.sqrt(24)])
    assert all(abs(branch.x[-1, 2] - 9) < 1e-10 for branch in arms)


def test_the_asymmetric_solutions_of_bratu_on_two_points():
    """They obey 3(2u − v) = … with u ≠ v, and the two arms are mirror images."""
    system = bratu(2)
    trunk = follow(system, np.zeros(2), 0.5, lower=0.5, upper=5)
    arms = _branches(system, trunk.of("branch point")[0], lower=0.6, upper=5)
    assert len(arms) == 2
    ends = [branch.x[-1] for branch in arms]
    assert np.allclose(ends[0], ends[1][::-1], atol=1e-10) and abs(ends[0][0] - ends[0][1]) > 0.5
    assert all(branch.ended == "lower" and not branch.events for branch in arms)


def test_six_half_branches_at_a_point_with_the_symmetry_of_a_triangle():
    trunk = follow(TRIANGLE, np.zeros(2), -1, lower=-1, upper=1)
    (event,) = trunk.events
    assert event.kind == "inertia" and event.negative == (2, 0)
    starts = switch(TRIANGLE, event)
    angles = sorted(math.degrees(math.atan2(x[1], x[0])) % 360 for x, _, _ in starts)
    assert np.allclose(angles, [0, 60, 120, 180, 240, 300], atol=1e-6) or np.allclose(
        angles, [60, 120, 180, 240, 300, 360], atol=1e-6
    )
    for x, p, tangent in starts:  # p + cos 3φ r + r² = 0 at distance r and angle φ
        r, phi = np.hypot(*x), math.atan2(x[1], x[0])
        assert abs(p + math.cos(3 * phi) * r + r * r) < 1e-12
        assert tangent[:2] @ x > 0


def test_starts_come_in_the_same_order_every_time():
    trunk = follow(TRIANGLE, np.zeros(2), -1, lower=-1, upper=1)
    first, second = (switch(TRIANGLE, trunk.events[0]) for _ in range(2))
    assert all((a[0] == b[0]).all() and a[1] == b[1] for a, b in zip(first, second, strict=True))


def test_there_is_no_switching_at_a_fold():
    event = follow(FOLD, np.ones(1), -1, lower=-1, upper=1).events[0]
    with pytest.raises(KgonError, match="not at a fold"):
        switch(FOLD, event)


# --- families -------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_a_family_of_solutions_is_followed_by_steps_of_least_length(seed):
    """x² + y² = 1 + p² in turned coordinates: the angle stays as it is."""
    q = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))[0]
    system = Equations(
        lambda v, p: q.T @ RING.equations(q @ v, p),
        lambda v, p: q.T @ RING.jacobian(q @ v, p) @ q,
        lambda v, p: q.T @ RING.derivative(q @ v, p),
    )
    start = math.sqrt(2) * q.T @ np.array([0.6, 0.8, 0])
    branch = follow(system, start, -1, lower=-1, upper=1, steps=Steps(flat=1))
    (event,) = branch.events
    assert event.kind == "branch point" and event.negative == (0, 1)
    assert abs(event.parameter) < 1e-10 and np.allclose(q @ event.x, [0.6, 0.8, 0], atol=1e-9)
    assert np.allclose(branch.x[-1], start, atol=1e-9)
    arms = [
        follow(system, x, p, tangent=t, lower=-1, upper=1, steps=Steps(flat=1))
        for x, p, t in switch(system, event, steps=Steps(flat=1))
    ]
    assert sorted((q @ branch.x[-1])[2] for branch in arms) == pytest.approx([-1, 1])
    part = follow(system, start, -1, lower=-1, upper=1, steps=Steps(flat=1, max_points=9))
    again = resume(system, part)
    assert np.allclose(again.x[-1], start, atol=1e-9) and abs(again.events[0].parameter) < 1e-10


def test_a_family_that_turns():
    """Lines n(p)·x = 1 with n = (cos p, sin p): steps of least length obey x′ = −(n′·x) n."""

    def n(p):
        return np.array([math.cos(p), math.sin(p)])

    def slope(p):
        return np.array([-math.sin(p), math.cos(p)])

    system = Equations(
        lambda x, p: (n(p) @ x - 1) * n(p),
        lambda x, p: np.outer(n(p), n(p)),
        lambda x, p: (slope(p) @ x) * n(p) + (n(p) @ x - 1) * slope(p),
    )
    h = 0.01
    branch = follow(
        system, np.array([1.0, 0.5]), 0, lower=-1, upper=3, steps=Steps(flat=1, longest=h, step=h)
    )
    assert branch.ended == "upper" and not branch.events
    x, d = np.array([1.0, 0.5]), 3 / 3000
    for k in range(3000):
        middle = x - d / 2 * (slope(k * d) @ x) * n(k * d)
        x = x - d * (slope((k + 0.5) * d) @ middle) * n((k + 0.5) * d)
    assert np.abs(branch.x[-1] - x).max() < h  # of first order in the steps


def test_a_family_without_a_symmetric_jacobian():
    """The same, with the equations mixed by a matrix that turns with p."""

    def mix(p):
        c, s = math.cos(p), math.sin(p)
        return np.array([[c, -s, 0.2], [s, c, 0], [0.3 * p, 0, 1]])

    def turn(p):
        c, s = math.cos(p), math.sin(p)
        return np.array([[-s, -c, 0], [c, -s, 0], [0.3, 0, 0]])

    system = Equations(
        lambda v, p: mix(p) @ RING.equations(v, p),
        lambda v, p: mix(p) @ RING.jacobian(v, p),
        lambda v, p: mix(p) @ RING.derivative(v, p) + turn(p) @ RING.equations(v, p),
        symmetric=False,
    )
    branch = follow(
        system, math.sqrt(2) * np.array([-0.8, 0.6, 0]), -1, lower=-1, upper=1, steps=Steps(flat=1)
    )
    (event,) = branch.events
    assert event.kind == "branch point" and abs(event.parameter) < 1e-10
    assert np.allclose(branch.x[-1], math.sqrt(2) * np.array([-0.8, 0.6, 0]), atol=1e-8)


def test_a_family_that_is_not_announced_is_refused():
    with pytest.raises(KgonError, match="1 null directions more"):
        follow(RING, math.sqrt(2) * np.array([0.6, 0.8, 0]), -1, lower=-1, upper=1)
