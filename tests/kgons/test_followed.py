from fractions import Fraction

import numpy as np
import pytest
from scipy.optimize import minimize

from kgon import KgonError
from kgon.branches import follow_branch
from kgon.branches.squares import exact_square, stability
from kgon.kgons import basins, followed
from kgon.kgons.arrangements import arrangements, name_arranged
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.followed import lead, point_at, weighted_kgons
from kgon.kgons.labels import Arranged, Label
from kgon.kgons.names import RESTED, Other, Register, identify, name_at
from kgon.potential import any_number
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.potential.parameters import Parameter, Toward, read_parameter

HALF = TMS(6, importance=[1, 1, 1, 1, 1, 0.5])
BOTH = TMS(6, importance=[1.1, 0.9, 1, 1, 1.05, 0.8], probability=[0.16, 0.17, 0.17, 0.16, 0.17, 0.17])


def exact_gradient(tms: TMS, W, b) -> float:
    """‖∇L‖ of the weighted loss at the floats of a point, in fractions."""
    rows = [any_number.fractions(np.array([row]))[0] for row in (*W, b)]
    p, importance = any_number.fractions(np.array([tms.probability, tms.importance]))
    grad_W, grad_b = any_number.gradient(rows[:-1], rows[-1], probability=p, importance=importance)
    return float(sum(x * x for row in [*grad_W, grad_b] for x in row)) ** 0.5


@pytest.mark.parametrize("tms", [HALF, BOTH])
@pytest.mark.parametrize("label", ["6", "5+", "5"])
def test_where_a_branch_leads_the_exact_gradient_is_zero(label, tms):
    found = lead(Label.parse(label), range(6), tms)
    assert exact_gradient(tms, *found.place) < 1e-14 and found.negative == 0


@pytest.mark.slow
def test_an_independent_minimiser_of_the_integral_finds_the_same_point():
    """By quadrature of ‖x − f(x)‖² and finite differences, from a perturbed point."""
    W, b = point_at(Label(5, 1), BOTH)
    rng = np.random.default_rng(4)

    def loss(w):
        return BOTH.loss_by_quadrature(*BOTH.unpack(w))

    start = BOTH.pack(W, b) + 0.01 * rng.standard_normal(18)
    found = minimize(loss, start, method="BFGS", options={"gtol": 1e-6, "maxiter": 60})
    assert found.fun == pytest.approx(float(Potential(BOTH).loss(W, b)), abs=1e-9)
    there, expected = BOTH.unpack(found.x), BOTH.unpack(BOTH.pack(W, b))
    assert there[0].T @ there[0] == pytest.approx(expected[0].T @ expected[0], abs=1e-3)


def test_a_common_factor_moves_nothing():
    for label in ("6", "5+"):
        one, three = (point_at(Label.parse(label), TMS(6, importance=f * HALF.importance)) for f in (1, 3))
        assert one[0] == pytest.approx(three[0], abs=1e-12) and one[1] == pytest.approx(three[1], abs=1e-12)
    W, b = point_at(Label(6), TMS(6, importance=[3] * 6))
    assert np.array_equal(W, Catalogue(6)["6"].W) and np.array_equal(b, Catalogue(6)["6"].biases)
    assert name_at(TMS(6, importance=3 * HALF.importance), *point_at(Label(5, 1), HALF)).name == Label.parse(
        "5+, positive column 5"
    )


def test_columns_and_weights_may_be_permuted_together():
    order = np.array([3, 0, 5, 1, 4, 2])
    other = TMS(6, importance=BOTH.importance[order], probability=BOTH.probability[order])
    name = Label.parse("5+, vertices 0 2 1 3 4; positive column 5")
    place = np.argsort(order)
    columns = [int(place[j]) for j in name.columns(6)]
    one, two = lead(name, name.columns(6), BOTH), lead(name, columns, other)
    assert one.b[order] == pytest.approx(two.b, abs=1e-12)
    gram, moved = one.W.T @ one.W, two.W.T @ two.W
    assert gram[np.ix_(order, order)] == pytest.approx(moved, abs=1e-11)
    assert name_at(BOTH, *one.place).name == name
    assert name_at(other, *two.place).name == name_arranged(name.label, columns, other.classes)


def test_an_output_without_importance_leaves_the_others_to_themselves():
    """At importance 0 of a dead column the loss is 5/6 of that of five features: known exactly."""
    tms = TMS(6, importance=[1, 1, 1, 1, 1, 0])
    W, b = point_at(Label.parse("5, dead column 5"), tms)
    five = Catalogue(5)["5"]
    assert float(Potential(tms).loss(W, b)) == pytest.approx(5 / 6 * five.loss, rel=1e-14)
    assert W[:, :5] == pytest.approx(five.W) or np.allclose(W[:, :5].T @ W[:, :5], five.W.T @ five.W)


@pytest.mark.parametrize(("label", "role"), [("6", "vertex"), ("5+", "vertex"), ("5+", "positive")])
def test_the_way_to_one_importance_is_that_of_continue(label, role):
    branch = follow_branch(label, parameter="importance[5]", role=role, lower=0.45, upper=1.0)
    tms = TMS(6, importance=[1, 1, 1, 1, 1, 0.45])
    words = {"positive": ", positive column 5", "vertex": ", positive column 0" if label == "5+" else ""}
    W, b = point_at(Label.parse(label + words[role]), tms)
    assert float(Potential(tms).loss(W, b)) == pytest.approx(branch.points[0].loss, abs=1e-14)


def test_where_the_branch_ends_there_is_no_point_and_the_reason_is_that_of_continue():
    (fold,) = follow_branch("6", lower=0.3, upper=1.0).events
    tms = TMS(6, importance=[1, 1, 1, 1, 1, 0.3])
    found = lead(Label(6), range(6), tms)
    assert found.W is None and f"fold, at importance 1,1,1,1,1,{fold.parameter:.6g}" in found.reason
    with pytest.raises(KgonError, match="turns back at a fold"):
        point_at(Label(6), tms)
    moved = lead(Label(4, 1), range(6), BOTH)
    assert "sits on a kink" in moved.reason


def test_names_forwards_and_backwards_agree():
    rng = np.random.default_rng(1)
    tms = TMS(6, importance=rng.uniform(0.7, 1.3, 6))
    for label in (Label(6), Label(5, 1), Label(5)):
        for columns in arrangements(label, tms.classes)[::40]:
            found = lead(label, columns, tms)
            W, b = found.place
            angle = rng.uniform(0, 6)
            turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
            assert name_at(tms, turn @ W, b).name == name_arranged(label, columns, tms.classes)
    assert name_at(tms, *lead(Label(4), range(6), tms).place).name == Label.parse(
        "4, vertices 0 1 2 3; dead columns 4 5"
    )


@pytest.mark.slow
def test_a_critical_point_that_is_no_k_gon_at_equal_weights_has_no_name_but_a_reason():
    from kgon.landscape.search import search_critical_points

    found = search_critical_points(TMS(4, importance=[1, 1, 1, 0.5]), starts=60, below=0.2)
    unnamed = [x for x in found.points if x.label is None]
    assert unnamed and all(x.unnamed for x in unnamed) and any(x.label for x in found.points)
    assert type(found).from_json(found.to_json()).model == TMS(4, importance=[1, 1, 1, 0.5])


@pytest.mark.slow
@pytest.mark.parametrize(("label", "c"), [("4+", 6), ("4++", 6), ("4++", 8), ("4++", 9)])
def test_descents_tell_which_4_gons_are_minima(label, c):
    """Against the exact certificates at equal weights; 4++ at c = 9 is the first that is none."""
    W, b = point_at(Label.parse(label), TMS(c))
    assert followed._falls(TMS(c), W, b) is not Catalogue(c)[label].is_minimum


@pytest.mark.slow
@pytest.mark.parametrize("label", ["4++", "4+"])
def test_how_long_4_gons_stay_minima(label):
    """Against the least value of the leading function (``branches.squares``)."""
    positive = [j for j, role in enumerate(Label.parse(label).roles(6)) if role == "positive"]
    parameter = Parameter("importance", tuple(positive), 6)
    role = "positive" if len(positive) == 1 else f"{len(positive)} positive"
    border = stability(exact_square(Label.parse(label), parameter, role), parameter, 0.5, 20.0).border
    for share, expected in ((0.95, True), (1.05, False)):
        importance = np.ones(6)
        importance[positive] = share * border
        tms = TMS(6, importance=importance)
        found = lead(Label.parse(label), range(6), tms)
        assert followed._minimum(Label.parse(label), range(6), found, tms) is expected


def test_basins_of_a_model_hold_what_is_near_their_minima():
    found = basins.Basins(HALF)
    assert set(found.labels) >= {
        "6",
        "5, dead column 5",
        "5+, positive column 4",
        "4+, positive column 5; dead column 4",
    }
    rng = np.random.default_rng(0)
    names = [Label.parse(x) for x in ("6", "5+, positive column 2", "5+", "4, dead columns 1 5")]
    w = np.array([HALF.pack(*point_at(name, HALF)) + 0.01 * rng.standard_normal(18) for name in names])
    assert [found.labels[k] for k in found.of(w)] == [
        "6", "5+, positive column 4", "5+, positive column 5", "4, dead columns 4 5"
    ]  # fmt: skip
    doubled = basins.Basins(TMS(6, importance=2 * HALF.importance))
    assert doubled.labels == found.labels and doubled.levels == pytest.approx(found.levels, rel=1e-12)
    assert basins.Basins(TMS(6, importance=[5] * 6)).labels == basins.Basins(6).labels


def test_a_register_follows_a_point_once():
    register = Register(RESTED, HALF)
    W, b = point_at(Label(5, 1), HALF)
    loss = float(Potential(HALF).loss(W, b))
    first = register.name(HALF.pack(W, b), loss)
    assert register.name(HALF.pack(-W, b), loss) is first
    assert str(first) == "5+, positive column 5"
    exchanged = [1, 0, 2, 3, 4, 5]
    assert register.name(HALF.pack(W[:, exchanged], b[exchanged]), loss) is first
    assert isinstance(identify(1.01 * HALF.pack(W, b), within=RESTED, tms=HALF), (Other, Arranged))


def test_weights_on_the_way_and_its_name():
    way = Toward(BOTH)
    assert way.start == 0 and way.varies == ("importance", "probability")
    assert way.tms(1.0) == BOTH and way.tms(0.0).equal
    four = Toward(TMS(6, importance=4 * BOTH.importance, probability=BOTH.probability))
    assert [4 * x for x in way.weights(Fraction(1, 3))[1]] == four.weights(Fraction(1, 3))[1]
    assert read_parameter(way.name, 6).weights(Fraction(1)) == way.weights(Fraction(1))
    assert sum(way.weights(Fraction(1, 3))[0]) == pytest.approx(1)
    for text in ("importance=1,2", "weight=1,1,1,1,1,1", "importance=1,1,1,1,1,x"):
        with pytest.raises(KgonError):
            read_parameter(text, 6)


def test_every_k_gon_of_a_model_is_listed():
    listed = weighted_kgons(HALF)
    there = [x for x in listed if x.loss is not None and x.name.k > 4]
    assert [str(x.name) for x in there] == [
        "5, dead column 4", "5, dead column 5", "5+, positive column 4", "5+, positive column 5", "6"
    ]  # fmt: skip
    assert all(exact_gradient(HALF, *x.found.place) < 1e-14 for x in listed if x.loss is not None)


def test_a_positive_column_that_costs_nothing_spoils_no_minimum():
    """At importance 0 it gains nothing from a tilt of ΣW, so the point is as good a minimum as without it."""
    tms = TMS(6, importance=[1, 1, 1, 1, 1, 0])
    listed = {str(x.name): x for x in weighted_kgons(tms)}
    free, costly = (listed[f"4+---, live column 0; positive column {j}"] for j in (5, 1))
    assert free.is_minimum is True and free.loss == listed["4---, live column 0"].loss
    assert costly.is_minimum is False
    assert listed["5+, positive column 5"].is_minimum is None and listed["5, dead column 5"].is_minimum
    potential, rng = Potential(tms), np.random.default_rng(0)
    for x, falls in ((free, False), (costly, True)):
        w = tms.pack(*x.found.place)
        near = w + 0.03 * rng.standard_normal((4000, 18)) * (rng.random((4000, 18)) < 0.5)
        assert bool(potential.flat(near)[0].min() < x.loss - 1e-12) is falls
