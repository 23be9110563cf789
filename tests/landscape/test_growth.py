"""The graph while it grows: which points become nodes, under which name, and which edges are taken up."""

import dataclasses

import numpy as np
import pytest

from kgon.base.verdicts import Verdict
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.followed import arranged_point
from kgon.kgons.labels import Label
from kgon.kgons.names import Naming
from kgon.landscape import growth
from kgon.landscape.graph import LEDGE, RIM, SADDLE, WELL
from kgon.landscape.growth import Graph
from kgon.landscape.identity import described
from kgon.landscape.saddles import UNKNOWN, fallen, saddles_between
from kgon.potential.model import TMS

FIVE = TMS(5, importance=[1, 1, 1, 1, 0.99])
SIX = TMS(6, importance=[1, 1, 1, 1, 1, 0.9])
OFTEN = TMS(5, probability=[0.18, 0.18, 0.18, 0.18, 0.28])


@pytest.fixture(scope="module")
def saddle():
    """The saddle between 4⁺ and 5 at equal weights."""
    kgons = Catalogue(5)
    ends = (TMS(5).pack(kgons[x].W, kgons[x].biases) for x in ("4+", "5"))
    return saddles_between(TMS(5), [(*ends, 0)], 0)["saddles"][0]


def of(graph, label):
    """The flat point of a node."""
    return graph.tms.pack(graph.nodes[label].W, graph.nodes[label].biases)


@pytest.mark.parametrize("tms", [TMS(4), TMS(6), FIVE], ids=str)
def test_minima_with_a_column_that_costs_nothing_are_ledges(tms):
    graph = Graph(tms)
    graph.add_rims()
    low = {label: node.kind for label, node in graph.nodes.items() if node.kind in (WELL, LEDGE)}
    rising = {edge.first for edge in graph.edges}
    assert {label for label, kind in low.items() if kind == LEDGE} == rising & set(low)
    assert {WELL, LEDGE} == set(low.values())


def test_a_point_on_a_kink_is_neither_a_minimum_nor_a_saddle_that_was_found(saddle):
    graph = Graph(TMS(5))
    before = set(graph.nodes)
    point = described(TMS(5), saddle, 1)
    assert (point.index, point.kink) == (1, False)
    (taken,) = graph.add_found([point])
    assert taken == pytest.approx(saddle, abs=1e-6)
    kinks = [dataclasses.replace(point, kink=True, index=negative) for negative in (0, 1)]
    assert graph.add_found(kinks) == [] and set(graph.nodes) == before
    assert graph.add_found([dataclasses.replace(point, index=0)]) == []
    assert len(set(graph.nodes) - before) == 1


def test_of_an_unknown_index_only_what_lies_above_both_ends_is_a_transition(saddle):
    graph = Graph(TMS(5))
    five = of(graph, "5")
    known = {"reason": np.array("a kink"), "bounds": np.full(2, np.nan), "curvature": np.array(-0.1)}
    for negative, top, count in ((UNKNOWN, five, 0), (UNKNOWN, saddle, 1), (0, saddle, 1), (2, saddle, 1)):
        path = np.array([top, five])
        graph.add_saddles([{**known, "negative": np.array(negative), "path 0": path, "path 1": path}])
        assert len(graph.edges) == count
    (edge,) = graph.edges
    assert (edge.kind, edge.first, edge.second, edge.top) == (SADDLE, "5", "5", 1)
    assert edge.proof is Verdict.CONFIRMED and edge.reason == "a kink"


def test_a_node_that_was_not_followed_has_the_name_that_its_branch_leads_to():
    graph = Graph(OFTEN)
    usual = Catalogue(5)
    assert {x.label for x in graph.missing()} == {"4+, positive column 3", "4+, positive column 4"}
    assert all(usual[Label.parse(x.label).label].is_minimum for x in graph.missing())
    w = OFTEN.pack(*arranged_point(Label.parse("4+"), [0, 1, 2, 4, 3], 5))
    end = fallen(OFTEN, w)[-1]
    assert graph.node_at(end) == graph.node_at(end) == "4+, positive column 3"
    node = graph.nodes["4+, positive column 3"]
    assert node.catalogued and node.kind == WELL and node.unnamed is None
    assert [x.label for x in graph.missing()] == ["4+, positive column 4"]
    assert set(graph.others()) == {node.label}


def test_of_two_points_whose_branches_lead_to_one_k_gon_the_second_is_named_by_its_loss(monkeypatch):
    graph = Graph(FIVE)
    monkeypatch.setattr(growth, "name_at", lambda *given, **how: Naming(Label.parse("5")))
    label = graph.node_at(1.01 * of(graph, "5"))
    assert label.startswith("L=") and not graph.nodes[label].catalogued
    assert graph.nodes[label].unnamed == "its branch leads to 5 at equal weights, as that of another does"
    monkeypatch.setattr(growth, "name_at", lambda *given, **how: Naming(None, "its branch ends"))
    other = graph.node_at(1.02 * of(graph, "5"))
    assert other != label and graph.nodes[other].unnamed == "its branch ends"


def test_a_rim_is_proved_where_its_k_gon_is(monkeypatch):
    proved = Graph(SIX)
    proved.add_rims()
    rims = {edge.first: edge for edge in proved.edges}
    assert all(edge.proof is Verdict.PROVED and edge.kind == RIM for edge in proved.edges)
    assert "followed in floating point" in rims["5, dead column 4"].reason
    assert rims["5, dead column 5"].reason == rims["4, dead columns 4 5"].reason == ""
    certify = growth.certify_near
    for distance in (None, 0.01):
        far = {"distance": distance, "reason": "nothing is near"}
        monkeypatch.setattr(
            growth,
            "certify_near",
            lambda *given, far=far, **how: dataclasses.replace(certify(*given, **how), **far),
        )
        graph = Graph(SIX)
        graph.add_rims()
        found = {edge.first: edge for edge in graph.edges}
        for label, edge in found.items():
            expected = Verdict.CONFIRMED if label.startswith("5") else Verdict.PROVED
            assert edge.proof is expected, label
        assert found["5, dead column 4"].reason == "the k-gon is not proved: nothing is near"
