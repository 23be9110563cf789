"""What a command found: printed as text or JSON, and mapped to the exit code."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kgon.base.table import Table
from kgon.base.verdicts import Health, Verdict
from kgon.cli.encoding import fitted, output_encoding

DONE, REFUTED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command prints, and whether it is done and true.

    Attributes
    ----------
    data : object
        Of the JSON document: a result, or a list or dict.
    text : str
        What is printed without ``--json``.
    notes : sequence of str
        Under the text, and in the JSON document.
    told : sequence of str
        Notes of the JSON document that the text has already.
    holds : bool
        Whether the exit code is 0.
    tabulate : callable, optional
        Makes what ``--format`` writes; default: the table of the data, where these are results.
    """

    data: Any
    text: str
    notes: Sequence[str] = ()
    told: Sequence[str] = ()
    holds: bool = True
    tabulate: Callable[[], Table] | None = None

    @classmethod
    def of(cls, found: Any, notes: Sequence[str] = (), **other: Any) -> Outcome:
        """Make it of a result or a list of results; ``other`` replaces what these say themselves."""
        if isinstance(found, Outcome):
            return found
        several = isinstance(found, list)
        text = "\n".join(x.headline() for x in found) if several else str(found)
        holds = all(map(_holds, found)) if several else _holds(found)
        return cls(**({"data": found, "text": text, "notes": notes, "holds": holds} | other))

    @classmethod
    def in_table(cls, data: Any, table: Table, **other: Any) -> Outcome:
        """Make it of data of which a table is all that is printed."""
        return cls(data, str(table), tabulate=lambda: table, **other)

    def printed(self, command: str, options: Mapping[str, Any]) -> str:
        """Write the text, or the JSON document of a command with these options."""
        if not options["json"]:
            form = options.get("format") or "text"
            if form != "text" and (tabulate := self.tabulate or self._table_of_data()):
                return fitted(tabulate().and_notes(self.notes).render(form), output_encoding())
            lines = [self.text, *(["", *self.notes] if self.notes else [])]
            return fitted("\n".join(lines), output_encoding())
        from kgon.base.results import document

        given = {name: x for name, x in options.items() if name != "json" and x is not None}
        whole = document(command, given, self.data, notes=[*self.told, *self.notes])
        escaped = not output_encoding().lower().startswith("utf")
        return json.dumps(whole, allow_nan=False, ensure_ascii=escaped, indent=2)

    def _table_of_data(self) -> Callable[[], Table] | None:
        """How the data are tabulated; None where they are no results."""
        results = self.data if isinstance(self.data, list) else [self.data]
        if not results or not all(hasattr(x, "table") for x in results):
            return None
        return lambda: Table.joined([x.table() for x in results])


def _holds(found: Any) -> bool:
    """Whether a result's verdict is not against it, nor the health of its sampling."""
    verdict: Verdict = getattr(found, "verdict", Verdict.CONFIRMED)
    health = getattr(found, "health", None)
    good = health.good if isinstance(health, Health) else getattr(found, "healthy", True)
    return verdict.holds and bool(good)
