"""Errors of the package."""

from kgon.base.verdicts import KgonError, UndecidedError


def test_errors_are_value_errors():
    assert issubclass(KgonError, ValueError) and issubclass(UndecidedError, KgonError)
