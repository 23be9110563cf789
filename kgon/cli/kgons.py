"""Commands on k-gons: the list, one point, exact numbers, existence."""

from __future__ import annotations

from collections.abc import Callable

from kgon import kgons, potential, proofs
from kgon.base.verdicts import KgonError, Verdict
from kgon.cli.option import number, option
from kgon.cli.options import Point, features, formats, inputs, label, model, narration, point, weights
from kgon.cli.outcome import Outcome
from kgon.cli.registry import command
from kgon.cli.values import vertices


@command(
    "catalogue",
    args=[
        *model(), formats(), narration(),
    ],
)  # fmt: skip
def catalogue(c: potential.TMS, progress: Callable[[str], None]) -> Outcome:
    """List the k-gons of c features, or of a model with importances and probabilities of its own."""
    from kgon.base.work import seldom
    from kgon.report import tables

    if c.own is not None:
        at_model = proofs.list_model_kgons(c, progress=progress)
        return Outcome.in_table(at_model, at_model.table())
    listed, found, say = kgons.Catalogue(c.c), [], seldom(progress)
    for entry in listed:
        found.append(entry)
        say(f"{len(found)} of {len(listed)} k-gons, the last {entry.name}")
    return Outcome.in_table(found, tables.make_table("catalogue", c=c.c))


@command("verify", args=[
    *point("of one point"), *weights(), *inputs(), features(lambda settled: settled["point"].c, ""),
    number("--tol", "largest gradient norm", 1e-8), formats(),
])  # fmt: skip
def verify(point: Point, tol: float) -> Outcome:
    """Say whether the point of a label or a file is critical, and which k-gon is nearest."""
    try:
        one = point.stored.only()
    except KgonError as error:
        raise KgonError(f"{point.text}: {error}") from None
    found = proofs.verify(one.W, one.b, tms=one.tms, tol=tol, source=point.text, rounding=one.rounding)
    return Outcome.of(found, holds=found.critical.holds)


@command("exact", args=[features(), label(), formats()])
def exact(label: kgons.Label, c: int) -> kgons.ExactPoint:
    """Write l², b and L of a k-gon as algebraic numbers."""
    return kgons.exact(label, c)


@command("exists", args=[
    option("--k", "numbers of vertices, b included", metavar="A:B", required=True, keyword="numbers",
           read=lambda text, _: vertices(text)), formats(),
])  # fmt: skip
def exists(numbers: range) -> Outcome:
    """Prove which regular k-gons are critical points."""
    from kgon.report.tables.points import existence_table

    found = [kgons.prove_existence(k) for k in numbers]
    verdict = Verdict.joint(each.exists for each in found)
    return Outcome.in_table(found, existence_table(found), holds=verdict.holds)
