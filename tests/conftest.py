"""Shared settings of the test run."""

import importlib.util

import pytest
from hypothesis import HealthCheck, settings

# Derandomised: a run is the same every time; no deadline: numba compiles inside the first example.
settings.register_profile(
    "kgon", derandomize=True, deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("kgon")


def pytest_collection_modifyitems(items):
    """The examples of the PyTorch bridge need PyTorch; ``test_torch`` requires it where CI does."""
    if importlib.util.find_spec("torch") is None:
        for item in items:
            if item.path.parts[-3:] == ("kgon", "potential", "torch.py"):
                item.add_marker(pytest.mark.skip(reason="PyTorch is not installed"))
