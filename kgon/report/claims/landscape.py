"""Judge the global minimum, branches of the k-gons, and the saddles between them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from kgon.base.verdicts import Verdict
from kgon.branches.results import BranchEvent, KgonBranch
from kgon.kgons.catalogue import Catalogue
from kgon.landscape.graph import Landscape
from kgon.proofs.global_minimum import GlobalMinimum, regular_excess
from kgon.report.artefact import claims
from kgon.report.claims.claim import Claim, own_claim
from kgon.report.studies import BranchAt

CLOSE = Fraction(1, 1000)
"""How near above the 5-gon's loss a saddle is said to lie."""


@claims(command="kgon prove global-minimum")
def minimum_claims(minimum: GlobalMinimum) -> list[Claim]:
    """Judge which point is the global minimum."""
    octagon = regular_excess(8)
    return [
        Claim(
            name="the 6-gon is the global minimum",
            published="yes",
            ours=f"{minimum.minimiser}, L ≥ {minimum.bound:.10f} everywhere",
            verdict=minimum.verdict,
            rule=f"proof over all (W, b), derivation 06: {minimum.boxes} boxes in ball arithmetic",
        ),
        own_claim(
            "c = 8: the regular octagon is not the global minimum",
            f"{octagon.label} is lower by {float(octagon.excess):.6f}",
            verdict=Verdict.of(True if octagon.excess > 0 else None, proved=True),
            rule="every regular octagon against the heptagon with a positive column, in balls",
        ),
    ]


@claims(command="kgon continue 6 --from 0.25 --to 3 --against 5+ --certify")
def branch_claims(branches: Sequence[KgonBranch], exchanges: Sequence[BranchAt]) -> list[Claim]:
    """Judge what becomes of 6 and 5⁺ as the importance of the last feature falls."""
    six, five = (_branch(branches, *name) for name in (("6", "vertex"), ("5+", "positive")))
    folds = [event for event in six.events if event.kind == "fold"]
    stays = five.curve_verdict is Verdict.PROVED and not five.events
    indices = [] if five.proof is None else [part.negative for part in five.proof.parts]
    return [
        own_claim(
            "6 loses the lowest loss to 5+ as importance[5] falls",
            "; ".join(f"{x.kgon}, {event.name} at {event.text}" for x, event in exchanges),
            verdict=_single([event for _, event in exchanges]),
            rule="equal loss enclosed by Krawczyk's theorem; the only exchange between the branches on "
            "[0.25, 3]",
        ),
        own_claim(
            "6 disappears in a fold as importance[5] falls",
            "; ".join(f"{event.text}: {event.name}" for event in folds),
            verdict=Verdict.joint([six.curve_verdict, _single(folds)]),
            rule="the branch is proved and has one fold, enclosed by Krawczyk's theorem",
        ),
        own_claim(
            "5+ with feature 5 in b alone is a local minimum for every importance[5] in [0.25, 3]",
            five.headline(),
            verdict=Verdict.of((stays and set(indices) == {0}) or None, proved=stays),
            rule="the branch is proved, and no eigenvalue of the Hessian changes sign on it",
        ),
    ]


@claims(command="kgon landscape")
def landscape_claims(landscape: Landscape) -> list[Claim]:
    """Judge which saddles and paths lie between the k-gons (c = 6)."""
    gates = [edge for edge in landscape.saddles if {edge.first, edge.second} == {"5+", "6"}]
    lowest = min(gates, key=lambda edge: edge.saddle_loss, default=None)
    five = Catalogue(landscape.c)["5"].loss
    near = None if lowest is None else lowest.saddle_loss - five
    close = any(0 < edge.saddle_loss - five < CLOSE for edge in gates)
    joined = [edge for edge in landscape.edges if {edge.first, edge.second} == {"5", "5+"}]
    return [
        own_claim(
            "a saddle joins 5+ and 6 less than 0.001 above the 5-gon",
            "none found" if lowest is None else f"L = {lowest.saddle_loss:.8f}, {near:.2e} above 5",
            verdict=Verdict.of(close or None, proved=False),
            rule="index 1 by Krawczyk's theorem; the minima it joins by the gradient flow in floating point; "
            "undecided where the search found none, as one may be left",
        ),
        own_claim(
            "a path leads from 5 to 5+ on which L never rises",
            "; ".join(f"over a {edge.kind}, climbs {edge.barrier:g}" for edge in joined) or "no path found",
            verdict=Verdict.of(
                any(edge.barrier == 0 for edge in joined) or None,
                proved=any(edge.barrier == 0 and edge.proof is Verdict.PROVED for edge in joined),
            ),
            rule="along the flat set of 5 and over its rim, by exact formula",
        ),
    ]


def _branch(branches: Sequence[KgonBranch], label: str, role: str) -> KgonBranch:
    return next(x for x in branches if (str(x.kgon), x.role) == (label, role))


def _single(events: Sequence[BranchEvent]) -> Verdict:
    """The verdict on an event that is the only one of its kind."""
    return events[0].verdict if len(events) == 1 else Verdict.UNDECIDED
