"""A parameter is declared once: the example of the page *How to add*, from there to the command line."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from support.command import run

from kgon.base.verdicts import KgonError, Verdict
from kgon.branches import follow_branch
from kgon.potential.model import TMS
from kgon.potential.parameters import KINDS, Parameter, Toward, read_parameter

PAGE = Path(__file__).parents[2] / "docs" / "how-to-add.md"
DECLARATION = PAGE.read_text().partition("## A parameter")[2].partition("```python\n")[2].partition("```")[0]


@pytest.fixture
def others():
    """The kind of parameter of the page, as long as a test runs."""
    exec(DECLARATION, {"__name__": "example"})
    yield KINDS["others"]
    del KINDS["others"]


def test_start_and_bounds_follow_from_the_line(others):
    found = Parameter.parse("others[5]", 6)
    assert found.weights(Fraction(2)) == ([Fraction(1, 6)] * 6, [2, 2, 2, 2, 2, 1])
    assert (found.start, found.least, found.most) == (1, 0, float("inf"))


def test_branches_are_those_over_the_importance_upside_down(others):
    """All importances but one times q: q times the loss with that one divided by q."""
    found = follow_branch("6", parameter="others[5]", lower=0.8, upper=3.0)
    known = follow_branch("6", parameter="importance[5]", lower=1 / 3, upper=1.25)
    (fold,), (other,) = ([e for e in branch.events if e.kind == "fold"] for branch in (found, known))
    assert fold.parameter == pytest.approx(1 / other.parameter, abs=1e-9)
    assert fold.loss == pytest.approx(other.loss * fold.parameter, abs=1e-9)


def test_a_branch_is_proved(others):
    found = follow_branch("6", parameter="others[5]", lower=0.98, upper=1.0, certify=True)
    assert found.verdict is Verdict.PROVED and found.proof.tubes


def test_the_command_line_follows_it(others, capsys):
    code, out, _ = run(capsys, "continue", "6", "--parameter", "others[5]", "--to", "1.2")
    assert code == 0 and "6 (vertex) over others[5]: 1 to 1.2" in out


def test_without_its_declaration_it_is_unknown():
    with pytest.raises(KgonError, match=r"one of importance, probability, got 'others\[5\]'"):
        Parameter.parse("others[5]", 6)


def test_columns_are_sorted_and_bounds_excluded():
    found = Parameter.parse("probability[3,1]", 6)
    assert found.columns == (1, 3) and found.name == "probability[1,3]"
    assert (found.least, found.most) == (0, 3)
    for value in (found.least, found.most):
        with pytest.raises(KgonError, match=r"probability\[1,3\] must be"):
            found.check(value)


def test_a_way_to_a_model_is_read_back_from_its_name():
    rng = np.random.default_rng(0)
    p = rng.dirichlet(np.ones(6), 20)
    models = [
        TMS(6, probability=x, importance=y) for x, y in zip(p, rng.exponential(size=(20, 6)), strict=True)
    ]
    models += [TMS(6, probability=[1 / 6] * 4 + [0.2, 2 / 15]), TMS(6, importance=[1, 1, 1, 1, 1, 1 / 3])]
    for way in map(Toward, models):
        assert read_parameter(way.name, 6) == way and read_parameter(way.name, 6).columns == way.columns
    assert Toward(TMS(6, importance=[1, 1, 1, 1, 0.1, 2])).name == "importance=1,1,1,1,0.1,2"
