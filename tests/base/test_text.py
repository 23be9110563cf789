"""Frames, HTML, drawings and numbers with their errors."""

from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kgon.base.escape import escape_latex
from kgon.base.text import framed, html, pad, polygon_svg, uncertified, width, with_error

CELLS = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12)


@given(CELLS, st.lists(st.tuples(CELLS, CELLS), max_size=4))
@example("a title wider than its rows", [("a", "b")])
@example("t", [("a", "a row wider than its title")])
def test_frames_are_rectangular(title, rows):
    lines = framed(title, rows).split("\n")
    assert len({width(line) for line in lines}) == 1
    assert len(lines) == len(rows) + (4 if rows else 3)  # no line under a title alone


def test_width_counts_terminal_columns():
    assert width("abc") == 3 and width("漢字") == 4 and width("e\u0301") == 1
    assert pad("漢", 4) == "漢  " and pad("x", 3, "r") == "  x" and pad("long", 2) == "long"


class _Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.text, self.tags = [], []

    def handle_data(self, data):
        self.text.append(data)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)


@given(CELLS, CELLS)
def test_html_shows_the_text_and_runs_none_of_it(name, value):
    page = _Tags()
    page.feed(html("<script>alert(1)</script>", [(name, value)]))
    assert "script" not in page.tags
    text = "".join(page.text)
    assert "<script>alert(1)</script>" in text and name in text and value in text


def test_polygon_drawing():
    svg = polygon_svg([(1.0, 0.0), (0.0, 2.0)], [0.0, -5.0], "#123456", "a & b", size=100)
    assert svg.count("<line") == 2 and "x2='71.0' y2='50.0'" in svg and "x2='50.0' y2='8.0'" in svg
    assert svg.count("fill='white'") == 1 and "aria-label='a &amp; b'" in svg
    assert polygon_svg([(), ()], [], "red", "").count("<line") == 0
    assert "nan" not in polygon_svg([(0.0,), (0.0,)], [0.0], "red", "")


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (1.23456, 0.0123, "1.235 ± 0.012"),
        (123.456, 12.0, "123 ± 12"),
        (5.0, 250.0, "5 ± 250"),
        (0.1, 0.0, "0.1"),
        (2.0, 1e-5, "2.000000 ± 0.000010"),
    ],
)
def test_errors_set_the_digits(value, error, text):
    assert with_error(value, error) == text


def test_uncertified_numbers_are_marked():
    assert uncertified(0.123456789123) == "0.12345679~"
    assert uncertified(1e-17, 2) == "1e-17~"


def test_hyphens_of_a_label_do_not_become_a_dash():
    assert escape_latex("4--:opposite, a - b") == "4-{}-:opposite, a - b"
    assert escape_latex("λ̂ of λ") == r"$\hat\lambda$ of $\lambda$"
    assert escape_latex("4---") == "4-{}-{}-" and escape_latex("1 − 2") == "1 $-$ 2"
