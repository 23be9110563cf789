"""Formulas without the network: MathJax, from a package, is copied beside the pages."""

from importlib.util import find_spec
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util.fileutil import copy_asset

HERE = "mathjax"
"""Folder in the static files of the site."""
NEEDED = ("tex-svg.js", "input/tex/extensions")
"""Glyphs are drawn as paths, so that no font is fetched; extensions are read when a formula needs one."""


def mathjax() -> Path:
    """The folder of MathJax in the package that brings it."""
    found = find_spec("sphinx-mathjax-offline")
    if found is None or found.origin is None:
        raise LookupError("MathJax is not there; pip install '.[docs]' installs it")
    return Path(found.origin).parent / "static/mathjax"


def copy(app: Sphinx, failed: Exception | None) -> None:
    """Copy what the pages read."""
    if failed is None and app.builder.format == "html":
        for name in NEEDED:
            target = Path(app.outdir) / "_static" / HERE / name
            copy_asset(mathjax() / name, target.parent if target.suffix else target)


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.setup_extension("sphinx.ext.mathjax")
    app.config.mathjax_path = f"{HERE}/tex-svg.js"
    app.connect("build-finished", copy)
