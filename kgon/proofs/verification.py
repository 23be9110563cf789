"""Whether a point is critical, which k-gon is nearest, and what can be proved about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from kgon.base import text
from kgon.base.checks import Floats, check_positive, real_array, refusal, rounding_of
from kgon.base.results import Result, only_given, result
from kgon.base.table import Column, Table
from kgon.base.verdicts import KgonError, Verdict
from kgon.kgons.catalogue import MAX_FEATURES
from kgon.kgons.labels import Label
from kgon.kgons.names import name_at
from kgon.kgons.nearest_kgon import SAME, Nearest, nearest
from kgon.kgons.sparse_names import sparse_name
from kgon.potential.kernels import alike
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.potential.several import SparsePotential, potential_of
from kgon.proofs.certificates import certify
from kgon.proofs.exact_points import certify_polygon, certify_rational
from kgon.proofs.nearby import certify_near
from kgon.proofs.nearby_point import NearbyPoint

MAX_CERTIFIED = 16
"""Largest c for which ``verify`` looks for a proof."""
TOLERANCE = 1e-8
"""Default bound on ‖∇L‖ for a point to count as critical."""
TURNED = 4
"""Roundings by which a point that was turned in its numbers' type may be off, in units of its length."""
ROUNDED = 1e-12
"""Distance of two exact points that are one, but for the rounding of float64."""
COARSEST = 2.0**-7
"""Spacing of bfloat16 at 1; coarser numbers are no point."""
FINEST = 2.0**-52
"""Spacing of float64 at 1."""
TYPES = {FINEST: "float64", 2.0**-23: "float32", 2.0**-10: "float16", COARSEST: "bfloat16"}
"""Types of numbers by their spacing at 1."""


@result
class Verification(Result):
    """What is known of a point.

    Attributes
    ----------
    source : str
        Label or file.
    model : TMS or None
        The model, where its weights are not uniform.
    critical : Verdict
        REFUTED where L is not differentiable or ‖∇L‖ > tol.  PROVED if an exact critical point is proved to
        lie at the distance that ``nearby`` says: at most ``SAME``, or what rounding explains.
        Else CONFIRMED: the gradient is within the tolerance, which proves nothing of the point.
    reason : str
    gradient_norm, loss, tol : float
        ‖∇L‖ and L in floating point.
    unit : float
        The size of L that ``tol`` is relative to, see ``TMS.unit``.
    rounding : float
        How far the rounding of its numbers may have moved the point, in the coordinates that take part.
    stored : str
        The type of these numbers, the coarsest of them.
    nearest : str or None
        Label of the nearest k-gon; None where r ≠ 2, c < 4 or c > 64, p is not uniform or importances differ.
    distance : float or None
        To that k-gon, in floating point, together with what the biases of dead and switched-off columns must
        be lowered by to keep these from reaching one another.
    kind : str or None
        What the certificate of the nearest k-gon proves of its standard representative, if ``distance`` is
        at most ``SAME``: minimum, not a minimum or UNDECIDED.
    nearby : NearbyPoint or None
        The exact critical point near by, whatever it is; None where that was not tried.
    minimum : Verdict
        Whether this exact point is a local minimum, which up to O(r) means: it need not be a strict one.
    lambda_ : Fraction or None
        Its local learning coefficient λ = (d − f)/2, of multiplicity 1: f flat directions, across which L
        grows like the square of the distance.  None where that is not proved.
    why_no_lambda : str
        The reason, where λ is None.
    name : str or None
        At unequal weights or several active features, of a point that is critical: the k-gon whose branch
        from equal weights, or one active feature, leads to it, with the columns that play its parts.
    unnamed : str or None
        Why there is none.
    """

    json_names: ClassVar[dict[str, str]] = {"lambda_": "lambda"}

    source: str
    critical: Verdict
    reason: str
    gradient_norm: float
    loss: float
    tol: float
    unit: float
    rounding: float
    stored: str
    nearest: str | None
    distance: float | None
    kind: str | None
    nearby: NearbyPoint | None
    minimum: Verdict
    lambda_: Fraction | None
    why_no_lambda: str
    model: TMS | None = only_given()
    name: str | None = only_given(shown=False)
    unnamed: str | None = only_given(shown=False)

    def headline(self) -> str:
        if self.critical is Verdict.PROVED and self.nearby is not None:
            return f"{self.source}: critical point PROVED {self._within(self.nearby)} ({self.reason})"
        if self.critical is Verdict.CONFIRMED:
            return f"{self.source}: gradient within tolerance ({self.reason}), critical point not proved"
        return f"{self.source}: critical point {self.critical} ({self.reason})"

    def table(self) -> Table:
        """Tabulate the point in one row: loss, gradient, nearest k-gon, λ and verdicts."""
        proved = self.critical is Verdict.PROVED
        row = {
            "point": self.source,
            "loss": f"{self.loss:.9f}",
            "gradient": f"{self.gradient_norm:.1e}",
            "nearest": self.name or self.nearest or "",
            "distance": "" if self.distance is None else f"{self.distance:.1e}" if self.distance else "0",
            "lambda": f"{float(self.lambda_):g}" if proved and self.lambda_ is not None else "",
            "critical": f"PROVED {self.nearby.within}" if proved and self.nearby else str(self.critical),
            "minimum": str(self.minimum) if proved else "",
        }
        columns = [
            Column("point", "point"),
            Column("loss", "L", "$L$", "r", number=True),
            Column("gradient", "‖∇L‖", r"$\|\nabla L\|$", "r", number=True),
            Column("nearest", "nearest"),
            Column("distance", "distance", "", "r", number=True),
            Column("lambda", "λ", r"$\lambda$", "r", number=True),
            Column("critical", "critical point"),
            Column("minimum", "local minimum"),
        ]
        return Table(
            name="verification",
            title="Critical points",
            columns=columns,
            rows=[row],
            notes=[*map(": ".join, self.unusual()), *self._footnotes(proved)],
        )

    def _footnotes(self, proved: bool) -> list[str]:
        """What the columns mean; of a point that is not exact enough for them, what is proved near it."""
        if proved:
            return [
                "An exact critical point lies as near as is said; whether it is a minimum, and λ, are "
                "its own. L, ‖∇L‖ and the distance of the nearest k-gon are in floating point."
            ]
        lines = [f"{self.source}: {self.critical}, {self.reason}."]
        if self.nearby is not None and self.nearby.distance is not None:
            known = "not known" if self.lambda_ is None else f"{float(self.lambda_):g}"
            lines.append(
                f"{self.source}: an exact critical point is PROVED to lie {self.nearby.within}, with L in "
                f"[{self.nearby.loss_lower!r}, {self.nearby.loss_upper!r}], a local minimum: {self.minimum}, "
                f"λ: {known}."
            )
        return lines

    def _within(self, nearby: NearbyPoint) -> str:
        """Where the exact point is, and what explains the distance."""
        if self.stored == TYPES[FINEST] or not nearby.distance:
            return nearby.within
        return (
            f"within the rounding of {self.stored}; the exact point is at most "
            f"{text.at_most(nearby.distance)} away"
        )

    def rows(self) -> Sequence[tuple[str, str]]:
        relative = "" if self.unit == 1 else f", relative to {self.unit:g}"
        lines = [
            ("loss L", text.loss(self.loss, strength=self.model.strength if self.model else 1.0)),
            ("|grad L|", f"{self.gradient_norm:.3g}~ (tolerance {self.tol:g}{relative})"),
            ("nearest k-gon", "none" if self.nearest is None else self.nearest),
            ("distance", "" if self.distance is None else f"{self.distance:.3g}~"),
        ]
        if self.name is not None:
            single = self.model is None or self.model.inputs.one
            start = "equal weights" if single else "one active feature"
            lines.append(("k-gon", f"{self.name}, whose branch from {start} leads here"))
        if self.unnamed is not None:
            lines.append(("k-gon", f"none: {self.unnamed}"))
        if self.kind is not None:
            proved = f"{self.kind}: PROVED (certificate)"
            undecided = "UNDECIDED whether it is a minimum (certificate)"
            lines.append(
                (f"{self.nearest} of the catalogue", undecided if self.kind == "UNDECIDED" else proved)
            )
        if self.nearby is None or self.nearby.distance is None:
            return [*lines, *(self.nearby.rows() if self.nearby else [])]
        known, minimum = f"not known: {self.why_no_lambda}", str(self.minimum)
        if self.lambda_ is not None:
            known = f"{float(self.lambda_):g}"
        if self.minimum is Verdict.UNDECIDED and self.kind in ("minimum", "not a minimum"):
            minimum += " here; the certificate speaks of the catalogue's point alone"
            if self.kind == "minimum":
                known += f"; kgon llc {self.nearest} has that of the catalogue's point"
        lines += [*self.nearby.rows(), ("  a minimum modulo O(r)", minimum)]
        return [*lines, ("  learning coefficient λ", known)]


def verify(
    W: ArrayLike,
    b: ArrayLike,
    *,
    tms: TMS | None = None,
    tol: float = TOLERANCE,
    source: str = "point",
    rounding: float | tuple[float, float] | None = None,
) -> Verification:
    """Tell whether a point is critical, which k-gon is nearest, and what can be proved about it.

    Parameters
    ----------
    W : (r, c) array_like
    b : (c,) array_like
    tms : TMS, optional
        Default: uniform with the sizes of W.
    tol : float
        Largest ‖∇L‖ that counts as zero, in units of the importances: of their median, without those that are
        0, times the mean number of active features where that is below 1.  For numbers of a narrower type
        than float64 what their rounding makes of a gradient of zero is added.
    source : str
        Name of the point in the result.
    rounding : float or (float, float), optional
        Spacing of floats at 1 in the types that W and b had.  Default: those of the arrays given.

    Returns
    -------
    Verification

    Examples
    --------
    >>> import kgon
    >>> point = kgon.Catalogue(6)["6"]
    >>> verify(point.W, point.biases).critical
    <Verdict.PROVED: 'PROVED'>
    >>> verify(point.W * 1.01, point.biases).critical
    <Verdict.REFUTED: 'REFUTED'>
    """
    tol = check_positive("tol", tol)
    tms = TMS.of_point(real_array("W", W)) if tms is None else tms
    eps = _spacings(W, b, rounding)
    potential = potential_of(tms)
    norm = potential.gradient_norm(W, b)
    weights, biases = tms.point(W, b)
    each = TURNED * np.multiply(eps, _live_lengths(tms, weights, biases))
    moved = float(np.hypot(*each))
    factor = tms.importance[0] if tms.importance.min() == tms.importance.max() else 0.0
    plain = TMS(tms.c, tms.r, probability=tms.probability) if factor and tms.inputs.one else tms
    comparable = tms.r == 2 and 4 <= tms.c <= MAX_FEATURES and plain.uniform
    near = nearest(weights, biases) if comparable else None
    distance = None if near is None else _whole_distance(near, weights, biases)
    allowed = each if max(eps) > FINEST else None
    critical, reason = _within_tolerance(potential, (weights, biases), norm, tol, allowed)
    claims, nearby = None, None
    if tms.c <= MAX_CERTIFIED and potential.differentiable(weights, biases):
        nearby = _nearby(plain, weights, biases, near)
        nearby = nearby if plain is tms or nearby is None else nearby.times(float(factor))
        if near is not None and distance is not None and distance <= SAME:
            claims = certify(near.label, tms.c)["claims"]
    if critical is Verdict.CONFIRMED and _as_near(nearby, float(each[0]), moved):
        critical = Verdict.PROVED
    return Verification(
        source=source,
        model=tms.own,
        critical=critical,
        reason=reason,
        gradient_norm=norm,
        loss=float(potential.loss(weights, biases)),
        tol=tol,
        unit=tms.unit,
        rounding=moved,
        stored=TYPES.get(max(eps), f"numbers of spacing {max(eps):g} at 1"),
        nearest=near.label if near else None,
        distance=distance,
        kind=None if claims is None else claims["verdict"],
        nearby=nearby,
        **_nature(tms, nearby, near, claims),
        **_naming(tms, weights, biases, critical),
    )


def _spacings(W: ArrayLike, b: ArrayLike, rounding: float | tuple[float, float] | None) -> list[float]:
    """The spacing of floats at 1 in the types that W and b had, as far as told or by the arrays."""
    both = rounding if isinstance(rounding, tuple) else (rounding, rounding)
    if len(both) != 2:
        raise refusal("rounding", "one number, or one of W and one of b", rounding)
    eps = [
        rounding_of(x) if given is None else check_positive("rounding", given)
        for x, given in zip((W, b), both, strict=True)
    ]
    if max(eps) > COARSEST:
        raise KgonError(f"rounding must be at most {COARSEST:g}, that of bfloat16, got {max(eps):g}")
    return eps


def _nature(
    tms: TMS, nearby: NearbyPoint | None, near: Nearest | None, claims: Mapping[str, Any] | None
) -> dict[str, Any]:
    """What is proved of the exact point: whether it is a minimum, and λ or the reason for none."""
    if nearby is None or nearby.distance is None:
        return _undecided("no exact critical point is proved near by")
    negative, flat = nearby.negative, nearby.flat
    if negative is None and claims is not None and near is not None and Label.parse(near.label).phi == 0:
        # All members of the family are alike: only switched-off columns may change what they are.
        flat, negative = claims["flat_dimension"], {"minimum": 0, "not a minimum": 1}.get(claims["verdict"])
    if negative is None:
        return _undecided("whether the point is a minimum is not proved")
    if negative:
        why = "L falls along a curve from the point, which is no minimum"
        return {"minimum": Verdict.REFUTED, "lambda_": None, "why_no_lambda": why}
    if flat is None:
        why = "L has no second derivative at the point, and its set of equal loss is not known"
        return {"minimum": Verdict.PROVED, "lambda_": None, "why_no_lambda": why}
    lambda_ = Fraction(tms.dimension - flat, 2)
    return {"minimum": Verdict.PROVED, "lambda_": lambda_, "why_no_lambda": ""}


def _undecided(why: str) -> dict[str, Any]:
    return {"minimum": Verdict.UNDECIDED, "lambda_": None, "why_no_lambda": why}


def _naming(tms: TMS, W: Floats, b: Floats, critical: Verdict) -> dict[str, Any]:
    """The name of a critical point of another model than the uniform one, or why it has none."""
    if tms.equal or not critical.holds or tms.r != 2 or not 4 <= tms.c <= MAX_FEATURES:
        return {}
    found = name_at(tms, W, b) if tms.inputs.one else sparse_name(tms, W, b)
    return {"name": None if found.name is None else str(found.name), "unnamed": found.reason or None}


def _live_lengths(tms: TMS, W: Floats, b: Floats) -> tuple[float, float]:
    """The lengths of W and b without what takes no part: biases of outputs that are off, and silent columns.

    The loss does not depend on these, so that their rounding excuses nothing however large they are.
    """
    if not tms.inputs.one:  # every column is heard, together with others
        heard = b + np.maximum(W.T @ W, 0).sum(axis=0) > 0
        return float(np.linalg.norm(W)), float(np.linalg.norm(b[heard]))
    role = np.empty(len(b), dtype=np.int64)
    alike.roles(W.T @ W, b, 0.0, role)
    return (
        float(np.linalg.norm(W[:, role != alike.NO_PART])),
        float(np.linalg.norm(b[role == alike.PART])),
    )


def _within_tolerance(
    potential: Potential | SparsePotential,
    point: tuple[Floats, Floats],
    norm: float,
    tol: float,
    moved: Floats | None,
) -> tuple[Verdict, str]:
    """Whether ‖∇L‖ is zero within the tolerance, for a point that rounding may have moved; and why."""
    if not potential.differentiable(*point):
        return Verdict.REFUTED, "L falls linearly in a bias b_j = 0 whose column W_j is 0"
    more = 0.0
    if moved is not None:
        parts = np.split(potential.hessian(*point), [point[0].size])
        more = sum(float(size * np.linalg.norm(part, 2)) for size, part in zip(moved, parts, strict=True))
    unit = potential.tms.unit
    limit = f"{tol * unit:g}" + (f" + {more:.2g} of rounding" if more else "")
    if norm > tol * unit + more:
        return Verdict.REFUTED, f"|grad L| = {norm:.3g} > {limit}"
    return Verdict.CONFIRMED, f"|grad L| = {norm:.3g} <= {limit}"


def _as_near(found: NearbyPoint | None, of_W: float, of_both: float) -> bool:
    """Whether an exact point is as near as rounding explains, or nearly so; that of b moves no W."""
    if found is None or found.distance is None or found.distance_W is None:
        return False
    return found.distance <= max(of_both, SAME) and found.distance_W <= max(of_W, SAME)


def _nearby(tms: TMS, W: Floats, b: Floats, near: Nearest | None) -> NearbyPoint | None:
    """The nearest exact critical point that is proved; of those equally near, that of which most is known."""
    isolated = certify_near(W, b, tms=tms)
    if not tms.inputs.one:
        return isolated
    written = certify_rational(tms, W, b, near)  # which says nothing of a minimum
    proved = [x for x in (written, isolated) if x is not None and x.distance is not None]
    if proved:
        alike = SAME if near is None else ROUNDED
        return min(proved, key=lambda x: _farther_or_less_known(x, alike))
    if near is None or not tms.uniform:
        return isolated
    return certify_polygon(W, b, near) or isolated


def _farther_or_less_known(found: NearbyPoint, alike: float) -> tuple[float, bool, bool]:
    """Order points by distance; those as near as ``alike`` are equally near."""
    distance = np.inf if found.distance is None else max(found.distance, alike)
    return distance, found.negative is None, found.flat is None


def _whole_distance(near: Nearest, W: Floats, b: Floats) -> float:
    """The distance of ``near``, and what keeps dead and switched-off columns from reaching one another."""
    roles = Label.parse(near.label).roles(len(b))
    idle = [i for i, role in zip(near.columns, roles, strict=True) if role in ("dead", "switched-off")]
    reach = W[:, idle].T @ W[:, idle]
    np.fill_diagonal(reach, -np.inf)
    lowered = np.maximum(reach.max(axis=0, initial=-np.inf) + b[idle], 0.0)
    return float(np.hypot(near.distance, np.linalg.norm(lowered)))
