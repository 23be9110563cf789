"""The enclosures of the checker of global minima: exact integrals, many digits, points inside boxes."""

from fractions import Fraction
from itertools import pairwise
from math import prod

import mpmath
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kgon.proofs.check.circle import cos_sin
from kgon.proofs.check.intervals import Interval96 as Interval
from kgon.proofs.check.minimum import bounds, tight
from kgon.proofs.check.minimum.bounds import ONE, Step
from kgon.proofs.check.minimum.covering import walk
from kgon.proofs.check.minimum.tight import PI

UNIT = Fraction(1, ONE)
LENGTH, SIGNED, ACUTE = (0, 6 * ONE), (-6 * ONE, 6 * ONE), (0, 3 * ONE // 2)  # sides of boxes


def between(low, high):
    """Multiples of 2^-BITS, evenly; st.integers prefers small numbers."""
    return st.builds(
        lambda i, j: min(low + (high - low) * i // 1000 + j, high), st.integers(0, 1000), st.integers(0, 1000)
    )


lengths, signed = between(*LENGTH), between(*SIGNED)
parts = st.fractions(0, 1, max_denominator=1000)


def integral(a, b, own):
    """∫₀¹ (own·μ − relu(aμ + b))² dμ, exactly: Simpson's rule on the pieces, on which it is a square."""
    zero = a * 0
    kink, total = -b / a if a else zero, zero
    for low, high in pairwise([zero, *([kink] if 0 < kink < 1 else []), zero + 1]):
        middle = (low + high) / 2
        on = a * middle + b > 0
        values = [(own * x - (a * x + b if on else 0)) ** 2 for x in (low, middle, high)]
        total += (high - low) * (values[0] + 4 * values[1] + values[2]) / 6
    return total


def exact(n):
    return Fraction(n, ONE)


def down(x):
    return Interval.of(x).lo


def up(x):
    return Interval.of(x).hi


@given(signed, signed)
def test_off_is_rounded_down_by_less_than_a_unit(a, b):
    assert 0 <= integral(exact(a), exact(b), 0) - exact(bounds.off(a, b)) < UNIT


@given(lengths, signed)
def test_diag_is_rounded_down_by_less_than_a_unit(n, b):
    assert 0 <= integral(exact(n), exact(b), 1) - exact(bounds.diag(n, b)) < UNIT


@pytest.mark.parametrize("a", [-2 * ONE, -ONE, -1, 0, 1, ONE, 3 * ONE])
@pytest.mark.parametrize("b", [-3 * ONE, -ONE, -1, 0, 1, ONE])
def test_the_borders_of_the_regions(a, b):
    assert 0 <= integral(exact(a), exact(b), 0) - exact(bounds.off(a, b)) < UNIT
    if a >= 0:
        assert 0 <= integral(exact(a), exact(b), 1) - exact(bounds.diag(a, b)) < UNIT


@st.composite
def box(draw, *sides, narrow=False):
    """Lower corner, upper corner, and a point of the box as fractions."""
    lower = [draw(between(*side)) for side in sides]
    most = [min(end, x + ONE // 1000) if narrow else end for x, (_, end) in zip(lower, sides, strict=True)]
    upper = [draw(between(x, end)) for x, end in zip(lower, most, strict=True)]
    point = [exact(x) + draw(parts) * exact(y - x) for x, y in zip(lower, upper, strict=True)]
    return tuple(lower), tuple(upper), point


@given(box(LENGTH, SIGNED))
def test_least_is_below_every_point_of_the_box(case):
    (n0, b0), (n1, b1), (n, b) = case
    assert exact(bounds.least(n0, n1, b0, b1)) <= integral(n, b, 1)


@given(lengths, signed)
def test_least_at_a_point_is_rounded_down(n, b):
    assert 0 <= integral(exact(n), exact(b), 1) - exact(bounds.least(n, n, b, b)) < 4 * UNIT


@given(lengths, signed)
def test_the_falling_part_of_least_is_rounded_down(n, b):
    """From N = 0, b = −6 the rising part is zero."""
    truth = integral(exact(n), exact(b), 1) - integral(exact(n - ONE), exact(b), 0)
    assert 0 <= truth - exact(bounds.least(0, n, -6 * ONE, b)) < 4 * UNIT


@given(box(LENGTH, SIGNED, narrow=True))
def test_least_is_close_on_small_boxes(case):
    (n0, b0), (n1, b1), (n, b) = case
    assert integral(n, b, 1) - exact(bounds.least(n0, n1, b0, b1)) < Fraction(1, 10)


# the circle


def holds(interval, value):
    return interval.lo <= mpmath.ldexp(value, Interval.bits) <= interval.hi


def test_pi():
    with mpmath.workdps(60):
        assert holds(PI, mpmath.pi)
    assert PI.hi - PI.lo < 1 << 8


@given(st.one_of(between(0, 2 * ONE), st.sampled_from([0, 1, ONE, 2 * ONE, PI.lo // 2])))
def test_cosine_and_sine(x):
    with mpmath.workdps(60):
        for enclosure, value in zip(bounds.circle(x), (mpmath.cos, mpmath.sin), strict=True):
            assert holds(enclosure, value(mpmath.ldexp(x, -Interval.bits)))
            assert enclosure.hi - enclosure.lo < 1 << 12


@given(box(ACUTE))
def test_cosine_and_sine_of_an_interval(case):
    (low,), (high,), (point,) = case
    with mpmath.workdps(60):
        x = mpmath.mpf(point.numerator) / point.denominator
        cos, sin = cos_sin(Interval(low, high))
        assert holds(cos, mpmath.cos(x)) and holds(sin, mpmath.sin(x))


@pytest.mark.parametrize("angle", [Interval(-1, ONE), Interval(ONE, PI.hi // 2 + 1), Interval(ONE, 3 * ONE)])
def test_angles_that_are_not_acute_are_refused(angle):
    with pytest.raises(ValueError, match="angle"):
        cos_sin(angle)


# lemma two


def mp(x):
    return mpmath.mpf(x.numerator) / x.denominator if isinstance(x, Fraction) else x


def around(x):
    return Interval(down(Fraction(x) - Fraction(1, 100)), up(Fraction(x) + Fraction(1, 100)))


def end_of_edge(m, theta):
    """Least D(A, −mA) + 2 off(A cos θ, −mA) over A: its values at A = 1, 2, 3 give the parabola."""
    t = mpmath.cos(theta)
    y = [integral(A, -m * A, 1) + 2 * integral(A * t, -m * A, 0) for A in map(mpmath.mpf, (1, 2, 3))]
    second = y[0] - 2 * y[1] + y[2]
    slope = (y[2] - y[0]) / 2
    return y[1] - slope**2 / (2 * second)


@given(box((0, ONE - ONE // 50), ACUTE), st.sampled_from("hq"))
def test_bound_two_is_below_every_point_of_the_box(case, leaf):
    low, high, point = case
    step = Step(6, Interval(0, 0), around("0.21"), around("0.24"))
    with mpmath.workdps(60):
        m, theta = map(mp, point)
        truth = end_of_edge(m, theta) + theta / 5 - mpmath.mpf(1) / 4
        assert mpmath.ldexp(bounds.bound_two(step, None, leaf, low, high), -Interval.bits) <= truth


@given(box((0, ONE - ONE // 50), ACUTE, narrow=True))
def test_bound_two_is_close_on_small_boxes(case):
    low, high, point = case
    assume(high[0] < ONE - ONE // 50)
    step = Step(6, Interval(0, 0), around("0.21"), around("0.24"))
    with mpmath.workdps(60):
        m, theta = map(mp, point)
        truth = end_of_edge(m, theta) + theta / 5 - mpmath.mpf(1) / 4
        best = max(bounds.bound_two(step, None, leaf, low, high) for leaf in "hq")
        assert truth - mpmath.ldexp(best, -Interval.bits) < 0.05


def test_a_box_is_inside_near_only_if_all_of_it_is():
    step = Step(5, Interval(0, 0), Interval.of(1), Interval.of(1))
    near = (10, 20, 30, 40)
    assert bounds.bound_two(step, near, "n", (10, 30), (20, 40)) > 0
    for low, high in (((9, 30), (20, 40)), ((10, 29), (20, 40)), ((10, 30), (21, 40)), ((10, 30), (20, 41))):
        assert bounds.bound_two(step, near, "n", low, high) < 0
    assert bounds.bound_two(step, None, "n", (10, 30), (20, 40)) < 0


@given(st.fractions("1/20", "2/5"), st.fractions("1/10", 1))
def test_the_jet_has_the_derivatives_of_the_least_value(m, theta):
    with mpmath.workdps(60):
        x, y = mp(m), mp(theta)
        assume(mpmath.cos(y) > x + mpmath.mpf(1) / 20)
        jet = tight.reduced(Interval.of(m), Interval.of(theta))
        for order, enclosure in zip(((0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2)), jet, strict=True):
            value = mpmath.diff(end_of_edge, (x, y), order) if any(order) else end_of_edge(x, y)
            error = abs(value - mpmath.ldexp(mpmath.mpf(enclosure.lo + enclosure.hi) / 2, -Interval.bits))
            assert error < 1e-15
            assert enclosure.hi - enclosure.lo < ONE >> 60


@given(
    between(0, ONE // 3),
    between(0, ONE),
    between(1, ONE // 20),
    between(1, ONE // 20),
    parts,
    parts,
)
def test_the_jet_on_a_box_contains_that_of_its_points(m, theta, dm, dt, s, t):
    assume(m + dm + ONE // 20 < bounds.circle(theta + dt)[0].lo)
    whole = tight.reduced(Interval(m, m + dm), Interval(theta, theta + dt))
    m, theta = m + int(s * dm), theta + int(t * dt)
    inner = tight.reduced(Interval(m, m), Interval(theta, theta))
    for outer, point in zip(whole, inner, strict=True):
        assert outer.lo <= point.lo and point.hi <= outer.hi


def box_of(*ends):
    return tuple((down, up)[i % 2](Fraction(x)) for i, x in enumerate(ends))


def test_the_hessian_is_refused_where_it_is_not_definite():
    """At m = 0.02, θ = 0.3 one of its eigenvalues is negative."""
    with mpmath.workdps(30):
        mm, mt, tt = (mpmath.diff(end_of_edge, (0.02, 0.3), order) for order in ((2, 0), (1, 1), (0, 2)))
        assert mm * tt - mt * mt < 0
    for box in (("0.019", "0.021", "0.299", "0.301"), ("0", "0.21", "0.3", "1.26")):
        with pytest.raises(ValueError, match="Hessian"):
            tight.convex(box_of(*box), 500)
    tight.convex(box_of("0.2", "0.21", "1.25", "1.26"), 500)


@pytest.mark.parametrize(
    ("c", "m", "theta"), [(5, 0.20606, 1.2566), (6, 0.354478, 1.0472), (7, 0.4646, 0.8976)]
)
def test_the_constants_of_the_polygon(c, m, theta):
    near = box_of(m - 0.01, m + 0.01, theta - 0.01, theta + 0.01)
    phi, kappa = tight.polygon(c, near)
    with mpmath.workdps(50):
        theta = 2 * mpmath.pi / c
        best = mpmath.findroot(lambda m: mpmath.diff(lambda x: end_of_edge(x, theta), m), m)
        assert holds(phi, end_of_edge(best, theta)) and phi.hi - phi.lo < ONE >> 75
        slope = mpmath.diff(lambda x: end_of_edge(best, x), theta)
        assert abs(mpmath.ldexp(kappa.lo, -Interval.bits) + slope) < 1e-15 and kappa.hi - kappa.lo < ONE >> 75


@pytest.mark.parametrize(
    ("near", "reason"),
    [
        (("0.21", "0.22", "1.25", "1.26"), "not inside"),
        (("0.19", "0.20", "1.25", "1.26"), "not inside"),
        (("0.2", "0.21", "1.257", "1.26"), "not inside"),
        (("0.2", "0.21", "1.25", "1.256"), "not inside"),
        (("0.2", "0.4", "1.25", "1.26"), "cos θ must be above m"),
        (("-0.2", "0.21", "1.25", "1.26"), "m ≥ 0"),
        (("0.21", "0.2", "1.25", "1.26"), "must be a box"),
        (("0.2", "0.21", "1.26", "1.25"), "must be a box"),
        (("0.2", "0.21", "-0.1", "1.26"), "must be a box"),
        (("0.2", "0.21", "1.25", "1.6"), "angle"),
    ],
)
def test_near_must_hold_the_polygon(near, reason):
    tight.polygon(5, box_of("0.2", "0.21", "1.25", "1.26"))
    with pytest.raises(ValueError, match=reason):
        tight.polygon(5, box_of(*near))


def test_a_polygon_with_more_active_neighbours_is_refused(monkeypatch):
    """In the 12-gon m* = 0.2985 is below cos 2θ* = 1/2; its Hessian is not definite either."""
    near = box_of("0.29", "0.31", "0.52", "0.53")
    with pytest.raises(ValueError, match="Hessian"):
        tight.polygon(12, near, 500)
    monkeypatch.setattr(tight, "convex", lambda *_: None)
    with pytest.raises(ValueError, match="second neighbour"):
        tight.polygon(12, near)


# lemma five

STEP = Step(6, around("0.279"), around("0.21"), around("0.25"))
BEFORE = Step(5, around("0.089"), around(1), around(1), down(Fraction(9, 500)))


def truth_of_five(B, tau, alpha, b, y):
    """star, pair and viol of the two columns themselves, for V and T greatest, κ and V' least."""
    long = B / mpmath.cos(alpha) ** 2
    A, a = tau**2 * B, tau * B
    off = integral(a, b, 0) + integral(a, y, 0)
    first, second = integral(A, b, 1), integral(long, y, 1)
    star = first + off + min(max(b, 0) ** 2, mp(Fraction(BEFORE.bonus, ONE))) - mp(Fraction(21, 100))
    viol = (first + second) / 2 + off + alpha / 5 - mp(Fraction(13, 50))
    return {"s": star, "p": first + second + off - mp(Fraction(289, 1000)), "v": viol}


SIDES = LENGTH, (0, 2 * ONE), ACUTE, (-6 * ONE, ONE), (-6 * ONE, ONE)


@given(box(*SIDES))
def test_bound_five_is_below_every_point_of_the_box(case):
    low, high, point = case
    with mpmath.workdps(60):
        for leaf, value in truth_of_five(*map(mp, point)).items():
            bound = bounds.bound_five(STEP, BEFORE, leaf, low, high)
            assert mpmath.ldexp(bound, -Interval.bits) <= value


@given(*[between(0, ONE)] * 5)
def test_bound_five_is_sharp_at_a_point(B, tau, alpha, b, y):
    """On a box without extent only rounding is lost."""
    point = (B, tau, alpha, b - ONE // 2, y - ONE // 2)
    with mpmath.workdps(60):
        for leaf, value in truth_of_five(*(mp(exact(x)) for x in point)).items():
            bound = mpmath.ldexp(bounds.bound_five(STEP, BEFORE, leaf, point, point), -Interval.bits)
            assert 0 <= value - bound < mpmath.mpf(2) ** -80


@given(box(*SIDES))
def test_the_columns_of_a_box_are_rounded_outwards(case):
    """The lengths that are handed on, with a cosine known to 1/1000 only, contain those of the box."""
    (B0, t0, alpha0, *_), (B1, t1, alpha1, *_), _ = low, high, _ = case
    seen = []
    with pytest.MonkeyPatch.context() as patch, mpmath.workdps(60):
        patch.setattr(bounds, "least", lambda N0, N1, *_: seen.append((N0, N1)) or 0)
        patch.setattr(bounds, "circle", blurred(bounds.circle))
        bounds.bound_five(STEP, BEFORE, "p", low, high)
        A, long = seen
        assert exact(A[0]) <= exact(t0) ** 2 * exact(B0) and exact(t1) ** 2 * exact(B1) <= exact(A[1])
        assert A[1] - A[0] <= 2 + (exact(t1) ** 2 * exact(B1) - exact(t0) ** 2 * exact(B0)) * ONE
        for N, B, alpha, sign in ((long[0], B0, alpha0, 1), (long[1], B1, alpha1, -1)):
            cos = mpmath.cos(mp(exact(alpha))) + sign * mpmath.mpf("0.0009")
            assert sign * mp(exact(N)) <= sign * mp(exact(B)) / cos**2


@given(box(*SIDES), between(ONE // 20, ONE))
def test_the_longer_column_is_rounded_outwards(case, cos):
    (low, high, _), seen = case, []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bounds, "least", lambda N0, N1, *_: seen.append((N0, N1)) or 0)
        patch.setattr(bounds, "circle", lambda _: (Interval(cos, cos),) * 2)
        bounds.bound_five(STEP, BEFORE, "v", low, high)
    for N, B, sign in zip(seen[1], (low[0], high[0]), (1, -1), strict=True):
        assert 0 <= sign * (exact(B) / exact(cos) ** 2 - exact(N)) < UNIT


def blurred(circle):
    """A worse enclosure of cosine and sine."""
    return lambda x: tuple(Interval(y.lo - ONE // 1000, y.hi + ONE // 1000) for y in circle(x))


@given(box((0, ONE - ONE // 50), (0, ONE)))
def test_bound_two_is_safe_with_a_poor_cosine(case):
    low, high, _ = case
    sharp = bounds.bound_two(STEP, None, "h", low, high)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bounds, "circle", blurred(bounds.circle))
        assert bounds.bound_two(STEP, None, "h", low, high) <= sharp


def test_the_geometry_behind_the_coordinates():
    """A, a and A_y of two columns in the plane, from B, τ and α."""
    with mpmath.workdps(30):
        x, y = (mpmath.mpf("0.9"), mpmath.mpf("0.4")), (mpmath.mpf("1.3"), mpmath.mpf("-0.2"))
        A, long, a = x[0] ** 2 + x[1] ** 2, y[0] ** 2 + y[1] ** 2, x[0] * y[0] + x[1] * y[1]
        alpha, b, beta = mpmath.acos(a / mpmath.sqrt(A * long)), mpmath.mpf("-0.3"), mpmath.mpf("-0.5")
        direct = integral(A, b, 1) + integral(long, beta, 1) + integral(a, b, 0) + integral(a, beta, 0)
        values = truth_of_five(long * mpmath.cos(alpha) ** 2, A / a, alpha, b, beta)
        assert abs(values["p"] + mp(Fraction(289, 1000)) - direct) < 1e-25


# trees


@st.composite
def tree(draw, axes, depth=0):
    if depth == 7 or draw(st.booleans()):
        return "h"
    return str(draw(st.integers(0, axes - 1))) + "".join(draw(tree(axes, depth + 1)) for _ in range(2))


@given(st.integers(1, 5).flatmap(lambda axes: st.tuples(tree(axes), box(*[SIGNED] * axes))), parts)
def test_the_leaves_of_a_tree_cover_its_box(case, t):
    code, (low, high, point) = case
    boxes = []

    def bound(leaf, low, high):
        boxes.append((low, high))
        return int(leaf == "h")

    assert walk(code.encode(), low, high, bound, "here") == len(boxes) == code.count("h")
    scaled = [x * ONE for x in point]
    assert any(all(x <= z <= y for x, y, z in zip(*corners, scaled, strict=True)) for corners in boxes)
    volumes = [prod(y - x for x, y in zip(*corners, strict=True)) for corners in [*boxes, (low, high)]]
    assert sum(volumes) == 2 * volumes[-1]
    for wrong in (code[:-1], code + "h", code.replace("h", "0", 1), code.replace("h", "9", 1)):
        with pytest.raises(ValueError, match="here: "):
            walk(wrong.encode(), low, high, bound, "here")
