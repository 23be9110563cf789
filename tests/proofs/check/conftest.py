"""What several tests of the checkers share."""

import functools

import pytest

from kgon.proofs.check.minimum import steps


@pytest.fixture(scope="module")
def quick():
    """The constants of a polygon are a pure function of near, and most of the time of a small certificate."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(steps, "polygon", functools.cache(steps.polygon))
        yield
