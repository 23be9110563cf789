"""Which regular k-gons are critical points: every number of active neighbours, every real root, proved."""

from __future__ import annotations

import math
from collections.abc import Sequence

import flint
from flint import acb_poly, arb, arb_poly, fmpq

from kgon.base.checks import check_integer
from kgon.base.results import Result, result
from kgon.base.verdicts import UndecidedError, Verdict
from kgon.numerics.balls import MAX_BITS


@result
class ReducedRoot(Result):
    """A real solution of the reduced equations with s neighbours taken as active.

    Attributes
    ----------
    s : int
    length, bias : float
        l and b; l is 0 where the solution has l² ≤ 0.
    m : float
        −b/l².
    admissible : bool
        Whether exactly s neighbours are active there, so that it is a critical point (proved).
    reason : str
        The condition that fails.
    """

    s: int
    length: float
    bias: float
    m: float
    admissible: bool
    reason: str

    def headline(self) -> str:
        kind = "critical point" if self.admissible else f"rejected: {self.reason}"
        return f"s = {self.s}, l = {self.length:.8g}, b = {self.bias:.8g}: {kind}"


@result
class Existence(Result):
    """Which regular k-gons are critical points, for one k.

    Attributes
    ----------
    k : int
    exists : Verdict
        PROVED or REFUTED: at least one is a critical point (with b > −l²).
    roots, rejected : tuple of ReducedRoot
        All of them; and every other real solution of the equations, with the condition it breaks.
    fixed_s : int
        The one number of neighbours that the literature allows, ⌈k/4⌉ − 1.
    fixed_s_exists : bool
        Whether one exists with that number: the literature's narrower claim.
    """

    k: int
    exists: Verdict
    roots: tuple[ReducedRoot, ...]
    rejected: tuple[ReducedRoot, ...]
    fixed_s: int
    fixed_s_exists: bool

    def headline(self) -> str:
        shown = "; ".join(f"s = {r.s}, l = {r.length:.6g}, b = {r.bias:.6g}" for r in self.roots)
        return f"regular {self.k}-gon: {self.exists}, {shown or 'none'}"

    def rows(self) -> Sequence[tuple[str, str]]:
        found = [(f"s = {r.s}", r.headline()) for r in (*self.roots, *self.rejected)]
        return [*found, (f"with s = {self.fixed_s} only", "yes" if self.fixed_s_exists else "no")]


def prove_existence(k: int, *, bits: int = 192) -> Existence:
    """Decide which regular k-gons are critical points: every s, every real root, proved.

    For b ≤ 0 and each s with 0 ≤ s < k/4 the four complex roots of the quartic in m are isolated in
    ball arithmetic; a real one is a critical point where exactly s neighbours are active at it.  No
    k-gon has b > 0, and b = 0 only for k ≤ 4 (docs, derivation 02, Theorem 4).  Independent of
    ``polygons.regular_polygons``, which searches each cell by bisection.

    Parameters
    ----------
    k : int
        Vertices, at least 3.
    bits : int
        Precision to begin with; doubled until everything is decided.

    Returns
    -------
    Existence

    Examples
    --------
    >>> prove_existence(9)
    <regular 9-gon: PROVED, s = 1, l = 1.61711, b = -1.54232>
    >>> prove_existence(9).fixed_s_exists
    False
    """
    k, bits = check_integer("k", k, 3), check_integer("bits", bits, 1)
    while bits <= MAX_BITS:
        try:
            return _existence(k, bits)
        except UndecidedError:
            bits *= 2
    raise UndecidedError(f"the regular {k}-gons are not decided within {MAX_BITS} bits")


def _existence(k: int, bits: int) -> Existence:
    with flint.ctx.workprec(bits):
        cosines = [arb.cos_pi_fmpq(fmpq(2 * j, k)) for j in range(math.ceil(k / 4) + 1)]
        found = _corner(cosines[1])
        F = G = H = arb(1)  # Σ cos²(jα), Σ cos(jα), Σ 1/cos(jα) over j = −s … s
        for s in range(1, math.ceil(k / 4)):
            x = cosines[s]
            F, G, H = F + 2 * x * x, G + 2 * x, H + 2 / x
            energy = arb_poly([F, -3 * G, arb(3 * (1 + 2 * s)), -H])  # 3A(m)
            found += _reduced_roots(s, energy, cosines[s + 1], x)
    roots = tuple(root for root in found if root.admissible)
    fixed = math.ceil(k / 4) - 1
    return Existence(
        k=k,
        exists=Verdict.of(bool(roots), proved=True),
        roots=roots,
        rejected=tuple(root for root in found if not root.admissible),
        fixed_s=fixed,
        fixed_s_exists=any(root.s == fixed for root in roots),
    )


def _corner(next_cosine: arb) -> list[ReducedRoot]:
    """Solve s = 0, where g is m(1 − m)³ up to a factor: m = 0, l = 1, b = 0 is the only root in [0, 1)."""
    inside = bool(next_cosine <= 0)
    reason = "" if inside else "a further neighbour is active"
    return [ReducedRoot(s=0, length=1.0, bias=0.0, m=0.0, admissible=inside, reason=reason)]


def _reduced_roots(s: int, energy: arb_poly, lowest: arb, inner: arb) -> list[ReducedRoot]:
    """Find every real root of the quartic for s active neighbours, with its verdict."""
    g = 6 * arb_poly([1, 1]) * energy + arb_poly([2, -1, -1]) * energy.derivative()
    try:
        complex_roots = acb_poly(g).roots(tol=arb(2) ** -100)
    except ValueError as error:
        raise UndecidedError(f"s = {s}: {error}") from None
    found = []
    for z in complex_roots:
        if z.imag != 0:
            continue
        # A ball that meets the real axis meets its mirror image; as the balls are disjoint and the
        # coefficients real, its root is its own conjugate.
        if any(z.conjugate().overlaps(w) for w in complex_roots if w is not z):
            raise UndecidedError(f"s = {s}: a root is not decided to be real")
        found.append(_judged(s, z.real, energy, lowest, inner))
    return sorted(found, key=lambda root: root.m)


def _judged(s: int, m: arb, energy: arb_poly, lowest: arb, inner: arb) -> ReducedRoot:
    """Decide whether a root m is a critical point: exactly s neighbours are active for lowest ≤ m < inner."""
    tau = (1 - m) * (1 - m) * (2 + m) / (2 * energy(m))
    tests = (
        (tau > 0, tau < 0, "l² < 0"),
        (m >= 0, m < 0, "b > 0, where the equations are others"),
        (m < inner, m >= inner, "the last neighbour is not active"),
        (m >= lowest, m < lowest, "a further neighbour is active"),
    )
    reason = ""
    for holds, fails, text in tests:
        if fails:
            reason = text
            break
        if not holds:
            raise UndecidedError(f"s = {s}: whether '{text}' at m = {m.str(12)}")
    positive = bool(tau > 0)
    return ReducedRoot(
        s=s,
        length=float(tau.sqrt()) if positive else 0.0,
        bias=float(-m * tau),
        m=float(m),
        admissible=not reason,
        reason=reason,
    )
