"""Phase diagrams by theory: which phase has the lowest free energy in (n, β), and in (n, importance).

With the last feature's importance I ≠ 1 a k-gon is no longer regular where that feature is a vertex; its
columns are followed from I = 1 by Newton's method.  Where it is positive or dead the polygon stays as it is.
The copies of a k-gon then fall into roles: ``vertex``, ``positive`` or ``dead``, after the last column.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from kgon.catalogue import Catalogue, standard_point
from kgon.constants.polygon import circles
from kgon.constants.second_order import slice_at
from kgon.free_energy import check_beta, check_sizes, phases_of
from kgon.geometry import Label
from kgon.model import TMS, Floats
from kgon.potential import Potential
from kgon.results import KgonError, Result, Status, result

IMPORTANCE = (0.4, 2.5)
"""Range of the last feature's importance in the default diagram."""
LIMITS = (0.01, 20.0)
"""Smallest and largest importance that a branch is followed to."""
STEP = 0.02
"""Largest step of the importance along a branch."""
THEORIES = ("none", "prior", "laplace")
"""Theories of the diagram in the importance."""


@result
class PhaseDiagram(Result):
    """The phase with the lowest free energy on a grid.

    Attributes
    ----------
    theory : str
    c : int
    parameter : str
        ``beta`` or ``importance``.
    beta : float or None
        β where the parameter is the importance.
    n : (m,) array
    values : (k,) array
        Values of the parameter.
    phases : tuple of str
        Names of the phases.
    lowest : (k, m) int array
        Index into ``phases``; −1 where no phase is known.
    """

    schema: ClassVar[str] = "phase-diagram"

    theory: str
    c: int
    parameter: str
    beta: float | None
    n: np.ndarray
    values: np.ndarray
    phases: tuple[str, ...]
    lowest: np.ndarray

    def headline(self) -> str:
        return (
            f"phase diagram in (n, {self.parameter}), theory {self.theory}, c = {self.c}: "
            f"{len(self.used())} of {len(self.phases)} phases occur"
        )

    def text(self) -> str:
        """The grid as a table: n across, the parameter down."""
        names = {k: str(at) for at, k in enumerate(sorted(set(self.lowest.ravel().tolist()) - {-1}))}
        key = [f"{at}: {self.phases[k]}" for k, at in names.items()]
        lines = [f"{self.parameter:>10}  " + "  ".join(f"{n:>6.4g}" for n in self.n)]
        lines += [
            f"{value:>10.4g}  " + "  ".join(f"{names.get(int(k), '-'):>6}" for k in row)
            for value, row in zip(self.values, self.lowest, strict=True)
        ]
        return "\n".join([self.headline(), "", *lines, "", "across: n; " + "; ".join(key)])

    def used(self) -> list[str]:
        """The phases that occur, in order."""
        return [name for k, name in enumerate(self.phases) if (self.lowest == k).any()]

    def rows(self) -> Sequence[tuple[str, str]]:
        return [
            (name, f"{np.mean(self.lowest == k):.1%} of the grid")
            for k, name in enumerate(self.phases)
            if (self.lowest == k).any()
        ]


def in_beta(n: ArrayLike, betas: Sequence[Any], c: int = 6, *, theory: str = "laplace") -> PhaseDiagram:
    """The phase with the lowest F_n for each n and β.

    Parameters
    ----------
    n : (m,) array_like
    betas : sequence of number or str
    c, theory
        As in ``free_energy.phase``.

    Examples
    --------
    >>> found = in_beta([100.0, 1000.0], [1, "1/2"])
    >>> [found.phases[k] for k in found.lowest[0]]
    ['4', '6']
    """
    sizes = np.atleast_1d(check_sizes(n))
    phases = phases_of(c, theory=theory)
    inverse = [check_beta(beta) for beta in betas]
    lowest = [
        np.argmin([p.free_energy(sizes, beta=beta) for p in phases], axis=0) for beta in inverse
    ]  # fmt: skip
    return PhaseDiagram(
        theory=theory, c=c, parameter="beta", beta=None, n=sizes,
        values=np.array([float(x) for x in inverse]), phases=tuple(p.name for p in phases),
        lowest=np.array(lowest),
    )  # fmt: skip


# --- importance of the last feature ------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A k-gon with the last feature in one role, followed over its importance.

    Attributes
    ----------
    label : Label
    role : str
        ``vertex``, ``positive`` or ``dead``: what the last column is.
    importance : (m,) array
    points : tuple of (W, b)
    status : Status
        CONVERGED, or why the branch ends before the end of the range.
    """

    label: Label
    role: str
    importance: Floats
    points: tuple[tuple[Floats, Floats], ...]
    status: Status

    @property
    def name(self) -> str:
        """Label and role."""
        return f"{self.label} ({self.role})"


def roles_of_last(label: Label, c: int) -> list[str]:
    """Roles that the last column can play."""
    return ["vertex", *sorted({x for x in label.roles(c) if x in ("positive", "dead")}, reverse=True)]


def start(label: Label, role: str, c: int) -> tuple[Floats, Floats]:
    """The representative at importance 1 whose last column has the role."""
    W, b = standard_point(label, c)
    names = ["vertex" if x == "live" else x for x in label.roles(c)]
    if role not in names:
        raise KgonError(f"a column of {label} can be {', '.join(dict.fromkeys(names))}, got {role!r}")
    order = list(range(c))
    at = names.index(role)
    order.append(order.pop(at))
    return W[:, order].copy(), b[order].copy()


def _converged(tms: TMS, W: Floats, b: Floats, columns: list[int]) -> tuple[Floats, Floats] | None:
    """Newton's method on the slice; None unless it ends at a minimum near by."""
    potential = Potential(tms)
    for _ in range(20):
        found = slice_at(W, b, tms=tms, columns=columns)
        grad_W, grad_b = potential.gradient(W, b)
        gradient = found.basis.T @ np.concatenate([grad_W.ravel(), grad_b])
        if np.linalg.eigvalsh(found.hessian)[0] <= 0:
            return None
        if float(np.abs(gradient).max()) < 1e-14:
            return W, b
        move = -found.basis @ np.linalg.solve(found.hessian, gradient)
        if float(np.abs(move).max()) > 0.2:
            return None
        W = W + move[: W.size].reshape(W.shape)
        b = b + move[W.size :]
    return None


def follow(label: Label, role: str, importance: Sequence[float], c: int = 6) -> Branch:
    """A minimum along increasing or decreasing importances that begin near 1 (natural continuation)."""
    W, b = start(label, role, c)
    columns = [j for j in range(c) if not (np.all(W[:, j] == 0) and b[j] < 0)]
    values: list[float] = []
    points: list[tuple[Floats, Floats]] = []
    at = 1.0
    for target in importance:
        count = max(1, math.ceil(abs(target - at) / STEP))
        for value in np.linspace(at, target, count + 1)[1:] if target != at else [at]:
            weights = np.ones(c)
            weights[-1] = value
            moved = _converged(TMS(c, importance=weights), W, b, columns)
            if moved is None:
                return Branch(
                    label=label, role=role, importance=np.array(values), points=tuple(points),
                    status=Status.STALLED,
                )  # fmt: skip
            W, b = moved
        at = float(target)
        values.append(at)
        points.append((W, b))
    return Branch(
        label=label, role=role, importance=np.array(values), points=tuple(points), status=Status.CONVERGED
    )


def dead_region_mass(W: Floats, b: Floats, columns: list[int]) -> float:
    """Prior mass of a dead column's region beside live columns with b < 0: quadrature in polar coordinates.

    x·W_j ≤ −b_j for every live j, and b ≤ −max(0, max_j x·W_j).
    """
    angles = 2 * np.pi * (np.arange(1440) + 0.5) / 1440
    slopes = W[:, columns].T @ np.stack([np.cos(angles), np.sin(angles)])
    with np.errstate(divide="ignore"):
        reach = np.min(np.where(slopes > 0, -b[columns][:, None] / slopes, np.inf), axis=0)
    steepest = np.maximum(slopes.max(axis=0), 0.0)
    nodes, weights = np.polynomial.legendre.leggauss(24)
    r = reach[:, None] * (1 + nodes) / 2
    inner = np.sum(weights * r * np.exp(-r * r / 2) * ndtr(-steepest[:, None] * r), axis=1) * reach / 2
    return float(inner.mean())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """What a point of a branch adds to the diagram."""

    loss: float
    lambda_: Fraction
    constant: float


def _entry(branch: Branch, k: int, c: int, theory: str) -> _Entry:
    W, b = branch.points[k]
    weights = np.ones(c)
    weights[-1] = branch.importance[k]
    tms = TMS(c, importance=weights)
    dead = [j for j in range(c) if np.all(W[:, j] == 0) and b[j] < 0]
    columns = [j for j in range(c) if j not in dead]
    loss = float(Potential(tms).loss(W, b))
    lambda_ = Fraction(3 * len(columns) - 1, 2)
    energy = 0.5 * float(np.sum(W**2) + np.sum(b[columns] ** 2))
    if theory == "none":
        return _Entry(loss=loss, lambda_=lambda_, constant=0.0)
    if theory == "prior":
        return _Entry(loss=loss, lambda_=lambda_, constant=energy)
    found = slice_at(W, b, tms=tms, columns=columns)
    log_det = float(np.linalg.slogdet(found.hessian)[1])
    # Of the copies, those whose last column has this role.
    parts = {"vertex": branch.label.k, "positive": branch.label.sigma, "dead": len(dead)}
    count = circles(branch.label, c) * parts[branch.role] / c
    live = [j for j in columns if np.any(W[:, j] != 0)]
    mass = dead_region_mass(W, b, live) if dead else 1.0
    constant = -math.log(count) - math.log(2 * math.pi * found.norm) + 0.5 * math.log(2 * math.pi)
    constant += 0.5 * log_det + energy - len(dead) * math.log(mass)
    return _Entry(loss=loss, lambda_=lambda_, constant=constant)


def in_importance(
    n: ArrayLike,
    importance: Sequence[float],
    c: int = 6,
    *,
    labels: Sequence[Label | str] | None = None,
    theory: str = "laplace",
    beta: Any = 1,
) -> PhaseDiagram:
    """The phase with the lowest F_n for each n and importance of the last feature.

    Parameters
    ----------
    n : (m,) array_like
    importance : sequence of float
        Increasing, positive.
    labels : sequence of labels, optional
        k ≥ 5, without both positive and dead columns; default: all of these that are local minima.
    theory : {"none", "prior", "laplace"}
    beta : number or str

    Raises
    ------
    KgonError
        A label or theory that this diagram does not have, or importances that do not increase.

    Examples
    --------
    >>> found = in_importance([200.0], [0.5, 1.0, 2.0])
    >>> [found.phases[k] for k in found.lowest[:, 0]]
    ['5 (dead)', '6 (vertex)', '6 (vertex)']
    """
    if theory not in THEORIES:
        raise KgonError(f"the diagram in the importance has theory {', '.join(THEORIES)}, got {theory!r}")
    values = np.asarray(importance, dtype=np.float64)
    if values.ndim != 1 or not len(values) or not (values > 0).all() or not (np.diff(values) > 0).all():
        raise KgonError(f"importances must be positive and increase, got {list(importance)!r}")
    if not LIMITS[0] <= values[0] <= values[-1] <= LIMITS[1]:
        raise KgonError(f"importances must be from {LIMITS[0]:g} to {LIMITS[1]:g}, got {list(importance)!r}")
    sizes, s = np.atleast_1d(check_sizes(n)), float(check_beta(beta))
    if labels is None:
        labels = [p.name for p in Catalogue(c).phases() if p.k > 4]
    if not labels:
        raise KgonError(f"the diagram in the importance needs a local minimum with k >= 5, c = {c} has none")
    names, energies = [], []
    for label in labels:
        name = label if isinstance(label, Label) else Label.parse(label)
        roles = name.check(c).roles(c)
        if name.k < 5 or ("positive" in roles and "dead" in roles):
            raise KgonError(f"the diagram in the importance follows minima with k >= 5, got {name}")
        for role in roles_of_last(name, c):
            table = np.full((len(values), len(sizes)), np.inf)
            for side in (values[values >= 1], values[values < 1][::-1]):
                branch = follow(name, role, list(side), c)
                for k, value in enumerate(branch.importance):
                    entry = _entry(branch, k, c, theory)
                    scale = s * sizes if theory == "laplace" else sizes
                    row = s * sizes * entry.loss + float(entry.lambda_) * np.log(scale) + entry.constant
                    table[int(np.searchsorted(values, value))] = row
            names.append(f"{name} ({role})")
            energies.append(table)
    stacked = np.array(energies)
    lowest = np.where(np.isfinite(stacked).any(axis=0), np.argmin(stacked, axis=0), -1)
    return PhaseDiagram(
        theory=theory, c=c, parameter="importance", beta=s, n=sizes, values=values,
        phases=tuple(names), lowest=lowest,
    )  # fmt: skip
