"""Which numbers have names: cells of tables, and claims that are a number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

PROVED, FLOATS, SAMPLED, COUNTED = "proof", "floating point", "sampling", "count"
"""What a number rests on."""
LARGEST_K = 12
"""Of the regular k-gons whose length and bias are listed."""
Row = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Numbers from the cells of one column of a table, a number for each row.

    Attributes
    ----------
    table, column : str
    name, says : str
        What the number is called, and what it is: with the keys of columns in braces, for the row's cells.
    rests : str
        What it rests on, where it has no error.
    status : str
        The column, if any, that says whether it is proved.
    only : callable, optional
        Which rows count; default: all.
    part : callable
        Takes of a cell what is shown; nothing if it is empty.
    """

    table: str
    column: str
    name: str
    says: str
    rests: str = FLOATS
    status: str = ""
    only: Callable[[Row], bool] = lambda row: True
    part: Callable[[str], str] = str


def largest(cell: str) -> str:
    """The last of several roots, which is the largest."""
    return cell.rpartition(", ")[2].removesuffix("none")


def smallest(cell: str) -> str:
    """The first of several roots; nothing where there is one."""
    return cell.partition(", ")[0] if ", " in cell else ""


def _evidence(row: Row) -> bool:
    return row["theory"] == "evidence"


def _polygon(row: Row) -> bool:
    return not row["label"].startswith("4")


def _small(row: Row) -> bool:
    return int(row["k"]) <= LARGEST_K


def _event(kind: str) -> Callable[[Row], bool]:
    return lambda row: row["kind"] == kind


_PAIR = "{pair}.{theory}.beta-{beta}"
_ROOT = "n at which the phases of {pair} have equal free energy, theory {theory}, β = {beta}"
CELLS = (
    Named(table="catalogue", column="loss", name="loss.{label}", says="L of {label}, c = 6"),
    Named(table="exact", column="loss", name="loss.{label}.exact", says="L of {label}, c = 6", rests=PROVED),
    *(
        Named(
            table="exact",
            column=column,
            name=f"{column}.{{label}}",
            says=f"{column} of {{label}}",
            rests=PROVED,
            only=_polygon,
        )
        for column in ("length", "bias")
    ),
    Named(table="learning", column="lambda", name="lambda.{label}", says="λ of {label}, c = 6", rests=PROVED),
    Named(table="phases", column="c_prior", name="constant.prior.{label}", says="½‖w*‖² of {label}, c = 6"),
    Named(table="phases", column="laplace", name="constant.laplace.{label}", says="C of {label}, c = 6"),
    Named(table="ncrit", column="roots", name=f"ncrit.{_PAIR}", says=f"the largest {_ROOT}", part=largest),
    Named(
        table="ncrit", column="roots", name=f"ncrit.{_PAIR}.first", says=f"the first {_ROOT}", part=smallest
    ),
    Named(
        table="theories",
        column="single",
        name="ncrit.5-6.evidence.beta-{beta}",
        says="n at which 6 overtakes 5 in the sampled posterior of the population loss, β = {beta}",
        only=_evidence,
    ),
    Named(
        table="theories",
        column="both",
        name="ncrit.5,5+-6.{theory}.beta-{beta}",
        says="n at which 6 overtakes 5 and 5+ together, theory {theory}, β = {beta}",
    ),
    *(
        Named(
            table="landscape",
            column=column,
            name=f"saddle.{{first}}..{{second}}.{called}",
            says=f"{says} the saddle between {{first}} and {{second}}",
            status="proof" if column == "loss" else "",
            only=_event("saddle"),
        )
        for column, called, says in (
            ("loss", "loss", "L at"),
            ("barrier", "barrier", "how far L climbs from the first minimum to"),
            ("back", "barrier-back", "how far L climbs from the second minimum to"),
        )
    ),
    *(
        Named(
            table="branches",
            column="parameter",
            name=f"{kind.replace(' ', '-')}.{{label}}",
            says=f"importance of the last column at which {{label}} ({{role}}) {says}",
            status="status",
            only=_event(kind),
        )
        for kind, says in (
            ("fold", "turns back in a fold"),
            ("branch point", "is crossed by another branch"),
            ("minimum lost", "ceases to be a local minimum"),
        )
    ),
    *(
        Named(
            table="llc-bias",
            column=column,
            name=f"lambda-hat.{{label}}.{called}",
            says=f"{says}, at {{label}}, n = 5000",
        )
        for column, called, says in (
            ("ours", "chains", "λ̂ by the published protocol"),
            ("finite n", "of-n", "λ̂ − λ as an effect of finite n"),
            ("γ", "of-gamma", "what a smaller γ adds to λ̂"),
            ("density", "of-the-density", "λ̂ − λ of the exact density"),
            ("sampling", "of-the-sampler", "λ̂ of the chains less that of their density"),
        )
    ),
    Named(
        table="names-of-draws",
        column="hull",
        name="misnamed.{n}",
        says="share of the draws at n = {n} that their hull names otherwise than their basin",
        rests=SAMPLED,
    ),
    *(
        Named(
            table="existence",
            column=column,
            name=f"regular.{{k}}.{column}",
            says=f"{column} of the regular {{k}}-gon",
            rests=PROVED,
            only=_small,
        )
        for column in ("length", "bias")
    ),
    Named(
        table="solids",
        column="loss",
        name="solid.{c}.{name}.loss",
        says="L of the {name} of {c} columns, r = 3",
    ),
)
CLAIMED = {
    "labels.count": "number of k-gon labels at c = 6",
    "loss.5.c-5": "L of the 5-gon, c = 5",
    **{f"h.{k}": f"h_{k} = 3kL of the {k}-gon at c = {k}" for k in (5, 6, 7, 8)},
}
"""Name → the claim of which kgon says nothing but that number."""
