"""Follow a k-gon from equal weights to those of a model, and a critical point of a model back.

A k-gon is a critical point where all importances, and all probabilities, are equal.  What it is at others is
where its branch leads, on the straight way from equal weights (``potential.parameters.Toward``), by the same
continuation as ``kgon continue``.  A 4-gon sits on a kink, where no branch is followed; as its gradient is
linear in the weights p_i I_j, it stays a critical point where it is one at the model's, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np

from kgon.base.checks import Floats
from kgon.base.verdicts import KgonError
from kgon.kgons.arrangements import arrangements, name_arranged
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.labels import Label
from kgon.kgons.rest import at_rest
from kgon.kgons.sparse import sparse_point
from kgon.kgons.systems import BIAS, CriticalPoints
from kgon.kgons.values import rational_square, standard_point
from kgon.numerics import continuation
from kgon.numerics.continuation.walk import Branch
from kgon.potential import any_number
from kgon.potential.descent import descend
from kgon.potential.loss import Potential
from kgon.potential.model import TMS, check_tms
from kgon.potential.parameters import Toward

PUSHES, PUSH = 16, 0.003
"""Descents from around a 4-gon that decide whether it is a minimum, and how far they begin from it."""
STILL, LONGEST = 1e-7, 20_000
"""‖∇L‖ at which they end, and most steps: enough where an importance is 5 % from where stability is lost."""
FALLEN = 1e-6
"""By how much a descent must end lower, with importances divided by the largest."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Followed:
    """Where a branch leads.

    Attributes
    ----------
    W, b : (2, c) and (c,) arrays, or None
        The point at the other end; None where the branch ends before.
    reason : str
        Why it ends.
    negative : int or None
        Negative eigenvalues of the Hessian across what costs nothing; None at a kink.
    """

    W: Floats | None = None
    b: Floats | None = None
    reason: str = ""
    negative: int | None = None

    @property
    def place(self) -> tuple[Floats, Floats]:
        """W and b, or the reason why there is none as an error."""
        if self.W is None or self.b is None:
            raise KgonError(self.reason)
        return self.W, self.b


def arranged_point(label: Label, columns: Sequence[int], c: int) -> tuple[Floats, Floats]:
    """Build the catalogue's point with column ``columns[j]`` in the place of column j."""
    place = np.argsort(columns)
    W, b = standard_point(label.label, c)
    return W[:, place].copy(), b[place].copy()


def lead(label: Label, columns: Sequence[int], tms: TMS) -> Followed:
    """Follow a k-gon, its columns arranged, from equal weights to those of a model (r = 2).

    Examples
    --------
    >>> found = lead(Label.parse("6"), range(6), TMS(6, importance=[1, 1, 1, 1, 1, 0.3]))
    >>> found.reason
    'the branch of 6 turns back at a fold, at importance 1,1,1,1,1,0.390358'
    """
    W, b = arranged_point(label, columns, check_tms(tms).c)
    if tms.equal:
        return Followed(W=W, b=b)
    if label.k == 4:
        stays = is_exact_square(label, columns, tms)
        moved = f"{label.label} moves when the weights differ, and sits on a kink: its branch is not followed"
        return Followed(W=W, b=b) if stays else Followed(reason=moved)
    return _along(f"the branch of {label.label}", tms, W, b, 0.0)


def point_at(label: Label, tms: TMS) -> tuple[Floats, Floats]:
    """Find W and b of a k-gon at a model; without words its columns are those of the standard representative.

    Where several features may be active at once, see ``sparse_point``.

    Raises
    ------
    KgonError
        Its branch ends before.

    Examples
    --------
    >>> W, b = point_at(Label.parse("5+, positive column 0"), TMS(6, importance=[2, 1, 1, 1, 1, 1]))
    >>> bool(abs(W[:, 0]).max() < 1e-15), round(float(b[0]), 4)
    (True, 0.0833)
    """
    if tms.r != 2:
        raise KgonError(f"k-gons are points with r = 2, the model has r = {tms.r}")
    columns = label.columns(tms.c)
    if not tms.inputs.one:
        W, b = sparse_point(label.label, tms)
        place = np.argsort(columns)
        return W[:, place], b[place]
    return lead(label.check(tms.c), columns, tms).place


def trace_back(tms: TMS, w: Floats) -> Followed:
    """Follow a smooth critical point (3c,) of a model back to equal weights."""
    return _along("its branch", tms, *tms.unpack(at_rest(tms, w)), 1.0)


def _along(whose: str, tms: TMS, W: Floats, b: Floats, start: float) -> Followed:
    """Follow the branch of a point on the way to a model from one end, 0 or 1, to the other."""
    way, direction = Toward(tms), 1 if start == 0.0 else -1
    try:
        system = CriticalPoints(W, b, parameter=way)
    except KgonError as error:
        return Followed(reason=f"{whose} is not followed: {error}")
    try:
        branch = continuation.follow(system, system.start, start, lower=0.0, upper=1.0, direction=direction)
    except KgonError:
        return Followed(reason=f"{whose} is not followed: several curves pass through the point, or none")
    reason = _end(branch, system, start)
    if reason:
        return Followed(reason=f"{whose} {reason}")
    W, b = system.point(branch.x[-1])
    return Followed(W=W.copy(), b=b.copy(), negative=int(branch.negative[-1]))


def _end(branch: Branch, system: CriticalPoints, start: float) -> str:
    """Say why a branch does not arrive at its other end; empty where it does."""
    way = system.parameter

    def at(value: float) -> str:
        model = way.tms(min(max(value, 0.0), 1.0))
        return ", ".join(
            f"{name} {','.join(f'{x:.6g}' for x in getattr(model, name))}" for name in way.varies
        )

    for event in branch.events:
        if system.idle and any(isinstance(key, tuple) and key[0] == BIAS for key in event.watched):
            return f"ends where an unused column takes part, at {at(event.parameter)}"
    if branch.ended == ("upper" if start == 0.0 else "lower"):
        return ""
    folds = branch.of("fold")
    if branch.ended in ("upper", "lower", "closed") and folds:
        return f"turns back at a fold, at {at(folds[0].parameter)}"
    return f"cannot be followed beyond {at(float(branch.parameter[-1]))} ({branch.ended})"


def is_exact_square(label: Label, columns: Sequence[int], tms: TMS) -> bool:
    """Whether a 4-gon, its columns arranged, is a critical point of a model, exactly."""
    place = np.argsort(columns).tolist()
    W, b = rational_square(label, tms.c)
    rows = [[row[j] for j in place] for row in (*W, b)]
    p, importance = Toward(tms).weights(Fraction(1))
    return any_number.is_critical(rows[:2], rows[2], probability=p, importance=importance)


# --- all k-gons of a model -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WeightedKgon:
    """A k-gon of a model, arranged, and where its branch leads.

    Attributes
    ----------
    name : Label
        With words, where columns differ in weight.
    found : Followed
    loss : float or None
        L of the model there.
    is_minimum : bool or None
        By the signs of the Hessian in float64; of a 4-gon with positive columns by descents from around it;
        None where the branch ends, and of k ≥ 5 where a column of importance 0 takes part.
    """

    name: Label
    found: Followed
    loss: float | None
    is_minimum: bool | None


@lru_cache(maxsize=8)
def weighted_kgons(tms: TMS) -> tuple[WeightedKgon, ...]:
    """List every k-gon of a model in every arrangement of its columns, those that are alike once."""
    found = []
    for label in Catalogue(tms.c).labels:
        for columns in arrangements(label, tms.classes):
            led = lead(label, columns, tms)
            loss = None if led.W is None else float(Potential(tms).loss(*led.place))
            name, minimum = name_arranged(label, columns, tms.classes), _minimum(label, columns, led, tms)
            found.append(WeightedKgon(name=name, found=led, loss=loss, is_minimum=minimum))
    return tuple(found)


def _minimum(label: Label, columns: Sequence[int], led: Followed, tms: TMS) -> bool | None:
    """Whether a k-gon, its columns arranged, is a local minimum of a model.

    A 4-gon without positive columns is one, as every output costs its least; so it is with positive ones of
    importance 0, which cost nothing.  With others beside switched-off ones it is none, as the switched-off
    may tilt ΣW at no cost.
    """
    if led.W is None:
        return None
    if tms.equal:
        return Catalogue(tms.c)[label].is_minimum
    weight: dict[str, list[bool]] = {"live": [], "positive": []}
    for j, role in zip(columns, label.roles(tms.c), strict=True):
        weight.setdefault(role, []).append(bool(tms.importance[j] > 0))
    if label.k > 4:
        return led.negative == 0 if all(weight["live"] + weight["positive"]) else None
    if not any(weight["positive"]):
        return True
    return False if label.phi else not _falls(tms.scaled, *led.place)


def _falls(tms: TMS, W: Floats, b: Floats) -> bool:
    """Whether a descent from near a point ends lower than it."""
    w, rng = tms.pack(W, b), np.random.default_rng(0)
    starts = w + PUSH * rng.standard_normal((PUSHES, tms.dimension))
    ends = descend(tms, starts, tolerance=STILL, max_steps=LONGEST)
    return bool(np.nanmin(ends.loss) < Potential(tms).flat(w[None])[0][0] - FALLEN)
