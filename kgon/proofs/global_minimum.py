"""The global minimum of the potential at r = 2: a theorem for c = 4, 5 and 6, lower bounds for c = 7 and 8.

The proof is derivation 06.  Step c shows c·L ≥ V for all (W, b) with c columns and rests on step
c − 1: step 5 needs lemma two only, the later ones both lemmas (``kgon.proofs.edge_lemmas``).  The coverings
go into a certificate that ``kgon check`` verifies with code and arithmetic of its own.
"""

from __future__ import annotations

import base64
import math
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar

import flint
from flint import arb

from kgon.base.checks import check_integer
from kgon.base.results import Result, result
from kgon.base.verdicts import KgonError, UndecidedError, Verdict
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.polygons import regular_polygons
from kgon.kgons.values import loss_ball
from kgon.potential.any_number import exact_ball
from kgon.proofs.certificates import ACCEPTED, digest, write_document
from kgon.proofs.edge_lemmas import (
    Covering,
    EdgeConstants,
    bound_constants,
    polygon_constants,
    prove_five,
    prove_two,
    suggested_slope,
)

FORMAT = "kgon-global-minimum/1"
FIRST, THEOREM, LAST = 4, 6, 8
"""Least c, largest c of the theorem, largest c of a lower bound."""
BOUNDS = {7: Fraction("0.0685"), 8: Fraction("0.084")}
"""Lower bounds of L that the argument reaches where it does not reach the minimum."""
TAU = {6: Fraction(33, 32)}
"""τ₁ = A/a from which lemma two is used on an edge; 1 where it then holds for every θ ≥ 0."""
SIZE = Fraction(32)
"""Largest ‖w_y‖² and −b in the box of lemma five; what is beyond is settled by hand (derivation 06)."""
BOUND_DENOMINATOR = 10**9
"""Of bounds of L: they are rounded to the nearest rational with this denominator or less."""
GRID = 256
NEAR = Fraction(12, GRID)
"""Half the side of the box around the tight point in which convexity decides."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """One step with its coverings and what the certificate says of it."""

    constants: EdgeConstants
    two: Covering
    five: Covering | None
    document: dict[str, Any]

    @property
    def reason(self) -> str:
        """The first lemma that is not proved, and why; empty where the step is proved."""
        for name, covering in (("two", self.two), ("five", self.five)):
            if covering is not None and covering.verdict is not Verdict.PROVED:
                return f"lemma {name}: {covering.reason}"
        return ""


@result
class StepReport(Result):
    """What one step proved.

    Attributes
    ----------
    c : int
    verdict : Verdict
    reason : str
        What is missing, where it is not proved.
    minimum : bool
        Whether V is the value of the regular c-gon.
    total, kappa, level : float
        V, κ and T.
    two, five : dict or None
        Leaves of the coverings by reason.
    margin_two, margin_five : float or None
        Least certified lower bound over the leaves, the box around the tight point excepted.
    """

    schema: ClassVar[str] = "global-minimum-step"

    c: int
    verdict: Verdict
    reason: str
    minimum: bool
    total: float
    kappa: float
    level: float
    two: dict[str, int]
    five: dict[str, int] | None
    margin_two: float | None
    margin_five: float | None

    def headline(self) -> str:
        return f"{self.c} L >= {self.total:.9g}: {self.verdict}" + (
            f" ({self.reason})" if self.reason else ""
        )

    def rows(self) -> Sequence[tuple[str, str]]:
        rows = [("κ, T", f"{self.kappa:.9g}, {self.level:.9g}")]
        for name, counts, margin in (
            ("lemma two", self.two, self.margin_two),
            ("lemma five", self.five, self.margin_five),
        ):
            if counts and margin is not None:
                rows.append((name, f"{sum(counts.values())} boxes, each bound above {margin:.1e}"))
        return rows


@result
class GlobalMinimum(Result):
    """What is proved about the minimum of L over all W (2 × c) and b (c), p and I uniform.

    Attributes
    ----------
    c : int
    claim : str
        What was asked.
    verdict : Verdict
        Whether it is proved.
    minimiser : str
        Label of the k-gon with the lowest known loss.
    loss : float
        L there.
    bound : float
        Proved: L ≥ this, everywhere (rounded down).
    regular : Verdict
        Whether the regular c-gon is a global minimum; REFUTED where ``minimiser`` is certainly lower than
        every regular c-gon.
    reason : str
        What is missing, where it is not proved.
    steps : tuple of StepReport
    boxes : int
        Leaves of all coverings.
    margin : float or None
        Least certified lower bound over them, the boxes around the tight points excepted.
    seconds : float
        Time it took.
    certificate : str or None
        File with the coverings.
    checked : str
        What the checker said of it in a process of its own; empty if it was not asked.
    """

    c: int
    claim: str
    verdict: Verdict
    minimiser: str
    loss: float
    bound: float
    regular: Verdict
    reason: str
    steps: tuple[StepReport, ...]
    boxes: int
    margin: float | None
    seconds: float
    certificate: str | None
    checked: str = ""

    def checked_as(self, said: str) -> GlobalMinimum:
        """The same with what the checker says of the certificate; what it refuses is not proved."""
        if said == ACCEPTED:
            return replace(self, checked=said)
        regular = Verdict.UNDECIDED if self.regular is Verdict.PROVED else self.regular
        steps = tuple(replace(step, verdict=Verdict.UNDECIDED, reason=said) for step in self.steps)
        return replace(
            self,
            checked=said,
            verdict=Verdict.UNDECIDED,
            reason=said,
            bound=0.0,
            regular=regular,
            steps=steps,
        )

    def headline(self) -> str:
        return f"c = {self.c}: {self.claim}: {self.verdict}"

    def rows(self) -> Sequence[tuple[str, str]]:
        rows = [
            ("proved: L everywhere at least", f"{self.bound:.12g}"),
            ("lowest known L", f"{self.loss:.12g}, the {self.minimiser}-gon"),
            (f"the regular {self.c}-gon is a global minimum", str(self.regular)),
        ]
        if self.reason:
            rows.append(("missing", self.reason))
        for step in self.steps:
            rows.append((f"step {step.c}", step.headline()))
            rows += [(f"  {name}", text) for name, text in step.rows()]
        rows += [("boxes", f"{self.boxes}"), ("time", f"{self.seconds:.1f} s")]
        if self.certificate:
            said = f" ({self.checked})" if self.checked else ""
            rows.append(("certificate", f"{self.certificate}{said}"))
        return rows

    def _repr_latex_(self) -> str:
        return rf"$\min_{{W, b}} L \ge {self.bound:.9g}$ for $c = {self.c}$"


def prove_global_minimum(
    c: int,
    *,
    bound: Fraction | float | None = None,
    folder: str | Path | None = None,
    progress: Progress = lambda _: None,
) -> GlobalMinimum:
    """Prove that the square, the regular pentagon or hexagon is the global minimum; or a lower bound.

    Parameters
    ----------
    c : int
        Features, 4 to 8.  For 7 and 8 a lower bound of L is proved.
    bound : Fraction or float, optional
        Prove L ≥ bound at this c instead (c ≥ 6).
    folder : str or Path, optional
        The certificate is written here.
    progress : callable
        Called with a line before each step.

    Returns
    -------
    GlobalMinimum

    Raises
    ------
    KgonError
        c or the bound is out of range.

    Examples
    --------
    >>> prove_global_minimum(5).headline()
    'c = 5: the 5-gon, L = 0.01582563, is the global minimum, alone up to O(2) and permutations: PROVED'
    """
    start = time.monotonic()
    c = check_integer("c of a global minimum or a lower bound", c, FIRST, LAST)
    wanted = _wanted(c, bound)
    steps: list[_Step] = []
    for columns in range(5, c + 1):
        goal = wanted if columns == c else BOUNDS.get(columns)
        progress(f"step {columns}: {'the regular polygon' if goal is None else f'L >= {float(goal):g}'}")
        steps.append(_step(columns, steps[-1] if steps else None, goal))
        if steps[-1].reason:
            break
    document = None
    if folder is not None and not any(step.reason for step in steps):
        document = write_document(_certificate(c, steps), Path(folder) / f"c{c}_global-minimum.json")
    return _outcome(c, wanted, bound is not None, steps, document, time.monotonic() - start)


def _wanted(c: int, bound: Fraction | float | None) -> Fraction | None:
    if bound is None:
        return BOUNDS.get(c)
    if c < THEOREM:
        raise KgonError(f"a bound of your own needs c between {THEOREM} and {LAST}, got c = {c}")
    if not 0 < bound < 1:
        raise KgonError(f"the bound must lie between 0 and the lowest known loss, got {bound}")
    value = Fraction(bound).limit_denominator(BOUND_DENOMINATOR)
    if not value:
        raise KgonError(f"the least bound that is proved is 1/{BOUND_DENOMINATOR}, got {bound}")
    lowest = regular_excess(c).lowest
    if not exact_ball(value) < lowest:
        raise KgonError(f"no bound above the lowest known loss {float(lowest):.6g} can hold, got {bound}")
    return value


def _certificate(c: int, steps: Sequence[_Step]) -> dict[str, Any]:
    """The object that is written to a file."""
    document: dict[str, Any] = {"format": FORMAT, "c": c, "steps": [step.document for step in steps]}
    document["digest"] = digest(document)
    return document


def _encoded(tree: bytes) -> str:
    return base64.b64encode(zlib.compress(tree, 9)).decode("ascii")


def _step(c: int, before: _Step | None, goal: Fraction | None) -> _Step:
    """Prove c·L ≥ V after step c − 1: V that of the regular c-gon, or c times a goal."""
    tau = TAU.get(c, Fraction(1))
    low = Fraction(math.floor(math.acos(1 / tau) * GRID), GRID)
    slope = None if goal is None else suggested_slope(c, float(low))
    constants = polygon_constants(c) if goal is None or slope is None else bound_constants(c, c * goal, slope)
    high = Fraction(math.ceil(float(constants.level / constants.kappa) * 64), 64)
    near = _near(constants)
    two = prove_two(constants, (low, high), near)
    five = None
    if before is not None and two.verdict is Verdict.PROVED:
        five = prove_five(
            constants,
            before.constants.total,
            before.constants.bonus if before.five is None else arb(0),
            tau=tau,
            theta=high,
            size=SIZE,
        )
    _require_sides(constants, before, tau, low, high)
    document = {
        "c": c,
        "value": None if goal is None else str(c * goal),
        "slope": None if slope is None else str(slope),
        "two": {
            "theta": [str(low), str(high)],
            "near": None if near is None else [str(x) for x in near],
            "tree": _encoded(two.tree),
        },
        "five": None if five is None else {"tau": str(tau), "size": str(SIZE), "tree": _encoded(five.tree)},
    }
    return _Step(constants=constants, two=two, five=five, document=document)


def _near(constants: EdgeConstants) -> tuple[Fraction, Fraction, Fraction, Fraction] | None:
    if constants.m is None or constants.theta is None:
        return None
    m, theta = (Fraction(round(float(x) * GRID), GRID) for x in (constants.m, constants.theta))
    return m - NEAR, m + NEAR, theta - NEAR, theta + NEAR


def _require_sides(
    constants: EdgeConstants, before: _Step | None, tau: Fraction, low: Fraction, high: Fraction
) -> None:
    """The conditions of derivation 06 beside the lemmas; each must certainly hold."""
    with flint.ctx.workprec(128):
        c, V, T = constants.c, constants.total, constants.level
        conditions = {
            "κ > 0": bool(constants.kappa > 0),
            "T < 1/3": bool(arb(1) / 3 > T),
            "κθ₁ >= T, θ₁ < π/2": bool(
                constants.kappa * exact_ball(high) >= T and exact_ball(high) < arb.pi() / 2
            ),
        }
        if before is None:
            conditions["θ₀ = 0"] = low == 0
            conditions["V < 1/6"] = bool(arb(1) / 6 > V)
        else:
            zero_column = arb(1) / 3 - arb(1) / (4 * c) + before.constants.total
            far = (exact_ball(SIZE) - 1) / (exact_ball(SIZE) + 1)
            twin = arb(1) / 6 if tau <= 1 else arb(0)
            conditions["τ₁ >= 1, τ₁ cos θ₀ >= 1"] = tau >= 1 and (
                bool(exact_ball(tau) * exact_ball(low).cos() >= 1) or (tau == 1 and low == 0)
            )
            conditions["no zero column"] = bool(zero_column > V)
            conditions["the tail of lemma five"] = bool(far * far / 3 + twin > V.min(2 * T))
        failed = [name for name, holds in conditions.items() if not holds]
    if failed:
        raise UndecidedError(f"step {c}: not certainly true: {'; '.join(failed)}")


def _report(step: _Step) -> StepReport:
    return StepReport(
        c=step.constants.c,
        # a lemma that is false leaves the bound open: it is only a means
        verdict=Verdict.UNDECIDED if step.reason else Verdict.PROVED,
        reason=step.reason,
        minimum=step.constants.m is not None,
        total=float(step.constants.total),
        kappa=float(step.constants.kappa),
        level=float(step.constants.level),
        two=step.two.leaves,
        five=None if step.five is None else step.five.leaves,
        margin_two=step.two.margin,
        margin_five=None if step.five is None else step.five.margin,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RegularExcess:
    """The k-gon of lowest loss, and how far every regular c-gon, of any length and bias, is above it.

    Attributes
    ----------
    label : str
    lowest, excess : flint.arb
        Its loss; the least loss of a regular c-gon minus it.
    """

    label: str
    lowest: arb
    excess: arb


def regular_excess(c: int) -> RegularExcess:
    """Compare the lowest k-gon of the catalogue with all regular c-gons.

    The least loss of a regular c-gon is one of its critical values, that of the point l = 0, b = 1/(2c), or
    the limit 1/3 where every output is off (derivation 2c, Corollary 6; derivation 06, Theorem 12).

    Examples
    --------
    >>> octagon = regular_excess(8)
    >>> octagon.label, octagon.excess > 0
    ('7+', True)
    """
    catalogue = Catalogue(c)
    c, point = catalogue.c, min(catalogue, key=lambda point: point.loss)
    lowest = loss_ball(point.name, c)
    with flint.ctx.workprec(128):
        least = arb(1) / 3 - arb(1) / (4 * c)
        for other in regular_polygons(c):
            least = least.min(other.cost)
        return RegularExcess(label=str(point.name), lowest=lowest, excess=least - lowest)


def _outcome(
    c: int,
    wanted: Fraction | None,
    own: bool,
    steps: Sequence[_Step],
    document: Path | None,
    seconds: float,
) -> GlobalMinimum:
    known = regular_excess(c)
    label, lowest = known.label, known.lowest
    reports = tuple(map(_report, steps))
    reason = next((f"step {step.constants.c}: {step.reason}" for step in steps if step.reason), "")
    complete = len(reports) == c - FIRST and not reason
    theorem = complete and wanted is None
    claim = (
        f"the {label}-gon, L = {float(lowest):.7g}, is the global minimum, alone up to O(2) and permutations"
    )
    if own and wanted is not None:
        exact = Fraction(repr(float(wanted))) == wanted
        claim = f"L >= {float(wanted) if exact else wanted} everywhere"
    elif not theorem and not reason:
        reason = f"the argument reaches L >= {float(wanted or 0):g}"
    verdict = Verdict.PROVED if theorem or (own and complete) else Verdict.UNDECIDED
    margins = [x for report in reports for x in (report.margin_two, report.margin_five) if x is not None]
    return GlobalMinimum(
        c=c,
        claim=claim,
        verdict=verdict,
        minimiser=label,
        loss=float(lowest),
        bound=_bound(c, [step for step in steps if not step.reason]),
        regular=Verdict.REFUTED if known.excess > 0 else verdict if theorem else Verdict.UNDECIDED,
        reason=reason,
        steps=reports,
        boxes=sum(sum(counts.values()) for r in reports for counts in (r.two, r.five or {})),
        margin=min(margins, default=None),
        seconds=seconds,
        certificate=None if document is None else str(document),
    )


def _bound(c: int, proved: Sequence[_Step]) -> float:
    """A float below what is proved of L: deleting a column gives c·L >= (c − 1)·L′, so any V/c is a bound."""
    if not proved:
        return 0.0
    with flint.ctx.workprec(128):
        lower = (proved[-1].constants.total / c).lower()
        value = float(lower)
        return value if arb(value) <= lower else math.nextafter(value, 0.0)
