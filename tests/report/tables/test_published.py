"""The tables of the published λ̂, of its bias, and of the 4-gons."""

from __future__ import annotations

import pytest

from kgon.experiments.llc.bias import CAUSES
from kgon.experiments.llc.falls import measure_fall
from kgon.report import tables


def test_the_table_of_published_values_has_their_protocol_on_population_and_data(published):
    rows = tables.make_table("llc-published", llc_published=published).rows
    assert [row["source"] for row in rows] == ["population"] * 3 + ["data"] * 3
    assert rows[-1]["published"] == "9.03 ± 0.59" and rows[-1]["discarded"] == "0 of 10"
    assert {(row["gamma"], row["size"], row["steps"]) for row in rows} == {("0.1", "5e-05", "10000")}
    assert {row["verdict"] for row in rows} <= {"CONFIRMED", "REFUTED", "UNDECIDED"}


def test_the_table_of_the_bias_adds_up_and_marks_what_is_second_hand(published):
    table = tables.make_table("llc-bias", llc_published=published)
    assert (
        "second hand" in table.notes[0] and "published [S]" in table.text() and "48 chains" in table.notes[0]
    )
    for row in table.rows:
        parts = [float(row[name].split()[0]) for name in CAUSES]
        assert abs(float(row["exact"]) + sum(parts) - float(row["ours"].split()[0])) < 0.05
        split = [float(row[name].split()[0]) for name in ("density", "sampling")]
        assert abs(sum(parts) - sum(split)) < 0.05


def test_no_error_of_a_part_is_printed_as_zero(published):
    """Two digits of every error, however small; a part that is 0 for certain has none."""
    rows = tables.make_table("llc-bias", llc_published=published).rows
    for row, split in zip(rows, published.splits, strict=True):
        for part in split.parts:
            value, _, error = row[part.name].partition(" ± ")
            assert float(value) == pytest.approx(part.value, abs=part.stderr / 10)
            assert (float(error) == pytest.approx(part.stderr, rel=0.06)) if part.stderr else not error
    assert rows[-1]["escape"] == rows[-1]["rule"] == "0" and rows[0]["step"].startswith("+0.0")
    assert max(len(row["step"].partition(" ± ")[2]) for row in rows) > 5


def test_the_table_of_falls_has_no_lambda_and_no_basin_of_what_is_no_minimum():
    table = tables.make_table("llc-falls", llc_falls=(measure_fall("4++-"), measure_fall("4")))
    saddle, minimum = table.rows
    assert saddle["exact"] == saddle["basin"] == "" and minimum["exact"] == "7.5"
    assert minimum["basin"].startswith("7.") and saddle["short"].startswith("-")
    assert r"\times" in saddle["ends tex"] and " × " in saddle["ends"]
