"""A hook for a training loop of one's own: it labels the model every so many steps, as the loop runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from kgon.base.checks import check_integer, check_number, refusal
from kgon.base.verdicts import KgonError
from kgon.base.work import HERE, Work
from kgon.experiments.training.checkpoints import change_between, label_run
from kgon.experiments.training.series import CheckpointSeries
from kgon.kgons.nearest_kgon import nearest, plane_points
from kgon.potential.entries import StoredPoint, joined
from kgon.potential.points import PLAIN, Reading, read_tree_of_points
from kgon.potential.steps import Step


class Labeller:
    """Labels a model every so many steps of a training loop, and keeps its points as a series.

    It is called with the model, of PyTorch or of anything else, and it keeps a copy of W and b: what the loop
    does with the model afterwards changes nothing.

    Parameters
    ----------
    every : int
        Steps from one label to the next.
    reading : Reading
        What the model does not say itself: the names of its W and b, how W stands, importances and
        probabilities.
    tell : callable, optional
        Is called with a sentence wherever the nearest k-gon becomes another one, such as ``print``.

    Raises
    ------
    KgonError
        ``every`` is no whole number of at least 1.

    Examples
    --------
    >>> from kgon.kgons.catalogue import Catalogue
    >>> labeller = Labeller(every=10)
    >>> point = Catalogue(6)["4"]
    >>> for step in range(100):
    ...     _ = labeller((point.W, point.biases + 0.001 * step), step)
    >>> labeller.series()
    <10 checkpoints, c = 6: 4>
    """

    def __init__(
        self, every: int = 100, *, reading: Reading = PLAIN, tell: Callable[[str], object] | None = None
    ) -> None:
        self.every, self.reading, self.tell = check_integer("every", every, 1), reading, tell
        self._points: list[StoredPoint] = []
        self._steps: list[Step] = []
        self._labels: list[str] = []
        self._last: Step = -1

    def __len__(self) -> int:
        return len(self._points)

    def __call__(self, model: Any, step: Step | None = None) -> str | None:
        """Label the model if its turn has come.

        Parameters
        ----------
        model : module, mapping, or (W, b)
            Something with a ``state_dict()``, or a state_dict itself, or the two arrays or tensors; or
            something with attributes ``W`` and ``b``.
        step : int or float, optional
            The step that the loop is at, 0 or more; it rises from call to call.  Default: one more than the
            last.

        Returns
        -------
        str or None
            The nearest k-gon; None where the step is no multiple of ``every``.

        Raises
        ------
        KgonError
            The step does not rise; or the model has no W and b, or has others than the tied autoencoder with
            r = 2 and at least 4 features, or is another one than before.
        """
        at = self._last + 1 if step is None else check_number("step", step, 0)
        at = int(at) if at == int(at) else at
        if at <= self._last:
            raise KgonError(f"steps must rise from call to call, got {at} after {self._last}")
        self._last = at
        if at % self.every:
            return None
        name = f"step {at}"
        point = self._read(model, f"the model at {name}")
        if self._points:
            joined([self._points[0], point], [f"step {self._steps[0]}", name], (None, None))  # of one model
        label = nearest(point.W, point.b).label
        if self._labels and label != self._labels[-1] and self.tell is not None:
            self.tell(change_between(point.tms, name, at, self._labels[-1], label).headline())
        self._points.append(point)
        self._steps.append(at)
        self._labels.append(label)
        return label

    def _read(self, model: Any, name: str) -> StoredPoint:
        """A copy of the point of a model."""
        stored = read_tree_of_points(_tree_of(model, name), name, self.reading).only()
        plane_points(stored.W, stored.b, name)
        return StoredPoint(stored.tms, np.array(stored.W), np.array(stored.b), stored.rounding)

    def series(self, *, work: Work = HERE) -> CheckpointSeries:
        """Label all points that were kept, with basins and hulls, and find where the nearest k-gon changes.

        Raises
        ------
        KgonError
            Nothing was kept yet.
        """
        if not self._points:
            raise KgonError("no point was kept yet: the hook was not called at any of its steps")
        names = [f"step {step}" for step in self._steps]
        return label_run(joined(self._points, names, tuple(self._steps)), names, work)


def _tree_of(model: Any, name: str) -> Any:
    """What is read of a model: its entries by name."""
    if callable(getattr(model, "state_dict", None)):
        return model.state_dict()
    if isinstance(model, (tuple, list)) and len(model) == 2:
        return dict(zip(("W", "b"), model, strict=True))
    if hasattr(model, "W") and hasattr(model, "b"):
        return {"W": model.W, "b": model.b}
    if not isinstance(model, Mapping):
        raise refusal(name, "a module, a state_dict or W and b", model)
    return model
