"""The parser: a loop over the declared commands."""

from __future__ import annotations

import argparse
import sys
from typing import Any, NoReturn

from kgon.cli import (  # noqa: F401 (each declares its commands)
    branches,
    classify,
    explorer,
    free_energy,
    kgons,
    landscape,
    llc,
    posterior,
    proofs,
    report,
    training,
)
from kgon.cli.outcome import BAD_INPUT
from kgon.cli.registry import COMMANDS

ORDER = (
    *("reproduce", "catalogue", "verify", "classify", "exact", "exists", "certify", "prove", "check"),
    *("ncrit", "phases", "occupancy", "search", "continue", "llc", "evidence", "sample", "antecedent"),
    *("train", "landscape", "explorer", "table", "figure", "store", "bench"),
)
"""The commands as the help lists them; those that are not named here come last."""


class _Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line, with the name of the command."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:  # argparse leaves those of a command to the parser above it
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return found, unknown

    def error(self, message: str) -> NoReturn:
        print(f"{self.prog}: error: {message}", file=sys.stderr)
        raise SystemExit(BAD_INPUT)


def parser() -> argparse.ArgumentParser:
    """Make the parser of all declared commands."""
    main = _Parser(
        prog="kgon",
        description="Toy model of superposition through singular learning theory: k-gon critical "
        "points, free energy, n_crit.",
        epilog="Labels are ASCII: 6, 5+, 4++, 4-, 4++--, 4--:opposite.  "
        "Every command takes --json and --help.",
    )
    main.add_argument("--version", action="store_true", help="print the version and stop")
    commands = main.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    for name in dict.fromkeys((*ORDER, *COMMANDS)):
        command = COMMANDS[name]
        sub = commands.add_parser(name, help=command.summary, description=command.summary)
        for option in command.options:
            sub.add_argument(*option.flags, help=option.described.replace("%", "%%"), **option.how)
    return main
