"""The one way into the checkers: the format that a certificate names decides who reads it."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from . import branch, kgons, minimum
from .reading import digest, parse, require
from .report import Report

FORMATS = {
    kgons.FORMAT: (kgons.check_kgon, kgons.title),
    minimum.FORMAT: (minimum.check_minimum, minimum.title),
    branch.FORMAT: (branch.check_branch, branch.title),
}


def check_certificate(certificate: str | bytes | dict[str, Any]) -> Report:
    """Check a certificate, given as JSON or as a dictionary; nothing raises, every error rejects."""
    label = ""
    try:
        if isinstance(certificate, bytes):
            certificate = certificate.decode()
        data = parse(certificate if isinstance(certificate, str) else json.dumps(certificate))
        require(type(data) is dict, "a certificate is an object; the keys must be those of its format")
        form = data.get("format")
        known = " and ".join(FORMATS)
        require(
            type(form) is str and form in FORMATS, f"format {str(form)[:40]!r} is unknown; known are {known}"
        )
        check, title = FORMATS[form]
        label = title(data)
        require(data.get("digest") == digest(data), "digest is wrong")
        return check(data)
    except Exception as error:  # nothing that goes wrong may count as a proof
        return Report("REJECTED", label, reason=str(error)[:300] or type(error).__name__)


def check_file(name: str) -> Report:
    """Check a file; raise OSError where it cannot be read."""
    return check_certificate(Path(name).read_bytes())


def main(argv: list[str] | None = None) -> int:
    """Check files: 0 if all are proved, 1 if some are not, 2 if one cannot be read."""
    parser = argparse.ArgumentParser(prog="check", description="Verify certificates of kgon.")
    parser.add_argument("files", nargs="+", metavar="file.json")
    parser.add_argument("--json", action="store_true", help="one line of JSON for each file")
    options = parser.parse_args(argv)
    status = 0
    for name in options.files:
        try:
            report = check_file(name)
        except OSError as error:
            print(f"{name}: cannot be read: {error.strerror}", file=sys.stderr)
            status = 2
            continue
        said = report.reason or "; ".join(report.claims)
        line = f"{name}: {report.verdict} {report.label}: {said}"
        print(json.dumps({"file": name, **asdict(report)}) if options.json else ascii(line)[1:-1])
        status = max(status, int(report.verdict != "PROVED"))
    return status
