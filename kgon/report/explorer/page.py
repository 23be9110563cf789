"""The page of the explorer: its parts put into one file that asks for nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from kgon.base.files import write_text
from kgon.base.verdicts import KgonError
from kgon.base.work import HERE, Work
from kgon.report.artefact import Registry, page
from kgon.report.graph import Tell, make_one
from kgon.report.store import Store

NAME = "explorer.html"
"""Of the file, beside the page of the main job."""
LARGEST = 500_000
"""Bytes that the file may have."""
SCRIPTS = (
    *("pairs", "model", "flat_sets", "nearest", "phases"),
    *("dom", "state", "polygon", "columns", "regions", "levels", "energies", "path", "python", "main"),
)
"""The scripts in the order of the page: those that compute, then those that show."""


def part(name: str) -> str:
    """Read a part of the page."""
    return files("kgon.report.explorer").joinpath("parts", name).read_text(encoding="utf-8")


def script() -> str:
    """Join the scripts: each sees the names of those before it, and the page none but ``kgon``."""
    body = "\n".join(part(f"{name}.js") for name in SCRIPTS)
    return f'(() => {{\n"use strict";\n\n{body}}})();\n'


def explorer_page(data: Mapping[str, Any]) -> str:
    """Write the explorer as one self-contained HTML page.

    Parameters
    ----------
    data : mapping
        As ``explorer_data`` collects it.

    Returns
    -------
    str

    Raises
    ------
    KgonError
        The page is larger than it may be.
    """
    known = json.dumps(data, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    text = Template(part("page.html")).substitute(
        style=_style(data), script=script(), data=known.replace("<", "\\u003c"), table=_table(data)
    )
    if (size := len(text.encode())) > LARGEST:
        raise KgonError(f"the explorer has {size} bytes, over {LARGEST}: leave out features or paths")
    return text


@page(name="explorer")
def write_explorer(explorer: Mapping[str, Any]) -> dict[str, bytes]:
    """Let a point be dragged about, with its loss, gradient and nearest k-gon.

    Returns
    -------
    dict
        The contents of ``explorer.html``.
    """
    return {NAME: explorer_page(explorer).encode()}


def save_explorer(data: Mapping[str, Any], path: str | Path) -> Path:
    """Write the page of ``explorer_page`` to a file."""
    return write_text(path, explorer_page(data))


def make_explorer(
    path: str | Path, *, work: Work = HERE, store: Store | None = None, tell: Tell = lambda _: None
) -> Path:
    """Compute what the explorer shows, or read what a store keeps of it, and write the page.

    Parameters
    ----------
    path : str or Path
        The file.
    work : Work
        Who computes.
    store : Store, optional
        Is asked first, and keeps what is made.
    tell : callable
        Called with a line before each study.
    """
    made = make_one(Registry("study"), "explorer", {}, work=work, store=store, tell=tell)
    return save_explorer(made.value, path)


def _style(data: Mapping[str, Any]) -> str:
    """The style sheet with the colour of every k, lighter on dark paper."""
    shades = {x["k"]: x["colour"] for model in data["models"] for x in model["points"]}
    light = "".join(f"  --k{k}: {shade};\n" for k, shade in sorted(shades.items()))
    dark = "".join(f"    --k{k}: {_lighter(shade)};\n" for k, shade in sorted(shades.items()))
    return Template(part("style.css")).substitute(light=light, dark=dark)


def _lighter(shade: str, white: float = 0.45) -> str:
    """Mix a colour with white."""
    parts = (int(shade[k : k + 2], 16) for k in (1, 3, 5))
    return "#" + "".join(f"{round(x + (255 - x) * white):02X}" for x in parts)


def _table(data: Mapping[str, Any]) -> str:
    """The k-gons as rows of a table, for readers without scripts."""
    (model,) = (model for model in data["models"] if model["c"] == data["start"])
    return "\n".join(
        f'<tr><th scope="row">{escape(x["name"])}</th><td>{x["loss"]:.8f}</td>'
        f"<td>{x['lambda'] or '–'}</td><td>{escape(x['kind'])}</td></tr>"
        for x in model["points"]
        if not x["id"].endswith(":opposite")
    )
