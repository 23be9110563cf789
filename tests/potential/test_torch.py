"""The PyTorch bridge: gradients, files, and W registered twice as PyTorch really treats it."""

import os
import re
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from kgon import cli
from kgon.base.verdicts import KgonError, KgonWarning, Verdict
from kgon.experiments.training.checkpoints import read_series
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.nearest_kgon import nearest
from kgon.potential import state_dict
from kgon.potential.data import sample
from kgon.potential.empirical import EmpiricalLoss
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.potential.points import read_point
from kgon.proofs.verification import verify

FIVE = Catalogue(6)["5"]
ROOT = Path(__file__).parents[2]


# --- without PyTorch ---------------------------------------------------------------------------------


def test_without_torch_one_line_says_what_to_install(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)  # what an import of it meets where it is not installed
    (tmp_path / "model.pt").write_bytes(b"")
    assert cli.main(["verify", str(tmp_path / "model.pt")]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1) and "pip install '.[torch]'" in err


def test_the_module_imports_without_torch():
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "import kgon.potential.torch as t, numpy as np\n"
        "for call in (lambda: t.ToyModel(np.eye(2), np.zeros(2)), lambda: t.check_tied({}),\n"
        "             lambda: t.inputs(t.TMS(6), 3, seed=0)):\n"
        "    try: call()\n"
        "    except t.KgonError as error: assert '.[torch]' in str(error)\n"
        "    else: raise SystemExit('no error')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


# --- the model ---------------------------------------------------------------------------------------


@pytest.mark.integration
def test_gradients_are_those_of_the_empirical_loss(torch, bridge):
    tms = TMS(5, 3, importance=[1, 2, 0.5, 1, 1])
    model = bridge.ToyModel.random(tms, seed=3, dtype=torch.float64)
    x = bridge.inputs(tms, 4000, seed=4, dtype=torch.float64)
    value = bridge.loss(model, x, importance=tms.importance)
    value.backward()
    expected, grad_W, grad_b = EmpiricalLoss(tms, *sample(tms, 4000, seed=4)).loss_and_gradient(
        *model.to_point()
    )
    assert value.item() == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(model.W.grad.numpy(), grad_W, atol=1e-12)
    np.testing.assert_allclose(model.b.grad.numpy(), grad_b, atol=1e-12)


@pytest.mark.integration
def test_the_population_loss_has_the_gradient_of_the_potential(torch, bridge):
    tms = TMS(6)
    model = bridge.ToyModel.random(tms, seed=5, dtype=torch.float64)
    value = 3 * bridge.population_loss(model)
    value.backward()
    expected, grad_W, _ = Potential(tms).loss_and_gradient(*model.to_point())
    assert value.item() == pytest.approx(3 * expected, rel=1e-14)
    np.testing.assert_allclose(model.W.grad.numpy(), 3 * grad_W, rtol=1e-14)
    # and it is what the loss of many inputs tends to: 10⁵ of them, at a standard error of about 0.5 %
    many = bridge.loss(model, bridge.inputs(tms, 100_000, seed=6, dtype=torch.float64)).item()
    assert many == pytest.approx(expected, rel=0.03)


def flat_population(torch, bridge, tms):
    """The population loss as a function of a flat w, through ``functional_call``."""

    class Population(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = bridge.ToyModel.random(tms, seed=3, dtype=torch.float64)

        def forward(self):
            return bridge.population_loss(self.model, tms=tms)

    module, split = Population(), tms.r * tms.c

    def f(w):
        parts = {"model.W": w[:split].reshape(tms.r, tms.c), "model.b": w[split:]}
        return torch.func.functional_call(module, parts, ())

    return f, torch.tensor(tms.pack(*module.model.to_point()))


@pytest.mark.integration
@pytest.mark.filterwarnings("ignore:.*torch.jit.script")  # torch.func's own
@pytest.mark.parametrize("r", [2, 3])
def test_the_population_loss_is_differentiated_twice_in_every_mode(torch, bridge, r):
    """Against kgon's Hessian, which comes from printed second derivatives."""
    tms = TMS(6, r, importance=[1, 2, 0.5, 1, 1, 0], probability=[0.3, 0.1, 0.1, 0.2, 0.2, 0.1])
    f, w = flat_population(torch, bridge, tms)
    expected = Potential(tms).hessian(*tms.unpack(w.numpy()))
    assert np.abs(expected).max() > 1
    forward, reverse = torch.func.jacfwd, torch.func.jacrev
    found = [torch.autograd.functional.hessian(f, w), torch.func.hessian(f)(w)]
    found += [outer(inner(f))(w) for outer in (forward, reverse) for inner in (forward, reverse)]
    found.append(torch.func.vmap(torch.func.hessian(f))(torch.stack([w, 2 * w]))[0])
    for hessian in found:
        np.testing.assert_allclose(hessian.detach().numpy(), expected, rtol=0, atol=1e-13)


@pytest.mark.integration
def test_the_population_loss_is_right_at_borders_of_regions(torch, bridge):
    """At the k-gons, at the kinks of the 4-gons and at zero: loss and gradient of the Potential."""
    points = [(point.W, point.biases) for point in Catalogue(6)]
    points += [(np.zeros((2, 6)), np.zeros(6)), (np.zeros((2, 6)), np.full(6, -1.0))]
    for W, b in points:
        model = bridge.ToyModel(W, b, dtype=torch.float64)
        value = bridge.population_loss(model)
        value.backward()
        expected, grad_W, grad_b = Potential(TMS(6)).loss_and_gradient(W, b)
        assert value.item() == pytest.approx(expected, rel=1e-14)
        np.testing.assert_allclose(model.W.grad.numpy(), grad_W, rtol=0, atol=1e-15)
        np.testing.assert_allclose(model.b.grad.numpy(), grad_b, rtol=0, atol=1e-15)


@pytest.mark.integration
def test_the_population_loss_needs_w_and_b(torch, bridge):
    with pytest.raises(KgonError, match="tensors W and b, as ToyModel has; got Linear"):
        bridge.population_loss(torch.nn.Linear(6, 2))
    with pytest.raises(KgonError, match="must have shapes"):
        bridge.population_loss(bridge.ToyModel.random(), tms=TMS(5))
    model = bridge.ToyModel.random()
    with torch.no_grad():
        model.W[0, 0] = float("nan")
    assert bridge.population_loss(model).isnan()


@pytest.mark.integration
def test_importances_are_one_number_for_each_output(torch, bridge):
    model = bridge.ToyModel.random(TMS(6), seed=7, dtype=torch.float64)
    x = bridge.inputs(TMS(6), 6, seed=8, dtype=torch.float64)
    weights = [1.0, 2.0, 0.0, 1.0, 0.5, 3.0]
    squares = (x - model(x)) ** 2
    expected = sum(w * squares[:, j].mean().item() for j, w in enumerate(weights))
    narrow = torch.tensor(weights, dtype=torch.bfloat16)  # exact in any type
    for given in (weights, torch.tensor(weights, requires_grad=True), narrow, np.float32(weights)):
        assert bridge.loss(model, x, importance=given).item() == pytest.approx(expected, rel=1e-12)
    column = [[1], [2], [3], [4], [5], [6]]
    for bad in (
        column,
        [2.0],
        2.0,
        [1] * 5 + [-1],
        [1] * 5 + [np.nan],
        [np.inf] * 6,
        [True] * 6,
        ["1"] * 6,
        [1j] * 6,
    ):
        with pytest.raises(KgonError, match="importance must"):
            bridge.loss(model, x, importance=bad)
    with pytest.raises(KgonError, match="importance must"):
        bridge.loss(model, x, importance=torch.tensor(column))


@pytest.mark.integration
def test_forward_is_that_of_the_model(torch, bridge):
    tms = TMS(6)
    model = bridge.ToyModel.random(tms, seed=7, dtype=torch.float64)
    x = np.random.default_rng(8).random((10, 6))
    np.testing.assert_allclose(
        model(torch.tensor(x)).detach().numpy(), tms.forward(x, *model.to_point()), atol=1e-14
    )


@pytest.mark.integration
def test_points_go_in_and_out(torch, bridge, tmp_path):
    model = bridge.ToyModel.from_point(FIVE.W, FIVE.biases, dtype=torch.float64)
    W, b = model.to_point()
    np.testing.assert_array_equal(W, FIVE.W)
    W[0, 0] = 7  # a copy
    assert model.to_point()[0][0, 0] == FIVE.W[0, 0]
    torch.save(model.state_dict(), tmp_path / "five.pt")
    _, W, b = read_point(tmp_path / "five.pt")
    np.testing.assert_array_equal(W, FIVE.W)
    np.testing.assert_array_equal(b, FIVE.biases)
    with pytest.raises(KgonError, match="W must be finite"):
        bridge.ToyModel(np.full((2, 6), np.nan), np.zeros(6))


# --- W registered twice ------------------------------------------------------------------------------


def layers(torch, tie):
    model = torch.nn.Module()
    model.encoder = torch.nn.Linear(6, 2, bias=False)
    model.decoder = torch.nn.Linear(2, 6)
    tie(model)
    return model


def one_parameter(torch):
    """The same Parameter under two names (a square layer, so that the shapes fit)."""
    model = torch.nn.Module()
    model.encoder, model.decoder = torch.nn.Linear(3, 3, bias=False), torch.nn.Linear(3, 3)
    model.decoder.weight = model.encoder.weight
    return model


def two_parameters(torch):
    """Two Parameters on one memory."""

    def tie(model):
        model.decoder.weight = torch.nn.Parameter(model.encoder.weight.T)

    return layers(torch, tie)


def noise_per_step(torch, parameters):
    """Variance of W after one Langevin step of unit noise on every parameter given, on average over W."""
    kept = list(parameters)
    before = [p.detach().clone() for p in kept]
    generator = torch.Generator().manual_seed(0)
    total, steps = 0.0, 400
    for _ in range(steps):
        with torch.no_grad():
            for p in kept:
                p.add_(torch.randn(p.shape, generator=generator))
            total += (kept[0] - before[0]).square().mean().item()
            for p, old in zip(kept, before, strict=True):
                p.copy_(old)
    return total / steps


@pytest.mark.integration
def test_what_pytorch_does_with_one_parameter_under_two_names(torch, bridge):
    model = one_parameter(torch)
    names = ["encoder.weight", "decoder.weight"]
    assert len(list(model.parameters())) == 2 and len(model.state_dict()) == 3
    with pytest.warns(KgonWarning, match=r"parameters\(\) has it once"):
        assert bridge.check_tied(model) == [names]
    with pytest.warns(KgonWarning, match="noise twice"):
        assert bridge.check_tied(model.state_dict()) == [names]
    assert noise_per_step(torch, model.parameters()) == pytest.approx(1, abs=0.1)
    both = [p for _, p in model.named_parameters(remove_duplicate=False)]
    assert noise_per_step(torch, both) == pytest.approx(2, abs=0.2)


@pytest.mark.integration
def test_what_pytorch_does_with_two_parameters_on_one_memory(torch, bridge, tmp_path):
    model = two_parameters(torch)
    assert len(list(model.parameters())) == 3  # not deduplicated: every loop moves W twice
    # 400 steps × 12 numbers: the standard error of the variance is 2·√(2/4800) = 0.04
    assert noise_per_step(torch, model.parameters()) == pytest.approx(2, abs=0.2)
    with pytest.warns(KgonWarning, match="noise twice") as seen:
        assert bridge.check_tied(model) == [["encoder.weight", "decoder.weight"]]
    assert "has it once" not in str(seen[0].message)
    torch.save(model.state_dict(), tmp_path / "tied.pt")
    with pytest.warns(KgonWarning, match="noise twice"):
        _, W, _ = read_point(tmp_path / "tied.pt")
    np.testing.assert_array_equal(W, model.encoder.weight.detach().numpy())


@pytest.mark.integration
def test_models_with_one_w_or_two_give_no_warning(torch, bridge):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = bridge.ToyModel.random()
        assert bridge.check_tied(model) == bridge.check_tied(model.state_dict()) == []
        assert noise_per_step(torch, model.parameters()) == pytest.approx(1, abs=0.1)
        assert bridge.check_tied(layers(torch, lambda model: None)) == []
    # equal copies in different memory: W twice in a file, but nothing moves it twice
    assert (
        state_dict.shared({"a": torch.ones(2), "b": torch.ones(2), "c": torch.ones(0), "d": torch.ones(0)})
        == []
    )


# --- from a training loop to labels --------------------------------------------------------------------


@pytest.mark.integration
def test_training_ends_at_a_kgon_and_its_checkpoints_are_labelled(torch, bridge, tmp_path):
    start = Catalogue(6)["4"]
    torch.manual_seed(1)
    model = bridge.ToyModel(start.W, start.biases, dtype=torch.float64)
    with torch.no_grad():
        model.W += 0.1 * torch.randn(2, 6, dtype=torch.float64)
    optimiser = torch.optim.SGD(model.parameters(), lr=0.5)
    for step in range(3001):
        if step % 1000 == 0:
            torch.save(model.state_dict(), tmp_path / f"step-{step}.pt")
        optimiser.zero_grad()
        bridge.population_loss(model).backward()
        optimiser.step()
    series = read_series(tmp_path)
    assert series.step == (0, 1000, 2000, 3000)
    assert np.all(np.diff(series.loss) < 0)
    basins = series.names.basin.tolist()
    assert len(set(basins[1:])) == 1  # on its way down a descent stays in one basin
    last = nearest(*model.to_point())
    assert last.label.split(":")[0] == basins[-1] and last.distance < 0.1


@pytest.mark.slow
@pytest.mark.integration
def test_the_page_on_real_models_runs(torch, tmp_path):
    """Every Python block of the page, in one session, and the commands that follow."""
    page = (ROOT / "docs" / "real-models.md").read_text()
    blocks = re.findall(r"```(\w+)\n(.*?)```", page, re.S)
    python = "\n".join(text for kind, text in blocks if kind == "python")

    def ran(*command):
        environment = {
            **os.environ,
            "OMP_NUM_THREADS": "1",
        }  # PyTorch's threads only wait for one another here
        return subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, check=False, env=environment
        )

    done = ran(sys.executable, "-c", python)
    assert done.returncode == 0, done.stderr
    assert "4++- → 4+" in done.stdout and "\n5\n" in done.stdout  # what the comments say
    assert "noise twice" in done.stderr
    shell = [line for kind, text in blocks if kind == "sh" for line in text.splitlines()]
    commands = [line for line in shell if line.startswith("kgon ")]
    assert len(commands) >= 3
    for line in commands:
        done = ran("bash", "-c", f"{sys.executable} -m {line}")
        assert done.returncode in (0, 1) and done.stdout, (line, done.stderr)


@pytest.mark.integration
def test_trained_tensors_are_arrays_and_what_numpy_cannot_read_is_one_error(torch):
    W = torch.nn.Parameter(torch.tensor(FIVE.W, dtype=torch.float32))
    found = verify(W, torch.nn.Parameter(torch.tensor(FIVE.biases, dtype=torch.float32)))
    assert found.critical is Verdict.PROVED and found.stored == "float32" and nearest(W, FIVE.biases)
    for wrong in (W.to(torch.bfloat16), W.to("meta")):
        with pytest.raises(KgonError, match=r"^W must be an array that NumPy reads, such as tensor\.float"):
            verify(wrong, FIVE.biases)


def test_a_transposed_point_is_told_so():
    with pytest.raises(KgonError, match=r"\(r, c\) with r <= c, got \(6, 2\); its transpose has$"):
        verify(FIVE.W.T, FIVE.biases)
    with pytest.raises(KgonError, match=r"^W is not a rectangular array$"):
        verify([[1.0], [1.0, 2.0]], [0.0])
