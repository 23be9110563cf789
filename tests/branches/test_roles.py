"""Roles of varied columns: every arrangement once, whichever features are varied."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgon.base.verdicts import KgonError
from kgon.branches.roles import (
    MOST_CHOICES,
    arrangement,
    possible_roles,
    role_of,
    role_shares,
    settled_role,
    start_of_branch,
)
from kgon.kgons.labels import Label
from kgon.kgons.values import standard_point
from kgon.potential.parameters import Parameter

LABELS = ("6", "5", "5+", "4", "4+", "4++")


def symmetries(label):
    """Permutations of the columns that a rotation or reflection undoes: brute force over all 720."""
    W, b = standard_point(Label.parse(label), 6)
    gram = W.T @ W
    kept = []
    for order in itertools.permutations(range(6)):
        p = list(order)
        if np.allclose(gram[np.ix_(p, p)], gram, atol=1e-12) and np.allclose(b[p], b, atol=1e-12):
            kept.append(p)
    return kept


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("size", [1, 2, 3])
def test_roles_are_the_orbits_of_the_symmetries(label, size):
    """Two choices of columns have one role exactly if a symmetry of the k-gon takes one to the other."""
    group = symmetries(label)
    choices = list(itertools.combinations(range(6), size))
    orbits = {frozenset(frozenset(p[j] for j in chosen) for p in group) for chosen in choices}
    by_role = {}
    for chosen in choices:
        by_role.setdefault(role_of(Label.parse(label), chosen, 6), set()).add(frozenset(chosen))
    assert {frozenset(found) for found in by_role.values()} == orbits
    assert sorted(by_role) == sorted(possible_roles(Label.parse(label), 6, size))


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("size", [2, 3])
def test_the_arrangement_gives_the_varied_columns_their_role(label, size):
    """Whatever features are varied, they stand in the same way to one another."""
    name = Label.parse(label)
    W, b = standard_point(name, 6)
    for role in possible_roles(name, 6, size):
        seen = set()
        for columns in itertools.combinations(range(6), size):
            varied = Parameter("importance", columns, 6)
            order = arrangement(name, varied, role)
            assert sorted(order) == list(range(6))
            assert role_of(name, [order[j] for j in columns], 6) == role
            at, biases = start_of_branch(name, varied, role)
            assert np.array_equal(at, W[:, order])
            assert np.array_equal(biases, b[order])
            inside = list(columns)
            inner = np.sort(np.round(at[:, inside].T @ at[:, inside], 9), axis=None)
            seen.add((tuple(inner), tuple(np.sort(np.round(biases[inside], 9)))))
        assert len(seen) == 1


@given(st.sampled_from(LABELS), st.permutations(range(6)), st.integers(1, 3))
def test_a_role_does_not_change_with_the_order_of_the_columns(label, order, size):
    name = Label.parse(label)
    assert role_of(name, order[:size], 6) == role_of(name, sorted(order[:size]), 6)


def test_a_part_of_a_role_is_enough_where_it_leaves_no_choice():
    for columns in itertools.combinations(range(6), 2):
        varied = Parameter("importance", columns, 6)
        assert settled_role(Label.parse("5+"), varied, "positive") == "vertex+positive"
        assert settled_role(Label.parse("4++"), varied, "positive") == "2 positive"
        assert settled_role(Label.parse("6"), varied, None) == role_of(Label.parse("6"), columns, 6)


@pytest.mark.parametrize(
    ("label", "role", "words"),
    [
        (
            "6",
            "vertex",
            "2 columns of 6 can be vertices 0,1; vertices 0,2; vertices 0,3; name one of these, got 'vertex'",
        ),
        ("4+", "positive", "vertex+positive; positive+dead; name one of these, got 'positive'"),
        ("5", "positive", "2 columns of 5 can be vertices 0,1; vertices 0,2; vertex+dead, got 'positive'"),
    ],
)
def test_a_role_that_cannot_be_or_leaves_a_choice_lists_the_roles(label, role, words):
    with pytest.raises(KgonError, match="can be") as caught:
        settled_role(Label.parse(label), Parameter("importance", (0, 1), 6), role)
    assert words in str(caught.value)


@pytest.mark.parametrize(("label", "c", "size"), [("5+", 7, 1), ("5+", 7, 2), ("4", 8, 3)])
def test_the_shares_of_the_roles_count_all_choices(label, c, size):
    """Every choice of columns once: the shares add up to 1, and each is that of brute force."""
    name = Label.parse(label)
    roles = [role_of(name, chosen, c) for chosen in itertools.combinations(range(c), size)]
    shares = role_shares(name, c, size)
    assert shares == {role: Fraction(roles.count(role), len(roles)) for role in shares}
    assert sum(shares.values()) == 1


def test_more_choices_than_can_be_gone_through_are_refused():
    assert math.comb(16, 6) < MOST_CHOICES < math.comb(17, 7)
    with pytest.raises(KgonError, match="7 of the 17 columns of 17 can be chosen in over 10000 ways"):
        possible_roles(Label.parse("17"), 17, 7)
