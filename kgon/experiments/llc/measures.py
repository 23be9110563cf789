"""Turn draws about a point into λ̂ and into the numbers that tell whether to believe it, and judge these.

``Measures`` are the numbers of one point, with ``health`` judged by ``LIMITS``; ``MeasureColumns`` those of
many points; ``share_left`` descends from the chains' ends to see whether they have left the basin of w*.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from scipy.stats import chi2

from kgon.base.checks import Floats
from kgon.base.results import Record, null_for_nan, result
from kgon.base.streams import generator
from kgon.base.verdicts import Health
from kgon.potential.descent import settled_loss
from kgon.potential.loss import Loss
from kgon.sampling.diagnostics import effective, rhat, spread_error
from kgon.sampling.langevin import LangevinDraws


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits up to which, or from which on, chains are to be believed.

    Attributes
    ----------
    rhat : float
        What agreeing chains of five effective draws each show: √(1 + 1/5).
    ess : float
        Fewest effective draws: λ̂ of order 10 then has an error of about 0.15.
    acceptance : float
        Lowest mean acceptance of the moves.
    escape : float
        A draw with L < L(w*) − 3/s has escaped to something lower.
    escaped : float
        Share of such draws up to which λ̂, of order 1, is changed by less than its usual error.
    far : float
        A draw is far where the localiser alone would have one draw in 1000; this is ten times that share.
    bias : float
        Step-size bias that counts: half the spacing of the values that λ takes.
    lower : float
        Descent from a chain's end has left where it reaches a loss 1/s below that from w*: λ̂ would change
        by 1.
    left : float
        Share of such chains up to which λ̂ changes little: what has not escaped has energies above −3.
    """

    rhat: float = 1.1
    ess: float = 400.0
    acceptance: float = 0.3
    escape: float = 3.0
    escaped: float = 1e-3
    far: float = 0.01
    bias: float = 0.25
    lower: float = 1.0
    left: float = 0.02


LIMITS = Limits()
"""Those by which every estimate is judged."""
PROBES, PROBE = 16, 0.03
"""Points about w*, and the standard deviation of their parameters, that tell whether w* has a basin."""


@result
class Measures(Record):
    """λ̂ at one point, and the numbers that tell how its chains did.

    Attributes
    ----------
    lambda_hat, stderr : float
        s (E[L] − L(w*)) and its Monte Carlo error.  The error covers the sampling only: λ̂ at finite n
        differs from λ.
    bias : float
        Estimate of what the step size of SGLD adds to λ̂ (see ``kgon.sampling.langevin``); it is not
        subtracted.
    ess, rhat : float or None
        Of the energies; None where L is constant on all draws.
    rhat_distance : float or None
        Split R̂ of ‖w − w*‖² of the Langevin chains.
    acceptance : float
        For SGLD the mean Metropolis acceptance its steps would have had.
    escaped : float
        Share of draws with L < L(w*) − 3/s.
    far : float or None
        Share of draws of the Langevin chains with ‖w − w*‖² beyond the 0.999 quantile of the localiser.
    left : float or None
        Share of chains from whose last position gradient descent reaches a loss more than 1/s below that
        from w*.  None where it also does so from 0.03 beside w*, which then is no minimum: chains at a saddle
        have no basin to leave.
    spread : float
        Standard deviation between the chains of what each alone would say λ̂ is.
    discarded : int
        Chains that were left out of all of this, as too many of their draws lie below L(w*).
    """

    lambda_hat: float
    stderr: float
    bias: float
    ess: float | None
    rhat: float | None
    rhat_distance: float | None = None
    acceptance: float
    escaped: float
    far: float | None = None
    left: float | None = None
    spread: float = 0.0
    discarded: int = 0

    @classmethod
    def of(cls, energy: Floats, acceptance: Floats) -> Measures:
        """Measure any chains, by s (L − L(w*)) of their draws (chains, draws) and rates of acceptance."""
        size, error = effective(energy)
        return cls(
            lambda_hat=float(energy.mean()),
            stderr=error,
            bias=0.0,
            ess=size,
            rhat=rhat(energy),
            acceptance=float(acceptance.mean()),
            escaped=float(np.mean(energy < -LIMITS.escape)),
            spread=float(energy.mean(axis=1).std(ddof=1)),
        )

    @classmethod
    def of_langevin(cls, found: LangevinDraws) -> Measures:
        """Measure Langevin chains.

        The error is the larger of the one by effective draws and the one by the spread of the chains' means.
        """
        energy = found.settings.strength * found.excess
        whole, quantile = cls.of(energy, found.acceptance), chi2.ppf(0.999, found.w.shape[1])
        return replace(
            whole,
            stderr=max(whole.stderr, float(spread_error(energy.mean(axis=1)))),
            bias=found.bias,
            rhat_distance=rhat(found.square),
            far=float(np.mean(found.settings.precision * found.square > quantile)),
        )

    def health(self, *, batch: int | None = None, basin: str = "") -> Health:
        """Every reason not to believe the estimate; ``basin`` is the one that ``share_left`` gives."""
        bad = LIMITS
        adds = "the step size adds" if batch is None else "step size and noise of the batches add"
        return Health.of(
            (
                self.escaped > bad.escaped,
                "{escaped:.2%} of the draws lie below L(w*) - {bad.escape:g}/s, something lower is near",
            ),
            (bool(basin), basin),
            # Whether chains have left is not asked along a trajectory.
            ((self.left or 0) > bad.left, "{left:.1%} of the chains end in the basin of something lower"),
            (
                (self.far or 0) > bad.far,
                "{far:.1%} of the draws are farther away than the localiser would have them",
            ),
            ((self.rhat or 0) > bad.rhat, "R-hat {rhat:.3f} exceeds {bad.rhat}, the chains disagree"),
            (
                (self.rhat_distance or 0) > bad.rhat,
                "R-hat {rhat_distance:.3f} of the distance, the chains have not explored the neighbourhood",
            ),
            (self.ess is not None and self.ess < bad.ess, "only {ess:.0f} effective draws"),
            (self.acceptance < bad.acceptance, "acceptance is only {acceptance:.2f}"),
            (self.discarded > 0, "{discarded} chains that fell below L(w*) were discarded"),
            (self.bias > bad.bias, adds + " about {bias:.2f}"),
            bad=bad,
            **self.by_name(),
        )


@result
class MeasureColumns(Record):
    """The measures at t points: (t,) arrays, NaN where there is no number, or where the chains diverged."""

    lambda_hat: np.ndarray = null_for_nan()
    stderr: np.ndarray = null_for_nan()
    bias: np.ndarray = null_for_nan()
    ess: np.ndarray = null_for_nan()
    rhat: np.ndarray = null_for_nan()
    rhat_distance: np.ndarray = null_for_nan()
    acceptance: np.ndarray = null_for_nan()
    escaped: np.ndarray = null_for_nan()
    far: np.ndarray = null_for_nan()

    @classmethod
    def of(cls, points: Sequence[Measures | None]) -> MeasureColumns:
        """Put the measures of several points together, None where the chains diverged."""
        names = [field.name for field in fields(cls)]
        return cls(**{name: np.array([getattr(x, name, None) for x in points], float) for name in names})


def share_left(loss: Loss, centre: Floats, w: Floats, strength: float) -> tuple[float | None, str]:
    """Share of points from which gradient descent reaches a loss more than 1/s below that from w*.

    Returns
    -------
    share : float or None
        None where w* has no basin.
    reason : str
        Why it has none; else empty.
    """
    beside = centre + PROBE * generator(0).standard_normal((PROBES, len(centre)))
    ends = settled_loss(loss, np.concatenate([centre[None], beside, w]))
    lower = ends < ends[0] - LIMITS.lower / strength
    if lower[: 1 + PROBES].any():
        return None, "w* is no local minimum, descent from beside it reaches lower losses"
    share = float(np.mean(lower[1 + PROBES :]))
    here = float(loss.flat(centre[None])[0][0])
    if ends[0] < here - LIMITS.lower / strength:
        return share, f"w* is not critical, descent from it lowers L by {here - ends[0]:.2g}"
    return share, ""
