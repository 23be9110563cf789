"""The page as HTML: templates filled with what it shows, pictures inside, nothing fetched."""

from __future__ import annotations

import base64
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

EXPLORER = "explorer.html"
"""The other page, in the same folder."""
TEMPLATES = Path(__file__).with_name("templates")
DOTS_PER_PIXEL = 160 / 96
"""Of a picture, which is drawn at 160 dots per inch, to one of a page."""
SIGNS = {"PROVED": "∎", "CONFIRMED": "✓", "REFUTED": "✗", "UNDECIDED": "?"}
"""Beside the word, so that no verdict is told by its colour."""
MEANINGS = {
    "PROVED": "true by exact or ball arithmetic, for the statement printed",
    "CONFIRMED": "holds by its rule, in floating point or in a simulation",
    "REFUTED": "the opposite is proved, or a counterexample was seen",
    "UNDECIDED": "neither, within the precision or the sample of this run",
}


def render(data: Mapping[str, Any], pictures: Mapping[str, bytes]) -> bytes:
    """Fill the templates.

    Parameters
    ----------
    data : mapping
        See ``contents``.
    pictures : mapping
        Name of a figure to its PNG.
    """
    templates = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    page = templates.get_template("index.html.j2").render(
        data,
        images={name: _image(png) for name, png in pictures.items()},
        by_name={kind: {x["name"]: x for x in data[kind]} for kind in ("figures", "tables")},
        by_anchor={x["anchor"]: x for x in data["claims"]},
        groups=list(dict.fromkeys(x["group"] for x in data["claims"])),
        explorer=EXPLORER,
        signs=SIGNS,
        meanings=MEANINGS,
        style=_own("page.css"),
        script=_own("page.js"),
    )
    return page.encode()


def _own(name: str) -> Markup:
    """A file of the package that goes into the page as it is."""
    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))


def _image(png: bytes) -> dict[str, Any]:
    """The address of a picture that is inside the page, and its size there."""
    width, height = struct.unpack(">II", png[16:24])
    return {
        "address": Markup("data:image/png;base64," + base64.b64encode(png).decode()),
        "width": round(width / DOTS_PER_PIXEL),
        "height": round(height / DOTS_PER_PIXEL),
    }
