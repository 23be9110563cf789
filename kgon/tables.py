"""Tables: rows from the rooms above, set as text, Markdown, CSV or LaTeX.  No computation here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from kgon import free_energy
from kgon._format import EXTENSIONS, Column, Table
from kgon.algebraic import exact
from kgon.catalogue import Catalogue, CriticalPoint
from kgon.certify import certify
from kgon.experiments.claims import Claim, claims
from kgon.geometry import Label
from kgon.io import write_text
from kgon.polygon_existence import Existence, existence
from kgon.results import KgonError

FORMATS = tuple(EXTENSIONS)


def _label_tex(text: str) -> str:
    return f"${Label.parse(text).latex}$"


def _transition_tex(text: str) -> str:
    return r" $\to$ ".join(_label_tex(part) for part in text.split(" → "))


def _lambda(point: CriticalPoint) -> str:
    return "" if point.lambda_ is None else f"{float(point.lambda_):g}"


def catalogue_table(*, c: int = 6) -> Table:
    """All k-gons of c features."""
    points = Catalogue(c)
    rows = [
        {
            "label": str(point.name),
            "loss": f"{point.loss:.8f}",
            "length": f"{point.length:.8f}",
            "bias": f"{point.bias:.8f}",
            "gradient_norm": f"{point.gradient_norm:.1e}",
            "kind": point.kind,
            "lambda": _lambda(point),
            "c_prior": f"{point.c_prior:.6f}",
        }
        for point in points
    ]
    names = len({point.label for point in points})
    return Table(
        name="catalogue",
        title=f"The {names} k-gons of r = 2, c = {c} ({len(points)} configurations)",
        caption=rf"The {names} $k$-gons of $r = 2$, $c = {c}$ ({len(points)} configurations)",
        columns=[
            Column("label", "label"),
            Column("loss", "L", "$L$", "r", number=True),
            Column("length", "l", "$l$", "r", number=True),
            Column("bias", "b", "$b$", "r", number=True),
            Column("gradient_norm", "‖∇L‖", r"$\|\nabla L\|$", "r", number=True),
            Column("kind", "kind"),
            Column("lambda", "λ", r"$\lambda$", "r", number=True),
            Column("c_prior", "½‖w‖²", r"$\tfrac12\|w\|^2$", "r", number=True),
        ],
        rows=rows,
        tex_cells={"label": _label_tex},
        notes=[
            "L, l, b and ½‖w‖² lie in proved enclosures; ½‖w‖² is the infimum over the flat family.",
            "Kind: proved for the 4-gons (derivations 2b, 2d), by the Hessian in float64 for k ≥ 5, as are λ "
            "and ‖∇L‖.",
        ],
    )


def phases_table(*, c: int = 6) -> Table:
    """λ, L and c of the phases with a known λ: the published table at c = 6."""
    rows = [
        {
            "label": str(point.name),
            "lambda": _lambda(point),
            "loss": f"{point.loss:.8f}",
            "c_prior": f"{point.c_prior:.8f}",
            "attained": "no" if "dead" in point.name.roles(c) else "yes",
        }
        for point in (Catalogue(c)[p.label] for p in free_energy.phases_of(c))
    ]
    return Table(
        name="phases",
        title=f"Local learning coefficient, loss and prior constant of the phases, c = {c}",
        caption=f"Local learning coefficient, loss and prior constant of the phases, $c = {c}$",
        columns=[
            Column("label", "phase"),
            Column("lambda", "λ", r"$\lambda_\alpha$", "r", number=True),
            Column("loss", "L", r"$L(w^*_\alpha)$", "r", number=True),
            Column("c_prior", "c_α = ½‖w*‖²", r"$c_\alpha=\tfrac12\|w^*_\alpha\|^2$", "r", number=True),
            Column("attained", "c attained"),
        ],
        rows=rows,
        tex_cells={"label": _label_tex},
        notes=["Where c is not attained it is the infimum over the flat family, a lower bound."],
    )


def ncrit_table(*, c: int = 6, theory: str | None = None, beta: Any = None) -> Table:
    """All roots of n_crit for every pair of phases."""
    theories = free_energy.THEORIES if theory is None else (free_energy.check_theory(theory),)
    betas = ("1", "1/2") if beta is None else (beta,)
    points = free_energy.phases_of(c)
    rows = []
    for inverse_temperature in betas:
        for choice in theories:
            for i, first in enumerate(points):
                for second in points[:i]:
                    found = free_energy.n_crit(
                        first.label, second.label, c, theory=choice, beta=inverse_temperature
                    )
                    roots = [f"{root.n:.8g}" for root in found.roots]
                    rows.append(
                        {
                            "pair": f"{first.label} → {second.label}",
                            "theory": choice,
                            "beta": f"{found.beta:g}",
                            "delta_loss": f"{found.delta_loss:.8f}",
                            "delta_lambda": f"{found.delta_lambda:g}",
                            "delta_c": f"{found.delta_c:.6f}",
                            "roots": "every n" if found.everywhere else ", ".join(roots) or "none",
                        }
                    )
    return Table(
        name="ncrit",
        title=f"Critical sample sizes n_crit, c = {c}: all roots of nβΔL + Δλ log n + Δc = 0",
        caption=r"Critical sample sizes: all roots $n_\mathrm{crit}$ of "
        rf"$n\beta\Delta L + \Delta\lambda\log n + \Delta c = 0$, $c = {c}$",
        columns=[
            Column("pair", "transition"),
            Column("theory", "theory"),
            Column("beta", "β", r"$\beta$", "r", number=True),
            Column("delta_loss", "ΔL", r"$\Delta L$", "r", number=True),
            Column("delta_lambda", "Δλ", r"$\Delta\lambda$", "r", number=True),
            Column("delta_c", "Δc", r"$\Delta c$", "r", number=True),
            Column("roots", "n_crit", r"$n_\mathrm{crit}$"),
        ],
        rows=rows,
        tex_cells={"pair": _transition_tex},
        notes=["Theory names the constant: none (c = 0) or prior (½‖w*‖², for 5 an infimum)."],
    )


def existence_table(found: Sequence[Existence]) -> Table:
    """Which regular k-gons are critical points, beside the literature's narrower claim."""
    rows = [
        {
            "k": str(item.k),
            "exists": str(item.exists),
            "s": ", ".join(str(root.s) for root in item.roots),
            "length": ", ".join(f"{root.length:.8f}" for root in item.roots),
            "bias": ", ".join(f"{root.bias:.8f}" for root in item.roots),
            "rejected": str(len(item.rejected)),
            "fixed": "yes" if item.fixed_s_exists else "no",
        }
        for item in found
    ]
    return Table(
        name="existence",
        title=f"Regular k-gons that are critical points, k = {found[0].k} to {found[-1].k}: every s, proved",
        columns=[
            Column("k", "k", "$k$", "r"),
            Column("exists", "exists"),
            Column("s", "s", "$s$", "r"),
            Column("length", "l", "$l$", "r"),
            Column("bias", "b", "$b$", "r"),
            Column("rejected", "rejected", align="r"),
            Column("fixed", "with s = ⌈k/4⌉ − 1 only"),
        ],
        rows=rows,
        notes=[
            "s: active neighbours on one side. Rejected: other real solutions of the equations, which break "
            "a side condition.",
            "The last column is the literature's narrower claim, for the one s it allows.",
        ],
    )


def exact_table(*, c: int = 6) -> Table:
    """l, b and L to 20 digits, degrees over Q, flat directions and what the certificate proves."""
    points = [point for point in Catalogue(c) if point.configuration == "adjacent"]
    rows = []
    for point in points:
        number, claims = exact(point.name, c), certify(point.name, c)["claims"]
        degrees = [x.degree for x in (number.length_squared, number.bias, number.loss)]
        rows.append(
            {
                "label": str(point.name),
                "length": f"{Decimal(point.length_digits):.20f}",
                "bias": f"{Decimal(point.bias_digits):.20f}",
                "loss": f"{Decimal(point.loss_digits):.20f}",
                "degrees": ", ".join(map(str, degrees)),
                "flat": "" if claims["flat_dimension"] is None else str(claims["flat_dimension"]),
                "verdict": claims["verdict"],
            }
        )
    return Table(
        name="exact",
        title=f"The {len(points)} k-gons of c = {c} to 20 digits, and what their certificates prove",
        caption=rf"The {len(points)} $k$-gons of $c = {c}$ to 20 digits, and what their certificates prove",
        columns=[
            Column("label", "label"),
            Column("length", "l", "$l$", "r", number=True),
            Column("bias", "b", "$b$", "r", number=True),
            Column("loss", "L", "$L$", "r", number=True),
            Column("degrees", "degrees"),
            Column("flat", "flat", align="r"),
            Column("verdict", "proved to be"),
        ],
        rows=rows,
        tex_cells={"label": _label_tex},
        notes=[
            "Degrees: of l², b, L over Q. Flat: dimension of the set of equal loss, rotation included, where "
            "the certificate gives it.",
            "With two switched-off columns the row is that of the adjacent configuration.",
        ],
    )


def claims_table(rows: Sequence[Claim] | None = None) -> Table:
    """The published claims against this package."""
    found = claims() if rows is None else rows
    return Table(
        name="claims",
        title="Published claims and what this package computes",
        columns=[
            Column("name", "claim"),
            Column("published", "published"),
            Column("ours", "ours"),
            Column("difference", "difference", align="r"),
            Column("verdict", "verdict"),
        ],
        rows=[
            {
                "name": claim.name,
                "published": claim.published,
                "ours": claim.ours,
                "difference": "" if claim.difference is None else f"{claim.difference:.1e}",
                "verdict": str(claim.verdict),
            }
            for claim in found
        ],
        notes=[
            "PROVED: by exact or ball arithmetic. CONFIRMED: holds by its rule in floating point. "
            "REFUTED: the claim fails.",
            "UNDECIDED: this version does not decide it.",
        ],
    )


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
    "phases": TableSpec("λ, L and c of 5, 5⁺, 6 (the published phase table)", phases_table, ("c",)),
    "ncrit": TableSpec("all roots of n_crit by pair, theory and β", ncrit_table, ("c", "theory", "beta")),
    "exact": TableSpec(
        "l, b, L to 20 digits, degrees over Q, flat directions, proved verdict", exact_table, ("c",)
    ),
    "existence": TableSpec(
        "which regular k-gons exist, k = 3 to 60, beside the literature's narrower claim",
        lambda: existence_table([existence(k) for k in range(3, 61)]),
    ),
    "claims": TableSpec("each published claim: published, ours, difference, verdict", claims_table),
}


def build(name: str, **options: Any) -> Table:
    """Build a table by name; options that are None are left at their defaults.

    Raises
    ------
    KgonError
        Unknown name, or an option that the table would ignore.
    """
    if name not in TABLES:
        raise KgonError(f"unknown table {name!r}; the tables are {', '.join(TABLES)}")
    spec = TABLES[name]
    given = {key: value for key, value in options.items() if value is not None}
    for key, value in given.items():
        if key not in spec.options:
            known = ", ".join(spec.options) or "none"
            raise KgonError(f"table {name} does not depend on {key} (got {value}); options: {known}")
    return spec.build(**given)


def save(table: Table, folder: str | Path, *, formats: Sequence[str] = FORMATS) -> list[Path]:
    """Write a table into a folder, one file for each format."""
    base = Path(folder)
    return [
        write_text(base / f"{table.name}.{EXTENSIONS[form]}", table.render(form) + "\n") for form in formats
    ]
