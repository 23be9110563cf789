"""Zeros of n L + λ log n − M log log n + c: against mpmath at 50 digits, over enclosures, at double zeros."""

import math
import random
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kgon.base.verdicts import UndecidedError
from kgon.free_energy import Phase, n_crit
from kgon.free_energy.gaps import Gap


def phases(rng, multiplicities=(1,)):
    """Two phases with random decimals, as a user writes them."""
    for name in "AB":
        yield Phase(
            name=name, loss=f"{rng.uniform(0, 0.3):.5f}", lambda_=f"{rng.randint(2, 30)}/2",
            constant=f"{rng.uniform(-15, 15):.4f}", multiplicity=rng.choice(multiplicities),
        )  # fmt: skip


def independent_roots(a, b):
    """Every zero in x = log n by bisection of mpmath's function between those of a fine grid, 50 digits."""
    L, lam, c = (
        mpmath.mpf(y.numerator) / y.denominator - mpmath.mpf(x.numerator) / x.denominator
        for x, y in ((getattr(a, f).exact, getattr(b, f).exact) for f in ("loss", "lambda_", "constant"))
    )
    m = b.multiplicity - a.multiplicity

    def gap(y):  # y = log n, or log log n where that is needed
        x = mpmath.exp(y) if m else y
        return L * mpmath.exp(x) + lam * x - (m * y if m else 0) + c

    grid = np.linspace(-40, 3.5, 6001) if m else np.linspace(-60, 30, 6001)
    with np.errstate(over="ignore"):
        x = np.exp(grid) if m else grid
        values = float(L) * np.exp(x) + float(lam) * x - m * (grid if m else 0) + float(c)
    found = []
    for k in np.flatnonzero(np.sign(values[:-1]) * np.sign(values[1:]) < 0):
        ends = mpmath.mpf(float(grid[k])), mpmath.mpf(float(grid[k + 1]))
        y = mpmath.findroot(gap, ends, solver="anderson", tol=1e-80, maxsteps=200)
        found.append(mpmath.exp(mpmath.exp(y)) if m else mpmath.exp(y))
    return found


@pytest.mark.parametrize(("seed", "multiplicities"), [(1, (1,)), (2, (1, 2, 3))])
def test_200_random_pairs_agree_with_an_independent_root_finder_at_50_digits(seed, multiplicities):
    rng, count = random.Random(seed), 0
    with mpmath.workdps(50):
        for _ in range(100):
            a, b = phases(rng, multiplicities)
            found, expected = n_crit(a, b).roots, independent_roots(a, b)
            assert len(found) == len(expected), (a, b)
            count += len(found)
            for root, n in zip(found, expected, strict=True):
                assert root.lower < n < root.upper
                assert abs(root.n - n) <= 2.0**-52 * n and root.upper - root.lower <= 2.0**-50 * root.n
    assert count > 80


def draws(rng, low, high):
    return low + (high - low) * Fraction(rng.randint(0, 1000), 1000)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((("0.06", "0.08"), ("7", "7.5"), ("3", "4")), (("0.05", "0.055"), ("8", "8.5"), ("6", "6.5"))),
        ((("0.04", "0.06"), ("7", "7"), ("3.6", "3.6")), (("0.05", "0.05"), ("8", "8"), ("6", "6"))),
        ((("0.1", "0.2"), ("7", "8"), ("-1", "1")), (("0.15", "0.15"), ("7", "8"), ("0", "0"))),
        ((("0.1", "0.1"), ("7", "7"), ("2", "2")), (("0.3", "0.5"), ("6", "6.5"), ("1.5", "2"))),
    ],
)
@pytest.mark.parametrize("multiplicity", [1, 2])
def test_an_enclosure_holds_all_roots_of_1000_draws(one, other, multiplicity):
    rng = random.Random(3)
    ends = [[tuple(map(Fraction, pair)) for pair in side] for side in (one, other)]
    made = [
        Phase(name=name, loss=side[0], lambda_=side[1], constant=side[2], multiplicity=m)
        for name, side, m in zip("AB", ends, (multiplicity, 1), strict=True)
    ]
    found = n_crit(*made).roots
    inside = [0] * len(found)
    drawn = 1000 if (one[0][0], multiplicity) == ("0.06", 1) else 60
    for _ in range(drawn):
        (l0, k0, c0), (l1, k1, c1) = ([draws(rng, *pair) for pair in side] for side in ends)
        own = n_crit(
            Phase(name="A", loss=l0, lambda_=k0, constant=c0, multiplicity=multiplicity),
            Phase(name="B", loss=l1, lambda_=k1, constant=c1),
        ).roots
        for root in own:
            where = [k for k, x in enumerate(found) if x.lower <= root.n <= (x.upper or math.inf)]
            assert len(where) == 1, (root, found)
            inside[where[0]] += 1
    for part, count in zip(found, inside, strict=True):
        assert count >= drawn if part.certain else count >= 0


def test_the_ends_of_an_enclosure_are_roots_of_its_corners():
    wide = n_crit("A=[0.06,0.08],7,3.6", "B=0.05,8.5,6.4").roots[-1]
    corners = sorted(n_crit(f"A={loss},7,3.6", "B=0.05,8.5,6.4").roots[-1].n for loss in ("0.06", "0.08"))
    assert [wide.lower, wide.upper] == pytest.approx(corners, rel=1e-14)


@pytest.mark.parametrize("multiplicity", ["", ",2"])
def test_enclosures_that_share_an_end_are_no_limit(multiplicity):
    """ΔL is 0 at a corner, exactly, although 0.07 is no binary number: there is one root, or none above 1."""
    found = n_crit(f"A=[0.05,0.07],7,3.6{multiplicity}", "B=[0.07,0.08],8.5,6.4").roots
    corner = n_crit(f"A=0.07,7,3.6{multiplicity}", "B=0.07,8.5,6.4").roots
    inner = n_crit(f"A=0.06,7,3.6{multiplicity}", "B=0.075,8.5,6.4").roots
    for root in (*corner, *inner):
        assert sum(x.lower <= root.n <= x.upper for x in found) == 1
    near = n_crit(f"A=[0.05,0.0699999999],7,3.6{multiplicity}", "B=[0.07,0.08],8.5,6.4").roots
    assert [(x.lower, x.upper) for x in found] == [pytest.approx((x.lower, x.upper), rel=1e-6) for x in near]


def test_a_range_without_end():
    found = n_crit("A=[0.04,0.06],7,3.6", "B=0.05,8,6")
    assert found.kind == "ΔL ? 0, Δλ > 0"
    last = found.roots[-1]
    assert last.upper is None and not last.certain and "∞] for some" in last.text
    assert type(found).from_json(found.to_json()).roots[-1].upper is None


def test_a_double_zero_of_exact_numbers_is_decided():
    """n − log n − 1 ≥ 0 touches 0 at n = 1, and a little beside it there are two zeros or none."""
    (root,) = n_crit("A=0,1,0", "B=1,0,-1").roots
    assert root.lower < 1 < root.upper and root.below == root.above == "A"
    assert len(n_crit("A=0,1,0", "B=1,0,-1.0000000000000000000000000000001").roots) == 2
    assert n_crit("A=0,1,0", "B=1,0,-0.9999999999999999999999999999999").roots == ()


def test_zeros_that_the_first_precision_does_not_part():
    tiny = "1" + "0" * 60
    two = n_crit("A=0,1,0", f"B=1,0,-{10**60 + 1}/{tiny}").roots
    assert len(two) == 2 and two[0].upper >= two[1].lower  # 1e-30 apart: in floats they are one


def test_a_multiplicity_alone_is_solved_in_closed_form():
    """A has −log log n more: equal where log log n = c."""
    (root,) = n_crit("A=0.1,7,2,2", "B=0.1,7,1").roots
    assert root.n == pytest.approx(math.exp(math.exp(1)), rel=1e-14) and (root.below, root.above) == (
        "B",
        "A",
    )


def test_three_zeros_with_a_multiplicity():
    roots = n_crit("A=0,5,0,2", "B=0.01,0,10").roots
    x = np.exp(np.linspace(-12, 3, 400_001))
    values = 0.01 * np.exp(x) - 5 * x + np.log(x) + 10
    assert len(roots) == np.sum(np.sign(values[:-1]) * np.sign(values[1:]) < 0) == 3


def test_what_balls_leave_open_is_said():
    from flint import arb

    with pytest.raises(UndecidedError):
        Gap(energy=arb(0, 1), lambda_=arb(1), constant=arb(1), power=1).roots()


NUMBERS = st.decimals(-3, 3, places=3)
SIZES = st.decimals("0.001", "0.5", places=4)
LAMBDAS = st.integers(2, 40).map(lambda k: f"{k}/2")
TRIPLES = st.tuples(SIZES, LAMBDAS, NUMBERS)


@given(TRIPLES, TRIPLES)
@settings(max_examples=60, deadline=None)
def test_swapping_two_phases_swaps_the_sides_only(first, second):
    a, b = (
        Phase(name=name, loss=str(x), lambda_=y, constant=str(z))
        for name, (x, y, z) in zip("AB", (first, second), strict=True)
    )
    there, back = n_crit(a, b), n_crit(b, a)
    assert there.everywhere == back.everywhere
    assert [(r.n, r.below, r.above) for r in there.roots] == [(r.n, r.below, r.above) for r in back.roots]


@given(TRIPLES, TRIPLES, st.integers(1, 50))
@settings(max_examples=60, deadline=None)
def test_a_factor_of_the_losses_is_an_inverse_temperature(first, second, factor):
    """βL in the place of L: F is the same, and so are its roots."""

    def made(scale):
        return [
            Phase(name=name, loss=scale * Fraction(x), lambda_=y, constant=str(z))
            for name, (x, y, z) in zip("AB", (first, second), strict=True)
        ]

    scaled, heated = n_crit(*made(factor)), n_crit(*made(1), beta=factor)
    assert [r.n for r in scaled.roots] == [r.n for r in heated.roots]
    common = [
        Phase(name=p.name, loss=p.loss, lambda_=p.lambda_, constant=p.constant + 5) for p in made(factor)
    ]
    assert [r.n for r in n_crit(*common).roots] == [r.n for r in scaled.roots]
