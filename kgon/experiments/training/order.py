"""Which files are a series, and in which order: of their steps, of their names, or as they were given."""

from __future__ import annotations

import glob
import math
import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

from kgon.base.files import STANDARD_INPUT
from kgon.base.verdicts import KgonError
from kgon.potential.points import ENDINGS
from kgon.potential.steps import Step, steps_of

ORDERS = ("given", "name", "step")
"""Orders of checkpoints: of the command line, of the steps in their names, of the steps in the files."""
Paths = str | Path | Iterable[str | Path]


def list_files(paths: Paths) -> dict[Path, bool]:
    """List the files of paths, folders and patterns, each once, in the order in which they were given.

    Those of a folder or a pattern come in natural order, ckpt-9 before ckpt-10.

    Returns
    -------
    dict
        Each file, and whether it was named itself.

    Raises
    ------
    KgonError
        There is none.
    """
    found: dict[Path, bool] = {}
    for given in [paths] if isinstance(paths, (str, Path)) else paths:
        if not str(given):
            raise KgonError("the name of a file is empty")
        path, named = Path(given), False
        if path.is_dir():
            inside = [file for file in path.iterdir() if file.suffix.lower() in ENDINGS]
        elif str(given) == STANDARD_INPUT or path.exists() or not glob.has_magic(str(given)):
            inside, named = [path], True
        else:
            inside = [Path(name) for name in glob.glob(str(given), recursive=True)]
        if not inside:
            raise KgonError(f"{given}: no checkpoints ({', '.join(ENDINGS)}) there")
        for file in sorted(inside, key=_natural):
            found[file] = found.get(file, False) or named
    if not found:
        raise KgonError("name at least one checkpoint")
    return found


def _natural(file: Path) -> list[tuple[int, int, str]]:
    """Key that sorts names in natural order, step-9 before step-10."""
    parts = re.split(r"([0-9]+)", str(file.with_suffix("")))
    return [(1, int(part), "") if part.isdigit() else (0, 0, part) for part in parts]


def put_in_order(
    files: Sequence[Path], stored: Sequence[Step | None], order: str | None = None
) -> tuple[list[int], list[Step | None]]:
    """Order checkpoints, and say the step of each.

    Parameters
    ----------
    files : sequence of Path
        As they were given.
    stored : sequence of (int, float or None)
        The steps in the files; None where a file does not say it.
    order : str, optional
        One of ``ORDERS``.  Default: the steps in the files where all have one and no two the same, else the
        steps in their names.  Files whose names lack the number that varies come last, all as they were
        given where no number does.

    Returns
    -------
    places : list of int
        Which file comes first, second, …
    steps : list of (int, float or None)
        Of the files in that order.

    Raises
    ------
    KgonError
        The files and their names give two orders, or none is known.
    """
    known = [step for step in stored if step is not None]
    whole = len(known) == len(files)
    if order == "step" and not whole:
        missing = next(file for file, step in zip(files, stored, strict=True) if step is None)
        raise KgonError(f"{missing} says no step: --order step needs one in each file, as an entry step")
    if order == "step" or (order is None and whole and len(set(known)) == len(known)):
        places = sorted(range(len(files)), key=known.__getitem__)
        if order is None:
            _check_agreement(files, places, known)
        return places, [known[k] for k in places]
    places = list(range(len(files)))
    if order == "given":
        return places, list(stored) if whole else _steps_in_names(files)
    named = steps_of(files)
    places.sort(key=lambda k: math.inf if (step := named[k]) is None else step)
    return places, [named[k] for k in places]


def _steps_in_names(files: Sequence[Path]) -> list[Step | None]:
    """The steps in the names, or none where they tell none."""
    try:
        return steps_of(files)
    except KgonError:
        return [None] * len(files)


def _check_agreement(files: Sequence[Path], places: Sequence[int], known: Sequence[Step]) -> None:
    """Refuse files whose names count in another order than the steps in them."""
    named = _steps_in_names(files)
    for before, after in pairwise(places):
        first, second = named[before], named[after]
        if first is not None and second is not None and first > second:
            raise KgonError(
                f"{files[before]} has the step {known[before]}, {files[after]} {known[after]}; their names "
                "say the other order: --order step or --order name says which counts"
            )
