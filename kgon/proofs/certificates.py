"""Certificates: what is proved about a k-gon, with the numbers from which others can check it.

The format and the theorems are in docs/certificates.md.  Balls decide everything here; floating point
only proposes approximate inverses and eigenvectors, which are written into the certificate.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kgon.base.files import write_text
from kgon.base.results import Result, result
from kgon.base.verdicts import UndecidedError, Verdict
from kgon.base.work import HERE, Work
from kgon.kgons.labels import Label
from kgon.kgons.values import check_label
from kgon.proofs.smooth import certify_smooth
from kgon.proofs.squares import certify_square

FORMAT = "kgon-certificate/1"
ACCEPTED = "accepted by kgon.proofs.check"
"""What results keep of a certificate that the checker, in a process of its own, calls proved."""


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
    name, c = check_label(label, c)
    kind, prover = ("exact", certify_square) if name.k == 4 else ("smooth", certify_smooth)
    document: dict[str, Any] = {
        "format": FORMAT,
        "label": name.name,
        "configuration": name.configuration,
        "c": c,
        "kind": kind,
        **prover(name, c),
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


@result
class WrittenCertificate(Result):
    """A certificate as it was written.

    Attributes
    ----------
    file : str or None
        None where nothing could be decided.
    label : str
    verdict : Verdict
        PROVED or UNDECIDED.
    claims : str
        What is proved, or why nothing is.
    checked : str
        What the checker said in a process of its own; empty if it was not asked.
    """

    file: str | None
    label: str
    verdict: Verdict
    claims: str
    checked: str = ""

    def checked_as(self, said: str) -> WrittenCertificate:
        """The same with what the checker says; what it refuses is not proved."""
        if said == ACCEPTED or self.verdict is not Verdict.PROVED:
            return dataclasses.replace(self, checked=said)
        claims = f"written, but not accepted by the checker, which has a budget: {said}"
        return dataclasses.replace(self, checked=said, verdict=Verdict.UNDECIDED, claims=claims)

    def headline(self) -> str:
        return f"{self.verdict:<10} {self.file or self.label}: {self.claims}"


def write_certificates(
    labels: Sequence[Label], c: int, folder: str | Path, *, work: Work = HERE
) -> list[WrittenCertificate]:
    """Certify k-gons and write ``folder/c6_5+.json`` and so on, atomically; the same bytes each time.

    Others may prove, also on another machine: the files are written here.
    """
    found = work.map(_proved, [(label, c) for label in labels])
    return [_written(label, c, Path(folder), each) for label, each in zip(labels, found, strict=True)]


def _proved(label: Label, c: int) -> dict[str, Any] | str:
    """The document, or why nothing can be decided: a task of ``Work.map``."""
    try:
        return certify(label, c)
    except UndecidedError as error:
        return str(error)


def _written(label: Label, c: int, folder: Path, document: dict[str, Any] | str) -> WrittenCertificate:
    if isinstance(document, str):
        return WrittenCertificate(file=None, label=str(label), verdict=Verdict.UNDECIDED, claims=document)
    path = write_document(document, folder / f"c{c}_{str(label).replace(':', '_')}.json")
    claims = document["claims"]
    if document["kind"] == "smooth":
        detail = (
            f"{claims['verdict']}, alone within 2^{claims['radius'][1]}, "
            f"{claims['negative']} negative eigenvalues, flat dimension {claims['flat_dimension']}"
        )
    else:
        detail = f"gradient exactly 0, L = {claims['loss']}, {claims['verdict']}"
        detail += f" ({claims['proof']})" if claims["proof"] else ""
    verdict = Verdict.UNDECIDED if claims["verdict"] == "UNDECIDED" else Verdict.PROVED
    return WrittenCertificate(file=str(path), label=str(label), verdict=verdict, claims=detail)
