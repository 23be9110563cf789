"""Certificates of k-gons: critical points of L at uniform weights, what is near them, and what they are.

The statements and the format are in docs/certificates.md.  Regular polygons (k ≥ 5) are enclosed with 512
bits; 4-gons are rational, and all that is said of them is exact.
"""

from __future__ import annotations

from typing import Any

from ..budget import POINTS
from ..reading import integer, keys, label, require, written
from ..report import Report
from .smooth import check_smooth
from .squares import check_square

FORMAT = "kgon-certificate/1"


def title(data: dict[str, Any]) -> str:
    """Return the label that a certificate gives, if it gives one."""
    return written(data.get("label"))


def check_kgon(data: Any) -> Report:
    """Check a parsed certificate; raise ValueError where it fails."""
    names = "format label configuration c kind claims witness digest"
    _, text, configuration, c_, kind, claims, witness, _ = keys(data, names, "the certificate")
    c = integer(c_, "c", 4, POINTS.columns)
    k, sigma, phi = label(text, c)
    require(configuration in ["adjacent", "opposite"][: 1 + (phi == 2)], "configuration is wrong")
    require(kind == ("exact" if k == 4 else "smooth"), "kind does not belong to the label")
    verdict, other = "PROVED", configuration == "opposite"
    if k > 4:
        first, *more = check_smooth(k, sigma, c, claims, witness)
    else:
        first, *more = check_square(sigma, [0, 2] if other else list(range(phi)), c, claims, witness)
        verdict = "UNDECIDED" if claims["proof"] is None else verdict
    return Report(verdict, text, [f"{text}{' (opposite)' * other}, c = {c}, uniform weights: {first}", *more])
