"""Put λ of a point, exact with its proof, beside λ̂ as sampled there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from kgon.base.agreement import Agreement
from kgon.base.results import Result, result
from kgon.base.verdicts import Health, KgonError
from kgon.experiments.llc.estimate import LocalEstimate
from kgon.free_energy.learning import LearningCoefficient, learning_coefficient
from kgon.kgons.labels import Label

RESOLUTION = 0.5
"""Standard error of λ̂ from which on a comparison decides nothing: λ comes in halves."""


@result
class ExactAndSampled(Result):
    """The learning coefficient at one point, by proof and by sampling.

    Attributes
    ----------
    exact : LearningCoefficient or None
        None where the point bears no label, or λ of the label is not known.
    refusal : str or None
        Why λ of the label is not known.
    estimate : LocalEstimate or None
        None where nothing was sampled.
    agreement : Agreement or None
        Of the two, where there are both.
    """

    exact: LearningCoefficient | None
    refusal: str | None
    estimate: LocalEstimate | None
    agreement: Agreement | None

    @classmethod
    def of(cls, label: Label | None, c: int, estimate: LocalEstimate | None) -> Self:
        """Put the exact λ of a label, if it is known, beside an estimate, if there is one.

        Raises
        ------
        KgonError
            λ of the label is not known, and nothing was sampled.
        """
        exact = refusal = agreement = None
        if label is not None:
            try:
                exact = learning_coefficient(label, c)
            except KgonError as error:
                if estimate is None:
                    raise
                refusal = str(error)
        if exact is not None and estimate is not None and estimate.stderr > 0:
            found = estimate.estimate
            agreement = Agreement.compare(
                float(exact.lambda_), found.lambda_hat, found.stderr, resolution=RESOLUTION, ess=found.ess
            )
        return cls(exact=exact, refusal=refusal, estimate=estimate, agreement=agreement)

    @property
    def parts(self) -> list[Result]:
        """The results that there are, in the order in which they are printed."""
        return [x for x in (self.exact, self.estimate, self.agreement) if x is not None]

    @property
    def health(self) -> Health:
        """The health of the estimate, if there is one; at a finite n it need not agree with λ."""
        return Health() if self.estimate is None else self.estimate.health

    def data(self) -> dict[str, Any]:
        """The parts, and their headline numbers beside them."""
        exact, estimate = self.exact, self.estimate
        return {
            "lambda": None if exact is None else float(exact.lambda_),
            "multiplicity": None if exact is None else exact.multiplicity,
            "lambda_hat": None if estimate is None else estimate.lambda_hat,
            "stderr": None if estimate is None else estimate.stderr,
            "n": None if estimate is None else estimate.localiser.n,
            "beta": None if estimate is None else estimate.localiser.beta,
            "health": None if estimate is None else str(estimate.health),
            **Result.data(self),
        }

    def headline(self) -> str:
        return "; ".join([part.headline() for part in self.parts] or [self.refusal or ""])

    def rows(self) -> Sequence[tuple[str, str]]:
        return [row for part in self.parts for row in part.rows()]

    def notes(self) -> list[str]:
        """A remark on what the agreement is worth, if there is one."""
        note = "λ̂ at finite n is not λ: agreement is to be expected only as n grows"
        return [] if self.agreement is None else [note]

    def __str__(self) -> str:
        return "\n".join([*([self.refusal] if self.refusal else []), *map(str, self.parts)])
