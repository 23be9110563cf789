"""Join minima over passes: which valleys run together as the level rises, and the way of least climb.

Knows nothing of the toy model: heights of minima, and passes between two of them each.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kgon.base.checks import Floats
from kgon.base.verdicts import KgonError

Pass = tuple[int, int, float]
"""Two minima and the height of a pass between them."""


@dataclass(frozen=True, slots=True)
class Merge:
    """Two valleys that run together.

    Attributes
    ----------
    height : float
        Of the lowest pass between them.
    first, second : int
        The valleys: minimum i is i, and the valley that the k-th merge makes is (minima) + k.  The
        ``first`` is the one with the lower bottom.
    edge : int
        Position of that pass.
    """

    height: float
    first: int
    second: int
    edge: int


def build_merge_tree(heights: Sequence[float], passes: Sequence[Pass]) -> tuple[Merge, ...]:
    """Build the disconnectivity graph of minima and passes, by increasing height: single linkage.

    Passes of equal height are taken in their order.  Minima that no pass reaches stay apart.

    Parameters
    ----------
    heights : (n,) sequence of float
        Of the minima.
    passes : sequence of (int, int, float)
        None below one of its minima.

    Examples
    --------
    >>> build_merge_tree([0.0, 1.0, 0.5], [(0, 1, 3.0), (1, 2, 2.0), (0, 2, 4.0)])
    (Merge(height=2.0, first=2, second=1, edge=1), Merge(height=3.0, first=0, second=3, edge=0))
    """
    _check(heights, passes)
    valley = list(range(len(heights)))
    bottom = list(heights)
    merges: list[Merge] = []
    for edge in sorted(range(len(passes)), key=lambda k: passes[k][2]):
        i, j, height = passes[edge]
        first, second = sorted((valley[i], valley[j]), key=lambda v: (bottom[v], v))
        if first == second:
            continue
        new = len(heights) + len(merges)
        merges.append(Merge(height, first, second, edge))
        bottom.append(bottom[first])
        valley = [new if v in (first, second) else v for v in valley]
    return tuple(merges)


def lowest_passes(heights: Sequence[float], passes: Sequence[Pass]) -> Floats:
    """Find the height (n, n) at which every two minima run together; it is infinite where they do not.

    Examples
    --------
    >>> lowest_passes([0.0, 1.0, 0.5], [(0, 1, 3.0), (1, 2, 2.0), (0, 2, 4.0)]).tolist()
    [[0.0, 3.0, 3.0], [3.0, 1.0, 2.0], [3.0, 2.0, 0.5]]
    """
    n = len(heights)
    out = np.full((n, n), np.inf)
    np.fill_diagonal(out, heights)
    members: list[list[int]] = [[i] for i in range(n)]
    for merge in build_merge_tree(heights, passes):
        first, second = members[merge.first], members[merge.second]
        out[np.ix_(first, second)] = out[np.ix_(second, first)] = merge.height
        members.append(first + second)
    return out


def least_climb(heights: Sequence[float], passes: Sequence[Pass], start: int, end: int) -> list[int]:
    """Find the passes, in order, of the way from one minimum to another that climbs least in total.

    Parameters
    ----------
    heights, passes
        As ``build_merge_tree``.
    start, end : int

    Raises
    ------
    KgonError
        If no way leads there.

    Examples
    --------
    >>> least_climb([0.0, 1.0, 0.5], [(0, 1, 3.0), (1, 2, 2.0), (0, 2, 3.5)], 0, 2)
    [2]
    >>> least_climb([0.0, 1.0, 0.5], [(0, 1, 3.0), (1, 2, 2.0), (0, 2, 4.5)], 0, 2)
    [0, 1]
    """
    _check(heights, passes)
    queue: list[tuple[float, int, list[int]]] = [(0.0, start, [])]
    done: set[int] = set()
    while queue:
        climb, here, way = heapq.heappop(queue)
        if here == end:
            return way
        if here in done:
            continue
        done.add(here)
        for edge, (i, j, height) in enumerate(passes):
            if here in (i, j) and i != j:
                there = j if here == i else i
                heapq.heappush(queue, (climb + height - heights[here], there, [*way, edge]))
    raise KgonError(f"no way over the passes leads from minimum {start} to {end}")


def _check(heights: Sequence[float], passes: Sequence[Pass]) -> None:
    for i, j, height in passes:
        if not (0 <= i < len(heights) and 0 <= j < len(heights)):
            raise KgonError(f"a pass joins {i} and {j}; the minima are 0 to {len(heights) - 1}")
        if not height >= max(heights[i], heights[j]):
            raise KgonError(
                f"a pass at {height!r} between minima {i} and {j} is below one of them "
                f"({heights[i]!r}, {heights[j]!r})"
            )
