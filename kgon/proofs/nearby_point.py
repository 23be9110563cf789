"""What is proved of the exact critical point near an approximate one, in numbers and in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from operator import sub
from typing import Any

from flint import arb

from kgon.base import text
from kgon.base.results import Result, only_given, result
from kgon.base.verdicts import Verdict
from kgon.numerics.balls import above, below


@result
class NearbyPoint(Result):
    """An exact critical point proved to exist near an approximate one.

    Attributes
    ----------
    verdict : Verdict
        PROVED or UNDECIDED.
    reason : str
        What stands in the way, where undecided; else what the proof rests on, where that is to be said.
    distance : float or None
        Upper bound of the distance from the given point, after a rotation, to the exact one.
    distance_W : float or None
        The same of W alone.
    loss_lower, loss_upper : float or None
        Enclosure of the exact loss.
    radius : float or None
        There is no other critical point this near in every coordinate, apart from those that rotations and
        flat directions make of this one.  None where that is not known, as at kinks of the gradient.
    negative, flat : int or None
        Negative eigenvalues of the Hessian, and flat directions (rotation, the coordinates of columns that
        take no part, the biases of outputs that are off, rotations of single parts).  At a kink of the
        gradient the first is 0 at a proved local minimum, and the second the dimension of the set of equal
        loss there; None where these are not known.
    kink : True or None
        True where the exact point is known to lie at a kink of the gradient: L has no Hessian there.
    """

    verdict: Verdict
    reason: str = ""
    distance: float | None = None
    distance_W: float | None = None
    loss_lower: float | None = None
    loss_upper: float | None = None
    radius: float | None = None
    negative: int | None = None
    flat: int | None = None
    kink: bool | None = only_given(shown=False)

    @classmethod
    def rounded(
        cls, given: Sequence[Sequence[arb]], exact: Sequence[Sequence[arb]], loss: arb, **more: Any
    ) -> NearbyPoint:
        """State what is proved of an exact point: its loss, and how far its rows, W and then b, are moved."""
        *moves, last = [
            sum((x * x for x in map(sub, p, q)), arb(0)) for p, q in zip(given, exact, strict=True)
        ]
        of_W = sum(moves, arb(0))
        # A sum of squares of balls about 0 reaches below 0.
        distances = [0.0 if x == 0 else above(x.nonnegative_part().sqrt()) for x in (of_W, of_W + last)]
        return cls(
            verdict=Verdict.PROVED,
            distance=distances[1],
            distance_W=distances[0],
            loss_lower=_below(loss),
            loss_upper=_above(loss),
            **more,
        )

    def headline(self) -> str:
        if self.distance is None:
            return f"exact critical point nearby: {self.verdict} ({self.reason})"
        kind = {None: "", 0: " a local minimum"}.get(self.negative, f" of index {self.negative}")
        return f"exact critical point{kind} {self.within}: PROVED"

    def times(self, factor: float) -> NearbyPoint:
        """The same point of the model whose importances are larger by a factor."""
        if self.loss_lower is None or self.loss_upper is None:
            return self
        return replace(
            self,
            loss_lower=_below(arb(self.loss_lower) * factor),
            loss_upper=_above(arb(self.loss_upper) * factor),
        )

    @property
    def within(self) -> str:
        """The proved distance in words, rounded up."""
        if self.distance is None:
            return "at no known distance"
        return f"within {text.at_most(self.distance)}" if self.distance else "at the point itself"

    def rows(self) -> Sequence[tuple[str, str]]:
        if self.distance is None:
            return [("an exact critical point near by", f"{self.verdict}: {self.reason}")]
        lines = [
            ("an exact critical point", f"PROVED to lie {self.within}"),
            ("  its loss", f"[{self.loss_lower!r}, {self.loss_upper!r}]"),
        ]
        flat = "not known" if self.flat is None else str(self.flat)
        if self.kink:
            lines.append(
                ("  negative eigenvalues", "none to count: at a kink of the gradient L has no Hessian")
            )
            lines.append(("  dimension of the set of equal loss", flat))
        elif self.negative is not None:
            lines.append(("  negative eigenvalues, flat directions", f"{self.negative}, {flat}"))
        if self.reason:
            lines.append(("  it is made of", self.reason))
        if self.radius is not None:
            alone = f"{text.at_least(self.radius)} in each coordinate, up to symmetry"
            lines.append(("  alone within", alone))
        return lines


def _below(loss: arb) -> float:
    """Bound a loss from below: a sum of integrals of squares is nowhere negative."""
    return max(0.0, below(loss))


def _above(loss: arb) -> float:
    """Bound a loss from above; one that is exactly 0 stays so."""
    return 0.0 if loss == 0 else above(loss)
