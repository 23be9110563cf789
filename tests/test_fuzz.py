"""Fuzz of what users hand in: files of points, certificates, values of options.

One rule for all: an answer about the point and the model that were written, or one line that says what is
wrong.  Never a traceback, and never exit code 0 where W or b is missing, not finite or of a wrong shape,
where an entry is not understood, or a value out of range.
"""

import contextlib
import importlib.util
import io
import json
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kgon import cli
from kgon.base.verdicts import KgonError, KgonWarning
from kgon.cli.registry import COMMANDS
from kgon.kgons.catalogue import Catalogue
from kgon.potential.points import read_stored_point
from kgon.proofs.certificates import certify
from kgon.proofs.check import check_certificate

POINT = Catalogue(4)["4"]
GOOD = {"W": POINT.W, "b": POINT.biases}
MODEL = {"importance": [1.0, 2.0, 0.5, 0.0], "probability": [0.25, 0.25, 0.4, 0.1]}
NOTES = {"step": 3, "epoch": 1, "seed": 0}
HUGE = 1e31


def changed(array, index, value):
    out = np.array(array, dtype=float)
    out.flat[index % out.size] = value
    return out


BAD_NUMBERS = st.sampled_from([np.nan, np.inf, -np.inf, HUGE, -HUGE])
UNKNOWN = st.one_of(
    st.sampled_from(
        ["W1", "w", "B", "bias2", "scale", "scale_factor", "temperature", "importances", "p", "I"]
    ),
    st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=2, max_size=8).map("x_".__add__),
)
BAD_SHAPES = st.sampled_from([(), (5,), (0,), (2, 3), (3, 2), (5, 4), (2, 4, 1), (0, 2, 4), (2, 2, 4)])
BAD_TYPES = st.sampled_from(
    [np.array("text"), np.array([["1"] * 4] * 2), np.ones((2, 4)) * 1j, np.ones((2, 4), bool)]
)


@st.composite
def entries(draw):
    """Entries of a file, and whether a point is to be read from them."""
    found = {**GOOD, **draw(st.fixed_dictionaries({}, optional={k: st.just(v) for k, v in MODEL.items()}))}
    found |= draw(st.fixed_dictionaries({}, optional={k: st.just(v) for k, v in NOTES.items()}))
    spoil = draw(
        st.sampled_from(["nothing", "missing", "number", "unknown", "shape", "type", "model", "decoder"])
    )
    if spoil == "missing":
        del found[draw(st.sampled_from(["W", "b"]))]
    elif spoil == "number":
        name = draw(st.sampled_from(["W", "b"]))
        found[name] = changed(found[name], draw(st.integers(0, 99)), draw(BAD_NUMBERS))
    elif spoil == "unknown":
        found[draw(UNKNOWN)] = draw(st.sampled_from([1.0, POINT.W, POINT.biases]))
    elif spoil == "shape":
        name, shape = draw(st.sampled_from(["W", "b"])), draw(BAD_SHAPES)
        found[name] = np.ones(shape)
    elif spoil == "type":
        found["W"] = draw(BAD_TYPES)
    elif spoil == "model":
        name = draw(st.sampled_from(list(MODEL)))
        bad = draw(st.sampled_from([-0.25, np.nan, np.inf]))
        found[name] = draw(
            st.sampled_from([changed(MODEL[name], 1, bad), MODEL[name][:3], [MODEL[name]], 0.25])
        )
    elif spoil == "decoder":
        found["W_out"] = draw(st.sampled_from([2 * POINT.W, POINT.W[::-1], POINT.W[:, ::-1], POINT.W + 1e-9]))
    return found, spoil


def json_of(found):
    listed = {name: np.asarray(value).tolist() for name, value in found.items()}
    return json.dumps(listed, default=str)  # complex numbers as text


def write(folder, found, ending):
    path = Path(folder) / f"point{ending}"
    if ending == ".npz":
        np.savez(path, **found)
    elif ending == ".json":
        path.write_text(json_of(found))
    else:
        import torch

        torch.save(
            {
                k: torch.tensor(np.array(v)) if np.asarray(v).dtype.kind in "fcb" else v
                for k, v in found.items()
            },
            path,
        )
    return path


def read(path):
    """What is read, or None where it is refused; anything but these two fails."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", KgonWarning)
        try:
            return read_stored_point(path)
        except KgonError as refusal:
            message = str(refusal)
    assert str(path) in message
    return None


def command(*argv):
    """Exit code, stdout and stderr; an exception is a failure."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = cli.main(list(map(str, argv)))
        except SystemExit as stop:
            code = stop.code
    return code, out.getvalue(), err.getvalue()


def refused(code, out, err):
    return code == 2 and out == "" and err.count("\n") == 1 and err.startswith("kgon")


# --- files of points -----------------------------------------------------------------------------------


def entries_are_understood_or_refused(ending, case):
    found, spoil = case
    with tempfile.TemporaryDirectory() as folder:
        point = read(write(folder, found, ending))
    if spoil != "nothing":
        assert point is None, found
        return
    np.testing.assert_array_equal(point.W, POINT.W)
    np.testing.assert_array_equal(point.b, POINT.biases)
    assert point.tms.importance.tolist() == found.get("importance", [1.0] * 4)
    assert point.tms.probability.tolist() == found.get("probability", [0.25] * 4)


def kinds():
    torch = importlib.util.find_spec("torch")
    return [".npz", ".json", *([".pt"] if torch else [])]


@pytest.mark.parametrize("ending", kinds())
@given(entries())
@settings(max_examples=80)
def test_entries(ending, case):
    entries_are_understood_or_refused(ending, case)


@pytest.mark.slow
@pytest.mark.parametrize("ending", kinds())
@given(entries())
@settings(max_examples=2000)
def test_entries_at_length(ending, case):
    entries_are_understood_or_refused(ending, case)


@given(entries(), st.sampled_from([".npz", ".json"]))
@settings(max_examples=60)
def test_verify_never_accepts_what_is_spoilt(case, ending):
    found, spoil = case
    with tempfile.TemporaryDirectory() as folder:
        path = write(folder, found, ending)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            code, out, err = command("verify", path)
    assert refused(code, out, err) if spoil != "nothing" else code in (0, 1) and err == "", (out, err)


def mutated(draw, whole):
    """Bytes with some replaced, cut out, repeated or appended."""
    data = bytearray(whole)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(len(data) - 1, 0)))
        how = draw(st.sampled_from(["flip", "cut", "repeat", "insert", "truncate"]))
        if how == "flip" and data:
            data[at] ^= draw(st.integers(1, 255))
        elif how == "cut":
            del data[at : at + draw(st.integers(1, 9))]
        elif how == "repeat":
            data[at:at] = data[at : at + draw(st.integers(1, 40))]
        elif how == "insert":
            data[at:at] = draw(st.binary(max_size=9))
        else:
            del data[at:]
    return bytes(data)


def wholes():
    """A good file of each kind, as bytes."""
    rows = [*POINT.W.tolist(), POINT.biases.tolist()]
    found = {".csv": "".join(",".join(map(repr, row)) + "\n" for row in rows).encode()}
    with tempfile.TemporaryDirectory() as folder:
        for ending in kinds():
            found[ending] = write(folder, GOOD | MODEL, ending).read_bytes()
    return found


@st.composite
def damaged(draw):
    ending, whole = draw(st.sampled_from(list(WHOLES.items())))
    return ending, mutated(draw, whole)


WHOLES = wholes()


def damage_is_noticed_or_harmless(case):
    ending, data = case
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"point{ending}"
        path.write_bytes(data)
        point = read(path)
    if point is not None:
        assert point.W.shape[-1:] == point.b.shape[-1:] == (point.tms.c,)
        assert point.W.shape[:-2] == point.b.shape[:-1]
        assert max(np.abs(point.W).max(initial=0), np.abs(point.b).max(initial=0)) <= 1e30
        assert abs(point.tms.probability.sum() - 1) < 1e-8


@given(damaged())
@settings(max_examples=200)
def test_damaged_files(case):
    damage_is_noticed_or_harmless(case)


@pytest.mark.slow
@given(damaged())
@settings(max_examples=3000)
def test_damaged_files_at_length(case):
    damage_is_noticed_or_harmless(case)


# --- certificates --------------------------------------------------------------------------------------

CERTIFICATE = json.dumps(certify("4", 4)).encode()
CLAIMS = certify("4", 4)["claims"]


@st.composite
def forged(draw):
    return mutated(draw, CERTIFICATE)


def nothing_but_the_original_is_accepted(data):
    report = check_certificate(data)
    if report.verdict == "PROVED":
        assert json.loads(data)["claims"] == CLAIMS


@given(forged())
@settings(max_examples=100)
def test_damaged_certificates(data):
    nothing_but_the_original_is_accepted(data)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "c.json"
        path.write_bytes(data)
        code, _, err = command("check", path)
    assert code == (0 if check_certificate(data).verdict == "PROVED" else 1) and err == ""


@pytest.mark.slow
@given(forged())
@settings(max_examples=3000)
def test_damaged_certificates_at_length(data):
    nothing_but_the_original_is_accepted(data)


# --- values of options -----------------------------------------------------------------------------------

NEEDED = {
    "verify": ["4"], "exact": ["6"], "exists": ["--k", "5"], "prove": ["global-minimum"], "ncrit": ["5", "6"],
    "continue": ["5", "--parameter", "importance[5]", "--to", "0.9"], "occupancy": ["--n", "100"],
    "llc": ["6"], "table": ["phases"], "figure": ["kgon"], "classify": ["missing.npz"],
    "check": ["missing.json"],
}  # fmt: skip
WHOLE = ["-1", "1.5", "1e3", "nan", "", "x", "5 6", "٣x", "1\n2", "0x10", "--", "9" * 5000]
POSITIVE = ["0", "-1", "-0", "nan", "inf", "-inf", "1e999", "", "x", "1/0", "1//2", "1,5", "0x10", "\x00"]


def numeric_options():
    for name, found in COMMANDS.items():
        for option in found.options:
            kind = option.how.get("type")
            if kind is not None:
                yield from ((name, option.flags[-1], value) for value in (WHOLE if kind is int else POSITIVE))


CASES = list(numeric_options())


def test_there_are_options_with_numbers():
    assert len(CASES) > 300


@given(st.sampled_from(CASES))
@settings(max_examples=200)
def test_values_out_of_range(case):
    name, flag, value = case
    assert refused(*command(name, *NEEDED.get(name, []), f"{flag}={value}")), case


@pytest.mark.slow
@pytest.mark.parametrize("name", list(COMMANDS))
def test_values_out_of_range_all(name):
    for case in CASES:
        if case[0] == name:
            assert refused(*command(name, *NEEDED.get(name, []), f"{case[1]}={case[2]}")), case


@pytest.mark.parametrize("option", ["--switch", "--points", "--n", "--theory", "--out", "--parameter"])
def test_two_hyphens_are_no_value(option):
    code, out, err = command("continue", *NEEDED["continue"], f"{option}=--")
    assert refused(code, out, err) and option in err


LABELS = st.one_of(
    st.text(max_size=6).filter(lambda x: not x.startswith("-")),
    st.text("0123456789+-:", min_size=1, max_size=7).filter(lambda x: not x.startswith("-")),
)


@given(LABELS)
@settings(max_examples=100)
def test_labels(text):
    known = {str(label) for label in Catalogue(4).labels} | {label.name for label in Catalogue(4).labels}
    code, out, err = command("exact", "-c", "4", f"{text}")
    assert code == 0 if text.strip() in known else refused(code, out, err), (text, out, err)
