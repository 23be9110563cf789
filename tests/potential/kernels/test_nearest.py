"""The search over angles against a dense grid, that over assignments against points known to be near."""

import numpy as np
import pytest

from kgon.kgons.catalogue import Catalogue
from kgon.kgons.labels import Label
from kgon.kgons.nearest_kgon import nearest, targets
from kgon.kgons.symmetry import rotate
from kgon.kgons.values import standard_point
from kgon.potential.kernels import nearest as kernel


def values_on_a_grid(goals, t, W, b, columns, angles):
    """Squared distance of one assignment at many angles, without the search."""
    slots = goals.slots[t]
    others = [i for i in range(len(b)) if i not in columns[:slots]]
    found = []
    for angle in angles:
        x = rotate(W, float(angle))
        total = sum(kernel._moved(goals, t, x[0, i], x[1, i], b[i])[0] for i in others)
        for s in range(slots):
            i = columns[s]
            total += (x[0, i] - goals.x[t, s]) ** 2 + (x[1, i] - goals.y[t, s]) ** 2
            total += (b[i] - goals.bias[t]) ** 2
        found.append(total)
    return np.array(found)


@pytest.mark.parametrize("label", ["4-", "4--", "4--:opposite", "4---", "5"])
def test_the_angle_is_the_best_of_all(label):
    c, size = 7, 360
    goals, t = targets(c), Catalogue(c).labels.index(Label.parse(label))
    angles = np.arange(size) * (2 * np.pi / size)
    rng = np.random.default_rng(len(label))
    for _ in range(40):
        # large movable columns beside small live ones: several valleys
        columns = rng.permutation(c)
        W, b = rng.normal(0, 1, (2, c)), rng.normal(0, 0.5, c)
        W[:, columns[: goals.slots[t]]] *= rng.uniform(0, 1)
        best = kernel.assigned(goals, t, W, b, columns, np.inf)
        grid = values_on_a_grid(goals, t, W, b, columns, angles)
        assert best <= grid.min() * (1 + 1e-9)
        # Near the minimum F ≤ F_min + F''h²/8, h the grid's step: a column at a vertex has F'' ≤ 2l‖z‖, and
        # a movable one 2‖z‖², as its squared distance to the foot point, no longer than z, is above its own.
        sizes = np.hypot(*W)
        bend = 2 * np.sum(sizes * (goals.length[t] + sizes))
        assert best >= grid.min() - bend * (2 * np.pi / size) ** 2 / 8


@pytest.mark.parametrize("c", [6, 7])
def test_no_point_is_further_than_the_noise_that_made_it(c):
    rng = np.random.default_rng(c)
    for label in Catalogue(c).labels:
        target, target_b = standard_point(label, c)
        for _ in range(8):
            dW, db, order = rng.normal(0, 0.02, (2, c)), rng.normal(0, 0.02, c), rng.permutation(c)
            W = rotate(target + dW, rng.uniform(0, 7), reflect=bool(rng.integers(2)))[:, order]
            noise = np.sqrt(np.sum(dW**2) + np.sum(db**2))
            assert nearest(W, (target_b + db)[order]).distance <= noise + 1e-12, str(label)
