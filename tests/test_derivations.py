"""The derivations hold, their committed pages are current, and a false claim would stop them."""

import doctest
import importlib
import importlib.util
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import ModuleType

import flint
import mpmath
import numpy as np
import pytest
import sympy as sp
from flint import arb
from support import truth

from kgon.kgons.labels import Label
from kgon.kgons.values import standard_point
from kgon.potential.loss import Potential
from kgon.potential.model import TMS

ROOT = Path(__file__).parents[1]
SCRIPTS = sorted((ROOT / "derivations").glob("[0-9]*.py"))
PAGES = sorted((ROOT / "docs").glob("*.md"))


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"derivation_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def page_module(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "derivations"))
    return load(ROOT / "derivations" / "parts" / "page.py")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_the_committed_page_is_what_the_script_writes(script, monkeypatch, capsys):
    monkeypatch.syspath_prepend(str(script.parent))
    derivation = load(script)
    code = derivation.main(derivation.build, ["--check"])
    assert code == 0, capsys.readouterr().out


def test_every_page_has_its_script_and_is_in_the_index():
    pages = {path.stem for path in (ROOT / "docs" / "derivations").glob("*.rst")}
    assert pages == {path.stem for path in SCRIPTS}
    index = (ROOT / "docs" / "derivations" / "index.md").read_text(encoding="utf-8")
    assert all(name in index for name in pages)


def test_check_finds_a_changed_page(page_module, tmp_path, capsys):
    def build():
        page = page_module.Page("00_example.py", "Example")
        page.check("1 + 1 = 2", sp.Integer(2) == 2)
        return page

    here = ["--out", str(tmp_path)]
    assert page_module.main(build, [*here, "--check"]) == 1  # not written yet
    assert page_module.main(build, here) == 0
    assert page_module.main(build, [*here, "--check"]) == 0
    path = tmp_path / "00_example.rst"
    path.write_text(path.read_text().replace("2", "3"))
    assert page_module.main(build, [*here, "--check"]) == 1
    assert "differs" in capsys.readouterr().out


def test_a_false_identity_stops_the_script(page_module):
    page = page_module.Page("00_example.py", "Example")
    x = sp.Symbol("x")
    page.check("a true identity", page_module.is_zero((x + 1) ** 2 - x**2 - 2 * x - 1))
    with pytest.raises(AssertionError, match="does not hold: the square of a sum"):
        page.check("the square of a sum", page_module.is_zero((x + 1) ** 2 - x**2 - 1))
    with pytest.raises(AssertionError, match="a truthy object is not a decided claim"):
        page.check("a truthy object is not a decided claim", x)
    with pytest.raises(AssertionError, match="is not the computed"):
        page_module.shown("2x", x, 2 * x)
    assert page.claims == 1


def test_a_wrong_integral_stops_derivation_1(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "derivations"))
    derivation = load(ROOT / "derivations" / "01_potential.py")
    derivation.OFF_FORM["rising"] += derivation.b**3  # one term too many
    with pytest.raises(AssertionError, match="does not hold"):
        derivation.build()


def test_a_wrong_learning_coefficient_stops_derivation_5(monkeypatch, page_module):
    monkeypatch.syspath_prepend(str(ROOT / "derivations"))
    derivation = load(ROOT / "derivations" / "05_learning_coefficient.py")
    right = derivation.learning_coefficient
    derivation.results(page_module.Page("05_example.py", "Example"))
    monkeypatch.setattr(derivation, "learning_coefficient", lambda label, c: right(label, c) + label.phi % 2)
    with pytest.raises(AssertionError, match="does not hold: for all"):
        derivation.results(page_module.Page("05_example.py", "Example"))


@pytest.mark.parametrize("wrong", [sp.Rational(1, 12), -sp.Rational(1, 8)])
def test_a_wrong_coefficient_of_the_next_order_stops_derivation_5a(wrong, monkeypatch, page_module):
    monkeypatch.syspath_prepend(str(ROOT / "derivations"))
    wick = load(ROOT / "derivations" / "parts" / "wick.py")
    right = wick.next_order
    wick.one_dimension(page_module.Page("05a_example.py", "Example"))

    def with_another_cubic_term(V, psi, z):
        at_zero = {z[0]: 0}
        third, second = (sp.diff(V, z[0], order).subs(at_zero) for order in (3, 2))
        return right(V, psi, z) + wrong * third**2 / second**3

    monkeypatch.setattr(wick, "next_order", with_another_cubic_term)
    with pytest.raises(AssertionError, match="does not hold: Stirling"):
        wick.one_dimension(page_module.Page("05a_example.py", "Example"))


def derivation_6(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "derivations"))
    return load(ROOT / "derivations" / "06_global_minimum.py")


@pytest.mark.parametrize("name", ["kappa", "level", "bias"])
def test_a_wrong_constant_stops_derivation_6(name, monkeypatch, page_module):
    derivation = derivation_6(monkeypatch)
    with flint.ctx.workprec(derivation.BITS):
        right = derivation.constants(6)
        assert derivation.consistent(right)
        assert not derivation.consistent(replace(right, **{name: getattr(right, name) * (1 + arb(2) ** -60)}))


@pytest.mark.parametrize(("c", "factor"), [(5, 1.05), (6, 1.02)])
def test_the_covering_of_derivation_6_fails_for_a_false_inequality(c, factor, monkeypatch):
    derivation = derivation_6(monkeypatch)
    with flint.ctx.workprec(derivation.BITS):
        right = derivation.constants(c)
        false = replace(right, level=right.level * arb(factor))
        assert derivation.lemma_two(false, derivation.THETA[c], derivation.near(c)) is None


def test_the_hessian_of_derivation_6_is_not_positive_far_from_the_polygon(monkeypatch):
    derivation = derivation_6(monkeypatch)
    with flint.ctx.workprec(derivation.BITS):
        assert derivation.convex(derivation.near(6))
        assert not derivation.convex([Fraction(1, 4), Fraction(5, 16), Fraction(3, 4), Fraction(1)])


def test_a_wrong_bonus_stops_derivation_6(monkeypatch, page_module):
    derivation = derivation_6(monkeypatch)
    page = page_module.Page("06_example.py", "Example")
    with flint.ctx.workprec(derivation.BITS):
        values = {c: derivation.constants(c) for c in (5, 6)}
        without = replace(values[5], kappa=values[5].level * 2 / arb.pi())  # δ = 0
        with pytest.raises(AssertionError, match="does not hold: at τ = 0, b = ¼"):
            derivation.step(page, {**values, 5: without}, derivation.THETA[6])


def test_the_threshold_of_a_positive_column_is_where_the_hessian_turns(monkeypatch):
    """Theorem 11 of derivation 4 against the eigenvalues of the whole Hessian."""
    monkeypatch.syspath_prepend(str(ROOT / "derivations"))
    derivation = load(ROOT / "derivations" / "parts" / "importance.py")
    for k in (5, 7):
        value, _, positive = derivation.polygon_threshold(k)
        assert positive
        W, b = standard_point(Label(k, 1), k + 1)
        negative = []
        for factor in (0.999, 1.001):
            importance = np.where(b > 0, float(value) * factor, 1.0)
            H = Potential(TMS(k + 1, importance=importance)).hessian(W, b)
            negative.append(int((np.linalg.eigvalsh(H) < -1e-9).sum()))
        assert negative == [0, 2]


def test_the_certificate_of_theorem_12_fails_with_another_share(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "derivations"))
    derivation = importlib.import_module("parts.thresholds")
    (case,) = [case for case in derivation.CASES if (case.c, case.m) == (6, 2)]
    assert derivation.threshold(case).alpha > 0
    assert derivation.threshold(replace(case, share=(1, 1))).alpha < 0


def test_a_double_zero_is_not_enclosed_in_derivation_4(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "derivations"))
    derivation = importlib.import_module("parts.thresholds")
    x = sp.Symbol("x")
    with flint.ctx.workprec(derivation.BITS):
        (root,) = derivation.enclosed([x**2 - 2], [x], [1.4])
        assert (root**2).contains(2)
        with pytest.raises((AssertionError, ValueError, ZeroDivisionError)):
            derivation.enclosed([(x - 1) ** 2], [x], [1.4])


def test_the_reduced_loss_of_derivation_4_against_quadrature_and_differences(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "derivations"))
    derivation = load(ROOT / "derivations" / "parts" / "precise.py")
    rng = np.random.default_rng(3)
    with mpmath.workdps(40):
        y, step = [mpmath.mpf(x) for x in rng.uniform(-1, 1, 10)], mpmath.mpf(10) ** -15
        importance = mpmath.mpf("0.7")
        value, gradient, hessian = derivation.loss(y, importance)
        at = derivation.columns(y)
        W, b = [[column[k] for column in at] for k in (0, 1)], [column[2] for column in at]
        weights = [mpmath.mpf(1) / 6] * 6, [importance, *[mpmath.mpf(1)] * 5]
        assert abs(value - truth.mp_loss(W, b, *weights)) < 1e-30
        even = derivation.projected(derivation.EVEN, gradient)
        block = derivation.block(derivation.EVEN, hessian)
        for k in range(10):
            ends = [
                derivation.loss([x + sign * step * (s == k) for s, x in enumerate(y)], importance)
                for sign in (1, -1)
            ]
            assert abs((ends[0][0] - ends[1][0]) / (2 * step) - even[k]) < 1e-20
            rows = [derivation.projected(derivation.EVEN, end[1]) for end in ends]
            for s in range(10):
                assert abs((rows[0][s] - rows[1][s]) / (2 * step) - block[s][k]) < 1e-20


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_the_examples_in_the_documentation_run(path):
    blocks = re.findall(r"```python\n(.*?)```", path.read_text(encoding="utf-8"), re.S)
    test = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, path.name, str(path), 0)
    assert doctest.DocTestRunner().run(test).failed == 0
