"""What is said of a figure stands where it is declared, and states no number."""

from __future__ import annotations

import re

import pytest

from kgon.base.sources import Sources
from kgon.report.artefact import artefacts

LABEL = re.compile(r"\b[4-9]([⁺⁻]+|[⁺⁻]*-gons?)")
"""Names of k-gons have a digit, which is no number of a run."""


@pytest.mark.parametrize("name", artefacts("figure"))
def test_every_figure_has_its_words(name: str) -> None:
    figure = artefacts("figure")[name]
    words = (figure.shows, figure.seen, figure.unseen)
    for line in words:
        assert re.fullmatch(r"[A-Zλ].{30,}\.", line), (name, line)
        assert not re.search(r"\d", LABEL.sub("", line)), f"{name} states a number: {line}"
    assert len(set(words)) == 3


def test_a_number_would_be_found() -> None:
    assert not re.search(r"\d", LABEL.sub("", "the 5-gon gives way to the 5⁺-gon, and 4⁺⁺⁻ to 4⁺."))
    assert re.search(r"\d", LABEL.sub("", "at 601 samples"))
    assert re.search(r"\d", LABEL.sub("", "a barrier of 0.0078"))


def test_other_words_leave_what_is_kept(tmp_path: object) -> None:
    from pathlib import Path

    path = Path(str(tmp_path)) / "drawn.py"
    hashes = []
    for how in ('shows="one"', 'shows="two", seen="three"', 'fixed=("c",)'):
        path.write_text(f"@figure({how})\ndef drawn():\n    return 1\n")
        reached = Sources(path.parent).reached([(path, "drawn")])
        hashes.append(reached.modules)
    assert hashes[0] == hashes[1] != hashes[2]
