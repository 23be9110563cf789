"""Judge the published lengths, biases and losses of the regular polygons, for any number of features."""

from __future__ import annotations

from fractions import Fraction

from flint import arb

from kgon.base.verdicts import Verdict
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.labels import Label
from kgon.kgons.polygons import RegularPolygon
from kgon.kgons.values import loss_ball, loss_parts, polygon, prior_ball
from kgon.report.artefact import claims
from kgon.report.claims.claim import PAPER, Claim, exact_claim, own_claim, rounding_claim

LARGEST_C = 12
"""Most features for which identities of losses are tested."""
POLYGONS = range(4, 9)
"""The k of Table A.1."""


@claims(command="kgon catalogue -c 8")
def polygon_claims() -> list[Claim]:
    """Judge l* and b* of Table A.1, and the losses h_k of the polygons without further columns."""
    table, text = f"{PAPER}, Table A.1", f"{PAPER}, App. E.2, text"
    known = {5: ("1.17046", "-0.28230"), 6: ("1.32053", "-0.61814"), 8: ("1.55045", "-1.29119")}
    square = polygon(4)
    found = [
        exact_claim("l of the 4-gon", "1", square.length, source=table),
        exact_claim("b of the 4-gon", "0", square.bias, source=table),
    ]
    for k in POLYGONS[1:]:
        point, name = polygon(k), f"of the {k}-gon"
        if k in known:
            values = zip("lb", known[k], (point.length, point.bias), strict=True)
            found += [
                rounding_claim(f"{letter} {name}", value, ball, source=table)
                for letter, value, ball in values
            ]
        else:
            found.append(_not_quoted(k, point))
    octagon = polygon(8)
    found += [
        rounding_claim("l of the 8-gon, as the text has it", "1.55041", octagon.length, source=text),
        rounding_claim("b of the 8-gon, as the text has it", "-1.29122", octagon.bias, source=text),
    ]
    for k, value in zip(POLYGONS[1:], ("0.23738", "0.86746", "1.74870", "2.77311"), strict=True):
        source = f"{PAPER}, losses h_k"
        found.append(rounding_claim(f"h_{k} = 3kL of the {k}-gon at c = {k}", value, h(k), source=source))
    return found


def h(k: int) -> arb:
    """Enclose H = 3cL of the regular k-gon at c = k."""
    return 3 * k * polygon(k).cost


def _not_quoted(k: int, point: RegularPolygon) -> Claim:
    shown = ", ".join(x.str(6, radius=False) for x in (point.length, point.bias))
    return own_claim(
        f"l and b of the {k}-gon",
        shown,
        rule="the only solution of the reduced equations, enclosed in balls",
        verdict=Verdict.PROVED,
    )


@claims(command="kgon catalogue -c 5")
def loss_claims() -> list[Claim]:
    """Judge losses away from c = 6, how they depend on c, and two more constants."""
    found = [
        rounding_claim(
            f"L of the {name.pretty}-gon, c = {c}", value, loss_ball(name, c), source=f"{PAPER}, losses"
        )
        for name, c, value in (
            (Label(4), 5, "0.06667"),
            (Label(4, 1), 5, "0.05667"),
            (Label(5), 5, "0.01583"),
        )
    ]
    least = "c of the {}-gon = ½‖w*‖² (infimum)"
    found += [
        exact_claim(least.format("4"), "2", prior_ball(Label(4), 6), source=PAPER),
        rounding_claim(least.format("4⁺"), "2.00347", prior_ball(Label(4, 1), 6), source=PAPER),
    ]
    bare = [(k, c) for k in POLYGONS for c in range(k, LARGEST_C + 1)]
    formula = all(
        loss_parts(Label(k), c) == (Fraction(c - k, 3 * c), Fraction(0 if k == 4 else k, c)) for k, c in bare
    )
    switched = [label for label in Catalogue(8).labels if not label.sigma]
    rises = {label: {_rise(label, c) for c in range(label.k, LARGEST_C + 1)} for label in switched}
    return [
        *found,
        Claim(
            name="L(k, c) = (h_k + c − k)/(3c)",
            source=PAPER,
            published="for k = 4 … 8",
            ours=f"equal for {len(bare)} pairs with c ≤ {LARGEST_C}",
            rule="equal as rational multiples of 1 and of the reduced loss of the k-gon, which is h_k/(3k)",
            verdict=Verdict.of(formula, proved=True),
        ),
        Claim(
            name="a dead feature adds exactly 1 to H = 3cL",
            source=f"{PAPER}, Cor. D.2",
            published="+1",
            ours=f"1 for {len(switched)} k-gons without positive columns, c ≤ {LARGEST_C}",
            rule="equal as rational numbers; no other part of L changes",
            verdict=Verdict.of(all(rise == {Fraction(1)} for rise in rises.values()), proved=True),
        ),
        own_claim(
            "beside σ positive columns a dead feature adds 1 + 3σ/(4c(c + 1)) to H",
            f"4⁺ from c = 5 to 6: {_rise(Label(4, 1), 5)}",
            rule=f"equal as rational numbers, σ ≤ 4, c ≤ {LARGEST_C}",
            verdict=Verdict.of(
                all(
                    _rise(Label(4, sigma), c) == 1 + Fraction(3 * sigma, 4 * c * (c + 1))
                    for sigma in range(1, 5)
                    for c in range(4 + sigma, LARGEST_C + 1)
                ),
                proved=True,
            ),
        ),
    ]


def _rise(label: Label, c: int) -> Fraction | None:
    """What one more dead column adds to 3cL; None if also a multiple of the polygon's loss changes."""
    (q, r), (more, s) = loss_parts(label, c), loss_parts(label, c + 1)
    return 3 * ((c + 1) * more - c * q) if (c + 1) * s == c * r else None
