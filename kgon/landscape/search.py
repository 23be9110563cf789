"""Critical points of any index from many random starts: minima, saddles and flat families."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np

from kgon.base.checks import Floats, check_integer, check_positive, check_seed
from kgon.base.verdicts import Verdict
from kgon.base.work import HERE, Work
from kgon.kgons.catalogue import MAX_FEATURES, Catalogue
from kgon.kgons.labels import Label
from kgon.kgons.nearest_kgon import SAME, nearest
from kgon.kgons.values import standard_point
from kgon.landscape.found import FoundPoint, Search
from kgon.landscape.identity import MARGIN, Point, compared, distinct, signature
from kgon.landscape.starts import SAME_LOSS, SearchRoots, SearchSettings, round_of
from kgon.potential.model import TMS
from kgon.potential.points import write_point
from kgon.proofs.certificates import certify
from kgon.proofs.nearby import NearbyPoint, certify_near
from kgon.proofs.verification import MAX_CERTIFIED

MOST_STARTS = 10_000_000


def search_critical_points(
    c: int = 6,
    *,
    r: int = 2,
    starts: int = 10_000,
    seed: int = 0,
    below: float | None = None,
    work: Work = HERE,
) -> Search:
    """Search critical points of the population loss, of any index, from random starts.

    Half of the starts are random; the others come from points that these have found.  Each is followed
    to a zero of ∇L by the Levenberg–Marquardt method, some after a while of gradient descent.  None of this
    knows the catalogue, which only names what was found.

    Parameters
    ----------
    c, r : int
        Features and hidden dimensions (uniform inputs and importances).
    starts : int
        How many, at least 2.
    seed : int
        The starts of a chunk have a generator of their own, so that the numbers do not depend on the workers.
    below : float, optional
        Keep points with L < below only.
    work : Work
        Its folder keeps finished chunks, to go on with, and gets ``search.json`` and ``points.npz``.

    Returns
    -------
    Search

    Raises
    ------
    KgonError
        An option out of range, or a folder whose ``search.json`` was made with other options.

    Examples
    --------
    >>> found = search_critical_points(4, starts=400, below=0.05)
    >>> [(point.label, point.index) for point in found.points]
    [('4', 0)]
    """
    tms = TMS(c, r)
    check_integer("starts", starts, 2, MOST_STARTS)
    limit = np.inf if below is None else check_positive("below", below)
    settings = SearchSettings(c=tms.c, r=tms.r, seed=check_seed(seed), below=limit)
    half = starts // 2
    options = {"c": tms.c, "r": tms.r, "starts": starts, "seed": settings.seed, "below": below}
    file = work.claim("search.json", options, counts=("starts",))
    first = round_of(settings, 1, starts - half, np.empty((0, tms.dimension)), work=work)
    parents = [tms.pack(point.W, point.b) for point in distinct(tms, first)]
    second = round_of(settings, 2, half, np.array(parents).reshape(-1, tms.dimension), work=work)
    ends = first.and_those(second)
    outcome = _result(settings, tms, ends, _named(tms, distinct(tms, ends)))
    file.write(outcome)
    if work.folder is not None and outcome.points:
        W, b = np.array([x.W for x in outcome.points]), np.array([x.b for x in outcome.points])
        write_point(Path(work.folder) / "points.npz", W, b)
    return outcome


def _result(settings: SearchSettings, tms: TMS, ends: SearchRoots, points: list[FoundPoint]) -> Search:
    hits = np.array([point.hits for point in points])
    singles, doubles = int(np.sum(hits == 1)), int(np.sum(hits == 2))
    return Search(
        c=tms.c,
        r=tms.r,
        starts=ends.starts,
        seed=settings.seed,
        below=settings.below if np.isfinite(settings.below) else None,
        converged=ends.converged,
        ended=len(ends.w),
        points=tuple(points),
        singles=singles,
        unseen=singles / len(ends.w) if len(ends.w) else None,
        expected=len(points) + singles * (singles - 1) / (2 * (doubles + 1)),
    )


# --- names and certificates ------------------------------------------------------------------------


def _named(tms: TMS, points: Sequence[Point]) -> list[FoundPoint]:
    known = _catalogue(tms)
    return [_found(tms, point, _label(tms, point, known)) for point in points]


def _catalogue(tms: TMS) -> list[tuple[str, float, Floats]]:
    """Label, loss and signature of the k-gons, where there are any."""
    if tms.r != 2 or not 4 <= tms.c <= MAX_FEATURES:
        return []
    points = list(Catalogue(tms.c))
    compare = compared(tms, np.array([tms.pack(p.W, p.biases) for p in points]))
    return [
        (str(p.name), p.loss, signature(*parts)) for p, *parts in zip(points, *compare, strict=True)
    ]  # fmt: skip


def _label(tms: TMS, point: Point, known: Sequence[tuple[str, float, Floats]]) -> str | None:
    """The k-gon at that very place; of a family, the first whose loss, roles, lengths and biases it has."""
    close = [(label, key) for label, loss, key in known if abs(loss - point.loss) <= SAME_LOSS]
    if not close:
        return None
    if point.isolated:
        near = nearest(point.W, point.b)
        return near.label if near.distance <= SAME and near.label in dict(close) else None
    own = signature(*(x[0] for x in compared(tms, tms.pack(point.W, point.b)[None])))
    return next((label for label, key in close if np.all(np.abs(key - own) <= MARGIN)), None)


def _found(tms: TMS, point: Point, label: str | None) -> FoundPoint:
    certificate, reason = _certified(tms, point, label)
    W, b, index = point.W, point.b, None if point.kink else point.index
    if point.kink and label is not None:
        W, b = standard_point(Catalogue(tms.c)[label].name, tms.c)
        index = None if certificate is None else certificate.negative
    return FoundPoint(
        loss=max(point.loss, 0.0),  # an integral of squares, up to rounding
        gradient_norm=point.norm,
        index=index,
        nullity=None if point.kink else point.nullity,
        hits=point.hits,
        label=label,
        kink=point.kink,
        isolated=point.isolated,
        certificate=certificate,
        uncertified=reason,
        W=W,
        b=b,
    )


def _certified(tms: TMS, point: Point, label: str | None) -> tuple[NearbyPoint | None, str]:
    """A proof that the point exists, with its index; or the reason why there is none."""
    if tms.c > MAX_CERTIFIED:
        return None, f"c > {MAX_CERTIFIED}"
    if label is not None and Label.parse(label).k == 4:
        return _of_square(tms, label), ""
    if point.kink:
        return None, "a kink that is no k-gon's"
    if not point.isolated:
        return None, "not isolated"
    found = certify_near(point.W, point.b)
    if found.verdict is not Verdict.PROVED or found.distance is None:
        return None, found.reason
    if found.distance > SAME or found.negative != point.index:
        return None, "the exact point that was found is another one"
    return found, ""


def _of_square(tms: TMS, label: str) -> NearbyPoint:
    """The exact certificate of a 4-gon, which is a rational point."""
    claims = certify(label, tms.c)["claims"]
    loss = float(Fraction(claims["loss"]))
    proof = f"{claims['verdict']}, exact ({claims['proof']})" if claims["proof"] else "critical, exact"
    return NearbyPoint(
        verdict=Verdict.PROVED,
        reason=proof,
        distance=float(np.finfo(float).eps),
        loss_lower=float(np.nextafter(loss, -1)),
        loss_upper=float(np.nextafter(loss, 2)),
        radius=None,
        negative=0 if claims["verdict"] == "minimum" else None,
        flat=claims["flat_dimension"],
    )
