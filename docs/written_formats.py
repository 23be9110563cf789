"""The page of file formats: every document that kgon writes, by what declares it."""

import importlib
import inspect

from public_names import eval_rst, owners
from sphinx.application import Sphinx

from kgon.base.results import Result
from kgon.cli.registry import COMMANDS
from kgon.proofs.check.entry import FORMATS

PAGE = "formats"
EXPLAINED = {
    "kgon-certificate/1": "[certificates](certificates.md)",
    "kgon-global-minimum/1": "[global minimum](global-minimum.md#the-certificate)",
    "kgon-branch/1": "[branches](branches.md#proof)",
}
"""The page on which the format of a certificate is written down."""


def of_commands() -> str:
    """What each command writes with ``--json``."""
    rows = [
        f"| `kgon/{name}/1` | `kgon {name} --json` | {command.summary} |"
        for name, command in COMMANDS.items()
    ]
    return "\n".join(["| schema | written by | what it holds |", "|---|---|---|", *rows])


def results() -> dict[tuple[str, str], type[Result]]:
    """Every public kind of result, by the name of its document and the place of the class."""
    found = {}
    for name, package in owners().items():
        value = getattr(importlib.import_module(package), name)
        if inspect.isclass(value) and issubclass(value, Result) and value is not Result:
            found[value.schema, f"{package}.{name}"] = value
    return dict(sorted(found.items()))


def of_results() -> str:
    """What ``to_json`` of each public result writes."""
    lines = [
        ".. list-table::",
        "   :header-rows: 1",
        "",
        "   * - schema",
        "     - written by",
        "     - what it holds",
    ]
    for (schema, place), kind in results().items():
        first = inspect.cleandoc(kind.__doc__ or "").partition("\n\n")[0].replace("\n", " ")
        lines += [f"   * - ``kgon/{schema}/1``", f"     - :py:obj:`~{place}`", f"     - {first}"]
    return eval_rst("\n".join(lines) + "\n")


def of_certificates() -> str:
    """The formats that the checkers read."""
    rows = [f"| `{form}` | {EXPLAINED[form]} |" for form in FORMATS]
    return "\n".join(["| `format` | written down in |", "|---|---|", *rows])


WRITERS = {"commands": of_commands, "results": of_results, "certificates": of_certificates}


def write(app: Sphinx, page: str, source: list[str]) -> None:
    """Put the generated parts into the page as it is read."""
    if page == PAGE:
        for name, writer in WRITERS.items():
            source[0] = source[0].replace(f"<!-- {name} -->", writer())


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("source-read", write)
