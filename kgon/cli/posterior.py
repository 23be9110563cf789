"""Commands that sample the posterior: the evidence of its basins, and its draws."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from kgon import base, potential
from kgon.base.verdicts import KgonError
from kgon.cli.option import Given, flag, integer, number, option, when
from kgon.cli.options import beta, kept, model, seed, sizes, work
from kgon.cli.outcome import Outcome
from kgon.cli.registry import command
from kgon.experiments import posterior


def evidence_of(
    c: int | potential.TMS | None, evidence: str | None = None, work: base.Work | None = None
) -> posterior.Evidence:
    """Read the sampled evidence of a file, which must be one of this model, or sample a quick one."""
    if evidence is None:
        note = "sampling a quick evidence; kgon evidence --full --out FOLDER makes a better one"
        print(note, file=sys.stderr)
        return posterior.sample_evidence(c or 6, work=work or base.HERE)
    found = posterior.read_evidence(evidence)
    wanted = None if c is None else potential.TMS.of(c)
    if wanted is not None and wanted.c != found.c:
        raise KgonError(f"{evidence} has {found.c} features, -c says {wanted.c}")
    if wanted is not None and wanted.own not in (None, found.model):
        sampled = found.model or "all importances 1 and all probabilities alike"
        raise KgonError(f"{evidence} was sampled with {sampled}; asked for is {wanted}")
    return found


@command("evidence", args=[
    *model(), sizes("values of beta n (default 50 to 2000)", keyword="sizes"),
    flag("--full", "standard errors of 0.02 nats (minutes)"), kept("finished replicates"), seed(), *work(),
])  # fmt: skip
def evidence(c: potential.TMS, full: bool = False, **how: Any) -> posterior.Evidence:
    """Sample the free energy of each basin by sequential Monte Carlo."""
    from kgon.experiments.posterior.evidence import FULL, QUICK

    return posterior.sample_evidence(c, effort=FULL if full else QUICK, **how)


def _available(form: str, _: Given) -> str:
    """The format, if what writes it is installed: this is asked before anything is sampled."""
    if form == "nc":
        base.check_extra("arviz", "--format nc")
    return form


@command("sample", args=[
    *model(), number("--n", "sample size", required=True), beta("1", "inverse temperature"),
    integer("--data", "seed of a data set of n samples (default: the population loss)"),
    integer("--runs", "independent runs", 2), integer("--ensembles", "chains per run", 16),
    integer("--draws", "draws per chain", 100), integer("--thin", "iterations per draw", 4),
    kept("finished runs, and the draws,"), seed(), *work(),
    option("--format", "npz, or nc for ArviZ", choices=("npz", "nc"), keyword="form", only=when("out"),
           read=_available),
])  # fmt: skip
def sample(
    n: float, ensembles: int, draws: int, thin: int, work: base.Work, form: str = "npz", **how: Any
) -> Outcome:
    """Draw from the posterior by chains that mix between phases, with proof."""
    from kgon.experiments.posterior.draws import save

    chains = posterior.Chains(ensembles=ensembles, draws=draws, thin=thin)
    found = posterior.sample_posterior(n, chains=chains, work=work, **how)
    if work.folder is None:
        return Outcome.of(found)
    file = save(found, Path(work.folder) / f"draws.{form}")
    return Outcome.of(found, [f"draws in {file}"])
