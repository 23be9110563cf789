"""Draw up phase diagrams: which phase has the lowest free energy, by sample size and a second parameter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from kgon.base.results import Result, result
from kgon.free_energy.conventions import check_beta, check_sizes, covered
from kgon.free_energy.phases import phases_of

SIZES = tuple(np.geomspace(50, 2000, 17).tolist())
"""Default sample sizes of a diagram."""
BETAS = ("0.25", "0.5", "1", "2")
"""Default inverse temperatures."""


@result
class PhaseDiagram(Result):
    """The phase with the lowest free energy on a grid.

    Attributes
    ----------
    theory : str
    c : int
    parameter : str
        ``beta`` or ``importance``.
    beta : float or None
        β where the parameter is the importance.
    n : (m,) array
    values : (k,) array
        Values of the parameter.
    labels, roles : tuple of str
        The phases: k-gon, and what the last column is where its importance is varied (else empty).
    lowest : (k, m) int array
        Index into ``phases``; −1 where no phase is known.
    """

    also: ClassVar[tuple[str, ...]] = ("phases",)

    theory: str
    c: int
    parameter: str
    beta: float | None
    n: np.ndarray
    values: np.ndarray
    labels: tuple[str, ...]
    roles: tuple[str, ...]
    lowest: np.ndarray

    @property
    def phases(self) -> list[str]:
        """The names of the phases, such as ``5`` or ``5 (dead)``."""
        pairs = zip(self.labels, self.roles, strict=True)
        return [f"{label} ({role})" if role else label for label, role in pairs]

    def headline(self) -> str:
        return (
            f"phase diagram in (n, {self.parameter}), theory {self.theory}, c = {self.c}: "
            f"{len(self.used())} of {len(self.labels)} phases occur"
        )

    def text(self) -> str:
        """Write the grid as a table: n across, the parameter down."""
        names = {k: str(at) for at, k in enumerate(self.used())}
        key = [f"{at}: {self.phases[k]}" for k, at in names.items()]
        lines = [f"{self.parameter:>10}  " + "  ".join(f"{n:>6.4g}" for n in self.n)]
        lines += [
            f"{value:>10.4g}  " + "  ".join(f"{names.get(int(k), '-'):>6}" for k in row)
            for value, row in zip(self.values, self.lowest, strict=True)
        ]
        return "\n".join([self.headline(), "", *lines, "", "across: n; " + "; ".join(key)])

    def used(self) -> list[int]:
        """List the phases that occur, by their place in ``phases``."""
        return sorted(set(self.lowest.ravel().tolist()) - {-1})

    def __str__(self) -> str:
        return self.text()

    def rows(self) -> Sequence[tuple[str, str]]:
        return [(self.phases[k], f"{np.mean(self.lowest == k):.1%} of the grid") for k in self.used()]


def in_beta(
    n: ArrayLike = SIZES, values: Sequence[Any] = BETAS, c: int = 6, *, theory: str = "laplace"
) -> PhaseDiagram:
    """Find the phase with the lowest F_n for each n and β.

    Parameters
    ----------
    n : (m,) array_like
    values : sequence of number or str
        Values of β.
    c, theory
        As in ``free_energy.phase``.

    Examples
    --------
    >>> found = in_beta([100.0, 1000.0], [1, "1/2"])
    >>> [found.phases[k] for k in found.lowest[0]]
    ['4', '6']
    """
    sizes = np.atleast_1d(check_sizes(n))
    phases = phases_of(c, theory=theory)
    inverse = [check_beta(beta) for beta in values]
    lowest = [
        np.where(
            covered(theory, sizes, beta),
            np.argmin([p.free_energy(sizes, beta=beta) for p in phases], axis=0),
            -1,
        )
        for beta in inverse
    ]
    return PhaseDiagram(
        theory=theory, c=c, parameter="beta", beta=None, n=sizes,
        values=np.array([float(x) for x in inverse]), labels=tuple(p.name for p in phases),
        roles=("",) * len(phases), lowest=np.array(lowest),
    )  # fmt: skip
