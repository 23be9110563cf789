"""What is known of a claim, how an iteration ended, and the errors of bad or undecidable input."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NoReturn


class KgonError(ValueError):
    """Bad input: one sentence that names the value and says what would be right."""

    __module__ = "kgon"  # where it is public: tracebacks survive a move


class KgonWarning(UserWarning):
    """Something that a user should know of input that was accepted."""

    __module__ = "kgon"


class UndecidedError(KgonError):
    """The precision at hand does not decide the question."""


class Verdict(enum.StrEnum):
    """What is known about a claim.  It has no truth value: ask ``holds``, or ``is Verdict.PROVED``."""

    PROVED = "PROVED"
    """Decided by exact or ball arithmetic."""
    CONFIRMED = "CONFIRMED"
    """Holds by its stated rule in floating point; not a proof."""
    REFUTED = "REFUTED"
    UNDECIDED = "UNDECIDED"

    @classmethod
    def of(cls, true: bool | None, *, proved: bool) -> Verdict:
        """Give the verdict on a claim that is true, false or, with None, undecided."""
        if true is None:
            return cls.UNDECIDED
        if not true:
            return cls.REFUTED
        return cls.PROVED if proved else cls.CONFIRMED

    @classmethod
    def of_margin(cls, value: float, error: float, limit: float) -> Verdict:
        """Judge whether an estimate is positive, beyond ``limit`` standard errors; UNDECIDED within them.

        Examples
        --------
        >>> [str(Verdict.of_margin(x, 1.0, 3.0)) for x in (3.5, 2.5, -3.5)]
        ['CONFIRMED', 'UNDECIDED', 'REFUTED']
        """
        if value > limit * error:
            return cls.CONFIRMED
        return cls.REFUTED if value < -limit * error else cls.UNDECIDED

    @classmethod
    def joint(cls, verdicts: Iterable[Verdict]) -> Verdict:
        """Give the weakest of several verdicts, as that of all: REFUTED < UNDECIDED < CONFIRMED < PROVED.

        Of no claims at all it is UNDECIDED: nothing was looked at.

        Examples
        --------
        >>> str(Verdict.joint([Verdict.PROVED, Verdict.CONFIRMED])), str(Verdict.joint([]))
        ('CONFIRMED', 'UNDECIDED')
        """
        found = set(verdicts)
        weakest_first = (cls.REFUTED, cls.UNDECIDED, cls.CONFIRMED, cls.PROVED)
        return next((verdict for verdict in weakest_first if verdict in found), cls.UNDECIDED)

    @property
    def holds(self) -> bool:
        """Whether the claim is PROVED or CONFIRMED."""
        return self in (Verdict.PROVED, Verdict.CONFIRMED)

    def __bool__(self) -> NoReturn:
        raise TypeError(f"the verdict {self} has no truth value: use .holds or `is Verdict.PROVED`")


@dataclass(frozen=True, slots=True)
class Health:
    """Whether a sample is to be believed: every reason not to, or none.

    Examples
    --------
    >>> found = Health(("only 3 round trips", "the runs differ"))
    >>> found.good, str(found), str(Health())
    (False, 'only 3 round trips; the runs differ', 'good')
    """

    reasons: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        """Whether nothing speaks against the sample."""
        return not self.reasons

    @property
    def trust(self) -> str:
        """``healthy`` or ``not to be trusted``, for headlines."""
        return "healthy" if self.good else "not to be trusted"

    def judged(self, verdict: Verdict) -> Verdict:
        """Give the verdict that a sample is worth: UNDECIDED where it is not to be believed.

        Examples
        --------
        >>> str(Health().judged(Verdict.REFUTED)), str(Health(("few draws",)).judged(Verdict.REFUTED))
        ('REFUTED', 'UNDECIDED')
        """
        return verdict if self.good else Verdict.UNDECIDED

    @classmethod
    def of(cls, *checks: tuple[bool, str], **numbers: object) -> Health:
        """Collect the sentences of the checks that found something wrong, with numbers in place of names.

        Examples
        --------
        >>> Health.of((3 < 9, "only {draws} draws"), (2 > 4, "R-hat {rhat:.2f}"), draws=3, rhat=None)
        Health(reasons=('only 3 draws',))
        """
        return cls(tuple(sentence.format(**numbers) for wrong, sentence in checks if wrong))

    @classmethod
    def parse(cls, text: str) -> Health:
        """Read the health back from the text that was printed."""
        return cls() if text == str(cls()) else cls(tuple(text.split("; ")))

    def __str__(self) -> str:
        return "; ".join(self.reasons) or "good"

    def rows(self) -> list[tuple[str, str]]:
        """List a line of a printed result for each reason."""
        return [("health", reason) for reason in self.reasons or (str(self),)]


class Status(enum.StrEnum):
    """How an iteration ended."""

    CONVERGED = "converged"
    STALLED = "stalled"
    EXHAUSTED = "exhausted"
    SINGULAR = "singular"
