"""The command on training runs."""

from __future__ import annotations

from typing import Any

from kgon import experiments, potential, sampling
from kgon.cli.option import flag, integer, number, option
from kgon.cli.options import kept, model, seed, work
from kgon.cli.registry import command

STARTS = (
    "labels (plus N(0, 0.01²)), 4-gons (all of them), random (N(0, 1)) or small (N(0, 0.1²)); several, with "
    "commas, take turns"
)


@command("train", args=[
    *model(), integer("--trajectories", "how many", required=True),
    option("--start", STARTS, "4-gons", metavar="LABELS"),
    integer("--n", "samples", 1000), integer("--batch", "samples of a step", 20),
    number("--learning-rate", "of a step", 0.005), integer("--epochs", "passes over the samples", 4500),
    flag("--flow", "gradient flow of the sample's loss instead of SGD"),
    kept("finished trajectories"), seed(), *work(),
])  # fmt: skip
def train(
    c: potential.TMS, n: int, batch: int, learning_rate: float, epochs: int, **how: Any
) -> experiments.Training:
    """Train by SGD many times, and name the plateaus."""
    protocol = sampling.Protocol(n=n, batch=batch, learning_rate=learning_rate, epochs=epochs)
    return experiments.train(c, protocol=protocol, **how)
