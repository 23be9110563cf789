"""The command that writes the explorer, a page for the browser."""

from __future__ import annotations

from typing import Any

from kgon import base, report
from kgon.base.verdicts import KgonError
from kgon.cli.option import option
from kgon.cli.options import PROCESSES, executors, narration
from kgon.cli.outcome import Outcome
from kgon.cli.registry import command
from kgon.cli.report import STORE, opened_store, paths_of


def _file(path: str, _: Any) -> str:
    """The file to write; one that cannot be written is refused before the work."""
    from pathlib import Path

    if not path.strip() or Path(path).is_dir():
        raise KgonError(f"--out names a file, such as explorer.html; got {path!r}")
    base.check_writable(Path(path).parent)
    return path


@command("explorer", args=[
    option("--out", "the file to write", "explorer.html", metavar="FILE", read=_file),
    STORE, *executors(PROCESSES), narration(),
])  # fmt: skip
def explorer(out: str, work: base.Work, place: str = "") -> Outcome:
    """Write one page on which a point is dragged about, with its loss, gradient and nearest k-gon."""
    assert callable(work.progress)
    store = opened_store(place)
    return paths_of([report.make_explorer(out, work=work, store=store, tell=work.progress)])
