"""Read a series of checkpoints as a labelled trajectory: which k-gon training is at, step by step."""

from __future__ import annotations

import glob
import math
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgon.base.checks import Floats
from kgon.base.results import Result, result
from kgon.base.table import Column, Table
from kgon.base.verdicts import KgonError
from kgon.base.work import HERE, Work
from kgon.kgons.classification import Classification, classify
from kgon.kgons.nearest_kgon import read_plane_points
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.potential.points import ENDINGS
from kgon.potential.steps import steps_of


@result
class CheckpointSeries(Result):
    """Checkpoints in the order of their steps, with their labels.

    Attributes
    ----------
    files : tuple of str
    step : tuple of (int, float or None)
        The number in each name that varies; None where there is none.
    W, b : (m, 2, c) and (m, c) arrays
    loss, gradient_norm : (m,) arrays
        L and ‖∇L‖ of the population, with the importances and probabilities of the files.
    names : Classification
    changed : (m,) bool array
        The nearest k-gon is another than one checkpoint before.
    """

    files: tuple[str, ...]
    step: tuple[int | float | None, ...]
    W: np.ndarray
    b: np.ndarray
    loss: np.ndarray
    gradient_norm: np.ndarray
    names: Classification
    changed: np.ndarray

    def __len__(self) -> int:
        return len(self.files)

    def stages(self) -> list[str]:
        """List the nearest k-gons, one for each stretch of checkpoints."""
        label = self.names.records()
        return [label[k]["label"] for k in range(len(self)) if k == 0 or self.changed[k]]

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
        """Give one dict per checkpoint, with None where a step or a name is not known."""
        columns = {name: values.tolist() for name, values in self.columns().items()}
        columns["step"] = list(self.step)
        columns["hull"] = [name or None for name in columns["hull"]]
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]

    def headline(self) -> str:
        return f"{len(self)} checkpoints, c = {self.b.shape[1]}: {' → '.join(self.stages())}"

    def rows(self) -> Sequence[tuple[str, str]]:
        return [
            (_step(record), f"{record['label']} at {record['distance']:.3g}~, L = {record['loss']:.6g}~")
            for record in self.records()
        ]

    def text(self) -> str:
        """Write a line per checkpoint; an arrow marks a change of the nearest k-gon."""
        columns = [
            Column("step", "step", align="r", cell=_step),
            Column("loss", "loss", align="r", cell=lambda x: f"{x['loss']:.6f}"),
            Column("norm", "|grad L|", align="r", cell=lambda x: f"{x['gradient_norm']:.1e}"),
            Column("label", "  nearest", cell=lambda x: ("→ " if x["changed"] else "  ") + x["label"]),
            Column("distance", "distance", align="r", cell=lambda x: f"{x['distance']:.4f}"),
            Column("basin", "basin", cell=lambda x: x.get("basin") or ""),
            Column("hull", "hull", cell=lambda x: x["hull"] or "none"),
        ]
        return Table.of(self.records(), columns, name="series", title=self.headline()).text()


def read_series(paths: str | Path | Iterable[str | Path], *, work: Work = HERE) -> CheckpointSeries:
    """Read checkpoints with one point each, and label them.

    Parameters
    ----------
    paths : str, Path or iterable of them
        Files, folders (every .pt, .pth, .npz, .json and .csv in them) or patterns such as ``run/step-*.pt``.
    work : Work
        Who names the points, and who is told.

    Returns
    -------
    CheckpointSeries

    Raises
    ------
    KgonError
        No file, a file that is no point with r = 2 and c ≥ 4 or holds several, different sizes or models, or
        several numbers in the names that vary, none of which is the step.

    Examples
    --------
    >>> import tempfile
    >>> from kgon.kgons.catalogue import Catalogue
    >>> from kgon.potential.points import write_point
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for step, label in ((9, "4"), (10, "4"), (100, "5")):
    ...         point = Catalogue(6)[label]
    ...         _ = write_point(f"{folder}/step-{step}.npz", point.W, point.biases)
    ...     read_series(folder)
    <3 checkpoints, c = 6: 4 → 5>
    """
    files = files_of(paths)
    points = [_point(file) for file in files]
    sizes = {W.shape[1] for _, W, _ in points}
    if len(sizes) > 1:
        raise KgonError(f"the checkpoints have different numbers of features: {sorted(sizes)}")
    models = {tms: file for file, (tms, _, _) in zip(files, points, strict=True)}
    if len(models) > 1:
        two = " and ".join(map(str, list(models.values())[:2]))
        raise KgonError(f"{two} have different importances or probabilities; a series is one run")
    (tms,) = models
    weights, biases = np.stack([W for _, W, _ in points]), np.stack([b for _, _, b in points])
    loss, grad_W, grad_b = Potential(tms).loss_and_gradient(weights, biases)
    names = classify(weights, biases, basin=tms.equal, work=work)
    label = np.array([record["label"] for record in names.records()])
    return CheckpointSeries(
        files=tuple(str(file) for file in files),
        step=tuple(steps_of(files)),
        W=weights,
        b=biases,
        loss=np.asarray(loss),
        gradient_norm=np.sqrt(np.sum(grad_W**2, axis=(1, 2)) + np.sum(grad_b**2, axis=1)),
        names=names,
        changed=np.concatenate([[False], label[1:] != label[:-1]]),
    )


def files_of(paths: str | Path | Iterable[str | Path]) -> list[Path]:
    """List the files of paths, folders and patterns, each once, in the order of their steps.

    Files whose names lack the number that varies come last.  Where no name has one, the files stay in the
    order in which they were given, those of a folder or a pattern in natural order, ckpt-9 before ckpt-10.

    Raises
    ------
    KgonError
        There is no file, or several numbers vary and none of them is the step (``steps.steps_of``).
    """
    found: dict[Path, None] = {}
    for given in [paths] if isinstance(paths, (str, Path)) else paths:
        if not str(given):
            raise KgonError("the name of a file is empty")
        path = Path(given)
        if path.is_dir():
            inside = [file for file in path.iterdir() if file.suffix.lower() in ENDINGS]
        elif path.exists() or not glob.has_magic(str(given)):
            inside = [path]
        else:
            inside = [Path(name) for name in glob.glob(str(given), recursive=True)]
        if not inside:
            raise KgonError(f"{given}: no checkpoints ({', '.join(ENDINGS)}) there")
        found |= dict.fromkeys(sorted(inside, key=_natural))
    if not found:
        raise KgonError("name at least one checkpoint")
    files = list(found)
    steps = dict(zip(files, steps_of(files), strict=True))
    if all(step is None for step in steps.values()):
        return files
    last = math.inf
    return sorted(files, key=lambda file: last if (step := steps[file]) is None else step)


def _natural(file: Path) -> list[tuple[int, int, str]]:
    """Key that sorts names in natural order, step-9 before step-10."""
    parts = re.split(r"([0-9]+)", str(file.with_suffix("")))
    return [(1, int(part), "") if part.isdigit() else (0, 0, part) for part in parts]


def _point(file: Path) -> tuple[TMS, Floats, Floats]:
    """Read the model and the one point of a file."""
    tms, W, b = read_plane_points(file)
    if W.ndim == 2:
        return tms, W, b
    if len(W) != 1:
        raise KgonError(f"{file}: a series takes one point per file, this holds {len(W)}")
    return tms, W[0], b[0]


def _step(record: dict[str, Any]) -> str:
    """Write the step of a checkpoint, or the name of its file where there is none."""
    return Path(record["checkpoint"]).stem if record["step"] is None else str(record["step"])
