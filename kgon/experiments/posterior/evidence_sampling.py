"""The sampling behind ``evidence``: one pilot, then independent replicates, each written to its own file.

A replicate takes particles from the prior up the ladder.  At the sizes up to ``counted`` it descends from
every particle and counts the basins.  From s = ``split`` on, runs restricted to the target basins go on to
where counting would find nobody.  Minima that differ only in σ or in mute columns, such as 5 and 5+, have no
barrier between them: particles exchange as freely between the two as within, and a run restricted to one of
them would lose most of its moves.  They are one group up to s = ``separate``, counted inside it, and on their
own above.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kgon.base.checks import Floats, assign, check_increasing, check_integer, check_positive, check_seed
from kgon.base.results import Record, result
from kgon.base.runs import Arrays
from kgon.base.streams import stream
from kgon.base.verdicts import KgonError
from kgon.base.work import Work
from kgon.kgons.basins import OTHER, Basins
from kgon.kgons.irregular import Irregular
from kgon.kgons.names import KnownName, parse_known
from kgon.sampling import smc
from kgon.sampling.hmc import State
from kgon.sampling.smc import Ladder, Moves

ALL = "all"
"""Name of the whole posterior among the basins."""
PILOT = 512
"""Most particles of a pilot."""
TARGET_SHARE = 0.02
"""Share of the pilot at the split from which on a basin becomes a target."""
CONFIRMED = 16
"""End points per size of a replicate whose structure is compared with their label."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks(Record):
    """Strengths at which the way of sampling changes; the values given are those for c = 6.

    Below 300 particles still pass between 6 and {5, 5+}, which hold three fifths and two fifths of the
    posterior there; at 700 5 and 5+ are about equal and pass little between each other.

    Attributes
    ----------
    split : float or None
        s at which the runs restricted to a group begin; None without any.
    separate : float
        s at which the runs restricted to one label of a group begin.
    counted : float
        Largest s at which the basins of all particles are counted.
    """

    split: float | None = 300.0
    separate: float = 700.0
    counted: float = 400.0

    def __post_init__(self) -> None:
        for name, value in self.by_name().items():
            if value is not None:
                assign(self, **{name: check_positive(name, value)})

    @classmethod
    def at(cls, c: int) -> Marks:
        """Those of c features, in proportion."""
        return cls(**{name: value * c / 6 for name, value in cls().by_name().items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceSettings:
    """What decides the numbers of a replicate, beside its index.

    Attributes
    ----------
    c : int
    sizes : tuple of float
        s = βn, increasing.
    particles : int
        Of the global run, at least 16; a restricted run has half as many.
    marks : Marks
        ``split`` is None where no size lies above it.
    targets : tuple of str or None
        Basins with a restricted run; None leaves it to the pilot.
    seed : int
    moves, leapfrogs : int
        Of every rung.
    """

    c: int
    sizes: tuple[float, ...]
    particles: int
    marks: Marks
    targets: tuple[str, ...] | None = None
    seed: int = 0
    moves: int = 6
    leapfrogs: int = 8

    def __post_init__(self) -> None:
        basins, sizes = Basins(self.c), tuple(check_increasing("sizes", self.sizes).tolist())
        for label in self.targets or ():
            basins.index(label)
        if self.marks.split is not None and self.marks.split >= sizes[-1]:
            assign(self, marks=replace(self.marks, split=None))
        particles, seed = check_integer("particles", self.particles, 16), check_seed(self.seed)
        assign(self, c=basins.tms.c, sizes=sizes, particles=particles, seed=seed)

    def rng(self, replicate: int, stage: int) -> np.random.Generator:
        """Generator of one stage of a replicate; −1 is the pilot."""
        return stream(self.seed, replicate + 1, stage)

    @property
    def kernel(self) -> Moves:
        """The moves of a rung."""
        return Moves(count=self.moves, leapfrogs=self.leapfrogs)

    @property
    def rungs(self) -> tuple[float, ...]:
        """Strengths at which there must be a rung of the global run."""
        split = self.marks.split
        return tuple(sorted({*self.sizes, *([] if split is None else [split])}))


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceBranch:
    """A run restricted to some basins.

    Attributes
    ----------
    labels : tuple of str
    start : float
        s at which it begins, from the particles of ``parent`` in these basins.
    parent : tuple of str
        The labels of the run it comes from; empty for the global run.
    sizes : tuple of float
        Strengths at which it must have a rung.
    """

    labels: tuple[str, ...]
    start: float
    parent: tuple[str, ...]
    sizes: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What the pilot chose: the ladder, the basins sampled on their own, and the ladders of the branches."""

    ladder: Ladder
    targets: tuple[str, ...]
    ladders: tuple[Ladder, ...]

    def arrays(self) -> Arrays:
        """The plan as arrays by name, as a run folder keeps it."""
        found: Arrays = {"targets": np.array(self.targets, dtype=np.str_)}
        for k, ladder in enumerate((self.ladder, *self.ladders)):
            found |= {f"strengths {k}": ladder.strengths, f"step sizes {k}": ladder.step_sizes}
        return found

    @classmethod
    def of(cls, arrays: Arrays) -> Plan:
        """The plan of such arrays."""
        first, *others = (
            Ladder(strengths=arrays[f"strengths {k}"], step_sizes=arrays[f"step sizes {k}"])
            for k in range(len(arrays) // 2)
        )
        return cls(first, tuple(arrays["targets"].tolist()), tuple(others))


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
        log mass by counting in the global run where a restricted one gives it too; else NaN.
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


def branches(settings: EvidenceSettings, targets: Sequence[str]) -> list[EvidenceBranch]:
    """The restricted runs in the order in which they are made: groups first, then single labels."""
    split, last = settings.marks.split, settings.sizes[-1]
    if split is None:
        return []
    groups: dict[tuple[int, int, tuple[int, ...]], list[str]] = {}
    for label in targets:
        groups.setdefault(_valley(parse_known(label)), []).append(label)
    separate = max(settings.marks.separate, split)
    first, second = [], []
    for members in (tuple(group) for group in groups.values()):
        divides = len(members) > 1 and separate < last
        end = separate if divides else last
        sizes = tuple(s for s in settings.sizes if split < s <= end)
        if divides:
            sizes = tuple(sorted({*sizes, separate} - {split}))
        if sizes:
            first.append(EvidenceBranch(labels=members, start=split, parent=(), sizes=sizes))
        if divides:
            rest = tuple(s for s in settings.sizes if s > separate)
            parent = members if sizes else ()
            second += [
                EvidenceBranch(labels=(m,), start=separate, parent=parent, sizes=rest) for m in members
            ]
    return first + second


def _valley(name: KnownName) -> tuple[int, int, tuple[int, ...]]:
    """What minima without a barrier between them share: all but positive, mute and dead columns."""
    vertices = name.vertices if isinstance(name, Irregular) and max(name.vertices) > 1 else ()
    return name.k, name.phi, vertices


def plan(settings: EvidenceSettings) -> Plan:
    """Pilot runs: ladders, step sizes and targets.  Their estimates are thrown away."""
    basins, split = Basins(settings.c), settings.marks.split
    count = min(PILOT, settings.particles)
    rng = settings.rng(-1, 0)
    climb = smc.pilot(
        rng,
        smc.prior(rng, basins.potential, count),
        basins.potential,
        0.0,
        settings.rungs,
        moves=settings.kernel,
        keep=settings.rungs,
    )
    if split is None:
        return Plan(climb.ladder, (), ())
    found = basins.of(climb.kept[split].w)
    shares = {label: float(np.mean(found == i)) for i, label in enumerate(basins.labels)}
    targets = settings.targets
    if targets is None:
        targets = tuple(label for label in basins.labels if shares[label] >= TARGET_SHARE)
    runs: dict[tuple[str, ...], smc.Run] = {(): climb}
    ladders = []
    for stage, branch in enumerate(branches(settings, targets), start=1):
        parent = runs[branch.parent]
        found = basins.of(parent.kept[branch.start].w)
        members = np.isin(found, [basins.index(label) for label in branch.labels])
        if not members.any():
            raise KgonError(
                f"no particle of the pilot is in the basin of {', '.join(branch.labels)} at s = "
                f"{branch.start:g}; use more particles, another split or other targets"
            )
        rng = settings.rng(-1, stage)
        start = smc.resampled(rng, members.astype(np.float64), max(count // 2, 2))
        runs[branch.labels] = smc.pilot(
            rng,
            parent.kept[branch.start].take(start),
            basins.potential,
            branch.start,
            branch.sizes,
            moves=settings.kernel,
            inside=basins.inside(branch.labels),
            keep=branch.sizes,
            step_size=float(parent.ladder.step_sizes[parent.at(branch.start) - 1]),
        )
        ladders.append(runs[branch.labels].ladder)
    return Plan(climb.ladder, tuple(targets), tuple(ladders))


class _Tally:
    """Masses of a replicate as they are found."""

    def __init__(self, settings: EvidenceSettings) -> None:
        self.basins, self.sizes = Basins(settings.c), settings.sizes
        self.rows = (*self.basins.labels, OTHER, ALL)
        self.log_mass = np.full((len(self.rows), len(self.sizes)), np.nan)
        self.loss = np.full_like(self.log_mass, np.nan)
        self.counted = np.full_like(self.log_mass, np.nan)
        self.structure = np.zeros(2, dtype=np.int64)

    def label(self, state: State) -> NDArray[np.int64]:
        """Basins of all particles; the structure of some is looked at."""
        ends = self.basins.descend(state.w)
        self.structure += self.basins.confirmed(ends, most=CONFIRMED)
        return self.basins.named(ends)

    def put(self, row: str, s: float, log_mass: float, loss: float) -> None:
        """A mass, if s is one of the sizes."""
        if s in self.sizes:
            at = self.rows.index(row), self.sizes.index(s)
            self.log_mass[at], self.loss[at] = log_mass, loss

    def count(self, rows: Sequence[str], s: float, base: float, state: State, found: np.ndarray) -> None:
        """Masses of some rows as fractions of exp(base)."""
        for row in rows:
            here = found == (-1 if row == OTHER else self.rows.index(row))
            share = float(np.mean(here))
            loss = float(np.mean(state.loss[here])) if share else np.nan
            self.put(row, s, base + float(np.log(share)) if share else -np.inf, loss)

    def supersede(self, branch: EvidenceBranch) -> None:
        """Put what was counted where a restricted run measures aside; without particles it has no mass."""
        for row in (self.rows.index(label) for label in branch.labels):
            for s in branch.sizes:
                if s in self.sizes:
                    at = row, self.sizes.index(s)
                    self.counted[at] = self.log_mass[at]
                    self.log_mass[at], self.loss[at] = -np.inf, np.nan


def replicate(settings: EvidenceSettings, chosen: Plan, index: int) -> Replicate:
    """One independent estimate of all masses."""
    tally, steps = _Tally(settings), branches(settings, chosen.targets)
    basins, stages = tally.basins, {branch.start for branch in steps}
    # Labelled particles from which a branch may start, by run and s: log mass, state, basins.
    found: dict[tuple[tuple[str, ...], float], tuple[float, State, NDArray[np.int64]]] = {}

    rng = settings.rng(index, 0)
    counted = [s for s in settings.rungs if s <= settings.marks.counted or s in stages]
    particles = smc.prior(rng, basins.potential, settings.particles)
    climb = smc.run_smc(rng, particles, basins.potential, chosen.ladder, moves=settings.kernel, keep=counted)
    for s in settings.sizes:
        tally.put(ALL, s, climb.log_z[climb.at(s)], climb.loss[climb.at(s)])
    for s in counted:
        base, state = float(climb.log_z[climb.at(s)]), climb.kept[s]
        found[(), s] = base, state, tally.label(state)
        tally.count(tally.rows[:-1], s, *found[(), s])

    runs = [climb]
    for stage, (branch, ladder) in enumerate(zip(steps, chosen.ladders, strict=True), start=1):
        tally.supersede(branch)
        if (branch.parent, branch.start) not in found:
            continue  # the parent had no particle
        base, state, labels = found[branch.parent, branch.start]
        members = np.isin(labels, [basins.index(label) for label in branch.labels])
        if not members.any():
            continue
        base += float(np.log(np.mean(members)))
        rng = settings.rng(index, stage)
        start = smc.resampled(rng, members.astype(np.float64), max(settings.particles // 2, 2))
        run = smc.run_smc(
            rng,
            state.take(start),
            basins.potential,
            ladder,
            moves=settings.kernel,
            inside=basins.inside(branch.labels),
            keep=branch.sizes if len(branch.labels) > 1 else (),
        )
        runs.append(run)
        for s in branch.sizes:
            mass = base + float(run.log_z[run.at(s)])
            if len(branch.labels) == 1:
                tally.put(branch.labels[0], s, mass, run.loss[run.at(s)])
            else:
                found[branch.labels, s] = mass, run.kept[s], tally.label(run.kept[s])
                tally.count(branch.labels, s, *found[branch.labels, s])
    return Replicate(
        log_mass=tally.log_mass,
        loss=tally.loss,
        counted=tally.counted,
        ess=np.concatenate([run.ess for run in runs]),
        acceptance=np.concatenate([run.acceptance for run in runs]),
        inside=np.concatenate([run.inside for run in runs]),
        structure=tally.structure,
    )


# --- tasks -------------------------------------------------------------------------------------


def planned(settings: EvidenceSettings, work: Work) -> Plan:
    """The pilot's plan; kept like a replicate."""
    return Plan.of(work.run(_pilot, {"pilot": (settings,)}, "pilot")["pilot"])


def records(settings: EvidenceSettings, chosen: Plan, replicates: int, work: Work) -> list[Replicate]:
    """All replicates, in order; each depends on its index alone, not on who computes it."""
    tasks = {f"replicate-{index:04d}": (settings, chosen, index) for index in range(replicates)}
    return [Replicate(**arrays) for arrays in work.run(_arrays, tasks, "replicate").values()]


def _pilot(settings: EvidenceSettings) -> Arrays:
    """The plan as arrays by name: a task of ``Work.run``."""
    return plan(settings).arrays()


def _arrays(settings: EvidenceSettings, chosen: Plan, index: int) -> Arrays:
    """A replicate as arrays by name: a task of ``Work.run``."""
    return replicate(settings, chosen, index).by_name()
