"""What is proved near an approximate point: k-gons, saddles that are not k-gons, and refusals."""

import dataclasses
import itertools
import math
from fractions import Fraction

import flint
import numpy as np
import pytest
from flint import arb, fmpq
from scipy.optimize import least_squares

from kgon.base.verdicts import UndecidedError, Verdict
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.symmetry import rotate
from kgon.landscape.search import search_critical_points
from kgon.numerics.zeros import Method, critical_point
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.proofs.certificates import certify
from kgon.proofs.gauge import RADII, gauge_of, turned
from kgon.proofs.nearby import certify_near


def columns_of(W, b):
    return [[arb(float(x)) for x in (*W[:, j], b[j])] for j in range(len(b))]


TMS6 = TMS(6)
L = Potential(TMS6)


@pytest.mark.parametrize(("label", "c"), [("5", 6), ("5+", 6), ("6", 6), ("7", 7), ("8", 8), ("10", 10)])
def test_kgons_are_found_again_from_a_perturbation(label, c):
    point = Catalogue(c)[label]
    rng = np.random.default_rng(c)
    order = rng.permutation(c)
    W = rotate(point.W, 1.0)[:, order] + rng.normal(0, 1e-5, (2, c))
    b = point.biases[order] + rng.normal(0, 1e-5, c)
    found = certify_near(W, b)
    assert found.verdict is Verdict.PROVED
    assert found.loss_lower <= point.loss <= found.loss_upper
    assert found.loss_upper - found.loss_lower < 1e-14
    assert (found.negative, found.flat) == (point.eigenvalues_negative, point.eigenvalues_zero)
    # never nearer than the exact point can be: its distance bounds the perturbation from below
    assert 1e-6 < found.distance < 1e-3


def critical_points(count):
    """Zeros of the gradient by least squares from points between the pentagon and the hexagon."""
    rng = np.random.default_rng(4)
    ends = [TMS6.pack(Catalogue(6)[x].W, Catalogue(6)[x].biases) for x in ("5+", "6")]

    def gradient(w):
        grad_W, grad_b = L.gradient(*TMS6.unpack(w))
        return np.concatenate([grad_W.ravel(), grad_b])

    for _ in range(count):
        t = rng.uniform(0.1, 0.9)
        start = (1 - t) * ends[0] + t * ends[1] + rng.normal(0, 0.1, 18)
        found = least_squares(
            gradient, start, jac=lambda w: L.hessian(*TMS6.unpack(w)), xtol=1e-15, ftol=1e-15, gtol=1e-15
        )
        if np.linalg.norm(found.fun) < 1e-11:
            yield TMS6.unpack(found.x)


def test_a_saddle_that_is_no_kgon_is_certified():
    known = {round(point.loss, 8) for point in Catalogue(6)}
    proved = []
    for W, b in critical_points(40):
        found = certify_near(W, b)
        if found.verdict is Verdict.PROVED and round(L.loss(W, b), 8) not in known:
            # independent: floating-point inertia at the point itself
            values = np.linalg.eigvalsh(L.hessian(W, b))
            assert found.negative == int(np.sum(values < -1e-9))
            assert found.flat == int(np.sum(np.abs(values) < 1e-9))
            assert found.loss_lower - 1e-12 <= L.loss(W, b) <= found.loss_upper + 1e-12
            proved.append(found)
    # the saddle within 1e-3 above the loss of the 5-gon, and one of index 2
    pentagon = Catalogue(6)["5"].loss
    assert any(p.negative == 1 and pentagon < p.loss_lower < pentagon + 1e-3 for p in proved)
    assert any(p.negative == 2 for p in proved)


@pytest.mark.parametrize("label", ["4", "4+", "4++", "4--", "4+--"])
def test_kinks_are_undecided_not_wrong(label):
    """That the point is critical is proved; with a positive column, not what it is."""
    point = Catalogue(6)[label]
    found = certify_near(point.W, point.biases)
    assert found.verdict is Verdict.PROVED and found.distance < 1e-15
    assert "kink" in found.reason and found.radius is None
    assert found.negative == (None if "+" in label else 0)
    assert found.flat == (3 if label == "4" else None)


def test_far_from_every_critical_point_nothing_near_is_claimed():
    rng = np.random.default_rng(0)
    for _ in range(5):
        W, b = rng.normal(0, 2, (2, 6)), rng.normal(0, 2, 6)
        found = certify_near(W, b)
        if found.verdict is Verdict.PROVED:  # it may have walked to a critical point, and says how far
            assert found.distance > 1e-3
    plain = certify_near(np.zeros((2, 6)), -np.ones(6))  # L is constant: the point itself is critical
    assert (plain.verdict, plain.distance, plain.negative, plain.flat) == (Verdict.PROVED, 0.0, 0, 18)


def test_a_bias_that_nothing_hears_does_not_stand_in_the_way(saddles):
    """The saddle 0.104398 on the way from 4⁺ to 5: its dead column balances the positive one."""
    found = next(x for x in saddles if abs(x.loss - 0.104398) < 1e-6)
    dead = int(np.argmin(found.b))
    results = []
    for bias in (-0.3, -0.5, -5.0):
        b = found.b.copy()
        b[dead] = bias
        results.append(certify_near(found.W, b))
    assert {(x.verdict, x.negative, x.flat) for x in results} == {(Verdict.PROVED, 1, 2)}
    # heard again, it is another point: no proof that it is critical
    b = found.b.copy()
    b[dead] = 0.0
    heard = certify_near(found.W, b)
    assert heard.verdict is Verdict.UNDECIDED or heard.distance > 1e-3


@pytest.mark.parametrize(("r", "c"), [(1, 1), (1, 4), (2, 4), (3, 4), (4, 5)])
def test_any_number_of_hidden_dimensions(r, c):
    """All W zero and b = 1/(2c), and rank-one points: the proof's index against the Hessian's signs."""
    tms = TMS(c, r)
    found = certify_near(np.zeros((r, c)), np.full(c, 1 / (2 * c)))
    values = np.linalg.eigvalsh(Potential(tms).hessian(np.zeros((r, c)), np.full(c, 1 / (2 * c))))
    assert (found.verdict, found.negative, found.flat) == (Verdict.PROVED, int(np.sum(values < 0)), 0)
    rng = np.random.default_rng(r)
    proved = 0
    for point in search_critical_points(c, r=r, starts=300).points:
        if point.isolated and not point.kink:
            Q, _ = np.linalg.qr(rng.normal(size=(r, r)))
            order = rng.permutation(c)
            found = certify_near((Q @ point.W)[:, order], point.b[order])
            if found.verdict is Verdict.PROVED:
                proved += 1
                assert (found.negative, found.flat) == (point.index, point.nullity)
                assert found.loss_lower - 1e-13 <= point.loss <= found.loss_upper + 1e-13
    assert proved >= 1


def test_the_pentagon_in_space_is_a_saddle_or_minimum_by_its_hessian():
    """r = 3: two rotations tilt the plane of a pentagon, one turns it; the rest is decided by the box."""
    point = Catalogue(5)["5"]
    W = np.vstack([point.W, np.zeros(5)])
    values = np.linalg.eigvalsh(Potential(TMS(5, 3)).hessian(W, point.biases))
    found = certify_near(W, point.biases)
    assert found.verdict is Verdict.PROVED
    assert found.negative == int(np.sum(values < -1e-9))
    assert found.flat == int(np.sum(np.abs(values) < 1e-9)) == 3


def test_what_was_idle_at_the_start_must_be_idle_on_the_box():
    """Newton's method may walk to where a column that was left out takes part: no proof then."""
    point = Catalogue(6)["5"]
    gauge, _ = gauge_of(point.W, columns_of(point.W, point.biases))
    assert {j for j, _ in gauge.idle} == {5}

    def enclose(move, bias, pivots=gauge.pivots):
        held = [*gauge.held[:5], [arb(move), arb(0), arb(bias)]]
        moved = dataclasses.replace(gauge, held=held, pivots=pivots)
        return moved.enclose(held)

    enclose(0.1, -0.5)
    for move, bias in ((0.1, -0.05), (0.5, -5.0)):  # heard as an output; as an input
        with pytest.raises(UndecidedError, match="does not stay off"):
            enclose(move, bias)
    with pytest.raises(UndecidedError, match="pivot"):
        enclose(0.0, -0.5, pivots=[gauge.pivots[0], (5, 1)])


def root(x):
    """The square root of a fraction, rounded down to 60 decimals."""
    return Fraction(math.isqrt(math.floor(x * 10**120)), 10**60)


def distance_to_the_hexagon(W, b):
    """The least distance over all rotations, in exact fractions.

    With S = Σ ē_j W_j in complex numbers it is that of ``Σ|W_j|² + 6l² − 2l|S| + Σ (b_j − b)²``; l² and b are
    those that the stand-alone checker proves.
    """
    claims = certify("6", 6)["claims"]
    square, bias = (sum(map(Fraction, claims[key])) / 2 for key in ("length_squared", "bias"))
    half, h = Fraction(1, 2), root(Fraction(3)) / 2
    unit = [(1, 0), (half, h), (-half, h), (-1, 0), (-half, -h), (half, -h)]
    points = [(Fraction(float(x)), Fraction(float(y))) for x, y in W.T]
    real = sum(c * x + s * y for (c, s), (x, y) in zip(unit, points, strict=True))
    imaginary = sum(c * y - s * x for (c, s), (x, y) in zip(unit, points, strict=True))
    total = sum(x * x + y * y for x, y in points) + 6 * square
    total += sum((Fraction(float(x)) - bias) ** 2 for x in b)
    return root(total - 2 * root(square * (real**2 + imaginary**2)))


@pytest.mark.parametrize("angle", [0.36799381575837975, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
def test_the_distance_is_an_upper_bound_though_the_point_is_rounded(angle):
    point = Catalogue(6)["6"]
    W = rotate(point.W, angle)
    found, true = certify_near(W, point.biases), distance_to_the_hexagon(W, point.biases)
    assert true <= Fraction(found.distance) < 2 * true


def test_points_are_turned_by_an_exact_rotation():
    """Zeros below the pivots, the same inner products in exact fractions, biases as they were."""
    rng = np.random.default_rng(8)
    for r in (1, 2, 3, 4):
        W, b = rng.normal(size=(r, 5)), rng.normal(size=5)
        with flint.ctx.workprec(256):
            found = turned(columns_of(W, b), [(3, 0), (1, 1), (4, 2)][:r])
            exact = [[Fraction(float(x)) for x in row] for row in W]
            for i in range(5):
                for j in range(5):
                    ball = sum((x * y for x, y in zip(found[i][:-1], found[j][:-1], strict=True)), arb(0))
                    true = sum(row[i] * row[j] for row in exact)
                    assert ball.contains(fmpq(true.numerator, true.denominator))
                    assert float(ball.rad()) < 1e-60
        assert [column[-1] for column in found] == [arb(float(x)) for x in b]
        assert all(found[j][i] == 0 for j, k in [(3, 0), (1, 1), (4, 2)][:r] for i in range(k + 1, r))


def test_alone_within_a_radius_says_something_of_idle_columns_too():
    """The dead column of the 5-gon with bias −1e-4: as far as "alone" reaches it stays off, reaching none."""
    point = Catalogue(6)["5"]
    b = point.biases.copy()
    b[5] = -1e-4
    found = certify_near(point.W, b)
    assert found.verdict is Verdict.PROVED
    radius, bias = Fraction(found.radius), Fraction(float(b[5]))
    for x, y in point.W.T:
        reach = (abs(Fraction(float(x))) + radius + abs(Fraction(float(y))) + radius) * radius
        assert reach + bias + radius < 0


def test_alone_within_a_radius_holds_before_the_point_is_turned():
    """A turn that brings W_0 back to the axis moves the other columns too, at the hexagon out of a box of ρ.

    In fractions: at the corners of the ball of radius ρ, turned, every coordinate stays in the box of
    Krawczyk's theorem; at those of that box itself some do not.
    """
    point = Catalogue(6)["6"]
    radius = Fraction(certify_near(point.W, point.biases).radius)
    box = min(Fraction(x) for x in RADII if x > radius)
    (length_0, u), (_, v) = ([Fraction(float(x)) for x in row[:2]] for row in point.W)

    def farthest(size):
        moves = []
        for p, q, s, t in itertools.product((-size, size), repeat=4):
            length = root((length_0 + p) ** 2 + q**2)
            x, y = (length_0 + p) / length, q / length
            moves += [length - length_0, x * (u + s) + y * (v + t) - u, x * (v + t) - y * (u + s) - v]
        return max(map(abs, moves))

    assert radius > 0
    assert farthest(radius) < box < farthest(box)


def test_a_column_too_short_for_its_square_is_idle_if_it_is_off_in_fractions():
    """‖W_5‖² = 1e-340 < 1e-320; the vertices reach it at 1e-170 unless they are as short."""
    point = Catalogue(6)["5"]
    W, b = point.W.copy(), point.biases.copy()
    for size, bias, idle in ((1e-170, -1e-320, False), (1e-170, -1e-160, True), (2.7e-162, -1e-310, False)):
        W[:, 5], b[5] = (size, 0.0), bias
        gauge, _ = gauge_of(W, columns_of(W, b))
        a, n = Fraction(float(W[0, 0])) * Fraction(size), Fraction(size) ** 2
        assert idle == (a + Fraction(bias) < 0 and n + Fraction(bias) < 0)
        assert ((5, 0) in gauge.idle) == idle


def test_a_point_of_other_importances_and_probabilities_is_proved_in_its_own_model():
    """The end of the branch of 6 at unequal weights, found by Newton's method in float64."""
    tms = TMS(6, importance=[1, 1, 1, 1.1, 1, 0.9], probability=[0.15, 0.15, 0.2, 0.2, 0.15, 0.15])
    loss, point = Potential(tms), Catalogue(6)["6"]

    def gradient(w):
        return loss.flat(w[None])[1][0]

    w, norm = critical_point(
        gradient,
        lambda w: loss.hessian(*tms.unpack(w)),
        tms.pack(point.W, point.biases),
        Method(damping=1e-3),
    )
    assert norm < 1e-11
    found = certify_near(*tms.unpack(w), tms=tms)
    assert found.verdict is Verdict.PROVED and found.distance < 1e-10 and found.negative == 0
    low, high = found.loss_lower, found.loss_upper
    assert low - 1e-12 < float(loss.loss(*tms.unpack(w))) < high + 1e-12
    other = certify_near(*tms.unpack(w))  # in the uniform model it is none
    assert other.verdict is not Verdict.PROVED or other.distance > 1e-3
