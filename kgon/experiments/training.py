"""Training runs, labelled: on which critical points SGD rests, and between which it moves."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from kgon.catalogue import Catalogue
from kgon.certify_point import certify_near
from kgon.classify import nearest
from kgon.experiments.plateaus import CRITICAL, SAME_LOSS, UNRESOLVED, Levels, spectrum
from kgon.experiments.training_run import NOISE, SQUARES, Settings, starts_of, trajectories
from kgon.io import write_text
from kgon.model import TMS, Floats, check_integer
from kgon.parallel import Arrays, Progress, Workers
from kgon.potential import Potential
from kgon.results import KgonError, Result, Verdict, result
from kgon.simulate.sgd import Protocol


@result
class Plateau(Result):
    """A stretch of a training run at one critical point of L.

    Attributes
    ----------
    label : str
        Of the catalogue; or ``L=0.069289``, the loss of a critical point that is no k-gon; or ``unresolved``.
    catalogued : bool
    start, end : int
        Steps.
    loss : float
        Mean population loss.
    critical_loss : float or None
        L at the critical point.
    gap, expected_gap : float or None
        L(mean point) − L(critical point), and what the sample's shift accounts for (``plateaus.expected_gap``).
    W, biases : (2, c) and (c,) arrays
        Mean point of the longest flat stretch.
    """

    schema: ClassVar[str] = "plateau"

    label: str
    catalogued: bool
    start: int
    end: int
    loss: float
    critical_loss: float | None
    gap: float | None
    expected_gap: float | None
    W: np.ndarray
    biases: np.ndarray

    def headline(self) -> str:
        return f"plateau {self.label}, steps {self.start} to {self.end}, L = {self.loss:.5f}"

    def rows(self) -> Sequence[tuple[str, str]]:
        if self.gap is None or self.expected_gap is None:
            return [("critical point", "not found")]
        return [
            ("L of the critical point", f"{self.critical_loss:.8g}"),
            ("L − that, of the mean point", f"{self.gap:.2e}"),
            ("accounted for by the sample", f"{self.expected_gap:.2e}"),
        ]


@result
class TrainingRun(Result):
    """One trajectory.

    Attributes
    ----------
    seed, index : int
        It is trajectory ``index`` of ``kgon train --seed seed``.
    start : str
    plateaus : tuple of Plateau
    """

    schema: ClassVar[str] = "training-run"

    seed: int
    index: int
    start: str
    plateaus: tuple[Plateau, ...]

    @property
    def stages(self) -> list[str]:
        """Labels of the plateaus with a critical point, in order."""
        labels = [plateau.label for plateau in self.plateaus if plateau.label != UNRESOLVED]
        return [label for k, label in enumerate(labels) if k == 0 or label != labels[k - 1]]

    def headline(self) -> str:
        return f"trajectory {self.index} from {self.start}: {' → '.join(self.stages) or 'no plateau'}"

    def rows(self) -> Sequence[tuple[str, str]]:
        return [(p.label, f"steps {p.start} to {p.end}, L = {p.loss:.5f}") for p in self.plateaus]


@result
class OtherPoint(Result):
    """A critical point of L that runs rested on and that is no k-gon of the catalogue.

    Attributes
    ----------
    label : str
    loss, gradient_norm : float
        L and ‖∇L‖.
    W, biases : (2, c) and (c,) arrays
    smooth : bool
        Whether L is C² there.
    negative, zero : int
        Eigenvalues of the Hessian; at a kink, of its limit from one side.
    proof : Verdict
        PROVED where an exact critical point of this kind was proved to exist within 1e-6
        (``certify_point``); otherwise CONFIRMED: so says floating point.
    nearest : str
        The nearest k-gon.
    distance : float
        To it.
    trajectories : int
        How many rested there.
    """

    schema: ClassVar[str] = "other-point"

    label: str
    loss: float
    gradient_norm: float
    W: np.ndarray
    biases: np.ndarray
    smooth: bool
    negative: int
    zero: int
    proof: Verdict
    nearest: str
    distance: float
    trajectories: int

    def headline(self) -> str:
        return (
            f"{self.label}: {self.trajectories} trajectories; |grad L| = {self.gradient_norm:.0e}~, "
            f"{self.negative} negative and {self.zero} zero eigenvalues: {self.proof}"
        )

    def rows(self) -> Sequence[tuple[str, str]]:
        columns = [
            f"({x:.4f}, {y:.4f}; {b:.4f})"
            for (x, y), b in zip(np.asarray(self.W).T, np.asarray(self.biases), strict=True)
        ]
        return [
            ("loss L", f"{self.loss:.10g}~"),
            ("nearest k-gon", f"{self.nearest}, at distance {self.distance:.3g}~"),
            ("L is C²", "yes" if self.smooth else "no"),
            *((f"column {j} (W; b)", text) for j, text in enumerate(columns)),
        ]


@result
class TransitionCount(Result):
    """How often one critical point followed another.

    Attributes
    ----------
    first, second : str
    count : int
    delta_loss : float
        Between the critical points.
    delta_lambda : Fraction or None
        Exact; None where one of the two has no known λ: it is not a local minimum, or no k-gon.
    """

    schema: ClassVar[str] = "transition-count"

    first: str
    second: str
    count: int
    delta_loss: float
    delta_lambda: Fraction | None

    def headline(self) -> str:
        change = "undefined" if self.delta_lambda is None else f"{float(self.delta_lambda):+g}"
        return f"{self.first} → {self.second}: {self.count} times, ΔL = {self.delta_loss:.5f}, Δλ = {change}"

    def rows(self) -> Sequence[tuple[str, str]]:
        return []


@result
class Training(Result):
    """Labelled training runs.

    Attributes
    ----------
    c, seed : int
    starts : tuple of str
    protocol : dict
    flow : bool
        Gradient flow instead of SGD.
    trajectories : tuple of TrainingRun
    transitions : tuple of TransitionCount
        Between consecutive plateaus that have a critical point, the most frequent first.
    others : tuple of OtherPoint
        Critical points beside the catalogue, by loss.
    catalogued, other, unresolved, moving : float
        Fractions of the time: on plateaus of k-gons, of other critical points, of none, and between.
    """

    schema: ClassVar[str] = "training"

    c: int
    seed: int
    starts: tuple[str, ...]
    protocol: dict[str, Any]
    flow: bool
    trajectories: tuple[TrainingRun, ...]
    transitions: tuple[TransitionCount, ...]
    others: tuple[OtherPoint, ...]
    catalogued: float
    other: float
    unresolved: float
    moving: float

    def headline(self) -> str:
        kind = "gradient flow" if self.flow else "SGD"
        return (
            f"{len(self.trajectories)} trajectories of {kind}, c = {self.c}: {self.catalogued:.1%} of the time "
            f"on catalogued plateaus, {self.other:.1%} on others, {self.unresolved:.1%} on unresolved ones"
        )

    def rows(self) -> Sequence[tuple[str, str]]:
        ends = Counter(run.stages[-1] for run in self.trajectories if run.stages)
        falls = sum(t.count for t in self.transitions if t.delta_loss < 0)
        known = [t for t in self.transitions if t.delta_lambda is not None]
        rises = sum(t.count for t in known if t.delta_lambda is not None and t.delta_lambda > 0)
        total = sum(t.count for t in self.transitions)
        protocol = ", ".join(f"{key} = {value}" for key, value in self.protocol.items())
        return [
            ("protocol", protocol),
            ("start", ", ".join(self.starts) + f"; seed {self.seed}"),
            ("between plateaus", f"{self.moving:.1%} of the time"),
            ("last plateau", ", ".join(f"{label}: {count}" for label, count in ends.most_common())),
            ("transitions", f"{total}; the loss falls in {falls}"),
            ("with λ on both sides", f"{sum(t.count for t in known)}; λ rises in {rises}"),
            *((f"  {t.first} → {t.second}", str(t.count)) for t in self.transitions),
            *((f"  not a k-gon: {point.label}", point.headline()) for point in self.others),
        ]


def train(
    c: int = 6,
    *,
    trajectories: int,
    start: str | Sequence[str] = SQUARES,
    noise: float = NOISE,
    protocol: Protocol | None = None,
    seed: int = 0,
    flow: bool = False,
    workers: Workers = 1,
    folder: str | Path | None = None,
    progress: Progress = None,
) -> Training:
    """Train many times, and find and name the plateaus.

    Parameters
    ----------
    c : int
        Features (r = 2).
    trajectories : int
        How many.
    start : str or sequence of str
        Labels, ``4-gons`` (all of them), ``random`` (every parameter N(0, 1)) or ``small`` (N(0, 0.1²)); several
        take turns.
    noise : float
        Standard deviation of what is added to the point of a label.
    protocol : Protocol, optional
        Default: the published one.
    seed : int
        Every trajectory has samples, start and shuffles of its own, from ``seed`` and its number.
    flow : bool
        Follow the gradient flow of each sample's loss instead, for the time learning rate × steps.
    workers : int, Executor or callable
        As ``parallel.run``; the numbers do not depend on it.
    folder : str or Path, optional
        Keeps every finished trajectory (.npz: steps, w, loss, empirical, and its plateaus), goes on with those
        that are there, and gets ``training.json``.
    progress : None, bool or callable
        As ``parallel.run``.

    Returns
    -------
    Training

    Raises
    ------
    KgonError
        An option out of range, or a trajectory that diverged.

    Examples
    --------
    >>> train(trajectories=1, start="4", protocol=Protocol(n=60, epochs=60)).trajectories[0]
    <trajectory 0 from 4: 4>
    """
    return train_and_keep(
        c, trajectories=trajectories, start=start, noise=noise, protocol=protocol, seed=seed, flow=flow,
        workers=workers, folder=folder, progress=progress,
    )[0]  # fmt: skip


def train_and_keep(
    c: int = 6,
    *,
    trajectories: int,
    start: str | Sequence[str] = SQUARES,
    noise: float = NOISE,
    protocol: Protocol | None = None,
    seed: int = 0,
    flow: bool = False,
    workers: Workers = 1,
    folder: str | Path | None = None,
    progress: Progress = None,
) -> tuple[Training, list[Arrays]]:
    """``train``, and the arrays of every trajectory beside its result."""
    if not (isinstance(noise, (int, float)) and 0 <= noise < np.inf):
        raise KgonError(f"the noise must be at least 0 and finite, got {noise!r}")
    settings = Settings(
        c=Catalogue(c).c,
        starts=starts_of(start, c),
        noise=float(noise),
        protocol=protocol or Protocol(),
        seed=check_integer("seed", seed, 0),
        flow=flow,
    )
    found = _trajectories(settings, trajectories, workers=workers, folder=folder, progress=progress)
    outcome = combine(settings, found)
    if folder is not None:
        data = {**outcome.to_dict(), "options": {"settings": settings.text(), "trajectories": trajectories}}
        text = json.dumps(data, allow_nan=False, ensure_ascii=False, indent=2)
        write_text(Path(folder) / "training.json", text + "\n")
    return outcome, found


_trajectories = trajectories  # the function; in ``train`` the name is that of an option


def combine(settings: Settings, found: Sequence[Arrays]) -> Training:
    """The result of all trajectories."""
    naming = _Naming(settings.c)
    runs = tuple(
        TrainingRun(
            seed=settings.seed,
            index=k,
            start=settings.starts[k % len(settings.starts)],
            plateaus=_merged(naming.plateaus(arrays)),
        )
        for k, arrays in enumerate(found)
    )
    steps = float(sum(arrays["steps"][-1] - arrays["steps"][0] for arrays in found))
    every = [plateau for run in runs for plateau in run.plateaus]

    def share(chosen: Sequence[Plateau]) -> float:
        return sum(plateau.end - plateau.start for plateau in chosen) / steps

    catalogued = share([p for p in every if p.catalogued])
    unresolved = share([p for p in every if p.label == UNRESOLVED])
    other = share([p for p in every if not p.catalogued and p.label != UNRESOLVED])
    return Training(
        c=settings.c,
        seed=settings.seed,
        starts=settings.starts,
        protocol=asdict(settings.protocol),
        flow=settings.flow,
        trajectories=runs,
        transitions=naming.transitions(runs),
        others=naming.examined(runs),
        catalogued=catalogued,
        other=other,
        unresolved=unresolved,
        moving=1.0 - share(every),
    )


class _Naming:
    """Names of critical points: labels, and names made for those that are no k-gons."""

    def __init__(self, c: int) -> None:
        self.tms = TMS(c)
        self.potential = Potential(self.tms)
        self.levels = Levels.of(c)
        self.loss = dict(zip(self.levels.labels, self.levels.loss, strict=True))
        self.lambdas = {p.label: p.lambda_ for p in sorted(Catalogue(c), key=lambda p: p.name, reverse=True)}
        self.roots: dict[str, tuple[float, Floats]] = {}

    def plateaus(self, arrays: Arrays) -> list[Plateau]:
        """The flat stretches of a trajectory, named."""
        found = []
        for first, last, mean, root, norm, expected in zip(
            *(arrays[field] for field in ("first", "last", "mean", "root", "norm", "expected")), strict=True
        ):
            W, b = self.tms.unpack(mean)
            critical = float(self.potential.flat(root[None])[0][0])
            gap = float(self.potential.flat(mean[None])[0][0]) - critical
            at_root = norm <= CRITICAL and abs(gap) < self.levels.spacing / 2
            label = self.levels.name(*self.tms.unpack(root), critical) if at_root else None
            found.append(
                Plateau(
                    label=label or (self._other(root, critical) if at_root else UNRESOLVED),
                    catalogued=label is not None,
                    start=int(arrays["steps"][first]),
                    end=int(arrays["steps"][last]),
                    loss=float(arrays["loss"][first : last + 1].mean()),
                    critical_loss=critical if at_root else None,
                    gap=gap if at_root else None,
                    expected_gap=float(expected) if at_root else None,
                    W=W,
                    biases=b,
                )
            )
        return found

    def _other(self, root: Floats, loss: float) -> str:
        """The name of a critical point that is no k-gon: one name for all with its loss."""
        for name, (known, _) in self.roots.items():
            if abs(known - loss) <= SAME_LOSS:
                return name
        name = f"L={loss:.6f}"
        if name in self.roots:  # another one, equal to six digits
            name = f"L={loss:.9f}"
        self.roots[name] = (loss, root)
        self.loss[name] = loss
        return name

    def transitions(self, runs: Sequence[TrainingRun]) -> tuple[TransitionCount, ...]:
        """Counts of consecutive stages."""
        counts = Counter(pair for run in runs for pair in pairwise(run.stages))
        found = []
        for (first, second), count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
            before, after = self.lambdas.get(first), self.lambdas.get(second)
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
        """What is known of the critical points that are no k-gons."""
        found = []
        for name, (loss, root) in sorted(self.roots.items(), key=lambda item: item[1][0]):
            W, b = self.tms.unpack(root)
            values, _ = spectrum(self.potential, root)
            near, proof = nearest(W, b), certify_near(W, b)
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
                    trajectories=sum(name in run.stages for run in runs),
                )
            )
        return tuple(found)


def _merged(found: Sequence[Plateau]) -> tuple[Plateau, ...]:
    """Consecutive plateaus of one critical point as one, described by the longest."""
    merged: list[Plateau] = []
    for plateau in found:
        if merged and merged[-1].label == plateau.label:
            before = merged.pop()
            lengths = [p.end - p.start for p in (before, plateau)]
            longer = plateau if lengths[1] > lengths[0] else before
            loss = float(np.average([before.loss, plateau.loss], weights=lengths))
            merged.append(replace(longer, start=before.start, end=plateau.end, loss=loss))
        else:
            merged.append(plateau)
    return tuple(merged)
