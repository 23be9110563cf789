"""The leading function of derivation 2d and its dual certificate, in exact fractions."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from random import Random

from parts.cones import THRESHOLDS, Node
from parts.exact import SQUARE

from kgon.kgons import labels
from kgon.kgons.labels import Label
from kgon.potential import any_number

Pair = tuple[Fraction, Fraction]

TANGENTS = ((0, 1), (-1, 0), (0, -1), (1, 0))
"""The tangents t_j: the vertices e_j of the 4-gon (``SQUARE``), turned by +90°."""
GAPS = ((1, 1, 2), (2, 2, 3), (3, 3, 0))
"""The gaps that the certificate uses, each with the two outputs that feel it."""


def off(a: Fraction, b: Fraction) -> Fraction:
    """off(a, b) = ∫₀¹ (aμ + b)₊² dμ."""
    return Fraction(any_number.off(a, b)[0]) / 3


def dot(x: tuple, y: tuple) -> Fraction:
    """The inner product of two vectors in the plane."""
    return x[0] * y[0] + x[1] * y[1]


# --- the leading function --------------------------------------------------------------------------


@dataclass(frozen=True)
class Direction:
    """A direction at a 4-gon with σ positive and δ dead columns; dead biases stay."""

    nu: list[Fraction]
    beta: list[Fraction]
    phi: list[Fraction]
    eta: list[Fraction]
    positive: list[Pair]
    dead: list[Pair]

    @property
    def c(self) -> int:
        """The number of features of this point."""
        return 4 + len(self.positive) + len(self.dead)

    @property
    def columns(self) -> list[Pair]:
        """The derivative of every column of W."""
        live = [
            tuple(self.nu[j] * SQUARE[j][i] / 2 + self.phi[j] * TANGENTS[j][i] for i in (0, 1))
            for j in range(4)
        ]
        return [*live, *self.positive, *self.dead]

    @property
    def P(self) -> Pair:  # noqa: N802
        """The sum of the positive columns."""
        return sum(w[0] for w in self.positive), sum(w[1] for w in self.positive)

    def C(self) -> Fraction:  # noqa: N802
        """The convex part, which is not negative."""
        total = self.c * sum(x * x for x in self.eta)
        for j in range(4):
            nu, beta = self.nu[j], self.beta[j]
            total += (nu * nu + 3 * nu * beta + 3 * beta * beta) / 3
            total += off(self.phi[j] - self.phi[(j + 1) % 4], beta) + off(self.phi[j - 1] - self.phi[j], beta)
            total += sum(off(dot(w, SQUARE[j]), beta) for w in (*self.positive, *self.dead))
        return total

    def coupling(self) -> Fraction:
        """|P|² + P·T: P times the sum of all columns."""
        return dot(self.P, tuple(sum(w[i] for w in self.columns) for i in (0, 1)))

    def q(self) -> Fraction:
        """The leading function."""
        return self.C() + self.coupling() / (2 * self.c)

    def distance(self) -> Fraction:
        """The squared distance to the zero cone."""
        mean = sum(self.phi) / 4
        small = sum(dot(w, w) for w in (*self.positive, *self.dead))
        angles = sum((x - mean) ** 2 for x in self.phi)
        live = sum(x * x / 4 for x in self.nu) + sum(x * x for x in self.beta)
        return live + angles + small + sum(x * x for x in self.eta)

    def loss_change(self, s: Fraction) -> Fraction:
        """c(L − L*)/s² at the step s along the straight line from the standard representative."""
        c, label = self.c, Label(4, len(self.positive))
        W, bias = labels.representative(label, c, Fraction(1), Fraction(0), SQUARE, Fraction)
        moved = [[x + s * w[i] for x, w in zip(W[i], self.columns, strict=True)] for i in (0, 1)]
        steps = [*self.beta, *self.eta, *[Fraction(0)] * len(self.dead)]
        lifted = [x + s * y for x, y in zip(bias, steps, strict=True)]
        return c * (any_number.loss(moved, lifted) - any_number.loss(W, bias)) / s**2


def sample(c: int, sigma: int, seed: int, *, in_cone: bool = False) -> Direction:
    """A direction with entries between −1 and 1; with P in the cone P_x ≥ P_y ≥ 0 if asked."""
    random = Random(1000 * c + 50 * sigma + seed)

    def numbers(count: int) -> list[Fraction]:
        return [Fraction(round(24 * random.random()) - 12, 12) for _ in range(count)]

    nu, beta, phi, eta = numbers(4), numbers(4), numbers(4), numbers(sigma)
    positive = list(zip(numbers(sigma), numbers(sigma), strict=True))
    dead = list(zip(numbers(c - 4 - sigma), numbers(c - 4 - sigma), strict=True))
    if in_cone:
        positive = [(max(abs(x), abs(y)), min(abs(x), abs(y))) for x, y in positive]
    return Direction(nu, beta, phi, eta, positive, dead)


def diagonal(c: int, sigma: int, v: tuple) -> Direction:
    """The direction v = (p, w, f, g, ν₀, β₀, ν₂, β₂), symmetric about the diagonal."""
    p, w, f, g, nu0, beta0, nu2, beta2 = (Fraction(x) for x in v)
    nu, beta, phi = [nu0, nu0, nu2, nu2], [beta0, beta0, beta2, beta2], [-f, f, g, -g]
    return Direction(nu, beta, phi, [Fraction(0)] * sigma, [(p, p)] * sigma, [(-w, -w)] * (c - 4 - sigma))


def scaled(v: tuple) -> tuple[Fraction, ...]:
    """A vector divided by its largest entry."""
    return tuple(Fraction(x, max(map(abs, v))) for x in v)


# --- the dual certificate ----------------------------------------------------------------------------


def moments(k: Fraction, tau: Fraction) -> tuple[Fraction, Fraction, Fraction]:
    """∫λ, ∫μλ, ∫λ² of λ = k(μ − τ)₊ over [0, 1]."""
    h = 1 - tau
    return k * h**2 / 2, k * h**2 * (2 + tau) / 6, k * k * h**3 / 3


def product(k: Fraction, tau: Fraction, other_k: Fraction, other_tau: Fraction) -> Fraction:
    """The integral of the product of two minorants λ and λ′ over [0, 1]."""
    low, high = sorted((tau, other_tau))
    h = 1 - high
    return k * other_k * (h**3 / 3 + (high - low) * h**2 / 2)


@dataclass(frozen=True)
class Multipliers:
    """The multipliers λ = k(μ − τ)₊ at one P, as (name, output, multiplicity, k, τ), and B."""

    P: Pair
    terms: list[tuple[str, int, int, Fraction, Fraction]]
    B: Fraction

    def linear(self) -> tuple[list[Fraction], list[Fraction]]:
        """The coefficients p_j, r_j of ν_j, β_j."""
        p = [self.B * dot(self.P, e) / 2 for e in SQUARE]
        r = [Fraction(0)] * 4
        for _, j, multiplicity, k, tau in self.terms:
            r[j] += 2 * multiplicity * moments(k, tau)[0]
        return p, r

    def positive(self) -> list[Fraction]:
        """M₁ of the multipliers of the positive columns at outputs 0 and 1."""
        return [moments(k, tau)[1] for name, _, _, k, tau in self.terms if name.startswith("pos")]

    def balanced(self) -> bool:
        """Whether λ ≥ 0 and the coefficients of every φ_j and of D are 0."""
        felt = {name: 2 * moments(k, tau)[1] for name, _, _, k, tau in self.terms}
        gaps = [sum(felt[f"gap{g}{j}"] for j in outputs) for g, *outputs in GAPS]
        around = [Fraction(0), *gaps]  # gap 0 is not used; φ_j has the coefficient of gap j minus gap j − 1
        angles = all(self.B * dot(self.P, TANGENTS[j]) + around[j] == around[j - 1] for j in range(4))
        reached = "dead2" not in felt or all(
            self.B * self.P[i] == felt[name] for i, name in enumerate(("dead2", "dead3"))
        )
        return angles and reached and all(k >= 0 and 0 <= tau < 1 for *_, k, tau in self.terms)


def multipliers(node: Node, t: int, c: int, sigma: int, B: Fraction) -> Multipliers:
    """The multipliers at P = (1, t) from the thresholds and shares of a node."""
    P = (Fraction(1), Fraction(t))
    tau = {name: Fraction(x, 100) for name, x in zip(THRESHOLDS, node[:10], strict=True)}
    shares = [Fraction(x, 100) for x in node[10:]]
    terms = [(f"pos{j}", j, sigma, P[j] / sigma, tau[f"pos{j}"]) for j in (0, 1)]

    def need(name: str, output: int, multiplicity: int, value: Fraction) -> None:
        """Add the multiplier with 2M₁ = value."""
        unit = 2 * moments(Fraction(1), tau[name])[1]
        terms.append((name, output, multiplicity, value / unit, tau[name]))

    needs = (B * P[0], B * (P[0] + P[1]), B * P[1])
    for (g, first, second), value, share in zip(GAPS, needs, shares, strict=True):
        need(f"gap{g}{first}", first, 1, value * share)
        need(f"gap{g}{second}", second, 1, value * (1 - share))
    if c > 4 + sigma:
        for j in (2, 3):
            need(f"dead{j}", j, c - 4 - sigma, B * P[j - 2])
    return Multipliers(P, terms, B)


def form(u: Multipliers, v: Multipliers) -> Fraction:
    """The symmetric bilinear form whose square is the lower bound."""
    total = u.B * dot(u.P, v.P)
    pairs = zip(u.positive(), v.positive(), strict=True)
    total += sum(f * v.P[j] + g * u.P[j] for j, (f, g) in enumerate(pairs))
    for (_, _, multiplicity, *first), (_, _, _, *second) in zip(u.terms, v.terms, strict=True):
        total -= multiplicity * product(*first, *second)
    for p, r, w, x in zip(*u.linear(), *v.linear(), strict=True):
        total -= 3 * p * w - Fraction(3, 2) * (p * x + w * r) + r * x
    return total


def certificate_form(
    c: int, sigma: int, epsilon: Fraction, nodes: tuple[Node, Node]
) -> tuple[Fraction, Fraction, Fraction]:
    """G₁₁, G₁₂, G₂₂ of the lower bound in (x, y), after the balance of the multipliers is seen to hold."""
    B = Fraction(1, 2 * c) * (1 + epsilon)
    first, second = (multipliers(node, t, c, sigma, B) for t, node in enumerate(nodes))
    if not (first.balanced() and second.balanced()):
        raise AssertionError(f"the multipliers for c = {c}, σ = {sigma} do not cancel φ and D")
    return form(first, first), form(first, second), form(second, second)


def strictly_copositive(G: tuple[Fraction, Fraction, Fraction]) -> bool:
    """Whether G₁₁x² + 2G₁₂xy + G₂₂y² > 0 for all x, y ≥ 0 that are not both 0."""
    g11, g12, g22 = G
    return g11 > 0 and g22 > 0 and (g12 >= 0 or g12 * g12 < g11 * g22)
