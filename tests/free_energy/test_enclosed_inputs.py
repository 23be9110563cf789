"""Enclosed inputs of n_crit against many draws from them, whose roots an independent finder brackets.

With x = log n a difference of free energies is f(x) = E eˣ + Λ x − M log x + C.  On x > 0, where it is
asked for if M ≠ 0, x f'(x) = E x eˣ + Λ x − M has the derivative E (1 + x) eˣ + Λ, which is monotone.  Its
zero, the zeros of x f' and those of f bracket one another, so that bisection finds all of them: of 1000
draws at once, in float64.
"""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from support.exhaustive import exhaustive

from kgon.free_energy import Phase, n_crit

DRAWS = 1000
FIELDS = ("loss", "lambda_", "constant")
LEAST, MOST = -700.0, 700.0
"""Of log n, between which eˣ is a float."""


def bisected(f, low, high):
    """The zeros (m,) of functions between brackets (m,), NaN where the signs at the ends are alike."""
    start, end = f(low), f(high)
    for _ in range(80):
        middle = (low + high) / 2
        same = np.sign(f(middle)) == np.sign(start)
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    return np.where(np.sign(start) * np.sign(end) < 0, (low + high) / 2, np.nan)


def zeros_between(f, places):
    """All zeros (k, m) of functions that are monotone between places (k + 1, m), NaN where none is."""
    ends = np.sort(np.where(np.isnan(places), places[0], places), axis=0)
    return np.array([bisected(f, low, high) for low, high in itertools.pairwise(ends)])


def logarithms_of_roots(E, L, M, C):
    """All log n at which functions (m,) are zero, (k, m)."""
    start, end = np.full(len(E), 1e-300 if M else LEAST), np.full(len(E), MOST)
    if not M:
        turn = np.where(E * L < 0, np.log(np.abs(L / E), where=E * L < 0, out=np.zeros_like(E)), start)
        return zeros_between(lambda x: E * np.exp(x) + L * x + C, np.array([start, turn, end]))
    (bend,) = zeros_between(lambda x: E * (1 + x) * np.exp(x) + L, np.array([start, end]))
    turns = zeros_between(lambda x: E * x * np.exp(x) + L * x - M, np.array([start, bend, end]))
    return zeros_between(lambda x: E * np.exp(x) + L * x - M * np.log(x) + C, np.array([start, *turns, end]))


def enclosures(rng, kind):
    """Ends of loss, λ and constant of two phases, and their multiplicities; some numbers are exact."""
    middle = np.array([[rng.uniform(0.02, 0.2), rng.integers(4, 24) / 2, rng.uniform(-8, 8)] for _ in "AB"])
    width = np.array([[0.01, 0.5, 1.0]] * 2) * rng.uniform(0.05, 1, (2, 3)) * (rng.random((2, 3)) < 0.7)
    m = (1, 1) if rng.random() < 0.5 else tuple(rng.integers(1, 4, 2))
    if kind == "a root vanishes":  # the two touch for the numbers in the middle
        middle[:, :2] = np.sort(middle[:, :2], axis=0) * [[1, 1], [1, 1.2]]
        middle[:, 0] = middle[::-1, 0]
        E, L = (middle[1, :2] - middle[0, :2]).tolist()
        x, M = math.log(-L / E), int(m[1] - m[0])
        middle[1, 2] = middle[0, 2] - (E * math.exp(x) + L * x - (M * math.log(x) if x > 0 else 0))
        width[1, 2] = rng.uniform(0.1, 0.5)
    if kind == "equal losses":  # the sign of ΔL is open
        middle[1, 0], width[1, 0] = middle[0, 0], 0.004
    ends = [
        [
            (Fraction(f"{low - by:.4f}"), Fraction(f"{low + by:.4f}"))
            for low, by in zip(row, size, strict=True)
        ]
        for row, size in zip(middle, np.round(width, 4), strict=True)
    ]
    return ends, [int(x) for x in m]


def roots_and_ranges(seed, kind):
    """What n_crit says of enclosed phases, and the roots (k, DRAWS) of draws from them, as log n."""
    rng = np.random.default_rng([seed, len(kind)])
    ends, m = enclosures(rng, kind)
    made = [
        Phase(name=name, multiplicity=k, **dict(zip(FIELDS, side, strict=True)))
        for name, side, k in zip("AB", ends, m, strict=True)
    ]
    low, high = np.array(ends, dtype=float).transpose(2, 0, 1)
    drawn = low + (high - low) * (rng.integers(0, 1001, (DRAWS, 2, 3)) / 1000)  # with the ends
    E, L, C = (drawn[:, 1] - drawn[:, 0]).T
    E, L = (np.where(x == 0, 1e-300, x) for x in (E, L))
    return n_crit(*made).roots, logarithms_of_roots(E, L, m[1] - m[0], C)


def places(found, roots, *, shrunk=0.0):
    """In which range each root (k, m) lies: (ranges, k, m) booleans; ranges may be shrunk by a part."""
    with np.errstate(divide="ignore"):
        ends = [np.log([x.lower, math.inf if x.upper is None else x.upper]) for x in found]
    inside = []
    for low, high in ends:
        by = 1e-9 if not shrunk else -shrunk * (min(high, MOST) - max(low, LEAST))
        inside.append((roots >= low - by) & (roots <= high + by))
    return np.array(inside).reshape(len(found), *roots.shape)


KINDS = ("as they come", "a root vanishes", "equal losses")
INPUTS = exhaustive([(seed, kind) for seed in range(200) for kind in KINDS],
                    quick=[(seed, kind) for seed in range(7) for kind in KINDS])  # fmt: skip


@pytest.mark.parametrize(("seed", "kind"), INPUTS)
def test_an_enclosed_input_holds_every_root_of_1000_draws(seed, kind):
    found, roots = roots_and_ranges(seed, kind)
    there = np.isfinite(roots)
    inside = places(found, roots)
    assert np.all(inside.sum(axis=0)[there] == 1)
    for part, one in zip(found, inside, strict=True):
        if part.certain:
            assert one.any(axis=0).all()


def test_the_draws_would_show_a_range_that_is_too_small():
    """Near-misses, and that every case is met: roots of some draws alone, also at m > 1; no end."""
    missed, wide, seen = 0, 0, set()
    for seed in range(7):
        for kind in KINDS:
            found, roots = roots_and_ranges(seed, kind)
            there = np.isfinite(roots)
            if any(x.wide for x in found) and there.any():
                wide += 1
                missed += bool(np.any(places(found, roots, shrunk=0.2).sum(axis=0)[there] != 1))
            counts = there.sum(axis=0)
            seen |= {f"{counts.max()} roots"} | ({f"some of {len(roots)}"} if np.ptp(counts) else set())
            seen |= {"no end"} if any(x.upper is None for x in found) else set()
    assert wide >= 15 and missed >= 0.9 * wide
    assert seen >= {"1 roots", "2 roots", "some of 2", "some of 3", "no end"}


def test_the_finder_knows_what_is_known():
    """Three zeros at once, and a double one beside which there are two or none."""
    E, L, C = np.array([0.01]), np.array([-5.0]), np.array([10.0])
    three = logarithms_of_roots(E, L, -1, C)[:, 0]
    three = three[np.isfinite(three)]
    assert len(three) == 3 and np.allclose(
        0.01 * np.exp(three) - 5 * three + np.log(three) + 10, 0, atol=1e-12
    )
    one = np.ones(2)
    assert np.isfinite(logarithms_of_roots(one, -one, 0, np.array([-1.001, -0.999]))).sum(
        axis=0
    ).tolist() == [2, 0]
