"""The one way into the checkers: the format that a certificate names decides who reads it."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from typing import Any

from . import branch, kgons, minimum
from .budget import BRANCHES, LARGEST, MINIMA, POINTS
from .reading import contents, digest, keep_within, parse, require
from .report import Report

FORMATS = {
    kgons.FORMAT: (kgons.check_kgon, kgons.title, POINTS),
    minimum.FORMAT: (minimum.check_minimum, minimum.title, MINIMA),
    branch.FORMAT: (branch.check_branch, branch.title, BRANCHES),
}


def check_certificate(certificate: str | bytes | dict[str, Any]) -> Report:
    """Check a certificate, given as JSON or as a dictionary; nothing raises, every error rejects."""
    label = ""
    try:
        text = as_text(certificate)
        data = parse(text)
        require(type(data) is dict, "a certificate is an object; the keys must be those of its format")
        form = data.get("format")
        known = " and ".join(FORMATS)
        require(
            type(form) is str and form in FORMATS, f"format {str(form)[:40]!a} is unknown; known are {known}"
        )
        check, title, budget = FORMATS[form]
        keep_within(budget, text, data)
        label = title(data)
        require(data.get("digest") == digest(data), "digest is wrong")
        return check(data)
    except Exception as error:  # nothing that goes wrong may count as a proof
        return Report("REJECTED", label, reason=one_line(str(error)) or type(error).__name__)


def as_text(certificate: str | bytes | dict[str, Any]) -> str:
    """Return the JSON of a certificate."""
    if isinstance(certificate, dict):
        return json.dumps(certificate)
    require(type(certificate) in (str, bytes), "a certificate is JSON, or a dictionary")
    require(len(certificate) <= LARGEST.bytes, f"the file is longer than {LARGEST.bytes} bytes")
    try:
        return certificate.decode() if isinstance(certificate, bytes) else certificate
    except UnicodeDecodeError:
        raise ValueError("the file is no UTF-8 text") from None


def one_line(text: str) -> str:
    """Return a text that any terminal shows on one line."""
    return ascii(text[:300])[1:-1] if not text.isprintable() else text[:300]


def check_file(name: str) -> Report:
    """Check a file; raise OSError where it cannot be read, or is no regular file."""
    return check_certificate(contents(name))


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
