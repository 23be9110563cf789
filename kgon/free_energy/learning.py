"""Prove the local learning coefficient λ of every k-gon that is a local minimum.

``vol{w near w*: L(w) − L(w*) < ε} ~ C ε^λ (log 1/ε)^(m − 1)`` defines λ and its multiplicity m
(Watanabe; Lau et al. 2023).  At every local minimum of the catalogue the loss lies between two multiples of
the squared distance to a set of dimension f, so that λ = (3c − f)/2 and m = 1 (docs, derivation 5).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, ClassVar

from kgon.base.results import Result, result
from kgon.base.verdicts import KgonError, UndecidedError, Verdict
from kgon.kgons import labels
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.labels import Label
from kgon.kgons.values import as_label
from kgon.proofs.certificates import certify

REASONS = {
    "morse-bott": "Morse-Bott: the Hessian is proved positive across the manifold of equal loss (Theorem A)",
    "positive-cone": "leading function q >= kappa dist^2 by an exact dual certificate (Theorem B)",
    "zero-cone": "zero cone with a rational linear-programming certificate (Theorem C)",
    "open-flat": "the loss is constant on an open set around the point (Theorem C)",
}
"""Why λ = (3c − f)/2, by theorem of derivation 5."""


@result
class LearningCoefficient(Result):
    """The exact learning coefficient λ of one k-gon, with what proves it.

    Attributes
    ----------
    label, configuration : str
    c : int
    lambda_ : Fraction
        The local learning coefficient at the standard representative.
    multiplicity : int
        m, the power of log 1/ε plus one.
    flat_dimension : int
        f, dimension of the set of equal loss.
    reason : str
        ``morse-bott``, ``positive-cone``, ``zero-cone`` or ``open-flat``; see ``REASONS``.
    representative : str
        The point that is meant: on the flat set of a 4-gon with switched-off columns λ is not constant.
    certificate : dict
        The certificate (docs/certificates.md) that ``kgon check`` verifies; it holds the verdict
        ``minimum`` and f.
    verdict : Verdict
    """

    json_names: ClassVar[dict[str, str]] = {"lambda_": "lambda"}

    label: str
    configuration: str
    c: int
    lambda_: Fraction
    multiplicity: int
    flat_dimension: int
    reason: str
    representative: str
    certificate: dict[str, Any]
    verdict: Verdict

    @property
    def name(self) -> Label:
        """The label as an object."""
        return replace(Label.parse(self.label), configuration=self.configuration)

    @property
    def place(self) -> str:
        """The representative, without what is known of λ elsewhere."""
        return _place(self.name, self.c)

    def headline(self) -> str:
        name = f"{self.name.pretty}-gon, c = {self.c}"
        return f"{name}: λ = {self.lambda_}, m = {self.multiplicity}: {self.verdict}"

    def rows(self) -> Sequence[tuple[str, str]]:
        decimal = "" if self.lambda_.denominator == 1 else f" = {float(self.lambda_):g}"
        return [
            ("learning coefficient λ", f"{self.lambda_}{decimal}"),
            ("multiplicity m", str(self.multiplicity)),
            ("flat dimension f, λ = (3c − f)/2", str(self.flat_dimension)),
            ("reason", REASONS[self.reason]),
            ("representative", self.representative),
        ]

    def _repr_latex_(self) -> str:
        return rf"$\lambda({self.name.latex}) = {float(self.lambda_):g}$"


def learning_coefficient(label: Label | str, c: int = 6) -> LearningCoefficient:
    """Take λ and m of a k-gon from its certificate.

    Parameters
    ----------
    label : Label or str
    c : int
        Features, 4 to 64.

    Returns
    -------
    LearningCoefficient

    Raises
    ------
    KgonError
        The label cannot occur, or the point is not a local minimum, where λ is not defined.
    UndecidedError
        Whether it is a local minimum is not decided.

    Examples
    --------
    >>> learning_coefficient("4+")
    <4⁺-gon, c = 6: λ = 8, m = 1: PROVED>
    >>> learning_coefficient("4++-")
    Traceback (most recent call last):
    ...
    kgon.KgonError: lambda of 4++- is not defined: it is not a local minimum ...
    """
    name = Catalogue(c)[as_label(label)].name
    certificate = certify(name, c)
    claims = certificate["claims"]
    if claims["verdict"] == "UNDECIDED":
        raise UndecidedError(f"whether {name} is a local minimum at c = {c} is not decided")
    if claims["verdict"] != "minimum":
        raise KgonError(
            f"lambda of {name} is not defined: it is not a local minimum (proved: the loss falls along "
            "a curve from it), so that the volume of small loss is no power of epsilon"
        )
    flat = int(claims["flat_dimension"])
    return LearningCoefficient(
        label=name.name,
        configuration=name.configuration,
        c=c,
        lambda_=Fraction(3 * c - flat, 2),
        multiplicity=1,
        flat_dimension=flat,
        reason=_reason(certificate),
        representative=_place(name, c) + _elsewhere(name, c),
        certificate=certificate,
        verdict=Verdict.PROVED,
    )


def learning_coefficients(c: int = 6) -> list[LearningCoefficient]:
    """Find λ of every local minimum of the catalogue, by loss; those left undecided are not among them."""
    found = []
    for point in sorted(Catalogue(c), key=lambda p: p.loss):
        if point.is_minimum is not False:
            try:
                found.append(learning_coefficient(point.name, c))
            except UndecidedError:
                continue
    return found


def _reason(certificate: dict[str, Any]) -> str:
    """What in the certificate gives f."""
    claims = certificate["claims"]
    if certificate["kind"] == "smooth":
        return "morse-bott"
    if claims["proof"] == "cone":
        return "positive-cone"
    return "open-flat" if claims["flat_dimension"] == 3 * certificate["c"] else "zero-cone"


def _place(label: Label, c: int) -> str:
    """Where the standard representative has the columns that can be moved without changing L."""
    roles = label.roles(c)
    parts = []
    if label.phi:
        at = ", ".join(map(str, label.switched_off()))
        parts.append(f"switched-off {at} at their vertices, b = {labels.SWITCHED_OFF_BIAS:g}")
    if "dead" in roles:
        parts.append(f"dead at W = 0, b = {labels.DEAD_BIAS:g}")
    return "; ".join(parts) or "unique up to symmetry"


def _elsewhere(label: Label, c: int) -> str:
    """What is known of λ beside the standard representative; empty where there is nothing to say."""
    if label.k > 4 and "dead" in label.roles(c):
        return " (λ is the same in all of the dead columns' open region)"
    return " (λ differs elsewhere on the connected flat set)" if label.phi in (1, 2) else ""
