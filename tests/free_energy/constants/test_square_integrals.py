"""The inner integrals of the 4-gons' constants against quadrature, symmetries and divergences."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import ndtr
from support.exhaustive import exhaustive

from kgon.base.verdicts import KgonError
from kgon.free_energy.constants import _few_live, _four_live, _three_live
from kgon.kgons.square_minima import minimise_reduced
from kgon.numerics import quasi_monte_carlo
from kgon.potential.kernels.pairs import off_gradient

BETAS = np.array([[-1.3, 0.4, -0.2, -2.5], [0.0, 0.0, 0.0, 0.0], [-3.0, -4.5, 0.3, -0.7]])
PS = np.array([[0.8, -1.5], [-2.0, 0.5], [4.0, 3.0]])
RNG = np.random.Generator(np.random.PCG64(3))


def pair(a, b):
    """off by its integral's definition on a fine midpoint grid."""
    mu = (np.arange(4000) + 0.5) / 4000
    return np.mean(np.maximum(a * mu + b, 0) ** 2)


def single(f, low, high, points=()):
    return quad(f, low, high, points=sorted(points) or None, limit=400, epsabs=1e-11, epsrel=1e-9)[0]


def one(b):
    return lambda a: float(_four_live.off_values(np.asarray(float(a)), np.asarray(float(b))))


@pytest.mark.parametrize(
    ("a", "b"), [(1.0, -0.4), (-2.0, 0.7), (0.5, 0.3), (0.0, 0.6), (0.0, -1.0), (-1.0, -1.0), (1e-9, 0.5)]
)
def test_off_is_the_pair_integral_and_a_third_of_the_kernel(a, b):
    assert one(b)(a) == pytest.approx(pair(a, b), abs=2e-7)
    assert one(b)(a) == pytest.approx(off_gradient(a, b)[0] / 3, rel=1e-6, abs=1e-14)


def grids(beta, scale):
    return np.exp(-_four_live.off_values(scale[:, None] * _four_live.UNIT, beta.T[:, :, None]))


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_gap_integral_against_a_sum_over_a_cube(scale):
    """Three gaps on a lattice, the fourth is minus their sum; no transform, no damping."""
    step = 0.3
    a = step * np.arange(-90, 34)
    stretched = np.full(3, scale)
    tilt = 0.05 * RNG.standard_normal((4, 3))
    found = _four_live.log_gap_integral(grids(BETAS, stretched), tilt, stretched)
    for i, beta in enumerate(BETAS):

        def g(j, x, beta=beta, i=i):
            own, following = (_four_live.off_values(x, beta[k % 4]) for k in (j, j + 1))
            return np.exp(-own - following - tilt[j, i] * x)

        planes = g(1, a)[:, None] * g(2, a)
        total = sum(
            g(0, x) * np.sum(planes * g(3, -x - a[:, None] - a)) for x in a
        )  # the fourth gap runs over all values
        assert found[i] == pytest.approx(np.log(total * step**3), abs=2e-3)


def test_gap_integral_depends_on_the_order_of_the_outputs():
    """A gap is felt by its two neighbours: exchanging two adjacent biases changes the integral."""
    ones = np.ones(1)
    beta = np.array([[-3.0, -3.0, 0.5, 0.5]])
    zero = np.zeros((4, 1))
    other = beta[:, [0, 2, 1, 3]]
    values = [float(_four_live.log_gap_integral(grids(x, ones), zero, ones)[0]) for x in (beta, other)]
    assert abs(values[0] - values[1]) > 0.05


@pytest.mark.parametrize("i", range(3))
def test_dead_and_positive_columns_against_quadrature(i):
    beta, x = BETAS[i], PS[i, 0]
    first, second = one(beta[0]), one(beta[2])

    def u(y):
        return np.exp(-first(y) - second(-y))

    ones, kinks = np.ones(1), (0.0, -beta[0], beta[2])
    cells = grids(beta[None], ones)
    found = _four_live.column_integral(cells[0], cells[2], np.array([0.08 * x]), ones)[0]
    assert found == pytest.approx(single(lambda y: u(y) * np.exp(-0.08 * x * y), -24, 24, kinks), rel=2e-4)

    def power(n):
        arrays = [np.array([v]) for v in (beta[0], beta[2])]
        return _four_live.convolution_power(*arrays, n, np.array([x]), ones)[0]

    assert power(1) == pytest.approx(u(x), rel=1e-12)
    twice = single(lambda y: u(y) * u(x - y), -24, 24, (*kinks, x))
    assert power(2) == pytest.approx(twice, rel=2e-4)
    y = np.linspace(-24, 24, 481)
    table = np.array([u(v) for v in y])
    thrice = 0.01 * np.sum(table[:, None] * table * np.interp(x - y[:, None] - y, y, table, left=0, right=0))
    assert power(3) == pytest.approx(thrice, rel=5e-3)


def test_symmetries_of_the_square():
    """A quarter turn and a reflection permute β and turn P; scaling is not a symmetry."""
    points = np.hstack([RNG.uniform(-3, 0.5, (20, 4)), RNG.uniform(-4, 4, (20, 2))])
    turned = np.hstack([points[:, [3, 0, 1, 2]], np.stack([-points[:, 5], points[:, 4]], axis=1)])
    mirrored = np.hstack([points[:, [0, 3, 2, 1]], points[:, 4:] * [1, -1]])
    for c, sigma in ((6, 1), (8, 2), (9, 4)):
        value = _four_live.log_outer(points, c, sigma)
        assert _four_live.log_outer(turned, c, sigma) == pytest.approx(value, abs=1e-4)
        assert _four_live.log_outer(mirrored, c, sigma) == pytest.approx(value, abs=1e-4)
        drift = _four_live.drift(points[:, 4:], c, sigma)
        assert _four_live.drift(turned[:, 4:], c, sigma) == pytest.approx(drift[:, [3, 0, 1, 2]], abs=1e-6)
        assert _four_live.drift(mirrored[:, 4:], c, sigma) == pytest.approx(drift[:, [0, 3, 2, 1]], abs=1e-6)
        assert np.abs(_four_live.log_outer(1.1 * points, c, sigma) - value).max() > 0.05


def test_the_grid_does_not_matter(monkeypatch):
    """Half the step, twice the points; and a grid stretched less, far out, at P = (15, 15) and its β."""
    near = np.hstack([RNG.uniform(-3, 0.5, (50, 4)), RNG.uniform(-4, 4, (50, 2))])
    P = np.array([[15.0, 15.0], [10.0, -14.0]])
    points = np.vstack([near, np.hstack([_four_live.drift(P, 8, 2) - 1, P])])
    coarse = _four_live.log_outer(points, 8, 2)
    monkeypatch.setattr(_four_live, "STEP", 0.1)
    monkeypatch.setattr(_four_live, "HALF", 512)
    monkeypatch.setattr(_four_live, "UNIT", 0.1 * np.arange(-512, 512))
    monkeypatch.setattr(_four_live, "REACH", 12.0)
    fine = _four_live.log_outer(points, 8, 2)
    assert np.abs(coarse - fine).max() < 1e-3


def test_rays_of_the_convex_part_bound_the_outer_integrand():
    """Along a ray log ∫ falls like −s² min q: Laplace's principle, with the minimum by another program."""
    P = np.array([2.0, 1.0])
    minimum, z = minimise_reduced(P, 6, 1)
    point = np.concatenate([z[4:8], P])
    s = np.array([6.0, 9.0])
    value = _four_live.log_outer(s[:, None] * point, 6, 1)
    slope = (value[1] - value[0]) / (s[1] ** 2 - s[0] ** 2)
    assert -slope == pytest.approx(minimum, rel=0.1)


@pytest.mark.parametrize(("u", "opening"), [(1, 2 * np.pi), (1, np.pi), (1, 0.3)])
def test_cone_mass_of_one_column(u, opening):
    exact = opening / (2 * np.pi) * single(lambda r: r * np.exp(-(r**2) / 2) * ndtr(-(r**2)), 0, 8)
    found = _few_live.cone_mass(u, opening)
    assert found.stderr < 1e-3 * exact and abs(found.value - exact) < 4 * found.stderr


def test_opening_mass_of_one_column():
    """∫ w/(2π) over both sides, 0 < w < π/2, times the radial mass."""
    exact = np.pi / 8 * single(lambda r: r * np.exp(-(r**2) / 2) * ndtr(-(r**2)), 0, 8)
    found = _few_live.opening_mass(1)
    assert found.stderr < 1e-3 * exact and abs(found.value - exact) < 4 * found.stderr


def test_off_mass_is_bounded_by_the_columns_alone():
    W = np.array([[[1.0, 0.0], [0.0, 1.0]], [[1.0, 2.0], [0.0, 0.0]]])
    exact = [2 * np.log(ndtr(-1.0)), np.log(ndtr(-2.0) * ndtr(-4.0))]
    assert _few_live.log_off_mass(W) == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize("shift", [-30.0, -3.0, 0.0, 2.5])
def test_slide_integral_against_quadrature(shift):
    first, second = one(-1.5), one(0.4)
    exact = single(
        lambda u: np.exp(-first(u) - second(shift - u)), min(shift, 0) - 15, 15, (shift - 0.4, shift, 1.5, 0)
    )
    found = _three_live.slide_integral(*(np.array([v]) for v in (-1.5, 0.4, shift)))[0]
    assert found == pytest.approx(exact, rel=2e-3)


@pytest.mark.parametrize("omega", [-4.0, 0.0, 3.0, 200.0])
def test_gap_pair_against_quadrature(omega):
    b = (-2.0, 0.3, -0.5)
    first, middle, last = (one(x) for x in b)

    def value(a):
        other = -omega - a
        return np.exp(-first(a) - middle(a) - middle(other) - last(other))

    edges = [x for x in (0.0, 2.0, -0.3, -omega, -omega - 0.5, -omega + 0.3) if -omega - 15 < x < 15]
    exact = single(value, -omega - 15, 15, edges)
    found = _three_live.gap_pair_integral(np.array(b)[:, None], np.array([omega]))[0]
    assert found == pytest.approx(exact, rel=1e-3)


@pytest.mark.parametrize("u", exhaustive([2, 3, 4], quick=[3]))
def test_three_live_density_near_zero_decides_convergence(u):
    """Per unit of log X the integrand goes like X^{u−2}: no integral for u = 2, c = 5."""
    net = quasi_monte_carlo.shifted_nets(4, 12, 1, 4)[0]
    start = quasi_monte_carlo.SplitSinh(
        np.array([-1.0, -1.0, -1.0, 0.5]), np.full(4, 1.4), np.array([1.2, 1.2, 1.2, 3.0]), np.full(4, 0.3)
    )
    points, log_density = start.points(net)
    values = []
    for xi in (-6.0, -8.0):
        full = np.column_stack([points, np.full(len(points), xi)])
        values.append(np.exp(_three_live._log_three(full, u) - log_density).mean())
    assert np.log(values[0] / values[1]) / 2 == pytest.approx(u - 2, abs=0.05)


@pytest.mark.parametrize(("others", "power"), [((1.0,), 2), ((1.0, 0.7), 3)])
def test_opposite_stratum_diverges(others, power):
    """|x|^{−(p + 1)}, and the integral over x of one sign diverges with p ≥ 1."""
    values = [_three_live.opposite_integral(np.array([*others, -eps])).value for eps in (1e-2, 1e-3)]
    assert np.log10(values[1] / values[0]) == pytest.approx(power, abs=0.05)
    with pytest.raises(KgonError, match="both signs"):
        _three_live.opposite_integral(np.array(others))


def test_nets_do_not_depend_on_their_number():
    few, many = (quasi_monte_carlo.shifted_nets(3, 5, n, 7) for n in (2, 5))
    assert all((x == y).all() for x, y in zip(few, many, strict=False))
    assert not (many[0] == many[1]).any() and np.min(many) > 0 and np.max(many) < 1
    for net in many:  # a shifted net has one point in each of 32 slabs
        assert (np.bincount((net[:, 1] * 32).astype(int), minlength=32) == 1).all()


def test_integrate_finds_a_known_integral_with_an_honest_error():
    """A skew product, ∏ of e^{−x²/4} left of 0 and e^{−x²} right: (√π + √π/2)³, over forty seeds."""
    exact = (1.5 * np.sqrt(np.pi)) ** 3
    start = quasi_monte_carlo.SplitSinh(np.zeros(3), np.full(3, 2.0), np.full(3, 1.0), np.full(3, 0.3))

    def log_integrand(x):
        return -np.sum(np.where(x < 0, x**2 / 4, x**2), axis=1)

    scores = []
    for seed in range(0, 80, 2):
        found = quasi_monte_carlo.integrate(log_integrand, start, log2_points=6, seed=seed)
        scores.append((found.value - exact) / found.stderr)
        assert found.stderr < 0.01 * exact
    # The score is Student's t with 15 degrees of freedom, variance 15/13.
    assert abs(np.mean(scores)) < 4 * np.sqrt(15 / 13 / 40)
    assert 0.5 < np.std(scores) < 1.8


def test_density_is_normalised_and_continuous():
    density = quasi_monte_carlo.SplitSinh(np.array([0.3]), np.array([2.0]), np.array([0.5]), np.array([0.4]))
    uniform = np.linspace(1e-12, 1 - 1e-12, 400_001)[:, None]
    x, log_density = density.points(uniform)
    assert (np.diff(x[:, 0]) > 0).all()
    midpoint = np.exp((log_density[1:] + log_density[:-1]) / 2)
    assert np.sum(midpoint * np.diff(x[:, 0])) == pytest.approx(1, abs=1e-4)
    assert np.abs(np.diff(log_density))[1000:-1000].max() < 1e-2
