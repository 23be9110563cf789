"""What a file of PyTorch's holds, and which tensors share memory; PyTorch is imported where it is used.

Files are loaded with ``weights_only=True``: tensors and plain containers, nothing that runs code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from kgon.base.checks import Floats, real_array
from kgon.base.extras import check_extra
from kgon.base.verdicts import KgonError

NESTED = ("state_dict", "model_state_dict", "model")
"""Names under which a checkpoint may hold the state_dict beside other things."""


def torch_module() -> Any:
    """Import PyTorch, or say in one line how to get it."""
    check_extra("torch", "a PyTorch model")
    import torch

    return torch


def load(path: Path) -> Mapping[str, Any]:
    """Read the state_dict in a file, and what stands beside it; the caller names the file's errors."""
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
    beside: dict[str, Any] = {}
    for name in NESTED:
        if isinstance(data, Mapping) and isinstance(data.get(name), Mapping):
            beside |= {key: value for key, value in data.items() if key != name}
            data = data[name]
    if not isinstance(data, Mapping) or not all(isinstance(name, str) for name in (*data, *beside)):
        raise KgonError(f"the file must hold a state_dict with W and b, it holds a {type(data).__name__}")
    both = [name for name in data if name in beside]
    if both:
        raise KgonError(f"{both[0]} stands in the state_dict and beside it")
    return {**data, **beside}


def is_tensor(value: Any) -> bool:
    """Say whether a value is a tensor of PyTorch's, which is not imported to tell."""
    return hasattr(value, "untyped_storage")


def tensor_values(name: str, tensor: Any) -> tuple[Floats, float]:
    """Read the real numbers of a tensor, and the spacing of floats at 1 in its type."""
    torch = torch_module()
    if tensor.is_meta or tensor.is_quantized or tensor.layout != torch.strided:
        raise KgonError(f"{name} must be an ordinary dense tensor with its values, it is not")
    if tensor.is_complex() or tensor.dtype == torch.bool:
        raise KgonError(f"{name} must hold real numbers, it holds {tensor.dtype}")
    values = real_array(name, tensor.detach().cpu().to(torch.float64).numpy())
    return values, torch.finfo(tensor.dtype if tensor.is_floating_point() else torch.float64).eps


def twice(names: Iterable[str]) -> str:
    """Say in one sentence what it means that one W has several names."""
    return (
        f"W is registered more than once ({first_of(names)}): an optimiser or sampler that goes over these "
        "names moves it once for each, so that SGLD adds its noise twice"
    )


def shared(tensors: Mapping[str, Any]) -> list[list[str]]:
    """List the names of tensors in the same memory, for each piece of memory with several names."""
    homes: dict[int, list[str]] = {}
    for name, tensor in tensors.items():
        if hasattr(tensor, "untyped_storage") and tensor.numel():  # empty tensors have no memory
            homes.setdefault(tensor.untyped_storage().data_ptr(), []).append(name)
    return [names for names in homes.values() if len(names) > 1]


def first_of(names: Iterable[str]) -> str:
    """Join the first few names by commas."""
    known = list(names)
    return ", ".join(known[:6]) + (", …" if len(known) > 6 else "") if known else "nothing"
