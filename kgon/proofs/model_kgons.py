"""List the k-gons of a model with importances and probabilities of its own, and prove where they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import ClassVar

import numpy as np

from kgon.base.results import Result, result
from kgon.base.table import Column, Table
from kgon.base.verdicts import Verdict
from kgon.base.work import seldom
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.followed import weighted_kgons
from kgon.kgons.labels import Label
from kgon.kgons.nearest_kgon import SAME
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.proofs.nearby import certify_near
from kgon.proofs.nearby_point import NearbyPoint
from kgon.proofs.verification import MAX_CERTIFIED


@result
class ModelKgon(Result):
    """A k-gon of a model: where the branch of the catalogue's point leads, from equal weights.

    Attributes
    ----------
    label : str
        With the columns that play its parts, where columns differ in weight.
    loss, gradient_norm : float or None
        L and ‖∇L‖ in float64; None where the branch ends before.
    lambda_ : Fraction or None
        The learning coefficient that the catalogue has, at equal weights.
    is_minimum : bool or None
        Local minimum: of a 4-gon without positive columns always; of others by the Hessian's signs in float64
        or, with positive columns beside a 4-gon, by descents.  None where there is no point, and of k ≥ 5
        where a column of importance 0 takes part.
    critical : Verdict
        PROVED of a 4-gon, and where an exact critical point is proved within ``SAME``; else UNDECIDED.
    nearby : NearbyPoint or None
        The exact point and its index, of k ≥ 5.
    ended : str
        Why there is no point.
    W, biases : (2, c) and (c,) arrays or None
    """

    json_names: ClassVar[dict[str, str]] = {"lambda_": "lambda"}

    label: str
    loss: float | None
    gradient_norm: float | None
    lambda_: Fraction | None
    is_minimum: bool | None
    critical: Verdict
    nearby: NearbyPoint | None
    ended: str
    W: np.ndarray | None
    biases: np.ndarray | None

    @property
    def name(self) -> Label:
        """The label as an object."""
        return Label.parse(self.label)

    @property
    def kind(self) -> str:
        """``minimum~``, ``not a minimum~`` or that neither is known, or why there is no point."""
        unknown = self.ended or "minimum not known"
        return {True: "minimum~", False: "not a minimum~", None: unknown}[self.is_minimum]

    def headline(self) -> str:
        return f"{self.label}: {self.summary}"

    @property
    def summary(self) -> str:
        """What is known of the point, or why there is none."""
        if self.loss is None:
            return self.ended
        return f"L = {self.loss:.8f}, {self.kind}, critical point {self.critical}"


@result
class ModelKgons(Result):
    """All k-gons of a model; of columns that are alike one arrangement stands for all.

    Attributes
    ----------
    model : TMS
    kgons : tuple of ModelKgon
        By label.
    """

    model: TMS
    kgons: tuple[ModelKgon, ...]

    def headline(self) -> str:
        there = sum(x.loss is not None for x in self.kgons)
        return f"k-gons of c = {self.model.c} with {self.model}: {there} of {len(self.kgons)} arrangements"

    def rows(self) -> Sequence[tuple[str, str]]:
        return [(x.label, x.summary) for x in self.kgons]

    def table(self) -> Table:
        """Tabulate the k-gons, those whose branch ends last."""
        columns = [
            Column("label", "label", cell=lambda x: x.name.pretty),
            Column("loss", "L", "$L$", "r", cell=lambda x: "-" if x.loss is None else f"{x.loss:.9f}"),
            Column("kind", "kind", cell=lambda x: x.kind),
            Column("critical", "critical point", cell=lambda x: "-" if x.loss is None else str(x.critical)),
        ]
        shown = sorted(self.kgons, key=lambda x: x.loss is None)
        notes = [
            "a label is where the branch of the k-gon leads from equal importances and probabilities",
            "columns of the same weight are alike: one arrangement stands for all their exchanges",
        ]
        if self.model.equal:
            columns.insert(2, Column("lambda", "λ", r"$\lambda$", "r", cell=lambda x: _known(x.lambda_)))
            notes = ["a common factor of all importances moves no critical point and changes no λ"]
        return Table.of(shown, columns, name="catalogue", title=self.headline(), notes=notes)


def _known(value: Fraction | None) -> str:
    return "-" if value is None else f"{float(value):g}"


def list_model_kgons(tms: TMS, *, progress: Callable[[str], None] | None = None) -> ModelKgons:
    """Follow every k-gon from equal weights to those of a model, and prove the points that it leads to.

    Parameters
    ----------
    tms : TMS
        With r = 2.
    progress : callable, optional
        Gets a line now and then.

    Returns
    -------
    ModelKgons
    """
    listed, found, say = weighted_kgons(tms), list[ModelKgon](), seldom(progress)
    for x in listed:
        W, b = x.found.W, x.found.b
        nearby = None
        if W is not None and b is not None and x.name.k > 4 and tms.c <= MAX_CERTIFIED:
            nearby = certify_near(W, b, tms=tms)
        square = x.name.k == 4 and W is not None
        here = nearby is not None and nearby.distance is not None and nearby.distance <= SAME
        found.append(
            ModelKgon(
                label=str(x.name),
                loss=x.loss,
                gradient_norm=None if W is None or b is None else Potential(tms).gradient_norm(W, b),
                lambda_=Catalogue(tms.c)[x.name].lambda_ if tms.equal else None,
                is_minimum=x.is_minimum,
                critical=Verdict.PROVED if square or here else Verdict.UNDECIDED,
                nearby=nearby,
                ended=x.found.reason,
                W=W,
                biases=b,
            )
        )
        say(f"{len(found)} of {len(listed)} k-gons, the last {x.name}")
    return ModelKgons(model=tms, kgons=tuple(found))
