"""Run SGD and its like, or gradient flow, as independent tasks: data, start, trajectory, plateaus.

Trajectory k draws everything from one generator, Philox(SeedSequence(seed, spawn_key=(k,))): its samples, its
start, the shuffles.  Its numbers depend on the settings and on k alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from kgon.base.checks import Floats, assign, check_integer, check_number, check_seed
from kgon.base.runs import Arrays
from kgon.base.streams import stream
from kgon.base.verdicts import KgonError
from kgon.base.work import HERE, Work
from kgon.experiments.training.plateaus import plateaus_of
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.followed import lead, point_at
from kgon.kgons.labels import Label
from kgon.kgons.values import as_label, list_labels
from kgon.potential.data import draw
from kgon.potential.empirical import EmpiricalLoss
from kgon.potential.flow import gradient_flow
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.sampling.optimiser import PLAIN
from kgon.sampling.sgd import Protocol, Trajectory, run_sgd

RANDOM = {"random": 1.0, "small": 0.1}
"""Standard deviation of every parameter of the random starts; ``random`` is the prior of the posterior."""
TEXT_START, TEXT_INDEX = "4++-", 54
"""Trajectory 54 of seed 0 from 4⁺⁺⁻, picked as it goes through the stages of the text, 4⁺⁺⁻ → 4⁺ → 5."""
MOST_TRAJECTORIES = 1_000_000
SQUARES = "4-gons"
"""Start that stands for every 4-gon in turn."""
NOISE = 0.01
"""Standard deviation of the noise added to a k-gon, as published."""
PUBLISHED = Protocol()


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSettings:
    """Everything that decides the numbers of trajectory k, beside k.

    Attributes
    ----------
    c : int
    starts : tuple of str
        Labels, ``4-gons``, which stands for all of them, ``random`` or ``small``; trajectory k has the start
        k mod their number.
    noise : float
        Standard deviation of the noise added to a label's point.
    protocol : Protocol
    seed : int
    flow : bool
        Gradient flow of the sample's loss instead of SGD: from the same start, on the same samples.
    model : TMS or None
        The model, where its weights are not uniform.
    """

    c: int = 6
    starts: tuple[str, ...] = (SQUARES,)
    noise: float = NOISE
    protocol: Protocol = PUBLISHED
    seed: int = 0
    flow: bool = False
    model: TMS | None = None

    @property
    def tms(self) -> TMS:
        """The model."""
        return TMS.of(self.model or Catalogue(self.c).c)

    def __post_init__(self) -> None:
        starts, noise = starts_of(self.starts, self.tms), check_number("the noise", self.noise, 0)
        assign(self, starts=starts, noise=noise, seed=check_seed(self.seed))
        if self.flow and self.protocol.optimiser != PLAIN:
            raise KgonError(f"gradient flow has no optimiser, got {self.protocol.optimiser}")


def starts_of(start: str | Sequence[str], model: int | TMS) -> tuple[str, ...]:
    """List the starts of a name, several with commas between them, or a sequence, and check each for a model.

    At unequal weights a label is where its branch leads; ``4-gons`` are those that stay critical.
    """
    tms = TMS.of(model)
    c, own = tms.c, tms.own
    found: list[str] = []
    for part in list_labels(start):
        if part == SQUARES:
            squares = [label for label in Catalogue(c).labels if label.k == 4]
            stay = [x for x in squares if tms.equal or lead(x, range(c), tms).W is not None]
            found += dict.fromkeys(label.name for label in stay)
        elif part in RANDOM:
            found.append(part)
        else:
            try:
                label = as_label(part).check(c)
                found.append(str(Catalogue(c)[label].name if own is None else label))
                point_at(label, tms)
            except KgonError as error:
                raise KgonError(f"a start is a label, {SQUARES}, {' or '.join(RANDOM)}: {error}") from None
    if not found:
        raise KgonError("at least one start is needed, got none")
    return tuple(found)


def start_point(rng: Generator, name: str, tms: TMS, noise: float) -> Floats:
    """Draw the flat parameter (d,) of a start."""
    draws = rng.standard_normal(tms.dimension)
    if name in RANDOM:
        return RANDOM[name] * draws
    return tms.pack(*point_at(Label.parse(name), tms)) + noise * draws


def train_once(settings: TrainingSettings, index: int) -> Arrays:
    """Train once and find the plateaus: a task of ``Work.run``.

    Returns
    -------
    dict of arrays
        ``W`` (k, r, c) and ``b`` (k, c) of the records, which every command reads, and their ``steps``,
        ``loss`` and ``empirical`` loss; the training data ``feature`` and ``amplitude`` (n,); and the
        fields of ``plateaus_of``.
    """
    tms, protocol = settings.tms, settings.protocol
    rng = stream(settings.seed, index)
    sample = draw(rng, tms, protocol.n)
    empirical = EmpiricalLoss(tms, *sample)
    w = start_point(rng, settings.starts[index % len(settings.starts)], tms, settings.noise)
    if settings.flow:
        steps = protocol.records()
        found = gradient_flow(empirical, w, steps.astype(np.float64) * protocol.learning_rate)
        path = Trajectory(steps=steps, w=found.w, loss=Potential(tms).flat(found.w)[0], empirical=found.loss)
    else:
        path = run_sgd(rng, empirical, sample, w, protocol)
    W, b = tms.unpack(path.w)
    return {
        "W": W,
        "b": b,
        "steps": path.steps,
        "loss": path.loss,
        "empirical": path.empirical,
        "feature": sample[0],
        "amplitude": sample[1],
        **plateaus_of(tms, path, empirical),
    }


def path_of(arrays: Arrays) -> Trajectory:
    """Read the records of a run as a trajectory."""
    W, b = arrays["W"], arrays["b"]
    return Trajectory(
        steps=arrays["steps"],
        w=TMS(W.shape[-1], W.shape[-2]).pack(W, b),
        loss=arrays["loss"],
        empirical=arrays["empirical"],
    )


def run_trajectories(
    settings: TrainingSettings,
    count: int,
    *,
    first: int = 0,
    work: Work = HERE,
) -> list[Arrays]:
    """Run trajectories ``first`` … ``first`` + count − 1."""
    check_integer("trajectories", count, 1, MOST_TRAJECTORIES)
    tasks = {f"trajectory-{k:04d}": (settings, k) for k in range(first, first + count)}
    return list(work.run(train_once, tasks, "trajectory").values())
