"""The studies: every long computation whose result claims, tables and figures show, computed once for all.

A study that samples has two efforts, quick and ``full``; ``work`` says who computes and keeps the parts.  One
that writes certificates gets a ``folder`` for them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from kgon.base.runs import Arrays
from kgon.base.work import Work
from kgon.branches import atlas
from kgon.branches.certificate import write_branch_certificate
from kgon.branches.diagram import IMPORTANCE, in_importance
from kgon.branches.results import BranchEvent, KgonBranch
from kgon.experiments import cost
from kgon.experiments.llc import convergence, published, two_ways
from kgon.experiments.llc.against_loss import LossComplexity, RankTest, exact_ranks, measure_loss_lambda_hat
from kgon.experiments.llc.falls import Fall, measure_falls
from kgon.experiments.llc.settings import HMC, NARROW, QUICK_HMC, Localiser
from kgon.experiments.posterior.concentration import Concentration, measure_concentration
from kgon.experiments.posterior.evidence import FULL as FULL_EVIDENCE
from kgon.experiments.posterior.evidence import QUICK as QUICK_EVIDENCE
from kgon.experiments.posterior.evidence import sample_evidence
from kgon.experiments.posterior.evidence_result import Evidence
from kgon.experiments.posterior.local_evidence import LOG2_PAIRS, LocalEvidence, sample_local_evidence
from kgon.experiments.posterior.naming import NamedDraws, measure_naming
from kgon.experiments.posterior.occupancy import FULL as FULL_OCCUPANCY
from kgon.experiments.posterior.occupancy import QUICK as QUICK_OCCUPANCY
from kgon.experiments.posterior.occupancy import posterior_occupancy
from kgon.experiments.posterior.occupancy_result import PosteriorOccupancy
from kgon.experiments.posterior.projection import FULL as FULL_DRAWS
from kgon.experiments.posterior.projection import QUICK as QUICK_DRAWS
from kgon.experiments.posterior.projection import Projection, project_draws
from kgon.experiments.posterior.theory_curves import TheoryCurves, hold_against
from kgon.experiments.sweep import ImportanceSweep, sweep_importance
from kgon.experiments.toy import ToyPhases, toy_phases_at
from kgon.experiments.training.results import Training, TrainingRun
from kgon.experiments.training.runs import combine_runs, labelled
from kgon.experiments.training.staircases import Staircases, build_staircases
from kgon.experiments.training.trajectory import (
    PUBLISHED,
    SQUARES,
    TEXT_INDEX,
    TEXT_START,
    TrainingSettings,
    path_of,
    run_trajectories,
)
from kgon.free_energy import phases
from kgon.free_energy.constants.square import SquareConstant
from kgon.free_energy.diagram import PhaseDiagram, in_beta
from kgon.free_energy.learning import learning_coefficients
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.existence import Existence, prove_existence
from kgon.landscape import assembly
from kgon.landscape.graph import Landscape
from kgon.landscape.solids import Solid, all_solids
from kgon.proofs.certificates import ACCEPTED, write_certificates
from kgon.proofs.edge_lemmas import EndSlack, end_slack
from kgon.proofs.global_minimum import GlobalMinimum, prove_global_minimum
from kgon.report.artefact import study
from kgon.report.checked import check_apart, check_written
from kgon.report.explorer.data import explorer_data
from kgon.sampling.optimiser import Optimiser
from kgon.sampling.sgd import Protocol, Trajectory

QUICK_RUNS, FULL_RUNS = {SQUARES: 15, "random": 6}, {SQUARES: 150, "random": 100}
"""Training runs of each kind of start."""
MANY_QUICK, MANY_FULL = {SQUARES: 9, "random": 8, "5": 24}, {SQUARES: 45, "random": 50, "5": 150}
"""The same for every other optimiser, and from where it is asked whether training finds the lowest k-gon."""
PUBLISHED_METHOD = "SGD"
METHODS = {
    PUBLISHED_METHOD: PUBLISHED,
    "momentum": Protocol(epochs=450, optimiser=Optimiser(kind="momentum")),
    "Adam": Protocol(epochs=900, learning_rate=0.001, optimiser=Optimiser(kind="adam")),
    "AdamW": Protocol(
        epochs=900,
        learning_rate=0.002,
        optimiser=Optimiser(kind="adamw", weight_decay=0.01, schedule="cosine"),
    ),
    "all samples": Protocol(batch=1000, learning_rate=0.5, epochs=2250),
}
"""Ways to train; momentum, and descent on all samples, go as far in the flow's time as the published one."""
TRIED = 8
"""Of so many trajectories from a start that is not the text's, the one with the most stages is shown."""
QUICK_LOG2_PAIRS = 11
LARGEST_K = 203
"""Largest k for which existence is decided."""
SIZES, BETAS = (20.0, 2000.0), (0.1, 2.0)
"""Ranges of the phase diagrams."""
POINTS = 121

BranchAt = tuple[KgonBranch, BranchEvent]
"""A branch, and one of the events on it."""


# --- the posterior -------------------------------------------------------------------------------


@study(slow=True)
def evidence(work: Work, c: int = 6, full: bool = False) -> Evidence:
    """Sample the free energy of every basin by sequential Monte Carlo."""
    return sample_evidence(c, effort=FULL_EVIDENCE if full else QUICK_EVIDENCE, work=work)


@study(slow=True)
def occupancy(work: Work, c: int = 6, full: bool = False) -> PosteriorOccupancy:
    """Sample the shares of the phases by parallel tempering: the population loss, and data sets."""
    return posterior_occupancy(FULL_OCCUPANCY if full else QUICK_OCCUPANCY, c=c, work=work)


@study()
def projection(work: Work, c: int = 6, full: bool = False) -> Projection:
    """Draw from the posterior at several n and β, and embed the draws in a plane by t-SNE."""
    return project_draws(c=c, draws=FULL_DRAWS if full else QUICK_DRAWS, work=work)


@study()
def concentration() -> Concentration:
    """Measure how far draws of the population posterior are from where descent ends, by n."""
    return measure_concentration()


@study()
def naming() -> NamedDraws:
    """Measure how often hull and nearest k-gon name a draw of the population posterior as its basin, by n."""
    return measure_naming()


@study()
def local_evidence(work: Work, full: bool = False) -> list[LocalEvidence]:
    """Sample what the Laplace constants leave of the local evidence of 6, 5⁺ and 5, at c = 6."""
    pairs = LOG2_PAIRS if full else QUICK_LOG2_PAIRS
    return [sample_local_evidence(label, log2_pairs=pairs, work=work) for label in ("6", "5+", "5")]


@study()
def square_constants(work: Work, c: int = 6, theory: str = "laplace") -> list[SquareConstant]:
    """Estimate the Laplace constants of the 4-gons, where the theory takes them."""
    return phases.square_constants(c, work=work) if theory == "laplace" else []


@study(slow=True, fixed=("theory",))
def theory_curves(
    evidence: Evidence, square_constants: Sequence[SquareConstant], c: int = 6, beta: Fraction = Fraction(1)
) -> TheoryCurves:
    """Compute free energies and shares of the phases by every theory, and from the sampled evidence."""
    return hold_against(evidence, square_constants, c=c, beta=beta)


@study()
def phase_diagrams(
    curves: Sequence[KgonBranch], c: int = 6, theory: str = "prior", beta: object = 1
) -> tuple[PhaseDiagram, PhaseDiagram]:
    """Find the phase of lowest free energy by (n, β) and by (n, importance), of the same phases."""
    n = np.geomspace(*SIZES, POINTS)
    right = in_importance(n, list(np.linspace(*IMPORTANCE, 64)), c, theory=theory, beta=beta, known=curves)
    among = list(dict.fromkeys(right.labels))
    return in_beta(n, list(np.geomspace(*BETAS, POINTS)), c, theory=theory, among=among), right


# --- training ------------------------------------------------------------------------------------


@study(slow=True)
def trajectories(work: Work, c: int = 6, full: bool = False) -> dict[str, tuple[Training, list[Arrays]]]:
    """Train by SGD from the 4-gons and from random starts: labelled runs and records, by kind of start."""
    runs = FULL_RUNS if full else QUICK_RUNS
    return {
        start: labelled(TrainingSettings(c=c, starts=(start,)), count, work=work.inside(start))
        for start, count in runs.items()
    }


@study()
def training(trajectories: dict[str, tuple[Training, list[Arrays]]]) -> dict[str, Training]:
    """Keep of the training runs what was labelled, by kind of start."""
    return {start: found for start, (found, _) in trajectories.items()}


@study(slow=True)
def optimisers(
    work: Work, training: dict[str, Training], c: int = 6, full: bool = False
) -> dict[str, dict[str, Training]]:
    """Train by several optimisers from 4-gons, random starts and 5: by optimiser and kind of start."""
    runs = MANY_FULL if full else MANY_QUICK

    def trained(method: str, starts: Iterable[str]) -> dict[str, Training]:
        found = {}
        for start in [x for x in starts if x != "5" or c >= 5]:
            settings = TrainingSettings(c=c, starts=(start,), protocol=METHODS[method])
            found[start], _ = labelled(settings, runs[start], work=work.inside(method).inside(start))
        return found

    found = {method: trained(method, runs) for method in METHODS if method != PUBLISHED_METHOD}
    return {PUBLISHED_METHOD: {**training, **trained(PUBLISHED_METHOD, ["5"])}, **found}


@study()
def example_run(work: Work, label: str | None = None, c: int = 6) -> tuple[TrainingRun, Trajectory]:
    """Train once from the start of the text; from another start, show the run of a few with most stages."""
    settings = TrainingSettings(c=c, starts=(label or TEXT_START,))
    of_the_text = label in (None, TEXT_START) and c == 6
    first, count = (TEXT_INDEX, 1) if of_the_text else (0, TRIED)
    found = run_trajectories(settings, count, first=first, work=work.inside(label or TEXT_START))
    runs = combine_runs(settings, found, first=first).trajectories
    best = max(range(count), key=lambda k: len(runs[k].stages))
    return runs[best], path_of(found[best])


@study()
def staircases(work: Work, label: str | None = None) -> Staircases:
    """Measure λ̂ along the run of the text, or along the first run from another k-gon (c = 6)."""
    if label is None:
        return build_staircases(work=work)
    return build_staircases(label, index=0, work=work.inside(label))


# --- three hidden dimensions ---------------------------------------------------------------------


@study()
def solids() -> list[Solid]:
    """Prove the regular configurations of r = 3, up to twelve columns."""
    return all_solids()


# --- learning coefficients -----------------------------------------------------------------------


@study()
def llc_convergence(work: Work, full: bool = False) -> convergence.Convergence:
    """Sample λ̂ of 5, 5⁺ and 6 at growing n, by several samplers and localisers."""
    effort = convergence.FULL if full else convergence.QUICK
    return convergence.measure_llc_convergence(effort, work=work)


@study(slow=True)
def llc_published(work: Work, full: bool = False) -> published.PublishedCheck:
    """Run the chains of the published λ̂ at n = 5000, and split what they have more than λ."""
    return published.measure_published(published.FULL if full else published.QUICK, work=work)


@study(slow=True)
def llc_falls(work: Work) -> tuple[Fall, ...]:
    """Sample λ̂ of the 4-gons by chains that fall, by exact ones, and by ones that are held."""
    return measure_falls(work=work)


@study()
def loss_lambda_hat(work: Work, full: bool = False) -> tuple[LossComplexity, LossComplexity]:
    """Sample λ̂ of the 18 k-gons as published, by short SGLD chains, and by HMC chains held near them."""
    short = measure_loss_lambda_hat(work=work.inside("sgld"))
    near = Localiser(n=short.localiser.n, gamma=NARROW)
    return short, measure_loss_lambda_hat(HMC if full else QUICK_HMC, near, work=work.inside("hmc"))


@study()
def ranks() -> RankTest:
    """Test whether higher loss goes with lower λ among the ten local minima of c = 6."""
    return exact_ranks()


@study()
def learning_checks(work: Work, c: int = 6, full: bool = False) -> dict[str, two_ways.LearningCheck]:
    """Find λ of every local minimum by two simulations that do not know it: energy and volume."""
    effort = two_ways.FULL if full else two_ways.QUICK
    known = learning_coefficients(c)
    found = two_ways.learning_checks([(x.name, float(x.lambda_)) for x in known], c, effort=effort, work=work)
    return {str(x.name): check for x, check in zip(known, found, strict=True)}


# --- branches and the landscape ------------------------------------------------------------------


@study()
def curves(work: Work, c: int = 6) -> tuple[KgonBranch, ...]:
    """Follow every k-gon without switched-off columns over an importance."""
    return atlas.importance_branches(c, work=work)


@study(slow=True)
def branches(curves: Sequence[KgonBranch], work: Work, folder: Path, c: int = 6) -> tuple[KgonBranch, ...]:
    """Prove the curves of the k-gons over an importance where that is possible.

    Certificates of the curves are checked.
    """
    found = list(atlas.certified_branches(curves, work=work))
    proved = [i for i, x in enumerate(found) if x.exact or (x.proof is not None and x.proof.tubes)]
    files = [write_branch_certificate(found[i], folder / "certificates" / f"{i}") for i in proved]
    for i, words in zip(proved, check_apart(files), strict=True):
        found[i] = found[i].checked_as(words)
    return tuple(found)


@study()
def maxwell_points(branches: Sequence[KgonBranch]) -> list[BranchAt]:
    """Find where every two branches have the same loss, with the first of the two."""
    return atlas.all_maxwell_points(branches)


@study()
def exchanges(branches: Sequence[KgonBranch], maxwell_points: Sequence[BranchAt]) -> list[BranchAt]:
    """Pick the Maxwell points at which the lowest loss of all changes hands."""
    return atlas.exchanges(branches, maxwell_points)


@study()
def importance_sweep() -> ImportanceSweep:
    """Follow 6 by descent while the importance of the last feature falls, and rises again."""
    return sweep_importance()


@study(slow=True)
def landscape(work: Work, c: int = 6, full: bool = False) -> Landscape:
    """Search for saddles and paths between the minima; the quick search finds as much at c = 6."""
    starts, trials = (assembly.STARTS, assembly.TRIALS) if full else assembly.QUICK
    return assembly.loss_landscape(c, starts=starts, trials=trials, work=work)


@study(folder="certificates")
def point_certificates(folder: Path, c: int = 6) -> dict[str, dict[str, Any]]:
    """Prove what every k-gon is, by label, and have it checked; what is refused stays open."""
    open_: dict[str, Any] = {"verdict": "UNDECIDED", "flat_dimension": None}
    written = write_certificates(Catalogue(c).labels, c, folder)
    return {
        x.label: json.loads(Path(x.file).read_text(encoding="utf-8"))["claims"]
        if x.file and x.checked == ACCEPTED
        else open_
        for x in check_written(written)
    }


@study(folder="certificates")
def minimum(folder: Path) -> GlobalMinimum:
    """Prove the theorem on the global minimum for c = 6, and have its certificate checked."""
    found = prove_global_minimum(6, folder=folder)
    if found.certificate:
        (said,) = check_apart([found.certificate])
        found = found.checked_as(said)
    return replace(found, certificate=None)


@study(fixed=("c", "theory"))
def explorer(
    landscape: Landscape,
    square_constants: Sequence[SquareConstant],
    point_certificates: dict[str, dict[str, Any]],
) -> dict[str, Any]:
    """Collect what the explorer shows of k-gons, saddles, paths and phases."""
    return explorer_data(landscape, square_constants, point_certificates)


@study()
def toy_phases() -> ToyPhases:
    """Integrate the masses of the two phases of a posterior in the plane, at the n of the text."""
    return toy_phases_at((10, 100))


@study()
def end_slacks() -> list[EndSlack]:
    """Compute what one end of an edge costs, in the second lemma on the global minimum."""
    return [end_slack(c) for c in (5, 6, 7)]


@study()
def existence() -> dict[int, Existence]:
    """Prove for each number of vertices from 3 on which regular polygons are critical points."""
    return {k: prove_existence(k) for k in range(3, LARGEST_K + 1)}


@study()
def probe_counts(c: int = 6, full: bool = False) -> list[cost.CostRow]:
    """Count the amplitudes that one evaluation of the empirical loss examines, by n."""
    return cost.probe_counts(c=c, sizes=cost.FULL_SIZES if full else cost.SIZES)
