"""The reduced loss of a regular polygon, its polynomial, and the published equations."""

import mpmath
import pytest
import sympy as sp
from parts.polygon import literature_equations, m, polygon_energy, polygon_polynomial
from support import truth

Q = sp.Rational


@pytest.mark.parametrize("s", [0, 1, 2, 3])
def test_polygon_energy_is_the_reduced_loss(s):
    """R = 1/3 − τB + τ²A against quadrature, for cosines in general position."""
    cosines = sp.symbols(f"c1:{s + 1}")
    A, B = polygon_energy(cosines)
    values = [Q(9, 10), Q(3, 5), Q(1, 2)][:s]
    at, tau = Q(2, 5), Q(7, 4)
    R = (Q(1, 3) - tau * B + tau**2 * A).subs({m: at, **dict(zip(cosines, values, strict=True))})
    with mpmath.workdps(30):
        expected = truth.pair_by_mpmath(1, tau, -at * tau) + 2 * sum(
            truth.pair_by_mpmath(0, tau * x, -at * tau) for x in values
        )
        assert abs(expected - mpmath.mpf(R.p) / R.q) < 1e-27


def _roots(s, k):
    """(m, τ) of the k-gons with s active neighbours, by mpmath's polynomial roots."""
    poly, cosines = polygon_polynomial(s)
    values = [mpmath.cos(2 * mpmath.pi * j / k) for j in range(1, s + 1)]
    at = dict(zip(cosines, values, strict=True))
    coefficients = [sp.lambdify(tuple(at), x, "mpmath")(*values) for x in poly.all_coeffs()]
    A, B = polygon_energy(cosines)
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
        equations = [sp.lambdify((x, y), e, "mpmath") for e in literature_equations(s, k)]
        assert max(abs(e(length, bias)) for e in equations) < 1e-40
        # Near misses: the wrong bias, and another k.
        assert min(abs(e(length, bias + mpmath.mpf("1e-8"))) for e in equations) > 1e-10
        others = [sp.lambdify((x, y), e, "mpmath") for e in literature_equations(s, k + 1)]
        assert max(abs(e(length, bias)) for e in others) > 1e-4


@pytest.mark.parametrize("s", [1, 2, 3])
def test_the_polygon_polynomial_is_an_integer_quartic_in_m(s):
    poly, cosines = polygon_polynomial(s)
    assert poly.degree() <= 4
    inner = sp.Poly(poly.as_expr(), m, *cosines)
    assert all(x.is_Integer for x in inner.coeffs())
