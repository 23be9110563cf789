"""Figures by name: ``FIGURES`` lists them, ``make_figure`` makes one, ``save_figure`` writes it.

The functions that draw take data and Axes, and compute nothing: the data come from the catalogue, the free
energy and the studies.  Matplotlib is imported when a figure is made, not before.

Examples
--------
>>> list(FIGURES)[:3]
['energy-levels', 'kgon', 'free-energy']
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from kgon.base.files import write_bytes, write_with
from kgon.base.verdicts import KgonError
from kgon.base.work import HERE, Work
from kgon.report.artefact import Artefact, Registry
from kgon.report.figures.artists import Figure
from kgon.report.graph import Tell, make_one
from kgon.report.store import Store

FORMATS = ("pdf", "png", "svg")
"""File formats of every figure."""
ANIMATED = "gif"
"""Format of a figure that can be animated."""
WRITTEN = ("pdf", "png")
"""Formats that are written if none are asked for."""
_UNDATED = {"pdf": "CreationDate", "png": "Software", "svg": "Date"}
"""What would make two files of one figure differ."""
_HOW: dict[str, Any] = {"png": {"pil_kwargs": {"compress_level": 3}}}
"""How formats are written: lines and flat colours get no smaller by a compression that takes longer."""
FIGURES = Registry("figure")
"""Every figure, by name."""


def formats_of(artefact: Artefact) -> tuple[str, ...]:
    """List the file formats that a figure can be written in."""
    return (*FORMATS, ANIMATED) if artefact.animate else FORMATS


def make_figure(name: str, *, work: Work = HERE, tell: Tell = lambda _: None, **given: Any) -> Figure:
    """Make a figure by name, and the studies that it needs, in the style of the house.

    Parameters
    ----------
    name : str
        A key of ``FIGURES``.
    work : Work
        Who computes the studies.
    tell : callable
        Called with a line before each study.
    **given
        Options of the figure, and results of its studies; None stands for the default.

    Raises
    ------
    KgonError
        Unknown name or option, a bad value, or a value that the figure would ignore.
    """
    found: Figure = make_one(FIGURES, name, given, work=work, tell=tell).value
    return found


def save_figure(
    name: str,
    folder: str | Path,
    *,
    formats: Sequence[str] = WRITTEN,
    work: Work = HERE,
    store: Store | None = None,
    tell: Tell = lambda _: None,
    **given: Any,
) -> list[Path]:
    """Make a figure and write ``folder/name.format`` for each format, atomically and undated.

    The same options give the same bytes (with the same version of Matplotlib).

    Parameters
    ----------
    name : str
        A key of ``FIGURES``.
    folder : str or Path
        Created if it does not exist.
    formats : sequence of str
        Of ``FORMATS``, and ``gif`` where the figure can be animated.
    work, tell, **given
        As in ``make_figure``.
    store : Store, optional
        Is asked first, and keeps what is made.

    Returns
    -------
    list of Path
        The files written, in the order of ``formats``.

    Raises
    ------
    KgonError
        As ``make_figure``; an unknown format; a folder that cannot be written.
    """
    artefact, target = FIGURES[name], Path(folder) / name
    for form in formats:
        if form not in formats_of(artefact):
            known = ", ".join(formats_of(artefact))
            raise KgonError(f"no format {form!r} of figure {name}; the formats are {known}")
    drawn = WRITTEN if set(formats) <= set(WRITTEN) else tuple(formats)
    made = make_one(FIGURES, name, given, work=work, store=store, tell=tell, formats=drawn)
    return write_drawn(target, {form: made.files[form] for form in formats})


def write_drawn(target: Path, drawn: Mapping[str, bytes]) -> list[Path]:
    """Write the files of a figure that is drawn to ``target``, with the ending of each format."""
    return [write_bytes(target.with_name(f"{target.name}.{form}"), data) for form, data in drawn.items()]


def save_drawn(drawn: Figure, target: Path, *, formats: Sequence[str] = WRITTEN) -> list[Path]:
    """Write a figure that is made to ``target``, with the ending of each format."""
    from kgon.report.figures.style import house_style

    with house_style():
        return [
            write_with(
                target.with_name(f"{target.name}.{form}"),
                partial(drawn.savefig, format=form, metadata={_UNDATED[form]: None}, **_HOW.get(form, {})),
            )
            for form in formats
        ]
