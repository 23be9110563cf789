"""A Dask cluster as an executor (extra ``[dask]``)."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

from kgon.base.extras import check_extra
from kgon.base.verdicts import KgonError

CONNECT = 10
"""Seconds to wait for a scheduler."""


@contextmanager
def dask_executor(address: str) -> Iterator[Executor]:
    """Connect to the Dask scheduler at an address, such as ``tcp://host:port``, for its executor.

    Raises
    ------
    KgonError
        Dask is not installed, or no scheduler answers.
    """
    check_extra("dask", "a Dask cluster")
    from distributed import Client

    try:
        client = Client(address, timeout=CONNECT)
    except (OSError, ValueError) as error:
        reason = str(error) or type(error).__name__
        raise KgonError(f"{address}: no Dask scheduler answers there ({reason})") from None
    with client:
        yield client.get_executor()
