"""Proofs about branches: they hold what floats find, and what is false is not proved."""

import flint
import mpmath
import numpy as np
import pytest
from flint import arb, arb_mat
from support import truth

from kgon.base.verdicts import UndecidedError, Verdict
from kgon.branches.balls import Balls
from kgon.branches.course import system_of
from kgon.branches.events import singular_system
from kgon.branches.follow import follow_branch
from kgon.branches.maxwell import maxwell_points, system_at
from kgon.branches.tubes import chain_tubes, corrected, curve_at, joined, lies_in, tube
from kgon.kgons.labels import Label
from kgon.numerics.balls import exact_balls, middle_of
from kgon.numerics.krawczyk import BITS, enclose_zero
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.potential.parameters import Parameter
from kgon.potential.regions import pair_jet

PARAMETER = Parameter.parse("importance[5]", 6)


def model(value):
    return np.full(6, 1 / 6), np.array([1, 1, 1, 1, 1, value])


AT = 0.8
"""An importance."""


@pytest.fixture(scope="module")
def system():
    return system_of(Label(6), PARAMETER, "vertex")


@pytest.fixture(scope="module")
def found(system):
    """The point, a direction, and what the balls say of both."""
    balls, rng = Balls(system), np.random.default_rng(1)
    y = balls.project(system.start) + 0.04 * rng.standard_normal(balls.size)
    v = rng.standard_normal(len(system.start))
    with flint.ctx.workprec(BITS):
        return balls.lift(y), v, balls.evaluate(exact_balls([*y, AT]), along=exact_balls(v))


class TestBallsOfTheSystem:
    """Balls at a random point near the 6-gon, against the same system in floating point."""

    H = 1e-5

    def test_the_loss_and_its_slope(self, system, found):
        x, _, balls = found
        assert float(balls.here.loss) == pytest.approx(system.loss(x, AT), abs=1e-15)
        assert float(balls.slope.loss) == pytest.approx(system.loss_slope(x, AT), abs=1e-15)

    def test_the_gradient_and_its_slope(self, system, found):
        x, _, balls = found
        here, slope = ([float(t) for t in part.gradient] for part in (balls.here, balls.slope))
        assert np.allclose(here, system.equations(x, AT), atol=1e-15)
        assert np.allclose(slope, system.derivative(x, AT), atol=1e-15)

    def test_the_hessian_and_how_it_turns(self, system, found):
        x, v, balls = found
        assert np.allclose(middle_of(balls.here.hessian), system.jacobian(x, AT), atol=1e-14)
        ahead, behind = (system.jacobian(x + s * v, AT) for s in (self.H, -self.H))
        assert np.allclose(middle_of(balls.here.turn), (ahead - behind) / (2 * self.H), atol=1e-7)

    def test_the_hessian_s_slope(self, system, found):
        x, _, balls = found
        ahead, behind = (system.jacobian(x, AT + s) for s in (self.H, -self.H))
        assert np.allclose(middle_of(balls.slope.hessian), (ahead - behind) / (2 * self.H), atol=1e-9)


def test_a_ball_on_a_border_holds_both_sides_and_none_at_the_kink():
    a, b = arb(0.5, 1e-3), arb(-0.5, 1e-3)  # between rising and off
    wide = pair_jet("off", a, b, order=3)
    for end in (0.501, 0.499):
        for entry, value in zip(wide, pair_jet("off", arb(end), arb(-0.5), order=3), strict=True):
            assert arb(entry).contains(arb(value))
    with pytest.raises(UndecidedError, match="no second derivative"):
        pair_jet("off", arb(0, 1e-3), arb(0, 1e-3), order=2)


def test_no_third_derivative_where_a_column_is_about_to_reach_itself():
    """‖W_j‖² + b_j = 0: ∂²diag/∂a² = −2/a on one side and 0 on the other; a derivative bounds no jump."""
    a, b = arb(0.5, 0.1), arb(-0.5, 0.1)
    assert pair_jet("diag", a, b, order=2)[3].contains(0)
    assert len(pair_jet("off", a, b, order=3)) == 10
    with pytest.raises(UndecidedError, match="jump"):
        pair_jet("diag", a, b, order=3)


def test_zeros_are_enclosed_and_double_ones_are_not():
    (root,) = enclose_zero(lambda z: ([z[0] * z[0] - 2], arb_mat([[2 * z[0]]])), [1.414])
    assert (root * root).contains(2)
    assert float(root.rad()) < 1e-30
    for shift in (0, arb("1e-30")):  # (x − 1)² = 0, and one with no zero at all
        with pytest.raises(UndecidedError):
            enclose_zero(lambda z, s=shift: ([(z[0] - 1) ** 2 + s], arb_mat([[2 * (z[0] - 1)]])), [1.001])


def test_every_float_point_lies_in_a_tube(hexagon):
    proof, balls = hexagon.proof, Balls(system_at(hexagon))
    assert proof.verdict is Verdict.PROVED
    tubes = list(zip(proof.middle, proof.tangent, proof.half, proof.radius, strict=True))
    for point in hexagon.points:
        x = balls.system.unknowns(point.W, point.b)
        z = [arb(float(t)) for t in (*balls.project(x), point.parameter)]
        assert any(lies_in(z, *numbers) for numbers in tubes)
    # A point beside the branch lies in none.
    beside = np.append(balls.project(balls.system.start), 1.0)
    beside[0] += 0.01
    assert not any(lies_in([arb(float(t)) for t in beside], *numbers) for numbers in tubes)


def test_the_proved_inertia_is_that_of_the_whole_hessian(hexagon):
    parts = [part for part in hexagon.proof.parts if part.negative is not None and part.sense]
    assert {part.negative for part in parts} == {0, 1, 2}
    for point in hexagon.points:
        values = np.linalg.eigvalsh(
            Potential(TMS(6, importance=model(point.parameter)[1])).hessian(point.W, point.b)
        )
        negative = int((values < -1e-9).sum())
        assert negative == point.negative
        assert any(
            part.lower <= point.parameter <= part.upper and part.negative in (negative, None)
            for part in hexagon.proof.parts
        )


def test_the_fold_is_where_the_hessian_is_singular_and_the_parameter_least(hexagon):
    (fold,) = [event for event in hexagon.events if event.kind == "fold"]
    assert fold.status == "proved" and 0 < fold.upper - fold.lower < 1e-14
    near = sorted(hexagon.points, key=lambda point: abs(point.arclength - fold.arclength))[:4]
    assert all(point.parameter > fold.lower for point in near)
    assert {point.negative for point in near} == {0, 1}
    # Newton's method on (∇L, det) in mpmath's place: a parabola through nearby points of the branch.
    s = np.array([point.arclength for point in near]) - fold.arclength
    p = np.array([point.parameter for point in near])
    fit = np.polyfit(s, p, 3)
    assert np.polyval(fit, 0.0) == pytest.approx(fold.parameter, abs=2e-5)


def test_the_branch_point_breaks_the_mirror_symmetry(hexagon):
    (event,) = [x for x in hexagon.events if x.kind == "branch point"]
    assert event.status == "proved" and "mirror symmetry breaks" in event.name
    ends = sorted(hexagon.points, key=lambda x: abs(x.arclength - event.arclength))[:2]
    assert {point.negative for point in ends} == {1, 2}


def test_regions_change_where_the_events_say(hexagon):
    told = [event for event in hexagon.events if event.kind == "region"]
    assert all(event.status == "proved" for event in told)
    for event in told:
        before = [x for x in hexagon.points if x.arclength < event.arclength][-1]
        after = next(x for x in hexagon.points if x.arclength > event.arclength)
        regions = []
        for point in (before, after):
            gram = point.W.T @ point.W
            regions.append([[truth.region(gram[i, j], point.b[j]) for j in range(6)] for i in range(6)])
        changed = {(i, j) for i in range(6) for j in range(6) if regions[0][i][j] != regions[1][i][j]}
        assert changed == {(i, j) for i in range(6) for j in range(6) if f"{i}→{j}" in event.name}


def corrected_loss(branch, value):
    """L of the branch's lowest point at a value of the parameter, by integration in mpmath.

    At a critical point an error of 1e-15 in w changes L by 1e-30 only.
    """
    system = system_at(branch)
    nearest = min(branch.points, key=lambda y: abs(y.parameter - value) + y.negative)
    x = system.unknowns(nearest.W, nearest.b)
    for _ in range(12):
        x = x - np.linalg.solve(system.jacobian(x, value), system.equations(x, value))
    tms = TMS(6, importance=model(value)[1])
    return truth.LossInMpmath(tms).moved(tms.pack(*system.point(x)))


def test_the_maxwell_point_in_fifty_digits(hexagon, pentagon):
    (event,) = [x for x in maxwell_points(hexagon, pentagon) if not any(x.what.indices)]
    assert event.status == "proved"
    assert event.lower <= event.upper <= event.lower + 1e-9
    with mpmath.workdps(50):
        assert corrected_loss(hexagon, event.lower) > corrected_loss(pentagon, event.lower)
        assert corrected_loss(hexagon, event.upper) < corrected_loss(pentagon, event.upper)


def test_maxwell_points_with_exact_branches_are_proved(hexagon):
    """The loss of a 4-gon, q + r p, is rounded at the precision of the proof, not at the caller's."""
    for name, at in (("4++", 1.561096205), ("4+", 1.700649536), ("4", 1.840279978)):
        square = follow_branch(name, role="vertex", lower=0.25, upper=3.0, certify=True)
        (event,) = maxwell_points(hexagon, square)
        assert (event.status, event.doubt) == ("proved", "")
        assert event.lower <= event.upper <= event.lower + 1e-14
        assert event.parameter == pytest.approx(at, abs=1e-9)


@pytest.fixture(scope="module")
def balls():
    return Balls(system_of(Label(6), PARAMETER, "vertex"))


@pytest.fixture(scope="module")
def start(balls):
    z = np.append(balls.project(balls.system.start), 1.0)
    along = np.zeros(len(z))
    along[-1] = -1.0
    return corrected(balls, z, along)


class TestNearMisses:
    """Tubes about the 6-gon of the catalogue, at importance 1, towards smaller ones."""

    def test_a_short_tube_is_proved_and_one_much_too_long_is_not(self, balls, start):
        assert tube(balls, *start, 0.01).negative == 0
        with pytest.raises(UndecidedError):
            tube(balls, *start, 0.8)

    def test_no_tube_about_a_point_that_is_not_critical(self, balls, start):
        wrong, tangent = start[0].copy(), start[1]
        wrong[0] += 1e-3
        with pytest.raises(UndecidedError):
            tube(balls, wrong, tangent, 1e-5)

    def test_about_a_point_nearer_by_the_tube_holds_the_true_curve(self, balls, start):
        wrong, tangent = start[0].copy(), start[1]
        wrong[0] += 1e-5
        near = tube(balls, wrong, tangent, 1e-5)
        assert near.radius > 1e-5  # the radius that is tried grows with the residual
        curve = curve_at(balls, near, 0.0)
        assert max(float(x.rad()) for x in curve) < 1e-9
        assert abs(float(curve[0].mid()) - wrong[0]) > 5e-6

    def test_there_is_no_fold_at_the_catalogues_point(self, balls):
        system = balls.system
        v = np.linalg.eigh(system.jacobian(system.start, 1.0))[1][:, 0]
        unknowns = [*balls.project(system.start), 1.0, *balls.null_vector(v, odd=False)]
        with pytest.raises(UndecidedError):
            enclose_zero(singular_system(balls, odd=False), unknowns)

    def test_tubes_that_do_not_follow_one_another_are_not_joined(self, balls, start):
        first = curve_at(balls, tube(balls, *start, 0.01), 0.0)
        moved = chain_tubes(balls, *start, lower=0.9, upper=1.1, most=5000)
        assert moved.reached and joined(first, moved.tubes[0])
        assert not joined(first, moved.tubes[-1])


def test_a_chain_stops_at_a_branch_point_of_the_whole_system(monkeypatch):
    """Without the symmetric subspace the pitchfork is singular: the chain says so and stays on its side."""
    system = system_of(Label(6), PARAMETER, "vertex")
    monkeypatch.setattr(type(system), "reflection", lambda self: np.eye(len(self.order)))
    branch = follow_branch("6", lower=0.25, upper=3.0)
    (event,) = [x for x in branch.events if x.kind == "branch point"]
    start = [x for x in branch.points if x.negative == 2 and x.parameter > event.parameter][-1]
    balls = Balls(system)
    z = np.append(system.unknowns(start.W, start.b), start.parameter)
    along = np.zeros(len(z))
    along[-1] = -1.0
    found = chain_tubes(balls, *corrected(balls, z, along), lower=0.25, upper=3.0, longest=0.02, most=5000)
    assert not found.reached and found.reason
    assert found.tubes[-1].lower > event.parameter - 1e-6
