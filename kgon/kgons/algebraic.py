"""Length, bias and loss of the k-gons as algebraic numbers.

For s active neighbours m = −b/l² is a root of a quartic g over Q(cos α), and l², b and L are rational
functions N(m)/D(m) (docs, derivation 02).  With u_j = 2cos(jα) all coefficients are algebraic
integers, so that the product of ``Res_m(g, X·D − N)`` over the conjugates of cos α has rational
integers as coefficients: computed in balls, each ball that holds exactly one integer *is* that
integer.  The minimal polynomial is the factor over Q that vanishes at the number.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, ClassVar

import flint
from flint import acb, acb_poly, arb, arb_poly, fmpq, fmpz_poly

from kgon.base.results import Result, result
from kgon.base.verdicts import UndecidedError
from kgon.kgons.labels import Label
from kgon.kgons.values import check_label, loss_ball, loss_parts, polygon
from kgon.numerics.balls import MAX_BITS
from kgon.potential.any_number import exact_ball

START_BITS = 256
"""Precision of the product over the conjugates: doubled until every coefficient is one integer."""


@result
class AlgebraicNumber(Result):
    """A real algebraic number: its minimal polynomial, an interval that isolates it, and a closed form.

    Attributes
    ----------
    name : str
    minimal_polynomial : tuple of int
        Coefficients over Z, highest degree first: irreducible, without common factor, leading one > 0.
    lower, upper : float
        An interval with rational ends that holds this root of the polynomial and no other (proved);
        the ends are equal where the number is itself a float.
    decimal : str
        The number to 50 digits.
    radical : str or None
        A closed form (SymPy syntax) where the degree is at most 4.
    """

    name: str
    minimal_polynomial: tuple[int, ...]
    lower: float
    upper: float
    decimal: str
    radical: str | None

    @property
    def degree(self) -> int:
        """The degree of the number over Q."""
        return len(self.minimal_polynomial) - 1

    @property
    def polynomial(self) -> str:
        """The minimal polynomial as text in x."""
        return _polynomial_text(self.minimal_polynomial)

    def headline(self) -> str:
        return f"{self.name} = {self.decimal[:22]}, root of {self.polynomial}"

    def rows(self) -> Sequence[tuple[str, str]]:
        lines = [
            ("decimal", self.decimal),
            ("degree", str(self.degree)),
            ("minimal polynomial", self.polynomial),
            ("isolating interval", f"[{self.lower!r}, {self.upper!r}]"),
        ]
        return [*lines, *([("radical", self.radical)] if self.radical else [])]


def _polynomial_text(coefficients: Sequence[int]) -> str:
    """Write a polynomial in x, coefficients from the highest degree down, such as ``5x^2 - x + 4``."""
    degree = len(coefficients) - 1
    terms = []
    for power, value in zip(range(degree, -1, -1), coefficients, strict=True):
        if value == 0:
            continue
        x = "" if power == 0 else "x" if power == 1 else f"x^{power}"
        size = "" if abs(value) == 1 and power else str(abs(value))
        sign = "-" if value < 0 else "+"
        terms.append(f"{sign} {size}{x}")
    text = " ".join(terms).removeprefix("+ ")
    return text.replace("- ", "-", 1) if text.startswith("- ") else text


@result
class ExactPoint(Result):
    """The squared length l², the bias b and the loss L of a k-gon as algebraic numbers.

    Attributes
    ----------
    label : str
    c : int
    length_squared, bias, loss : AlgebraicNumber
    """

    schema: ClassVar[str] = "exact"

    label: str
    c: int
    length_squared: AlgebraicNumber
    bias: AlgebraicNumber
    loss: AlgebraicNumber

    def headline(self) -> str:
        degrees = [str(x.degree) for x in (self.length_squared, self.bias, self.loss)]
        return f"{self.label}-gon, c = {self.c}: l², b, L of degree {', '.join(degrees)} over Q"

    def rows(self) -> Sequence[tuple[str, str]]:
        return [
            (f"{number.name}: {key}" if key == "decimal" else f"  {key}", value)
            for number in (self.length_squared, self.bias, self.loss)
            for key, value in number.rows()
        ]

    def __str__(self) -> str:
        # Unframed: coefficients and radicals can be very long.
        lines = [self.headline()]
        for number in (self.length_squared, self.bias, self.loss):
            lines += ["", f"{number.name} = {number.decimal}"]
            lines += [f"  {key}: {value}" for key, value in number.rows()[1:]]
        return "\n".join(lines)


# --- minimal polynomials -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Field:
    """The polynomials in m of one conjugate of cos α, whose coefficients are algebraic integers.

    ``a`` = 6P·A(m) and ``g`` = 6P·g(m) with P = Π u_j over the active neighbours j = 1 … s, and
    ``B`` = 3B(m).
    """

    P: arb
    a: arb_poly
    B: arb_poly
    g: arb_poly

    @classmethod
    def of(cls, k: int, s: int, conjugate: int) -> _Field:
        """Build them for cos(conjugate · α), α = 2π/k, with s active neighbours on one side."""
        u = [2 * arb.cos_pi_fmpq(fmpq(2 * j * conjugate, k)) for j in range(1, s + 1)]
        P = arb(1)
        for x in u:
            P = P * x
        a = 2 * P * arb_poly([1, -1]) ** 3
        for i, x in enumerate(u):
            others = arb(1)
            for j, y in enumerate(u):
                others = others * y if j != i else others
            a = a + others * arb_poly([x, -2]) ** 3
        B = arb_poly([1, -1]) ** 2 * arb_poly([2, 1])
        g = 6 * arb_poly([1, 1]) * a + arb_poly([2, -1, -1]) * a.derivative()
        return cls(P, a, B, g)


Quotient = Callable[[_Field], tuple[arb_poly, arb_poly]]
"""Numerator and denominator in m of a number N(m)/D(m), with algebraic integers as coefficients."""


def _length_squared(f: _Field) -> tuple[arb_poly, arb_poly]:
    return f.P * f.B, f.a


def _bias(f: _Field) -> tuple[arb_poly, arb_poly]:
    return -f.P * f.B * arb_poly([0, 1]), f.a


def _loss(q: Fraction, r: Fraction) -> Quotient:
    """Write L = q + r·R, R = (2a − P·B²)/(6a), as a quotient; the denominators of q and r are cleared."""
    scale = math.lcm(q.denominator, r.denominator)

    def quotient(f: _Field) -> tuple[arb_poly, arb_poly]:
        numerator = 6 * int(q * scale) * f.a + int(r * scale) * (2 * f.a - f.P * f.B * f.B)
        return numerator, 6 * scale * f.a

    return quotient


def _integer_polynomial(k: int, s: int, quotient: Quotient, bits: int) -> fmpz_poly | None:
    """Multiply the resultants over the conjugates; None where the precision does not fix an integer."""
    with flint.ctx.workprec(bits):
        product = acb_poly([1])
        for conjugate in range(1, k // 2 + 1):
            if math.gcd(conjugate, k) != 1:
                continue
            field = _Field.of(k, s, conjugate)
            numerator, denominator = quotient(field)
            degree = max(numerator.degree(), denominator.degree())
            try:
                roots = acb_poly(field.g).roots(tol=arb(2) ** (-bits // 2))
            except ValueError:  # not isolated at this precision
                return None
            factor = acb_poly([acb(field.g[field.g.degree()]) ** degree])
            for m in roots:
                factor = factor * acb_poly([-acb_poly(numerator)(m), acb_poly(denominator)(m)])
            product = product * factor
        coefficients = []
        for i in range(product.degree() + 1):
            value = product[i].real.unique_fmpz()
            if value is None or not product[i].imag.contains(0):
                return None
            coefficients.append(value)
        return fmpz_poly(coefficients)


def _value(polynomial: fmpz_poly, x: arb) -> arb:
    """Enclose the polynomial at x, by Horner's rule."""
    total = arb(0)
    for i in range(polynomial.degree(), -1, -1):
        total = total * x + arb(polynomial[i])
    return total


def _minimal_factor(polynomial: fmpz_poly, number: Callable[[int], arb], bits: int) -> fmpz_poly:
    """Find the irreducible factor that vanishes at the number; all others certainly do not."""
    _, factors = polynomial.factor()
    while bits <= MAX_BITS:
        with flint.ctx.workprec(bits):
            x = number(bits)
            vanishing = [factor for factor, _ in factors if _value(factor, x).contains(0)]
        if len(vanishing) == 1:
            factor = vanishing[0]
            return factor if factor[factor.degree()] > 0 else -factor
        bits *= 2
    raise UndecidedError(f"{len(vanishing)} factors of the polynomial may vanish at the number")


def _isolating_interval(polynomial: fmpz_poly, x: arb) -> tuple[float, float]:
    """Find floats around x between which the polynomial has exactly one root, and prove it."""
    if polynomial.degree() == 1:
        root = Fraction(-int(polynomial[0]), int(polynomial[1]))
        if Fraction(float(root)) == root:
            return float(root), float(root)
    lower = math.nextafter(float(x.lower()), -math.inf)
    upper = math.nextafter(float(x.upper()), math.inf)
    low, high = (arb(fmpq(*Fraction(end).as_integer_ratio())) for end in (lower, upper))
    between = low.union(high)
    roots: Any = polynomial.complex_roots()
    inside = [z for z, _ in roots if z.real.overlaps(between) and z.imag.contains(0)]
    if not (low < x < high and len(inside) == 1):
        raise UndecidedError(f"[{lower!r}, {upper!r}] is not certain to isolate a root")
    return lower, upper


def _radical(coefficients: Sequence[int], x: arb) -> str | None:
    """Find a closed form of the root x by SymPy, told from its conjugates in balls; None above degree 4."""
    if len(coefficients) > 5:
        return None
    import sympy as sp

    found = []
    for root in sp.roots(sp.Poly(coefficients, sp.Symbol("x")), quartics=True):
        real, imaginary = (arb(str(part)) for part in sp.N(root, 60).as_real_imag())
        if abs(real - x) < arb("1e-40") and abs(imaginary) < arb("1e-40"):
            found.append(str(sp.nsimplify(root)) if root.is_Rational else str(root))
    return found[0] if len(found) == 1 else None


def _number(
    name: str, k: int, s: int, quotient: Quotient, enclosure: Callable[[int], arb]
) -> AlgebraicNumber:
    """Compute a number N(m)/D(m) of the k-gon from its quotient and from its enclosure at so many bits."""
    bits = START_BITS
    while (polynomial := _integer_polynomial(k, s, quotient, bits)) is None:
        bits *= 2
        if bits > MAX_BITS:
            raise UndecidedError(f"{name}: no integer polynomial within {MAX_BITS} bits")
    minimal = _minimal_factor(polynomial, enclosure, bits)
    return _described(name, minimal, enclosure(bits), bits)


def _described(name: str, minimal: fmpz_poly, x: arb, bits: int) -> AlgebraicNumber:
    """Isolate the root x of its minimal polynomial, and find its closed form."""
    with flint.ctx.workprec(bits):
        coefficients = tuple(int(minimal[i]) for i in range(minimal.degree(), -1, -1))
        lower, upper = _isolating_interval(minimal, x)
        return AlgebraicNumber(
            name=name,
            minimal_polynomial=coefficients,
            lower=lower,
            upper=upper,
            decimal=x.str(50, radius=False),
            radical=_radical(coefficients, x),
        )


def _rational(name: str, value: Fraction) -> AlgebraicNumber:
    """Describe a rational number as a root of a polynomial of degree 1."""
    with flint.ctx.workprec(START_BITS):
        x = exact_ball(value)
    return _described(name, fmpz_poly([-value.numerator, value.denominator]), x, START_BITS)


def exact(label: Label | str, c: int = 6) -> ExactPoint:
    """Compute minimal polynomials, isolating intervals and, up to degree 4, radicals of l², b and L.

    Parameters
    ----------
    label : Label or str
    c : int
        Features.

    Returns
    -------
    ExactPoint

    Raises
    ------
    KgonError
        A label that cannot occur with c features.
    UndecidedError
        ``MAX_BITS`` do not decide the polynomial.

    Examples
    --------
    >>> hexagon = exact("6")
    >>> hexagon.length_squared.polynomial
    '5x^4 - 23x^3 + 19x^2 + 8x + 4'
    >>> hexagon.bias.minimal_polynomial
    (25, 46, -11, -12, 4)
    """
    return _exact(*check_label(label, c))


@lru_cache(maxsize=256)
def _exact(name: Label, c: int) -> ExactPoint:
    """``exact`` of a label that can occur; the 4-gon is rational."""
    q, r = loss_parts(name, c)
    k = name.k
    if k == 4:
        return ExactPoint(
            label=str(name),
            c=c,
            length_squared=_rational("l²", Fraction(1)),
            bias=_rational("b", Fraction(0)),
            loss=_rational("L", q),
        )
    s = polygon(k).s

    def digits(bits: int) -> int:
        return int(bits * math.log10(2))

    return ExactPoint(
        label=str(name),
        c=c,
        length_squared=_number(
            "l²", k, s, _length_squared, lambda bits: polygon(k, digits(bits)).length_squared
        ),
        bias=_number("b", k, s, _bias, lambda bits: polygon(k, digits(bits)).bias),
        loss=_number("L", k, s, _loss(q, r), lambda bits: loss_ball(name, c, digits=digits(bits))),
    )
