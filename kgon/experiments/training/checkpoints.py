"""Read a series of checkpoints as a labelled trajectory: which k-gon training is at, step by step."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from kgon.base.checks import check_choice
from kgon.base.verdicts import KgonError, KgonWarning
from kgon.base.work import HERE, Work
from kgon.experiments.training.order import ORDERS, Paths, list_files, put_in_order
from kgon.experiments.training.series import ChangePoint, CheckpointSeries
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.classification import classify
from kgon.kgons.nearest_kgon import read_plane_points
from kgon.potential.containers import NoPointError
from kgon.potential.entries import StoredPoint, joined
from kgon.potential.loss import Potential, gradient_norms
from kgon.potential.model import TMS
from kgon.potential.points import PLAIN, Reading
from kgon.potential.steps import Step


def read_series(
    paths: Paths, *, order: str | None = None, reading: Reading = PLAIN, work: Work = HERE
) -> CheckpointSeries:
    """Read the checkpoints of one run, and label them.

    Parameters
    ----------
    paths : str, Path or iterable of them
        Files with one point each, folders (every file in them that may hold a point) or patterns such as
        ``run/step-*.pt``; or one file with a series in it.
    order : str, optional
        ``given``, ``name`` or ``step``; see ``order.put_in_order``.
    reading : Reading
        What the files do not say themselves.
    work : Work
        Who names the points, and who is told.

    Returns
    -------
    CheckpointSeries

    Raises
    ------
    KgonError
        No file, a file that is no point with r = 2 and c ≥ 4 or holds several, different sizes or models, or
        an order that is not known; or there are several runs (``read_runs``).

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
    runs = read_runs(paths, order=order, reading=reading, work=work)
    if len(runs) > 1:
        raise KgonError(
            f"there are {len(runs)} runs, the first in {runs[0].files[0]}: read_runs reads several"
        )
    return runs[0]


def read_runs(
    paths: Paths, *, order: str | None = None, reading: Reading = PLAIN, work: Work = HERE
) -> list[CheckpointSeries]:
    """Read one or several runs: files with one point each are one run, files with a series are one each.

    What a folder or a pattern holds beside them is named in a warning.  For parameters and errors see
    ``read_series``.
    """
    if order is not None:
        check_choice("order", order, ORDERS)
    stored = _read_all(list_files(paths), reading)
    files = list(stored)
    many = [file for file in files if stored[file].count != 1]
    for file in many:
        if len(many) < len(files) or not (stored[file].series or order == "given"):
            raise KgonError(
                f"{file}: a series takes one point per file, this holds {stored[file].count}; --order given "
                "takes those of each file as a run, in their order"
            )
    if many:
        return [label_series(stored[file], str(file), order=order, work=work) for file in files]
    points = [stored[file].only() for file in files]
    places, steps = put_in_order(files, [point.steps[0] if point.steps else None for point in points], order)
    names = [str(files[k]) for k in places]
    return [label_run(joined([points[k] for k in places], names, tuple(steps)), names, work)]


def _read_all(files: Mapping[Path, bool], reading: Reading) -> dict[Path, StoredPoint]:
    """Read files; one that holds no point is passed over unless it was named itself."""
    found, passed = dict[Path, StoredPoint](), dict[Path, NoPointError]()
    for file, named in files.items():
        try:
            found[file] = read_plane_points(file, reading)
        except NoPointError as error:
            if named:
                raise
            passed[file] = error
    if not found:
        raise next(iter(passed.values()))
    for reason in passed.values():
        warnings.warn(f"passed over: {reason}", KgonWarning, stacklevel=3)
    return found


def label_series(
    stored: StoredPoint, file: str, *, order: str | None = None, work: Work = HERE
) -> CheckpointSeries:
    """Label the series in one file.

    Parameters
    ----------
    stored : StoredPoint
        As it was read.
    file : str
        Its name.
    order : str, optional
        ``given`` or ``step``.  Default: by step, where all are known and no two the same.
    work : Work
        Who names the points, and who is told.
    """
    count = stored.count
    if order == "name":
        raise KgonError(f"{file} is one file: the order of what it holds is given or step")
    names = [f"{file}[{k}]" for k in range(count)]
    steps = stored.steps or (None,) * count
    distinct = None not in steps and len(set(steps)) == count
    places = list(range(count))
    if order == "step" or (order is None and distinct):
        places, _ = put_in_order([Path(name) for name in names], steps, "step")
    shape = (count, stored.tms.r, stored.tms.c)
    W, b = stored.W.reshape(shape)[places], stored.b.reshape(count, stored.tms.c)[places]
    moved = replace(stored, W=W, b=b, steps=tuple(steps[k] for k in places))
    return label_run(moved, [names[k] for k in places], work)


def label_run(run: StoredPoint, names: Sequence[str], work: Work) -> CheckpointSeries:
    """Name the points of a run, and find where the nearest k-gon changes."""
    loss, grad_W, grad_b = Potential(run.tms).loss_and_gradient(run.W, run.b)
    found = classify(run.W, run.b, tms=run.tms, work=work)
    label = found.columns()["label"].tolist()
    changed = np.array([False, *(after != before for before, after in pairwise(label))])
    return CheckpointSeries(
        files=tuple(names),
        step=run.steps,
        W=run.W,
        b=run.b,
        loss=np.asarray(loss),
        gradient_norm=gradient_norms(grad_W, grad_b),
        names=found,
        changed=changed,
        changes=tuple(
            change_between(run.tms, names[k], run.steps[k], label[k - 1], label[k])
            for k in np.flatnonzero(changed).tolist()
        ),
    )


def change_between(tms: TMS, checkpoint: str, step: Step | None, first: str, second: str) -> ChangePoint:
    """The change from one k-gon to another, where these are critical points of the model."""
    before, after = Catalogue(tms.c)[first], Catalogue(tms.c)[second]
    exact = None if before.lambda_ is None or after.lambda_ is None else after.lambda_ - before.lambda_
    return ChangePoint(
        checkpoint=checkpoint,
        step=step,
        first=first,
        second=second,
        delta_loss=tms.strength * (after.loss - before.loss) if tms.equal else None,
        delta_lambda=exact if tms.equal else None,
    )
