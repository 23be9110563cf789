"""Split λ̂ − λ of the published chains into its causes, each with an error.

Between λ of a k-gon and the λ̂ that short chains of SGLD find at n = 5000 lie six things, and each is the
difference of two numbers that are sampled:

- **finite n**: λ̂ of the density exp(−βn L(w) − ½ γ ‖w − w*‖²) in the basin of w*, with γ = 1, less λ;
- **γ**: the same density with the γ of the chains, less that;
- **time**: the draws of the chains in the basin of w*, without the next item, less that: the chains start at
  w* and are as long as they are;
- **step**: what the step size adds, by the chains' own gradients (``sampling.langevin``);
- **escape**: all draws of the chains, less those in the basin;
- **rule**: the chains that the rule of discarding keeps, less all.

The first two are the density, the others the sampler.  Without the restriction to the basin the density has
no λ̂ of w*: its mass is elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from kgon.base import text
from kgon.base.checks import Floats, check_integer
from kgon.base.results import Result, part, result
from kgon.base.streams import generator
from kgon.base.verdicts import Health, KgonError
from kgon.experiments.llc.in_basin import measure_in_basin
from kgon.experiments.llc.measures import LIMITS
from kgon.experiments.llc.settings import PROTOCOL, WIDE, Localiser, Sampler
from kgon.free_energy.learning import learning_coefficient
from kgon.kgons.basins import Basins
from kgon.kgons.catalogue import Catalogue
from kgon.potential.loss import Loss
from kgon.sampling.diagnostics import jackknife_error
from kgon.sampling.hmc import State
from kgon.sampling.langevin import LangevinDraws, run_langevin
from kgon.sampling.smc import Inside

PLACES = 50
"""Parts of a chain; each belongs to the basin in which it ends."""
CAUSES = ("finite n", "γ", "time", "step", "escape", "rule")
"""In the order in which they add up."""
OF_THE_DENSITY = 2
"""So many of them are there without a sampler."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitEffort:
    """How much is sampled for a split.

    Attributes
    ----------
    chains : int
        Of SGLD; the published values have ten.
    draws : int
        Of each of 72 Hamiltonian chains in the basin.
    """

    chains: int
    draws: int

    def __post_init__(self) -> None:
        for name, least in (("chains", 4), ("draws", 12)):
            check_integer(name, getattr(self, name), least)


QUICK_SPLIT = SplitEffort(chains=48, draws=30)
FULL_SPLIT = SplitEffort(chains=640, draws=1000)


@result
class Amount(Result):
    """A λ̂, or a part of one, with its error.

    Attributes
    ----------
    name : str
        What it comes from.
    value, stderr : float
    """

    name: str
    value: float
    stderr: float

    @property
    def shown(self) -> str:
        """The number with its error and sign."""
        return f"{'+' if self.value > 0 else ''}{text.with_error(self.value, self.stderr)}"

    def headline(self) -> str:
        return f"{self.name}: {self.shown}"


@result
class BiasSplit(Result):
    """Where λ̂ − λ of short chains at one k-gon comes from.

    Attributes
    ----------
    label : str
    exact : float
        λ.
    localiser : Localiser
        n, β and γ of the chains.
    sampler : Sampler
    parts : tuple of Amount
        One for each of ``CAUSES``; they add up to ``whole``.
    whole, density, sampling : Amount
        λ̂ − λ of the chains that are kept; how much of it the exact density in the basin has; and the rest.
    inside : float
        Share of the chains' draws in the basin.
    discarded : int
        Chains that the rule discards.
    health : Health
        Of the chains in the basin.
    """

    schema: ClassVar[str] = "llc-bias"

    label: str
    exact: float
    localiser: Localiser = part(precision="gamma")
    sampler: Sampler = part()
    parts: tuple[Amount, ...]
    whole: Amount
    density: Amount
    sampling: Amount
    inside: float
    discarded: int
    health: Health

    @property
    def lambda_hat(self) -> float:
        """λ̂ of the chains that are kept."""
        return self.exact + self.whole.value

    @property
    def stderr(self) -> float:
        """The standard error of λ̂."""
        return self.whole.stderr

    def headline(self) -> str:
        return (
            f"{self.label}: lambda-hat = {text.with_error(self.lambda_hat, self.stderr)}, lambda = "
            f"{self.exact:g}; of the difference {self.density.shown} is the density, "
            f"{self.sampling.shown} the sampler"
        )

    def rows(self) -> Sequence[tuple[str, str]]:
        return [
            *((x.name, x.shown) for x in self.parts),
            ("draws in the basin", f"{self.inside:.1%}"),
            ("chains discarded", f"{self.discarded} of {self.sampler.chains}"),
            *self.health.rows(),
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortChains:
    """What a split needs of m chains that start at w*, each in parts of equal length.

    Attributes
    ----------
    energy : (m, parts) array
        Mean of s (L − L(w*)) of each part.
    inside : (m, parts) bool array
        Whether the part is in the basin of w*.
    kept : (m,) bool array
        Whether the rule keeps the chain.
    bias : (m,) array
        What the step size adds to λ̂ of the chain.
    """

    energy: Floats
    inside: NDArray[np.bool_]
    kept: NDArray[np.bool_]
    bias: Floats

    @classmethod
    def of(cls, found: LangevinDraws, inside: Inside, discard: float, loss: Loss) -> ShortChains:
        """Look at chains that have run."""
        m, parts, d = found.path.shape
        settings = found.settings
        at_ends = inside(State.at(loss, found.path.reshape(m * parts, d)))
        return cls(
            energy=settings.strength * found.excess.reshape(m, parts, -1).mean(axis=2),
            inside=at_ends.reshape(m, parts),
            kept=found.below() <= discard,
            bias=settings.step_size / 8 * found.pull,
        )

    def stages(self) -> Floats:
        """Find four λ̂: in the basin without bias, in the basin, of all draws, and of the chains kept."""
        within = float(np.mean(self.energy[self.inside]))
        return np.array(
            [within - self.bias.mean(), within, self.energy.mean(), self.energy[self.kept].mean()]
        )

    def without(self, k: int) -> ShortChains:
        """Leave a chain out."""
        names = ("energy", "inside", "kept", "bias")
        return ShortChains(**{name: np.delete(getattr(self, name), k, axis=0) for name in names})

    def check(self) -> None:
        """Refuse chains of which too few are left to compare."""
        for what, count in (("kept", self.kept.sum()), ("in the basin", self.inside.any(axis=1).sum())):
            if count < 2:
                raise KgonError(f"{count} of {len(self.kept)} chains are {what}: at least 2 must be")


def split_parts(
    exact: float, wide: tuple[float, float], own: tuple[float, float], chains: ShortChains
) -> tuple[Amount, ...]:
    """Compute the parts by ``CAUSES``, then the whole, that of the density, and that of the sampler.

    Parameters
    ----------
    exact : float
        λ.
    wide, own : (float, float)
        λ̂ of the density in the basin and its standard error, with γ = 1 and with the γ of the chains.
    chains : ShortChains
    """
    chains.check()
    stages = chains.stages()
    # What is compared of the same chains: differences first, so that what they share has no error.
    left_out = np.array([chains.without(k).stages() for k in range(len(chains.kept))])
    first, last = jackknife_error(left_out[:, [0, -1]])
    paired = jackknife_error(np.diff(left_out, axis=1))
    levels = np.array([exact, wide[0], own[0], *stages])
    errors = (wide[1], np.hypot(wide[1], own[1]), np.hypot(own[1], first), *paired)
    rows = [*zip(CAUSES, np.diff(levels), errors, strict=True)]
    rows += [
        ("whole", levels[-1] - exact, last),
        ("density", own[0] - exact, own[1]),
        ("sampling", levels[-1] - own[0], np.hypot(own[1], last)),
    ]
    return tuple(Amount(name=name, value=float(value), stderr=float(error)) for name, value, error in rows)


def split_bias(label: str, effort: SplitEffort = QUICK_SPLIT, *, seed: int = 0) -> BiasSplit:
    """Split λ̂ − λ of the published protocol at a minimum of six features, on the population loss.

    Parameters
    ----------
    label : str
        Of a local minimum.
    effort : SplitEffort
    seed : int
        The first ten chains are those of ``estimate_llc`` with this seed.

    Returns
    -------
    BiasSplit

    Raises
    ------
    KgonError
        A label that is no local minimum, or chains of which fewer than two are kept or in the basin.

    Examples
    --------
    >>> found = split_bias("6", SplitEffort(chains=16, draws=20))
    >>> found.density.value > 0.5, found.sampling.value < 0
    (True, True)
    """
    exact = float(learning_coefficient(label).lambda_)
    localiser, sampler = PROTOCOL
    basins, point = Basins(6), Catalogue(6)[label]
    loss, centre = basins.potential, basins.tms.pack(point.W, point.biases)
    densities = [
        measure_in_basin(rng, basins, point, at, draws=effort.draws)
        for rng, at in zip(generator(seed).spawn(2), (replace(localiser, gamma=WIDE), localiser), strict=True)
    ]
    settings = replace(sampler.langevin(localiser), places=PLACES)
    found = run_langevin(loss, centre, settings, chains=effort.chains, seed=seed)
    assert sampler.discard is not None
    chains = ShortChains.of(found, basins.inside([point.label]), sampler.discard, loss)
    wide, own = ((x.lambda_hat, x.stderr) for x in densities)
    *parts, whole, density, sampling = split_parts(exact, wide, own, chains)
    return BiasSplit(
        label=label,
        exact=exact,
        localiser=localiser,
        sampler=sampler.but(chains=effort.chains),
        parts=tuple(parts),
        whole=whole,
        density=density,
        sampling=sampling,
        inside=float(chains.inside.mean()),
        discarded=int(np.sum(~chains.kept)),
        health=Health.of(
            (
                max(x.rhat or 1.0 for x in densities) > LIMITS.rhat,
                "the chains in the basin disagree: split R-hat above {limit}",
            ),
            limit=LIMITS.rhat,
        ),
    )
