"""Sample a posterior once by parallel tempering, and find the phase of every draw: a task of ``Work.run``.

``Source`` says whose posterior it is, ``Chains`` how much is sampled, and ``tempered`` is the task.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from kgon.base.checks import assign, check_integer, check_positive, check_seed
from kgon.base.results import ONLY_GIVEN, Record
from kgon.base.runs import Arrays
from kgon.base.streams import stream
from kgon.base.verdicts import KgonError
from kgon.free_energy.conventions import check_beta
from kgon.kgons.basins import Basins
from kgon.potential.data import sample
from kgon.potential.empirical import EmpiricalLoss
from kgon.potential.loss import Loss, Potential
from kgon.potential.model import TMS
from kgon.sampling.smc import Ladder
from kgon.sampling.tempering import ladder_for, temper


@dataclass(frozen=True, slots=True, kw_only=True)
class Chains(Record):
    """How much one run of parallel tempering samples.

    Attributes
    ----------
    ensembles : int
        Independent ladders.
    draws : int
        Draws of each.
    thin : int
        Iterations from one draw to the next.
    """

    ensembles: int = 16
    draws: int = 100
    thin: int = 4

    def __post_init__(self) -> None:
        for name, least in (("ensembles", 2), ("draws", 4), ("thin", 1)):
            assign(self, **{name: check_integer(name, getattr(self, name), least)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Source(Record):
    """Whose posterior ∝ exp(−βn L(w)) φ(w) it is: which loss, at which n and β.

    Attributes
    ----------
    c : int
    n : float
        Sample size; a whole number where there is a data set.
    beta : float
        Inverse temperature.
    data_seed : int or None
        Of the data set (``kgon.sample``); None is the population loss.
    model : TMS or None
        The model, where its weights are not uniform.
    """

    c: int = 6
    n: float = 1.0
    beta: float = 1.0
    data_seed: int | None = None
    model: TMS | None = field(default=None, metadata=ONLY_GIVEN)

    def __post_init__(self) -> None:
        n, seed = check_positive("n", self.n), self.data_seed
        if seed is not None:
            seed = check_seed(seed, "the seed of a data set")
            if n != int(n):
                raise KgonError(f"a data set has a whole number of samples, got n = {n:g}")
        assign(self, c=check_integer("c", self.c, 4), n=n, beta=float(check_beta(self.beta)), data_seed=seed)

    @property
    def strength(self) -> float:
        """s = βn."""
        return self.beta * self.n

    @property
    def tms(self) -> TMS:
        """The model."""
        return TMS.of(self.model or self.c)

    @property
    def loss(self) -> Loss:
        """L or L_n."""
        tms = self.tms
        if self.data_seed is None:
            return Potential(tms)
        return EmpiricalLoss(tms, *sample(tms, int(self.n), seed=self.data_seed))

    def __str__(self) -> str:
        return "population" if self.data_seed is None else f"data set of seed {self.data_seed}"


STANDARD = Chains()
SHORT = Chains(ensembles=8, draws=60, thin=12)
"""Of the population posterior at a few sizes."""
POSTERIOR, POPULATION, DATA_SETS, PROJECTION, CONCENTRATION, NAMING = range(101, 107)
"""First number of a stream: what it is drawn for, so that no two experiments share random numbers."""


def ladder_from(run: Arrays, sizes: Sequence[float]) -> Ladder:
    """Choose the rungs to other ``sizes``, from what a run showed that reaches at least as high."""
    return ladder_for(run["strengths"], run["rejection"], run["step_sizes"], sizes)


def tempered(
    source: Source,
    sizes: Sequence[float],
    chains: Chains,
    seed: int,
    place: tuple[int, ...],
    ladder: Ladder | None = None,
    keep: bool = False,
) -> Arrays:
    """Sample at s = βn of all ``sizes``, and find the phase of every draw by descent.

    Parameters
    ----------
    source : Source
    sizes : sequence of float
        s = βn.
    chains : Chains
    seed, place : int, tuple of int
        Of the random numbers, see ``kgon.base.streams.stream``.
    ladder : Ladder, optional
        The rungs, if they are not to be adapted; see ``temper``.
    keep : bool
        Return the draws themselves as well.

    Returns
    -------
    dict
        ``basin`` (k, ensembles, draws), int: index of ``Basins(c).phases``, by descent on the population
        loss; ``loss`` of the same shape; ``round_trips``, ``strengths``, ``step_sizes``, ``rejection`` and
        ``acceptance`` of ``temper``; with ``keep`` also ``w`` (k, ensembles, draws, d).
    """
    found = temper(stream(seed, *place), source.loss, sizes, ladder=ladder, **chains.by_name())
    basins = Basins(source.tms)
    basin = basins.of(found.w.reshape(-1, found.w.shape[-1])).reshape(found.loss.shape)
    return {
        "basin": np.where(basin < 0, len(basins.labels), basin),
        "loss": found.loss,
        "round_trips": found.round_trips,
        "strengths": found.ladder.strengths,
        "step_sizes": found.ladder.step_sizes,
        "rejection": found.rejection,
        "acceptance": found.acceptance,
        **({"w": found.w} if keep else {}),
    }
