"""Colours, line styles, names and fonts that all figures share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kgon.base.text import SUPERSCRIPTS
from kgon.free_energy.energies import Phase
from kgon.free_energy.theories import THEORIES
from kgon.kgons import colours
from kgon.kgons.irregular import Irregular
from kgon.kgons.labels import Label
from kgon.kgons.names import KnownName, Name, Other, parse_known, parse_name
from kgon.report.figures.fonts import font_settings

FAMILY, INK = colours.FAMILY, colours.INK
"""Colour of each k, and of what has none."""
DASHES: tuple[Any, ...] = ("solid", (0, (5, 1.5)), (0, (1.2, 1.2)), (0, (5, 1.5, 1.2, 1.5)))
"""Line style by the number σ of positive biases, where no column is switched off."""
LONG, SHORT, DOT = (7.0, 1.3), (3.5, 1.3), (1.1, 1.3)
"""Parts of a line, and the gap after each: of those with switched-off columns."""
BROKEN = (0, (4, 2))
"""Line style of what does not hold: saddles, transitions that do not raise λ."""
POSITIVE = "#7FB800"
"""Light green: positive biases."""
NEGATIVE = "#C2183C"
"""Red: negative biases."""
PURPLE = "#7A3E9D"
"""Saddles."""
GREY = "#8A8A8A"
"""Switched-off and dead columns, leader lines."""
LEVEL = "#BDBDBD"
"""Lines at levels of the loss."""

Style = dict[str, Any]
"""Options of Matplotlib by name."""

_SETTINGS: dict[str, Any] = {
    "font.size": 9.0,
    "axes.titlesize": 10.0,
    "axes.labelsize": 9.5,
    "legend.fontsize": 8.5,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "axes.titlelocation": "left",
    "axes.titley": 1.0,  # nothing stands above the axes that a title would have to be kept from
    "legend.frameon": False,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "savefig.dpi": 160,
    "pdf.fonttype": 42,
    "svg.hashsalt": "kgon",
    "mathtext.fontset": "dejavusans",
    "hatch.linewidth": 0.8,
}


@contextmanager
def house_style(*, for_file: bool = False) -> Iterator[None]:
    """Put the package's settings on top of Matplotlib's defaults; the user's return afterwards.

    What is drawn ``for_file`` has the small fonts (``fonts``), which this process knows when it is written;
    what a user goes on with has Matplotlib's own.
    """
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        parameters: Any = matplotlib.rcParams
        parameters.update(_SETTINGS | (font_settings() if for_file else {}))
        yield


def _read(name: Name | str) -> Name:
    return parse_name(name) if isinstance(name, str) else name


def colour(name: Name | str) -> str:
    """Choose the colour of a critical point, given by its name or the text of it: that of its k."""
    label = _read(name)
    return colours.family_colour(None if isinstance(label, Other) else label.k)


def shade(name: KnownName | str) -> tuple[float, float, float]:
    """Choose the colour of a label, lighter by its φ, where several φ are drawn."""
    label = parse_known(name) if isinstance(name, str) else name
    code = colour(label)
    red, green, blue = (int(code[k : k + 2], 16) / 255 for k in (1, 3, 5))
    white = 0.17 * label.phi
    return (red + (1 - red) * white, green + (1 - green) * white, blue + (1 - blue) * white)


def dashes(label: KnownName) -> Any:
    """Choose the line style of a label: that of its σ; with φ > 0 it has φ dots, so that grey tells it."""
    if not label.phi:
        return DASHES[label.sigma % len(DASHES)]
    return (0, LONG + label.sigma * SHORT + label.phi * DOT)


MARKERS = ("o", "^", "s")
"""Marker by the number σ of positive biases."""


def marker(label: KnownName) -> str:
    """Choose the marker of a label: that of its σ."""
    return MARKERS[min(label.sigma, len(MARKERS) - 1)]


def polygon_marker(label: KnownName) -> tuple[int, int, float]:
    """Choose a polygon of k sides, or a star of k points where biases are positive: grey tells 4 from 6."""
    return (label.k, int(label.sigma > 0), 0.0)


def mark_of(label: KnownName) -> Style:
    """Choose the colour and marker of a point of a phase: hollow where columns are switched off."""
    tint = shade(label)
    face, edge = ("white", tint) if label.phi else (tint, "white")
    return {"color": tint, "marker": marker(label), "markerfacecolor": face, "markeredgecolor": edge}


def line_of(label: KnownName) -> dict[str, Any]:
    """Choose the colour and style of the line of a phase."""
    return {"color": shade(label), "linestyle": dashes(label)}


LONGEST = 9
"""Characters of a user's name that a figure shows."""


def plain(text: str) -> str:
    """Write a name of a user's as it stands, if it is not too long: nothing in it is mathtext."""
    short = text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
    return short.replace("$", r"\$")


NEUTRAL = ("#111111", "#B0267A", "#2AA3A0", "#6B6B00", "#9A9A9A", "#E0524A")
"""Colours of what is no k-gon: phases of one's own, ways to sample; in turn."""


def phase_style(phase: Phase, place: int) -> Style:
    """Choose colour and line style of a phase: by its label, or by its place among those of one's own."""
    if phase.gon is not None:
        return {"color": colour(phase.gon), "linestyle": dashes(phase.gon)}
    return {"color": NEUTRAL[place % len(NEUTRAL)], "linestyle": DASHES[place % len(DASHES)]}


def phase_name(phase: Phase) -> str:
    """Write the name of a phase as mathtext, of one of one's own as it stands."""
    return plain(phase.name) if phase.gon is None else name_text(phase.gon)


def name_text(name: Name | str) -> str:
    """Write the name of a critical point: signs up to four of a kind, numbers beyond.

    It is text with superscripts as far as that goes, since formulas take many times as long to draw.

    Examples
    --------
    >>> name_text("4++-")
    '4⁺⁺⁻'
    """
    label = _read(name)
    if isinstance(label, Other):
        return f"${label.latex}$"

    def signs(count: int, sign: str) -> str:
        return sign * count if count <= 4 else f"{count}{sign}"

    text = f"{label.k}{(signs(label.sigma, '+') + signs(label.phi, '-')).translate(SUPERSCRIPTS)}"
    return rf"{text}$_\mathrm{{{label.irregularity}}}$" if isinstance(label, Irregular) else text


def gon(name: KnownName | str) -> str:
    """Write ``5-gon`` with superscripts and, for the second configuration of φ = 2, its name."""
    label = _read(name)
    opposite = isinstance(label, Label) and label.configuration == "opposite"
    return f"{name_text(label)}-gon" + (" (opposite)" if opposite else "")


def math_power(value: float) -> str:
    """Write a number to one digit as mathtext.

    Examples
    --------
    >>> math_power(5e-5)
    '5\\\\cdot 10^{-5}'
    """
    digit, power = f"{value:.0e}".split("e")
    return rf"{digit}\cdot 10^{{{int(power)}}}"


def theory_words(theory: str) -> str:
    """Write the name of a theory and what its constant is."""
    constant = {
        "prior": r"$c_\alpha = \frac{1}{2}\Vert w^*\Vert^2$",
        "none": r"$c_\alpha = 0$",
        "laplace": "the true constant",
        "laplace2": "the true constant and the next order",
        "evidence": "sampled",
    }.get(theory) or THEORIES[theory].meaning
    return f"theory “{theory}” ({constant})"


def setting(theory: str, beta: Any) -> str:
    """Write the conventions behind a number that depends on n."""
    return rf"{theory_words(theory)}, $\beta = {beta}$"
