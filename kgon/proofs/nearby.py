"""What can be proved about the exact critical point near an approximate one, whatever it is, for any r.

A point that is alone but for rotations and what takes no part is found in its gauge (``kgon.proofs.gauge``);
one whose columns fall into parts that do not reach one another, part by part (``kgon.proofs.parts``).
"""

from __future__ import annotations

from collections.abc import Sequence

import flint
import numpy as np
from flint import arb
from numpy.typing import ArrayLike

from kgon.base.checks import Floats
from kgon.base.verdicts import UndecidedError, Verdict
from kgon.numerics.balls import at_precision, exact_balls
from kgon.numerics.inertia import inertia_of
from kgon.numerics.krawczyk import ZeroBox
from kgon.potential.enclosure import Coordinates
from kgon.potential.loss import Potential
from kgon.potential.model import TMS, check_any_tms
from kgon.potential.several import MOST_FEATURES
from kgon.potential.several_exact import LawAndWeights
from kgon.proofs.gauge import BITS, GaugedZero, Weights, gauge_of, prove_in_gauge, proved_in, turned
from kgon.proofs.grouping import NEGLIGIBLE
from kgon.proofs.nearby_point import NearbyPoint
from kgon.proofs.parts import certify_parts
from kgon.proofs.sparse_gauge import sparse_gauge


def certify_near(W: ArrayLike, b: ArrayLike, *, tms: TMS | None = None) -> NearbyPoint:
    """Refine a point and prove an exact critical point near it, isolated or made of parts that are.

    Parameters
    ----------
    W : (r, c) array
    b : (c,) array
    tms : TMS, optional
        The model, with probabilities and importances that are exactly these floats; several of its features
        may be active at once.  Default: uniform, one active feature.

    Returns
    -------
    NearbyPoint
        UNDECIDED at kinks of the gradient inside a part (the 4-gons with positive columns), where more than
        the known directions are flat, or too far from a critical point; with the reason.

    Raises
    ------
    KgonError
        Other shapes, numbers that are not finite, or no model.

    Examples
    --------
    >>> from kgon.kgons.catalogue import Catalogue
    >>> point = Catalogue(6)["6"]
    >>> found = certify_near(point.W + 1e-9, point.biases)
    >>> str(found.verdict), found.negative, found.distance < 1e-7
    ('PROVED', 0, True)
    """
    tms = TMS.of_point(W) if tms is None else check_any_tms(tms)
    W, b = tms.one_point(W, b)
    if not tms.inputs.one:
        return _certify_sparse(W, b, tms)
    if tms.equal and not tms.uniform:  # a factor of L, which moves no point
        return certify_near(W, b, tms=TMS(tms.c, tms.r)).times(float(tms.importance[0]))
    weights = None if tms.uniform else _weights(tms)
    try:
        return _certify_near(W, b, weights)
    except UndecidedError as error:
        reason = str(error)
    try:
        found = certify_parts(W, b, weights)
    except UndecidedError as error:
        found = None
        if str(error) != reason:
            reason += f"; part by part: {error}"
    if found is not None:
        return found
    return NearbyPoint(verdict=Verdict.UNDECIDED, reason=reason + _unexplained(W, b, tms), kink=None)


def _unexplained(W: Floats, b: Floats, tms: TMS) -> str:
    """Say that more is flat, in floats, than rotations and columns that take no part; empty if not."""
    potential = Potential(tms)
    if not potential.smooth(W, b, tol=NEGLIGIBLE):
        return "; at a kink of the gradient, or near one"
    try:
        gauge, _ = gauge_of(W, _columns(W, b))
    except UndecidedError:
        return ""
    values = np.linalg.eigvalsh(potential.hessian(W, b))
    zero = int(np.sum(np.abs(values) <= NEGLIGIBLE * np.abs(values).max()))
    held = tms.dimension - len(gauge.unknowns)
    if zero <= held:
        return ""
    return (
        f"; {zero} eigenvalues of the Hessian are 0 in floats, of which rotations and columns that take no "
        f"part explain {held}: not isolated modulo O({tms.r}), or degenerate"
    )


def _weights(tms: TMS) -> list[list[arb]]:
    """The weights p_i I_j by input and output, enclosed."""
    with flint.ctx.workprec(BITS):
        return [[p * x for x in exact_balls(tms.importance)] for p in exact_balls(tms.probability)]


def _certify_sparse(W: Floats, b: Floats, tms: TMS) -> NearbyPoint:
    """What is proved where several features may be active at once."""
    if tms.c > MOST_FEATURES:
        reason = f"{tms.c} features, with several active at once at most {MOST_FEATURES}"
        return NearbyPoint(verdict=Verdict.UNDECIDED, reason=reason, kink=None)
    try:
        with flint.ctx.workprec(BITS):
            return _stated(proved_in(*sparse_gauge(W, _columns(W, b), LawAndWeights.balls(tms))))
    except UndecidedError as error:
        return NearbyPoint(verdict=Verdict.UNDECIDED, reason=str(error), kink=None)


def _columns(W: Floats, b: Floats) -> list[list[arb]]:
    return [exact_balls([*W[:, j], b[j]]) for j in range(len(b))]


@at_precision(BITS)
def _certify_near(W: Floats, b: Floats, weights: Weights | None) -> NearbyPoint:
    return _stated(prove_in_gauge(_columns(W, b), weights))


def _stated(found: GaugedZero) -> NearbyPoint:
    """State what a zero in a gauge says of the point."""
    radius, negative = _alone(found.gauge, found.boxes)
    before, after = ([*zip(*columns, strict=True)] for columns in (found.start, found.exact))
    return NearbyPoint.rounded(before, after, found.loss, radius=radius, negative=negative, flat=found.flat)


def _alone(gauge: Coordinates, boxes: Sequence[ZeroBox]) -> tuple[float, int]:
    """The radius ρ within which the critical point is alone, and its index.

    A critical point within ρ in every coordinate, turned into the gauge, lies in the box of Krawczyk's
    theorem, and L depends on none of its idle coordinates: it is the one zero in the box, but for these.
    """
    reason = UndecidedError("there is no box")
    for box in reversed(boxes):
        try:
            negative, _ = inertia_of(box.slopes)
        except UndecidedError as error:
            reason = error
            continue
        for eighths in range(7, 0, -1):
            radius = box.radius * eighths / 8
            fat = [[x + arb(0, radius) for x in column] for column in gauge.columns(box.image)]
            try:
                moved = turned(fat, gauge.pivots)
                gauge.enclose(moved, order=0)
            except UndecidedError as error:
                reason = error
                continue
            if all(z.contains(moved[j][i]) for (j, i), z in zip(gauge.unknowns, box.box, strict=True)):
                return float(radius), negative
    raise reason
