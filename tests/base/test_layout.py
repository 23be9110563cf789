"""Tables in a terminal: no line is longer than the terminal, nothing is lost, and a file has full width."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgon.base.layout import Cells, blocks, grid, terminal_width
from kgon.base.table import Column, Table
from kgon.base.text import framed, width, wrapped
from kgon.base.widths import shared

WORDS = st.text("abc é⁺λ̂−", max_size=60)
LINES = st.lists(st.tuples(WORDS, WORDS, WORDS, st.integers(-999, 999).map(str)), min_size=1, max_size=6)


def cells_of(rows, headings=("name", "what it is", "ours", "n")):
    columns = zip(*rows, strict=True)
    return [
        Cells(heading, list(cells), "r" if heading == "n" else "l", wraps=heading != "n")
        for heading, cells in zip(headings, columns, strict=True)
    ]


def letters(text):
    return sorted(x for x in text if not x.isspace() and x not in "─:,")


@given(WORDS, st.integers(1, 40))
def test_lines_of_a_wrapped_text_fit_and_hold_its_letters(text, size):
    lines = wrapped(text, size)
    assert max(map(width, lines)) <= size and letters("".join(lines)) == letters(text)


@given(LINES, st.integers(40, 120))
def test_no_line_is_longer_and_no_letter_is_lost(rows, size):
    columns = cells_of(rows)
    lines = grid(columns, size)
    assert max(map(width, lines)) <= size
    text = "".join(lines)
    for row in rows:
        for cell in row:
            assert all(text.count(x) >= cell.count(x) for x in letters(cell))


@given(st.lists(st.tuples(st.integers(1, 60), st.integers(1, 60)), min_size=1), st.integers(1, 200))
def test_a_width_is_shared_within_the_bounds(pairs, size):
    natural, least = [max(x) for x in pairs], [min(x) for x in pairs]
    found = shared(natural, least, size)
    if found is None:
        assert sum(least) > size
        return
    assert sum(found) <= max(size, sum(least))
    assert all(low <= x <= full for low, x, full in zip(least, found, natural, strict=True))
    given_way = [x for x, full, low in zip(found, natural, least, strict=True) if low < x < full]
    assert len(set(given_way)) <= 1, "those that give way have one width"


def test_without_a_width_nothing_is_broken():
    columns = cells_of([("a" * 50, "b " * 80, "c", "1")])
    assert grid(columns)[-1] == "  ".join(["a" * 50, "b " * 80, "c   ", "1"])


def test_what_does_not_fit_stands_in_panels_with_the_columns_that_tell_rows_apart():
    columns = [Cells("k", ["4", "4", "5"]), Cells("beta", ["1", "2", "1"])]
    columns += [Cells(f"x{k}", [f"{k}.00000000"] * 3, "r") for k in range(4)]
    lines = grid(columns, 32)
    assert lines[0].split() == ["k", "beta", "x0", "x1"] and lines[6].split() == ["k", "beta", "x2", "x3"]
    assert [x.split()[:2] for x in lines[2:5]] == [x.split()[:2] for x in lines[8:11]]


def test_rows_that_cannot_be_told_apart_are_blocks():
    columns = [Cells("k", ["4", "4"])] + [Cells(f"x{k}", ["1.00000000"] * 2, "r") for k in range(4)]
    assert grid(columns, 32) == blocks(columns, 32)


def test_prose_is_a_block_with_its_verdict_first():
    prose = "a long sentence of many words " * 5
    columns = [
        Cells("claim", ["L of the 4-gon"] * 2, wraps=True),
        Cells("published", [prose] * 2, wraps=True),
        Cells("ours", [prose] * 2, wraps=True),
        Cells("rule", [prose] * 2, wraps=True),
        Cells("verdict", ["PROVED", "REFUTED"], wraps=True),
    ]
    assert columns[1].wanted.prose
    lines = grid(columns, 80)
    assert lines[0] == "L of the 4-gon  verdict PROVED" and lines[1].startswith("  published: a long")
    assert "L of the 4-gon  verdict REFUTED" in lines


@pytest.mark.parametrize(
    ("told", "expected"), [("72", 72), ("0", None), ("-3", None), ("x", None), ("", None)]
)
def test_columns_is_heeded(told, expected, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", told)
    assert terminal_width() == expected  # standard output is no terminal here


def test_a_terminal_is_asked(monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr("sys.stdout", type("Terminal", (), {"fileno": lambda self: 1})())
    monkeypatch.setattr(os, "get_terminal_size", lambda fd: os.terminal_size((93, 20)))
    assert terminal_width() == 93


def test_a_table_is_printed_as_wide_as_the_terminal_and_written_as_wide_as_it_is(monkeypatch):
    table = Table(
        name="t", title="title " * 30, columns=[Column("a", "a"), Column("b", "b")],
        rows=[{"a": "word " * 20, "b": "word " * 20}], notes=["note " * 40],
    )  # fmt: skip
    monkeypatch.setenv("COLUMNS", "50")
    assert max(map(width, str(table).splitlines())) <= 50
    assert max(map(width, table.text().splitlines())) >= 200


@given(st.lists(st.tuples(st.text("ab ", max_size=12), WORDS), max_size=5), WORDS, st.integers(40, 100))
def test_frames_fit(rows, title, size):
    lines = framed(title, rows, size).splitlines()
    assert len(set(map(width, lines))) == 1 and width(lines[0]) <= size
