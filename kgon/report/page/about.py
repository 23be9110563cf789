"""Facts about a run that stand on its page: options, seed, versions, and a hash of the code."""

from __future__ import annotations

import hashlib
import platform
from pathlib import Path
from typing import Any

import kgon
from kgon.base.version import NUMERICAL, __version__
from kgon.report.store import version_of

SEED = 0
"""From which every study draws: the main job takes no other."""
LIBRARIES = (*NUMERICAL, "sympy", "matplotlib", "scikit-learn", "arviz-stats", "jinja2")
"""Whose versions a page names."""


def about_run(full: bool) -> dict[str, Any]:
    """List what is the input of the main job."""
    return {
        "kgon": __version__,
        "options": {"full": full},
        "seed": SEED,
        "versions": {"python": platform.python_version(), **{x: version_of(x) for x in LIBRARIES}},
        "sources": _hash_of_package(),
    }


def _hash_of_package() -> str:
    """Hash every file of the package, and where it stands."""
    own = Path(kgon.__path__[0])
    found = hashlib.sha256()
    for path in sorted(x for x in own.rglob("*") if x.is_file() and x.parent.name != "__pycache__"):
        found.update(path.relative_to(own).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()
