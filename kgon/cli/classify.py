"""``kgon classify``: the names of one point, of many, or of a series of checkpoints."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kgon import base, experiments, kgons
from kgon.base.verdicts import KgonError
from kgon.cli.option import Given, option
from kgon.cli.options import json_flag, work
from kgon.cli.outcome import Outcome
from kgon.cli.registry import command

MOST_LISTED = 10_000
"""Points up to which the JSON lists every one; above, it holds counts and ``--out`` the list."""

NO_BASINS = (
    "no basins: the importance or probability in the file is not uniform, and the k-gons are no critical "
    "points of that model; nearest and hull say what the point looks like"
)


def _list_file(file: str, _: Given) -> str:
    if Path(file).suffix not in (".csv", ".npz"):
        raise KgonError(f"--out is a .csv or .npz file, got {file!r}")
    base.check_writable(Path(file).parent)
    return file


@command("classify", args=[
    json_flag("as_json"),
    option("files", "points; or files, a folder or a pattern with one point each", nargs="+", metavar="FILE"),
    option("--out", "write the list to a .csv or .npz file", metavar="FILE", read=_list_file), *work(),
])  # fmt: skip
def classify(files: Sequence[str], as_json: bool, work: base.Work, out: str | None = None) -> Outcome:
    """Name points by nearest k-gon, basin and hull; several files are a series of checkpoints."""
    one = len(files) == 1 and Path(files[0]).is_file()
    found: Any = (
        _points(files[0], as_json and out is None, work) if one else experiments.read_series(files, work=work)
    )
    data = found.summary() if one and len(found) > MOST_LISTED else found.records()
    notes = [] if out is None else [f"the list is in {base.write_columns(out, found.columns())}"]
    if (found if one else found.names).basin is None:
        notes.append(NO_BASINS)
    return Outcome(data, found.text(), notes)


def _points(file: str, listed: bool, work: base.Work) -> Any:
    tms, W, b = kgons.read_plane_points(file)
    if listed and W.ndim > 2 and len(W) > MOST_LISTED:
        raise KgonError(
            f"{file} holds {len(W)} points; above {MOST_LISTED} the list is written with --out labels.npz"
        )
    return kgons.classify(W, b, basin=tms.equal, work=work)
