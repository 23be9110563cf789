"""The main job: every table and figure into one folder, and the claims held against them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar

from kgon.base.files import write_text
from kgon.base.results import Result, result
from kgon.base.verdicts import Verdict
from kgon.base.work import Work, Workers
from kgon.branches.atlas import importance_branches
from kgon.experiments.posterior import evidence, occupancy
from kgon.experiments.training.runs import example_training
from kgon.landscape.assembly import example_landscape
from kgon.proofs.global_minimum import prove_global_minimum
from kgon.report import figures, tables
from kgon.report.claims.claim import Claim
from kgon.report.claims.theory import evaluate_claims
from kgon.report.tables import statements

Progress = Callable[[str], None]
SLOW_TABLES = ("learning-check",)
"""Tables that are made with ``full`` only."""


@result
class Reproduction(Result):
    """What ``run_main_job`` found and wrote.

    Attributes
    ----------
    claims : tuple of Claim
    files : tuple of str
        Paths written, relative to the folder.
    folder : str
    """

    schema: ClassVar[str] = "reproduce"

    claims: tuple[Claim, ...]
    files: tuple[str, ...]
    folder: str

    def count(self, verdict: Verdict) -> int:
        """Number of claims with a verdict."""
        return sum(claim.verdict is verdict for claim in self.claims)

    def headline(self) -> str:
        counts = ", ".join(f"{self.count(v)} {v}" for v in Verdict if self.count(v))
        return f"{len(self.claims)} claims: {counts}; {len(self.files)} files in {self.folder}"

    def rows(self) -> Sequence[tuple[str, str]]:
        return [(claim.name, str(claim.verdict)) for claim in self.claims]

    def text(self) -> str:
        """The table of claims and the headline, as the command prints it."""
        return f"{statements.claims_table(self.claims).text()}\n\n{self.headline()}"


def run_main_job(
    folder: str | Path, *, full: bool = False, workers: Workers = 1, progress: Progress = lambda _: None
) -> Reproduction:
    """Write every table and figure, and test every claim, at r = 2, c = 6.

    Parameters
    ----------
    folder : str or Path
        Gets ``tables/``, ``figures/``, ``evidence/``, ``occupancy/``, ``certificates/`` and ``claims.json``;
        existing files are replaced one by one, each atomically, so that an interrupted run is simply
        repeated.  What was sampled is not sampled again.
    full : bool
        Include what is slow: evidence with standard errors of 0.02 nats, λ against simulation, the cost of
        the empirical loss up to n = 10⁷.
    workers : int, Executor or callable
        Who does the sampling; see ``Work``.
    progress : callable
        Called with a line before each step.

    Returns
    -------
    Reproduction
    """
    base, effort = Path(folder), "full" if full else "quick"
    work = Work(workers=workers, folder=base, progress=progress)
    files: list[Path] = []
    progress("evidence of the basins, by sampling")
    sampled = evidence.sample_evidence(
        effort=evidence.FULL if full else evidence.QUICK, work=work.inside(f"evidence/{effort}")
    )
    progress("occupancy of the phases, by sampling")
    sampling = occupancy.FULL if full else occupancy.QUICK
    shares = occupancy.posterior_occupancy(sampling, work=work.inside(f"occupancy/{effort}"))
    given: dict[str, Any] = {"evidence": sampled, "occupancy": shares, "full": full}
    progress("training runs")
    training = {start: labelled for start, (labelled, _) in example_training(6, full).items()}
    progress("global minimum, the proof")
    theorem = prove_global_minimum(6, folder=base / "certificates")
    files += [Path(theorem.certificate)] if theorem.certificate else []
    progress("branches of the k-gons, proved")
    branches = importance_branches(6, certify=True)
    progress("transition states")
    landscape = example_landscape(6, full)
    progress("claims")
    found = evaluate_claims(
        evidence=sampled, occupancy=shares, training=training, minimum=theorem, branches=branches,
        landscape=landscape,
    )  # fmt: skip
    for name, table_spec in tables.TABLES.items():
        if name in SLOW_TABLES and not full:
            continue
        progress(f"table {name}")
        options = {key: given[key] for key in table_spec.options if key in given}
        table = statements.claims_table(found) if name == "claims" else tables.make_table(name, **options)
        files += tables.save_table(table, base / "tables")
    for name, figure_spec in figures.FIGURES.items():
        if not figure_spec.available:
            progress(f"figure {name} left out: {figure_spec.needs} is not installed")
            continue
        progress(f"figure {name}")
        options = {key: given[key] for key in figure_spec.options if key in given}
        files += figures.save_figure(name, base / "figures", **options)
    names = tuple(path.relative_to(base).as_posix() for path in files)
    outcome = Reproduction(claims=tuple(found), files=(*names, "claims.json"), folder=str(base))
    write_text(base / "claims.json", outcome.to_json() + "\n")
    return outcome
