"""Critical sizes, occupancy and dominance against mpmath and dense grids."""

import itertools
import math
from fractions import Fraction

import flint
import mpmath
import numpy as np
import pytest
from flint import arb, fmpq
from hypothesis import assume, given
from hypothesis import strategies as st
from support import truth

from kgon.base.verdicts import KgonError, UndecidedError
from kgon.free_energy.conventions import check_beta
from kgon.free_energy.crossings import dominant_phases, n_crit, solve_crossing
from kgon.free_energy.dominance import occupancy
from kgon.free_energy.phases import TEXT_PHASES, phase, phases_of
from kgon.kgons.catalogue import Catalogue

RATIONALS = st.fractions(-30, 30, max_denominator=50)
HALVES = st.integers(-12, 12).map(lambda k: Fraction(k, 2))


def _ball(x):
    return arb(fmpq(x.numerator, x.denominator))


def _solve(energy, delta_lambda, constant, bits=200):
    with flint.ctx.workprec(bits):
        return solve_crossing(_ball(energy), delta_lambda, _ball(constant))


# --- the equation energy·n + Δλ·log n + constant = 0 ------------------------------------------------


def _count(energy, delta_lambda, constant):
    """Number of roots by sign changes of f(x) = energy·eˣ + Δλ·x + constant on a fine grid of x."""
    x = np.linspace(-130, 40, 400_001)
    f = float(energy) * np.exp(x) + float(delta_lambda) * x + float(constant)
    return int(np.sum(np.sign(f[:-1]) * np.sign(f[1:]) < 0) + np.sum(f == 0))


@given(st.fractions(-3, 3, max_denominator=200), HALVES, RATIONALS)
def test_every_root_is_found_and_solves_the_equation(energy, delta_lambda, constant):
    assume(energy or delta_lambda or constant)
    if energy * delta_lambda < 0:  # an extremum at n* = −Δλ/energy: not closer to 0 than the grid sees
        at = float(-delta_lambda / energy)
        assume(abs(float(delta_lambda) * (math.log(at) - 1) + float(constant)) > 1e-4)
    if delta_lambda:
        assume(abs(constant / delta_lambda) < 60)
    roots = _solve(energy, delta_lambda, constant)
    if not energy and not delta_lambda:
        assert roots == []
        return
    if not delta_lambda:
        assert len(roots) == (1 if -constant / energy > 0 else 0)
    else:
        assert len(roots) == _count(energy, delta_lambda, constant)
    with flint.ctx.workprec(200):
        for n in roots:
            assert n > 0
            residual = _ball(energy) * n + _ball(delta_lambda) * n.log() + _ball(constant)
            assert residual.contains(0)
            assert float(residual.rad()) < 1e-40
        assert all(x < y for x, y in itertools.pairwise(roots))


@pytest.mark.parametrize(
    ("energy", "delta_lambda", "constant", "count"),
    [
        (Fraction(-1, 50), Fraction(3, 2), Fraction(0), 2),  # −1/e < z < 0
        (Fraction(-1), Fraction(1), Fraction(0), 0),  # z = −1 < −1/e
        (Fraction(1), Fraction(-1), Fraction(0), 0),
        (Fraction(1), Fraction(1), Fraction(-7), 1),  # z > 0
        (Fraction(-2), Fraction(0), Fraction(3), 1),  # Δλ = 0: n = 3/2
        (Fraction(2), Fraction(0), Fraction(3), 0),
        (Fraction(2), Fraction(0), Fraction(0), 0),  # n = 0 is no sample size
        (Fraction(0), Fraction(1), Fraction(-2), 1),  # ΔL = 0: n = e²
        (Fraction(0), Fraction(0), Fraction(1), 0),
    ],
)
def test_the_cases(energy, delta_lambda, constant, count):
    assert len(_solve(energy, delta_lambda, constant)) == count


def test_closed_values():
    (half,) = _solve(Fraction(-2), Fraction(0), Fraction(3))
    assert half == fmpq(3, 2)
    (square,) = _solve(Fraction(0), Fraction(1), Fraction(-2))
    with flint.ctx.workprec(200):
        assert (square - arb(2).exp()).contains(0)


def test_at_half_beta_the_crossing_of_5_and_5_plus_is_exactly_one():
    """−β/144 + 1/288 = 0 at n = 1: a root known in closed form, at a zero of the logarithm."""
    root = n_crit("5", "5+", beta=0.5).roots[0]
    assert root.lower < 1 < root.upper and root.upper - root.lower < 1e-14


def test_two_roots_where_they_are_known():
    """2² = 4: both 2 and 4 solve n·(log 2)/2 = log n."""
    with flint.ctx.workprec(300):
        roots = solve_crossing(arb(2).log() / 2, Fraction(-1), arb(0))
        assert len(roots) == 2
        assert (roots[0] - 2).contains(0) and (roots[1] - 4).contains(0)


def test_everywhere():
    assert _solve(Fraction(0), Fraction(0), Fraction(0)) is None


def test_what_the_balls_do_not_decide():
    with flint.ctx.workprec(200):
        # n − log n − 1 touches 0 at n = 1: z = −1/e exactly.
        with pytest.raises(UndecidedError, match="number of roots is not decided"):
            solve_crossing(arb(1), Fraction(-1), arb(-1))
        for wide in (
            (arb(0, 1e-30), Fraction(1), arb(1)),
            (arb(0, 1e-30), Fraction(0), arb(1)),
            (arb(1), Fraction(0), arb(0, 1e-30)),
            (arb(0), Fraction(0), arb(0, 1e-30)),
        ):
            with pytest.raises(UndecidedError):
                solve_crossing(*wide)
        # A little to either side the count is known.
        assert len(solve_crossing(arb(1), Fraction(-1), arb("-1.0000000001"))) == 2
        assert solve_crossing(arb(1), Fraction(-1), arb("-0.9999999999")) == []


# --- n_crit ----------------------------------------------------------------------------------------


def _phase_in_mpmath(name, theory):
    """(L, λ, c) of a c = 6 phase: L by exact integration of the potential, λ as published."""
    point = Catalogue(6)[name]
    length, bias = mpmath.mpf(point.length_digits), mpmath.mpf(point.bias_digits)
    k = point.k
    angles = [2 * mpmath.pi * j / k for j in range(k)]
    zeros = [mpmath.mpf(0)] * (6 - k)
    W = [[length * f(x) for x in angles] + zeros for f in (mpmath.cos, mpmath.sin)]
    positive = [mpmath.mpf(1) / 12] * point.sigma
    b = [bias] * k + positive + [mpmath.mpf(-1) / 2] * (6 - k - point.sigma)
    loss = truth.mp_loss(W, b, [mpmath.mpf(1) / 6] * 6, [mpmath.mpf(1)] * 6)
    constant = (k * (length**2 + bias**2) + sum(x * x for x in positive)) / 2
    lam = {"5": 7, "5+": 8.5, "6": 8.5}[name]
    return loss, mpmath.mpf(lam), constant if theory == "prior" else mpmath.mpf(0)


@pytest.mark.parametrize("theory", ["none", "prior"])
@pytest.mark.parametrize("beta", [1, 0.5, "1/3", "2.5"])
@pytest.mark.parametrize(("first", "second"), [("5", "6"), ("5", "5+"), ("5+", "6")])
def test_roots_against_mpmath_at_50_digits(first, second, theory, beta):
    crossing = n_crit(first, second, theory=theory, beta=beta)
    with mpmath.workdps(50):
        a, b = (_phase_in_mpmath(name, theory) for name in (first, second))
        energy = mpmath.mpf(Fraction(beta).numerator) / Fraction(beta).denominator * (b[0] - a[0])

        def gap(n):
            return energy * n + (b[1] - a[1]) * mpmath.log(n) + b[2] - a[2]

        for root in crossing.roots:
            n = mpmath.findroot(gap, root.n)
            assert abs(n - root.n) <= 2 * 2.0**-52 * root.n
            lower, upper = mpmath.mpf(root.lower), mpmath.mpf(root.upper)
            assert lower < n < upper and upper - lower <= 1e-9
            assert gap(lower) * gap(upper) < 0
            # ``below`` has the lower free energy just below the root.
            assert (gap(lower) > 0) == (root.below == first)
            assert {root.below, root.above} == {first, second}
        x = np.linspace(-40, 40, 200_001) + 1e-5  # at β = ½ the crossing 5 → 5⁺ is exactly n = 1
        f = float(energy) * np.exp(x) + float(b[1] - a[1]) * x + float(b[2] - a[2])
        assert len(crossing.roots) == np.sum(f[:-1] * f[1:] < 0)
        for ours, true in (
            (crossing.delta_loss, b[0] - a[0]),
            (crossing.delta_lambda, b[1] - a[1]),
            (crossing.delta_c, b[2] - a[2]),
        ):
            assert abs(ours - true) <= 1e-15 * (1 + abs(true))


def test_the_published_601():
    crossing = n_crit("5", "6")
    assert [math.floor(r.n) for r in crossing.roots] == [0, 601]
    assert round(crossing.roots[-1].n) == 601
    assert (crossing.roots[-1].below, crossing.roots[-1].above) == ("5", "6")
    assert crossing.theory == "prior" and crossing.beta == 1.0
    # Without the constant, and with another β, it is another number.
    assert abs(n_crit("5", "6", theory="none").roots[-1].n - 601) > 100
    assert abs(n_crit("5", "6", beta=0.5).roots[-1].n - 601) > 100


@pytest.mark.parametrize(("first", "second"), [("5", "6"), ("5", "5+"), ("5+", "6")])
def test_swapping_the_phases_changes_signs_only(first, second):
    there, back = n_crit(first, second), n_crit(second, first)
    assert [(r.n, r.lower, r.upper, r.below, r.above) for r in there.roots] == [
        (r.n, r.lower, r.upper, r.below, r.above) for r in back.roots
    ]
    assert (there.delta_loss, there.delta_lambda, there.delta_c) == (
        -back.delta_loss, -back.delta_lambda, -back.delta_c
    )  # fmt: skip


def test_a_phase_and_itself_agree_everywhere():
    crossing = n_crit("5", "5")
    assert crossing.everywhere and crossing.roots == ()
    assert crossing.delta_loss == crossing.delta_c == 0
    assert "every n" in repr(crossing)


def test_exact_zeros_are_recognised():
    """5⁺ and 6 share λ; without a constant only n = 0 would solve the equation."""
    crossing = n_crit("5+", "6", theory="none")
    assert crossing.roots == () and not crossing.everywhere and "none" in repr(crossing)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: n_crit("5", "6", theory="laplace3"), "theory must be one of .*got 'laplace3'"),
        (lambda: n_crit("5", "6", beta=0), "beta must be a positive number.*got 0"),
        (lambda: n_crit("5", "6", beta=-1), "beta must be a positive number"),
        (lambda: n_crit("5", "6", beta="one"), "beta must be a positive number.*got 'one'"),
        (lambda: n_crit("5", "6", beta=float("nan")), "beta must be a positive number"),
        (lambda: n_crit("5", "6", beta=float("inf")), "beta must be a positive number"),
        (lambda: n_crit("5", "6", beta="1/0"), "beta must be a positive number"),
        (lambda: n_crit("4+-", "6"), "lambda of 4[+]- is not known: it is not a local minimum .*known: 6, 5"),
        (lambda: n_crit("5", "4+----"), "lambda of 4[+]---- is not known: it is not a local minimum"),
        (lambda: n_crit("5", "7"), "needs at least 7 features, c is 6"),
        (lambda: n_crit("x", "6"), "unknown label 'x'"),
        (lambda: occupancy([100.0, -1.0]), "n must be positive and finite"),
        (lambda: occupancy([0.0]), "n must be positive and finite"),
        (lambda: occupancy([float("nan")]), "n must be positive and finite"),
        (lambda: occupancy([1.0], theory="x"), "theory must be one of"),
        (lambda: occupancy([1.0], 4, theory="laplace2"), "no phase at c = 4 has a constant"),
        (lambda: dominant_phases(4, theory="laplace2"), "no phase at c = 4 has a constant"),
        (lambda: dominant_phases(among=[]), "at least one"),
        (lambda: dominant_phases(among=["5", "5"]), "must be different"),
        (lambda: n_crit("5,5", "6"), "names each phase once, got '5,5'"),
        (lambda: n_crit("5,", "6"), "unknown label ''"),
        (lambda: n_crit("4", "6", theory="laplace2"), "next order for k >= 5 only, got 4"),
        (lambda: n_crit("4--:opposite", "6", theory="laplace"), "4--:opposite has no constant"),
    ],
)
def test_errors_name_the_value(call, words):
    with pytest.raises(KgonError, match=words):
        call()


def test_a_beta_is_read_exactly():
    assert check_beta("0.1") == Fraction(1, 10) and check_beta(0.1) != Fraction(1, 10)
    assert check_beta("1/3") == Fraction(1, 3)


# --- occupancy and dominance --------------------------------------------------------------------------


@pytest.mark.parametrize("theory", ["none", "prior"])
@pytest.mark.parametrize("beta", [1, "1/2"])
def test_occupancy_is_the_softmax_of_the_free_energies(theory, beta):
    sizes = [1.0, 10.0, 100.0, 601.0, 5000.0, 1e6]
    shares = occupancy(sizes, theory=theory, beta=beta, among=TEXT_PHASES)
    assert set(shares) == {"5", "5+", "6"}
    with mpmath.workdps(40):
        inverse = mpmath.mpf(Fraction(beta).numerator) / Fraction(beta).denominator
        phases = {name: _phase_in_mpmath(name, theory) for name in shares}
        for at, n in enumerate(sizes):
            weights = {
                name: mpmath.exp(-(inverse * n * L + lam * mpmath.log(n) + c))
                for name, (L, lam, c) in phases.items()
            }
            total = sum(weights.values())
            for name in shares:
                true = weights[name] / total
                # exp turns an absolute error of F (up to n·L·2⁻⁵²) into a relative one.
                assert abs(shares[name][at] - true) <= 4 * 2.0**-52 * (10 + n) * true + 1e-300
    assert np.allclose(sum(shares.values()), 1, rtol=0, atol=1e-15)


def test_occupancies_cross_at_n_crit():
    root = n_crit("5", "6").roots[-1].n
    sizes = (root * (1 - 1e-6), root, root * (1 + 1e-6))
    before, at, after = (occupancy([n], among=TEXT_PHASES) for n in sizes)
    assert abs(at["5"][0] / at["6"][0] - 1) < 1e-11
    assert before["5"][0] > before["6"][0] and after["5"][0] < after["6"][0]


@pytest.mark.parametrize("c", [5, 6, 7, 8])
@pytest.mark.parametrize("theory", ["none", "prior"])
@pytest.mark.parametrize("beta", [1, "1/2"])
def test_dominance_is_the_argmin_on_a_dense_grid(c, theory, beta):
    ranges = dominant_phases(c, theory=theory, beta=beta)
    assert ranges[0].n_from is None and ranges[-1].n_to is None
    assert [r.n_to for r in ranges[:-1]] == [r.n_from for r in ranges[1:]]
    assert all(x.label != y.label for x, y in itertools.pairwise(ranges))
    grid = np.geomspace(1, 1e7, 4001)
    edges = np.array([1.0, *(r.n_from for r in ranges[1:])])
    assert np.all(np.diff(edges) > 0)
    phases = phases_of(c, theory=theory)
    energies = np.array([p.free_energy(grid, beta=float(Fraction(beta))) for p in phases])
    lowest = [str(phases[k].label) for k in np.argmin(energies, axis=0)]
    clear = np.abs(grid[:, None] / edges - 1).min(axis=1) > 1e-9  # at an edge two phases tie
    assert clear.sum() >= 3990
    for n, name in zip(grid[clear], np.array(lowest)[clear], strict=True):
        assert ranges[int(np.searchsorted(edges, n)) - 1].label == name


def test_free_energy_of_a_phase_is_the_formula():
    p = phase("5+")
    L, lam, c = _phase_in_mpmath("5+", "prior")
    for n in (1.0, 77.0, 1e5):
        true = 0.5 * n * L + lam * mpmath.log(n) + c
        assert abs(float(p.free_energy(n, beta=0.5)) - true) <= 1e-14 * true
    assert p.free_energy(np.array([1.0, 2.0])).shape == (2,)
    assert float(phase("5+", theory="none").free_energy(1.0)) == pytest.approx(float(L), rel=1e-15)


@pytest.mark.parametrize("label", [5, 18, True, None])
def test_a_number_is_not_a_label(label):
    with pytest.raises(KgonError, match="a label is text"):
        n_crit(label, "6")


@pytest.mark.parametrize("beta", [np.int64(1), np.float32(0.5), "5e-1", "1/2", 0.5, Fraction(1, 2), "1e-100"])
def test_every_kind_of_number_is_a_beta(beta):
    exact = n_crit("5", "6", beta=Fraction(beta.item() if isinstance(beta, np.generic) else beta))
    assert n_crit("5", "6", beta=beta).roots[-1].n == exact.roots[-1].n
