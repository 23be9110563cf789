"""Integrate exp(−q) over the normal coordinates of the 4-gon with four live vertices.

q is the leading function of derivation 2d, in the coordinates (ν_j, β_j; gaps a_j; W_p, η_p; W_m).  Given
the live biases β (4 numbers) and the sum P of the positive columns it falls apart:

* ν_j: Gaussian, ∫exp(−(ν² + 3νβ + 3β²)/3 − b P·e_j ν/2) dν = √(3π) exp(−β² + ¾(β + b P·e_j/2)²);
* η_p: Gaussian, √(π/c) each;
* a dead column: ∫exp(−off(x, β₀) − off(−x, β₂) − b P_x x) dx times the same with (y, β₁, β₃, P_y);
* the positive columns: the σ-fold convolution of exp(−off(x, β₀) − off(−x, β₂)) at P_x, the same at P_y, and
  exp(−b|P|²);
* the gaps: Σ a_j = 0, so the four-fold convolution at 0 of
  g_j(a) = exp(−off(a, β_j) − off(a, β_{j+1}) − b τ_j a), where Σ τ_j a_j = P·Σ φ_j t_j,
  τ = ½(P_x + P_y, P_y − P_x, −P_x − P_y, P_x − P_y).

g_j → exp(−b τ_j a) as a → −∞.  Only the constrained product converges; as Σ a_j = 0 every g_j may be
multiplied by the same exp(κ a) without changing it, and then each factor decays on both sides and the
convolution is a product of discrete Fourier transforms.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from kgon.base.checks import Floats
from kgon.kgons.square_minima import minimise_reduced
from kgon.numerics.quasi_monte_carlo import IntegralEstimate, SplitSinh, integrate

STEP = 0.2
"""Grid step of the one-dimensional integrals at scale 1: the trapezoid rule is within 1e-4 of each."""
HALF = 128
"""Grid points on either side of 0."""
REACH = 6.0
"""Largest −β_j, and half the largest |P|, at scale 1; beyond them the grid is stretched."""
DAMPINGS = np.array([0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2])
"""Candidates for κ at scale 1, in excess of the largest tilt."""
DRIFT = 0.7
"""Share of the minimising β that the importance density follows; 0.5 to 0.85 do about as well."""
CHUNK = 64
"""Samples evaluated together: their grids fit in a cache of half a megabyte."""

UNIT = STEP * np.arange(-HALF, HALF)


def off_values(a: Floats, b: Floats) -> Floats:
    """Evaluate ∫₀¹ (aμ + b)₊² dμ = ((a + b)₊³ − b₊³)/(3a), which is b₊² at a = 0; the arguments broadcast."""
    top, bottom = np.maximum(a + b, 0), np.maximum(b, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = (top * top * top - bottom * bottom * bottom) / (3 * a)  # a power takes ten times as long
    return np.where(a == 0, bottom * bottom, value)


def _reversed(values: Floats) -> Floats:
    """f(−a) on the grid; the first point, −HALF·STEP, has no mirror image and gets 0."""
    turned = np.zeros_like(values)
    turned[:, 1:] = values[:, :0:-1]
    return turned


def log_gap_integral(pair: Floats, tilt: Floats, scale: Floats) -> Floats:
    """Compute the logarithm of ∫ ∏_j E_j(a_j) E_{j+1}(a_j) exp(−tilt_j a_j) over Σ a_j = 0.

    Of the candidates for κ the one with the smallest ∏_j ∫g_j(a) exp(κ a) da is used: near that saddle the
    sum of the four gaps has mean 0 under the normalised factors, and its density at 0 no cancellation.

    Parameters
    ----------
    pair : (4, n, grid) array
        E_j(a) = exp(−off(a, β_j)) on the grid ``scale``·UNIT.
    tilt : (4, n) array
    scale : (n,) array

    Returns
    -------
    (n,) array
    """
    excess = (np.abs(tilt).max(axis=0) - tilt) * scale
    factors = pair * np.roll(pair, -1, axis=0) * np.exp(excess[:, :, None] * UNIT)
    candidates = np.exp(np.multiply.outer(UNIT, DAMPINGS))
    sums = factors @ candidates
    best = np.log(sums).sum(axis=0).argmin(axis=1)
    chosen = np.take_along_axis(sums, best[None, :, None], axis=2)
    product = np.fft.rfft(factors * candidates.T[best] / chosen, axis=2).prod(axis=0)
    # Each transform is of the grid that begins at −HALF·STEP; four shifts by HALF are whole periods, and the
    # mean over all frequencies of the product is the circular convolution at 0.
    density = (2 * product.real.sum(axis=1) - product[:, 0].real - product[:, -1].real) / UNIT.size
    with np.errstate(divide="ignore"):
        log_density = np.log(np.maximum(density, 0))
    return np.asarray(log_density + np.log(chosen).sum(axis=0)[:, 0] + 3 * np.log(STEP * scale))


def column_integral(forward: Floats, backward: Floats, tilt: Floats, scale: Floats) -> Floats:
    """Integrate exp(−off(x, β) − off(−x, β′) − tilt·x) over x, one coordinate of a dead column; (n,)."""
    bent = np.exp(-(tilt * scale)[:, None] * UNIT)
    return np.asarray(STEP * scale * np.einsum("ng,ng,ng->n", forward, _reversed(backward), bent))


def convolution_power(beta: Floats, opposite: Floats, power: int, at: Floats, scale: Floats) -> Floats:
    """Evaluate the ``power``-fold convolution of u(x) = exp(−off(x, β) − off(−x, β′)) at ``at``; (n,).

    All factors but one are convolved on the grid; the last one is evaluated at ``at`` minus the grid.
    """

    def u(x: Floats, b: Floats, other: Floats) -> Floats:
        return np.asarray(np.exp(-off_values(x, b) - off_values(-x, other)))

    if power == 1:
        return u(at, beta, opposite)
    grid = scale[:, None] * UNIT
    last = u(at[:, None] - grid, beta[:, None], opposite[:, None])
    rest = u(grid, beta[:, None], opposite[:, None])
    if power > 2:
        transform = np.fft.rfft(np.fft.ifftshift(rest, axes=1), axis=1) ** (power - 1)
        rest = np.fft.fftshift(np.fft.irfft(transform, UNIT.size, axis=1), axes=1)
    return np.asarray((STEP * scale) ** (power - 1) * np.einsum("ng,ng->n", rest, last))


def log_outer(points: Floats, c: int, sigma: int) -> Floats:
    """Compute the logarithm of the integral of exp(−q) over everything but (β, P).

    Parameters
    ----------
    points : (n, 4) array of β if σ = 0, else (n, 6) array of (β, P)

    Returns
    -------
    (n,) array
    """
    return np.concatenate([_log_outer(points[i : i + CHUNK], c, sigma) for i in range(0, len(points), CHUNK)])


def _log_outer(points: Floats, c: int, sigma: int) -> Floats:
    delta, b = c - 4 - sigma, 1 / (2 * c)
    beta = points[:, :4].T
    x, y = points[:, 4:].T if sigma else np.zeros((2, len(points)))
    reach = np.maximum(-beta.min(axis=0), np.maximum(np.abs(x), np.abs(y)) / 2)
    scale = np.maximum(1.0, reach / REACH)
    pair = np.exp(-off_values(scale[:, None] * UNIT, beta[:, :, None]))
    along = b * np.array([x, y, -x, -y])
    log = np.sum(0.5 * np.log(3 * np.pi) - beta**2 + 0.75 * (beta + along / 2) ** 2, axis=0)
    log += log_gap_integral(pair, b / 2 * np.array([x + y, y - x, -x - y, x - y]), scale)
    parts: list[tuple[int, Floats]] = []
    if delta:
        parts.append((delta, column_integral(pair[0], pair[2], b * x, scale)))
        parts.append((delta, column_integral(pair[1], pair[3], b * y, scale)))
    if sigma:
        log += 0.5 * sigma * np.log(np.pi / c) - b * (x**2 + y**2)
        parts.append((1, convolution_power(beta[0], beta[2], sigma, x, scale)))
        parts.append((1, convolution_power(beta[1], beta[3], sigma, y, scale)))
    with np.errstate(divide="ignore"):
        # A convolution may underflow, or come out below 0 by rounding, far out in the tails.
        return np.asarray(log + sum(times * np.log(np.maximum(part, 0)) for times, part in parts))


@lru_cache(maxsize=256)
def _slopes(c: int, sigma: int) -> tuple[Floats, Floats]:
    """β where q(·, P) is smallest, at P = (1, 0) and P = (1, 1)."""
    axis, corner = (minimise_reduced(np.array(P), c, sigma)[1][4:8] for P in ([1.0, 0.0], [1.0, 1.0]))
    return axis, corner


def drift(P: Floats, c: int, sigma: int) -> Floats:
    """Say where the importance density of β is centred as P grows: (n, 4), from P (n, 2).

    ``DRIFT`` times the β at which q(·, P) is smallest: exactly for P along an axis or a diagonal, linear
    between, extended by symmetry.  The integral over β is only moved by it, and keeps its value.
    """
    axis, corner = (DRIFT * slope for slope in _slopes(c, sigma))
    large, small = np.abs(P).max(axis=1), np.abs(P).min(axis=1)
    swap = np.abs(P[:, 1]) > np.abs(P[:, 0])
    along = np.outer(large - small, axis) + np.outer(small, corner)  # outputs: P large, small, −large, −small
    index = np.where(swap[:, None], [1, 0, 3, 2], [0, 1, 2, 3])
    out = np.take_along_axis(along, index, axis=1)
    for j in (0, 1):
        flip = P[:, j] < 0
        out[flip, j], out[flip, j + 2] = out[flip, j + 2], out[flip, j]
    return out


def start_density(sigma: int) -> SplitSinh:
    """Choose the density in (β less its drift, P) that the pilot samples from."""
    mode, spread, tail = [-0.7] * 4, [1.5] * 4, [0.3] * 4
    if sigma:
        mode, spread, tail = mode + [0.0] * 2, spread + [1.5 * np.sqrt(sigma) + 0.5] * 2, tail + [0.5] * 2
    return SplitSinh(np.array(mode), np.array(spread), np.array(spread), np.array(tail))


def circle_integral(
    c: int, sigma: int, *, log2_points: int | None = None, replicates: int = 16, seed: int = 0
) -> IntegralEstimate:
    """Estimate ∫ exp(−q) over the 2c + 3 + σ normal coordinates (rotation and dead biases left out)."""

    def log_integrand(points: Floats) -> Floats:
        moved = points.copy()
        if sigma:
            moved[:, :4] += drift(points[:, 4:], c, sigma)
        return log_outer(moved, c, sigma)

    return integrate(
        log_integrand,
        start_density(sigma),
        log2_points=log2_points or (10 if sigma else 9),
        replicates=replicates,
        seed=seed,
    )
