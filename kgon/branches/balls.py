"""Evaluate systems of critical points in balls: L, ∇L, its Hessian, their slopes, one derivative more.

What balls on the borders of regions give is said in ``kgon.potential.enclosure``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from flint import arb, arb_mat

from kgon.base.checks import Floats
from kgon.kgons.systems import CriticalPoints, subspaces
from kgon.numerics.balls import column, entries, exact_balls
from kgon.potential.any_number import exact_ball
from kgon.potential.enclosure import Coordinates, Enclosure


@dataclass(frozen=True, slots=True, eq=False)
class Expansion:
    """L at a ball of points of a system: in all unknowns, and restricted to the symmetric subspace.

    Attributes
    ----------
    here, slope : Enclosure
        Of L and of ∂L/∂p, in the n unknowns; of ∂L/∂p the Hessian is there with that of L differentiated.
    even : (n, m) arb_mat
        Basis of the subspace.
    """

    here: Enclosure
    slope: Enclosure
    even: arb_mat

    @property
    def gradient(self) -> list[arb]:
        """The gradient ∇L on the subspace, m balls."""
        return _gradient_on(self.even, self.here)

    @property
    def hessian(self) -> arb_mat:
        """The Hessian on the subspace, (m, m)."""
        return self.even.transpose() * self.here.hessian * self.even

    @property
    def drift(self) -> arb_mat:
        """The derivative ∂∇L/∂p on the subspace, (m, 1)."""
        return self.even.transpose() * column(self.slope.gradient)


def _gradient_on(even: arb_mat, found: Enclosure) -> list[arb]:
    """The gradient in the unknowns, restricted to the subspace."""
    return entries(even.transpose() * column(found.gradient))


class Balls:
    """A system in balls; its unknowns are coordinates of the mirror-symmetric subspace, if there is one.

    Critical points of L on the subspace are critical points of L (symmetric criticality), and there a
    branch passes without trouble the points where only the symmetry breaks.

    Parameters
    ----------
    system : CriticalPoints

    Attributes
    ----------
    even, odd : arb_mat
        Integer bases, (n, m) and (n, n − m), of the symmetric and the antisymmetric vectors.
    """

    def __init__(self, system: CriticalPoints) -> None:
        self.system = system
        even, odd = subspaces(system.reflection())
        self._even, self._odd = even, odd
        self.even, self.odd = arb_mat(even.tolist()), (arb_mat(odd.tolist()) if odd.size else None)
        self.size = even.shape[1]
        self._coordinates = Coordinates(
            held=[exact_balls([*system.W[:, j], system.b[j]]) for j in range(len(system.b))],
            unknowns=system.order,
            idle=[(j, i) for j in system.idle for i in range(3)],
            pivots=[(system.gauge, 0)],
        )

    def null_vector(self, v: Floats, *, odd: bool) -> Floats:
        """Find unit coordinates of the part of v in one of the two subspaces."""
        basis = self._odd if odd else self._even
        found = basis.T @ v / np.sum(basis**2, axis=0)
        return np.asarray(found / np.linalg.norm(found))

    def project(self, x: Floats) -> Floats:
        """Find the coordinates y of the symmetric part of x."""
        return np.asarray(self._even.T @ x / np.sum(self._even**2, axis=0))

    def lift(self, y: Floats) -> Floats:
        """Find the unknowns x of coordinates y."""
        return np.asarray(self._even @ y)

    def columns(self, y: Sequence[arb]) -> list[list[arb]]:
        """Build W_0j, W_1j and b_j of every column."""
        return self._coordinates.columns(entries(self.even * column(y)))

    def evaluate(self, z: Sequence[arb], *, along: Sequence[arb] | None = None) -> Expansion:
        """Enclose L at z = (y, p); with ``along``, n balls, also the derivative of H in that direction."""
        *y, p = z
        at, columns = self._coordinates, self.columns(y)
        weights, slopes = self._weights(p)
        return Expansion(
            here=at.enclose(columns, weights=weights, along=along),
            # As L is linear in the weights; the Hessian of ∂L/∂p is asked for beside that direction alone.
            slope=Enclosure.at(columns, at.unknowns, weights=slopes, order=1 if along is None else 2),
            even=self.even,
        )

    def gradient(self, z: Sequence[arb]) -> list[arb]:
        """Enclose the gradient alone at z = (y, p), on the subspace: that of ``evaluate``."""
        *y, p = z
        weights, _ = self._weights(p)
        found = self._coordinates.enclose(self.columns(y), weights=weights, order=1)
        return _gradient_on(self.even, found)

    def _weights(self, p: arb) -> tuple[list[list[arb]], list[list[arb]]]:
        """p_i I_j and its derivative."""
        (p0, i0), (dp, di) = (tuple(map(_balls, weights)) for weights in self.system.parameter.affine)
        chance = [x + p * y for x, y in zip(p0, dp, strict=True)]
        importance = [x + p * y for x, y in zip(i0, di, strict=True)]
        weights = [[x * y for y in importance] for x in chance]
        slopes = [
            [x * v + u * y for y, v in zip(importance, di, strict=True)]
            for x, u in zip(chance, dp, strict=True)
        ]
        return weights, slopes


def _balls(values: Sequence[Fraction]) -> list[arb]:
    return [exact_ball(x) for x in values]
