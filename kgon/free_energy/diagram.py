"""Draw up phase diagrams: which phase has the lowest free energy, by sample size and a second parameter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kgon.base.checks import Floats
from kgon.base.results import Result, result
from kgon.free_energy.constants.barrier import polygon_strength
from kgon.free_energy.conventions import check_beta, check_sizes
from kgon.free_energy.phases import Given, minima_left_out, phases_of
from kgon.free_energy.theories import THEORIES

SIZES = tuple(np.geomspace(50, 2000, 17).tolist())
"""Default sample sizes of a diagram."""
UNDECIDED = "not decided, the well of the lowest is too shallow at this n"
"""What −1 means."""
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
        Index into ``phases``; −1 where it is not decided, see ``lowest_phases``.
    left_out : tuple of str
        Local minima that are not compared, as the theory does not have their constant there, or as others
        were asked for.
    """

    also: ClassVar[tuple[str, ...]] = ("phases", "undecided")

    theory: str
    c: int
    parameter: str
    beta: float | None
    n: np.ndarray
    values: np.ndarray
    labels: tuple[str, ...]
    roles: tuple[str, ...]
    lowest: np.ndarray
    left_out: tuple[str, ...]

    @property
    def undecided(self) -> float:
        """The share of the grid on which no phase is certain to be lowest."""
        return float(np.mean(self.lowest < 0))

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
        key += [f"-: {UNDECIDED}"] * bool(self.undecided)
        lines = [f"{self.parameter:>10}  " + "  ".join(f"{n:>6.4g}" for n in self.n)]
        lines += [
            f"{value:>10.4g}  " + "  ".join(f"{names.get(int(k), '-'):>6}" for k in row)
            for value, row in zip(self.values, self.lowest, strict=True)
        ]
        left_out = f"local minima left out: {', '.join(self.left_out) or 'none'}"
        return "\n".join([self.headline(), "", *lines, "", "across: n; " + "; ".join(key), left_out])

    def used(self) -> list[int]:
        """List the phases that occur, by their place in ``phases``."""
        return sorted(set(self.lowest.ravel().tolist()) - {-1})

    def __str__(self) -> str:
        return self.text()

    def rows(self) -> Sequence[tuple[str, str]]:
        shares = [(self.phases[k], np.mean(self.lowest == k)) for k in self.used()]
        return [
            *(
                (name, f"{share:.1%} of the grid")
                for name, share in [*shares, ("not decided", self.undecided)]
            ),
            ("left out", ", ".join(self.left_out) or "none"),
        ]


def lowest_phases(
    energies: Floats,
    labels: Sequence[str],
    strengths: Floats,
    least: Callable[[int, int], float],
    *,
    counted: bool,
) -> NDArray[np.int_]:
    """Find the lowest entry of each cell, as far as the expansion of its free energy holds there.

    An entry is a label, or a label in one role: first the labels are compared, each with all its roles, then
    the roles of the lowest.  So no label is the worse for being told apart by roles.  An entry holds from a
    certain βn on.  The quadratic form of a shallow well claims more room than there is, and so puts F too
    low: a cell is decided where the lowest is the same with the entries that hold alone.

    Parameters
    ----------
    energies : (entries, values, n) array
        F_n, and infinite where there is no minimum.
    labels : sequence of str
        Of each entry.
    strengths : (values, n) array
        βn.
    least : callable
        From the places of an entry and of a value, to the βn from which on the entry holds.
    counted : bool
        Whether the theory counts copies: then the roles of a label add up, else the lowest stands for it.

    Returns
    -------
    (values, n) int array
        Places of entries, −1 where it is not decided or nothing is a minimum.
    """
    names = np.array(labels)
    first = _lowest(energies, names, counted)
    kept = energies.copy()
    for row, found in enumerate(first):
        winners = set(names[found[found >= 0]].tolist())
        for entry in np.flatnonzero(np.isin(names, list(winners))):
            kept[entry, row, strengths[row] < least(int(entry), row)] = np.inf
    return np.where(first == _lowest(kept, names, counted), first, -1)


def _lowest(energies: Floats, names: np.ndarray, counted: bool) -> NDArray[np.int_]:
    distinct = list(dict.fromkeys(names.tolist()))
    grouped = [energies[names == name] for name in distinct]
    wholes = [-np.logaddexp.reduce(-x, axis=0) if counted else x.min(axis=0) for x in grouped]
    best = np.array(distinct)[np.argmin(wholes, axis=0)]
    own = np.where(names[:, None, None] == best, energies, np.inf)
    return np.where(np.isfinite(own).any(axis=0), np.argmin(own, axis=0), -1)


def in_beta(
    n: ArrayLike = SIZES,
    values: Sequence[Any] = BETAS,
    c: int = 6,
    *,
    theory: str = "laplace",
    among: Sequence[Given] | None = None,
) -> PhaseDiagram:
    """Find the phase with the lowest F_n for each n and β.

    Parameters
    ----------
    n : (m,) array_like
    values : sequence of number or str
        Values of β.
    c, theory
        As in ``free_energy.phase``.
    among : sequence of labels, optional
        The phases to compare; default: every local minimum whose constant the theory has.

    Examples
    --------
    >>> found = in_beta([100.0, 1000.0], [1, "1/2"])
    >>> [found.phases[k] for k in found.lowest[0]]
    ['4', '6']
    """
    sizes = np.atleast_1d(check_sizes(n))
    inverse = [check_beta(beta) for beta in values]
    phases = phases_of(c, theory=theory, among=among)
    energies = np.array([[p.free_energy(sizes, beta=beta) for beta in inverse] for p in phases])
    betas, labels = np.array([float(x) for x in inverse]), [p.name for p in phases]
    expansion = THEORIES[theory].least_strength

    def least(entry: int, row: int) -> float:
        gon = phases[entry].gon  # the formula of a phase of one's own is taken at its word
        return max(expansion, polygon_strength(gon, c) if gon is not None and gon.k > 4 else 0.0)

    lowest = lowest_phases(energies, labels, betas[:, None] * sizes, least, counted=False)
    gons = {p.gon for p in phases if p.gon is not None}
    left_out = minima_left_out(c, gons) if len(gons) == len(phases) else ()
    return PhaseDiagram(
        theory=theory, c=c, parameter="beta", beta=None, n=sizes, values=betas, labels=tuple(labels),
        roles=("",) * len(phases), lowest=lowest, left_out=left_out,
    )  # fmt: skip
