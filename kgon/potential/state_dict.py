"""W and b of the tied autoencoder from a PyTorch state_dict; PyTorch is imported where it is used.

Files are loaded with ``weights_only=True``: tensors and plain containers, nothing that runs code.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from kgon.base.checks import Floats, real_array
from kgon.base.extras import check_extra
from kgon.base.verdicts import KgonError, KgonWarning

WEIGHTS, BIASES = ("W", "weight"), ("b", "bias")
"""Last parts of the names under which W and b are looked for."""
NESTED = ("state_dict", "model_state_dict", "model")
"""Names under which a checkpoint may hold the state_dict beside other things."""


def torch_module() -> Any:
    """PyTorch, or one line that says how to get it."""
    check_extra("torch", "a PyTorch model")
    import torch

    return torch


def load(path: Path) -> Mapping[str, Any]:
    """The state_dict in a file (the file's errors are the caller's to name)."""
    torch = torch_module()
    import pickle

    try:
        data = torch.load(path, map_location="cpu", weights_only=True)
    except OSError:
        raise
    except pickle.UnpicklingError:
        raise KgonError(
            "not a file of tensors alone: objects are never unpickled, save model.state_dict() instead"
        ) from None
    except Exception:  # the readers of damaged archives raise what they like
        raise KgonError("the file is damaged or not one of PyTorch's") from None
    for name in NESTED:
        if isinstance(data, Mapping) and isinstance(data.get(name), Mapping):
            data = data[name]
    if not isinstance(data, Mapping) or not all(isinstance(name, str) for name in data):
        raise KgonError(f"the file must hold a state_dict with W and b, it holds a {type(data).__name__}")
    return data


def read(path: Path) -> tuple[Floats, Floats]:
    """W and b in a .pt or .pth file; see ``point_of``."""
    return point_of(load(path))


def point_of(state: Mapping[str, Any]) -> tuple[Floats, Floats]:
    """W (r, c) and b (c,) of a state_dict.

    W is the tensor named ``W`` or ``weight``, b that named ``b`` or ``bias``, also at the end of a longer
    name such as ``encoder.weight``.  A W of shape (c, r) is transposed where b tells that it is.  Several
    weights are one W if they are equal, as they stand or transposed.

    Parameters
    ----------
    state : mapping
        Names to tensors.

    Raises
    ------
    KgonError
        W or b is missing, is ambiguous, or has a shape that does not fit.

    Warns
    -----
    KgonWarning
        W was transposed, W is registered more than once, or other entries were ignored.
    """
    weights, biases = _named(state, WEIGHTS), _named(state, BIASES)
    for kind, names, found in (("W", WEIGHTS, weights), ("b", BIASES, biases)):
        if not found:
            raise KgonError(f"no tensor named {' or '.join(names)} for {kind}; found {_listed(state)}")
    if len(biases) > 1:
        raise KgonError(f"several tensors may be b: {_listed(biases)}; the tied autoencoder has one")
    (bias_name, bias_tensor), *_ = biases.items()
    b = _array(bias_name, bias_tensor)
    if b.ndim != 1:
        raise KgonError(f"{bias_name} must have shape (c,), it has {b.shape}")
    points = {name: _oriented(name, _array(name, tensor), b) for name, tensor in weights.items()}
    (first, W), *others = points.items()
    different = [name for name, other in others if not np.array_equal(other, W)]
    if different:
        raise KgonError(
            f"{first} and {different[0]} differ: kgon takes the tied autoencoder, whose encoder and decoder "
            "share one W"
        )
    ignored = [name for name in state if name not in weights and name not in biases]
    if W.shape != tuple(weights[first].shape):
        _warn(f"{first} has shape {tuple(weights[first].shape)}: it was read as (c, r) and transposed")
    if ignored:
        _warn(f"ignored: {_listed(ignored)}")
    if others:
        _warn(twice(list(weights)))
    return W, b


def twice(names: Iterable[str]) -> str:
    """What it means that one W has several names."""
    return (
        f"W is registered more than once ({_listed(names)}): an optimiser or sampler that goes over these "
        "names moves it once for each, so that SGLD adds its noise twice"
    )


def shared(tensors: Mapping[str, Any]) -> list[list[str]]:
    """Names of tensors that lie in the same memory, for each piece of memory with several names."""
    homes: dict[int, list[str]] = {}
    for name, tensor in tensors.items():
        if hasattr(tensor, "untyped_storage") and tensor.numel():  # empty tensors have no memory
            homes.setdefault(tensor.untyped_storage().data_ptr(), []).append(name)
    return [names for names in homes.values() if len(names) > 1]


def _named(state: Mapping[str, Any], endings: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in state.items() if name.split(".")[-1] in endings}


def _array(name: str, tensor: Any) -> Floats:
    torch = torch_module()
    if not isinstance(tensor, torch.Tensor):
        raise KgonError(f"{name} must be a tensor, it is a {type(tensor).__name__}")
    if tensor.is_meta or tensor.is_quantized or tensor.layout != torch.strided:
        raise KgonError(f"{name} must be an ordinary dense tensor with its values, it is not")
    if tensor.is_complex():
        raise KgonError(f"{name} must hold real numbers, it holds {tensor.dtype}")
    return real_array(name, tensor.detach().cpu().to(torch.float64).numpy())


def _oriented(name: str, W: Floats, b: Floats) -> Floats:
    c = len(b)
    if W.ndim != 2 or c not in W.shape:
        raise KgonError(f"{name} must have shape (r, {c}) or ({c}, r) to match b, it has {W.shape}")
    if W.shape == (c, c):
        raise KgonError(
            f"{name} has shape {W.shape}: (r, c) and (c, r) cannot be told apart; use an .npz file"
        )
    return W if W.shape[1] == c else np.ascontiguousarray(W.T)


def _listed(names: Iterable[str]) -> str:
    known = list(names)
    return ", ".join(known[:6]) + (", …" if len(known) > 6 else "") if known else "nothing"


def _warn(text: str) -> None:
    warnings.warn(text, KgonWarning, stacklevel=3)
