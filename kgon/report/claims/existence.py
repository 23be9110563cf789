"""Judge which regular polygons are critical points."""

from __future__ import annotations

from collections.abc import Mapping

from kgon.base.verdicts import Verdict
from kgon.kgons.algebraic import exact as exact_numbers
from kgon.kgons.existence import Existence
from kgon.report.artefact import claims
from kgon.report.claims.claim import OWN, PAPER, Claim, own_claim


@claims(command="kgon exists --k 3:203")
def existence_claims(existence: Mapping[int, Existence]) -> list[Claim]:
    """Judge for which k there is a regular k-gon."""
    found, largest = existence, max(existence)
    narrow = [k for k, item in found.items() if item.fixed_s_exists and k > 3]
    alone = all(len(item.roots) == 1 for item in found.values())
    nine = found[9].roots
    hexagon = exact_numbers("6")
    return [
        Claim(
            name=f"regular k-gons with s = ⌈k/4⌉ − 1 only, 4 ≤ k ≤ {largest}",
            published="k ≤ 8, some 4j (12)",
            ours=", ".join(map(str, narrow)),
            verdict=Verdict.of(narrow == [4, 5, 6, 7, 8, 12], proved=True),
            rule="exactly 4, 5, 6, 7, 8 and 12; every real root isolated in ball arithmetic",
            source=f"{PAPER}, App. E.2, fixed s",
        ),
        Claim(
            name="no regular 9-gon is a critical point",
            published="none",
            ours="; ".join(f"l = {root.length:.5f}, b = {root.bias:.5f}, s = {root.s}" for root in nine)
            or "none",
            verdict=Verdict.of(not nine, proved=True),
            rule="no root for any s, in ball arithmetic",
            source=f"{PAPER}, App. E.2, fixed s",
        ),
        own_claim(
            f"exactly one regular k-gon for each k from 3 to {largest}",
            f"{sum(len(item.roots) for item in found.values())} for {len(found)} values of k",
            verdict=Verdict.of(alone, proved=True),
            rule="every s and every real root isolated in ball arithmetic",
        ),
        Claim(
            name="minimal polynomial of the 6-gon's l², coefficients",
            published="5, -23, 19, 8, 4",
            ours=", ".join(map(str, hexagon.length_squared.minimal_polynomial)),
            verdict=Verdict.of(hexagon.length_squared.minimal_polynomial == (5, -23, 19, 8, 4), proved=True),
            rule="equal and irreducible",
            source=OWN,
        ),
    ]
