"""Draw SGD plateaus: the loss of many training runs over the energy levels of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kgon.base.runs import Arrays
from kgon.experiments.training.results import Training
from kgon.kgons.catalogue import Catalogue
from kgon.report.artefact import figure
from kgon.report.figures.artists import Axes, Figure
from kgon.report.figures.layout import Panels, names_beside
from kgon.report.figures.style import INK, Style, colour, math_label, shade

TITLES = {"4-gons": "start: a 4-gon plus $N(0, 0.01^2)$", "random": "start: $N(0, 1)$"}
GAP = 0.135
"""Least distance of two labels, inches."""


def levels(ax: Axes, c: int, *, labels: bool) -> Axes:
    """Draw a line at every level of the catalogue, with its label at the right edge if asked for."""
    points = sorted({p.label: p for p in Catalogue(c)}.values(), key=lambda p: p.loss)
    for point in points:
        ax.axhline(point.loss, color=shade(point.name), linewidth=0.7, zorder=1, gid="level")
    if labels:
        names = [(math_label(p.label), p.loss, colour(p.name)) for p in points]
        names_beside(ax, names, gap=GAP, at=1.07, fontsize=8, gid="label")
    return ax


def losses(ax: Axes, training: Training, found: Sequence[Arrays]) -> Axes:
    """Draw the loss of every run against the epoch, in the colour of its last plateau's k."""
    per_epoch = -(-training.protocol["n"] // training.protocol["batch"])
    style: Style = {"linewidth": 0.8, "alpha": 0.8 if len(found) < 40 else 0.45, "zorder": 2, "gid": "run"}
    for run, arrays in zip(training.trajectories, found, strict=True):
        last = run.plateaus[-1] if run.plateaus else None
        tint = colour(last.label) if last is not None and last.catalogued else INK
        epochs = arrays["steps"][1:] / per_epoch
        ax.plot(epochs, arrays["loss"][1:], color=tint, **style)
    ax.set(xscale="log", xlim=(epochs[0], epochs[-1]))
    return ax


@figure()
def sgd_plateaus(trajectories: Mapping[str, tuple[Training, list[Arrays]]], c: int = 6) -> Figure:
    """Draw the loss of SGD runs over the energy levels of the catalogue, by kind of start."""
    panels = Panels(1, 2, size=(2.89, 4.03), gap=(0.19, 0.0), room=(0.63, 0.81, 0.9, 0.67))
    points = [p.loss for p in Catalogue(c)]
    low, high = min(points), max(points)
    for k, (start, (training, found)) in enumerate(trajectories.items()):
        ax = panels.axes[0, k]
        ax.set_ylim(low - 0.06 * (high - low), high + 0.05 * (high - low))
        losses(ax, training, found)
        levels(ax, c, labels=k == 1)
        ax.set_title(f"{TITLES[start]}, {len(found)} runs", fontsize=9.5)
    panels.label("epoch", r"population loss $L$", shared=True)
    shares = " and ".join(f"{100 * training.catalogued:.1f} %" for training, _ in trajectories.values())
    p = next(iter(trajectories.values()))[0].protocol
    return panels.finished(
        "SGD over the energy levels of the $k$-gons",
        f"$c = {c}$, $r = 2$; $n = {p['n']}$, batch {p['batch']}, learning rate "
        f"{p['learning_rate']}, {p['epochs']} epochs. Time on catalogued plateaus: {shares}.\n"
        "Colours: $k$ of the last plateau (black: not in the catalogue).",
    )
