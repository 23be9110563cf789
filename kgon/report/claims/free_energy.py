"""Judge the claims on free energies and learning coefficients, in closed form."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb

from kgon.base.verdicts import Verdict
from kgon.experiments.antecedent import PUBLISHED, assess_antecedent, assess_pairs
from kgon.free_energy import crossings, dominance, phases
from kgon.free_energy.dominance import Dominance
from kgon.free_energy.learning import learning_coefficient, learning_coefficients
from kgon.free_energy.roots import CriticalSize
from kgon.kgons.labels import Label
from kgon.kgons.values import loss_ball, prior_ball
from kgon.numerics.balls import exact_balls
from kgon.report.artefact import claims
from kgon.report.claims.claim import OWN, PAPER, THERMODYNAMIC, Claim, is_within, own_claim, rounding_claim

FOUR_TO_FIVE, ABOUT = 380, 5
"""The published n_crit(4⁺ → 5) at c = 5, and how far from it still counts as about that."""


def reigns(ranges: Sequence[Dominance]) -> bool:
    """Whether 5 dominates for every n from 100 to 600."""
    return any(x.label == "5" and (x.n_from or 0.0) <= 100 and (x.n_to or np.inf) >= 600 for x in ranges)


def root_ball(root: CriticalSize) -> arb:
    """Enclose a critical sample size."""
    assert root.upper is not None
    low, high = exact_balls((root.lower, root.upper))
    return low.union(high)


@claims(command="kgon ncrit 5 6")
def free_energy_claims() -> list[Claim]:
    """Judge which phase dominates for which n, by the published formula."""
    crossing = crossings.n_crit("5", "6")
    last = crossing.roots[-1]
    ranges = dominance.dominant_phases(among=phases.TEXT_PHASES)
    everything = dominance.dominant_phases()
    pentagon = next(p for p in ranges if p.label == "5")
    shares = dominance.occupancy([last.n], among=phases.TEXT_PHASES)
    return [
        rounding_claim("n_crit(5 → 6), theory prior, β = 1", "601", root_ball(last)),
        Claim(
            name="among 5, 5⁺, 6 (theory prior, β = 1): 5 dominant for n from 100 to 600",
            group=THERMODYNAMIC,
            published="yes",
            ours=f"n from {pentagon.n_from or 1:.4g} to {pentagon.n_to:.4g}",
            verdict=Verdict.of(reigns(ranges), proved=False),
            rule="lowest free energy of the three on the whole range",
        ),
        Claim(
            name="among all local minima (theory prior, β = 1): 5 dominant for n from 100 to 600",
            group=THERMODYNAMIC,
            published="yes",
            ours="; ".join(p.headline() for p in everything),
            verdict=Verdict.of(reigns(everything), proved=False),
            rule="lowest free energy of all ten labels on the whole range, the same formula for each",
        ),
        Claim(
            name="among 5, 5⁺, 6 (theory prior, β = 1): 6 dominant for large n",
            group=THERMODYNAMIC,
            published="yes",
            ours=ranges[-1].headline(),
            verdict=Verdict.of(ranges[-1].label == "6", proved=False),
            rule="lowest free energy of the three beyond the last crossing",
        ),
        Claim(
            name="among 5, 5⁺, 6 (theory prior, β = 1): 5 and 6 equally occupied at n_crit",
            group=THERMODYNAMIC,
            published="yes",
            ours=f"P(5) = {shares['5'][0]:.4f}, P(6) = {shares['6'][0]:.4f}",
            verdict=Verdict.of(bool(abs(shares["5"][0] - shares["6"][0]) < 1e-6), proved=False),
            rule="difference below 1e-6",
        ),
    ]


@claims(command="kgon ncrit 5 6 --theory none")
def crossing_claims() -> list[Claim]:
    """Judge the numbers behind n_crit(5 → 6), and two further critical sizes."""
    without = crossings.n_crit("5", "6", theory="none")
    first, last = Label(5), Label(6)
    return [
        rounding_claim(
            "n_crit(5 → 6) without the constants, β = 1", "445", root_ball(without.roots[-1]), source=PAPER
        ),
        rounding_claim("ΔL from 5 to 6", "-0.02055", loss_ball(last, 6) - loss_ball(first, 6), source=PAPER),
        rounding_claim("Δc from 5 to 6", "2.7535", prior_ball(last, 6) - prior_ball(first, 6), source=PAPER),
        _from_4_plus(),
    ]


def _from_4_plus() -> Claim:
    """Judge n_crit(4⁺ → 5) at c = 5, and say what Δλ the published number would need."""
    found = crossings.n_crit("4+", "5", 5)
    (root,) = found.roots
    assert found.delta_loss is not None and found.delta_c is not None
    needed = -(found.delta_loss * FOUR_TO_FIVE + found.delta_c) / math.log(FOUR_TO_FIVE)
    return Claim(
        name="n_crit(4⁺ → 5) at c = 5, theory prior, β = 1",
        source=PAPER,
        published=f"≈ {FOUR_TO_FIVE}",
        ours=f"n = {root.n:.2f}, with Δλ = {found.delta_lambda:g}; {FOUR_TO_FIVE} needs Δλ = {needed:.2f}",
        difference=root.n - FOUR_TO_FIVE,
        rule=f"within {ABOUT} of {FOUR_TO_FIVE}, with the exact λ = 7 of both",
        verdict=Verdict.of(is_within(root_ball(root) - FOUR_TO_FIVE, arb(ABOUT)), proved=True),
    )


@claims(command="kgon table learning -c 8")
def coefficient_claims() -> list[Claim]:
    """Judge λ for other numbers of features: beside one dead column, and with none."""
    beside = [learning_coefficient(Label(k), k + 1) for k in range(5, 9)]
    farther = [learning_coefficient(Label(k), k + 2) for k in range(5, 9)]
    alone = [learning_coefficient(Label(c), c) for c in range(4, 9)]
    return [
        Claim(
            name="λ of the k-gon at c = k + 1 and k + 2, k = 5 … 8",
            source=f"{PAPER}, App. H",
            published="7, 8.5, 10, 11.5",
            ours=", ".join(f"{float(x.lambda_):g}" for x in beside),
            rule="(d − f)/2, the Hessian proved positive across the flat set",
            verdict=Verdict.joint(
                [
                    Verdict.of([2 * x.lambda_ for x in some] == [14, 17, 20, 23], proved=True)
                    for some in (beside, farther)
                ]
                + [x.verdict for x in (*beside, *farther)]
            ),
        ),
        Claim(
            name="λ(k = c) = (3c − 1)/2, c = 4 … 8",
            source=f"{PAPER}, App. H",
            published="nondegenerate up to O(2)",
            ours="; ".join(f"c = {x.c}: {float(x.lambda_):g}, {x.reason}" for x in alone),
            rule="equal, each with its proof; at c = 4 L has no Hessian, and the zero cone takes its place",
            verdict=Verdict.joint(
                [Verdict.of(all(2 * x.lambda_ == 3 * x.c - 1 for x in alone), proved=True)]
                + [x.verdict for x in alone]
            ),
        ),
    ]


@claims(command="kgon table transitions-every-pair")
def antecedent_claims() -> list[Claim]:
    """Judge every pair of local minima, from the higher loss to the lower, by the antecedent hypothesis."""
    found = assess_pairs(6)
    known = [(f"{x.first} → {x.second}", x.delta_lambda) for x in found if x.delta_lambda is not None]
    falls, stays = [x for x, rise in known if rise < 0], [x for x, rise in known if rise == 0]
    rises = len(known) - len(falls) - len(stays)
    return [
        own_claim(
            "pairs of local minima, from the higher loss to the lower, on which λ rises",
            f"{rises} of {len(found)}; it falls on {', '.join(falls)}; it stays on {', '.join(stays)}",
            rule="L and λ exact, all pairs of the ten labels, seen in training or not; 39 of 45",
            verdict=Verdict.of((rises, len(known), len(found)) == (39, 45, 45), proved=True),
        )
    ]


@claims(command="kgon table learning")
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
            group=THERMODYNAMIC,
            published="λ rises in each",
            ours="; ".join(
                f"{t.first} → {t.second}: {t.reason or t.delta_lambda}" for t in chain.transitions
            ),
            rule="exact λ of both states, which only a local minimum has",
            verdict=chain.verdict,
        ),
    ]
