"""What the commands share: exit codes, output."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kgon.base.checks import Floats
    from kgon.base.work import Workers
    from kgon.kgons.labels import Label
    from kgon.potential.model import TMS

DONE, REFUTED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
TABLE_FORMATS = ("text", "latex", "markdown", "csv")
CONNECT = 10
"""Seconds to wait for a Dask scheduler."""


def emit(args: argparse.Namespace, data: Any, text: Callable[[], str], *, notes: Sequence[str] = ()) -> None:
    """Print the JSON document of a command, or its text."""
    if not args.json:
        print("\n".join([text(), *(["", *notes] if notes else [])]))
        return
    from kgon.base.results import document

    options = {
        key: value
        for key, value in vars(args).items()
        if key not in ("run", "json", "command", "version") and value is not None
    }
    whole = document(args.command, options, data, notes=notes)
    print(json.dumps(whole, allow_nan=False, ensure_ascii=False, indent=2))


def only_with(args: argparse.Namespace, given: bool, option: str, **defaults: float | str | None) -> None:
    """Give options their defaults if ``option`` is given; without it they mean nothing and are refused."""
    from kgon.base.verdicts import KgonError

    for name, default in defaults.items():
        value = getattr(args, name)
        if value is not None and not given:
            shown = value if isinstance(value, str) else f"{value:g}"
            raise KgonError(f"--{name.replace('_', '-')} {shown} is for {option}")
        if value is None and given:
            setattr(args, name, default)


@contextmanager
def workers_of(args: argparse.Namespace) -> Iterator[Workers]:
    """Who does the work: ``--workers`` processes, or the Dask cluster of ``--scheduler``."""
    if args.scheduler is None:
        yield args.workers
        return
    from kgon.base.verdicts import KgonError

    try:
        from distributed import Client
    except ImportError:
        raise KgonError("--scheduler needs Dask: pip install 'kgon[dask]'") from None
    try:
        client = Client(args.scheduler, timeout=CONNECT)
    except (OSError, ValueError) as error:
        reason = str(error) or type(error).__name__
        raise KgonError(f"--scheduler {args.scheduler}: no Dask scheduler answers there ({reason})") from None
    with client:
        yield client.get_executor()


def point_of(args: argparse.Namespace, *, many: bool = False) -> tuple[TMS, Floats, Floats, Label | None]:
    """The point that ``LABEL|FILE`` names, or the points, and its label where it is one."""
    from kgon.base.files import is_file_name
    from kgon.base.verdicts import KgonError
    from kgon.kgons.catalogue import Catalogue
    from kgon.potential.model import TMS
    from kgon.potential.points import read_point

    if not is_file_name(args.point):
        point = Catalogue(args.features or 6)[args.point]
        return TMS(point.c), point.W, point.biases, point.name
    tms, W, b = read_point(args.point)
    if W.ndim != 2 and not many:
        raise KgonError(f"{args.point}: {args.command} takes one point, the file holds {len(W)}")
    if args.features not in (None, tms.c):
        raise KgonError(f"{args.point} has {tms.c} features, -c says {args.features}")
    return tms, W, b, None
