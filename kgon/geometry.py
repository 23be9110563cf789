"""Labels of k-gons, their standard representatives, and the symmetries O(r) × S_c.

A label ``k^{σ+,φ−}`` is written in ASCII: ``6``, ``5+``, ``4++``, ``4++--``, and ``4--:opposite`` for the
second configuration where φ = 2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import total_ordering
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from kgon.model import Floats
from kgon.results import KgonError

SWITCHED_OFF_BIAS = -2.0
"""Bias of a switched-off polygon column in the standard representative."""
DEAD_BIAS = -0.5
"""Bias of a dead column in the standard representative."""
CONFIGURATIONS = ("adjacent", "opposite")
"""Where φ = 2: the two switched-off columns (and so the two live ones) adjacent or opposite."""

_LABEL = re.compile(r"(?P<k>[0-9]{1,6})(?P<sigma>\+*)(?P<phi>-*)(?::(?P<configuration>[a-z]+))?")


@total_ordering
@dataclass(frozen=True, slots=True)
class Label:
    """Name of a k-gon.

    Attributes
    ----------
    k : int
        Vertices of the polygon.
    sigma : int
        Columns W = 0 with b = 1/(2c) > 0.
    phi : int
        Polygon columns switched off by a large negative bias.
    configuration : str
        ``adjacent`` or ``opposite``; the latter only where φ = 2.

    Examples
    --------
    >>> Label.parse("4++--:opposite")
    Label(k=4, sigma=2, phi=2, configuration='opposite')
    >>> str(Label(5, 1)), Label(5, 1).pretty
    ('5+', '5⁺')
    """

    k: int
    sigma: int = 0
    phi: int = 0
    configuration: str = "adjacent"

    def __post_init__(self) -> None:
        for name in ("k", "sigma", "phi"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                raise KgonError(f"{name} of a label must be an integer of at least 0, got {value!r}")
        if self.configuration not in CONFIGURATIONS:
            raise KgonError(f"unknown configuration {self.configuration!r}; it is adjacent or opposite")
        if self.configuration == "opposite" and self.phi != 2:
            raise KgonError(
                f"label {self.name!r}: only two switched-off columns have a configuration, "
                f"here there are {self.phi}"
            )

    @classmethod
    def parse(cls, text: str) -> Label:
        """Read a label; its existence for a given c is checked by ``check``."""
        match = _LABEL.fullmatch(text.strip())
        if match is None:
            raise KgonError(
                f"unknown label {text!r}; a label looks like 6, 5+, 4++, 4-, 4++-- or 4--:opposite"
            )
        configuration = match["configuration"]
        label = cls(int(match["k"]), len(match["sigma"]), len(match["phi"]), configuration or "adjacent")
        if configuration and label.phi != 2:
            raise KgonError(
                f"label {text!r}: only two switched-off columns have a configuration, "
                f"here there are {label.phi}"
            )
        return label

    def check(self, c: int) -> Label:
        """The label itself, if it can occur with c features; otherwise an error with the reason."""
        if self.k < 4:
            raise KgonError(f"label {self} has k = {self.k}; the catalogue begins at k = 4")
        if self.k > c:
            raise KgonError(f"label {self} needs at least {self.k} features, c is {c}")
        if self.sigma > c - self.k:
            raise KgonError(
                f"label {self} needs {self.k} + {self.sigma} columns, c = {c} leaves "
                f"{c - self.k} beside the polygon"
            )
        if self.phi > self.k:
            raise KgonError(f"label {self} switches off {self.phi} of {self.k} polygon columns")
        if self.phi and self.k != 4:
            raise KgonError(
                f"label {self} is impossible: only the 4-gon, whose columns do not interact, stays "
                "critical when one of its columns is switched off"
            )
        return self

    @property
    def name(self) -> str:
        """The label without its configuration."""
        return f"{self.k}{'+' * self.sigma}{'-' * self.phi}"

    @property
    def pretty(self) -> str:
        """The label with superscripts."""
        text = f"{self.k}{'⁺' * self.sigma}{'⁻' * self.phi}"
        return f"{text} opposite" if self.configuration == "opposite" else text

    @property
    def latex(self) -> str:
        """The label as LaTeX mathematics, without dollar signs."""
        text = f"{self.k}^{{{'+' * self.sigma}{'-' * self.phi}}}".replace("^{}", "")
        return rf"{text}\,\text{{opp.}}" if self.configuration == "opposite" else text

    def __str__(self) -> str:
        return f"{self.name}:opposite" if self.configuration == "opposite" else self.name

    def __lt__(self, other: Label) -> bool:
        return self._order() < other._order()

    def _order(self) -> tuple[int, int, int, str]:
        return (self.k, self.sigma, self.phi, self.configuration)

    def switched_off(self) -> tuple[int, ...]:
        """Column indices of the switched-off polygon columns in the standard representative."""
        return (0, 2) if self.configuration == "opposite" else tuple(range(self.phi))

    def roles(self, c: int) -> tuple[str, ...]:
        """Role of each column: ``live``, ``switched-off``, ``positive`` or ``dead``."""
        off = self.switched_off()
        polygon = ["switched-off" if j in off else "live" for j in range(self.k)]
        return (*polygon, *["positive"] * self.sigma, *["dead"] * (c - self.k - self.sigma))


def labels(c: int, polygons: Sequence[int]) -> list[Label]:
    """All labels for c features, given the k for which a regular k-gon exists.

    Both configurations are listed where φ = 2.  For c = 6 there are 18 names, 21 configurations.

    Examples
    --------
    >>> found = labels(6, [4, 5, 6])
    >>> len({label.name for label in found}), len(found)
    (18, 21)
    """
    return sorted(_labels(c, polygons))


def _labels(c: int, polygons: Sequence[int]) -> Iterator[Label]:
    for k in polygons:
        for sigma in range(c - k + 1):
            for phi in range(5 if k == 4 else 1):
                yield Label(k, sigma, phi)
                if phi == 2:
                    yield Label(k, sigma, phi, "opposite")


def representative(
    label: Label,
    c: int,
    length: Any,
    bias: Any,
    directions: Sequence[tuple[Any, Any]],
    number: Any = float,
) -> tuple[list[list[Any]], list[Any]]:
    """Standard representative: W as two rows of c numbers, b as c numbers.

    Polygon columns 0 … k − 1 counter-clockwise from angle 0, then the σ positive columns (W = 0,
    b = 1/(2c)), then the dead ones (W = 0, b = −½).  Switched-off columns stay at their vertices.

    Parameters
    ----------
    label : Label
    c : int
    length, bias : number
        l and b of the polygon.
    directions : sequence of (cos, sin)
        Of the k vertices.
    number : type
        Number type, made from an int.
    """
    roles = label.roles(c)
    values = {
        "live": bias,
        "switched-off": number(int(SWITCHED_OFF_BIAS)),
        "positive": number(1) / number(2 * c),
        "dead": -number(1) / number(2),
    }
    zeros = [number(0)] * (c - label.k)
    W = [[length * d[axis] for d in directions] + zeros for axis in (0, 1)]
    return W, [values[role] for role in roles]


def rotate(W: Floats, angle: float, *, reflect: bool = False) -> Floats:
    """Apply a rotation by ``angle`` (after a reflection of the second axis) to W (2, c)."""
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return turn @ (np.diag([1.0, -1.0]) @ W if reflect else W)


def canonical_form(W: Floats, b: Floats) -> tuple[Floats, Floats]:
    """One point of the O(2) × S_c orbit: columns by decreasing norm and angle, rotated to angle 0.

    Two points of one orbit in general position get the same form up to rounding; where norms tie
    within rounding, use ``orbit_distance``.

    Parameters
    ----------
    W : (2, c) array
    b : (c,) array
    """
    norms = np.hypot(W[0], W[1])
    first = int(np.lexsort((b, -norms))[0])
    turned = rotate(W, -float(np.arctan2(W[1, first], W[0, first])))
    forms = []
    for signed in (turned, np.diag([1.0, -1.0]) @ turned):
        order = np.lexsort((b, np.arctan2(signed[1], signed[0]), -norms))
        forms.append((signed[:, order], b[order]))
    # Of the two mirror images, the one whose first column off the axis lies above it.
    off_axis = np.abs(forms[0][0][1]) > 1e-9 * max(float(norms.max()), 1e-300)
    above = off_axis.any() and forms[0][0][1, int(np.argmax(off_axis))] > 0
    return forms[0] if above or not off_axis.any() else forms[1]


@dataclass(frozen=True, slots=True)
class Match:
    """Best alignment of a point with another: distance, column assignment and orthogonal map."""

    distance: float
    assignment: np.ndarray
    orthogonal: Floats


def orbit_distance(W: Floats, b: Floats, target_W: Floats, target_b: Floats, *, starts: int = 48) -> Match:
    """Euclidean distance between two points modulo O(2) × S_c.

    For a fixed orthogonal map the best permutation is a linear assignment; for a fixed permutation
    the best map is Procrustes'.  The two are alternated from ``starts`` angles with and without
    reflection: an upper bound that is exact unless every start is trapped.

    Parameters
    ----------
    W, target_W : (2, c) arrays
    b, target_b : (c,) arrays

    Returns
    -------
    Match
        ``assignment[j]`` is the column of the point that plays the target's column j.

    Examples
    --------
    >>> W = np.array([[1.0, 0.0, 2.0], [0.0, 1.0, 0.5]])
    >>> b = np.array([0.1, 0.2, 0.3])
    >>> turned = rotate(W, 0.7, reflect=True)
    >>> bool(orbit_distance(W[:, [2, 0, 1]], b[[2, 0, 1]], turned, b).distance < 1e-12)
    True
    """
    bias_cost = (target_b[:, None] - b[None, :]) ** 2
    return align(W, target_W, bias_cost, starts=starts)


def align(
    W: Floats, target_W: Floats, extra_cost: Floats, *, free: Sequence[int] = (), starts: int = 48
) -> Match:
    """Minimise ``Σ_j ‖Q W_π(j) − target_j‖² + extra_cost[j, π(j)]`` over Q ∈ O(2) and π ∈ S_c.

    Target columns listed in ``free`` contribute ``extra_cost`` alone.
    """
    c = W.shape[1]
    fixed = np.array([j not in free for j in range(c)])

    def costs(orthogonal: Floats) -> Floats:
        gaps = target_W[:, :, None] - (orthogonal @ W)[..., None, :]
        return extra_cost + np.where(fixed[:, None], np.sum(gaps**2, axis=-3), 0.0)

    # Many starting maps share their best permutation: each permutation is descended from once.
    grid = np.array(
        [
            rotate(np.eye(2), float(angle), reflect=reflect)
            for reflect in (False, True)
            for angle in np.arange(starts) * (2 * np.pi / starts)
        ]
    )
    first = {tuple(linear_sum_assignment(cost)[1]) for cost in costs(grid)}
    best: Match | None = None
    for permutation in sorted(first):
        assignment = np.array(permutation)
        previous = np.inf
        while True:
            u, _, vt = np.linalg.svd(target_W[:, fixed] @ W[:, assignment[fixed]].T)
            orthogonal = u @ vt
            cost = costs(orthogonal)
            _, assignment = linear_sum_assignment(cost)
            total = float(cost[np.arange(c), assignment].sum())
            if best is None or total < best.distance:
                best = Match(total, assignment, orthogonal)
            if not total < previous - 1e-15:
                break
            previous = total
    assert best is not None
    return Match(float(np.sqrt(max(best.distance, 0.0))), best.assignment, best.orthogonal)
