"""Whatever is handed to the public functions: one clear error, and numbers of NumPy are numbers."""

import numpy as np
import pytest

import kgon
from kgon import kgons, proofs
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
    feature, _ = kgon.sample(kgon.TMS(6), np.int64(10), seed=np.int64(3))
    assert np.array_equal(feature, kgon.sample(kgon.TMS(6), 10, seed=3)[0])
    assert kgon.verify(POINT.W, POINT.biases, tol=np.float32(1e-8)).critical.holds
