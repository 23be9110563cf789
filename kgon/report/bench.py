"""Speed: evaluations per second of the potential and the empirical loss, and steps of SGD and SGLD."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

import numpy as np

from kgon.base.checks import check_integer
from kgon.base.results import Result, result
from kgon.potential.data import sample
from kgon.potential.empirical import EmpiricalLoss
from kgon.report.contest import Amounts, Bench, installed, our_sgd
from kgon.report.in_jax import batch_way
from kgon.report.timing import Way, doing, time_in_turn
from kgon.sampling.langevin import Langevin, run_langevin

EPOCHS = 20
"""Of SGD."""
SAMPLES, CHAINS = 5000, 2
"""Of SGLD."""


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


def _simulations(bench: Bench) -> dict[str, Way]:
    """Steps of SGD by the published protocol, and of SGLD on ``SAMPLES`` samples."""
    data = EmpiricalLoss(bench.tms, *sample(bench.tms, SAMPLES, seed=bench.seed))
    settings = Langevin(strength=SAMPLES / np.log(SAMPLES), steps=1000)
    w = bench.tms.pack(bench.W[0], bench.b[0])
    chains = partial(run_langevin, data, w, settings, chains=CHAINS, seed=bench.seed)
    return {
        f"SGD steps, batch {bench.protocol.batch}, c = {bench.c}": our_sgd(bench),
        f"SGLD steps, n = {SAMPLES:,}, c = {bench.c}": doing(chains, CHAINS * settings.steps),
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
    bench = Bench(c, seed, Amounts(epochs=EPOCHS))
    potential, W, b = bench.potential, bench.W, bench.b
    batch = f"loss + gradient, batches of {len(W)}, c = {c}"
    tasks: dict[str, Way] = {
        batch: doing(lambda: potential.loss_and_gradient(W, b), len(W)),
        f"loss + gradient, one point, c = {c}": doing(lambda: potential.loss_and_gradient(W[0], b[0])),
        f"Hessian, one point, c = {c}": doing(lambda: potential.hessian(W[0], b[0])),
    }
    for n in (1_000, 100_000):
        data = EmpiricalLoss(bench.tms, *sample(bench.tms, n, seed=seed))
        evaluate = partial(data.loss_and_gradient, W[0], b[0])
        tasks[f"empirical loss + gradient, n = {n:,}, c = {c}"] = doing(evaluate)
    tasks |= _simulations(bench)
    note, beside = "not installed", f"JAX vmap, {batch}"
    if "JAX" in installed():
        tasks[beside] = batch_way(bench)
        note = "one thread, float64, jit(vmap(value_and_grad))"
    found = time_in_turn(tasks, repeats)
    ratio = found[batch].rate / found[beside].rate if beside in found else None
    rates = tuple(
        Rate(task=task, per_second=x.rate, fastest=max(x.rates), slowest=min(x.rates))
        for task, x in found.items()
    )
    return Benchmark(rates=rates, ratio_to_jax=ratio, jax=note)
