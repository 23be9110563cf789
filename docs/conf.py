"""Sphinx configuration."""

import importlib.metadata
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # the modules here that write parts of pages

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
    "sphinx_copybutton",
    "offline_formulas",
    "public_names",
    "paper_rows",
    "figure_pages",
    "written_formats",
    "run_times",
    "quoted_numbers",
    "kept_results",
]
exclude_patterns = ["_build"]
suppress_warnings = ["ref.python"]  # results share names of fields, such as ``labels``
myst_enable_extensions = ["colon_fence", "dollarmath", "substitution"]
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
smartquotes_action = "qe"  # two hyphens are those of an option

autodoc_member_order = "bysource"
autodoc_typehints = "none"
autodoc_preserve_defaults = True
autodoc_inherit_docstrings = False  # what every result has is said once, at ``Result``
napoleon_google_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False

html_theme = "furo"
html_title = "kgon"
html_static_path = ["_static"]
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0b5d8a", "color-brand-content": "#0b5d8a"},
    "dark_css_variables": {"color-brand-primary": "#7cc4ee", "color-brand-content": "#7cc4ee"},
}
html_css_files = ["kgon.css"]
html_show_sourcelink = False
html_copy_source = False
pygments_style = "friendly"
pygments_dark_style = "monokai"
copybutton_exclude = ".linenos, .gp, .go"  # what is typed, without prompts and answers
