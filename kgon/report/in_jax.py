"""The tasks of the comparison in JAX, and by the samplers of BlackJAX and numpyro: float64, one thread."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from functools import partial
from typing import Any

from kgon.report.contest import BATCH, HESSIAN, POINT, POSTERIOR, SGD, SGLD, STRENGTH, Bench, check_same
from kgon.report.timing import Done, Way, doing
from kgon.sampling.langevin import STEP_SIZE

CHAINS = 2
"""Of NUTS, one after the other: chains that move together wait for the longest trajectory."""


def _jax() -> Any:
    os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
    jax = importlib.import_module("jax")
    jax.config.update("jax_enable_x64", True)
    return jax


def closed_form(jnp: Any, c: int) -> Callable[[Any, Any], Any]:
    """Write the loss in ``jax.numpy``, of W (2, c) and b (c,), each region by its formula."""

    def active(a: Any, bias: Any) -> Any:
        on = (bias >= 0) & (a + bias >= 0)
        safe = jnp.where(on | (a == 0), 1.0, a)
        t = jnp.clip(jnp.where(bias < 0, a + bias, -bias) / safe, 0.0, 1.0)
        return jnp.where(on, 1.0, t)

    def off(a: Any, bias: Any) -> Any:
        start, end = jnp.maximum(bias, 0.0), jnp.maximum(a + bias, 0.0)
        return active(a, bias) * (start * start + start * end + end * end) / 3

    def diag(n: Any, bias: Any) -> Any:
        t = active(n, bias)
        start, end = jnp.maximum(bias, 0.0), jnp.maximum(n + bias, 0.0)
        moment = t * ((1 - t) * (start + end) / 2 + t * (start + 2 * end) / 6)
        return 1 / 3 - 2 * moment + off(n, bias)

    def loss(weights: Any, bias: Any) -> Any:
        gram = weights.T @ weights
        pairs = off(gram, bias[None, :])
        diagonal = diag(jnp.diag(gram), bias)
        return (jnp.sum(pairs) - jnp.sum(jnp.diag(pairs)) + jnp.sum(diagonal)) / c

    return loss


def ways(bench: Bench) -> dict[str, Way]:
    """Build the ways of JAX: ``jit``, ``vmap``, ``value_and_grad``, ``hessian`` and ``lax.scan``."""
    jax = _jax()
    loss = closed_form(jax.numpy, bench.c)
    W, b = jax.numpy.asarray(bench.W), jax.numpy.asarray(bench.b)
    one = jax.jit(jax.value_and_grad(loss, argnums=(0, 1)))
    hessian = jax.jit(jax.vmap(jax.hessian(loss, argnums=(0, 1))))
    return {
        BATCH: batch_way(bench),
        POINT: _timed(jax, one, (W[0], b[0]), 1),
        HESSIAN: _timed(jax, hessian, (W, b), len(W)),
        SGD: _sgd(jax, bench),
        SGLD: _timed(jax, *_sgld(jax, loss, bench), 10 * bench.amounts.steps),
    }


def batch_way(bench: Bench) -> Way:
    """Build the loss and gradient of the batch, by ``jit(vmap(value_and_grad))``, and compare it with ours.

    Raises
    ------
    KgonError
        The losses differ.
    """
    jax = _jax()
    run = jax.jit(jax.vmap(jax.value_and_grad(closed_form(jax.numpy, bench.c), argnums=(0, 1))))
    W, b = jax.numpy.asarray(bench.W), jax.numpy.asarray(bench.b)
    check_same("JAX", jax.vmap(closed_form(jax.numpy, bench.c))(W, b), bench)
    return _timed(jax, run, (W, b), len(W))


def _timed(jax: Any, call: Any, arguments: tuple[Any, ...], units: float) -> Way:
    return doing(lambda: jax.block_until_ready(call(*arguments)), units)


def _sgd(jax: Any, bench: Bench) -> Way:
    """Minibatches without replacement, of several trajectories at once."""
    jnp, protocol, count = jax.numpy, bench.protocol, bench.amounts.trajectories
    feature, amplitude = (jnp.asarray(x) for x in bench.data)
    per_epoch = protocol.n // protocol.batch

    def of_samples(w: Any, rows: Any) -> Any:
        W, b = w
        k, x = feature[rows], amplitude[rows]
        output = jnp.maximum((W[:, k] * x).T @ W + b, 0.0)
        wanted = jax.nn.one_hot(k, bench.c, dtype=W.dtype) * x[:, None]
        return jnp.sum((wanted - output) ** 2) / len(rows)

    def trained(w: Any, key: Any) -> Any:
        def epoch(w: Any, key: Any) -> Any:
            order = jax.random.permutation(key, protocol.n).reshape(per_epoch, protocol.batch)

            def move(w: Any, rows: Any) -> Any:
                slope = jax.grad(of_samples)(w, rows)
                return jax.tree.map(lambda x, g: x - protocol.learning_rate * g, w, slope), None

            return jax.lax.scan(move, w, order)

        return jax.lax.scan(epoch, w, jax.random.split(key, protocol.epochs))[0]

    start = (jnp.asarray(bench.W[:count]), jnp.asarray(bench.b[:count]))
    keys = jax.random.split(jax.random.key(bench.seed), len(start[0]))
    return _timed(jax, jax.jit(jax.vmap(trained)), (start, keys), protocol.steps * len(start[0]))


def _sgld(jax: Any, loss: Any, bench: Bench) -> tuple[Any, tuple[Any, ...]]:
    """Chains about the k-gon, which record the loss of every step."""
    jnp, centre = jax.numpy, _gon(jax, bench)
    both = jax.value_and_grad(lambda w: loss(w[: 2 * bench.c].reshape(2, bench.c), w[2 * bench.c :]))

    def chain(key: Any) -> Any:
        def move(w: Any, key: Any) -> Any:
            value, slope = both(w)
            force = STRENGTH * slope + (w - centre)
            noise = jax.random.normal(key, w.shape, dtype=w.dtype)
            return w - STEP_SIZE / 2 * force + jnp.sqrt(STEP_SIZE) * noise, value

        return jax.lax.scan(move, centre, jax.random.split(key, bench.amounts.steps))

    return jax.jit(jax.vmap(chain)), (jax.random.split(jax.random.key(bench.seed), 10),)


def _gon(jax: Any, bench: Bench) -> Any:
    """The k-gon, flat."""
    return jax.numpy.asarray(bench.gon)


def _log_density(jax: Any, bench: Bench) -> Callable[[Any], Any]:
    loss, c = closed_form(jax.numpy, bench.c), bench.c

    def found(w: Any) -> Any:
        return -STRENGTH * loss(w[: 2 * c].reshape(2, c), w[2 * c :]) - 0.5 * w @ w

    return found


def blackjax_ways(bench: Bench) -> dict[str, Way]:
    """Build NUTS of BlackJAX, after its window adaptation."""
    jax, blackjax = _jax(), importlib.import_module("blackjax")
    density, amounts = _log_density(jax, bench), bench.amounts
    keys = jax.random.split(jax.random.key(bench.seed), 2 * CHAINS)
    adaptation = blackjax.window_adaptation(blackjax.nuts, density)
    (state, found), _ = adaptation.run(keys[0], _gon(jax, bench), num_steps=amounts.warm_up)
    kernel = blackjax.nuts(density, **found).step

    def chain(key: Any) -> Any:
        def move(state: Any, key: Any) -> Any:
            state, _ = kernel(key, state)
            return state, state.position

        return jax.lax.scan(move, state, jax.random.split(key, amounts.draws))[1]

    run = jax.jit(partial(jax.lax.map, chain))

    def way() -> Done:
        return bench.least_draws(jax.block_until_ready(run(keys[CHAINS:])).__array__())

    return {POSTERIOR: way}


def numpyro_ways(bench: Bench) -> dict[str, Way]:
    """Build NUTS of numpyro, after its own adaptation."""
    jax, infer = _jax(), importlib.import_module("numpyro.infer")
    density, amounts = _log_density(jax, bench), bench.amounts
    kernel = infer.NUTS(potential_fn=lambda w: -density(w))
    run = infer.MCMC(
        kernel, num_warmup=amounts.warm_up, num_samples=amounts.draws, num_chains=CHAINS,
        chain_method="sequential", progress_bar=False,
    )  # fmt: skip
    start = jax.numpy.tile(_gon(jax, bench), (CHAINS, 1))
    run.warmup(jax.random.key(bench.seed), init_params=start)

    def way() -> Done:
        run.run(run.post_warmup_state.rng_key)
        return bench.least_draws(jax.block_until_ready(run.get_samples(group_by_chain=True)).__array__())

    return {POSTERIOR: way}
