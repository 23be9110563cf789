"""Training by stochastic gradient descent, or another optimiser, one trajectory at a time.

The protocol of Chen et al. (2023): n = 1000 samples, batches of 20, learning rate 0.005, 4500 epochs
(225 000 steps); the samples are shuffled before every epoch, and the loss of a batch is the mean of
‖x − f(x)‖², not halved.  Steps times learning rate is the time of the gradient flow (``simulate.flow``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kgon.base.checks import Floats, check_integer, check_positive, rectangular, refusal
from kgon.base.settings import ADDED
from kgon.base.verdicts import KgonError
from kgon.potential.empirical import EmpiricalLoss
from kgon.potential.kernels import sgd as kernel
from kgon.potential.loss import Potential
from kgon.sampling.optimiser import PLAIN, Optimiser

RECORDS = 500
"""Default number of intervals between records."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """How a trajectory is trained; the defaults are the published ones.

    Attributes
    ----------
    n : int
        Samples.
    batch : int
        Samples of a step, at most n; the last step of an epoch takes what is left.
    learning_rate : float
        Positive.
    epochs : int
    optimiser : Optimiser
        Stochastic gradient descent at a constant rate, unless told otherwise.

    Examples
    --------
    >>> Protocol().steps
    225000
    >>> Protocol(n=50, batch=20, epochs=3).records().tolist()
    [0, 3, 6, 9]
    """

    n: int = 1000
    batch: int = 20
    learning_rate: float = 0.005
    epochs: int = 4500
    optimiser: Optimiser = field(default=PLAIN, metadata=ADDED)

    def __post_init__(self) -> None:
        check_integer("n", self.n, 1)
        check_integer("batch", self.batch, 1, self.n)
        check_integer("epochs", self.epochs, 1)
        check_positive("the learning rate", self.learning_rate)
        if not isinstance(self.optimiser, Optimiser):
            raise refusal("optimiser", "an Optimiser", self.optimiser)

    @property
    def steps_per_epoch(self) -> int:
        """The number of minibatches of an epoch, the last of which may be smaller."""
        return -(-self.n // self.batch)

    @property
    def steps(self) -> int:
        """The number of steps of the whole trajectory."""
        return self.epochs * self.steps_per_epoch

    def records(self, count: int = RECORDS) -> NDArray[np.int64]:
        """List steps to record: the start, and up to ``count`` ends of epochs, evenly spread."""
        ends = np.linspace(0, self.epochs, min(check_integer("count", count, 1), self.epochs) + 1)
        return np.rint(ends).astype(np.int64) * self.steps_per_epoch


@dataclass(frozen=True, slots=True, kw_only=True)
class Trajectory:
    """The points that a training run went through.

    Attributes
    ----------
    steps : (k,) int array
        Steps taken at each record, from the start.
    w : (k, d) array
    loss : (k,) array
        Population loss L(w).
    empirical : (k,) array
        L_n(w) of the samples trained on.
    """

    steps: NDArray[np.int64]
    w: Floats
    loss: Floats
    empirical: Floats


def checked_records(records: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int64]:
    """Read the steps at which to record, increasing from 0 or more, as an array (k,)."""
    steps = rectangular("records", records)
    if steps.ndim != 1 or steps.size == 0 or not np.issubdtype(steps.dtype, np.integer):
        raise KgonError(f"records must be a list of whole numbers of steps, got {records!r}")
    if steps[0] < 0 or np.any(np.diff(steps) <= 0):
        raise KgonError(f"records must increase from 0 or more, got {steps.tolist()}")
    return steps.astype(np.int64)


def run_sgd(
    rng: np.random.Generator,
    loss: EmpiricalLoss,
    sample: tuple[NDArray[np.int64], Floats],
    w: Floats,
    protocol: Protocol,
    *,
    records: Sequence[int] | NDArray[np.int64] | None = None,
) -> Trajectory:
    """Train from w on a sample.

    Parameters
    ----------
    rng : Generator
        Shuffles the samples; how often points are recorded changes nothing.
    loss : EmpiricalLoss
        Of the sample.
    sample : (feature, amplitude)
        (n,) arrays as ``data.sample`` draws them, n that of the protocol.
    w : (d,) array
        Start.
    protocol : Protocol
    records : sequence of int, optional
        Steps at which to record, increasing; the last one ends the trajectory.  Default
        ``protocol.records()``.

    Returns
    -------
    Trajectory

    Raises
    ------
    KgonError
        A start, sample or records that do not fit, or parameters that stopped being finite.

    Examples
    --------
    >>> from kgon.potential.model import TMS
    >>> from kgon.potential.data import draw
    >>> rng, tms = np.random.default_rng(1), TMS(3, 1)
    >>> sample = draw(rng, tms, 40)
    >>> loss = EmpiricalLoss(tms, *sample)
    >>> found = run_sgd(rng, loss, sample, np.full(6, 0.5), Protocol(n=40, learning_rate=0.1, epochs=50))
    >>> found.w.shape, bool(found.empirical[-1] < found.empirical[0])
    ((51, 6), True)
    """
    tms = loss.tms
    steps = checked_records(protocol.records() if records is None else records)
    feature, amplitude = sample
    if not len(feature) == len(amplitude) == loss.n == protocol.n:
        raise KgonError(f"the protocol has n = {protocol.n}, the sample {len(feature)}, its loss {loss.n}")
    if w.shape != (tms.dimension,):
        raise KgonError(f"w must have shape ({tms.dimension},), got {w.shape}")
    W, b = (part.copy() for part in tms.unpack(w))
    found_W, found_b = np.empty((len(steps), tms.r, tms.c)), np.empty((len(steps), tms.c))
    data = kernel.Data(
        np.asarray(feature, dtype=np.int64), np.asarray(amplitude, dtype=np.float64), tms.importance
    )
    rule = protocol.optimiser.rule(float(protocol.learning_rate), protocol.steps)
    lengths = kernel.known_lengths(tms.r, tms.c)
    written = kernel.train(rng, W, b, data, protocol.batch, rule, steps, lengths, found_W, found_b)
    if written < len(steps):
        raise KgonError(
            f"the training diverged before step {steps[written]}; a learning rate below "
            f"{protocol.learning_rate:g} would be right"
        )
    points = tms.pack(found_W, found_b)
    return Trajectory(
        steps=steps, w=points, loss=Potential(tms).flat(points)[0], empirical=loss.flat(points)[0]
    )
