"""Speed: evaluations per second of the potential and the empirical loss, and steps of SGD and SGLD."""

from __future__ import annotations

import importlib
import importlib.util
import os
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, ClassVar

import numpy as np

from kgon.base.checks import Floats, check_integer
from kgon.base.results import Result, result
from kgon.base.streams import generator
from kgon.base.verdicts import KgonError
from kgon.potential.data import sample
from kgon.potential.empirical import EmpiricalLoss
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.report.in_jax import closed_form
from kgon.sampling.langevin import Langevin, run_langevin
from kgon.sampling.sgd import Protocol, run_sgd

BATCH = 1000
"""Points per batch."""
SPREAD = 0.7
"""Standard deviation of the random W and b."""


@result
class Rate(Result):
    """Evaluations per second and core of one task: the median over repeated runs."""

    task: str
    per_second: float
    fastest: float
    slowest: float

    def headline(self) -> str:
        return f"{self.task}: {self.per_second:,.0f} per second"


@result
class Benchmark(Result):
    """All rates of one run, and the ratio to JAX where it is installed."""

    schema: ClassVar[str] = "bench"

    rates: tuple[Rate, ...]
    ratio_to_jax: float | None
    jax: str

    def headline(self) -> str:
        first = self.rates[0]
        return f"{first.per_second / 1e6:.2f} M loss + gradient evaluations per second and core"

    def rows(self) -> Sequence[tuple[str, str]]:
        lines = [(rate.task, f"{rate.per_second:,.0f} /s") for rate in self.rates]
        ratio = "" if self.ratio_to_jax is None else f"{self.ratio_to_jax:.1f} times JAX in this run; "
        return [*lines, ("JAX", f"{ratio}{self.jax}")]


def _seconds(call: Callable[[], object], calls: int) -> float:
    start = time.perf_counter()
    for _ in range(calls):
        call()
    return (time.perf_counter() - start) / calls


def _rates(tasks: dict[str, tuple[Callable[[], object], int]], repeats: int) -> list[Rate]:
    """Rates of several tasks, timed in turn so that a change of the machine's speed hits all."""
    sizes = {}
    for name, (call, _) in tasks.items():
        call()  # compile
        sizes[name] = max(1, int(0.05 / max(_seconds(call, 3), 1e-7)))
    seconds: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(repeats):
        for name, (call, _) in tasks.items():
            seconds[name].append(_seconds(call, sizes[name]))
    found = []
    for name, (_, evaluations) in tasks.items():
        per_second = evaluations / np.array(seconds[name])
        found.append(
            Rate(
                task=name,
                per_second=float(np.median(per_second)),
                fastest=float(per_second.max()),
                slowest=float(per_second.min()),
            )
        )
    return found


def _jax_call(c: int, W: Floats, b: Floats) -> Callable[[], object]:
    """Vectorised value and gradient in JAX, float64, one thread."""
    os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
    jax: Any = importlib.import_module("jax")
    jax.config.update("jax_enable_x64", True)
    run = jax.jit(jax.vmap(jax.value_and_grad(closed_form(jax.numpy, c), argnums=(0, 1))))
    device_W, device_b = jax.numpy.asarray(W), jax.numpy.asarray(b)
    value = np.asarray(run(device_W, device_b)[0])
    ours = np.asarray(Potential(TMS(c)).loss(W, b))
    if not np.allclose(value, ours, rtol=1e-10, atol=1e-12):
        raise KgonError("the JAX loss differs from ours; the comparison would mean nothing")
    return lambda: jax.block_until_ready(run(device_W, device_b))


def _simulations(tms: TMS, seed: int) -> dict[str, tuple[Callable[[], object], int]]:
    """Steps of SGD by the published protocol, and of SGLD on 5000 samples."""
    protocol = Protocol(epochs=20)
    drawn = sample(tms, protocol.n, seed=seed)
    loss = EmpiricalLoss(tms, *drawn)
    w = generator(seed).normal(0, SPREAD, tms.dimension)
    train = partial(run_sgd, generator(seed), loss, drawn, w, protocol, records=[protocol.steps])
    data = EmpiricalLoss(tms, *sample(tms, 5000, seed=seed))
    settings = Langevin(strength=5000 / np.log(5000), steps=1000)
    chain = partial(run_langevin, data, w, settings, chains=2, seed=seed)
    return {
        f"SGD steps, batch {protocol.batch}, c = {tms.c}": (train, protocol.steps),
        f"SGLD steps, n = 5,000, c = {tms.c}": (chain, 2 * settings.steps),
    }


def run_benchmarks(c: int = 6, *, seed: int = 0, repeats: int = 9) -> Benchmark:
    """Measure rates on one core: batches of 1000 random points, W and b ~ N(0, 0.7²).

    Parameters
    ----------
    c : int
        Features (r = 2).
    seed : int
    repeats : int
        Timed runs of each task, interleaved.

    Returns
    -------
    Benchmark
    """
    check_integer("repeats", repeats, 1)
    rng = generator(seed)
    tms = TMS(c)
    potential = Potential(tms)
    W, b = rng.normal(0, SPREAD, (BATCH, 2, c)), rng.normal(0, SPREAD, (BATCH, c))
    tasks: dict[str, tuple[Callable[[], object], int]] = {
        f"loss + gradient, batches of {BATCH}, c = {c}": (lambda: potential.loss_and_gradient(W, b), BATCH),
        f"loss + gradient, one point, c = {c}": (lambda: potential.loss_and_gradient(W[0], b[0]), 1),
        f"Hessian, one point, c = {c}": (lambda: potential.hessian(W[0], b[0]), 1),
    }
    for n in (1_000, 100_000):
        data = EmpiricalLoss(tms, *sample(tms, n, seed=seed))
        evaluate = partial(data.loss_and_gradient, W[0], b[0])
        tasks[f"empirical loss + gradient, n = {n:,}, c = {c}"] = (evaluate, 1)
    tasks |= _simulations(tms, seed)
    note = "not installed"
    jax_task = f"JAX vmap, loss + gradient, batches of {BATCH}, c = {c}"
    if importlib.util.find_spec("jax") is not None:
        tasks[jax_task] = (_jax_call(c, W, b), BATCH)
        note = "one thread, float64, jit(vmap(value_and_grad))"
    rates = _rates(tasks, repeats)
    by_name = {rate.task: rate.per_second for rate in rates}
    ratio = rates[0].per_second / by_name[jax_task] if jax_task in by_name else None
    return Benchmark(rates=tuple(rates), ratio_to_jax=ratio, jax=note)
