"""Checker of branches: its intervals, pairs, series and systems against exact numbers."""

import dataclasses
import random
from fractions import Fraction
from itertools import chain

import numpy as np
import pytest

from kgon.kgons.systems import CriticalPoints
from kgon.potential import any_number
from kgon.potential.parameters import Parameter
from kgon.potential.regions import regions as pair_regions
from kgon.proofs.check.branch.start import Family, system_of
from kgon.proofs.check.branch.system import System
from kgon.proofs.check.branch.tubes import Tube, on_piece
from kgon.proofs.check.curvature import block
from kgon.proofs.check.intervals import Interval96 as Interval
from kgon.proofs.check.matrices import Contraction, negative
from kgon.proofs.check.pairs import curvatures, regions, slopes, value
from kgon.proofs.check.series import Series

ONE = Interval.one
AROUND, SMALL = [(0.5).hex(), (2.0).hex()], [(0.1).hex(), (0.5).hex()]
WHERE = {
    "5": ("5", "vertex", 0.9, 1.05), "5 (dead)": ("5", "dead", 0.9, 1.1),
    "5+": ("5+", "positive", 0.9, 1.1), "5+ (vertex)": ("5+", "vertex", 1.0, 1.1),
    "6": ("6", "vertex", 0.8, 1.0),
}  # fmt: skip


def fraction(rng, low, high):
    return Fraction(rng.randint(int(low * 1000), int(high * 1000)), 1000)


def contains(interval, x):
    return interval.lo <= x * ONE <= interval.hi


def test_intervals_contain_all_results():
    rng = random.Random(1)
    for _ in range(400):
        (a, b), (c, d) = (sorted(fraction(rng, -3, 3) for _ in "xy") for _ in "xy")
        x, y = Interval.of(a).hull(Interval.of(b)), Interval.of(c).hull(Interval.of(d))
        for u in (a, b, (a + 2 * b) / 3):
            for v in (c, d, (2 * c + d) / 3):
                for own, true in ((x + y, u + v), (x - y, u - v), (x * y, u * v), (x.square(), u * u)):
                    assert contains(own, true)
                if y.lo > 0 or y.hi < 0:
                    assert contains(x / y, u / v)
                assert contains(x * -3 + 2, 2 - 3 * u)
                assert contains(x / 7, u / 7)
        ends = sorted(u * v for u in (a, b) for v in (c, d))
        assert (x * y).lo >= ends[0] * ONE - 10  # and is no wider than rounding makes it
        assert (x * y).hi <= ends[-1] * ONE + 10
    with pytest.raises(ValueError, match="contains zero"):
        _ = x / Interval(-1, 1)


REGION_BOXES = {
    "on": ((0.1, 1), (0.1, 1)), "rising": ((0.6, 1), (-0.5, -0.1)),
    "falling": ((-1, -0.6), (0.1, 0.5)), "off": ((-1, -0.1), (-1, -0.1)),
}  # fmt: skip


@pytest.mark.parametrize("name", REGION_BOXES)
@pytest.mark.parametrize("same", [False, True])
def test_pair_functions_against_exact_rationals(name, same):
    if same and name == "falling":
        return
    rng = random.Random(2)
    for _ in range(30):
        a, b = (fraction(rng, *sides) for sides in REGION_BOXES[name])
        a = abs(a) if same else a
        b = -2 if (same and name == "off") else b
        own_a, own_b = Interval.of(a), Interval.of(b)
        assert regions(own_a, own_b, same, True) == [name]
        own = [value(own_a, own_b, name, same), *slopes(own_a, own_b, name, same)]
        own += curvatures(own_a, own_b, name, same)
        true = (any_number.diag if same else any_number.off)(a, Fraction(b), order=2)
        for x, y in zip(own, true, strict=True):
            assert contains(x, Fraction(y)), (name, same, a, b)
            assert x.hi - x.lo < 1 << 20


def test_a_box_on_a_border_gets_all_regions_and_none_where_there_is_no_bound():
    def box(low, high):
        return Interval(int(low * ONE), int(high * ONE))

    assert regions(box(0.5, 0.6), box(-0.1, 0.1), False, True) == ["on", "rising"]
    assert regions(box(0.4, 0.6), box(-0.5, -0.4), True, False) == ["rising", "off"]
    assert regions(box(-0.6, -0.4), box(0.4, 0.5), False, True) == ["on", "falling"]
    with pytest.raises(ValueError, match="W_i"):
        regions(box(-0.1, 0.1), box(-0.1, 0.1), False, False)
    with pytest.raises(ValueError, match="column may lie"):
        regions(box(0.4, 0.6), box(-0.5, -0.4), True, True)


@pytest.mark.parametrize("name", ["rising", "falling", "on"])
def test_series_enclose_a_function_along_a_chord(name):
    """f_a, f_b at s are in f + f's + rs^2, with f, f' at the middle and r on the whole chord."""
    rng = random.Random(3)
    for _ in range(20):
        a, b = (fraction(rng, *sides) for sides in REGION_BOXES[name])
        da, db = fraction(rng, -1, 1), fraction(rng, -1, 1)
        reach = Fraction(1, 20)
        span = Interval.of(reach).hull(Interval.of(-reach))
        direction = [Interval.of(x) for x in (da, db)]
        point = [Series(Interval.of(x), t) for x, t in zip((a, b), direction, strict=True)]
        whole = [Series(Interval.of(x) + t * span, t) for x, t in zip((a, b), direction, strict=True)]
        at, along = slopes(*point, name, False), slopes(*whole, name, False)
        for s in (-reach, -reach / 3, reach / 2, reach):
            true = any_number.off(a + s * da, b + s * db, order=1)[1:]
            if pair_regions("off", a + s * da, b + s * db) != [name]:
                continue
            t = Interval.of(s)
            for f, g, y in zip(at, along, true, strict=True):
                assert contains(f.f + (f.g + g.r * t) * t, Fraction(y))
                assert contains(g.f, Fraction(y))


def free_system(weights, places):
    """Six columns without a symmetry."""
    table = {(i, j): tuple(map(Interval.of, weights.line(i, j))) for i in range(6) for j in range(6)}
    none = Interval(0, 0), Interval(0, 0)
    return System(6, list(range(6)), 0, table, none, [[(k, 1)] for k in places], [])


@pytest.mark.parametrize(
    "parameter", ["importance[5]", "importance[1,4]", "probability[5]", "probability[1,4]"]
)
def test_gradient_hessian_and_loss_against_kgons(parameter):
    """At random points that are not symmetric: every column of six is free but for the one on the axis."""
    weights = Family.of(parameter, 6, SMALL if parameter == "probability[5]" else AROUND)
    places = [k for k in range(18) if k != 1]
    system = free_system(weights, places)
    rng = random.Random(4)
    varied = Parameter.parse(parameter, 6)
    seen = set()
    for _ in range(4):
        w = [[fraction(rng, -1.2, 1.2), fraction(rng, -1.2, 1.2), fraction(rng, -0.5, 0.3)] for _ in range(6)]
        w[0][:2] = [Fraction(11, 10), Fraction(0)]
        at = fraction(rng, 0.3, 0.9)
        z = [Interval.of([x for column in w for x in column][k]) for k in places] + [Interval.of(at)]
        W, b = [[column[h] for column in w] for h in (0, 1)], [column[2] for column in w]
        chance, weight = varied.weights(at)
        grad_W, grad_b = any_number.gradient(W, b, probability=chance, importance=weight)
        true = [x for j in range(6) for x in (grad_W[0][j], grad_W[1][j], grad_b[j])]
        for own, k in zip(system.gradient(z, True), places, strict=True):
            assert contains(own, 3 * true[k])
            assert own.hi - own.lo < 1 << 20
        loss, slope = system.loss(z)
        values = [
            3 * any_number.loss(W, b, probability=x, importance=y)
            for x, y in (varied.weights(at), varied.weights(at + 1))
        ]
        assert contains(loss, values[0])
        assert contains(slope, values[1] - values[0])
        H, along = system.derivatives(z, False)
        points = CriticalPoints(np.array(W, dtype=float), np.array(b, dtype=float), parameter=varied, gauge=0)
        x = points.start
        order = [places.index(3 * j + h) for j, h in points.order]
        own = block(H, system.even)
        found = np.array([[(y.lo + y.hi) / 2 / ONE / 3 for y in row] for row in own])[np.ix_(order, order)]
        assert found == pytest.approx(points.jacobian(x, float(at)), abs=1e-12)
        rates = np.array([(y.lo + y.hi) / 2 / ONE / 3 for y in along])[order]
        assert rates == pytest.approx(points.derivative(x, float(at)), abs=1e-12)
        seen |= {name for *_, names in system.pairs(system.columns(z), True) for name in names}
    assert seen == {"on", "rising", "falling"}  # off is left out


MIRROR = [4, 3, 2, 1, 0, 5]


def symmetric_point(rng, system):
    """A point of the symmetric ones, and the same in all places."""
    y = [fraction(rng, 0.3, 0.9) if k == 0 else fraction(rng, -0.8, 0.8) for k, _ in enumerate(system.even)]
    w = [Fraction(0)] * 18
    for basis, x in zip(system.even, y, strict=True):
        for place, sign in basis:
            w[place] = x * sign
    return y, w


def middle_of(x):
    return (x.lo + x.hi) / 2 / ONE


def test_one_of_two_mirror_images_is_enough():
    """Gradient, both blocks of the Hessian, the slope and the loss are those of all pairs."""
    weights, rng = Family.of("importance[5]", 6, AROUND), random.Random(7)
    mirrored = system_of([2, 3, 4, 5, 0, 1], [], MIRROR, weights, "here")
    assert len(mirrored.weights) == 20 and len(mirrored.even) == 10 and len(mirrored.odd) == 7
    places = [k for k in range(18) if k != 7]  # column 2 is on the axis
    whole = dataclasses.replace(free_system(weights, places), gauge=2)
    compared = 0
    for _ in range(40):
        y, w = symmetric_point(rng, mirrored)
        p = fraction(rng, 0.3, 0.9)
        if w[6] <= 0:
            continue
        z, all_z = ([Interval.of(x) for x in (*v, p)] for v in (y, [w[k] for k in places]))
        full = [0.0] * 18
        for k, x in zip(places, whole.gradient(all_z, False), strict=True):
            full[k] = middle_of(x)
        own = [middle_of(x) for x in mirrored.gradient(z, False)]
        assert own == pytest.approx(
            [sum(full[k] * s for k, s in basis) for basis in mirrored.even], abs=1e-12
        )
        H, slope = mirrored.derivatives(z, False)
        all_H, all_slope = whole.derivatives(all_z, False)
        for basis in (mirrored.even, mirrored.odd):
            one, two = ([[middle_of(x) for x in row] for row in block(X, basis)] for X in (H, all_H))
            assert np.array(one) == pytest.approx(np.array(two), abs=1e-12)
        by_place = dict(zip(places, map(middle_of, all_slope), strict=True))
        expected = [sum(by_place[k] * s for k, s in basis) for basis in mirrored.even]
        assert [middle_of(x) for x in slope] == pytest.approx(expected, abs=1e-12)
        for one, two in zip(mirrored.loss(z), whole.loss(all_z), strict=True):
            assert middle_of(one) == pytest.approx(middle_of(two), abs=1e-12)
        compared += 1
    assert compared > 10


def test_the_hessian_on_a_piece_holds_that_of_its_points():
    """Along a chord, and up to the radius beside it: through borders of the regions too."""
    weights, rng, places = (
        Family.of("probability[5]", 6, SMALL),
        random.Random(8),
        [k for k in range(18) if k != 1],
    )
    system, reach, radius = free_system(weights, places), Fraction(1, 50), Fraction(1, 10**4)
    span, compared, several = Interval.of(reach).hull(Interval.of(-reach)), 0, 0
    for _ in range(30):
        w = [fraction(rng, -0.9, 0.9) for _ in places]
        w[0] = Fraction(9, 10)
        middle = [Interval.of(x) for x in (*w, fraction(rng, 0.2, 0.3))]
        tangent = [Interval.of(fraction(rng, -1, 1)) for _ in middle]
        chord = [x + t * span for x, t in zip(middle, tangent, strict=True)]
        tube = Tube(middle, tangent, span.hi, Interval.of(radius).hi, Interval.of(radius).lo, 0, None)
        try:
            H, slope = on_piece(system, tube, middle, chord, span)
            several += any(len(names) > 1 for *_, names in system.pairs(system.columns(chord), True))
        except ValueError:
            continue
        for s in (-reach, -reach / 3, reach / 2, reach):
            beside = [Interval.of(fraction(rng, -1, 1) * radius) for _ in middle]
            z = [x + t * Interval.of(s) + e for x, t, e in zip(middle, tangent, beside, strict=True)]
            point, rate = system.derivatives(z, False)
            pairs = zip(chain(*H, slope), chain(*point, rate), strict=True)
            assert all(x.lo <= y.hi and y.lo <= x.hi for x, y in pairs)
            compared += 1
    assert compared >= 20 and several >= 3


def test_inertia_and_defect_of_known_matrices():
    rng = np.random.default_rng(5)
    for n in (1, 4, 9):
        Q, _ = np.linalg.qr(rng.standard_normal((n, n)))
        signs = np.where(rng.random(n) < 0.4, -1.0, 1.0)
        A = (Q * (signs * rng.uniform(0.01, 3, n))) @ Q.T
        A = (A + A.T) / 2
        H = [[Interval.of(Fraction(float(x))) for x in row] for row in A]
        assert negative(H) == int((signs < 0).sum())
        least = np.abs(np.linalg.eigvalsh(A)).min()
        wide = [[x.widen(int(2 * least * ONE)) if i == j else x for j, x in enumerate(row)]
                for i, row in enumerate(H)]  # fmt: skip
        assert negative(wide) is None
        found = Contraction.of(H)
        assert found.good and max(found.sums) < found.one >> 30
    assert negative([[Interval(0, 0)]]) is None
