"""The tasks on which kgon is compared with other libraries, and how each of them does them.

A way to do a task is built once, and then called again and again: it says how much it did, in the units of
the task.  What another library computes is held against ours before it is timed.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np

from kgon.base.checks import Floats
from kgon.base.streams import generator
from kgon.base.verdicts import KgonError
from kgon.base.work import HERE, Work
from kgon.kgons.catalogue import Catalogue
from kgon.potential.data import sample
from kgon.potential.empirical import EmpiricalLoss
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.report.timing import Way, doing
from kgon.sampling.basin import tune_chains
from kgon.sampling.diagnostics import ess
from kgon.sampling.langevin import Langevin, run_langevin
from kgon.sampling.sgd import Protocol, run_sgd

SPREAD = 0.7
"""Standard deviation of the random W and b."""
STRENGTH = 1000.0
"""βn of the posterior that is sampled."""
ENSEMBLE = 256
"""Chains that our posterior sampler moves together."""
OURS = "kgon"


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """How much of each task is done at a time.

    Attributes
    ----------
    batch : int
        Points of a batch.
    epochs : int
        Of SGD by the published protocol, 50 steps each.
    trajectories : int
        That another library trains at once.
    steps : int
        Of each of 10 Langevin chains.
    warm_up, draws : int
        Of each of two chains by NUTS; ours draws a tenth, in ``ENSEMBLE`` chains.
    """

    batch: int = 1000
    epochs: int = 60
    trajectories: int = 30
    steps: int = 3000
    warm_up: int = 500
    draws: int = 600


class Bench:
    """Where everybody begins: the model, random points, data, and the place of the k-gon with k = c."""

    def __init__(self, c: int, seed: int, amounts: Amounts) -> None:
        self.c, self.seed, self.amounts, self.tms = c, seed, amounts, TMS(c)
        rng = generator(seed)
        self.W = rng.normal(0, SPREAD, (amounts.batch, 2, c))
        self.b = rng.normal(0, SPREAD, (amounts.batch, c))
        self.potential = Potential(self.tms)

    @cached_property
    def protocol(self) -> Protocol:
        """How SGD trains."""
        return Protocol(epochs=self.amounts.epochs)

    @cached_property
    def data(self) -> tuple[Any, Any]:
        """The features and amplitudes that SGD trains on."""
        return sample(self.tms, self.protocol.n, seed=self.seed)

    @cached_property
    def gon(self) -> Floats:
        """The minimum of lowest loss, flat: the hexagon at c = 6."""
        point = next(iter(Catalogue(self.c).phases()))
        return self.tms.pack(point.W, point.biases)

    def least_draws(self, w: Floats) -> Callable[[], float]:
        """Find the effective draws of the worst of ‖W_i‖², W_i·W_{i+1}, b_i: chains × draws × parameters."""

        def found() -> float:
            W, b = self.tms.unpack(w)
            beside = np.sum(W * np.roll(W, -1, axis=-1), axis=-2)
            numbers = np.concatenate([np.sum(W**2, axis=-2), beside, b], axis=-1)
            return min(ess(numbers[..., k]) or 0.0 for k in range(numbers.shape[-1]))

        return found


# --- kgon -------------------------------------------------------------------------------------------------


def _ours(bench: Bench) -> dict[str, Way]:
    potential, W, b = bench.potential, bench.W, bench.b
    evaluate, packed = potential.compiled()
    point = potential.tms.pack(W[0], b[0])
    gradient = np.empty_like(point)
    return {
        BATCH: doing(lambda: potential.loss_and_gradient(W, b), len(W)),
        POINT: doing(lambda: potential.loss_and_gradient(W[0], b[0])),
        HANDLE: doing(lambda: evaluate(packed, point, gradient)),
        HESSIAN: doing(lambda: potential.hessian(W, b), len(W)),
        SGD: our_sgd(bench),
        SGLD: our_sgld(bench, 10),
        POSTERIOR: _our_posterior(bench),
    }


def our_sgd(bench: Bench) -> Way:
    """Train once by the published protocol: steps."""
    loss, w = EmpiricalLoss(bench.tms, *bench.data), bench.tms.pack(bench.W[0], bench.b[0])
    how = bench.protocol
    call = partial(run_sgd, generator(bench.seed), loss, bench.data, w, how, records=[how.steps])
    return doing(call, how.steps)


def our_sgld(bench: Bench, chains: int, work: Work = HERE) -> Way:
    """Run Langevin chains about the k-gon: steps of all of them."""
    settings = Langevin(strength=STRENGTH, steps=bench.amounts.steps)
    call = partial(
        run_langevin, bench.potential, bench.gon, settings, chains=chains, seed=bench.seed, work=work
    )
    return doing(call, chains * settings.steps)


def _our_posterior(bench: Bench) -> Way:
    rng = generator(bench.seed)
    moves = tune_chains(rng, bench.potential, bench.gon, strength=STRENGTH, chains=ENSEMBLE)
    draws = max(4, bench.amounts.draws // 10)
    return lambda: bench.least_draws(moves.draw(rng, draws).w)


# --- tasks and peers ------------------------------------------------------------------------------------


BATCH, POINT, HANDLE = "loss + gradient, batch", "loss + gradient, one point", "the same through compiled()"
HESSIAN, SGD = "Hessian, batch", "SGD steps, batches of 20"
SGLD, POSTERIOR = "SGLD steps, 10 chains", f"effective draws, βn = {STRENGTH:g}"
IN_PLACE = {HANDLE: POINT}
"""A task → the one that others do in its place."""
GOALS = {BATCH: 12.0, POINT: 6.0, HANDLE: 40.0, HESSIAN: 50.0, SGD: 7.0, SGLD: 5.0, POSTERIOR: 400.0}
"""How many times as fast as the first of the others kgon is meant to be."""
PEERS = {
    "JAX": ("jax", "kgon.report.in_jax.ways"),
    "BlackJAX": ("blackjax", "kgon.report.in_jax.blackjax_ways"),
    "numpyro": ("numpyro", "kgon.report.in_jax.numpyro_ways"),
    "PyTorch": ("torch", "kgon.report.in_torch.ways"),
    "devinterp": ("devinterp", "kgon.report.in_torch.devinterp_ways"),
}
"""Name of another library → the module to import, and the function that builds its ways."""


def installed() -> list[str]:
    """List the other libraries that are installed."""
    return [name for name, (module, _) in PEERS.items() if importlib.util.find_spec(module) is not None]


def ways_of(name: str, bench: Bench) -> dict[str, Way]:
    """Build the ways of a library to do the tasks that it can do, in one thread."""
    if name == OURS:
        return _ours(bench)
    module, _, function = PEERS[name][1].rpartition(".")
    found: dict[str, Way] = getattr(importlib.import_module(module), function)(bench)
    return found


def check_same(name: str, found: Any, bench: Bench) -> None:
    """Refuse a loss of another library that is not ours.

    Raises
    ------
    KgonError
        The losses (m,) at the points of the batch differ.
    """
    if not np.allclose(np.asarray(found), bench.potential.loss(bench.W, bench.b), rtol=1e-10, atol=1e-12):
        raise KgonError(f"the loss in {name} differs from ours; the comparison would mean nothing")
