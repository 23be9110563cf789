"""What the page shows, as JSON data: claims in groups, the story in order, methods, errors, and the run."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from kgon.base.table import EXTENSIONS, Table
from kgon.base.verdicts import Verdict
from kgon.report.claims.claim import GROUPS, Claim
from kgon.report.page.references import OWN_KEY, REFERENCES
from kgon.report.page.story import CLAIMS_TABLE, PRESETS, STORY
from kgon.report.page.text_items import TEXT_ITEMS
from kgon.report.product import Made

Data = dict[str, Any]
RANK = (Verdict.REFUTED, Verdict.UNDECIDED, Verdict.CONFIRMED, Verdict.PROVED)
"""Order of the claims of a group: what is contradicted comes first."""
MORE = {"anchor": "more", "title": "More", "lead": "What was made and has no place in the story yet."}
_SIGNS = {"+": "plus", "→": "to", "λ": "lambda", "Δ": "delta", "σ": "sigma", "φ": "phi", "β": "beta"}
_LONGEST = 60


def contents(made: Sequence[Made], failed: Mapping[str, str], about: Mapping[str, Any]) -> Data:
    """Put together what the page shows.

    Parameters
    ----------
    made : sequence of Made
    failed : mapping
        What could not be made to the reason.
    about : mapping
        As ``about_run`` lists it.

    Returns
    -------
    dict
        JSON data, whose form ``report.schema.json`` describes.
    """
    claims = claims_of(made)
    figures = [_figure(x) for x in made if x.kind == "figure"]
    tables = [_table(x) for x in made if x.kind == "table" and x.name != CLAIMS_TABLE]
    methods = [{"name": x.name, "text": x.value, "cites": list(x.cites)} for x in made if x.kind == "method"]
    data = {
        "verdicts": {str(v): sum(x["verdict"] == str(v) for x in claims) for v in Verdict},
        "claims": claims,
        "text": [_text_item(claims, item) for item in TEXT_ITEMS],
        "studies": studies_of(made),
        "sections": sections_of(claims, figures, tables),
        "figures": figures,
        "tables": tables,
        "methods": methods,
        "references": references_of(methods),
        "failed": [{"artefact": name, "reason": reason} for name, reason in failed.items()],
    }
    shown = hashlib.sha256(json.dumps(data, ensure_ascii=False).encode()).hexdigest()
    return {**data, "run": {**about, "contents": shown}}


# --- claims --------------------------------------------------------------------------------------


def claims_of(made: Sequence[Made]) -> list[Data]:
    """List the claims group by group, those that are contradicted first."""
    found = [(x, claim) for x in made if x.kind == "claims" for claim in x.value]
    found.sort(key=lambda pair: (GROUPS.index(pair[1].group), RANK.index(pair[1].verdict)))
    taken: dict[str, int] = {}
    return [_claim(x, claim, taken) for x, claim in found]


def studies_of(made: Sequence[Made]) -> list[Data]:
    """List every study behind something that is shown, by name."""
    found = dict(study for x in made for study in x.studies)
    return [{"name": name, "description": found[name]} for name in sorted(found)]


def _claim(x: Made, claim: Claim, taken: dict[str, int]) -> Data:
    name = slug(claim.name)
    taken[name] = taken.get(name, 0) + 1
    return {
        "anchor": f"claim-{name}" + (f"-{taken[name]}" if taken[name] > 1 else ""),
        **claim.data(),
        "artefact": x.artefact,
        "command": x.command,
        "studies": [name for name, _ in x.studies],
        "seconds": [x.artefact, *(f"study {name}" for name, _ in x.studies)],
    }


def slug(text: str) -> str:
    """Write a name as a part of an anchor: letters, digits and hyphens.

    Examples
    --------
    >>> slug("n_crit(4⁺ → 5) at c = 5, theory prior, β = 1")
    'n-crit-4plus-to-5-at-c-5-theory-prior-beta-1'
    """
    plain = unicodedata.normalize("NFKD", text)
    words = re.split(r"[^a-z0-9]+", "".join(_SIGNS.get(x, x) for x in plain).lower())
    return "-".join(filter(None, words))[:_LONGEST].strip("-")


# --- the text, and the story ---------------------------------------------------------------------


def _text_item(claims: Sequence[Data], item: Any) -> Data:
    """A figure or table of the text, where it stands, and the claims that go with it."""
    going = [x["anchor"] for x in claims if x["name"].startswith(item.claims)] if item.claims else []
    return {
        "title": item.title, "kind": item.kind, "shown": item.shown or None, "anchor": item.anchor,
        "note": item.note, "claims": going,
    }  # fmt: skip


def sections_of(claims: Sequence[Data], figures: Sequence[Data], tables: Sequence[Data]) -> list[Data]:
    """List the sections of the story with what there is for each; what has no place comes last."""
    there = {"figures": [x["name"] for x in figures], "tables": [x["name"] for x in tables]}
    judged: dict[str, list[str]] = {}
    claims = sorted(claims, key=lambda x: RANK.index(Verdict(x["verdict"])))
    for claim in claims:
        judged.setdefault(claim["artefact"].removeprefix("claims "), []).append(claim["anchor"])
    found = []
    for section in STORY:
        going = {anchor for name in section.claims for anchor in judged.pop(name, [])}
        found.append(
            {
                "anchor": section.anchor,
                "title": section.title,
                "lead": section.lead,
                "figures": [x for x in section.figures if x in there["figures"]],
                "tables": [x for x in section.tables if x in there["tables"]],
                "claims": [x["anchor"] for x in claims if x["anchor"] in going],
            }
        )
    left = {kind: [x for x in there[kind] if all(x not in each[kind] for each in found)] for kind in there}
    more = {**MORE, **left, "claims": [anchor for anchors in judged.values() for anchor in anchors]}
    return [*found, *([more] if any(map(more.get, ("figures", "tables", "claims"))) else [])]


def _figure(x: Made) -> Data:
    title = next((each.figures[x.name] for each in STORY if x.name in each.figures), x.description)
    return {
        "name": x.name, "anchor": f"fig-{x.name}", "title": title, "shows": x.shows or x.description,
        "seen": x.seen, "unseen": x.unseen, "explore": list(PRESETS.get(x.name, ())),
        "command": x.command, "studies": [name for name, _ in x.studies],
        "files": [f"figures/{x.name}.{form}" for form in x.files],
        "sha256": {form: hashlib.sha256(data).hexdigest() for form, data in x.files.items()},
        "seconds": [x.artefact],
    }  # fmt: skip


def _table(x: Made) -> Data:
    table: Table = x.value
    columns = [
        {"key": col.key, "heading": col.heading, "right": col.align == "r" or col.number}
        for col in table.columns
    ]
    return {
        "name": x.name, "anchor": f"table-{x.name}", "title": table.title, "columns": columns,
        "rows": [[row[col.key] for col in table.columns] for row in table.rows],
        "notes": list(table.notes), "command": x.command, "studies": [name for name, _ in x.studies],
        "files": [f"tables/{table.name}.{ending}" for ending in EXTENSIONS.values()],
        "seconds": [x.artefact],
    }  # fmt: skip


def references_of(methods: Sequence[Data]) -> list[Data]:
    """List what the methods cite, and the package itself, in the order of ``REFERENCES``."""
    cited = {OWN_KEY, *(key for each in methods for key in each["cites"])}
    return [
        {"key": key, "text": str(work), "bibtex": work.bibtex(key)}
        for key, work in REFERENCES.items()
        if key in cited
    ]
