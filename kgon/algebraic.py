"""Length, bias and loss of the k-gons as algebraic numbers, and which regular k-gons exist.

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
from typing import ClassVar

import flint
from flint import acb, acb_poly, arb, arb_poly, fmpq, fmpz_poly

from kgon.catalogue import as_label, loss_ball, loss_parts, polygon
from kgon.geometry import Label
from kgon.results import KgonError, Result, UndecidedError, Verdict, result

START_BITS = 256
MAX_BITS = 2**17
"""Precision of the product over the conjugates: doubled until every coefficient is one integer."""


@result
class AlgebraicNumber(Result):
    """A real algebraic number.

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

    schema: ClassVar[str] = "algebraic-number"

    name: str
    minimal_polynomial: tuple[int, ...]
    lower: float
    upper: float
    decimal: str
    radical: str | None

    @property
    def degree(self) -> int:
        """Degree over Q."""
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
    """l², b and L of a k-gon as algebraic numbers.

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
    """One conjugate of cos α: the polynomials in m whose coefficients are algebraic integers.

    ``a`` = 6P·A(m) and ``g`` = 6P·g(m) with P = Π u_j over the active neighbours j = 1 … s, and
    ``B`` = 3B(m).
    """

    P: arb
    a: arb_poly
    B: arb_poly
    g: arb_poly

    @classmethod
    def of(cls, k: int, s: int, conjugate: int) -> _Field:
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
    """L = q + r·R with R = (2a − P·B²)/(6a); the common denominator of q and r is cleared."""
    scale = math.lcm(q.denominator, r.denominator)

    def quotient(f: _Field) -> tuple[arb_poly, arb_poly]:
        numerator = 6 * int(q * scale) * f.a + int(r * scale) * (2 * f.a - f.P * f.B * f.B)
        return numerator, 6 * scale * f.a

    return quotient


def _integer_polynomial(k: int, s: int, quotient: Quotient, bits: int) -> fmpz_poly | None:
    """The product over the conjugates, or None where the precision does not fix an integer."""
    with flint.ctx.workprec(bits):
        product = acb_poly([1])
        for conjugate in range(1, k // 2 + 1):
            if math.gcd(conjugate, k) != 1:
                continue
            field = _Field.of(k, s, conjugate)
            numerator, denominator = quotient(field)
            degree = max(numerator.degree(), denominator.degree())
            try:
                roots = acb_poly(field.g).roots(tol=arb(2) ** (16 - bits))
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
    total = arb(0)
    for i in range(polynomial.degree(), -1, -1):
        total = total * x + arb(polynomial[i])
    return total


def _minimal_factor(polynomial: fmpz_poly, number: Callable[[int], arb], bits: int) -> fmpz_poly:
    """The irreducible factor that vanishes at the number; all others certainly do not."""
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
    """Floats around x between which the polynomial has exactly one root, proved."""
    if polynomial.degree() == 1:
        root = Fraction(-int(polynomial[0]), int(polynomial[1]))
        if Fraction(float(root)) == root:
            return float(root), float(root)
    lower = math.nextafter(float(x.lower()), -math.inf)
    upper = math.nextafter(float(x.upper()), math.inf)
    low, high = (arb(fmpq(*Fraction(end).as_integer_ratio())) for end in (lower, upper))
    monotone = _value(polynomial.derivative(), low.union(high)) != 0
    ends = _value(polynomial, low) * _value(polynomial, high)
    if not (low < x < high and monotone and ends < 0):
        raise UndecidedError(f"[{lower!r}, {upper!r}] is not certain to isolate a root")
    return lower, upper


def _radical(coefficients: Sequence[int], x: arb) -> str | None:
    """A closed form of the root x, found by SymPy and told from its conjugates in balls."""
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
    bits = START_BITS
    while (polynomial := _integer_polynomial(k, s, quotient, bits)) is None:
        bits *= 2
        if bits > MAX_BITS:
            raise UndecidedError(f"{name}: no integer polynomial within {MAX_BITS} bits")
    minimal = _minimal_factor(polynomial, enclosure, bits)
    return _described(name, minimal, enclosure(bits), bits)


def _described(name: str, minimal: fmpz_poly, x: arb, bits: int) -> AlgebraicNumber:
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
    with flint.ctx.workprec(START_BITS):
        x = arb(fmpq(value.numerator, value.denominator))
    return _described(name, fmpz_poly([-value.numerator, value.denominator]), x, START_BITS)


@lru_cache(maxsize=256)
def exact(label: Label | str, c: int = 6) -> ExactPoint:
    """Minimal polynomials, isolating intervals and, up to degree 4, radicals of l², b and L.

    Parameters
    ----------
    label : Label or str
    c : int
        Features.

    Returns
    -------
    ExactPoint

    Examples
    --------
    >>> hexagon = exact("6")
    >>> hexagon.length_squared.polynomial
    '5x^4 - 23x^3 + 19x^2 + 8x + 4'
    >>> hexagon.bias.minimal_polynomial
    (25, 46, -11, -12, 4)
    """
    name = as_label(label).check(c)
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


# --- which regular k-gons exist ------------------------------------------------------------------


@result
class ReducedRoot(Result):
    """A real solution of the reduced equations with s neighbours taken as active.

    Attributes
    ----------
    s : int
    length, bias : float
        l and b; l is 0 where the solution has l² ≤ 0.
    m : float
        −b/l².
    admissible : bool
        Whether exactly s neighbours are active there, so that it is a critical point (proved).
    reason : str
        The condition that fails.
    """

    schema: ClassVar[str] = "reduced-root"

    s: int
    length: float
    bias: float
    m: float
    admissible: bool
    reason: str

    def headline(self) -> str:
        kind = "critical point" if self.admissible else f"rejected: {self.reason}"
        return f"s = {self.s}, l = {self.length:.8g}, b = {self.bias:.8g}: {kind}"

    def rows(self) -> Sequence[tuple[str, str]]:
        return [("s", str(self.s)), ("m", f"{self.m:.12g}"), ("reason", self.reason or "admissible")]


@result
class Existence(Result):
    """Which regular k-gons are critical points, for one k.

    Attributes
    ----------
    k : int
    exists : Verdict
        PROVED or REFUTED: at least one is a critical point (with b > −l²).
    roots, rejected : tuple of ReducedRoot
        All of them; and every other real solution of the equations, with the condition it breaks.
    fixed_s : int
        The one number of neighbours that the literature allows, ⌈k/4⌉ − 1.
    fixed_s_exists : bool
        Whether one exists with that number: the literature's narrower claim.
    """

    schema: ClassVar[str] = "existence"

    k: int
    exists: Verdict
    roots: tuple[ReducedRoot, ...]
    rejected: tuple[ReducedRoot, ...]
    fixed_s: int
    fixed_s_exists: bool

    def headline(self) -> str:
        shown = "; ".join(f"s = {r.s}, l = {r.length:.6g}, b = {r.bias:.6g}" for r in self.roots)
        return f"regular {self.k}-gon: {self.exists}, {shown or 'none'}"

    def rows(self) -> Sequence[tuple[str, str]]:
        found = [(f"s = {r.s}", r.headline()) for r in (*self.roots, *self.rejected)]
        return [*found, (f"with s = {self.fixed_s} only", "yes" if self.fixed_s_exists else "no")]


def existence(k: int, *, bits: int = 192) -> Existence:
    """Decide which regular k-gons are critical points: every s, every real root, proved.

    For b ≤ 0 and each s with 0 ≤ s < k/4 the four complex roots of the quartic in m are isolated in
    ball arithmetic; a real one is a critical point where exactly s neighbours are active at it.  No
    k-gon has b > 0, and b = 0 only for k ≤ 4 (docs, derivation 02, Theorem 4).  Independent of
    ``polygons.regular_polygons``, which searches each cell by bisection.

    Parameters
    ----------
    k : int
        Vertices, at least 3.
    bits : int
        Precision to begin with; doubled until everything is decided.

    Returns
    -------
    Existence

    Examples
    --------
    >>> existence(9)
    <regular 9-gon: PROVED, s = 1, l = 1.61711, b = -1.54232>
    >>> existence(9).fixed_s_exists
    False
    """
    if isinstance(k, bool) or not isinstance(k, int) or k < 3:
        raise KgonError(f"k must be an integer of at least 3, got {k!r}")
    while bits <= MAX_BITS:
        try:
            return _existence(k, bits)
        except UndecidedError:
            bits *= 2
    raise UndecidedError(f"the regular {k}-gons are not decided within {MAX_BITS} bits")


def _existence(k: int, bits: int) -> Existence:
    with flint.ctx.workprec(bits):
        cosines = [arb.cos_pi_fmpq(fmpq(2 * j, k)) for j in range(math.ceil(k / 4) + 1)]
        found = _corner(cosines[1])
        F = G = H = arb(1)  # Σ cos²(jα), Σ cos(jα), Σ 1/cos(jα) over j = −s … s
        for s in range(1, math.ceil(k / 4)):
            x = cosines[s]
            F, G, H = F + 2 * x * x, G + 2 * x, H + 2 / x
            energy = arb_poly([F, -3 * G, arb(3 * (1 + 2 * s)), -H])  # 3A(m)
            found += _reduced_roots(s, energy, cosines[s + 1], x)
    roots = tuple(root for root in found if root.admissible)
    fixed = math.ceil(k / 4) - 1
    return Existence(
        k=k,
        exists=Verdict.of(bool(roots), proved=True),
        roots=roots,
        rejected=tuple(root for root in found if not root.admissible),
        fixed_s=fixed,
        fixed_s_exists=any(root.s == fixed for root in roots),
    )


def _corner(next_cosine: arb) -> list[ReducedRoot]:
    """s = 0: g is m(1 − m)³ up to a factor, so that m = 0, l = 1, b = 0 is the only root in [0, 1)."""
    inside = bool(next_cosine <= 0)
    reason = "" if inside else "a further neighbour is active"
    return [ReducedRoot(s=0, length=1.0, bias=0.0, m=0.0, admissible=inside, reason=reason)]


def _reduced_roots(s: int, energy: arb_poly, lowest: arb, inner: arb) -> list[ReducedRoot]:
    """Every real root of the quartic for s active neighbours, with its verdict."""
    g = 6 * arb_poly([1, 1]) * energy + arb_poly([2, -1, -1]) * energy.derivative()
    try:
        complex_roots = acb_poly(g).roots(tol=arb(2) ** -100)
    except ValueError as error:
        raise UndecidedError(f"s = {s}: {error}") from None
    found = []
    for z in complex_roots:
        if z.imag != 0:
            continue
        # A ball that meets the real axis meets its mirror image; as the balls are disjoint and the
        # coefficients real, its root is its own conjugate.
        if any(z.conjugate().overlaps(w) for w in complex_roots if w is not z):
            raise UndecidedError(f"s = {s}: a root is not decided to be real")
        found.append(_judged(s, z.real, energy, lowest, inner))
    return sorted(found, key=lambda root: root.m)


def _judged(s: int, m: arb, energy: arb_poly, lowest: arb, inner: arb) -> ReducedRoot:
    tau = (1 - m) * (1 - m) * (2 + m) / (2 * energy(m))
    tests = (
        (tau > 0, tau < 0, "l² < 0"),
        (m >= 0, m < 0, "b > 0, where the equations are others"),
        (m < inner, m >= inner, "the last neighbour is not active"),
        (m >= lowest, m < lowest, "a further neighbour is active"),
    )
    reason = ""
    for holds, fails, text in tests:
        if fails:
            reason = text
            break
        if not holds:
            raise UndecidedError(f"s = {s}: whether '{text}' at m = {m.str(12)}")
    positive = bool(tau > 0)
    return ReducedRoot(
        s=s,
        length=float(tau.sqrt()) if positive else 0.0,
        bias=float(-m * tau),
        m=float(m),
        admissible=not reason,
        reason=reason,
    )
