"""Commands that prove and check: certificates, the global minimum, the independent checkers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from kgon import base, kgons, proofs
from kgon.base.verdicts import KgonError
from kgon.cli.option import number, option
from kgon.cli.options import executors, features, label_arguments, narration, out
from kgon.cli.outcome import Outcome
from kgon.cli.registry import command


@command(
    "certify",
    args=[features(), label_arguments("labels", "all of the catalogue"), out("certificates"), *executors()],
)
def certify(
    labels: Sequence[kgons.Label], c: int, out: str, work: base.Work
) -> list[proofs.WrittenCertificate]:
    """Prove what each k-gon is, and write the certificates."""
    from kgon.report.checked import check_written

    return check_written(proofs.write_certificates(labels or kgons.Catalogue(c).labels, c, out, work=work))


@command("prove", args=[
    features(),
    option("theorem", "what is proved", metavar="global-minimum", choices=("global-minimum",), keyword=""),
    number("--bound", "prove this lower bound of L instead (c >= 6)"), out("certificates"), narration(),
])  # fmt: skip
def prove(c: int, out: str, **how: Any) -> proofs.GlobalMinimum:
    """Prove the global minimum for c = 4, 5, 6, or a lower bound of L for c = 7, 8."""
    from kgon.report.checked import check_one

    found = proofs.prove_global_minimum(c, folder=out, **how)
    return found.checked_as(check_one(Path(found.certificate))) if found.certificate else found


@command("check", args=[option("files", "certificates", nargs="+", metavar="FILE")])
def check(files: Sequence[str]) -> Outcome:
    """Verify certificates by checkers that share nothing with the provers."""
    from kgon.proofs.check import check_file

    data = []
    for name in files:
        try:
            data.append({"file": name, **asdict(check_file(name))})
        except OSError as error:
            raise KgonError(f"{name}: cannot be read ({error.strerror})") from None
    lines = [f"{x['verdict']:<10} {x['file']}: {x['reason'] or '; '.join(x['claims'])}" for x in data]
    return Outcome(data, "\n".join(lines), holds=all(x["verdict"] == "PROVED" for x in data))
