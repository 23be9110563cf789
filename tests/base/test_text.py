"""Tables in every format."""

import csv
import io
import re
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kgon.base.table import EXTENSIONS, Column, Table, escape_latex
from kgon.base.text import framed, html, pad, polygon_svg, uncertified, width, with_error

CELLS = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12)
ANY_CELLS = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12)


def _table(rows, **options):
    columns = [Column("a", "first"), Column("b", "second λ", align="r"), Column("n", "number", number=True)]
    return Table("name", "A title, 100 %", columns, rows, **options)


ROWS = [
    {"a": "x & y", "b": "50%", "n": "1.25"},
    {"a": "5⁺", "b": "", "n": "-10.5"},
    {"a": "pipe | and, comma", "b": 'a "quote"', "n": "none"},
]


def test_text_columns_are_aligned():
    lines = _table(ROWS, notes=["a note"]).text().splitlines()
    assert lines[0] == "A title, 100 %" and lines[-1] == "a note"
    head, rule, *rows = lines[2:-2]
    second = rule.index(" ") + 2
    assert head.index("second λ") >= second
    ends = {line[: rule.rindex(" ")].rstrip() and len(line[: rule.rindex(" ") - 1]) for line in rows}
    assert len(rows) == 3 and len(ends) == 1
    assert rows[0].startswith("x & y") and rows[0].index("50%") + 3 == rule.rindex(" ") - 1


def test_markdown_has_one_cell_per_column():
    lines = _table(ROWS).markdown().splitlines()
    assert lines[0] == "**A title, 100 %**"
    assert lines[3] == "| --- | ---: | --- |"
    for line in lines[2:]:
        assert len(re.findall(r"(?<!\\)\|", line)) == 4
    assert r"pipe \| and, comma" in lines[-1]


@given(st.lists(st.fixed_dictionaries({"a": ANY_CELLS, "b": ANY_CELLS, "n": ANY_CELLS}), max_size=4))
def test_csv_parses_back(rows):
    rows = [{key: value.replace("\r", "") for key, value in row.items()} for row in rows]
    text = _table(rows).csv()
    found = list(csv.reader(io.StringIO(text, newline="")))
    assert found[0] == ["a", "b", "n"]
    assert found[1:] == [[row["a"], row["b"], row["n"]] for row in rows]


@pytest.mark.parametrize(
    ("character", "latex"),
    [
        ("&", r"\&"), ("%", r"\%"), ("$", r"\$"), ("#", r"\#"), ("_", r"\_"), ("{", r"\{"), ("}", r"\}"),
        ("~", r"\textasciitilde{}"), ("^", r"\textasciicircum{}"), ("\\", r"\textbackslash{}"),
    ],
)  # fmt: skip
def test_every_special_character_of_latex_is_escaped(character, latex):
    assert escape_latex(f"a{character}b") == f"a{latex}b"
    text = _table([{"a": character, "b": character * 2, "n": character}]).latex()
    assert f"    {latex} & {latex}{latex} & {{{latex}}} \\\\" in text


@given(CELLS)
def test_escaped_text_has_no_live_special_character(text):
    escaped = escape_latex(text)
    for known in (r"\textasciitilde{}", r"\textasciicircum{}", r"\textbackslash{}", r"\dots{}"):
        escaped = escaped.replace(known, "")
    escaped = escaped.replace("-{}-", "--").replace("-{}-", "--")
    escaped = re.sub(r"\$[^$]*\$", "", re.sub(r"\\[&%$#_{}]", "", escaped))
    assert not re.search(r"[&%$#_{}~^\\]", escaped)


def test_latex_table():
    text = _table(ROWS, tex_cells={"a": lambda x: rf"\textbf{{{len(x)}}}"}, notes=["50 % of x"]).latex()
    lines = text.splitlines()
    assert r"  \caption{A title, 100 \%}" in lines and r"  \label{tab:name}" in lines
    assert r"  \begin{tabular}{lrS[table-format=-2.2]}" in lines
    body = lines[lines.index(r"    \midrule") + 1 : lines.index(r"    \bottomrule")]
    assert body == [
        r"    \textbf{5} & 50\% & 1.25 \\",
        r"    \textbf{2} &  & -10.5 \\",
        r'    \textbf{17} & a "quote" & {none} \\',
    ]
    assert r"first & second $\lambda$ & {number} \\" in text
    assert r"50 \% of x" in text
    assert text.count(r"\begin{") == text.count(r"\end{")
    assert r"\usepackage{booktabs,siunitx" in text


@pytest.mark.parametrize(
    ("numbers", "spec"),
    [
        (["1", "20", "300"], "S[table-format=3]"),
        (["1.5", "-0.25"], "S[table-format=-1.2]"),
        (["1e-16", "0"], "S[table-format=1.1e-2]"),
        (["none", "-"], "l"),
        ([], "l"),
    ],
)
def test_number_columns(numbers, spec):
    table = Table("t", "t", [Column("n", "n", number=True)], [{"n": x} for x in numbers])
    assert rf"\begin{{tabular}}{{{spec}}}" in table.latex()


@pytest.mark.parametrize("text", ["1_000", "nan", "inf", "Infinity"])
def test_what_siunitx_cannot_read_is_not_set_as_a_number(text):
    table = Table("t", "t", [Column("n", "n", number=True)], [{"n": text}, {"n": "2"}])
    body = table.latex().splitlines()
    assert f"    {{{escape_latex(text)}}} \\\\" in body


def test_render_knows_the_formats_that_have_an_extension():
    table = _table(ROWS)
    assert {form: table.render(form) for form in EXTENSIONS} == {
        "text": table.text(), "markdown": table.markdown(), "csv": table.csv(), "latex": table.latex()
    }  # fmt: skip
    with pytest.raises(KeyError):
        table.render("pdf")


@pytest.mark.parametrize("form", ["text", "markdown", "csv", "latex"])
def test_a_table_without_rows_renders(form):
    assert "number" in _table([]).render(form) or form == "csv"


# --- results ----------------------------------------------------------------------------------------


@given(CELLS, st.lists(st.tuples(CELLS, CELLS), max_size=4))
@example("a title wider than its rows", [("a", "b")])
@example("t", [("a", "a row wider than its title")])
def test_frames_are_rectangular(title, rows):
    lines = framed(title, rows).split("\n")
    assert len({width(line) for line in lines}) == 1
    assert len(lines) == len(rows) + 4


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
    svg = polygon_svg([(1.0, 0.0), (0.0, 2.0)], size=100)
    assert svg.count("<line") == 2 and "x2='71.0' y2='50.0'" in svg and "x2='50.0' y2='8.0'" in svg
    assert polygon_svg([]).count("<line") == 0
    assert "nan" not in polygon_svg([(0.0, 0.0)])


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
    assert escape_latex("4---") == "4-{}-{}-" and escape_latex("1 − 2") == "1 -- 2"
