"""A series of checkpoints with their labels, and where these change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from kgon.base import text
from kgon.base.results import Result, result
from kgon.base.table import Column, Table
from kgon.kgons.classification import Classification

MOST_SHOWN = 60
"""Checkpoints up to which ``text`` has a line for each."""


@result
class ChangePoint(Result):
    """A step of training at which the nearest k-gon becomes another one.

    Attributes
    ----------
    checkpoint : str
        The first at the new k-gon.
    step : int, float or None
    first, second : str
    delta_loss : float or None
        L of the second less that of the first: of the k-gons, not of the checkpoints; None where these are no
        critical points, as importances or probabilities differ.
    delta_lambda : Fraction or None
        The same of λ; None also where one of the two is no local minimum, so that λ is not defined.
    """

    json_names: ClassVar[Mapping[str, str]] = {"first": "from", "second": "to"}

    checkpoint: str
    step: int | float | None
    first: str
    second: str
    delta_loss: float | None
    delta_lambda: Fraction | None

    def headline(self) -> str:
        at = self.checkpoint if self.step is None else f"step {self.step}"
        differences = f"ΔL = {_signed(self.delta_loss, '+.6f')}, Δλ = {_signed(self.delta_lambda, '+g')}"
        return f"{at}: {self.first} → {self.second}, {differences}"


@result
class CheckpointSeries(Result):
    """Checkpoints in the order of their steps, with their labels.

    Attributes
    ----------
    files : tuple of str
        Of a series in one file, the file with the place in it: ``run.npz[3]``.
    step : tuple of (int, float or None)
        What each file says, or the number in its name that varies; None where there is none.
    W, b : (m, 2, c) and (m, c) arrays
    loss, gradient_norm : (m,) arrays
        L and ‖∇L‖ of the population, with the importances and probabilities of the files.
    names : Classification
    changed : (m,) bool array
        The nearest k-gon is another than one checkpoint before.
    changes : tuple of ChangePoint
        Where it is.
    """

    files: tuple[str, ...]
    step: tuple[int | float | None, ...]
    W: np.ndarray
    b: np.ndarray
    loss: np.ndarray
    gradient_norm: np.ndarray
    names: Classification
    changed: np.ndarray
    changes: tuple[ChangePoint, ...]

    def __len__(self) -> int:
        return len(self.files)

    def stages(self) -> list[str]:
        """List the nearest k-gons, one for each stretch of checkpoints."""
        label = self.names.columns()["label"].tolist()
        return [label[k] for k in range(len(self)) if k == 0 or self.changed[k]]

    def columns(self) -> dict[str, NDArray[Any]]:
        """Give everything but W and b as arrays, by name; a step that is not known is −1."""
        return {
            "checkpoint": np.array(self.files),
            "step": np.array([-1 if step is None else step for step in self.step]),
            "loss": self.loss,
            "gradient_norm": self.gradient_norm,
            **self.names.columns(),
            "changed": self.changed,
        }

    def records(self) -> list[dict[str, Any]]:
        """Give one dict per checkpoint, with None where a step, a name or a change is not known."""
        columns = {name: values.tolist() for name, values in self.columns().items()}
        columns["step"] = list(self.step)
        columns["hull"] = [name or None for name in columns["hull"]]
        changes = iter(self.changes)
        columns["change"] = [next(changes).data() if changed else None for changed in columns["changed"]]
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]

    def summary(self) -> dict[str, Any]:
        """Say how many points there are, how many of each name, and where the nearest k-gon changes."""
        return self.names.summary() | {"changes": [change.data() for change in self.changes]}

    def headline(self) -> str:
        return f"{len(self)} checkpoints, c = {self.b.shape[1]}: {' → '.join(self.stages())}"

    def rows(self) -> Sequence[tuple[str, str]]:
        return [
            (
                _step(record),
                f"{record['label']} at {record['distance']:.3g}~, L = {text.loss(record['loss'], 6)}",
            )
            for record in self.records()
        ]

    def text(self) -> str:
        """Write a line per checkpoint, of a long series those around a change; an arrow marks it."""
        records, shown = self.records(), list(range(len(self)))
        if len(self) > MOST_SHOWN:
            ends = np.flatnonzero(self.changed)
            shown = sorted({0, len(self) - 1, *ends.tolist(), *(ends - 1).tolist()})
        marked = Column("label", "  nearest", cell=lambda x: ("→ " if x["changed"] else "  ") + x["label"])
        columns = _columns(marked)
        rows = [records[k] for k in shown]
        return str(Table.of(rows, columns, name="series", title=self.headline()))

    def table(self) -> Table:
        """Tabulate every checkpoint, and say where the nearest k-gon changes."""
        changes = [f"{_step(x)}: {x['from']} → {x['to']}" for x in map(ChangePoint.data, self.changes)]
        notes = [f"The nearest k-gon changes at {'; '.join(changes)}."] if changes else []
        columns = _columns(Column("label", "nearest", cell=lambda x: x["label"]))
        return Table.of(self.records(), columns, name="series", title=self.headline(), notes=notes)

    def changes_table(self) -> Table:
        """Tabulate where the nearest k-gon changes, with the differences between the two."""
        columns = [
            Column("step", "step", align="r", cell=_step),
            Column("from", "from", cell=lambda x: x["from"]),
            Column("to", "to", cell=lambda x: x["to"]),
            Column("loss", "ΔL", align="r", cell=lambda x: _signed(x["delta_loss"], "+.6f")),
            Column("lambda", "Δλ", align="r", cell=lambda x: _signed(x["delta_lambda"], "+g")),
        ]
        title = "changes of the nearest k-gon, with ΔL and Δλ between the two"
        rows = [change.data() for change in self.changes]
        return Table.of(rows, columns, name="changes", title=title)


def _columns(nearest: Column) -> list[Column]:
    """Declare what is said of a checkpoint, with its nearest k-gon as written by a column."""
    return [
        Column("step", "step", align="r", cell=_step),
        Column("loss", "loss", "$L$", "r", number=True, cell=lambda x: f"{x['loss']:.6f}"),
        Column(
            "norm",
            "|grad L|",
            r"$\|\nabla L\|$",
            "r",
            number=True,
            cell=lambda x: f"{x['gradient_norm']:.1e}",
        ),
        nearest,
        Column("distance", "distance", "", "r", number=True, cell=lambda x: f"{x['distance']:.4f}"),
        Column("basin", "basin", cell=lambda x: x.get("basin") or ""),
        Column("hull", "hull", cell=lambda x: x["hull"] or "none"),
    ]


def _step(record: dict[str, Any]) -> str:
    """Write the step of a checkpoint, or the name of its file where there is none."""
    return _short(record["checkpoint"]) if record["step"] is None else str(record["step"])


def _short(checkpoint: str) -> str:
    """The name of a file without its folder and ending, with its place in a series."""
    path = Path(checkpoint)
    return path.stem + path.suffix[len(path.suffix.split("[")[0]) :]


def _signed(difference: float | Fraction | None, form: str) -> str:
    """Write a difference with its sign."""
    return "undefined" if difference is None else format(float(difference), form)
