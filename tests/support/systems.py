"""Equations F(x, p) = 0 from textbooks, with known branches and events."""

from __future__ import annotations

from dataclasses import dataclass, fields

import mpmath
import numpy as np

from kgon.numerics.continuation import Steps, follow


class Equations:
    """A ``System`` from plain functions of (x, p)."""

    def __init__(self, f, jacobian, derivative, *, symmetric=True, watch=None, borders=()):
        self.f, self.j, self.d, self.symmetric = f, jacobian, derivative, symmetric
        self.watched, self.borders = watch or (lambda x, p: {}), borders

    def equations(self, x, p):
        return np.array(self.f(x, p), dtype=float)

    def jacobian(self, x, p):
        return np.array(self.j(x, p), dtype=float)

    def derivative(self, x, p):
        return np.array(self.d(x, p), dtype=float)

    def watch(self, x, p):
        return self.watched(x, p)

    def border(self, name):
        return name in self.borders


def scalar(f, slope, derivative, *, watch=None, borders=()):
    """One equation in one unknown, of plain functions of two numbers."""
    return Equations(
        lambda x, p: [f(x[0], p)],
        lambda x, p: [[slope(x[0], p)]],
        lambda x, p: [derivative(x[0], p)],
        watch=None if watch is None else lambda x, p: watch(x[0], p),
        borders=borders,
    )


def graph(h, slope, *, watch=None, borders=()):
    """The curve p = h(x)."""
    return scalar(lambda x, p: h(x) - p, lambda x, p: slope(x), lambda x, p: -1, watch=watch, borders=borders)


FOLD = scalar(lambda x, p: x * x + p, lambda x, p: 2 * x, lambda x, p: 1)
"""Fold at (0, 0), branches x = ±√−p."""
PITCHFORK = scalar(lambda x, p: p * x - x**3, lambda x, p: p - 3 * x * x, lambda x, p: x)
"""Branches x = 0 and p = x²."""
TRANSCRITICAL = scalar(lambda x, p: p * x - x**2, lambda x, p: p - 2 * x, lambda x, p: x)
"""Branches x = 0 and x = p."""
CIRCLE = scalar(lambda x, p: x * x + p * p - 1, lambda x, p: 2 * x, lambda x, p: 2 * p)


def cusp(h):
    """Folds at x = ±√(h/3), p = ∓2 (h/3)^{3/2}."""
    return graph(lambda x: x**3 - h * x, lambda x: 3 * x * x - h)


def cassini(b):
    """Ovals with foci (0, ±1): x = 0 at p² = 1 ± b²; two of them for b < 1."""
    return scalar(
        lambda x, p: (x * x + p * p) ** 2 - 2 * (p * p - x * x) + 1 - b**4,
        lambda x, p: 4 * x * (x * x + p * p) + 4 * x,
        lambda x, p: 4 * p * (x * x + p * p) - 4 * p,
    )


def bratu(n):
    """−u″ = p eᵘ on n inner points of [0, 1], divided by (n + 1)²."""
    size = (n + 1) ** 2
    second = 2 * np.eye(n) - np.eye(n, k=1) - np.eye(n, k=-1)
    return Equations(
        lambda u, p: second @ u - p / size * np.exp(u),
        lambda u, p: second - p / size * np.diag(np.exp(u)),
        lambda u, p: -np.exp(u) / size,
    )


def fold_of_bratu(n):
    """The fold of ``bratu(n)`` as a regular zero (u, φ, p) of F = 0, F_u φ = 0, φ in the middle 1.

    Equations and Jacobian are functions of mpmath numbers.
    """
    size = (n + 1) ** 2

    def second(u):
        ends = [0, *u, 0]
        return [2 * ends[i] - ends[i - 1] - ends[i + 1] for i in range(1, n + 1)]

    def equations(y):
        u, phi, p = y[:n], y[n : 2 * n], y[-1] / size
        first = [a - p * mpmath.exp(v) for a, v in zip(second(u), u, strict=True)]
        last = [a - p * mpmath.exp(v) * w for a, v, w in zip(second(phi), u, phi, strict=True)]
        return [*first, *last, phi[n // 2] - 1]

    def jacobian(y):
        u, phi, p = y[:n], y[n : 2 * n], y[-1] / size
        matrix = mpmath.zeros(2 * n + 1)
        for i in range(n):
            e = mpmath.exp(u[i])
            for block in (0, n):  # F depends on u as F_u φ does on φ
                matrix[block + i, block + i] = 2 - p * e
                for j in (i - 1, i + 1):
                    if 0 <= j < n:
                        matrix[block + i, block + j] = -1
            matrix[n + i, i] = -p * e * phi[i]
            matrix[i, 2 * n], matrix[n + i, 2 * n] = -e / size, -e * phi[i] / size
        matrix[2 * n, n + n // 2] = 1
        return matrix.tolist()

    return equations, jacobian


@dataclass(frozen=True)
class Hidden:
    """A pitchfork and a fold among n unknowns: y₀ (p − y₀²) = 0, y₁² = 1 − p, the others slaves of these.

    Two rotations mix unknowns and equations: x = turnᵀ y.
    """

    turn: np.ndarray
    mix: np.ndarray

    @property
    def rate(self):
        """How fast each slave turns with p."""
        return np.arange(len(self.turn)) / 4.0

    def at(self, height, p):
        """The solution with y₀ = 0 and y₁ = height."""
        y = np.sin(self.rate * p) + height**2 / 3
        y[:2] = 0, height
        return self.turn.T @ y

    def _f(self, y, p):
        slaves = y - np.sin(self.rate * p) - y[1] ** 2 / 3 - y[0] ** 2
        return [p * y[0] - y[0] ** 3, y[1] ** 2 + p - 1, *slaves[2:]]

    def _slope(self, y, p):
        jacobian = np.eye(len(y))
        jacobian[:, 0], jacobian[:, 1] = -2 * y[0], -2 * y[1] / 3
        jacobian[:2] = 0
        jacobian[0, 0], jacobian[1, 1] = p - 3 * y[0] ** 2, 2 * y[1]
        return jacobian

    @property
    def system(self):
        """The equations of the mixed unknowns."""
        turn, mix, rate = self.turn, self.mix, self.rate
        return Equations(
            lambda x, p: mix @ self._f(turn @ x, p),
            lambda x, p: mix @ self._slope(turn @ x, p) @ turn,
            lambda x, p: mix @ [(turn @ x)[0], 1, *(-rate * np.cos(rate * p))[2:]],
            symmetric=False,
        )


def hidden_pitchfork(n, rng):
    """A ``Hidden`` system with random rotations."""
    return Hidden(*(np.linalg.qr(rng.normal(size=(n, n)))[0] for _ in range(2)))


LORENZ = Equations(
    lambda x, p: [10 * (x[1] - x[0]), x[0] * (p - x[2]) - x[1], x[0] * x[1] - 8 / 3 * x[2]],
    lambda x, p: [[-10, 10, 0], [p - x[2], -1, -x[0]], [x[1], x[0], -8 / 3]],
    lambda x, p: [0, x[0], 0],
    symmetric=False,
)
"""Branches 0 and x = y = ±√(8(p − 1)/3), z = p − 1."""


def near_fold(a):
    """x (p − a x − x²): branch point at (0, 0), fold at x = −a/2, p = −a²/4."""
    return scalar(
        lambda x, p: x * (p - a * x - x * x), lambda x, p: p - 2 * a * x - 3 * x * x, lambda x, p: x
    )


def two_pitchforks(gap):
    """Gradient of Σ (x_i⁴/4 − (p − p_i) x_i²/2) with p = 0 and ``gap``."""
    places = np.array([0, gap])
    return Equations(
        lambda x, p: x**3 - (p - places) * x, lambda x, p: np.diag(3 * x**2 - (p - places)), lambda x, p: -x
    )


def _triangle(x, p):
    z = complex(*x)
    w = p * z + z.conjugate() ** 2 + abs(z) ** 2 * z
    return [w.real, w.imag]


def _triangle_jacobian(x, p):
    a, b = x
    square = a * a + b * b
    mixed = -2 * b + 2 * a * b
    return [[p + 2 * a + square + 2 * a * a, mixed], [mixed, p - 2 * a + square + 2 * b * b]]


TRIANGLE = Equations(_triangle, _triangle_jacobian, lambda x, p: x)
"""Gradient of p|z|²/2 + Re z³/3 + |z|⁴/4: six half branches on z³ real leave (0, 0)."""


def _ring(v, p):
    away = v[0] ** 2 + v[1] ** 2 - 1 - p * p
    return [away * v[0], away * v[1], v[2] ** 3 - p * v[2]]


def _ring_jacobian(v, p):
    x, y, z = v
    return [
        [3 * x * x + y * y - 1 - p * p, 2 * x * y, 0],
        [2 * x * y, x * x + 3 * y * y - 1 - p * p, 0],
        [0, 0, 3 * z * z - p],
    ]


RING = Equations(_ring, _ring_jacobian, lambda v, p: [-2 * p * v[0], -2 * p * v[1], -v[2]])
"""Circles x² + y² = 1 + p² of solutions, with a pitchfork in z at p = 0."""


def tent(left, right):
    """p = left·x for x < 0 and right·x for x > 0."""
    return graph(
        lambda x: (left if x < 0 else right) * x,
        lambda x: left if x < 0 else right,
        watch=lambda x, p: {"ridge": x},
        borders=("ridge",),
    )


def bump(gap):
    """x = 1 − p² cut flatter above x = 1 − gap: borders at p = ±√gap."""
    return scalar(
        lambda x, p: x - 1 + p * p + max(x - 1 + gap, 0),
        lambda x, p: 2 if x > 1 - gap else 1,
        lambda x, p: 2 * p,
        watch=lambda x, p: {"top": x - 1 + gap},
        borders=("top",),
    )


def freudenstein(x):
    """Freudenstein and Roth's system, one root at (5, 4)."""
    return [
        x[0] - 13 + ((5 - x[1]) * x[1] - 2) * x[1],
        x[0] - 29 + ((x[1] + 1) * x[1] - 14) * x[1],
    ]


def freudenstein_jacobian(x):
    """The Jacobian of that system."""
    return [[1, (10 - 3 * x[1]) * x[1] - 2], [1, (3 * x[1] + 2) * x[1] - 14]]


def followed(system, x, p, **options):
    """``follow`` with the fields of ``Steps`` among its options."""
    steps = {field.name: options.pop(field.name) for field in fields(Steps) if field.name in options}
    return follow(system, np.array(x, dtype=float), p, steps=Steps(**steps), **options)
