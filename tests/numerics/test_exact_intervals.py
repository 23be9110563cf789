"""Exact intervals against sums of exact probabilities, their coverage, and what they refuse."""

from math import comb

import mpmath
import pytest

from kgon.base.verdicts import KgonError
from kgon.numerics.exact_intervals import binomial_interval, poisson_interval

CASES = [(0, 1), (0, 40), (1, 1), (1, 7), (3, 12), (11, 12), (40, 40), (5, 300)]


def at_least(k, n, p):
    """P(X ≥ k) of a binomial, in 50 digits."""
    return mpmath.fsum(
        comb(n, j) * mpmath.mpf(p) ** j * (1 - mpmath.mpf(p)) ** (n - j) for j in range(k, n + 1)
    )


def poisson_at_least(k, mean):
    """P(X ≥ k) of a Poisson variable."""
    return 1 - mpmath.fsum(
        mpmath.exp(-mpmath.mpf(mean)) * mpmath.mpf(mean) ** j / mpmath.factorial(j) for j in range(k)
    )


@pytest.mark.parametrize("level", [0.95, 0.99, 0.5])
@pytest.mark.parametrize(("k", "n"), CASES)
def test_the_ends_of_the_binomial_interval_have_the_tail_on_the_other_side(k, n, level):
    lower, upper = binomial_interval(k, n, level=level)
    tail = (1 - level) / 2
    with mpmath.workdps(50):
        if k:
            assert float(at_least(k, n, lower)) == pytest.approx(tail, rel=1e-10)
        if k < n:
            assert float(1 - at_least(k + 1, n, upper)) == pytest.approx(tail, rel=1e-10)
    assert (lower == 0.0) is (k == 0) and (upper == 1.0) is (k == n)
    assert 0 <= lower < k / n + 1e-15 or k == 0
    assert lower < upper


@pytest.mark.parametrize("k", [0, 1, 4, 30])
def test_the_ends_of_the_poisson_interval_have_the_tail_on_the_other_side(k):
    lower, upper = poisson_interval(k, 2.5)
    with mpmath.workdps(50):
        if k:
            assert float(poisson_at_least(k, 2.5 * lower)) == pytest.approx(0.025, rel=1e-10)
        assert float(1 - poisson_at_least(k + 1, 2.5 * upper)) == pytest.approx(0.025, rel=1e-10)
    assert (lower == 0.0) is (k == 0)


def test_nothing_seen_has_a_bound_of_its_own():
    assert binomial_interval(0, 300)[1] == pytest.approx(1 - 0.025 ** (1 / 300), rel=1e-13)
    assert poisson_interval(0, 7.0)[1] == pytest.approx(-mpmath.log(0.025) / 7, rel=1e-13)
    assert binomial_interval(0, 0) == (0.0, 1.0)  # without a trial nothing is known


def covered(interval, n, p):
    """The exact chance that the interval of n trials holds p."""
    return sum(
        comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1) if interval(k)[0] <= p <= interval(k)[1]
    )


def test_the_coverage_is_at_least_the_level_and_that_of_the_normal_approximation_is_not():
    n, chances = 17, [j / 200 for j in range(1, 200)]
    exact = [binomial_interval(k, n) for k in range(n + 1)]
    normal = [
        (k / n - 1.96 * (k * (n - k) / n**3) ** 0.5, k / n + 1.96 * (k * (n - k) / n**3) ** 0.5)
        for k in range(n + 1)
    ]
    assert min(covered(exact.__getitem__, n, p) for p in chances) >= 0.95
    assert min(covered(normal.__getitem__, n, p) for p in chances) < 0.5


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (lambda: binomial_interval(4, 3), "seen must be an integer from 0 to 3, got 4"),
        (lambda: binomial_interval(-1, 3), "got -1"),
        (lambda: binomial_interval(0, -3), "trials must be"),
        (lambda: binomial_interval(0, 3, level=1.0), "level"),
        (lambda: binomial_interval(0, 3, level=0.0), "level"),
        (lambda: poisson_interval(0, 0.0), "exposure must be positive"),
        (lambda: poisson_interval(1.5, 1.0), "got 1.5"),
    ],
)
def test_bad_input_is_refused(bad, words):
    with pytest.raises(KgonError, match=words):
        bad()
