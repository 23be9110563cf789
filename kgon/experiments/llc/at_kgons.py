"""Estimate λ̂ at k-gons of six features, many on one loss: a task of ``Work.run``, and its results."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kgon.base.runs import Arrays
from kgon.experiments.llc.estimate import LocalEstimate, estimate_llc
from kgon.experiments.llc.settings import Localiser, Sampler
from kgon.kgons.catalogue import Catalogue
from kgon.potential.data import sample
from kgon.potential.empirical import EmpiricalLoss
from kgon.potential.loss import Loss, Potential
from kgon.potential.model import TMS

Run = tuple[str, Localiser, Sampler]
"""The label of a k-gon, and how λ̂ is sampled there."""


def estimate_runs(runs: Sequence[Run], data: int | None, seed: int) -> Arrays:
    """Sample λ̂ of all runs on one loss, that of the population or of the data set of a seed."""
    tms, catalogue = TMS(6), Catalogue(6)
    loss: Loss = Potential(tms)
    if data is not None:
        loss = EmpiricalLoss(tms, *sample(tms, int(runs[0][1].n), seed=data))
    found = []
    for label, localiser, sampler in runs:
        centre = tms.pack(catalogue[label].W, catalogue[label].biases)
        found.append(estimate_llc(loss, centre, localiser, sampler, seed=seed))
    return {"estimates": np.array([x.to_json() for x in found])}


def estimates_in(arrays: Arrays) -> list[LocalEstimate]:
    """Read the estimates of such a task, one for each run."""
    return [LocalEstimate.from_json(str(text)) for text in arrays["estimates"]]
