"""Optimisers: how a gradient moves the parameters, by the definitions of PyTorch's.

With g the gradient of a batch's mean loss, δ the weight decay and η_t the learning rate of step t:

- ``sgd``: w ← w − η_t (g + δw);
- ``momentum``: v ← μv + g + δw and w ← w − η_t v, from v = 0 (heavy ball, without damping of g);
- ``adam``: m ← β₁m + (1 − β₁)h and s ← β₂s + (1 − β₂)h² with h = g + δw, and
  w ← w − η_t m̂ / (√ŝ + ε), where m̂ = m/(1 − β₁^t) and ŝ = s/(1 − β₂^t) are free of the bias of m = s = 0
  (Kingma & Ba 2015, algorithm 1; δ as in ``torch.optim.Adam``);
- ``adamw``: the same with h = g, and w ← (1 − η_t δ)w before it (Loshchilov & Hutter 2019, algorithm 2).

So the decay is that of ½δ‖w‖² added to the loss, of W and b alike, but for ``adamw``, whose decay passes by
the two means.  Adam's β₁ = 0.9, β₂ = 0.999 and ε = 1e-8.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from kgon.base.checks import assign, check_choice, check_number
from kgon.base.settings import ADDED, given
from kgon.base.verdicts import KgonError
from kgon.potential.kernels import optimiser as kernel

MOMENTUM = 0.9
"""Momentum where none is given."""
LARGEST_MOMENTUM = 1 - 1e-6
KINDS = {"sgd": "SGD", "momentum": "SGD with momentum", "adam": "Adam", "adamw": "AdamW"}
"""Optimisers, and what they are called in a sentence."""
SCHEDULES = {"constant": kernel.CONSTANT, "linear": kernel.LINEAR, "cosine": kernel.COSINE}
"""Courses of the learning rate, as kernels know them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimiser:
    """How a gradient moves the parameters: kind, momentum, weight decay and the course of the learning rate.

    Attributes
    ----------
    kind : str
        ``sgd``, ``momentum``, ``adam`` (decay as L2 in the gradient) or ``adamw`` (decay apart from it).
    momentum : float, optional
        μ of ``momentum``, from 0 to below 1; 0.9 unless given.  Others have none.
    weight_decay : float
        δ, 0 or more, of W and b.
    schedule : str
        Factor of the learning rate after t of T steps: ``constant`` 1, ``linear`` 1 − t/T, ``cosine``
        (1 + cos πt/T)/2.  The first step has the whole rate.

    Examples
    --------
    >>> Optimiser(kind="momentum").momentum
    0.9
    >>> str(Optimiser(kind="adam", weight_decay=0.01, schedule="cosine"))
    'Adam, weight_decay = 0.01, schedule = cosine'
    """

    kind: str = "sgd"
    momentum: float | None = field(default=None, metadata=ADDED)
    weight_decay: float = field(default=0.0, metadata=ADDED)
    schedule: str = field(default="constant", metadata=ADDED)

    def __post_init__(self) -> None:
        check_choice("the optimiser", self.kind, KINDS)
        check_choice("the schedule", self.schedule, SCHEDULES)
        assign(self, weight_decay=check_number("the weight decay", self.weight_decay, 0))
        if self.kind == "momentum":
            momentum = MOMENTUM if self.momentum is None else self.momentum
            assign(self, momentum=check_number("the momentum", momentum, 0, LARGEST_MOMENTUM))
        elif self.momentum is not None:
            raise KgonError(
                f"a momentum, here {self.momentum!r}, is for the optimiser momentum, not {self.kind}"
            )

    def __str__(self) -> str:
        more = [f"{name} = {value}" for name, value in given(self).items() if name != "kind"]
        return ", ".join([KINDS[self.kind], *more])

    def rule(self, learning_rate: float, steps: int) -> kernel.Rule:
        """Make the form that kernels take, for a run of so many steps; what decays is no plain descent."""
        kinds = {"momentum": kernel.MOMENTUM, "adam": kernel.ADAM, "adamw": kernel.ADAMW}
        plain = kernel.MOMENTUM if self.weight_decay else kernel.PLAIN
        return kernel.Rule(
            kind=kinds.get(self.kind, plain),
            learning_rate=learning_rate,
            momentum=self.momentum or 0.0,
            weight_decay=self.weight_decay,
            schedule=SCHEDULES[self.schedule],
            steps=steps,
        )


PLAIN = Optimiser()
"""Gradient descent at a constant rate, without decay."""
