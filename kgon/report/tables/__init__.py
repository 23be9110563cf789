"""Tables: rows from the rooms above, set as text, Markdown, CSV or LaTeX.  No computation here.

``TABLES`` lists them, ``make_table`` makes one, ``save_table`` writes it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kgon.base.checks import shown
from kgon.base.files import write_text
from kgon.base.table import EXTENSIONS, Table
from kgon.base.verdicts import KgonError
from kgon.kgons.existence import prove_existence
from kgon.report.tables.branches import branches_table
from kgon.report.tables.free_energies import every_crossing_table, learning_table, ncrit_table, phases_table
from kgon.report.tables.landscape import landscape_table
from kgon.report.tables.local import llc_convergence_table, llc_published_table, loss_lambda_hat_table
from kgon.report.tables.points import catalogue_table, exact_table, existence_table
from kgon.report.tables.sampled import evidence_table, learning_check_table, theories_table, transitions_table
from kgon.report.tables.statements import claims_table
from kgon.report.tables.training import sgd_transitions_table

__all__ = [
    "FORMATS",
    "TABLES",
    "TableSpec",
    "check",
    "claims_table",
    "existence_table",
    "make_table",
    "save_table",
]

FORMATS = tuple(EXTENSIONS)


@dataclass(frozen=True, slots=True)
class TableSpec:
    """A named table: one line about it, its builder, and the options that change it."""

    description: str
    build: Callable[..., Table]
    options: tuple[str, ...] = ()


TABLES = {
    "catalogue": TableSpec(
        "every k-gon: loss, length, bias, ‖∇L‖, λ, prior constant", catalogue_table, ("c",)
    ),
    "learning": TableSpec("λ, multiplicity and proof of every local minimum", learning_table, ("c",)),
    "phases": TableSpec(
        "λ, L and the constants of every local minimum (5, 5⁺, 6: the published phase table)",
        phases_table,
        ("c",),
    ),
    "ncrit": TableSpec(
        "all roots of n_crit of the phases with k ≥ 5, by theory and β", ncrit_table, ("c", "theory", "beta")
    ),
    "ncrit-every-pair": TableSpec(
        "n_crit of every pair of local minima, with its type", every_crossing_table, ("c", "theory", "beta")
    ),
    "theories": TableSpec(
        "n_crit(5 → 6) and n_crit({5, 5⁺} → 6) by theory and by sampling", theories_table, ("evidence",)
    ),
    "evidence": TableSpec("sampled free energies of every basin", evidence_table, ("evidence",)),
    "transitions": TableSpec(
        "the Bayesian antecedent hypothesis on transitions, with exact λ", transitions_table
    ),
    "sgd-transitions": TableSpec(
        "transitions between plateaus of SGD: count, ΔL, Δλ, and the antecedent hypothesis",
        sgd_transitions_table,
        ("c", "full"),
    ),
    "learning-check": TableSpec(
        "λ of every local minimum against two simulations", learning_check_table, ("c", "full")
    ),
    "llc-convergence": TableSpec(
        "sampled λ̂ of 5, 5⁺ and 6 against n, by sampler, localiser and loss", llc_convergence_table, ("full",)
    ),
    "llc-published": TableSpec(
        "the published λ̂ at n = 5000 against SGLD with several settings", llc_published_table, ("full",)
    ),
    "loss-lambda-hat": TableSpec(
        "loss, exact λ and sampled λ̂ of the 18 k-gons, with rank statistics", loss_lambda_hat_table, ("full",)
    ),
    "landscape": TableSpec(
        "transitions between the minima: saddles and rims, barriers from both sides",
        landscape_table,
        ("c", "full"),
    ),
    "exact": TableSpec(
        "l, b, L to 20 digits, degrees over Q, flat directions, proved verdict", exact_table, ("c",)
    ),
    "existence": TableSpec(
        "which regular k-gons exist, k = 3 to 60, beside the literature's narrower claim",
        lambda: existence_table([prove_existence(k) for k in range(3, 61)]),
    ),
    "branches": TableSpec(
        "every k-gon over the importance of the last feature: folds, branch points, regions, equal losses",
        branches_table,
        ("c", "full"),
    ),
    "claims": TableSpec(
        "each published claim: published, ours, difference, verdict (on the posterior: with --evidence)",
        claims_table,
        ("evidence",),
    ),
}


def make_table(name: str, **options: Any) -> Table:
    """Build a table by name; options that are None are left at their defaults.

    Raises
    ------
    KgonError
        Unknown name, or an option that the table would ignore.
    """
    given = check(name, **options)
    return TABLES[name].build(**given)


def check(name: str, **options: Any) -> dict[str, Any]:
    """The options given, without those that are None; refuses what ``make_table`` would refuse at once."""
    if name not in TABLES:
        raise KgonError(f"unknown table {name!r}; the tables are {', '.join(TABLES)}")
    spec = TABLES[name]
    given = {key: value for key, value in options.items() if value is not None}
    for key, value in given.items():
        if key not in spec.options:
            known = ", ".join(spec.options) or "none"
            raise KgonError(f"table {name} does not depend on {key} (got {shown(value)}); options: {known}")
    return given


def save_table(table: Table, folder: str | Path, *, formats: Sequence[str] = FORMATS) -> list[Path]:
    """Write a table into a folder, one file for each format."""
    base = Path(folder)
    return [
        write_text(base / f"{table.name}.{EXTENSIONS[form]}", table.render(form) + "\n") for form in formats
    ]
