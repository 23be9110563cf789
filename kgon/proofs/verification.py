"""Whether a point is critical, which k-gon is nearest, and what can be proved about it."""

from __future__ import annotations

from collections.abc import Sequence

from numpy.typing import ArrayLike

from kgon.base import text
from kgon.base.checks import check_positive, real_array
from kgon.base.results import Result, result
from kgon.base.verdicts import KgonError, Verdict
from kgon.kgons.catalogue import MAX_FEATURES
from kgon.kgons.nearest_kgon import SAME, nearest
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.proofs.certificates import certify
from kgon.proofs.nearby import NearbyPoint, certify_near

MAX_CERTIFIED = 16
"""Largest c for which ``verify`` looks for a proof."""
TOLERANCE = 1e-8
"""Default bound on ‖∇L‖ for a point to count as critical."""


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
            ("loss L", text.uncertified(self.loss, 12)),
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
    >>> import kgon
    >>> point = kgon.Catalogue(6)["6"]
    >>> verify(point.W, point.biases).critical
    <Verdict.PROVED: 'PROVED'>
    >>> verify(point.W * 1.01, point.biases).critical
    <Verdict.REFUTED: 'REFUTED'>
    """
    tol = check_positive("tol", tol)
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
