"""Hold the Laplace constants against the local evidence, by importance sampling at large n.

``D(s) = log Z(s) − log Z_laplace(s)``, s = βn, is the logarithm of a mean importance weight: w = R_θ(w* + z)
with z from the Laplace Gaussian on the slice, in antithetic pairs ±z; a dead column (x, b) from a density
that covers its region and the edge.  D falls like 1/s at an isolated orbit, with ``laplace2`` like 1/s²; at
a k-gon with dead columns like s^{−1/3} (docs, derivation 5a).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.special import ndtri
from scipy.stats import qmc

from kgon.base.checks import Floats, check_integer, check_seed
from kgon.base.results import Result, result
from kgon.base.verdicts import KgonError
from kgon.base.work import HERE, Work
from kgon.free_energy.constants.dead import at_strength, dead_edge, dead_mass
from kgon.free_energy.constants.second_order import Slice, order_coefficient, slice_at
from kgon.kgons.labels import Label
from kgon.kgons.values import check_label, polygon, standard_point
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.sampling.diagnostics import spread_error
from kgon.sampling.hmc import State

SIZES = (1e3, 3e3, 1e4, 3e4, 1e5, 3e5, 1e6)
"""Values of s = βn."""
LOG2_PAIRS = 14
"""Antithetic pairs of one replicate, as a power of two."""
REPLICATES = 16
"""Independently scrambled Sobol sequences; their spread is the standard error."""


@result
class LocalEvidence(Result):
    """D(s) = log Z − log Z_laplace of one k-gon, and what the next order says of it.

    Attributes
    ----------
    label : str
    c : int
    strengths : (m,) array
        s = βn.
    excess, stderr : (m,) arrays
        D(s) by importance sampling, and its standard error.
    leading : (m,) array
        The leading term of D: K/s, or with δ dead columns δ (A/P) s^{−1/3}.
    second : (m,) array
        D according to ``laplace2``.
    pairs, replicates, seed : int
    """

    label: str
    c: int
    strengths: np.ndarray
    excess: np.ndarray
    stderr: np.ndarray
    leading: np.ndarray
    second: np.ndarray
    pairs: int
    replicates: int
    seed: int

    def headline(self) -> str:
        return (
            f"{Label.parse(self.label).pretty}-gon: log Z - log Z_laplace = "
            f"{self.excess[-1]:.3g} ± {self.stderr[-1]:.1g} at beta n = {self.strengths[-1]:g}"
        )

    def rows(self) -> Sequence[tuple[str, str]]:
        lines = zip(self.strengths, self.excess, self.stderr, self.leading, self.second, strict=True)
        return [
            (f"beta n = {s:g}", f"{d:.6f} ± {e:.6f}; leading term {lead:.6f}, laplace2 {two:.6f}")
            for s, d, e, lead, two in lines
        ]


def sample_local_evidence(
    label: Label | str,
    c: int = 6,
    *,
    strengths: Sequence[float] = SIZES,
    log2_pairs: int = LOG2_PAIRS,
    replicates: int = REPLICATES,
    seed: int = 0,
    work: Work = HERE,
) -> LocalEvidence:
    """Sample D(s) = log Z − log Z_laplace of a k-gon, k ≥ 5, with σ = 0 or δ = 0, at each s, a task.

    Raises
    ------
    KgonError
        Another label; fewer than two replicates, or not 2⁴ to 2²⁴ pairs.

    Examples
    --------
    >>> found = sample_local_evidence("6", strengths=[1e5], log2_pairs=10)
    >>> bool(abs(found.excess[0] - found.second[0]) < 5 * found.stderr[0] + 1e-5)
    True
    """
    name, c = check_label(label, c)
    dead = name.roles(c).count("dead")
    if name.k < 5 or (name.sigma and dead):
        raise KgonError(f"local evidence is for k >= 5 without both dead and positive columns, got {name}")
    check_integer("log2_pairs", log2_pairs, 4, 24)
    check_integer("replicates", replicates, 2)
    W, b = standard_point(name, c)
    tms, columns = TMS(c), [j for j, role in enumerate(name.roles(c)) if role != "dead"]
    order = order_coefficient(W, b, tms=tms, columns=columns)
    geometry, w = slice_at(W, b, tms=tms, columns=columns), tms.pack(W, b)
    s = np.asarray(strengths, dtype=np.float64)
    check_seed(seed)
    tasks = [
        (name, geometry, w, x, log2_pairs, _streams(seed, replicates, k)) for k, x in enumerate(s.tolist())
    ]
    found = np.array(work.map(_excess, tasks))
    leading, second = order / s, order / s
    if dead:
        mass, edge = float(dead_mass(name.k)), float(dead_edge(name.k, c))
        leading = dead * edge / mass * s ** (-1 / 3)
        second = second + dead * np.log(at_strength(name.k, c, s) / mass)
    return LocalEvidence(
        label=str(name),
        c=c,
        strengths=s,
        excess=found[:, 0],
        stderr=found[:, 1],
        leading=leading,
        second=second,
        pairs=2**log2_pairs,
        replicates=replicates,
        seed=seed,
    )


def _streams(seed: int, replicates: int, place: int) -> list[np.random.SeedSequence]:
    """A stream for each replicate, from which a Sobol net takes the child of its size's place."""
    return [np.random.SeedSequence(seed, spawn_key=(i,), n_children_spawned=place) for i in range(replicates)]


def _excess(
    label: Label,
    geometry: Slice,
    w: Floats,
    s: float,
    log2_pairs: int,
    streams: Sequence[np.random.SeedSequence],
) -> tuple[float, float]:
    """The logarithm of the mean weight at the k-gon w, flat, and its standard error."""
    c = len(w) // 3
    potential = Potential(TMS(c))
    values, vectors = np.linalg.eigh(geometry.hessian)
    spread = geometry.basis @ (vectors / np.sqrt(values)) / math.sqrt(s)
    level = float(State.at(potential, w[None]).loss[0])
    turned = np.concatenate([geometry.tangent[c : 2 * c], -geometry.tangent[:c], np.zeros(c)])
    places = [i * c + j for j, role in enumerate(label.roles(c)) if role == "dead" for i in range(3)]
    live = len(values)
    means = []
    for stream in streams:
        sobol = qmc.Sobol(live + len(places), rng=np.random.Generator(np.random.Philox(stream)))
        uniform = np.clip(sobol.random_base2(log2_pairs), 1e-15, 1 - 1e-15)
        normal = ndtri(uniform[:, :live])
        dead, log_ratio = _dead_columns(uniform[:, live:], label, c, s)
        weight = np.zeros(len(uniform))
        for sign in (1.0, -1.0):
            z = sign * normal @ spread.T
            points = w + z
            points[:, places] = dead
            loss = State.at(potential, points).loss
            jacobian = np.maximum(1 + z @ turned / geometry.norm, 0.0)
            exponent = log_ratio - s * (loss - level) + 0.5 * np.sum(normal**2, axis=1)
            exponent += -(z @ w) - 0.5 * np.sum(z**2, axis=1)
            weight += 0.5 * jacobian * np.exp(exponent)
        means.append(float(weight.mean()))
    mean = float(np.mean(means))
    return math.log(mean), float(spread_error(np.array(means)) / mean)


def _dead_columns(uniform: Floats, label: Label, c: int, s: float) -> tuple[Floats, Floats]:
    """Make dead columns (x, y, b) of three uniform numbers each, with the log of prior over proposal over P.

    x is uniform on a disc that covers the polygon and the edge, where e^{−s cost} has fallen below 1e-16;
    b = −‖x‖² − |g|, g standard normal: the domain of ``constants.dead.dead_mass_at``.
    """
    size, numbers = uniform.shape
    log_ratio = np.zeros(size)
    if not numbers:
        return np.empty((size, 0)), log_ratio
    found = polygon(label.k)
    length, bias = float(found.length), -float(found.bias)
    # Along x·W_j = |b*| + ε the cost is ε³/(3c(|b*| + ε)): grow ε until s times it is 37.
    edge = bias
    while s * (edge - bias) ** 3 / (3 * c * edge) < 37:
        edge *= 1.01
    radius = edge / length / math.cos(math.pi / label.k)
    columns = []
    for k in range(0, numbers, 3):
        rho, angle = radius * np.sqrt(uniform[:, k]), 2 * math.pi * uniform[:, k + 1]
        g = -ndtri(uniform[:, k + 2] / 2)
        b = -(rho**2) - g
        columns += [rho * np.cos(angle), rho * np.sin(angle), b]
        # prior density of (x, b) over π⁻¹ radius⁻² times the half-normal density of g
        log_ratio += -0.5 * rho**2 - math.log(2) + 2 * math.log(radius)
        log_ratio += 0.5 * (g**2 - b**2) - math.log(2) - math.log(float(dead_mass(label.k)))
    return np.stack(columns, axis=1), log_ratio
