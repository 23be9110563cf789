"""Sample the evidence of each basin at finite n, −log ∫_basin exp(−s L(w)) φ(w) dw with s = βn.

By sequential Monte Carlo; everything depends on β and n only through s = βn.  The estimate of a mass is
unbiased in every replicate; replicates are averaged on the scale of Z, and every standard error comes from
their spread.  ``sample_evidence`` and ``read_evidence`` give an ``Evidence`` (``evidence_result``); what is
sampled is decided in ``evidence_plan``, and sampled in ``evidence_sampling``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kgon.base.results import jsonable
from kgon.base.verdicts import KgonError
from kgon.base.work import HERE, Work
from kgon.experiments.posterior.evidence_plan import ALL, EvidenceSettings, Marks, Plan
from kgon.experiments.posterior.evidence_result import Evidence, EvidenceChecks, EvidenceEffort, FreeEnergies
from kgon.experiments.posterior.evidence_sampling import Replicate, run_pilot, run_replicates
from kgon.experiments.posterior.masses import Masses
from kgon.kgons.basins import OTHER
from kgon.kgons.catalogue import Catalogue
from kgon.potential.model import TMS

SIZES = (50.0, 100.0, 150.0, 200.0, 250.0, 300.0, 400.0, 500.0, 700.0, 1000.0, 1400.0, 2000.0)
"""Values of s = βn unless told otherwise."""
QUICK = EvidenceEffort(particles=768, replicates=8)
FULL = EvidenceEffort(particles=8192, replicates=16)


def sample_evidence(
    c: int | TMS = 6,
    *,
    sizes: Sequence[float] = SIZES,
    effort: EvidenceEffort = QUICK,
    marks: Marks | None = None,
    targets: Sequence[str] | None = None,
    seed: int = 0,
    work: Work = HERE,
) -> Evidence:
    """Sample the free energies of all basins, under the population loss and the prior N(0, I).

    Parameters
    ----------
    c : int or TMS
        Features (r = 2); or a model with probabilities and importances of its own, whose basins are those of
        its k-gons (``kgon.kgons.followed``).
    sizes : sequence of float
        s = βn at which F is wanted, positive and increasing.
    effort : EvidenceEffort
        ``QUICK``, ``FULL``, or one of your own.
    marks : Marks, optional
        s where the restricted runs begin and where they divide, and up to which they are held against
        counting.  Default 300, 700 and 400 at c = 6, in proportion to c, and to 1 over the importances.
    targets : sequence of str, optional
        Basins that are sampled apart from the rest above ``marks.split``.  Default: those with at least 2 %
        of a pilot there.
    seed : int
    work : Work
        Its folder keeps the pilot and every finished replicate, to go on with, and gets ``evidence.json``.

    Returns
    -------
    Evidence

    Raises
    ------
    KgonError
        An option out of range, a target in whose basin no particle is, or a folder whose ``evidence.json``
        has other settings or more replicates.

    Examples
    --------
    >>> found = sample_evidence(sizes=(2.0, 4.0), effort=EvidenceEffort(particles=64, replicates=2))
    >>> found.labels[:3], found.energies.log_z.shape
    (('6', '5+', '5'), (2,))
    """
    tms = TMS.of(c)
    settings = EvidenceSettings(
        c=Catalogue(tms.c).c,
        sizes=tuple(sizes),
        particles=effort.particles,
        marks=Marks.at(tms.c, tms.unit) if marks is None else marks,
        targets=None if targets is None else tuple(targets),
        seed=seed,
        model=tms.own,
    )
    options = {**jsonable(settings), "replicates": effort.replicates}
    file = work.claim("evidence.json", options, counts=("replicates",))
    plan = run_pilot(settings, work)
    outcome = _combined(settings, plan, run_replicates(settings, plan, effort.replicates, work))
    file.write(outcome)
    return outcome


def _combined(settings: EvidenceSettings, plan: Plan, found: Sequence[Replicate]) -> Evidence:
    """Average all replicates, at least two."""
    labels = (*settings.basins.phases, ALL)
    log_mass, loss = (np.array([getattr(x, name) for x in found]) for name in ("log_mass", "loss"))
    masses = Masses.of(settings.sizes, log_mass, loss)
    energies = FreeEnergies.of(masses)
    other = energies.shares[labels.index(OTHER)]
    return Evidence(
        c=settings.c,
        seed=settings.seed,
        model=settings.model,
        effort=EvidenceEffort(particles=settings.particles, replicates=len(found)),
        marks=settings.marks,
        labels=labels,
        targets=plan.targets,
        masses=masses,
        energies=energies,
        checks=EvidenceChecks.of(plan, found, labels, float(other.max())),
    )


def read_evidence(path: str | Path) -> Evidence:
    """Read the evidence of a file that ``sample_evidence`` wrote.

    Raises
    ------
    KgonError
        The file is missing or holds something else.
    """
    try:
        found = Evidence.from_json(Path(path).read_text(encoding="utf-8"))
        shape, masses = (found.effort.replicates, len(found.labels), len(found.sizes)), found.masses
        fits = masses.relative.shape == masses.loss.shape == shape
        if not (fits and masses.known.shape == shape[1:] and found.labels[-2:] == (OTHER, ALL)):
            raise ValueError("the arrays do not fit")
    except OSError as error:
        raise KgonError(f"{path}: cannot be read ({error.strerror})") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise KgonError(f"{path}: not an evidence.json that kgon evidence wrote") from None
    return found
