"""The toy model in PyTorch, with one W (extra ``[torch]``).

The module imports without PyTorch; using it then is an error that says how to get it.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

from numpy.typing import ArrayLike

from kgon.base.checks import Floats, real_array
from kgon.base.streams import generator
from kgon.base.verdicts import KgonError, KgonWarning
from kgon.potential import state_dict
from kgon.potential.data import sample
from kgon.potential.loss import Potential
from kgon.potential.model import TMS

try:
    import torch
except ImportError:
    torch = None

_Module: Any = object if torch is None else torch.nn.Module


class ToyModel(_Module):  # type: ignore[misc]
    """f(x) = ReLU(WᵀWx + b) with one parameter W, for encoder and decoder, and one b.

    Parameters
    ----------
    W : (r, c) array_like
    b : (c,) array_like
    dtype : torch.dtype, optional
        Default: torch's default.

    Examples
    --------
    >>> import numpy as np
    >>> model = ToyModel(np.eye(2), np.zeros(2))
    >>> model(torch.tensor([[0.5, 0.0]])).tolist()
    [[0.5, 0.0]]
    >>> sorted(model.state_dict())
    ['W', 'b']
    """

    W: Any
    b: Any

    def __init__(self, W: ArrayLike, b: ArrayLike, *, dtype: Any = None) -> None:
        state_dict.torch_module()
        super().__init__()
        weights, biases = _tms_of(W).point(W, b)
        kind = torch.get_default_dtype() if dtype is None else dtype
        self.W = torch.nn.Parameter(torch.tensor(weights, dtype=kind))
        self.b = torch.nn.Parameter(torch.tensor(biases, dtype=kind))

    @classmethod
    def random(
        cls, tms: TMS | None = None, *, scale: float = 1.0, seed: int = 0, dtype: Any = None
    ) -> ToyModel:
        """A model with independent normal parameters of standard deviation ``scale``."""
        chosen = TMS() if tms is None else tms
        rng = generator(seed)
        W, b = rng.normal(0, scale, (chosen.r, chosen.c)), rng.normal(0, scale, chosen.c)
        return cls(W, b, dtype=dtype)

    @classmethod
    def from_point(cls, W: ArrayLike, b: ArrayLike, *, dtype: Any = None) -> ToyModel:
        """The model at a point."""
        return cls(W, b, dtype=dtype)

    def to_point(self) -> tuple[Floats, Floats]:
        """W (r, c) and b (c,) in float64."""
        W, b = (x.detach().cpu().to(torch.float64).numpy().copy() for x in (self.W, self.b))
        return W, b

    def forward(self, x: Any) -> Any:
        """f(x) for inputs (…, c)."""
        return torch.relu(x @ self.W.T @ self.W + self.b)


def inputs(tms: TMS, n: int, *, seed: int, dtype: Any = None) -> Any:
    """A sample of the data distribution as a tensor (n, c), the same inputs as ``kgon.sample``.

    Examples
    --------
    >>> x = inputs(TMS(6), 1000, seed=1)
    >>> tuple(x.shape), int((x != 0).sum(dim=1).max())
    ((1000, 6), 1)
    """
    state_dict.torch_module()
    feature, amplitude = sample(tms, n, seed=seed)
    x = torch.zeros(n, tms.c, dtype=torch.get_default_dtype() if dtype is None else dtype)
    x[torch.arange(n), torch.from_numpy(feature)] = torch.from_numpy(amplitude).to(x.dtype)
    return x


def loss(model: Any, x: Any, *, importance: ArrayLike | None = None) -> Any:
    """Mean over the inputs x (n, c) of Σ_j I_j (x_j − f_j(x))²: not halved, not divided by c.

    Examples
    --------
    >>> tms = TMS(6)
    >>> model = ToyModel.random(tms, seed=1)
    >>> loss(model, inputs(tms, 100, seed=2)).item() > 0
    True
    """
    squares = (x - model(x)) ** 2
    if importance is not None:
        squares = squares * torch.tensor(importance, dtype=squares.dtype, device=squares.device)
    return squares.sum(dim=-1).mean()


def population_loss(model: ToyModel, *, tms: TMS | None = None) -> Any:
    """The loss of infinitely many inputs, L(W, b) in closed form, to call ``backward`` on.

    Examples
    --------
    >>> model = ToyModel.random(seed=1, dtype=torch.float64)
    >>> population_loss(model).backward()
    >>> model.W.grad.shape
    torch.Size([2, 6])
    """
    W, b = model.to_point()
    potential = Potential(_tms_of(W) if tms is None else tms)
    value, grad_W, grad_b = potential.loss_and_gradient(W, b)
    # The linear function with this value and gradient at the point.
    total = torch.as_tensor(value, dtype=model.W.dtype, device=model.W.device)
    for parameter, gradient in ((model.W, grad_W), (model.b, grad_b)):
        slope = torch.as_tensor(gradient, dtype=parameter.dtype, device=parameter.device)
        total = total + (slope * (parameter - parameter.detach())).sum()
    return total


def check_tied(model: Any) -> list[list[str]]:
    """Names under which one tensor is registered more than once, with a warning for each.

    Two layers that share a weight come in two kinds.  One Parameter under two names
    (``decoder.weight = encoder.weight``): ``parameters()`` has it once, ``state_dict()`` and
    ``named_parameters(remove_duplicate=False)`` twice.  Two Parameters on one memory
    (``Parameter(encoder.weight.T)``): ``parameters()`` has both, so that every loop over them, an optimiser's
    or a sampler's, moves W twice; SGLD then adds its noise twice.

    Parameters
    ----------
    model : torch.nn.Module or mapping
        A module, or a state_dict.

    Returns
    -------
    list of list of str
        Groups of names that share memory; empty for a model with one W.

    Examples
    --------
    >>> check_tied(ToyModel.random())
    []
    """
    state_dict.torch_module()
    if isinstance(model, Mapping):
        tensors = dict(model)
    else:
        tensors = dict(model.named_parameters(remove_duplicate=False))
    groups = state_dict.shared(tensors)
    for names in groups:
        once = len({id(tensors[name]) for name in names}) == 1
        more = "" if isinstance(model, Mapping) or not once else "; parameters() has it once"
        warnings.warn(state_dict.twice(names) + more, KgonWarning, stacklevel=2)
    return groups


def _tms_of(W: ArrayLike) -> TMS:
    array = real_array("W", W)
    if array.ndim != 2:
        raise KgonError(f"one point is wanted, W of shape (r, c); got {array.shape}")
    return TMS(array.shape[1], array.shape[0])
