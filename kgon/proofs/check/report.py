"""What a checker found."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Report:
    """The verdict on a certificate: what it is about, and what is proved, or why it was rejected."""

    verdict: str  # PROVED, UNDECIDED or REJECTED
    label: str = ""
    claims: list[str] = field(default_factory=list)
    reason: str = ""  # why it was rejected
