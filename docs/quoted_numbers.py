"""Numbers in the documentation come by name from ``numbers.json`` and ``run-times.json`` beside this file.

In a page the role {number}`loss.6` shows a number as it is kept, {number}`loss.6 .4f` rounded; in the README,
which GitHub shows, it stands between two comments that this script fills:

    python docs/quoted_numbers.py [FOLDER]   keep the numbers of a finished main job; fill the README
"""

import argparse
import json
import re
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
README = HERE.parent / "README.md"
NUMBERS, TIMES = HERE / "numbers.json", HERE / "run-times.json"
SPAN = re.compile(r"<!-- number: ([^>]*?) -->(.*?)<!-- /number -->", re.S)
"""A number in the README: its name, perhaps with a format, and the text that readers see."""


@cache
def known() -> dict[str, dict[str, str]]:
    """Read what is kept: name → number; the run times are those of ``run_times.py``."""
    measured = json.loads(TIMES.read_text(encoding="utf-8"))
    times = {
        f"seconds.{command}": {"value": f"{seconds:g}"}
        for part in ("seconds", "parts")
        for command, seconds in measured[part].items()
    }
    return json.loads(NUMBERS.read_text(encoding="utf-8"))["data"]["numbers"] | times


def shown(asked: str) -> str:
    """Write a number: its name, and after a blank the format, if it is to be rounded.

    Of a number with an error a format shows the number alone.

    Raises
    ------
    KeyError
        No such number.
    ValueError
        A number that cannot have this format.
    """
    name, _, form = asked.rpartition(" ") if re.search(r" \.\d+[fg]$", asked) else (asked, "", "")
    value = known()[name]["value"]
    if not form:
        return value
    try:
        return format(Decimal(value.partition(" ± ")[0]), form)
    except InvalidOperation:
        raise ValueError(f"{name} is {value!r}, which has no format {form!r}") from None


def fill(text: str) -> str:
    """Write every number between its comments."""
    return SPAN.sub(lambda span: f"<!-- number: {span[1]} -->{shown(span[1])}<!-- /number -->", text)


def setup(app: Any) -> dict[str, bool]:
    """Register the role with Sphinx; a name that is not there ends the build."""
    from docutils import nodes
    from sphinx.errors import ExtensionError
    from sphinx.util.docutils import SphinxRole

    class Number(SphinxRole):
        """The role of a number."""

        def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
            where = f"{self.env.docname}, line {self.lineno}"
            try:
                number = nodes.inline(self.rawtext, shown(self.text), classes=["number"])
            except KeyError:
                raise ExtensionError(f"{where}: no number {self.text!r} in {NUMBERS.name}") from None
            except ValueError as error:
                raise ExtensionError(f"{where}: {error}") from None
            self.env.note_dependency(str(NUMBERS))
            return [number], []

    app.add_role("number", Number())
    return {"parallel_read_safe": True}


def keep(run: Path) -> None:
    """Copy the numbers of a finished main job."""
    NUMBERS.write_bytes((run / "numbers.json").read_bytes())


def main() -> None:
    """Do what the module says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="of a finished main job")
    given = parser.parse_args()
    if given.folder:
        keep(given.folder)
    README.write_text(fill(README.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
