"""State what λ̂ is measured under and how it is sampled: the localiser, and samplers with published values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, NamedTuple

import numpy as np

from kgon.base.checks import assign, check_choice, check_integer, check_positive, refusal, shown
from kgon.base.results import Record
from kgon.base.verdicts import KgonError
from kgon.potential.empirical import EmpiricalLoss
from kgon.potential.loss import Loss
from kgon.sampling.langevin import STEP_SIZE, STEPS, Langevin

LEAST_STEPS, LEAST_ENSEMBLE, MOST_CHAINS = 12, 256, 100_000
"""Fewest draws of a chain; fewest chains of HMC unless told otherwise; most chains of any kind."""
MEANT_FOR = {
    "step_size": ("mala", "sgld"),
    "burn_in": ("mala", "sgld"),
    "discard": ("mala", "sgld"),
    "batch": ("sgld",),
}
"""Samplers that an option means something to: HMC adapts itself, the Metropolis test needs the whole loss."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Localiser(Record):
    """The density that λ̂ is measured under: p(w) ∝ exp(−βn L(w) − ½ γ ‖w − w*‖²).

    Attributes
    ----------
    n : float
        Sample size, above 1.
    beta : float
        Inverse temperature; 1/log n, as published, if it is not given.
    gamma : float
        Precision γ; the published one is 1.
    """

    json_names: ClassVar[dict[str, str]] = {"gamma": "precision"}

    n: float
    beta: float = None  # type: ignore[assignment]
    gamma: float = 1.0

    def __post_init__(self) -> None:
        n = check_positive("n", self.n, 1)
        beta = float(1 / np.log(n)) if self.beta is None else check_positive("beta", self.beta)
        assign(self, n=n, beta=beta, gamma=check_positive("gamma", self.gamma))

    @classmethod
    def of(
        cls, loss: Loss, n: float | None = None, *, beta: float | None = None, gamma: float = 1.0
    ) -> Localiser:
        """Take n from a loss where it is that of a data set, which refuses another one."""
        if isinstance(loss, EmpiricalLoss):
            if n not in (None, loss.n):
                raise KgonError(f"the data set has {loss.n} samples, n says {shown(n)}")
            n = loss.n
        if n is None:
            raise KgonError("n is missing: only a data set brings its own sample size; give one, as n=5000")
        return cls(n=n, beta=beta, gamma=gamma)  # type: ignore[arg-type]

    @property
    def strength(self) -> float:
        """s = βn."""
        return self.beta * self.n


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampler(Record):
    """How λ̂ is sampled; ``HMC``, ``MALA`` and ``SGLD`` have the default values of each kind.

    Attributes
    ----------
    kind : str
        ``hmc``: an adaptive ensemble of Hamiltonian chains, the most robust.  ``sgld``: as published, with a
        step-size bias.  ``mala``: the same proposals with the Metropolis test.
    chains : int or None
        At least 2; for HMC at least 4d, and None is the larger of 256 and 4d.
    steps : int
        Draws of each chain, at least 12.
    burn_in : int
        Steps before.  HMC has a warm-up of its own.
    step_size : float or None
        ε of the Langevin chains; with None MALA adapts it.
    batch : int or None
        Samples that estimate the gradient of a step of SGLD; None takes the whole loss.
    discard : float or None
        A Langevin chain with more than this share of its draws below L(w*) is discarded; None keeps all.
    """

    json_names: ClassVar[dict[str, str]] = {"kind": "sampler"}

    kind: str
    chains: int | None
    steps: int
    burn_in: int = 0
    step_size: float | None = None
    batch: int | None = None
    discard: float | None = None

    def __post_init__(self) -> None:
        check_choice("sampler", self.kind, ("hmc", "mala", "sgld"))
        for name, kinds in MEANT_FOR.items():
            if getattr(self, name) and self.kind not in kinds:
                raise KgonError(f"{name} {shown(getattr(self, name))} is for {' and '.join(kinds)}")
        steps = check_integer("steps", self.steps, LEAST_STEPS)
        chains = None if self.chains is None else check_integer("chains", self.chains, 2, MOST_CHAINS)
        size = None if self.step_size is None else check_positive("step_size", self.step_size)
        batch = None if self.batch is None else check_integer("batch", self.batch, 1)
        burn_in = check_integer("burn_in", self.burn_in, 0)
        if self.discard is not None and not 0 < self.discard < 1:
            raise refusal("discard", "a share between 0 and 1", self.discard)
        assign(self, steps=steps, chains=chains, step_size=size, batch=batch, burn_in=burn_in)

    def but(self, *, steps: int | None = None, burn_in: int | None = None, **others: Any) -> Sampler:
        """Change the settings that are not None; the burn-in keeps its share of the steps."""
        count = self.steps if steps is None else check_integer("steps", steps, LEAST_STEPS)
        rest = self.burn_in * count // self.steps if burn_in is None else burn_in
        given = {name: value for name, value in others.items() if value is not None}
        return replace(self, steps=count, burn_in=rest, **given)

    def count(self, d: int) -> int:
        """The number of chains in d dimensions."""
        return max(LEAST_ENSEMBLE, 4 * d) if self.chains is None else self.chains

    def langevin(self, localiser: Localiser) -> Langevin:
        """The settings of Langevin chains on a density."""
        return Langevin(
            strength=localiser.strength,
            precision=localiser.gamma,
            step_size=STEP_SIZE if self.step_size is None else self.step_size,
            steps=self.steps,
            burn_in=self.burn_in,
            metropolis=self.kind == "mala",
            batch=self.batch,
        )


HMC = Sampler(kind="hmc", chains=None, steps=300)
QUICK_HMC = Sampler(kind="hmc", chains=72, steps=100)
"""The fewest chains at c = 6."""
MALA = Sampler(kind="mala", chains=10, steps=50_000, burn_in=10_000)
SGLD = Sampler(kind="sgld", chains=10, steps=STEPS, step_size=STEP_SIZE)
"""As published, along trajectories."""
SAMPLERS = {sampler.kind: sampler for sampler in (HMC, MALA, SGLD)}


class Published(NamedTuple):
    """A published λ̂ and its error bar, of which is not said whether it is the spread of the chains."""

    value: float
    error: float


PUBLISHED = {"5": Published(7.705, 0.85), "5+": Published(9.906, 1.27), "6": Published(9.027, 0.59)}
"""λ̂ at n = 5000 (Chen et al. 2023, table K.1; quoted second-hand)."""
PUBLISHED_N, PUBLISHED_CHAINS = 5000, 10
WIDE, NARROW = 1.0, 100.0
"""γ: that of the published λ̂ along trajectories, and one that holds the chains."""
PROTOCOL = Localiser(n=PUBLISHED_N, gamma=0.1), SGLD.but(step_size=5e-5, steps=10_000, discard=0.05)
"""What the published values were sampled under, and how (table K.1; quoted second-hand)."""
