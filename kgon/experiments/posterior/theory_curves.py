"""Put every theory beside the sampled evidence: free energies and shares of the phases against n."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from kgon.base.checks import Floats
from kgon.base.results import Record, result
from kgon.base.verdicts import KgonError
from kgon.experiments.posterior.as_theory import sampled_occupancy
from kgon.experiments.posterior.evidence_result import Evidence
from kgon.free_energy.constants.square import SquareConstant
from kgon.free_energy.dominance import occupancy
from kgon.free_energy.energies import Phase
from kgon.free_energy.phases import phases_with

N_FROM, N_TO = 50.0, 2000.0
"""Range of βn, as far as the evidence was sampled."""
POINTS = 160
THEORIES = ("none", "prior", "laplace", "laplace2")
"""The theories that are held against the evidence."""

ByLabel = dict[str, Floats]
"""Values by the label of a phase."""


@result
class TheoryCurves(Record):
    """Free energies and shares of the phases against n, by theory and as sampled.

    Attributes
    ----------
    c : int
    beta : float
    n : (points,) array
    gaps : dict
        Theory → label → F_n less that of the lowest minimum, (points,).
    shares : dict
        Theory → label → share of the posterior, (points,).
    sampled : dict
        Label → share in the sampled posterior, interpolated between the sizes, (points,).
    sizes : (sizes,) array
        The n that were sampled.
    measured : dict
        Label → share there and its standard error, (2, sizes).
    """

    c: int
    beta: float
    n: Floats
    gaps: dict[str, ByLabel]
    shares: dict[str, ByLabel]
    sampled: ByLabel
    sizes: Floats
    measured: ByLabel


def hold_against(
    evidence: Evidence, squares: Sequence[SquareConstant], *, c: int = 6, beta: Fraction = Fraction(1)
) -> TheoryCurves:
    """Compute free energies and shares by every theory, and from the evidence, at inverse temperature β.

    Raises
    ------
    KgonError
        The evidence has another number of features than c.
    """
    if evidence.c != c:
        raise KgonError(f"the evidence has {evidence.c} features, not {c}")
    s = float(beta)
    low, high = max(N_FROM, evidence.sizes[0]), min(N_TO, evidence.sizes[-1])
    n = np.clip(np.geomspace(low, high, POINTS), low, high) / s
    sizes = np.array([x / s for x in evidence.sizes if n[0] <= x / s <= n[-1]])
    phases = {theory: phases_with(squares, c, theory=theory) for theory in THEORIES}
    return TheoryCurves(
        c=c,
        beta=s,
        n=n,
        gaps={theory: _gaps(found, evidence, n, s) for theory, found in phases.items()},
        shares={
            theory: occupancy(n, c, theory=theory, beta=beta, among=found) for theory, found in phases.items()
        },
        sampled={label: share for label, (share, _) in sampled_occupancy(evidence, n, beta=beta).items()},
        sizes=sizes,
        measured={label: np.array(x) for label, x in sampled_occupancy(evidence, sizes, beta=beta).items()},
    )


def _gaps(phases: Sequence[Phase], evidence: Evidence, n: Floats, beta: float) -> ByLabel:
    """F_n of the phases that have an evidence, less that of the lowest minimum."""
    free = {phase.name: phase.free_energy(n, beta=beta) for phase in phases if phase.name in evidence.labels}
    lowest = free[evidence.labels[0]]
    return {label: values - lowest for label, values in free.items()}
