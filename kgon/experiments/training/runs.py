"""Train many times and label the runs: on which critical points SGD rests, and between which it moves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from kgon.base.checks import Floats
from kgon.base.results import jsonable
from kgon.base.runs import Arrays
from kgon.base.verdicts import Verdict
from kgon.base.work import HERE, Work
from kgon.experiments.training.plateaus import UNRESOLVED, level_spacing, spectrum
from kgon.experiments.training.results import OtherPoint, Plateau, Training, TrainingRun, TransitionCount
from kgon.experiments.training.trajectory import (
    NOISE,
    PUBLISHED,
    SQUARES,
    TrainingSettings,
    run_trajectories,
)
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.labels import Label
from kgon.kgons.names import RESTED, Register, known_at
from kgon.kgons.nearest_kgon import nearest
from kgon.kgons.values import list_labels
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.proofs.nearby import certify_near
from kgon.sampling.diagnostics import spread_error
from kgon.sampling.sgd import Protocol


def train(
    c: int | TMS = 6,
    *,
    trajectories: int,
    start: str | Sequence[str] = SQUARES,
    noise: float = NOISE,
    protocol: Protocol = PUBLISHED,
    seed: int = 0,
    flow: bool = False,
    work: Work = HERE,
) -> Training:
    """Train many times, and find and name the plateaus.

    Parameters
    ----------
    c : int or TMS
        Features (r = 2); or a model with probabilities and importances of its own, whose k-gons have the
        names that branches from equal ones lead to (``kgon.kgons.followed``).
    trajectories : int
        How many.
    start : str or sequence of str
        Labels, ``4-gons`` (all of them), ``random`` (every parameter N(0, 1)) or ``small`` (N(0, 0.1²));
        several take turns.
    noise : float
        Standard deviation of what is added to the point of a label.
    protocol : Protocol
        The published one, unless told otherwise.
    seed : int
        Every trajectory has samples, start and shuffles of its own, from ``seed`` and its number.
    flow : bool
        Follow the gradient flow of each sample's loss instead, for the time learning rate × steps.
    work : Work
        Its folder keeps every finished trajectory (.npz: steps, W, b, loss, empirical, and its plateaus), to
        go on with, and gets ``training.json``.

    Returns
    -------
    Training

    Raises
    ------
    KgonError
        An option out of range, a trajectory that diverged, or a folder whose ``training.json`` has other
        settings or more trajectories.

    Examples
    --------
    >>> train(trajectories=1, start="4", protocol=Protocol(n=60, epochs=60)).trajectories[0]
    <trajectory 0 from 4: 4>
    """
    tms, starts = TMS.of(c), tuple(list_labels(start))
    settings = TrainingSettings(
        c=tms.c, starts=starts, noise=noise, protocol=protocol, seed=seed, flow=flow, model=tms.own
    )
    return labelled(settings, trajectories, work=work)[0]


def labelled(settings: TrainingSettings, count: int, *, work: Work = HERE) -> tuple[Training, list[Arrays]]:
    """Train as ``train`` does, and return the arrays of every trajectory (``train_once``), too."""
    options = {**jsonable(settings), "trajectories": count}
    file = work.claim("training.json", options, counts=("trajectories",))
    found = run_trajectories(settings, count, work=work)
    outcome = combine_runs(settings, found)
    file.write(outcome)
    return outcome, found


def combine_runs(settings: TrainingSettings, found: Sequence[Arrays], *, first: int = 0) -> Training:
    """Name the plateaus of trajectories ``first``, ``first`` + 1, … and count the transitions."""
    naming = _Naming(settings.tms)
    runs = tuple(
        TrainingRun(
            seed=settings.seed,
            index=k,
            start=settings.starts[k % len(settings.starts)],
            plateaus=_merged(naming.plateaus(arrays)),
        )
        for k, arrays in enumerate(found, start=first)
    )
    kinds = ("catalogued", "other", "unresolved")
    times = np.array([[_time(p for p in run.plateaus if p.kind == kind) for kind in kinds] for run in runs])
    doubtful = np.array([_time(p for p in run.plateaus if p.alternatives) for run in runs])
    length = np.array([arrays["steps"][-1] - arrays["steps"][0] for arrays in found], dtype=np.float64)
    shares = times / length[:, None]
    catalogued, other, unresolved = (float(x) for x in shares.mean(axis=0))
    return Training(
        c=settings.c,
        seed=settings.seed,
        starts=settings.starts,
        protocol=jsonable(settings.protocol),
        flow=settings.flow,
        trajectories=runs,
        transitions=naming.transitions(runs),
        others=naming.examined(runs),
        catalogued=catalogued,
        other=other,
        unresolved=unresolved,
        moving=float(1.0 - shares.sum(axis=1).mean()),
        ambiguous=float(np.mean(doubtful / length)),
        catalogued_stderr=float(spread_error(shares[:, 0])) if len(runs) > 1 else None,
        model=settings.model,
    )


def _time(plateaus: Iterable[Plateau]) -> int:
    """Steps on plateaus."""
    return sum(p.end - p.start for p in plateaus)


class _Root(NamedTuple):
    """A critical point of a plateau: L there, the gap to the mean's, and the gap that is expected."""

    label: str
    catalogued: bool
    loss: float
    gap: float
    expected: float


class _Naming:
    """The names of the critical points of all runs, and what is known of those that are no k-gons."""

    def __init__(self, tms: TMS) -> None:
        self.tms, self.potential, self.spacing = tms, Potential(tms), level_spacing(tms)
        self.loss: dict[str, float] = {}
        self.lambdas: dict[str, Fraction | None] = {}
        if tms.equal:
            for p in sorted(Catalogue(tms.c), key=lambda p: (p.loss, p.name), reverse=True):
                self.loss[p.label], self.lambdas[p.label] = p.loss * tms.strength, p.lambda_
        else:
            named = known_at(tms)
            self.loss |= zip(map(str, named.names), (named.loss * tms.strength).tolist(), strict=True)
        self.levels = dict(self.loss)
        self.register = Register(RESTED, tms)
        self.others: dict[str, tuple[float, Floats]] = {}

    def plateaus(self, arrays: Arrays) -> list[Plateau]:
        """Name the flat stretches of a trajectory."""
        found = []
        stretches = zip(arrays["first"], arrays["last"], arrays["mean"], strict=True)
        for k, (first, last, mean) in enumerate(stretches):
            W, b = self.tms.unpack(mean)
            mine = arrays["owner"] == k
            roots = self._roots(mean, arrays["root"][mine], arrays["expected"][mine])
            best = roots[0] if roots else None
            found.append(
                Plateau(
                    label=best.label if best else UNRESOLVED,
                    catalogued=best is not None and best.catalogued,
                    alternatives=tuple(root.label for root in roots[1:]),
                    start=int(arrays["steps"][first]),
                    end=int(arrays["steps"][last]),
                    loss=float(arrays["loss"][first : last + 1].mean()),
                    critical_loss=best.loss if best else None,
                    gap=best.gap if best else None,
                    expected_gap=best.expected if best else None,
                    W=W,
                    biases=b,
                )
            )
        return found

    def _roots(self, mean: Floats, roots: Floats, expected: Floats) -> list[_Root]:
        """Select the critical points that count, k-gons first, then by their distance in loss."""
        if not len(roots):
            return []
        losses = self.potential.flat(roots)[0]
        gaps = self.potential.flat(mean[None])[0][0] - losses
        found: dict[str, _Root] = {}
        for root, loss, gap, shift in zip(roots, losses, gaps, expected, strict=True):
            if abs(gap) < self.spacing / 2:
                name = self.register.name(root, float(loss))
                kgon = isinstance(name, Label)
                if not kgon:
                    self.loss.setdefault(name.name, float(loss))
                    self.others.setdefault(name.name, (float(loss), root))
                found.setdefault(name.name, _Root(name.name, kgon, float(loss), float(gap), float(shift)))
        return sorted(found.values(), key=lambda root: (not root.catalogued, abs(root.gap)))

    def transitions(self, runs: Sequence[TrainingRun]) -> tuple[TransitionCount, ...]:
        """Count how often one stage follows another."""
        counts = Counter(pair for run in runs for pair in pairwise(run.stages))
        found = []
        for (first, second), count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
            before, after = map(self.lambdas.get, (first, second))
            found.append(
                TransitionCount(
                    first=first,
                    second=second,
                    count=count,
                    delta_loss=float(self.loss[second] - self.loss[first]),
                    delta_lambda=None if before is None or after is None else after - before,
                )
            )
        return tuple(found)

    def examined(self, runs: Sequence[TrainingRun]) -> tuple[OtherPoint, ...]:
        """Examine the critical points that are no k-gons, and try to prove that they exist."""
        found = []
        for name, (loss, root) in sorted(self.others.items(), key=lambda item: item[1][0]):
            W, b = self.tms.unpack(root)
            values, _ = spectrum(self.potential, root)
            near, proof = nearest(W, b), certify_near(W, b, tms=self.tms)
            level = min(self.levels, key=lambda label: abs(self.levels[label] - loss))
            proved = proof.verdict is Verdict.PROVED and proof.distance is not None and proof.distance <= 1e-6
            found.append(
                OtherPoint(
                    label=name,
                    loss=loss,
                    gradient_norm=self.potential.gradient_norm(W, b),
                    W=W,
                    biases=b,
                    smooth=self.potential.smooth(W, b, tol=1e-7),
                    negative=int(np.sum(values < 0)),
                    zero=int(np.sum(values == 0)),
                    proof=Verdict.PROVED if proved else Verdict.CONFIRMED,
                    nearest=near.label,
                    distance=near.distance,
                    level=level,
                    above=loss - self.levels[level],
                    trajectories=sum(name in run.stages for run in runs),
                    alternative=sum(any(name in p.alternatives for p in run.plateaus) for run in runs),
                )
            )
        return tuple(found)


def _merged(found: Sequence[Plateau]) -> tuple[Plateau, ...]:
    """Join consecutive plateaus of one critical point, described by the longest."""
    merged: list[Plateau] = []
    for plateau in found:
        if merged and merged[-1].label == plateau.label:
            before = merged.pop()
            lengths = [p.end - p.start for p in (before, plateau)]
            longer = plateau if lengths[1] > lengths[0] else before
            loss = float(np.average([before.loss, plateau.loss], weights=lengths))
            others = tuple(dict.fromkeys((*before.alternatives, *plateau.alternatives)))
            merged.append(
                replace(longer, start=before.start, end=plateau.end, loss=loss, alternatives=others)
            )
        else:
            merged.append(plateau)
    return tuple(merged)
