"""Algebraic numbers against resultants, Sturm's theorem, Newton's method and a second factorization."""

import itertools
import math
from fractions import Fraction
from functools import cache

import mpmath
import pytest
import sympy as sp
from sympy.polys.factortools import dup_zz_zassenhaus

from kgon.base.verdicts import KgonError, UndecidedError
from kgon.kgons import algebraic
from kgon.kgons.algebraic import AlgebraicNumber, ExactPoint, exact
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.labels import Label
from kgon.kgons.polygons import newton_polygon, regular_polygons
from kgon.kgons.values import loss_parts

X = sp.Symbol("x")
NUMBERS = ("length_squared", "bias", "loss")
K = [*range(5, 27), 37, 64]
"""Vertices for which every number is tested; 13, 21, 25 and 37 need care with the precision."""


def poly(number):
    return sp.Poly(number.minimal_polynomial, X)


def alone(k):
    """The k-gon with c = k, so that L is the reduced loss."""
    return exact(str(k), k)


def s_of(k):
    (found,) = regular_polygons(k)
    return found.s


@cache
def by_newton(k):
    """l², b and L = R to 200 digits, by Newton's method on the pair functions."""
    (found,) = regular_polygons(k)
    root = newton_polygon(found, digits=200)
    with mpmath.workdps(215):
        return dict(zip(NUMBERS, (root.length**2, root.bias, root.cost), strict=True))


def relative_value(coefficients, x):
    """|P(x)| over the sum of the sizes of its terms."""
    terms = [c * x ** (len(coefficients) - 1 - i) for i, c in enumerate(coefficients)]
    return abs(mpmath.fsum(terms)) / mpmath.fsum(map(abs, terms))


COSINES = {5: [X], 6: [X], 8: [X], 10: [X], 12: [X, 2 * X**2 - 1], 14: [X, 2 * X**2 - 1]}
"""cos jα of the active neighbours in x = cos α."""


@cache
def eliminated(k, name):
    """A polynomial over Q with the number as a root, from the published pair of equations by resultants.

    With y = −m·x² and t = x² they read t(G − 2mM + m²H) = 1 − m² and t(2F − 3mG + m³H) = 2(1 − m³).
    R = 1/3 − τB + τ²A is 1/3 − τB/2 where ∂R/∂τ = 0, with B = (1 − m)²(2 + m)/3.
    """
    cosines, m, z = COSINES[k], sp.Symbol("m"), sp.Symbol("z")
    F, G = 1 + 2 * sum(x**2 for x in cosines), 1 + 2 * sum(cosines)
    H, M = 1 + 2 * sum(1 / x for x in cosines), 1 + 2 * len(cosines)
    first, second = G - 2 * m * M + m**2 * H, 2 * F - 3 * m * G + m**3 * H
    both = sp.cancel(sp.together(((1 - m**2) * second - 2 * (1 - m**3) * first) / (1 - m)))
    t = (1 - m**2) / first
    third = sp.Rational(1, 3)
    number = {"length_squared": t, "bias": -m * t, "loss": third - t * (1 - m) ** 2 * (2 + m) / 6}[name]
    equation = sp.numer(sp.cancel(sp.together(z - number)))
    over_field = sp.resultant(equation, sp.numer(both), m)
    return sp.Poly(sp.resultant(over_field, sp.minimal_polynomial(sp.cos(2 * sp.pi / k), X), X), z)


@pytest.mark.parametrize(("k", "name"), list(itertools.product(COSINES, NUMBERS)))
def test_the_polynomial_is_the_factor_of_a_resultant_that_vanishes_at_newtons_root(k, name):
    assert len(COSINES[k]) == s_of(k)
    x = by_newton(k)[name]
    with mpmath.workdps(215):
        factors = [factor.all_coeffs() for factor, _ in eliminated(k, name).factor_list()[1]]
        (found,) = [f for f in factors if relative_value([int(c) for c in f], x) < 1e-150]
    sign = 1 if found[0] > 0 else -1
    assert getattr(alone(k), name).minimal_polynomial == tuple(sign * int(c) for c in found)


def test_the_published_polynomials_of_the_hexagon():
    six = exact("6")
    assert six.length_squared.minimal_polynomial == (5, -23, 19, 8, 4)
    assert six.bias.minimal_polynomial == (25, 46, -11, -12, 4)


def test_the_golden_ten_gon():
    ten = alone(10)
    golden = (1 + sp.sqrt(5)) / 2
    for name, truth in (("length_squared", golden**2), ("bias", -golden), ("loss", sp.Rational(1, 6))):
        number = getattr(ten, name)
        assert poly(number) == sp.Poly(sp.minimal_polynomial(truth, X), X)
        assert sp.simplify(sp.sympify(number.radical) - truth) == 0


def variations(polynomial, at):
    """Sign changes in the sequence of all derivatives at a rational, for the theorem of Budan and Fourier."""
    signs = []
    while polynomial.degree() >= 0:
        value = polynomial.eval(at)
        signs += [value > 0] if value else []
        polynomial = polynomial.diff()
    return sum(x != y for x, y in itertools.pairwise(signs))


@pytest.mark.parametrize("k", K)
def test_primitive_irreducible_and_isolated(k):
    for name in NUMBERS:
        number = getattr(alone(k), name)
        coefficients = number.minimal_polynomial
        assert all(type(c) is int for c in coefficients)
        assert coefficients[0] > 0 and math.gcd(*coefficients) == 1
        assert poly(number).is_irreducible
        assert number.degree == len(coefficients) - 1 == poly(number).degree()
        lower, upper = (sp.Rational(*Fraction(x).as_integer_ratio()) for x in (number.lower, number.upper))
        # Exact: the number of roots in (lower, upper] is this difference or less by an even number.
        assert variations(poly(number), lower) - variations(poly(number), upper) == 1
        if number.degree <= 20:
            assert poly(number).count_roots(lower, upper) == 1  # Sturm's theorem, slow beyond
        assert number.upper - number.lower < 1e-14


@pytest.mark.parametrize("k", [5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 16, 18])
def test_irreducible_by_a_second_implementation(k):
    """SymPy factors with FLINT where that is installed, as kgon does; its own algorithm is Zassenhaus's."""
    for name in NUMBERS:
        polynomial = poly(getattr(alone(k), name))
        integers = polynomial.rep.to_list()
        assert len(dup_zz_zassenhaus(integers, sp.ZZ)) == 1
        twice = (polynomial * sp.Poly(3 * X**2 - X + 7, X)).rep.to_list()
        assert len(dup_zz_zassenhaus(twice, sp.ZZ)) == 2


@pytest.mark.parametrize("k", K)
def test_newtons_200_digits_are_a_root_and_no_near_miss_is(k):
    for name, x in by_newton(k).items():
        number = getattr(alone(k), name)
        coefficients = number.minimal_polynomial
        with mpmath.workdps(450):  # the roots of L's polynomial crowd together: 200 digits are lost

            def to_root(at, coefficients=coefficients):
                """Distance from a point close to a root to that root, to first order."""
                value, slope = mpmath.polyval(coefficients, at, derivative=True)
                return value / slope

            assert mpmath.mpf(number.lower) < x < mpmath.mpf(number.upper)
            assert abs(mpmath.mpf(number.decimal) / x - 1) < mpmath.mpf(10) ** -49
            assert abs(to_root(x) / x) < mpmath.mpf(10) ** -195
            for size in (20, 60, 150):
                moved = x * (1 + mpmath.mpf(10) ** -size)
                assert abs(to_root(moved) / (moved - x) - 1) < 0.01


@pytest.mark.parametrize("k", K)
def test_degrees_fit_the_field_of_m_and_the_cosine(k):
    """Each number lies in Q(cos α, m), of degree d·φ(k)/2 with d ≤ 4; b = −m·l², R = ⅓ + …"""
    number = alone(k)
    possible = [d * int(sp.totient(k)) // 2 for d in (1, 2, 3, 4)]
    degrees = [getattr(number, name).degree for name in NUMBERS]
    assert any(all(field % degree == 0 for degree in degrees) for field in possible)


@pytest.mark.parametrize(
    ("label", "c"), [("6", 6), ("6", 8), ("6+", 7), ("10", 10), ("4++--", 6), ("10+", 12)]
)
def test_radicals_are_the_numbers(label, c):
    point = exact(label, c)
    for name in NUMBERS:
        number = getattr(point, name)
        assert number.radical is not None
        value = sp.sympify(number.radical)
        assert abs(sp.N(value - sp.Rational(number.decimal), 50)) < sp.Rational(1, 10**48)
        assert not value.has(sp.Float)
        coefficients = number.minimal_polynomial
        with mpmath.workdps(60):
            x = sp.N(value, 60)
            assert (
                abs(sum(c * x**i for i, c in enumerate(reversed(coefficients))))
                < abs(coefficients[0]) * 1e-40
            )


def test_no_radical_beyond_degree_four():
    assert exact("5").length_squared.radical is None
    assert "radical" not in dict(exact("5").length_squared.rows())


def composed(polynomial, q, r):
    """The minimal polynomial of q + r·x from that of x, r ≠ 0."""
    shifted = polynomial.compose(sp.Poly((X - sp.Rational(q)) / sp.Rational(r), X))
    _, primitive = shifted.clear_denoms(convert=True)[1].primitive()
    return primitive if primitive.LC() > 0 else -primitive


@pytest.mark.parametrize(
    ("k", "c"), [(5, 5), (5, 6), (5, 9), (6, 6), (6, 8), (7, 9), (8, 8), (9, 11), (10, 12)]
)
def test_the_loss_polynomial_of_every_label_follows_from_that_of_the_polygon(k, c):
    polygon = alone(k)
    for sigma in range(c - k + 1):
        point = exact(Label(k, sigma), c)
        dead = c - k - sigma
        q = Fraction(dead, 3 * c) + sigma * (Fraction(1, 3 * c) - Fraction(1, 4 * c * c))
        assert poly(point.loss) == composed(poly(polygon.loss), q, Fraction(k, c))
        for name in ("length_squared", "bias"):
            assert getattr(point, name).data() == getattr(polygon, name).data()


def test_a_positive_column_lowers_the_loss_by_exactly_1_144():
    five, plus = exact("5").loss, exact("5+").loss
    assert composed(poly(five), Fraction(-1, 144), Fraction(1)) == poly(plus)
    assert composed(poly(five), Fraction(-1, 145), Fraction(1)) != poly(plus)
    with mpmath.workdps(60):
        gap = mpmath.mpf(five.decimal) - mpmath.mpf(plus.decimal)
        assert abs(gap - mpmath.mpf(1) / 144) < 1e-49


@pytest.mark.parametrize("c", [4, 6, 9])
def test_the_whole_catalogue(c):
    for point in Catalogue(c):
        number = exact(point.name, c)
        assert (number.label, number.c) == (str(point.name), c)
        for value, float_value in (
            (number.length_squared, point.length**2), (number.bias, point.bias), (number.loss, point.loss)
        ):  # fmt: skip
            assert value.lower - 1e-15 <= float_value <= value.upper + 1e-15
            assert value.decimal == "0" or float(value.decimal) == pytest.approx(float_value, rel=1e-15)


def test_the_four_gons_are_rational():
    for label in ("4", "4+", "4++--", "4++--:opposite", "4----"):
        point = exact(label, 6)
        q, _ = loss_parts(Label.parse(label), 6)
        assert point.loss.minimal_polynomial == (q.denominator, -q.numerator)
        assert (point.length_squared.lower, point.length_squared.upper) == (1.0, 1.0)
        assert (point.bias.lower, point.bias.upper, point.bias.radical) == (0.0, 0.0, "0")
        assert point.loss.radical == str(q)
        assert Fraction(point.loss.lower) <= q <= Fraction(point.loss.upper)


def test_too_little_precision_gives_none_never_a_wrong_integer():
    for k in (5, 6, 7, 9, 12, 14):
        quotients = (
            algebraic._length_squared,
            algebraic._bias,
            algebraic._loss(Fraction(1, 18), Fraction(5, 6)),
        )
        for quotient in quotients:
            assert algebraic._integer_polynomial(k, s_of(k), quotient, 32) is None
            truth = algebraic._integer_polynomial(k, s_of(k), quotient, 2048)
            found = [
                algebraic._integer_polynomial(k, s_of(k), quotient, bits) for bits in range(24, 1024, 40)
            ]
            assert any(p is None for p in found) and any(p is not None for p in found)
            assert all(p is None or p == truth for p in found)


def test_an_interval_with_two_roots_or_none_is_refused():
    two, x = algebraic.fmpz_poly([-2, 0, 1]), algebraic.arb(2).sqrt()
    lower, upper = algebraic._isolating_interval(two, x)
    assert lower < math.sqrt(2) < upper
    close = two * algebraic.fmpz_poly([-(2 * 10**40 + 1), 0, 10**40])  # a second root 1e-41 away
    for polynomial, at in ((close, x), (two, algebraic.arb("1.5"))):
        with pytest.raises(UndecidedError, match="not certain to isolate"):
            algebraic._isolating_interval(polynomial, at)


def test_two_factors_that_may_vanish_are_undecided(monkeypatch):
    monkeypatch.setattr(algebraic, "MAX_BITS", 256)
    product = algebraic.fmpz_poly([-1, 1]) * algebraic.fmpz_poly([-2, 1])
    with pytest.raises(UndecidedError, match="2 factors"):
        algebraic._minimal_factor(product, lambda _: algebraic.arb(1.5, 1), 64)
    assert algebraic._minimal_factor(product, lambda _: algebraic.arb(2), 64) == algebraic.fmpz_poly([-2, 1])


@pytest.mark.parametrize(
    ("coefficients", "text"),
    [
        ((1, 0, -1), "x^2 - 1"),
        ((-3, 1, 0), "-3x^2 + x"),
        ((5, -23, 19, 8, 4), "5x^4 - 23x^3 + 19x^2 + 8x + 4"),
        ((9, -1), "9x - 1"),
        ((1, 0), "x"),
    ],
)
def test_polynomials_as_text(coefficients, text):
    number = AlgebraicNumber(
        name="x", minimal_polynomial=coefficients, lower=0.0, upper=1.0, decimal="0", radical=None
    )
    assert number.polynomial == text


def test_results_print_and_survive_json():
    five = exact("5")
    assert ExactPoint.from_json(five.to_json()).data() == five.data()
    assert "degree 8, 8, 8" in five.headline()
    assert "l²: decimal" not in str(five) and five.length_squared.polynomial in str(five)


@pytest.mark.parametrize(
    ("label", "c", "words"),
    [
        ("7", 6, "at least 7 features"),
        ("5-", 6, "impossible"),
        ("5++", 6, "leaves 1 beside"),
        ("3", 6, "begins at k = 4"),
        ("hexagon", 6, "unknown label"),
        (5, 6, "a label is text"),
    ],
)
def test_exact_refuses_labels_that_do_not_occur(label, c, words):
    with pytest.raises(KgonError, match=words):
        exact(label, c)


def test_the_precision_is_raised_and_bounded(monkeypatch):
    monkeypatch.setattr(algebraic, "START_BITS", 16)
    six = algebraic._exact.__wrapped__(Label(6), 6)  # not the cached result, nor into the cache
    assert six.length_squared.minimal_polynomial == (5, -23, 19, 8, 4)
    assert six.bias.minimal_polynomial == (25, 46, -11, -12, 4)
    monkeypatch.setattr(algebraic, "MAX_BITS", 32)
    with pytest.raises(UndecidedError, match="no integer polynomial within 32 bits"):
        algebraic._exact.__wrapped__(Label(7), 7)
