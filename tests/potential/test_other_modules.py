"""Modules beside the tied one: without biases, and untied; and what of kgon holds for them."""

import numpy as np
import pytest

from kgon import cli
from kgon.base.verdicts import KgonError
from kgon.branches.follow import follow_branch
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.nearest_kgon import nearest
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.potential.parameters import Toward
from kgon.potential.points import read_point

SIX = Catalogue(6)["6"]
pytestmark = pytest.mark.integration


def grid(torch, c, count):
    """Inputs μ e_i with μ at the midpoints of so many intervals: a population but for 1/count²."""
    amplitude = (torch.arange(count, dtype=torch.float64) + 0.5) / count
    return (amplitude[:, None, None] * torch.eye(c, dtype=torch.float64)).reshape(-1, c)


def trained(torch, bridge, model, steps, rate, x):
    """Gradient descent on the inputs; the loss at the end."""
    optimiser = torch.optim.SGD(model.parameters(), lr=rate)
    for _ in range(steps):
        optimiser.zero_grad()
        bridge.loss(model, x).backward()
        optimiser.step()
    return bridge.loss(model, x).item()


# --- without biases ----------------------------------------------------------------------------------


def test_without_biases_nothing_moves_them(torch, bridge, tmp_path):
    model = bridge.ToyModel.random(TMS(6), seed=3, bias=False, dtype=torch.float64)
    assert [name for name, _ in model.named_parameters()] == ["W"]
    assert sorted(model.state_dict()) == ["W", "b"]
    before = model.W.detach().clone()
    trained(torch, bridge, model, 20, 0.3, grid(torch, 6, 30))
    assert not torch.equal(model.W, before) and model.b.abs().max() == 0
    torch.save(model.state_dict(), tmp_path / "free.pt")
    tms, W, b = read_point(tmp_path / "free.pt")
    assert tms == TMS(6) and np.array_equal(b, np.zeros(6)) and np.array_equal(W, model.to_point()[0])
    assert bridge.check_tied(model) == []


def test_its_population_loss_is_that_of_the_potential_at_zero(torch, bridge):
    model = bridge.ToyModel(SIX.W, None, dtype=torch.float64)
    value = bridge.population_loss(model)
    value.backward()
    expected, grad_W, grad_b = Potential(TMS(6)).loss_and_gradient(SIX.W, np.zeros(6))
    assert value.item() == pytest.approx(expected, rel=1e-14) and model.b.grad is None
    np.testing.assert_allclose(model.W.grad.numpy(), grad_W, rtol=0, atol=1e-15)
    assert np.abs(grad_b).max() > 0.01  # which the model cannot follow


def test_its_critical_points_are_not_those_of_kgon(torch, bridge, tmp_path, capsys):
    start = bridge.ToyModel.random(TMS(6), scale=0.5, seed=6, bias=False, dtype=torch.float64)
    w, potential = TMS(6).pack(*start.to_point()), Potential(TMS(6))
    for _ in range(3000):  # descent in W alone
        w[:12] -= potential.flat(w[None])[1][0][:12]
    model = bridge.ToyModel(w[:12].reshape(2, 6), None, dtype=torch.float64)
    bridge.population_loss(model).backward()
    assert model.W.grad.norm() < 1e-6  # the end of its training ...
    torch.save(model.state_dict(), tmp_path / "free.pt")
    assert cli.main(["verify", str(tmp_path / "free.pt"), "--tol", "0.01"]) == 1  # ... is none of L(W, b)
    assert "critical point REFUTED" in capsys.readouterr().out
    # Of the k-gons only the square of four features has b = 0.
    free = [(c, x.label) for c in (4, 5, 6, 7, 8) for x in Catalogue(c) if np.abs(x.biases).max() < 1e-12]
    assert free == [(4, "4")]


def test_a_tied_model_is_what_it_was(torch, bridge):
    model = bridge.ToyModel(SIX.W, SIX.biases)
    assert [name for name, _ in model.named_parameters()] == ["W", "b"] and model.b.requires_grad
    again = bridge.ToyModel.random(TMS(6), seed=3)
    free = bridge.ToyModel.random(TMS(6), seed=3, bias=False)
    assert torch.equal(again.W, free.W) and again.b.abs().max() > 0


# --- untied ------------------------------------------------------------------------------------------


def test_untied_the_parts_of_the_gradient_add_up_to_that_of_the_tied_model(torch, bridge):
    x = grid(torch, 6, 20)
    rng = np.random.default_rng(1)
    W, b = rng.standard_normal((2, 6)), rng.standard_normal(6)
    tied = bridge.ToyModel(W, b, dtype=torch.float64)
    untied = bridge.UntiedToyModel.from_point(W, b, dtype=torch.float64)
    assert torch.equal(tied(x), untied(x)) or torch.allclose(tied(x), untied(x), rtol=0, atol=1e-15)
    for model in (tied, untied):
        bridge.loss(model, x).backward()
    both = untied.W_enc.grad + untied.W_dec.grad
    np.testing.assert_allclose(both.numpy(), tied.W.grad.numpy(), rtol=0, atol=1e-14)
    assert not torch.allclose(untied.W_enc.grad, untied.W_dec.grad, atol=1e-3)
    assert bridge.check_tied(untied) == []  # two tensors, as it should be


def test_of_encoder_and_decoder_only_the_product_counts(torch, bridge):
    rng, x = np.random.default_rng(2), grid(torch, 5, 20)
    U, V, b, g = (
        rng.standard_normal((2, 5)),
        rng.standard_normal((2, 5)),
        rng.standard_normal(5),
        rng.standard_normal((2, 2)),
    )
    one = bridge.UntiedToyModel(U, V, b, dtype=torch.float64)
    two = bridge.UntiedToyModel(g @ U, np.linalg.inv(g).T @ V, b, dtype=torch.float64)
    expected = np.maximum(x.numpy() @ U.T @ V + b, 0)
    for model in (one, two):
        np.testing.assert_allclose(model(x).detach().numpy(), expected, rtol=0, atol=1e-12)
    assert not np.allclose(x.numpy() @ V.T @ U + b, x.numpy() @ U.T @ V + b)  # which one encodes


def test_every_kgon_is_a_critical_point_of_the_untied_model(torch, bridge):
    x = grid(
        torch, 6, 4000
    )  # derivatives jump with μ where an output switches on, so that they are off by 1/4000
    for point in Catalogue(6):
        model = bridge.UntiedToyModel.from_point(point.W, point.biases, dtype=torch.float64)
        bridge.loss(model, x).backward()
        norms = [float(part.grad.norm()) for part in (model.W_enc, model.W_dec, model.b)]
        assert max(norms) < 1e-4, (point.label, norms)
    model = bridge.UntiedToyModel.from_point(1.01 * SIX.W, SIX.biases, dtype=torch.float64)
    bridge.loss(model, x).backward()
    assert model.W_enc.grad.norm() > 1e-3


@pytest.mark.parametrize("c", [5, 6, 8])
def test_the_closed_form_says_so_to_the_last_bits(torch, bridge, c):
    """With N the derivative by the product UᵀV, the two gradients at U = V = W are W N and W Nᵀ."""
    largest = 0.0
    for point in Catalogue(c):
        W, b = (torch.tensor(np.array(part)) for part in (point.W, point.biases))
        product = (W.T @ W).requires_grad_(True)
        parts = {"diag": product.diagonal(), "off": product}
        pairs = {kind: bridge._integrals(kind, a, b) for kind, a in parts.items()}
        same = torch.eye(c, dtype=torch.bool)
        (torch.where(same, pairs["diag"], pairs["off"]).sum() / (3 * c)).backward()
        N = product.grad
        largest = max(largest, float(N.abs().max()))
        assert max((W @ N).norm(), (W @ N.T).norm()) < 1e-15, point.label
    assert largest > 1e-3  # N itself is not zero


@pytest.mark.parametrize(
    "weights", [{"probability": [0.15, 0.2, 0.15, 0.2, 0.15, 0.15]}, {"importance": [1, 1, 1.2, 1, 1, 1]}]
)
def test_at_unequal_weights_the_two_gradients_cancel_and_are_not_zero(torch, bridge, weights):
    """Of inputs or of outputs: W N and W Nᵀ, with N as above, are opposite at the hexagon of the model."""
    model = TMS(6, **weights)
    point = follow_branch("6", parameter=Toward(model), lower=0.0, upper=1.0, c=6).points[-1]
    W, b = (torch.tensor(np.array(part)) for part in (point.W, point.b))
    product = (W.T @ W).requires_grad_(True)
    parts = {"diag": product.diagonal(), "off": product}
    pairs = {kind: bridge._integrals(kind, a, b) for kind, a in parts.items()}
    each = torch.where(torch.eye(6, dtype=torch.bool), pairs["diag"], pairs["off"])
    (torch.tensor(np.outer(model.probability, model.importance)) * each).sum().backward()
    one, other = W @ product.grad, W @ product.grad.T
    assert (one + other).norm() < 1e-10 < 1e-3 < one.norm()


@pytest.mark.slow
def test_the_hexagon_is_a_minimum_of_the_tied_model_and_not_of_the_untied(torch, bridge):
    x, noise = grid(torch, 6, 60), 0.03 * np.random.default_rng(3).standard_normal((2, 2, 6))
    U, V = SIX.W + noise[0], SIX.W + noise[1]
    start = bridge.loss(bridge.ToyModel(SIX.W, SIX.biases, dtype=torch.float64), x).item()
    tied = bridge.ToyModel(U, SIX.biases, dtype=torch.float64)
    untied = bridge.UntiedToyModel(U, V, SIX.biases, dtype=torch.float64)
    assert trained(torch, bridge, tied, 600, 1.0, x) == pytest.approx(start, abs=1e-5)
    assert trained(torch, bridge, untied, 600, 1.0, x) < start - 1e-4
    assert nearest(*tied.to_point()).label == "6"


def test_an_untied_model_is_refused_where_its_parts_differ(torch, bridge, tmp_path, capsys):
    model = bridge.UntiedToyModel.from_point(SIX.W, SIX.biases, dtype=torch.float64)
    W, b = model.to_point()
    assert np.array_equal(W, SIX.W) and np.array_equal(b, SIX.biases)
    with torch.no_grad():
        model.W_dec[0, 1] += 1e-3
    with pytest.raises(KgonError, match="encoder and decoder differ, by up to"):
        model.to_point()
    with pytest.raises(KgonError, match="tensors W and b, as ToyModel has; got UntiedToyModel"):
        bridge.population_loss(model)
    torch.save(model.state_dict(), tmp_path / "untied.pt")
    for command in (["verify"], ["classify"], ["llc", "--n", "1000"]):
        assert cli.main([command[0], str(tmp_path / "untied.pt"), *command[1:]]) == 2
        err = capsys.readouterr().err
        assert "W_enc and W_dec differ: kgon takes the tied autoencoder" in err and err.count("\n") == 1


def test_untied_without_biases_and_bad_shapes(torch, bridge):
    model = bridge.UntiedToyModel(SIX.W, 2 * SIX.W, None)
    assert [name for name, _ in model.named_parameters()] == ["W_enc", "W_dec"]
    assert sorted(model.state_dict()) == ["W_dec", "W_enc", "b"]
    with pytest.raises(KgonError, match=r"one shape \(r, c\), they have \(2, 6\) and \(3, 6\)"):
        bridge.UntiedToyModel(SIX.W, np.zeros((3, 6)), SIX.biases)
    with pytest.raises(KgonError, match="shape"):
        bridge.UntiedToyModel(SIX.W, SIX.W, np.zeros(5))
