"""The numbered scripts of derivations/, which are files and not modules."""

import importlib.util
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).parents[2] / "derivations"
SCRIPTS = sorted(FOLDER.glob("[0-9]*.py"))


def load(name: str) -> ModuleType:
    """The script of that name as a module of its own, imported anew."""
    spec = importlib.util.spec_from_file_location(f"derivation_{name}", FOLDER / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
