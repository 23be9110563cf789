"""Hold λ against simulation: two checks, and λ̂ against n."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kgon.base.table import Column, Table
from kgon.base.text import with_error
from kgon.experiments.llc.against_loss import LossComplexity, MeasuredPhase
from kgon.experiments.llc.convergence import Convergence, ConvergencePoint
from kgon.experiments.llc.settings import NARROW, WIDE
from kgon.experiments.llc.two_ways import FULL, QUICK, LearningCheck
from kgon.report.artefact import table
from kgon.report.tables.cells import decimal, estimate, named, number

_SERIES = (
    ("wide", "hmc", "population", WIDE, "HMC, γ = 1", r"HMC, $\gamma = 1$"),
    ("narrow", "hmc", "population", NARROW, "HMC, γ = 100", r"HMC, $\gamma = 100$"),
    ("data", "hmc", "data", NARROW, "HMC, γ = 100, data", r"HMC, $\gamma = 100$, data"),
    ("sgld", "sgld", "population", WIDE, "SGLD, γ = 1", r"SGLD, $\gamma = 1$"),
    ("sgld_data", "sgld", "data", WIDE, "SGLD, γ = 1, data", r"SGLD, $\gamma = 1$, data"),
)
_BETA = "β = 1/log n. "


@table(slow=True)
def learning_check(learning_checks: Mapping[str, LearningCheck], c: int = 6, full: bool = False) -> Table:
    """Hold λ of every local minimum against two simulations that do not know it."""
    effort = FULL if full else QUICK

    def limit(way: str) -> Column:
        heading = rf"$\hat\lambda$ by {way}"
        return Column(way, f"λ̂ by {way}", heading, "r", cell=lambda item: _limit(getattr(item[1], way)))

    return Table.of(
        learning_checks.items(),
        [
            named(lambda item: item[0]),
            number("expected", "λ", r"$\lambda$", lambda item: f"{item[1].expected:g}"),
            limit("energy"),
            limit("volume"),
            Column("verdict", "verdict", cell=lambda item: str(item[1].verdict)),
        ],
        name="learning-check",
        title=f"λ of the local minima against simulation, c = {c}",
        caption=rf"$\lambda$ of the local minima against simulation, $c = {c}$",
        notes=[
            "Energy: s E[L − L*] in a posterior localised at the point, s → ∞. Volume: exponent of the "
            "volume of L − L* < ε, ε → 0.",
            f"Resolution {effort.resolution}: a larger standard error is UNDECIDED.",
        ],
    )


def _limit(found: Any) -> str:
    return with_error(found.estimate, found.stderr)


def _marked(point: ConvergencePoint | None) -> str:
    if point is None:
        return ""
    return estimate(point) + ("" if point.health.good else " left" if point.gone else " ?")


@table(name="llc-convergence")
def lambda_hat_against_n(llc_convergence: Convergence) -> Table:
    """List sampled λ̂ of 5, 5⁺ and 6 against n, by sampler, localiser and loss."""
    rows = []
    for label, value in llc_convergence.exact.items():
        series = {
            key: {x.localiser.n: x for x in llc_convergence.series(label, sampler, source, gamma)}
            for key, sampler, source, gamma, _, _ in _SERIES
        }
        for n in sorted(series["wide"]):
            rows.append((label, value, n, {key: points.get(n) for key, points in series.items()}))

    def sampled(key: str, name: str, latex: str) -> Column:
        return Column(key, name, latex, "r", cell=lambda row: _marked(row[3][key]))

    return Table.of(
        rows,
        [
            named(lambda row: row[0]),
            number("exact", "λ", r"$\lambda$", lambda row: f"{row[1]:g}"),
            Column("n", "n", "$n$", "r", cell=lambda row: f"{row[2]:g}"),
            *(sampled(key, name, latex) for key, _, _, _, name, latex in _SERIES),
        ],
        name="llc-convergence",
        title="Sampled λ̂ of 5, 5⁺ and 6 against n, c = 6",
        caption=r"Sampled $\hat\lambda$ of $5$, $5^+$ and $6$ against $n$, $c = 6$",
        notes=[
            _BETA + "left: chains went to lower losses. ?: not healthy for another reason, as short chains "
            "are. SGLD: 500 steps, ε = 0.001 at n = 5000, in proportion to 1/(βn) beyond.",
        ],
    )


@table(name="loss-lambda-hat")
def losses_and_lambda_hat(loss_lambda_hat: tuple[LossComplexity, LossComplexity]) -> Table:
    """List loss, exact λ and sampled λ̂ of the 18 k-gons, with rank statistics."""
    short, held = loss_lambda_hat

    def measured(which: int, key: str, name: str, latex: str) -> Column:
        return Column(key, name, latex, "r", cell=lambda both: _measured(both[which]))

    return Table.of(
        zip(short.phases, held.phases, strict=True),
        [
            named(lambda both: both[0].label),
            number("loss", "L", "$L$", lambda both: f"{both[0].loss:.5f}"),
            number("exact", "λ", r"$\lambda$", lambda both: decimal(both[0].lambda_)),
            measured(0, "short", "SGLD, γ = 1, 500 steps", r"SGLD, $\gamma = 1$, 500 steps"),
            measured(1, "held", "HMC, γ = 100", r"HMC, $\gamma = 100$"),
        ],
        name="loss-lambda-hat",
        title="Loss, λ and sampled λ̂ of the k-gons at n = 5000, c = 6",
        caption=r"Loss, $\lambda$ and sampled $\hat\lambda$ of the k-gons at $n = 5000$, $c = 6$",
        notes=[
            _BETA + "Population loss. ?: the chains are not healthy.",
            *(f"Ranks of {x.headline()}." for x in (short.exact, short.sampled, held.sampled)),
        ],
    )


def _measured(phase: MeasuredPhase) -> str:
    return estimate(phase) + ("" if phase.health.good else " ?")
