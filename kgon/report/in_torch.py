"""The tasks of the comparison in PyTorch, and by the SGLD of devinterp: float64, one thread."""

from __future__ import annotations

import importlib
from typing import Any

from kgon.potential.state_dict import torch_module
from kgon.report.contest import BATCH, HESSIAN, POINT, SGLD, STRENGTH, Bench, check_same
from kgon.report.timing import Way, doing
from kgon.sampling.langevin import STEP_SIZE


def _torch() -> Any:
    torch = torch_module()
    torch.set_num_threads(1)
    return torch


def closed_form(torch: Any, W: Any, b: Any) -> Any:
    """Compute the loss (…) of W (…, 2, c) and b (…, c), each region by its formula."""
    bias = b[..., None, :]

    def active(a: Any, bias: Any) -> Any:
        on = (bias >= 0) & (a + bias >= 0)
        safe = torch.where(on | (a == 0), 1.0, a)
        t = (torch.where(bias < 0, a + bias, -bias) / safe).clip(0.0, 1.0)
        return torch.where(on, 1.0, t)

    def off(a: Any, bias: Any) -> Any:
        start, end = bias.clip(min=0.0), (a + bias).clip(min=0.0)
        return active(a, bias) * (start * start + start * end + end * end) / 3

    gram = W.mT @ W
    n = torch.diagonal(gram, dim1=-2, dim2=-1)
    t, start, end = active(n, b), b.clip(min=0.0), (n + b).clip(min=0.0)
    moment = t * ((1 - t) * (start + end) / 2 + t * (start + 2 * end) / 6)
    pairs = off(gram, bias)
    others = pairs.sum((-2, -1)) - torch.diagonal(pairs, dim1=-2, dim2=-1).sum(-1)
    return (others + (1 / 3 - 2 * moment + off(n, b)).sum(-1)) / b.shape[-1]


def ways(bench: Bench) -> dict[str, Way]:
    """Build the ways of PyTorch: autograd, and ``torch.func`` for the Hessian."""
    torch = _torch()
    W, b = torch.tensor(bench.W, requires_grad=True), torch.tensor(bench.b, requires_grad=True)
    one_W, one_b = (x[0].detach().clone().requires_grad_() for x in (W, b))
    flat = torch.cat([W.detach().flatten(1), b.detach()], dim=1)
    c = bench.c
    hessian = torch.func.vmap(
        torch.func.hessian(lambda w: closed_form(torch, w[: 2 * c].reshape(2, c), w[2 * c :]))
    )
    check_same("PyTorch", closed_form(torch, W, b).detach(), bench)

    def both(W: Any, b: Any) -> None:
        torch.autograd.grad(closed_form(torch, W, b).sum(), (W, b))

    return {
        BATCH: doing(lambda: both(W, b), len(W)),
        POINT: doing(lambda: both(one_W, one_b)),
        HESSIAN: doing(lambda: hessian(flat), len(flat)),
    }


def devinterp_ways(bench: Bench) -> dict[str, Way]:
    """Build SGLD by the optimiser of devinterp, one chain, of the loss in closed form."""
    torch, optim = _torch(), importlib.import_module("devinterp.optim")
    W, b = (torch.tensor(x) for x in bench.tms.unpack(bench.gon))
    parameters = [torch.nn.Parameter(x) for x in (W, b)]
    chain = optim.SGLD(parameters, lr=STEP_SIZE, localization=1.0, nbeta=STRENGTH)
    steps = max(1, bench.amounts.steps // 10)

    def run() -> None:
        for _ in range(steps):
            chain.zero_grad()
            closed_form(torch, *parameters).backward()
            chain.step()

    return {SGLD: doing(run, steps)}
