"""Estimate a local learning coefficient by sampling near a point, and say whether to believe the estimate.

λ̂ = s (E[L(w)] − L(w*)) with s = βn, under the localised posterior p(w) ∝ exp(−s L(w) − ½ γ ‖w − w*‖²).  At
β = 1/log n this is the published estimator (Lau et al. 2023).  L is the population loss or that of a data
set, L_n.  As n → ∞ λ̂ tends to λ at a local minimum; at finite n it depends on n and γ, and where w* is no
minimum or chains leave it, it describes how far they got.

``llc`` takes keywords, ``estimate_llc`` the settings that they stand for (``llc.settings``);
``llc.measures`` turns draws into numbers and judges them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from kgon.base import text
from kgon.base.checks import Floats, check_choice, check_positive, refusal
from kgon.base.results import Result, part, result
from kgon.base.streams import generator
from kgon.base.verdicts import Health, KgonError
from kgon.base.work import HERE, Work
from kgon.experiments.llc.measures import Measures, share_left
from kgon.experiments.llc.settings import HMC, SAMPLERS, Localiser, Sampler
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.labels import Label
from kgon.potential.data import sample
from kgon.potential.empirical import EmpiricalLoss
from kgon.potential.loss import Loss, Potential
from kgon.potential.model import TMS, check_tms
from kgon.sampling.langevin import Langevin, adapted, run_langevin
from kgon.sampling.localised import sample_localised

PILOT = (2**31,)
"""Spawn key of the adaptation: no chain has it."""


@result
class LocalEstimate(Result):
    """λ̂ at one n and β, with what tells whether to believe it.

    Attributes
    ----------
    estimate : Measures
        λ̂, its error, and how the chains did.
    localiser : Localiser
        n, β and γ.
    sampler : Sampler
        As it was used: ``chains`` is a number, ``step_size`` that to which MALA has adapted.
    loss : str
        Of the population, or of which data.
    seed : int
    health : Health
    """

    estimate: Measures = part()
    localiser: Localiser = part()
    sampler: Sampler = part(steps="draws")
    loss: str
    seed: int
    health: Health

    @property
    def lambda_hat(self) -> float:
        """The estimate λ̂."""
        return self.estimate.lambda_hat

    @property
    def stderr(self) -> float:
        """The Monte Carlo error of λ̂."""
        return self.estimate.stderr

    def data(self) -> dict[str, Any]:
        return {**Result.data(self), "strength": self.localiser.strength}

    def headline(self) -> str:
        value = text.with_error(self.lambda_hat, self.stderr)
        density = self.localiser
        return (
            f"lambda-hat = {value} at n = {density.n:g}, beta = {density.beta:.4g}, "
            f"gamma = {density.gamma:g}: {self.health.trust}"
        )

    def rows(self) -> Sequence[tuple[str, str]]:
        def split(value: float | None) -> str:
            return "none: constant" if value is None else f"{value:.4f}"

        found, used, own = self.estimate, self.sampler, []
        if found.far is not None:  # Langevin chains
            own = [
                ("step size ε", f"{used.step_size:.4g}"),
                ("step-size bias of λ̂", "none" if used.kind == "mala" else f"{found.bias:.3f}"),
                ("split R̂ of the distance", split(found.rhat_distance)),
                ("draws far from w*", f"{found.far:.1%}"),
            ]
        return [
            ("λ̂ (± Monte Carlo error)", f"{self.lambda_hat:.4f} ± {self.stderr:.4f}"),
            ("s = βn", f"{self.localiser.strength:.6g}"),
            ("sampler, loss", f"{used.kind}, {self.loss}"),
            ("effective draws", "none: L is constant" if found.ess is None else f"{found.ess:.0f}"),
            ("split R̂ of the energy", split(found.rhat)),
            ("acceptance", f"{found.acceptance:.2f}{' (would be)' if used.kind == 'sgld' else ''}"),
            *own,
            ("draws below L(w*) − 3/s", f"{found.escaped:.1%}"),
            ("chains in a lower basin", "w* is no minimum" if found.left is None else f"{found.left:.1%}"),
            ("chains × draws, burn-in", f"{used.chains} × {used.steps}, {used.burn_in}"),
            *([] if used.discard is None else [("chains discarded", f"{found.discarded}")]),
            ("seed", str(self.seed)),
            *self.health.rows(),
        ]


def estimate_llc(
    loss: Loss,
    centre: Floats,
    localiser: Localiser,
    sampler: Sampler = HMC,
    *,
    seed: int = 0,
    work: Work = HERE,
) -> LocalEstimate:
    """Estimate λ̂ at one point.

    Parameters
    ----------
    loss : Loss
        The population loss, or that of a data set.
    centre : (d,) array
        w*, flat.
    localiser, sampler
        What is sampled, and how.
    seed : int
        Of the chains.
    work : Work
        Who runs Langevin chains.

    Raises
    ------
    KgonError
        Too few chains, a batch of the population loss, or SGLD that diverges.
    """
    used = replace(sampler, chains=sampler.count(len(centre)))
    if used.kind == "hmc":
        found, ends = _by_ensemble(loss, centre, localiser, used, seed)
    else:
        settings = used.langevin(localiser)
        if used.step_size is None:
            settings = adapted(loss, centre, settings, seed=seed, key=PILOT)
        used = replace(used, step_size=settings.step_size)
        found, ends = _by_langevin(loss, centre, settings, used, seed, work)
    share, basin = share_left(loss, centre, ends, localiser.strength)
    found = replace(found, left=share)
    return LocalEstimate(
        estimate=found,
        localiser=localiser,
        sampler=used,
        loss=f"{loss.n} samples" if isinstance(loss, EmpiricalLoss) else "population",
        seed=seed,
        health=found.health(batch=sampler.batch, basin=basin),
    )


def _by_ensemble(
    loss: Loss, centre: Floats, localiser: Localiser, sampler: Sampler, seed: int
) -> tuple[Measures, Floats]:
    """Measures of Hamiltonian chains, and where they end."""
    found = sample_localised(
        generator(seed),
        loss,
        centre,
        strength=localiser.strength,
        precision=localiser.gamma,
        chains=sampler.count(len(centre)),
        draws=sampler.steps,
    )
    return Measures.of(localiser.strength * found.excess, found.acceptance), found.w


def _by_langevin(
    loss: Loss, centre: Floats, settings: Langevin, sampler: Sampler, seed: int, work: Work
) -> tuple[Measures, Floats]:
    """Measures of Langevin chains that are not discarded, and where they end."""
    chains = sampler.count(len(centre))
    found = run_langevin(loss, centre, settings, chains=chains, seed=seed, work=work)
    if found.diverged:
        raise KgonError(
            f"sgld diverges at step_size {settings.step_size:g} and s = βn = {settings.strength:.6g}; a step "
            f"below {1 / settings.strength:.1g} is wanted"
        )
    kept = found if sampler.discard is None else found.keep(sampler.discard)
    if len(kept.w) < 2:
        raise KgonError(
            f"{chains - len(kept.w)} of {chains} chains have more than {sampler.discard:.0%} of their draws "
            "below L(w*): none is left to compare"
        )
    return replace(Measures.of_langevin(kept), discarded=chains - len(kept.w)), kept.w


def llc(
    W: ArrayLike | Label | str,
    b: ArrayLike | None = None,
    *,
    n: float | None = None,
    tms: TMS | None = None,
    sampler: str = "hmc",
    loss: str | int | EmpiricalLoss = "population",
    beta: float | None = None,
    gamma: float = 1.0,
    seed: int = 0,
    work: Work = HERE,
    **chains: Any,
) -> LocalEstimate:
    """Estimate λ̂ at a point, by localised sampling of the population loss or of that of data.

    The point need not be critical; where the chains find lower losses, ``health`` says so.

    Parameters
    ----------
    W : (r, c) array_like, Label or str
        Of w*; or the label of a k-gon, which is w* at its standard representative.
    b : (c,) array_like, optional
        Not with a label.
    n : float, optional
        Sample size, above 1; may be left out where ``loss`` has data.
    tms : TMS, optional
        The model; default: that of ``loss``, or r and c of ``W`` with uniform inputs (c = 6 with a label).
    sampler : str
        ``hmc``, ``mala`` or ``sgld``; see ``Sampler``.
    loss : str, int or EmpiricalLoss
        ``population``; the seed of a data set of n samples; or the data set.
    beta : float, optional
        Inverse temperature, default 1/log n.
    gamma : float
        Precision γ of the localiser.
    seed : int
        Of the chains.
    work : Work
        Who runs Langevin chains.
    **chains
        ``chains``, ``steps``, ``burn_in``, ``step_size``, ``batch`` and ``discard`` in place of the
        sampler's own.

    Returns
    -------
    LocalEstimate

    Raises
    ------
    KgonError
        An option out of range or without meaning, a point of the wrong shape, or SGLD that diverges.

    Examples
    --------
    >>> found = llc("6", n=1e9, gamma=1e4, steps=60)
    >>> abs(found.lambda_hat - 8.5) < 0.3, found.health.good
    (True, True)
    >>> short = llc("6", n=5000, sampler="sgld", loss=1)
    >>> short.health.good, short.estimate.bias > 0.5
    (False, True)
    """
    if isinstance(loss, EmpiricalLoss):
        if tms not in (None, loss.tms):
            raise KgonError(f"the data set is one of {loss.tms}, tms says {tms}")
        tms = loss.tms
    model, centre = _point(W, b, tms)
    target = loss_of(model, loss, n)
    chosen = SAMPLERS[check_choice("sampler", sampler, SAMPLERS)].but(**chains)
    localiser = Localiser.of(target, n, beta=beta, gamma=gamma)
    found = estimate_llc(target, centre, localiser, chosen, seed=seed, work=work)
    if isinstance(loss, (str, EmpiricalLoss)):
        return found
    return replace(found, loss=f"{found.loss}, data seed {loss}")


def _point(W: ArrayLike | Label | str, b: ArrayLike | None, tms: TMS | None) -> tuple[TMS, Floats]:
    """Find the model and the flat point that W and b, or a label, stand for."""
    if isinstance(W, (str, Label)):
        point = Catalogue(6 if tms is None else tms.c)[W]
        if b is not None:
            raise KgonError(f"the label {W} names a whole point: no b beside it")
        W, b = point.W, point.biases
    if b is None:
        raise KgonError('b is missing: a point is W and b, or the label of a k-gon, such as "6"')
    weights = np.asarray(W)
    fitting = TMS.of_point(weights)
    model = fitting if tms is None else check_tms(tms)
    return model, model.pack(weights, b)


def loss_of(tms: TMS, loss: str | int | EmpiricalLoss, n: float | None) -> Loss:
    """Find the loss that ``population``, the seed of a data set of n samples, or a data set stands for."""
    if isinstance(loss, EmpiricalLoss):
        return loss
    if isinstance(loss, str):
        if loss != "population":
            raise KgonError(f"loss must be 'population', the seed of a data set, or a data set; got {loss!r}")
        return Potential(tms)
    size = check_positive("n", n)
    if size != int(size):
        raise refusal("n", "a whole number of samples", n)
    return EmpiricalLoss(tms, *sample(tms, int(size), seed=loss))
