"""Kept images of figures that are exact: ``python tests/support/baselines.py`` writes them, a test compares.

They are small (``DPI``), and hold for the version of Matplotlib and of FreeType in ``versions.json``.
"""

from __future__ import annotations

import json
from pathlib import Path

DPI = 50
NAMES = ("energy-levels", "kgon", "free-energy", "occupancy", "taxonomy", "lemma-two")
"""Figures that no sampling is in."""
FOLDER = Path(__file__).parents[1] / "report" / "figures" / "baseline"


def versions() -> dict[str, str]:
    """Versions of what draws."""
    import matplotlib
    from matplotlib import ft2font

    return {"matplotlib": matplotlib.__version__, "freetype": ft2font.__freetype_version__}


def draw(name: str, target: Path, **options: object) -> Path:
    """Draw a figure as small as the kept ones."""
    from kgon.report.figures import make_figure
    from kgon.report.figures.style import house_style

    figure = make_figure(name, **options)
    with house_style():
        figure.savefig(target, dpi=DPI, metadata={"Software": None})
    return target


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for each in NAMES:
        print(draw(each, FOLDER / f"{each}.png"))
    (FOLDER / "versions.json").write_text(json.dumps(versions()) + "\n", encoding="utf-8")
