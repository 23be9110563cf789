"""Several columns varied together: events do not depend on which features they are, and none is missed."""

import itertools

import numpy as np
import pytest
from scipy.optimize import minimize

from kgon.branches.compare import continue_branch
from kgon.branches.follow import follow_branch
from kgon.branches.maxwell import sheets
from kgon.branches.roles import possible_roles
from kgon.kgons.labels import Label
from kgon.kgons.values import standard_point
from kgon.potential.loss import Potential
from kgon.potential.parameters import Parameter


def named(columns):
    return f"importance[{','.join(map(str, columns))}]"


def events(label, columns, role, lower, against):
    """Kind, name (of Maxwell points: it names no columns) and parameter of every event."""
    found = continue_branch(
        label, role=role, parameter=named(columns), lower=lower, upper=1.0, against=against
    )
    return [(x.kind, x.name if x.kind == "maxwell" else "", x.parameter, x.loss) for x in found.events]


def assert_alike(first, second):
    assert [x[:2] for x in first] == [x[:2] for x in second]
    for x, y in zip(first, second, strict=True):
        assert x[2:] == pytest.approx(y[2:], abs=1e-9)


@pytest.mark.slow
def test_a_pair_and_its_image_under_a_permutation_have_the_same_events():
    """The event that decides which k-gon is lowest, 4⁺⁺ with both columns positive, is among them."""
    expected = events("5+", (3, 4), "positive", 0.2, ["4++"])
    assert_alike(events("5+", (0, 5), "positive", 0.2, ["4++"]), expected)
    assert "same loss as 4++ (2 positive)" in [name for _, name, *_ in expected]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("label", "size", "role"),
    [("5+", 2, "positive"), ("5+", 3, "vertices 0,1+positive")],
)
def test_every_choice_of_features_has_the_same_events(label, size, role):
    choices = list(itertools.combinations(range(6), size))
    expected = events(label, choices[0], role, 0.1, ["4"])
    for columns in choices[1:]:
        assert_alike(events(label, columns, role, 0.1, ["4"]), expected)


def lowest_by_descent(tms, rng):
    """The lowest loss that descent finds from every k-gon with its columns in any order, shaken."""
    potential = Potential(tms)

    def fun(w):
        point = tms.unpack(w)
        gradient = potential.gradient(*point)
        return potential.loss(*point), tms.pack(*gradient)

    found = []
    for label in ("6", "5+", "5", "4++", "4+", "4"):
        W, b = standard_point(Label.parse(label), 6)
        for chosen in itertools.combinations(range(6), 2):  # where the two varied features, the last, stand
            order = [j for j in range(6) if j not in chosen] + list(chosen)
            start = tms.pack(W[:, order], b[order]) + 0.02 * rng.standard_normal(18)
            found.append(minimize(fun, start, jac=True, method="BFGS", options={"gtol": 1e-10}).fun)
    return min(found)


@pytest.mark.slow
@pytest.mark.parametrize("value", [0.1, 0.2, 0.7])
def test_the_lowest_k_gon_is_what_descent_finds(value):
    """Of all k-gons in all arrangements, at importances with different lowest ones."""
    parameter = Parameter.parse(named((4, 5)), 6)
    losses = {}
    for label in ("6", "5+", "5", "4++", "4+", "4"):
        for role in possible_roles(Label.parse(label), 6, 2):
            branch = follow_branch(label, parameter=parameter, role=role, lower=value, upper=1.0)
            at = [sheet.at(value)[0] for sheet in sheets(branch) if sheet.p[0] <= value <= sheet.p[-1]]
            losses[label, role] = min(at, default=np.inf)
    descended = lowest_by_descent(parameter.tms(value), np.random.default_rng(0))
    assert min(losses.values()) == pytest.approx(descended, abs=1e-7), min(losses, key=losses.get)
