"""``kgon classify``: the names of one point, of many, or of a series of checkpoints."""

from __future__ import annotations

import argparse
import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kgon.cli.outcome import DONE, emit, workers_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kgon.kgons.classification import Classification

MOST_LISTED = 10_000
"""Points up to which the JSON lists every one; above, it holds counts and ``--out`` the list."""
MOST_SHOWN = 20
"""Points up to which the text has a line for each."""


def classify(args: argparse.Namespace) -> int:
    """``kgon classify``."""
    from kgon.base.verdicts import KgonError

    if args.out is not None and Path(args.out).suffix not in (".csv", ".npz"):
        raise KgonError(f"--out is a .csv or .npz file, got {args.out!r}")
    if len(args.files) == 1 and Path(args.files[0]).is_file():
        return _points(args, args.files[0])
    return _series(args)


def _points(args: argparse.Namespace, file: str) -> int:
    from kgon.base.verdicts import KgonError
    from kgon.kgons.classification import classify
    from kgon.kgons.nearest_kgon import plane_points
    from kgon.potential.points import read_point

    _, W, b = read_point(file)
    try:
        plane_points(W, b)
    except KgonError as error:
        raise KgonError(f"{file}: {error}") from None
    many = 1 if W.ndim == 2 else len(W)
    if args.out is None and args.json and many > MOST_LISTED:
        raise KgonError(
            f"{file} holds {many} points; above {MOST_LISTED} the list is written with --out labels.npz"
        )
    with workers_of(args) as workers:
        found = classify(W, b, workers=workers, progress=not args.no_progress)
    notes = [] if args.out is None else [f"the list is in {_write(args.out, found.columns())}"]
    if len(found) > MOST_LISTED:
        data = {"points": len(found), "counts": found.counts(), "differ": found.disagreements()}
        emit(args, data, found.table, notes=notes)
    else:
        emit(args, found.records(), lambda: _text(found), notes=notes)
    return DONE


def _series(args: argparse.Namespace) -> int:
    from kgon.experiments.training.checkpoints import read_series

    with workers_of(args) as workers:
        series = read_series(args.files, workers=workers, progress=not args.no_progress)
    notes = [] if args.out is None else [f"the list is in {_write(args.out, series.columns())}"]
    emit(args, series.records(), series.table, notes=notes)
    return DONE


def _text(found: Classification) -> str:
    if len(found) == 1:
        return str(found)
    if len(found) > MOST_SHOWN:
        return found.table()
    from kgon.base.table import Column, Table

    rows = [
        {
            "point": str(k),
            "label": record["label"],
            "distance": f"{record['distance']:.4g}",
            "basin": record["basin"],
            "hull": record["hull"] or "none",
        }
        for k, record in enumerate(found.records())
    ]
    columns = [Column("point", "point", align="r"), Column("label", "nearest")]
    columns += [Column("distance", "distance", align="r"), Column("basin", "basin"), Column("hull", "hull")]
    notes = [f"{pair} differ at {n} points" for pair, n in found.disagreements().items()]
    return Table(name="points", title=repr(found)[1:-1], columns=columns, rows=rows, notes=notes).text()


def _write(out: str, columns: Mapping[str, NDArray[Any]]) -> Path:
    """The list as .csv, or as .npz with one array per field."""
    import numpy as np

    from kgon.base.files import write_text, write_with

    if Path(out).suffix == ".npz":
        plain: dict[str, Any] = dict(columns)
        return write_with(out, lambda temporary: np.savez_compressed(temporary, **plain))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*(values.tolist() for values in columns.values()), strict=True))
    return write_text(out, text.getvalue())
