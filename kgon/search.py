"""Critical points of any index from many random starts: minima, saddles and flat families."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from kgon import _format
from kgon.catalogue import MAX_FEATURES, Catalogue, standard_point
from kgon.certify import certify
from kgon.certify_point import NearbyPoint, certify_near
from kgon.classify import MAX_CERTIFIED, SAME, nearest
from kgon.distinct import MARGIN, Point, compared, distinct, signature
from kgon.io import write_point, write_text
from kgon.model import TMS, Floats, check_integer
from kgon.parallel import Progress, Workers, check_workers
from kgon.results import KgonError, Result, Verdict, result
from kgon.search_run import SAME_LOSS, Ends, Settings, round_of

MOST_STARTS = 10_000_000


@result
class FoundPoint(Result):
    """A critical point that a search found, up to O(r) and permutations; or a flat family of them.

    Attributes
    ----------
    loss : float
    gradient_norm : float
        ‖∇L‖ in float64.
    index, nullity : int or None
        Negative and zero eigenvalues of the Hessian.  On a kink there is none: the index is 0 at a proved
        minimum and else None, the nullity is None.
    hits : int
        Starts that ended here.
    label : str or None
        k-gon of the catalogue; None for other points.
    kink : bool
        L is only C^{1,1} here: a pair term sits on the corner of its regions.
    isolated : bool
        Alone, apart from O(r), columns that take no part and the biases of outputs that are off.  By the
        Hessian; on a kink, by starts that ended at the very same place.
    certificate : NearbyPoint or None
        What is proved of the exact point.
    uncertified : str
        Why there is no certificate.
    W, b : (r, c) and (c,) arrays
        One representative, columns that take no part at W = 0, b = −½; of a k-gon on a kink, the standard one.
    """

    schema: ClassVar[str] = "found-point"

    loss: float
    gradient_norm: float
    index: int | None
    nullity: int | None
    hits: int
    label: str | None
    kink: bool
    isolated: bool
    certificate: NearbyPoint | None
    uncertified: str
    W: np.ndarray
    b: np.ndarray

    @property
    def kind(self) -> str:
        """``minimum``, ``saddle of index 2``, with ``family`` where not isolated; ``kink`` without an index."""
        if self.index is None:
            name = "on a kink"
        else:
            name = f"saddle of index {self.index}" if self.index else "minimum"
        return name if self.isolated else f"family, {name}"

    def headline(self) -> str:
        name = "new" if self.label is None else self.label
        proof = "certified" if self.certificate else f"not certified ({self.uncertified})"
        return f"{name}: L = {self.loss:.9f}, {self.kind}, {self.hits} hits, {proof}"

    def rows(self) -> Sequence[tuple[str, str]]:
        return [
            ("loss L", _format.uncertified(self.loss, 12)),
            ("|grad L|", f"{self.gradient_norm:.1e}~"),
            ("negative, zero eigenvalues", f"{_or_dash(self.index)}, {_or_dash(self.nullity)}"),
            ("starts that ended here", str(self.hits)),
            ("k-gon", self.label or "none"),
            *(self.certificate.rows() if self.certificate else [("certificate", self.uncertified)]),
        ]

    def picture(self) -> str:
        return _format.polygon_svg([(float(x), float(y)) for x, y in self.W.T]) if len(self.W) == 2 else ""


@result
class Search(Result):
    """Critical points found from random starts.  What is not in it may still exist: evidence, no proof.

    Attributes
    ----------
    c, r, starts, seed : int
    below : float or None
        Only points with L < below are kept.
    converged, ended : int
        Starts that ended at a critical point; and those below the bound.
    points : tuple of FoundPoint
        By loss.
    singles : int
        Points that one start found.
    unseen : float or None
        Good–Turing: estimated chance that one more start that ends below the bound finds a new point,
        ``singles`` / ``ended``.
    expected : float
        Chao's estimate of the number of points that these starts can find, a lower bound on average.
    """

    schema: ClassVar[str] = "search"

    c: int
    r: int
    starts: int
    seed: int
    below: float | None
    converged: int
    ended: int
    points: tuple[FoundPoint, ...]
    singles: int
    unseen: float | None
    expected: float

    @property
    def isolated(self) -> tuple[FoundPoint, ...]:
        """The isolated points."""
        return tuple(point for point in self.points if point.isolated)

    def headline(self) -> str:
        bound = "" if self.below is None else f" with L < {self.below:.6g}"
        return (
            f"c = {self.c}, r = {self.r}: {len(self.points)} distinct critical points{bound}, "
            f"{len(self.isolated)} of them isolated, {sum(x.certificate is not None for x in self.points)} "
            f"certified; {self.starts} starts, seed {self.seed}"
        )

    def rows(self) -> Sequence[tuple[str, str]]:
        return [
            *((f"{point.loss:.9f}", point.headline().partition(", ")[2]) for point in self.points),
            *self._evidence(),
        ]

    def _evidence(self) -> list[tuple[str, str]]:
        unseen = "-" if self.unseen is None else f"{self.unseen:.2g}"
        return [
            ("starts that ended at a critical point", f"{self.converged}, {self.ended} of them below"),
            ("found once", str(self.singles)),
            ("chance that the next one is new (Good-Turing)", unseen),
            ("estimated number of points (Chao)", f"{self.expected:.1f}"),
        ]

    def table(self) -> _format.Table:
        """One row per point."""
        rows = [
            {
                "loss": f"{point.loss:.9f}",
                "index": _or_dash(point.index),
                "nullity": _or_dash(point.nullity),
                "hits": str(point.hits),
                "label": point.label or "-",
                "where": "kink" if point.kink else "smooth",
                "kind": "isolated" if point.isolated else "family",
                "certificate": _proof(point),
            }
            for point in self.points
        ]
        right = ("loss", "index", "nullity", "hits")
        names = ("loss", "index", "nullity", "hits", "label", "where", "kind", "certificate")
        headings = {"loss": "L", "label": "k-gon"}
        return _format.Table(
            name="search",
            title=self.headline(),
            columns=[_format.Column(x, headings.get(x, x), align="r" if x in right else "l") for x in names],
            rows=rows,
            notes=[
                *(f"{name}: {value}" for name, value in self._evidence()),
                "index, nullity: negative and zero eigenvalues of the Hessian, which a kink does not have",
                "isolated: apart from O(r), columns that take no part, and biases of outputs that are off",
                "evidence, not proof, that the list is complete",
            ],
        )

    def __str__(self) -> str:
        return self.table().text()


def _or_dash(value: int | None) -> str:
    return "-" if value is None else str(value)


def _proof(point: FoundPoint) -> str:
    if point.certificate is None:
        return f"none: {point.uncertified}"
    if point.certificate.reason:
        return point.certificate.reason
    kind = f"index {point.certificate.negative}" if point.certificate.negative else "minimum"
    return f"{kind}, proved (Krawczyk)"


def search(
    c: int = 6,
    *,
    r: int = 2,
    starts: int = 10_000,
    seed: int = 0,
    below: float | None = None,
    workers: Workers = 1,
    folder: str | Path | None = None,
    progress: Progress = None,
) -> Search:
    """Search critical points of the population loss, of any index, from random starts.

    Half of the starts are random; the others lie between two points that these have found.  Each is followed
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
    workers : int, Executor or callable
        As ``parallel.run``.
    folder : str or Path, optional
        Keeps finished chunks, goes on with those that are there, and gets ``search.json`` and ``points.npz``.
    progress : None, bool or callable
        As ``parallel.run``.

    Returns
    -------
    Search

    Raises
    ------
    KgonError
        An option out of range.

    Examples
    --------
    >>> found = search(4, starts=400, below=0.05)
    >>> [(point.label, point.index) for point in found.points]
    [('4', 0)]
    """
    tms = TMS(c, r)
    check_integer("starts", starts, 2, MOST_STARTS)
    check_workers(workers)
    if below is not None and not (isinstance(below, (int, float)) and 0 < below < np.inf):
        raise KgonError(f"below must be positive and finite, got {below!r}")
    settings = Settings(
        c=tms.c, r=tms.r, seed=check_integer("seed", seed, 0), below=np.inf if below is None else float(below)
    )
    half = starts // 2
    first = round_of(
        settings, 1, starts - half, np.empty((0, tms.dimension)), workers=workers, folder=folder, progress=progress
    )  # fmt: skip
    parents = [tms.pack(point.W, point.b) for point in distinct(tms, first)]
    second = round_of(
        settings, 2, half, np.array(parents).reshape(-1, tms.dimension), workers=workers, folder=folder,
        progress=progress,
    )  # fmt: skip
    ends = first.and_those(second)
    outcome = _result(settings, tms, ends, _named(tms, distinct(tms, ends)))
    if folder is not None:
        _write(outcome, Path(folder), {"c": c, "r": r, "starts": starts, "seed": seed, "below": below})
    return outcome


def _result(settings: Settings, tms: TMS, ends: Ends, points: list[FoundPoint]) -> Search:
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


def _write(outcome: Search, folder: Path, options: dict[str, Any]) -> None:
    data = {**outcome.to_dict(), "options": options}
    write_text(folder / "search.json", json.dumps(data, allow_nan=False, ensure_ascii=False, indent=2) + "\n")
    if outcome.points:
        W, b = np.array([x.W for x in outcome.points]), np.array([x.b for x in outcome.points])
        write_point(folder / "points.npz", W, b)


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
        loss=point.loss,
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
    if point.kink:
        return (None, "a kink that is no k-gon's") if label is None else (_of_square(tms, label), "")
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
    loss = Catalogue(tms.c)[label].loss
    proof = f"{claims['verdict']}, exact ({claims['proof']})" if claims["proof"] else "critical, exact"
    return NearbyPoint(
        verdict=Verdict.PROVED, reason=proof, distance=SAME, loss_lower=float(np.nextafter(loss, -1)),
        loss_upper=float(np.nextafter(loss, 2)), radius=None,
        negative=0 if claims["verdict"] == "minimum" else None, flat=claims["flat_dimension"],
    )  # fmt: skip
