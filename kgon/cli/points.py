"""Commands on k-gons, certificates, tables and figures."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

from kgon.cli.common import DONE, REFUTED, emit, point_of, workers_of
from kgon.cli.sampling import evidence_of
from kgon.cli.values import vertices


def reproduce(args: argparse.Namespace) -> int:
    """``kgon reproduce``."""
    start = time.monotonic()

    def progress(step: str) -> None:
        if not args.no_progress:
            print(f"[{time.monotonic() - start:5.1f} s] {step}", file=sys.stderr, flush=True)

    progress("compiling kernels and loading libraries")
    from kgon.report import reproduce
    from kgon.results import Verdict

    with workers_of(args) as workers:
        outcome = reproduce(args.out, full=args.full, workers=workers, progress=progress)
    emit(args, outcome, outcome.text)
    return REFUTED if args.strict and outcome.count(Verdict.REFUTED) else DONE


def catalogue(args: argparse.Namespace) -> int:
    """``kgon catalogue``."""
    from kgon import tables
    from kgon.catalogue import Catalogue

    emit(
        args,
        list(Catalogue(args.features)) if args.json else None,
        lambda: tables.build("catalogue", c=args.features).render(args.format),
    )
    return DONE


def verify(args: argparse.Namespace) -> int:
    """``kgon verify``."""
    from kgon import classify
    from kgon.results import Verdict

    tms, W, b, _ = point_of(args)
    args.features = tms.c
    outcome = classify.verify(W, b, tms=tms, tol=args.tol, source=args.point)
    emit(args, outcome, lambda: str(outcome))
    return DONE if outcome.critical in (Verdict.PROVED, Verdict.CONFIRMED) else REFUTED


def certify(args: argparse.Namespace) -> int:
    """``kgon certify``."""
    from kgon.catalogue import Catalogue
    from kgon.certify import write_certificate
    from kgon.parallel import mapped

    points = Catalogue(args.features)
    labels = [points[label].name for label in args.labels] or list(points.labels)
    data = mapped(
        write_certificate, [(label, args.features, args.out) for label in labels], workers=args.workers
    )
    lines = [f"{x['verdict']:<10} {x['file'] or x['label']}: {x['claims']}" for x in data]
    emit(args, data, lambda: "\n".join(lines))
    return DONE if all(x["verdict"] == "PROVED" for x in data) else REFUTED


def prove(args: argparse.Namespace) -> int:
    """``kgon prove``."""
    from kgon.global_minimum import prove_global_minimum
    from kgon.results import Verdict

    def progress(line: str) -> None:
        if not args.no_progress:
            print(line, file=sys.stderr, flush=True)

    outcome = prove_global_minimum(args.features, bound=args.bound, folder=args.out, progress=progress)
    emit(args, outcome, lambda: str(outcome))
    return DONE if outcome.verdict is Verdict.PROVED else REFUTED


def _checked(text: str) -> Any:
    """The report of the checker for the format that a certificate names."""
    from kgon import check, check_branch, check_minimum

    checkers = {room.FORMAT: room.check for room in (check, check_minimum, check_branch)}
    try:
        form = check.parse(text)["format"]
    except (ValueError, TypeError, LookupError, RecursionError):
        form = check.FORMAT  # its checker says what is wrong
    if not isinstance(form, str) or form not in checkers:
        known = " and ".join(checkers)
        return check.Report("REJECTED", reason=f"format {str(form)[:40]!r} is unknown; known are {known}")
    return checkers[form](text)


def check(args: argparse.Namespace) -> int:
    """``kgon check``."""
    from kgon.results import KgonError

    data = []
    for name in args.files:
        try:
            text = Path(name).read_text(encoding="utf-8")
        except OSError as error:
            raise KgonError(f"{name}: cannot be read ({error.strerror})") from None
        except UnicodeDecodeError:
            text = ""  # not JSON: the checker says so
        report = _checked(text)
        data.append(
            {
                "file": name,
                "label": report.label,
                "verdict": report.verdict,
                "claims": list(report.claims),
                "reason": report.reason,
            }
        )

    def text_of() -> str:
        return "\n".join(
            f"{x['verdict']:<10} {x['file']}: {x['reason'] or '; '.join(x['claims'])}" for x in data
        )

    emit(args, data, text_of)
    return DONE if all(x["verdict"] == "PROVED" for x in data) else REFUTED


def exact(args: argparse.Namespace) -> int:
    """``kgon exact``."""
    from kgon.algebraic import exact

    outcome = exact(args.label, args.features)
    emit(args, outcome, lambda: str(outcome))
    return DONE


def exists(args: argparse.Namespace) -> int:
    """``kgon exists``."""
    from kgon import tables
    from kgon.polygon_existence import existence
    from kgon.results import Verdict

    found = [existence(k) for k in vertices(args.k)]
    emit(args, found, lambda: tables.existence_table(found).text())
    return DONE if all(item.exists is Verdict.PROVED for item in found) else REFUTED


def _listing(args: argparse.Namespace, registry: dict[str, Any]) -> int:
    data = [{"name": name, "description": spec.description} for name, spec in registry.items()]
    size = max(map(len, registry))
    emit(args, data, lambda: "\n".join(f"{x['name']:<{size}}  {x['description']}" for x in data))
    return DONE


def _with_evidence(args: argparse.Namespace, spec: Any, options: dict[str, Any]) -> dict[str, Any]:
    """The options, with sampled evidence where the table or figure shows it or it was given."""
    wanted = "evidence" in spec.options and args.name != "claims"
    return {**options, "evidence": evidence_of(args) if wanted or args.evidence is not None else None}


def table(args: argparse.Namespace) -> int:
    """``kgon table``."""
    from kgon import tables
    from kgon.results import KgonError

    if args.list:
        return _listing(args, tables.TABLES)
    if args.name is None:
        raise KgonError(f"name a table: {', '.join(tables.TABLES)}")
    options = {"c": args.features, "theory": args.theory, "beta": args.beta, "full": args.full or None}
    tables.check(args.name, **options)  # before anything is sampled
    table = tables.build(args.name, **_with_evidence(args, tables.TABLES[args.name], options))
    if args.out is None:
        emit(args, {"name": table.name, "rows": table.rows}, lambda: table.render(args.format or "text"))
        return DONE
    formats = (args.format,) if args.format else tables.FORMATS
    paths = [str(path) for path in tables.save(table, args.out, formats=formats)]
    emit(args, {"paths": paths}, lambda: "\n".join(paths))
    return DONE


def figure(args: argparse.Namespace) -> int:
    """``kgon figure``."""
    from kgon import figures
    from kgon.results import KgonError

    if args.list:
        return _listing(args, figures.FIGURES)
    if args.name is None:
        raise KgonError(f"name a figure: {', '.join(figures.FIGURES)}")
    options = {
        "c": args.features,
        "theory": args.theory,
        "beta": args.beta,
        "label": args.label,
        "full": args.full,
    }
    figures.check(args.name, **options)  # before anything is sampled
    formats = (args.format,) if args.format else ("pdf", "png")
    written = figures.save(
        args.name,
        args.out or ".",
        formats=formats,
        **_with_evidence(args, figures.FIGURES[args.name], options),
    )
    paths = [str(path) for path in written]
    emit(args, {"paths": paths}, lambda: "\n".join(paths))
    return DONE


def bench(args: argparse.Namespace) -> int:
    """``kgon bench``."""
    from kgon.bench import bench

    outcome = bench(args.features, seed=args.seed)
    emit(args, outcome, lambda: str(outcome))
    return DONE
