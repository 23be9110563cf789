"""Judge the claims on free energies and learning coefficients, in closed form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb, fmpq

from kgon.base.verdicts import Verdict
from kgon.experiments.antecedent import PUBLISHED, assess_antecedent
from kgon.free_energy import crossings, dominance, phases
from kgon.free_energy.dominance import Dominance
from kgon.free_energy.learning import learning_coefficients
from kgon.report.artefact import claims
from kgon.report.claims.claim import OWN, Claim, rounding_claim


def reigns(ranges: Sequence[Dominance]) -> bool:
    """Whether 5 dominates for every n from 100 to 600."""
    return any(x.label == "5" and (x.n_from or 0.0) <= 100 and (x.n_to or np.inf) >= 600 for x in ranges)


@claims()
def free_energy_claims() -> list[Claim]:
    """Judge which phase dominates for which n, by the published formula."""
    crossing = crossings.n_crit("5", "6")
    last = crossing.roots[-1]
    assert last.upper is not None
    ball = arb(fmpq(*Fraction(last.lower).as_integer_ratio())).union(
        arb(fmpq(*Fraction(last.upper).as_integer_ratio()))
    )
    ranges = dominance.dominant_phases(among=phases.TEXT_PHASES)
    everything = dominance.dominant_phases()
    pentagon = next(p for p in ranges if p.label == "5")
    shares = dominance.occupancy([last.n], among=phases.TEXT_PHASES)
    return [
        rounding_claim("n_crit(5 → 6), theory prior, β = 1", "601", ball),
        Claim(
            name="among 5, 5⁺, 6 (theory prior, β = 1): 5 dominant for n from 100 to 600",
            published="yes",
            ours=f"n from {pentagon.n_from or 1:.4g} to {pentagon.n_to:.4g}",
            verdict=Verdict.of(reigns(ranges), proved=False),
            rule="lowest free energy of the three on the whole range",
        ),
        Claim(
            name="among all local minima (theory prior, β = 1): 5 dominant for n from 100 to 600",
            published="yes",
            ours="; ".join(p.headline() for p in everything),
            verdict=Verdict.of(reigns(everything), proved=False),
            rule="lowest free energy of all ten labels on the whole range, the same formula for each",
        ),
        Claim(
            name="among 5, 5⁺, 6 (theory prior, β = 1): 6 dominant for large n",
            published="yes",
            ours=ranges[-1].headline(),
            verdict=Verdict.of(ranges[-1].label == "6", proved=False),
            rule="lowest free energy of the three beyond the last crossing",
        ),
        Claim(
            name="among 5, 5⁺, 6 (theory prior, β = 1): 5 and 6 equally occupied at n_crit",
            published="yes",
            ours=f"P(5) = {shares['5'][0]:.4f}, P(6) = {shares['6'][0]:.4f}",
            verdict=Verdict.of(bool(abs(shares["5"][0] - shares["6"][0]) < 1e-6), proved=False),
            rule="difference below 1e-6",
        ),
    ]


@claims()
def learning_claims(point_certificates: Mapping[str, Mapping[str, Any]]) -> list[Claim]:
    """Judge the published λ by checked certificates, and whether the text's transitions raise it."""
    found = {x.label: x for x in learning_coefficients(6) if x.configuration == "adjacent"}
    checked = {
        label: Verdict.of(
            point_certificates[label]["flat_dimension"] == x.flat_dimension or None, proved=True
        )
        for label, x in found.items()
    }
    published = {"5": Fraction(7), "5+": Fraction(17, 2), "6": Fraction(17, 2)}
    ours = {label: found[label].lambda_ for label in published}
    chain = assess_antecedent(PUBLISHED)
    return [
        Claim(
            name="λ of 5, 5⁺, 6",
            published="7, 8.5, 8.5",
            ours=", ".join(f"{float(x):g}" for x in ours.values()),
            verdict=Verdict.joint(
                [Verdict.of(ours == published, proved=True), *(checked[label] for label in ours)]
            ),
            rule="(d − f)/2, the Hessian proved positive across the flat set by a certificate",
        ),
        Claim(
            name="λ of the ten labels that are local minima",
            published="3 of them",
            ours=", ".join(f"{label}: {float(x.lambda_):g}" for label, x in found.items()),
            verdict=Verdict.joint([Verdict.of(len(found) == 10, proved=True), *checked.values()]),
            rule="each with a certificate in exact or ball arithmetic (derivation 5)",
            source=OWN,
        ),
        Claim(
            name="the transitions 4⁺⁺⁻ → 4⁺ → 5 raise λ",
            published="λ rises in each",
            ours="; ".join(
                f"{t.first} → {t.second}: {t.reason or t.delta_lambda}" for t in chain.transitions
            ),
            rule="exact λ of both states, which only a local minimum has",
            verdict=chain.verdict,
        ),
    ]
