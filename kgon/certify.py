"""Certificates: what is proved about a k-gon, with the numbers from which others can check it.

The format and the theorems are in docs/certificates.md.  Balls decide everything here; floating point
only proposes approximate inverses and eigenvectors, which are written into the certificate.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import flint
import numpy as np
from flint import arb, arb_mat, fmpq

from kgon import geometry
from kgon.catalogue import as_label, loss_parts, polygon
from kgon.certify_exact import exact_certificate
from kgon.exact import exact_ball
from kgon.geometry import Label
from kgon.io import write_text
from kgon.kernels import _generated
from kgon.polygons import reduced_jet
from kgon.results import UndecidedError

FORMAT = "kgon-certificate/1"
BITS = 256
"""Precision of the balls to begin with."""
MAX_BITS = 1024
"""Precision at which the prover gives up."""
DIGITS = 34
"""Decimals of the enclosures in the claims."""
RADII = range(4, 44)
"""The uniqueness radius ρ is the first of 2⁻⁴, 2⁻⁵, … at which everything is decided."""

Index = tuple[int, int]
"""A coordinate of w: column, and row of W, or r for the bias: 0, 1 and 2 at r = 2."""


def certify(label: Label | str, c: int = 6) -> dict[str, Any]:
    """Certificate of one k-gon, as the object that is written to a file.

    Parameters
    ----------
    label : Label or str
    c : int
        Features.

    Returns
    -------
    dict
        See docs/certificates.md; ``claims`` holds what is proved.

    Raises
    ------
    KgonError
        The label cannot occur.
    UndecidedError
        Nothing could be decided within the precision and radii tried.

    Examples
    --------
    >>> certify("5")["claims"]["verdict"], certify("4")["claims"]["loss"]
    ('minimum', '1/9')
    """
    name = as_label(label).check(c)
    kind, parts = ("exact", exact_certificate(name, c)) if name.k == 4 else ("smooth", _smooth(name, c))
    document: dict[str, Any] = {
        "format": FORMAT,
        "label": name.name,
        "configuration": name.configuration,
        "c": c,
        "kind": kind,
        **parts,
    }
    document["digest"] = digest(document)
    return document


def digest(document: dict[str, Any]) -> str:
    """SHA-256 of the canonical JSON of a certificate without its digest."""
    rest = {key: value for key, value in document.items() if key != "digest"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def write_document(document: dict[str, Any], path: Path) -> Path:
    """Write a certificate atomically; the same bytes each time."""
    return write_text(path, json.dumps(document, sort_keys=True, indent=1, ensure_ascii=True) + "\n")


def write_certificate(label: Label, c: int, folder: str | Path) -> dict[str, str | None]:
    """Certify one k-gon and write ``folder/c6_5+.json``, atomically; the same bytes each time.

    Returns
    -------
    dict
        ``file`` (None where nothing could be decided), ``label``, ``verdict`` and ``claims`` in words.
    """
    try:
        document = certify(label, c)
    except UndecidedError as error:
        return {"file": None, "label": str(label), "verdict": "UNDECIDED", "claims": str(error)}
    path = write_document(document, Path(folder) / f"c{c}_{str(label).replace(':', '_')}.json")
    claims = document["claims"]
    if document["kind"] == "smooth":
        detail = (
            f"{claims['verdict']}, alone within 2^{claims['radius'][1]}, "
            f"{claims['negative']} negative eigenvalues, flat dimension {claims['flat_dimension']}"
        )
    else:
        detail = f"gradient exactly 0, L = {claims['loss']}, {claims['verdict']}"
        detail += f" ({claims['proof']})" if claims["proof"] else ""
    verdict = "UNDECIDED" if claims["verdict"] == "UNDECIDED" else "PROVED"
    return {"file": str(path), "label": str(label), "verdict": verdict, "claims": detail}


# --- numbers in the file -------------------------------------------------------------------------


def _dyadic(x: arb | float) -> list[int]:
    """[m, e] with x = m·2^e, exactly; the midpoint of a ball."""
    man, exp = arb(x).mid().man_exp()
    return [int(man), int(exp)]


def _matrix(values: np.ndarray) -> list[list[list[int]]]:
    return [[_dyadic(float(x)) for x in row] for row in values]


def _interval(x: arb) -> list[str]:
    """Decimals just below and above a ball, as rationals."""
    scale = 10**DIGITS
    low = (x.lower() * scale).floor().unique_fmpz()
    high = (x.upper() * scale).ceil().unique_fmpz()
    if low is None or high is None:
        raise UndecidedError(f"{x.str(10)} is not known to {DIGITS} decimals")
    return [str(Fraction(int(end), scale)) for end in (low, high)]


# --- smooth points -------------------------------------------------------------------------------


def _smooth(label: Label, c: int) -> dict[str, Any]:
    bits, reason = BITS, ""
    while bits <= MAX_BITS:
        with flint.ctx.workprec(bits):
            reduced = _Reduced(label.k, bits)
            claims = reduced.claims(label, c)
            for exponent in RADII:
                try:
                    more, witness = _neighbourhood(label, c, reduced, arb(2) ** -exponent)
                except UndecidedError as error:
                    reason = str(error)
                    continue
                return {"claims": {**claims, **more}, "witness": {**reduced.witness, **witness}}
        bits *= 2
    raise UndecidedError(
        f"{label}, c = {c}: {reason}, at every radius down to 2^-{RADII[-1]} and {MAX_BITS} bits"
    )


class _Reduced:
    """Krawczyk's theorem for the reduced equations: enclosures of τ = l² and b."""

    def __init__(self, k: int, bits: int) -> None:
        found = polygon(k, int(bits * math.log10(2)) - 16)
        self.k, self.s = k, found.s
        self.cosines = [arb.cos_pi_fmpq(fmpq(2 * j, k)) for j in range(k)]
        middle = [found.length_squared.mid(), found.bias.mid()]
        radius = arb(2) ** -100
        box = [x + arb(0, radius) for x in middle]
        _, *gradient, jacobian = self._jet(*middle)
        steep = np.array([[float(x) for x in row] for row in jacobian])
        inverse = np.linalg.inv(steep)
        Y = arb_mat(inverse.tolist())
        slope = arb_mat(self._jet(*box)[3])
        shift = arb_mat([[x - y] for x, y in zip(box, middle, strict=True)])
        one = arb_mat([[1, 0], [0, 1]])
        step = Y * arb_mat([[x] for x in gradient])
        image = arb_mat([[x] for x in middle]) - step + (one - Y * slope) * shift
        self.image = [image[0, 0], image[1, 0]]
        if not all(x.contains_interior(y) for x, y in zip(box, self.image, strict=True)):
            raise UndecidedError(f"k = {k}: Krawczyk's image is not inside its box")
        self._side_conditions(*box)
        self.witness = {
            "box": {
                "midpoint": [_dyadic(x) for x in middle],
                "radius": [_dyadic(radius), _dyadic(radius)],
            },
            "reduced_inverse": _matrix(inverse),
        }

    def _jet(self, tau: arb, bias: arb) -> tuple[arb, arb, arb, list[list[arb]]]:
        return reduced_jet(tau, bias, self.cosines[1:])

    def _side_conditions(self, tau: arb, bias: arb) -> None:
        for j in range(self.k):
            ends = tau * self.cosines[j] + bias
            active = j <= self.s or self.k - j <= self.s
            if not (bias < 0 and (ends > 0 if active else ends < 0)):
                raise UndecidedError(f"neighbour {j} is not certainly {'active' if active else 'off'}")

    def claims(self, label: Label, c: int) -> dict[str, Any]:
        tau, bias = self.image
        cost = self._jet(tau, bias)[0]
        q, r = loss_parts(label, c)
        loss = exact_ball(q) + exact_ball(r) * cost
        return {
            "s": self.s,
            "length_squared": _interval(tau),
            "bias": _interval(bias),
            "loss": _interval(loss),
        }


def unknowns(label: Label, c: int) -> list[Index]:
    """Coordinates of the gauge-fixed square system, in order."""
    roles = label.roles(c)
    found = [(j, i) for j in range(label.k) for i in range(3) if (j, i) != (0, 1)]
    found += [(j, i) for j, role in enumerate(roles) if role == "positive" for i in range(3)]
    if label.sigma and "dead" in roles:
        found += [(roles.index("dead"), i) for i in range(2)]
    return found


def _neighbourhood(
    label: Label, c: int, reduced: _Reduced, radius: arb
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Uniqueness, regions and inertia on the box of radius ρ about the exact point."""
    tau, bias = reduced.image
    directions = [
        (arb.cos_pi_fmpq(fmpq(2 * j, label.k)), arb.sin_pi_fmpq(fmpq(2 * j, label.k))) for j in range(label.k)
    ]
    W, b = geometry.representative(label, c, tau.sqrt(), bias, directions, arb)
    spread = arb(0, radius)
    columns = [(W[0][j] + spread, W[1][j] + spread, b[j] + spread) for j in range(c)]
    regions = strict_regions(columns)
    order = unknowns(label, c)
    H = interval_hessian(columns, regions, order)
    middle = np.array([[float(x.mid()) for x in row] for row in H.tolist()])
    n = len(order)
    inverse = np.linalg.inv(middle)
    identity = arb_mat([[int(i == j) for j in range(n)] for i in range(n)])
    defect = (identity - arb_mat(inverse.tolist()) * H).tolist()
    if not all(sum((abs(x) for x in row), arb(0)) < 1 for row in defect):
        raise UndecidedError("the Hessian is not certainly invertible")
    negative, congruence = inertia_of(H)
    dead = label.roles(c).count("dead")
    flat = 1 + (3 * dead if label.sigma == 0 else max(0, 3 * dead - 2))
    descent = None
    if negative:
        reach = radius / arb(float(np.abs(congruence[:, 0]).max()))  # eigh sorts: column 0 is lowest
        power = math.floor(math.log2(float(reach)))
        descent = {"column": 0, "reach": str(Fraction(2) ** power)}
    claims = {
        "regions": regions,
        "radius": _dyadic(radius),
        "flat_dimension": flat,
        "negative": negative,
        "positive": n - negative,
        "verdict": "saddle" if negative else "minimum",
        "descent": descent,
    }
    return claims, {"inverse": _matrix(inverse), "congruence": _matrix(congruence)}


Column = tuple[arb, ...]
"""W_j, of any r, and b_j."""


def inertia_of(H: arb_mat) -> tuple[int, np.ndarray]:
    """Number of negative eigenvalues, certain for every matrix in H, and the congruence that shows it.

    CᵀHC is strictly diagonally dominant, so that it and C are invertible and the signs of its diagonal
    are those of the eigenvalues of H (Gershgorin, Sylvester).
    """
    middle = np.array([[float(x.mid()) for x in row] for row in H.tolist()])
    values, vectors = np.linalg.eigh((middle + middle.T) / 2)
    congruence = vectors / np.sqrt(np.abs(values))
    C = arb_mat(congruence.tolist())
    form = (C.transpose() * H * C).tolist()
    for i, row in enumerate(form):
        others = sum((abs(x) for j, x in enumerate(row) if j != i), arb(0))
        if not abs(row[i]) > others:
            raise UndecidedError("the signs of the eigenvalues are not certain")
    return sum(bool(form[i][i] < 0) for i in range(len(form))), congruence


def strict_regions(columns: Sequence[Column]) -> list[list[str]]:
    """The region that each pair term is certainly and strictly in, by input and output."""
    c = len(columns)
    return [[_region(columns, i, j) for j in range(c)] for i in range(c)]


def _region(columns: Sequence[Column], i: int, j: int) -> str:
    a, b = _slope(columns, i, j), columns[j][-1]
    if i == j:
        a = abs(a).nonnegative_part()
    end = a + b
    if b > 0 and end > 0:
        return "on"
    if b < 0 and end < 0:
        return "off"
    if b < 0 and end > 0:
        return "rising"
    if b > 0 and end < 0:
        return "falling"
    raise UndecidedError(f"the region of input {i}, output {j} is not certain")


def _slope(columns: Sequence[Column], i: int, j: int) -> arb:
    first, *rest = (x * y for x, y in zip(columns[i][:-1], columns[j][:-1], strict=True))
    return sum(rest, first)


def pair_jet(columns: Sequence[Column], regions: list[list[str]], i: int, j: int) -> list[arb]:
    """Three times the pair integral of input i, output j, and its derivatives up to order two."""
    if regions[i][j] == "off":
        return [arb(int(i == j)), *[arb(0)] * 5]
    a, b = _slope(columns, i, j), columns[j][-1]
    fraction = {"on": arb(1), "rising": (a + b) / a, "falling": -b / a}[regions[i][j]]
    pair = getattr(_generated, f"{'diag' if i == j else 'off'}_{regions[i][j]}")
    return [arb(x) for x in pair(a, b, fraction)]


def interval_hessian(columns: Sequence[Column], regions: list[list[str]], order: list[Index]) -> arb_mat:
    """Enclosure of the Hessian of L in the unknowns."""
    c, r = len(columns), len(columns[0]) - 1
    full: dict[tuple[Index, Index], arb] = {}

    def add(first: Index, second: Index, value: arb) -> None:
        full[first, second] = full.get((first, second), arb(0)) + value

    for i in range(c):
        for j in range(c):
            if regions[i][j] == "off":
                continue
            _, fa, _, faa, fab, fbb = pair_jet(columns, regions, i, j)
            bias = (j, r)
            add(bias, bias, fbb)
            for h in range(r):
                hi, hj = (i, h), (j, h)
                for place, other in ((hi, columns[j][h]), (hj, columns[i][h])):
                    add(place, bias, fab * other)
                    add(bias, place, fab * other)
                add(hi, hj, fa)
                add(hj, hi, fa)
                for g in range(r):
                    for first, x in (((i, h), columns[j][h]), ((j, h), columns[i][h])):
                        for second, y in (((i, g), columns[j][g]), ((j, g), columns[i][g])):
                            add(first, second, faa * x * y)
    return arb_mat([[full.get((x, y), arb(0)) / (3 * c) for y in order] for x in order])
