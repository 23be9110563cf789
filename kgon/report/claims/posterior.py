"""Judge the posterior by samples: free energies of the population loss, and data sets."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.stats import t as student

from kgon.base.checks import Floats
from kgon.base.verdicts import Verdict
from kgon.experiments.posterior.as_theory import sampled_crossing, sampled_dominance, sampled_occupancy
from kgon.experiments.posterior.concentration import FALL, Concentration
from kgon.experiments.posterior.evidence_result import Evidence
from kgon.experiments.posterior.naming import NamedDraws
from kgon.experiments.posterior.occupancy_result import PosteriorOccupancy
from kgon.report.artefact import claims
from kgon.report.claims.claim import PAPER, THERMODYNAMIC, Claim
from kgon.sampling.diagnostics import spread_error

NEAR = 100.0
"""Distance from 600 within which a crossover counts as near 600."""
UNCERTAIN = 400.0
"""n below which the text finds names increasingly uncertain."""
CONFIDENCE = 0.95
"""Of the interval, by Student's t over the data sets, beyond which a sampled inequality counts as decided."""
DECIDES = 2.0
"""Standard errors that decide where there are many degrees of freedom."""


@claims(command="kgon table theories")
def evidence_claims(evidence: Evidence) -> list[Claim]:
    """Judge what the text says of the posterior by the sampled evidence of the population loss."""
    found = []
    for beta in ("1", "1/2"):
        crossing = sampled_crossing(evidence, "5,5+", "6", beta=beta).roots
        root = crossing[0] if crossing else None
        name = f"posterior: {{5, 5⁺}} gives way to 6 near n = 600 (population loss, β = {beta})"
        at = None if root is None or root.stderr is None or len(crossing) > 1 else (root.n, root.stderr)
        found.append(_near_600(name, at, "" if root is None else root.text))
    found.append(
        Claim(
            name="posterior: 5 dominant for n from 100 to 600 (population loss, β = 1)",
            group=THERMODYNAMIC,
            published="yes",
            ours="; ".join(r.headline() for r in sampled_dominance(evidence)),
            verdict=_five_rules(evidence),
            rule="a larger share of the sampled posterior than any other, beyond the sum of "
            f"{DECIDES:g} standard errors of each, at 100, 600 and every sampled size between",
        )
    )
    return found


def _five_rules(evidence: Evidence) -> Verdict:
    """Whether 5 has the largest share from n = 100 to 600, at β = 1; within the errors nothing is decided."""
    if not evidence.sizes[0] <= 100 < 600 <= evidence.sizes[-1]:
        return Verdict.UNDECIDED
    n = [100.0, *(x for x in evidence.sizes if 100 < x < 600), 600.0]
    shares = sampled_occupancy(evidence, n)
    five, error = shares.pop("5", (np.zeros(len(n)), np.zeros(len(n))))
    return Verdict.joint(
        Verdict.of_margin(margin, noise, DECIDES)
        for share, of_share in shares.values()
        for margin, noise in zip(five - share, error + of_share, strict=True)
    )


@claims(command="kgon figure occupancy-sampled")
def occupancy_claims(occupancy: PosteriorOccupancy) -> list[Claim]:
    """Judge the text's occupancy claim by real data sets, at every β that was sampled."""
    found = []
    sets = len(occupancy.data_seeds)
    for i, beta in enumerate(occupancy.betas):
        what = f"{sets} data sets per n, β = {beta:g}"
        at = occupancy.crossover(("5",), ("6",), i, data=True)
        shown = "" if at is None else f"{at[0]:.0f} ± {at[1]:.0f}"
        found.append(_near_600(f"posterior: 5 gives way to 6 near n = 600 ({what})", at, shown))
        found.append(_dominant(occupancy, i, f"posterior: 5 dominant for n from 100 to 600 ({what})"))
    if occupancy.health.good:
        return found
    undecided = f"; undecided, as the chains are short: {occupancy.health}"
    return [replace(x, verdict=Verdict.UNDECIDED, rule=x.rule + undecided) for x in found]


@claims()
def concentration_claims(concentration: Concentration) -> list[Claim]:
    """Judge whether the posterior concentrates near critical points, by distances of draws."""
    return [
        Claim(
            name="the posterior concentrates near critical points (population loss, β = 1)",
            group=THERMODYNAMIC,
            published="yes",
            ours=concentration.shown,
            rule=f"the median falls by a factor of at least {FALL:g} for every factor of ten in n",
            verdict=concentration.verdict,
        )
    ]


@claims(command="kgon table names-of-draws")
def naming_claims(naming: NamedDraws) -> list[Claim]:
    """Judge whether the published rule names draws less surely the smaller n is."""
    return [
        Claim(
            name=f"naming draws by hull and biases is increasingly uncertain below n = {UNCERTAIN:g}",
            group=THERMODYNAMIC,
            published="yes",
            ours=f"named otherwise than their basin: {naming.shown}",
            rule=f"the share rises from one size to the next below, beyond {DECIDES:g} standard errors",
            verdict=naming.rises_below(UNCERTAIN, DECIDES),
            source=f"{PAPER}, App. J",
        )
    ]


def _near_600(name: str, at: tuple[float, float] | None, shown: str) -> Claim:
    """A crossover is near 600 if it is within ``NEAR``, by twice its standard error."""
    gap = None if at is None else at[0] - 600
    near = Verdict.UNDECIDED if at is None else Verdict.of_margin(NEAR - abs(at[0] - 600), at[1], DECIDES)
    return Claim(
        name=name,
        group=THERMODYNAMIC,
        published="n ≈ 600",
        ours=f"n = {shown}" if at else "no single crossover in the range sampled",
        difference=gap,
        rule=f"equal occupancy within {NEAR:g} of n = 600, beyond {DECIDES:g} standard errors",
        verdict=near,
    )


def _dominant(occupancy: PosteriorOccupancy, beta: int, name: str) -> Claim:
    """Whether the mean share of 5 exceeds every other at each n from 100 to 600, in pairs over data sets."""
    (five,) = occupancy.index("5")
    shown: list[str] = []
    verdicts: list[Verdict] = []
    for j, n in enumerate(occupancy.n):
        if not 100 <= n <= 600:
            continue
        shares = occupancy.sets[beta, j]
        rivals = [k for k in range(len(occupancy.labels)) if k != five]
        verdicts += [_positive(shares[:, five] - shares[:, k]) for k in rivals]
        shown.append(f"{n:g}: {occupancy.labels[int(np.argmax(shares.mean(axis=0)))]}")
    if not (shown and occupancy.n[0] <= 100 and occupancy.n[-1] >= 600):
        verdicts.append(Verdict.UNDECIDED)  # what was sampled can refute, not confirm
    return Claim(
        name=name,
        group=THERMODYNAMIC,
        published="yes",
        ours="largest mean share at n = " + ", ".join(shown) if shown else "no n in the range was sampled",
        verdict=Verdict.joint(verdicts),
        rule="a larger mean share than any other at every sampled n of the range, "
        f"{CONFIDENCE:.0%} intervals",
    )


def _positive(margins: Floats) -> Verdict:
    """Whether independent numbers have a positive mean, by their interval."""
    limit = float(student.ppf(0.5 + CONFIDENCE / 2, len(margins) - 1))
    return Verdict.of_margin(float(margins.mean()), float(spread_error(margins)), limit)
