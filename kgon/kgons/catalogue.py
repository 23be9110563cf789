"""The catalogue: every regular k-gon critical point of the potential at r = 2, for any c ≥ 4."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, ClassVar, overload

import flint
import mpmath
import numpy as np
from flint import arb

from kgon.base import text
from kgon.base.checks import Floats, assign, check_integer
from kgon.base.results import Result, document, result
from kgon.base.verdicts import KgonError, Status, UndecidedError
from kgon.kgons import labels as kgons_labels
from kgon.kgons.colours import family_colour
from kgon.kgons.labels import Label
from kgon.kgons.polygons import PolygonRoot, newton_polygon, regular_polygons
from kgon.kgons.square_flat_set import zero_cone
from kgon.kgons.square_minima import cone_certificate, cone_direction
from kgon.kgons.values import (
    as_label,
    ball_point,
    loss_ball,
    loss_parts,
    polygon,
    prior_ball,
    standard_point,
)
from kgon.potential import any_number
from kgon.potential.loss import Potential
from kgon.potential.model import TMS

DIGITS = 50
"""Decimal digits of the values kept as text."""
MAX_FEATURES = 64
"""Largest c of a catalogue; the time grows like c⁵."""
ZERO_AT_KGON = 1e-9
"""Hessian eigenvalues below this fraction of the largest count as zero (rounding is near 1e-16)."""


@result
class CriticalPoint(Result):
    """One k-gon at its standard representative.

    Attributes
    ----------
    label, configuration : str
        ASCII label without configuration; ``adjacent`` or ``opposite``.
    c, k, sigma, phi, neighbours : int
        Features, vertices, positive columns, switched-off columns, active neighbours on one side.
    length, bias, loss : float
        l and b of a live polygon column; L.
    length_digits, bias_digits, loss_digits : str
        The same to 50 digits (Newton's method in mpmath).
    gradient_norm : float
        ‖∇L‖ in float64.
    gradient_bound : float
        Proved upper bound of ‖∇L‖ on balls of 60 digits that contain the exact point.
    W, biases : (2, c) and (c,) arrays
    regions : tuple of tuple of str
        Region of each pair term, by input i (rows) and output j.
    smooth : bool
        Whether L is C² at the point.
    eigenvalues_negative, eigenvalues_zero : int or None
        Signs of the Hessian's eigenvalues at a smooth point, in float64; None at a kink.
    is_minimum : bool or None
        Local minimum: proved for the 4-gons (derivations 2b and 2d), with σ ≥ 1 and φ = 0 by an exact
        certificate for this c; by the Hessian's signs in float64 for k ≥ 5; None where undecided.
    lambda_ : Fraction or None
        Local learning coefficient (3c − f)/2 of a local minimum, f the dimension of the set of equal loss
        at the standard representative: exact for the 4-gons, from the Hessian's rank in float64 for
        k ≥ 5 (``kgon.free_energy.learning`` proves it).  None where the point is not a local minimum.
    c_prior : float
        ½ min ‖w‖² over the flat family (an infimum that need not be attained), the constant of the
        published free energies.
    certificate : str or None
        Name of a certificate file, if there is one.
    """

    json_names: ClassVar[dict[str, str]] = {"lambda_": "lambda"}

    label: str
    configuration: str
    c: int
    k: int
    sigma: int
    phi: int
    neighbours: int
    length: float
    bias: float
    loss: float
    length_digits: str
    bias_digits: str
    loss_digits: str
    gradient_norm: float
    gradient_bound: float
    W: np.ndarray
    biases: np.ndarray
    regions: tuple[tuple[str, ...], ...]
    smooth: bool
    eigenvalues_negative: int | None
    eigenvalues_zero: int | None
    is_minimum: bool | None
    lambda_: Fraction | None
    c_prior: float
    certificate: str | None

    @property
    def name(self) -> Label:
        """The label as an object, with its configuration."""
        return Label(self.k, self.sigma, self.phi, self.configuration)

    @property
    def kind(self) -> str:
        """``minimum``, ``not a minimum`` (``~`` where float64 says so) or ``undecided``."""
        mark = "~" if self.k > 4 else ""
        return {True: f"minimum{mark}", False: f"not a minimum{mark}", None: "undecided"}[self.is_minimum]

    def headline(self) -> str:
        return (
            f"{self.name.pretty}-gon, c = {self.c}: L = {float(self.loss):.8g}, "
            f"l = {self.length:.6g}, b = {self.bias:.6g}, |grad L| = {self.gradient_norm:.1e}~, {self.kind}"
        )

    def rows(self) -> Sequence[tuple[str, str]]:
        mark = "" if self.k == 4 else "~"
        minimum = {True: f"yes{mark}", False: f"no{mark}", None: "undecided (L is not C² here)"}
        return [
            ("loss L", self.loss_digits[:32]),
            ("length l", self.length_digits[:32]),
            ("bias b", self.bias_digits[:32]),
            ("biases", " ".join(f"{x:.4g}" for x in self.biases)),
            ("|grad L| (float64; proved bound)", f"{self.gradient_norm:.1e}~; {self.gradient_bound:.1e}"),
            ("local minimum", minimum[self.is_minimum]),
            ("learning coefficient λ", "not defined" if self.lambda_ is None else f"{self.lambda_}{mark}"),
            ("prior constant ½‖w‖² (infimum)", f"{self.c_prior:.8g}"),
        ]

    def picture(self) -> str:
        colour = family_colour(self.k)
        return text.polygon_svg(self.W.tolist(), self.biases.tolist(), colour, f"the {self.name.pretty}-gon")

    def _repr_latex_(self) -> str:
        return f"$L({self.name.latex}) = {self.loss:.8f}$"


@dataclass(frozen=True, slots=True, init=False, repr=False)
class Catalogue(Collection[CriticalPoint]):
    """All k-gons of c features (r = 2, uniform inputs); index with a label, or a slice.

    A point is computed when it is first asked for.

    Parameters
    ----------
    c : int
        Number of features, from 4 to 64.

    Raises
    ------
    KgonError
        If c is not such an integer, or a label asked for cannot occur.

    Examples
    --------
    >>> kgons = Catalogue(6)
    >>> len(kgons), len({point.label for point in kgons})
    (21, 18)
    >>> round(kgons["6"].loss, 5), kgons["5+"].lambda_
    (0.04819, Fraction(17, 2))
    """

    c: int

    def __init__(self, c: int = 6) -> None:
        assign(self, c=check_integer("c of a catalogue", c, 4, MAX_FEATURES))

    @property
    def labels(self) -> tuple[Label, ...]:
        """The labels of c features, by k, σ, φ and configuration."""
        return _labels(self.c)

    def __len__(self) -> int:
        return len(self.labels)

    def __iter__(self) -> Iterator[CriticalPoint]:
        return (_point(label, self.c) for label in self.labels)

    def __contains__(self, key: object) -> bool:
        if isinstance(key, CriticalPoint):
            return key.c == self.c and key.name in self.labels
        try:
            return (Label.parse(key) if isinstance(key, str) else key) in self.labels
        except KgonError:
            return False

    @overload
    def __getitem__(self, key: str | Label) -> CriticalPoint: ...
    @overload
    def __getitem__(self, key: slice) -> tuple[CriticalPoint, ...]: ...

    def __getitem__(self, key: str | Label | slice) -> CriticalPoint | tuple[CriticalPoint, ...]:
        if isinstance(key, slice):
            return tuple(_point(label, self.c) for label in self.labels[key])
        return _point(as_label(key).check(self.c).label, self.c)

    def __repr__(self) -> str:
        names = len({label.name for label in self.labels})
        return f"<Catalogue of c = {self.c}: {names} labels, {len(self)} configurations>"

    def __str__(self) -> str:
        lines = [repr(self)[1:-1], ""]
        lines += [f"  {p.name.pretty:<17}L = {p.loss:.8f}  {p.kind}" for p in self]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = [(p.name.pretty, f"L = {p.loss:.8f}, {p.kind}") for p in self]
        return text.html(repr(self)[1:-1], rows)

    def to_dict(self) -> dict[str, Any]:
        """Build the JSON object with schema, version, c, and every k-gon."""
        return document("catalogue", {"c": self.c}, list(self))

    def to_json(self) -> str:
        """Write ``to_dict`` as text."""
        return json.dumps(self.to_dict(), allow_nan=False, ensure_ascii=False, indent=2)

    @classmethod
    def from_json(cls, written: str) -> Catalogue:
        """Rebuild a catalogue from ``to_json``: it depends on c alone."""
        return cls(json.loads(written)["options"]["c"])

    def phases(self) -> list[CriticalPoint]:
        """List the local minima whose λ is known, by loss: those whose free energy can be given."""
        return sorted((p for p in self if p.lambda_ is not None), key=lambda p: p.loss)


# --- exact structure of loss and prior constant ------------------------------------------------


@lru_cache(maxsize=64)
def _labels(c: int) -> tuple[Label, ...]:
    """List the labels whose polygon exists, in order."""
    polygons = [k for k in range(4, c + 1) if regular_polygons(k)]
    return tuple(kgons_labels.all_labels(c, polygons))


# --- assembly ----------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def _root(k: int) -> PolygonRoot:
    """Solve for the k-gon to 50 digits by Newton's method, and check it against the proved enclosures."""
    proved = polygon(k)
    root = newton_polygon(proved, digits=DIGITS)
    if root.status is not Status.CONVERGED:
        raise KgonError(f"Newton's method for the {k}-gon ended as {root.status}")
    with flint.ctx.workprec(256):
        pairs = (root.length, proved.length), (root.bias, proved.bias), (root.cost, proved.cost)
        for value, ball in pairs:
            if not abs(arb(mpmath.nstr(value, DIGITS + 10)) - ball) < arb(f"1e-{DIGITS}"):
                raise KgonError(f"Newton's root of the {k}-gon is not in its proved enclosure")
    return root


def _gradient_bound(label: Label, c: int) -> float:
    """Bound ‖∇L‖ from above over the ball that contains the exact point."""
    with flint.ctx.workprec(256):
        grad_W, grad_b = any_number.gradient(*ball_point(label, c))
        total = sum((x * x for row in [*grad_W, grad_b] for x in row), arb(0))
        return float(abs(total).upper().sqrt().upper())


def _inertia(potential: Potential, W: Floats, b: Floats) -> tuple[int, int]:
    """Count the negative and the zero eigenvalues of the Hessian at a smooth point, in float64."""
    eigenvalues = np.linalg.eigvalsh(potential.hessian(W, b))
    limit = ZERO_AT_KGON * float(np.abs(eigenvalues).max())
    return int(np.sum(eigenvalues < -limit)), int(np.sum(np.abs(eigenvalues) <= limit))


def _square_with_positive(c: int, sigma: int) -> bool | None:
    """Decide whether 4^{σ+}, σ ≥ 1, is a local minimum, by an exact certificate (derivation 2d)."""
    if cone_certificate(c, sigma) is not None:
        return True
    return False if cone_direction(c, sigma) is not None else None


def _is_minimum(label: Label, c: int, inertia: tuple[int | None, int | None]) -> bool | None:
    """Decide local minima by derivations 2b and 2d for the 4-gons, and by the Hessian for k ≥ 5."""
    if label.k == 4:
        if label.sigma == 0:
            return True  # 2b, Proposition 3
        if label.phi:
            return False  # 2b, Proposition 4
        return _square_with_positive(c, label.sigma)
    if inertia[0]:
        return False
    return True if inertia == (0, _flat_dimension(label, c)) else None


def _flat_dimension(label: Label, c: int) -> int:
    """Dimension f of the set of equal loss at a local minimum's standard representative.

    4-gons without positive columns: that of the zero cone (derivation 5, Theorem C).  Otherwise the
    whole point rotates, and a dead column moves: its bias alone beside the rigid 4-gon of derivation 2d,
    (W, b) in an open region where k ≥ 5.
    """
    dead = label.roles(c).count("dead")
    if label.k > 4:
        return 1 + 3 * dead
    return 1 + dead if label.sigma else zero_cone(label, c).dimension


def _lambda(label: Label, c: int, minimum: bool | None) -> Fraction | None:
    """Compute λ = (3c − f)/2 of a local minimum; None for other points, or where f is undecided."""
    if not minimum:
        return None
    try:
        return Fraction(3 * c - _flat_dimension(label, c), 2)
    except UndecidedError:  # the linear programs of the zero cone found no rational certificate
        return None


@lru_cache(maxsize=4096)
def _point(label: Label, c: int) -> CriticalPoint:
    """Compute everything that the catalogue knows of a label."""
    potential = Potential(TMS(c))
    root = _root(label.k)
    with mpmath.workdps(DIGITS + 15):
        q, r = loss_parts(label, c)
        loss = mpmath.mpf(q.numerator) / q.denominator + root.cost * r.numerator / r.denominator
        length_digits, bias_digits, loss_digits = (
            mpmath.nstr(x, DIGITS) for x in (root.length, root.bias, loss)
        )
    weights, biases = standard_point(label, c)
    smooth = potential.smooth(weights, biases)
    inertia = _inertia(potential, weights, biases) if smooth else (None, None)
    minimum = _is_minimum(label, c, inertia)
    return CriticalPoint(
        label=label.name,
        configuration=label.configuration,
        c=c,
        k=label.k,
        sigma=label.sigma,
        phi=label.phi,
        neighbours=polygon(label.k).s,
        length=float(root.length),
        bias=float(root.bias),
        loss=float(loss_ball(label, c)),
        length_digits=length_digits,
        bias_digits=bias_digits,
        loss_digits=loss_digits,
        gradient_norm=potential.gradient_norm(weights, biases),
        gradient_bound=_gradient_bound(label, c),
        W=weights,
        biases=biases,
        regions=tuple(tuple(str(x) for x in row) for row in potential.regions(weights, biases)),
        smooth=smooth,
        eigenvalues_negative=inertia[0],
        eigenvalues_zero=inertia[1],
        is_minimum=minimum,
        lambda_=_lambda(label, c, minimum),
        c_prior=float(prior_ball(label, c)),
        certificate=None,
    )
