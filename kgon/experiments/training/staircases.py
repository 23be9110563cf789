"""Build opposing staircases: along one training run the loss goes down in steps, and λ̂ goes up in steps.

λ̂ is estimated on the training data, with the published settings, at points all along the run.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kgon.base import text
from kgon.base.checks import check_integer
from kgon.base.results import Result, result
from kgon.base.verdicts import Verdict
from kgon.base.work import HERE, Work
from kgon.experiments.llc.along import LocalSeries, estimate_llc_along
from kgon.experiments.llc.settings import Localiser
from kgon.experiments.training.results import Plateau
from kgon.experiments.training.runs import combine_runs
from kgon.experiments.training.trajectory import (
    TEXT_INDEX,
    TEXT_START,
    TrainingSettings,
    path_of,
    train_once,
)
from kgon.potential.empirical import EmpiricalLoss
from kgon.potential.model import TMS
from kgon.sampling.diagnostics import spread_error

POINTS = 126
LIMIT = 3.0
"""Standard errors by which λ̂ of a plateau must exceed that of the one before."""


@result
class Stage(Result):
    """One step of the staircases: a plateau, with the means of L and λ̂ on it.

    Attributes
    ----------
    plateau : Plateau
    loss, lambda_hat, stderr : float
        Means over the points on the plateau, and the standard error of the latter from their spread; NaN is
        never among them: a plateau with fewer than two points is left out.
    points : int
    """

    plateau: Plateau
    loss: float
    lambda_hat: float
    stderr: float
    points: int

    @property
    def summary(self) -> str:
        """L and λ̂ with its error, in words."""
        return f"L = {self.loss:.5f}, lambda-hat = {text.with_error(self.lambda_hat, self.stderr)}"

    def headline(self) -> str:
        at = self.plateau
        return f"{at.label}, steps {at.start} to {at.end}: {self.summary}"


@result
class Staircases(Result):
    """Loss and λ̂ along a training run, and whether one falls and the other rises from stage to stage.

    Attributes
    ----------
    start : str
    index, seed : int
    steps, loss : (t,) arrays
        SGD steps and the population loss there.
    series : LocalSeries
        λ̂ there.
    stages : tuple of Stage
    verdict : Verdict
        CONFIRMED: from each stage to the next the loss falls and λ̂ rises by more than 3 standard errors.
        REFUTED: somewhere the loss rises, or λ̂ falls by so much.  UNDECIDED otherwise, and wherever the
        chains at some point are not to be trusted.
    """

    start: str
    index: int
    seed: int
    steps: np.ndarray
    loss: np.ndarray
    series: LocalSeries
    stages: tuple[Stage, ...]
    verdict: Verdict

    def headline(self) -> str:
        chain = " → ".join(stage.plateau.label for stage in self.stages)
        return f"{chain}: loss down and lambda-hat up, n = {self.series.localiser.n:g}: {self.verdict}"

    def rows(self) -> Sequence[tuple[str, str]]:
        return [*((x.plateau.label, x.summary) for x in self.stages), *self.series.health.rows()]


def build_staircases(
    start: str = TEXT_START,
    *,
    index: int = TEXT_INDEX,
    seed: int = 0,
    points: int = POINTS,
    gamma: float = 1.0,
    work: Work = HERE,
) -> Staircases:
    """Train once by the published protocol, and estimate λ̂ along the run on its training data.

    Parameters
    ----------
    start : str
        Label of the k-gon near which training starts (c = 6).
    index, seed : int
        Trajectory ``index`` of ``training.train`` with that start and seed.
    points : int
        Of the 501 records of the run, evenly spread; at least 10.
    gamma : float
        Precision of the localiser.
    work : Work

    Returns
    -------
    Staircases

    Examples
    --------
    >>> build_staircases(points=40)
    <4++- → 4+ → 5: loss down and lambda-hat up, n = 1000: UNDECIDED>
    """
    check_integer("points", points, 10)
    check_integer("index", index, 0)
    settings = TrainingSettings(starts=(start,), seed=seed)
    arrays = train_once(settings, index)
    run = combine_runs(settings, [arrays], first=index).trajectories[0]
    data = EmpiricalLoss(TMS(6), arrays["feature"], arrays["amplitude"])
    chosen = np.unique(np.linspace(0, len(arrays["steps"]) - 1, points).round().astype(int))
    localiser = Localiser.of(data, gamma=gamma)
    series = estimate_llc_along(data, path_of(arrays).w[chosen], localiser, seed=seed, work=work)
    steps, loss = arrays["steps"][chosen], arrays["loss"][chosen]
    stages = []
    for plateau in run.plateaus:
        on = (steps >= plateau.start) & (steps <= plateau.end) & np.isfinite(series.lambda_hat)
        if plateau.kind != "unresolved" and on.sum() > 1:
            values = series.lambda_hat[on]
            stages.append(
                Stage(
                    plateau=plateau,
                    loss=float(loss[on].mean()),
                    lambda_hat=float(values.mean()),
                    stderr=float(spread_error(values)),
                    points=int(on.sum()),
                )
            )
    return Staircases(
        start=start,
        index=index,
        seed=seed,
        steps=steps,
        loss=loss,
        series=series,
        stages=tuple(stages),
        verdict=series.health.judged(
            opposing([x.loss for x in stages], [x.lambda_hat for x in stages], [x.stderr for x in stages])
        ),
    )


def opposing(loss: Sequence[float], lambda_hat: Sequence[float], stderr: Sequence[float]) -> Verdict:
    """Whether from each stage to the next the loss falls and λ̂ rises, at ``LIMIT`` standard errors.

    Examples
    --------
    >>> opposing([0.2, 0.1], [1.0, 2.0], [0.1, 0.2]), opposing([0.2, 0.1], [1.0, 1.2], [0.1, 0.2])
    (<Verdict.CONFIRMED: 'CONFIRMED'>, <Verdict.UNDECIDED: 'UNDECIDED'>)
    """
    falls = [Verdict.of(bool(x < 0), proved=False) for x in np.diff(loss)]
    rises = zip(np.diff(lambda_hat), np.hypot(stderr[1:], stderr[:-1]), strict=True)
    return Verdict.joint([*falls, *(Verdict.of_margin(x, error, LIMIT) for x, error in rises)])
