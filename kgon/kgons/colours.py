"""The colour of each k: of figures, and of the pictures that notebooks show."""

from __future__ import annotations

FAMILY = {
    4: "#00427A",
    5: "#E07B00",
    6: "#008A63",
    7: "#CC79A7",
    8: "#56B4E9",
    9: "#B8860B",
}
"""Colours that the colour-blind can tell apart, those of 4, 5 and 6 in grey, too; they mean nothing else."""
OTHER_FAMILIES = ("#3B6E6E", "#7F3B08", "#4D4D4D")
"""Colours of k ≥ 10, in turn."""
INK = "#1A1A1A"
"""What has no k."""


def family_colour(k: int | None) -> str:
    """Choose the colour of a number of vertices; None where there is none."""
    return INK if k is None else FAMILY.get(k, OTHER_FAMILIES[k % len(OTHER_FAMILIES)])
