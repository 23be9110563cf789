"""Sample the evidence by one pilot and then independent replicates, each kept in its own file.

A replicate takes particles from the prior up the ladder.  At every size it descends from every particle and
counts the basins; for the target basins runs restricted to them take over at large s, as ``evidence_plan``
says.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kgon.base.checks import Floats
from kgon.base.results import Record, result
from kgon.base.runs import Arrays
from kgon.base.work import Work
from kgon.experiments.posterior.evidence_plan import (
    ALL,
    EvidenceBranch,
    EvidenceSettings,
    Plan,
    branches,
    make_plan,
    resampled,
)
from kgon.kgons.basins import OTHER
from kgon.sampling import smc
from kgon.sampling.hmc import State
from kgon.sampling.smc import Ladder

CONFIRMED = 16
"""End points per size of a replicate whose structure is compared with their label."""


@result
class Replicate(Record):
    """Numbers of one replicate; rows are the basins, then ``other`` and ``all``.

    Attributes
    ----------
    log_mass : (rows, sizes) array
        log ∫_basin exp(−s L) φ; −inf without a particle, NaN where it was not measured.
    loss : (rows, sizes) array
        E[L] within the basin; NaN without a particle.
    counted : (rows, sizes) array
        log mass by counting in the global run, up to ``marks.counted``, where a restricted one gives it too;
        else NaN.
    ess, acceptance, inside : (t,) arrays
        Of every rung of every run: effective sample size of the weights, acceptance of the Hamiltonian
        moves, fraction of the composite moves that ended inside.
    structure : (2,) int array
        End points whose structure was looked at, and how many confirmed their label.
    """

    log_mass: Floats
    loss: Floats
    counted: Floats
    ess: Floats
    acceptance: Floats
    inside: Floats
    structure: np.ndarray


class _Sampling:
    """A replicate in the making: its runs, and the masses that they have found so far."""

    def __init__(self, settings: EvidenceSettings, index: int) -> None:
        self.settings, self.index, self.sizes = settings, index, settings.sizes
        self.basins = settings.basins
        self.rows = (*self.basins.phases, ALL)
        self.log_mass, self.loss, self.counted = np.full((3, len(self.rows), len(self.sizes)), np.nan)
        self.structure = np.zeros(2, dtype=np.int64)
        self.runs: list[smc.Run] = []
        # Labelled particles from which a branch may start, by run and s: log mass, state, basins.
        self.labelled: dict[tuple[tuple[str, ...], float], tuple[float, State, NDArray[np.int64]]] = {}

    def climb(self, ladder: Ladder) -> None:
        """Run from the prior to the last size, and count the basins there and where branches start."""
        settings, rng, stops = self.settings, self.settings.rng(self.index, 0), self.settings.rungs
        particles = smc.prior(rng, self.basins.potential, settings.particles)
        run = smc.run_smc(rng, particles, self.basins.potential, ladder, moves=settings.kernel, keep=stops)
        self.runs.append(run)
        for s in self.sizes:
            self._put(ALL, s, run.log_z[run.at(s)], run.loss[run.at(s)])
        for s in stops:
            self._count((), self.basins.phases, s, float(run.log_z[run.at(s)]), run.kept[s])

    def follow(self, stage: int, branch: EvidenceBranch, ladder: Ladder) -> None:
        """Run restricted to the basins of a branch, from the particles that its parent has there."""
        self._supersede(branch)
        if (branch.parent, branch.start) not in self.labelled:
            return  # the parent had no particle
        base, state, found = self.labelled[branch.parent, branch.start]
        members = branch.members(self.basins, found)
        if not members.any():
            return
        base += float(np.log(np.mean(members)))
        settings, rng, several = self.settings, self.settings.rng(self.index, stage), len(branch.labels) > 1
        run = smc.run_smc(
            rng,
            resampled(rng, state, members, settings.particles),
            self.basins.potential,
            ladder,
            moves=settings.kernel,
            inside=self.basins.inside(branch.labels),
            keep=branch.sizes if several else (),
        )
        self.runs.append(run)
        for s in branch.sizes:
            mass = base + float(run.log_z[run.at(s)])
            if several:
                self._count(branch.labels, branch.labels, s, mass, run.kept[s])
            else:
                self._put(branch.labels[0], s, mass, run.loss[run.at(s)])

    def _count(self, run: tuple[str, ...], rows: Sequence[str], s: float, base: float, state: State) -> None:
        """Name the basins of a run's particles, and put their masses as fractions of exp(base)."""
        ends = self.basins.descend(state.w)
        self.structure += self.basins.confirmed(ends, most=CONFIRMED)
        found = self.basins.named(ends)
        self.labelled[run, s] = base, state, found
        for row in rows:
            here = found == (-1 if row == OTHER else self.rows.index(row))
            share = float(np.mean(here))
            loss = float(np.mean(state.loss[here])) if share else np.nan
            self._put(row, s, base + float(np.log(share)) if share else -np.inf, loss)

    def _put(self, row: str, s: float, log_mass: float, loss: float) -> None:
        """Write a mass down, if s is one of the sizes."""
        if s in self.sizes:
            at = self.rows.index(row), self.sizes.index(s)
            self.log_mass[at], self.loss[at] = log_mass, loss

    def _supersede(self, branch: EvidenceBranch) -> None:
        """Put what was counted where a restricted run measures aside; without particles it has no mass."""
        at = np.ix_(np.isin(self.rows, branch.labels), np.isin(self.sizes, branch.sizes))
        compared = np.array(self.sizes)[at[1]] <= self.settings.marks.counted
        self.counted[at] = np.where(compared, self.log_mass[at], np.nan)
        self.log_mass[at], self.loss[at] = -np.inf, np.nan


def replicate(settings: EvidenceSettings, plan: Plan, index: int) -> Replicate:
    """Estimate all masses once, independently of every other replicate."""
    found, steps = _Sampling(settings, index), branches(settings, plan.targets)
    found.climb(plan.ladder)
    for stage, (branch, ladder) in enumerate(zip(steps, plan.ladders, strict=True), start=1):
        found.follow(stage, branch, ladder)
    rungs = {
        name: np.concatenate([getattr(run, name) for run in found.runs])
        for name in ("ess", "acceptance", "inside")
    }
    return Replicate(
        log_mass=found.log_mass,
        loss=found.loss,
        counted=found.counted,
        structure=found.structure,
        **rungs,
    )


def run_pilot(settings: EvidenceSettings, work: Work) -> Plan:
    """Make the plan, or read the one that the folder keeps."""
    return Plan.of(work.run(_pilot, {"pilot": (settings,)}, "pilot")["pilot"])


def run_replicates(settings: EvidenceSettings, plan: Plan, count: int, work: Work) -> list[Replicate]:
    """Sample all replicates, in order; each depends on its index alone, not on who computes it."""
    tasks = {f"replicate-{index:04d}": (settings, plan, index) for index in range(count)}
    return [Replicate(**arrays) for arrays in work.run(_arrays, tasks, "replicate").values()]


def _pilot(settings: EvidenceSettings) -> Arrays:
    """Make the plan as arrays by name: a task of ``Work.run``."""
    return make_plan(settings).arrays()


def _arrays(settings: EvidenceSettings, plan: Plan, index: int) -> Arrays:
    """Sample a replicate as arrays by name: a task of ``Work.run``."""
    return replicate(settings, plan, index).by_name()
