"""Points of any r: alone up to O(r), or made of parts that do not reach one another."""

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest

import kgon
from kgon.base.verdicts import Verdict
from kgon.kgons.catalogue import Catalogue
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.potential.roots import find_roots
from kgon.proofs import certify, certify_near, verify
from kgon.proofs.grouping import Grouping

GOLDEN = (1 + 5**0.5) / 2


def icosahedron():
    """The twelve vertices on the unit sphere (3, 12)."""
    first = np.array([(0, s, t * GOLDEN) for s in (1, -1) for t in (1, -1)])
    return np.vstack([np.roll(first, k, axis=1) for k in range(3)]).T / np.hypot(1, GOLDEN)


def simplex(n):
    """Columns (n − 1, n) of unit length with products −1/(n − 1)."""
    values, vectors = np.linalg.eigh(np.eye(n) - 1 / n)
    return vectors[:, 1:].T * np.sqrt(values[1:, None] * n / (n - 1))


def joined(*blocks):
    """The direct sum of configurations."""
    r, c = np.sum([x.shape for x in blocks], axis=0)
    W = np.zeros((r, c))
    row = column = 0
    for block in blocks:
        W[row : row + block.shape[0], column : column + block.shape[1]] = block
        row, column = row + block.shape[0], column + block.shape[1]
    return W


def scattered(W, b, seed=0):
    """The point turned and permuted at random."""
    rng = np.random.default_rng(seed)
    Q, _ = np.linalg.qr(rng.normal(size=(len(W), len(W))))
    order = rng.permutation(len(b))
    return (Q @ W)[:, order], b[order]


def signs(W, b):
    """Negative and zero eigenvalues of the Hessian in floats."""
    values = np.linalg.eigvalsh(Potential(TMS(W.shape[1], len(W))).hessian(W, b))
    return int(np.sum(values < -1e-9)), int(np.sum(np.abs(values) < 1e-9))


def test_the_icosahedron_is_proved_a_minimum_modulo_rotations():
    tms = TMS(12, 3)
    W, b = tms.unpack(find_roots(tms, tms.pack(1.3 * icosahedron(), np.full(12, -0.5))[None]).w[0])
    found = verify(*scattered(W, b))
    assert (found.critical, found.minimum, found.lambda_) == (Verdict.PROVED, Verdict.PROVED, Fraction(45, 2))
    assert found.nearby.loss_lower <= 0.04436497194001307 <= found.nearby.loss_upper
    assert (found.nearby.negative, found.nearby.flat) == signs(W, b) == (0, 3)
    moved = verify(*scattered(1.001 * W, b))
    assert moved.critical is Verdict.REFUTED
    assert moved.nearby.distance > 1e-3 > found.nearby.distance


def test_the_lowest_point_of_seven_columns_in_space_is_proved_a_minimum():
    tms = TMS(7, 3)
    ends = find_roots(tms, np.random.default_rng(0).normal(0, 0.8, (60, tms.dimension)), 300)
    W, b = tms.unpack(ends.w[np.argmin(np.where(ends.converged, ends.loss, 1.0))])
    found = verify(*scattered(W, b))
    assert (found.critical, found.minimum, found.lambda_) == (Verdict.PROVED, Verdict.PROVED, Fraction(25, 2))
    assert found.nearby.loss_lower <= 0.007639782777894875 <= found.nearby.loss_upper
    assert signs(W, b) == (0, 3)


@pytest.mark.parametrize("c", [4, 5, 6])
def test_parts_agree_with_the_certificates_of_the_kgons(c):
    """The same verdicts and flat dimensions as the exact cones of r = 2, which know nothing of parts."""
    known = 0
    for point in Catalogue(c):
        claims, found = certify(point.name, c)["claims"], certify_near(point.W, point.biases)
        if found.verdict is Verdict.PROVED:
            assert found.distance < 1e-9
            assert found.negative is None if "+" in str(point.name) and point.k == 4 else found.negative == 0
            assert claims["verdict"] == "minimum" or found.negative is None
            assert found.flat in (None, claims["flat_dimension"])
            assert found.loss_lower <= point.loss <= found.loss_upper
            known += found.flat is not None
    assert known == {4: 2, 5: 3, 6: 5}[c]


@pytest.mark.parametrize("r", [1, 2, 3, 4, 5])
def test_the_cross_polytope_has_the_flat_directions_of_its_rotations(r):
    W, silent = np.hstack([np.eye(r), -np.eye(r), np.zeros((r, 1))]), -0.5
    found = verify(*scattered(W, np.array([*[0.0] * 2 * r, silent])))
    assert (found.critical, found.minimum) == (Verdict.PROVED, Verdict.PROVED)
    assert found.nearby.distance < 1e-14
    d = (2 * r + 1) * (r + 1)
    assert found.lambda_ == Fraction(d - r * (r - 1) // 2 - 1, 2)  # the bias of the silent column


@pytest.mark.parametrize(
    "blocks", [[simplex(3), simplex(2)], [simplex(4)], [simplex(2)] * 3, [simplex(3), simplex(4)]]
)
def test_lambda_counts_the_products_that_must_stay_zero(blocks):
    """Independent: the rank of the equations ‖W_j‖ = 1, b_j = 0, and products zero between blocks."""
    W = joined(*blocks)
    r, c = W.shape
    owner = np.repeat(range(len(blocks)), [x.shape[1] for x in blocks])
    rows = []
    for i, j in [(j, j) for j in range(c)] + [
        x for x in combinations(range(c), 2) if owner[x[0]] != owner[x[1]]
    ]:
        row = np.zeros((r, c))
        row[:, i] += W[:, j]
        row[:, j] += W[:, i]
        rows.append(row.ravel())
    found = verify(*scattered(W, np.zeros(c)))
    assert found.minimum is Verdict.PROVED
    assert found.lambda_ == Fraction(np.linalg.matrix_rank(rows) + c, 2)


@pytest.mark.parametrize(
    "W",
    [
        np.eye(3),
        simplex(3),
        np.array([[1.0, -0.8, 1e-9], [0.0, -0.6, 1.0]]),
        joined(simplex(2), np.eye(2))[:, :3],
    ],
)
def test_up_to_r_columns_alone_fix_lengths_and_biases_only(W):
    """Also where one product is zero, inside a block: then a point a little away is the exact one."""
    found = verify(*scattered(W, np.zeros(W.shape[1])))
    assert (found.critical, found.minimum) == (Verdict.PROVED, Verdict.PROVED)
    assert found.lambda_ == W.shape[1] and found.nearby.distance < 1e-8


@pytest.mark.parametrize("kind", ["pentagons", "pentagon and pair", "hexagon and silent"])
def test_parts_add_up_to_the_hessian(kind):
    """Pentagons in orthogonal planes: index and nullity of the sum are those of the whole Hessian."""
    pentagon, hexagon = Catalogue(5)["5"], Catalogue(6)["6"]
    if kind == "pentagons":
        W, b = joined(pentagon.W, pentagon.W), np.tile(pentagon.biases, 2)
    elif kind == "hexagon and silent":
        W, b = joined(hexagon.W, np.array([[0.1]])), np.array([*hexagon.biases, -0.3])
    else:
        W, b = joined(pentagon.W, simplex(2)), np.array([*pentagon.biases, 0.0, 0.0])
    found = certify_near(*scattered(W, b))
    assert found.verdict is Verdict.PROVED
    if kind == "pentagon and pair":  # a kink, and the pentagon is no minimum in space
        assert (found.negative, found.flat) == (None, None)
        assert "kink" in found.reason
        return
    assert (found.negative, found.flat) == signs(W, b)
    assert ("not isolated modulo O(r)" in found.reason) == (kind == "pentagons")


@pytest.mark.parametrize("blocks", [[simplex(3), simplex(2)], [simplex(2)] * 3, [np.eye(3)]])
def test_nothing_near_a_proved_minimum_is_lower(blocks):
    W = np.hstack([joined(*blocks), np.zeros((3, 1))])
    c = W.shape[1]
    b = np.array([*[0.0] * (c - 1), -0.5])
    found = certify_near(W, b)
    assert found.negative == 0
    rng = np.random.default_rng(1)
    noise = rng.normal(size=(2000, 4 * c)) * 10.0 ** rng.uniform(-6, -1.5, (2000, 1))
    tms = TMS(c, 3)
    losses, _ = Potential(tms).flat(tms.pack(W, b) + noise)
    assert losses.min() >= found.loss_lower - 1e-15


def test_columns_that_reach_each_other_are_no_parts():
    """A product of 0.01, or a bias above zero, is not explained away; another point may be, far off."""
    for angle, bias in ((0.01, 0.0), (0.0, 0.01)):
        W = np.array([[1.0, np.sin(angle)], [0.0, np.cos(angle)]])
        found = verify(W, np.array([0.0, bias]))
        assert found.critical is Verdict.REFUTED
        assert found.nearby.distance is None or found.nearby.distance > 1e-3
    pentagon, most = Catalogue(5)["5"], 5e-7  # a silent column that one vertex hears, only just
    W = np.column_stack([pentagon.W, (most - pentagon.biases[0]) / pentagon.W[0, 0] * np.array([1.0, 0.0])])
    heard = certify_near(W, np.array([*pentagon.biases, -5.0]))
    assert heard.distance is None and "reaches" in heard.reason
    W = np.column_stack(  # heard by the exact vertex, not by the given one, 1e-8 away from it
        [(1 - 1e-8) * pentagon.W, [(-1e-9 - pentagon.biases[0]) / ((1 - 1e-8) * pentagon.W[0, 0]), 0.0]]
    )
    assert certify_near(W, np.array([*pentagon.biases, -5.0])).distance is None
    unbalanced = certify_near(np.array([[1.0, -1, 0, 0], [0, 0, 1, 0]]), np.array([0, 0, 0, 1 / 8]))
    assert unbalanced.distance is None and "balance" in unbalanced.reason
    octahedron = np.hstack([np.eye(3), -np.eye(3), np.zeros((3, 1))])
    positive = verify(octahedron, np.array([*[0.0] * 6, 1 / 14]))
    assert (positive.critical, positive.minimum) == (Verdict.PROVED, Verdict.UNDECIDED)
    assert positive.lambda_ is None and positive.why_no_lambda


def test_a_loss_of_zero_is_bounded_by_zero():
    found = certify_near(np.hstack([np.eye(3), -np.eye(3)]), np.zeros(6))
    assert (found.loss_lower, found.loss_upper) == (0.0, 0.0)
    assert (found.times(3.0).loss_lower, found.times(3.0).loss_upper) == (0.0, 0.0)
    positive = certify_near(np.array([[1.0, -1, 0]]), np.array([0, 0, -0.5]))
    assert positive.loss_lower < 1 / 9 < positive.loss_upper


def test_two_ways_that_fail_alike_say_so_once():
    found = certify_near(np.array([[1.0, 1.0, 0.0]]), np.array([-1.0, 0.3, -0.5]))
    assert found.distance is None
    assert found.reason.count("the region of input 0, output 0 is not certain") == 1


@pytest.mark.parametrize("r", [1, 2, 3])
def test_where_no_column_takes_part_the_loss_is_constant(r):
    """Such points are minima, though no strict ones, and λ is 0: L is the same at all points near by."""
    W, b = np.full((r, 3), 0.1), np.full(3, -1.0)
    found = verify(W, b)
    assert (found.critical, found.minimum, found.lambda_) == (Verdict.PROVED, Verdict.PROVED, 0)
    assert found.nearby.flat == 3 * (r + 1) and found.nearby.distance == 0
    assert found.nearby.loss_lower < 1 / 3 < found.nearby.loss_upper
    rng = np.random.default_rng(r)
    L = Potential(TMS(3, r))
    for _ in range(50):
        assert L.loss(
            W + 0.1 * rng.standard_normal((r, 3)), b + 0.1 * rng.standard_normal(3)
        ) == pytest.approx(1 / 3)
    edge = verify(W, np.array([-1.0, -1.0, -0.01 * r]))  # output 2 begins to hear itself
    assert edge.minimum is not Verdict.PROVED


def test_a_silent_column_that_no_input_comes_from_is_not_held():
    """p = 0: its place costs nothing, so that the set of equal loss is larger, and λ is not claimed."""
    W, b = np.hstack([np.eye(2), -np.eye(2), np.zeros((2, 1))]), np.array([0.0, 0, 0, 0, -0.5])
    tms = TMS(5, 2, probability=[0.25, 0.25, 0.25, 0.25, 0.0])
    found = verify(W, b, tms=tms)
    assert (found.minimum, found.lambda_) == (Verdict.PROVED, None)
    assert verify(W, b).lambda_ == Fraction(13, 2)


def test_why_there_is_no_lambda():
    saddle = verify(np.zeros((2, 6)), np.full(6, 1 / 12))
    assert (saddle.minimum, saddle.lambda_) == (Verdict.REFUTED, None)
    for found in (saddle, verify(np.ones((3, 5)), np.zeros(5))):
        assert found.lambda_ is None and found.why_no_lambda
        assert (
            found.to_dict()["data"]["lambda"] is None
            and found.to_dict()["data"]["why_no_lambda"] == found.why_no_lambda
        )
    assert verify(*(lambda x: (x.W, x.biases))(kgon.Catalogue(6)["4+"])).lambda_ == 8
    assert verify(*(lambda x: (x.W, x.biases))(kgon.Catalogue(6)["4+-"])).minimum is Verdict.UNDECIDED


def test_positive_columns_balance_with_the_probabilities():
    """ΣpW = 0 is what they need: one and the same W passes with p_0 = p_1, and no other p."""
    W, b = np.array([[1.0, -1, 0]]), np.array([0, 0, 0.25])
    even, uneven = TMS(3, 1, probability=[0.25, 0.25, 0.5]), TMS(3, 1, probability=[0.25, 0.125, 0.625])
    found = certify_near(W, b, tms=even)
    assert (found.verdict, found.distance, found.negative) == (Verdict.PROVED, 0.0, None)
    assert certify_near(W, [0, 0, 0.3125], tms=uneven).verdict is Verdict.UNDECIDED
    weighted = TMS(3, 1, probability=[0.25, 0.25, 0.5], importance=[1, 2, 4])
    assert certify_near(W, b, tms=weighted).distance == 0.0


def test_columns_alone_are_moved_to_length_one():
    found = certify_near(np.diag([1.125, 0.5]), [0, 0])
    assert found.distance == pytest.approx(np.hypot(0.125, 0.5), rel=1e-12) and found.loss_upper < 1e-300


def test_what_hears_only_itself_is_not_silent():
    found = certify_near([[0.5]], [-0.125])
    assert found.verdict is Verdict.PROVED and found.loss_upper < 1e-300
    assert found.distance == pytest.approx(np.hypot(0.5, 0.125), rel=1e-12)
    assert certify_near([[1, 0.25]], [0, -0.5], tms=TMS(2, 1)).verdict is Verdict.UNDECIDED


def test_a_cross_in_space_with_a_row_to_spare_has_more_flat_directions():
    """Opposite columns may bend into the third row: their flat set is not that of the plane."""
    W = np.array([[1.0, -1, 0, 0], [0, 0, 1, -1], [0, 0, 0, 0]])
    plane, space = certify_near(W[:2], np.zeros(4)), certify_near(W, np.zeros(4))
    assert (plane.negative, plane.flat, space.negative, space.flat) == (0, 1, 0, None)


@pytest.mark.parametrize("b", [[-0.1, -10], [-10, -0.1]])
def test_hearing_one_way_makes_a_part(b):
    assert Grouping.of(np.array([[1.0, 0.5]]), np.array(b)).groups == [[0, 1]]
