"""Numbers of a phase: read exactly, subtracted exactly, refused in one line."""

from fractions import Fraction

import numpy as np
import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from kgon.base.verdicts import KgonError
from kgon.free_energy import Quantity, phase


@pytest.mark.parametrize(
    ("written", "exact", "stderr", "text"),
    [
        ("0.07", Fraction(7, 100), 0, "0.07"),
        (0.07, Fraction(7, 100), 0, "0.07"),
        (np.float32(0.07), Fraction(7, 100), 0, "0.07"),
        (" 15/2 ", Fraction(15, 2), 0, "7.5"),
        ("1/3", Fraction(1, 3), 0, "1/3"),
        (7, Fraction(7), 0, "7"),
        ("-1e-3", Fraction(-1, 1000), 0, "-0.001"),
        (arb(0.5), Fraction(1, 2), 0, "0.5"),
        ("0.07±0.001", Fraction(7, 100), 0.001, "0.07 ± 0.001"),
        ("0.07 +- 0.001", Fraction(7, 100), 0.001, "0.07 ± 0.001"),
        ("0.07+/-1e-3", Fraction(7, 100), 0.001, "0.07 ± 0.001"),
        ("0.07±0", Fraction(7, 100), 0, "0.07"),
        ("[0.06, 0.07]", None, 0, "[0.06, 0.07]"),
        ((0.06, "7/100"), None, 0, "[0.06, 0.07]"),
        ("[1/3,1/3]", Fraction(1, 3), 0, "1/3"),
    ],
)
def test_what_may_be_written(written, exact, stderr, text):
    found = Quantity.read("loss", written)
    assert (found.exact, str(found)) == (exact, text)
    assert found.stderr == pytest.approx(stderr)
    assert str(Quantity.read("loss", text)) == text


@pytest.mark.parametrize(
    "written",
    ["", "x", "1,5", "0.07±", "±1", "1±-1", "[1]", "[1,2,3]", "[2,1]", "[1,x]", "inf", "1e999999999",
     None, True, float("nan"), [0.1], {}, "1/0", arb("nan")],
)  # fmt: skip
def test_what_is_no_number_is_refused_in_one_line(written):
    with pytest.raises(KgonError, match=r"^loss of A must be (a number such as|an enclosure)") as caught:
        Quantity.read("loss of A", written)
    assert len(str(caught.value)) < 260 and "\n" not in str(caught.value)


@given(st.fractions(max_denominator=10**6), st.fractions(max_denominator=10**6))
def test_differences_of_exact_numbers_are_exact(x, y):
    if max(abs(x), abs(y)) < 10**90:
        a, b = Quantity.of(x), Quantity.of(y)
        assert (a - b).exact == x - y and (a + b).exact == x + y and (-a).exact == -x
        assert (a - b).sign == (x > y) - (x < y)
        if y:
            assert a.over(b).exact == x / y


@given(*[st.tuples(st.integers(-50, 50), st.integers(0, 9))] * 2, st.integers(0, 10), st.integers(0, 10))
def test_enclosures_hold_sums_and_quotients(one, other, s, t):
    ends = [(Fraction(low, 7), Fraction(low + wide, 7)) for low, wide in (one, other)]
    a, b = (Quantity.read("x", pair) for pair in ends)
    x, y = (low + (high - low) * Fraction(k, 10) for (low, high), k in zip(ends, (s, t), strict=True))
    for found, value in ((a - b, x - y), (a + b, x + y)):
        low, high = found.bounds
        assert not low > arb(0) + float(value) + 1e-12 and not high < float(value) - 1e-12
    if b.sign:
        low, high = a.over(b).bounds
        assert float(low) <= float(x / y) + 1e-12 and float(high) >= float(x / y) - 1e-12


def test_a_number_of_the_catalogue_less_itself_is_exactly_zero_whoever_holds_it():
    five, six = phase("5"), phase("6")
    assert (five.loss - phase("5+").loss).exact == Fraction(1, 144)  # one column dead or positive
    assert (six.constant - six.constant).exact == 0
    assert (five.loss - six.loss).exact is None


def test_errors_of_one_source_are_common():
    x, y = Quantity.read("x", "1±0.3"), Quantity.read("y", "2±0.4")
    assert (x - y).stderr == pytest.approx(0.5) and (x - x).stderr == 0
    assert x.over(y).stderr == pytest.approx(0.5 * np.hypot(0.3, 0.2))
