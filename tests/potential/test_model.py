"""The model: validation, packing, forward pass."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from kgon.base.verdicts import KgonError
from kgon.potential.model import TMS

FLOATS = st.floats(-1e6, 1e6)


@given(st.data(), st.integers(1, 3), st.integers(3, 7), st.sampled_from([(), (4,), (2, 3), (0,)]))
def test_pack_and_unpack_are_inverse(data, r, c, batch):
    tms = TMS(c, r)
    w = data.draw(hnp.arrays(float, (*batch, c * (r + 1)), elements=FLOATS))
    W, b = tms.unpack(w)
    assert W.shape == (*batch, r, c) and b.shape == (*batch, c)
    assert np.array_equal(tms.pack(W, b), w)


def test_packing_is_row_major_with_the_biases_last():
    W, b = TMS(3, 2).unpack(np.arange(9.0))
    assert W.tolist() == [[0, 1, 2], [3, 4, 5]] and b.tolist() == [6, 7, 8]
    assert TMS(6).dimension == 18 and TMS(4, 1).dimension == 8


def test_the_forward_pass_is_the_definition():
    rng = np.random.default_rng(0)
    W, b, x = rng.normal(size=(2, 5)), rng.normal(size=5), rng.random((7, 5))
    y = TMS(5).forward(x, W, b)
    for n in range(7):
        hidden = [sum(W[h, i] * x[n, i] for i in range(5)) for h in range(2)]
        for j in range(5):
            out = sum(W[h, j] * hidden[h] for h in range(2)) + b[j]
            assert y[n, j] == pytest.approx(max(out, 0.0), abs=1e-14)


@pytest.mark.parametrize(
    ("arguments", "options", "words"),
    [
        ((0,), {}, "c must be an integer from 1 to 100000, got 0"),
        ((2.5,), {}, "c must be an integer from 1 to 100000, got 2.5"),
        ((True,), {}, "c must be an integer"),
        ((3, 0), {}, "r must be an integer from 1 to 3, got 0"),
        ((3, 4), {}, "r must be an integer from 1 to 3, got 4"),
        ((3, 1.0), {}, "r must be an integer"),
        ((3,), {"probability": [0.5, 0.5]}, r"probability must have shape \(3,\), got \(2,\)"),
        ((3,), {"probability": [0.5, 0.5, 0.5]}, "must sum to 1, got a sum of 1.5"),
        ((3,), {"probability": [1.5, -0.5, 0]}, "finite and not negative"),
        ((3,), {"probability": [np.nan, 0.5, 0.5]}, "finite and not negative"),
        ((3,), {"importance": [1, np.inf, 1]}, "finite and not negative"),
        ((3,), {"importance": "abc"}, "importance must hold real numbers, it holds <U3"),
    ],
)
def test_bad_models_are_refused_with_the_value(arguments, options, words):
    with pytest.raises(KgonError, match=words):
        TMS(*arguments, **options)


def test_uniform_is_the_case_of_the_paper_only():
    assert TMS(6).uniform and TMS(3, probability=[1 / 3] * 3).uniform
    assert not TMS(6, importance=[1, 1, 1, 1, 1, 0.9]).uniform
    assert not TMS(2, 1, probability=[0.4, 0.6]).uniform


def test_equality_hash_and_immutability():
    assert TMS(6) == TMS(6, 2) and hash(TMS(6)) == hash(TMS(6))
    assert TMS(6) != TMS(6, 3) and TMS(6) != TMS(5) and TMS(6) != 6
    assert TMS(3, importance=[1, 1, 2]) != TMS(3)
    given_weights = np.ones(3)
    tms = TMS(3, importance=given_weights)
    given_weights[0] = 5
    assert tms.importance.tolist() == [1, 1, 1]
    with pytest.raises(ValueError, match="read-only"):
        tms.probability[0] = 1
    with pytest.raises(AttributeError):
        tms.c = 4


def test_repr_shows_what_is_not_the_default():
    assert repr(TMS(6)) == "TMS(c=6, r=2)"
    assert "importance=[1.0, 2.0]" in repr(TMS(2, 1, importance=[1, 2]))


def test_the_flat_parameter_is_checked():
    with pytest.raises(KgonError, match=r"w must have shape \(\.\.\., 18\), got \(17,\)"):
        TMS(6).unpack(np.zeros(17))
    with pytest.raises(KgonError, match="b must have shape"):
        TMS(6).pack(np.zeros((2, 2, 6)), np.zeros(6))


@pytest.mark.parametrize(
    ("W", "why"),
    [
        (np.ones((2, 6)) + 1j, "real numbers, it holds complex128"),
        ([["1"] * 6] * 2, "real numbers"),
        ([[1.0] * 6, [1.0] * 5], "rectangular"),
        (np.full((2, 6), 1e31), r"at most 1e\+30"),
    ],
)
def test_what_is_not_a_real_array_is_refused(W, why):
    with pytest.raises(KgonError, match=why):
        TMS(6).point(W, np.zeros(6))


def test_inputs_of_the_forward_pass_are_checked():
    with pytest.raises(KgonError, match="x must have shape"):
        TMS(6).forward(np.zeros(5), np.zeros((2, 6)), np.zeros(6))


@pytest.mark.parametrize(
    "bad", [[1.0] * 5 + [-1.0], [1.0] * 5, 1.0, [[1.0] * 6], [True] * 6, ["1"] * 6, [np.nan] * 6]
)
def test_importances_of_another_kind_are_refused(bad):
    with pytest.raises(KgonError, match="importance must"):
        TMS(6, importance=bad)


def test_probabilities_may_be_rounded_to_their_type():
    given = [0.3, 0.1, 0.1, 0.1, 0.3, 0.1]
    tms = TMS(6, probability=np.float32(given))
    np.testing.assert_allclose(tms.probability, given, rtol=1e-7)
    assert abs(tms.probability.sum() - 1) < 1e-15
    assert TMS(6, probability=np.full(6, 1 / 6, dtype=np.float32)).uniform
    with pytest.raises(KgonError, match="sum to 1"):
        TMS(6, probability=np.float32(given).astype(np.float64))
    with pytest.raises(KgonError, match="sum to 1"):
        TMS(6, probability=np.float32(given) * np.float32(1.001))
