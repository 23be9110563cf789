"""Judge what is published of sampled λ̂, and what was said of its distance to λ."""

from __future__ import annotations

from kgon.base.text import with_error
from kgon.base.verdicts import Verdict
from kgon.experiments.llc.bias import Amount, BiasSplit
from kgon.experiments.llc.published import SPACING, PublishedCheck, as_published
from kgon.experiments.llc.settings import PUBLISHED
from kgon.report.artefact import claims
from kgon.report.claims.claim import PAPER, RERUN, THERMODYNAMIC, Claim

TOLERANCE = SPACING / 2
"""λ̂ that is off by less still tells which λ it is: half the smallest difference of two λ."""
DECIDES = 3.0
"""Standard errors beyond which a difference is on one side of the tolerance: three k-gons are compared."""


@claims(command="kgon table llc-published")
def lambda_hat_claims(llc_published: PublishedCheck) -> list[Claim]:
    """Judge the published λ̂ by chains of their own protocol, and whether finite n alone lifts them."""
    splits = llc_published.splits
    return [_reproduced(splits), _finite(splits), _sampler(splits)]


def _reproduced(splits: tuple[BiasSplit, ...]) -> Claim:
    agreements = [as_published(x.label, x.lambda_hat, x.stderr) for x in splits]
    return Claim(
        name="λ̂ of 5, 5⁺, 6 at n = 5000 by the protocol of table K.1 (population loss)",
        group=THERMODYNAMIC,
        published="; ".join(f"{x}: {v.value:.2f} ± {v.error:.2f}" for x, v in PUBLISHED.items()),
        ours="; ".join(f"{x.label}: {with_error(x.lambda_hat, x.stderr)}" for x in splits),
        rule="within 3 standard errors of the difference, the published bar being the spread of ten chains; "
        f"decided where that error is at most {SPACING:g}, the spacing of λ",
        verdict=Verdict.joint(x.verdict for x in agreements),
        source=f"{PAPER}, table K.1",
    )


def _finite(splits: tuple[BiasSplit, ...]) -> Claim:
    """Whether the exact density overshoots, in the basin and without any sampler's error."""
    return _of_parts(
        [(x, x.density, x.density.value - TOLERANCE) for x in splits],
        name="λ̂ of 5, 5⁺, 6 exceeds λ at n = 5000 as an effect of finite n, β = 1/log n",
        whose="without a sampler",
        rule=f"the exact density in the basin of each has λ̂ − λ above {TOLERANCE:g}, half the spacing of λ",
    )


def _sampler(splits: tuple[BiasSplit, ...]) -> Claim:
    """Whether the chains find what the density has that they are made for."""
    return _of_parts(
        [(x, x.sampling, TOLERANCE - abs(x.sampling.value)) for x in splits],
        name="... and not of the sampler: the chains of table K.1 find λ̂ of their density",
        whose="by the sampler",
        rule=f"λ̂ of the chains less that of the exact density in the basin of each is within {TOLERANCE:g}",
    )


def _of_parts(parts: list[tuple[BiasSplit, Amount, float]], *, name: str, whose: str, rule: str) -> Claim:
    """Judge a claim on a part of every split, true where a margin is positive beyond the part's error."""
    verdicts = [
        split.health.judged(Verdict.of_margin(margin, part.stderr, DECIDES)) for split, part, margin in parts
    ]
    return Claim(
        name=name,
        group=THERMODYNAMIC,
        published="yes",
        ours="; ".join(f"{split.label}: {part.shown}" for split, part, _ in parts) + f" {whose}",
        rule=f"{rule}, beyond {DECIDES:g} standard errors",
        verdict=Verdict.joint(verdicts),
        source=RERUN,
    )
