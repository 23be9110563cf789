"""Compile LaTeX as its readers do."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

PACKAGES = "amsmath,array,booktabs,graphicx,longtable,siunitx"


def compiled(folder: Path, texts: Iterable[str], paper: str = "a4paper") -> str:
    """What pdfLaTeX says of these texts in one document with the margins of the class."""
    if shutil.which("pdflatex") is None:
        if os.environ.get("KGON_REQUIRE_INTEGRATION"):
            pytest.fail("pdflatex is required here")
        pytest.skip("pdflatex is not installed")
    (folder / f"{paper}.tex").write_text(
        f"\\documentclass[{paper}]{{article}}\\usepackage{{{PACKAGES}}}\\begin{{document}}\n"
        + "\\clearpage\n".join(texts)
        + "\n\\end{document}\n",
        encoding="utf-8",
    )
    for _ in range(3):  # the widths of a longtable settle
        done = subprocess.run(
            ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", f"{paper}.tex"],
            cwd=folder, capture_output=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout.decode("utf-8", "replace")[-2000:]
    return (folder / f"{paper}.log").read_text(encoding="utf-8", errors="replace")


def complaints(log: str) -> list[str]:
    """The lines in which TeX warns."""
    marks = ("Overfull", "Underfull", "LaTeX Warning", "Float too large")
    return [line for line in log.splitlines() if any(mark in line for mark in marks)]
