"""What a search finds: critical points and flat families, with the evidence that the list is complete."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kgon.base import text
from kgon.base.results import Result, only_given, result
from kgon.base.table import Column, Table
from kgon.kgons.colours import family_colour
from kgon.kgons.names import parse_name
from kgon.potential.model import TMS
from kgon.proofs.nearby_point import NearbyPoint

NAMED = {2: "k-gon", 3: "solid"}
"""What the names of points stand for, by r."""


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
        k-gon of the catalogue, at r = 3 regular configuration; None for other points.
    kink : bool
        L is only C^{1,1} here: a pair term sits on the corner of its regions.
    isolated : bool
        Alone, apart from O(r), columns that take no part and the biases of outputs that are off.  By the
        Hessian; on a kink, by starts that ended at the very same place.
    certificate : NearbyPoint or None
        What is proved of the exact point; of a family of 4-gons, of the k-gon in it.
    uncertified : str
        Why there is no certificate.
    W, b : (r, c) and (c,) arrays
        One representative, columns that take no part at W = 0, b = −½; of a k-gon on a kink its standard one.
    unnamed : str or None
        At unequal importances or probabilities: why the point has no name.
    """

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
    unnamed: str | None = only_given(shown=False)

    @property
    def kind(self) -> str:
        """``minimum``, ``saddle of index 2``, ``on a kink``; after ``family`` where not isolated."""
        if self.index is None:
            name = "on a kink"
        else:
            name = f"saddle of index {self.index}" if self.index else "minimum"
        return name if self.isolated else f"family, {name}"

    @property
    def summary(self) -> str:
        """What kind of point it is, how often it was found and whether it is proved."""
        proof = "certified" if self.certificate else f"not certified ({self.uncertified})"
        return f"{self.kind}, {self.hits} hits, {proof}"

    def headline(self) -> str:
        name = "new" if self.label is None else self.label
        return f"{name}: L = {self.loss:.9f}, {self.summary}"

    def rows(self) -> Sequence[tuple[str, str]]:
        return [
            ("loss L", text.loss(self.loss)),
            ("|grad L|", f"{self.gradient_norm:.1e}~"),
            ("negative, zero eigenvalues", self._signs),
            ("starts that ended here", str(self.hits)),
            (NAMED.get(len(self.W), "name"), self.label or self._nameless),
            *(self.certificate.rows() if self.certificate else [("certificate", self.uncertified)]),
        ]

    @property
    def _signs(self) -> str:
        """How many eigenvalues of the Hessian are negative and zero, where there is one."""
        return "none: a kink has no Hessian" if self.kink else f"{self.index}, {self.nullity}"

    @property
    def _nameless(self) -> str:
        """What stands in the place of a name."""
        return f"none: {self.unnamed}" if self.unnamed else "none"

    def picture(self) -> str:
        if len(self.W) != 2:
            return ""
        name = None if self.label is None else parse_name(self.label)
        colour = family_colour(getattr(name, "k", None))
        return text.polygon_svg(self.W.tolist(), self.b.tolist(), colour, self.label or "a critical point")


@result
class Search(Result):
    """Critical points found from random starts.  What is not in it may still exist: evidence, no proof.

    Attributes
    ----------
    c, r, starts, seed : int
    model : TMS or None
        The model, where its weights are not uniform; names are then those that branches lead to.
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
    model: TMS | None = only_given()

    @property
    def isolated(self) -> tuple[FoundPoint, ...]:
        """The isolated points."""
        return tuple(point for point in self.points if point.isolated)

    def headline(self) -> str:
        bound = "" if self.below is None else f" with L < {self.below:.6g}"
        families = len(self.points) - len(self.isolated)
        return (
            f"c = {self.c}, r = {self.r}: {len(self.points)} distinct critical points{bound} known"
            f"{f', {families} of them flat families' if families else ''}, "
            f"{sum(x.certificate is not None for x in self.points)} certified; "
            f"{self.starts} starts, seed {self.seed}{'' if self.model is None else f'; {self.model}'}"
        )

    def rows(self) -> Sequence[tuple[str, str]]:
        return [
            *((f"{point.loss:.9f}", point.summary) for point in self.points),
            *self._evidence(),
        ]

    def _evidence(self) -> list[tuple[str, str]]:
        """Say what speaks for the list being complete."""
        unseen = "-" if self.unseen is None else f"{self.unseen:.2g}"
        below = "" if self.below is None else f", {self.ended} of them below {self.below:.6g}"
        return [
            ("starts that ended at a critical point", f"{self.converged}{below}"),
            ("found once", str(self.singles)),
            ("chance that the next one is new (Good-Turing)", unseen),
            ("estimated number of points (Chao)", f"{self.expected:.1f}"),
        ]

    def table(self) -> Table:
        """Tabulate the points, with what speaks for the list being complete."""
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
        headings = {"loss": "L", "label": NAMED.get(self.r, "name")}
        return Table(
            name="search",
            title=self.headline(),
            columns=[
                Column(x, headings.get(x, x), "$L$" if x == "loss" else "", "r" if x in right else "l")
                for x in names
            ],
            rows=rows,
            notes=[
                *(f"{name}: {value}" for name, value in self._evidence()),
                "index, nullity: negative and zero eigenvalues of the Hessian, which a kink does not have; "
                "index 0 there: a proved minimum",
                "isolated: apart from O(r), columns that take no part, and biases of outputs that are off",
                "evidence, not proof, that the list is complete",
                *(f"L = {x.loss:.9f} has no name: {x.unnamed}" for x in self.points if x.unnamed),
            ],
        )

    def __str__(self) -> str:
        return str(self.table())


def _or_dash(value: int | None) -> str:
    """Write a number, or a dash where there is none."""
    return "-" if value is None else str(value)


def _proof(point: FoundPoint) -> str:
    """Say what is proved of a point, and how; or why nothing is."""
    if point.certificate is None:
        return f"none: {point.uncertified}"
    if point.certificate.reason:
        return point.certificate.reason
    kind = f"index {point.certificate.negative}" if point.certificate.negative else "minimum"
    return f"{kind}, proved (Krawczyk)"
