"""What the commands share: exit codes, output."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from typing import Any

DONE, REFUTED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
TABLE_FORMATS = ("text", "latex", "markdown", "csv")


def emit(args: argparse.Namespace, data: Any, text: Callable[[], str], *, notes: Sequence[str] = ()) -> None:
    """Print the JSON document of a command, or its text."""
    if not args.json:
        print("\n".join([text(), *(["", *notes] if notes else [])]))
        return
    from kgon.results import document

    options = {
        key: value
        for key, value in vars(args).items()
        if key not in ("run", "json", "command", "version") and value is not None
    }
    whole = document(args.command, options, data, notes=notes)
    print(json.dumps(whole, allow_nan=False, ensure_ascii=False, indent=2))
