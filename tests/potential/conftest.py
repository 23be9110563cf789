"""PyTorch where it is installed, the bridge to it, and a k-gon in its files."""

import importlib
import importlib.util
import os

import pytest

from kgon.kgons.catalogue import Catalogue

FIVE = Catalogue(6)["5"]


@pytest.fixture(scope="module")
def torch():
    if importlib.util.find_spec("torch") is None:
        if os.environ.get("KGON_REQUIRE_INTEGRATION"):
            pytest.fail("PyTorch is required here")
        pytest.skip("PyTorch is not installed")
    return importlib.import_module("torch")


@pytest.fixture
def bridge(torch):
    return importlib.import_module("kgon.potential.torch")


@pytest.fixture
def save(torch, tmp_path):
    def write(name, **tensors):
        path = tmp_path / f"{name}.pt"
        torch.save({key.replace("__", "."): value for key, value in tensors.items()}, path)
        return path

    return write


@pytest.fixture
def point(torch):
    return torch.tensor(FIVE.W.copy()), torch.tensor(FIVE.biases.copy())
