"""``kgon classify``: the names of one point, of many, or of a series of checkpoints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kgon import base, experiments, kgons, landscape, potential
from kgon.base.table import Table
from kgon.base.verdicts import KgonError
from kgon.cli.option import Given, option
from kgon.cli.options import Files, formats, json_flag, reading, weights, work
from kgon.cli.outcome import Outcome
from kgon.cli.registry import command

MOST_LISTED = 10_000
"""Points up to which the JSON lists every one; above, it holds counts and ``--out`` the list."""

SHAPES = (
    "basins: of the k-gons that branches from equal weights lead to, columns of the same weight being alike; "
    "nearest and hull compare with the k-gons of equal weights"
)
EQUAL = (
    "these are critical points of equal weights, which those of the model move or undo; kgon verify takes any"
)
NO_PLANE = {
    True: "r = 3: the nearest regular configuration modulo O(3) and permutations; no basins, no hull",
    False: "the nearest sum of blocks in orthogonal spaces, modulo O(r) and permutations; no basins, no hull",
}
"""What names are at r = 3, and at other r than 2."""


def _list_file(file: str, _: Given) -> str:
    if Path(file).suffix not in (".csv", ".npz"):
        raise KgonError(f"--out is a .csv or .npz file, got {file!r}")
    base.check_writable(Path(file).parent)
    return file


@command("classify", args=[
    json_flag("as_json"),
    option("files", "points; files, a folder or a pattern are a run, a series in one file is one; - is stdin",
           nargs="+", metavar="FILE", read=Files),
    option("--order", "of a run: as given, by names or by steps in the files (default: what tells)",
           choices=("given", "name", "step")),
    option("--out", "write the list to a .csv or .npz file", metavar="FILE", read=_list_file),
    *reading("entries", "layout"), *weights(), *work(), formats(),
])  # fmt: skip
def classify(
    files: Files, as_json: bool, work: base.Work, out: str | None = None, order: str | None = None,
    **read: Any,
) -> Outcome:  # fmt: skip
    """Name points by nearest k-gon, basin and hull; a run is labelled step by step, with its changes."""
    how, first = potential.Reading(**read, weights=files.weights), files.names[0]
    if len(files.names) > 1 or not (first == "-" or Path(first).is_file()):
        runs = experiments.read_runs(files.names, order=order, reading=how, work=work)
    else:
        points = potential.read_stored_point(first, how)
        _check_list(first, len(points.b) if points.b.ndim > 1 else 1, as_json, out)
        if points.tms.r != 2 and not points.series:
            return _of_solids(landscape.nearest_solids(points.W, points.b, first), points.tms, out)
        kgons.plane_points(points.W, points.b, first)
        if not points.series and order is None:
            found = kgons.classify(points.W, points.b, tms=points.tms, work=work)
            data = found.summary() if len(found) > MOST_LISTED else found.records()
            notes = _notes(found.model, out, found.columns())
            return Outcome(data, found.text(), notes, tabulate=lambda: _tabulated(found, points))
        runs = [experiments.label_series(points, first, order=order, work=work)]
    return _of_runs(runs, out)


def _tabulated(found: kgons.Classification, points: potential.StoredPoint) -> Table:
    """The names of the points with L and ‖∇L‖ there; of very many, how often each occurs."""
    if len(found) > MOST_LISTED:
        return found.table()
    import numpy as np

    from kgon.potential.loss import gradient_norms

    loss, *slopes = potential.Potential(points.tms).loss_and_gradient(points.W, points.b)
    return found.points_table(*np.atleast_1d(loss, gradient_norms(*slopes)))


def _check_list(file: str, count: int, as_json: bool, out: str | None) -> None:
    """Refuse a list that is too long to be printed, before it is made."""
    if as_json and out is None and count > MOST_LISTED:
        raise KgonError(
            f"{file} holds {count} points; above {MOST_LISTED} the list is written with --out labels.npz"
        )


def _of_runs(runs: Sequence[experiments.CheckpointSeries], out: str | None) -> Outcome:
    """What is said of one run or several, one after another."""
    import numpy as np

    texts = []
    for run in runs:
        texts += [run.files[0].rpartition("[")[0]] if len(runs) > 1 else []
        texts += [run.text(), *([str(run.changes_table())] if run.changes else [])]
    columns = [run.columns() for run in runs]
    listed = {name: np.concatenate([each[name] for each in columns]) for name in columns[0]}
    notes = _notes(runs[0].names.model, out, listed)
    long = sum(map(len, runs)) > MOST_LISTED
    data = [run.summary() for run in runs] if long else [record for run in runs for record in run.records()]
    return Outcome(
        data, "\n\n".join(texts), notes, tabulate=lambda: Table.joined([run.table() for run in runs])
    )


def _of_solids(found: landscape.NearestSolids, model: potential.TMS, out: str | None) -> Outcome:
    """What is said of points of other dimensions than two."""
    data = found.summary() if len(found) > MOST_LISTED else found.records()
    notes = [*_notes(model.own, out, found.columns(), EQUAL), NO_PLANE[found.r == 3]]
    return Outcome(data, found.text(), notes, tabulate=found.table)


def _notes(
    model: potential.TMS | None, out: str | None, columns: Mapping[str, Any], meaning: str = SHAPES
) -> list[str]:
    """Where the list is, which is written here, and what names mean where weights are not equal."""
    notes = [] if out is None else [f"the list is in {base.write_columns(out, columns)}"]
    return notes if model is None or model.equal else [*notes, f"model: {model}", meaning]
