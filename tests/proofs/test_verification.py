"""Whether a point is critical, which k-gon is nearest, and what is proved near by."""

import re
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from support.exhaustive import exhaustive

from kgon.base.verdicts import KgonError, Verdict
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.symmetry import orbit_distance, rotate
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.proofs.verification import verify


@pytest.mark.parametrize("label", exhaustive(["4", "4++", "5", "5+", "6"], quick=["4++"]))
def test_near_misses_are_refuted(label):
    point = Catalogue(6)[label]
    for j in range(2):
        b = point.biases.copy()
        b[j] += 1e-4
        assert verify(point.W, b).critical is Verdict.REFUTED
    assert verify(point.W * 1.00001, point.biases).critical is Verdict.REFUTED


def test_where_l_is_not_differentiable_nothing_is_critical():
    found = verify(np.zeros((2, 4)), np.array([0.0, -1, -1, -1]))
    assert found.critical is Verdict.REFUTED
    assert "linearly" in found.reason
    # the near-miss: just inside the dead region all is flat
    assert verify(np.zeros((2, 4)), np.full(4, -1e-9)).critical is not Verdict.REFUTED


def test_other_sizes_have_no_nearest_kgon():
    found = verify(np.eye(3), np.zeros(3))
    assert (found.nearest, found.distance) == (None, None)
    assert found.critical is Verdict.PROVED  # the identity is perfect at r = c = 3, in fractions
    assert found.nearby is not None and found.nearby.distance == 0
    skewed = TMS(6, importance=[1, 1, 1, 1, 1, 2])
    point = Catalogue(6)["6"]
    assert verify(point.W, point.biases, tms=skewed).nearest is None


@pytest.mark.parametrize("tol", [0, -1, np.nan, np.inf])
def test_bad_tolerance(tol):
    with pytest.raises(KgonError, match="tol must be positive"):
        verify(np.eye(3), np.zeros(3), tol=tol)


def test_only_one_point_at_a_time():
    with pytest.raises(KgonError, match="one point"):
        verify(np.zeros((5, 2, 6)), np.zeros((5, 6)))


def test_verify_says_what_was_proved(tmp_path):
    point = Catalogue(6)["5+"]
    found = verify(point.W, point.biases)
    assert (found.critical, found.kind) == (Verdict.PROVED, "minimum")
    assert found.nearby is not None and found.nearby.negative == 0
    square = Catalogue(6)["4++-"]
    found = verify(square.W, square.biases)
    assert (found.critical, found.kind) == (Verdict.PROVED, "not a minimum")
    moved = verify(point.W * 1.0001, point.biases)
    assert moved.critical is Verdict.REFUTED
    assert moved.nearby is not None and moved.nearby.verdict is Verdict.PROVED


@pytest.mark.parametrize(("size", "bias"), [(2.7e-162, -5e-324), (1e-155, -1e-311)])
def test_a_dead_column_that_is_not_dead_is_refuted(size, bias):
    """In fractions ‖W_5‖² + b_5 > 0, so that ∂L/∂b_5 = −(1 − u²)/6 + O(1e-150), u = −b_5/‖W_5‖²."""
    point = Catalogue(6)["5"]
    W, b = point.W.copy(), point.biases.copy()
    W[:, 5], b[5] = (size, 0.0), bias
    slope = (1 - (Fraction(bias) / Fraction(size) ** 2) ** 2) / 6
    found = verify(W, b)
    assert found.critical is Verdict.REFUTED
    assert found.gradient_norm == pytest.approx(float(slope), rel=1e-9)
    assert found.nearby.distance >= size  # with W_5 = 0 the column is dead
    assert "1 silent column" in found.nearby.reason


def test_a_column_whose_square_is_no_float_is_one_point_in_all_that_is_said():
    """W_5 = (1e-170, 0) beside four switched-off columns, of which W_0 = (1, 0) reaches output 5.

    In fractions output 5 is on by g = 1e-170 + b_5 at x_0 = 1; a move by d lowers g by √2 d at most.  Where g
    is 0 the point itself is critical; with b_5 = 0 column 5 hears itself, and ∂L/∂b_5 = −1/6.
    """
    point = Catalogue(6)["4----"]
    W, b = point.W.copy(), point.biases.copy()
    W[:, 5] = (1e-170, 0.0)
    assert W[0, 0] == 1
    for bias in (-1e-320, -9.9e-171, -1e-170):
        b[5] = bias
        on, found = Fraction(1e-170) + Fraction(bias), verify(W, b)
        assert found.critical is Verdict.PROVED and found.gradient_norm < 1e-169
        assert on * Fraction(2, 3) <= Fraction(found.nearby.distance) <= 2 * on
        assert found.nearby.loss_lower <= found.loss <= found.nearby.loss_upper
        within = re.search(r"PROVED to lie within (\S+)", str(found))
        assert Fraction(within[1]) >= on * Fraction(2, 3) if on else found.nearby.distance == 0
    b[5] = 0.0
    found = verify(W, b)
    assert found.critical is Verdict.REFUTED and found.gradient_norm == pytest.approx(1 / 6, rel=1e-12)


def b1():
    """Both outputs are heard by nothing but W_1 → b_0, which is on by 2e-4."""
    W, b = np.zeros((2, 6)), np.full(6, -10.0)
    W[0, :2], b[0] = (1.0, 2.0), -2.0 + 2e-4
    return W, b


def distance_where_one_pair_must_switch_off():
    """The least move (ΔW_0, ΔW_1, Δb_0) with W_0·W_1 + b_0 ≤ 0: by Lagrange, in 50 digits."""
    with mpmath.workdps(50):
        gap = mpmath.mpf(float(-2.0 + 2e-4)) + 2

        def system(x, y, b, m):  # W_0 = 1 + x, W_1 = 2 + y on one axis
            return [x + m * (2 + y), y + m * (1 + x), b + m, (1 + x) * (2 + y) - 2 + gap + b]

        x, y, b, _ = mpmath.findroot(system, (-gap / 3, -gap / 6, -gap / 6, gap / 6))
        return mpmath.sqrt(x * x + y * y + b * b)


def test_a_coupling_that_the_distance_left_out_is_not_proved_away():
    W, b = b1()
    least = distance_where_one_pair_must_switch_off()
    assert float(least) == pytest.approx(2e-4 / np.sqrt(6), rel=1e-3)
    found = verify(W, b)
    assert (found.critical, found.nearest, found.kind) == (Verdict.CONFIRMED, "4----", None)
    assert found.distance >= least and found.nearby.distance >= least
    assert "PROVED" not in found.headline() and f"PROVED to lie within {2e-4:.1e}"[:-4] in str(found)
    b[0] = -2.0  # the near-miss: exactly off
    found = verify(W, b)
    assert (found.critical, found.nearby.distance, found.distance) == (Verdict.PROVED, 0.0, 0.0)
    b[0] = np.nextafter(-2.0, 0)  # on by one rounding: the exact point is as far away as that
    found = verify(W, b)
    assert found.critical is Verdict.PROVED and found.nearby.distance >= 2.2e-16


@pytest.mark.parametrize("order", [[0, 1, 2, 3, 4, 5], [4, 2, 5, 0, 3, 1]])
def test_couplings_among_switched_off_columns_beside_live_ones(order):
    """4--: the columns that may be anywhere reach one another; the label's distance alone would be 0."""
    W = np.array([[0.0, -1, 0, 3, 2, 0], [-1.0, 0, 0, 1, 2, 0]])
    for over in (-1e-9, 1e-9, 1e-4):  # by how much one output reaches beyond its border
        bias, reached = -8.0 + over, over > 0
        b = np.array([0.0, 0, -0.5, -20, bias, -0.5])
        found = verify(W[:, order], b[order], tol=1e-3)
        assert (Potential(TMS(6)).regions(W, b)[3, 4] != "off") == (W[:, 3] @ W[:, 4] + bias > 0) == reached
        assert found.nearest == "4--"
        assert found.critical is (Verdict.CONFIRMED if over > 1e-5 else Verdict.PROVED)
        assert (found.nearby.distance >= over / 6) if reached else found.nearby.distance == 0
        assert not reached or "within" in found.headline()


def test_within_tolerance_is_not_proved():
    point = Catalogue(6)["5"]
    found = verify(1.05 * point.W, point.biases, tol=1)
    assert found.critical is Verdict.CONFIRMED
    true = 0.05 * np.sqrt(5) * point.length  # all five vertices move by 5 %
    assert true <= found.nearby.distance and 0.9 * true <= found.nearby.distance < 1.1 * true
    assert "PROVED" not in found.headline() and "within tolerance" in found.headline()
    assert "PROVED to lie within 1.4e-1" in str(found)  # rounded up


def test_a_printed_distance_is_rounded_up():
    point = Catalogue(6)["6"]
    rng = np.random.default_rng(5)
    for size in 10.0 ** -rng.uniform(3, 16, 5):
        found = verify(point.W + size, point.biases, tol=1)
        printed = re.search(r"lie within (\S+)", str(found))[1]
        assert Fraction(printed) >= Fraction(found.nearby.distance)
        alone = re.search(r"alone within\s+(\S+)", str(found))[1]
        assert Fraction(alone) <= Fraction(found.nearby.radius)


@pytest.mark.parametrize("label", [str(point.name) for point in Catalogue(6)])
@pytest.mark.parametrize("kind", [np.float64, np.float32, np.float16])
def test_points_of_any_type_turned_and_permuted_are_proved(label, kind):
    """The rounding of the stored type belongs into the answer; the distance is that of fractions or less."""
    point = Catalogue(6)[label]
    order = np.random.default_rng(6).permutation(6)
    W, b = rotate(point.W, 1.0)[:, order].astype(kind), point.biases[order].astype(kind)
    found = verify(W, b)
    assert found.critical is Verdict.PROVED, found
    assert found.kind in ("minimum", "not a minimum") or kind is np.float16
    assert found.nearby.distance <= found.rounding
    if "-" not in label or "+" in label:  # else switched-off columns may be anywhere
        back = orbit_distance(W.astype(float), b.astype(float), point.W, point.biases)
        assert back.distance * (1 - 1e-6) - 1e-15 <= found.nearby.distance
    if "----" not in label:  # the near-miss: farther than rounding may move it, in the bias of a live column
        b = b.astype(float)
        b[int(np.argmax(np.linalg.norm(W, axis=0) * (b > -0.9)))] += 3 * found.rounding + 1e-7
        assert verify(W, b, rounding=float(np.finfo(kind).eps)).critical is not Verdict.PROVED


@pytest.mark.parametrize("kind", [np.float32, np.float16])
@pytest.mark.parametrize("silent", [False, True])
def test_numbers_that_take_no_part_excuse_no_rounding(kind, silent):
    """A dead bias of −10⁷ (and a column far away from the others) is rounded by much, the pentagon is not."""
    point = Catalogue(6)["5"]
    dead = int(np.argmin(np.linalg.norm(point.W, axis=0)))
    W, b = 1.05 * point.W, point.biases.copy()
    b[dead] = -60000
    W[:, dead] = (1e-4, 0) if silent else 0
    found = verify(W.astype(kind), b.astype(kind))
    assert found.critical is Verdict.REFUTED and found.rounding < (1e-5 if kind is np.float32 else 0.03)
    assert verify((W / 1.05).astype(kind), b.astype(kind)).critical is Verdict.PROVED


def test_each_array_has_its_own_rounding():
    """A bias in bfloat16 or float16 excuses nothing of a W in float64."""
    point = Catalogue(6)["6"]
    for b, rounding in ((point.biases.astype(np.float16), None), (point.biases, (2.0**-52, 2.0**-7))):
        assert verify(point.W, b, rounding=rounding).critical is Verdict.PROVED
        for W in (1.02 * point.W, point.W + 0.01 * np.eye(2, 6)):
            assert verify(W, b, rounding=rounding).critical is not Verdict.PROVED
    coarse = verify(point.W, point.biases, rounding=2.0**-7).rounding
    assert verify(point.W, point.biases, rounding=(2.0**-52, 2.0**-7)).rounding < coarse / 2


@pytest.mark.parametrize("importance", [np.ones(6), np.array([1, 1, 1, 1, 1, 3])])
def test_a_common_factor_of_the_importances_changes_no_verdict(importance):
    """Tolerances are relative to the importances: 1e-12 of all of them makes nothing critical."""
    exact = Catalogue(6)["4"]
    near, far = exact.W * (1 + 1e-10), exact.W * 1.05
    words = set()
    for factor in (1.0, 1e-12, 1e-100, 1e12):
        tms = TMS(6, importance=factor * importance)
        found = [verify(W, exact.biases, tms=tms).critical.value for W in (exact.W, near, far)]
        words.add(tuple(found))
    assert words == {("PROVED", words.copy().pop()[1], "REFUTED")}


def test_degenerate_polygons_are_proved_through_their_label():
    """5⁺ of c = 8: the Hessian has a zero that no known direction explains, so Krawczyk does not decide."""
    point = Catalogue(8)["5+"]
    found = verify(point.W, point.biases)
    assert (found.critical, found.kind) == (Verdict.PROVED, "saddle")
    assert found.nearby.loss_lower <= point.loss <= found.nearby.loss_upper
    W = point.W.copy()
    dead = int(np.argmin(point.biases))
    W[:, dead] = (1e-3, 0)  # beside a positive column a dead one must be zero: the distance tells
    assert verify(W, point.biases, tol=1).nearby.distance >= 1e-3


def test_each_word_of_the_box_has_its_statement():
    square = Catalogue(6)["4++"]
    text = str(verify(square.W, square.biases, source="4++"))
    assert "UNDECIDED" not in text
    assert "4++: critical point PROVED within" in text
    assert re.search(r"4\+\+ of the catalogue +minimum: PROVED \(certificate\)", text)
    assert re.search(r"an exact critical point +PROVED to lie within", text)


def test_the_model_of_the_point_is_that_of_its_importances():
    point = Catalogue(6)["4"]
    tms = TMS(6, importance=[1, 2, 3, 4, 5, 6])  # the 4-gon is exact at live columns, off elsewhere
    found = verify(point.W, point.biases, tms=tms)
    assert (found.critical, found.nearest) == (Verdict.PROVED, None) and "importance" in str(found)
    six = Catalogue(6)["6"]
    found = verify(six.W, six.biases, tms=tms)
    assert found.critical is Verdict.REFUTED
    expected = Potential(tms).gradient_norm(six.W, six.biases)
    assert found.gradient_norm == expected > 0.1


def test_the_nearest_of_the_points_that_are_proved_is_told():
    """Three columns at 120° and a silent one: the nearest k-gon is proved, too, but is far away."""
    angles = 2 * np.pi * np.arange(3) / 3
    W = np.array([[*np.cos(angles), 0], [*np.sin(angles), 0]])
    found = verify(W, [0, 0, 0, -1])
    assert (found.critical, found.minimum, found.lambda_) == (Verdict.PROVED, Verdict.PROVED, 4)
    assert found.nearby.distance < 1e-15 and found.loss == pytest.approx(1 / 12)


@pytest.mark.parametrize(
    ("label", "minimum"), [("4-", "PROVED"), ("4--:opposite", "PROVED"), ("4+-", "UNDECIDED")]
)
def test_switched_off_columns_are_proved_part_by_part(label, minimum):
    point = Catalogue(5)[label]
    found = verify(point.W, point.biases)
    assert found.critical is Verdict.PROVED and str(found.minimum) == minimum and found.lambda_ is None


def test_a_loss_of_zero_is_no_negative_number_and_a_kink_has_no_eigenvalues():
    angle = 4.45873181125018 + np.pi / 2 * np.arange(4)  # floats make -1.9e-17 of its loss
    found = verify(np.array([np.cos(angle), np.sin(angle)]), np.zeros(4))
    shown = dict(found.rows())
    assert found.loss == 0 and shown["loss L"] == "0 within the rounding of floats"
    assert found.nearby.kink and found.to_dict()["data"]["nearby"]["kink"] is True
    assert "L has no Hessian" in shown["  negative eigenvalues"]
    assert shown["  dimension of the set of equal loss"] == "1"  # O(2)
    assert "-0.0" not in found.table().text()
    smooth = verify(Catalogue(6)["6"].W, Catalogue(6)["6"].biases)
    shown = dict(smooth.rows())
    assert shown["loss L"].endswith("~") and shown["  negative eigenvalues, flat directions"] == "0, 1"
    assert smooth.nearby.kink is None and "kink" not in smooth.to_dict()["data"]["nearby"]


def test_what_the_certificate_alone_knows_is_said_where_it_is_missed():
    """At a 4-gon with switched-off columns the exact point is not classified; the catalogue's is."""
    saddle = str(verify(*standard("4++-")))
    assert "UNDECIDED here; the certificate speaks of the catalogue's point alone" in saddle
    assert "kgon llc" not in saddle
    for known in ("4", "4----"):
        assert "UNDECIDED" not in str(verify(*standard(known)))
    assert verify(*standard("4----")).lambda_ == 0


def standard(label):
    point = Catalogue(6)[label]
    return point.W, point.biases
