"""The printed pair functions: current, free of rounding constants, and equal in every number type."""

import ast
import inspect
from fractions import Fraction
from pathlib import Path

import flint
import mpmath
import pytest
import sympy as sp
from flint import arb, fmpq

from kgon.potential import symbolic
from kgon.potential.kernels import _generated

SOURCE = Path(_generated.__file__).read_text(encoding="utf-8")
PRINTED = {name: function for name, function in vars(_generated).items() if inspect.isfunction(function)}
FUNCTIONS = {name: function for name, function in PRINTED.items() if not name.endswith("_shared")}
# (a, b) inside each region, and t = the active fraction there
POINTS = {
    "on": (Fraction(7, 11), Fraction(2, 13)),
    "rising": (Fraction(17, 7), Fraction(-5, 11)),
    "falling": (Fraction(-17, 7), Fraction(5, 11)),
}


def _fraction(region, a, b):
    return {"on": a / a, "rising": (a + b) / a, "falling": -b / a}[region]


def _region(name):
    return name.split("_")[1]


def _high(kind, region):
    """Third and fourth derivatives of 3 × the integral, from closed forms found by hand."""
    a, b = sp.symbols("a b")
    switch = -b / a
    closed = {
        "off_rising": (a + b) ** 3 / a,
        "off_falling": -(b**3) / a,
        "diag_rising": switch**3 + ((1 - a - b) ** 3 - switch**3) / (1 - a),
    }[f"{kind}_{region}"]
    at = {x: sp.Rational(v.numerator, v.denominator) for x, v in zip((a, b), POINTS[region], strict=True)}
    orders = [(3, 0), (2, 1), (1, 2), (0, 3), (4, 0), (3, 1), (2, 2), (1, 3), (0, 4)]
    values = [sp.diff(closed, a, i, b, j).subs(at) for i, j in orders]
    return [Fraction(int(x.p), int(x.q)) for x in values]


def _exact(name):
    """3 × the integral, derivatives included, in Fractions: an antiderivative by hand."""
    kind, region, *high = name.split("_")
    if high:
        return _high(kind, region)
    a, b = POINTS[region]
    low, high = {"on": (0, 1), "rising": (-b / a, 1), "falling": (0, -b / a)}[region]
    target = 1 if kind == "diag" else 0

    def moment(k):
        return (Fraction(high) ** (k + 1) - Fraction(low) ** (k + 1)) / (k + 1)

    slope = target - a
    inside = slope**2 * moment(2) - 2 * slope * b * moment(1) + b**2 * moment(0)
    outside = target * (Fraction(1, 3) - moment(2))
    fa = -2 * slope * moment(2) + 2 * b * moment(1)
    fb = -2 * slope * moment(1) + 2 * b * moment(0)
    # Second derivatives: under the integral, and the kink where the integrand of fa, fb jumps
    # (only for diag: there the output is 0 and the target is μ).
    jump_a, jump_b = {"on": (0, 0)}.get(region, (2 * target * (b / a) ** 2, 2 * target * b / a))
    faa = 2 * moment(2) + (jump_a * b / a**2 if region == "rising" else 0)
    fab = 2 * moment(1) - (jump_a / a if region == "rising" else 0)
    fbb = 2 * moment(0) + (jump_b / a if region == "rising" else 0)
    return [3 * x for x in (inside + outside, fa, fb, faa, fab, fbb)]


def test_the_committed_file_is_what_symbolic_prints():
    assert symbolic.generated_source() == SOURCE


def _violations(source):
    """Everything in a source that is not straight-line + − * / on names and integers."""
    found = []
    allowed = (
        ast.Module, ast.FunctionDef, ast.arguments, ast.arg, ast.Return, ast.Assign, ast.Expr, ast.Tuple,
        ast.Name, ast.Load, ast.Store, ast.BinOp, ast.UnaryOp, ast.Add, ast.Sub, ast.Mult, ast.Div,
        ast.USub, ast.Constant,
    )  # fmt: skip
    tree = ast.parse(source)
    docstrings = {
        id(node.body[0].value) for node in ast.walk(tree) if isinstance(node, (ast.Module, ast.FunctionDef))
    }
    for node in ast.walk(tree):
        if not isinstance(node, allowed):
            found.append(type(node).__name__)
        if isinstance(node, ast.Constant) and id(node) not in docstrings and type(node.value) is not int:
            found.append(f"constant {node.value!r}")
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            sides = (node.left, node.right)
            if not any(isinstance(x, ast.Name) for side in sides for x in ast.walk(side)):
                found.append(f"quotient of constants {ast.unparse(node)}")
    return found


def test_only_integers_and_four_operations():
    assert _violations(SOURCE) == []


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("x2 = 3*t", "x2 = 3.0*t", "constant 3.0"),
        ("x2 = 3*t", "x2 = (1/3)*9*t", "quotient of constants 1 / 3"),
        ("x0 = t*t", "x0 = t**2", "Pow"),
        ("x0 = t*t", "x0 = pow(t, 2)", "Call"),
        ("x0 = t*t", "x0 = t*t if t > 0 else 0", "IfExp"),
    ],
)
def test_the_check_of_operations_finds_what_it_forbids(old, new, what):
    assert what in _violations(SOURCE.replace(old, new, 1))


def test_there_is_one_function_for_each_region_but_off():
    first = ["diag_on", "diag_rising", "off_falling", "off_on", "off_rising"]
    # on and off are of degree two: no higher derivative
    high = ["diag_rising_high", "off_falling_high", "off_rising_high"]
    assert sorted(FUNCTIONS) == sorted(first + high)
    assert PRINTED.keys() - FUNCTIONS.keys() == {"diag_shared", "off_shared"}


@pytest.mark.parametrize("kind", ["diag", "off"])
@pytest.mark.parametrize("region", symbolic.OFF_REGIONS, ids=lambda region: region.name)
def test_the_shared_form_is_that_of_every_region(kind, region):
    """As polynomials and quotients in a and b: not at points, and not by rounding."""
    if kind == "diag" and region is symbolic.FALLING:
        return  # N ≥ 0 is never falling, and there the form is not that of the integral
    value = 3 * (symbolic.off_integral if kind == "off" else symbolic.diag_integral)(region)
    f, slope, third = (
        symbolic.w * x for x in (value, sp.diff(value, symbolic.a), sp.diff(value, symbolic.b) / 3)
    )
    found = PRINTED[f"{kind}_shared"](
        *(symbolic.shared_entries(region)[x] for x in (symbolic.s, symbolic.e, symbolic.t)), symbolic.w
    )
    assert [sp.simplify(x - y) for x, y in zip(found, (f, slope, third), strict=True)] == [0, 0, 0]


@pytest.mark.parametrize("name", ["diag_on", "diag_rising", "off_falling", "off_on", "off_rising"])
@pytest.mark.parametrize("number", [float, lambda x: arb(fmpq(x.numerator, x.denominator)), Fraction])
def test_the_shared_form_runs_in_floats_balls_and_fractions(name, number):
    kind, region = name.split("_")
    a, b = POINTS[region]
    arguments = (max(b, Fraction(0)), max(a + b, Fraction(0)), _fraction(region, a, b), Fraction(2, 7))
    found = PRINTED[f"{kind}_shared"](*map(number, arguments))
    f, slope, twice = (Fraction(2, 7) * x for x in _exact(name)[:3])
    for value, true in zip(found, (f, slope, twice / 3), strict=True):
        if isinstance(value, arb):
            assert value.contains(fmpq(true.numerator, true.denominator))
        elif isinstance(value, Fraction):
            assert value == true
        else:
            assert value == pytest.approx(float(true), rel=1e-14, abs=1e-15)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_fractions_give_the_exact_integral_and_derivatives(name):
    a, b = POINTS[_region(name)]
    assert list(FUNCTIONS[name](a, b, _fraction(_region(name), a, b))) == _exact(name)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
@pytest.mark.parametrize(
    ("number", "relative"),
    [
        # A dozen operations on numbers of size at most 30: 100 units in the last place.
        (float, 100 * 2.0**-53),
        (complex, 100 * 2.0**-53),
        (lambda x: fmpq(x.numerator, x.denominator), 0),
        (lambda x: mpmath.mpf(x.numerator) / x.denominator, 1e-48),
    ],
    ids=["float", "complex", "fmpq", "mpf"],
)
def test_every_number_type_runs(name, number, relative):
    region = _region(name)
    with mpmath.workdps(50):
        a, b = (number(x) for x in POINTS[region])
        for value, true in zip(FUNCTIONS[name](a, b, _fraction(region, a, b)), _exact(name), strict=True):
            if relative == 0:
                assert value == fmpq(true.numerator, true.denominator)
            else:
                assert abs(value - number(true)) <= relative * max(1, abs(true))


def _in_balls(module, name, bits):
    """(encloses the exact result, largest radius) of one function in balls."""
    region = _region(name)
    with flint.ctx.workprec(bits):
        a, b = (arb(fmpq(x.numerator, x.denominator)) for x in POINTS[region])
        values = [arb(x) for x in module[name](a, b, _fraction(region, a, b))]
        truths = [fmpq(x.numerator, x.denominator) for x in _exact(name)]
        return (
            all(ball.contains(true) for ball, true in zip(values, truths, strict=True)),
            max(float(ball.rad()) for ball in values),
        )


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
@pytest.mark.parametrize("bits", [53, 200, 1000])
def test_balls_contain_the_exact_result_and_are_narrow(name, bits):
    contains, radius = _in_balls(FUNCTIONS, name, bits)
    assert contains
    assert radius <= 2.0 ** (16 - bits)  # a dozen operations on numbers below 2⁵, each losing 2 bits at most


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("off_rising", "x2 = 3*t", "x2 = (1/3)*(9*t)"),
        ("off_on", "x0 = 3*b", "x0 = (1/3)*(9*b)"),
        ("diag_rising", "x3 = 3*t", "x3 = 0.3*(10*t)"),
    ],
)
def test_balls_catch_a_rounded_constant(name, old, new):
    head, tail = SOURCE.split(f"def {name}(")
    assert old in tail
    broken = {}
    exec(head + f"def {name}(" + tail.replace(old, new, 1), broken)
    region = _region(name)
    a, b = (float(x) for x in POINTS[region])
    t = _fraction(region, a, b)
    # Invisible in float64 …
    assert broken[name](a, b, t) == pytest.approx(FUNCTIONS[name](a, b, t), rel=1e-14)
    # … but the balls miss the truth.
    assert not _in_balls(broken, name, 200)[0]
