"""The list of claims: what is published, what this package computes, and whether they agree.

Every claim states its rule.  A rounding rule that holds for a whole proved enclosure is PROVED.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import flint
import numpy as np
from flint import arb, fmpq

from kgon.base.verdicts import Verdict
from kgon.branches.results import KgonBranch
from kgon.experiments import toy
from kgon.experiments.antecedent import PUBLISHED, assess_antecedent
from kgon.experiments.posterior.evidence import Evidence
from kgon.experiments.posterior.occupancy_result import PosteriorOccupancy
from kgon.experiments.training.results import Training
from kgon.free_energy import crossings, dominance, phases
from kgon.free_energy.learning import learning_coefficients
from kgon.kgons import labels
from kgon.kgons.algebraic import exact as exact_numbers
from kgon.kgons.catalogue import Catalogue, CriticalPoint
from kgon.kgons.existence import prove_existence
from kgon.kgons.labels import Label
from kgon.kgons.values import loss_ball, polygon, prior_ball
from kgon.landscape.graph import Landscape
from kgon.potential import any_number
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.proofs.certificates import certify
from kgon.proofs.global_minimum import GlobalMinimum, prove_global_minimum, regular_excess
from kgon.report.claims.claim import PAPER, TEXT, Claim, rounding_claim
from kgon.report.claims.landscape import branch_claims, landscape_claims
from kgon.report.claims.posterior import concentration_claim, evidence_claims, occupancy_claims
from kgon.report.claims.training import rank_claim, training_claims

LARGEST_K = 203
"""Largest k for which existence is decided here."""


def evaluate_claims(
    *,
    seed: int = 2023,
    evidence: Evidence | None = None,
    occupancy: PosteriorOccupancy | None = None,
    training: Mapping[str, Training] | None = None,
    minimum: GlobalMinimum | None = None,
    branches: Sequence[KgonBranch] | None = None,
    landscape: Landscape | None = None,
) -> list[Claim]:
    """Every claim this version tests, at r = 2, c = 6.

    Parameters
    ----------
    seed : int
        Of the random points for the closed form.
    evidence : Evidence, optional
        Sampled free energies; without it the claims that need them are left out.
    occupancy : PosteriorOccupancy, optional
        Sampled occupancies, likewise.
    training : mapping, optional
        Labelled training runs by kind of start, likewise.
    minimum : GlobalMinimum, optional
        The theorem for c = 6; proved here where it is not given.
    branches : sequence of KgonBranch, optional
        Those of ``importance_branches``; without them the claims on them are left out.
    landscape : Landscape, optional
        Likewise.
    """
    with flint.ctx.workprec(256):
        return [
            _lemma(seed),
            *_catalogue_claims(),
            *_number_claims(),
            *_free_energy_claims(),
            *_learning_claims(),
            *([] if evidence is None else evidence_claims(evidence)),
            *([] if occupancy is None else occupancy_claims(occupancy)),
            concentration_claim(),
            rank_claim(),
            *([] if training is None else training_claims(training)),
            *_existence_claims(),
            *_toy_claims(),
            *_minimum_claims(prove_global_minimum(6) if minimum is None else minimum),
            *([] if branches is None else branch_claims(branches)),
            *([] if landscape is None else landscape_claims(landscape)),
        ]


def _lemma(seed: int) -> Claim:
    rng = np.random.default_rng(seed)
    worst = 0.0
    for _ in range(200):
        c = int(rng.integers(3, 9))
        tms = TMS(c, 2, probability=rng.dirichlet(np.ones(c)), importance=rng.uniform(0.2, 2, c))
        W, b = rng.normal(0, 0.9, (2, c)), rng.normal(-0.2, 0.7, c)
        value = float(Potential(tms).loss(W, b))
        worst = max(worst, abs(value - tms.loss_by_quadrature(W, b)) / (1 + value))
    return Claim(
        name="Lemma 3.1: closed form = integral",
        published="exact",
        ours=f"largest error {worst:.1e}",
        verdict=Verdict.of(worst <= 1e-12, proved=False),
        rule="error relative to 1 + L at most 1e-12 at 200 random points, against quadrature",
        source=f"{PAPER}, Lemma 3.1",
    )


def _exact_square_gradients(points: Sequence[CriticalPoint]) -> bool:
    """Whether the gradient of every 4-gon is exactly zero in rational arithmetic."""
    square = [(1, 0), (0, 1), (-1, 0), (0, -1)]
    directions = [(Fraction(x), Fraction(y)) for x, y in square]
    for point in points:
        W, b = labels.representative(point.name, point.c, Fraction(1), Fraction(0), directions, Fraction)
        grad_W, grad_b = any_number.gradient(W, b)
        if any(x != 0 for row in [*grad_W, grad_b] for x in row):
            return False
    return True


def _catalogue_claims() -> list[Claim]:
    points = Catalogue(6)
    names = {point.label for point in points}
    squares = [point for point in points if point.k == 4]
    worst = max(point.gradient_norm for point in points)
    fine = max(point.gradient_bound for point in points)
    verdicts = {point.name: certify(point.name, 6)["claims"]["verdict"] for point in points}
    minima = {label.name for label, verdict in verdicts.items() if verdict == "minimum"}
    gap = loss_gap()
    return [
        Claim(
            name="number of k-gon labels at c = 6",
            published="18",
            ours=str(len(names)),
            verdict=Verdict.of(len(names) == 18, proved=True),
            rule="equal",
            source=TEXT,
        ),
        Claim(
            name="the 15 labels 4^(σ+,φ−) are critical points",
            published="∇L = 0",
            ours="∇L = 0 exactly" if _exact_square_gradients(squares) else "∇L ≠ 0",
            verdict=Verdict.of(_exact_square_gradients(squares), proved=True),
            rule="every gradient entry is the rational number 0",
            source=PAPER,
        ),
        Claim(
            name="all 18 k-gons are critical points",
            published="∇L = 0",
            ours=f"‖∇L‖ ≤ {worst:.0e} in float64, ≤ {fine:.0e} in balls",
            verdict=Verdict.of(worst <= 1e-15 and fine <= 1e-45, proved=False),
            rule="norm at most 1e-15 in float64 and, proved on 60-digit balls around the point, 1e-45",
            source=PAPER,
        ),
        Claim(
            name="labels that are local minima, c = 6",
            published="not stated",
            ours=f"{len(minima)} of {len(names)}",
            verdict=Verdict.of(
                len(minima) == 10 and len(verdicts) == len(points) and "UNDECIDED" not in verdicts.values(),
                proved=True,
            ),
            rule="a certificate proves of each configuration whether it is one; 10 are",
            source="this package",
        ),
        Claim(
            name="L(5) − L(5⁺)",
            published="1/144",
            ours=str(gap),
            verdict=Verdict.of(gap == Fraction(1, 144), proved=True),
            rule="equal as rationals",
            source=PAPER,
        ),
    ]


def loss_gap() -> Fraction:
    """L(5) − L(5⁺) at c = 6 as an exact rational: the two share the pentagon's columns."""
    dead = any_number.diag(Fraction(0), Fraction(-1, 2))[0]
    positive = any_number.diag(Fraction(0), Fraction(1, 12))[0]
    others = 5 * any_number.off(Fraction(0), Fraction(1, 12))[0]
    return Fraction(dead - positive - others) / 18


def _number_claims() -> list[Claim]:
    pentagon, hexagon = polygon(5), polygon(6)
    found = [
        rounding_claim("l of the 5-gon", "1.17046", pentagon.length, source=PAPER),
        rounding_claim("b of the 5-gon", "-0.28230", pentagon.bias, source=PAPER),
        rounding_claim("l of the 6-gon", "1.32053", hexagon.length, source=PAPER),
        rounding_claim("b of the 6-gon", "-0.61814", hexagon.bias, source=PAPER),
    ]
    for label, loss in (
        ("4", "0.11111"),
        ("4+", "0.10417"),
        ("5", "0.06874"),
        ("5+", "0.06180"),
        ("6", "0.04819"),
    ):
        name = Label.parse(label)
        found.append(rounding_claim(f"L of the {name.pretty}-gon", loss, loss_ball(name, 6)))
    for label, constant in (("5", "3.62417"), ("5+", "3.62764"), ("6", "6.37767")):
        name = Label.parse(label)
        bound = " (infimum; published as a strict bound)" if label == "5" else ""
        found.append(
            rounding_claim(f"c of the {name.pretty}-gon = ½‖w*‖²{bound}", constant, prior_ball(name, 6))
        )
    return found


def _free_energy_claims() -> list[Claim]:
    crossing = crossings.n_crit("5", "6")
    last = crossing.roots[-1]
    ball = arb(fmpq(*Fraction(last.lower).as_integer_ratio())).union(
        arb(fmpq(*Fraction(last.upper).as_integer_ratio()))
    )
    ranges = crossings.dominant_phases(among=phases.TEXT_PHASES)
    everything = crossings.dominant_phases()
    pentagon = next(p for p in ranges if p.label == "5")
    reign = (pentagon.n_from or 0.0) <= 100 and (pentagon.n_to or np.inf) >= 600
    shares = dominance.occupancy([last.n], among=phases.TEXT_PHASES)
    return [
        rounding_claim("n_crit(5 → 6), theory prior, β = 1", "601", ball),
        Claim(
            name="among 5, 5⁺, 6 (theory prior, β = 1): 5 dominant for n from 100 to 600",
            published="yes",
            ours=f"n from {pentagon.n_from or 1:.4g} to {pentagon.n_to:.4g}",
            verdict=Verdict.of(reign, proved=False),
            rule="lowest free energy of the three on the whole range",
            source=TEXT,
        ),
        Claim(
            name="among all local minima (theory prior, β = 1): 5 dominant for n from 100 to 600",
            published="yes",
            ours="; ".join(p.headline() for p in everything),
            verdict=Verdict.of(
                any(
                    p.label == "5" and (p.n_from or 0.0) <= 100 and (p.n_to or np.inf) >= 600
                    for p in everything
                ),
                proved=False,
            ),
            rule="lowest free energy of all ten labels on the whole range, the same formula for each",
            source=TEXT,
        ),
        Claim(
            name="among 5, 5⁺, 6 (theory prior, β = 1): 6 dominant for large n",
            published="yes",
            ours=ranges[-1].headline(),
            verdict=Verdict.of(ranges[-1].label == "6", proved=False),
            rule="lowest free energy of the three beyond the last crossing",
            source=TEXT,
        ),
        Claim(
            name="among 5, 5⁺, 6 (theory prior, β = 1): 5 and 6 equally occupied at n_crit",
            published="yes",
            ours=f"P(5) = {shares['5'][0]:.4f}, P(6) = {shares['6'][0]:.4f}",
            verdict=Verdict.of(bool(abs(shares["5"][0] - shares["6"][0]) < 1e-6), proved=False),
            rule="difference below 1e-6",
            source=TEXT,
        ),
    ]


def _learning_claims() -> list[Claim]:
    found = {x.label: x for x in learning_coefficients(6) if x.configuration == "adjacent"}
    published = [found[label].lambda_ for label in ("5", "5+", "6")]
    chain = assess_antecedent(PUBLISHED)
    return [
        Claim(
            name="λ of 5, 5⁺, 6",
            published="7, 8.5, 8.5",
            ours=", ".join(f"{float(x):g}" for x in published),
            verdict=Verdict.of(published == [Fraction(7), Fraction(17, 2), Fraction(17, 2)], proved=True),
            rule="(d − f)/2, the Hessian proved positive across the flat set by a certificate",
            source=TEXT,
        ),
        Claim(
            name="λ of the ten labels that are local minima",
            published="3 of them",
            ours=", ".join(f"{label}: {float(x.lambda_):g}" for label, x in found.items()),
            verdict=Verdict.joint(
                [Verdict.of(len(found) == 10, proved=True), *(x.verdict for x in found.values())]
            ),
            rule="each with a certificate in exact or ball arithmetic (derivation 5)",
            source="this package",
        ),
        Claim(
            name="the transitions 4⁺⁺⁻ → 4⁺ → 5 raise λ",
            source=TEXT,
            published="λ rises in each",
            ours="; ".join(
                f"{t.first} → {t.second}: {t.reason or t.delta_lambda}" for t in chain.transitions
            ),
            rule="exact λ of both states, which only a local minimum has",
            verdict=chain.verdict,
        ),
    ]


def _existence_claims() -> list[Claim]:
    found = {k: prove_existence(k) for k in range(3, LARGEST_K + 1)}
    narrow = [k for k, item in found.items() if item.fixed_s_exists and k > 3]
    alone = all(len(item.roots) == 1 for item in found.values())
    nine = found[9].roots
    hexagon = exact_numbers("6")
    return [
        Claim(
            name=f"regular k-gons with s = ⌈k/4⌉ − 1 only, 4 ≤ k ≤ {LARGEST_K}",
            published="k ≤ 8, some 4j (12)",
            ours=", ".join(map(str, narrow)),
            verdict=Verdict.of(narrow == [4, 5, 6, 7, 8, 12], proved=True),
            rule="exactly 4, 5, 6, 7, 8 and 12; every real root isolated in ball arithmetic",
            source="literature, fixed s",
        ),
        Claim(
            name="no regular 9-gon is a critical point",
            published="none",
            ours="; ".join(f"l = {root.length:.5f}, b = {root.bias:.5f}, s = {root.s}" for root in nine)
            or "none",
            verdict=Verdict.of(not nine, proved=True),
            rule="no root for any s, in ball arithmetic",
            source="literature, fixed s",
        ),
        Claim(
            name=f"exactly one regular k-gon for each k from 3 to {LARGEST_K}",
            published="not stated",
            ours=f"{sum(len(item.roots) for item in found.values())} for {len(found)} values of k",
            verdict=Verdict.of(alone, proved=True),
            rule="every s and every real root isolated in ball arithmetic",
            source="this package",
        ),
        Claim(
            name="minimal polynomial of the 6-gon's l², coefficients",
            published="5, -23, 19, 8, 4",
            ours=", ".join(map(str, hexagon.length_squared.minimal_polynomial)),
            verdict=Verdict.of(hexagon.length_squared.minimal_polynomial == (5, -23, 19, 8, 4), proved=True),
            rule="equal and irreducible",
            source="this package",
        ),
    ]


def _toy_claims() -> list[Claim]:
    minimum = toy.toy_critical_points()[0]
    masses = {n: toy.toy_posterior(n) for n in (10, 100)}
    both = all(min(p.mass_ball, p.mass_strip) > 0.1 and p.mass_rest < 0.1 for p in masses.values())
    shown = "; ".join(f"n = {n}: {p.mass_ball:.2f}, {p.mass_strip:.2f}" for n, p in masses.items())
    return [
        Claim(
            name="toy posterior: ball W₁ and strip W₂ hold the mass",
            published="two phases",
            ours=shown,
            verdict=Verdict.of(both, proved=False),
            rule="each holds over 0.1 and the rest under 0.1 at n = 10 and 100 (quadrature, box [−2, 2]²)",
            source=TEXT,
        ),
        Claim(
            name="toy posterior: W₁ is centred at the origin",
            published="(0, 0)",
            ours=f"minimum at ({minimum.w1:.4f}, {minimum.w2:.0f})",
            verdict=Verdict.of(minimum.w1 == 0 and minimum.w2 == 0, proved=True),
            rule="the minimum of L inside W₁, exact by SymPy, is the origin",
            source=TEXT,
        ),
    ]


def _minimum_claims(theorem: GlobalMinimum) -> list[Claim]:
    octagon = regular_excess(8)
    return [
        Claim(
            name="the 6-gon is the global minimum",
            published="yes",
            ours=f"{theorem.minimiser}, L ≥ {theorem.bound:.10f} everywhere",
            verdict=theorem.verdict,
            rule=f"proof over all (W, b), derivation 06: {theorem.boxes} boxes in ball arithmetic",
            source=TEXT,
        ),
        Claim(
            name="c = 8: the regular octagon is not the global minimum",
            published="not stated",
            ours=f"{octagon.label} is lower by {float(octagon.excess):.6f}",
            verdict=Verdict.of(True if octagon.excess > 0 else None, proved=True),
            rule="every regular octagon against the heptagon with a positive column, in balls",
            source="this package",
        ),
    ]
