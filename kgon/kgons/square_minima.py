"""Whether the 4-gon with positive columns is a local minimum: the leading function and its certificate.

At the label 4^{σ+} (σ ≥ 1, φ = 0, δ = c − 4 − σ dead columns) ``c(L − L*) = q + O(r³)`` with

    q = Σ_j [(ν_j² + 3ν_jβ_j + 3β_j²)/3 + off(a_j, β_j) + off(a_{j−1}, β_j) + Σ_s off(W_s·e_j, β_j)]
        + c Σ_p η_p² + b(|P|² + P·T),      b = 1/(2c),  a_j = φ_j − φ_{j+1},

P the sum of the positive columns, T that of the others (docs, derivation 2d, with the proof that the
rational numbers found here certify q ≥ κ dist²).  Only the last term can be negative.  The dual certificate
bounds each off(a, β) from below by the linear function with multiplier λ(μ) = k(μ − τ)₊, linear in
P = x(1, 0) + y(1, 1); what remains is a 2 × 2 form that must be strictly copositive.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
from scipy.optimize import minimize

from kgon.base.checks import Floats
from kgon.potential import any_number
from kgon.potential.kernels.pairs import off_gradient

DIRECTIONS = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])
TANGENTS = np.array([[0.0, 1.0], [-1.0, 0.0], [0.0, -1.0], [1.0, 0.0]])
GAPS = ((1, 1, 2), (2, 2, 3), (3, 3, 0))
"""Gaps used by the certificate, each with the two outputs that feel it."""
EPSILONS = tuple(Fraction(1, n) for n in (2, 4, 10, 20, 50, 100, 200, 500, 1000))
DENOMINATORS = (10, 20, 100, 1000, 10_000)

GRADIENT = 1e-9
"""Largest slope of q where a descent ends: q itself is off by its square."""
DESCENTS, STEPS = 4, 5000
"""Times that a descent is begun anew where its line search has failed, and steps of one."""

Node = dict[str, Any]


# --- the leading function, minimised numerically -----------------------------------------------


def _reduced(z: Floats, P: Floats, c: int, sigma: int, scale: float) -> tuple[float, Floats]:
    """Compute q and its gradient in (ν, β, φ, d): positive columns P/σ, dead ones d, b times ``scale``."""
    delta = c - 4 - sigma
    b = scale / (2 * c)
    nu, beta, phi, d = z[:4], z[4:8], z[8:12], z[12:]
    g_nu = 2 * nu / 3 + beta
    g_beta = nu + 2 * beta
    g_phi, g_d = np.zeros(4), np.zeros(2)
    value = float(np.sum(nu**2 + 3 * nu * beta + 3 * beta**2)) / 3
    for j in range(4):
        e = DIRECTIONS[j]
        terms = [(1.0, phi[j] - phi[(j + 1) % 4], j), (1.0, phi[j - 1] - phi[j], (j - 1) % 4)]
        terms += [(sigma, float(P @ e) / sigma, -1), (delta, float(d @ e), -2)]
        for weight, a, place in terms:
            f, fa, fb = (weight * x / 3 for x in off_gradient(a, beta[j]))
            value += f
            g_beta[j] += fb
            if place >= 0:
                g_phi[place] += fa
                g_phi[(place + 1) % 4] -= fa
            elif place == -2:
                g_d += fa * e
    T = nu @ DIRECTIONS / 2 + phi @ TANGENTS + delta * d
    value += b * float(P @ P + P @ T)
    g_nu = g_nu + b * DIRECTIONS @ P / 2
    g_phi += b * TANGENTS @ P
    g_d += b * delta * P
    return value, np.concatenate([g_nu, g_beta, g_phi, g_d])


def minimise_reduced(P: Floats, c: int, sigma: int, scale: float = 1.0) -> tuple[float, Floats]:
    """Minimise the convex function q(·, P) by quasi-Newton descents: its value, and (ν, β, φ, d) (14,)."""
    return descended(_reduced, np.zeros(14), P, c, sigma, scale, gradient=GRADIENT)


def descended(
    function: Callable[..., tuple[float, Floats]], z: Floats, *given: Any, gradient: float
) -> tuple[float, Floats]:
    """Find a local minimum from z by quasi-Newton descents, until the gradient is small: value and place.

    ``function`` takes z and what is ``given``, and returns a value and its gradient.
    """
    options = {"gtol": gradient, "maxiter": STEPS}
    for _ in range(DESCENTS):
        found = minimize(function, z, args=given, jac=True, method="BFGS", options=options)
        z = found.x
        if found.success:
            break
    return float(found.fun), z


# --- the certificate ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ConeCertificate:
    """Rational numbers from which q ≥ κ dist² follows by exact arithmetic.

    Attributes
    ----------
    epsilon : Fraction
        The bound holds with b replaced by b(1 + ε).
    nodes : tuple of dict
        Multipliers at P = (1, 0) and (1, 1): ``k``, ``tau``, ``share``.
    growth : Fraction
        κ = ε/(1 + ε)/(48(c − 2)).
    """

    epsilon: Fraction
    nodes: tuple[Node, Node]
    growth: Fraction


@lru_cache(maxsize=1024)
def cone_certificate(c: int, sigma: int) -> ConeCertificate | None:
    """Find and verify a certificate that 4^{σ+} is a local minimum; None where none is found."""
    corner = np.array([1.0, 1.0])
    if minimise_reduced(corner, c, sigma)[0] <= 0:
        return None
    for epsilon in EPSILONS:
        scale = 1 + float(epsilon)
        if minimise_reduced(corner, c, sigma, scale)[0] <= 0:
            continue
        minima = [minimise_reduced(np.array([1.0, t]), c, sigma, scale)[1] for t in (0.0, 1.0)]
        for denominator in DENOMINATORS:
            first, second = (node_at(t, minima[t], c, sigma, denominator) for t in (0, 1))
            if is_copositive(c, sigma, epsilon, (first, second)):
                return ConeCertificate(epsilon, (first, second), epsilon / (1 + epsilon) / (48 * (c - 2)))
    return None


def node_at(t: int, z: Floats, c: int, sigma: int, denominator: int) -> Node:
    """Read the multipliers off the numerical minimum z (14,) at P = (1, t), and round them."""
    beta, phi, d = z[4:8], z[8:12], z[12:]

    def rounded(x: float) -> Fraction:
        inside = min(max(x, 0.0), 1 - 1 / denominator)
        return Fraction(round(inside * denominator), denominator)

    def switch(a: float, bias: float) -> float:
        return -bias / a if a > 1e-9 else 0.5

    tau = {f"pos{j}": rounded(switch((1, t)[j] / sigma, beta[j])) for j in (0, 1)}
    share = {}
    for gap, first, second in GAPS:
        a = phi[gap] - phi[(gap + 1) % 4]
        moments = []
        for output in (first, second):
            at = switch(a, beta[output])
            used = a > 1e-9 and at < 1 - 1e-6
            inside = max(at, 0.0)
            moments.append(a * (1 - inside) ** 2 * (2 + inside) / 6 if used else 0.0)
            tau[f"gap{gap}{output}"] = rounded(at if used else 0.5)
        total = sum(moments)
        if total <= 0:
            share[f"gap{gap}"] = Fraction(1, 2)
        elif moments[1] < 1e-12:
            share[f"gap{gap}"] = Fraction(1)
        else:
            share[f"gap{gap}"] = rounded(moments[0] / total)
    if c - 4 - sigma:
        for output, x in ((2, -d[0]), (3, -d[1])):
            tau[f"dead{output}"] = rounded(switch(float(x), beta[output]))
    k = [Fraction(1, sigma), Fraction(t, sigma)]
    return {"k": k, "tau": tau, "share": share}


def _moments(k: Fraction, tau: Fraction) -> tuple[Fraction, Fraction]:
    """Integrate λ = k(μ − τ)₊ and μλ over [0, 1]."""
    return k * (1 - tau) ** 2 / 2, k * (1 - tau) ** 2 * (2 + tau) / 6


def _product(k: Fraction, tau: Fraction, other_k: Fraction, other_tau: Fraction) -> Fraction:
    """Integrate the product of two multipliers k(μ − τ)₊ over [0, 1]."""
    low, high = min(tau, other_tau), max(tau, other_tau)
    h = 1 - high
    return k * other_k * (h**3 / 3 + (high - low) * h**2 / 2)


Term = tuple[int, int, Fraction, Fraction]
"""Output, multiplicity, k and τ of one multiplier."""


def _multipliers(t: int, node: Node, c: int, sigma: int, B: Fraction) -> tuple[Any, ...]:
    """List P, ∫μλ at the positive columns, all terms, and the linear terms p, r in (ν, β), at P = (1, t)."""
    P = (Fraction(1), Fraction(t))
    tau, share = node["tau"], node["share"]
    delta = c - 4 - sigma
    terms: list[Term] = []
    positive = []
    for j in (0, 1):
        terms.append((j, sigma, node["k"][j], tau[f"pos{j}"]))
        positive.append(_moments(node["k"][j], tau[f"pos{j}"])[1])
    needs = {1: B * P[0], 2: B * (P[0] + P[1]), 3: B * P[1]}
    for gap, first, second in GAPS:
        for output, part in ((first, share[f"gap{gap}"]), (second, 1 - share[f"gap{gap}"])):
            at = tau[f"gap{gap}{output}"]
            terms.append((output, 1, needs[gap] / 2 * part / _moments(Fraction(1), at)[1], at))
    if delta:
        for j in (2, 3):
            at = tau[f"dead{j}"]
            terms.append((j, delta, B * P[j - 2] / 2 / _moments(Fraction(1), at)[1], at))
    p = [B * P[0] / 2, B * P[1] / 2, -B * P[0] / 2, -B * P[1] / 2]
    r = [Fraction(0)] * 4
    for output, multiplicity, k, at in terms:
        r[output] += 2 * multiplicity * _moments(k, at)[0]
    return P, positive, terms, p, r


def _form(u: tuple[Any, ...], v: tuple[Any, ...], B: Fraction) -> Fraction:
    """Evaluate the bilinear form of the lower bound between two nodes."""
    (P, f, terms, p, r), (Q, g, others, w, x) = u, v
    total = B * (P[0] * Q[0] + P[1] * Q[1]) + sum(f[j] * Q[j] + g[j] * P[j] for j in (0, 1))
    for (_, multiplicity, k, tau), (_, _, other_k, other_tau) in zip(terms, others, strict=True):
        total -= multiplicity * _product(k, tau, other_k, other_tau)
    for j in range(4):
        total -= 3 * p[j] * w[j] - Fraction(3, 2) * (p[j] * x[j] + w[j] * r[j]) + r[j] * x[j]
    return Fraction(total)


def is_copositive(c: int, sigma: int, epsilon: Fraction, nodes: tuple[Node, Node]) -> bool:
    """Decide exactly whether the 2 × 2 form of the certificate is strictly copositive."""
    B = Fraction(1, 2 * c) * (1 + epsilon)
    first, second = (_multipliers(t, node, c, sigma, B) for t, node in enumerate(nodes))
    g11, g12, g22 = _form(first, first, B), _form(first, second, B), _form(second, second, B)
    return g11 > 0 and g22 > 0 and (g12 >= 0 or g12 * g12 < g11 * g22)


# --- descent directions --------------------------------------------------------------------------


def leading_value(c: int, sigma: int, v: list[Fraction], *, importance: Fraction = Fraction(1)) -> Fraction:
    """Compute q along v = (p, w, f, g, ν₀, β₀, ν₂, β₂) exactly, with an importance of the positive outputs.

    W_p = p(1, 1) for each positive column, W_m = −w(1, 1) for each dead one, φ = (−f, f, g, −g),
    ν = (ν₀, ν₀, ν₂, ν₂), β = (β₀, β₀, β₂, β₂).
    """
    p, w, f, g, nu0, beta0, nu2, beta2 = v
    b, delta = Fraction(1, 2 * c), c - 4 - sigma
    q = sum(2 * (nu * nu / 3 + nu * beta + beta * beta) for nu, beta in ((nu0, beta0), (nu2, beta2)))
    q += 2 * _off(-2 * f, beta0) + 2 * _off(f - g, beta0) + 2 * _off(2 * g, beta2) + 2 * _off(f - g, beta2)
    q += sigma * (2 * _off(p, beta0) + 2 * _off(-p, beta2))
    q += delta * (2 * _off(-w, beta0) + 2 * _off(w, beta2))
    P, T = sigma * p, (nu0 - nu2) / 2 - f - g - delta * w
    return Fraction(q + 2 * b * importance * (P * P + P * T))


def _off(a: Fraction, b: Fraction) -> Fraction:
    """Compute off(a, b), a third of the pair function."""
    return Fraction(any_number.off(a, b)[0]) / 3


def cone_direction(c: int, sigma: int) -> list[Fraction] | None:
    """Find a rational direction with q < 0, which refutes that 4^{σ+} is a local minimum, or None."""
    value, z = minimise_reduced(np.array([1.0, 1.0]), c, sigma)
    if value >= 0:
        return None
    found = direction(z, sigma)
    for denominator in range(2, 400):
        v = [Fraction(round(x * denominator), denominator) for x in found]
        if leading_value(c, sigma, v) < 0:
            return v
    return None


def direction(z: Floats, sigma: int) -> Floats:
    """Read v of ``leading_value`` off a minimum (ν, β, φ, d) at P = (1, 1); its largest entry is 1."""
    nu, beta, phi, d = z[:4], z[4:8], z[8:12], z[12:]
    angles = (phi[1] - phi[0]) / 2, (phi[2] - phi[3]) / 2
    radial = [x[half].mean() for half in (slice(0, 2), slice(2, 4)) for x in (nu, beta)]
    found = np.array([1 / sigma, -d.mean(), *angles, *radial])
    return np.asarray(found / np.abs(found).max())
