"""Commands on free energies: theories, sampled evidence, learning coefficients, the antecedent test."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from kgon.cli.evidence import evidence_of
from kgon.cli.outcome import DONE, REFUTED, emit, only_with, workers_of
from kgon.cli.values import numbers, sizes


def _refuse_evidence(args: argparse.Namespace) -> None:
    from kgon.base.verdicts import KgonError

    if args.evidence is not None:
        raise KgonError(f"--evidence {args.evidence} is for --theory evidence, got --theory {args.theory}")


def _among(args: argparse.Namespace) -> list[str] | None:
    return None if args.among is None else [part.strip() for part in args.among.split(",")]


def ncrit(args: argparse.Namespace) -> int:
    """``kgon ncrit``."""
    if args.theory == "evidence":
        from kgon.experiments.posterior.as_theory import sampled_crossing

        outcome = sampled_crossing(evidence_of(args), args.first, args.second, beta=args.beta)
    else:
        from kgon.free_energy.crossings import n_crit

        _refuse_evidence(args)
        outcome = n_crit(args.first, args.second, args.features, theory=args.theory, beta=args.beta)
    emit(args, outcome, lambda: str(outcome))
    return DONE


def phases(args: argparse.Namespace) -> int:
    """``kgon phases``."""
    if args.diagram is not None:
        return _diagram(args)
    from kgon.base.verdicts import KgonError

    if args.n is not None or args.values is not None:
        raise KgonError("--n and --values belong to --diagram beta or --diagram importance")
    if args.theory == "evidence":
        from kgon.experiments.posterior.as_theory import sampled_dominance

        _no_among(args)
        found = sampled_dominance(evidence_of(args), beta=args.beta)
        notes = ["basin with the largest share of the sampled posterior, over the sampled range of beta n"]
    else:
        from kgon.free_energy.crossings import dominant_phases
        from kgon.free_energy.phases import comparison_note

        _refuse_evidence(args)
        among = _among(args)
        found = dominant_phases(args.features, theory=args.theory, beta=args.beta, among=among)
        notes = [comparison_note(args.features, theory=args.theory, among=among)]
    emit(args, found, lambda: "\n".join(phase.headline() for phase in found), notes=notes)
    return DONE


def _no_among(args: argparse.Namespace) -> None:
    from kgon.base.verdicts import KgonError

    if args.among is not None:
        raise KgonError(f"--among {args.among} is not for --theory {args.theory}, where every basin counts")


def _diagram(args: argparse.Namespace) -> int:
    import numpy as np

    from kgon.base.verdicts import KgonError
    from kgon.branches.diagram import in_importance
    from kgon.free_energy.diagram import in_beta

    if args.theory == "evidence" or args.evidence is not None or args.among is not None:
        raise KgonError("--diagram takes a theory without sampling, and neither --evidence nor --among")
    n = sizes(args.n) if args.n else list(np.geomspace(50, 2000, 17))
    if args.diagram == "beta" and args.beta != "1":
        raise KgonError(f"--diagram beta takes its values of beta from --values, got --beta {args.beta}")
    if args.diagram == "beta":
        values = args.values or "0.25,0.5,1,2"
        # A list is kept as text: 1/3 is read exactly.
        betas = numbers(values, "--values") if ":" in values else values.split(",")
        found = in_beta(n, betas, args.features, theory=args.theory)
    else:
        importance = numbers(args.values, "--values") if args.values else list(np.linspace(0.4, 2.5, 22))
        found = in_importance(n, importance, args.features, theory=args.theory, beta=args.beta)
    emit(args, found, lambda: found.text())
    return DONE


def occupancy(args: argparse.Namespace) -> int:
    """``kgon occupancy``."""
    import numpy as np

    from kgon.base.table import Column, Table
    from kgon.base.text import with_error
    from kgon.base.verdicts import KgonError

    n = sizes(args.n)
    shares: dict[str, tuple[Any, Any]]
    sampled, healthy = args.theory in ("evidence", "mcmc"), True
    only_with(args, args.theory == "mcmc", "--theory mcmc", sets=0, seed=0, workers=1)
    if args.scheduler is not None and args.theory != "mcmc":
        raise KgonError(f"--scheduler {args.scheduler} is for --theory mcmc")
    if args.out is not None and args.theory != "mcmc":
        raise KgonError(f"--out {args.out} is for --theory mcmc")
    if args.theory == "mcmc":
        from kgon.experiments.posterior.occupancy import FULL, posterior_occupancy

        _no_among(args)
        _refuse_evidence(args)
        with workers_of(args) as workers:
            run = posterior_occupancy(
                n, c=args.features, betas=[args.beta], sets=args.sets, chains=FULL, seed=args.seed,
                workers=workers, folder=args.out, progress=not args.no_progress,
            )  # fmt: skip
        shares, notes, healthy = run.shares(), run.notes(), run.healthy
    elif args.theory == "evidence":
        from kgon.experiments.posterior.as_theory import sampled_occupancy

        _no_among(args)
        shares = sampled_occupancy(evidence_of(args), n, beta=args.beta)
        notes = ["share of each basin in the sampled posterior; other: in no basin of a k-gon"]
    else:
        from kgon.free_energy.dominance import occupancy as theoretical
        from kgon.free_energy.phases import comparison_note

        _refuse_evidence(args)
        among = _among(args)
        found = theoretical(n, args.features, theory=args.theory, beta=args.beta, among=among)
        shares = {label: (row, np.full(len(n), np.nan)) for label, row in found.items()}
        notes = [comparison_note(args.features, theory=args.theory, among=among)]
    data = [
        {
            "n": size,
            "label": label,
            "probability": None if np.isnan(row[k]) else float(row[k]),
            "stderr": None if np.isnan(error[k]) else float(error[k]),
        }
        for k, size in enumerate(n)
        for label, (row, error) in shares.items()
    ]

    def cell(value: float, error: float) -> str:
        if np.isnan(value):
            return "-"
        return f"{value:.6f}" if np.isnan(error) or not error > 0 else with_error(value, error)

    def text() -> str:
        rows = [
            {"n": f"{size:g}", **{label: cell(row[k], error[k]) for label, (row, error) in shares.items()}}
            for k, size in enumerate(n)
        ]
        columns = [Column("n", "n", align="r"), *(Column(x, x, align="r") for x in shares)]
        kind = "Sampled" if sampled else "Theoretical"
        title = f"{kind} occupancy, c = {args.features or 6}, theory {args.theory}, β = {args.beta}"
        return Table(name="occupancy", title=title, columns=columns, rows=rows).text()

    emit(args, data, text, notes=notes)
    return DONE if healthy else REFUTED


def antecedent(args: argparse.Namespace) -> int:
    """``kgon antecedent``."""
    from kgon.experiments.antecedent import GAMMA, PUBLISHED, sampled_estimates
    from kgon.experiments.antecedent import assess_antecedent as test

    states: Sequence[str] = args.states or PUBLISHED
    only_with(args, args.sampled, "--sampled", n=5000.0, gamma=GAMMA, seed=0)
    estimates, notes = None, []
    if args.sampled:
        estimates, left_out = sampled_estimates(
            states, args.features, n=args.n, gamma=args.gamma, seed=args.seed
        )
        notes = [
            f"λ̂ at n = {args.n:g}, β = 1/log n, γ = {args.gamma:g}; it depends on n and γ",
            *(f"no λ̂ of {label}: {reason}" for label, reason in left_out.items()),
        ]
    outcome = test(states, args.features, estimates=estimates)
    emit(args, outcome, lambda: str(outcome), notes=notes)
    return DONE if outcome.verdict.holds else REFUTED
