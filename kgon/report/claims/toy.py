"""Judge what is claimed of the posterior with two phases in the plane."""

from __future__ import annotations

from kgon.base.verdicts import Verdict
from kgon.experiments.toy import ToyPhases
from kgon.report.artefact import claims
from kgon.report.claims.claim import THERMODYNAMIC, Claim

LARGE = 0.1
"""Mass above which a region is a phase, and below which the rest does not count."""


@claims(command="kgon figure toy-posterior")
def toy_claims(toy_phases: ToyPhases) -> list[Claim]:
    """Judge the two phases of a posterior in the plane."""
    minimum, masses = toy_phases.minimum, toy_phases.posteriors
    both = all(min(p.mass_ball, p.mass_strip) > LARGE > p.mass_rest for p in masses)
    shown = "; ".join(f"n = {p.n:g}: {p.mass_ball:.2f}, {p.mass_strip:.2f}" for p in masses)
    return [
        Claim(
            name="toy posterior: ball W₁ and strip W₂ hold the mass",
            group=THERMODYNAMIC,
            published="two phases",
            ours=shown,
            verdict=Verdict.of(both, proved=False),
            rule=f"each holds over {LARGE} and the rest under {LARGE} at n = 10 and 100 "
            "(quadrature, box [−2, 2]²)",
        ),
        Claim(
            name="toy posterior: W₁ is centred at the origin",
            group=THERMODYNAMIC,
            published="(0, 0)",
            ours=f"minimum at ({minimum.w1:.4f}, {minimum.w2:.0f})",
            verdict=Verdict.of(minimum.w1 == 0 and minimum.w2 == 0, proved=True),
            rule="the minimum of L inside W₁, exact by SymPy, is the origin",
        ),
    ]
