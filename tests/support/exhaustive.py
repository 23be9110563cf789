"""Cases of a test of which one or two run each time, and all of them among the slow checks."""

from collections.abc import Container, Iterable
from typing import Any

import pytest


def exhaustive(every: Iterable[Any], quick: Container[Any]) -> list[Any]:
    """The cases of a parametrised test, slow but for those that are named as quick."""
    return [case if case in quick else _slow(case) for case in every]


def _slow(case: Any) -> Any:
    values = case if isinstance(case, tuple) else (case,)
    return pytest.param(*values, marks=pytest.mark.slow)
