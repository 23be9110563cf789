"""Decide how the evidence is sampled: at which s runs are restricted, to which basins, on which ladders.

From s = ``split`` on, runs restricted to the target basins go on to where counting would find nobody.  Minima
that differ only in σ or in mute columns, such as 5 and 5+, have no barrier between them: particles exchange
as freely between the two as within, and a run restricted to one of them would lose most of its moves.  They
are one group up to s = ``separate``, counted inside it, and on their own above.

``Marks`` and ``EvidenceSettings`` are what is asked for, ``branches`` the restricted runs that follow, and
``make_plan`` climbs once with a few particles to choose targets, ladders and step sizes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from kgon.base.checks import assign, check_increasing, check_integer, check_positive, check_seed
from kgon.base.results import ONLY_GIVEN, Record
from kgon.base.runs import Arrays
from kgon.base.streams import stream
from kgon.base.verdicts import KgonError
from kgon.kgons.basins import Basins
from kgon.kgons.irregular import Irregular
from kgon.kgons.labels import Arranged
from kgon.kgons.names import KnownName, parse_known
from kgon.potential.model import TMS
from kgon.sampling import smc
from kgon.sampling.hmc import State
from kgon.sampling.smc import Ladder, Moves

ALL = "all"
"""Name of the whole posterior among the basins."""
PILOT = 512
"""Most particles of a pilot."""
TARGET_SHARE = 0.02
"""Share of the pilot at the split from which on a basin becomes a target."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks(Record):
    """Strengths s = βn at which the way of sampling changes; the values given are those for c = 6.

    Below 300 particles still pass between 6 and {5, 5+}, which hold three fifths and two fifths of the
    posterior there; at 700 5 and 5+ are about equal and pass little between each other.

    Attributes
    ----------
    split : float or None
        s at which the runs restricted to a group begin; None without any.
    separate : float
        s at which the runs restricted to one label of a group begin.
    counted : float
        Largest s at which a restricted run is held against counting in the global one, whose particles
        hardly pass between the basins beyond.
    """

    split: float | None = 300.0
    separate: float = 700.0
    counted: float = 400.0

    def __post_init__(self) -> None:
        for name, value in self.by_name().items():
            if value is not None:
                assign(self, **{name: check_positive(name, value)})

    @classmethod
    def at(cls, c: int, unit: float = 1.0) -> Marks:
        """Scale the marks to c features, in proportion, and to importances of that size."""
        return cls(**{name: value * c / 6 / unit for name, value in cls().by_name().items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceSettings:
    """Everything that decides the numbers of a replicate, beside its index.

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
    model : TMS or None
        The model, where its weights are not uniform.
    """

    c: int
    sizes: tuple[float, ...]
    particles: int
    marks: Marks
    targets: tuple[str, ...] | None = None
    seed: int = 0
    moves: int = 6
    leapfrogs: int = 8
    model: TMS | None = field(default=None, metadata=ONLY_GIVEN)

    @property
    def basins(self) -> Basins:
        """The basins of the model."""
        return Basins(self.model or self.c)

    def __post_init__(self) -> None:
        basins, sizes = self.basins, tuple(check_increasing("sizes", self.sizes).tolist())
        for label in self.targets or ():
            basins.index(label)
        if self.marks.split is not None and self.marks.split >= sizes[-1]:
            assign(self, marks=replace(self.marks, split=None))
        particles, seed = check_integer("particles", self.particles, 16), check_seed(self.seed)
        assign(self, c=basins.tms.c, sizes=sizes, particles=particles, seed=seed)

    def rng(self, replicate: int, stage: int) -> np.random.Generator:
        """The random numbers of one stage of a replicate; −1 is the pilot."""
        return stream(self.seed, replicate + 1, stage)

    @property
    def kernel(self) -> Moves:
        """The Hamiltonian moves of a rung."""
        return Moves(count=self.moves, leapfrogs=self.leapfrogs)

    @property
    def rungs(self) -> tuple[float, ...]:
        """Strengths at which there must be a rung of the global run."""
        split = self.marks.split
        return tuple(sorted({*self.sizes, *([] if split is None else [split])}))


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceBranch:
    """A run restricted to some basins, from where it leaves another run.

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

    def members(self, basins: Basins, found: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Mark the particles in its basins, from the basins (m,) of all."""
        return np.isin(found, [basins.index(label) for label in self.labels])


def branches(settings: EvidenceSettings, targets: Sequence[str]) -> list[EvidenceBranch]:
    """List the restricted runs in the order in which they are made: groups first, then single labels."""
    split, last = settings.marks.split, settings.sizes[-1]
    if split is None:
        return []
    groups: dict[tuple[int, int, tuple[int, ...]], list[str]] = {}
    for label in targets:
        groups.setdefault(_valley(parse_known(label), settings.c), []).append(label)
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


def _valley(name: KnownName, c: int) -> tuple[int, int, tuple[int, ...]]:
    """Key that minima without a barrier between them share: all but positive, mute and dead columns."""
    vertices = name.vertices if isinstance(name, Irregular) and max(name.vertices) > 1 else ()
    if isinstance(name, Arranged):
        places = zip(name.columns(c), name.roles(c), strict=True)
        vertices = tuple(sorted(column for column, role in places if role == "live"))
    return name.k, name.phi, vertices


@dataclass(frozen=True, slots=True)
class Plan:
    """The choices of a pilot: ladder, basins sampled on their own, and the ladders of their branches."""

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
        """Read the plan back from such arrays."""
        first, *others = (
            Ladder(strengths=arrays[f"strengths {k}"], step_sizes=arrays[f"step sizes {k}"])
            for k in range(len(arrays) // 2)
        )
        return cls(first, tuple(arrays["targets"].tolist()), tuple(others))


def make_plan(settings: EvidenceSettings) -> Plan:
    """Run a pilot for ladders, step sizes and targets; its estimates are thrown away."""
    basins, split = settings.basins, settings.marks.split
    count, rng = min(PILOT, settings.particles), settings.rng(-1, 0)
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
    targets = settings.targets
    if targets is None:
        targets = populated(basins, climb.kept[split])
    runs: dict[tuple[str, ...], smc.Run] = {(): climb}
    ladders = []
    for stage, branch in enumerate(branches(settings, targets), start=1):
        parent = runs[branch.parent]
        members = branch.members(basins, basins.of(parent.kept[branch.start].w))
        if not members.any():
            raise KgonError(
                f"no particle of the pilot is in the basin of {', '.join(branch.labels)} at s = "
                f"{branch.start:g}; use more particles, another split or other targets"
            )
        rng = settings.rng(-1, stage)
        runs[branch.labels] = smc.pilot(
            rng,
            resampled(rng, parent.kept[branch.start], members, count),
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


def populated(basins: Basins, state: State) -> tuple[str, ...]:
    """List the basins that hold at least ``TARGET_SHARE`` of the particles."""
    found = basins.of(state.w)
    return tuple(x for i, x in enumerate(basins.labels) if np.mean(found == i) >= TARGET_SHARE)


def resampled(rng: np.random.Generator, state: State, members: NDArray[np.bool_], particles: int) -> State:
    """Draw the particles with which a restricted run begins, half as many as the global run has."""
    return state.take(smc.resampled(rng, members.astype(np.float64), max(particles // 2, 2)))
