"""The pair integrals of the potential, computed and differentiated by SymPy, and printed as source.

Everything else in the package that evaluates the potential rests on two integrals over one
input amplitude, Lemma 3.1 of Chen et al. (2023)::

    off(a, b)  = ∫₀¹ relu(a·μ + b)² dμ              (a = W_i·W_j, i ≠ j)
    diag(N, b) = ∫₀¹ (μ − relu(N·μ + b))² dμ        (N = ‖W_j‖²)

This module computes them region by region by integration, differentiates them, and prints them
as straight-line Python (:func:`generated_source`, written to ``kgon/potential/kernels/_generated.py``), and
for the explorer as JavaScript (:func:`javascript_source`, the file ``kgon/report/explorer/parts/pairs.js``).

Inside a region the ReLU is active for a known part of 0 ≤ μ ≤ 1.  Its length, the *active
fraction* ``t``, is the only quotient that occurs: with it every integral and all its derivatives
are polynomials in a, b and t (second derivatives of diag divide by a once more).  Multiplied by 3
their coefficients are integers, so that the printed functions hold no fraction that Python could
round, and run in any number type.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sympy as sp
from sympy.printing.codeprinter import CodePrinter
from sympy.printing.jscode import JavascriptCodePrinter
from sympy.printing.pycode import PythonCodePrinter

a, b, t, mu = sp.symbols("a b t mu", real=True)
"""Symbols: pre-activation slope, bias, active fraction, input amplitude."""

JET_ORDERS = ((0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2))
"""Order of differentiation in (a, b) of the six entries of a jet."""
HIGH_ORDERS = tuple((order - j, j) for order in (3, 4) for j in range(order + 1))
"""Order of differentiation in (a, b) of the nine third and fourth derivatives."""


@dataclass(frozen=True, slots=True)
class Region:
    """One region of the (a, b) plane, by the set of μ in [0, 1] where the ReLU is active.

    Attributes
    ----------
    name : str
        ``on`` (active for all μ), ``rising`` (b < 0 < a + b: from μ = −b/a to 1),
        ``falling`` (b > 0 > a + b: from 0 to −b/a) or ``off`` (nowhere).
    start, end : sympy.Expr
        The active interval.
    """

    name: str
    start: sp.Expr
    end: sp.Expr

    @property
    def fraction(self) -> sp.Expr:
        """Length of the active interval, the t of the printed functions."""
        return sp.together(self.end - self.start)

    @property
    def bias(self) -> sp.Expr:
        """b written through a and t, where the region has a switching point."""
        return sp.solve(sp.Eq(t, self.fraction), b)[0]


ON = Region("on", sp.Integer(0), sp.Integer(1))
RISING = Region("rising", -b / a, sp.Integer(1))
FALLING = Region("falling", sp.Integer(0), -b / a)
OFF = Region("off", sp.Integer(0), sp.Integer(0))

OFF_REGIONS = (ON, RISING, FALLING, OFF)
"""Regions of ``off``."""
DIAG_REGIONS = (ON, RISING, OFF)
"""Regions of ``diag``; N ≥ 0 excludes ``falling``."""


def off_integral(region: Region) -> sp.Expr:
    """Compute ``off(a, b)`` in one region, by integration over μ."""
    return sp.factor(sp.integrate(sp.expand((a * mu + b) ** 2), (mu, region.start, region.end)))


def diag_integral(region: Region) -> sp.Expr:
    """Compute ``diag(a, b)`` (a = N = ‖W_j‖²) in one region, by integration over μ."""
    active = sp.integrate(sp.expand((mu - a * mu - b) ** 2), (mu, region.start, region.end))
    before = sp.integrate(mu**2, (mu, 0, region.start))
    after = sp.integrate(mu**2, (mu, region.end, 1))
    return sp.factor(sp.together(active + before + after))


def jet(value: sp.Expr, orders: tuple[tuple[int, int], ...] = JET_ORDERS) -> tuple[sp.Expr, ...]:
    """Differentiate in (a, b) to the orders given: value and up to second order, or ``HIGH_ORDERS``."""
    return tuple(sp.factor(sp.diff(value, a, i, b, j)) for i, j in orders)


PAIR_FUNCTIONS: tuple[tuple[str, Callable[[Region], sp.Expr], tuple[Region, ...]], ...] = (
    ("off", off_integral, OFF_REGIONS),
    ("diag", diag_integral, DIAG_REGIONS),
)


# --- one form for all regions ------------------------------------------------------------------

s, e, w = sp.symbols("s e w", real=True)
"""Symbols: max(b, 0) and max(a + b, 0), the ReLU at μ = 0 and 1; the weight of a pair."""
_m, _p, _q, _v = sp.symbols("m p q v", real=True)
SHARED_STEPS = ((_m, t * w), (_p, _m * (s + e)), (_q, _m * e), (_v, 3 * _q + t * (_p - 2 * _q)))
"""What the entries of both shared forms are made of, in the order of computation."""
SHARED_FORMS: dict[str, tuple[sp.Expr, ...]] = {
    "off": (s * _p + e * _q, _v, _p),
    "diag": (s * _p + e * _q - _v + w, _v - 2 * _m * (3 - t * (3 - t)), _p - _m * (2 - t)),
}
"""w times f, f_a and f_b/3, where f is 3·off or 3·diag, in every region: see ``shared_entries``."""


def shared_entries(region: Region) -> dict[sp.Symbol, sp.Expr]:
    """Write s, e and t of the shared forms through a and b, in one region.

    The active interval begins at 0 or at a zero of the ReLU and ends at 1 or at a zero, so that the ReLU is
    linear on it from s to e.  Its moments are therefore polynomials in s, e and t: ∫relu = t(s + e)/2,
    ∫relu² = t(s² + se + e²)/3, and ∫μ·relu = t(3e − t(e − s))/6, as the start p of the interval has
    p(s + e) = (1 − t)e in every region.  Of diag, ∫μ = t(2 − t)/2 and ∫μ² = t(3 − 3t + t²)/3.
    """
    none = sp.Integer(0)
    start, end = b if region in (ON, FALLING) else none, a + b if region in (ON, RISING) else none
    return {s: start, e: end, t: region.fraction}


# --- the printer ----------------------------------------------------------------------------


class _StraightLine(CodePrinter):
    """Source with products in place of powers and integers as the only constants, in either language."""

    def _print_Pow(self, expr: sp.Pow, **_: object) -> str:  # noqa: N802 (SymPy's name)
        base, exponent = expr.base, expr.exp
        if not exponent.is_Integer:
            raise ValueError(f"only integer powers can be printed, got {expr}")
        product = "*".join([self.parenthesize(base, 60)] * abs(int(exponent)))
        return product if exponent > 0 else f"1/({product})"

    def _print_Mul(self, expr: sp.Mul) -> str:  # noqa: N802
        numerator, denominator = sp.fraction(expr)
        if denominator == 1:
            return str(super()._print_Mul(expr))
        if denominator.as_coeff_Mul()[0] != 1:
            raise ValueError(f"a fraction would be rounded, got {expr}")
        return f"{self.parenthesize(numerator, 50)}/({self._print(denominator)})"

    def _print_Rational(self, expr: sp.Rational) -> str:  # noqa: N802
        raise ValueError(f"a fraction would be rounded, got {expr}")

    def _print_Float(self, expr: sp.Float) -> str:  # noqa: N802
        raise ValueError(f"only integer constants can be printed, got {expr}")


class _Python(_StraightLine, PythonCodePrinter):
    """Straight lines of Python."""


class _JavaScript(_StraightLine, JavascriptCodePrinter):
    """Straight lines of JavaScript, with the operations of the Python and in their order."""


def _arranged(entry: sp.Expr, region: Region) -> sp.Expr:
    """An entry of a jet as a sum of factored terms: few operations, little cancellation."""
    variable = b
    if region in (RISING, FALLING):
        entry, variable = entry.subs(b, region.bias), a
    return sp.collect(sp.expand(entry), variable, sp.factor)


def _function_source(name: str, value: sp.Expr, region: Region, *, high: bool = False) -> str:
    orders = HIGH_ORDERS if high else JET_ORDERS
    steps, results = sp.cse([_arranged(3 * entry, region) for entry in jet(value, orders)])
    printer = _Python({"fully_qualified_modules": False})
    what = f"3 × {name.replace('_', ', ')}"
    if high:
        name, what = f"{name}_high", f"{what}: third and fourth derivatives"
    lines = [f"def {name}(a, b, t):", f'    """{what}."""']
    lines += [f"    {symbol} = {printer.doprint(expr)}" for symbol, expr in steps]
    lines.append(f"    return {', '.join(printer.doprint(entry) for entry in results)}")
    return "\n".join(lines)


def _shared_source(kind: str, entries: tuple[sp.Expr, ...]) -> str:
    printer = _Python({"fully_qualified_modules": False})
    lines = [
        f"def {kind}_shared(s, e, t, w):",
        f'    """3 × {kind}, every region: f, f_a and f_b/3, times w."""',
    ]
    lines += [f"    {symbol} = {printer.doprint(entry)}" for symbol, entry in SHARED_STEPS]
    return "\n".join([*lines, f"    return {', '.join(map(printer.doprint, entries))}"])


def _javascript(kind: str, entries: tuple[sp.Expr, ...]) -> str:
    printer = _JavaScript()
    lines = [
        f"// 3 × {kind}, every region: f, f_a and f_b/3, times w.",
        f"function {kind}Shared(s, e, t, w) {{",
    ]
    lines += [f"  const {symbol} = {printer.doprint(entry)};" for symbol, entry in SHARED_STEPS]
    return "\n".join([*lines, f"  return [{', '.join(map(printer.doprint, entries))}];", "}"])


_HEADER = '''"""Pair functions of the potential, printed by ``kgon.potential.symbolic``.  Do not edit.

Each function takes (a, b, t), with t the active fraction of its region, and returns the jet
(f, f_a, f_b, f_aa, f_ab, f_bb) of three times the pair integral; those named ``_high`` return
(f_aaa, f_aab, f_abb, f_bbb, f_aaaa, f_aaab, f_aabb, f_abbb, f_bbbb), which vanish where a region is
on or off.  Those named ``_shared`` hold in every region: they take s = max(b, 0), e = max(a + b, 0), t and
a weight w, and return w times (f, f_a, f_b/3).  Integers are the only constants and + − * / the only
operations, so one source runs in float64, exact rationals and balls.
"""
'''


def generated_source() -> str:
    """Print the source of ``kgon/potential/kernels/_generated.py``."""
    functions = [
        _function_source(f"{kind}_{region.name}", integral(region), region)
        for kind, integral, regions in PAIR_FUNCTIONS
        for region in regions
        if region is not OFF
    ]
    functions += [
        _function_source(f"{kind}_{region.name}", integral(region), region, high=True)
        for kind, integral, regions in PAIR_FUNCTIONS
        for region in regions
        if region in (RISING, FALLING)
    ]
    functions += [_shared_source(kind, entries) for kind, entries in SHARED_FORMS.items()]
    return _HEADER + "\n\n" + "\n\n\n".join(functions) + "\n"


_JAVASCRIPT_HEADER = """\
// Pair functions of the potential, printed by kgon.potential.symbolic.  Do not edit.
//
// They take s = max(b, 0), e = max(a + b, 0), the active fraction t of the region and a weight w, and return
// w times (f, f_a, f_b/3), f being three times the pair integral.
"""


def javascript_source() -> str:
    """Print the source of ``kgon/report/explorer/parts/pairs.js``: the forms that hold in every region."""
    functions = [_javascript(kind, entries) for kind, entries in SHARED_FORMS.items()]
    return _JAVASCRIPT_HEADER + "\n" + "\n\n".join(functions) + "\n"
