"""The pages that show figures, from their declarations: the gallery, and the text figure by figure.

Pictures are drawn beforehand and kept with the documentation; ``python docs/figure_pages.py --store FOLDER``
draws those of the gallery again.
"""

import argparse
import io
import sys
from collections.abc import Iterator
from pathlib import Path

from kgon.report.artefact import Artefact, artefacts
from kgon.report.page.text_items import TEXT_ITEMS, TextItem

HERE = Path(__file__).parent
LARGEST = 80_000
"""Bytes of a picture of the gallery that is in no other page."""


def picture(name: str) -> str:
    """The picture of a figure as the pages name it: that of another page, or one of the gallery alone."""
    return f"images/{name}.png" if (HERE / f"images/{name}.png").exists() else f"images/gallery/{name}.png"


def image(figure: Artefact, width: str = "") -> str:
    """A picture with what it shows in words."""
    size = f"{{width={width}}}" if width else ""
    return f"![{figure.shows}]({picture(figure.name)}){size}"


def command(text: str) -> str:
    """A block with one command, which the reader can copy."""
    return f"```sh\n{text}\n```"


def options(figure: Artefact) -> str:
    """The options of its command that change the picture."""
    written = [f"`-{name}`" if len(name) == 1 else f"`--{name}`" for name in figure.options]
    return f"Options that change it: {', '.join(written)}." if written else ""


def gallery() -> str:
    """All figures: small pictures first, then each with its words and its command."""
    figures = artefacts("figure").values()
    small = [f"[![]({picture(x.name)}) {x.name}](#{x.name})" for x in figures]
    return "\n\n".join([":::{container} gallery", *small, ":::", *map(shown, figures)]) + "\n"


def shown(figure: Artefact) -> str:
    """A figure in the gallery."""
    words = f"**It shows:** {figure.shows}\n\n**Seen:** {figure.seen}\n\n**Not shown:** {figure.unseen}"
    parts = [f"## {figure.name}", figure.description, image(figure), words, command(figure.told_by)]
    return "\n\n".join(x for x in (*parts, options(figure)) if x)


def steps() -> str:
    """Every figure and table of the text in its order."""
    return "\n\n".join(part for item in TEXT_ITEMS for part in step(item)) + "\n"


def step(item: TextItem) -> Iterator[str]:
    """An item of the text: its command, its files, and what to look for."""
    yield f"## {item.title}"
    if not item.shown:
        yield item.note
        return
    found = artefacts(item.kind)[item.shown]
    yield command(f"kgon {item.kind} {item.shown} --out kgon-output")
    yield f"This writes {files(item)}. In the page it stands at `index.html#{item.anchor}`."
    yield from look(found)
    if item.note:
        yield f"Note: {item.note}"
    if item.claims:
        yield f"Claims that go with it begin with {and_so_on(item.claims)}; `kgon table claims` has them."


def files(item: TextItem) -> str:
    """The files that its command writes."""
    endings = {"figure": ("pdf", "png"), "table": ("csv", "md", "tex")}[item.kind]
    return ", ".join(f"`kgon-output/{item.shown}.{ending}`" for ending in endings)


def look(found: Artefact) -> Iterator[str]:
    """What to look for in a figure or a table."""
    if found.kind == "figure":
        yield image(found)
        yield f"**What to look for:** {found.seen}"
        yield f"**What it does not show:** {found.unseen}"
    else:
        yield f"**What to look for:** {LOOK[found.name]}"


def and_so_on(names: tuple[str, ...]) -> str:
    """Names of claims in quotation marks."""
    return ", ".join(f"“{name.strip().rstrip(':')}”" for name in names)


LOOK = {
    "phases": "The published rows are those of the 5-gon, the 5⁺-gon and the 6-gon. Compare λ, the loss and "
    "the constant under the theory `prior` with the text; the other constants are those of the asymptotic "
    "expansion.",
    "claims": "The column of verdicts. A claim that is REFUTED has a reason beside it, and the rule of "
    "agreement says how near is near enough.",
}
"""What is said of the tables, which have no words of their own."""
WRITERS = {"gallery": gallery, "figure-by-figure": steps}


def write(app: object, page: str, source: list[str]) -> None:
    """Add the generated part to a page as it is read."""
    if page in WRITERS:
        source[0] += "\n" + WRITERS[page]()


def setup(app: object) -> None:
    """Register with Sphinx."""
    app.connect("source-read", write)  # type: ignore[attr-defined]


def draw(store: str, names: list[str]) -> None:
    """Draw figures of the gallery, each small enough, with few colours."""
    import tempfile

    from PIL import Image

    from kgon import cli

    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            if cli.main(["figure", name, "--out", folder, "--format", "png", "--store", store]):
                raise SystemExit(f"{name} could not be drawn")
            whole = Image.open(Path(folder) / f"{name}.png").convert("RGB")
            for width, colours in ((1100, 128), (1000, 64), (900, 64), (900, 32), (700, 32)):
                part = min(1.0, width / whole.width)
                size = round(whole.width * part), round(whole.height * part)
                file = io.BytesIO()
                whole.resize(size, Image.Resampling.LANCZOS).quantize(
                    colours, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE
                ).save(file, "PNG", optimize=True)
                if file.tell() < LARGEST:
                    break
        (HERE / f"images/gallery/{name}.png").write_bytes(file.getvalue())


if __name__ == "__main__":
    reader = argparse.ArgumentParser(description="Draw the pictures of the gallery that no other page has.")
    reader.add_argument("--store", required=True, help="a store that kgon reproduce has filled")
    reader.add_argument("names", nargs="*", help="figures; all of the gallery alone, if none is named")
    given = reader.parse_args()
    alone = [x for x in artefacts("figure") if picture(x).startswith("images/gallery/")]
    sys.exit(draw(given.store, given.names or alone))
