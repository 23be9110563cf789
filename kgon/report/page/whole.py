"""Declare the page: one HTML file and the same as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kgon.base.results import document
from kgon.report.artefact import page
from kgon.report.page.contents import contents
from kgon.report.page.rendering import render
from kgon.report.product import Made

SCHEMA = "report"
FORM = Path(__file__).with_name("report.schema.json")
"""What ``report.json`` looks like, as JSON Schema."""


@page(name="index")
def write_page(made: Sequence[Made], failed: Mapping[str, str], about: Mapping[str, Any]) -> dict[str, bytes]:
    """Tell the whole story of a run in one page, and as data.

    Returns
    -------
    dict
        The contents of ``index.html`` and ``report.json``.
    """
    data = contents(made, failed, about)
    pictures = {x.name: x.files["png"] for x in made if x.kind == "figure"}
    whole = json.dumps(
        document(SCHEMA, about["options"], data), allow_nan=False, ensure_ascii=False, indent=1
    )
    return {"index.html": render(data, pictures), "report.json": f"{whole}\n".encode()}
