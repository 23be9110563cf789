"""List what is proved of single k-gons: exact numbers, and which polygons exist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from kgon.base.table import Column, Table
from kgon.kgons.algebraic import ExactPoint
from kgon.kgons.algebraic import exact as exact_numbers
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.existence import Existence
from kgon.kgons.one_sided import one_sided_ranks
from kgon.report.artefact import table
from kgon.report.tables.cells import decimal, named, number

SHOWN_K = 60
"""Largest k in the table of existence."""


@table()
def exact(point_certificates: Mapping[str, Mapping[str, Any]], c: int = 6) -> Table:
    """List l, b and L to 20 digits, degrees over Q, flat directions and what the certificates prove."""
    points = [point for point in Catalogue(c) if point.configuration == "adjacent"]
    items = [(x, exact_numbers(x.name, c), point_certificates[str(x.name)]) for x in points]
    return Table.of(
        items,
        [
            named(lambda item: str(item[0].name)),
            number("length", "l", "$l$", lambda item: _digits(item[0].length_digits)),
            number("bias", "b", "$b$", lambda item: _digits(item[0].bias_digits)),
            number("loss", "L", "$L$", lambda item: _digits(item[0].loss_digits)),
            Column("degrees", "degrees", cell=lambda item: _degrees(item[1])),
            Column("flat", "flat", align="r", cell=lambda item: _known(item[2]["flat_dimension"])),
            Column("verdict", "proved to be", cell=lambda item: item[2]["verdict"]),
        ],
        name="exact",
        title=f"The {len(points)} k-gons of c = {c} to 20 digits, and what their certificates prove",
        caption=rf"The {len(points)} $k$-gons of $c = {c}$ to 20 digits, and what their certificates prove",
        notes=[
            "Degrees: of l², b, L over Q. Flat: dimension of the set of equal loss, rotation included, where "
            "the certificate gives it.",
            "With two switched-off columns the row is that of the adjacent configuration.",
        ],
    )


def _digits(text: str) -> str:
    return f"{Decimal(text):.20f}"


def _degrees(point: ExactPoint) -> str:
    return ", ".join(str(x.degree) for x in (point.length_squared, point.bias, point.loss))


def _known(value: Any) -> str:
    return "" if value is None else str(value)


@table(name="existence")
def existence_of_polygons(existence: Mapping[int, Existence]) -> Table:
    """List which regular k-gons exist, k = 3 to 60, beside the literature's narrower claim."""
    return existence_table([existence[k] for k in range(3, SHOWN_K + 1)])


def existence_table(found: Sequence[Existence]) -> Table:
    """List which regular k-gons are critical points, beside the literature's narrower claim."""
    return Table.of(
        found,
        [
            Column("k", "k", "$k$", "r"),
            Column("exists", "exists"),
            Column("s", "s", "$s$", "r", cell=lambda x: ", ".join(str(y.s) for y in x.roots)),
            Column("length", "l", "$l$", "r", cell=lambda x: ", ".join(f"{y.length:.8f}" for y in x.roots)),
            Column("bias", "b", "$b$", "r", cell=lambda x: ", ".join(f"{y.bias:.8f}" for y in x.roots)),
            Column("rejected", "rejected", align="r", cell=lambda x: str(len(x.rejected))),
            Column("fixed", "with s = ⌈k/4⌉ − 1 only", cell=lambda x: "yes" if x.fixed_s_exists else "no"),
        ],
        name="existence",
        title=f"Regular k-gons that are critical points, k = {found[0].k} to {found[-1].k}: every s, proved",
        notes=[
            "s: active neighbours on one side. Rejected: other real solutions of the equations, which break "
            "a side condition.",
            "The last column is the literature's narrower claim, for the one s it allows.",
        ],
    )


@table(name="one-sided-ranks")
def ranks_from_one_side(c: int = 6) -> Table:
    """List the ranks that the Hessian has at each 4-gon, by direction, beside 2λ of the minima."""
    squares = [(point, one_sided_ranks(point.name, c)) for point in Catalogue(c) if point.k == 4]
    return Table.of(
        squares,
        [
            named(lambda item: str(item[0].name)),
            Column("ranks", "ranks", cell=lambda item: ", ".join(map(str, item[1].ranks))),
            Column("complete", "these are all", cell=lambda item: str(item[1].complete)),
            Column("kink", "C²", "$C^2$", cell=lambda item: "yes" if item[0].smooth else "no"),
            number(
                "twice", "2λ", r"$2\lambda$", lambda item: decimal(item[0].lambda_ and 2 * item[0].lambda_)
            ),
        ],
        name="one-sided-ranks",
        title=f"Ranks of the Hessian at the 4-gons from one side, c = {c}, d = {3 * c}",
        caption=f"Ranks of the Hessian at the $4$-gons from one side, $c = {c}$, $d = {3 * c}$",
        notes=[
            "Exact ranks of limits along explicit directions. Where two differ, L is not C² at the point.",
            "2λ of a local minimum is the rank that one Hessian would need; with several, none decides λ.",
        ],
    )
