"""Which regular k-gons exist: against bisection, a scan of B²/A, Sturm's theorem and the published pair."""

import math

import mpmath
import numpy as np
import pytest
import sympy as sp
from flint import arb, arb_poly
from parts.polygon import literature_equations
from scipy.optimize import brentq
from support.exhaustive import exhaustive

from kgon.base.verdicts import KgonError, UndecidedError, Verdict
from kgon.kgons import existence as kgons_existence
from kgon.kgons.existence import Existence, prove_existence
from kgon.kgons.polygons import regular_polygons


@pytest.mark.parametrize("first", exhaustive([3, 70, 137], quick=[3]))
def test_existence_agrees_with_the_search_by_bisection(first):
    for k in range(first, first + 67):
        ours, theirs = prove_existence(k), regular_polygons(k, 15)
        assert ours.exists is Verdict.PROVED
        assert [root.s for root in ours.roots] == [p.s for p in theirs]
        for root, p in zip(ours.roots, theirs, strict=True):
            # Both are floats of balls that contain the exact number.
            assert root.m == pytest.approx(float(p.m), rel=1e-14, abs=1e-300)
            assert root.length == pytest.approx(float(p.length), rel=1e-14)
            assert root.bias == pytest.approx(float(p.bias), rel=1e-13, abs=1e-300)


def stationary_scan(k):
    """m ∈ [0, 1) with f′ = 0, f = B²/A, A = Σ off(cos jα, −m) in floats by its definition; no s."""
    cosines = np.cos(2 * np.pi * np.arange(k) / k)

    def slope(m):
        """2B′A − BA′ over (m − 1), with relu in place of any side condition."""
        active = cosines[cosines > m]
        A = np.sum((active - m) ** 3 / (3 * active))
        dA = -np.sum((active - m) ** 2 / active)
        # B = (1 − m)²(2 + m)/3 and B′ = −(1 − m)(1 + m).
        return 2 * (1 + m) * A + (1 - m) * (2 + m) / 3 * dA

    grid = np.linspace(1e-12, 1 - 1e-3, 4001)
    signs = np.sign([slope(m) for m in grid])
    at = np.flatnonzero(signs[:-1] * signs[1:] < 0)
    return [brentq(slope, grid[i], grid[i + 1], xtol=1e-15) for i in at]


@pytest.mark.parametrize("k", range(5, 61))
def test_existence_agrees_with_a_scan_of_the_whole_range_of_m(k):
    ours = sorted(root.m for root in prove_existence(k).roots)
    assert ours == pytest.approx(stationary_scan(k), abs=1e-12)


REASONS = {
    "b > 0, where the equations are others": lambda m, last, following: m < 0,
    "the last neighbour is not active": lambda m, last, following: m >= last,
    "a further neighbour is active": lambda m, last, following: m < following,
}


def published_residuals(s, k):
    """Functions of (l², b): each published left side over the sum of the sizes of its terms."""
    t = sp.Symbol("t")
    for equation in literature_equations(s, k):
        x, y = sorted(equation.free_symbols, key=str)
        assert (str(x), str(y)) == ("x", "y")
        terms = sp.Add.make_args(sp.expand(equation.evalf(30)).subs(x, sp.sqrt(t)))
        yield sp.lambdify((t, y), [sum(terms), sum(map(abs, terms))], "mpmath")


@pytest.mark.parametrize("k", exhaustive(range(3, 61), quick=range(3, 61, 7)))
def test_every_root_solves_the_published_equations_and_every_rejected_one_breaks_its_condition(k):
    decided = prove_existence(k)
    for root in (*decided.roots, *decided.rejected):
        t = -root.bias / root.m if root.m else 1.0
        for residual in published_residuals(root.s, k):
            value, size = residual(mpmath.mpf(t), mpmath.mpf(root.bias))
            # l² and b are rounded to float64; up to eight powers of l.
            assert abs(value) <= 1e-13 * size
        last, following = (math.cos(2 * math.pi * j / k) for j in (root.s, root.s + 1))
        inside = t > 0 and max(following, 0) - 1e-15 <= root.m < last
        assert root.admissible == inside == (not root.reason)
        assert root.length == (pytest.approx(math.sqrt(t), rel=1e-13) if t > 0 else 0.0)
        if root.reason == "l² < 0":
            assert t < 0
        elif root.reason:
            assert REASONS[root.reason](root.m, last, following)


@pytest.mark.parametrize("k", range(5, 61))
def test_no_real_root_of_the_published_equations_is_forgotten(k):
    """Real roots of the quartic for each s ≥ 1, counted by Sturm's theorem in the package of SymPy."""
    decided = prove_existence(k)
    m = sp.Symbol("m")
    for s in range(1, math.ceil(k / 4)):
        cosines = [
            sp.Rational(str(mpmath.nstr(mpmath.cos(2 * mpmath.pi * j / k), 15))) for j in range(1, s + 1)
        ]
        F, G = 1 + 2 * sum(x**2 for x in cosines), 1 + 2 * sum(cosines)
        H, M = 1 + 2 * sum(1 / x for x in cosines), 1 + 2 * s
        first, second = G - 2 * m * M + m**2 * H, 2 * F - 3 * m * G + m**3 * H
        both = sp.Poly((1 - m**2) * second - 2 * (1 - m**3) * first, m).exquo(sp.Poly(1 - m, m))
        ours = [root for root in (*decided.roots, *decided.rejected) if root.s == s]
        assert len(ours) == both.count_roots()
        assert len({root.m for root in ours}) == len(ours)


def test_the_published_list_is_that_of_the_one_allowed_s():
    decided = [prove_existence(k) for k in range(4, 204)]
    assert [item.k for item in decided if item.fixed_s_exists] == [4, 5, 6, 7, 8, 12]
    # The integer in [k/4 − 1, k/4).
    assert all(item.k / 4 - 1 <= item.fixed_s < item.k / 4 for item in decided)


def test_a_root_is_on_neither_side_of_a_border_that_it_may_touch():
    energy = arb_poly([3, -3, 1])
    wide = arb(0.5, 0.1)
    low, inner = arb(0.1), arb(0.9)
    assert kgons_existence._judged(1, wide, energy, low, inner).admissible
    for borders in ((arb(0.45), inner), (low, arb(0.55))):
        with pytest.raises(UndecidedError, match="s = 1: whether"):
            kgons_existence._judged(1, wide, energy, *borders)
    assert kgons_existence._judged(1, wide, energy, arb(0.7), inner).reason == "a further neighbour is active"
    assert kgons_existence._judged(1, wide, -energy, low, inner).reason == "l² < 0"
    assert kgons_existence._judged(1, -wide, energy, low, inner).reason.startswith("b > 0")


def test_precision_is_raised_until_decided(monkeypatch):
    fine = prove_existence(30, bits=512)
    coarse = prove_existence(30, bits=16)
    assert [r.s for r in fine.roots] == [r.s for r in coarse.roots]
    assert [r.m for r in fine.rejected] == pytest.approx([r.m for r in coarse.rejected], rel=1e-14)
    monkeypatch.setattr(kgons_existence, "MAX_BITS", 32)
    with pytest.raises(UndecidedError, match="regular 30-gons are not decided within 32 bits"):
        prove_existence(30, bits=16)


@pytest.mark.parametrize("k", [500, 1000, 1999])
def test_existence_far_out(k):
    (root,) = prove_existence(k).roots
    # As k grows, s/k and m tend to limits: derivation 2's f has its maximum near there.
    assert root.s / k == pytest.approx(1 / 6, abs=0.01)
    assert stationary_scan(k) == pytest.approx([root.m], abs=1e-11)


@pytest.mark.parametrize("k", [2, -5, 0, True, 5.0, "5", None])
def test_existence_refuses_what_is_not_a_number_of_vertices(k):
    with pytest.raises(KgonError, match="k must be an integer of at least 3"):
        prove_existence(k)


def test_results_print_and_survive_json():
    nine = prove_existence(9)
    again = Existence.from_json(nine.to_json())
    assert again.data() == nine.data() and again.exists is Verdict.PROVED
    assert len(nine.rows()) == 4 and nine.rows()[-1] == ("with s = 2 only", "no")
    assert repr(nine) == "<regular 9-gon: PROVED, s = 1, l = 1.61711, b = -1.54232>"
