"""Shared settings of the test run."""

import sys
from pathlib import Path

from hypothesis import HealthCheck, settings

sys.path.insert(0, str(Path(__file__).parent))  # the tests share ``truth`` and ``command``

# Derandomised: a run is the same every time; no deadline: numba compiles inside the first example.
settings.register_profile(
    "kgon", derandomize=True, deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("kgon")
