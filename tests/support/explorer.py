"""Points at which the explorer's arithmetic is held against Python's: anywhere, and on borders of regions."""

import shutil
import subprocess
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.report.explorer.page import part

GROUPS = tuple((c, importance) for c in (4, 5, 6, 7, 8) for importance in (1.0, 0.37))
"""Features, and the importance of the last of them."""
POINTS, ON_BORDERS = 1000, 100
"""In each group, and how many of them lie on a border of regions."""


@dataclass(frozen=True)
class Sample:
    """Points of one model, with loss and gradient by Python."""

    tms: TMS
    W: np.ndarray
    b: np.ndarray

    @property
    def points(self) -> list[dict[str, Any]]:
        """The points as the explorer has them."""
        return [{"W": W.tolist(), "b": b.tolist()} for W, b in zip(self.W, self.b, strict=True)]

    @property
    def expected(self) -> np.ndarray:
        """L and ∇L (m, 1 + 3c)."""
        loss, W, b = Potential(self.tms).loss_and_gradient(self.W, self.b)
        return np.concatenate([loss[:, None], W.reshape(len(W), -1), b], axis=1)


def sample(c: int, importance: float, count: int = POINTS, on_borders: int = ON_BORDERS) -> Sample:
    """Draw points, the first of them on borders: b_j is 0, −‖W_j‖² or −W_i·W_j to the last bit."""
    rng = np.random.default_rng([c, round(100 * importance)])
    W, b = rng.normal(size=(count, 2, c)), 0.7 * rng.normal(size=(count, c))
    for k in range(on_borders):
        x, y = W[k]
        i, j = rng.permutation(c)[:2]
        if k % 5 == 0:
            b[k, j] = 0.0
        elif k % 5 == 1:
            b[k, j] = -(x[j] * x[j] + y[j] * y[j])
        elif k % 5 == 2:
            b[k, j] = -(x[i] * x[j] + y[i] * y[j])
        elif k % 5 == 3:
            W[k, :, j], b[k, j] = 0.0, 0.0
        else:
            W[k, :, i], W[k, :, j], b[k, j] = (1.0, 0.0), (0.0, 1.0), 0.0
    return Sample(TMS(c, importance=[1.0] * (c - 1) + [importance]), W, b)


def on_a_border(found: Sample) -> np.ndarray:
    """Say of each point whether some pair lies where two regions meet: (m,) bools."""
    x, y = found.W[:, 0], found.W[:, 1]
    a = x[:, :, None] * x[:, None, :] + y[:, :, None] * y[:, None, :]
    start, end = found.b[:, None, :] + 0 * a, a + found.b[:, None, :]
    return ((start == 0) | (end == 0)).any(axis=(1, 2))


EVALUATED = """
const [points, importance] = arguments;
return points.map(point => {
  const found = kgon.evaluate(point, importance);
  return [found.loss, ...found.W[0], ...found.W[1], ...found.b];
});"""
"""A script of the page that evaluates points."""


def by_node(expression: str, given: str) -> str:
    """Evaluate an expression of JavaScript of ``given`` by the scripts of the page that compute."""
    program = shutil.which("node")
    if program is None:
        pytest.skip("node is not installed")
    scripts = "\n".join(part(f"{name}.js") for name in ("pairs", "model", "flat_sets", "nearest", "phases"))
    source = (
        f'"use strict";\n{scripts}\n'
        f'const given = JSON.parse(require("fs").readFileSync(0, "utf8"));\n'
        f"process.stdout.write(JSON.stringify({expression}));\n"
    )
    done = subprocess.run([program, "-e", source], input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
