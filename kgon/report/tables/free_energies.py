"""Tables of learning coefficients, constants and critical sample sizes."""

from __future__ import annotations

from typing import Any

from kgon.base.table import Column, Table
from kgon.base.text import with_error
from kgon.base.verdicts import KgonError
from kgon.free_energy import conventions, crossings, phases
from kgon.free_energy.constants.second_order import polygon_order
from kgon.free_energy.learning import REASONS, learning_coefficients
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.labels import Label
from kgon.report.tables.cells import label_tex, lambda_text, transition_cells

LAMBDA = Column("lambda", "λ", r"$\lambda_\alpha$", "r", number=True)
LOSS = Column("loss", "L", r"$L(w^*_\alpha)$", "r", number=True)


def learning_table(*, c: int = 6) -> Table:
    """λ, multiplicity and proof of every local minimum."""
    found = learning_coefficients(c)
    rows = [
        {
            "label": str(item.name),
            "lambda": lambda_text(item.lambda_),
            "multiplicity": str(item.multiplicity),
            "flat": str(item.flat_dimension),
            "reason": item.reason,
            "representative": item.place,
        }
        for item in found
    ]
    used = list(dict.fromkeys(item.reason for item in found))
    return Table(
        name="learning",
        title=f"Local learning coefficients of the local minima, c = {c}: λ = (3c − f)/2, proved",
        caption=rf"Learning coefficients of the local minima, $c = {c}$: $\lambda = (3c - f)/2$, proved",
        columns=[
            Column("label", "label"),
            LAMBDA,
            Column("multiplicity", "m", "$m$", "r"),
            Column("flat", "f", "$f$", "r"),
            Column("reason", "proof"),
            Column("representative", "representative"),
        ],
        rows=rows,
        tex_cells={"label": label_tex},
        notes=[
            "f: dimension of the set of equal loss. kgon check verifies the certificate of each.",
            *(f"{name}: {REASONS[name]}." for name in used),
        ],
    )


def _laplace(label: Label, c: int) -> tuple[str, str]:
    """The Laplace constant with its error, and λ of the flat set where this is another than at the point."""
    try:
        found = phases.phase(label, c, theory="laplace")
    except KgonError:
        return "", ""
    value = float(found.constant)
    text = f"{value:.6f}" if not found.error else with_error(value, found.error)
    return text, lambda_text(found.lambda_)


def phases_table(*, c: int = 6) -> Table:
    """λ, L and the constants of every local minimum; 5, 5⁺ and 6 are the published rows at c = 6."""
    rows = []
    for point in Catalogue(c).phases():
        laplace, flat_lambda = _laplace(point.name, c)
        differs = laplace and flat_lambda != lambda_text(point.lambda_)
        rows.append(
            {
                "label": str(point.name),
                "lambda": lambda_text(point.lambda_),
                "loss": f"{point.loss:.8f}",
                "c_prior": f"{point.c_prior:.8f}",
                "attained": "no" if {"dead", "switched-off"} & set(point.name.roles(c)) else "yes",
                "laplace": laplace + (f" (λ = {flat_lambda})" if differs else ""),
                "order": f"{polygon_order(point.name, c):.4f}" if point.k > 4 else "",
            }
        )
    return Table(
        name="phases",
        title=f"Local learning coefficient, loss and constants of the local minima, c = {c}",
        caption=f"Local learning coefficient, loss and constants of the local minima, $c = {c}$",
        columns=[
            Column("label", "phase"),
            LAMBDA,
            LOSS,
            Column("c_prior", "c_α = ½‖w*‖²", r"$c_\alpha=\tfrac12\|w^*_\alpha\|^2$", "r", number=True),
            Column("attained", "attained"),
            Column("laplace", "C_α (laplace)", r"$C_\alpha$ (laplace)", "r"),
            Column("order", "K_α (laplace2)", r"$K_\alpha$ (laplace2)", "r", number=True),
        ],
        rows=rows,
        tex_cells={"label": label_tex},
        notes=[
            "prior: F = βnL + λ log n + c; where c is not attained it is the infimum over the flat family.",
            "laplace: F = βnL + λ log(βn) + C, C enclosed for k ≥ 5, with its standard error for k = 4.",
            "laplace2: F = laplace − K/(βn) − δ log(M/P), M the mass of a dead column at finite n, P its "
            "limit.",
            "No C: at 4--:opposite the integral diverges where its flat set meets that of 4-- (λ = 2); at "
            "c = 5 the flat set of 4- has multiplicity 2.",
        ],
    )


def _crossing_row(found: crossings.Crossing) -> dict[str, str]:
    def signed(value: float | None, form: str) -> str:
        return "" if value is None else format(value, form)

    roots = ", ".join(root.text for root in found.roots)
    return {
        **transition_cells(found.first, found.second),
        "theory": found.theory,
        "beta": f"{found.beta:g}",
        "delta_loss": signed(found.delta_loss, ".8f"),
        "delta_lambda": signed(found.delta_lambda, "g"),
        "delta_c": signed(found.delta_c, ".6f"),
        "kind": found.kind,
        "roots": "every n" if found.everywhere else roots or "none",
    }


_CROSSING_COLUMNS = [
    Column("pair", "transition"),
    Column("theory", "theory"),
    Column("beta", "β", r"$\beta$", "r", number=True),
    Column("delta_loss", "ΔL", r"$\Delta L$", "r", number=True),
    Column("delta_lambda", "Δλ", r"$\Delta\lambda$", "r", number=True),
    Column("delta_c", "Δc", r"$\Delta c$", "r", number=True),
    Column("kind", "kind"),
    Column("roots", "n_crit", r"$n_\mathrm{crit}$"),
]


def ncrit_table(*, c: int = 6, theory: str | None = None, beta: Any = None) -> Table:
    """All roots of n_crit for every pair of phases with k ≥ 5, by theory and β."""
    theories = conventions.THEORIES if theory is None else (conventions.check_theory(theory),)
    betas = ("1", "1/2") if beta is None else (beta,)
    labels = phases.polygon_phases(c)
    rows = [
        _crossing_row(crossings.n_crit(first, second, c, theory=choice, beta=inverse_temperature))
        for inverse_temperature in betas
        for choice in theories
        if choice != "laplace2" or labels[0].k > 4
        for i, first in enumerate(labels)
        for second in labels[:i]
    ]
    return Table(
        name="ncrit",
        title=f"Critical sample sizes n_crit, c = {c}: all n at which two phases have equal free energy",
        caption=rf"Critical sample sizes: all $n$ at which two phases have equal free energy, $c = {c}$",
        columns=_CROSSING_COLUMNS,
        rows=rows,
        notes=[
            "none: c = 0. prior: ½‖w*‖², for 5 an infimum. laplace: the true constant. laplace2: with the "
            "next order.",
            f"laplace2: roots with βn from {crossings.LEAST_STRENGTH:g} on; the others: every n > 0.",
        ],
    )


def every_crossing_table(*, c: int = 6, theory: str = "laplace", beta: Any = "1") -> Table:
    """n_crit of every ordered pair of local minima, from higher to lower loss, in one theory."""
    found = crossings.all_crossings(c, theory=theory, beta=beta)
    rows = [_crossing_row(item) for item in found]
    return Table(
        name="ncrit-every-pair",
        size="footnotesize",
        title=f"n_crit of every pair of local minima, c = {c}, theory {theory}, β = {beta}",
        caption=rf"$n_\mathrm{{crit}}$ of every pair of local minima, $c = {c}$, {theory}, $\beta = {beta}$",
        columns=[column for column in _CROSSING_COLUMNS if column.key not in ("theory", "beta")],
        rows=rows,
        notes=[
            "From the higher loss to the lower; the reverse pair has the same roots. Type A: ΔL < 0 < Δλ.",
            "A number after ± is the standard error that the constants of 4-gons bring.",
        ],
    )
