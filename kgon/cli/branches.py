"""``kgon continue``: branches of k-gons over a parameter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kgon import base, branches, kgons, potential
from kgon.base.verdicts import KgonError, Verdict
from kgon.cli.option import Given, Option, flag, integer, number, option, unless
from kgon.cli.options import CLOSED_FORM, beta, checked_label, formats, kept, labels, model, work
from kgon.cli.outcome import Outcome
from kgon.cli.registry import command

NOT_REAL_C = unless("parameter", "c")
POTENTIAL = unless("parameter", "c", "betan")
"""A parameter of the potential."""
WHOLE = POTENTIAL + unless("switch")
"""The branch itself, not what crosses it."""
PARAMETERS = (
    "importance[5], probability[0], a common factor importance[3,4], betan (of the free energy) or c (a real "
    "number of columns of a regular polygon; default importance[5], or the way to --importance)"
)
ROLES = (
    "what the varied columns are: vertex, positive, dead, switched-off; of several 'vertices 0,1' or "
    "vertex+positive (default: what these columns of the standard representative are)"
)


def _parameter(settled: dict[str, Any]) -> str | None:
    """What is varied unless told otherwise: with weights of one's own, the way to them."""
    return "importance[5]" if settled["c"].own is None else None


def branch() -> Option:
    """Declare a branch as an argument: a label, or the name that a branch is printed with, 5+ (positive)."""

    def read(text: str, given: Given) -> tuple[kgons.Label, str | None]:
        plain, _, role = text.strip().partition(" (")
        if role and given["role"] is not None:
            raise KgonError(f"{text} names a role already: leave --role {given['role']} out")
        return checked_label(plain, given), role.removesuffix(")") or None

    words = "label of a k-gon, or 5+ (positive) as branches are printed"
    return option("label", words, keyword="branch", metavar="LABEL", read=read)


@command("continue", args=[
    *model(), branch(), option("--parameter", PARAMETERS, _parameter, metavar="NAME"),
    number("--to", "end of the range (default 1 with --importance or --probability)"),
    number("--from", "other end (default: the catalogue's value, 1 for importances and betan)", dest="from_"),
    option("--role", ROLES, only=POTENTIAL),
    labels("--against", "find where 5+,4 and so on have the same loss, in all their roles",
           NOT_REAL_C + unless("switch")),
    number("--n", "find equal free energy too, at this sample size", only=WHOLE),
    option("--theory", "of the free energy (default prior)", choices=CLOSED_FORM, only=NOT_REAL_C),
    beta(None, "inverse temperature, with --n (default 1)", POTENTIAL),
    integer("--max-points --points", "most points each way, and tubes of a proof (default 5000)",
            dest="points", only=WHOLE),
    flag("--certify", "prove the branch and enclose its events", only=WHOLE),
    integer("--switch", "follow what crosses at the N-th branch point instead", only=POTENTIAL),
    kept("finished parts", WHOLE), *work(only=WHOLE), formats(),
])  # fmt: skip
def continue_(
    branch: tuple[kgons.Label, str | None],
    c: potential.TMS,
    parameter: str | None = None,
    to: float | None = None,
    from_: float | None = None,
    **how: Any,
) -> Any:
    """Follow a k-gon over a parameter of the potential, over βn or over c, with its events."""
    from kgon.potential.parameters import Toward, read_parameter

    label, role = branch
    how |= {} if role is None else {"role": role}
    if c.own is not None:
        if parameter is not None:
            raise KgonError(
                f"--parameter {parameter} begins where all weights are equal; with --importance or "
                "--probability the way from equal ones to these is followed"
            )
        if c.equal:
            raise KgonError(f"{c} is a common factor, which moves no k-gon: there is no way to follow")
        parameter, to = Toward(c).name, 1.0 if to is None else to
    if to is None or parameter is None:
        raise KgonError("--to is missing: the end of the range")

    def ends(start: float) -> dict[str, Any]:
        return dict(zip(("lower", "upper"), sorted([to, start if from_ is None else from_]), strict=True))

    if parameter == "c":
        return branches.follow_polygon(label, **ends(float(label.k)))
    if parameter == "betan":
        return branches.follow_strength(label, **ends(1.0), **how, c=c.c)
    how |= {"c": c.c, "parameter": parameter, **ends(float(read_parameter(parameter, c.c).start))}
    return _switched(label, **how) if "switch" in how else _branch(label, **how)


def _switched(label: kgons.Label, switch: int, **how: Any) -> Outcome:
    found = branches.switch_branch(label, switch, **how)
    return Outcome.of(found, text="\n\n".join(map(str, found)))


def _branch(
    label: kgons.Label, certify: bool, work: base.Work, n: float | None = None, **how: Any
) -> Outcome:
    from kgon.branches.certificate import NAME
    from kgon.branches.energy import SampleSize
    from kgon.report.checked import check_one

    energy = {name: how.pop(name) for name in ("theory", "beta") if name in how}
    if n is not None:
        how["at"] = SampleSize(n, **energy)
    elif energy:
        raise KgonError("--theory and --beta are for --n: equal free energy at a sample size")
    found = branches.continue_branch(label, certify=certify, accept=check_one, work=work, **how)
    notes = []
    if work.folder is not None:
        folder = Path(work.folder)
        notes = [f"branch, points and proof in {folder / 'branch.json'}"]
        if certify and (certificate := folder / NAME).exists():
            notes.append(f"certificate for `kgon check` in {certificate}")
    if not found.complete:
        notes.append("the range is not covered: more --max-points may help")
    return Outcome.of(found, notes, holds=found.complete and (found.verdict is Verdict.PROVED or not certify))
