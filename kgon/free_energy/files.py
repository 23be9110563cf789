"""Read phases of one's own from files: .json, or .csv with a header."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from kgon.base.checks import shown
from kgon.base.verdicts import KgonError
from kgon.free_energy.energies import Phase, check_name
from kgon.free_energy.phases import different

NAMES = {
    "name": ("name", "label", "phase"),
    "loss": ("loss", "L"),
    "lambda_": ("lambda", "λ", "lambda_"),
    "constant": ("constant", "c", "c_prior"),
    "multiplicity": ("multiplicity", "m"),
}
"""What each number of a phase may be called in a file, as keys or in the header."""
ERRORS = {"loss": "loss_error", "lambda_": "lambda_error", "constant": "constant_error"}
"""Standard errors with an entry of their own."""
FORMS = 'a list of {"name": "A", "loss": 0.07, "lambda": 7, "constant": 3.6}, or a .csv with this header'


def read_phases(path: str | Path) -> dict[str, Phase]:
    """Read phases of one's own, by name, from a .json or .csv file.

    JSON holds a list of objects with ``name``, ``loss``, ``lambda`` and, where they are not 0 and 1,
    ``constant`` and ``multiplicity``; or an object with these by name; or what ``kgon ncrit --json`` writes.
    CSV has the same names in its header.  Numbers are read as exact decimals; text may be ``15/2``,
    ``0.07±0.001`` or ``[0.069, 0.071]``, and an error may have a column of its own, ``loss_error``.

    Raises
    ------
    KgonError
        The file cannot be read, holds no phases, or one that is not complete; two of one name.
    """
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8-sig")
        rows = _json(text) if file.suffix == ".json" else _csv(text)
        if file.suffix not in (".json", ".csv"):
            raise KgonError(f"phases are read from .json and .csv, not from {file.suffix or file.name!r}")
        phases = [_phase(row) for row in rows]
        different(phases, f"a file of phases holds {FORMS}, each name once", [p.name for p in phases])
    except OSError as error:
        raise KgonError(f"{path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise KgonError(f"{path}: not a text file in UTF-8") from None
    except (json.JSONDecodeError, csv.Error, RecursionError) as error:
        raise KgonError(f"{path}: not {file.suffix[1:].upper()} ({error})") from None
    except KgonError as error:
        raise KgonError(f"{path}: {error}") from None
    return {phase.name: phase for phase in phases}


def _json(text: str) -> Iterator[Mapping[str, Any]]:
    # Numbers stay as they are written: they are decimals, not the floats next to them.
    data = json.loads(text, parse_float=str, parse_int=str, object_pairs_hook=_once)
    while isinstance(data, Mapping):  # what kgon writes has the phases under "data", and there under "given"
        inner = next((data[key] for key in ("data", "given", "phases") if key in data), None)
        if inner is None:
            data = [{"name": name, **_entry(value)} for name, value in data.items()]
        else:
            data = inner
    if not isinstance(data, list) or not all(isinstance(row, Mapping) for row in data):
        raise KgonError(f"the file must hold {FORMS}, it holds {shown(data)}")
    yield from data


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
    rows = csv.DictReader(text.splitlines(), skipinitialspace=True)
    known = {*(name for names in NAMES.values() for name in names), *ERRORS.values()}
    header = [(name or "").strip() for name in rows.fieldnames or ()]
    if not known & {*header}:
        wish = "name,loss,lambda,constant"
        raise KgonError(f"the header must be {wish}, it is {shown(','.join(header))}")
    for row in rows:
        if row.get(None):
            first = shown(next(iter(row.values())))
            raise KgonError(f'row {first} has more cells than the header; an enclosure is quoted, "[a, b]"')
        yield {(name or "").strip(): value for name, value in row.items() if (value or "").strip()}


def _phase(row: Mapping[str, Any]) -> Phase:
    """The phase of one row; entries that are none of its numbers are left alone."""
    found: dict[str, Any] = {}
    for field, names in NAMES.items():
        given = [name for name in names if row.get(name) is not None]
        if len(given) > 1:
            raise KgonError(f"{given[0]} and {given[1]} are one number: leave one of them out")
        if given:
            found[field] = row[given[0]]
    name = check_name(found.pop("name", ""))
    missing = [NAMES[field][0] for field in ("loss", "lambda_") if field not in found]
    if missing:
        raise KgonError(f"phase {name} has no {' and no '.join(missing)}: {FORMS}")
    for field, error in ERRORS.items():
        if row.get(error) is not None:
            found[field] = f"{found.get(field, 0)}±{row[error]}"
    return Phase(name=name, **found)
