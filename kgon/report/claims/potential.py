"""Judge the closed form of the loss."""

from __future__ import annotations

import numpy as np

from kgon.base.verdicts import Verdict
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.report.artefact import claims
from kgon.report.claims.claim import PAPER, Claim

SEED = 2023
"""Of the random points."""


@claims()
def potential_claims() -> list[Claim]:
    """Judge the closed form of the loss by quadrature at random points."""
    rng = np.random.default_rng(SEED)
    worst = 0.0
    for _ in range(200):
        c = int(rng.integers(3, 9))
        tms = TMS(c, 2, probability=rng.dirichlet(np.ones(c)), importance=rng.uniform(0.2, 2, c))
        W, b = rng.normal(0, 0.9, (2, c)), rng.normal(-0.2, 0.7, c)
        value = float(Potential(tms).loss(W, b))
        worst = max(worst, abs(value - tms.loss_by_quadrature(W, b)) / (1 + value))
    return [
        Claim(
            name="Lemma 3.1: closed form = integral",
            published="exact",
            ours=f"largest error {worst:.1e}",
            verdict=Verdict.of(worst <= 1e-12, proved=False),
            rule="error relative to 1 + L at most 1e-12 at 200 random points, against quadrature",
            source=f"{PAPER}, Lemma 3.1",
        ),
    ]
