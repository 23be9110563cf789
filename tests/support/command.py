"""Run a command in this process; need a package that is an extra."""

import importlib
import json
import os

import pytest

from kgon import cli


def run(capsys, *argv):
    """Exit code, stdout and stderr of one command, in this process."""
    try:
        code = cli.main(list(argv))
    except SystemExit as stop:
        code = stop.code
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def data_of(capsys, *argv, code=0):
    found, out, err = run(capsys, *argv, "--json")
    assert found == code, err
    document = json.loads(out)
    assert document.keys() == {"schema", "kgon", "provenance", "options", "notes", "data"}
    assert document["schema"] == f"kgon/{argv[0]}/1"
    return document["data"]


def need(*modules):
    """Skip without these extras, unless they are required."""
    for module in modules:
        if os.environ.get("KGON_REQUIRE_INTEGRATION"):
            importlib.import_module(module)
        else:
            pytest.importorskip(module)
