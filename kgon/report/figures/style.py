"""Colours, fonts and small helpers that all figures share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from scipy.optimize import isotonic_regression

from kgon.base.checks import Floats
from kgon.kgons.irregular import Irregular
from kgon.kgons.labels import Label
from kgon.kgons.names import KnownName, Name, Other

FAMILY = {
    4: "#0072B2",
    5: "#D55E00",
    6: "#009E73",
    7: "#CC79A7",
    8: "#56B4E9",
    9: "#B8860B",
}
"""Colour of each k (a palette that the colour-blind can tell apart)."""
OTHER_FAMILIES = ("#5D3A9B", "#7F3B08", "#4D4D4D")
"""Colours of k ≥ 10, in turn."""
DASHES: tuple[Any, ...] = ("solid", (0, (5, 1.5)), (0, (1.2, 1.2)), (0, (5, 1.5, 1.2, 1.5)))
"""Line style by the number σ of positive biases."""
POSITIVE = "#009E73"
"""Green: positive biases."""
NEGATIVE = "#D0312D"
"""Red: negative biases."""
GREY = "#8A8A8A"
"""Switched-off and dead columns, leader lines."""
INK = "#1A1A1A"

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
def house_style() -> Iterator[None]:
    """The package's settings on top of Matplotlib's defaults; the user's return afterwards."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        parameters: Any = matplotlib.rcParams
        parameters.update(_SETTINGS)
        yield


def colour(label: Name) -> str:
    """The colour of a critical point: that of its k."""
    if isinstance(label, Other):
        return INK
    return FAMILY.get(label.k, OTHER_FAMILIES[label.k % len(OTHER_FAMILIES)])


def shade(label: KnownName) -> tuple[float, float, float]:
    """The colour of a label made lighter by its φ, where several φ are drawn."""
    red, green, blue = to_rgb(colour(label))
    white = 0.17 * label.phi
    return (red + (1 - red) * white, green + (1 - green) * white, blue + (1 - blue) * white)


def dashes(label: KnownName) -> Any:
    """The line style of a label: that of its σ."""
    return DASHES[label.sigma % len(DASHES)]


def math_label(label: Name) -> str:
    """The name of a critical point as mathtext: signs up to three of a kind, numbers beyond."""
    if isinstance(label, Other):
        return f"${label.latex}$"

    def signs(count: int, sign: str) -> str:
        return (r"{" + sign + "}") * count if count <= 4 else f"{count}{sign}"

    parts = signs(label.sigma, "+") + signs(label.phi, "-")
    index = rf"_{{\mathrm{{{label.irregularity}}}}}" if isinstance(label, Irregular) else ""
    return f"${label.k}^{{{parts}}}{index}$" if parts else f"${label.k}{index}$"


def gon(label: KnownName) -> str:
    """``5-gon`` with its superscripts and, for the second configuration of φ = 2, its name."""
    opposite = isinstance(label, Label) and label.configuration == "opposite"
    return f"{math_label(label)}-gon" + (" (opposite)" if opposite else "")


def setting(theory: str, beta: Any) -> str:
    """The conventions behind a number that depends on n."""
    constant = {
        "prior": r"$c_\alpha = \frac{1}{2}\Vert w^*\Vert^2$",
        "none": r"$c_\alpha = 0$",
        "laplace": "the true constant",
        "laplace2": "the true constant and the next order",
        "evidence": "sampled",
    }[theory]
    return rf"theory “{theory}” ({constant}), $\beta = {beta}$"


def spread(wanted: Sequence[float], gap: float, *, low: float = -np.inf, high: float = np.inf) -> Floats:
    """Places at least ``gap`` apart within ``low`` … ``high``, in the order of ``wanted`` and near to it.

    Where they do not all fit, they begin at ``low`` and end above ``high``.
    """
    places = np.asarray(wanted, dtype=np.float64)
    if not len(places):
        return places
    order = np.argsort(places, kind="stable")
    steps = gap * np.arange(len(places))
    out = np.empty_like(places)
    out[order] = (
        np.maximum(np.minimum(isotonic_regression(places[order] - steps).x, high - steps[-1]), low) + steps
    )
    return out


def size_in_inches(ax: Axes) -> tuple[float, float]:
    """Width and height of the axes."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    box = ax.get_position(original=True)
    width, height = figure.get_size_inches()
    return float(box.width * width), float(box.height * height)


def new_figure(width: float, height: float) -> Figure:
    """A figure of the given size in inches, without global state."""
    return Figure(figsize=(width, height))
