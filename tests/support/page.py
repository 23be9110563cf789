"""A page without the work: every declared artefact, with small values of the right kind."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

from kgon.base.table import Column, Table
from kgon.base.verdicts import Verdict
from kgon.report.artefact import SHOWN, artefacts
from kgon.report.claims.claim import GROUPS, PAPER, Claim
from kgon.report.page.about import about_run
from kgon.report.product import Made, Product

VERDICTS = tuple(Verdict)
EMPTY = {"meta", "link", "img", "br", "input", "hr"}
"""Elements without an end."""


def png(width: int = 640, height: int = 400) -> bytes:
    """A grey picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress((b"\0" + b"\x90" * width) * height)
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def claims_named(name: str, count: int = 4) -> list[Claim]:
    """Claims of every group and verdict."""
    same: dict[str, Any] = {"published": "1.5", "ours": "1.4999", "difference": -1e-4, "rule": "rounds"}
    return [
        Claim(
            name=f"{name} {k}",
            source=PAPER if k % 2 else "text",
            verdict=VERDICTS[k % len(VERDICTS)],
            group=GROUPS[k % len(GROUPS)],
            **same,
        )
        for k in range(count)
    ]


def table_named(name: str) -> Table:
    """A table that is wider than a telephone."""
    columns = [Column(f"k{k}", f"heading {k}", align="r" if k % 2 else "l") for k in range(12)]
    rows = [{f"k{k}": f"cell {k} of {row}" for k in range(12)} for row in range(3)]
    return Table(name=name, title=f"Title of {name}", columns=columns, rows=rows, notes=["A note."])


def everything() -> list[Made]:
    """Tell of every artefact that a page shows, slow ones, too."""
    values: dict[str, Any] = {
        "claims": claims_named, "table": table_named, "method": "What was done [{}].".format,
        "figure": lambda name: None,
    }  # fmt: skip
    drawn = {"pdf": b"%PDF", "png": png()}
    return [
        Made.of(x, Product(value=values[kind](x.name), files=drawn if kind == "figure" else {}))
        for kind in SHOWN
        for x in artefacts(kind).values()
    ]


def with_claim(made: list[Made], claim: Claim) -> list[Made]:
    """Put a claim in the place of the first ones."""
    k = next(k for k, x in enumerate(made) if x.kind == "claims")
    return [*made[:k], replace(made[k], value=[claim]), *made[k + 1 :]]


def about() -> dict[str, Any]:
    """The facts about this run."""
    return about_run(False)


class Elements(HTMLParser):
    """The elements of a page in order, each with its attributes, and whether all that begin end."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    @property
    def ids(self) -> list[str]:
        """The ids in order."""
        return [str(how["id"]) for _, how in self.found if "id" in how]

    def values(self, attribute: str) -> list[str]:
        """The values of an attribute."""
        return [str(how[attribute]) for _, how in self.found if attribute in how]
