"""The landscape of a model of one's own: held against quadrature, other weights and another integrator."""

import numpy as np
import pytest
from support import truth
from support.flow import losses_below

from kgon.base.verdicts import KgonError, Verdict
from kgon.kgons.arrangements import name_arranged
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.labels import Label
from kgon.kgons.names import JOINED, first_of_alike, known_name
from kgon.kgons.symmetry import orbit_distance
from kgon.kgons.systems import CriticalPoints
from kgon.landscape.assembly import loss_landscape
from kgon.landscape.graph import LEDGE, NO_MINIMUM, RIM, SADDLE, WELL, Landscape
from kgon.landscape.growth import Graph
from kgon.landscape.saddles import aligned, joined_minima, saddles_between
from kgon.numerics import continuation
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.potential.parameters import Toward

LESS = 0.01
FIVE = TMS(5, importance=[1, 1, 1, 1, 1 - LESS])
SIX = TMS(6, importance=[1, 1, 1, 1, 1, 0.9])
OFTEN = TMS(5, probability=[0.18, 0.18, 0.18, 0.18, 0.28])
HOW = {"starts": 800, "trials": 0}


@pytest.fixture(scope="module")
def six():
    """Six features, one of them a tenth less important."""
    return loss_landscape(SIX, starts=20_000, trials=0)


@pytest.fixture(scope="module")
def often():
    """Five features, one of them more probable: 4-gons with positive columns move."""
    return loss_landscape(OFTEN, **HOW)


def gradient(tms, w):
    """The gradient by the quadrature."""
    grad_W, grad_b = truth.gradient(*tms.unpack(w), tms.probability, tms.importance)
    return np.concatenate([grad_W.ravel(), grad_b])


def assert_saddles(found):
    """Every saddle has no gradient, and one negative eigenvalue of finite differences of it."""
    tms = found.tms
    for edge in found.saddles:
        w = tms.pack(edge.W, edge.biases)
        assert np.linalg.norm(gradient(tms, w)) < 1e-11
        steps = 1e-5 * np.eye(tms.dimension)
        hessian = np.array([(gradient(tms, w + h) - gradient(tms, w - h)) / 2e-5 for h in steps])
        values = np.linalg.eigvalsh((hessian + hessian.T) / 2)
        assert values[0] == pytest.approx(edge.curvature, abs=1e-6) and values[0] < -1e-4
        assert values[1] > -1e-6
        assert edge.proof is Verdict.PROVED
        assert edge.loss_lower <= edge.saddle_loss <= edge.loss_upper


def assert_paths(found):
    """Paths have the losses of the quadrature, fall on both sides of their top, and end at their nodes."""
    weights = found.tms.probability, found.tms.importance
    for edge in found.edges:
        first, second = found.node(edge.first), found.node(edge.second)
        loss = truth.loss(edge.path_W, edge.path_biases, *weights)
        assert loss == pytest.approx(edge.loss, abs=1e-13)
        assert np.all(np.diff(loss[: edge.top + 1]) >= -1e-14) or edge.kind == RIM
        assert np.all(np.diff(loss[edge.top :]) <= 1e-14)
        for node, place, rise in ((first, 0, edge.barrier), (second, -1, edge.back)):
            there = float(truth.loss(node.W, node.biases, *weights))
            assert node.loss == pytest.approx(there, abs=1e-13)
            assert loss[place] == pytest.approx(there, abs=1e-9)
            assert rise == pytest.approx(edge.saddle_loss - there, abs=1e-13) and rise > -1e-13


# --- saddles ---------------------------------------------------------------------------------------


def test_saddles_have_no_gradient_and_one_negative_eigenvalue(five):
    assert len(five.saddles) == 3
    assert_saddles(five)


def test_losses_along_paths_are_those_of_the_quadrature(five):
    assert_paths(five)
    assert {edge.kind for edge in five.edges} == {SADDLE, RIM}


def test_a_saddle_of_equal_weights_splits_into_its_placements(five):
    """To first order L changes by what the output of the column costs that is less important."""
    tms, kgons = TMS(5), Catalogue(5)
    ends = (tms.pack(kgons[x].W, kgons[x].biases) for x in ("4+", "5"))
    w = saddles_between(tms, [(*ends, 0)], 0)["saddles"][0]
    height = Potential(tms).flat(w[None])[0][0]
    costs = [float(truth.loss(*tms.unpack(w), tms.probability, e)) for e in np.eye(5)]
    assert sum(costs) == pytest.approx(height, abs=1e-13)
    placements = np.unique(np.round(costs, 9))
    expected = sorted(height - LESS * placements)
    assert len(placements) == len(five.saddles) == 3
    assert sorted(edge.saddle_loss for edge in five.saddles) == pytest.approx(expected, abs=2 * LESS**2)
    assert all(edge.first.startswith("4+, positive") and edge.second == "5" for edge in five.saddles)


def test_a_saddle_is_the_same_from_either_side(five):
    points = {x.label: FIVE.pack(x.W, x.biases) for x in five.nodes}
    known = [edge.saddle_loss for edge in five.saddles]
    for first in ("4+, positive column 3", "4+, positive column 4"):
        for ends in ((points[first], points["5"]), (points["5"], points[first])):
            found = saddles_between(FIVE, [(*ends, 0)], 0)["saddles"]
            losses = Potential(FIVE).flat(found)[0]
            assert len(losses) >= 1
            assert np.abs(losses[:, None] - known).min(axis=1).max() < 1e-11


def test_points_of_higher_index_are_no_transitions():
    w = FIVE.pack(np.zeros((2, 5)), np.full(5, 0.1))
    graph = Graph(FIVE)
    assert not graph.edges
    arrays = joined_minima(FIVE, w)
    arrays["negative"] = np.array(2)
    graph.add_saddles([arrays])
    assert not graph.edges


def test_a_string_keeps_columns_of_other_weight_apart():
    rng = np.random.default_rng(3)
    W, b = rng.standard_normal((2, 5)), rng.standard_normal(5)
    target = FIVE.pack(W[:, [4, 1, 2, 3, 0]], b[[4, 1, 2, 3, 0]])
    w = FIVE.pack(W, b)
    assert aligned(TMS(5), w, target) == pytest.approx(target, abs=1e-9)
    moved = aligned(FIVE, w, target)
    assert np.linalg.norm(moved - target) > 0.1
    for image in (moved, aligned(FIVE, w, target, rng), aligned(FIVE, w, target, rng)):
        assert FIVE.unpack(image)[1][4] == b[4]
        assert sorted(FIVE.unpack(image)[1][:4]) == sorted(b[:4])


@pytest.mark.slow
def test_six_features_of_which_one_is_less_important(six):
    assert_saddles(six)
    assert_paths(six)
    joins = {(edge.first, edge.second) for edge in six.saddles}
    assert joins >= {
        ("5+, positive column 5", "6"),
        ("5+, positive column 4", "6"),
        ("5+, positive column 4", "5+, positive column 5"),
        ("4++, positive columns 4 5", "5+, positive column 5"),
        ("4++, positive columns 3 4", "5+, positive column 4"),
        ("4+, positive column 4; dead column 5", "5, dead column 5"),
        ("4+, positive column 5; dead column 4", "5, dead column 4"),
    }
    assert len(six.saddles) == 18
    gates = [x.saddle_loss for x in six.saddles if (x.first[:2], x.second) == ("5+", "6")]
    assert gates == pytest.approx([0.064399, 0.068964, 0.068978], abs=5e-7)  # as the docs say
    wells = {node.label for node in six.nodes if node.kind == WELL}
    parts = ("5+, positive column", "4++, positive columns")
    assert wells == {"6", f"{parts[0]} 4", f"{parts[0]} 5", f"{parts[1]} 3 4", f"{parts[1]} 4 5"}


@pytest.mark.slow
def test_the_saddles_are_those_that_branches_from_equal_weights_lead_to(landscape, six):
    """Each saddle of equal weights, in each placement of the column, by continuation: it arrives or folds."""
    plain, heights, folds = TMS(6), np.array([edge.saddle_loss for edge in six.saddles]), 0
    placements = []
    for edge in landscape.saddles:
        costs = [float(truth.loss(edge.W, edge.biases, plain.probability, e)) for e in np.eye(6)]
        _, columns = np.unique(np.round(costs, 8), return_index=True)
        placements += [(edge, int(j), edge.saddle_loss - 0.1 * costs[j]) for j in columns]
    for edge, column, expected in placements:
        order = np.arange(6)
        order[[column, 5]] = 5, column
        if (edge.first, edge.second) == ("4+", "5"):  # dead and positive columns: not followed
            assert np.abs(heights - expected).min() < 5e-6
            continue
        system = CriticalPoints(edge.W[:, order], edge.biases[order], parameter=Toward(SIX))
        branch = continuation.follow(system, system.start, 0.0, lower=0.0, upper=1.0, direction=1)
        if branch.ended == "upper":
            W, b = system.point(branch.x[-1])
            loss = float(truth.loss(W, b, SIX.probability, SIX.importance))
            assert np.abs(heights - loss).min() < 1e-10
        else:
            assert branch.of("fold")
            folds += 1
    assert (len(placements), folds) == (20, 2) and len(heights) == len(placements) - folds


@pytest.mark.slow
def test_another_integrator_ends_at_the_same_minima(six):
    potential = Potential(SIX)
    for edge in six.saddles:
        claimed = sorted(six.node(label).loss for label in (edge.first, edge.second))
        assert losses_below(potential, edge.W, edge.biases) == pytest.approx(claimed, abs=1e-7)


# --- the weights -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_permuted_weights_permute_the_graph(five):
    order = [4, 1, 2, 3, 0]  # column j of the one plays column order[j] of the other
    other = TMS(5, importance=FIVE.importance[order])
    found = loss_landscape(other, **HOW)
    assert len(found.nodes) == len(five.nodes)
    for node in five.nodes:
        w = other.pack(node.W[:, order], node.biases[order])
        name = known_name(w, within=JOINED, tms=other)
        assert name is not None and found.node(name.name).kind == node.kind
        assert found.node(name.name).loss == pytest.approx(node.loss, abs=1e-13)
    for x, y in zip(five.saddles, found.saddles, strict=True):
        assert x.saddle_loss == pytest.approx(y.saddle_loss, abs=1e-12)
        images = (x.W[:, order], x.biases[order], y.W, y.biases)
        assert orbit_distance(*images, classes=other.classes).distance < 1e-6
        before = Label.parse(x.first)
        columns = [order.index(j) for j in before.columns(5)]
        after = name_arranged(before.label, columns, other.classes)
        assert first_of_alike(after, other).name == y.first


@pytest.mark.slow
def test_more_probable_features_move_the_squares(often):
    assert_paths(often)
    assert_saddles(often)
    moved = often.node("4+, positive column 3")
    assert moved.catalogued and moved.kind == WELL
    # The positive column leans away from the vertex whose input is the most frequent.
    assert 1e-3 < np.hypot(*moved.W[:, 3]) < 0.2
    assert np.linalg.norm(gradient(OFTEN, OFTEN.pack(moved.W, moved.biases))) < 1e-9
    assert all(x.label != "4+, positive column 3" for x in often.missing)
    assert all(edge.barrier > 1e-9 for edge in often.saddles)


# --- the nodes -------------------------------------------------------------------------------------


def test_nodes_are_the_points_that_branches_lead_to(five):
    kinds = {node.label: node.kind for node in five.nodes}
    assert {x for x, kind in kinds.items() if kind == WELL} == {
        "5", "4+, positive column 3", "4+, positive column 4",
    }  # fmt: skip
    assert {x for x, kind in kinds.items() if kind == LEDGE} >= {"4, dead column 3", "4, dead column 4"}
    assert kinds["4+-, live columns 0 1 2; positive column 4"] == NO_MINIMUM
    for node in five.nodes:
        assert np.linalg.norm(gradient(FIVE, FIVE.pack(node.W, node.biases))) < 1e-9
    assert five.missing == ()
    assert five.model == FIVE and "importance 1,1,1,1,0.99" in str(five)


def test_a_k_gon_whose_branch_ends_is_missing():
    found = loss_landscape(TMS(5, importance=[1, 1, 1, 1, 0.05]), starts=0, trials=0)
    (gone,) = found.missing
    assert gone.label == "5" and "turns back at a fold" in gone.reason
    assert all(not node.label.startswith("5") for node in found.nodes)
    assert "without 5" in str(found)
    again = Landscape.from_json(found.to_json())
    assert again.to_json() == found.to_json() and again.missing[0].reason == gone.reason


def test_labels_are_asked_for_in_any_arrangement(five):
    named = "4+, positive column 3"
    assert five.node("4+, positive column 1") is five.node(named)
    assert five.node("4+") is five.node("4+, positive column 4")
    assert five.meeting("4+, positive column 0", "5") == five.meeting(named, "5")
    for label in ("5, positive column 4", "4+, positive column 9", "no", "5+"):
        with pytest.raises(KgonError, match="no node"):
            five.node(label)


def test_the_profile_is_one_path_of_the_model(five):
    along = five.profile("4", "5")
    loss = truth.loss(along.W, along.biases, FIVE.probability, FIVE.importance)
    assert loss == pytest.approx(along.loss, abs=1e-14)
    assert np.diff(along.arc).max() < 0.1
    assert along.marks[0].label == "4, dead column 4" and along.marks[-1].label == "5"
