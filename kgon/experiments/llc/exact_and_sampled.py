"""Put λ of a point, exact with its proof, beside λ̂ as sampled there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from kgon.base.results import Result, only_given, result
from kgon.base.table import Column, Table
from kgon.base.text import with_error
from kgon.base.verdicts import Health, KgonError
from kgon.experiments.llc.estimate import LocalEstimate
from kgon.free_energy.learning import LearningCoefficient, learning_coefficient
from kgon.kgons.labels import Label
from kgon.potential.model import TMS


@result
class FiniteSizeDifference(Result):
    """What λ̂ at a finite n has more than the exact λ: a difference, and no test of either.

    Attributes
    ----------
    expected, estimate, stderr : float
        λ, λ̂ and the Monte Carlo error of the latter.
    difference, z : float
        λ̂ − λ, and the same in standard errors.
    reason : str
        Why the two differ, at any number of draws.
    """

    expected: float
    estimate: float
    stderr: float
    difference: float
    z: float
    reason: str

    @classmethod
    def of(cls, expected: float, found: LocalEstimate) -> Self:
        """Take the difference, and say at which n and γ it is one."""
        at, difference = found.localiser, found.lambda_hat - expected
        return cls(
            expected=expected,
            estimate=found.lambda_hat,
            stderr=found.stderr,
            difference=difference,
            z=difference / found.stderr,
            reason=f"n = {at.n:g} is finite and γ = {at.gamma:g} holds the chains; λ̂ → λ only as n → ∞",
        )

    def headline(self) -> str:
        return f"λ̂ − λ = {with_error(self.difference, self.stderr)}: at finite n, no verdict on λ"


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
    agreement : FiniteSizeDifference or None
        How far the two are apart, where there are both.
    model : TMS or None
        The model, where its weights are not uniform.
    """

    exact: LearningCoefficient | None
    refusal: str | None
    estimate: LocalEstimate | None
    agreement: FiniteSizeDifference | None
    model: TMS | None = only_given()

    @classmethod
    def of(
        cls, label: Label | None, c: int, estimate: LocalEstimate | None, model: TMS | None = None
    ) -> Self:
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
            agreement = FiniteSizeDifference.of(float(exact.lambda_), estimate)
        return cls(exact=exact, refusal=refusal, estimate=estimate, agreement=agreement, model=model)

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

    def table(self) -> Table:
        """Tabulate λ and λ̂ of the point in one row."""
        exact, estimate = self.exact, self.estimate
        used = None if estimate is None else estimate.localiser
        row = {
            "label": "" if exact is None else str(exact.label),
            "lambda": "" if exact is None else f"{float(exact.lambda_):g}",
            "m": "" if exact is None else str(exact.multiplicity),
            "proved": "" if exact is None else str(exact.verdict),
            "hat": "" if estimate is None else with_error(estimate.lambda_hat, estimate.stderr),
            "n": "" if used is None else f"{used.n:g}",
            "beta": "" if used is None else f"{used.beta:.4g}",
            "health": "" if estimate is None else str(estimate.health),
        }
        columns = [
            Column("label", "k-gon"),
            Column("lambda", "λ", r"$\lambda$", "r", number=True),
            Column("m", "m", "$m$", "r", number=True),
            Column("proved", "verdict"),
            Column("hat", "λ̂", r"$\hat\lambda$", "r"),
            Column("n", "n", "$n$", "r", number=True),
            Column("beta", "β", r"$\beta$", "r", number=True),
            Column("health", "health"),
        ]
        notes = [*map(": ".join, self.unusual()), *(part.headline() for part in self.parts)]
        return Table(name="llc", title="Local learning coefficient", columns=columns, rows=[row], notes=notes)

    def __str__(self) -> str:
        model = [] if self.model is None else [f"model: {self.model}"]
        return "\n".join([*model, *([self.refusal] if self.refusal else []), *map(str, self.parts)])
