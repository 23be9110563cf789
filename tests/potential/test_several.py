"""The potential with several active features against balls, quadrature, differences and random inputs."""

import flint
import numpy as np
import pytest
from flint import arb
from support import sparse_points
from support.sparse_points import MODELS

from kgon.base.verdicts import KgonError
from kgon.potential import data, quadrature
from kgon.potential.kernels._jit import njit
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.potential.several import SparsePotential
from kgon.potential.several_exact import LawAndWeights, enclosed, exact_jet

TOLERANCE = 1e-12  # relative to 1 + L, required; seen are 1e-14
BITS = 700  # sums of floats from 1e-150 on are exact


def in_balls(tms, W, b, *, order=1):
    """Loss, gradient and Hessian from balls that are points to 1e-30."""
    unknowns = [(j, i) for i in range(tms.r) for j in range(tms.c)] + [(j, tms.r) for j in range(tms.c)]
    with flint.ctx.workprec(BITS):
        columns = [[arb(float(x)) for x in (*W[:, j], b[j])] for j in range(tms.c)]
        found = enclosed(columns, LawAndWeights.balls(tms), unknowns, order=order)
        assert all(float(x.rad()) < 1e-30 for x in (found.loss, *found.gradient))
        loss, gradient = float(found.loss), np.array([float(x) for x in found.gradient])
        hessian = np.array([[float(x) for x in row] for row in found.hessian.tolist()])
    return loss, gradient, hessian


def compare(tms, m, seed):
    """Worst errors of loss and gradient, relative to 1 + L, at m points."""
    W, b = sparse_points.points(np.random.default_rng([seed, tms.c, tms.r]), m, tms.r, tms.c)
    loss, grad_W, grad_b = SparsePotential(tms).loss_and_gradient(W, b)
    worst = 0.0
    for k in range(m):
        true, gradient, _ = in_balls(tms, W[k], b[k])
        worst = max(worst, abs(loss[k] - true) / (1 + true))
        found = np.concatenate([grad_W[k].ravel(), grad_b[k]])
        worst = max(worst, np.abs(found - gradient).max() / (1 + true))
    return worst


SIZES = [(1, 2), (2, 3), (2, 4), (3, 4), (2, 5)]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(("r", "c"), SIZES[:3])
def test_loss_and_gradient_equal_the_balls(r, c, model):
    assert compare(TMS(c, r, **MODELS[model]), 12, 0) <= TOLERANCE


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(("r", "c", "m"), [(1, 2, 700), (2, 3, 700), (2, 4, 400), (2, 5, 170), (2, 6, 30)])
def test_loss_and_gradient_equal_the_balls_at_ten_thousand_points(r, c, m, model):
    assert compare(TMS(c, r, **MODELS[model]), m, 1) <= TOLERANCE


@pytest.mark.parametrize("model", MODELS)
def test_the_hessian_equals_the_balls(model):
    compare_hessians(TMS(3, 2, **MODELS[model]), 8)


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(("r", "c", "m"), [(1, 2, 30), (2, 3, 30), (2, 4, 20), (2, 5, 15), (2, 6, 5)])
def test_the_hessian_equals_the_balls_at_five_hundred_points(r, c, m, model):
    compare_hessians(TMS(c, r, **MODELS[model]), m)


def compare_hessians(tms, m):
    """Hessians at m points, those of the hard ones where L is C²."""
    W, b = sparse_points.points(np.random.default_rng([2, tms.c]), 3 * m, tms.r, tms.c)
    L = SparsePotential(tms)
    chosen = [k for k in range(3 * m) if L.smooth(W[k], b[k], tol=1e-300)][:m]
    assert len(chosen) == m and sum(k % 3 == 0 for k in chosen) > m / 6
    for k in chosen:
        _, _, true = in_balls(tms, W[k], b[k], order=2)
        assert np.abs(L.hessian(W[k], b[k]) - true).max() <= TOLERANCE * (1 + np.abs(true).max())


@pytest.mark.parametrize("inputs", ["bernoulli:0.3", "exactly:1", "exactly:2", "exactly:3"])
def test_the_loss_equals_quadrature(inputs):
    tms = TMS(3, 2, inputs=inputs, importance=[1, 0.5, 2])
    W, b = sparse_points.points(np.random.default_rng(4), 9, 2, 3)
    for k in range(9):
        expected = quadrature.loss_by_quadrature(tms, W[k], b[k])
        assert abs(SparsePotential(tms).loss(W[k], b[k]) - expected) <= TOLERANCE * (1 + expected)


def test_one_active_feature_gives_the_numbers_of_the_potential():
    rng = np.random.default_rng(5)
    W, b = sparse_points.points(rng, 300, 2, 6)
    plain = Potential(TMS(6))
    smooth = [k for k in range(300) if plain.smooth(W[k], b[k])]
    for inputs in ("one", "exactly:1"):
        L = SparsePotential(TMS(6, inputs=inputs))
        for found, expected in zip(L.loss_and_gradient(W, b), plain.loss_and_gradient(W, b), strict=True):
            assert np.abs(found - expected).max() <= 1e-13 * (1 + np.abs(expected).max())
        found, expected = L.hessian(W[smooth], b[smooth]), plain.hessian(W[smooth], b[smooth])
        assert np.abs(found - expected).max() <= 1e-12 * (1 + np.abs(expected).max())
    p, importance = rng.dirichlet(np.ones(6)), rng.uniform(0.2, 2, 6)
    own = TMS(6, probability=p, importance=importance)
    assert np.abs(SparsePotential(own).loss(W, b) - Potential(own).loss(W, b)).max() < 1e-12


def test_p_near_zero_is_the_limit_for_biases_below_zero_and_the_empty_input_for_others():
    """Λ_p = L_p/(c p (1 − p)^{c−1}) → L where b ≤ 0; where some b > 0 it grows as (1 − p)Σ relu(b)²/(c p)."""
    rng = np.random.default_rng(6)
    W, b = rng.normal(size=(20, 2, 4)), rng.normal(size=(20, 4))
    for p in (1e-3, 1e-5, 1e-7):
        unit = 4 * p * (1 - p) ** 3
        below = SparsePotential(TMS(4, inputs=f"bernoulli:{p}")).loss(W, -np.abs(b)) / unit
        # the rest are inputs with two active features: c(c − 1)/2 p² of them, at most so dear each
        dearest = (np.abs(W).sum(axis=(1, 2)) ** 2 * 4 + 1) ** 2 * 4
        assert (np.abs(below - Potential(TMS(4)).loss(W, -np.abs(b))) <= 3 * p * dearest).all()
        above = SparsePotential(TMS(4, inputs=f"bernoulli:{p}")).loss(W, b) / unit
        empty = (1 - p) / (4 * p) * (np.maximum(b, 0) ** 2).sum(axis=1)
        assert (
            np.abs(above - empty - Potential(TMS(4)).loss(W, b))
            <= 3 * p * (dearest + 40 * (b**2).sum(axis=1))
        ).all()


def test_labels_keep_their_meaning():
    """A positive column costs p/3 − p²/4 with b = p/2, a dead one p/3, whatever its bias below 0."""
    for p in (0.05, 0.25):
        L = SparsePotential(TMS(2, inputs=f"bernoulli:{p}"))
        zero = np.zeros((2, 2))
        assert L.loss(zero, np.full(2, p / 2)) == pytest.approx(2 * (p / 3 - p**2 / 4), abs=1e-16)
        assert L.gradient_norm(zero, np.full(2, p / 2)) < 1e-16
        for bias in (-1e-9, -3.0):
            assert L.loss(zero, np.full(2, bias)) == pytest.approx(2 * p / 3, abs=1e-16)


def test_random_inputs_agree():
    tms = TMS(5, inputs="bernoulli", probability=[0.1, 0.2, 0.9, 0.0, 1.0], importance=[1, 2, 1, 1, 0.5])
    rng = np.random.default_rng(7)
    for seed in range(3):
        W, b = rng.normal(size=(2, 5)), rng.normal(size=5)
        found = SparsePotential(tms).sampled(W, b, n=200_000, seed=seed)
        assert 0 < found.stderr < 0.1
        assert abs(found.loss - SparsePotential(tms).loss(W, b)) < 4 * found.stderr


@njit
def costs(x, W, b, total, squares):
    """Add ‖x − f(x)‖² of inputs, and its square, to sums (m,) over m points."""
    c, r = W.shape[2], W.shape[1]
    hidden = np.empty(r)
    for k in range(W.shape[0]):
        for n in range(x.shape[0]):
            hidden[:] = 0.0
            for i in range(c):
                if x[n, i] != 0.0:
                    for h in range(r):
                        hidden[h] += W[k, h, i] * x[n, i]
            cost = 0.0
            for j in range(c):
                y = b[k, j]
                for h in range(r):
                    y += W[k, h, j] * hidden[h]
                cost += (x[n, j] - max(y, 0.0)) ** 2
            total[k] += cost
            squares[k] += cost * cost


@pytest.mark.slow
def test_ten_million_random_inputs_agree_at_fifty_points():
    """Ten points for each of five models; the inputs are those of ``draw_inputs``."""
    worst = []
    for at, options in enumerate(
        (
            {"inputs": "bernoulli:0.05"},
            {"inputs": "exactly:2"},
            *[{"inputs": f"bernoulli:{p}"} for p in (0.3, 0.9, 0.01)],
        )
    ):
        tms, rng, n = TMS(6, **options), np.random.default_rng([8, at]), 10**7
        W, b = sparse_points.points(rng, 10, 2, 6)
        total, squares = np.zeros(10), np.zeros(10)
        for _ in range(100):
            costs(data.draw_inputs(rng, tms, n // 100), W, b, total, squares)
        mean = total / n
        stderr = np.sqrt((squares / n - mean**2) / n)
        worst.append(np.abs(SparsePotential(tms).loss(W, b) - mean) / stderr)
    assert np.max(worst) < 4


def test_inputs_are_drawn_as_the_model_says():
    n = 50_000
    x = data.sample_inputs(TMS(4, inputs="bernoulli", probability=[0.1, 0.5, 0.0, 1.0]), n, seed=1)
    active = (x > 0).mean(axis=0)
    assert np.abs(active - [0.1, 0.5, 0.0, 1.0]).max() < 4 * 0.5 / n**0.5
    assert abs(x[:, 3].mean() - 0.5) < 4 * (1 / 12 / n) ** 0.5
    assert abs(np.corrcoef(x[:, 0] > 0, x[:, 1] > 0)[0, 1]) < 4 / n**0.5
    x = data.sample_inputs(TMS(4, inputs="exactly:2"), n, seed=2)
    pairs = np.bincount((x > 0) @ [1, 2, 4, 8], minlength=16)
    assert set(np.flatnonzero(pairs)) == {3, 5, 6, 9, 10, 12}
    assert np.abs(pairs[[3, 5, 6, 9, 10, 12]] / n - 1 / 6).max() < 4 * (5 / 36 / n) ** 0.5
    feature, amplitude = data.sample(TMS(4), 100, seed=3)
    one = data.sample_inputs(TMS(4), 100, seed=3)
    assert np.array_equal(one[np.arange(100), feature], amplitude) and (one > 0).sum() <= 100


def test_numbers_depend_neither_on_the_batch_nor_on_its_order():
    tms = TMS(4, inputs="bernoulli:0.3")
    W, b = sparse_points.points(np.random.default_rng(9), 30, 2, 4)
    L = SparsePotential(tms)
    loss, grad_W, grad_b = L.loss_and_gradient(W, b)
    for k in (0, 7, 29):
        one = L.loss_and_gradient(W[k], b[k])
        assert one[0] == loss[k] and np.array_equal(one[1], grad_W[k]) and np.array_equal(one[2], grad_b[k])
    flat, gradient = L.flat(tms.pack(W[::-1], b[::-1]))
    assert np.array_equal(flat[::-1], loss)
    assert np.array_equal(gradient[::-1], tms.pack(grad_W, grad_b))
    assert L.hessian(W, b).shape == (30, 12, 12)


@pytest.mark.parametrize(("inputs", "kinks"), [("bernoulli:0.3", True), ("exactly:2", False)])
def test_smooth_knows_the_kinks(inputs, kinks):
    """b_j = 0 is one where the input may be empty; ‖W_j‖² + b_j = 0 where j may be active alone."""
    L = SparsePotential(TMS(3, inputs=inputs))
    W, b = np.array([[1.0, 0.5, -0.3], [0.2, 0.7, -1.0]]), np.array([-0.1, 0.2, -0.3])
    assert L.smooth(W, b)
    assert L.smooth(W, [0.0, 0.2, -0.3]) is not kinks
    own = -float(W[:, 0] @ W[:, 0])
    assert L.smooth(W, [own, 0.2, -0.3]) is not kinks
    H = [L.hessian(W, np.array([own + x, 0.2, -0.3])) for x in (-1e-9, 1e-9)]
    assert bool(np.abs(H[0] - H[1]).max() > 1e-3) is kinks
    orthogonal = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    assert not L.smooth(orthogonal, [0.0, -0.1, -0.1])


def test_what_is_no_model_of_several_features_is_refused():
    with pytest.raises(KgonError, match=r"at most 12 features .* SparsePotential.sampled"):
        SparsePotential(TMS(13, inputs="bernoulli:0.05")).loss(np.zeros((2, 13)), np.zeros(13))
    with pytest.raises(KgonError, match="a model such as TMS"):
        SparsePotential(6)
    with pytest.raises(KgonError, match="quadrature takes at most 6 features"):
        quadrature.loss_by_quadrature(TMS(7, inputs="exactly:2"), np.zeros((2, 7)), np.zeros(7))


def test_underflowing_products_are_exact():
    tms = TMS(3, inputs="bernoulli:0.3")
    W, b = np.full((2, 3), 1e-160), np.array([-1e-320, 1e-320, 0.0])
    found, expected = SparsePotential(tms).loss_and_gradient(W, b), exact_jet(tms, W, b)
    assert found[0] == float(expected.loss)
    assert found[2].tolist() == [float(x) for x in expected.gradient[2::3]]
    assert np.abs(found[2]).min() > 1e-3
