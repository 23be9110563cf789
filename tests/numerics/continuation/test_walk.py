"""Branches and events of smooth textbook systems, against their exact places."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.systems import (
    CIRCLE,
    FOLD,
    LORENZ,
    PITCHFORK,
    TRANSCRITICAL,
    Equations,
    bratu,
    cassini,
    cusp,
    fold_of_bratu,
    followed,
    graph,
    hidden_pitchfork,
    near_fold,
    scalar,
    two_pitchforks,
)

from kgon.base.verdicts import Status
from kgon.numerics.newton import solve_newton

TRUE = 1e-10
"""Error that the place of an event may have."""


def _walk(system, x, p, **options):
    options = {"lower": -2.0, "upper": 2.0, **options}
    return followed(system, x, p, **options)


def _kinds(branch):
    return [event.kind for event in branch.events]


def _sound(branch, system, *, residual=1e-11):
    """Every point solves the equations, every tangent is one, every event is in its interval."""
    for x, p, tangent in zip(branch.x, branch.parameter, branch.tangent, strict=True):
        assert np.abs(system.equations(x, p)).max() < residual
        assert abs(np.linalg.norm(tangent) - 1) < 1e-12
    steps = np.diff(np.column_stack([branch.x, branch.parameter]), axis=0)
    assert np.allclose(np.diff(branch.arclength), np.linalg.norm(steps, axis=1), rtol=1e-9, atol=1e-15)
    assert np.all(np.diff([event.arclength for event in branch.events]) > -1e-12)
    for event in branch.events:
        assert event.status is Status.CONVERGED
        assert event.lower <= event.parameter <= event.upper
        assert event.upper - event.lower <= 1e-10
        assert np.abs(system.equations(event.x, event.parameter)).max() < 1e-9


def _at(event, x, p, *, place=1e-8):
    assert abs(event.parameter - p) <= TRUE
    assert event.lower - 1e-15 <= p <= event.upper + 1e-15
    assert np.abs(event.x - np.asarray(x)).max() <= place


# --- folds ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("direction", [1, -1])
def test_a_fold(direction):
    branch = _walk(FOLD, [direction * 1.0], -1, lower=-1.5)
    assert branch.ended == "lower" and branch.status is Status.CONVERGED
    assert branch.parameter[-1] == -1.5
    (event,) = branch.events
    assert event.kind == "fold" and event.turns
    _at(event, [0], 0)
    assert event.negative == ((0, 1) if direction == 1 else (1, 0))
    assert np.abs(np.abs(branch.x[:, 0]) - np.sqrt(-branch.parameter)).max() < 1e-8
    _sound(branch, FOLD)


@pytest.mark.parametrize("h", [3.0, 1.0, 0.3, 1e-2, 1e-4])
def test_both_folds_of_a_cusp(h):
    system = cusp(h)
    branch = _walk(system, [-1.9], -(1.9**3) + 1.9 * h, lower=-9)
    assert branch.ended == "upper"
    assert _kinds(branch) == ["fold", "fold"]
    assert [event.negative for event in branch.events] == [(0, 1), (1, 0)]
    place, height = math.sqrt(h / 3), 2 * (h / 3) ** 1.5
    _at(branch.events[0], [-place], height)
    _at(branch.events[1], [place], -height)
    _sound(branch, system)


@pytest.mark.parametrize("h", [0.0, -1e-6, -1e-3])
def test_past_the_cusp_there_is_no_fold(h):
    branch = _walk(cusp(h), [-1.2], -(1.2**3) + 1.2 * h)
    assert branch.ended == "upper" and not branch.events


def test_every_fold_of_a_wave():
    """p = x/10 + sin(9x)/9: folds where cos 9x = −1/10, some closer than the longest step."""
    system = graph(lambda x: x / 10 + math.sin(9 * x) / 9, lambda x: 0.1 + math.cos(9 * x))
    branch = _walk(system, [0.0], 0, upper=1)
    first = math.acos(-0.1) / 9
    places = sorted(s * first + 2 * math.pi * k / 9 for s in (1, -1) for k in range(20))
    expected = [x for x in places if 0 < x < branch.x[-1, 0]]
    assert len(branch.events) == len(expected) > 20
    for event, x in zip(branch.events, expected, strict=True):
        _at(event, [x], x / 10 + math.sin(9 * x) / 9)


def test_the_fold_of_bratu_on_two_points():
    """With u₁ = u₂ = u: p = 9 u e^{−u}, fold at u = 1; the antisymmetric eigenvalue vanishes at u = 3."""
    system = bratu(2)
    branch = _walk(system, [0, 0], 0.1, upper=5, lower=0.1)
    assert _kinds(branch) == ["fold", "branch point"]
    _at(branch.events[0], [1, 1], 9 / math.e)
    _at(branch.events[1], [3, 3], 27 * math.exp(-3))
    assert [event.negative for event in branch.events] == [(0, 1), (1, 2)]
    _sound(branch, system)


def test_the_fold_of_bratu_on_17_points_against_an_extended_system():
    branch = _walk(bratu(17), np.zeros(17), 0.5, upper=5, lower=0.5)
    event = branch.of("fold")[0]
    null = event.tangent[:17] / event.tangent[8]
    root = solve_newton(*fold_of_bratu(17), [*event.x, *null, event.parameter], digits=25)
    assert root.status is Status.CONVERGED
    _at(event, [float(v) for v in root.x[:17]], float(root.x[-1]))
    assert 3.4 < event.parameter < 3.6  # of the differential equation: 3.5138…


# --- branch points --------------------------------------------------------------------------------


@pytest.mark.parametrize(("system", "x", "p"), [(PITCHFORK, 0, -1), (TRANSCRITICAL, 0, -1)])
def test_a_branch_point_on_the_trivial_branch(system, x, p):
    for direction in (1, -1):
        branch = _walk(system, [x], direction * p, direction=direction)
        (event,) = branch.events
        assert event.kind == "branch point" and not event.turns
        assert sorted(event.negative) == [0, 1]
        _at(event, [0], 0)
        assert not branch.x.any()
        _sound(branch, system)


def test_a_transcritical_point_on_the_other_branch():
    branch = _walk(TRANSCRITICAL, [-1], -1)
    (event,) = branch.events
    assert event.kind == "branch point" and not event.turns
    _at(event, [0], 0)
    assert np.abs(branch.x[:, 0] - branch.parameter).max() < 1e-12


def test_a_pitchfork_seen_from_its_handle_turns():
    branch = _walk(PITCHFORK, [1], 1, direction=-1)
    (event,) = branch.events
    assert event.kind == "branch point" and event.turns
    assert event.negative == (1, 1)
    _at(event, [0], 0)
    assert branch.ended == "upper"
    assert np.abs(branch.x[:, 0] ** 2 - branch.parameter).max() < 1e-12


@pytest.mark.parametrize("a", [0.3, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5])
def test_a_fold_beside_a_branch_point_is_told_apart(a):
    """At a distance a/2 on the branch."""
    system = near_fold(a)
    branch = _walk(system, [0.7], a * 0.7 + 0.49, direction=-1, upper=1)
    assert _kinds(branch) == ["branch point", "fold"]
    _at(branch.events[0], [0], 0)
    _at(branch.events[1], [-a / 2], -a * a / 4, place=1e-7)


@pytest.mark.parametrize("gap", [0.5, 1e-2, 1e-3, 1e-5])
def test_two_branch_points_close_together(gap):
    branch = _walk(two_pitchforks(gap), [0, 0], -1, upper=1)
    assert _kinds(branch) == ["branch point", "branch point"]
    assert [event.negative for event in branch.events] == [(0, 1), (1, 2)]
    _at(branch.events[0], [0, 0], 0)
    _at(branch.events[1], [0, 0], gap)


def test_two_eigenvalues_at_once_are_a_change_of_inertia():
    branch = _walk(two_pitchforks(0.0), [0, 0], -1, upper=1)
    (event,) = branch.events
    assert event.kind == "inertia" and event.negative == (0, 2)
    _at(event, [0, 0], 0)


def test_three_eigenvalues_at_once_are_one_event():
    system = Equations(
        lambda x, p: (x @ x - p) * x,
        lambda x, p: (x @ x - p) * np.eye(3) + 2 * np.outer(x, x),
        lambda x, p: -x,
    )
    branch = _walk(system, [0, 0, 0], -1, upper=1)
    (event,) = branch.events
    assert event.negative == (0, 3)
    _at(event, [0, 0, 0], 0)


@pytest.mark.parametrize("gap", [1e-1, 1e-2, 1e-3])
def test_two_eigenvalues_that_are_negative_only_within_a_step(gap):
    """(p² − gap) x + x³ in two unknowns: the determinant (p² − gap)² does not change sign."""
    system = Equations(
        lambda x, p: (p * p - gap) * x + x**3,
        lambda x, p: np.diag(p * p - gap + 3 * x**2),
        lambda x, p: 2 * p * x,
    )
    branch = _walk(system, [0, 0], -1, upper=1)
    assert [(event.kind, event.negative) for event in branch.events] == [
        ("inertia", (0, 2)),
        ("inertia", (2, 0)),
    ]
    _at(branch.events[0], [0, 0], -math.sqrt(gap))
    _at(branch.events[1], [0, 0], math.sqrt(gap))


def test_determinants_too_small_for_a_float():
    """10⁻⁸ (y − p) in 60 unknowns beside a pitchfork: the determinant is 10⁻⁴⁸⁰."""
    system = Equations(
        lambda x, p: np.append(1e-8 * (x[:-1] - p), x[-1] ** 3 - p * x[-1]),
        lambda x, p: np.diag(np.append(np.full(60, 1e-8), 3 * x[-1] ** 2 - p)),
        lambda x, p: np.append(np.full(60, -1e-8), -x[-1]),
    )
    branch = _walk(system, [*np.full(60, -0.5), 0], -0.5, upper=0.5, tol=1e-17)
    (event,) = branch.events
    assert event.kind == "branch point" and event.negative == (0, 1)
    assert abs(event.parameter) < TRUE


def test_the_first_bifurcation_of_lorenz():
    branch = _walk(LORENZ, [0, 0, 0], 0, upper=3)
    (event,) = branch.events
    assert event.kind == "branch point" and event.negative == (0, 0)
    _at(event, [0, 0, 0], 1)
    x = math.sqrt(8 / 3 * 2)
    handle = _walk(LORENZ, [x, x, 2], 3, direction=-1, upper=4)
    (event,) = handle.events
    assert event.kind == "branch point" and event.turns
    _at(event, [0, 0, 0], 1)
    assert handle.x[-1, 0] == pytest.approx(-math.sqrt(8), abs=1e-9)


@pytest.mark.parametrize("gap", [1e-2, 1e-4, 1e-6])
def test_a_broken_pitchfork_has_no_branch_point(gap):
    """x p − x³ + gap = 0: one branch without events, one with a fold at p = 3 (gap/2)^{2/3}."""
    system = scalar(lambda x, p: x * p - x**3 + gap, lambda x, p: p - 3 * x * x, lambda x, p: x)
    branch = _walk(system, [gap], -1, upper=1)
    assert not branch.events and branch.ended == "upper"
    assert branch.x[-1, 0] == pytest.approx(1, abs=gap)
    other = _walk(system, [-0.95], 1, direction=-1, upper=1)
    (event,) = other.events
    assert event.kind == "fold" and abs(other.x[-1, 0]) < 2 * gap
    _at(event, [-((gap / 2) ** (1 / 3))], 3 * (gap / 2) ** (2 / 3))


@pytest.mark.parametrize("seed", [0, 1])
def test_events_among_17_unknowns(seed):
    hidden = hidden_pitchfork(17, np.random.default_rng(seed))
    branch = _walk(hidden.system, hidden.at(math.sqrt(2), -1), -1, lower=-1)
    assert branch.ended == "lower" and _kinds(branch) == ["branch point", "fold", "branch point"]
    for event, height, p in zip(branch.events, [1, 0, -1], [0, 1, 0], strict=True):
        _at(event, hidden.at(height, p), p)
    _sound(branch, hidden.system)


# --- closed branches ------------------------------------------------------------------------------


@pytest.mark.parametrize(("x", "p"), [(1, 0), (-1, 0), (0.6, 0.8), (0, 1), (0, -1)])
@pytest.mark.parametrize("direction", [1, -1])
def test_a_circle_closes(x, p, direction):
    branch = _walk(CIRCLE, [x], p, direction=direction)
    assert branch.ended == "closed" and branch.status is Status.CONVERGED
    assert branch.parameter[-1] == branch.parameter[0] and (branch.x[-1] == branch.x[0]).all()
    assert branch.arclength[-1] == pytest.approx(2 * math.pi, rel=1e-3)
    assert _kinds(branch) == ["fold", "fold"]
    for event in branch.events:
        _at(event, [0], math.copysign(1, event.parameter))
    assert sorted(round(event.parameter) for event in branch.events) == [-1, 1]


@pytest.mark.parametrize("b", [0.5, 0.9, 0.999])
def test_an_isola(b):
    """The oval around (0, 1) does not meet the one around (0, −1)."""
    branch = _walk(cassini(b), [0], math.sqrt(1 + b * b))
    assert branch.ended == "closed"
    assert _kinds(branch) == ["fold", "fold"]
    low, high = sorted(branch.events, key=lambda event: event.parameter)
    _at(low, [0], math.sqrt(1 - b * b))
    _at(high, [0], math.sqrt(1 + b * b))


def test_a_lemniscate_crosses_itself_and_closes():
    branch = _walk(cassini(1.0), [0], math.sqrt(2))
    assert branch.ended == "closed"
    assert sorted(_kinds(branch)) == ["branch point", "branch point", "fold", "fold"]
    for event in branch.of("branch point"):
        _at(event, [0], 0)
    assert sorted(round(event.parameter**2) for event in branch.of("fold")) == [2, 2]


def test_a_branch_that_crosses_its_start_goes_on():
    """The lemniscate from its crossing: only after both lobes does it come back as it left."""
    branch = _walk(cassini(1.0), [0], 0, tangent=np.array([1.0, 1.0]))
    assert branch.ended == "closed"
    assert _kinds(branch) == ["fold", "branch point", "fold", "branch point"]
    _at(branch.events[1], [0], 0)
    assert branch.parameter.min() < -1.4 and branch.parameter.max() > 1.4


def test_an_oval_around_both_foci_is_one_branch():
    branch = _walk(cassini(1.01), [0], math.sqrt(1 + 1.01**2))
    assert branch.ended == "closed" and _kinds(branch) == ["fold", "fold"]
    assert branch.parameter.min() == pytest.approx(-math.sqrt(1 + 1.01**2), abs=1e-2)


# --- watched functions ----------------------------------------------------------------------------


def test_watched_functions():
    """On x = p²: x = 2p at 2, x + p = 1/4 at p = (√2 − 1)/2; x + 1/1000 never."""
    system = scalar(
        lambda x, p: x - p * p,
        lambda x, p: 1,
        lambda x, p: -2 * p,
        watch=lambda x, p: {"line": x - 2 * p, "other": x + p - 0.25, "never": x + 1e-3, "zero": x - p * p},
    )
    branch = _walk(system, [0.25], -0.5, upper=3)
    assert [event.name for event in branch.events] == ["line", "other", "line"]
    _at(branch.events[0], [0], 0)
    _at(branch.events[1], [(math.sqrt(2) - 1) ** 2 / 4], (math.sqrt(2) - 1) / 2)
    _at(branch.events[2], [4], 2)
    assert {event.kind for event in branch.events} == {"watch"}
    _sound(branch, system)


@pytest.mark.parametrize("gap", [1e-2, 1e-3, 1e-5])
def test_two_crossings_within_a_step(gap):
    def system(gap):
        return scalar(
            lambda x, p: x - 1 + p * p,
            lambda x, p: 1,
            lambda x, p: 2 * p,
            watch=lambda x, p: {"top": x - 1 + gap},
        )

    branch = _walk(system(gap), [0], -1, upper=1)
    first, second = branch.events
    _at(first, [1 - gap], -math.sqrt(gap))
    _at(second, [1 - gap], math.sqrt(gap))
    assert not _walk(system(-gap), [0], -1, upper=1).events


def test_events_at_the_start_of_a_step_are_not_lost():
    """The watched function vanishes at a point of the branch, to the last bit."""
    system = graph(lambda x: x, lambda x: 1, watch=lambda x, p: {"here": x - first})
    first = math.nan
    free = _walk(system, [0], 0)
    first = float(free.x[3, 0])
    (event,) = _walk(system, [0], 0).events
    assert event.name == "here"
    _at(event, [first], first)


# --- invariance -----------------------------------------------------------------------------------

_number = st.floats(-1, 1)


@given(st.lists(_number, min_size=4, max_size=4), st.lists(_number, min_size=2, max_size=2), _number, _number)
def test_affine_changes_of_variables_leave_the_events(entries, shift, scale, offset):
    """x = A y + b, p = c q + d, F multiplied by another matrix: Bratu on two points."""
    a = np.eye(2) + 0.3 * np.array(entries).reshape(2, 2)
    mix = np.array([[2, 0.5], [-0.3, 1]])
    b, c, d = np.array(shift), 1.5 + scale / 2, offset
    old = bratu(2)
    system = Equations(
        lambda y, q: mix @ old.equations(a @ y + b, c * q + d),
        lambda y, q: mix @ old.jacobian(a @ y + b, c * q + d) @ a,
        lambda y, q: c * mix @ old.derivative(a @ y + b, c * q + d),
        symmetric=False,
    )
    low = (0.5 - d) / c
    branch = _walk(system, np.linalg.solve(a, -b), low, lower=low, upper=(5 - d) / c)
    found = [(event.kind, c * event.parameter + d, a @ event.x + b) for event in branch.events]
    assert [kind for kind, *_ in found] == ["fold", "branch point"]
    for (_, p, u), (true_p, true_u) in zip(found, [(9 / math.e, 1), (27 * math.exp(-3), 3)], strict=True):
        assert abs(p - true_p) < TRUE and np.abs(u - true_u).max() < 1e-8


@given(st.floats(0.05, 2), st.floats(0.005, 0.1), st.floats(0.04, 0.2))
def test_the_steps_do_not_decide_the_events(h, step, longest):
    branch = _walk(cusp(h), [-1.9], -(1.9**3) + 1.9 * h, lower=-9, step=min(step, longest), longest=longest)
    assert _kinds(branch) == ["fold", "fold"]
    assert abs(branch.events[0].parameter - 2 * (h / 3) ** 1.5) < TRUE
