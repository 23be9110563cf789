"""Commands declare themselves: a decorated function is the command, its options are listed beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, TypeVar

from kgon import base
from kgon.base.verdicts import KgonError
from kgon.cli.option import Option
from kgon.cli.options import json_flag
from kgon.cli.outcome import Outcome

WORK = ("workers", "folder", "progress")
"""Options that are one thing for the function of a command: its ``work``."""
_Function = TypeVar("_Function", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Command:
    """A command of ``kgon``: its name, its function, whose docstring is the help, and its options."""

    name: str
    run: Callable[..., Any]
    options: tuple[Option, ...]

    @property
    def summary(self) -> str:
        """What it does, in one sentence."""
        return (self.run.__doc__ or self.name).partition("\n")[0]

    def settle(self, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Refuse what does not belong together, and fill in the defaults.

        Parameters
        ----------
        given : mapping
            Value of every option by name, as argparse read it; None where it was not given.

        Returns
        -------
        options : dict
            The same with defaults, for the JSON document.
        keywords : dict
            What the function takes: the options that were given or have a default, read; those of ``WORK``
            under ``work``, where they have a meaning.

        Raises
        ------
        KgonError
            An option that means nothing beside the others, or a bad value.
        """
        options, keywords = dict(given), dict[str, Any]()
        parts = WORK if self.resumable or "workers" in options else ()
        for option in self.options:
            value = options[option.name]
            if value == [] and "nargs" not in option.how:  # what argparse makes of --option=--
                raise KgonError(f"{option.flag} needs a value, got '--'")
            unmet = [condition for condition in option.only if not condition.holds(options)]
            if unmet:
                if value is not None and value is not False:
                    raise KgonError(unmet[0].refusal(option, options))
                continue
            if value is None:
                default = option.default
                value = options[option.name] = default(keywords) if callable(default) else default
            taken = keywords.setdefault("work", {}) if option.keyword in parts else keywords
            if value is not None and option.keyword:
                taken[option.keyword] = value if option.read is None else option.read(value, options)
        return options, keywords

    @property
    def resumable(self) -> bool:
        """Whether the command goes on with what an interrupted run has finished."""
        return any(option.keyword == "folder" for option in self.options)

    def __call__(self, given: Mapping[str, Any]) -> tuple[dict[str, Any], Outcome]:
        """Run the command: the options as settled, and what came out."""
        options, keywords = self.settle(given)
        with ExitStack() as stack:
            if "work" in keywords:
                from kgon.base.cluster import dask_executor

                if (address := options.get("scheduler")) is not None:
                    keywords["work"]["workers"] = stack.enter_context(dask_executor(address))
                keywords["work"] = base.Work(**keywords["work"])
            return options, Outcome.of(self.run(**keywords))


COMMANDS: dict[str, Command] = {}
"""Every command by name, in the order of declaration."""


def command(name: str, *, args: Sequence[Option] = ()) -> Callable[[_Function], _Function]:
    """Declare a function as a command; the first line of its docstring is the help.

    Parameters
    ----------
    name : str
        Of the command, after ``kgon``.
    args : sequence of Option
        Each is handed to the function by its keyword, where it was given or has a default; the function has
        defaults of its own for the others.

    Returns
    -------
    callable
        Decorator that returns the function itself.
    """
    options = args if any(option.name == "json" for option in args) else [json_flag(), *args]

    def declare(function: _Function) -> _Function:
        COMMANDS[name] = Command(name, function, tuple(options))
        return function

    return declare
