"""Critical sizes: the closed form against mpmath, unions, the next order, types, standard errors."""

import itertools
import math
from dataclasses import dataclass, replace
from fractions import Fraction

import flint
import mpmath
import numpy as np
import pytest
from flint import arb, fmpq
from hypothesis import assume, given
from hypothesis import strategies as st
from support.phases import phase_in_mpmath

from kgon.base.verdicts import KgonError, UndecidedError
from kgon.free_energy.crossings import (
    all_crossings,
    crossing,
    n_crit,
    transition_kind,
)
from kgon.free_energy.dominance import dominant_phases, occupancy
from kgon.free_energy.gaps import solve_crossing
from kgon.free_energy.phases import Union, phase


def test_laplace_knows_n_only_through_beta_n():
    one, half = (n_crit("5", "6", theory="laplace", beta=b).roots for b in (1, "1/2"))
    assert [2 * r.n for r in one] == pytest.approx([r.n for r in half], rel=1e-14)
    prior_one, prior_half = (n_crit("5", "6", beta=b).roots[-1].n for b in (1, "1/2"))
    assert prior_half / prior_one > 2.1  # the published constant does not scale


def test_a_union_crosses_where_the_sum_of_weights_does():
    found = n_crit("5,5+", "6", theory="laplace")
    (root,) = found.roots
    a, b, c = (float(phase(x, theory="laplace").free_energy(root.n)) for x in ("5", "5+", "6"))
    assert math.log(math.exp(c - a) + math.exp(c - b)) == pytest.approx(0, abs=1e-9)
    assert root.below == "5,5+" and root.above == "6" and found.kind == ""
    assert root.n > max(r.n for r in n_crit("5", "6", theory="laplace").roots)


def test_a_union_of_one_phase_is_the_phase():
    lone = Union((phase("5", theory="laplace"),))
    numeric = crossing(lone, phase("6", theory="laplace"), 6, theory="laplace")
    closed = n_crit("5", "6", theory="laplace")
    assert numeric.roots[-1].n == pytest.approx(closed.roots[-1].n, rel=1e-10)


def test_standard_errors_come_from_the_constants():
    found = n_crit("4+", "6", theory="laplace")
    root = found.roots[-1]
    error = math.hypot(phase("4+", theory="laplace").error, phase("6", theory="laplace").error)
    slope = found.delta_loss + found.delta_lambda / root.n
    assert root.stderr == pytest.approx(error / abs(slope), rel=1e-9)
    assert "standard error" in found.note and "±" in root.text
    assert n_crit("5", "6", theory="laplace").roots[0].stderr is None


@pytest.mark.parametrize(
    ("delta_loss", "delta_lambda", "kind"),
    [
        (-1.0, 0.5, "type A"),
        (-1.0, 0.0, "ΔL < 0, Δλ = 0"),
        (-1.0, -0.5, "ΔL < 0, Δλ < 0"),
        (1.0, 0.5, "ΔL > 0, Δλ > 0"),
    ],
)
def test_kinds(delta_loss, delta_lambda, kind):
    assert transition_kind(delta_loss, delta_lambda) == kind


def test_every_pair_once_from_higher_to_lower_loss():
    found = all_crossings(6, theory="prior")
    assert len(found) == 45 and all(x.delta_loss < 0 for x in found)
    kinds = {(x.first, x.second): x.kind for x in found}
    assert kinds["5", "6"] == "type A"
    assert kinds["4+", "5"] == "ΔL < 0, Δλ < 0"  # λ falls from 8 to 7
    assert kinds["5+", "6"] == "ΔL < 0, Δλ = 0"


def test_each_root_of_a_pair_is_a_change_of_sign():
    for found in all_crossings(6, theory="laplace"):
        a, b = phase(found.first, theory="laplace"), phase(found.second, theory="laplace")
        for root in found.roots:
            gap = [float(b.free_energy(root.n * x) - a.free_energy(root.n * x)) for x in (1 - 1e-6, 1 + 1e-6)]
            assert gap[0] * gap[1] < 0
            assert (gap[0] > 0) == (root.below == found.first)


def test_unions_of_the_same_phases_agree_everywhere():
    found = n_crit("4,5,6", "6,5,4", theory="laplace")
    assert found.everywhere and found.roots == ()


@pytest.mark.parametrize("theory", ["none", "prior", "laplace", "laplace2"])
def test_a_phase_and_itself_agree_in_every_theory(theory):
    found = n_crit("5", "5", theory=theory)
    assert found.everywhere and found.roots == () and found.delta_loss == 0


def test_small_roots_of_unions_are_found():
    """{4----, 4-} → 4++ has two roots under laplace, the first below βn = 50: a grid of its own."""
    found = n_crit("4----,4-", "4++", theory="laplace")
    n = np.geomspace(0.01, 1000, 20_001)
    a, b, c = (phase(x, theory="laplace").free_energy(n) for x in ("4----", "4-", "4++"))
    gap = c + np.logaddexp(-a, -b)
    changes = n[:-1][gap[:-1] * gap[1:] < 0]
    assert [root.n for root in found.roots] == pytest.approx(list(changes), rel=1e-3)
    assert found.roots[0].n < 50


RATIONALS = st.fractions(-30, 30, max_denominator=50)
HALVES = st.integers(-12, 12).map(lambda k: Fraction(k, 2))


def _ball(x):
    return arb(fmpq(x.numerator, x.denominator))


def _solve(energy, delta_lambda, constant, bits=200):
    with flint.ctx.workprec(bits):
        return solve_crossing(_ball(energy), delta_lambda, _ball(constant))


def _count(energy, delta_lambda, constant):
    """Number of roots by sign changes of f(x) = energy·eˣ + Δλ·x + constant on a fine grid of x."""
    x = np.linspace(-130, 65, 400_001)  # every |constant/Δλ| below 60
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


@dataclass(frozen=True)
class Difference:
    """The free energy of a second phase minus that of a first, in mpmath."""

    energy: mpmath.mpf
    delta_loss: mpmath.mpf
    delta_lambda: mpmath.mpf
    delta_c: mpmath.mpf

    @classmethod
    def of(cls, first, second, theory, beta):
        a, b = (phase_in_mpmath(name, theory) for name in (first, second))
        loss, lam, c = (y - x for x, y in zip(a, b, strict=True))
        return cls(mpmath.mpf(Fraction(beta).numerator) / Fraction(beta).denominator * loss, loss, lam, c)

    def __call__(self, n):
        return self.energy * n + self.delta_lambda * mpmath.log(n) + self.delta_c


@pytest.mark.parametrize("theory", ["none", "prior"])
@pytest.mark.parametrize("beta", [1, 0.5, "1/3", "2.5"])
@pytest.mark.parametrize(("first", "second"), [("5", "6"), ("5", "5+"), ("5+", "6")])
class TestAgainstMpmathAt50Digits:
    @pytest.fixture(autouse=True)
    def _digits(self):
        with mpmath.workdps(50):
            yield

    @pytest.fixture
    def found(self, first, second, theory, beta):
        return n_crit(first, second, theory=theory, beta=beta)

    @pytest.fixture
    def gap(self, first, second, theory, beta):
        return Difference.of(first, second, theory, beta)

    def test_each_root_is_the_float_next_to_the_true_one_and_enclosed(self, found, gap):
        for root in found.roots:
            n = mpmath.findroot(gap, root.n)
            assert abs(n - root.n) <= 2 * 2.0**-52 * root.n
            lower, upper = mpmath.mpf(root.lower), mpmath.mpf(root.upper)
            assert lower < n < upper and upper - lower <= 1e-9
            assert gap(lower) * gap(upper) < 0

    def test_below_has_the_lower_free_energy_just_below_the_root(self, found, gap, first, second):
        for root in found.roots:
            assert (gap(mpmath.mpf(root.lower)) > 0) == (root.below == first)
            assert {root.below, root.above} == {first, second}

    def test_no_root_is_forgotten(self, found, gap):
        x = np.linspace(-40, 40, 200_001) + 1e-5  # at β = ½ the crossing 5 → 5⁺ is exactly n = 1
        f = float(gap.energy) * np.exp(x) + float(gap.delta_lambda) * x + float(gap.delta_c)
        assert len(found.roots) == np.sum(f[:-1] * f[1:] < 0)

    @pytest.mark.parametrize("name", ["delta_loss", "delta_lambda", "delta_c"])
    def test_differences_of_the_phases(self, found, gap, name):
        true = getattr(gap, name)
        assert abs(getattr(found, name) - true) <= 1e-15 * (1 + abs(true))


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


@pytest.mark.parametrize("label", [5, 18, True, None])
def test_a_number_is_not_a_label(label):
    with pytest.raises(KgonError, match="a label is text"):
        n_crit(label, "6")


class TestPhasesOfOnesOwn:
    """A phase is what its fields say, whatever the catalogue has under its label."""

    FIVE = phase("5", theory="none")
    OWN = replace(phase("6", theory="none"), loss=arb("0.05"), lambda_=Fraction(10))

    def test_the_roots_are_those_of_the_numbers_given(self):
        """nΔL + Δλ log n = 0 with ΔL, Δλ of the fields, by mpmath."""
        found = crossing(self.FIVE, self.OWN, 6, theory="none")
        gap = mpmath.mpf("0.05") - mpmath.mpf(float(self.FIVE.loss))
        expected = sorted(
            float(mpmath.findroot(lambda n: n * gap + 3 * mpmath.log(n), start)) for start in (1.01, 2000)
        )
        assert found.delta_loss == pytest.approx(float(gap)) and found.delta_lambda == 3
        assert [root.n for root in found.roots] == pytest.approx(expected, rel=1e-9)

    def test_a_union_of_one_gives_the_same_answer(self):
        alone = crossing(self.FIVE, self.OWN, 6, theory="none").roots
        united = crossing(self.FIVE, Union((self.OWN,)), 6, theory="none").roots
        assert [x.n for x in united] == pytest.approx([x.n for x in alone], rel=1e-9)

    @pytest.mark.parametrize("theory", ["prior", "laplace"])
    def test_the_constant_is_the_one_given(self, theory):
        five, six = (phase(label, theory=theory) for label in ("5", "6"))
        moved = replace(six, constant=six.constant + 7)
        found = crossing(five, moved, 6, theory=theory)
        assert found.delta_c == pytest.approx(float(six.constant - five.constant) + 7, abs=1e-9)
        for root in found.roots:
            assert float(moved.free_energy(root.n) - five.free_energy(root.n)) == pytest.approx(0, abs=1e-9)

    def test_one_label_with_two_losses_does_not_agree_everywhere(self):
        six = phase("6", theory="none")
        other = replace(six, loss=six.loss + arb("0.01"))
        found = crossing(six, other, 6, theory="none")
        assert not found.everywhere and found.delta_loss == pytest.approx(0.01)
        assert crossing(six, replace(six), 6, theory="none").everywhere

    def test_a_loss_of_the_same_value_in_a_wider_ball_is_taken_as_it_is(self):
        """Then the roots are enclosed less sharply; they hold those of the catalogue."""
        six = phase("6", theory="none")
        wide = replace(six, loss=six.loss + arb(0, 1e-9))
        (sharp, wider) = (crossing(self.FIVE, x, 6, theory="none").roots[-1] for x in (six, wide))
        assert wider.lower < sharp.lower <= sharp.upper < wider.upper


@pytest.mark.parametrize(
    ("constant", "told"),
    [
        ("-1e6", r"e\+434294"),  # log n = 10⁶: n = 10^(10⁶ / log 10) = 10^434294.5
        ("1e6", "e-434295"),
        ("[-1e6,1]", r"e\+434294"),
        ("[-1e6,-1e5]", r"e\+"),
        ("[1e5,1e6]", "e-"),
    ],
)
def test_a_root_that_no_float_holds_is_refused_with_its_size(constant, told):
    for find in (n_crit, lambda *both: dominant_phases(among=both)):
        if find is not n_crit and constant.startswith("["):
            continue
        with pytest.raises(KgonError, match=f"A and B agree at n = .*{told}.*, which no double"):
            find("A=0.1,2,0", f"B=0.1,3,{constant}")
    assert n_crit("A=0.1,2,0", "B=0.1,3,-700").roots[0].n == pytest.approx(math.exp(700), rel=1e-12)
