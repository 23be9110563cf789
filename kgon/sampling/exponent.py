"""The volume exponent λ of L at a point, by two estimators that see only values and gradients of L.

λ is defined by vol{w near w*: L(w) − L(w*) < ε} ~ C ε^λ (log 1/ε)^(m−1).

- **energy**: s E[L(w) − L(w*)] → λ as s → ∞, under p ∝ exp(−s L − ‖w − w*‖²/2R²);
- **volume**: −1/mean log((L − L*)/ε) → λ as ε → 0, over uniform points of {L − L* < ε, ‖w − w*‖ < R}, since
  (L − L*)/ε then has the distribution function t^λ.

Both samples form a plate around the set L = L*, of width s^(−1/2) or ε^(1/2) and radius R.  Where the set
ends at walls within R, a share of order width/R of the sample sits on an edge; a fit in the width removes it
(``extrapolate``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kgon.base.checks import Floats
from kgon.base.results import Record
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.sampling.diagnostics import ess, monte_carlo_error, rhat
from kgon.sampling.hmc import State
from kgon.sampling.localised import sample_localised
from kgon.sampling.sublevel import loss_height, measure_sublevel

EPS = float(np.finfo(float).eps)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExponentSeries(Record):
    """Estimates λ̂ at several strengths s or levels ε, and their limit.

    Attributes
    ----------
    sizes : (k,) array
        s or ε.
    estimates, errors : (k,) arrays
        λ̂ and its Monte Carlo error at each size.
    limit, stderr : float
        The fit at width 0 and its standard error, propagated from ``errors``.
    ess : float or None
        Effective draws of all sizes together; None where L = L(w*) on all of them.
    rhat : float or None
        The largest.
    below : float
        Share of draws below L(w*) by more than rounding; above 0 only if w* is no local minimum.
    """

    sizes: Floats
    estimates: Floats
    errors: Floats
    limit: float
    stderr: float
    ess: float | None
    rhat: float | None
    below: float


def rounding(loss: float) -> float:
    """Bound the rounding error of L(w) − L(w*) near w*, from the loss there."""
    return 8 * EPS * (1 + abs(loss))


def extrapolate(widths: Floats, estimates: Floats, errors: Floats) -> tuple[float, float]:
    """Fit estimate = λ + a·width + b·width²: its value at width 0, and the standard error.

    The quadratic term is unknown but small: b·w₁² at the largest width w₁ gets a normal prior of mean 0
    and the standard deviation that the linear term has there beyond its noise.  Where nothing depends on the
    width this is the fit of a line, where much does nearly that of a parabola.

    Parameters
    ----------
    widths, estimates, errors : (k,) arrays, k ≥ 2

    Examples
    --------
    >>> value, error = extrapolate(np.array([1.0, 0.1]), np.array([7.1, 7.0]), np.array([0.2, 0.2]))
    >>> round(value, 3), round(error, 3)
    (6.989, 0.223)
    """
    x = widths / np.max(widths)
    line = _fit(x, estimates, np.diag(errors**2))
    excess = max(0.0, float(line[0][1] ** 2 - line[1][1, 1]))
    (value, _), variance = _fit(x, estimates, np.diag(errors**2) + excess * np.outer(x**2, x**2))
    return float(value), float(np.sqrt(variance[0, 0]))


def _fit(x: Floats, y: Floats, covariance: Floats) -> tuple[Floats, Floats]:
    """Intercept and slope by generalised least squares, and their covariance."""
    design = np.column_stack([np.ones(len(x)), x])
    weighted = np.linalg.solve(covariance, design)
    variance = np.linalg.inv(design.T @ weighted)
    return variance @ weighted.T @ y, variance


def energy_series(
    rng: np.random.Generator,
    tms: TMS,
    centre: Floats,
    *,
    radius: float,
    strengths: Sequence[float],
    chains: int,
    draws: int,
) -> ExponentSeries:
    """Compute the energy estimator at each s, and its limit in s^(−1/2).

    Where L = L(w*) on all draws, λ̂ = 0 and the error is what rounding could hide, s·δ.

    Parameters
    ----------
    rng : Generator
    tms : TMS
    centre : (d,) array
        w*.
    radius : float
        R.
    strengths : sequence of float
        At least 2 different s.
    chains, draws : int
        See ``sample_localised``.
    """
    noise = rounding(_loss(tms, centre))
    sizes = np.array(strengths, dtype=float)
    samples = [
        sample_localised(
            stream, Potential(tms), centre, strength=s, precision=radius**-2, chains=chains, draws=draws
        ).excess
        for stream, s in zip(rng.spawn(len(sizes)), sizes, strict=True)
    ]
    if _constant(samples, noise):
        return _zero(sizes, sizes * noise)
    energies = [s * excess for s, excess in zip(sizes, samples, strict=True)]
    estimates = np.array([energy.mean() for energy in energies])
    errors = np.array([monte_carlo_error(energy) for energy in energies])
    return _series(sizes, sizes**-0.5, estimates, errors, energies, _below(samples, noise))


def volume_series(
    rng: np.random.Generator,
    tms: TMS,
    centre: Floats,
    *,
    radius: float,
    levels: Sequence[float],
    members: int,
    draws: int,
    thin: int = 1,
) -> ExponentSeries:
    """Compute the volume estimator at each ε, and its limit in ε^(1/2).

    Where L = L(w*) on all draws, λ̂ = 0.  If the members' last positions are independent, that none of
    m of them exceeds the rounding δ gives (δ/ε)^λ ≥ 1 − 3/m with 95 % confidence: the error is the bound of λ
    that follows.

    Parameters
    ----------
    rng : Generator
    tms : TMS
    centre : (d,) array
        w*.
    radius : float
        R.
    levels : sequence of float
        At least 2 different ε.
    members, draws, thin : int
        See ``measure_sublevel``.
    """
    loss = _loss(tms, centre)
    noise = rounding(loss)
    sizes = np.array(levels, dtype=float)
    height = loss_height(tms, centre)
    samples = [
        measure_sublevel(
            stream, height, centre, level=level, radius=radius, members=members, draws=draws, thin=thin
        ).heights
        for stream, level in zip(rng.spawn(len(sizes)), sizes, strict=True)
    ]
    if _constant(samples, noise):
        return _zero(sizes, np.log1p(-3 / members) / np.log(noise / sizes))
    # A height of zero is one that rounding ate; its logarithm is cut where rounding begins.
    floor = EPS * (1 + abs(loss)) / 8
    logs = [-np.log(np.maximum(h, floor) / level) for h, level in zip(samples, sizes, strict=True)]
    estimates = np.array([1 / log.mean() for log in logs])
    errors = np.array([monte_carlo_error(log) for log in logs]) * estimates**2
    return _series(sizes, np.sqrt(sizes), estimates, errors, logs, _below(samples, noise))


def _loss(tms: TMS, centre: Floats) -> float:
    """L(w*)."""
    return float(State.at(Potential(tms), centre[None]).loss[0])


def _constant(samples: Sequence[Floats], noise: float) -> bool:
    return all(np.abs(excess).max() <= noise for excess in samples)


def _below(samples: Sequence[Floats], noise: float) -> float:
    return float(np.mean([np.mean(excess < -noise) for excess in samples]))


def _zero(sizes: Floats, errors: Floats) -> ExponentSeries:
    return ExponentSeries(
        sizes=sizes,
        estimates=np.zeros(len(sizes)),
        errors=errors,
        limit=0.0,
        stderr=float(errors.min()),
        ess=None,
        rhat=None,
        below=0.0,
    )


def _series(
    sizes: Floats,
    widths: Floats,
    estimates: Floats,
    errors: Floats,
    statistics: Sequence[Floats],
    below: float,
) -> ExponentSeries:
    limit, stderr = extrapolate(widths, estimates, errors)
    return ExponentSeries(
        sizes=sizes,
        estimates=estimates,
        errors=errors,
        limit=limit,
        stderr=stderr,
        ess=sum(ess(x) or 0.0 for x in statistics),
        rhat=max(rhat(x) or np.inf for x in statistics),
        below=below,
    )
