"""The derivation: integrals against quadrature, derivatives, borders, and the k-gon equations."""

import mpmath
import pytest
import sympy as sp

from kgon.potential import symbolic
from kgon.potential.symbolic import DIAG_REGIONS, FALLING, OFF, OFF_REGIONS, ON, RISING, a, b, m, mu

Q = sp.Rational
SAMPLES = {
    "on": [(Q(3, 7), Q(1, 5)), (Q(-1, 3), Q(2, 3)), (Q(5, 2), Q(0))],
    "rising": [(Q(3, 2), Q(-1, 5)), (Q(7, 3), Q(-2)), (Q(1, 9), Q(-1, 10))],
    "falling": [(Q(-3, 2), Q(1, 5)), (Q(-7, 3), Q(2))],
    "off": [(Q(-3, 7), Q(-1, 5)), (Q(1, 3), Q(-2, 3)), (Q(0), Q(-1))],
}


def _numeric(target, x, y):
    """∫₀¹ (target·μ − relu(xμ + y))² dμ by mpmath, told the kink."""
    x, y = mpmath.mpf(x.p) / x.q, mpmath.mpf(y.p) / y.q
    points = [0, 1]
    if x and 0 < -y / x < 1:
        points.insert(1, -y / x)
    return mpmath.quad(lambda u: (target * u - max(x * u + y, 0)) ** 2, points)


@pytest.mark.parametrize(
    ("integral", "regions", "target"),
    [(symbolic.off_integral, OFF_REGIONS, 0), (symbolic.diag_integral, DIAG_REGIONS, 1)],
)
def test_integrals_equal_quadrature_at_40_digits(integral, regions, target):
    with mpmath.workdps(40):
        for region in regions:
            value = integral(region)
            for x, y in SAMPLES[region.name]:
                if target and x < 0:
                    continue
                exactly = value.subs({a: x, b: y})
                assert abs(_numeric(target, x, y) - mpmath.mpf(exactly.p) / exactly.q) < 1e-37


def test_regions_cover_every_sign_pattern():
    assert [r.name for r in OFF_REGIONS] == ["on", "rising", "falling", "off"]
    assert [r.name for r in DIAG_REGIONS] == ["on", "rising", "off"]
    assert sp.simplify(RISING.fraction - (a + b) / a) == 0
    assert sp.simplify(FALLING.fraction + b / a) == 0


def test_jets_are_the_derivatives_in_their_stated_order():
    f = a**3 * b + 5 * a * b**2
    expected = (f, 3 * a**2 * b + 5 * b**2, a**3 + 10 * a * b, 6 * a * b, 3 * a**2 + 10 * b, 10 * a)
    assert [sp.expand(x) for x in symbolic.jet(f)] == [sp.expand(x) for x in expected]


def _on_border(x, y, border):
    """Differences of two jets on a border, simplified: an entry is 0 where they agree."""
    return [sp.simplify((p - q).subs(b, border)) for p, q in zip(x, y, strict=True)]


@pytest.mark.parametrize(
    ("first", "second", "border"),
    [(ON, RISING, 0), (OFF, FALLING, 0), (ON, FALLING, -a), (OFF, RISING, -a)],
)
def test_off_is_twice_differentiable_across_its_borders(first, second, border):
    jets = [symbolic.jet(symbolic.off_integral(r)) for r in (first, second)]
    assert _on_border(*jets, border) == [0] * 6


def test_diag_is_twice_differentiable_across_b_zero_and_once_across_the_switch():
    on, rising, off = (symbolic.jet(symbolic.diag_integral(r)) for r in DIAG_REGIONS)
    assert _on_border(on, rising, 0) == [0] * 6
    jump = _on_border(rising, off, -a)
    assert jump[:3] == [0, 0, 0]
    assert all(entry != 0 for entry in jump[3:])


def test_the_third_derivative_of_off_does_jump():
    """The kink that makes C² the most one can say."""
    on, rising = (symbolic.off_integral(r) for r in (ON, RISING))
    assert sp.simplify(sp.diff(on - rising, b, 3).subs(b, 0)) != 0


@pytest.mark.parametrize("s", [0, 1, 2, 3])
def test_polygon_energy_is_the_reduced_loss(s):
    """R = 1/3 − τB + τ²A against quadrature, for cosines in general position."""
    cosines = sp.symbols(f"c1:{s + 1}")
    A, B = symbolic.polygon_energy(cosines)
    values = [Q(9, 10), Q(3, 5), Q(1, 2)][:s]
    at, tau = Q(2, 5), Q(7, 4)
    R = (Q(1, 3) - tau * B + tau**2 * A).subs({m: at, **dict(zip(cosines, values, strict=True))})
    with mpmath.workdps(30):
        expected = _numeric(1, tau, -at * tau) + 2 * sum(_numeric(0, tau * x, -at * tau) for x in values)
        assert abs(expected - mpmath.mpf(R.p) / R.q) < 1e-27


def _roots(s, k):
    """(m, τ) of the k-gons with s active neighbours, by mpmath's polynomial roots."""
    poly, cosines = symbolic.polygon_polynomial(s)
    values = [mpmath.cos(2 * mpmath.pi * j / k) for j in range(1, s + 1)]
    at = dict(zip(cosines, values, strict=True))
    coefficients = [sp.lambdify(tuple(at), x, "mpmath")(*values) for x in poly.all_coeffs()]
    A, B = symbolic.polygon_energy(cosines)
    ratio = sp.lambdify((m, *cosines), B / (2 * A), "mpmath")
    for root in mpmath.polyroots(coefficients, maxsteps=500, extraprec=400):
        low, high = max(mpmath.cos(2 * mpmath.pi * (s + 1) / k), 0), values[-1]
        if abs(mpmath.im(root)) < 1e-30 and low < mpmath.re(root) < high:
            yield mpmath.re(root), ratio(mpmath.re(root), *values)


@pytest.mark.parametrize(("s", "k"), [(1, 5), (1, 6), (1, 7), (1, 8), (1, 9), (1, 10), (2, 12), (3, 20)])
def test_roots_of_the_polynomial_solve_the_published_equations(s, k):
    with mpmath.workdps(50):
        found = list(_roots(s, k))
        assert len(found) == 1
        root, tau = found[0]
        length, bias = mpmath.sqrt(tau), -root * tau
        x, y = sp.symbols("x y", real=True)
        equations = [sp.lambdify((x, y), e, "mpmath") for e in symbolic.literature_equations(s, k)]
        assert max(abs(e(length, bias)) for e in equations) < 1e-40
        # Near misses: the wrong bias, and another k.
        assert min(abs(e(length, bias + mpmath.mpf("1e-8"))) for e in equations) > 1e-10
        others = [sp.lambdify((x, y), e, "mpmath") for e in symbolic.literature_equations(s, k + 1)]
        assert max(abs(e(length, bias)) for e in others) > 1e-4


@pytest.mark.parametrize("s", [1, 2, 3])
def test_the_polygon_polynomial_is_an_integer_quartic_in_m(s):
    poly, cosines = symbolic.polygon_polynomial(s)
    assert poly.degree() <= 4
    inner = sp.Poly(poly.as_expr(), m, *cosines)
    assert all(x.is_Integer for x in inner.coeffs())


@pytest.mark.parametrize("bad", [a / 3, sp.Float(0.5) * a, sp.sqrt(a), a ** Q(1, 3), Q(1, 2) + a])
def test_the_printer_refuses_what_python_would_round(bad):
    printer = symbolic._StraightLine({"fully_qualified_modules": False})
    with pytest.raises(ValueError, match=r"fraction would be rounded|integer constants|integer powers"):
        printer.doprint(bad)


def test_the_printer_writes_products():
    printer = symbolic._StraightLine({"fully_qualified_modules": False})
    assert printer.doprint(a**3) == "a*a*a"
    assert printer.doprint((a + b) ** 2) == "(a + b)*(a + b)"
    assert eval(printer.doprint(b / a**2), {"a": 2, "b": 8}) == 2
    assert mu.is_real
