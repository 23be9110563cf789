"""Hold the posterior against theory: n_crit, sampled free energies, and transitions."""

from __future__ import annotations

from collections.abc import Sequence

from kgon.base.table import Column, Table
from kgon.base.text import listed, with_error
from kgon.base.verdicts import KgonError
from kgon.experiments.antecedent import PUBLISHED, JudgedTransition, assess_antecedent, assess_pairs
from kgon.experiments.posterior.as_theory import sampled_crossing
from kgon.experiments.posterior.evidence_result import Evidence
from kgon.experiments.posterior.naming import NamedDraws
from kgon.free_energy.crossings import Crossing, n_crit
from kgon.free_energy.theories import THEORIES
from kgon.kgons.catalogue import Catalogue
from kgon.report.artefact import table
from kgon.report.tables.cells import decimal, label_tex, number, pair

PAIRS = (("5", "6"), ("5,5+", "6"))
"""The transitions held against the evidence, at c = 6."""
CHAINS = (PUBLISHED, ("4", "5"), ("4+", "5"), ("5", "5+"), ("5", "6"), ("5+", "6"), ("4", "4+", "4++"))
"""The transitions of the text, and those between the low minima."""


def _last(evidence: Evidence, theory: str, beta: str, first: str, second: str) -> str:
    """The largest root: the one beyond which the second phase stays below."""
    found: Crossing
    if theory == "evidence":
        found = sampled_crossing(evidence, first, second, beta=beta)
    else:
        found = n_crit(first, second, theory=theory, beta=beta)
    if not found.roots:
        return found.absence
    root = found.roots[-1]
    return f"{root.n:.2f}" if root.stderr is None else with_error(root.n, root.stderr)


@table(fixed=("c",))
def theories(evidence: Evidence) -> Table:
    """Hold n_crit(5 → 6) and n_crit({5, 5⁺} → 6) by theory against sampling, at c = 6."""
    meanings = {**{name: theory.meaning for name, theory in THEORIES.items()}, "evidence": "sampled"}
    rows = []
    for beta in ("1", "1/2"):
        for theory, meaning in meanings.items():
            single, both = (_last(evidence, theory, beta, *ends) for ends in PAIRS)
            row = {"theory": theory, "meaning": meaning, "beta": beta}
            rows.append({**row, "single": single, "both": both})
    return Table(
        name="theories",
        title="n_crit by theory and by sampling, c = 6: 5 → 6, and {5, 5⁺} → 6",
        caption=r"$n_\mathrm{crit}$ by theory and by sampling, $c = 6$: $5 \to 6$, and $\{5, 5^+\} \to 6$",
        columns=[
            Column("theory", "theory"),
            Column("meaning", "constant"),
            Column("beta", "β", r"$\beta$", "r"),
            Column("single", "5 → 6", r"$5 \to 6$", "r"),
            Column("both", "{5, 5⁺} → 6", r"$\{5, 5^+\} \to 6$", "r"),
        ],
        rows=rows,
        notes=[
            "The largest root. Between 5 and 5⁺ there is no barrier: both together are the robust quantity.",
            f"evidence: sequential Monte Carlo, population loss, {evidence.effort} "
            f"particles, seed {evidence.seed}; a basin is where gradient descent ends.",
        ],
    )


@table(name="evidence")
def free_energies_of_basins(evidence: Evidence) -> Table:
    """List the sampled free energies of every basin that was followed, of 5 and 5⁺ together, and of all."""
    names = [*evidence.targets, "all"]
    if {"5", "5+"} <= set(evidence.targets):
        names.insert(-1, "5,5+")

    def cell(name: str, s: float) -> str:
        try:
            return with_error(*evidence.free_energy(listed(name), s))
        except KgonError:  # nothing was found there
            return ""

    return Table(
        name="evidence",
        title=f"Sampled free energies F of the basins, in nats, c = {evidence.c}: s = βn",
        caption=rf"Sampled free energies $F$ of the basins, in nats, $c = {evidence.c}$: $s = \beta n$",
        columns=[
            Column("s", "s", "$s$", "r"),
            *(Column(x, x, x if x == "all" else label_tex(x), "r") for x in names),
        ],
        rows=[{"s": f"{s:g}", **{name: cell(name, s) for name in names}} for s in evidence.sizes],
        notes=[
            f"Population loss, prior N(0, I), {evidence.effort} particles, seed "
            f"{evidence.seed}. all: the whole posterior.",
        ],
    )


def _judged(found: Sequence[JudgedTransition], c: int, name: str, where: str, note: str) -> Table:
    """List transitions with what decides them."""
    points = Catalogue(c)

    def known(label: str) -> str:
        return decimal(points[label].lambda_) or "undefined"

    return Table.of(
        found,
        [
            pair(),
            Column("before", "λ before", r"$\lambda$ before", "r", cell=lambda x: known(x.first)),
            Column("after", "λ after", r"$\lambda$ after", "r", cell=lambda x: known(x.second)),
            number("delta_loss", "ΔL", r"$\Delta L$", lambda x: f"{x.delta_loss:.6f}"),
            number("slope", "ΔL/Δλ", r"$\Delta L/\Delta\lambda$", lambda x: decimal(x.slope, ".6f")),
            Column("verdict", "verdict"),
            Column("reason", "reason"),
        ],
        name=name,
        title=f"The Bayesian antecedent hypothesis{where} with exact λ: ΔL < 0 < Δλ, c = {c}",
        caption=rf"The antecedent hypothesis{where} with exact $\lambda$: "
        rf"$\Delta L < 0 < \Delta\lambda$, $c = {c}$",
        notes=[note],
    )


@table(fixed=("c",))
def names_of_draws(naming: NamedDraws) -> Table:
    """List how often hull and nearest k-gon name a draw otherwise than its basin, by n, at c = 6."""
    columns = zip(
        naming.sizes, naming.misnamed_by_hull, naming.unnamed, naming.misnamed_by_nearest, strict=True
    )
    return Table(
        name="names-of-draws",
        title="Posterior draws named otherwise than the basin they are in, c = 6",
        caption="Posterior draws named otherwise than the basin they are in, $c = 6$",
        columns=[
            Column("n", "n", "$n$", "r"),
            Column("hull", "by hull and biases", align="r"),
            Column("unnamed", "no k-gon's numbers", align="r"),
            Column("nearest", "by the nearest k-gon", align="r"),
        ],
        rows=[
            {"n": f"{s:g}", "hull": hull, "unnamed": f"{none:.2g}", "nearest": far}
            for s, hull, none, far in columns
        ],
        notes=[
            f"Shares of {naming.draws} draws at each n; population loss, β = 1, prior N(0, I), parallel "
            "tempering. The basin is where descent ends. Of the draws that hull and biases name otherwise, "
            "some have numbers that no k-gon has.",
        ],
    )


@table()
def transitions() -> Table:
    """Judge the text's transitions, and those between the low minima, by the antecedent hypothesis."""
    chains = [assess_antecedent(chain).transitions for chain in CHAINS]
    found = {(x.first, x.second): x for chain in chains for x in chain}
    note = (
        "The first two are those of the text's developmental stages. With sampled λ: kgon antecedent "
        "--sampled."
    )
    return _judged([*found.values()], 6, "transitions", "", note)


@table()
def transitions_every_pair(c: int = 6) -> Table:
    """Judge every pair of local minima, from higher to lower loss, by the antecedent hypothesis."""
    note = (
        "All pairs, whether training goes from one to the other or not: sgd-transitions has those observed."
    )
    where = " on every pair of local minima"
    return _judged(assess_pairs(c), c, "transitions-every-pair", where, note)
