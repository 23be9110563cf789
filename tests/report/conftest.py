"""Studies in their quick effort, each computed once for all tests of the report."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kgon.report.artefact import artefacts
from kgon.report.graph import make_all


@pytest.fixture(scope="session")
def study(request: pytest.FixtureRequest) -> Callable[[str], Any]:
    """The result of a study by name."""
    values: dict[str, Any] = {}

    def result(name: str) -> Any:
        if name == "landscape":  # of all tests
            return request.getfixturevalue(name)
        made = make_all([] if name in values else [artefacts("study")[name]], values)
        assert made.errors == {}
        return values[name]

    return result
