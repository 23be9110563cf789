"""The global minimum under attack: points of every kind, descents from them, and the proof as a whole.

The judge is quadrature (``truth.loss``), not the closed form; the claimed losses are those of regular
polygons.  Each attack is shown to bite: it reaches the claimed minimum and refutes a claim slightly above.
"""

from functools import lru_cache

import numpy as np
import pytest
from scipy.optimize import minimize
from support import truth
from support.attack import claim, diagonal, off, trials
from support.exhaustive import exhaustive
from support.families import families

from kgon.kgons.catalogue import Catalogue
from kgon.kgons.polygons import regular_polygons
from kgon.kgons.symmetry import orbit_distance
from kgon.potential.descent import descend
from kgon.potential.loss import Potential
from kgon.potential.model import TMS

STARTS = 1000
"""Points of each family."""
ROUNDING = 1e-13
"""Of a loss of order one, by quadrature."""
FIVE, SIX = claim(5), claim(6)
BONUS = min(FIVE.kappa * np.pi / 2 - FIVE.T, 1 / 6 - FIVE.V)
PROVED = [4, 5, 6]


def judge(c, W, b):
    """L by quadrature."""
    return truth.loss(W, b, np.full(c, 1 / c), np.ones(c))


def minimum(c):
    """The claimed minimum: L, and its point."""
    if c == 8:
        point = Catalogue(8)["7+"]
        (heptagon,) = regular_polygons(7)
        return (7 * float(heptagon.cost) + 1 / 3 - 1 / 32) / 8, point.W, point.biases
    point = Catalogue(c)[str(c)]
    (polygon,) = regular_polygons(c)
    return float(polygon.cost), point.W, point.biases


@lru_cache
def attacked(c):
    """Starts and ends of the descents from every family: {name: ((W, b), (W, b))}."""
    tms, out = TMS(c), {}
    starts = STARTS if c in PROVED else STARTS // 2
    for name, start in families(c, starts, 1).items():
        ends = descend(tms, tms.pack(*start), tolerance=1e-9, max_steps=3000)
        out[name] = (start, tms.unpack(ends.w))
    return out


def finish(c, W, b):
    """L-BFGS from a point to its end."""
    tms = TMS(c)

    def value(w):
        loss, gradient = Potential(tms).flat(w[None])
        return loss[0], gradient[0]

    options = {"maxiter": 5000, "maxfun": 20000, "ftol": 1e-17, "gtol": 1e-12}
    return tms.unpack(minimize(value, tms.pack(W, b), jac=True, method="L-BFGS-B", options=options).x)


@pytest.mark.parametrize("c", exhaustive([*PROVED, 7, 8], quick=[4, 5]))
def test_no_point_is_below_the_claimed_minimum(c):
    L, *_ = minimum(c)
    for name, points in attacked(c).items():
        for W, b in points:
            assert judge(c, W, b).min() >= L - ROUNDING, name


@pytest.mark.parametrize("c", PROVED)
def test_every_family_reaches_the_minimum_which_is_the_polygon(c):
    L, *polygon = minimum(c)
    for name, (_, (W, b)) in attacked(c).items():
        loss = judge(c, W, b)
        best = int(loss.argmin())
        assert loss[best] < L + 1e-9, name
        assert orbit_distance(*finish(c, W[best], b[best]), *polygon).distance < 1e-6, name


@pytest.mark.parametrize("c", PROVED)
def test_only_the_polygon_attains_the_minimum(c):
    L, *polygon = minimum(c)
    _, (W, b) = attacked(c)["normal"]
    loss = judge(c, W, b)
    arrived = np.flatnonzero(loss < L + 1e-12)[:50]
    assert len(arrived) == 50
    assert max(orbit_distance(W[i], b[i], *polygon).distance for i in arrived) < 1e-4


@pytest.mark.parametrize("c", PROVED)
def test_the_same_attack_refutes_a_claim_slightly_above(c):
    false = minimum(c)[0] + 1e-6
    assert all(judge(c, *end).min() < false for _, end in attacked(c).values())
    # It is the descents that refute it: no start does, but for those at the polygon.
    starts = [start for name, (start, _) in attacked(c).items() if name != "catalogue"]
    assert all(judge(c, *start).min() > false for start in starts)


@pytest.mark.parametrize("c", exhaustive([7, 8], quick=[7]))
def test_beyond_the_theorem_the_attack_finds_the_heptagon_and_no_less(c):
    """Evidence, not proof: c = 7 the heptagon, c = 8 the heptagon with a positive column."""
    L, *point = minimum(c)
    found = attacked(c)["normal"][1]
    best = int(judge(c, *found).argmin())
    W, b = finish(c, found[0][best], found[1][best])
    assert judge(c, W, b) == pytest.approx(L, abs=1e-12)
    assert orbit_distance(W, b, *point).distance < 1e-5


def test_the_attack_tells_the_heptagon_from_the_runner_up():
    """The hexagon with a positive column, the second of seven: as a claim it is refuted."""
    runner_up = (6 * SIX.phi + 1 / 3 - 1 / 28) / 7
    losses = [judge(7, *end) for _, end in attacked(7).values()]
    assert any(np.abs(loss - runner_up).min() < 1e-9 for loss in losses)
    assert min(loss.min() for loss in losses) < runner_up - 5e-4


# --- the steps of the proof


@pytest.mark.parametrize("c", [5, 6, 7])
def test_deleting_a_column(c):
    rng = np.random.default_rng(c)
    W, b = truth.random_points(rng, 2000, 2, c)
    cost = truth.pair_integrals(np.einsum("mhi,mhj->mij", W, W), b)  # input i, output j
    column = int(rng.integers(c))
    rest = np.delete(np.arange(c), column)
    S = cost[:, :, column].sum(axis=1) + cost[:, column, rest].sum(axis=1)
    left = (c - 1) * judge(c - 1, W[:, :, rest], b[:, rest])
    np.testing.assert_allclose(S + left, c * judge(c, W, b), rtol=1e-13)
    # Without what its input adds to the others' outputs it would not be an identity.
    assert np.abs(cost[:, column, rest].sum(axis=1)).max() > 1


@pytest.mark.parametrize("c", [5, 6])
def test_a_zero_column_costs_what_is_claimed(c):
    W, b = (values.copy() for values in families(c, 500, 3)["normal"])
    W[:, :, 0] = 0
    best = np.where(np.arange(500) % 2, b[:, 0], 1 / (2 * c))
    b[:, 0] = best
    extra = c * judge(c, W, b) - (c - 1) * judge(c - 1, W[:, :, 1:], b[:, 1:])
    positive = np.maximum(best, 0)
    assert (extra >= 1 / 3 - positive + c * positive**2 - 1e-12).all()
    assert extra.min() == pytest.approx(1 / 3 - 1 / (4 * c), abs=1e-12)


def in_a_cone(c, width, *, starts, seed):
    """Lowest c·L that descents find with all columns in a cone (polar coordinates), and the angles."""
    potential, rng = Potential(TMS(c)), np.random.default_rng(seed)

    def value(x):
        length, angle, b = x[:c], x[c : 2 * c], x[2 * c :]
        direction = np.array([np.cos(angle), np.sin(angle)])
        loss, by_W, by_b = potential.loss_and_gradient(length * direction, b)
        turned = np.array([-direction[1], direction[0]])
        slopes = [(by_W * direction).sum(axis=0), (by_W * length * turned).sum(axis=0), by_b]
        return c * loss, c * np.concatenate(slopes)

    bounds = [(0, None)] * c + [(0, width)] * c + [(None, None)] * c
    best, where = np.inf, None
    for _ in range(starts):
        x = np.concatenate([rng.uniform(0.2, 1.6, c), rng.uniform(0, width, c), rng.normal(-0.1, 0.4, c)])
        end = minimize(value, x, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-15})
        if end.fun < best:
            best, where = float(end.fun), end.x
    length, angle, b = where.reshape(3, c)
    direction = np.array([np.cos(angle), np.sin(angle)])
    assert c * judge(c, length * direction, b) == pytest.approx(best, abs=1e-12)
    return best, np.sort(angle)


def test_five_columns_with_a_gap_of_a_right_angle_pay_the_bonus():
    best, angle = in_a_cone(5, 1.5 * np.pi, starts=40, seed=4)  # the gap is where no column may go
    assert angle[-1] - angle[0] == pytest.approx(1.5 * np.pi)
    assert best > FIVE.V + 2 * BONUS  # the infimum found is V + 0.0392
    # Without the gap the same descents refute the bonus, by the pentagon.
    assert in_a_cone(5, 2 * np.pi, starts=40, seed=4)[0] == pytest.approx(FIVE.V, abs=1e-9)


# --- the proof as a whole: the largest of its lower bounds is never below V, so that no case is missing


def neighbours(x, c):
    """Of columns in polar coordinates (ln length, angle, b), sorted by angle: what the edges cost.

    Returns
    -------
    a : W_e·W_{e+1}
    D : of column e
    first, second : off(a, b_e) and off(a, b_{e+1})
    """
    length, angle, b = np.exp(x[:c]), x[c : 2 * c] % (2 * np.pi), x[2 * c :]
    order = np.argsort(angle, axis=0)
    length, angle, b = (np.take_along_axis(values, order, axis=0) for values in (length, angle, b))
    a = length * np.roll(length, -1, axis=0) * np.cos(np.roll(angle, -1, axis=0) - angle)
    return a, diagonal(length**2, b), off(a, b), off(a, np.roll(b, -1, axis=0))


def bounds_of_five(x):
    """Largest of the sum of the edges and, for a column j in another's shadow, D_j + off; less V."""
    _, D, first, second = neighbours(x, 5)
    length, angle, b = np.exp(x[:5]), x[5:10], x[10:]
    gram = length[:, None] * length * np.cos(angle[:, None] - angle)
    gram[np.arange(5), np.arange(5)] = -np.inf
    shadow = np.where(gram.max(axis=0) >= length**2, diagonal(length**2, b) + off(gram.max(axis=0), b), 0)
    return np.maximum((D + first + second).sum(axis=0), shadow.max(axis=0)) - FIVE.V


def bounds_of_six(x, *, bonus=BONUS, star=True):
    """Largest of the sum of the edges, of pair and of star over all edges and both their ends; less V."""
    a, D, first, second = neighbours(x, 6)
    following = np.roll(D, -1, axis=0)
    found = [(D + first + second).sum(axis=0), (D + following + first + second).max(axis=0)]
    # Deleting column e beside e + 1, its other neighbour being e − 1; then e + 1 beside e, and e + 2.
    for own, beyond, gain in (
        (D, np.roll(a, 1, axis=0), np.roll(second, 1, axis=0)),
        (following, np.roll(a, -1, axis=0), np.roll(first, -1, axis=0)),
    ):
        third = np.where(beyond >= 0, gain, bonus)
        found.append((own + first + second + third).max(axis=0) + FIVE.V if star else found[0])
    return np.max(found, axis=0) - SIX.V


def polar_starts(c, m, seed):
    """Points in general position, and around the regular polygon."""
    rng, it = np.random.default_rng(seed), claim(c)
    wild = [rng.normal(-0.2, 0.7, (c, m)), rng.uniform(0, 2 * np.pi, (c, m)), rng.normal(-0.2, 0.5, (c, m))]
    regular = np.repeat([np.log(it.A) / 2, 0, it.b], c)[:, None]
    regular[c : 2 * c, 0] = it.angle * np.arange(c) + 0.1
    size = np.exp(rng.uniform(np.log(1e-3), np.log(0.5), m))
    return np.concatenate([np.concatenate(wild), regular + size * rng.normal(size=(3 * c, m))], axis=1)


@pytest.mark.parametrize("it", [FIVE, SIX], ids=["five", "six"])
def test_the_cases_of_the_proof_cover_every_point(it):
    c, bound = it.c, bounds_of_five if it.c == 5 else bounds_of_six
    x = polar_starts(c, 200, 5)
    W = (np.exp(x[:c]) * np.array([np.cos(x[c : 2 * c]), np.sin(x[c : 2 * c])])).transpose(2, 0, 1)
    assert (bound(x) <= c * judge(c, W, x[2 * c :].T) - it.V + 1e-12).all()  # each case is a lower bound
    _, value = trials(bound, x, seed=6, steps=1500)
    assert -ROUNDING <= value.min() <= 1e-6


def test_six_columns_are_not_covered_by_their_edges():
    x = polar_starts(6, 500, 5)
    _, value = trials(lambda x: bounds_of_six(x, star=False), x, seed=6, steps=1500)
    assert value.min() < -1e-2  # the square with two columns in the shadow of a third
