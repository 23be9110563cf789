"""``kgon continue``: branches of k-gons over a parameter."""

from __future__ import annotations

import argparse
from typing import Any

from kgon.cli.outcome import DONE, REFUTED, emit, workers_of


def continue_(args: argparse.Namespace) -> int:
    """``kgon continue``."""
    from kgon.base.verdicts import KgonError

    against = [x.strip() for x in (args.against or "").split(",") if x.strip()]
    special = {"c": _polygon, "betan": _strength}.get(args.parameter)
    if special is not None:
        for name, value in (
            ("role", args.role), ("certify", args.certify or None), ("switch", args.switch),
            ("out", args.out), ("n", args.n),
        ):  # fmt: skip
            if value is not None:
                raise KgonError(f"--{name} is not for --parameter {args.parameter}")
        return special(args, against)
    from kgon.branches.systems import Parameter

    lower, upper = _ends(args, float(Parameter.parse(args.parameter, args.features).start))
    common: dict[str, Any] = {
        "parameter": args.parameter, "lower": lower, "upper": upper, "role": args.role, "c": args.features,
    }  # fmt: skip
    if args.switch is not None:
        return _switched(args, against, common)
    from kgon.branches.compare import continue_branch

    if args.n is None and (args.theory is not None or args.beta is not None):
        raise KgonError("--theory and --beta are for --n: equal free energy at a sample size")
    with workers_of(args) as workers:
        found = continue_branch(
            args.label, against=against, certify=args.certify, n=args.n,
            theory=None if args.n is None else args.theory or "prior", beta=args.beta or "1",
            workers=workers, folder=args.out, progress=not args.no_progress, **common,
        )  # fmt: skip
    notes = []
    if args.out is not None:
        from pathlib import Path

        from kgon.base.files import write_text
        from kgon.branches.certificate import NAME

        path = write_text(Path(args.out) / "branch.json", found.to_json() + "\n")
        notes = [f"branch, points and proof in {path}"]
        if args.certify and (Path(args.out) / NAME).exists():
            notes.append(f"certificate for `kgon check` in {Path(args.out) / NAME}")
    emit(args, found, lambda: str(found), notes=notes)
    if not args.certify:
        return DONE
    from kgon.base.verdicts import Verdict

    proved = found.exact or (found.proof is not None and found.proof.verdict is Verdict.PROVED)
    return DONE if proved and all(event.status == "proved" for event in found.events) else REFUTED


def _switched(args: argparse.Namespace, against: list[str], common: dict[str, Any]) -> int:
    from kgon.base.verdicts import KgonError
    from kgon.branches.compare import switch_branch

    if against or args.certify or args.out is not None or args.n is not None:
        raise KgonError("--switch takes neither --against, --certify, --n nor --out")
    found = switch_branch(args.label, args.switch, **common)
    emit(args, found, lambda: "\n\n".join(map(str, found)))
    return DONE


def _ends(args: argparse.Namespace, start: float) -> tuple[float, float]:
    ends = [args.to, start if args.from_ is None else args.from_]
    return min(ends), max(ends)


def _polygon(args: argparse.Namespace, against: list[str]) -> int:
    """c as a real number in the reduced equations of a regular polygon."""
    from kgon.base.verdicts import KgonError
    from kgon.branches.real_c import follow_polygon
    from kgon.kgons.values import as_label

    if against:
        raise KgonError("--against is not for --parameter c: all regular polygons lie on few curves")
    lower, upper = _ends(args, float(as_label(args.label).k))
    found = follow_polygon(args.label, lower=lower, upper=upper)
    emit(args, found, lambda: str(found))
    return DONE


def _strength(args: argparse.Namespace, against: list[str]) -> int:
    """βn in the free energy."""
    from kgon.base.verdicts import KgonError
    from kgon.branches.sample_size import follow_strength

    if args.beta is not None:
        raise KgonError("--beta is not for --parameter betan, which is βn itself")
    lower, upper = _ends(args, 1.0)
    found = follow_strength(
        args.label, lower=lower, upper=upper, against=against, theory=args.theory or "prior", c=args.features
    )
    emit(args, found, lambda: str(found))
    return DONE
