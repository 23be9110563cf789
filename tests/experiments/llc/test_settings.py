"""The published λ̂ and their protocol are those that readers of the paper quote."""

import math
import re
from pathlib import Path

import pytest

from kgon.experiments.llc.settings import PROTOCOL, PUBLISHED

ROOT = Path(__file__).parents[3]
QUOTED = {"5": "7.71 ± 0.85", "5+": "9.91 ± 1.27", "6": "9.03 ± 0.59"}
"""Table K.1, as two readers quote it."""


def test_the_published_values_have_the_error_bars_that_are_quoted():
    assert {label: f"{x.value:.2f} ± {x.error:.2f}" for label, x in PUBLISHED.items()} == QUOTED


def test_the_protocol_is_the_one_that_is_quoted():
    """Ten chains of 10⁴ steps, ε = 5e-5, n = 5000, β = 1/log n, γ = 0.1; none with over 5 % below L(w*)."""
    localiser, sampler = PROTOCOL
    assert (localiser.n, localiser.gamma) == (5000, 0.1)
    assert localiser.beta == pytest.approx(1 / math.log(5000), rel=1e-15)
    assert (sampler.kind, sampler.chains, sampler.steps) == ("sgld", 10, 10_000)
    assert (sampler.step_size, sampler.discard, sampler.burn_in) == (5e-5, 0.05, 0)


@pytest.mark.parametrize("page", ["lambda-hat", "learning-coefficients"])
def test_pages_quote_every_value_with_its_error_bar(page, kept):
    text = kept.fill((ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8"))
    for quoted in QUOTED.values():
        value = quoted.split(" ")[0]
        assert quoted in text and not re.search(rf"{re.escape(value)}(?! ±)(?!\d)", text)


def test_no_page_and_no_table_says_that_the_published_values_have_no_error_bars():
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "kgon").rglob("*.py")]
    assert len(pages) > 100
    assert [x for x in pages if "without error bar" in " ".join(x.read_text(encoding="utf-8").split())] == []
