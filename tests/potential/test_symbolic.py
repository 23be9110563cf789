"""The pair integrals against quadrature, their derivatives and borders, and the printer."""

import re
from pathlib import Path

import mpmath
import pytest
import sympy as sp
from support import truth

from kgon.potential import symbolic
from kgon.potential.symbolic import DIAG_REGIONS, FALLING, OFF, OFF_REGIONS, ON, RISING, a, b, mu

Q = sp.Rational
PRINTERS = [symbolic._Python({"fully_qualified_modules": False}), symbolic._JavaScript()]
SAMPLES = {
    "on": [(Q(3, 7), Q(1, 5)), (Q(-1, 3), Q(2, 3)), (Q(5, 2), Q(0))],
    "rising": [(Q(3, 2), Q(-1, 5)), (Q(7, 3), Q(-2)), (Q(1, 9), Q(-1, 10))],
    "falling": [(Q(-3, 2), Q(1, 5)), (Q(-7, 3), Q(2))],
    "off": [(Q(-3, 7), Q(-1, 5)), (Q(1, 3), Q(-2, 3)), (Q(0), Q(-1))],
}


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
                assert abs(truth.pair_by_mpmath(target, x, y) - mpmath.mpf(exactly.p) / exactly.q) < 1e-37


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


@pytest.mark.parametrize("printer", PRINTERS)
@pytest.mark.parametrize("bad", [a / 3, sp.Float(0.5) * a, sp.sqrt(a), a ** Q(1, 3), Q(1, 2) + a])
def test_the_printer_refuses_what_python_would_round(bad, printer):
    with pytest.raises(ValueError, match=r"fraction would be rounded|integer constants|integer powers"):
        printer.doprint(bad)


@pytest.mark.parametrize("printer", PRINTERS)
def test_the_printer_writes_products(printer):
    assert printer.doprint(a**3) == "a*a*a"
    assert printer.doprint((a + b) ** 2) == "(a + b)*(a + b)"
    assert eval(printer.doprint(b / a**2), {"a": 2, "b": 8}) == 2
    assert mu.is_real


# --- JavaScript -------------------------------------------------------------------------------------------

SCRIPT = Path(symbolic.__file__).parents[1] / "report/explorer/parts/pairs.js"


def test_the_committed_script_is_what_symbolic_prints():
    assert symbolic.javascript_source() == SCRIPT.read_text(encoding="utf-8")


def as_python(script):
    """The functions of a script of straight lines, whose arithmetic is Python's, too."""
    source = re.sub(r"function (\w+)(\(.*\)) \{", r"def \1\2:", script.replace("//", "#"))
    source = re.sub(r"const |;|^\}", "", source, flags=re.M)
    functions = {}
    exec(source, functions)
    return functions


@pytest.mark.parametrize("kind", ["off", "diag"])
def test_the_script_equals_the_integrals_in_every_region(kind):
    """In fractions: f and its gradient, with a weight."""
    shared = as_python(symbolic.javascript_source())[f"{kind}Shared"]
    integral, regions = {name: (x, y) for name, x, y in symbolic.PAIR_FUNCTIONS}[kind]
    weight = Q(3, 7)
    for region in regions:
        f, fa, fb = symbolic.jet(integral(region))[:3]
        for x, y in SAMPLES[region.name]:
            at = {a: x, b: y}
            start, end = max(y, Q(0)), max(x + y, Q(0))
            found = shared(start, end, region.fraction.subs(at), weight)
            assert list(found) == [3 * weight * f.subs(at), 3 * weight * fa.subs(at), weight * fb.subs(at)]
