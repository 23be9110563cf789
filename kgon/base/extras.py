"""Packages that are extras: whether they are there, and how to get them."""

from __future__ import annotations

import importlib.util

from kgon.base.verdicts import KgonError

EXTRAS = {
    "arviz": ("ArviZ", ("arviz_base", "h5netcdf")),
    "dask": ("Dask", ("distributed",)),
    "safetensors": ("safetensors", ("safetensors",)),
    "torch": ("PyTorch", ("torch",)),
}
"""Name of an extra → what users call it, and the modules that are imported."""


def missing_extra(extra: str, what: str) -> KgonError:
    """Make the error of something that needs an extra, with what to install, and where.

    Examples
    --------
    >>> print(missing_extra("dask", "a cluster"))
    a cluster needs Dask: pip install '.[dask]' in the clone of kgon
    """
    name, _ = EXTRAS[extra]
    return KgonError(f"{what} needs {name}: pip install '.[{extra}]' in the clone of kgon")


def check_extra(extra: str, what: str) -> None:
    """Refuse to begin something without its extra.

    Raises
    ------
    KgonError
        A module of the extra is not installed.
    """
    _, modules = EXTRAS[extra]
    if any(importlib.util.find_spec(module) is None for module in modules):
        raise missing_extra(extra, what)
