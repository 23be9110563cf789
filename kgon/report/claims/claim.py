"""A claim: what is published, what this package computes, by which rule they agree, and whether they do."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import ClassVar

from flint import arb, fmpq

from kgon.base.results import Result, result
from kgon.base.verdicts import Verdict

PAPER = "Chen et al. 2023"
"""Begins the source of what was not read in the paper, but where others quote it: printed with a mark."""
TEXT = "distillation of Chen et al. 2023"
RERUN = "arc-llc, experiment 10"
"""Who ran table K.1 again, and concluded what its values are; not read there either."""
OWN = "this package"
SECOND_HAND = "[S]"
"""That mark."""
MECHANISTIC, THERMODYNAMIC, MATHEMATICAL = "mechanistic", "thermodynamic", "mathematical"
"""What the text tells apart: true of this toy model, or of learning machines in general; and numbers."""
GROUPS = (MECHANISTIC, THERMODYNAMIC, MATHEMATICAL)


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
    group : str
        Of ``GROUPS``.
    """

    name: str
    source: str = TEXT
    published: str
    ours: str
    difference: float | None = None
    rule: str
    verdict: Verdict
    group: str = MATHEMATICAL

    also: ClassVar[tuple[str, ...]] = ("second_hand",)

    @property
    def second_hand(self) -> bool:
        """Whether the published value was read where others quote it, and not in its source."""
        return self.source.startswith((PAPER, RERUN))

    @property
    def quoted(self) -> str:
        """The published value as it is printed: marked, if it is known at second hand."""
        return f"{self.published} {SECOND_HAND}" if self.second_hand else self.published

    def headline(self) -> str:
        return f"{self.name}: published {self.quoted}, ours {self.ours}: {self.verdict}"


def own_claim(name: str, ours: str, *, rule: str, verdict: Verdict) -> Claim:
    """State a result of this package of which nothing is published."""
    return Claim(name=name, published="not stated", ours=ours, rule=rule, verdict=verdict, source=OWN)


def is_within(gap: arb, limit: arb) -> bool | None:
    """Whether |gap| is at most a limit; None where the balls do not decide it."""
    size = abs(gap)
    return True if size <= limit else False if size > limit else None


def exact_claim(name: str, published: str, ours: arb, *, source: str = TEXT) -> Claim:
    """Judge a number published without rounding: ours must equal it, which only a ball of radius 0 can."""
    gap = ours - arb(published)
    return Claim(
        name=name,
        source=source,
        published=published,
        ours=ours.str(8, radius=False),
        difference=float(gap),
        rule="equal",
        verdict=Verdict.of(is_within(gap, arb(0)), proved=True),
    )


def rounding_claim(name: str, published: str, ball: arb, *, source: str = TEXT) -> Claim:
    """Judge a number published with d decimals: it agrees if ours rounds to it."""
    decimals = max(0, -int(Decimal(published).as_tuple().exponent))
    target = fmpq(*Fraction(published).as_integer_ratio())
    half = fmpq(1, 2 * 10**decimals)
    gap = ball - arb(target)
    return Claim(
        name=name,
        source=source,
        published=published,
        ours=f"{float(ball):.{decimals + 3}f}",
        difference=float(gap),
        rule=f"ours rounds to the published {decimals} decimals",
        verdict=Verdict.of(is_within(gap, arb(half)), proved=True),
    )
