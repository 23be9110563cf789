"""The version of the installed package, and those of what its numbers depend on."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("kgon")
except PackageNotFoundError:  # a source tree that is not installed
    __version__ = "0+unknown"


NUMERICAL = ("numpy", "scipy", "mpmath", "numba", "python-flint")
"""Packages that the numbers depend on."""


def versions() -> dict[str, str]:
    """List the versions of the packages that the numbers depend on."""
    return {name: _installed(name) for name in NUMERICAL}


@cache
def _installed(name: str) -> str:
    """Read the version of a package from its metadata, which takes milliseconds: every result asks."""
    return version(name)
