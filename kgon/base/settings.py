"""Fields added to settings later on, which leave everything that was kept before them as it is."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

ADDED: Mapping[str, bool] = types.MappingProxyType({"added": True})
"""Metadata of a field that JSON and the keys of runs hold only where it differs from its default."""


def given(settings: Any) -> dict[str, Any]:
    """Map the names of the fields of a dataclass to their values, without added ones at their defaults.

    Examples
    --------
    >>> from dataclasses import dataclass, field
    >>> @dataclass
    ... class Effort:
    ...     steps: int = 10
    ...     warm: bool = field(default=False, metadata=ADDED)
    >>> given(Effort()), given(Effort(warm=True))
    ({'steps': 10}, {'steps': 10, 'warm': True})
    """
    every = [(field, getattr(settings, field.name)) for field in fields(settings)]
    return {
        field.name: value for field, value in every if "added" not in field.metadata or value != field.default
    }
