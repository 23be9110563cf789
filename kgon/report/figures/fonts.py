"""Give figures DejaVu Sans with the letters and signs that they use, and no others.

A PDF embeds the glyphs that it uses.  To pick them from a small font takes a fifth of the time that it takes
from one of six thousand glyphs.  The small fonts are made from those that come with Matplotlib, once, and
kept in its cache; where one lacks a sign, the whole font has it.
"""

from __future__ import annotations

import io
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from kgon.base.files import write_bytes

FAMILY = "kgon Sans"
"""Name of the small fonts."""
WHOLE = "DejaVu Sans"
"""What they are made from, and what has all that they lack."""
SIGNS = (
    range(0x20, 0x180),  # Latin
    range(0x300, 0x305),  # accents
    range(0x370, 0x400),  # Greek
    range(0x2010, 0x2040),  # dashes and quotation marks
    range(0x2070, 0x20A0),  # superscripts and subscripts
    range(0x2190, 0x2300),  # arrows and mathematics
)
"""Characters of the small fonts, as far as the whole ones have them."""
FEATURES = ("kern", "liga")
"""What the small fonts keep of how glyphs are set: text looks as with the whole ones."""
NAMES = (1, 3, 4, 6)
"""Records of a font that have its name: family, identity, full name, and that of PostScript."""
FILES = ("DejaVuSans.ttf", "DejaVuSans-Oblique.ttf")
"""Matplotlib's files of the whole fonts."""


def font_settings() -> dict[str, Any]:
    """Settings of Matplotlib for the small fonts, in words and in formulas."""
    register()
    return {
        "font.family": [FAMILY, WHOLE],
        "mathtext.fontset": "custom",
        "mathtext.fallback": "stixsans",
        "mathtext.rm": FAMILY,
        "mathtext.sf": FAMILY,
        "mathtext.it": f"{FAMILY}:italic",
        "mathtext.bf": f"{WHOLE}:bold",
        "mathtext.bfit": f"{WHOLE}:italic:bold",
        "mathtext.cal": f"{FAMILY}:italic",
        "mathtext.tt": "DejaVu Sans Mono",
    }


@cache
def register() -> None:
    """Make the small fonts known to Matplotlib, once in a process."""
    from matplotlib import font_manager

    for name in FILES:
        font_manager.fontManager.addfont(small_font(name))


def small_font(name: str) -> Path:
    """Find a small font in Matplotlib's cache, or make it there."""
    import matplotlib

    whole = Path(matplotlib.get_data_path(), "fonts", "ttf", name)
    recipe = repr((SIGNS, FEATURES, FAMILY, whole.stat().st_size, matplotlib.__version__))
    mark = sha256(recipe.encode()).hexdigest()[:12]
    target = Path(matplotlib.get_cachedir(), f"kgon-{mark}-{name}")
    if not target.exists():
        write_bytes(target, cut_down(whole))
    return target


def cut_down(whole: Path) -> bytes:
    """Cut a TrueType font down to ``SIGNS``, under another name, as its licence asks."""
    from fontTools import subset

    options = subset.Options(layout_features=list(FEATURES), notdef_outline=True)
    options.drop_tables += ["FFTM"]  # when it was made
    font = subset.load_font(str(whole), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[code for part in SIGNS for code in part])
    subsetter.subset(font)
    for record in font["name"].names:
        if record.nameID in NAMES:
            record.string = record.toUnicode().replace("DejaVu", "kgon")
    made = io.BytesIO()
    font.save(made)
    return made.getvalue()
