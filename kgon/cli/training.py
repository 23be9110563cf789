"""The command on training runs."""

from __future__ import annotations

from typing import Any

from kgon import experiments, sampling
from kgon.cli import values
from kgon.cli.option import flag, integer, number, option, unless, when
from kgon.cli.options import kept, model, seed, work
from kgon.cli.registry import command

STARTS = (
    "labels (plus N(0, 0.01²)), 4-gons (all of them), random (N(0, 1)) or small (N(0, 0.1²)); several, with "
    "commas, take turns"
)
OPTIMISERS, SCHEDULES = ("sgd", "momentum", "adam", "adamw"), ("constant", "linear", "cosine")


@command("train", args=[
    *model(), integer("--trajectories", "how many", required=True),
    option("--start", STARTS, "4-gons", metavar="LABELS"),
    integer("--n", "samples", 1000),
    option("--batch", "samples of a step, or all", 20, type=values.batch, metavar="N|all"),
    number("--learning-rate", "of a step", 0.005), integer("--epochs", "passes over the samples", 4500),
    option(
        "--optimiser", "sgd, momentum, adam (its decay is L2 in the gradient) or adamw (decay apart from it)",
        "sgd", choices=OPTIMISERS, only=unless("flow"), keyword="kind",
    ),
    option(
        "--momentum", "of the optimiser momentum", 0.9, type=values.not_negative, metavar="X",
        only=when("optimiser", "momentum"),
    ),
    option(
        "--weight-decay", "of W and b (default none)", type=values.not_negative, metavar="X",
        only=unless("flow"),
    ),
    option(
        "--schedule", "the rate's factor after t of T steps: 1, 1 - t/T, or (1 + cos(pi t/T))/2", "constant",
        choices=SCHEDULES, only=unless("flow"),
    ),
    flag("--flow", "gradient flow of the sample's loss instead of SGD"),
    kept("finished trajectories"), seed(), *work(),
])  # fmt: skip
def train(n: int, batch: int | str, learning_rate: float, epochs: int, **how: Any) -> experiments.Training:
    """Train by SGD or another optimiser many times, and name the plateaus."""
    names = ("kind", "momentum", "weight_decay", "schedule")
    optimiser = sampling.Optimiser(**{name: how.pop(name) for name in names if name in how})
    protocol = sampling.Protocol(
        n=n, batch=n if batch == "all" else int(batch), learning_rate=learning_rate, epochs=epochs,
        optimiser=optimiser,
    )  # fmt: skip
    return experiments.train(protocol=protocol, **how)
