"""Commands that prove and check: certificates, the global minimum, the independent checkers."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from kgon.cli.outcome import DONE, REFUTED, emit


def certify(args: argparse.Namespace) -> int:
    """``kgon certify``."""
    from kgon.base.work import map_tasks
    from kgon.kgons.catalogue import Catalogue
    from kgon.proofs.certificates import write_certificate

    points = Catalogue(args.features)
    labels = [points[label].name for label in args.labels] or list(points.labels)
    data = map_tasks(
        write_certificate, [(label, args.features, args.out) for label in labels], workers=args.workers
    )
    lines = [f"{x['verdict']:<10} {x['file'] or x['label']}: {x['claims']}" for x in data]
    emit(args, data, lambda: "\n".join(lines))
    return DONE if all(x["verdict"] == "PROVED" for x in data) else REFUTED


def prove(args: argparse.Namespace) -> int:
    """``kgon prove``."""
    from kgon.proofs.global_minimum import prove_global_minimum

    def progress(line: str) -> None:
        if not args.no_progress:
            print(line, file=sys.stderr, flush=True)

    outcome = prove_global_minimum(args.features, bound=args.bound, folder=args.out, progress=progress)
    emit(args, outcome, lambda: str(outcome))
    return DONE if outcome.verdict.holds else REFUTED


def _checked(text: str) -> Any:
    """The report of the checker for the format that a certificate names."""
    from kgon.proofs.check import branch, kgons, minimum

    checkers = {room.FORMAT: room.check for room in (kgons, minimum, branch)}
    try:
        form = kgons.parse(text)["format"]
    except (ValueError, TypeError, LookupError, RecursionError):
        form = kgons.FORMAT  # its checker says what is wrong
    if not isinstance(form, str) or form not in checkers:
        known = " and ".join(checkers)
        return kgons.Report("REJECTED", reason=f"format {str(form)[:40]!r} is unknown; known are {known}")
    return checkers[form](text)


def check(args: argparse.Namespace) -> int:
    """``kgon check``."""
    from kgon.base.verdicts import KgonError

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
