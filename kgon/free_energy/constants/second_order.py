"""Compute the 1/n term of the local free energy at an isolated orbit, from derivatives up to fourth order.

On the slice w = R_θ(w* + z), z orthogonal to the orbit, ``log ∫ e^{−sL} φ = leading + K/s + O(s⁻²)``, s = βn,

    K = −V4/8 + V3a/8 + V3b/12 + ½(tr D ψ″ + ψ′ᵀDψ′) − ½ T·ψ′,

with D the inverse Hessian on the slice, V4 = L_ijkl D_ij D_kl, T_l = L_ijk D_ij D_kl, V3a = L_lmn D_lm T_n,
V3b = L_ijk L_lmn D_il D_jm D_kn, and ψ the logarithm of prior times Jacobian (docs, derivation 5a).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations

import numpy as np

from kgon.base.checks import Floats
from kgon.kgons.labels import Label
from kgon.kgons.values import standard_point
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.potential.regions import SIZES, pair_jet

DIMENSION = 2
"""Hidden dimensions r: the orbit is a circle."""


def pair_derivatives(a: float, b: float, *, diagonal: bool) -> list[Floats]:
    """Evaluate the first to fourth derivatives of a pair integral in (a, b), inside a region."""
    jet = np.array(pair_jet("diag" if diagonal else "off", a, b, order=4), dtype=np.float64)
    tensors = []
    for order in range(1, 5):
        by_bias = jet[SIZES[order - 1] : SIZES[order]]  # entry j: differentiated j times in b
        tensors.append(by_bias[np.indices((2,) * order).sum(axis=0)] / 3)
    return tensors


def _symmetrised(tensor: Floats, groups: set[tuple[int, ...]]) -> Floats:
    """Sum of the transposes given."""
    return np.asarray(sum(np.transpose(tensor, axes) for axes in sorted(groups)))


def _placements(block: int, size: int) -> set[tuple[int, ...]]:
    """Axes that move the leading ``block`` slots, a symmetric pair (or two), to each distinct place."""
    seen, found = set(), set()
    for axes in permutations(range(size)):
        places = [axes.index(k) for k in range(size)]  # where slot k ends up
        key: tuple[object, ...]
        if block == 2:
            key = (frozenset(places[:2]),)
        else:
            key = (frozenset([frozenset(places[:2]), frozenset(places[2:])]),)
        if key not in seen:
            seen.add(key)
            found.add(axes)
    return found


_ONE_OF_THREE = _placements(2, 3)
_ONE_OF_FOUR = _placements(2, 4)
_TWO_OF_FOUR = _placements(4, 4)


@dataclass(frozen=True, slots=True)
class PairTerm:
    """The derivatives of a pair term in its own coordinates.

    The coordinates are (x, y, b) of input and output column for i ≠ j, five in all; (x, b) for i = j.
    ``a`` = x·y is bilinear, so that the chain rule has derivatives of a up to the second only.

    Attributes
    ----------
    derivatives : list of arrays
        First to fourth derivatives in (a, b).
    slopes : (2, m) array
        Of a and b.
    bend : (m, m) array
        Second derivatives of a.
    """

    derivatives: list[Floats]
    slopes: Floats
    bend: Floats

    @classmethod
    def of(cls, x: Floats, y: Floats, b: float, *, diagonal: bool) -> PairTerm:
        """Find what the chain rule needs of an input column x and an output column y with bias b."""
        r = len(x)
        size = r + 1 if diagonal else 2 * r + 1
        slope, bend = np.zeros(size), np.zeros((size, size))
        if diagonal:
            slope[:r], bend[:r, :r] = 2 * x, 2 * np.eye(r)
        else:
            slope[:r], slope[r : 2 * r] = y, x
            bend[:r, r : 2 * r] = bend[r : 2 * r, :r] = np.eye(r)
        unit = np.zeros(size)
        unit[-1] = 1.0
        return cls(pair_derivatives(float(x @ y), b, diagonal=diagonal), np.stack([slope, unit]), bend)

    def third(self) -> Floats:
        """Evaluate the third derivatives, (m, m, m)."""
        (_, f2, f3, _), U = self.derivatives, self.slopes
        found: Floats = np.einsum("abc,ai,bj,ck->ijk", f3, U, U, U)
        found += _symmetrised(np.einsum("ij,a,ak->ijk", self.bend, f2[0], U), _ONE_OF_THREE)
        return found

    def fourth(self) -> Floats:
        """Evaluate the fourth derivatives, (m, m, m, m)."""
        (_, f2, f3, f4), U, bend = self.derivatives, self.slopes, self.bend
        found: Floats = np.einsum("abcd,ai,bj,ck,dl->ijkl", f4, U, U, U, U)
        found += _symmetrised(np.einsum("ij,ab,ak,bl->ijkl", bend, f3[0], U, U), _ONE_OF_FOUR)
        found += _symmetrised(f2[0, 0] * np.einsum("ij,kl->ijkl", bend, bend), _TWO_OF_FOUR)
        return found


def _pair_terms(W: Floats, b: Floats, tms: TMS) -> Iterator[tuple[float, list[int], PairTerm]]:
    """Weight of every pair term, its coordinates in the flat parameter, and the term."""
    r, c = W.shape
    for i in range(c):
        for j in range(c):
            weight = float(tms.probability[i] * tms.importance[j])
            own = [h * c + i for h in range(r)]
            index = own + ([] if i == j else [h * c + j for h in range(r)]) + [r * c + j]
            yield weight, index, PairTerm.of(W[:, i], W[:, j], float(b[j]), diagonal=i == j)


def third_derivatives(W: Floats, b: Floats, *, tms: TMS) -> Floats:
    """Evaluate L_ijk in the flat parameter, at a point at which no pair term sits on a border."""
    third = np.zeros((tms.dimension,) * 3)
    for weight, index, term in _pair_terms(W, b, tms):
        third[np.ix_(index, index, index)] += weight * term.third()
    return third


def contract_fourth(W: Floats, b: Floats, D: Floats, *, tms: TMS) -> float:
    """Evaluate V4 = L_ijkl D_ij D_kl, at such a point."""
    fourth = 0.0
    for weight, index, term in _pair_terms(W, b, tms):
        local = D[np.ix_(index, index)]
        fourth += weight * float(np.einsum("ijkl,ij,kl->", term.fourth(), local, local))
    return fourth


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Second-order geometry of an isolated circle of minima.

    Attributes
    ----------
    tangent : (d,) array
        Unit tangent of the orbit; zero outside the coordinates used.
    norm : float
        ‖W‖_F, the speed of rotation.
    basis : (d, d′ − 1) array
        Orthonormal, of the slice.
    hessian, inverse : arrays
        H on the slice, (d′ − 1, d′ − 1), and D = basis H⁻¹ basisᵀ, (d, d).
    """

    tangent: Floats
    norm: float
    basis: Floats
    hessian: Floats
    inverse: Floats


def slice_at(W: Floats, b: Floats, *, tms: TMS, columns: Sequence[int]) -> Slice:
    """Build the slice in the coordinates of the given columns (those that are not dead)."""
    r, c = W.shape
    d = tms.dimension
    used = [h * c + j for h in range(r + 1) for j in columns]
    rotated = np.concatenate([-W[1], W[0], np.zeros(c)])
    norm = float(np.linalg.norm(rotated))
    tangent = rotated / norm
    # Householder: the columns of Q beside the first are an orthonormal basis of the complement.
    Q, _ = np.linalg.qr(np.column_stack([tangent[used], np.eye(len(used))]))
    basis = np.zeros((d, len(used) - 1))
    basis[used] = Q[:, 1 : len(used)]
    hessian = basis.T @ Potential(tms).hessian(W, b) @ basis
    return Slice(
        tangent=tangent, norm=norm, basis=basis, hessian=hessian,
        inverse=basis @ np.linalg.solve(hessian, basis.T),
    )  # fmt: skip


def order_coefficient(W: Floats, b: Floats, *, tms: TMS, columns: Sequence[int]) -> float:
    """Compute K of ``log Z = leading + K/s`` at a smooth minimum, isolated up to rotation.

    Dead columns are kept out (``columns`` lists the others): their own 1/n terms are not included.
    """
    found = slice_at(W, b, tms=tms, columns=columns)
    D = found.inverse
    third, v4 = third_derivatives(W, b, tms=tms), contract_fourth(W, b, D, tms=tms)
    c = W.shape[1]
    T = np.einsum("ijk,ij,kl->l", third, D, D)
    v3a = float(np.einsum("ijk,ij,k->", third, D, T))
    v3b = float(np.einsum("ijk,lmn,il,jm,kn->", third, third, D, D, D, optimize=True))
    # J(z) = 1 + ⟨G z, t⟩/‖G w*‖, G the generator of rotations, Gᵀ = −G.
    turned = np.concatenate([found.tangent[c : 2 * c], -found.tangent[:c], np.zeros(c)])
    jacobian = turned / found.norm
    w = np.concatenate([W.ravel(), b])
    slope = -w + jacobian
    curvature = -np.eye(tms.dimension) - np.outer(jacobian, jacobian)
    prior = 0.5 * (float(np.sum(D * curvature)) + float(slope @ D @ slope)) - 0.5 * float(T @ slope)
    return -v4 / 8 + v3a / 8 + v3b / 12 + prior


@lru_cache(maxsize=256)
def polygon_order(label: Label, c: int) -> float:
    """Compute K of a k-gon, k ≥ 5, at its standard representative, in float64.

    Examples
    --------
    >>> round(polygon_order(Label(6), 6), 3)
    368.759
    """
    W, b = standard_point(label, c)
    columns = [j for j, role in enumerate(label.roles(c)) if role != "dead"]
    return order_coefficient(W, b, tms=TMS(c), columns=columns)
