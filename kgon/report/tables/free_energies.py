"""List learning coefficients, constants and critical sample sizes."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from kgon.base.table import Column, Table
from kgon.base.text import with_error
from kgon.free_energy import crossings
from kgon.free_energy import phases as phase_of
from kgon.free_energy.constants.second_order import polygon_order
from kgon.free_energy.constants.square import SquareConstant
from kgon.free_energy.energies import Phase
from kgon.free_energy.learning import REASONS, learning_coefficients
from kgon.free_energy.theories import LEAST_STRENGTH, THEORIES
from kgon.kgons.catalogue import Catalogue, CriticalPoint
from kgon.report.artefact import table
from kgon.report.tables.cells import NAME, decimal, number, pair

LAMBDA = number("lambda", "λ", r"$\lambda_\alpha$", lambda x: decimal(x.lambda_))


@table()
def learning(c: int = 6) -> Table:
    """List λ, its multiplicity and its proof for every local minimum."""
    found = learning_coefficients(c)
    return Table.of(
        found,
        [
            NAME,
            LAMBDA,
            Column("multiplicity", "m", "$m$", "r"),
            Column("flat", "f", "$f$", "r", cell=lambda x: str(x.flat_dimension)),
            Column("reason", "proof"),
            Column("representative", "representative", cell=lambda x: x.place),
        ],
        name="learning",
        title=f"Local learning coefficients of the local minima, c = {c}: λ = (3c − f)/2, proved",
        caption=rf"Learning coefficients of the local minima, $c = {c}$: $\lambda = (3c - f)/2$, proved",
        notes=[
            "f: dimension of the set of equal loss. kgon check verifies the certificate of each.",
            *(f"{name}: {REASONS[name]}." for name in dict.fromkeys(x.reason for x in found)),
        ],
    )


def _laplace(point: CriticalPoint, found: Phase | None) -> str:
    """The Laplace constant with its error, and λ of the flat set where this is another than at the point."""
    if found is None:
        return ""
    value = float(found.constant)
    text = f"{value:.6f}" if not found.error else with_error(value, found.error)
    flat = decimal(float(found.lambda_))
    return text + (f" (λ = {flat})" if flat != decimal(point.lambda_) else "")


def _attained(point: CriticalPoint) -> str:
    return "no" if {"dead", "switched-off"} & set(point.name.roles(point.c)) else "yes"


def _order(point: CriticalPoint) -> str:
    return f"{polygon_order(point.name, point.c):.4f}" if point.k > 4 else ""


@table(fixed=("theory",))
def phases(square_constants: Sequence[SquareConstant], c: int = 6) -> Table:
    """List λ, L and the constants of every local minimum; 5, 5⁺ and 6 are the published rows at c = 6."""
    laplace = {p.label: p for p in phase_of.laplace_phases(square_constants, c)}
    return Table.of(
        Catalogue(c).phases(),
        [
            Column("label", "phase", cell=NAME.cell, tex=NAME.tex),
            LAMBDA,
            number("loss", "L", r"$L(w^*_\alpha)$", lambda x: f"{x.loss:.8f}"),
            number(
                "c_prior",
                "c_α = ½‖w*‖²",
                r"$c_\alpha=\tfrac12\|w^*_\alpha\|^2$",
                lambda x: f"{x.c_prior:.8f}",
            ),
            Column("attained", "attained", cell=_attained),
            Column(
                "laplace",
                "C_α (laplace)",
                r"$C_\alpha$ (laplace)",
                "r",
                cell=lambda x: _laplace(x, laplace.get(x.name)),
            ),
            number("order", "K_α (laplace2)", r"$K_\alpha$ (laplace2)", _order),
        ],
        name="phases",
        title=f"Local learning coefficient, loss and constants of the local minima, c = {c}",
        caption=f"Local learning coefficient, loss and constants of the local minima, $c = {c}$",
        notes=[
            "prior: F = βnL + λ log n + c; where c is not attained it is the infimum over the flat family.",
            "laplace: F = βnL + λ log(βn) + C, C enclosed for k ≥ 5, with its standard error for k = 4.",
            "laplace2: F = laplace − K/(βn) − δ log(M/P), M the mass of a dead column at finite n, P its "
            "limit.",
            "No C: at 4--:opposite the integral diverges where its flat set meets that of 4-- (λ = 2); at "
            "c = 5 the flat set of 4- has multiplicity 2.",
        ],
    )


def _roots(found: crossings.Crossing) -> str:
    return "every n" if found.everywhere else ", ".join(root.text for root in found.roots) or "none"


CROSSING = (
    pair(),
    Column("theory", "theory"),
    number("beta", "β", r"$\beta$", lambda x: f"{x.beta:g}"),
    number("delta_loss", "ΔL", r"$\Delta L$", lambda x: decimal(x.delta_loss, ".8f")),
    number("delta_lambda", "Δλ", r"$\Delta\lambda$", lambda x: decimal(x.delta_lambda, "g")),
    number("delta_c", "Δc", r"$\Delta c$", lambda x: decimal(x.delta_c, ".6f")),
    Column("kind", "kind"),
    Column("roots", "n_crit", r"$n_\mathrm{crit}$", cell=_roots),
)
"""Columns of a ``Crossing``."""


@table()
def ncrit(c: int = 6, theory: str | None = None, beta: Fraction | None = None) -> Table:
    """List all roots of n_crit for every pair of phases with k ≥ 5, by theory and β."""
    theories = THEORIES if theory is None else (theory,)
    labels = phase_of.polygon_phases(c)
    return Table.of(
        [
            crossings.n_crit(first, second, c, theory=choice, beta=inverse_temperature)
            for inverse_temperature in (("1", "1/2") if beta is None else (beta,))
            for choice in theories
            if choice != "laplace2" or labels[0].k > 4
            for i, first in enumerate(labels)
            for second in labels[:i]
        ],
        CROSSING,
        name="ncrit",
        title=f"Critical sample sizes n_crit, c = {c}: all n at which two phases have equal free energy",
        caption=rf"Critical sample sizes: all $n$ at which two phases have equal free energy, $c = {c}$",
        notes=[
            "none: c = 0. prior: ½‖w*‖², for 5 an infimum. laplace: the true constant. laplace2: with the "
            "next order.",
            f"laplace2: roots with βn from {LEAST_STRENGTH:g} on; the others: every n > 0.",
        ],
    )


@table()
def ncrit_every_pair(
    square_constants: Sequence[SquareConstant],
    c: int = 6,
    theory: str = "laplace",
    beta: Fraction = Fraction(1),
) -> Table:
    """List n_crit of every ordered pair of local minima, from higher to lower loss, with its type."""
    known = phase_of.phases_with(square_constants, c, theory=theory)
    return Table.of(
        crossings.all_crossings(c, theory=theory, beta=beta, among=known),
        [column for column in CROSSING if column.key not in ("theory", "beta")],
        name="ncrit-every-pair",
        size="footnotesize",
        title=f"n_crit of every pair of local minima, c = {c}, theory {theory}, β = {beta}",
        caption=rf"$n_\mathrm{{crit}}$ of every pair of local minima, $c = {c}$, {theory}, $\beta = {beta}$",
        notes=[
            "From the higher loss to the lower; the reverse pair has the same roots. Type A: ΔL < 0 < Δλ.",
            "A number after ± is the standard error that the constants of 4-gons bring.",
        ],
    )
