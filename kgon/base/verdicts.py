"""What is known of a claim, how an iteration ended, and the errors of bad or undecidable input."""

from __future__ import annotations

import enum
from collections.abc import Iterable
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
        """The verdict on a claim that is true, false or, with None, undecided."""
        if true is None:
            return cls.UNDECIDED
        if not true:
            return cls.REFUTED
        return cls.PROVED if proved else cls.CONFIRMED

    @classmethod
    def of_margin(cls, value: float, error: float, limit: float) -> Verdict:
        """Whether an estimate is positive, beyond ``limit`` of its standard errors; UNDECIDED within them.

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
        """The verdict on several claims together: the weakest, REFUTED < UNDECIDED < CONFIRMED < PROVED.

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


class Status(enum.StrEnum):
    """How an iteration ended."""

    CONVERGED = "converged"
    STALLED = "stalled"
    EXHAUSTED = "exhausted"
    SINGULAR = "singular"
