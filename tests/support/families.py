"""Points (W, b) from which the global minimum is attacked: general, degenerate, and near k-gons."""

from __future__ import annotations

import numpy as np

from kgon.kgons.catalogue import Catalogue


def families(c, m, seed):
    """Points W (m, 2, c), b (m, c) of each family, by name."""
    rng = np.random.default_rng([seed, c])

    def between(low, high, *shape):
        """Of every size from low to high."""
        return np.exp(rng.uniform(np.log(low), np.log(high), size=shape))

    def columns():
        return rng.normal(size=(m, 2, c)) * between(0.1, 3, m, 1, 1)

    def biases(largest=2.0):
        return rng.normal(size=(m, c)) * between(0.05, largest, m, 1)

    def polar(length, angle):
        return length[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)

    def lengths():
        return rng.uniform(0.3, 2, size=(m, c))

    def perturbed(W, b):
        size = between(1e-6, 0.5, m, 1)
        return W + size[:, None] * rng.normal(size=W.shape), b + size * rng.normal(size=b.shape)

    def twins():
        W = columns()
        for j in range(1, c):
            twin = W[np.arange(m), :, rng.integers(0, j, size=m)] * between(0.5, 2, m, 1)
            twin += rng.normal(size=(m, 2)) * between(1e-9, 0.1, m, 1)
            W[:, :, j] = np.where(rng.random((m, 1)) < 0.4, twin, W[:, :, j])
        return W

    def clustered():
        chosen = np.take_along_axis(rng.uniform(0, 2 * np.pi, (m, 3)), rng.integers(3, size=(m, c)), axis=1)
        return polar(lengths(), chosen + rng.normal(size=(m, c)) * between(1e-6, 0.3, m, 1))

    def polygons():
        """A regular k-gon; the columns left over double its vertices at other lengths."""
        k = rng.integers(3, c + 1, size=(m, 1))
        over = np.where(np.arange(c) < k, 1.0, rng.uniform(0.3, 1.5, (m, c)))
        return polar(rng.uniform(0.8, 1.5, (m, 1)) * over, 2 * np.pi * np.arange(c) / k)

    def catalogued():
        """Points of the catalogue; in half of them one column doubles another at another length."""
        points = list(Catalogue(c))
        pick = rng.integers(len(points), size=m)
        W, b = np.array([p.W for p in points])[pick], np.array([p.biases for p in points])[pick]
        each, (j, double) = np.arange(m), rng.integers(c, size=(2, m))
        changed = rng.random(m) < 0.5
        scale = np.where(changed, rng.uniform(0.3, 1.5, m), 1.0)
        source = np.where(changed, double, j)
        W[each, :, j], b[each, j] = scale[:, None] * W[each, :, source], b[each, source]
        return W, b

    gone = np.where(rng.random((m, 1, c)) < 0.4, rng.choice([0, 1e-9, 1e-3], size=(m, 1, c)), 1.0)
    return {
        "normal": (columns(), biases()),
        "twins": (twins(), biases()),
        "zero columns": (columns() * gone, biases()),
        "clusters": (clustered(), biases()),
        "cone": (polar(lengths(), rng.random((m, c)) * rng.uniform(0, np.pi, (m, 1))), biases()),
        "long and short": (polar(between(0.01, 100, m, c), rng.uniform(0, 2 * np.pi, (m, c))), biases(100.0)),
        "large biases": (columns(), rng.choice([-1, 1], size=(m, c)) * between(1e-3, 100, m, c)),
        "positive biases": (columns(), between(1e-3, 3, m, c)),
        "polygons": perturbed(polygons(), -rng.uniform(0, 1, (m, 1)) * np.ones(c)),
        "catalogue": perturbed(*catalogued()),
    }
