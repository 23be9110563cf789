"""A theory is declared once: the example of the page *How to add*, from there to the command line."""

import math
import subprocess
import sys
from pathlib import Path

import pytest

from kgon.base.verdicts import KgonError
from kgon.free_energy import n_crit, phase, phases_of
from kgon.free_energy.conventions import check_theory
from kgon.free_energy.theories import THEORIES

PAGE = Path(__file__).parents[2] / "docs" / "how-to-add.md"
DECLARATION = PAGE.read_text().partition("## A theory")[2].partition("```python\n")[2].partition("```")[0]


@pytest.fixture
def copies():
    """The theory of the page, as long as a test runs."""
    exec(DECLARATION, {"__name__": "example"})
    yield THEORIES["copies"]
    del THEORIES["copies"]


def test_it_has_the_constant_that_was_declared(copies):
    assert copies.meaning == "minus the logarithm of the number of copies"
    assert float(phase("6", theory="copies").constant) == pytest.approx(-math.log(120), rel=1e-15)
    assert [p.name for p in phases_of(6, theory="copies")] == ["6", "5+", "5"]  # none for the 4-gons


def test_critical_sizes_follow_it(copies):
    root = n_crit("5", "6", theory="copies").roots[-1].n
    five, six = (phase(label, theory="copies") for label in ("5", "6"))
    gap = root * float(six.loss - five.loss) + 1.5 * math.log(root) - math.log(120 / 144)
    assert abs(gap) < 1e-10


def test_what_it_refuses_is_named(copies):
    with pytest.raises(KgonError, match="copies are counted for k >= 5, got 4"):
        n_crit("4", "6", theory="copies")


def test_without_its_declaration_it_is_unknown():
    with pytest.raises(KgonError, match="one of none, prior, laplace, laplace2, got 'copies'"):
        check_theory("copies")


def test_the_command_line_offers_it():
    command = "from kgon.cli import main\nraise SystemExit(main('ncrit 5 6 --theory copies'.split()))"
    done = subprocess.run(
        [sys.executable, "-c", f"{DECLARATION}\n{command}"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 and "theory copies" in done.stdout, done.stderr


@pytest.mark.parametrize(("label", "c", "attained"), [("6", 6, True), ("5", 6, False), ("4-", 6, False)])
def test_the_prior_says_where_its_infimum_is_not_attained(label, c, attained):
    """Dead and switched-off columns have biases below a bound, which the infimum of ‖w‖² would reach."""
    assert phase(label, c, theory="prior").attained is attained
