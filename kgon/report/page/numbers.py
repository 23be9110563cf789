"""The numbers that texts quote, by name: each as it is shown, with what it is and where it comes from.

Nothing is computed here.  A number is a cell of a table, a part of what a claim says, or a count of what was
made; the documentation takes it from here by its name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from kgon.base.results import document
from kgon.base.verdicts import KgonError, Verdict
from kgon.report.artefact import artefacts, page
from kgon.report.page.named import CELLS, COUNTED, FLOATS, PROVED, QUOTES, SAMPLED
from kgon.report.product import Made

NAME = "numbers.json"
"""Of the file, beside the page of the main job."""
SCHEMA = "numbers"


@page(name="numbers")
def write_numbers(made: Sequence[Made], full: bool = False) -> dict[str, bytes]:
    """List the numbers that texts quote by name, with what each is and where it comes from.

    Returns
    -------
    dict
        The contents of ``numbers.json``.
    """
    data = document(SCHEMA, {"full": full}, {"numbers": numbers_of(made)})
    return {NAME: f"{json.dumps(data, ensure_ascii=False, indent=1)}\n".encode()}


def numbers_of(made: Sequence[Made]) -> dict[str, dict[str, str]]:
    """Take the numbers from what was made: name → ``value``, ``says``, ``rests`` and ``from``.

    What was not made has no numbers.

    Raises
    ------
    KgonError
        Two numbers of one name, or a claim in which a number is not where it was.
    """
    found: dict[str, dict[str, str]] = {}
    for name, number in (*_counts(made), *_cells(made), *_quotes(made)):
        if name in found:
            raise KgonError(f"two numbers are called {name!r}: name what sets them apart")
        found[name] = number
    return dict(sorted(found.items()))


def _number(value: str, says: str, rests: str, source: str) -> dict[str, str]:
    return {"value": value, "says": says, "rests": rests, "from": source}


def _cells(made: Sequence[Made]) -> Iterator[tuple[str, dict[str, str]]]:
    tables = {x.name: x for x in made if x.kind == "table"}
    for each in CELLS:
        for row in tables[each.table].value.rows if each.table in tables else ():
            value = each.part(row[each.column]) if each.only(row) else ""
            if value:
                rests = SAMPLED if "±" in value else each.rests
                # A pair is written with an arrow, and β as a fraction or a decimal: 5-6, beta-0.5.
                plain = {key: cell.replace(" → ", "-").replace("1/2", "0.5") for key, cell in row.items()}
                name = each.name.format(**plain).replace(" ", "-")
                yield name, _number(value, each.says.format(**row), rests, f"table {each.table}")


def _quotes(made: Sequence[Made]) -> Iterator[tuple[str, dict[str, str]]]:
    judged = [(x, claim) for x in made if x.kind == "claims" for claim in x.value]
    for each in QUOTES:
        for x, claim in judged:
            if claim.name.startswith(each.claim):
                place = re.search(each.pattern, claim.ours)
                if place is None:
                    raise KgonError(
                        f"no number {each.name!r} in what kgon says of {claim.name!r}: {claim.ours}"
                    )
                proved = claim.verdict is Verdict.PROVED
                rests = PROVED if proved else SAMPLED if _is_sampled(x, claim.ours) else FLOATS
                yield each.name, _number(place[1], each.says, rests, f"{x.artefact}: {claim.name}")


def _counts(made: Sequence[Made]) -> Iterator[tuple[str, dict[str, str]]]:
    """How much was made, and how many claims have which verdict."""
    verdicts = [claim.verdict for x in made if x.kind == "claims" for claim in x.value]
    for kind in ("figure", "table"):
        count = sum(x.kind == kind for x in made)
        yield f"{kind}s.count", _number(str(count), f"{kind}s of the main job", COUNTED, f"the {kind}s")
    yield "claims.count", _number(str(len(verdicts)), "claims judged", COUNTED, "the claims")
    for verdict in Verdict:
        says = f"claims that are {verdict}"
        count = verdicts.count(verdict)
        yield f"claims.{verdict}".lower(), _number(str(count), says, COUNTED, "the claims")


def _is_sampled(x: Made, value: str) -> bool:
    """Whether a value has an error, or a study behind it has two efforts, as those that sample."""
    studies = artefacts("study")
    return "±" in value or any("full" in studies[name].parameters for name, _ in x.studies if name in studies)
