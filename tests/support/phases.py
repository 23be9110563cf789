"""Phases of six features in mpmath, by nothing but the roots of the catalogue and exact integration."""

import mpmath
from support import truth

from kgon.kgons.catalogue import Catalogue


def phase_in_mpmath(name, theory):
    """(L, λ, c) of a c = 6 phase: L by exact integration of the potential, λ as published."""
    point = Catalogue(6)[name]
    length, bias = mpmath.mpf(point.length_digits), mpmath.mpf(point.bias_digits)
    k = point.k
    angles = [2 * mpmath.pi * j / k for j in range(k)]
    zeros = [mpmath.mpf(0)] * (6 - k)
    W = [[length * f(x) for x in angles] + zeros for f in (mpmath.cos, mpmath.sin)]
    positive = [mpmath.mpf(1) / 12] * point.sigma
    b = [bias] * k + positive + [mpmath.mpf(-1) / 2] * (6 - k - point.sigma)
    loss = truth.mp_loss(W, b, [mpmath.mpf(1) / 6] * 6, [mpmath.mpf(1)] * 6)
    constant = (k * (length**2 + bias**2) + sum(x * x for x in positive)) / 2
    lam = {"5": 7, "5+": 8.5, "6": 8.5}[name]
    return loss, mpmath.mpf(lam), constant if theory == "prior" else mpmath.mpf(0)
