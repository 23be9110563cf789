"""The colour of each k: of figures, and of the pictures that notebooks show."""

from __future__ import annotations

FAMILY = {
    4: "#0072B2",
    5: "#D55E00",
    6: "#009E73",
    7: "#CC79A7",
    8: "#56B4E9",
    9: "#B8860B",
}
"""A palette that the colour-blind can tell apart."""
OTHER_FAMILIES = ("#5D3A9B", "#7F3B08", "#4D4D4D")
"""Colours of k ≥ 10, in turn."""
INK = "#1A1A1A"
"""What has no k."""


def family_colour(k: int | None) -> str:
    """Choose the colour of a number of vertices; None where there is none."""
    return INK if k is None else FAMILY.get(k, OTHER_FAMILIES[k % len(OTHER_FAMILIES)])
