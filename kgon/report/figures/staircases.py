"""Draw opposing staircases: loss falling, λ̂ rising, and the polygons of the run above."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_lowercase

import numpy as np

from kgon.base.checks import Floats
from kgon.experiments.training.staircases import Stage, Staircases
from kgon.kgons.catalogue import Catalogue
from kgon.report.artefact import figure
from kgon.report.figures.artists import Axes, Figure
from kgon.report.figures.layout import size_in_inches
from kgon.report.figures.panels import make_panels
from kgon.report.figures.polygon import draw_answers
from kgon.report.figures.style import INK, NEUTRAL, Style, name_text

SIDE = 0.95
"""Side of a polygon, inches."""
LAMBDA_HAT = NEUTRAL[1]
"""Colour of λ̂ and of its axis."""

Snapshot = tuple[float, Floats, Floats, str]
"""Step, W (2, c), b (c,), and what to call it."""


def draw_lambda_hat(ax: Axes, thousands: Floats, lambda_hat: Floats, stderr: Floats) -> Axes:
    """Draw λ̂ with its standard error on a right axis, which is returned, behind what is on the left one."""
    right = ax.twinx()
    right.spines["right"].set_visible(True)
    band: Style = {"color": LAMBDA_HAT, "alpha": 0.22, "linewidth": 0}
    right.fill_between(thousands, lambda_hat - stderr, lambda_hat + stderr, **band)
    right.plot(thousands, lambda_hat, color=LAMBDA_HAT, linewidth=1.2, gid="lambda-hat")
    right.set_ylabel(r"$\hat\lambda$", color=LAMBDA_HAT, rotation=0, labelpad=10)
    right.tick_params(axis="y", colors=LAMBDA_HAT)
    ax.set_zorder(right.get_zorder() + 1)  # the dots of the loss lie above λ̂
    ax.patch.set_visible(False)
    return right


def draw_staircases(
    ax: Axes,
    *,
    steps: Floats,
    loss: Floats,
    lambda_hat: Floats,
    stderr: Floats,
    snapshots: Sequence[Snapshot] = (),
) -> tuple[Axes, Axes]:
    """Draw the loss on the left axis, λ̂ with its standard error on the right, polygons above.

    Parameters
    ----------
    ax : Axes
        Needs about 1.2 inches of room above.
    steps, loss, lambda_hat, stderr : (t,) arrays
        λ̂ may be NaN where there is none.
    snapshots : sequence
        Each is drawn above the axes, and as a dot on the loss curve at its step; a letter joins the two.

    Returns
    -------
    tuple of Axes
        The left and the right one.
    """
    thousands = np.asarray(steps) / 1000
    ax.plot(thousands, loss, color=INK, linewidth=1.4, gid="loss")
    right = draw_lambda_hat(ax, thousands, lambda_hat, stderr)
    ax.set(xlim=(thousands[0], thousands[-1]), xlabel="training steps (thousands)")
    ax.set_ylabel("population loss $L$")
    width, height = size_in_inches(ax)
    reach = 1.12 * max((float(np.hypot(*W).max()) for _, W, _, _ in snapshots), default=1.0)
    above: Style = {
        "textcoords": "offset points",
        "ha": "center",
        "va": "bottom",
        "fontsize": 9,
        "gid": "letter",
    }
    for k, (letter, (step, W, b, name)) in enumerate(zip(ascii_lowercase, snapshots, strict=False)):
        at = (k + 0.5) / len(snapshots)
        inset = ax.inset_axes((at - SIDE / width / 2, 1 + 0.15 / height, SIDE / width, SIDE / height))
        draw_answers(inset, W, b, reach=reach)
        inset.set_axis_off()
        inset.set_title(f"{letter}:  {name}", loc="center", fontsize=9)
        inset.set_gid("snapshot")
        dot = (step / 1000, float(np.interp(step, steps, loss)))
        ax.plot(*dot, "o", color=INK, markersize=5, gid="dot")
        ax.annotate(letter, dot, (0, 4), **above)
    return ax, right


def _estimate(stage: Stage) -> str:
    """Write λ̂ of a plateau, with the exact λ where it is at a local minimum."""
    at, estimate = stage.plateau, rf"$\hat\lambda = {stage.lambda_hat:.2f} \pm {stage.stderr:.2f}$"
    known = Catalogue(at.W.shape[1])[at.label].lambda_ if at.catalogued else None
    return estimate if known is None else rf"{estimate}, $\lambda = {float(known):g}$"


@figure(
    name="staircases",
    shows="The loss and the estimate λ̂ along one run of training, with the polygons of its plateaus, and "
    "the exact λ of those that are local minima.",
    seen="Where the loss falls a step λ̂ rises one: two opposing staircases.",
    unseen="Whether λ rises, too: the exact one may fall from stage to stage, and is not defined at a stage "
    "that is no minimum; the chains behind λ̂ are short, as published, and the line below says how many "
    "passed their checks.",
)
def opposing_staircases(staircases: Staircases) -> Figure:
    """Draw one SGD run whose loss falls and λ̂ rises in steps, with the polygons of its plateaus.

    The run starts from the label (default 4⁺⁺⁻).
    """
    found = staircases
    series, localiser, chains = found.series, found.series.localiser, found.series.sampler
    panels = make_panels(stacks=False, size=(6.03, 2.31), room=(0.7, 0.67, 1.14, 1.95))
    draw_staircases(
        panels.ax,
        steps=found.steps,
        loss=found.loss,
        lambda_hat=series.lambda_hat,
        stderr=series.stderr,
        snapshots=[
            (0.5 * (at.start + at.end), at.W, at.biases,
             f"{name_text(at.label)}\n{_estimate(x)}")
            for x in found.stages
            for at in [x.plateau]
        ],
    )  # fmt: skip
    healthy = sum(x.good for x in series.by_point)
    return panels.finished(
        r"Opposing staircases: loss down, $\hat\lambda$ up, in one SGD run",
        f"Run {found.index} of seed {found.seed} from {name_text(found.start)}, published "
        rf"protocol; $\hat\lambda$ on its training data: $n = {localiser.n:g}$, $\beta = 1/\log n = "
        rf"{localiser.beta:.3f}$, "
        "\n"
        rf"{chains.kind.upper()}, $\epsilon = {chains.step_size:g}$, $\gamma = {localiser.gamma:g}$, "
        f"{chains.chains} chains of {chains.steps} steps at each of {len(found.steps)} points ({healthy} of "
        "them healthy: the chains are short).\n"
        r"Band: one standard error. Above: means over the plateaus, and the exact $\lambda$ of local minima."
        "\nHollow arrows: the output does not answer to its own input.",
    )
