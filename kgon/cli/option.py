"""What an option of a command is: flags, help, default, and beside which others it has a meaning."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kgon.cli import values

Given = Mapping[str, Any]
"""Values of all options by name; None where one was not given."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Another option must be given, or have one of some values; or it must not.

    An argument, which has no dashes, is called ``words``.
    """

    name: str
    values: tuple[str, ...]
    wanted: bool
    words: str = ""

    def holds(self, given: Given) -> bool:
        """Whether it is so."""
        value = given[self.name]
        met = value in self.values if self.values else value is not None and value is not False
        return met is self.wanted

    def refusal(self, option: Option, given: Given) -> str:
        """Say why an option that was given is refused where it is not so."""
        if self.wanted:
            value = f"{option.flag} {_shown(given[option.name])}".rstrip()
            return f"{value} is for {self._words(self.values)}"
        return f"{option.flag} is not for {self._words((str(given[self.name]),) if self.values else ())}"

    def _words(self, values: tuple[str, ...]) -> str:
        first, last = ", ".join(values[:-1]), "".join(values[-1:])
        return f"{self.words or '--' + self.name} {first}{' or ' if first else ''}{last}".rstrip()

    def __str__(self) -> str:
        return f"{'with' if self.wanted else 'not with'} {self._words(self.values)}"


Conditions = tuple[Condition, ...]


def when(name: str, *values: str) -> Conditions:
    """Declare for which other option one is: ``only=when("theory", "mcmc")``, ``only=when("n")``."""
    return (Condition(name, values, True),)


def unless(name: str, *values: str) -> Conditions:
    """Declare beside which other option one means nothing: ``only=unless("parameter", "c")``."""
    return (Condition(name, values, False),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option, or one argument, of a command.

    Attributes
    ----------
    flags : tuple of str
        ``("-c", "--features")``, or the name of an argument.
    name : str
        Key among the options of the JSON document.
    help : str
    keyword : str
        Of the command's function; empty where it is not handed on.
    default : object
        Where it is not given; a callable makes it of the keywords settled so far.
    only : tuple of Condition
        Where one of these does not hold, the option is refused and has no default.
    read : callable or None
        Makes of the value, and of the values of all options, what the function takes.
    how : mapping
        For ``add_argument``.
    """

    flags: tuple[str, ...]
    name: str
    help: str
    keyword: str
    default: Any
    only: Conditions
    read: Callable[[Any, Given], Any] | None
    how: Mapping[str, Any]

    @property
    def flag(self) -> str:
        """The option as errors name it."""
        return self.flags[-1]

    @property
    def described(self) -> str:
        """The help, with the conditions and the default."""
        more = [str(condition) for condition in self.only]
        if not (self.default is None or self.default is False or callable(self.default)):
            more.append(f"default {_shown(self.default)}")
        if "(default" in self.help and self.help.endswith(")"):
            return "; ".join([self.help[:-1], *more]) + ")"
        return f"{self.help} ({'; '.join(more)})" if more else self.help


def _shown(value: Any) -> str:
    return "" if value is True else f"{value:g}" if isinstance(value, float) else str(value)


def option(
    flags: str,
    help: str,
    default: Any = None,
    *,
    keyword: str | None = None,
    only: Conditions = (),
    read: Callable[[Any, Given], Any] | None = None,
    **how: Any,
) -> Option:
    """Declare an option, ``--n`` or ``-c --features``, or an argument, ``label``; ``how`` is for argparse.

    The function takes it by its name, unless another keyword is given.
    """
    names = tuple(flags.split())
    name = how.get("dest", names[-1].lstrip("-").replace("-", "_"))
    own = name if keyword is None else keyword
    return Option(
        flags=names, name=name, help=help, keyword=own, default=default, only=only, read=read, how=how
    )


def flag(name: str, help: str, **more: Any) -> Option:
    """Declare an option without a value."""
    return option(name, help, False, action="store_true", **more)


def number(name: str, help: str, default: float | None = None, **more: Any) -> Option:
    """Declare a positive number."""
    return option(name, help, default, type=values.positive, metavar="X", **more)


def integer(name: str, help: str, default: Any = None, **more: Any) -> Option:
    """Declare an integer."""
    return option(name, help, default, type=int, metavar="N", **more)
