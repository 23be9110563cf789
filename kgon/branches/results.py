"""Hold what following a k-gon gives: points, events, proofs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from kgon.base.results import Result, result
from kgon.base.table import Column, Table
from kgon.base.text import counted, polygon_svg
from kgon.base.verdicts import Verdict
from kgon.branches.changes import BranchName, Happening
from kgon.kgons.colours import family_colour
from kgon.kgons.labels import Label
from kgon.proofs.certificates import ACCEPTED

CONVERGED, PROVED, STALLED = "converged", "proved", "stalled"
"""Statuses of an event: located in floating point; its interval holds it by proof; located roughly."""


@result
class BranchPoint(Result):
    """One point of a branch.

    Attributes
    ----------
    parameter, loss : float
    negative : int or None
        Negative eigenvalues of the Hessian in the coordinates that L sees; None at a kink.
    arclength : float
        From the first point.
    W, b : (2, c) and (c,) arrays
    """

    parameter: float
    loss: float
    negative: int | None
    arclength: float
    W: np.ndarray
    b: np.ndarray

    def headline(self) -> str:
        return f"parameter {self.parameter:.8g}: L = {self.loss:.10g}"


@result
class BranchEvent(Result):
    """Something that happens on a branch.

    Attributes
    ----------
    kind : str
        ``fold``, ``branch point`` (another branch crosses), ``inertia`` (several eigenvalues change sign),
        ``region`` (a pair term enters another region), ``border`` (a kink of the gradient), ``takes part``
        (an unused column begins to), ``minimum lost`` (a 4-gon ceases to be one), ``maxwell`` (equal loss
        or free energy with another branch).
    what : Happening or None
        What changes (``kgon.branches.changes``).
    doubt : str
        Why it is not proved, where a proof was asked for.
    parameter, lower, upper : float
        Where, and an interval that holds it: by proof where the status says so.
    loss : float
    status : str
        ``converged`` or ``proved``; ``stalled`` where it is located roughly.
    arclength : float
    """

    kind: str
    what: Happening | None = None
    doubt: str = ""
    parameter: float
    lower: float
    upper: float
    loss: float
    status: str
    arclength: float

    @property
    def name(self) -> str:
        """What changes, in words, with the doubt if there is one."""
        doubt = f" (not proved: {self.doubt})" if self.doubt else ""
        return ("" if self.what is None else self.what.headline()) + doubt

    @property
    def title(self) -> str:
        """The kind and the name together."""
        return f"{self.kind}: {self.name}" if self.name else self.kind

    @property
    def verdict(self) -> Verdict:
        """PROVED, CONFIRMED where it is located in floating point, and UNDECIDED where only roughly."""
        return {PROVED: Verdict.PROVED, CONVERGED: Verdict.CONFIRMED}.get(self.status, Verdict.UNDECIDED)

    @property
    def digits(self) -> str:
        """The parameter to the digits that its interval has."""
        width = self.upper - self.lower
        digits = 15 if width <= 0 else int(np.clip(-np.floor(np.log10(width)) - 1, 3, 15))
        return f"{self.parameter:.{digits}f}"

    @property
    def text(self) -> str:
        """The digits, with ``~`` if they are not proved."""
        return self.digits + ("" if self.status == PROVED else "~")

    def data(self) -> dict[str, Any]:
        return {"kind": self.kind, "name": self.name, **Result.data(self)}

    def headline(self) -> str:
        return f"{self.title} at {self.text}, L = {self.loss:.8g}"

    def rows(self) -> Sequence[tuple[str, str]]:
        return [
            ("parameter", self.text),
            ("interval", f"[{self.lower!r}, {self.upper!r}]"),
            ("status", self.status),
            ("loss L", f"{self.loss:.10g}"),
        ]


@result
class ProofPart(Result):
    """Consecutive tubes with one sense and one inertia.

    Attributes
    ----------
    lower, upper : float
        Bounds of the parameter on them.
    sense : int
        +1 where the parameter certainly grows along the branch, −1 where it falls, 0 where neither is
        certain (about a fold).
    negative : int or None
        Negative eigenvalues of the Hessian, certain; None where they are not (about an event).
    tubes : int
    """

    schema: ClassVar[str] = "branch-proof-part"

    lower: float
    upper: float
    sense: int
    negative: int | None
    tubes: int

    def headline(self) -> str:
        way = {1: "rises", -1: "falls", 0: "may turn"}[self.sense]
        return f"[{self.lower:.8g}, {self.upper:.8g}], parameter {way}, negative: {self.negative}"


@result
class BranchProof(Result):
    """A chain of tubes, each with exactly one curve of critical points, joined end to end.

    Attributes
    ----------
    verdict : Verdict
        PROVED if the chain reaches both ends that were asked for.
    reason : str
        What stands in the way of more, else empty.
    lower, upper : float
        Bounds of the parameter on the chain.
    tubes : int
    parts : tuple of ProofPart
    even : (n, m) int array
        The unknowns of the whole system are ``even @ y`` on the mirror-symmetric subspace.
    middle, tangent : (tubes, m + 1) arrays
    half, radius : (tubes,) arrays
        The tubes: ``|(y, p) − (middle + s tangent)| ≤ radius``, ``|s| ≤ half``.
    """

    verdict: Verdict
    reason: str
    lower: float
    upper: float
    tubes: int
    parts: tuple[ProofPart, ...]
    even: np.ndarray
    middle: np.ndarray
    tangent: np.ndarray
    half: np.ndarray
    radius: np.ndarray

    def headline(self) -> str:
        reason = f" ({self.reason})" if self.reason else ""
        return f"branch on [{self.lower:.6g}, {self.upper:.6g}] in {self.tubes} tubes: {self.verdict}{reason}"

    def rows(self) -> Sequence[tuple[str, str]]:
        return [(part.headline(), f"{part.tubes} tubes") for part in self.parts]


@result
class KgonBranch(Result):
    """A k-gon followed over a parameter of the potential.

    Attributes
    ----------
    label, configuration : str
    c : int
    parameter : str
        ``importance[5]`` and so on.
    role : str
        What the columns that are varied are at the start; see ``kgon.branches.roles``.
    lower, upper : float
        The range asked for.
    start : float
        The parameter's value at the catalogue's point.
    points : tuple of BranchPoint
        Along the curve; the catalogue's point is one of them.
    events : tuple of BranchEvent
        In the order of the curve; those with other branches at the end.
    ended : tuple of two str
        How the curve ends, at its first and at its last point.
    complete : bool
        Whether it was followed to these ends, or out of the range, and not given up before.
    exact : bool
        The point stays where it is, by exact arithmetic (4-gons).
    order : tuple of tuple of int
        The unknowns of the system: column and 0, 1 (rows of W) or 2 (b).
    proof : BranchProof or None
    checked : str
        What the checker said of the certificate in a process of its own; empty if it was not asked.
    """

    schema: ClassVar[str] = "branch"

    label: str
    configuration: str
    c: int
    parameter: str
    role: str
    lower: float
    upper: float
    start: float
    points: tuple[BranchPoint, ...]
    events: tuple[BranchEvent, ...]
    ended: tuple[str, ...]
    complete: bool
    exact: bool
    order: np.ndarray
    proof: BranchProof | None
    checked: str = ""

    def checked_as(self, said: str) -> KgonBranch:
        """The same with what the checker says of the certificate; what it refuses is not proved."""
        open_too = said.startswith("UNDECIDED") and self.curve_verdict is Verdict.UNDECIDED
        if said == ACCEPTED or open_too:
            return replace(self, checked=said)
        proof = None if self.proof is None else replace(self.proof, verdict=Verdict.UNDECIDED, reason=said)
        events = tuple(
            replace(event, status=CONVERGED, doubt=said) if event.status == PROVED else event
            for event in self.events
        )
        return replace(self, checked=said, proof=proof, events=events)

    @property
    def kgon(self) -> Label:
        """The label as an object."""
        return replace(Label.parse(self.label), configuration=self.configuration)

    @property
    def own(self) -> BranchName:
        """The label and the role, as a record."""
        return BranchName(label=str(self.kgon), role=self.role)

    @property
    def name(self) -> str:
        """The label and the role in words, as ``6 (vertex)``."""
        return self.own.headline()

    @property
    def curve_verdict(self) -> Verdict:
        """Whether the curve is proved, by exact arithmetic or by tubes; else it is followed in floats."""
        if self.checked not in ("", ACCEPTED):
            return Verdict.UNDECIDED
        if self.exact:
            return Verdict.PROVED
        return Verdict.CONFIRMED if self.proof is None else self.proof.verdict

    @property
    def verdict(self) -> Verdict:
        """The verdict on the curve and all of its events together."""
        return Verdict.joint([self.curve_verdict, *(event.verdict for event in self.events)])

    @property
    def values(self) -> np.ndarray:
        """The parameter of the points, (m,)."""
        return np.array([point.parameter for point in self.points])

    @property
    def losses(self) -> np.ndarray:
        """The loss L of the points, (m,)."""
        return np.array([point.loss for point in self.points])

    def headline(self) -> str:
        values = np.array([*self.values, *(x.parameter for x in self.events if x.kind == "fold")])
        proof = "" if self.proof is None else f", {self.proof.verdict}"
        exact = f", the point stays: {self.curve_verdict}" if self.exact else proof
        return (
            f"{self.name} over {self.parameter}: {values.min():.6g} to {values.max():.6g}, "
            f"{counted(len(self.points), 'point')}, {counted(len(self.events), 'event')}{exact}"
        )

    def rows(self) -> Sequence[tuple[str, str]]:
        ends = [(f"end {k}", text) for k, text in enumerate(self.ended, start=1)]
        found = [(event.title, f"{event.text}   L = {event.loss:.8g}") for event in self.events]
        proof = [] if self.proof is None else [("proof", self.proof.headline())]
        checked = [("certificate", self.checked)] if self.checked else []
        return [*found, *ends, *proof, *checked]

    def table(self) -> Table:
        """Tabulate what happens on the branch, in the order of the curve."""
        rows = [
            {
                "event": event.kind,
                "what": event.name,
                "parameter": event.digits,
                "loss": f"{event.loss:.8f}",
                "verdict": str(event.verdict),
            }
            for event in self.events
        ]
        columns = [
            Column("event", "event"),
            Column("what", "what changes"),
            Column("parameter", self.parameter, align="r"),
            Column("loss", "L", "$L$", "r", number=True),
            Column("verdict", "verdict"),
        ]
        ends = [f"End {k}: {words}." for k, words in enumerate(self.ended, start=1)]
        return Table(name="branch", title=self.headline(), columns=columns, rows=rows, notes=ends)

    def picture(self) -> str:
        point = self.points[-1]
        colour = family_colour(self.kgon.k)
        return polygon_svg(point.W.tolist(), point.b.tolist(), colour, f"the last point of {self.name}")
