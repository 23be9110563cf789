"""Which columns play which part in a k-gon, where columns differ in weight.

Two arrangements are one if a symmetry of the k-gon, and exchanges of columns of the same weight, take one to
the other.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache

from kgon.base.verdicts import KgonError
from kgon.kgons.labels import Arranged, Label

_SPOKEN = {"live": "live column", "vertices": "vertice", "positive": "positive column", "off": "dead column"}
MOST = 5000
"""Arrangements of one k-gon that are gone through."""


def name_arranged(label: Label, columns: Sequence[int], classes: Sequence[Sequence[int]]) -> Label:
    """Name a k-gon by the columns that play its parts, as far as they differ in weight.

    Parameters
    ----------
    label : Label
    columns : (c,) sequence of int
        Column ``columns[j]`` plays column j of the standard representative.
    classes : sequence of sequences of int
        The columns that are alike.

    Returns
    -------
    Label
        With words, unless there is only one arrangement.

    Examples
    --------
    >>> apart = [0, 1, 2, 3, 4], [5]
    >>> [str(name_arranged(Label.parse(x), [0, 1, 2, 3, 4, 5], apart)) for x in ("6", "5", "4+")]
    ['6', '5, dead column 5', '4+, positive column 4; dead column 5']
    """
    if len(classes) == 1:
        return label.label
    own = {place: [columns[j] for j in slots] for place, slots in _places(label, len(columns)).items()}
    parts = []
    if label.phi:
        parts.append(("live", sorted(own["live"])))
    elif max(Counter(classes_of(own["live"], classes)).values()) < label.k - 1:  # else it does not matter
        images = ([own["live"][j] for j in image] for image in symmetries(label.k))
        parts.append(("vertices", min(images)))
    parts += [
        (place, sorted(own[place])) for place in ("positive", "off") if not (label.phi and place == "off")
    ]
    words = [f"{_SPOKEN[place]}{'s' * (len(x) > 1)} {' '.join(map(str, x))}" for place, x in parts if x]
    return Arranged.of(label, "; ".join(words)) if words else label.label


def arrangements(label: Label, classes: Sequence[Sequence[int]]) -> list[tuple[int, ...]]:
    """List one arrangement of each kind: columns in the order of the standard representative.

    Raises
    ------
    KgonError
        There are too many.

    Examples
    --------
    >>> arrangements(Label.parse("5+"), [(0, 1, 2, 3, 4), (5,)])
    [(0, 1, 2, 3, 5, 4), (0, 1, 2, 3, 4, 5)]
    """
    c = sum(map(len, classes))
    found = list(itertools.islice(_arranged(label, classes, c), MOST + 1))
    if len(found) > MOST:
        raise KgonError(
            f"the columns of {label} can be arranged in over {MOST} ways: let fewer of them differ in weight"
        )
    return found


def first_alike(label: Label, columns: Sequence[int], classes: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """Find the arrangement in the list of ``arrangements`` that is the same but for exchanges.

    Examples
    --------
    >>> first_alike(Label.parse("5+"), [3, 4, 5, 0, 1, 2], [(0, 1, 2, 3, 4), (5,)])
    (0, 1, 2, 3, 5, 4)
    """
    word = classes_of(columns, classes)
    places = {place: [word[j] for j in slots] for place, slots in _places(label, len(columns)).items()}
    images = ([places["live"][j] for j in image] for image in symmetries(len(places["live"])))
    live = sorted(places["live"]) if label.phi else min(images)
    return _columns(label, live, sorted(places["positive"]), sorted(places["off"]), classes)


def _places(label: Label, c: int) -> dict[str, list[int]]:
    """The columns of the standard representative by what may be exchanged at no cost.

    Beside switched-off columns the live ones may turn, and the order in which they come does not matter; nor
    does it matter which of the others are at vertices.
    """
    places: dict[str, list[int]] = {"live": [], "positive": [], "off": []}
    for j, role in enumerate(label.roles(c)):
        places[role if role in places else "off"].append(j)
    return places


def classes_of(columns: Sequence[int], classes: Sequence[Sequence[int]]) -> list[int]:
    """List the number of the class of each of some columns."""
    kind = {j: k for k, own in enumerate(classes) for j in own}
    return [kind[j] for j in columns]


def _columns(
    label: Label,
    live: Sequence[int],
    positive: Sequence[int],
    off: Sequence[int],
    classes: Sequence[Sequence[int]],
) -> tuple[int, ...]:
    """The columns in the order of the representative, from the classes in each place: of each the first."""
    own, c = [iter(columns) for columns in classes], sum(map(len, classes))
    slots = [j for place in _places(label, c).values() for j in place]
    found = dict(zip(slots, (next(own[k]) for k in (*live, *positive, *off)), strict=True))
    return tuple(found[j] for j in range(c))


def _arranged(label: Label, classes: Sequence[Sequence[int]], c: int) -> Iterator[tuple[int, ...]]:
    """Arrangements, found as words in the numbers of the classes."""
    sizes, places = [len(own) for own in classes], _places(label, c)
    images = symmetries(label.k)
    for positive in _bags(sizes, len(places["positive"])):
        left = [n - positive.count(k) for k, n in enumerate(sizes)]
        for off in _bags(left, len(places["off"])):
            rest = [n - off.count(k) for k, n in enumerate(left)]
            for live in [_sorted(rest)] if label.phi else _words(rest):
                if label.phi or all(live <= tuple(live[j] for j in image) for image in images):
                    yield _columns(label, live, positive, off, classes)


def _bags(sizes: Sequence[int], count: int) -> Iterator[tuple[int, ...]]:
    """Choices of ``count`` columns by their classes, in order."""
    for bag in itertools.combinations_with_replacement(range(len(sizes)), count):
        if all(bag.count(k) <= n for k, n in enumerate(sizes)):
            yield bag


def _sorted(sizes: Sequence[int]) -> tuple[int, ...]:
    return tuple(k for k, n in enumerate(sizes) for _ in range(n))


def _words(sizes: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """All different orders of so many of each class, in lexical order."""
    if not any(sizes):
        yield ()
    for k, n in enumerate(sizes):
        if n:
            fewer = [m - (j == k) for j, m in enumerate(sizes)]
            yield from ((k, *word) for word in _words(fewer))


@lru_cache(maxsize=64)
def symmetries(k: int) -> tuple[tuple[int, ...], ...]:
    """List the rotations and reflections of k vertices: where each vertex goes."""
    turns = itertools.product((1, -1), range(k))
    return tuple(tuple((sign * j + shift) % k for j in range(k)) for sign, shift in turns)
