"""The command line: parse, call, print, exit code.

Exit codes: 0 done and true; 1 the claim asked about is refuted or undecided; 2 bad usage or input, with one
line on stderr; 130 interrupted.  Commands ask packages for public names, whose modules load when first used:
so help is quick.  What is not public is imported inside the commands.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence
from functools import partial
from typing import Any

from kgon.base.verdicts import KgonError, KgonWarning, UndecidedError
from kgon.cli.encoding import spell_out
from kgon.cli.interrupt import answered, interruptible, unbroken
from kgon.cli.outcome import BAD_INPUT, DONE, INTERRUPTED, REFUTED
from kgon.cli.parser import parser
from kgon.cli.registry import COMMANDS

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    try:
        return _run(argv)
    except KeyboardInterrupt:  # before the command began, or while its last words were printed
        answered()
        print("kgon: interrupted", file=sys.stderr)
        return INTERRUPTED


def _run(argv: Sequence[str] | None) -> int:
    spell_out()
    given = vars(parser().parse_args(argv))
    name = given.pop("command")
    if given.pop("version"):
        import importlib.metadata

        print(f"kgon {importlib.metadata.version('kgon')}")
        return DONE
    if name is None:
        print("kgon: error: name a command; kgon --help lists them", file=sys.stderr)
        return BAD_INPUT
    try:
        with interruptible(), warnings.catch_warnings():
            warnings.simplefilter("default", KgonWarning)
            warnings.showwarning = partial(_warn, name)
            options, outcome = COMMANDS[name](given)
            text = outcome.printed(name, options)
        with unbroken():
            print(text, flush=True)
        return DONE if outcome.holds else REFUTED
    except BrokenPipeError:
        # The reader went away (head, less): not an error, and nothing more can be printed.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except OSError as error:
        where = "" if error.filename is None else f"{error.filename}: "
        if not where:  # standard output itself: what it still holds is not tried again at the end
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        print(f"kgon {name}: error: {where}{error.strerror or error}", file=sys.stderr)
        return BAD_INPUT
    except MemoryError as error:
        reason = " ".join(str(error).split()) or "out of memory"
        print(f"kgon {name}: error: {reason}; smaller sizes would fit", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        answered()
        hint = "; --out keeps what is finished" if COMMANDS[name].resumable else ""
        print(f"kgon {name}: interrupted{hint}", file=sys.stderr)
        return INTERRUPTED
    except KgonError as error:
        undecided = isinstance(error, UndecidedError)
        kind = "undecided" if undecided else "error"
        print(f"kgon {name}: {kind}: {' '.join(str(error).split())}", file=sys.stderr)
        return REFUTED if undecided else BAD_INPUT


def _warn(command: str, message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
    """A warning of kgon's as one line; others with their place in the source."""
    if issubclass(category, KgonWarning):
        print(f"kgon {command}: warning: {message}", file=sys.stderr)
    else:
        sys.stderr.write(warnings.formatwarning(message, category, *where[:2]))
