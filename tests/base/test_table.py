"""Tables in every format: text, Markdown, CSV and LaTeX."""

import csv
import dataclasses
import io
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgon.base.column import tex
from kgon.base.escape import escape_latex
from kgon.base.files import write_columns
from kgon.base.table import EXTENSIONS, Column, Table
from kgon.base.text import framed, html

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


def test_no_part_of_a_markdown_table_is_html():
    cells = {"a": "<b>x", "b": "<i>", "n": "1"}
    table = _table([cells], notes=("given: <script>",))
    lines = dataclasses.replace(table, title="of <a>").markdown().splitlines()
    assert "<" not in "".join(lines) and lines[-1] == "given: &lt;script>" and lines[0] == "**of &lt;a>**"


@pytest.mark.parametrize("name", ['a,b "c"', "x\ny", "5,5+", " lead", "ä<b>"])
def test_names_that_csv_quotes_are_read_back(tmp_path, name):
    row = {"a": name, "b": name, "n": "1"}
    assert [*csv.reader(io.StringIO(_table([row]).csv(), newline=""))][1] == [name, name, "1"]
    path = write_columns(tmp_path / "list.csv", {"name": np.array([name, "z"]), name: np.array([1.5, -2.0])})
    with path.open(newline="", encoding="utf-8") as file:
        assert [*csv.reader(file)] == [["name", name], [name, "1.5"], ["z", "-2.0"]]


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


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("ΔL: -0.02", r"$\Delta$L: $-$0.02"),
        ("[-1, -.5]", "[$-$1, $-$.5]"),
        ("x=-1e-05", "x=$-$1e-05"),
        ("4^3 3^12", "4$^{3}$ 3$^{12}$"),
        # hyphens, dashes and labels stay
        ("1-2, a -b, 4-, 5 - 3", "1-2, a -b, 4-, 5 - 3"),
        ("4---3", "4-{}-{}-3"),
        ("a^2, 4^n", r"a\textasciicircum{}2, 4\textasciicircum{}n"),
    ],
)
def test_a_minus_is_no_hyphen_and_a_power_is_raised(text, latex):
    assert escape_latex(text) == latex


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("运行/点.npz", "[U+8FD0][U+884C]/[U+70B9].npz"),
        ("Łódź, e\u0301, ß", "Łódź, é, ß"),
        ("«đ» 🙂 \udc80", "[U+00AB][U+0111][U+00BB] [U+1F642] [U+DC80]"),
        ("π ≠ Λ ς", r"$\pi$ $\ne$ $\Lambda$ [U+03C2]"),
        ("10⁻⁸, c₃ = −5", r"10$^{-8}$, c$_{3}$ = $-$5"),
    ],
)
def test_what_pdflatex_has_no_letters_for_stands_by_its_number(text, latex):
    assert escape_latex(text) == latex
    assert escape_latex(escape_latex(text)).encode("utf-8")


@given(CELLS)
def test_escaped_text_has_no_live_special_character(text):
    escaped = escape_latex(text)
    for known in (r"\textasciitilde{}", r"\textasciicircum{}", r"\textbackslash{}", r"\dots{}"):
        escaped = escaped.replace(known, "")
    escaped = escaped.replace("-{}-", "--").replace("-{}-", "--")
    escaped = re.sub(r"\$[^$]*\$", "", re.sub(r"\\[&%$#_{}]", "", escaped))
    assert not re.search(r"[&%$#_{}~^\\]", escaped)


NAME = '[x]<script>alert(1)</script> & %s_{$1}\n| a,"b"\x1b[31m'


def test_names_from_users_stay_in_their_cell():
    """One that would open a tag, a row, a cell, an argument of LaTeX or another colour of the terminal."""
    table = _table([{"a": NAME, "b": "x", "n": NAME}])
    lines = table.text().splitlines()
    assert len(lines) == 5 and "\x1b" not in table.text()
    (row,) = table.markdown().splitlines()[4:]
    assert "<script>" not in row and len(re.findall(r"(?<!\\)\|", row)) == 4
    lines = [line for line in table.latex().splitlines() if "alert" in line]  # one for each panel
    assert lines and sum(len(re.findall(r"(?<!\\)&", line)) for line in lines) == 2
    assert all(line.startswith("    {}[x]$<$") and line.endswith(r" \\") for line in lines)
    ((_, found),) = [(k, x) for k, x in enumerate(csv.reader(io.StringIO(table.csv(), newline=""))) if k == 1]
    assert found == [NAME, "x", NAME]
    page = html(NAME, [(NAME, NAME)])
    assert "<script>" not in page and page.count("&lt;script&gt;") == 3
    assert len(framed(NAME, [(NAME, NAME)]).splitlines()) == 5


def test_latex_table():
    rows = [{**row, tex("a"): rf"\textbf{{{len(row['a'])}}}"} for row in ROWS]
    text = _table(rows, notes=["50 % of x"]).latex()
    lines = text.splitlines()
    assert r"  \caption{A title, 100 \%}\label{tab:name}" in lines
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
    assert r"\usepackage{amsmath,array,booktabs,graphicx,longtable,siunitx}" in text


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


def test_notes_for_a_terminal_are_not_escaped():
    table = _table(ROWS, notes=["|grad L| = 1e-10 <= 1e-8\x1b[31m"])
    assert table.text().splitlines()[-1] == "|grad L| = 1e-10 <= 1e-8 [31m"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("*a*.npz", r"\*a*.npz"),
        ("2*3*4", r"2\*3\*4"),
        ("½‖w*‖², a * b", "½‖w*‖², a * b"),
        ("_a_ b", r"\_a\_ b"),
        ("my_run_1.pt", "my_run_1.pt"),
        ("`x`", r"\`x\`"),
        ("[a](b)", r"[a\](b)"),
        ("importance[5]", "importance[5]"),
        (r"a\|b", r"a\\\|b"),
        ("&amp; & <", r"\&amp; & &lt;"),
        ("~~a~~, 1.5~", r"~\~a~\~, 1.5~"),
    ],
)
def test_marks_of_markdown_are_plain_text(text, written):
    row = _table([{"a": text, "b": "", "n": "1"}]).markdown().splitlines()[-1]
    assert row == f"| {written} |  | 1 |"


def test_latex_writes_one_sign_for_at_most_and_at_least():
    table = Table(name="t", title="a <= b >= c < d", columns=[Column("x", "x")], rows=[])
    assert r"\caption{a $\le$ b $\ge$ c $<$ d}" in table.latex()


def test_the_signs_of_a_label_are_one_superscript():
    assert escape_latex("4⁺⁺⁻⁻ opposite, 5⁺") == "4$^{++--}$ opposite, 5$^{+}$"


def test_the_widest_column_of_text_takes_what_is_left_of_the_width():
    """In characters: 75 for the text in small print, 2 for each gap."""
    columns = [Column(x, x) for x in "abc"] + [Column("n", "n", number=True)]
    row = {"a": "x" * 10, "b": "y" * 10 + " y" * 45, "c": "z" * 20, "n": "12.5"}
    text = Table(name="t", title="t", columns=columns, rows=[row] * 60).latex()
    left = 75 - 3 * 2 - (10 + 20 + 4)
    wraps = rf">{{\raggedright\arraybackslash}}p{{{left / 75:.3f}\linewidth}}"
    assert rf"\begin{{longtable}}{{l{wraps}lS[table-format=2.1]}}" in text
    assert text.count("a & b & c & {n}") == 2 and text.count(r"\endfirsthead") == 1  # a heading on each page


@pytest.mark.parametrize(("rows", "length", "wraps"), [(60, 150, True), (60, 40, False), (5, 150, True)])
def test_long_cells_wrap(rows, length, wraps):
    """Also a word that is wider than the page, such as a path."""
    table = Table(name="t", title="t", columns=[Column("x", "x")], rows=[{"x": "a" * length}] * rows)
    assert ("p{" in table.latex()) == wraps


def test_numbers_that_do_not_fit_side_by_side_stand_in_panels():
    columns = [Column("k", "k")] + [Column(f"x{j}", f"x{j}", number=True) for j in range(8)]
    rows = [{"k": str(k), **{f"x{j}": f"{k}.{j}00000000" for j in range(8)}} for k in range(3)]
    text = Table(name="t", title="t", columns=columns, rows=rows).latex()
    heads = re.findall(r"^ +k & (.*) \\\\$", text, re.MULTILINE)
    assert len(heads) == 2 and " & ".join(heads) == " & ".join(f"{{x{j}}}" for j in range(8))
    assert text.count(r"\begin{tabular}") == 2 and text.count(r"\caption") == 1


def test_what_cannot_be_told_apart_is_scaled_down():
    columns = [Column(f"x{j}", f"x{j}", number=True) for j in range(12)]
    rows = [{f"x{j}": "1.00000000" for j in range(12)}] * 2
    text = Table(name="t", title="t", columns=columns, rows=rows).latex()
    assert r"\resizebox" in text and text.count(r"\begin{tabular}") == 1
