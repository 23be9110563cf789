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

import numpy as np

from kgon.base.checks import check_positive
from kgon.base.files import write_bytes, write_with
from kgon.base.verdicts import KgonError
from kgon.base.work import HERE, Work
from kgon.report.artefact import Artefact, Registry
from kgon.report.figures.artists import Figure
from kgon.report.graph import Tell, make_inputs, make_one
from kgon.report.product import Values, call
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
WIDEST = 20.0
"""Largest width that may be asked for, inches."""
FIGURES = Registry("figure")
"""Every figure, by name."""


def formats_of(artefact: Artefact) -> tuple[str, ...]:
    """List the file formats that a figure can be written in."""
    return (*FORMATS, ANIMATED) if artefact.animate else FORMATS


def make_figure(
    name: str,
    *,
    ax: Any = None,
    width: float | None = None,
    work: Work = HERE,
    tell: Tell = lambda _: None,
    **given: Any,
) -> Any:
    """Make a figure by name, and the studies that it needs, in the style of the house.

    Parameters
    ----------
    name : str
        A key of ``FIGURES``.
    ax : Axes, sequence or array of Axes, Figure, SubFigure or SubplotSpec, optional
        Where to draw: as many axes as the figure has panels, in the order of reading, or what they are made
        in.  Title and words then are left to your caption.
    width : float, optional
        Inches: 3.4 for one column, 7 for two, at most ``WIDEST``.  Rows of panels are broken where they are
        too wide; figures that are one whole are shrunk as far as their text stays legible, and never
        enlarged.
    work : Work
        Who computes the studies.
    tell : callable
        Called with a line before each study.
    **given
        Options of the figure, and results of its studies; None stands for the default.

    Returns
    -------
    Figure, Axes or array of Axes
        The axes where ``ax`` was given, one alone or all in an array; else the figure.

    Raises
    ------
    KgonError
        Unknown name or option, a bad value, or a value that the figure would ignore; another number of axes
        than it has panels; a width beyond ``WIDEST``, or one at which its text would not be legible.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> make_figure("lemma-two", ax=Figure().add_subplot()).get_title(loc="left")
    'One end of an edge: cost above what is enough'
    """
    values = make_inputs(FIGURES[name], given, work=work, tell=tell)
    return _drawn(name, values, ax=ax, width=width)


def _drawn(
    name: str, values: Values, *, ax: Any = None, width: float | None = None, for_file: bool = False
) -> Any:
    """Draw a figure whose studies are made; return it, or the axes that were given or made."""
    from kgon.report.figures.panels import Site, placed
    from kgon.report.figures.style import house_style

    if ax is not None and width is not None:
        raise KgonError(f"axes have a width of their own: ax goes without width, got {width!r}")
    if width is not None and not check_positive("width", width) <= WIDEST:
        raise KgonError(f"width must be at most {WIDEST:g} inches, got {width:g}")
    site = Site(name=name, ax=ax, width=width)
    with house_style(for_file=for_file), placed(site):
        figure = call(FIGURES[name].make, values)
    if ax is None:
        return figure
    return site.axes[0] if len(site.axes) == 1 else np.array(site.axes, dtype=object)


def save_figure(
    name: str,
    folder: str | Path,
    *,
    formats: Sequence[str] = WRITTEN,
    width: float | None = None,
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
    width, work, tell, **given
        As in ``make_figure``.
    store : Store, optional
        Is asked first, and keeps what is made; of a figure of another width than its own, its studies.

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
    if width is not None:
        if ANIMATED in formats:
            raise KgonError(f"an animation has a width of its own: width goes without {ANIMATED}")
        values = make_inputs(artefact, given, work=work, store=store, tell=tell)
        return save_drawn(_drawn(name, values, width=width, for_file=True), target, formats=formats)
    drawn = WRITTEN if set(formats) <= set(WRITTEN) else tuple(formats)
    made = make_one(FIGURES, name, given, work=work, store=store, tell=tell, formats=drawn)
    return write_drawn(target, {form: made.files[form] for form in formats})


def write_drawn(target: Path, drawn: Mapping[str, bytes]) -> list[Path]:
    """Write the files of a figure that is drawn to ``target``, with the ending of each format."""
    return [write_bytes(target.with_name(f"{target.name}.{form}"), data) for form, data in drawn.items()]


def save_drawn(drawn: Figure, target: Path, *, formats: Sequence[str] = WRITTEN) -> list[Path]:
    """Write a figure that is made to ``target``, with the ending of each format."""
    from kgon.report.figures.style import house_style

    with house_style(for_file=True):
        return [
            write_with(
                target.with_name(f"{target.name}.{form}"),
                partial(drawn.savefig, format=form, metadata={_UNDATED[form]: None}, **_HOW.get(form, {})),
            )
            for form in formats
        ]
