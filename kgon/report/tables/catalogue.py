"""List all k-gons."""

from __future__ import annotations

from kgon.base.table import Column, Table
from kgon.kgons.catalogue import Catalogue
from kgon.report.artefact import table
from kgon.report.tables.cells import NAME, decimal, number


@table()
def catalogue(c: int = 6) -> Table:
    """List every k-gon with its loss, length, bias, ‖∇L‖, λ and prior constant."""
    points = Catalogue(c)
    names = len({point.label for point in points})
    return Table.of(
        points,
        [
            NAME,
            number("loss", "L", "$L$", lambda x: f"{x.loss:.8f}"),
            number("length", "l", "$l$", lambda x: f"{x.length:.8f}"),
            number("bias", "b", "$b$", lambda x: f"{x.bias:.8f}"),
            number("gradient_norm", "‖∇L‖", r"$\|\nabla L\|$", lambda x: f"{x.gradient_norm:.1e}"),
            Column("kind", "kind"),
            number("lambda", "λ", r"$\lambda$", lambda x: decimal(x.lambda_)),
            number("c_prior", "½‖w‖²", r"$\tfrac12\|w\|^2$", lambda x: f"{x.c_prior:.6f}"),
        ],
        name="catalogue",
        title=f"The {names} k-gons of r = 2, c = {c} ({len(points)} configurations)",
        caption=rf"The {names} $k$-gons of $r = 2$, $c = {c}$ ({len(points)} configurations)",
        notes=[
            "L, l, b and ½‖w‖² lie in proved enclosures; ½‖w‖² is the infimum over the flat family.",
            "Kind and λ: proved for the 4-gons (derivations 2b, 2d, 5), by the Hessian in float64 for k ≥ 5; "
            "table learning has the proofs. λ is that of the standard representative.",
        ],
    )
