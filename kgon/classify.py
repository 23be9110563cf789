"""Any (W, b): is it a critical point, and which k-gon is nearest modulo O(2) × S_c?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import linear_sum_assignment, minimize

from kgon import _format
from kgon.catalogue import MAX_FEATURES, Catalogue, standard_point
from kgon.certify import certify
from kgon.certify_point import NearbyPoint, certify_near
from kgon.geometry import Label, align
from kgon.model import TMS, Floats, real_array
from kgon.potential import Potential
from kgon.results import KgonError, Result, Verdict, result

SAME = 1e-6
"""Distance within which a point counts as a k-gon, up to rounding and an unfinished iteration."""
MAX_CERTIFIED = 16
"""Largest c for which ``verify`` looks for a proof."""
TOLERANCE = 1e-8
"""Default bound on ‖∇L‖ for a point to count as critical."""


@result
class Nearest(Result):
    """The k-gon nearest to a point.

    Attributes
    ----------
    label, configuration : str
        ASCII label, with ``:opposite`` where that is its configuration; the configuration alone.
    distance : float
        Euclidean distance in (W, b) modulo O(2) × S_c to the k-gon's flat family: live and positive
        columns count at their places; a dead or switched-off column counts by its distance to the
        set where it can move at no cost while the live columns stay.  Couplings between two such
        columns are left out, and the alignment is a multi-start search: an upper bound up to these.
    columns : (c,) int array
        ``columns[j]`` is the column of the point that plays column j of the standard representative.
    """

    schema: ClassVar[str] = "nearest"

    label: str
    configuration: str
    distance: float
    columns: np.ndarray

    def headline(self) -> str:
        return f"nearest k-gon {self.label} ({self.configuration}) at distance {self.distance:.3g}~"

    def rows(self) -> Sequence[tuple[str, str]]:
        return [("label", self.label), ("distance", _format.uncertified(self.distance))]


def nearest(W: ArrayLike, b: ArrayLike) -> Nearest:
    """The nearest k-gon of the catalogue, for one point with r = 2 and c ≥ 4.

    Parameters
    ----------
    W : (2, c) array_like
    b : (c,) array_like

    Returns
    -------
    Nearest

    Examples
    --------
    >>> point = Catalogue(6)["5"]
    >>> shuffled = [3, 5, 0, 1, 4, 2]
    >>> found = nearest(point.W[:, shuffled], point.biases[shuffled])
    >>> found.label, found.distance < 1e-12
    ('5', True)
    """
    array = real_array("W", W)
    if array.ndim != 2 or array.shape[0] != 2 or not 4 <= array.shape[1] <= MAX_FEATURES:
        raise KgonError(f"k-gons are compared at r = 2, 4 <= c <= {MAX_FEATURES}; W has shape {array.shape}")
    weights, biases = TMS(array.shape[1]).point(W, b)
    # A rotation keeps the norms: matching norms and biases alone bounds the distance from below, so
    # that labels are tried in the order of that bound, as long as it is below the best distance.
    tasks = [_Target.of(weights, biases, label) for label in Catalogue(array.shape[1]).labels]
    best: Nearest | None = None
    for task in sorted(tasks, key=lambda task: task.bound):
        if best is not None and task.bound >= best.distance:
            break
        found = task.distance(weights, biases)
        if best is None or found.distance < best.distance:
            best = found
    assert best is not None
    return best


@dataclass(frozen=True, slots=True)
class _Target:
    """A k-gon to compare a point with: the costs that do not depend on the rotation.

    ``cost[j, i]`` is that of column i as the target's column j: bias and, for the columns in
    ``movable``, everything; ``bound`` is a lower bound of the distance.
    """

    label: Label
    W: Floats
    b: Floats
    cost: Floats
    movable: list[int]
    bound: float

    @classmethod
    def of(cls, W: Floats, b: Floats, label: Label) -> _Target:
        c = len(b)
        target_W, target_b = standard_point(label, c)
        off = [j for j, role in enumerate(label.roles(c)) if role in ("dead", "switched-off")]
        # A positive column feels ΣW_i, so that with σ ≥ 1 the others must keep their W.
        movable = [] if label.sigma else off
        cost = (target_b[:, None] - b[None, :]) ** 2
        for j in off:
            if label.sigma:
                limit = -float(target_W[:, j] @ target_W[:, j])
                cost[j] = np.maximum(b - limit, 0.0) ** 2
            else:
                cost[j] = cost[movable[0]] if j > movable[0] else _parabola_gaps(W, b)
        norms = (np.hypot(*target_W)[:, None] - np.hypot(*W)[None, :]) ** 2
        norms[movable] = 0.0
        rows, columns = linear_sum_assignment(cost + norms)
        bound = float(np.sqrt((cost + norms)[rows, columns].sum()))
        return cls(label, target_W, target_b, cost, movable, bound)

    def distance(self, W: Floats, b: Floats) -> Nearest:
        match = align(W, self.W, self.cost, free=self.movable)
        squared = match.distance**2
        live = [j for j, role in enumerate(self.label.roles(len(b))) if role == "live"]
        for j in self.movable:
            i = match.assignment[j]
            squared -= self.cost[j, i]
            squared += _movable_gap(match.orthogonal @ W[:, i], b[i], self.W[:, live].T, self.b[live])
        return Nearest(
            label=str(self.label),
            configuration=self.label.configuration,
            distance=float(np.sqrt(max(squared, 0.0))),
            columns=match.assignment,
        )


def _parabola_gaps(W: Floats, b: Floats) -> Floats:
    return np.array([_parabola_gap(w, bias) for w, bias in zip(W.T, b, strict=True)])


def _parabola_gap(w: Floats, bias: float) -> float:
    """Squared distance of (‖w‖, bias) to {b ≤ −‖w‖²}, where a column does not switch itself on."""
    size = float(np.hypot(*w))
    if bias <= -size * size:
        return 0.0
    roots = np.roots([4.0, 0.0, 2.0 + 4.0 * bias, -2.0 * size])
    feet = roots[np.abs(roots.imag) < 1e-9].real
    return float(min((x - size) ** 2 + (x * x + bias) ** 2 for x in feet))


def _movable_gap(w: Floats, bias: float, live: Floats, live_bias: Floats) -> float:
    """Squared distance of a column (w, bias) to where it is dead beside the live columns.

    That set is convex: ``live @ w ≤ −live_bias`` (the column's input switches no live output on),
    bias ≤ −live @ w (no live input switches it on) and bias ≤ −‖w‖².
    """

    def inside(x: Floats) -> Floats:
        return np.concatenate([-live_bias - live @ x[:2], -x[2] - live @ x[:2], [-x[2] - x[:2] @ x[:2]]])

    start = np.array([*w, bias])
    if inside(start).min(initial=np.inf) >= 0:
        return 0.0
    found = minimize(
        lambda x: float(np.sum((x - start) ** 2)),
        np.array([0.0, 0.0, min(bias, -0.1)]),
        jac=lambda x: 2 * (x - start),
        constraints={"type": "ineq", "fun": inside},
        method="SLSQP",
        options={"ftol": 1e-15, "maxiter": 200},
    )
    return float(found.fun)


@result
class Verification(Result):
    """What is known of a point, in floating point.

    Attributes
    ----------
    source : str
        Label or file.
    critical : Verdict
        REFUTED where L is not differentiable or ‖∇L‖ > tol.  Otherwise PROVED if an exact critical
        point is proved to lie nearby (``nearby``, or the nearest k-gon within ``SAME``), else CONFIRMED:
        so says floating point.
    reason : str
    gradient_norm, loss, tol : float
    nearest : str or None
        Label of the nearest k-gon; None where r ≠ 2, c < 4 or c > 64, or p and I are not uniform.
    distance : float or None
    kind : str or None
        What the certificate of the nearest k-gon proves of it, if it is within ``SAME``.
    nearby : NearbyPoint or None
        The exact critical point near by, whatever it is; None where that was not tried.
    """

    schema: ClassVar[str] = "verification"

    source: str
    critical: Verdict
    reason: str
    gradient_norm: float
    loss: float
    tol: float
    nearest: str | None
    distance: float | None
    kind: str | None
    nearby: NearbyPoint | None

    def headline(self) -> str:
        return f"{self.source}: critical point {self.critical} ({self.reason})"

    def rows(self) -> Sequence[tuple[str, str]]:
        near = "none" if self.nearest is None else self.nearest
        gap = "" if self.distance is None else f"{self.distance:.3g}~"
        lines = [
            ("loss L", _format.uncertified(self.loss, 12)),
            ("|grad L|", f"{self.gradient_norm:.3g}~ (tolerance {self.tol:g})"),
            ("nearest k-gon", near),
            ("distance", gap),
        ]
        if self.kind is not None:
            lines.append((f"the exact {self.nearest}-gon is", f"{self.kind} (certificate)"))
        return [*lines, *(self.nearby.rows() if self.nearby else [])]


def verify(
    W: ArrayLike,
    b: ArrayLike,
    *,
    tms: TMS | None = None,
    tol: float = TOLERANCE,
    source: str = "point",
) -> Verification:
    """Whether a point is critical, and which k-gon is nearest.

    Parameters
    ----------
    W : (r, c) array_like
    b : (c,) array_like
    tms : TMS, optional
        Default: uniform with the sizes of W.
    tol : float
        Largest ‖∇L‖ that counts as zero, in units of the loss.
    source : str
        Name of the point in the result.

    Returns
    -------
    Verification

    Examples
    --------
    >>> point = Catalogue(6)["6"]
    >>> verify(point.W, point.biases).critical
    <Verdict.PROVED: 'PROVED'>
    >>> verify(point.W * 1.01, point.biases).critical
    <Verdict.REFUTED: 'REFUTED'>
    """
    if not (isinstance(tol, (int, float)) and np.isfinite(tol) and tol > 0):
        raise KgonError(f"tol must be positive and finite, got {tol!r}")
    array = real_array("W", W)
    if tms is None:
        if array.ndim != 2:
            raise KgonError(f"one point is wanted, W of shape (r, c); got {array.shape}")
        tms = TMS(array.shape[1], array.shape[0])
    potential = Potential(tms)
    norm = potential.gradient_norm(W, b)
    comparable = tms.r == 2 and 4 <= tms.c <= MAX_FEATURES and tms.uniform
    near = nearest(W, b) if comparable else None
    kind, nearby = None, None
    if not potential.differentiable(W, b):
        critical = Verdict.REFUTED
        reason = "L falls linearly in a bias b_j = 0 whose column W_j is 0"
    elif norm > tol:
        critical = Verdict.REFUTED
        reason = f"|grad L| = {norm:.3g} > {tol:g}"
    else:
        critical = Verdict.CONFIRMED
        reason = f"|grad L| = {norm:.3g} <= {tol:g}"
    if near is not None and tms.c <= MAX_CERTIFIED and potential.differentiable(W, b):
        nearby = certify_near(*tms.point(W, b))
        if near.distance <= SAME:
            kind = certify(near.label, tms.c)["claims"]["verdict"]
        if critical is Verdict.CONFIRMED and (kind or nearby.verdict is Verdict.PROVED):
            critical = Verdict.PROVED
    return Verification(
        source=source,
        critical=critical,
        reason=reason,
        gradient_norm=norm,
        loss=float(potential.loss(W, b)),
        tol=tol,
        nearest=near.label if near else None,
        distance=near.distance if near else None,
        kind=kind,
        nearby=nearby,
    )
