"""One step of an optimiser on parameters, given the gradient: SGD, momentum, Adam and AdamW.

The formulas, and what is meant by weight decay, are those of ``kgon.sampling.optimiser.Optimiser``.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from kgon.potential.kernels._jit import njit

PLAIN, MOMENTUM, ADAM, ADAMW = range(4)
CONSTANT, LINEAR, COSINE = range(3)
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8
"""Adam's decay rates of the two means, and what is added to the root of the second."""


class Rule(NamedTuple):
    """An optimiser in numbers; ``steps`` are those of the whole schedule."""

    kind: int
    learning_rate: float
    momentum: float
    weight_decay: float
    schedule: int
    steps: int


@njit
def scheduled(schedule, step, steps):
    """The factor of the learning rate after so many steps: 1, 1 − t/T or (1 + cos πt/T)/2."""
    if schedule == CONSTANT:
        return 1.0
    part = min(step / steps, 1.0)
    if schedule == LINEAR:
        return 1.0 - part
    return 0.5 * (1.0 + math.cos(math.pi * part))


@njit
def move(rule, step, size, w, total, first, second):
    """Move w by one step, the one after ``step`` others, and empty the gradient.

    Parameters
    ----------
    rule : Rule
    step, size : int
        Steps taken before, and samples over which the gradient was added up.
    w, total : (d,) arrays, written
        Parameters, and the sum of the samples' gradients, which ends as zero.
    first, second : (d,) arrays, written
        What the optimiser remembers: velocity, or means of the gradient and of its square.
    """
    rate = rule.learning_rate * scheduled(rule.schedule, step, rule.steps)
    if rule.kind == PLAIN:
        each = rate / size
        for k in range(w.size):
            w[k] -= each * total[k]
            total[k] = 0.0
        return
    coupled = rule.weight_decay if rule.kind != ADAMW else 0.0
    shrink = 1.0 - rate * rule.weight_decay if rule.kind == ADAMW else 1.0
    unbiased1, unbiased2 = 1.0 - BETA1 ** (step + 1), 1.0 - BETA2 ** (step + 1)
    for k in range(w.size):
        slope = total[k] / size + coupled * w[k]
        total[k] = 0.0
        if rule.kind == MOMENTUM:
            first[k] = rule.momentum * first[k] + slope
            w[k] -= rate * first[k]
        else:
            first[k] += (1.0 - BETA1) * (slope - first[k])
            second[k] += (1.0 - BETA2) * (slope * slope - second[k])
            length = math.sqrt(second[k] / unbiased2) + EPSILON
            w[k] = shrink * w[k] - rate / unbiased1 * first[k] / length
