"""The toy model in PyTorch (extra ``[torch]``): with one W, with or without biases; and untied.

The module imports without PyTorch; using it then is an error that says how to get it.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from kgon.base.checks import Floats
from kgon.base.streams import generator
from kgon.base.verdicts import KgonError, KgonWarning
from kgon.potential import state_dict
from kgon.potential.data import sample_inputs
from kgon.potential.model import TMS, check_tms, check_weights
from kgon.potential.regions import jet_in

try:
    import torch
except ImportError:
    torch = None

_Module: Any = object if torch is None else torch.nn.Module


class ToyModel(_Module):  # type: ignore[misc]
    """f(x) = ReLU(WᵀWx + b) with one parameter W, for encoder and decoder, and one b.

    Without biases b is a buffer of zeros: it stands in the state_dict, so that all of kgon reads the point
    (W, 0), and no optimiser moves it.  What kgon then says of the point is said of L(W, b) at b = 0, not of
    the function W ↦ L(W, 0) that is trained: that has critical points at which ∂L/∂b is not zero.

    Parameters
    ----------
    W : (r, c) array_like
    b : (c,) array_like or None
        None: without biases.
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

    def __init__(self, W: ArrayLike, b: ArrayLike | None, *, dtype: Any = None) -> None:
        state_dict.torch_module()
        super().__init__()
        tms = TMS.of_point(W)
        weights, biases = tms.point(W, np.zeros(tms.c) if b is None else b)
        kind = torch.get_default_dtype() if dtype is None else dtype
        self.W = torch.nn.Parameter(torch.tensor(weights, dtype=kind))
        fixed = torch.tensor(biases, dtype=kind)
        if b is None:
            self.register_buffer("b", fixed)
        else:
            self.b = torch.nn.Parameter(fixed)

    @classmethod
    def random(
        cls,
        tms: TMS | None = None,
        *,
        scale: float = 1.0,
        seed: int = 0,
        bias: bool = True,
        dtype: Any = None,
    ) -> ToyModel:
        """Make a model with independent normal parameters of standard deviation ``scale``."""
        chosen = TMS() if tms is None else tms
        rng = generator(seed)
        W, b = rng.normal(0, scale, (chosen.r, chosen.c)), rng.normal(0, scale, chosen.c)
        return cls(W, b if bias else None, dtype=dtype)

    @classmethod
    def from_point(cls, W: ArrayLike, b: ArrayLike | None, *, dtype: Any = None) -> ToyModel:
        """Make the model whose parameters are a point W (r, c), b (c,)."""
        return cls(W, b, dtype=dtype)

    def to_point(self) -> tuple[Floats, Floats]:
        """Read W (r, c) and b (c,) off the model, in float64."""
        W, b = (x.detach().cpu().to(torch.float64).numpy().copy() for x in (self.W, self.b))
        return W, b

    def forward(self, x: Any) -> Any:
        """Compute f(x) for inputs (…, c)."""
        return torch.relu(x @ self.W.T @ self.W + self.b)


class UntiedToyModel(_Module):  # type: ignore[misc]
    """f(x) = ReLU(VᵀUx + b) with an encoder U and a decoder V of their own, which training moves apart.

    kgon's loss, names, λ and proofs are those of the tied model, U = V: they hold for this one only in so far
    as the two are equal, and everything that reads its state_dict refuses it where they are not.  The k-gons
    are critical points of this model too, where all importances are equal and all probabilities are; that one
    is a local minimum, and its λ, does not carry over, as this model has more directions: U ↦ gU with
    V ↦ g⁻ᵀV changes nothing.

    Parameters
    ----------
    W_enc, W_dec : (r, c) array_like
        U and V.
    b : (c,) array_like or None
        None: without biases, as of ``ToyModel``.
    dtype : torch.dtype, optional
        Default: torch's default.

    Examples
    --------
    >>> import numpy as np
    >>> model = UntiedToyModel(np.eye(2), 2 * np.eye(2), np.zeros(2))
    >>> model(torch.tensor([[0.5, 0.0]])).tolist()
    [[1.0, 0.0]]
    >>> sorted(model.state_dict())
    ['W_dec', 'W_enc', 'b']
    """

    W_enc: Any
    W_dec: Any
    b: Any

    def __init__(self, W_enc: ArrayLike, W_dec: ArrayLike, b: ArrayLike | None, *, dtype: Any = None) -> None:
        state_dict.torch_module()
        super().__init__()
        encoder, decoder = ToyModel(W_enc, b, dtype=dtype), ToyModel(W_dec, b, dtype=dtype)
        if encoder.W.shape != decoder.W.shape:
            shapes = tuple(encoder.W.shape), tuple(decoder.W.shape)
            raise KgonError(
                f"W_enc and W_dec must have one shape (r, c), they have {shapes[0]} and {shapes[1]}"
            )
        self.W_enc, self.W_dec = encoder.W, decoder.W
        if b is None:
            self.register_buffer("b", encoder.b)
        else:
            self.b = encoder.b

    @classmethod
    def from_point(cls, W: ArrayLike, b: ArrayLike | None, *, dtype: Any = None) -> UntiedToyModel:
        """Make the model whose encoder and decoder begin as one W (r, c), with b (c,)."""
        return cls(W, W, b, dtype=dtype)

    def to_point(self) -> tuple[Floats, Floats]:
        """Read W (r, c) and b (c,) off the model, in float64, where encoder and decoder are equal.

        Raises
        ------
        KgonError
            They are not: this is no point of the tied model.
        """
        if not torch.equal(self.W_enc, self.W_dec):
            apart = float((self.W_enc - self.W_dec).detach().abs().max())
            raise KgonError(
                f"encoder and decoder differ, by up to {apart:.2g}: kgon's points are those of the tied model"
            )
        return ToyModel(self.W_enc.detach().cpu(), self.b.detach().cpu(), dtype=torch.float64).to_point()

    def forward(self, x: Any) -> Any:
        """Compute f(x) for inputs (…, c)."""
        return torch.relu(x @ self.W_enc.T @ self.W_dec + self.b)


def inputs(tms: TMS, n: int, *, seed: int, dtype: Any = None) -> Any:
    """Draw a sample of the data distribution as a tensor (n, c), the same inputs as ``kgon.sample``.

    Several features are active at once where they are in the model: the inputs of ``sample_inputs``.

    Examples
    --------
    >>> x = inputs(TMS(6), 1000, seed=1)
    >>> tuple(x.shape), int((x != 0).sum(dim=1).max())
    ((1000, 6), 1)
    """
    state_dict.torch_module()
    x = sample_inputs(tms, n, seed=seed)
    return torch.from_numpy(x).to(torch.get_default_dtype() if dtype is None else dtype)


def loss(model: Any, x: Any, *, importance: Any = None) -> Any:
    """Average Σ_j I_j (x_j − f_j(x))² over the inputs x (n, c): not halved, not divided by c.

    Parameters
    ----------
    model : torch.nn.Module
    x : (n, c) tensor
    importance : (c,) array_like or tensor, optional
        I_j of each output, finite and not negative.  Default 1.

    Examples
    --------
    >>> tms = TMS(6)
    >>> model = ToyModel.random(tms, seed=1)
    >>> loss(model, inputs(tms, 100, seed=2)).item() > 0
    True
    """
    squares = (x - model(x)) ** 2
    if importance is not None:
        if torch.is_tensor(importance):
            importance, _ = state_dict.tensor_values("importance", importance)
        factors = check_weights("importance", importance, squares.shape[-1])
        squares = squares * torch.tensor(factors, dtype=squares.dtype, device=squares.device)
    return squares.sum(dim=-1).mean()


def population_loss(model: Any, *, tms: TMS | None = None) -> Any:
    """Compute the loss of infinitely many inputs, L(W, b), in a closed form that torch differentiates twice.

    It is made of PyTorch's own operations, in float64: all derivatives exist wherever those of L do, in
    reverse and forward mode and under ``torch.func``, also where ``torch.func.functional_call`` puts W and b
    in their places.  What is not finite makes it NaN.

    Parameters
    ----------
    model : ToyModel or another object
        With tensors W (r, c) and b (c,).
    tms : TMS, optional
        Default: uniform with the sizes of W.

    Raises
    ------
    KgonError
        W or b is missing or of another shape.

    Examples
    --------
    >>> model = ToyModel.random(seed=1, dtype=torch.float64)
    >>> population_loss(model).backward()
    >>> model.W.grad.shape
    torch.Size([2, 6])
    """
    state_dict.torch_module()
    W, b = _part(model, "W"), _part(model, "b")
    tms = TMS.of_point(W) if tms is None else tms
    shapes = (check_tms(tms).r, tms.c), (tms.c,)
    if (tuple(W.shape), tuple(b.shape)) != shapes:
        raise KgonError(f"W and b must have shapes {shapes}, got {tuple(W.shape)} and {tuple(b.shape)}")
    wide, biases = W.to(torch.float64), b.to(torch.float64)
    gram = wide.T @ wide
    same = torch.eye(tms.c, dtype=torch.bool, device=W.device)
    pairs = torch.where(same, _integrals("diag", (wide**2).sum(0), biases), _integrals("off", gram, biases))
    weights = torch.tensor(np.outer(tms.probability, tms.importance), device=W.device)
    return ((weights * pairs).sum() / 3).to(W.dtype)


def _part(model: Any, name: str) -> Any:
    """W or b of a model."""
    found = getattr(model, name, None)
    if not torch.is_tensor(found):
        raise KgonError(f"the model must have tensors W and b, as ToyModel has; got {type(model).__name__}")
    return found


def _integrals(kind: str, a: Any, b: Any) -> Any:
    """Three times the pair integrals of ``kgon.potential.regions``, each in its region.

    The formula of a region is evaluated inside it everywhere, as PyTorch differentiates what ``where`` drops.
    """
    b = b.expand_as(a)
    on, off = (b >= 0) & (a + b >= 0), (b <= 0) & (a + b <= 0)
    rising = (b < 0) & (a + b > 0)
    if kind == "diag":  # where a ≥ 0, so that none is falling
        inside = {"on": (on, 1.0, 1.0), "rising": (~(on | off), 1.0, -0.5)}
    else:
        falling = ~(on | off | rising)
        inside = {"on": (on, 1.0, 1.0), "rising": (rising, 1.0, -0.5), "falling": (falling, -1.0, 0.5)}
    total = torch.full_like(a, jet_in(kind, "off", a, b, 0)[0])
    for region, (mask, x, y) in inside.items():
        (value,) = jet_in(kind, region, torch.where(mask, a, x), torch.where(mask, b, y), 0)
        total = torch.where(mask, value, total)
    return total


def check_tied(model: Any) -> list[list[str]]:
    """Warn of every tensor that is registered under several names, and return these names.

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
