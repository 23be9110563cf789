"""``kgon llc``: the learning coefficient at a point, or along a trajectory."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from kgon.cli.outcome import DONE, REFUTED, emit, only_with, point_of

if TYPE_CHECKING:
    from kgon.base.checks import Floats
    from kgon.potential.empirical import EmpiricalLoss
    from kgon.potential.model import TMS


def llc(args: argparse.Namespace) -> int:
    """``kgon llc``: exact λ of a label, sampled λ̂ with --n, or both."""
    from kgon.base.agreement import Agreement
    from kgon.base.verdicts import KgonError
    from kgon.free_energy.learning import learning_coefficient

    exact, refusal = None, ""
    tms, W, b, label = point_of(args, many=True)
    if label is None and args.n is None:
        raise KgonError(f"{args.point}: the exact lambda is for labels; give --n for a sampled one")
    default = "hmc" if W.ndim == 2 else "sgld"
    only_with(args, args.n is not None, "--n", beta=None, gamma=1.0, sampler=default, data=None, seed=0)
    langevin = args.sampler in ("sgld", "mala")
    only_with(args, args.n is not None, "--n", steps=None, chains=None)
    only_with(args, langevin, "--sampler sgld or mala", step_size=None, burn_in=None, workers=1)
    only_with(args, args.sampler == "sgld", "--sampler sgld", batch=None)
    only_with(args, args.data is not None, "--data", batch=None)
    if W.ndim == 3:
        return _along(args, tms, W, b)
    if args.out is not None:
        raise KgonError(f"--out {args.out} is for a file with many points, {args.point} has one")
    if label is not None:
        try:
            exact = learning_coefficient(label, tms.c)
        except KgonError as error:
            refusal = str(error)
            if args.n is None:
                raise
    estimate = agreement = None
    if args.n is not None:
        from kgon.experiments.llc.estimate import llc as sample

        estimate = sample(
            W, b, tms=tms, n=args.n, beta=args.beta, gamma=args.gamma, sampler=args.sampler,
            loss=_loss(args, tms), step_size=args.step_size,
            steps=args.steps, burn_in=args.burn_in, chains=args.chains, batch=args.batch, seed=args.seed,
            workers=1 if args.workers is None else args.workers,
        )  # fmt: skip
        if exact is not None and estimate.stderr > 0:
            agreement = Agreement.compare(
                float(exact.lambda_), estimate.lambda_hat, estimate.stderr, resolution=0.5, ess=estimate.ess
            )
    data = {
        "lambda": None if exact is None else float(exact.lambda_),
        "multiplicity": None if exact is None else exact.multiplicity,
        "exact": exact,
        "refusal": refusal or None,
        "lambda_hat": None if estimate is None else estimate.lambda_hat,
        "stderr": None if estimate is None else estimate.stderr,
        "n": None if estimate is None else estimate.n,
        "beta": None if estimate is None else estimate.beta,
        "health": None if estimate is None else estimate.health,
        "estimate": estimate,
        "agreement": agreement,
    }
    parts = [str(x) for x in (exact, estimate, agreement) if x is not None]
    if refusal:
        parts.insert(0, refusal)
    notes = []
    if agreement is not None:
        notes.append("λ̂ at finite n is not λ: agreement is to be expected only as n grows")
    emit(args, data, lambda: "\n".join(parts), notes=notes)
    return DONE if estimate is None or estimate.healthy else REFUTED


def _loss(args: argparse.Namespace, tms: TMS) -> str | int | EmpiricalLoss:
    """The population loss, the seed of a data set, or the data set of a file."""
    from kgon.base.checks import check_integer
    from kgon.base.verdicts import KgonError
    from kgon.potential.empirical import EmpiricalLoss
    from kgon.potential.points import read_data

    if args.data is None:
        return "population"
    if args.data.removeprefix("-").isdecimal():
        return check_integer("the seed of a data set", int(args.data), 0)
    data = read_data(args.data, tms.c)
    try:
        found = EmpiricalLoss(tms, *data)
    except KgonError as error:
        raise KgonError(f"{args.data}: {error}") from None
    if args.n is not None and args.n != found.n:
        raise KgonError(f"{args.data} has {found.n} samples, --n says {args.n:g}")
    return found


def _along(args: argparse.Namespace, tms: TMS, W: Floats, b: Floats) -> int:
    """λ̂ at every point of a file."""
    import numpy as np

    from kgon.base.table import Column, Table
    from kgon.base.text import with_error
    from kgon.base.verdicts import KgonError
    from kgon.experiments.llc.along import llc_along
    from kgon.potential.data import sample
    from kgon.potential.empirical import EmpiricalLoss
    from kgon.potential.loss import Potential

    if args.sampler == "hmc":
        raise KgonError(f"{args.point} holds {len(W)} points: along a trajectory --sampler is sgld or mala")
    loss = _loss(args, tms)
    if isinstance(loss, int):
        loss = EmpiricalLoss(tms, *sample(tms, int(args.n), seed=loss))
    given = {name: getattr(args, name) for name in ("step_size", "steps", "burn_in", "chains")}
    found = llc_along(
        Potential(tms) if isinstance(loss, str) else loss, tms.pack(W, b), n=args.n, beta=args.beta,
        gamma=args.gamma, sampler=args.sampler, batch=args.batch, seed=args.seed, workers=args.workers,
        folder=args.out, progress=True, **{name: value for name, value in given.items() if value is not None},
    )  # fmt: skip
    losses = Potential(tms).flat(tms.pack(W, b))[0]

    def hat(k: int) -> str:
        if np.isnan(found.lambda_hat[k]):
            return "diverged"
        return with_error(float(found.lambda_hat[k]), float(found.stderr[k]))

    def text() -> str:
        rows = [
            {
                "point": str(k),
                "loss": f"{losses[k]:.6f}",
                "hat": hat(k),
                "health": found.health[k],
            }
            for k in range(len(W))
        ]
        columns = [
            Column("point", "point", align="r"), Column("loss", "L", align="r"),
            Column("hat", "λ̂", align="r"), Column("health", "health"),
        ]  # fmt: skip
        return Table(name="llc", title=found.headline(), columns=columns, rows=rows).text()

    where = "population loss" if isinstance(loss, str) else f"data, {args.data}"
    notes = [
        f"{where}; ε = {found.step_size:g}, {found.chains} chains of {found.steps} steps after "
        f"{found.burn_in} at each point; short chains are not healthy: λ̂ is what that short a chain finds"
    ]
    emit(args, found, text, notes=notes)
    return DONE if all(reason == "good" for reason in found.health) else REFUTED
