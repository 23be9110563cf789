"""Critical points of any index from many random starts: minima, saddles and flat families."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from kgon.base.checks import check_integer, check_positive, check_seed
from kgon.base.verdicts import Verdict
from kgon.base.work import HERE, Work
from kgon.kgons.catalogue import MAX_FEATURES
from kgon.kgons.followed import lead
from kgon.kgons.labels import Label
from kgon.kgons.names import SEARCHED, KnownName, Other, identify, name_at
from kgon.kgons.nearest_kgon import SAME, nearest
from kgon.landscape.found import FoundPoint, Search
from kgon.landscape.identity import Point, distinct
from kgon.landscape.nearest_solid import name_solid
from kgon.landscape.starts import SearchSettings, roots_below, search_round
from kgon.potential.descent import Ends
from kgon.potential.model import TMS
from kgon.potential.points import write_point
from kgon.proofs.certificates import certify
from kgon.proofs.exact_points import certify_rational
from kgon.proofs.nearby import certify_near
from kgon.proofs.nearby_point import NearbyPoint
from kgon.proofs.verification import MAX_CERTIFIED

MOST_STARTS = 10_000_000


def search_critical_points(
    c: int | TMS = 6,
    *,
    r: int | None = None,
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
    c : int or TMS
        Features; or a model with probabilities and importances of its own, whose k-gons have the names that
        branches from equal ones lead to (``kgon.kgons.followed``).
    r : int, optional
        Hidden dimensions.  Default: 2, or those of the model.
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
    tms = TMS.of(c, r)
    settings = SearchSettings(c=tms.c, r=tms.r, seed=check_seed(seed), model=tms.own)
    check_integer("starts", starts, 2, MOST_STARTS)
    limit = np.inf if below is None else check_positive("below", below)
    options: dict[str, Any] = {
        "c": tms.c,
        "r": tms.r,
        "starts": starts,
        "seed": settings.seed,
        "below": below,
    }
    options |= {} if tms.own is None else {"model": tms}
    file = work.claim("search.json", options, counts=("starts",))
    ends = search_both_rounds(settings, starts, limit / tms.strength, work)
    roots = roots_below(ends, limit / tms.strength)
    points = tuple(_found(tms, _of(point, tms.strength)) for point in distinct(settings.tms, roots))
    hits = [point.hits for point in points]
    singles, doubles, ended = hits.count(1), hits.count(2), len(roots.w)
    outcome = Search(
        c=tms.c,
        r=tms.r,
        starts=starts,
        seed=settings.seed,
        below=None if below is None else limit,
        converged=int(ends.converged.sum()),
        ended=ended,
        points=points,
        singles=singles,
        unseen=singles / ended if ended else None,
        expected=len(points) + singles * (singles - 1) / (2 * (doubles + 1)),
        model=tms.own,
    )
    file.write(outcome)
    if work.folder is not None and points:
        W, b = np.array([x.W for x in points]), np.array([x.b for x in points])
        write_point(Path(work.folder) / "points.npz", W, b)
    return outcome


def search_both_rounds(settings: SearchSettings, starts: int, limit: float, work: Work) -> Ends:
    """Follow half of the starts from random places, the others from the points below a limit that these find.

    The limit, and the losses of the ends, are those of ``settings.tms``.
    """
    tms, half = settings.tms, starts // 2
    first = search_round(settings, 1, starts - half, np.empty((0, tms.dimension)), work=work)
    parents = [tms.pack(point.W, point.b) for point in distinct(tms, roots_below(first, limit))]
    second = search_round(settings, 2, half, np.array(parents).reshape(-1, tms.dimension), work=work)
    return Ends.joined([first, second])


# --- names and certificates ------------------------------------------------------------------------


def _of(point: Point, factor: float) -> Point:
    """The same point of a loss that is larger by a factor."""
    return replace(point, loss=point.loss * factor, norm=point.norm * factor)


def _found(tms: TMS, point: Point) -> FoundPoint:
    """Name a point and prove what can be proved of it; a k-gon on a kink is given at its standard place."""
    name, unnamed = _name(tms, point)
    certificate, reason = _certified(tms, point, name)
    W, b, index = point.W, point.b, None if point.kink else point.index
    if point.kink and isinstance(name, Label):
        led = lead(name, name.columns(tms.c), tms)
        W, b = (W, b) if led.W is None else led.place  # a 4-gon that moves has no standard place
    if point.kink and certificate is not None:
        index = certificate.negative
    return FoundPoint(
        loss=max(point.loss, 0.0),  # an integral of squares, up to rounding
        gradient_norm=point.norm,
        index=index,
        nullity=None if point.kink else point.nullity,
        hits=point.hits,
        label=_solid(tms, point) if name is None else str(name),
        kink=point.kink,
        isolated=point.isolated,
        certificate=certificate,
        uncertified=reason,
        W=W,
        b=b,
        unnamed=unnamed or None,
    )


def _solid(tms: TMS, point: Point) -> str | None:
    """Name a regular configuration of r = 3, which is a critical point of equal weights."""
    return name_solid(point.W, point.b, point.loss / tms.strength) if tms.equal else None


def _name(tms: TMS, point: Point) -> tuple[KnownName | None, str]:
    """Name a point, if it is known, or say why not: of a flat family, the first configuration."""
    if tms.r != 2 or not 4 <= tms.c <= MAX_FEATURES:
        return None, ""
    if not tms.equal:
        found, reason = name_at(tms, point.W, point.b, within=SEARCHED)
        return found if found is None or point.isolated else replace(found, configuration="adjacent"), reason
    name = identify(tms.pack(point.W, point.b), point.loss, within=SEARCHED, tms=tms)
    if isinstance(name, Label) and not point.isolated:
        return replace(name, configuration="adjacent"), ""
    elsewhere = isinstance(name, Label) and nearest(point.W, point.b).distance > SAME
    return (None if elsewhere or isinstance(name, Other) else name), ""


def _certified(tms: TMS, point: Point, name: KnownName | None) -> tuple[NearbyPoint | None, str]:
    """Prove that the point exists, with its index; or give the reason why there is no proof."""
    if tms.c > MAX_CERTIFIED:
        return None, f"c > {MAX_CERTIFIED}"
    if isinstance(name, Label) and name.k == 4:
        square = _of_square(tms, point, name)
        return square, "" if square else "the exact 4-gon was not found"
    special = "a kink" if point.kink else "" if point.isolated else "not isolated"
    if special and tms.r == 2:
        return None, "a kink that is no k-gon's" if point.kink else special
    found = certify_near(point.W, point.b, tms=tms)
    if found.verdict is not Verdict.PROVED or found.distance is None:
        return None, special or found.reason
    if found.distance > SAME or not (point.kink or found.negative == point.index):
        return None, "the exact point that was found is another one"
    if found.reason:
        what = {None: "critical", 0: "minimum"}.get(found.negative, f"index {found.negative}")
        found = replace(found, reason=f"{what}, proved part by part: {found.reason}")
    return found, ""


def _of_square(tms: TMS, point: Point, label: Label) -> NearbyPoint | None:
    """Prove the rational point near by, and say what the exact certificate of the 4-gon proves of it."""
    found = certify_rational(tms, point.W, point.b, nearest(point.W, point.b))
    if found is None:
        return None
    if not tms.equal:
        return replace(found, reason="critical, exact")
    claims = certify(label, tms.c)["claims"]
    proof = f"{claims['verdict']}, exact ({claims['proof']})" if claims["proof"] else "critical, exact"
    negative = 0 if claims["verdict"] == "minimum" else None
    return replace(found, reason=proof, negative=negative, flat=claims["flat_dimension"])
