"""Peak memory: of a process whose memory is known, and of commands that draw more without keeping more."""

import sys
from pathlib import Path

import pytest

from kgon.base.verdicts import KgonError
from kgon.report.memory import LONG, Long, measure_memory, peak_memory

HELD = "x = bytearray({}); x[::4096] = b'1' * len(x[::4096])"
NOISE = 12.0
"""Megabytes by which two runs of one command may differ: of libraries and allocators."""


def held(size: int) -> float:
    return peak_memory([sys.executable, "-I", "-S", "-c", HELD.format(size)])


def test_the_peak_is_that_of_the_process():
    little, much = held(10**6), held(200 * 10**6)
    assert little < 60 and much - little == pytest.approx(199, abs=5)


def test_the_peak_is_that_of_the_largest_process_that_it_waits_for():
    inner = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {HELD.format(150 * 10**6)!r}])"
    assert 150 < peak_memory([sys.executable, "-c", inner]) < 210


def test_what_the_asker_holds_is_not_counted():
    ballast = bytearray(300 * 10**6)
    ballast[::4096] = b"1" * len(ballast[::4096])
    assert held(10**6) < 60


def test_a_command_that_fails_is_refused():
    with pytest.raises(KgonError, match=r"ended with 2: .*77"):
        measure_memory([Long("verify 77")])


def test_every_row_of_a_measurement_names_its_command():
    found = measure_memory([Long("antecedent {} 5", "", (4, 4))])
    assert [name for name, _ in found.rows()] == ["antecedent 4 5", "antecedent 4 5"]
    assert all(words.endswith(" MB") for _, words in found.rows())
    assert all(x.words.format(7) != x.words for x in LONG if x.grows)


def test_the_page_has_every_long_command():
    page = (Path(__file__).parents[2] / "docs/how-fast.md").read_text(encoding="utf-8")
    rows = [f"| `kgon {x.words.format(', '.join(map(str, x.amounts)))}` |" for x in LONG]
    assert [row for row in rows if row not in page] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "amounts", "kept"),
    [
        ("sample --n 50 --ensembles 2 --draws 8 --thin {}", (1, 40), 0.0),  # forty times the iterations
        ("sample --n 50 --ensembles 2 --draws {}", (8, 250), 2 * 2 * 242 * 19 * 8e-6),  # points and losses
        (
            "llc 6 --n 100 --sampler sgld --steps {}",
            (1000, 40_000),
            10 * 39_000 * 8e-6,
        ),  # losses of 10 chains
    ],
)
def test_memory_grows_by_what_is_kept_alone(words, amounts, kept):
    """The transforms of the diagnostics are of complex numbers, twice as many, up to a power of two."""
    measure_memory([Long(words, "", amounts[:1])])  # compiles
    ((first, last),) = [x.megabytes for x in measure_memory([Long(words, "", amounts)]).commands]
    assert last - first < NOISE + (8 + 4) * kept
