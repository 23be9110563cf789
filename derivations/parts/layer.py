"""The mass M_n of derivation 5a by numerical quadrature, in floating point."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from kgon.kgons.polygons import regular_polygons

Floats = NDArray[np.float64]

GRADED = 1 - np.array([1, 0.5, 0.2, 0.08, 0.03, 0.01, 0])
"""Panels of the angle, finer towards the corner of the polygon, where two layers meet."""
EDGES = np.array([0, 0.15, 0.3, 0.6, 1, 1.5, 2.2, 3.2])
"""Panels of a layer, in units of its thickness."""


def panels(edges: Floats, nodes: int) -> tuple[Floats, Floats]:
    """Gauss-Legendre nodes and weights on consecutive intervals; edges (..., m) may be batched."""
    x, w = np.polynomial.legendre.leggauss(nodes)
    half = np.diff(edges, axis=-1)[..., None] / 2
    middle = (edges[..., 1:] + edges[..., :-1])[..., None] / 2
    shape = (*edges.shape[:-1], -1)
    return (middle + half * x).reshape(shape), (half * w).reshape(shape)


def off(a: Floats, b: Floats) -> Floats:
    """The pair integral off(a, b) for b ≤ 0, in floating point."""
    end = np.maximum(a + b, 0)
    return np.where(end > 0, end**3 / (3 * np.where(a > 0, a, 1)), 0)


def layer_mass(k: int, c: int, nu: float) -> float:
    """M_n at βn = ν, without cut-off, over all β_m ≤ 0.

    Polar coordinates on one of the 2k triangles.  Up to −max x·W_j the integral over the bias is a normal
    distribution function; beyond, and beyond the polygon, panels follow the thickness of the layers.
    """
    (found,) = regular_polygons(k)
    length, bias = float(found.length), float(found.bias)
    angles = 2 * np.pi * np.arange(k) / k
    W = length * np.array([np.cos(angles), np.sin(angles)])
    unit = (3 * c / nu) ** (1 / 3)  # a layer with slope a is unit·a^(1/3) thick
    total = 0.0
    for theta, weight in zip(*panels(GRADED * np.pi / k, 8), strict=True):
        e = np.array([np.cos(theta), np.sin(theta)])
        border = -bias / (length * np.cos(theta))
        start = unit**1.5  # below this x·W_j the layer in the bias is as wide as x·W_j
        inner = [0, *(start * np.array([0.05, 0.3, 1, 3]))]
        middle = np.linspace(max(inner[-1] * 1.5, border / 20), border, 8)
        outer = border + EDGES[1:] * unit * (-bias) ** (1 / 3) / length
        r, weights = panels(np.concatenate([inner, middle, outer]), 12)
        slopes = r[:, None] * (W.T @ e)
        largest = slopes.max(axis=1)
        below = -largest[:, None] + EDGES * (unit * np.cbrt(largest))[:, None]
        biases, bias_weights = panels(np.minimum(below, 0), 12)
        cost = off(slopes[:, :, None], biases[:, None, :]).sum(axis=1)
        prior = np.exp(-(biases**2) / 2) / np.sqrt(2 * np.pi)
        own = ndtr(-largest) + np.sum(bias_weights * prior * np.exp(-nu / c * cost), axis=1)
        reach = off(slopes, np.full_like(slopes, bias)).sum(axis=1)
        total += weight * np.sum(weights * r * np.exp(-(r**2) / 2) * np.exp(-nu / c * reach) * own)
    return float(2 * k * total / (2 * np.pi))
