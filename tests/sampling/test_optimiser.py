"""Optimisers step by step against PyTorch's, their schedules against formulas, and what they refuse."""

import math
from itertools import pairwise

import numpy as np
import pytest

from kgon.base.fingerprint import fingerprints
from kgon.base.results import jsonable
from kgon.base.verdicts import KgonError
from kgon.experiments.training.trajectory import TrainingSettings, train_once
from kgon.potential.data import draw
from kgon.potential.empirical import EmpiricalLoss
from kgon.potential.kernels.optimiser import scheduled
from kgon.potential.model import TMS
from kgon.sampling.optimiser import Optimiser
from kgon.sampling.sgd import Protocol, run_sgd

N, BATCH, RATE, EPOCHS = 23, 5, 0.02, 12
TORCH = {
    "sgd": ("SGD", {}, {}),
    "momentum": ("SGD", {"momentum": 0.9}, {}),
    "heavier": ("SGD", {"momentum": 0.97}, {"kind": "momentum", "momentum": 0.97}),
    "adam": ("Adam", {}, {}),
    "adamw": ("AdamW", {}, {}),
}
"""Our name → the class in torch.optim, its arguments, and ours where they are not ``kind=name``."""


def generator(key=0):
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(7, spawn_key=(key,))))


def trained(tms, optimiser, batch=BATCH, **more):
    """All points of a short run, its samples, and the generator as it was before the shuffles."""
    rng, again = generator(), generator()
    sample, start = draw(rng, tms, N), 0.7 * rng.standard_normal(tms.dimension)
    draw(again, tms, N), again.standard_normal(tms.dimension)
    protocol = Protocol(
        **{"n": N, "batch": batch, "learning_rate": RATE, "epochs": EPOCHS, **more}, optimiser=optimiser
    )
    loss = EmpiricalLoss(tms, *sample)
    found = run_sgd(rng, loss, sample, start, protocol, records=range(protocol.steps + 1))
    return found.w, sample, again, protocol


def batches(rng, n, batch):
    """The samples of every step of an epoch after another, without end."""
    order = np.arange(n)
    while True:
        for m in range(n - 1, 0, -1):
            other = int(rng.random() * (m + 1))
            order[[m, other]] = order[[other, m]]
        yield from (order[at : at + batch].copy() for at in range(0, n, batch))


def by_torch(tms, w, sample, rng, protocol, kind, options, schedule=None):
    """The same run by PyTorch: a loss of its own, autograd, torch.optim and a scheduler of torch's."""
    torch = pytest.importorskip("torch")
    feature, amplitude = sample
    x = torch.zeros(protocol.n, tms.c, dtype=torch.float64)
    x[torch.arange(protocol.n), torch.tensor(feature)] = torch.tensor(amplitude)
    W, b = (torch.nn.Parameter(torch.tensor(part.copy())) for part in tms.unpack(w))
    optimiser = getattr(torch.optim, kind)([W, b], lr=protocol.learning_rate, **options)
    course = torch.optim.lr_scheduler
    make = {
        None: lambda: course.ConstantLR(optimiser, 1.0),
        "linear": lambda: course.LinearLR(optimiser, 1.0, 0.0, protocol.steps),
        "cosine": lambda: course.CosineAnnealingLR(optimiser, protocol.steps),
    }
    scheduler, visited = make[schedule](), [w]
    importance = torch.tensor(tms.importance)
    for _, chosen in zip(range(protocol.steps), batches(rng, protocol.n, protocol.batch), strict=False):
        part = x[torch.tensor(chosen)]
        loss = (((part - torch.relu(part @ W.T @ W + b)) ** 2) * importance).sum(1).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        scheduler.step()
        visited.append(tms.pack(W.detach().numpy(), b.detach().numpy()).copy())
    return np.array(visited)


@pytest.mark.integration
@pytest.mark.parametrize("decay", [0.0, 0.3])
@pytest.mark.parametrize("name", TORCH)
def test_every_step_is_that_of_torch(name, decay):
    tms = TMS(5, 2, importance=[1, 0.5, 2, 1, 0.3])
    kind, theirs, ours = TORCH[name]
    optimiser = Optimiser(**{"kind": name, **ours}, weight_decay=decay)
    w, sample, rng, protocol = trained(tms, optimiser)
    expected = by_torch(tms, w[0], sample, rng, protocol, kind, {**theirs, "weight_decay": decay})
    assert len(expected) == len(w) == 61
    assert np.abs(w - expected).max() < 1e-12
    assert np.ptp(w, axis=0).max() > 0.05  # something moved


@pytest.mark.integration
@pytest.mark.parametrize("schedule", ["linear", "cosine"])
@pytest.mark.parametrize("name", ["sgd", "adamw"])
def test_every_step_of_a_schedule_is_that_of_torch(name, schedule):
    tms = TMS(6)
    w, sample, rng, protocol = trained(tms, Optimiser(kind=name, weight_decay=0.1, schedule=schedule))
    options = {"weight_decay": 0.1}
    expected = by_torch(tms, w[0], sample, rng, protocol, TORCH[name][0], options, schedule)
    assert np.abs(w - expected).max() < 1e-12


@pytest.mark.integration
def test_near_misses_of_torch_are_seen():
    # Adam with the decay of AdamW, momentum without its first step in full, and a schedule one step late.
    tms = TMS(5)
    w, sample, rng, protocol = trained(tms, Optimiser(kind="adam", weight_decay=0.3))
    other = by_torch(tms, w[0], sample, rng, protocol, "AdamW", {"weight_decay": 0.3})
    assert np.abs(w - other).max() > 1e-2
    w, sample, rng, protocol = trained(tms, Optimiser(kind="momentum"))
    other = by_torch(tms, w[0], sample, rng, protocol, "SGD", {"momentum": 0.9, "dampening": 0.1})
    assert np.abs(w - other).max() > 1e-2
    w, sample, rng, protocol = trained(tms, Optimiser(schedule="linear"))
    late = by_torch(tms, w[0], sample, rng, protocol, "SGD", {}, "cosine")
    assert np.abs(w - late).max() > 1e-3


def test_a_full_batch_with_decay_is_descent_of_the_penalised_loss():
    tms, decay = TMS(4), 0.2
    w, sample, _, _ = trained(tms, Optimiser(weight_decay=decay), batch=N)
    loss = EmpiricalLoss(tms, *sample)
    for before, after in pairwise(w):
        gradient = loss.flat(before[None])[1][0] + decay * before
        assert np.allclose(after, before - RATE * gradient, rtol=0, atol=1e-13)


def test_decay_alone_shrinks_the_parameters_geometrically():
    # Importances of 0 leave no loss: w ← (1 − ηδ)w for SGD and AdamW; Adam's first step has the size η.
    tms = TMS(4, importance=[0, 0, 0, 0])
    for kind in ("sgd", "adamw"):
        w, *_ = trained(tms, Optimiser(kind=kind, weight_decay=0.5))
        powers = (1 - RATE * 0.5) ** np.arange(len(w))
        assert np.allclose(w, powers[:, None] * w[0], rtol=1e-13, atol=0)
    w, *_ = trained(tms, Optimiser(kind="adam", weight_decay=0.5))
    slope = 0.5 * w[0]
    assert np.allclose(w[1], w[0] - RATE * slope / (np.abs(slope) + 1e-8), rtol=0, atol=1e-15)


def test_schedules_are_their_formulas_and_end_at_zero():
    expected = {
        "constant": lambda t: 1.0,
        "linear": lambda t: 1 - t / 40,
        "cosine": lambda t: math.cos(math.pi * t / 80) ** 2,
    }
    for name, factor in expected.items():
        rule = Optimiser(schedule=name).rule(1.0, 40)
        found = [scheduled(rule.schedule, t, 40) for t in range(41)]
        assert np.allclose(found, [factor(t) for t in range(41)], rtol=0, atol=1e-15)
    # Beyond the end of the schedule nothing moves any more.
    w, sample, _, protocol = trained(TMS(4), Optimiser(schedule="linear"))
    loss = EmpiricalLoss(TMS(4), *sample)
    more = run_sgd(generator(1), loss, sample, w[0], protocol, records=[protocol.steps, protocol.steps + 9])
    assert np.array_equal(more.w[0], more.w[1])


def test_the_plain_optimiser_leaves_keys_and_files_as_they_were():
    plain, told = Protocol(), Protocol(optimiser=Optimiser())
    keys = {"n": 1000, "batch": 20, "learning_rate": 0.005, "epochs": 4500}
    assert plain == told and jsonable(plain) == jsonable(told) == keys
    tasks = {
        name: (TrainingSettings(protocol=protocol), 0)
        for name, protocol in {
            "plain": plain,
            "told": told,
            "momentum": Protocol(optimiser=Optimiser(kind="momentum")),
            "less": Protocol(optimiser=Optimiser(kind="momentum", momentum=0.8)),
            "decay": Protocol(optimiser=Optimiser(weight_decay=1e-4)),
            "linear": Protocol(optimiser=Optimiser(schedule="linear")),
        }.items()
    }
    found = {name: key.settings for name, key in fingerprints(train_once, tasks).items()}
    assert found.pop("told") == found["plain"]
    assert len(set(found.values())) == len(found)
    # the key that a run of this protocol had before there were optimisers
    settings = TrainingSettings(c=5, protocol=Protocol(n=53, batch=10, epochs=100, learning_rate=0.02))
    (key,) = fingerprints(train_once, {"a": (settings, 0)}).values()
    assert key.settings == "3b135f364b0ba8363605e718b423946e50a4001aa64a3f0c9ecaf5b41611271a"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"kind": "rmsprop"}, "the optimiser must be one of sgd, momentum, adam, adamw, got 'rmsprop'"),
        ({"kind": "sgd", "momentum": 0.9}, "a momentum, here 0.9, is for the optimiser momentum, not sgd"),
        ({"kind": "adam", "momentum": 0.9}, "not adam"),
        ({"kind": "momentum", "momentum": 1.0}, "the momentum must be a number from 0 to"),
        ({"kind": "momentum", "momentum": -0.1}, "got -0.1"),
        ({"weight_decay": -1e-3}, "the weight decay must be a finite number of at least 0, got -0.001"),
        ({"weight_decay": float("nan")}, "got nan"),
        ({"schedule": "steps"}, "the schedule must be one of constant, linear, cosine, got 'steps'"),
    ],
)
def test_bad_optimisers_are_refused(options, words):
    with pytest.raises(KgonError, match=words):
        Optimiser(**options)


def test_a_protocol_takes_an_optimiser_not_its_name():
    with pytest.raises(KgonError, match="optimiser must be an Optimiser, got 'adam'"):
        Protocol(optimiser="adam")


def test_gradient_flow_has_no_optimiser():
    protocol = Protocol(optimiser=Optimiser(kind="adam"))
    with pytest.raises(KgonError, match="gradient flow has no optimiser, got Adam"):
        TrainingSettings(flow=True, protocol=protocol)
    assert TrainingSettings(protocol=protocol).protocol.optimiser.kind == "adam"
