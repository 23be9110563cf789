"""Measure λ̂ of the localised density restricted to the basin of a minimum, which chains cannot leave."""

from __future__ import annotations

import numpy as np

from kgon.experiments.llc.measures import Measures
from kgon.experiments.llc.settings import Localiser
from kgon.kgons.basins import Basins
from kgon.kgons.catalogue import CriticalPoint
from kgon.sampling.restricted import sample_restricted


def measure_in_basin(
    rng: np.random.Generator, basins: Basins, point: CriticalPoint, localiser: Localiser, *, draws: int = 100
) -> Measures:
    """Measure λ̂ of exp(−βn L(w) − ½ γ ‖w − w*‖²) in the basin of w*, by so many draws of each chain.

    Raises
    ------
    KgonError
        A point that is no local minimum, or no draws.
    """
    drawn = sample_restricted(
        rng,
        basins.potential,
        basins.tms.pack(point.W, point.biases),
        basins.inside([point.label]),
        strength=localiser.strength,
        precision=localiser.gamma,
        draws=draws,
    )
    return Measures.of(localiser.strength * drawn.excess, np.array([drawn.acceptance]))
