"""Linkage and paths: against brute force, and on a potential whose saddles are known."""

from itertools import pairwise, permutations, product

import numpy as np
import pytest

from kgon.base.verdicts import KgonError
from kgon.landscape.paths import Path, descent, lengths, strings, summits
from kgon.numerics.merge_tree import build_merge_tree, least_climb, lowest_passes
from kgon.potential.model import TMS

# f′ = (x + 2)(x + 1)x(x − 1)(x − 3): minima at −2, 0, 3 and maxima at −1 and 1.
SLOPE = np.polynomial.Polynomial.fromroots([-2, -1, 0, 1, 3])
HEIGHT = SLOPE.integ()
MINIMA, SADDLES = (-2.0, 0.0, 3.0), (-1.0, 1.0)


class Wells:
    """HEIGHT(x) / 10 + (y − x²/4)²: minima and saddles at y = x²/4."""

    tms = TMS(1, 1)

    def flat(self, w):
        x, y = w[:, 0], w[:, 1]
        gap = y - x**2 / 4
        gradient = np.stack([SLOPE(x) / 10 - gap * x, 2 * gap], axis=1)
        return HEIGHT(x) / 10 + gap**2, gradient


def place(x):
    return np.array([x, x**2 / 4])


def random_graph(rng):
    n = int(rng.integers(2, 8))
    heights = [float(x) for x in rng.integers(0, 6, size=n)]
    passes = []
    for _ in range(int(rng.integers(0, 2 * n))):
        i, j = (int(k) for k in rng.integers(n, size=2))
        passes.append((i, j, max(heights[i], heights[j]) + float(rng.integers(0, 5))))
    return heights, passes


def reached(n, passes, level, start):
    """Minima joined to one by passes up to a level, by repeated expansion."""
    found = {start}
    while True:
        more = {k for i, j, h in passes if h <= level and {i, j} & found for k in (i, j)} - found
        if not more:
            return found
        found |= more


@pytest.mark.parametrize("seed", range(60))
def test_lowest_passes_are_those_of_flooding(seed):
    heights, passes = random_graph(np.random.default_rng(seed))
    n = len(heights)
    matrix = lowest_passes(heights, passes)
    levels = sorted({h for *_, h in passes})
    for i, j in product(range(n), repeat=2):
        if i == j:
            assert matrix[i, j] == heights[i]
            continue
        flooded = [level for level in levels if j in reached(n, passes, level, i)]
        assert matrix[i, j] == (flooded[0] if flooded else np.inf)
    merges = build_merge_tree(heights, passes)
    assert [m.height for m in merges] == sorted(m.height for m in merges)
    assert all(passes[m.edge][2] == m.height for m in merges)
    # As many merges as valleys that ran together.
    components = {frozenset(reached(n, passes, np.inf, i)) for i in range(n)}
    assert len(merges) == n - len(components)


def climb_along(heights, passes, order):
    """Least climb through minima in this order; infinite where a pass is missing."""
    total = 0.0
    for i, j in pairwise(order):
        direct = [height for a, b, height in passes if {a, b} == {i, j} and a != b]
        total += min(direct, default=np.inf) - heights[i]
    return total


def ways(n):
    """All orders of different minima from the first to the last."""
    for size in range(n - 1):
        yield from ((0, *middle, n - 1) for middle in permutations(range(1, n - 1), size))


@pytest.mark.parametrize("seed", range(40))
def test_least_climb_is_that_of_all_ways(seed):
    heights, passes = random_graph(np.random.default_rng(1000 + seed))
    last = len(heights) - 1
    best = min(climb_along(heights, passes, way) for way in ways(len(heights)))
    if best == np.inf:
        with pytest.raises(KgonError, match="no way"):
            least_climb(heights, passes, 0, last)
        return
    here, total = 0, 0.0
    for edge in least_climb(heights, passes, 0, last):
        i, j, height = passes[edge]
        assert here in (i, j)
        total += height - heights[here]
        here = j if here == i else i
    assert here == last and total == best


def test_impossible_passes_are_refused():
    with pytest.raises(KgonError, match="below one of them"):
        build_merge_tree([0.0, 1.0], [(0, 1, 0.5)])
    with pytest.raises(KgonError, match="joins 0 and 2"):
        build_merge_tree([0.0, 1.0], [(0, 2, 1.5)])


# --- a potential with known saddles ----------------------------------------------------------------


@pytest.mark.parametrize("saddle", SADDLES)
@pytest.mark.parametrize("side", [-1, 1])
def test_descent_ends_at_the_minimum_beside_the_saddle(saddle, side):
    path = descent(Wells(), place(saddle) + np.array([side * 1e-3, 0.0]))
    expected = [x for x in MINIMA if side * (x - saddle) > 0]
    assert path.w[-1] == pytest.approx(place(min(expected, key=lambda x: abs(x - saddle))), abs=1e-7)
    assert np.all(np.diff(path.loss) <= 1e-12)
    thin = path.thinned(20)
    assert len(thin.w) <= 20 and np.array_equal(thin.w[[0, -1]], path.w[[0, -1]])
    assert np.all(np.diff(thin.arc) > 0)


@pytest.mark.parametrize(("first", "last", "between"), [(-2, 0, [-1]), (0, 3, [1]), (-2, 3, [-1, 1])])
def test_a_string_has_its_summits_at_the_saddles(first, last, between):
    (path,) = strings(Wells(), place(first)[None], place(last)[None], images=101, steps=4000)
    found = [path.w[k] for k in summits(path)]
    assert len(found) == len(between)
    spacing = path.arc[-1] / 100
    for w, x in zip(found, between, strict=True):
        assert np.linalg.norm(w - place(x)) < spacing
        assert path.loss.max() <= max(HEIGHT(x) for x in between) / 10 + 1e-6
    assert np.diff(path.arc) == pytest.approx(np.full(100, spacing), rel=0.02)


def test_a_string_is_the_same_alone_and_among_others():
    ends = np.array([(place(x), place(y)) for x, y in ((-2, 0), (0, 3), (-2, 3))])
    together = strings(Wells(), ends[:, 0], ends[:, 1], images=21, steps=50)
    for k, path in enumerate(together):
        (alone,) = strings(Wells(), ends[k : k + 1, 0], ends[k : k + 1, 1], images=21, steps=50)
        assert np.array_equal(path.w, alone.w) and np.array_equal(path.loss, alone.loss)


def test_lengths_of_a_right_angle():
    assert lengths(np.array([[0.0, 0.0], [3.0, 0.0], [3.0, 4.0]])).tolist() == [0.0, 3.0, 7.0]
    assert summits(Path(np.zeros((4, 1)), np.arange(4.0), np.array([3.0, 1.0, 2.0, 5.0]))) == []
