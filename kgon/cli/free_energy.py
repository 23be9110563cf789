"""Commands on free energies: where they are equal, which phase dominates, how the posterior is shared."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kgon import branches, experiments, free_energy, potential
from kgon.base.verdicts import KgonError
from kgon.cli.option import Given, flag, integer, number, option, unless, when
from kgon.cli.options import (
    CLOSED_FORM,
    PROCESSES,
    among,
    evidence_file,
    executors,
    features,
    formats,
    kept,
    model,
    phase,
    phase_arguments,
    phases_file,
    progress,
    seed,
    sizes,
    theory,
)
from kgon.cli.outcome import Outcome
from kgon.cli.posterior import evidence_of
from kgon.cli.registry import command
from kgon.cli.values import numbers
from kgon.experiments import posterior

NOT_SAMPLED = unless("theory", "evidence", "mcmc")
BY_EVIDENCE = when("theory", "evidence")
BY_MCMC = when("theory", "mcmc")
SAMPLED = when("theory", "evidence", "mcmc")
AMONG = "compare these phases only, 5,5+,6 (default: all local minima)"


@command("ncrit", args=[
    features(), phase("first", "A"), phase("second", "B"), phases_file(only=NOT_SAMPLED),
    *theory(*CLOSED_FORM, "evidence"), evidence_file(BY_EVIDENCE), *executors(PROCESSES, BY_EVIDENCE),
    formats(),
])  # fmt: skip
def ncrit(first: Any, second: Any, c: int, theory: str, beta: str, **own: Any) -> free_energy.Crossing:
    """Find all n at which two phases have equal free energy."""
    if theory == "evidence":
        return posterior.sampled_crossing(evidence_of(c, **own), first, second, beta=beta)

    return free_energy.n_crit(first, second, c, theory=theory, beta=beta)


def _grid(text: str, given: Given) -> Sequence[float | str]:
    """Values of the diagram's parameter; a list of β is kept as text, as 1/3 is read exactly."""
    listed = given["diagram"] == "beta" and ":" not in text
    return text.split(",") if listed else numbers("--values", text)


@command("phases", args=[
    features(), *theory(*CLOSED_FORM, "evidence"), evidence_file(BY_EVIDENCE),
    *executors(PROCESSES, BY_EVIDENCE), *among(AMONG, NOT_SAMPLED),
    option("--diagram", "on a grid", choices=("beta", "importance"), only=NOT_SAMPLED),
    sizes("sample sizes of the grid", only=when("diagram")),
    option("--values", "of beta or the last importance: 0.5,1 or a:b:step", read=_grid, only=when("diagram")),
    formats(),
])  # fmt: skip
def phases(c: int, theory: str, beta: str, diagram: str | None = None, **own: Any) -> Outcome:
    """Find which phase has the lowest free energy for which n, or on a grid."""
    if diagram is not None:
        return Outcome.of(DIAGRAMS[diagram](c=c, theory=theory, beta=beta, **own))
    if theory == "evidence":
        found = posterior.sampled_dominance(evidence_of(c, **own), beta=beta)
        basis = f"theory {theory}"
        notes = ["basin with the largest share of the sampled posterior, over the sampled range of beta n"]
    else:
        from kgon.free_energy.dominance import dominance_and_doubt
        from kgon.free_energy.phases import basis_of, comparison_note

        found, doubt = dominance_and_doubt(c, theory=theory, beta=beta, **own)
        basis = basis_of(c, theory=theory, **own)
        notes = [comparison_note(c, theory=theory, **own), *([doubt] if doubt else [])]
    return Outcome.of(found, [f"c = {c}, {basis}, β = {beta}", *notes])


def _in_beta(beta: str, **how: Any) -> free_energy.PhaseDiagram:
    if beta != "1":
        raise KgonError(f"--diagram beta takes its values of beta from --values, got --beta {beta}")
    return free_energy.in_beta(**how)


def _in_importance(**how: Any) -> free_energy.PhaseDiagram:
    return branches.in_importance(**how)


DIAGRAMS: dict[str, Callable[..., free_energy.PhaseDiagram]] = {
    "beta": _in_beta,
    "importance": _in_importance,
}


def _by_theory(n: Sequence[float], c: potential.TMS, **own: Any) -> free_energy.OccupancyCurves:
    return free_energy.occupancy_curves(n, c.c, **own)


def _by_evidence(
    n: Sequence[float], c: potential.TMS, theory: str, beta: str, **own: Any
) -> free_energy.OccupancyCurves:
    return posterior.sampled_curves(evidence_of(c, **own), n, beta=beta)


def _by_mcmc(
    n: Sequence[float], c: potential.TMS, theory: str, beta: str, sets: int = 0, **own: Any
) -> free_energy.OccupancyCurves:
    from kgon.experiments.posterior.occupancy import FULL, QUICK

    population = (QUICK if sets else FULL).population
    effort = posterior.OccupancyEffort(n=tuple(n), sets=sets, chains=FULL.chains, population=population)
    return experiments.posterior_occupancy(effort, c=c, betas=[beta], **own).curves(beta)


SHARES: dict[str, Callable[..., free_energy.OccupancyCurves]]
SHARES = {**dict.fromkeys(CLOSED_FORM, _by_theory), "evidence": _by_evidence, "mcmc": _by_mcmc}


def _processes(settled: Mapping[str, Any]) -> int:
    return PROCESSES if settled["theory"] == "evidence" else 1


@command("occupancy", args=[
    *model(only=SAMPLED), sizes("sample sizes", required=True), *theory(*SHARES), evidence_file(BY_EVIDENCE),
    *among(AMONG, NOT_SAMPLED),
    integer("--sets", "mean over so many data sets per n; 0 takes the population loss", 0, only=BY_MCMC),
    kept("finished runs", BY_MCMC), seed(BY_MCMC),
    *executors(_processes, SAMPLED), progress(BY_MCMC), formats(),
])  # fmt: skip
def occupancy(n: Sequence[float], c: potential.TMS, theory: str, beta: str, **own: Any) -> Outcome:
    """Find the probability of each phase by sample size, by the theory asked for."""
    found = SHARES[theory](n, c, theory=theory, beta=beta, **own)
    return Outcome.of(found, data=found.records(), told=found.notes, tabulate=found.table)


@command("antecedent", args=[
    features(), phase_arguments("states", "4++- 4+ 5, those of the text"), phases_file(),
    flag("--sampled", "with sampled λ̂ as well", keyword=""),
    number("--n", "sample size of the λ̂", 5000.0, only=when("sampled")),
    number("--gamma", "precision of the localiser of λ̂", 100.0, only=when("sampled")), seed(when("sampled")),
    *executors(only=when("sampled")), formats(),
])  # fmt: skip
def antecedent(states: Sequence[Any], c: int, **sampling: Any) -> Outcome:
    """Test the Bayesian antecedent hypothesis on a chain of transitions."""
    from kgon.experiments.antecedent import PUBLISHED

    chain = states or PUBLISHED
    if not sampling:
        return Outcome.of(experiments.assess_antecedent(chain, c))
    estimates, left_out = experiments.sampled_estimates(chain, c, **sampling)
    how = "λ̂ at n = {n:g}, β = 1/log n, γ = {gamma:g}; it depends on n and γ".format(**sampling)
    notes = [how, *(f"no λ̂ of {label}: {reason}" for label, reason in left_out.items())]
    return Outcome.of(experiments.assess_antecedent(chain, c, estimates=estimates), notes)
