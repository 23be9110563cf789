"""Judge which k-gons there are, and their numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from kgon.base.verdicts import Verdict
from kgon.kgons.catalogue import Catalogue, CriticalPoint
from kgon.kgons.labels import Label
from kgon.kgons.values import loss_ball, prior_ball, rational_square
from kgon.potential import any_number
from kgon.report.artefact import claims
from kgon.report.claims.claim import MECHANISTIC, PAPER, TEXT, Claim, own_claim, rounding_claim


def _exact_square_gradients(points: Sequence[CriticalPoint]) -> bool:
    """Whether the gradient of every 4-gon is exactly zero in rational arithmetic."""
    return all(any_number.is_critical(*rational_square(point.name, point.c)) for point in points)


@claims(command="kgon catalogue")
def catalogue_claims() -> list[Claim]:
    """Judge how many k-gons there are, and that they are critical."""
    points = Catalogue(6)
    names = {point.label for point in points}
    exact = _exact_square_gradients([point for point in points if point.k == 4])
    worst = max(point.gradient_norm for point in points)
    fine = max(point.gradient_bound for point in points)
    return [
        Claim(
            name="number of k-gon labels at c = 6",
            group=MECHANISTIC,
            published="18",
            ours=str(len(names)),
            verdict=Verdict.of(len(names) == 18, proved=True),
            rule="equal",
        ),
        Claim(
            name="the 15 labels 4^(σ+,φ−) are critical points",
            group=MECHANISTIC,
            published="∇L = 0",
            ours="∇L = 0 exactly" if exact else "∇L ≠ 0",
            verdict=Verdict.of(exact, proved=True),
            rule="every gradient entry is the rational number 0",
            source=PAPER,
        ),
        Claim(
            name="all 18 k-gons are critical points",
            group=MECHANISTIC,
            published="∇L = 0",
            ours=f"‖∇L‖ ≤ {worst:.0e} in float64, ≤ {fine:.0e} in balls",
            verdict=Verdict.of(worst <= 1e-15 and fine <= 1e-45, proved=False),
            rule="norm at most 1e-15 in float64 and, proved on 60-digit balls around the point, 1e-45",
            source=PAPER,
        ),
    ]


@claims(command="kgon certify")
def minima_claims(point_certificates: Mapping[str, Mapping[str, Any]]) -> list[Claim]:
    """Judge which k-gons are local minima, and by how much 5⁺ lies below 5."""
    verdicts = {point.name: point_certificates[str(point.name)]["verdict"] for point in Catalogue(6)}
    minima = {label.name for label, verdict in verdicts.items() if verdict == "minimum"}
    known = "UNDECIDED" not in verdicts.values()
    gap = loss_gap()
    return [
        own_claim(
            "labels that are local minima, c = 6",
            f"{len(minima)} of {len({label.name for label in verdicts})}",
            verdict=Verdict.of(len(minima) == 10, proved=True) if known else Verdict.UNDECIDED,
            rule="a certificate proves of each configuration whether it is one; 10 are",
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
    """Compute L(5) − L(5⁺) at c = 6 as an exact rational: the two share the pentagon's columns."""
    dead = any_number.diag(Fraction(0), Fraction(-1, 2))[0]
    positive = any_number.diag(Fraction(0), Fraction(1, 12))[0]
    others = 5 * any_number.off(Fraction(0), Fraction(1, 12))[0]
    return Fraction(dead - positive - others) / 18


@claims(command="kgon catalogue")
def number_claims() -> list[Claim]:
    """Judge losses and constants as published, at c = 6."""
    found = []
    for label, loss, source in (
        ("4", "0.11111", PAPER),
        ("4+", "0.10417", PAPER),
        ("5", "0.06874", TEXT),
        ("5+", "0.06180", TEXT),
        ("6", "0.04819", TEXT),
    ):
        name = Label.parse(label)
        found.append(rounding_claim(f"L of the {name.pretty}-gon", loss, loss_ball(name, 6), source=source))
    for label, constant in (("5", "3.62417"), ("5+", "3.62764"), ("6", "6.37767")):
        name = Label.parse(label)
        bound = " (infimum; published as a strict bound)" if label == "5" else ""
        found.append(
            rounding_claim(f"c of the {name.pretty}-gon = ½‖w*‖²{bound}", constant, prior_ball(name, 6))
        )
    return found
