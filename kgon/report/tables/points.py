"""Tables of the k-gons: catalogue, existence, exact numbers."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from kgon.base.table import Column, Table
from kgon.kgons.algebraic import exact
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.existence import Existence
from kgon.proofs.certificates import certify
from kgon.report.tables.cells import label_tex, lambda_text


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
            "lambda": lambda_text(point.lambda_),
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
        tex_cells={"label": label_tex},
        notes=[
            "L, l, b and ½‖w‖² lie in proved enclosures; ½‖w‖² is the infimum over the flat family.",
            "Kind and λ: proved for the 4-gons (derivations 2b, 2d, 5), by the Hessian in float64 for k ≥ 5; "
            "table learning has the proofs. λ is that of the standard representative.",
        ],
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
        tex_cells={"label": label_tex},
        notes=[
            "Degrees: of l², b, L over Q. Flat: dimension of the set of equal loss, rotation included, where "
            "the certificate gives it.",
            "With two switched-off columns the row is that of the adjacent configuration.",
        ],
    )
