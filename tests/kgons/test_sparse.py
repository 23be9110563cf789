"""K-gons where several features may be active at once: followed, named, verified."""

import numpy as np
import pytest
from support.exhaustive import exhaustive

from kgon.base.verdicts import KgonError, Verdict
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.followed import point_at
from kgon.kgons.labels import Label
from kgon.kgons.sparse import sparse_point
from kgon.kgons.sparse_names import sparse_name
from kgon.kgons.symmetry import rotate
from kgon.potential.model import TMS
from kgon.potential.several import SparsePotential
from kgon.proofs.verification import verify

TWENTIETH = "bernoulli:0.05"
FOLLOWED = [("4", 4), ("4+", 6), ("5", 6), ("5+", 6), ("6", 6), ("7", 7), ("5++", 8)]
LAMBDAS = {
    ("4", 4): 5.5, ("4+", 5): 7, ("5", 6): 8, ("5+", 6): 8.5, ("6", 6): 8.5, ("4", 6): 7.5, ("4+", 6): 8,
    ("4++", 6): 8.5,
}  # fmt: skip
QUICK = (("4", 4), ("4+", 5), ("5", 6))


@pytest.mark.parametrize(("label", "c"), exhaustive(FOLLOWED, quick=FOLLOWED[:5]))
def test_a_followed_kgon_is_critical_and_near_the_one_it_comes_from(label, c):
    start = Catalogue(c)[label]
    for p, far in ((1e-6, 1e-4), (0.05, np.inf), (0.15, np.inf)):
        tms = TMS(c, inputs=f"bernoulli:{p}")
        W, b = sparse_point(Label.parse(label), tms)
        assert SparsePotential(tms).gradient_norm(W, b) < 1e-13
        live = np.arange(c) < Label.parse(label).k
        assert np.abs(W - start.W).max() < far and np.abs((b - start.biases)[live]).max() < far
        assert (b[~live] == np.where(start.biases[~live] > 0, p / 2, start.biases[~live])).all()


def test_a_name_does_not_depend_on_rotation_order_and_dead_biases():
    tms = TMS(7, inputs=TWENTIETH)
    W, b = sparse_point(Label.parse("5+"), tms)
    order = np.random.default_rng(1).permutation(7)
    b[6] = -3.0
    assert str(sparse_name(tms, rotate(W, 0.7)[:, order], b[order]).name) == "5+"
    W[0, 0] += 0.01
    assert sparse_name(tms, W, b).name is None and "which is 0.02" in sparse_name(tms, W, b).reason
    three = np.hstack([W[:, :3], np.zeros((2, 4))])
    assert sparse_name(tms, three, b).name is None


@pytest.mark.parametrize(("label", "c"), exhaustive(LAMBDAS, quick=QUICK))
def test_minima_at_a_twentieth_are_proved_with_their_learning_coefficients(label, c):
    """The 4-gons, which sit on a kink with one active feature, lie where L is C² here."""
    tms = TMS(c, inputs=TWENTIETH)
    found = verify(*sparse_point(Label.parse(label), tms), tms=tms)
    assert found.critical is found.minimum is Verdict.PROVED
    assert (float(found.lambda_), found.name) == (LAMBDAS[label, c], label)
    assert found.nearest is None and found.model == tms


@pytest.mark.slow
def test_a_hexagon_at_a_fifth_is_no_minimum():
    tms = TMS(6, inputs="bernoulli:0.2")
    found = verify(*sparse_point(Label.parse("6"), tms), tms=tms)
    assert (
        found.critical is Verdict.PROVED and found.minimum is Verdict.REFUTED and found.nearby.negative == 2
    )


def test_near_misses_are_refuted():
    tms = TMS(5, inputs=TWENTIETH)
    W, b = sparse_point(Label.parse("5"), tms)
    assert verify(W * 1.001, b, tms=tms).critical is Verdict.REFUTED
    plain = Catalogue(5)["5"]  # that of one active feature
    assert verify(plain.W, plain.biases, tms=tms).critical is Verdict.REFUTED
    rare, p = TMS(5, inputs="bernoulli:1e-12"), 1e-12  # L is as small as p: so is what counts as zero
    assert rare.unit == 5 * p and verify(W + 0.1, b, tms=rare).critical is Verdict.REFUTED
    kink = verify(np.zeros((2, 5)), np.zeros(5), tms=tms)
    assert kink.critical is Verdict.REFUTED and "falls linearly" in kink.reason


@pytest.mark.parametrize(
    ("label", "options", "words"),
    [
        ("4-", {"inputs": TWENTIETH}, "columns are switched off"),
        ("6", {"inputs": "bernoulli:0"}, "a probability above 0"),
        ("6", {"inputs": "exactly:2"}, "for independent ones of equal weights"),
        ("6", {"inputs": TWENTIETH, "importance": [1, 1, 1, 1, 1, 2]}, "of equal weights"),
        ("9", {"inputs": TWENTIETH}, "9"),
    ],
)
def test_what_is_not_followed_is_refused(label, options, words):
    with pytest.raises(KgonError, match=words):
        point_at(Label.parse(label), TMS(6, **options))


def test_a_label_with_words_has_its_columns_there():
    W, b = point_at(Label.parse("5+, positive column 0"), TMS(6, inputs=TWENTIETH))
    assert b[0] == 0.025 and (W[:, 0] == 0).all() and (b[1:] < 0).all()
