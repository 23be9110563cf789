"""Say what λ̂ of short chains at the 4-gons is made of: the fall to lower losses, and the rest.

λ̂ = s E[L(w) − L(w*)] of chains that leave w* for lower losses is negative, and large where s is.  Descent
from the places where they are says how far they have fallen: with L↓(w) the loss at its end,

    λ̂ = s E[L↓(w) − L(w*)] + s E[L(w) − L↓(w)],

of which only the second is what a learning coefficient measures, of many basins at once and on the way
between them.  Hamiltonian chains under the same density fall too, and farther, as they have the time.  Held
by γ = 100 they stay, and they have to stay where the density is restricted to the basin of a minimum.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import ClassVar

import numpy as np

from kgon.base import text
from kgon.base.checks import Floats
from kgon.base.results import Result, part, result
from kgon.base.runs import Arrays
from kgon.base.streams import generator
from kgon.base.work import HERE, Work
from kgon.experiments.llc.bias import Amount
from kgon.experiments.llc.estimate import LocalEstimate, estimate_llc
from kgon.experiments.llc.in_basin import measure_in_basin
from kgon.experiments.llc.measures import Measures
from kgon.experiments.llc.settings import NARROW, PUBLISHED_N, QUICK_HMC, SGLD, Localiser, Sampler
from kgon.kgons.basins import Basins
from kgon.kgons.catalogue import Catalogue
from kgon.sampling.diagnostics import spread_error
from kgon.sampling.langevin import run_langevin

PLACES = 10
"""Parts of a chain, with a descent from the end of each."""


@result
class Fall(Result):
    """λ̂ at one k-gon by chains that may fall, and by chains that cannot.

    Attributes
    ----------
    label : str
    loss : float
        L(w*).
    lambda_ : float or None
        Exact; None where the k-gon is no local minimum.
    localiser : Localiser
        n, β and γ of all but ``held``.
    sampler : Sampler
        Of the short chains.
    short, fall, rest : Amount
        λ̂ of the short chains, and the two parts of it.
    ends : dict
        Basin to the number of short chains that end in it; ``other`` where descent ends in none.
    exact_chains, held : Amount
        λ̂ of Hamiltonian chains at the same γ, and at γ = 100.
    basin : Amount or None
        λ̂ of the density restricted to the basin of a minimum.
    """

    schema: ClassVar[str] = "llc-fall"
    json_names: ClassVar[dict[str, str]] = {"lambda_": "lambda"}

    label: str
    loss: float
    lambda_: float | None
    localiser: Localiser = part(precision="gamma")
    sampler: Sampler = part()
    short: Amount
    fall: Amount
    rest: Amount
    ends: dict[str, int]
    exact_chains: Amount
    held: Amount
    basin: Amount | None

    def headline(self) -> str:
        return (
            f"{self.label}: lambda-hat = {text.with_error(self.short.value, self.short.stderr)}, of which "
            f"{text.with_error(self.fall.value, self.fall.stderr)} is the fall"
        )


def measure_fall(label: str, *, seed: int = 0) -> Fall:
    """Sample λ̂ at a k-gon of six features at n = 5000, γ = 1, by chains as short as the published ones.

    Parameters
    ----------
    label : str
    seed : int
        The short chains are those of ``estimate_llc`` with this seed.

    Returns
    -------
    Fall

    Raises
    ------
    KgonError
        A label that does not occur.

    Examples
    --------
    >>> found = measure_fall("4----")
    >>> found.lambda_, found.short.value < -30, abs(found.held.value) < 1
    (0.0, True, True)
    """
    basins, point = Basins(6), Catalogue(6)[label]
    loss, centre = basins.potential, basins.tms.pack(point.W, point.biases)
    localiser, held = Localiser(n=PUBLISHED_N), Localiser(n=PUBLISHED_N, gamma=NARROW)
    settings = replace(SGLD.langevin(localiser), places=PLACES)
    found = run_langevin(loss, centre, settings, chains=SGLD.count(0), seed=seed)
    m, parts, d = found.path.shape
    below = basins.descend(found.path.reshape(m * parts, d))
    energy = localiser.strength * found.excess.mean(axis=1)
    fallen = localiser.strength * (below.loss.reshape(m, parts).mean(axis=1) - point.loss)
    names = basins.named(below).reshape(m, parts)[:, -1]
    free, near = (estimate_llc(loss, centre, at, QUICK_HMC, seed=seed) for at in (localiser, held))
    basin = None
    if point.label in basins.labels:
        measured = measure_in_basin(generator(seed), basins, point, localiser)
        basin = _amount("in the basin", measured)
    return Fall(
        label=str(point.name),
        loss=point.loss,
        lambda_=None if point.lambda_ is None else float(point.lambda_),
        localiser=localiser,
        sampler=SGLD,
        short=_mean("short chains", energy),
        fall=_mean("fall", fallen),
        rest=_mean("rest", energy - fallen),
        ends=dict(Counter(basins.phases[k] for k in names)),
        exact_chains=_amount("Hamiltonian", free),
        held=_amount("held", near),
        basin=basin,
    )


def measure_falls(*, seed: int = 0, work: Work = HERE) -> tuple[Fall, ...]:
    """Sample λ̂ at the fifteen 4-gons of six features, by falling loss; see ``measure_fall``."""
    squares = [x for x in Catalogue(6) if x.name.k == 4 and x.configuration != "opposite"]
    labels = [str(x.name) for x in sorted(squares, key=lambda x: -x.loss)]
    found = work.run(_fall, {label: (label, seed) for label in labels}, "λ̂ of 4-gon")
    return tuple(Fall.from_json(str(x["fall"])) for x in found.values())


def _fall(label: str, seed: int) -> Arrays:
    """One 4-gon as text: a task of ``Work.run``."""
    return {"fall": np.array(measure_fall(label, seed=seed).to_json())}


def _amount(name: str, found: LocalEstimate | Measures) -> Amount:
    """Take λ̂ of chains and its error."""
    return Amount(name=name, value=found.lambda_hat, stderr=found.stderr)


def _mean(name: str, values: Floats) -> Amount:
    """Average over chains."""
    return Amount(name=name, value=float(np.mean(values)), stderr=float(spread_error(values)))
