"""What a file of PyTorch's holds, and which tensors share memory; PyTorch is imported where it is used.

Files are loaded with ``weights_only=True``: tensors and plain containers, nothing that runs code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kgon.base.checks import Floats, real_array
from kgon.base.extras import check_extra
from kgon.base.verdicts import KgonError
from kgon.potential.entry_names import first_of

MOST_NUMBERS = 2**27
"""Numbers of a tensor that is read."""


def torch_module() -> Any:
    """Import PyTorch, or say in one line how to get it."""
    check_extra("torch", "a PyTorch model")
    import torch

    return torch


def load(data: bytes) -> Any:
    """Read what a file of PyTorch's holds: tensors, numbers and text, in dictionaries and lists."""
    torch = torch_module()
    import io
    import pickle

    try:
        return torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        raise KgonError(
            "not a file of tensors alone: objects are never unpickled, save model.state_dict() instead"
        ) from None
    except Exception as error:  # the readers of damaged archives raise what they like
        if "TorchScript" in str(error):
            raise KgonError("a TorchScript archive is a program: save model.state_dict() instead") from None
        raise KgonError("the file is damaged or not one of PyTorch's") from None


def is_tensor(value: Any) -> bool:
    """Say whether a value is a tensor of PyTorch's, which is not imported to tell."""
    return hasattr(value, "untyped_storage")


def tensor_values(name: str, tensor: Any) -> tuple[Floats, float]:
    """Read the real numbers of a tensor, and the spacing of floats at 1 in its type."""
    torch = torch_module()
    if tensor.is_meta or tensor.is_quantized or tensor.layout != torch.strided:
        raise KgonError(f"{name} must be an ordinary dense tensor with its values, it is not")
    if tensor.numel() > MOST_NUMBERS:  # a view of one number may say that it has any size
        raise KgonError(f"{name} has {tensor.numel()} numbers, at most {MOST_NUMBERS} are read")
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
        if is_tensor(tensor) and tensor.numel():  # empty tensors have no memory
            homes.setdefault(tensor.untyped_storage().data_ptr(), []).append(name)
    return [names for names in homes.values() if len(names) > 1]
