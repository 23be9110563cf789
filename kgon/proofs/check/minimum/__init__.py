"""Certificates of global minima: cL ≥ V for all W and b, by trees of boxes.

With off(a, b) = ∫₀¹ relu(aμ + b)² dμ, D(N, b) = ∫₀¹ (μ − relu(Nμ + b))² dμ and c columns of the plane
cL = Σ_j (D(|W_j|², b_j) + Σ_{i≠j} off(W_i·W_j, b_j)). A certificate is a chain of steps c = 5, 6, …; each
proves cL ≥ V from the one before, with a slope κ and T = (V + 2πκ)/c (derivation 6). Let x and y be next to
each other, α the gap, a = x·y, A = |x|² ≤ A_y = |y|². It is enough that w = (D(A, b_x) + D(A_y, b_y))/2 +
off(a, b_x) + off(a, b_y) ≥ T − κα, as the gaps add up to 2π. Two trees of boxes prove it; with a = A cos θ,

- *two*, for θ ≥ θ₀: H(m, cos θ) + κθ ≥ T, H(m, t) the least D(A, −mA) + 2 off(tA, −mA) for any A;
- *five*, for A < τ₁a: deleting x (*star*), or x and y alone (*pair*), gives cL > V, or w > T − κα (*viol*).

Numbers are multiples of 2^-96. What bounds a box is rounded outwards on reading, and the proof is about the
rounded box; it is cut at a multiple, so that the halves cover it.
"""

from __future__ import annotations

from typing import Any

from ..budget import MINIMA
from ..reading import integer, items, keys, require
from ..report import Report
from ..square import CORNERS
from .covering import unpack
from .steps import UNIQUE, check_step

FORMAT = "kgon-global-minimum/1"


def title(data: dict[str, Any]) -> str:
    """Return the number of columns that a certificate gives, if it gives one."""
    found = data.get("c")
    return f"c = {found}" if type(found) is int and 0 < found < 100 else ""


def check_minimum(data: Any) -> Report:
    """Check a parsed certificate; raise ValueError where it fails."""
    _, c_, steps, _ = keys(data, "format c steps digest", "the certificate")
    c = integer(c_, "c", 4, MINIMA.columns)
    if c == 4:  # D = 0 needs |W_j| = 1, b_j = 0; then off = 0 needs W_i·W_j ≤ 0 for i ≠ j
        items(steps, "steps", 0)
        pairs = [(i, j, i[0] * j[0] + i[1] * j[1]) for i in CORNERS for j in CORNERS]
        require(all(max(a, 0) == int(i == j) for i, j, a in pairs), "the loss of the square is not zero")
        return Report("PROVED", "c = 4", [f"c = 4: the square {UNIQUE} is 0"])
    count_nodes(steps)
    cells = MINIMA.cells // max(count_boxes(steps), 1)
    step, claims = None, []
    for item in items(steps, "steps", c - 4):
        step, said = check_step(item, step, cells)
        claims += said
    return Report("PROVED", f"c = {c}", claims)


def count_boxes(steps: Any) -> int:
    """Return how many boxes near a polygon there are, which share the cells of a file."""
    parts = [step.get("two") for step in (steps if type(steps) is list else []) if type(step) is dict]
    return sum(type(part) is dict and part.get("near") is not None for part in parts)


def count_nodes(steps: Any) -> None:
    """Refuse trees that have too many nodes together, before any of them is followed."""
    left = MINIMA.nodes
    for c, step in enumerate(steps if type(steps) is list else [], start=5):
        for name in ("two", "five"):
            part = step.get(name) if type(step) is dict else None
            if type(part) is dict:
                left -= len(unpack(part.get("tree"), f"c = {c}: {name}.tree", left))
