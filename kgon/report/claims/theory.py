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
from kgon.report.claims.claim import PAPER, TEXT, Claim, rounding_claim, statement
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
    return statement(
        "Lemma 3.1: closed form = integral",
        "exact",
        f"largest error {worst:.1e}",
        worst <= 1e-12,
        "error relative to 1 + L at most 1e-12 at 200 random points, against quadrature",
        proved=False,
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
        statement(
            "number of k-gon labels at c = 6",
            "18",
            str(len(names)),
            len(names) == 18,
            "equal",
            proved=True,
            source=TEXT,
        ),
        statement(
            "the 15 labels 4^(σ+,φ−) are critical points",
            "∇L = 0",
            "∇L = 0 exactly" if _exact_square_gradients(squares) else "∇L ≠ 0",
            _exact_square_gradients(squares),
            "every gradient entry is the rational number 0",
            proved=True,
            source=PAPER,
        ),
        statement(
            "all 18 k-gons are critical points",
            "∇L = 0",
            f"‖∇L‖ ≤ {worst:.0e} in float64, ≤ {fine:.0e} in balls",
            worst <= 1e-15 and fine <= 1e-45,
            "norm at most 1e-15 in float64 and, proved on 60-digit balls around the point, 1e-45",
            proved=False,
            source=PAPER,
        ),
        statement(
            "labels that are local minima, c = 6",
            "not stated",
            f"{len(minima)} of {len(names)}",
            len(minima) == 10 and len(verdicts) == len(points) and "UNDECIDED" not in verdicts.values(),
            "a certificate proves of each configuration whether it is one; 10 are",
            proved=True,
            source="this package",
        ),
        statement(
            "L(5) − L(5⁺)",
            "1/144",
            str(gap),
            gap == Fraction(1, 144),
            "equal as rationals",
            proved=True,
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
        statement(
            "among 5, 5⁺, 6 (theory prior, β = 1): 5 dominant for n from 100 to 600",
            "yes",
            f"n from {pentagon.n_from or 1:.4g} to {pentagon.n_to:.4g}",
            reign,
            "lowest free energy of the three on the whole range",
            proved=False,
            source=TEXT,
        ),
        statement(
            "among all local minima (theory prior, β = 1): 5 dominant for n from 100 to 600",
            "yes",
            "; ".join(p.headline() for p in everything),
            any(
                p.label == "5" and (p.n_from or 0.0) <= 100 and (p.n_to or np.inf) >= 600 for p in everything
            ),
            "lowest free energy of all ten labels on the whole range, the same formula for each",
            proved=False,
            source=TEXT,
        ),
        statement(
            "among 5, 5⁺, 6 (theory prior, β = 1): 6 dominant for large n",
            "yes",
            ranges[-1].headline(),
            ranges[-1].label == "6",
            "lowest free energy of the three beyond the last crossing",
            proved=False,
            source=TEXT,
        ),
        statement(
            "among 5, 5⁺, 6 (theory prior, β = 1): 5 and 6 equally occupied at n_crit",
            "yes",
            f"P(5) = {shares['5'][0]:.4f}, P(6) = {shares['6'][0]:.4f}",
            bool(abs(shares["5"][0] - shares["6"][0]) < 1e-6),
            "difference below 1e-6",
            proved=False,
            source=TEXT,
        ),
    ]


def _learning_claims() -> list[Claim]:
    found = {x.label: x for x in learning_coefficients(6) if x.configuration == "adjacent"}
    published = [found[label].lambda_ for label in ("5", "5+", "6")]
    chain = assess_antecedent(PUBLISHED)
    return [
        statement(
            "λ of 5, 5⁺, 6",
            "7, 8.5, 8.5",
            ", ".join(f"{float(x):g}" for x in published),
            published == [Fraction(7), Fraction(17, 2), Fraction(17, 2)],
            "(d − f)/2, the Hessian proved positive across the flat set by a certificate",
            proved=True,
            source=TEXT,
        ),
        statement(
            "λ of the ten labels that are local minima",
            "3 of them",
            ", ".join(f"{label}: {float(x.lambda_):g}" for label, x in found.items()),
            len(found) == 10 and all(x.verdict is Verdict.PROVED for x in found.values()),
            "each with a certificate in exact or ball arithmetic (derivation 5)",
            proved=True,
            source="this package",
        ),
        Claim(
            name="the transitions 4⁺⁺⁻ → 4⁺ → 5 raise λ",
            source=TEXT,
            published="λ rises in each",
            ours="; ".join(
                f"{t.first} → {t.second}: {t.reason or t.delta_lambda}" for t in chain.transitions
            ),
            difference=None,
            rule="exact λ of both states, which only a local minimum has",
            verdict=chain.verdict,
        ),
    ]


def _existence_claims() -> list[Claim]:
    found = {k: prove_existence(k) for k in range(3, LARGEST_K + 1)}
    narrow = [k for k, item in found.items() if item.fixed_s_exists and k > 3]
    alone = all(item.exists is Verdict.PROVED and len(item.roots) == 1 for item in found.values())
    nine = found[9].roots
    hexagon = exact_numbers("6")
    return [
        statement(
            f"regular k-gons with s = ⌈k/4⌉ − 1 only, 4 ≤ k ≤ {LARGEST_K}",
            "k ≤ 8, some 4j (12)",
            ", ".join(map(str, narrow)),
            narrow == [4, 5, 6, 7, 8, 12],
            "exactly 4, 5, 6, 7, 8 and 12; every real root isolated in ball arithmetic",
            proved=True,
            source="literature, fixed s",
        ),
        statement(
            "no regular 9-gon is a critical point",
            "none",
            "; ".join(f"l = {root.length:.5f}, b = {root.bias:.5f}, s = {root.s}" for root in nine) or "none",
            not nine,
            "no root for any s, in ball arithmetic",
            proved=True,
            source="literature, fixed s",
        ),
        statement(
            f"exactly one regular k-gon for each k from 3 to {LARGEST_K}",
            "not stated",
            f"{sum(len(item.roots) for item in found.values())} for {len(found)} values of k",
            alone,
            "every s and every real root isolated in ball arithmetic",
            proved=True,
            source="this package",
        ),
        statement(
            "minimal polynomial of the 6-gon's l², coefficients",
            "5, -23, 19, 8, 4",
            ", ".join(map(str, hexagon.length_squared.minimal_polynomial)),
            hexagon.length_squared.minimal_polynomial == (5, -23, 19, 8, 4),
            "equal and irreducible",
            proved=True,
            source="this package",
        ),
    ]


def _toy_claims() -> list[Claim]:
    minimum = toy.toy_critical_points()[0]
    masses = {n: toy.toy_posterior(n) for n in (10, 100)}
    both = all(min(p.mass_ball, p.mass_strip) > 0.1 and p.mass_rest < 0.1 for p in masses.values())
    shown = "; ".join(f"n = {n}: {p.mass_ball:.2f}, {p.mass_strip:.2f}" for n, p in masses.items())
    return [
        statement(
            "toy posterior: ball W₁ and strip W₂ hold the mass",
            "two phases",
            shown,
            both,
            "each holds over 0.1 and the rest under 0.1 at n = 10 and 100 (quadrature, box [−2, 2]²)",
            proved=False,
            source=TEXT,
        ),
        statement(
            "toy posterior: W₁ is centred at the origin",
            "(0, 0)",
            f"minimum at ({minimum.w1:.4f}, {minimum.w2:.0f})",
            minimum.w1 == 0 and minimum.w2 == 0,
            "the minimum of L inside W₁, exact by SymPy, is the origin",
            proved=True,
            source=TEXT,
        ),
    ]


def _minimum_claims(theorem: GlobalMinimum) -> list[Claim]:
    octagon = regular_excess(8)
    return [
        statement(
            "the 6-gon is the global minimum",
            "yes",
            f"{theorem.minimiser}, L ≥ {theorem.bound:.10f} everywhere",
            True if theorem.verdict is Verdict.PROVED else None,
            f"proof over all (W, b), derivation 06: {theorem.boxes} boxes in ball arithmetic",
            proved=True,
            source=TEXT,
        ),
        statement(
            "c = 8: the regular octagon is not the global minimum",
            "not stated",
            f"{octagon.label} is lower by {float(octagon.excess):.6f}",
            bool(octagon.excess > 0),
            "every regular octagon against the heptagon with a positive column, in balls",
            proved=True,
            source="this package",
        ),
    ]
