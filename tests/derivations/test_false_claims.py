"""A derivation with one thing made wrong does not hold."""

from dataclasses import replace
from fractions import Fraction

import flint
import pytest
import sympy as sp
from flint import arb
from parts import wick
from parts.page import Page
from support.derivation import load


def test_a_wrong_integral_stops_derivation_1():
    derivation = load("01_potential")
    derivation.OFF_FORM["rising"] += derivation.b**3  # one term too many
    with pytest.raises(AssertionError, match="does not hold"):
        derivation.build()


def test_a_wrong_learning_coefficient_stops_derivation_5(monkeypatch):
    derivation = load("05_learning_coefficient")
    right = derivation.learning_coefficient
    derivation.results(Page("05_example.py", "Example"))
    monkeypatch.setattr(derivation, "learning_coefficient", lambda label, c: right(label, c) + label.phi % 2)
    with pytest.raises(AssertionError, match="does not hold: for all"):
        derivation.results(Page("05_example.py", "Example"))


@pytest.mark.parametrize("wrong", [sp.Rational(1, 12), -sp.Rational(1, 8)])
def test_a_wrong_coefficient_of_the_next_order_stops_derivation_5a(wrong, monkeypatch):
    right = wick.next_order
    wick.one_dimension(Page("05a_example.py", "Example"))

    def with_another_cubic_term(V, psi, z):
        at_zero = {z[0]: 0}
        third, second = (sp.diff(V, z[0], order).subs(at_zero) for order in (3, 2))
        return right(V, psi, z) + wrong * third**2 / second**3

    monkeypatch.setattr(wick, "next_order", with_another_cubic_term)
    with pytest.raises(AssertionError, match="does not hold: Stirling"):
        wick.one_dimension(Page("05a_example.py", "Example"))


@pytest.mark.parametrize("name", ["kappa", "level", "bias"])
def test_a_wrong_constant_stops_derivation_6(name):
    derivation = load("06_global_minimum")
    with flint.ctx.workprec(derivation.BITS):
        right = derivation.constants(6)
        assert derivation.consistent(right)
        assert not derivation.consistent(replace(right, **{name: getattr(right, name) * (1 + arb(2) ** -60)}))


@pytest.mark.parametrize(("c", "factor"), [(5, 1.05), (6, 1.02)])
def test_the_covering_of_derivation_6_fails_for_a_false_inequality(c, factor):
    derivation = load("06_global_minimum")
    with flint.ctx.workprec(derivation.BITS):
        right = derivation.constants(c)
        false = replace(right, level=right.level * arb(factor))
        assert derivation.lemma_two(false, derivation.THETA[c], derivation.near(c)) is None


def test_the_hessian_of_derivation_6_is_not_positive_far_from_the_polygon():
    derivation = load("06_global_minimum")
    with flint.ctx.workprec(derivation.BITS):
        assert derivation.convex(derivation.near(6))
        assert not derivation.convex([Fraction(1, 4), Fraction(5, 16), Fraction(3, 4), Fraction(1)])


def test_a_wrong_bonus_stops_derivation_6():
    derivation = load("06_global_minimum")
    page = Page("06_example.py", "Example")
    with flint.ctx.workprec(derivation.BITS):
        values = {c: derivation.constants(c) for c in (5, 6)}
        without = replace(values[5], kappa=values[5].level * 2 / arb.pi())  # δ = 0
        with pytest.raises(AssertionError, match="does not hold: at τ = 0, b = ¼"):
            derivation.step(page, {**values, 5: without}, derivation.THETA[6])
