"""The k-gons: counts, gradients, exact losses, published numbers, inertia, prior constants."""

from fractions import Fraction
from itertools import pairwise

import flint
import mpmath
import numpy as np
import pytest
from flint import arb, fmpq
from scipy.optimize import minimize
from support import truth
from support.exhaustive import exhaustive

from kgon.base.verdicts import KgonError
from kgon.kgons import labels
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.labels import Label
from kgon.kgons.values import loss_ball, loss_parts, polygon, prior_ball, prior_parts
from kgon.potential import any_number
from kgon.potential.loss import Potential
from kgon.potential.model import TMS

SIX = Catalogue(6)
SQUARE = [(1, 0), (0, 1), (-1, 0), (0, -1)]
EIGHTEEN = [
    "4",
    "4-",
    "4--",
    "4---",
    "4----",
    "4+",
    "4+-",
    "4+--",
    "4+---",
    "4+----",
    "4++",
    "4++-",
    "4++--",
    "4++---",
    "4++----",
    "5",
    "5+",
    "6",
]


def test_the_eighteen_labels_and_twenty_one_configurations_of_six_features():
    assert [p.label for p in SIX if p.configuration == "adjacent"] == EIGHTEEN
    assert sorted(str(p.name) for p in SIX if p.configuration == "opposite") == [
        "4++--:opposite", "4+--:opposite", "4--:opposite"
    ]  # fmt: skip
    assert len(SIX) == 21


@pytest.mark.parametrize("c", range(4, 10))
def test_the_number_of_labels(c):
    """By the rule: k ≤ c with σ ≤ c − k (all k from 4 to 9 exist), and φ ≤ 4 for the 4-gon alone."""
    names = {(4, sigma, phi) for sigma in range(c - 3) for phi in range(5)}
    names |= {(k, sigma, 0) for k in range(5, c + 1) for sigma in range(c - k + 1)}
    assert {(p.k, p.sigma, p.phi) for p in Catalogue(c)} == names
    assert len(Catalogue(c)) == len(names) + (c - 3)  # one more configuration for each 4^{σ+, 2−}
    assert len(names) == 5 * (c - 3) + (c - 3) * (c - 4) // 2


@pytest.mark.parametrize("c", [4, 6, 9])
def test_gradients_vanish_in_both_precisions(c):
    for p in Catalogue(c):
        assert p.gradient_norm <= 1e-15
        assert p.gradient_bound <= 1e-45
        # Not by the package's own gradient: complex steps through the integral.  They leave 1e-15;
        # W_j = 0 comes with b_j ≠ 0 in every standard representative.
        uniform = np.full(c, 1 / c), np.ones(c)
        grad_W, grad_b = truth.gradient(p.W, p.biases, *uniform)
        assert max(np.abs(grad_W).max(), np.abs(grad_b).max()) < 1e-14


def test_near_misses_are_not_critical():
    potential = Potential(TMS(6))
    for p in SIX:
        if p.phi == 4:
            continue  # no live column: the length does not matter
        live = [j for j, role in enumerate(p.name.roles(6)) if role == "live"]
        W = p.W.copy()
        W[:, live] *= 1 + 1e-8
        assert potential.gradient_norm(W, p.biases) > 1e-10
        b = p.biases.copy()
        b[live] += 1e-8
        assert potential.gradient_norm(p.W, b) > 1e-10


@pytest.mark.parametrize("c", [4, 5, 6, 8])
def test_losses_of_the_four_gons_are_the_exact_rationals(c):
    for p in Catalogue(c):
        if p.k != 4:
            continue
        W, b = labels.representative(p.name, c, Fraction(1), Fraction(0), SQUARE, Fraction)
        value = any_number.loss(W, b)
        q, r = loss_parts(p.name, c)
        assert r == 0 and value == q
        assert p.loss == float(q)
        rows, biases = any_number.gradient(W, b)
        assert all(x == 0 for row in [*rows, biases] for x in row)


def test_published_losses():
    """Chen et al. 2023: 0.11111 (4), 0.10417 (4⁺), 0.06874 (5), 0.06180 (5⁺), 0.04819 (6)."""
    published = {"4": 0.11111, "4+": 0.10417, "5": 0.06874, "5+": 0.06180, "6": 0.04819}
    assert {name: round(SIX[name].loss, 5) for name in published} == published
    assert round(SIX["5"].length, 5) == 1.17046 and round(SIX["5"].bias, 5) == -0.28230
    assert round(SIX["6"].length, 5) == 1.32053 and round(SIX["6"].bias, 5) == -0.61814


def test_a_positive_column_gains_exactly_one_144th():
    (q5, r5), (q5p, r5p) = (loss_parts(Label(5, sigma), 6) for sigma in (0, 1))
    assert q5 - q5p == Fraction(1, 144) and r5 == r5p
    assert loss_parts(Label(4), 6)[0] - loss_parts(Label(4, 1), 6)[0] == Fraction(1, 144)
    assert loss_parts(Label(4, 0, 1), 6)[0] - loss_parts(Label(4), 6)[0] == Fraction(1, 18)


@pytest.mark.parametrize(("c", "k"), [(6, 5), (6, 6), (7, 7), (8, 8), (9, 9), (9, 5)])
def test_loss_ball_holds_the_loss_of_the_whole_potential_at_the_ball(c, k):
    found = polygon(k)
    with flint.ctx.workprec(220):
        directions = [(arb.cos_pi_fmpq(fmpq(2 * j, k)), arb.sin_pi_fmpq(fmpq(2 * j, k))) for j in range(k)]
        for sigma in range(c - k + 1):
            label = Label(k, sigma)
            W, b = labels.representative(label, c, found.length, found.bias, directions, arb)
            direct = any_number.loss(W, b)
            ball = loss_ball(label, c)
            assert float(direct.rad()) < 1e-50 and float(ball.rad()) < 1e-50
            assert ball.overlaps(direct)
            assert not (ball + arb("1e-45")).overlaps(direct)
            point = Catalogue(c)[label]
            assert abs(float(ball - arb(point.loss_digits))) < 1e-48
            assert point.loss == float(ball)


def test_digits_continue_the_floats():
    for p in SIX:
        for name in ("length", "bias", "loss"):
            assert float(getattr(p, f"{name}_digits")) == getattr(p, name)


def test_loss_by_quadrature_of_the_model():
    for c in (5, 6, 9):
        for p in Catalogue(c):
            assert abs(TMS(c).loss_by_quadrature(p.W, p.biases) - p.loss) < 1e-14


# --- inertia and λ ------------------------------------------------------------------------------


def _signs(p):
    """(negative, zero) eigenvalues of a Hessian by central differences of complex-step gradients."""
    tms = TMS(p.c)
    w, step = tms.pack(p.W, p.biases), 1e-5
    uniform = np.full(p.c, 1 / p.c), np.ones(p.c)
    rows = []
    for k in range(w.size):
        sides = []
        for sign in (1, -1):
            moved = w.copy()
            moved[k] += sign * step
            sides.append(tms.pack(*truth.gradient(*tms.unpack(moved), *uniform)))
        rows.append((sides[0] - sides[1]) / (2 * step))
    H = np.array(rows)
    eigenvalues = np.linalg.eigvalsh((H + H.T) / 2)
    # Differences leave 1e-10 (step², rounding 1e-15/step); no eigenvalue lies between 1e-7 and 1e-4.
    assert not np.any((np.abs(eigenvalues) > 1e-7) & (np.abs(eigenvalues) < 1e-4))
    return int(np.sum(eigenvalues < -1e-5)), int(np.sum(np.abs(eigenvalues) <= 1e-5))


@pytest.mark.parametrize("c", exhaustive([5, 6, 7, 8], quick=[5, 6]))
def test_inertia_of_the_smooth_points(c):
    smooth = [p for p in Catalogue(c) if p.smooth]
    assert {p.k for p in smooth if p.phi == 0} == set(range(5, c + 1))
    for p in smooth:
        assert (p.eigenvalues_negative, p.eigenvalues_zero) == _signs(p)
        if p.eigenvalues_negative:
            assert p.is_minimum is False and p.lambda_ is None


def test_the_four_gons_with_a_live_pair_sit_on_a_kink():
    for p in SIX:
        if p.k == 4:
            assert p.smooth == (p.phi == 4)
        if not p.smooth:
            assert p.eigenvalues_negative is None and p.eigenvalues_zero is None


@pytest.mark.parametrize("c", [4, 6])
def test_four_gons_without_positive_columns_lie_below_their_neighbours(c):
    """4000 random directions at three distances; the flat ones differ from 0 by rounding only."""
    rng = np.random.default_rng(1)
    tms = TMS(c)
    for p in Catalogue(c):
        if p.k == 4 and p.sigma == 0:
            assert p.is_minimum is True
            steps = rng.normal(size=(4000, tms.dimension))
            steps *= rng.random(steps.shape) < rng.random((4000, 1))  # sparse ones among them
            for size in (0.1, 0.01, 0.001):
                near = Potential(tms).loss(*tms.unpack(tms.pack(p.W, p.biases) + size * steps / 6))
                assert near.min() >= p.loss - 1e-15


@pytest.mark.parametrize("c", [5, 6, 7])
def test_four_gons_with_positive_and_switched_off_columns_can_go_down(c):
    """An exact descent: a switched-off column shrinks by δ, the positive one moves κδ along it."""
    delta, kappa = Fraction(1, 100), Fraction(1, 50)
    seen = 0
    for p in Catalogue(c):
        if p.k != 4 or not (p.sigma and p.phi):
            assert p.k != 4 or p.is_minimum is not False
            continue
        W, b = labels.representative(p.name, c, Fraction(1), Fraction(0), SQUARE, Fraction)
        off = p.name.switched_off()[0]
        positive = p.name.roles(c).index("positive")
        for row in W:
            row[positive] = kappa * delta * row[off]
            row[off] *= 1 - delta
        assert any_number.loss(W, b) < loss_parts(p.name, c)[0]
        assert p.is_minimum is False
        seen += 1
    assert seen == 5 * (c - 4)


def test_a_saddle_goes_down():
    for p in (*SIX, *Catalogue(7)):
        if p.eigenvalues_negative:
            potential = Potential(TMS(p.c))
            values, vectors = np.linalg.eigh(potential.hessian(p.W, p.biases))
            w = TMS(p.c).pack(p.W, p.biases)
            sides = [potential.loss(*TMS(p.c).unpack(w + s * 1e-3 * vectors[:, 0])) for s in (1, -1)]
            # Half of the second-order drop |λ₀|h²/2 at least; third order is a thousandth of it.
            assert values[0] < 0 and min(sides) < p.loss - abs(values[0]) * 1e-6 / 4


def test_published_learning_coefficients():
    assert [SIX[x].lambda_ for x in ("5", "5+", "6")] == [7, Fraction(17, 2), Fraction(17, 2)]
    assert [str(p.name) for p in SIX.phases() if p.k > 4] == ["6", "5+", "5"]


@pytest.mark.parametrize("c", [4, 5, 6, 7, 8, 12])
def test_learning_coefficients_of_the_four_gons_are_the_closed_formulas(c):
    """Derivation 5, Theorems B and C; the catalogue gets f from linear programs."""
    closed = {
        "4": Fraction(2 * c + 3, 2), "4-": Fraction(c + 5, 2), "4--": 2, "4--:opposite": Fraction(c + 3, 2),
        "4---": 1, "4----": 0,
    }  # fmt: skip
    for p in Catalogue(c):
        if p.k == 4 and p.sigma == 0:
            assert p.lambda_ == closed[str(p.name)]
        elif p.k == 4 and p.is_minimum:
            assert p.lambda_ == Fraction(2 * c + 3 + p.sigma, 2)
        assert (p.lambda_ is None) == (p.is_minimum is not True)


def test_a_smooth_point_is_not_said_to_lie_on_a_kink():
    """All outputs of 4---- are off: L is constant, and smooth, around it."""
    point = SIX["4----"]
    assert point.smooth and point.eigenvalues_zero == 18
    assert "not C²" not in str(point)


# --- prior constants ----------------------------------------------------------------------------


def _least_norm(label, c):
    """Infimum of ½‖w‖² over the moves of dead and switched-off columns that keep L and ∇L.

    Movable m, fixed live j (bias b_j): W_m·W_j + b_j ≤ 0 for every live j, W_j·W_m + b_m ≤ 0 for
    every column j; where a positive column is present (W = 0, b > 0), ΣW = 0.
    """
    p = Catalogue(c)[label]
    roles = p.name.roles(c)
    live = [j for j, role in enumerate(roles) if role == "live"]
    movable = [j for j, role in enumerate(roles) if role in ("dead", "switched-off")]
    base = 0.5 * (np.sum(p.W[:, live] ** 2) + np.sum(p.biases[live] ** 2) + p.sigma / (2 * c) ** 2)
    u = len(movable)
    if not u:
        return base

    def unpack(x):
        return x[: 2 * u].reshape(2, u), x[2 * u :]

    def inequalities(x):
        V, beta = unpack(x)
        onto_live = -(V.T @ p.W[:, live] + p.biases[live])
        onto_movable = -(np.concatenate([p.W[:, live], V], axis=1).T @ V + beta)
        return np.concatenate([onto_live.ravel(), onto_movable.ravel()])

    constraints = [{"type": "ineq", "fun": inequalities}]
    if p.sigma:
        constraints.append(
            {"type": "eq", "fun": lambda x: p.W[:, live].sum(axis=1) + unpack(x)[0].sum(axis=1)}
        )
    rng = np.random.default_rng(0)
    best = np.inf
    for _ in range(12):
        start = np.concatenate([rng.normal(scale=0.5, size=2 * u), -rng.uniform(0.1, 2, u)])
        found = minimize(
            lambda x: 0.5 * x @ x, start, jac=lambda x: x, constraints=constraints, method="SLSQP",
            options={"ftol": 1e-13, "maxiter": 500},
        )  # fmt: skip
        feasible = inequalities(found.x).min() > -1e-7
        if p.sigma:
            feasible &= np.abs(constraints[1]["fun"](found.x)).max() < 1e-7
        if feasible:
            best = min(best, 0.5 * found.x @ found.x)
    return base + best


@pytest.mark.parametrize(
    "label",
    [
        "4",
        "4-",
        "4--",
        "4--:opposite",
        "4---",
        "4----",
        "4+",
        "4+-",
        "4+--",
        "4+--:opposite",
        "4+---",
        "4++",
        "4++-",
        "4++--",
        "4++---",
        "5",
        "5+",
        "6",
    ],
)
def test_prior_constants_by_constrained_minimisation(label):
    # SLSQP's own accuracy: constraints to 1e-7, objective to 1e-10.
    assert SIX[label].c_prior == pytest.approx(_least_norm(label, 6), abs=1e-6)


def test_published_prior_constants():
    """c = 3.62417 (lower bound, 5) and 3.62764 (5⁺) as published; for 6 ours is 6.37764, not 6.37767."""
    assert round(SIX["5"].c_prior, 5) == 3.62417
    assert round(SIX["5+"].c_prior, 5) == 3.62764
    with mpmath.workdps(40):
        # Another way to l² and b: the minimal polynomials of the 6-gon.
        tau = mpmath.findroot(lambda t: 5 * t**4 - 23 * t**3 + 19 * t**2 + 8 * t + 4, 1.74)
        bias = mpmath.findroot(lambda b: 25 * b**4 + 46 * b**3 - 11 * b**2 - 12 * b + 4, -0.618)
        direct = 3 * (tau + bias**2)
        assert mpmath.nstr(direct, 6) == "6.37764"
        assert SIX["6"].c_prior == float(direct)
    assert prior_parts(Label(6), 6) == (0, 6)
    with flint.ctx.workprec(200):
        assert abs(float(prior_ball(Label(6), 6) - arb(mpmath.nstr(direct, 38)))) < 1e-30


def _turned(theta):
    """4^{+, 2−} at c = 6 with its two live columns at angle θ, the three movable ones balancing them."""
    live = np.array([[np.cos(theta / 2)] * 2, [np.sin(theta / 2), -np.sin(theta / 2)]])
    share = -live.sum(axis=1) / 3
    W = np.concatenate([live, np.repeat(share[:, None], 3, axis=1), np.zeros((2, 1))], axis=1)
    return W, np.array([0, 0, *[-share @ share - 1e-9] * 3, 1 / 12])


def test_live_columns_that_may_turn_are_not_part_of_the_flat_family():
    """c_prior keeps the live columns in place, as its definition says: with two adjacent ones it matters.

    They may turn from 90° to 180° at constant L and ∇L = 0, which frees the columns that balance them.
    """
    potential = Potential(TMS(6))
    p = SIX["4+--"]
    norms = []
    for theta in np.linspace(np.pi / 2, np.pi, 7):
        W, b = _turned(theta)
        assert abs(potential.loss(W, b) - p.loss) < 1e-15 and potential.gradient_norm(W, b) < 1e-15
        norms.append(0.5 * (np.sum(W**2) + np.sum(b**2)))
    # The point of the path keeps its biases 1e-9 away from the border.
    assert norms[0] == pytest.approx(p.c_prior, abs=1e-8)
    assert norms[-1] == pytest.approx(SIX["4+--:opposite"].c_prior, abs=1e-8)
    assert all(x > y for x, y in pairwise(norms))


# --- the objects --------------------------------------------------------------------------------


def test_lookup_by_label_position_and_slice():
    assert SIX["4--:opposite"].configuration == "opposite" and SIX["4--"].configuration == "adjacent"
    assert SIX[Label(5, 1)] is SIX["5+"]
    assert SIX[:1][0].label == "4" and SIX[-1:][0].label == "6"
    for bad in ("7", "3", "5++", "5-", "4+++", "x"):
        with pytest.raises(KgonError, match=r"label"):
            SIX[bad]


@pytest.mark.parametrize("bad", [3, 0, -1, 5.5, "6", True, None])
def test_the_number_of_features_is_checked(bad):
    with pytest.raises(KgonError, match="c of a catalogue must be an integer from 4 to 64"):
        Catalogue(bad)


def test_standard_representatives():
    for p in SIX:
        roles = p.name.roles(6)
        assert [p.biases[j] for j in range(6) if roles[j] == "positive"] == [1 / 12] * p.sigma
        assert all(p.biases[j] == -2 for j in range(6) if roles[j] == "switched-off")
        assert all(p.biases[j] == -0.5 for j in range(6) if roles[j] == "dead")
        angles = np.arctan2(p.W[1, : p.k], p.W[0, : p.k]) % (2 * np.pi)
        assert np.allclose(angles, 2 * np.pi * np.arange(p.k) / p.k, atol=1e-15)
        assert np.all(p.W[:, p.k :] == 0)
        assert not p.W.flags.writeable and not p.biases.flags.writeable
    assert [j for j, x in enumerate(SIX["4--:opposite"].biases) if x == -2] == [0, 2]


def test_every_line_of_the_printed_catalogue_keeps_its_columns_apart():
    lines = [line for line in str(SIX).splitlines() if "L = " in line]
    assert len(lines) == 21
    assert len({line.index("L = ") for line in lines}) == 1
    assert all(line[line.index("L = ") - 1] == " " for line in lines)


# --- access ----------------------------------------------------------------------------------------


def test_positions_slices_labels_and_membership():
    assert SIX[:1][0].name == SIX.labels[0]
    assert [p.name for p in SIX[-3:]] == list(SIX.labels[-3:])
    assert "6" in SIX and Label(5, 1) in SIX and SIX["5"] in SIX
    assert "7" not in SIX and "6-" not in SIX and 6 not in SIX and Catalogue(7)["5"] not in SIX
    assert Catalogue(6) == SIX and hash(Catalogue(6)) == hash(SIX) and Catalogue(7) != SIX
    assert "4⁺⁺-gon" not in SIX._repr_html_() and "4⁺⁺" in SIX._repr_html_()


@pytest.mark.parametrize("key", [True, None, 5.0, ("5",), b"5", 6, 0, -1, np.int64(6)])
def test_what_is_neither_a_slice_nor_a_label_is_refused(key):
    with pytest.raises(KgonError, match="a label is text"):
        SIX[key]


def test_one_point_of_a_large_catalogue_needs_no_other():
    point = Catalogue(64)["9+"]
    assert point.gradient_bound < 1e-45
    assert len(Catalogue(64)) == sum(64 - k + 1 for k in range(5, 65)) + 61 * 6
