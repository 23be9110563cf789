"""What long commands found, kept beside the pages that quote it, and shown there by its name.

The main job is quick; what takes longer is run by this script, and what it prints with ``--json`` is kept in
``kept/``.  A page asks for one number with the role {kept}`search loss=0.0693/hits`, and for a table with the
directive ``kept-table``:

    python docs/kept_results.py [NAME ...]   run the commands of these again, or of all
"""

import argparse
import json
import re
import shlex
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).parent
FOLDER = HERE / "kept"
COMMANDS = {
    "search": "search --starts 50000 --below 1/9",
    "six": "continue 6 --from 0.25 --to 3",
    "switch": "continue 6 --from 0.25 --to 3 --switch 1",
    "landscape-own": "landscape --importance 1,1,1,1,1,0.9 --workers 2",
    "llc-published": "table llc-published --full",
    "llc-bias": "table llc-bias --full",
    "llc-falls": "table llc-falls",
    "theories": "table theories --full",
    "transition-rates": "table transition-rates --full",
    "antecedent-5000": "antecedent 4+ 5 --sampled --n 5000",
    "antecedent-1000000": "antecedent 4+ 5 --sampled --n 1000000",
    "train-4-gons": "train --trajectories 150 --seed 1",
    "train-random": "train --trajectories 100 --start random --seed 2",
    "train-small": "train --trajectories 100 --start small --seed 3",
    "train-4+": "train --trajectories 60 --start 4+ --seed 4",
    "train-4+-flow": "train --trajectories 60 --start 4+ --seed 4 --flow",
    "train-4++": "train --trajectories 60 --start 4++ --seed 4",
    "train-stages": "train --trajectories 60 --start 4++-",
}
"""The name of each result, and the command that finds it."""
FORM = re.compile(r"(.+) (\.\d+[fge%]|\+\.\d+[fge])")
"""What is asked for, and the format in which it is to be shown."""

NO_GAP = 1e-12
"""A gap that is expected to be smaller is rounding."""
LONG = ("trajectories", "rates", "points", "nodes", "path_W", "path_biases", "arc", "loss")
"""Lists that are long, and that no page quotes."""


def unquoted(key: str, value: Any) -> bool:
    """Whether this part of the data is long, or of no use here, and quoted nowhere."""
    return key == "gradient_norm" or (key in LONG and isinstance(value, list))


def without(data: Any) -> Any:
    """Take out of data what is long and quoted nowhere."""
    if isinstance(data, dict):
        return {key: without(value) for key, value in data.items() if not unquoted(key, value)}
    return [without(value) for value in data] if isinstance(data, list) else data


def summary(data: Any) -> dict[str, Any]:
    """Sum up the runs of a training, which are not kept: where they ended, and the gaps of their plateaus.

    ``ends`` counts the points, and ``gap_ratios`` has of each the median of the gap that is seen over the
    one that is expected. Of anything else nothing.
    """
    runs = data.get("trajectories", []) if isinstance(data, dict) else []
    counts = Counter(run["plateaus"][-1]["label"] for run in runs if run["plateaus"])
    ratios: dict[str, list[float]] = {}
    for plateau in (plateau for run in runs for plateau in run["plateaus"]):
        if (plateau["expected_gap"] or 0.0) < NO_GAP:
            continue
        ratios.setdefault(plateau["label"], []).append(plateau["gap"] / plateau["expected_gap"])
    medians = {label: median(found) for label, found in sorted(ratios.items())}
    return {"ends": dict(counts.most_common()), "gap_ratios": medians} if runs else {}


def keep(name: str) -> None:
    """Run a command again, and keep what it finds."""
    line = [sys.executable, "-m", "kgon", *shlex.split(COMMANDS[name]), "--json"]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    if not done.stdout.startswith("{"):
        raise SystemExit(f"kgon {COMMANDS[name]}: {done.stderr}")
    write(name, json.loads(done.stdout))


def write(name: str, found: Mapping[str, Any]) -> None:
    """Write what a command found into its file."""
    data = without(found["data"])
    own = summary(found["data"])
    whole = {"command": f"kgon {COMMANDS[name]}", **found, "data": {**data, **own} if own else data}
    text = json.dumps(whole, ensure_ascii=False, indent=1)
    (FOLDER / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")


@cache
def kept(name: str) -> Any:
    """Read the data of a result."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))["data"]


def found_at(data: Any, path: str) -> Any:
    """Follow a path into data: keys, places in lists, and ``key=value`` for the entry of a list that has it.

    A number has a value if it is that when it is rounded to so many digits.

    Raises
    ------
    LookupError
        Nothing is there, or several entries fit.
    """
    for step in path.split("/"):
        if isinstance(data, dict):
            data = data[step]
        elif "=" in step:
            fitting = [entry for entry in data if fits(entry, step)]
            if len(fitting) != 1:
                raise LookupError(f"{len(fitting)} entries have {step}")
            data = fitting[0]
        else:
            data = data[int(step)]
    return data


def fits(entry: Mapping[str, Any], wanted: str) -> bool:
    """Whether an entry has each ``key=value`` of a list that is joined by ``&``."""
    pairs = [each.partition("=") for each in wanted.split("&")]
    return all(same(entry[key], value) for key, _, value in pairs)


def same(value: Any, wanted: str) -> bool:
    """Whether a value is what is wanted, a float after rounding."""
    if isinstance(value, float):
        return f"{value:.{len(wanted.partition('.')[2])}f}" == wanted
    return ("" if value is None else str(value)) == wanted


def shown(asked: str) -> str:
    """Write the number that is asked for: ``name path``, and perhaps a format.

    Raises
    ------
    LookupError
        It is not there.
    """
    match = FORM.fullmatch(asked)
    where, form = match.groups() if match else (asked, "")
    name, _, path = where.partition(" ")
    value = found_at(kept(name), path)
    if isinstance(value, str) and form:
        value = float(value.partition(" ± ")[0])
    return in_form(value, form)


def fill(text: str) -> str:
    """Put in the text of a page what its roles show."""
    return re.sub(r"\{kept\}`([^`]*)`", lambda found: shown(found[1]), text)


def in_form(value: Any, form: str) -> str:
    """Write a value in a format; nothing for what is not defined."""
    if value is None:
        return ""
    return format(value, form) if form else "yes" if value is True else "no" if value is False else str(value)


def table(name: str, options: Mapping[str, str], words: Mapping[str, str]) -> list[str]:
    """Write the lines of a Markdown table from the entries of a result.

    Parameters
    ----------
    name : str
        Of the result, and after a blank the path of the list in it.
    options : mapping
        ``columns``: key, and after ``|`` heading and format, separated by semicolons; a table has headings of
        its own, and all columns by default. ``rows``: which rows,
        ``key=value``, separated by semicolons; default: all. ``turned``: rows become columns.
        ``words``: the heading of a last column.
    words : mapping
        Beginning of the first cell of a row → what is said of it in the last column.

    Raises
    ------
    LookupError
        A row that is not there, or words of none or of several.
    """
    result, _, path = name.partition(" ")
    data = found_at(kept(result), path) if path else kept(result)
    known: dict[str, str] = {}
    if isinstance(data, dict):  # a table, which has headings of its own
        known = {column["key"]: column["heading"] for column in data["columns"]}
        data = data["rows"]
    asked = options.get("columns", ";".join(known)).split(";")
    columns = [(*map(str.strip, f"{each}||".split("|")),)[:3] for each in asked]
    wanted = [row.strip() for row in options.get("rows", "").split(";") if row.strip()]
    rows = [found_at(data, row) for row in wanted] if wanted else data
    grid = [[heading or known.get(key, key) for key, heading, _ in columns]]
    grid += [[in_form(row[key], form) for key, _, form in columns] for row in rows]
    if "words" in options:
        grid = [
            [*line, last] for line, last in zip(grid, last_column(grid, options["words"], words), strict=True)
        ]
    if "turned" in options:
        grid = [list(line) for line in zip(*grid, strict=True)]
    lines = [f"| {' | '.join(line)} |" for line in grid]
    return [lines[0], "|" + "---|" * len(grid[0]), *lines[1:]]


def last_column(grid: list[list[str]], heading: str, words: Mapping[str, str]) -> Iterator[str]:
    """Find what is said of each row."""
    yield heading
    beginnings = [next((x for x in words if line[0].startswith(x)), None) for line in grid[1:]]
    if sorted(filter(None, beginnings)) != sorted(words):
        raise LookupError(f"words of no row, or of several: {sorted(set(words) - set(beginnings))}")
    for each in beginnings:
        yield words[each] if each else ""


def setup(app: Any) -> dict[str, bool]:
    """Register role and directive with Sphinx; a name that is not there ends the build."""
    from docutils import nodes
    from docutils.parsers.rst import directives
    from sphinx.errors import ExtensionError
    from sphinx.util.docutils import SphinxDirective, SphinxRole

    class Kept(SphinxRole):
        """The role of a number."""

        def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
            try:
                number = nodes.inline(self.rawtext, shown(self.text), classes=["number"])
            except (LookupError, ValueError, OSError) as error:
                where = f"{self.env.docname}, line {self.lineno}"
                raise ExtensionError(f"{where}: {self.text!r} is not kept: {error!r}") from None
            self.env.note_dependency(str(FOLDER / f"{self.text.partition(' ')[0]}.json"))
            return [number], []

    class KeptTable(SphinxDirective):
        """The directive of a table."""

        required_arguments, final_argument_whitespace, has_content = 1, True, True
        option_spec = {  # noqa: RUF012 as docutils has it
            **dict.fromkeys(("columns", "rows", "words"), directives.unchanged_required),
            "turned": directives.flag,
        }

        def run(self) -> list[nodes.Node]:
            words = dict(line.split(": ", 1) for line in self.content if line.strip())
            try:
                lines = table(self.arguments[0], self.options, words)
            except (LookupError, ValueError, OSError) as error:
                raise ExtensionError(f"{self.env.docname}, line {self.lineno}: {error!r}") from None
            self.env.note_dependency(str(FOLDER / f"{self.arguments[0].partition(' ')[0]}.json"))
            return self.parse_text_to_nodes("\n".join(lines) + "\n")

    app.add_role("kept", Kept())
    app.add_directive("kept-table", KeptTable)
    return {"parallel_read_safe": True}


def main() -> None:
    """Do what the module says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("names", nargs="*", choices=[[], *COMMANDS], metavar="NAME")
    FOLDER.mkdir(exist_ok=True)
    for name in parser.parse_args().names or COMMANDS:
        keep(name)
        print(name, flush=True)


if __name__ == "__main__":
    main()
