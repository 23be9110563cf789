"""Whatever is handed to the public functions: one clear error, and numbers of NumPy are numbers."""

from functools import partial

import numpy as np
import pytest

import kgon
from kgon import free_energy, kgons, proofs
from kgon.branches import follow_branch, in_importance
from kgon.free_energy import dominant_phases, phase

UNHASHABLE = [["6"], {"6"}, np.array([6]), {}]
POINT = kgon.Catalogue(6)["6"]


@pytest.mark.parametrize(
    "call",
    [
        lambda: kgon.sample(6, 10, seed=1),
        lambda: kgon.verify(POINT.W, POINT.biases, tms=6),
        lambda: kgon.llc(POINT.W, POINT.biases, tms=6, n=1000),
        lambda: kgon.Potential(6),
        lambda: kgon.EmpiricalLoss(6, [0], [0.5]),
    ],
)
def test_a_number_of_features_is_no_model(call):
    with pytest.raises(kgon.KgonError, match=r"tms must be a model such as TMS\(6\), got 6"):
        call()


def test_points_of_different_c_are_not_compared():
    five = kgon.Catalogue(5)["5"]
    with pytest.raises(kgon.KgonError, match="two points of the same c are compared, got c = 6 and 5"):
        kgons.orbit_distance(POINT.W, POINT.biases, five.W, five.biases)
    for W, b in ((POINT.W[:1], POINT.biases), (POINT.W, POINT.biases[:3]), (POINT.W[0], POINT.biases)):
        with pytest.raises(kgon.KgonError, match="must"):
            kgons.orbit_distance(W, b, POINT.W, POINT.biases)
    lists = kgons.orbit_distance(POINT.W.tolist(), POINT.biases.tolist(), POINT.W, POINT.biases)
    assert lists.distance < 1e-12


@pytest.mark.parametrize("odd", [*UNHASHABLE, None, 6, 5.5, True], ids=repr)
@pytest.mark.parametrize(
    "call",
    [
        kgons.exact,
        proofs.certify,
        kgon.learning_coefficient,
        phase,
        lambda odd: kgon.n_crit("5", odd),
        lambda odd: follow_branch(odd, lower=0.5, upper=1.0),
        kgon.Label.parse,
        lambda odd: in_importance([100.0], [1.0], among=[odd]),
        lambda odd: dominant_phases(among=[odd]),
    ],
)
def test_what_is_no_label_is_refused(call, odd):
    with pytest.raises(kgon.KgonError, match="label"):
        call(odd)


@pytest.mark.parametrize("odd", [*UNHASHABLE, None, "6", 6.0, True, 2], ids=repr)
@pytest.mark.parametrize(
    "call",
    [
        kgons.prove_existence,
        kgons.regular_polygons,
        lambda odd: kgons.regular_polygons(5, digits=odd),
        kgon.Catalogue,
        lambda odd: kgons.exact("6", odd),
        lambda odd: proofs.certify("6", odd),
        lambda odd: kgon.TMS(1, r=odd),
        lambda odd: kgon.Label(6, phi=odd) if odd != 2 else kgon.Label(-1),
    ],
)
def test_what_is_no_such_integer_is_refused(call, odd):
    with pytest.raises(kgon.KgonError):
        call(odd)


@pytest.mark.parametrize("odd", [*UNHASHABLE, None, 1, b"prior"], ids=repr)
def test_what_is_no_theory_is_refused(odd):
    for call in (
        lambda: phase("6", theory=odd),
        lambda: kgon.n_crit("5", "6", theory=odd),
        lambda: in_importance([100.0], [1.0], theory=odd),
    ):
        with pytest.raises(kgon.KgonError, match="theory must be one of none, prior, laplace"):
            call()


@pytest.mark.parametrize("odd", [*UNHASHABLE, None, 5, "importance[]"], ids=repr)
def test_what_is_no_parameter_is_refused(odd):
    with pytest.raises(kgon.KgonError, match="a parameter looks like"):
        follow_branch("6", parameter=odd, lower=0.5, upper=1.0)


def test_integers_of_numpy_are_integers():
    six = np.int64(6)
    assert kgons.exact("6", six) is kgons.exact("6", 6)
    assert proofs.certify("6", six) == proofs.certify("6", 6)
    assert kgons.prove_existence(np.int32(9)).exists.holds
    assert kgons.regular_polygons(np.uint8(5)) is kgons.regular_polygons(5)
    assert kgon.Label(np.int64(5), np.int8(1)) == kgon.Label.parse("5+")
    assert repr(kgon.Label(np.int64(5), np.int8(1))) == repr(kgon.Label(5, 1))
    assert kgon.TMS(six, np.int64(2)) == kgon.TMS(6)
    assert kgon.n_crit("5", "6", six).to_dict()["data"] == kgon.n_crit("5", "6", 6).to_dict()["data"]
    assert len(free_energy.all_crossings(six)) == len(free_energy.all_crossings(6))
    assert str(free_energy.dominant_phases(np.uint8(6))) == str(free_energy.dominant_phases(6))
    assert proofs.regular_excess(np.uint8(6)).excess.overlaps(proofs.regular_excess(6).excess)
    feature, _ = kgon.sample(kgon.TMS(6), np.int64(10), seed=np.int64(3))
    assert np.array_equal(feature, kgon.sample(kgon.TMS(6), 10, seed=3)[0])
    assert kgon.verify(POINT.W, POINT.biases, tol=np.float32(1e-8)).critical.holds


def test_sizes_that_no_machine_holds_are_refused():
    for call in (kgon.TMS, partial(kgons.exact, "6"), partial(proofs.certify, "6")):
        with pytest.raises(kgon.KgonError, match="from 1 to 100000, got 10000000000"):
            call(10**30)


def test_importances_that_overflow_are_refused():
    with pytest.raises(kgon.KgonError, match=r"importance must be at most 1e\+30"):
        kgon.TMS(2, importance=[1e300, 1])


def test_masked_entries_are_no_numbers():
    W = np.ma.masked_array(POINT.W, mask=POINT.W > 1)
    with pytest.raises(kgon.KgonError, match="W has masked entries"):
        kgon.verify(W, POINT.biases)
    assert kgon.verify(np.ma.masked_array(POINT.W), POINT.biases).critical.holds  # nothing is masked


def test_a_rounding_that_excuses_everything_is_refused():
    with pytest.raises(kgon.KgonError, match=r"rounding must be at most 0\.0078125"):
        kgon.verify(1.1 * POINT.W, POINT.biases, rounding=1e9)


@pytest.mark.parametrize("given", ["5+, 5", [kgon.Label.parse("5+"), "5"]])
def test_labels_in_a_text_are_read_at_the_commas(given):
    assert [phase.name for phase in free_energy.phases_of(6, among=given)] == ["5+", "5"]
    found = kgon.continue_branch("6", lower=0.6, upper=1.0, against=given)
    assert any("same loss as 5+" in event.name for event in found.events)


@pytest.mark.parametrize("given", [5, None, 6.0])
def test_what_is_no_list_of_labels_is_refused(given):
    with pytest.raises(kgon.KgonError, match="labels"):
        kgon.train(trajectories=1, start=given)
    if given is not None:
        with pytest.raises(kgon.KgonError, match="labels"):
            free_energy.phases_of(6, among=given)
        with pytest.raises(kgon.KgonError, match="labels"):
            kgon.continue_branch("6", lower=0.99, upper=1.0, against=given)


ODD = [
    None, True, -1, 0, 1.5, float("nan"), "", "x", b"6", [], [[]], {}, (), object(), 1j, [1, 2], range(3),
    np.array([1.0, np.nan]), np.array([]), np.ma.masked, "5,",
]  # fmt: skip
"""What somebody might hand in for a point, a model, a label, a size."""
OF_POINTS = [
    lambda odd: proofs.certify_near(odd, POINT.biases),
    lambda odd: proofs.certify_near(POINT.W, odd),
    lambda odd: kgons.canonical_form(odd, POINT.biases),
    lambda odd: kgons.canonical_form(POINT.W, odd),
    kgons.irregular_minima,
    partial(kgons.regular_polygons, 5),
    lambda odd: free_energy.crossing(odd, odd, 6, theory="prior"),
    lambda odd: kgon.verify(POINT.W, POINT.biases, rounding=odd if odd is not None else ()),
    lambda odd: dominant_phases(among=odd if odd is not None else ()),
]


@pytest.mark.parametrize("call", OF_POINTS)
def test_odd_values_are_refused_by_their_names(call):
    for odd in ODD:
        with pytest.raises(kgon.KgonError):
            call(odd)


def test_a_point_whose_parts_do_not_match_is_not_proved():
    """Fewer biases than columns made it a statement on the first columns."""
    with pytest.raises(kgon.KgonError, match=r"b must have shape \(6,\)"):
        proofs.certify_near(POINT.W, POINT.biases[:5])
    with pytest.raises(kgon.KgonError, match="one point is wanted"):
        proofs.certify_near(POINT.W[None], POINT.biases[None])
    with pytest.raises(kgon.KgonError, match="tms must be a model"):
        proofs.certify_near(POINT.W, POINT.biases, tms=6)
    with pytest.raises(kgon.KgonError, match="W must have shape"):
        proofs.certify_near(POINT.W, POINT.biases, tms=kgon.TMS(5))
    assert proofs.certify_near(POINT.W.tolist(), POINT.biases.tolist()).verdict.holds


def test_one_size_is_a_curve_of_one_point():
    one, many = (free_energy.occupancy_curves(n, among=["5", "6"]) for n in (300, [300.0]))
    assert one.to_dict()["data"] == many.to_dict()["data"]
