"""Judge the appendices of the paper: the equations of the polygons, the labels, Hessians from one side."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import flint
from flint import arb, fmpq

from kgon.base.verdicts import Verdict
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.existence import Existence
from kgon.kgons.labels import Label, representative
from kgon.kgons.one_sided import is_analytic, one_sided_ranks
from kgon.kgons.polygons import RegularPolygon
from kgon.kgons.values import ball_point, directions, polygon
from kgon.potential import any_number
from kgon.report.artefact import claims
from kgon.report.claims.claim import PAPER, Claim, own_claim

BITS = 256
"""Of balls with 60 digits."""
NEIGHBOURS = range(5, 9)
"""The k at which the published equations are tested."""
FIRST, SECOND = "(1.03322, -0.46654)", "(1.24975, -0.85483)"
"""The published pairs (l, b) of the 12-gon."""


@claims(command="kgon exists --k 12")
def equation_claims(existence: Mapping[int, Existence]) -> list[Claim]:
    """Judge the equations of App. E, their solutions at k = 12, and the vertices of Theorem F.2."""
    twelve = existence[12]
    (root,) = twelve.roots
    second = next(x for x in twelve.rejected if x.s == twelve.fixed_s)
    factors = [(_factor(point), point) for point in map(polygon, NEIGHBOURS)]
    gaps = [float(abs(z - point.length_squared).upper()) for z, point in factors]
    least = _least_gradient(5, 6)
    return [
        Claim(
            name="12-gon: the first pair (l, b)",
            source=f"{PAPER}, App. E.2",
            published=FIRST,
            ours=f"({root.length:.7f}, {root.bias:.7f}), s = {root.s}",
            rule="the only root of the reduced equations that keeps the side conditions, to 5 decimals",
            verdict=Verdict.of(_pair(root) == FIRST, proved=True),
        ),
        Claim(
            name="12-gon: the second pair (l, b) is a critical point too",
            source=f"{PAPER}, App. E.2",
            published=SECOND,
            ours=f"({second.length:.7f}, {second.bias:.7f}): {second.reason}",
            rule="it keeps the side conditions for which the equations are written",
            verdict=Verdict.of(second.admissible if _pair(second) == SECOND else None, proved=True),
        ),
        Claim(
            name="App. E.1, second equation as printed",
            source=f"{PAPER}, App. E.1",
            published="− zy³H",
            ours=f"− x²y³H: solved for z at k = 5 … 8, z is within {max(gaps):.0e} of x²",
            rule="z is 1, x or y: in balls of 60 digits it is none of them at any of these k (derivation 2, "
            "Proposition 3, has x² for all k)",
            verdict=Verdict.UNDECIDED if any(_may_be(*x) for x in factors) else Verdict.REFUTED,
        ),
        Claim(
            name="Theorem F.2 as printed: vertices of a k-gon at multiples of 2π/c",
            source=f"{PAPER}, Theorem F.2",
            published="2π/c",
            ours=f"2π/k; with 2π/c ‖∇L‖ ≥ {least:.3f} at k = 5, c = 6",
            rule="the gradient is not 0 in balls where k < c",
            verdict=Verdict.REFUTED if least > 0 else Verdict.UNDECIDED,
        ),
    ]


def _pair(root: Any) -> str:
    return f"({root.length:.5f}, {root.bias:.5f})"


def _sums(point: RegularPolygon) -> tuple[arb, arb, arb]:
    """F, G and H of the published equations, sums over the active neighbours."""
    cosines = [arb.cos_pi_fmpq(fmpq(2 * j, point.k)) for j in range(1, point.s + 1)]
    powers = ([x**e for x in cosines] for e in (2, 1, -1))
    F, G, H = (1 + 2 * sum(terms, arb(0)) for terms in powers)
    return F, G, H


def _factor(point: RegularPolygon) -> arb:
    """Solve 2x⁸F + 3x⁶yG − zy³H − 2x⁶ − 2y³ = 0 for z at a regular polygon."""
    with flint.ctx.workprec(BITS):
        F, G, H = _sums(point)
        t, y = point.length_squared, point.bias
        return (2 * t**4 * F + 3 * t**3 * y * G - 2 * t**3 - 2 * y**3) / (y**3 * H)


def _may_be(z: arb, point: RegularPolygon) -> bool:
    """Whether z may be 1, x or y."""
    return any(z.overlaps(x) for x in (arb(1), point.length, point.bias))


def _least_gradient(k: int, c: int) -> float:
    """Bound ‖∇L‖ from below where the vertices of the k-gon stand at multiples of 2π/c."""
    point = polygon(k)
    W, b = representative(Label(k), c, point.length, point.bias, directions(c)[:k], arb)
    grad_W, grad_b = any_number.gradient(W, b)
    square = sum((x * x for row in [*grad_W, grad_b] for x in row), arb(0))
    return math.sqrt(max(0.0, float(square.lower())))


@claims(command="kgon certify")
def label_claims(point_certificates: Mapping[str, Mapping[str, Any]]) -> list[Claim]:
    """Judge which (k, σ, φ) there are, what their certificates say, and their Hessians from one side."""
    ruled = {Label(k, sigma, phi) for k, sigma, phi in _triples(6) if k == 4 or phi == 0}
    others = {Label(k, sigma, phi) for k, sigma, phi in _triples(6)} - ruled
    kept = {Label(*label.order[:3]) for label in Catalogue(6).labels}
    excluded = all(_certainly_not_critical(label, 6) for label in others)
    verdicts = {str(name): point_certificates[str(name)]["verdict"] for name in Catalogue(6).labels}
    decided = [name for name, verdict in verdicts.items() if verdict != "UNDECIDED"]
    minima = [name for name in decided if verdicts[name] == "minimum"]
    sides = {label: one_sided_ranks(label, 4) for label in ("4", "4-")}
    halves = {found.name.pretty: [float(x) for x in found.halves] for found in sides.values()}
    complete = Verdict.joint(found.complete for found in sides.values())
    return [
        Claim(
            name="admissible (k, σ, φ): k + σ ≤ c, φ ≤ 4 for k = 4 and φ = 0 for k > 4",
            source=f"{PAPER}, App. A",
            published="18 at c = 6",
            ours=f"{len(ruled)} that are critical; {len(others)} with k > 4 and 1 ≤ φ < k that are not",
            rule="the rule gives the catalogue; of every other triple with φ < k "
            "some gradient entry is not 0 in balls",
            verdict=Verdict.of(ruled == kept and len(ruled) == 18 and (excluded or None), proved=True),
        ),
        Claim(
            name="Theorem F.2: the k-gons are critical points, and of what kind",
            source=f"{PAPER}, Theorem F.2",
            published="critical; minimal singularities",
            ours=f"{len(decided)} certificates: {len(minima)} configurations are local minima, "
            f"{len(decided) - len(minima)} are not",
            rule=f"each of the {len(verdicts)} configurations at c = 6 has a certificate, accepted by the "
            "checker, that it is critical and whether it is a minimum",
            verdict=Verdict.of(len(decided) == len(verdicts) or None, proved=True),
        ),
        Claim(
            name="half the rank of the Hessian at 4 and 4⁻, by direction (c = 4)",
            source=f"{PAPER}, App. H",
            published="4, 4.5, 5, 5.5; with φ = 1 from 3 on",
            ours="; ".join(
                f"{label}: {', '.join(f'{x:g}' for x in found)}" for label, found in halves.items()
            ),
            rule="ranks of exact Hessians from one side, with proof that these are all",
            verdict=Verdict.joint(
                [complete, Verdict.of(halves["4"] == [4, 4.5, 5, 5.5] and halves["4⁻"][0] == 3, proved=True)]
            ),
        ),
        _analytic(),
    ]


def _triples(c: int) -> Iterator[tuple[int, int, int]]:
    """Triples (k, σ, φ) with k + σ ≤ c in which a vertex stays on, and with four vertices also none."""
    for k in range(4, c + 1):
        for sigma in range(c - k + 1):
            yield from ((k, sigma, phi) for phi in range(5 if k == 4 else k))


def _certainly_not_critical(label: Label, c: int) -> bool:
    return not any_number.is_critical(*ball_point(label, c))


def _analytic() -> Claim:
    """Judge where L is analytic among the minima at c = 6: inside the open regions of all pairs."""
    minima = [point.name for point in Catalogue(6) if point.is_minimum and point.configuration == "adjacent"]
    inside = [name for name in minima if is_analytic(name, 6)]
    kinks = [name for name in minima if name.k == 4 and one_sided_ranks(name, 6).kink]
    apart = sorted([*inside, *kinks]) == sorted(minima)
    return own_claim(
        "L is analytic near 4 of the ten local minima of c = 6, and not C² at the other 6",
        f"analytic at {', '.join(x.pretty for x in inside)}; Hessians of different rank from two sides at "
        f"{', '.join(x.pretty for x in kinks)}",
        rule="every pair certainly inside one region, where the pair functions are rational; exact ranks",
        verdict=Verdict.of((apart and (len(inside), len(kinks)) == (4, 6)) or None, proved=True),
    )
