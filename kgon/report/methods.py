"""Texts on methods, ready to paste: what was really run, with the settings that stand in its results.

A reference is named by its key, as in ``[chen2023]``; see ``kgon.report.page.references``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kgon.experiments.llc.published import PublishedCheck
from kgon.experiments.posterior.evidence_result import Evidence
from kgon.experiments.posterior.occupancy_result import PosteriorOccupancy
from kgon.experiments.posterior.projection import Projection
from kgon.experiments.training.results import Training
from kgon.landscape.graph import Landscape
from kgon.proofs.global_minimum import GlobalMinimum
from kgon.report.artefact import method


def _sizes(n: Sequence[float]) -> str:
    return ", ".join(f"{x:g}" for x in n)


@method(cites=("elhage2022", "chen2023"))
def model() -> str:
    """Say what the model is, and how its loss is computed."""
    return (
        "We study the toy model of superposition f(x) = ReLU(WᵀWx + b) [elhage2022] in its high-sparsity "
        "limit [chen2023]: one of the c features is active at a time, uniform on [0, 1]. Unless another "
        "number is stated, c = 6 features are stored in r = 2 dimensions. The population loss L = E‖x − "
        "f(x)‖² and its first and second derivatives were derived symbolically from the integral, printed "
        "once as code, and evaluated in floating point, exact fractions and ball arithmetic."
    )


@method(cites=("krawczyk1969", "johansson2017"))
def certificates(point_certificates: Mapping[str, Mapping[str, Any]]) -> str:
    """Say how it was proved what each k-gon is."""
    return (
        f"For each of the {len(point_certificates)} configurations of k-gons a certificate was written that "
        "proves whether it is a critical point and a local minimum, by Krawczyk's theorem [krawczyk1969] in "
        "ball arithmetic [johansson2017] or in exact fractions. An independent checker, which uses the "
        "standard library of Python alone, verified each file in a process of its own."
    )


@method(cites=("johansson2017",))
def global_minimum(minimum: GlobalMinimum) -> str:
    """Say how the global minimum was decided."""
    return (
        f"That {minimum.minimiser} is the global minimum was decided by a computer-assisted proof over all "
        f"(W, b), with {minimum.boxes} boxes in ball arithmetic [johansson2017]; the verdict is "
        f"{minimum.verdict}. What the checker said of its certificate: {minimum.checked or 'nothing'}."
    )


@method(cites=("swendsen1986", "chen2023"))
def posterior(occupancy: PosteriorOccupancy) -> str:
    """Say how the posterior was sampled."""
    sets, whole = occupancy.chains, occupancy.population_chains
    return (
        "The posterior ∝ exp(−βnL)φ with the prior N(0, I) was sampled by parallel tempering [swendsen1986] "
        f"at n = {_sizes(occupancy.n)} and β = {_sizes(occupancy.betas)}. With the population loss there "
        f"were {occupancy.runs} independent runs of {whole.ensembles} ensembles with {whole.draws} draws "
        f"each, {whole.thin} iterations apart; with data sets {sets.ensembles} ensembles with {sets.draws} "
        f"draws, {sets.thin} iterations apart, on each of {len(occupancy.data_seeds)} data sets per n (seeds "
        f"{occupancy.data_seeds[0]} to {occupancy.data_seeds[-1]}; seed of the chains {occupancy.seed}). A "
        "draw belongs to the phase in whose basin descent from it ends. Health of the chains: "
        f"{occupancy.health}."
    )


@method(cites=("delmoral2006", "watanabe2009"))
def evidence(evidence: Evidence) -> str:
    """Say how free energies were sampled."""
    effort = evidence.effort
    return (
        "The free energy [watanabe2009] of every basin was sampled by sequential Monte Carlo [delmoral2006] "
        f"on the population loss: {effort.replicates} replicates of {effort.particles} particles, at "
        f"n = {_sizes(evidence.sizes)} (seed {evidence.seed})."
    )


@method(cites=("lau2023", "welling2011", "chen2023"))
def lambda_hat(llc_published: PublishedCheck) -> str:
    """Say how λ̂ was sampled."""
    split = llc_published.splits[0]
    chains, at = split.sampler, split.localiser
    return (
        "The estimate λ̂ of the local learning coefficient [lau2023] was sampled with the published settings "
        f"[chen2023] on the population loss: {chains.chains} chains of stochastic gradient Langevin dynamics "
        f"[welling2011] with {chains.steps} steps of size {chains.langevin(at).step_size:g}, localised with "
        f"γ = {at.gamma:g}, at n = {at.n:g} and β = {at.beta:.4g} (seed {llc_published.seed})."
    )


@method(cites=("chen2023",))
def trained(training: Mapping[str, Training]) -> str:
    """Say how networks were trained."""
    first = next(iter(training.values()))
    used = first.protocol
    counts = " and ".join(f"{len(x.trajectories)} runs from {start}" for start, x in training.items())
    return (
        "Networks were trained by stochastic gradient descent with the published protocol [chen2023]: "
        f"n = {used['n']} samples, batches of {used['batch']}, learning rate {used['learning_rate']:g}, "
        f"{used['epochs']} epochs; {counts} starts (seed {first.seed}). Plateaus were found in the "
        "population loss and named by the critical point that root finding reaches from them."
    )


@method(cites=("maaten2008",))
def embedding(projection: Projection) -> str:
    """Say how draws were embedded in a plane."""
    seed = "the population loss" if projection.data_seed is None else f"data seed {projection.data_seed}"
    return (
        f"Draws of the posterior at n = {_sizes(projection.n)} ({seed}) were embedded by t-SNE [maaten2008] "
        f"with perplexity {projection.perplexity:g}, from distances modulo rotations, reflections and "
        f"permutations (seed {projection.seed})."
    )


@method(cites=("krawczyk1969",))
def saddles(landscape: Landscape) -> str:
    """Say how saddles and paths were found."""
    return (
        f"Critical points were searched for from {landscape.starts} random starts and {landscape.trials} "
        f"paths for each pair of minima, below a loss of {landscape.below:.6g} (seed {landscape.seed}); "
        "saddles of index 1 were proved by Krawczyk's theorem [krawczyk1969], and the minima that they join "
        "were found by the gradient flow in floating point."
    )
