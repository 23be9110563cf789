"""Regular configurations at r = 3: named by symmetry, proved, found by search, and recognised."""

import dataclasses

import numpy as np
import pytest

from kgon.base.verdicts import KgonError, Verdict
from kgon.landscape import nearest_solids, point_group, regular_solids, search_critical_points
from kgon.landscape.point_groups import symmetries
from kgon.landscape.solids import SHAPES, live_columns, names_of, standard_solid
from kgon.potential.loss import Potential
from kgon.potential.model import TMS

GROUPS = {
    "tetrahedron": "Td", "triangular bipyramid": "D3h", "octahedron": "Oh", "capped octahedron": "C3v",
    "capped trigonal prism": "C2v", "pentagonal bipyramid": "D5h", "square antiprism": "D4d",
    "snub disphenoid": "D2d", "cube": "Oh", "hexagonal bipyramid": "D6h", "tricapped trigonal prism": "D3h",
    "capped square antiprism": "C4v", "tetracapped trigonal prism": "C3v", "sphenocorona": "C2v",
    "bicapped square antiprism": "D4d", "pentagonal antiprism": "D5d", "capped pentagonal antiprism": "C5v",
    "pentacapped trigonal prism": "D3h", "icosahedron": "Ih", "anticuboctahedron": "D3h",
    "hexagonal antiprism": "D6d",
}  # fmt: skip
"""As crystallographers name the groups of these solids."""
ORDERS = {"Td": 24, "Oh": 48, "Ih": 120, "Cs": 2, "Ci": 2, "C1": 1, "S4": 4, "Th": 24}


def order_of(group):
    """Of a group by its name."""
    if group in ORDERS:
        return ORDERS[group]
    number = int(group[1:-1] if group[-1].isalpha() else group[1:])
    return number * (2 if group[0] == "D" else 1) * (2 if group[-1].isalpha() else 1)


@pytest.mark.parametrize("name", SHAPES)
def test_names_go_with_point_groups(name):
    W, b = live_columns(name)
    rng = np.random.default_rng(0)
    Q, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    order = rng.permutation(len(b))
    assert point_group((Q @ W)[:, order], b[order]) == GROUPS[name]
    assert len(symmetries(W, b)) == order_of(GROUPS[name])
    assert Potential(TMS(len(b), 3)).gradient_norm(W, b) < 1e-12


@pytest.mark.parametrize(
    ("name", "places"),
    [
        ("C1", [(1, 2, 3), (2, -1, 0.5), (0.3, 1, -2), (1, 1, 0.2)]),
        ("Cs", [(1, 0, 0), (0.3, 1, 1), (0.3, 1, -1), (0.2, -2, 0)]),
        ("Ci", [(1, 2, 3), (-1, -2, -3), (2, -1, 0.5), (-2, 1, -0.5), (0.3, 1, -2), (-0.3, -1, 2)]),
        ("S4", [(1, 0.3, 1), (-0.3, 1, -1), (-1, -0.3, 1), (0.3, -1, -1),
                (1, 0.5, 2), (-0.5, 1, -2), (-1, -0.5, 2), (0.5, -1, -2)]),
        ("C3", [(1, 0, 1), (2, 0.5, 0.3)]),
        ("D2", [(1, 0.4, 0.2), (1, -0.4, -0.2), (-1, 0.4, -0.2), (-1, -0.4, 0.2)]),
        ("T", [(1, 0.4, 0.2)]), ("Th", [(1, 0.4, 0)]), ("O", [(1, 0.4, 0.2)]),
    ],
)  # fmt: skip
def test_point_groups_without_a_solid(name, places):
    W = np.array(places, dtype=float).T
    cyclic = np.array([[0.0, 0, 1], [1, 0, 0], [0, 1, 0]])
    if name == "C3":
        turn = np.array([[-0.5, -(0.75**0.5), 0], [0.75**0.5, -0.5, 0], [0, 0, 1]])
        W = np.hstack([W, turn @ W, turn @ turn @ W])
    elif name in ("T", "Th", "O"):
        signs = [np.diag(x) for x in ([1.0, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1])]
        more = [np.diag([1.0, 1, -1])] if name == "Th" else []
        if name == "O":
            more = [np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]])]
        W = np.hstack([P @ S @ M @ W for M in (np.eye(3), *more) for S in signs for P in
                       (np.eye(3), cyclic, cyclic @ cyclic)])  # fmt: skip
        W = np.unique(np.round(W, 12), axis=1)
    assert point_group(W, np.zeros(W.shape[1])) == name


def test_a_flat_configuration_has_no_point_group():
    with pytest.raises(KgonError, match="rank 2"):
        point_group(np.array([[1.0, 0, -1], [0, 1, 0], [0, 0, 0]]), np.zeros(3))


@pytest.mark.parametrize("c", [6, 7, pytest.param(8, marks=pytest.mark.slow)])
def test_solids_are_proved_with_loss_and_lambda(c):
    found = regular_solids(c)
    lowest = {6: 0.0, 7: 0.00763978277789, 8: 0.0127092901844}[c]
    assert found[0].verification.loss == pytest.approx(lowest, abs=1e-10)
    assert [x.verification.loss for x in found] == sorted(x.verification.loss for x in found)
    for solid in found:
        proof = solid.verification
        assert proof.critical is Verdict.PROVED and len(solid.b) == c
        assert proof.nearby.loss_lower - 1e-15 <= proof.loss <= proof.nearby.loss_upper + 1e-15
        if solid.kind == "minimum":
            # dead columns cost 1/(3c) each and change no λ of smooth points
            n = solid.live
            own = Potential(TMS(n, 3)).loss(*live_columns(solid.name))
            assert c * proof.loss == pytest.approx(n * own + solid.dead / 3, abs=1e-12)
            assert proof.lambda_ is not None
    kinds = {x.name: x.kind for x in found}
    assert c == 6 or {x.name: x.contacts for x in found}["capped octahedron"] == 12
    assert kinds["octahedron"] == "minimum"
    if c == 8:
        assert kinds["square antiprism"] == "minimum" and kinds["cube"] == "saddle of index 2"
        contacts = {x.name: (x.contacts, x.degrees) for x in found}
        assert contacts["square antiprism"] == (16, "4^8") and contacts["cube"] == (12, "3^8")


def test_search_finds_the_solids_of_seven_columns():
    found = search_critical_points(7, r=3, starts=700, below=0.012)
    for name in ("capped octahedron", "capped trigonal prism", "pentagonal bipyramid"):
        loss = Potential(TMS(7, 3)).loss(*live_columns(name))
        (point,) = [x for x in found.points if abs(x.loss - loss) < 1e-9]
        assert point.label == nearest_solids(point.W, point.b).records()[0]["solid"] == name
        assert point.certificate is not None
    assert found.points[0].certificate.negative == 0
    assert "solid" in found.table().text()


def test_search_proves_minima_on_kinks():
    found = search_critical_points(5, r=3, starts=100, below=0.01)
    (point,) = found.points
    assert point.kink and (point.index, point.loss) == (0, pytest.approx(0.0, abs=1e-12))
    assert point.certificate.negative == 0 and point.certificate.reason.startswith(
        "minimum, proved part by part"
    )


@pytest.mark.parametrize("c", [6, 12])
def test_turned_and_permuted_solids_are_recognised(c):
    rng = np.random.default_rng(c)
    for name, positive in names_of(c)[:: 1 if c == 6 else 5]:
        W, b = standard_solid(name, positive, c)
        Q, _ = np.linalg.qr(rng.normal(size=(3, 3)))
        order = rng.permutation(c)
        noise = rng.normal(size=4 * c) * 1e-4
        found = nearest_solids((Q @ W)[:, order] + noise[c:].reshape(3, c), b[order] + noise[:c])
        assert found.solid.item() == name + "+" * positive
        assert found.distance.item() < 3e-3


def test_a_distance_is_that_of_the_columns_moved():
    W, b = standard_solid("square antiprism", 0, 9)
    W[:, 0] += 0.02 * W[:, 0] / np.linalg.norm(W[:, 0])
    found = nearest_solids(np.array([W, W]), np.array([b, b]))
    assert len(found) == 2 and found.summary() == {"points": 2, "counts": {"square antiprism": 2}}
    assert 0.015 < found.distance[0] <= 0.02 + 1e-12
    b[8] = 0.01  # the dead column hears itself now
    assert nearest_solids(W, b).distance.item() == pytest.approx(np.hypot(found.distance[0], 0.01), abs=1e-6)


@pytest.mark.parametrize("shape", [(2, 6), (3, 3), (3, 13), (4, 13)])
def test_other_sizes_are_refused(shape):
    with pytest.raises(KgonError, match="r = 3"):
        nearest_solids(np.zeros(shape), np.zeros(shape[1]))
    with pytest.raises(KgonError, match="c must be"):
        regular_solids(3)
    with pytest.raises(KgonError, match="known are tetrahedron"):
        regular_solids(8, names=["dodecahedron"])


@pytest.mark.parametrize(("bias", "positive"), [(-10.0, 0), (-10.0, 1)])
def test_a_dead_column_that_others_hear_is_too_long(bias, positive):
    """Off as an output at any place, but a live output hears it: L is not that of the solid."""
    W, b = standard_solid("octahedron", positive, 8)
    assert nearest_solids(W, b).distance.item() < 1e-12
    W[0, 7], b[7] = 0.5, bias
    found = nearest_solids(W, b)
    assert found.solid.item() == "octahedron" + "+" * positive
    assert found.distance.item() == pytest.approx(0.5)


def test_a_dead_column_may_be_as_long_as_no_live_one_hears_it():
    W, b = standard_solid("tricapped trigonal prism", 0, 10)
    reach = (-b[:9] / (W[:, :9].T @ W[:, 0])).clip(0, None)
    longest = reach[W[:, :9].T @ W[:, 0] > 0].min()  # times W_0
    for over in (-1e-3, 1e-3):
        W[:, 9], b[9] = (longest + over) * W[:, 0], -10.0
        distance = nearest_solids(W, b).distance.item()
        assert distance == pytest.approx(max(over, 0) * np.linalg.norm(W[:, 0]), abs=1e-9)


def test_a_solid_is_no_minimum_where_the_point_is_not_proved():
    (solid,) = regular_solids(4)
    assert solid.kind == "minimum"
    far = dataclasses.replace(solid.verification, critical=Verdict.REFUTED)
    assert dataclasses.replace(solid, verification=far).kind == "UNDECIDED"


def test_columns_of_other_biases_are_not_exchanged():
    octahedron = np.hstack([np.eye(3), -np.eye(3)])
    biases = np.zeros(6), np.array([0, 0, 0, 0, 0, -0.1]), np.array([0, 0, -0.1, 0, 0, -0.1])
    assert [point_group(octahedron, b) for b in biases] == ["Oh", "C4v", "D4h"]


def test_beside_a_positive_column_a_dead_one_is_zero():
    """No live column hears a short one, but it tilts ΣW, which a positive column needs at zero."""
    for positive, distance in ((0, 0.0), (1, 0.02)):
        W, b = standard_solid("tricapped trigonal prism", positive, 10 + positive)
        W[0, -1] = 0.02
        norm = Potential(TMS(len(b), 3)).gradient_norm(W, b)
        found = nearest_solids(W, b)
        assert (norm > 1e-5) is bool(positive) and "prism" + "+" * positive in found.solid.item()
        assert found.distance.item() == pytest.approx(distance, abs=1e-9)


def test_a_loss_of_zero_has_no_sign():
    """Rounding may leave the integrals of the octahedron below zero."""
    (solid,) = regular_solids(6, names=["octahedron"])
    rounded = dataclasses.replace(solid.verification, loss=-1e-16)
    found = dataclasses.replace(solid, verification=rounded)
    assert found.loss == 0 and "L = 0.000000000" in found.headline()
