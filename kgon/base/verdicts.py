"""What is known of a claim, how an iteration ended, and the errors of bad or undecidable input."""

from __future__ import annotations

import enum


class KgonError(ValueError):
    """Bad input: one sentence that names the value and says what would be right."""


class KgonWarning(UserWarning):
    """Something that a user should know of input that was accepted."""


class UndecidedError(KgonError):
    """The precision at hand does not decide the question."""


class Verdict(enum.StrEnum):
    """What is known about a claim."""

    PROVED = "PROVED"
    """Decided by exact or ball arithmetic."""
    CONFIRMED = "CONFIRMED"
    """Holds by its stated rule in floating point; not a proof."""
    REFUTED = "REFUTED"
    UNDECIDED = "UNDECIDED"

    @classmethod
    def of(cls, true: bool, *, proved: bool) -> Verdict:
        """Verdict of a decided claim."""
        if not true:
            return cls.REFUTED
        return cls.PROVED if proved else cls.CONFIRMED


class Status(enum.StrEnum):
    """How an iteration ended."""

    CONVERGED = "converged"
    STALLED = "stalled"
    EXHAUSTED = "exhausted"
    SINGULAR = "singular"
