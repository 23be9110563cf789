"""Tables of sampled λ̂: against n, and against the published values."""

from __future__ import annotations

from kgon.base.table import Column, Table
from kgon.base.text import with_error
from kgon.experiments.llc.against_loss import MeasuredPhase, measure_loss_lambda_hat
from kgon.experiments.llc.convergence import (
    NARROW,
    PUBLISHED,
    PUBLISHED_N,
    WIDE,
    Convergence,
    ConvergencePoint,
    cached_convergence,
)
from kgon.experiments.llc.settings import HMC, QUICK_HMC, Localiser
from kgon.report.tables.cells import label_tex

_SERIES = (
    ("wide", "hmc", "population", WIDE, "HMC, γ = 1", r"HMC, $\gamma = 1$"),
    ("narrow", "hmc", "population", NARROW, "HMC, γ = 100", r"HMC, $\gamma = 100$"),
    ("data", "hmc", "data", NARROW, "HMC, γ = 100, data", r"HMC, $\gamma = 100$, data"),
    ("sgld", "sgld", "population", WIDE, "SGLD, γ = 1", r"SGLD, $\gamma = 1$"),
    ("sgld_data", "sgld", "data", WIDE, "SGLD, γ = 1, data", r"SGLD, $\gamma = 1$, data"),
)
_BETA = "β = 1/log n. "


def _found(full: bool | None) -> Convergence:
    return cached_convergence(bool(full))


def _cell(point: ConvergencePoint | None) -> str:
    if point is None:
        return ""
    mark = "" if point.health.good else (" left" if point.gone else " ?")
    return with_error(point.lambda_hat, point.stderr) + mark


def llc_convergence_table(*, full: bool | None = None) -> Table:
    """λ̂ at 5, 5⁺ and 6 for every n, by sampler, localiser and loss."""
    found = _found(full)
    rows = []
    for label, exact in found.exact.items():
        columns = {
            key: {x.localiser.n: x for x in found.series(label, sampler, source, gamma)}
            for key, sampler, source, gamma, _, _ in _SERIES
        }
        for n in sorted(columns["wide"]):
            rows.append(
                {
                    "label": label,
                    "exact": f"{exact:g}",
                    "n": f"{n:g}",
                    **{key: _cell(points.get(n)) for key, points in columns.items()},
                }
            )
    return Table(
        name="llc-convergence",
        title="Sampled λ̂ of 5, 5⁺ and 6 against n, c = 6",
        caption=r"Sampled $\hat\lambda$ of $5$, $5^+$ and $6$ against $n$, $c = 6$",
        columns=[
            Column("label", "label"),
            Column("exact", "λ", r"$\lambda$", "r", number=True),
            Column("n", "n", "$n$", "r"),
            *(Column(key, name, tex, "r") for key, _, _, _, name, tex in _SERIES),
        ],
        rows=rows,
        tex_cells={"label": label_tex},
        notes=[
            _BETA + "left: chains went to lower losses. ?: not healthy for another reason, as short chains "
            "are. SGLD: 500 steps, ε = 0.001 at n = 5000, in proportion to 1/(βn) beyond.",
        ],
    )


def llc_published_table(*, full: bool | None = None) -> Table:
    """λ̂ at n = 5000 by SGLD with several settings against the published values."""
    found = _found(full)
    rows = [
        {
            "label": x.label,
            "size": f"{x.sampler.step_size:g}",
            "steps": str(x.sampler.steps),
            "published": f"{PUBLISHED[x.label]:g}",
            "ours": with_error(x.lambda_hat, x.stderr),
            "bias": f"{x.bias:.2f}",
            "left": "" if x.left is None else f"{100 * x.left:.0f} %",
            "verdict": str(agreement.verdict),
        }
        for x, agreement in zip(found.attempts, found.agreements, strict=True)
    ]
    return Table(
        name="llc-published",
        title=f"Published λ̂ at n = {PUBLISHED_N} against SGLD with several settings, c = 6",
        caption=rf"Published $\hat\lambda$ at $n = {PUBLISHED_N}$ against SGLD, several settings, $c = 6$",
        columns=[
            Column("label", "label"),
            Column("size", "ε", r"$\epsilon$", "r", number=True),
            Column("steps", "steps", "steps", "r", number=True),
            Column("published", "published", "published", "r", number=True),
            Column("ours", "λ̂", r"$\hat\lambda$", "r"),
            Column("bias", "bias of ε", r"bias of $\epsilon$", "r", number=True),
            Column("left", "chains gone", "chains gone", "r"),
            Column("verdict", "within 3 standard errors"),
        ],
        rows=rows,
        tex_cells={"label": label_tex},
        notes=[
            _BETA + "Population loss, γ = 1, chains that start at the k-gon. bias of ε: estimate of what the "
            "step size adds to λ̂. gone: share of chains that ended in the basin of something lower.",
        ],
    )


def loss_lambda_hat_table(*, full: bool | None = None) -> Table:
    """Loss, exact λ and sampled λ̂ of all 18 k-gons of six features."""
    short = measure_loss_lambda_hat()
    held = measure_loss_lambda_hat(HMC if full else QUICK_HMC, Localiser(n=short.n, gamma=NARROW))

    def cell(phase: MeasuredPhase) -> str:
        return with_error(phase.lambda_hat, phase.stderr) + ("" if phase.health.good else " ?")

    return Table(
        name="loss-lambda-hat",
        title="Loss, λ and sampled λ̂ of the k-gons at n = 5000, c = 6",
        caption=r"Loss, $\lambda$ and sampled $\hat\lambda$ of the k-gons at $n = 5000$, $c = 6$",
        columns=[
            Column("label", "label"),
            Column("loss", "L", "$L$", "r", number=True),
            Column("exact", "λ", r"$\lambda$", "r", number=True),
            Column("short", "SGLD, γ = 1, 500 steps", r"SGLD, $\gamma = 1$, 500 steps", "r"),
            Column("held", "HMC, γ = 100", r"HMC, $\gamma = 100$", "r"),
        ],
        rows=[
            {
                "label": x.label,
                "loss": f"{x.loss:.5f}",
                "exact": "" if x.lambda_ is None else f"{x.lambda_:g}",
                "short": cell(x),
                "held": cell(y),
            }
            for x, y in zip(short.phases, held.phases, strict=True)
        ],
        tex_cells={"label": label_tex},
        notes=[
            _BETA + "Population loss. ?: the chains are not healthy.",
            *(f"Ranks of {x.headline()}." for x in (short.exact, short.sampled, held.sampled)),
        ],
    )
