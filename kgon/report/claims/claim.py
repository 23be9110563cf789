"""A claim: what is published, what this package computes, by which rule they agree, and whether they do."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from flint import arb, fmpq

from kgon.base.results import Result, result
from kgon.base.verdicts import Verdict

PAPER = "Chen et al. 2023"
TEXT = "distillation of Chen et al. 2023"
OWN = "this package"


@result
class Claim(Result):
    """One claim.

    Attributes
    ----------
    name, source, published, ours, rule : str
        What is claimed and where; the values as text; when they agree.
    difference : float or None
        ours − published, where both are numbers.
    verdict : Verdict
        Handed in by what decided it: PROVED only for what ``rule`` says.
    """

    name: str
    source: str = TEXT
    published: str
    ours: str
    difference: float | None = None
    rule: str
    verdict: Verdict

    def headline(self) -> str:
        return f"{self.name}: published {self.published}, ours {self.ours}: {self.verdict}"


def own_claim(name: str, ours: str, *, rule: str, verdict: Verdict) -> Claim:
    """State a result of this package of which nothing is published."""
    return Claim(name=name, published="not stated", ours=ours, rule=rule, verdict=verdict, source=OWN)


def rounding_claim(name: str, published: str, ball: arb, *, source: str = TEXT) -> Claim:
    """Judge a number published with d decimals: it agrees if ours rounds to it."""
    decimals = max(0, -int(Decimal(published).as_tuple().exponent))
    target = fmpq(*Fraction(published).as_integer_ratio())
    half = fmpq(1, 2 * 10**decimals)
    gap = ball - arb(target)
    agrees = True if abs(gap) <= arb(half) else False if abs(gap) > arb(half) else None
    return Claim(
        name=name,
        source=source,
        published=published,
        ours=f"{float(ball):.{decimals + 3}f}",
        difference=float(gap),
        rule=f"ours rounds to the published {decimals} decimals",
        verdict=Verdict.of(agrees, proved=True),
    )
