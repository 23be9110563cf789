"""λ̂: the learning coefficient estimated by sampling near a point at finite n, and whether to believe it.

λ̂ = s (E[L(w)] − L(w*)) with s = βn under p(w) ∝ exp(−s L(w) − ½ γ ‖w − w*‖²); at β = 1/log n this is the
published estimator (Lau et al. 2023).  L is the population loss or that of a data set, L_n.  As n → ∞ λ̂ tends
to λ at a local minimum; at finite n it depends on n and γ, and where w* is no minimum or chains leave it, it
describes how far they got.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import chi2

from kgon.base import text
from kgon.base.checks import Floats, check_choice, check_integer, check_positive, refusal
from kgon.base.results import Result, result
from kgon.base.streams import generator
from kgon.base.verdicts import KgonError
from kgon.base.work import HERE, Work
from kgon.potential.data import sample
from kgon.potential.descent import settled_loss
from kgon.potential.empirical import EmpiricalLoss
from kgon.potential.loss import Loss, Potential
from kgon.potential.model import TMS, check_tms
from kgon.sampling.diagnostics import ess, monte_carlo_error, rhat, spread_error
from kgon.sampling.langevin import STEP_SIZE, Langevin, LangevinDraws, adapted, run_langevin
from kgon.sampling.localised import sample_localised

SAMPLERS = ("hmc", "mala", "sgld")
LARGEST_RHAT = 1.1
"""What agreeing chains of five effective draws each show: √(1 + 1/5)."""
LEAST_ESS = 400.0
LEAST_ACCEPTANCE = 0.3
ESCAPE = 3.0
"""A draw with L < L(w*) − 3/s has left for something lower."""
MOST_ESCAPED = 1e-3
"""Share of such draws up to which λ̂, of order 1, is changed by less than its usual error."""
MOST_FAR = 0.01
"""A draw is far where the localiser alone would have one draw in 1000; ten times that share is too much."""
MOST_BIAS = 0.25
"""Step-size bias that counts: half the spacing of the values that λ takes."""
LOWER = 1.0
"""Descent from a chain's end has left where it reaches a loss 1/s below that from w*: λ̂ would change by 1."""
MOST_CHAINS = 100_000
MOST_LEFT = 0.02
"""Share of such chains up to which λ̂ changes little: what is not ``escaped`` has energies above −3."""
PROBES, PROBE = 16, 0.03
"""Points about w*, and the standard deviation of their parameters, that tell whether w* has a basin."""
HMC_CHAINS, HMC_STEPS = 256, 300
CHAINS = 10
STEPS, MALA_STEPS = 500, 50_000
"""Default steps of SGLD, as published along trajectories, and of MALA."""
PILOT = (2**31,)
"""Spawn key of the adaptation: no chain has it."""


@result
class LocalEstimate(Result):
    """λ̂ at one n and β, with what tells whether to believe it.

    Attributes
    ----------
    lambda_hat, stderr : float
        s (E[L] − L(w*)) and its Monte Carlo error.  The error covers the sampling only: λ̂ at finite n
        differs from λ.
    n, beta, strength, precision : float
        s = βn, and γ.
    sampler : str
        ``hmc``, ``mala`` or ``sgld``.
    loss : str
        Of the population, or of which data.
    step_size : float or None
        ε of the Langevin chains; HMC adapts several.
    bias : float
        Estimate of what the step size of SGLD adds to λ̂ (see ``simulate.sgld``); it is not subtracted.
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
    health : str
        ``good``, or what is wrong with the sampling, separated by semicolons.
    chains, draws, burn_in, seed : int
        Draws and burn-in per chain.
    batch : int or None
    """

    schema: ClassVar[str] = "local-estimate"

    lambda_hat: float
    stderr: float
    n: float
    beta: float
    strength: float
    precision: float
    sampler: str
    loss: str
    step_size: float | None
    bias: float
    ess: float | None
    rhat: float | None
    rhat_distance: float | None
    acceptance: float
    escaped: float
    far: float | None
    left: float | None
    health: str
    chains: int
    draws: int
    burn_in: int
    seed: int
    batch: int | None

    @property
    def healthy(self) -> bool:
        """Whether nothing speaks against the estimate."""
        return self.health == "good"

    def headline(self) -> str:
        value = text.with_error(self.lambda_hat, self.stderr)
        trust = "healthy" if self.healthy else "not to be trusted"
        return (
            f"lambda-hat = {value} at n = {self.n:g}, beta = {self.beta:.4g}, "
            f"gamma = {self.precision:g}: {trust}"
        )

    def rows(self) -> Sequence[tuple[str, str]]:
        def split(value: float | None) -> str:
            return "none: constant" if value is None else f"{value:.4f}"

        own = []
        if self.far is not None:  # Langevin chains
            own = [
                ("step size ε", f"{self.step_size:.4g}"),
                ("step-size bias of λ̂", "none" if self.sampler == "mala" else f"{self.bias:.3f}"),
                ("split R̂ of the distance", split(self.rhat_distance)),
                ("draws far from w*", f"{self.far:.1%}"),
            ]
        return [
            ("λ̂ (± Monte Carlo error)", f"{self.lambda_hat:.4f} ± {self.stderr:.4f}"),
            ("s = βn", f"{self.strength:.6g}"),
            ("sampler, loss", f"{self.sampler}, {self.loss}"),
            ("effective draws", "none: L is constant" if self.ess is None else f"{self.ess:.0f}"),
            ("split R̂ of the energy", split(self.rhat)),
            ("acceptance", f"{self.acceptance:.2f}{' (would be)' if self.sampler == 'sgld' else ''}"),
            *own,
            ("draws below L(w*) − 3/s", f"{self.escaped:.1%}"),
            ("chains in a lower basin", "w* is no minimum" if self.left is None else f"{self.left:.1%}"),
            ("chains × draws, burn-in", f"{self.chains} × {self.draws}, {self.burn_in}"),
            ("seed", str(self.seed)),
            *(("health", reason) for reason in self.health.split("; ")),
        ]


def llc(
    W: ArrayLike,
    b: ArrayLike,
    *,
    n: float | None = None,
    tms: TMS | None = None,
    sampler: str = "hmc",
    loss: str | int | EmpiricalLoss = "population",
    beta: float | None = None,
    gamma: float = 1.0,
    step_size: float | None = None,
    steps: int | None = None,
    burn_in: int | None = None,
    chains: int | None = None,
    batch: int | None = None,
    seed: int = 0,
    work: Work = HERE,
) -> LocalEstimate:
    """Local learning coefficient at a point, by localised sampling of the population loss or that of data.

    The point need not be critical; where the chains find lower losses, ``health`` says so.

    Parameters
    ----------
    W : (r, c) array_like
    b : (c,) array_like
        w*.
    n : float, optional
        Sample size, above 1; may be left out where ``loss`` has data.
    tms : TMS, optional
        The model; default: that of ``loss``, or r and c of ``W`` with uniform inputs.
    sampler : str
        ``hmc``: an adaptive ensemble of Hamiltonian chains, the most robust.  ``sgld``: as published, with a
        step-size bias.  ``mala``: the same proposals with the Metropolis test.
    loss : str, int or EmpiricalLoss
        ``population``; the seed of a data set of n samples; or the data set.
    beta : float, optional
        Inverse temperature, default 1/log n.
    gamma : float
        Precision γ of the localiser.
    step_size : float, optional
        ε; default 1e-3, as published, for SGLD; MALA adapts it.  Not for HMC.
    steps : int, optional
        Draws per chain, at least 12; default 300 for HMC, 500 for SGLD, as published, 50 000 for MALA.
    burn_in : int, optional
        Steps before; default 0 for SGLD, ``steps`` / 5 for MALA.  HMC has a warm-up of its own.
    chains : int, optional
        At least 2, default 10; for HMC at least 4d, default the larger of 256 and 4d.
    batch : int, optional
        Samples that estimate the gradient of a step of SGLD; default: the whole loss.
    seed : int
        Of the chains.
    work : Work
        Who runs Langevin chains.

    Returns
    -------
    LocalEstimate

    Raises
    ------
    KgonError
        An option out of range or without meaning, a point of the wrong shape, or SGLD that diverges.

    Examples
    --------
    >>> from kgon.kgons.catalogue import Catalogue
    >>> hexagon = Catalogue(6)["6"]
    >>> estimate = llc(hexagon.W, hexagon.biases, n=1e9, gamma=1e4, steps=60)
    >>> abs(estimate.lambda_hat - 8.5) < 0.3, estimate.health
    (True, 'good')
    >>> short = llc(hexagon.W, hexagon.biases, n=5000, sampler="sgld", loss=1)
    >>> short.healthy, short.bias > 0.5
    (False, True)
    """
    model, centre = _point(W, b, tms, loss)
    target, size, source = _loss_of(model, loss, n)
    inverse = check_options(size, beta, gamma, sampler)
    strength = inverse * size
    count = {"hmc": HMC_STEPS, "mala": MALA_STEPS, "sgld": STEPS}[sampler] if steps is None else steps
    check_integer("steps", count, 12)
    if chains is not None:
        check_integer("chains", chains, 2, MOST_CHAINS)
    common: dict[str, Any] = {"n": size, "beta": inverse, "strength": strength, "precision": float(gamma)}
    common |= {"sampler": sampler, "loss": source, "draws": int(count), "seed": seed, "batch": batch}
    if sampler == "hmc":
        for name, value in (("step_size", step_size), ("burn_in", burn_in), ("batch", batch)):
            if value is not None:
                raise KgonError(f"{name} {value!r} is for mala and sgld; hmc adapts itself")
        many = max(HMC_CHAINS, 4 * model.dimension) if chains is None else chains
        return _by_hmc(target, centre, common, many)
    if batch is not None and sampler == "mala":
        raise KgonError(f"batch {batch!r} is for sgld: the Metropolis test needs the whole gradient")
    rest = (count // 5 if sampler == "mala" else 0) if burn_in is None else burn_in
    settings = Langevin(
        strength=strength,
        precision=float(gamma),
        step_size=STEP_SIZE if step_size is None else step_size,
        steps=count,
        burn_in=rest,
        metropolis=sampler == "mala",
        batch=batch,
    )
    many = CHAINS if chains is None else chains
    if sampler == "mala" and step_size is None:
        settings = adapted(target, centre, settings, seed=seed, key=PILOT)
    found = run_langevin(target, centre, settings, chains=many, seed=seed, work=work)
    if found.diverged:
        raise KgonError(
            f"sgld diverges at step_size {settings.step_size:g} and s = βn = {strength:.6g}; a step below "
            f"{1 / strength:.1g} is wanted"
        )
    measured = measure(found)
    measured["left"], basin = _left(target, centre, found.w, strength)
    measured["health"] = health(measured, batch=batch, basin=basin)
    return LocalEstimate(
        **measured, **common, step_size=float(settings.step_size), chains=many, burn_in=int(rest)
    )


def _by_hmc(loss: Loss, centre: Floats, common: dict[str, Any], chains: int) -> LocalEstimate:
    found = sample_localised(
        generator(common["seed"]),
        loss,
        centre,
        strength=common["strength"],
        precision=common["precision"],
        chains=chains,
        draws=common["draws"],
    )
    energy = common["strength"] * found.excess
    measured: dict[str, Any] = {
        "lambda_hat": float(energy.mean()), "stderr": monte_carlo_error(energy), "bias": 0.0,
        "ess": ess(energy), "rhat": rhat(energy), "rhat_distance": None,
        "acceptance": float(found.acceptance.mean()), "escaped": float(np.mean(energy < -ESCAPE)),
        "far": None,
    }  # fmt: skip
    measured["left"], basin = _left(loss, centre, found.w, common["strength"])
    measured["health"] = health(measured, basin=basin)
    return LocalEstimate(**measured, **common, step_size=None, chains=chains, burn_in=0)


def measure(found: LangevinDraws) -> dict[str, Any]:
    """λ̂ and what tells of the health of Langevin chains: fields of ``LocalEstimate``.

    The error is the larger of the one by effective draws and the one by the spread of the chains' means.
    """
    settings = found.settings
    energy = settings.strength * found.excess
    d = found.w.shape[1]
    spread = float(spread_error(energy.mean(axis=1)))
    return {
        "lambda_hat": float(energy.mean()),
        "stderr": max(monte_carlo_error(energy), spread),
        "bias": found.bias,
        "ess": ess(energy),
        "rhat": rhat(energy),
        "rhat_distance": rhat(found.square),
        "acceptance": float(found.acceptance.mean()),
        "escaped": float(np.mean(energy < -ESCAPE)),
        "far": float(np.mean(settings.precision * found.square > chi2.ppf(0.999, d))),
    }


def health(measured: dict[str, Any], *, batch: int | None = None, basin: str = "") -> str:
    """``good``, or every reason not to believe the estimate; ``basin`` is that of ``_left``."""
    reasons = []
    if measured["escaped"] > MOST_ESCAPED:
        share = measured["escaped"]
        reasons.append(f"{share:.2%} of the draws lie below L(w*) - {ESCAPE:g}/s, something lower is near")
    if basin:
        reasons.append(basin)
    if (measured.get("left") or 0.0) > MOST_LEFT:  # not asked along a trajectory
        reasons.append(f"{measured['left']:.1%} of the chains end in the basin of something lower")
    if measured["far"] is not None and measured["far"] > MOST_FAR:
        reasons.append(
            f"{measured['far']:.1%} of the draws are farther away than the localiser would have them"
        )
    if measured["rhat"] is not None and measured["rhat"] > LARGEST_RHAT:
        reasons.append(f"R-hat {measured['rhat']:.3f} exceeds {LARGEST_RHAT}, the chains disagree")
    if measured["rhat_distance"] is not None and measured["rhat_distance"] > LARGEST_RHAT:
        value = measured["rhat_distance"]
        reasons.append(f"R-hat {value:.3f} of the distance, the chains have not explored the neighbourhood")
    if measured["ess"] is not None and measured["ess"] < LEAST_ESS:
        reasons.append(f"only {measured['ess']:.0f} effective draws")
    if measured["acceptance"] < LEAST_ACCEPTANCE:
        reasons.append(f"acceptance is only {measured['acceptance']:.2f}")
    if measured["bias"] > MOST_BIAS:
        source = "the step size adds" if batch is None else "step size and noise of the batches add"
        reasons.append(f"{source} about {measured['bias']:.2f}")
    return "; ".join(reasons) or "good"


def _left(loss: Loss, centre: Floats, w: Floats, strength: float) -> tuple[float | None, str]:
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
    lower = ends < ends[0] - LOWER / strength
    if lower[: 1 + PROBES].any():
        return None, "w* is no local minimum, descent from beside it reaches lower losses"
    share = float(np.mean(lower[1 + PROBES :]))
    here = float(loss.flat(centre[None])[0][0])
    if ends[0] < here - LOWER / strength:
        return share, f"w* is not critical, descent from it lowers L by {here - ends[0]:.2g}"
    return share, ""


def check_options(n: float, beta: float | None, gamma: float, sampler: str) -> float:
    """The inverse temperature; refuses what has no meaning."""
    n = check_positive("n", n, 1)
    check_positive("gamma", gamma)
    check_choice("sampler", sampler, SAMPLERS)
    return float(1 / np.log(n)) if beta is None else check_positive("beta", beta)


def _point(W: ArrayLike, b: ArrayLike, tms: TMS | None, loss: Any) -> tuple[TMS, Floats]:
    """The model and the flat point."""
    weights = np.asarray(W)
    if weights.ndim != 2:
        raise KgonError(f"one point is wanted, W of shape (r, c); got {weights.shape}")
    if isinstance(loss, EmpiricalLoss):
        if tms not in (None, loss.tms):
            raise KgonError(f"the data set is one of {loss.tms}, tms says {tms}")
        tms = loss.tms
    model = TMS(weights.shape[1], weights.shape[0]) if tms is None else check_tms(tms)
    return model, model.pack(W, b)


def _loss_of(tms: TMS, loss: str | int | EmpiricalLoss, n: Any) -> tuple[Loss, float, str]:
    """The loss, n, and what to call the loss."""
    if isinstance(loss, EmpiricalLoss):
        if n not in (None, loss.n):
            raise KgonError(f"the data set has {loss.n} samples, n says {n!r}")
        return loss, float(loss.n), f"{loss.n} samples"
    if n is None:
        raise KgonError("n, the sample size, is wanted")
    if isinstance(loss, str):
        if loss != "population":
            raise KgonError(f"loss must be 'population', the seed of a data set, or a data set; got {loss!r}")
        return Potential(tms), n, "population"
    size = check_positive("n", n)
    if size != int(size):
        raise refusal("n", "a whole number of samples", n)
    data = EmpiricalLoss(tms, *sample(tms, int(size), seed=loss))
    return data, size, f"{int(size)} samples, data seed {loss}"
