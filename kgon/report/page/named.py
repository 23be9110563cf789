"""Which numbers have names: cells of tables, and parts of what claims say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

PROVED, FLOATS, SAMPLED, COUNTED = "proof", "floating point", "sampling", "count"
"""What a number rests on."""
LARGEST_K = 12
"""Of the regular k-gons whose length and bias are listed."""
Row = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Numbers from the cells of one column of a table, a number for each row.

    Attributes
    ----------
    table, column : str
    name, says : str
        What the number is called, and what it is: with the keys of columns in braces, for the row's cells.
    rests : str
        What it rests on, where it has no error.
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
    only: Callable[[Row], bool] = lambda row: True
    part: Callable[[str], str] = str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A number in what kgon says of a claim.

    Attributes
    ----------
    name, says : str
    claim : str
        How the name of the claim begins.
    pattern : str
        Matches where the number stands in the claim's ``ours``; its group is the number.
    """

    name: str
    says: str
    claim: str
    pattern: str


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


def _exchange(row: Row) -> bool:
    return row["kind"] == "maxwell" and "changes hands" in row["what"]


_PAIR = "{pair}.{theory}.beta-{beta}"
_ROOT = "n at which the phases of {pair} have equal free energy, theory {theory}, β = {beta}"
CELLS = (
    Cells(table="catalogue", column="loss", name="loss.{label}", says="L of {label}, c = 6"),
    Cells(table="exact", column="loss", name="loss.{label}.exact", says="L of {label}, c = 6", rests=PROVED),
    *(
        Cells(
            table="exact",
            column=column,
            name=f"{column}.{{label}}",
            says=f"{column} of {{label}}",
            rests=PROVED,
            only=_polygon,
        )
        for column in ("length", "bias")
    ),
    Cells(table="learning", column="lambda", name="lambda.{label}", says="λ of {label}, c = 6", rests=PROVED),
    Cells(table="phases", column="c_prior", name="constant.prior.{label}", says="½‖w*‖² of {label}, c = 6"),
    Cells(table="phases", column="laplace", name="constant.laplace.{label}", says="C of {label}, c = 6"),
    Cells(table="ncrit", column="roots", name=f"ncrit.{_PAIR}", says=f"the largest {_ROOT}", part=largest),
    Cells(
        table="ncrit", column="roots", name=f"ncrit.{_PAIR}.first", says=f"the first {_ROOT}", part=smallest
    ),
    Cells(
        table="theories",
        column="single",
        name="ncrit.5-6.evidence.beta-{beta}",
        says="n at which 6 overtakes 5 in the sampled posterior of the population loss, β = {beta}",
        only=_evidence,
    ),
    Cells(
        table="theories",
        column="both",
        name="ncrit.5,5+-6.{theory}.beta-{beta}",
        says="n at which 6 overtakes 5 and 5+ together, theory {theory}, β = {beta}",
    ),
    *(
        Cells(
            table="landscape",
            column=column,
            name=f"saddle.{{first}}..{{second}}.{called}",
            says=f"{says} the saddle between {{first}} and {{second}}",
            only=_event("saddle"),
        )
        for column, called, says in (
            ("loss", "loss", "L at"),
            ("barrier", "barrier", "how far L climbs from the first minimum to"),
            ("back", "barrier-back", "how far L climbs from the second minimum to"),
        )
    ),
    *(
        Cells(
            table="branches",
            column="parameter",
            name=f"{kind.replace(' ', '-')}.{{label}}",
            says=f"importance of the last column at which {{label}} ({{role}}) {says}",
            rests=PROVED,
            only=_event(kind),
        )
        for kind, says in (
            ("fold", "turns back in a fold"),
            ("branch point", "is crossed by another branch"),
            ("minimum lost", "ceases to be a local minimum"),
        )
    ),
    *(
        Cells(
            table="branches",
            column=column,
            name=f"exchange.{{label}}.{column}",
            says=f"{says} where the lowest loss changes hands: {{label}} ({{role}}), {{what}}",
            rests=PROVED,
            only=_exchange,
        )
        for column, says in (("parameter", "importance of the last column"), ("loss", "L"))
    ),
    *(
        Cells(
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
    Cells(
        table="names-of-draws",
        column="hull",
        name="misnamed.{n}",
        says="share of the draws at n = {n} that their hull names otherwise than their basin",
        rests=SAMPLED,
    ),
    *(
        Cells(
            table="existence",
            column=column,
            name=f"regular.{{k}}.{column}",
            says=f"{column} of the regular {{k}}-gon",
            rests=PROVED,
            only=_small,
        )
        for column in ("length", "bias")
    ),
    Cells(
        table="solids",
        column="loss",
        name="solid.{c}.{name}.loss",
        says="L of the {name} of {c} columns, r = 3",
    ),
)
QUOTES = (
    Quote(
        name="loss.5.c-5",
        says="L of the pentagon, c = 5",
        claim="L of the 5-gon, c = 5",
        pattern=r"^(\S+)$",
    ),
    *(
        Quote(name=f"h.{k}", says=f"3kL of the {k}-gon at c = {k}", claim=f"h_{k} = ", pattern=r"^(\S+)$")
        for k in (5, 6, 7, 8)
    ),
    Quote(
        name="minima.count",
        says="labels that are local minima, c = 6",
        claim="labels that are local minima",
        pattern=r"^(\d+) of",
    ),
    Quote(
        name="labels.count",
        says="labels of k-gons, c = 6",
        claim="number of k-gon labels",
        pattern=r"^(\d+)$",
    ),
    Quote(
        name="rises-of-lambda",
        says="pairs of local minima, from the higher loss to the lower, on which λ rises",
        claim="pairs of local minima, from the higher loss",
        pattern=r"^(\d+ of \d+);",
    ),
    Quote(
        name="spearman",
        says="rank correlation of loss and exact λ, ten minima (Spearman)",
        claim="higher-energy phases mostly",
        pattern=r"Spearman (\S+) ",
    ),
    Quote(
        name="spearman.p",
        says="one-sided p of that correlation",
        claim="higher-energy phases mostly",
        pattern=r"Spearman \S+ \(p = (.+?)\)",
    ),
    Quote(
        name="ncrit.4+-5.c-5",
        says="n at which 4+ and 5 have equal free energy, c = 5, theory prior, β = 1",
        claim="n_crit(4⁺ → 5) at c = 5",
        pattern=r"^n = (\S+),",
    ),
    *(
        Quote(
            name=f"distance.{n}",
            says=f"median distance of a draw from a critical point, n = {n}",
            claim="the posterior concentrates",
            pattern=rf"(\S+ ± \S+) at n = {n}\b",
        )
        for n in (100, 1000, 10000)
    ),
    *(
        Quote(
            name=f"time-on-kgons.{start}",
            says=f"share of the training time that is spent on k-gons, {start} starts, quick runs",
            claim="SGD always plateaus",
            pattern=rf"{start}: ([\d.]+%)",
        )
        for start in ("4-gons", "random")
    ),
    Quote(
        name="branches.5+.points",
        says="points of the branch of 5+ over [0.25, 3]",
        claim="5+ with feature 5 in b alone",
        pattern=r"(\d+) points",
    ),
    Quote(
        name="octagon.excess",
        says="how much lower than the regular octagon 7+ lies, c = 8",
        claim="c = 8: the regular octagon",
        pattern=r"lower by (\S+)",
    ),
)
