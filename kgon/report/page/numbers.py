"""The numbers that texts quote, by name: each as it is shown, with what it is and where it comes from.

Nothing is computed here.  A number is a cell of a table, what a claim says, a field of a result, or a count
of what was made; the documentation takes it from here by its name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from kgon.base.results import document
from kgon.base.verdicts import KgonError, Verdict
from kgon.experiments.llc.against_loss import RankTest
from kgon.proofs.global_minimum import GlobalMinimum
from kgon.report.artefact import page
from kgon.report.page.named import CELLS, CLAIMED, COUNTED, FLOATS, PROVED, SAMPLED
from kgon.report.product import Made
from kgon.report.studies import BranchAt

NAME = "numbers.json"
"""Of the file, beside the page of the main job."""
SCHEMA = "numbers"


@page(name="numbers")
def write_numbers(
    made: Sequence[Made],
    minimum: GlobalMinimum,
    ranks: RankTest,
    exchanges: Sequence[BranchAt],
    full: bool = False,
) -> dict[str, bytes]:
    """List the numbers that texts quote by name, with what each is and where it comes from.

    Returns
    -------
    dict
        The contents of ``numbers.json``.
    """
    numbers = dict(sorted((numbers_of(made) | _of_studies(minimum, ranks, exchanges)).items()))
    data = document(SCHEMA, {"full": full}, {"numbers": numbers})
    return {NAME: f"{json.dumps(data, ensure_ascii=False, indent=1)}\n".encode()}


def numbers_of(made: Sequence[Made]) -> dict[str, dict[str, str]]:
    """Take the numbers from what was made: name → ``value``, ``says``, ``rests`` and ``from``.

    What was not made has no numbers.

    Raises
    ------
    KgonError
        Two numbers of one name.
    """
    found: dict[str, dict[str, str]] = {}
    for name, number in (*_counts(made), *_cells(made), *_claimed(made)):
        if name in found:
            raise KgonError(f"two numbers are called {name!r}: name what sets them apart")
        found[name] = number
    return found


def _of_studies(
    minimum: GlobalMinimum, ranks: RankTest, exchanges: Sequence[BranchAt]
) -> dict[str, dict[str, str]]:
    """Fields of the results of studies."""
    held = f"loss against {ranks.complexity}, {ranks.count} points"
    proved = PROVED if minimum.verdict is Verdict.PROVED else FLOATS
    found = {
        "global-minimum.6": _number(
            f"{minimum.bound:.10f}", "what L is at least, everywhere, c = 6", proved, "study minimum"
        ),
        "spearman": _number(f"{ranks.spearman:.2f}", f"Spearman's ρ, {held}", FLOATS, "study ranks"),
        "spearman.p": _number(f"{ranks.spearman_p:.1g}", f"one-sided p of ρ, {held}", FLOATS, "study ranks"),
    }
    for branch, event in exchanges:
        says = f"where the lowest loss changes hands, {branch.kgon} ({branch.role})"
        rests = PROVED if event.status == "proved" else FLOATS
        place = _number(event.digits, f"importance of the last column {says}", rests, "study exchanges")
        found[f"exchange.{branch.kgon}.parameter"] = place
        loss = _number(f"{event.loss:.8f}", f"L {says}", FLOATS, "study exchanges")
        found[f"exchange.{branch.kgon}.loss"] = loss
    return found


def _number(value: str, says: str, rests: str, source: str) -> dict[str, str]:
    return {"value": value, "says": says, "rests": rests, "from": source}


def _cells(made: Sequence[Made]) -> Iterator[tuple[str, dict[str, str]]]:
    tables = {x.name: x for x in made if x.kind == "table"}
    for each in CELLS:
        for row in tables[each.table].value.rows if each.table in tables else ():
            value = each.part(row[each.column]) if each.only(row) else ""
            if value:
                sure = each.status and row[each.status].lower() == "proved"
                rests = SAMPLED if "±" in value else PROVED if sure else each.rests
                # A pair is written with an arrow, and β as a fraction or a decimal: 5-6, beta-0.5.
                plain = {key: cell.replace(" → ", "-").replace("1/2", "0.5") for key, cell in row.items()}
                name = each.name.format(**plain).replace(" ", "-")
                yield name, _number(value, each.says.format(**row), rests, f"table {each.table}")


def _claimed(made: Sequence[Made]) -> Iterator[tuple[str, dict[str, str]]]:
    judged = {claim.name: (x, claim) for x in made if x.kind == "claims" for claim in x.value}
    for name, claimed in CLAIMED.items():
        if claimed in judged:
            x, claim = judged[claimed]
            rests = PROVED if claim.verdict is Verdict.PROVED else FLOATS
            yield name, _number(claim.ours, claimed, rests, x.artefact)


def _counts(made: Sequence[Made]) -> Iterator[tuple[str, dict[str, str]]]:
    """How much was made, and how many claims have which verdict."""
    verdicts = [claim.verdict for x in made if x.kind == "claims" for claim in x.value]
    for kind in ("figure", "table"):
        count = sum(x.kind == kind for x in made)
        yield f"{kind}s.count", _number(str(count), f"{kind}s of the main job", COUNTED, f"the {kind}s")
    pairs = [x.value.rows for x in made if x.name == "transitions-every-pair"]
    for rows in pairs:
        rises = sum(row["verdict"] == str(Verdict.PROVED) for row in rows)
        says = "pairs of local minima, from the higher loss to the lower"
        yield "pairs.count", _number(str(len(rows)), says, COUNTED, "table transitions-every-pair")
        says = f"{says}, on which λ is proved to rise"
        yield "pairs.lambda-rises", _number(str(rises), says, COUNTED, "table transitions-every-pair")
    yield "claims.count", _number(str(len(verdicts)), "claims judged", COUNTED, "the claims")
    for verdict in Verdict:
        says = f"claims that are {verdict}"
        count = verdicts.count(verdict)
        yield f"claims.{verdict}".lower(), _number(str(count), says, COUNTED, "the claims")
