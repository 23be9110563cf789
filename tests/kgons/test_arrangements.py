import itertools
import math

import numpy as np
import pytest

from kgon import KgonError
from kgon.kgons.arrangements import arrangements, first_alike, name_arranged
from kgon.kgons.labels import Arranged, Label, all_labels

APART = [(j,) for j in range(6)]
CLASSES = (APART, [(0, 1, 2, 3, 4), (5,)], [(0, 3), (1, 2), (4, 5)])


def test_arrangements_are_counted():
    """By hand: 6!/12 bracelets, 6 · 5!/10, 15 choices of dead ones times 3; 11 bracelets of AABBCC."""
    counts = {x: len(arrangements(Label.parse(x), APART)) for x in ("6", "5+", "5", "4", "4+", "4-", "4----")}
    assert counts == {"6": 60, "5+": 72, "5": 72, "4": 45, "4+": 90, "4-": 20, "4----": 1}
    assert len(arrangements(Label(6), CLASSES[2])) == 11
    assert [len(arrangements(label, [tuple(range(6))])) for label in all_labels(6, [4, 5, 6])] == [1] * 21


@pytest.mark.parametrize("classes", CLASSES)
def test_every_order_of_the_columns_is_one_arrangement_of_the_list(classes):
    """Against all 720 orders, taken to be one where exchanges and the polygon's symmetries say so."""
    for label in (Label(6), Label(5, 1), Label(4, 1)):
        listed = arrangements(label, classes)
        found = {first_alike(label, order, classes) for order in itertools.permutations(range(6))}
        assert found == set(listed) and len(listed) == len(found)


@pytest.mark.parametrize("classes", CLASSES)
def test_a_name_tells_arrangements_apart_and_is_read_back(classes):
    for label in all_labels(6, [4, 5, 6]):
        listed = arrangements(label, classes)
        names = [name_arranged(label, columns, classes) for columns in listed]
        assert len(set(map(str, names))) == len(names)
        for columns, name in zip(listed, names, strict=True):
            assert Label.parse(str(name)) == Label.parse(name.pretty) == Label.parse(name.latex) == name
            order = name.columns(6) if isinstance(name, Arranged) else range(6)
            assert first_alike(label, order, classes) == columns


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("5+, positive column 0 1", "5+ has 1 positive"), ("5, dead column 6", "from 0 to 5"),
        ("5, column 3", "'positive column 5'"), ("5,", "'positive column 5'"),
        ("6, vertices 0 1 2 3 4 4", "named once"), ("5, positive column 5", "5 has 0 positive"),
        ("4-, vertices 0 1 2 3", "4- has 0 vertices"),
    ],
)  # fmt: skip
def test_words_that_do_not_fit(text, words):
    with pytest.raises(KgonError, match=words.replace("+", r"\+")):
        Label.parse(text).columns(6)


def test_too_many_arrangements_are_refused():
    assert math.factorial(10) // 20 > 5000
    with pytest.raises(KgonError, match="over 5000 ways"):
        arrangements(Label(10), [(j,) for j in range(10)])


def test_labels_are_read_as_they_are_printed():
    for label in all_labels(9, [4, 5, 6, 7, 8, 9]):
        for text in (str(label), label.pretty, label.latex, f"${label.latex}$", f"{label.pretty}-gon"):
            assert Label.parse(text) == label
    assert np.all([Label.parse(x) == Label(4, 2, 1) for x in ("4⁺⁺⁻", " 4++- ", "4^{++-}")])
