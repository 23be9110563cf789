"""``kgon llc``: the learning coefficient at a point, or along a trajectory."""

from __future__ import annotations

from typing import Any

from kgon import base, potential
from kgon.base.verdicts import KgonError
from kgon.cli.option import integer, number, option, when
from kgon.cli.options import Point, executors, features, formats, kept, point, seed, weights
from kgon.cli.outcome import Outcome
from kgon.cli.registry import command
from kgon.experiments import llc as estimates

SAMPLED, LANGEVIN = when("n"), when("sampler", "sgld", "mala")
SAMPLER: dict[str, Any] = {
    "help": "default hmc, of many points sgld, which is the published one, biased",
    "default": lambda settled: "sgld" if settled["point"].many else "hmc",
    "choices": ("hmc", "mala", "sgld"),
}
ELSE = "kgon verify proves that of an exact point near by, where it can, and --n samples one"
DATA = "loss of n samples of this seed, or of an .npz with feature and amplitude (default: population)"


@command("llc", args=[
    features(None, ""), *point(), *weights(),
    number("--n", "sample λ̂ at this sample size"),
    number("--beta", "inverse temperature of λ̂ (default 1/log n)", only=SAMPLED),
    number("--gamma", "precision of the localiser", 1.0, only=SAMPLED),
    option("--sampler", **SAMPLER, only=SAMPLED), option("--data", DATA, metavar="SEED|FILE", only=SAMPLED),
    number("--step-size", "default 1e-3, and mala adapts it (many points: 1e-3)", only=LANGEVIN),
    integer("--steps", "draws per chain: hmc 300, sgld 500, mala 50000 (many points: 500)", only=SAMPLED),
    integer("--burn-in", "steps before: sgld 0, mala a fifth of its steps (many points: 0)", only=LANGEVIN),
    integer("--chains", "default 256 for hmc, else 10", only=SAMPLED),
    integer("--batch", "samples per step (default: all)", only=when("sampler", "sgld") + when("data")),
    number("--discard", "leave chains out with more than this share of draws below L(w*)", only=LANGEVIN),
    kept("what is finished of many points"), seed(SAMPLED), *executors(only=LANGEVIN), formats(),
])  # fmt: skip
def llc(
    point: Point, work: base.Work, n: float | None = None, data: str | None = None, **how: Any
) -> Outcome:
    """Prove the learning coefficient of a label, sample it at finite n, or both."""
    if point.label is None and n is None:
        raise KgonError(f"{point.text}: the exact lambda is for labels; {ELSE}")
    if point.many and n is not None:
        return _along(point, work, n, data, **how)
    if work.folder is not None:
        raise KgonError(f"--out {work.folder} is for a file with many points, {point.text} has one")

    estimate = None
    label = point.label if point.weighted is None else None
    if label is None and n is None:
        reason = f"is for equal importances and probabilities; {ELSE}"
        raise KgonError(f"the exact lambda of {point.text} {reason}")
    if n is not None:
        tms, W, b = point.place
        estimate = estimates.llc(W, b, tms=tms, n=n, loss=_loss(data, tms, n), work=work, **how)
    return Outcome.of(estimates.ExactAndSampled.of(label, point.c, estimate, point.model))


def _along(
    point: Point, work: base.Work, n: float, data: str | None, sampler: str, gamma: float, seed: int,
    beta: float | None = None, **chains: Any,
) -> Outcome:  # fmt: skip
    """λ̂ at every point of a file."""
    from dataclasses import replace

    from kgon.experiments.llc.estimate import loss_of
    from kgon.experiments.llc.settings import SGLD

    tms, W, b = point.place
    if sampler == "hmc":
        raise KgonError(f"{point.text} holds {len(W)} points: along a trajectory --sampler is sgld or mala")
    loss, w = loss_of(tms, _loss(data, tms, n), n), tms.pack(W, b)
    localiser = estimates.Localiser.of(loss, n, beta=beta, gamma=gamma)
    short = replace(SGLD, kind=sampler).but(**chains)
    found = estimates.estimate_llc_along(
        loss, w, localiser, short, seed=seed, work=replace(work, progress=True)
    )
    note = (
        f"{'population loss' if data is None else f'data, {data}'}; ε = {short.step_size:g}, {short.chains} "
        f"chains of {short.steps} steps after {short.burn_in} at each point; short chains are not healthy: λ̂ "
        "is what that short a chain finds"
    )
    table = found.table_with(potential.Potential(tms).flat(w)[0])
    return Outcome.of(found, [note], text=str(table), tabulate=lambda: table)


def _loss(data: str | None, tms: potential.TMS, n: float) -> str | int | potential.EmpiricalLoss:
    """The population loss, the seed of a data set, or the data set of a file."""
    if data is None:
        return "population"
    if data.removeprefix("-").isdecimal():
        return base.check_seed(int(data), "the seed of a data set")
    arrays = potential.read_data(data, tms.c)
    try:
        found = potential.EmpiricalLoss(tms, *arrays)
    except KgonError as error:
        raise KgonError(f"{data}: {error}") from None
    if n != found.n:
        raise KgonError(f"{data} has {found.n} samples, --n says {n:g}")
    return found
