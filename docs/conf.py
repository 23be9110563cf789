"""Sphinx configuration."""

import importlib.metadata
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # public_names, paper_rows

from kgon.free_energy.theories import THEORIES

project = "kgon"
author = "The kgon developers"
copyright = "The kgon developers"
release = importlib.metadata.version("kgon")
version = release

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.mathjax",
    "sphinx.ext.napoleon",
    "public_names",
    "paper_rows",
]
exclude_patterns = ["_build"]
suppress_warnings = ["ref.python"]  # results share names of fields, such as ``labels``
myst_enable_extensions = ["dollarmath", "substitution"]
myst_substitutions = {  # tables of what is declared in the code
    "theories": "\n".join(
        [
            "| theory | $F_n$ | constant |",
            "|---|---|---|",
            *(f"| `{name}` | {theory.formula} | {theory.meaning} |" for name, theory in THEORIES.items()),
        ]
    )
}
myst_heading_anchors = 2

autodoc_member_order = "bysource"
autodoc_typehints = "none"
autodoc_preserve_defaults = True
autodoc_inherit_docstrings = False  # what every result has is said once, at ``Result``
napoleon_google_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False

html_theme = "alabaster"
html_title = "kgon"
html_static_path = ["_static"]
html_theme_options = {
    "description": "The toy model of superposition seen through singular learning theory",
    "fixed_sidebar": True,
    "page_width": "1080px",
    "sidebar_width": "210px",
    "font_family": "Georgia, serif",
}
html_css_files = ["kgon.css"]
html_sidebars = {"**": ["about.html", "searchfield.html", "navigation.html"]}
html_show_sourcelink = False
