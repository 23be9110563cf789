"""Agreement of a theoretical value with an estimate, by a rule that noise cannot pass."""

from __future__ import annotations

from kgon.base import text
from kgon.base.checks import check_number, check_positive
from kgon.base.results import Result, result
from kgon.base.verdicts import Health, Verdict

GOOD = Health()


@result
class Agreement(Result):
    """A theoretical value held against an estimate.

    Attributes
    ----------
    expected, estimate, stderr : float
    ess : float or None
        Effective sample size behind the estimate.
    resolution : float
        Largest standard error at which the comparison says anything.
    z : float
        (estimate − expected) / stderr.
    verdict : Verdict
        UNDECIDED where ``stderr`` exceeds ``resolution``, so that noise can never pass, and where the sample
        behind the estimate is not to be trusted.
    """

    expected: float
    estimate: float
    stderr: float
    ess: float | None
    resolution: float
    z: float
    verdict: Verdict

    @classmethod
    def compare(
        cls,
        expected: float,
        estimate: float,
        stderr: float,
        *,
        resolution: float,
        ess: float | None = None,
        limit: float = 3.0,
        health: Health = GOOD,
    ) -> Agreement:
        """Judge whether they agree within ``limit`` standard errors, if these are at most ``resolution``."""
        check_number("expected", expected)
        check_number("estimate", estimate)
        check_positive("stderr", stderr)
        check_positive("resolution", resolution)
        z = (estimate - expected) / stderr
        verdict = health.judged(Verdict.of(None if stderr > resolution else abs(z) <= limit, proved=False))
        return cls(
            expected=expected,
            estimate=estimate,
            stderr=stderr,
            ess=ess,
            resolution=resolution,
            z=z,
            verdict=verdict,
        )

    def headline(self) -> str:
        estimate = text.with_error(self.estimate, self.stderr)
        return f"{estimate} against {self.expected:g}: {self.verdict} (z = {self.z:+.2f})"
