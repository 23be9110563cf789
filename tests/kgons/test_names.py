"""Names of critical points: exact structures, their images under O(2) × S_c, and near-misses."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from support import truth

from kgon.base.verdicts import KgonError
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.irregular import Irregular, irregular_minima
from kgon.kgons.labels import Label
from kgon.kgons.names import (
    DESCENDED,
    JOINED,
    RESTED,
    SEARCHED,
    Known,
    Other,
    Register,
    identify,
    known,
    known_name,
    named_points,
    parse_name,
)
from kgon.kgons.structure import Shapes
from kgon.kgons.symmetry import rotate
from kgon.potential.loss import Potential
from kgon.potential.model import TMS

TOLERANCES = {"searched": SEARCHED, "joined": JOINED, "rested": RESTED, "descended": DESCENDED}
L = Potential(TMS(6))
FIVE = TMS(5, importance=[1, 1, 1, 1, 0.99])


def loss_of(W, b):
    """L by quadrature."""
    c = len(b)
    return float(truth.loss(W, b, np.full(c, 1 / c), np.ones(c)))


def named(W, b, loss=None, within=RESTED):
    """The name of a point in ASCII, by its own loss if no other is given."""
    w = TMS(len(b)).pack(W, b)
    return str(identify(w, loss_of(W, b) if loss is None else loss, within=within))


def image(rng, W, b):
    """A random image under O(2) × S_c."""
    order = rng.permutation(len(b))
    return rotate(W, float(rng.uniform(0, 6)), reflect=bool(rng.integers(2)))[:, order], b[order]


@pytest.mark.parametrize("label", [str(point.name) for point in Catalogue(6)])
def test_every_kgon_is_named_whatever_its_orientation(label):
    point, order = Catalogue(6)[label], [4, 2, 5, 0, 3, 1]
    W, b = rotate(point.W, 1.1, reflect=True)[:, order], point.biases[order]
    for within in TOLERANCES.values():
        assert named(W, b, point.loss, within) == label


@pytest.mark.parametrize("c", [4, 5, 7, 8, 12])
def test_kgons_of_other_numbers_of_features_are_named(c):
    rng = np.random.default_rng(c)
    for point in Catalogue(c):
        assert named(*image(rng, point.W, point.biases)) == str(point.name)


@pytest.mark.parametrize("c", [7, 8])
def test_irregular_minima_are_named_whatever_their_orientation(c):
    rng = np.random.default_rng(c)
    for point in irregular_minima(c):
        for within in TOLERANCES.values():
            assert named(*image(rng, point.W, point.b), within=within) == str(point.name)


def test_silent_columns_may_be_anywhere_at_no_cost():
    rng = np.random.default_rng(3)
    point = Catalogue(7)["5"]
    for _ in range(20):
        W, b = point.W.copy(), point.biases.copy()
        W[:, 5:] = 0.05 * rng.normal(size=(2, 2))
        b[5:] = rng.uniform(-1.0, -0.2, 2)
        assert loss_of(W, b) == pytest.approx(point.loss, abs=1e-15)
        assert named(*image(rng, W, b), within=SEARCHED) == "5"


def test_places_in_flat_sets_have_the_same_name():
    angles = np.radians([0, 100, 215])  # three live columns at 90° or more
    W = np.zeros((2, 6))
    W[:, :3] = np.cos(angles), np.sin(angles)
    b = np.array([0, 0, 0, -0.5, -2, -0.3])
    assert named(W, b, float(L.loss(W, b))) == "4-"


def test_near_misses_have_no_name():
    point, step = Catalogue(6)["5+"], RESTED.columns
    assert named(point.W, point.biases, point.loss + 10 * RESTED.loss)[0] == "L"
    for axis in range(2):
        W = point.W.copy()
        W[axis, 1] *= 1 + 5 * step / abs(W[axis, 1])
        assert named(W, point.biases, point.loss)[0] == "L"
    b = point.biases.copy()
    b[5] += 2 * step
    assert named(point.W, b, point.loss)[0] == "L"
    # The same columns at other angles, and the same number at the same loss.
    W = point.W.copy()
    W[:, 1] = rotate(W[:, 1:2], 10 * step)[:, 0]
    assert named(W, point.biases, point.loss)[0] == "L"
    assert named(Catalogue(6)["6"].W, Catalogue(6)["6"].biases, point.loss)[0] == "L"


@pytest.mark.parametrize("name", TOLERANCES)
@given(seed=st.integers(0, 2**32 - 1), part=st.floats(0.01, 0.9))
def test_a_shift_within_the_tolerance_keeps_the_name_and_a_larger_one_does_not(name, seed, part):
    within, rng = TOLERANCES[name], np.random.default_rng(seed)
    point = Catalogue(6)["6"]
    turned, b = image(rng, point.W, point.biases)
    shift = rng.normal(size=(3, 6))
    shift /= np.max(np.hypot(np.hypot(*shift[:2]), shift[2]))  # no column moves by more than 1
    W = turned + part * within.columns * shift[:2]
    assert named(W, b + part * within.columns * shift[2], point.loss, within) == "6"
    column = rng.integers(6)
    far = 1 + 1.5 * within.columns / point.length * np.eye(6)[column]
    assert named(turned * far, b, point.loss, within)[0] == "L"


def doubled_hexagon():
    """The minimum at c = 7 with two columns at one vertex, by BFGS on the quadrature of the loss."""
    angles = np.radians([0, 0, 60, 120, 180, 240, 300])
    start = np.concatenate([1.2 * np.cos(angles), 1.2 * np.sin(angles), np.full(7, -0.5)])

    def value_and_gradient(w):
        W, b = w[:14].reshape(2, 7), w[14:]
        grad_W, grad_b = truth.gradient(W, b, np.full(7, 1 / 7), np.ones(7))
        return loss_of(W, b), np.concatenate([grad_W.ravel(), grad_b])

    end = minimize(value_and_gradient, start, jac=True, method="BFGS", options={"gtol": 1e-10}).x
    return end[:14].reshape(2, 7), end[14:]


def test_a_hexagon_with_a_doubled_vertex_is_no_k_gon():
    W, b = doubled_hexagon()
    assert 7 * loss_of(W, b) == pytest.approx(0.630329, abs=1e-6)
    name = identify(TMS(7).pack(W, b), loss_of(W, b), within=RESTED)
    assert name == Irregular(6, 0, (2, 1, 1, 1, 1, 1))
    for label in ("6+", "7", "6", "5++"):  # not even at their losses
        assert named(W, b, Catalogue(7)[label].loss, DESCENDED)[0] == "L"


def test_the_octagon_is_told_from_the_minimum_at_nearly_its_loss():
    octagon = Catalogue(8)["8"]
    (other,) = (point for point in irregular_minima(8) if str(point.name) == "6+:mute")
    gap = octagon.loss - other.loss
    assert 0 < gap < DESCENDED.loss  # by the loss alone they could not be told apart
    assert named(other.W, other.b, octagon.loss, DESCENDED)[0] == "L"
    assert named(octagon.W, octagon.biases, other.loss, DESCENDED)[0] == "L"
    assert known(8).scaled(DESCENDED).loss == pytest.approx(gap / 4)
    assert known(6).scaled(DESCENDED) == DESCENDED


@pytest.mark.parametrize("c", [4, 6, 8])
def test_known_points_are_told_apart(c):
    """No two names fit one point, but for places of one flat family."""
    every = known(c)
    points = [(p.W, p.biases) for p in Catalogue(c)] + [(p.W, p.b) for p in irregular_minima(c)]
    names = [p.name for p in Catalogue(c)] + [p.name for p in irregular_minima(c)]
    shapes = Shapes.of(np.array([W for W, _ in points]), np.array([b for _, b in points]))
    for (i, first), (j, second) in itertools.product(enumerate(names), enumerate(every.names)):
        fits = bool(shapes[np.array([i])].agree(every.shapes[np.array([j])], SEARCHED.columns)[0])
        place = str(second).endswith(":opposite")  # which its family's other places are not
        assert fits == (first.name == second.name and (not place or first == second)), (first, second)


def test_of_two_that_fit_the_nearest_in_loss_is_taken_and_of_equal_ones_the_first():
    point = Catalogue(6)["6"]
    shape = Shapes.of(point.W[None], point.biases[None])[np.zeros(3, dtype=np.int64)]
    names = (Label(4), Label(5), Label(6))
    three = Known(names, point.loss + np.array([3e-6, 1e-6, 1e-6]), shape)
    w = TMS(6).pack(point.W, point.biases)
    assert three.rows(np.array([w, w]), np.array([point.loss, point.loss + 1]), DESCENDED).tolist() == [
        -1,
        -1,
    ]
    wide = Known(names, point.loss + np.array([8e-6, -8e-6, -8e-6]), shape)
    found = wide.rows(np.array([w, w]), point.loss + np.array([7e-6, -7e-6]), DESCENDED)
    assert found.tolist() == [0, 1]


NAMES = [name for c in (4, 6, 7, 8) for name in known(c).names]


@pytest.mark.parametrize("name", [*NAMES, Other(0.069289), Other(0.0692891234, 9)], ids=str)
def test_names_are_read_as_they_are_written(name):
    again = parse_name(str(name))
    assert str(again) == str(name) and type(again) is type(name)
    assert str(name).isascii() and not set(str(name)) & set(
        " ,;'\"()*?!$&|<>~#"
    )  # no quotes on a command line
    assert name.pretty and name.latex
    if isinstance(name, Other):
        assert again.loss == pytest.approx(name.loss, abs=10.0**-name.digits)
    else:
        assert again == name


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("6:21111", "6:211111 or 5\\+:mute"),
        ("6:", "looks like 6:211111"),
        ("6:doubled", "looks like 6:211111"),
        ("5-:mute", "looks like 6:211111"),
        ("L=", "L=0.069289"),
        ("L=x", "L=0.069289"),
        ("hexagon", "a label looks like 6, 5\\+"),
    ],
)
def test_what_is_no_name_is_refused(text, words):
    with pytest.raises(KgonError, match=words):
        parse_name(text)


def test_only_one_point_is_identified():
    with pytest.raises(KgonError, match="one flat point of 3c numbers is wanted, got shape \\(2, 18\\)"):
        identify(np.zeros((2, 18)), 0.1, within=RESTED)


def test_a_register_gives_one_name_to_a_point_and_different_names_to_two():
    tms, rng = TMS(4), np.random.default_rng(0)
    # A critical point that is no k-gon: two features on one line, half a vertex each.
    W, b = np.zeros((2, 4)), np.array([0.0, 0.0, 0.0, -0.5])
    W[0, :2], W[1, 2] = np.sqrt(0.5), 1.0
    register = Register(RESTED, TMS(4))
    names = {register.name(tms.pack(*image(rng, W, b)), loss_of(W, b)) for _ in range(5)}
    assert [str(name) for name in names] == [f"L={1 / 6:.6f}"]
    # Another point of that loss, to six digits and to fifteen.
    split = W.copy()
    split[0, :2] = np.sqrt(0.2), np.sqrt(0.8)
    assert loss_of(split, b) == pytest.approx(1 / 6, abs=1e-15)
    assert str(register.name(tms.pack(split, b), 1 / 6 + 1e-8)) == f"L={1 / 6 + 1e-8:.9f}"
    assert str(register.name(tms.pack(*image(rng, split, b)), 1 / 6)) == f"L={1 / 6 + 1e-8:.9f}"
    square = Catalogue(4)["4-"]
    assert register.name(tms.pack(square.W, square.biases), square.loss) == Label(4, 0, 1)
    assert len(register.others) == 2


def test_known_names_are_those_of_the_points_listed():
    rng = np.random.default_rng(0)
    for point in named_points(FIVE):
        order = [*rng.permutation(4).tolist(), 4]
        w = FIVE.pack(point.W[:, order], point.b[order])
        assert known_name(w, within=JOINED, tms=FIVE).name == point.name.name
        working = point.name.phi < 4 or point.name.sigma > 0
        assert not working or known_name(w + 1e-3, within=JOINED, tms=FIVE) is None
    plain = Catalogue(5)["5"]
    assert known_name(FIVE.pack(plain.W, plain.biases), within=JOINED, tms=FIVE) is None
    assert known_name(FIVE.pack(plain.W, plain.biases), within=JOINED).name == "5"


def test_a_register_that_follows_nothing_names_by_structure():
    register = Register(JOINED, FIVE, follow=False)
    points = {x.name.name: x for x in named_points(FIVE)}
    five = points["5"]
    assert register.name(FIVE.pack(five.W, five.b), five.loss) == five.name
    other = FIVE.pack(five.W * 1.01, five.b)
    first = register.name(other, 0.07)
    assert isinstance(first, Other) and register.name(other, 0.07) == first
