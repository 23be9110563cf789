"""Points at which the loss with several active features is hard: zero, tiny and orthogonal columns, kinks."""

import numpy as np

MODELS = {
    "p = 0.05": {"inputs": "bernoulli:0.05"},
    "p = 0.5": {"inputs": "bernoulli:0.5"},
    "p = 0.95": {"inputs": "bernoulli:0.95"},
    "always": {"inputs": "bernoulli:1"},
    "two": {"inputs": "exactly:2"},
}
"""Inputs of models, by name."""


def slopes(rng, c, j):
    """Slopes a and bias b of output j, with |a| from 1e-300 to 10, and often y = 0 at a corner.

    a_j = ‖W_j‖² is positive: where it vanishes all do.
    """
    kind = rng.integers(6)
    signs = rng.choice([-1.0, 1.0], c)
    a = rng.normal(size=c) * rng.choice([0.3, 1.0, 3.0])
    if kind == 0:
        a = 10 ** rng.uniform(-300, 1, c) * signs
    elif kind == 1:
        a = 10 ** rng.uniform(-8, 1, c) * signs
    elif kind == 2:
        a = np.full(c, rng.normal()) * (signs if rng.random() < 0.5 else 1)
    elif kind == 3:
        a[rng.random(c) < 0.5] = 0.0
    elif kind == 4:
        a = a * np.where(rng.random(c) < 0.5, 1, 10 ** rng.uniform(-16, 0, c))
    a[j] = abs(a[j]) or 0.25
    choice = rng.random()
    b = rng.normal()
    if choice < 0.3:
        b = -a[rng.random(c) < 0.5].sum() * (1 + rng.choice([0, 1e-15, 1e-8, -1e-3]))
    elif choice < 0.5:
        b = -rng.random() * np.abs(a).sum()
    elif choice < 0.6:
        b = a[rng.integers(c)] * rng.normal()
    return a, float(b)


def points(rng, m, r, c):
    """m points W, b: normal ones, and every third with zero, tiny or orthogonal columns."""
    W, b = rng.normal(size=(m, r, c)), rng.normal(size=(m, c))
    for k in range(0, m, 3):
        kind, columns = rng.integers(5), rng.random(c) < 0.5
        columns[rng.integers(c)] = True
        if kind == 0:
            W[k][:, columns] = 0.0
        elif kind == 1:
            W[k][:, columns] *= 10.0 ** rng.uniform(-150, -1)
        elif kind == 2:  # along the axes
            W[k] = 0.0
            W[k][rng.integers(r, size=c), np.arange(c)] = rng.choice([-1.0, 1.0], c) * rng.choice(
                [1.0, 1.25], c
            )
            b[k] = rng.choice([0.0, -1.0, -0.25, 0.1], c)
        elif kind == 3:
            W[k][:, columns] *= 10.0 ** rng.uniform(-9, -1, columns.sum())
            b[k][columns] *= 10.0 ** rng.uniform(-9, 0, columns.sum())
        else:
            W[k][:, columns] = 0.0
            b[k][columns] = rng.choice([0.0, -0.5, 0.025])
    return W, b
