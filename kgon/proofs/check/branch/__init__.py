"""The independent checker of proved branches: the standard library alone, no code of kgon, integers only.

A branch is a curve of critical points of L = Σ_ij p_i I_j ∫₀¹ (δ_ij μ − relu(W_i·W_j μ + b_j))² dμ over a
parameter p of the weights. With off(a, b) = ∫₀¹ relu(aμ + b)² dμ its terms are off(W_i·W_j, b_j), i ≠ j, and
diag(N, b) = 1/3 − ∂off/∂a + off at a = N = |W_j|². All terms, gradients and Hessians here are three times
those of L.

Unknowns are y, coordinates of the points that are their own mirror image in the first axis, and p. A tube is
``|(y, p) − (m + s t)| ≤ ρ`` in every coordinate, ``|s| ≤ h``. It is cut along s, until Krawczyk's theorem for
∇L = 0, t·((y, p) − m) = s proves on each piece that there is exactly one zero for every s. The second
derivatives of L are bounded by the hull over the regions that a box meets. This is right though they may jump
there, as ∇L is Lipschitz: its increments are integrals of generalised derivatives, which are in the hull. So
are those of the third ones, except at |W_j|² + b_j = 0, where a chord is refused; nothing is bounded where
W_i·W_j = 0 and the region is not certain.

Run it alone, from the folder above this one or a copy of it: ``python -m check_branch file.json …``. Exit
status: 0 all proved, 1 some not, 2 unreadable.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..intervals import Interval
from ..reading import COLUMNS, integer, items, keys, parse, real, require
from .claims import check_chain, check_square, crossing
from .start import weights_of

FORMAT = "kgon-branch/1"


@dataclass
class Report:
    """What the checker found."""

    verdict: str  # PROVED, UNDECIDED or REJECTED
    label: str = ""
    claims: list[str] = field(default_factory=list)
    reason: str = ""  # why it was rejected


def check_parsed(data: Any) -> Report:
    """Check a parsed certificate; raise ValueError where it fails."""
    names = "format c parameter range branch others maxwell digest"
    form, c_, parameter, range_, branch, others, maxwell, digest = keys(data, names, "the certificate")
    require(form == FORMAT, "format is unknown")
    rest = {name: value for name, value in data.items() if name != "digest"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    require(digest == hashlib.sha256(text.encode("ascii")).hexdigest(), "digest is wrong")
    c = integer(c_, 4, COLUMNS, "c")
    weights, first = weights_of(parameter, c)
    low, high = (real(x, "range") for x in items(range_, "range", 2))
    require(0 < low <= weights[2] <= high and low < high, "range must contain the value at the start")
    limits, curves = (Interval.of(low), Interval.of(high)), []
    bodies = [("branch", branch), *((f"others {i}", x) for i, x in enumerate(items(others, "others")))]
    for where, body in bodies:
        label = body.get("label") if type(body) is dict else None
        good = type(label) is str and re.fullmatch(r"[1-9][0-9]?\+*-*", label)
        require(bool(good), f"{where}: label is malformed")
        k, sigma, phi = int(str(label).rstrip("+-")), str(label).count("+"), str(label).count("-")
        require(k >= 4 and k + sigma <= c and phi <= (4 if k == 4 else 0), f"{where}: label is impossible")
        if k == 4:
            curves.append(check_square(body, (k, sigma), c, weights, first, where))
        else:
            curves.append(check_chain(body, (k, sigma), c, weights, first, limits, where))
    said = [text for x in curves for text in x.said]
    for i, item in enumerate(items(maxwell, "maxwell")):
        at = f"maxwell {i}"
        index, point = keys(item, "other point", at)
        two = curves[1 + integer(index, 0, len(curves) - 2, f"{at}: other")]
        require(curves[0].system is not None, f"{at}: the branch must be followed")
        numbers = [real(x, at) for x in items(point, at, most=6 * COLUMNS)]
        said.append(crossing(curves[0], two, numbers, at))
    said.append(
        "not checked: where exactly folds, branch points and borders are, and that no event is missing"
    )
    label = f"{curves[0].name} over {parameter}"
    return Report("UNDECIDED" if any(x.open for x in curves) else "PROVED", label, said)


def check(certificate: str | bytes | dict[str, Any]) -> Report:
    """Check a certificate, given as JSON or as a dictionary; nothing raises, every error rejects."""
    label = ""
    try:
        if isinstance(certificate, bytes):
            certificate = certificate.decode()
        data = parse(certificate if isinstance(certificate, str) else json.dumps(certificate))
        branch = data.get("branch") if isinstance(data, dict) else None
        found = branch.get("label") if isinstance(branch, dict) else None
        label = found[:40] if isinstance(found, str) else ""
        return check_parsed(data)
    except Exception as error:  # nothing that goes wrong may count as a proof
        return Report("REJECTED", label, reason=str(error)[:300] or type(error).__name__)


def main(argv: list[str] | None = None) -> int:
    """Check the files named on the command line, one line of output for each."""
    parser = argparse.ArgumentParser(prog="check_branch", description="Verify branches proved by kgon.")
    parser.add_argument("files", nargs="+", metavar="file.json")
    status = 0
    for name in parser.parse_args(argv).files:
        try:
            report = check(Path(name).read_bytes())
        except OSError as error:
            print(f"{name}: cannot be read: {error.strerror}", file=sys.stderr)
            status = 2
            continue
        said = report.reason or "; ".join(report.claims)
        print(ascii(f"{name}: {report.verdict} {said}")[1:-1])
        status = max(status, int(report.verdict != "PROVED"))
    return status
