"""Read phases of one's own from files: .json, or .csv with a header."""

from __future__ import annotations

import csv
import json
import re
import unicodedata
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from kgon.base.checks import exact_fraction, shown
from kgon.base.verdicts import KgonError, KgonWarning
from kgon.free_energy.energies import Phase, check_name
from kgon.free_energy.phases import different

NAMES = {
    "name": ("name", "label", "phase"),
    "loss": ("loss", "L"),
    "lambda_": ("lambda", "λ", "lambda_hat", "lambdahat", "hatlambda", "llc", "rlct"),
    "constant": ("constant", "c", "c_prior"),
    "multiplicity": ("multiplicity", "m"),
}
"""What each number of a phase may be called in a file, as keys or in the header; see ``_plain``."""
MEANS = ("", "_mean")
ERRORS = ("_error", "_err", "_stderr", "_se", "_sem")
"""Ends of the names of estimates, and of their standard errors."""
MEASURED = ("loss", "lambda_", "constant")
"""What may be estimated."""
SPREADS = (
    *("std", "stdev", "sd", "sigma", "σ", "var", "variance", "dev", "deviation", "spread", "uncertainty"),
    *("lower", "upper", "low", "high", "min", "max", "ci", "hdi", "bound", "standard", "of"),
    *(end.strip("_") for end in ERRORS),
)
"""Words for errors of which it is not known what they are."""
INDEX = ("", "unnamed:_0", "index")
"""What pandas calls the index of a table."""
FORMS = 'a list of {"name": "A", "loss": 0.07, "lambda": 7, "constant": 3.6}, or a .csv with this header'


def read_phases(path: str | Path) -> dict[str, Phase]:
    """Read phases of one's own, by name, from a .json or .csv file.

    JSON holds a list of objects with ``name``, ``loss``, ``lambda`` and, where they are not 0 and 1,
    ``constant`` and ``multiplicity``; or an object with these by name; or what ``kgon ncrit --json`` writes.
    CSV has the same names in its header, in any case, or as in LaTeX; ``llc`` and ``lambda_hat`` are λ.
    Numbers are read as exact decimals; text may be ``15/2``, ``0.07±0.001`` or ``[0.069, 0.071]``, and a
    standard error may have a column of its own, ``loss_error`` or ``llc_stderr``.

    Raises
    ------
    KgonError
        The file cannot be read, holds no phases, or one that is not complete; two of one name; a column of
        errors of which it is not known what they are.

    Warns
    -----
    KgonWarning
        Other numbers are passed over.
    """
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8-sig")
        rows = _json(text) if file.suffix == ".json" else _csv(text)
        if file.suffix not in (".json", ".csv"):
            raise KgonError(f"phases are read from .json and .csv, not from {file.suffix or file.name!r}")
        unread: set[str] = set()
        phases = [_phase(row, unread) for row in rows]
        different(phases, f"a file of phases holds {FORMS}, each name once", [p.name for p in phases])
    except OSError as error:
        raise KgonError(f"{path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise KgonError(f"{path}: not a text file in UTF-8") from None
    except (json.JSONDecodeError, csv.Error, RecursionError) as error:
        raise KgonError(f"{path}: not {file.suffix[1:].upper()} ({error})") from None
    except KgonError as error:
        raise KgonError(f"{path}: {error}") from None
    if unread:
        known = "; ".join(" or ".join(names[:2]) for names in NAMES.values())
        warnings.warn(
            f"{path}: passed over: {', '.join(sorted(unread))} (read are {known}, and errors of these as in "
            "lambda_error)",
            KgonWarning,
            stacklevel=2,
        )
    return {phase.name: phase for phase in phases}


def _json(text: str) -> Iterator[Mapping[str, Any]]:
    # Numbers stay as they are written: they are decimals, not the floats next to them.
    data = json.loads(text, parse_float=str, parse_int=str, object_pairs_hook=_once)
    while isinstance(data, Mapping):  # what kgon writes has the phases under "data", and there under "given"
        inner = next((data[key] for key in ("data", "given", "phases") if key in data), None)
        if inner is None:
            data = _columns(data) or [{"name": name, **_entry(value)} for name, value in data.items()]
        else:
            data = inner
    if not isinstance(data, list) or not all(isinstance(row, Mapping) for row in data):
        raise KgonError(f"the file must hold {FORMS}, it holds {shown(data)}")
    yield from data


def _columns(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The rows of a table that is stored by columns, as pandas does; empty where it is none."""
    if not {"loss", "lambda_"} <= {_meaning(name)[0] for name in data}:
        return []
    if all(isinstance(column, Mapping) for column in data.values()):  # by the index of each row
        indices = list(dict.fromkeys(index for column in data.values() for index in column))
        cells = {name: [column.get(index) for index in indices] for name, column in data.items()}
        if not any(_is_index(name) for name in cells):
            cells = {"": indices, **cells}
    elif all(isinstance(column, list) for column in data.values()):
        cells = dict(data)
    else:
        return []
    if len({len(column) for column in cells.values()}) > 1:
        raise KgonError(f"the columns {', '.join(cells)} are not equally long")
    return [dict(zip(cells, row, strict=True)) for row in zip(*cells.values(), strict=True)]


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise KgonError(f"an object names {shown([name for name, _ in pairs])}: each name once")
    return found


def _entry(value: Any) -> Mapping[str, Any]:
    """The numbers under a name: an object, or a list in the order loss, λ, constant, multiplicity."""
    if isinstance(value, Mapping):
        return value
    if isinstance(value, Sequence) and not isinstance(value, str):
        return dict(zip(list(NAMES)[1:], value, strict=False))
    raise KgonError(f"the file must hold {FORMS}, it holds {shown(value)}")


def _csv(text: str) -> Iterator[Mapping[str, Any]]:
    lines = [line for line in text.splitlines() if line.strip()]
    separator = max(",;\t", key=lines[0].count) if lines else ","
    rows = csv.DictReader(lines, skipinitialspace=True, delimiter=separator)
    header = [(name or "").strip() for name in rows.fieldnames or ()]
    if not {"loss", "lambda_"} & {_meaning(name)[0] for name in header}:
        wish = "name,loss,lambda,constant"
        raise KgonError(f"the header must be {wish}, it is {shown(separator.join(header))}")
    twin = next((name for name in header if header.count(name) > 1), None)
    if twin is not None:
        raise KgonError(f"the header names {twin} twice: each name once")
    for row in rows:
        if row.get(None):
            first = shown(next(iter(row.values())))
            raise KgonError(f'row {first} has more cells than the header; an enclosure is quoted, "[a, b]"')
        yield {(name or "").strip(): value for name, value in row.items() if (value or "").strip()}


def _plain(name: str) -> str:
    """The name of a column without capitals, accents and marks of LaTeX: lambda_hat, for a λ or an LLC.

    Examples
    --------
    >>> [_plain(name) for name in ("$λ$", "λ̂_SE", "LLC/mean", "lambda_")]
    ['lambda', 'lambda_se', 'llc_mean', 'lambda']
    """
    letters = (x for x in unicodedata.normalize("NFD", name) if not unicodedata.combining(x))
    text = re.sub(r"[${}\\]", "", "".join(letters)).strip().casefold().replace("λ", "lambda")
    return re.sub(r"[\s/.-]+", "_", text).rstrip("_")


def _meaning(name: str) -> tuple[str, bool]:
    """Say of which number of a phase a column is, and whether it is its standard error; else nothing."""
    for field, names in NAMES.items():
        ends = (*MEANS, *ERRORS) if field in MEASURED else MEANS[:1]
        end = next((x for x in ends for known in names if _plain(name) == _plain(known) + x), None)
        if end is not None:
            return field, end in ERRORS
    return "", False


def _phase(row: Mapping[str, Any], unread: set[str]) -> Phase:
    """The phase of one row; of what is none of its numbers, what might be one is added to ``unread``."""
    found: dict[tuple[str, bool], tuple[str, Any]] = {}
    for name, value in row.items():
        meaning = _meaning(name)
        if meaning[0] and value is not None:
            before = found.setdefault(meaning, (name, value))[0]
            if before != name:
                raise KgonError(f"{before} and {name} are one number: leave one of them out")
        elif not _is_index(name) and exact_fraction(value) is not None:
            _check_no_spread(name)
            unread.add(name)
    numbers = {field: value for (field, error), (_, value) in found.items() if not error}
    index = next((str(row[name]) for name in row if _is_index(name)), "")
    name = check_name(numbers.pop("name", index))
    missing = [NAMES[field][0] for field in ("loss", "lambda_") if field not in numbers]
    if missing:
        raise KgonError(
            f"phase {name} has no {' and no '.join(missing)} among {', '.join(row)}; a file of phases holds "
            f"{FORMS}"
        )
    for field in [field for field, error in found if error]:
        numbers[field] = f"{numbers.get(field, 0)}±{found[field, True][1]}"
    return Phase(name=name, **numbers)


def _is_index(name: str) -> bool:
    return _plain(name) in INDEX


def _check_no_spread(name: str) -> None:
    """Refuse a column that looks like an error: without it the answer would look exact."""
    words = _plain(name).split("_")
    of = "_".join(word for word in words if word not in SPREADS)
    if of != "_".join(words) and (not of or _meaning(of)[0]):
        raise KgonError(
            f"{name} is not understood: a standard error is a column such as lambda_error (a standard "
            "deviation of m independent estimates, divided by the root of m), an enclosure is [low, high]"
        )
