"""Independent computations of the potential that the tests hold the package against.

Nothing here uses Lemma 3.1 or the package: the integrals over the amplitude are done by
Gauss-Legendre quadrature between the points where an output switches on or off.  On each piece the
integrand is a polynomial of degree 2, for which two nodes are exact; three are used.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations_with_replacement, product

import mpmath
import numpy as np

NODES, NODE_WEIGHTS = np.polynomial.legendre.leggauss(3)
H = 1e-40
"""Complex step: its square is far below rounding, so that derivatives are exact to rounding."""


def pair_integrals(gram, b):
    """∫₀¹ (δ_ij μ − relu(a_ij μ + b_j))² dμ for every pair: (..., c, c); real or complex input.

    The switching points move with complex input, so that complex steps see the derivative of the
    limits of integration too.
    """
    c = b.shape[-1]
    bias = np.broadcast_to(b[..., None, :], gram.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        kink = -bias / gram
    inside = (np.real(kink) > 0) & (np.real(kink) < 1)
    kink = np.where(inside, kink, 1.0)
    total = np.zeros(gram.shape, dtype=np.result_type(gram, b))
    for low, high in ((0.0, kink), (kink, 1.0)):
        half = (high - low) / 2
        for node, weight in zip(NODES, NODE_WEIGHTS, strict=True):
            mu = low + half * (1 + node)
            before = gram * mu + bias
            output = np.where(np.real(before) > 0, before, 0)
            total = total + half * weight * (np.eye(c) * mu - output) ** 2
    return total


def loss(W, b, probability, importance):
    """L of points W (..., r, c), b (..., c)."""
    gram = np.einsum("...hi,...hj->...ij", W, W)
    return np.einsum("...ij,i,j->...", pair_integrals(gram, b), probability, importance)


def gradient(W, b, probability, importance):
    """Complex-step gradient of ``loss``: (..., r, c) and (..., c)."""
    grad_W, grad_b = np.empty_like(W), np.empty_like(b)
    for at in np.ndindex(W.shape[-2:]):
        step = W.astype(complex)
        step[(..., *at)] += 1j * H
        grad_W[(..., *at)] = loss(step, b.astype(complex), probability, importance).imag / H
    for j in range(b.shape[-1]):
        step = b.astype(complex)
        step[..., j] += 1j * H
        grad_b[..., j] = loss(W.astype(complex), step, probability, importance).imag / H
    return grad_W, grad_b


def mp_loss(W, b, probability, importance):
    """L of one point in mpmath numbers, at the working precision, by exact integration of pieces."""
    total = mpmath.mpf(0)
    c = len(b)
    for i, j in product(range(c), repeat=2):
        a = sum((row[i] * row[j] for row in W), mpmath.mpf(0))
        target = 1 if i == j else 0
        kink = -b[j] / a if a else mpmath.mpf(2)
        kink = kink if 0 < kink < 1 else mpmath.mpf(1)
        integral = mpmath.mpf(0)
        for low, high in ((mpmath.mpf(0), kink), (kink, mpmath.mpf(1))):
            middle = (low + high) / 2
            values = []
            for mu in (low, middle, high):
                active = a * middle + b[j] > 0
                values.append((target * mu - (a * mu + b[j] if active else 0)) ** 2)
            # Simpson's rule is exact for polynomials up to degree 3.
            integral += (high - low) * (values[0] + 4 * values[1] + values[2]) / 6
        total += probability[i] * importance[j] * integral
    return total


class LossInMpmath:
    """L of the flat parameter of a model in mpmath numbers; derivatives are differences of the integral.

    The caller sets the working precision.
    """

    def __init__(self, tms):
        self.r, self.c = tms.r, tms.c
        self.weights = [[mpmath.mpf(float(x)) for x in v] for v in (tms.probability, tms.importance)]

    def __call__(self, w):
        rows = [w[h * self.c : (h + 1) * self.c] for h in range(self.r)]
        return mp_loss(rows, w[self.r * self.c :], *self.weights)

    def moved(self, w, *moves):
        """L with some coordinates moved: pairs of a place and a step."""
        at = [mpmath.mpf(float(x)) for x in w]
        for place, step in moves:
            at[place] += step
        return self(at)

    def gradient(self, w, step):
        """Central differences in every coordinate, as floats."""
        rises = [self.moved(w, (x, step)) - self.moved(w, (x, -step)) for x in range(len(w))]
        return np.array([float(rise / (2 * step)) for rise in rises])

    def hessian(self, w, step):
        """Second differences in every pair of coordinates; their error is of the order of the step."""
        here, single = self.moved(w), [self.moved(w, (x, step)) for x in range(len(w))]
        H = np.empty((len(w), len(w)))
        for x, y in combinations_with_replacement(range(len(w)), 2):
            total = self.moved(w, (x, step), (y, step)) - single[x] - single[y] + here
            H[x, y] = H[y, x] = float(total / step**2)
        return H


def pair_by_mpmath(target, x, y):
    """∫₀¹ (target·μ − relu(xμ + y))² dμ by mpmath, told the kink; x and y rational."""
    x, y = mpmath.mpf(x.p) / x.q, mpmath.mpf(y.p) / y.q
    points = [0, 1]
    if x and 0 < -y / x < 1:
        points.insert(1, -y / x)
    return mpmath.quad(lambda u: (target * u - max(x * u + y, 0)) ** 2, points)


def region(a, b):
    """Region by the signs of b and a + b (both borders of a region belong to it)."""
    if b >= 0 and a + b >= 0:
        return "on"
    if b <= 0 and a + b <= 0:
        return "off"
    return "rising" if b < 0 else "falling"


def random_points(rng, m, r, c):
    """m points whose pairs fall in every region."""
    W = rng.normal(size=(m, r, c)) * rng.uniform(0.2, 1.6, size=(m, 1, 1))
    b = rng.normal(size=(m, c)) * rng.uniform(0.1, 1.5, size=(m, 1))
    return W, b


def random_weights(rng, c):
    """Input probabilities (sum 1) and output importances, none of them equal."""
    return rng.dirichlet(np.full(c, 2.0)), rng.uniform(0.2, 2.0, size=c)


def rational_point(rng, r, c, scale=20):
    """A point with small rational entries, in general position."""
    draw = rng.integers(-scale, scale + 1, size=(r + 1, c))
    rows = [[Fraction(int(x), 13) for x in row] for row in draw[:r]]
    return rows, [Fraction(2 * int(x) + 1, 29) for x in draw[r]]


def forward_loss(W, b, importance, feature, amplitude):
    """Sample average of the importance-weighted squared error, by a pass over all samples."""
    c = b.shape[-1]
    x = np.zeros((len(feature), c))
    x[np.arange(len(feature)), feature] = amplitude
    before = x @ (W.T @ W) + b
    output = np.where(np.real(before) > 0, before, 0)
    return np.mean((x - output) ** 2 @ importance)
