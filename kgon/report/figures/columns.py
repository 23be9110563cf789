"""Draw any point by its number of hidden dimensions: on a line, in the plane, in space, else as products."""

from __future__ import annotations

import numpy as np

from kgon.base.checks import Floats
from kgon.report.figures.artists import Axes
from kgon.report.figures.polygon import SMALL, draw_columns
from kgon.report.figures.solids import columns_in_space, seen
from kgon.report.figures.style import GREY, INK, POSITIVE, Style

MARGIN = 1.15
"""Half the side of the square around a point, in units of its longest column."""
WORDS: Style = {"fontsize": 7.5, "color": GREY}
"""How what explains a picture is written into it."""


def draw_point(ax: Axes, W: Floats, b: Floats) -> Axes:
    """Draw W (r, c) and b (c,): at r = 1 b over W, at r = 2 and 3 the columns, else their products."""
    reach = MARGIN * max(float(np.linalg.norm(W, axis=0).max(initial=0.0)), 1e-9)
    if len(W) == 1:
        return _on_a_line(ax, W[0], b)
    if len(W) == 2:
        return draw_columns(ax, W, b, reach=reach)
    return _in_space(ax, W, b, reach) if len(W) == 3 else _products(ax, W, b)


def _on_a_line(ax: Axes, W: Floats, b: Floats) -> Axes:
    """Draw b_i over W_i, filled where output i answers to its own input; columns at one place share a dot."""
    ax.axhline(0.0, color=GREY, linewidth=0.6, zorder=0)
    ax.axvline(0.0, color=GREY, linewidth=0.6, zorder=0)
    live = W**2 + b > 0
    for on in (True, False):
        ink: Style = {"color": INK} if on else {"facecolor": "white", "edgecolor": GREY}
        ax.scatter(W[live == on], b[live == on], s=30, zorder=3, gid="live" if on else "silent", **ink)
    for place, columns in _places(np.array([W, b])):
        ax.annotate(columns, place, xytext=(5, 5), textcoords="offset points", fontsize=8, gid="column")
    ax.set(xlabel="$W_i$", ylabel="$b_i$")
    ax.margins(0.15)
    ax.set_title("numbers: columns; hollow: output off for its own input", loc="right", **WORDS)
    return ax


def _in_space(ax: Axes, W: Floats, b: Floats, reach: float) -> Axes:
    """Draw the columns as the figure of the solids does, with the axes, and how many columns are zero."""
    long = np.linalg.norm(W, axis=0) > SMALL
    for place, name in zip(0.45 * reach * seen(np.eye(3))[:2].T, ("$W_1$", "$W_2$", "$W_3$"), strict=True):
        ax.annotate("", place, (0, 0), arrowprops={"arrowstyle": "->", "color": GREY, "linewidth": 0.7})
        ax.annotate(name, 1.14 * place, ha="center", va="center", gid="axis", **WORDS)
    columns_in_space(ax, W[:, long], b[long], reach=reach)
    across, up, _ = seen(W)
    for i in np.flatnonzero(long):
        ax.annotate(str(i), (across[i], up[i]), xytext=(4, 4), textcoords="offset points", fontsize=8,
                    gid="column")  # fmt: skip
    positive = int(np.sum(b[~long] > 0))
    counts = [(positive, "positive", POSITIVE), (int(np.sum(~long)) - positive, "dead", GREY)]
    words = [
        "numbers: columns; lines: one switches the other on",
        *(f"{n} {x} at 0" for n, x, _ in counts if n),
    ]
    ax.text(0.0, 0.0, "; ".join(words), transform=ax.transAxes, va="top", gid="words", **WORDS)
    return ax


def _products(ax: Axes, W: Floats, b: Floats) -> Axes:
    """Draw the Gram matrix W_i·W_j as an image, and b_i in a column of its own."""
    c = len(b)
    shown = np.full((c, c + 2), np.nan)
    shown[:, :c], shown[:, c + 1] = W.T @ W, b
    top = max(float(np.nanmax(np.abs(shown))), 1e-9)
    image = ax.imshow(shown, cmap="RdBu_r", vmin=-top, vmax=top, gid="products")
    step = -(-c // 16)
    columns = list(range(0, c, step))
    ax.set_xticks([*columns, c + 1], [*map(str, columns), "$b$"])
    ax.set_yticks(columns)
    ax.set(xlabel="column $j$", ylabel="column $i$")
    ax.spines[:].set_visible(False)
    bar = ax.figure.colorbar(image, ax=ax)
    bar.set_label(r"$W_i \cdot W_j$ and $b_i$")
    return ax


def _places(points: Floats) -> list[tuple[tuple[float, float], str]]:
    """Which columns are at which place (2,), those within ``SMALL`` together: ``0, 3``."""
    found: list[tuple[Floats, list[int]]] = []
    for j, point in enumerate(points.T):
        for place, columns in found:
            if float(np.abs(place - point).max()) <= SMALL:
                columns.append(j)
                break
        else:
            found.append((point, [j]))
    return [((float(x), float(y)), ", ".join(map(str, columns))) for (x, y), columns in found]
