"""The checker of global minima: its enclosures against exact integrals, and what must be refused."""

import base64
import copy
import functools
import json
import re
import zlib
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.command import data_of, run
from support.minimum_prover import certificates, leaves, packed, sealed, trees, unpacked

from kgon.proofs.check import check_certificate as check
from kgon.proofs.check.budget import MINIMA
from kgon.proofs.check.intervals import Interval96 as Interval
from kgon.proofs.check.minimum import covering
from kgon.proofs.check.minimum import steps as checker
from kgon.proofs.global_minimum import prove_global_minimum

CERT = certificates()


pytestmark = pytest.mark.usefixtures("quick")


# good certificates


@pytest.mark.parametrize("c", CERT)
def test_good_certificates_are_proved(c):
    report = check(CERT[c])
    assert (report.verdict, report.reason, report.label) == ("PROVED", "", f"c = {c}")
    assert report == check(json.dumps(CERT[c])) == check(json.dumps(CERT[c], indent=1).encode())


def test_what_the_reports_say():
    assert check(CERT[4]).claims == [
        "c = 4: the square is the global minimum of L, unique up to rotation, reflection and permutation; "
        "there L is 0"
    ]
    boxes, pentagon = check(CERT[5]).claims
    number = sum(map(str.isalpha, unpacked(CERT[5]["steps"][0]["two"]["tree"])))
    assert boxes == f"c = 5: {number} boxes cover all cases"
    assert pentagon.startswith("c = 5: the regular pentagon is the global minimum of L, unique up to")
    assert "between 0.015825627074494" in pentagon
    assert check(CERT[6]).claims[:2] == [boxes, pentagon]
    assert check(CERT[6]).claims[-1] == "c = 6: c L >= 3/20 for all W and b"


@pytest.fixture(scope="module")
def written(theorem):
    """The prover's certificate for six columns."""
    return json.loads(Path(theorem.certificate).read_text())


def test_kgons_certificates_of_the_minima_are_proved(tmp_path, written):
    for c in (4, 5):
        assert (
            check(Path(prove_global_minimum(c, folder=tmp_path).certificate).read_bytes()).verdict == "PROVED"
        )
    report = check(written)
    assert report.verdict == "PROVED"
    assert "c = 6: the regular hexagon is the global minimum of L" in report.claims[-1]
    assert "between 0.0481923760315" in report.claims[-1]


def test_false_variants_of_the_hexagon_are_rejected(written):
    """Its trees hold for nothing that is false: a greater V, lemma two below 0.198, a smaller τ₁."""
    six = written["steps"][1]
    for change, reason in (
        (
            {"value": "28917/100000", "slope": "20143/100000", "two": {**six["two"], "near": None}},
            "leaf",
        ),
        ({"two": {**six["two"], "theta": ["1/10", six["two"]["theta"][1]]}}, "two.tree: leaf"),
        ({"two": {**six["two"], "theta": ["0", six["two"]["theta"][1]]}}, "two.tree: leaf"),
        ({"two": {**six["two"], "theta": ["1/4", six["two"]["theta"][1]]}}, "tau is too small for theta"),
        ({"five": {**six["five"], "tau": "65/64"}}, "tau is too small for theta"),
        ({"five": {**six["five"], "size": "28"}}, "size is too small"),
    ):
        report = check(sealed({**written, "steps": [written["steps"][0], {**six, **change}]}))
        assert report.verdict == "REJECTED" and reason in report.reason, report.reason


# near misses


def at(value, path):
    return functools.reduce(lambda place, step: place[step], path, value)


def changed(path, value, c=6, seal=True):
    """A copy of a good certificate in which the entry at a dotted path is replaced."""
    steps = [int(step) if step.isdigit() else step for step in path.split(".")]
    new = copy.deepcopy(CERT[c])
    place = at(new, steps[:-1])
    place[steps[-1]] = value(place[steps[-1]]) if callable(value) else value
    return sealed(new) if seal else new


def moved(index, amount):
    return lambda ends: [
        str(Fraction(x) + (Fraction(amount) if i in index else 0)) for i, x in enumerate(ends)
    ]


NUMBER = [
    "0.5",
    "1/0",
    " 1/2",
    "2/4",
    "1e-2",
    "1_0/30",
    "١/٣",
    "+1/2",
    "-0",
    "1/2\n",
    1,
    0.5,
    None,
    True,
    [],
    "9" * 400,
]
TREE = [
    "", "!", "aGg", None, 5, [], "é",
    base64.b64encode(b"not zlib").decode(),
    base64.b64encode(zlib.compress(b"h") + b"x").decode(),
    base64.b64encode(zlib.compress(b"h" * 50)[:-4]).decode(),
    base64.b64encode(zlib.compress(b"0" * (1 << 25))).decode(),
    *map(packed, ["", "h", "q", "n", "s", "p", "v", "x", "9", "0", "0h", "\0", "0n0h"]),
    lambda tree: base64.b64encode(base64.b64decode(tree) + b"x").decode(),
    lambda tree: tree + "====", lambda tree: tree + "\n", lambda tree: tree[:-8], lambda tree: tree[::-1],
    lambda tree: packed(unpacked(tree) + "q"), lambda tree: packed(unpacked(tree)[:-1]),
    lambda tree: packed(unpacked(tree)[1:]), lambda tree: packed(unpacked(tree)[::-1]),
    lambda tree: packed("0" + unpacked(tree)), lambda tree: packed("0" + 2 * unpacked(tree)),
]  # fmt: skip
HOPELESS = {
    "format": ["kgon-global-minimum/2", "kgon-certificate/1", None, 1, ["kgon-global-minimum/1"]],
    "c": [5, 7, 4, 65, 10**9, -6, True, "6", None],
    "steps": [
        lambda steps: steps[:1], lambda steps: steps[1:], lambda steps: steps[::-1],
        lambda steps: [steps[0]] * 2, lambda steps: [steps[1]] * 2, lambda steps: [*steps, steps[1]],
        [], None, {}, [None, None],
    ],
    "steps.0": [None, [], {}],
    "steps.0.c": [4, 6, True, "5", None],
    "steps.1.c": [5, 7, "6"],
    "steps.0.value": ["1/13", "1/2"],
    "steps.0.slope": ["1/10"],
    "steps.0.five": [lambda _: CERT[6]["steps"][1]["five"], {}, []],
    "steps.0.two.theta": [
        ["0"], [], None, "0", moved([0], "1/1024"), moved([0], "-1/1024"), moved([1], "-1/64"),
        moved([1], "-1"), moved([1], "1/4"), moved([1], "100"), lambda ends: ends[::-1],
    ],
    "steps.0.two.theta.1": NUMBER,
    "steps.0.two.near": [
        None, [], lambda ends: ends[:3], moved([0, 1], "1/10"), moved([0, 1], "-1/10"), moved([2, 3], "1/10"),
        moved([2, 3], "-1/10"), moved([0], "-1/4"), moved([1], "1/10"), moved([3], "1/10"),
        moved([0], "1/20"), moved([1], "-1/20"), moved([2], "1/20"), moved([3], "-1/20"),
        moved([0, 1, 2, 3], "1/2"),
        lambda ends: [ends[1], ends[0], *ends[2:]], lambda ends: [*ends[:2], ends[3], ends[2]],
        lambda ends: [ends[2], ends[3], ends[0], ends[1]], ["0", "1", "0", "3/2"], ["0", "0", "0", "0"],
        moved([0, 1], "1/128"), moved([2, 3], "-1/128"),
    ],
    "steps.0.two.near.0": NUMBER,
    "steps.0.two.tree": TREE,
    "steps.1.value": [None, "-3/20", "0", "1/5", "1", "9" * 90, *NUMBER],
    "steps.1.slope": [None, "-1/10", "0", "1", "1/1000", *NUMBER],
    "steps.1.two.theta": [moved([0], "-1/64"), moved([1], "-1/16"), moved([1], "1/2")],
    "steps.1.two.near": [lambda _: CERT[6]["steps"][0]["two"]["near"], []],
    "steps.1.two.tree": [*TREE, lambda tree: CERT[6]["steps"][1]["five"]["tree"]],
    "steps.1.five": [None, [], {}],
    "steps.1.five.tau": ["1/2", "0", "-1", "2", *NUMBER[:-2]],
    "steps.1.five.size": ["1/2", "0", "-4", "400", *NUMBER[:-2]],
    "steps.1.five.tree": [*TREE, lambda tree: CERT[6]["steps"][1]["two"]["tree"]],
}  # fmt: skip


@pytest.mark.parametrize("path", HOPELESS)
def test_near_misses_are_rejected(path):
    for value in HOPELESS[path]:
        report = check(changed(path, value))
        assert report.verdict == "REJECTED", value
        assert report.claims == [] and report.reason and "\n" not in report.reason


@pytest.mark.parametrize("path", HOPELESS)
def test_the_digest_notices_every_change(path):
    for value in HOPELESS[path]:
        report = check(changed(path, value, seal=False))
        assert report.verdict == "REJECTED"
        assert path == "format" or "digest is wrong" in report.reason or "number" in report.reason


def test_every_object_has_exactly_its_keys():
    for path in (
        (),
        ("steps", 0),
        ("steps", 0, "two"),
        ("steps", 1),
        ("steps", 1, "two"),
        ("steps", 1, "five"),
    ):
        for key in (*at(CERT[6], path), "note"):
            new = copy.deepcopy(CERT[6])
            place = at(new, path)
            if key == "note":
                place[key] = None
            else:
                del place[key]
            assert check(new if key == "digest" else sealed(new)).verdict == "REJECTED", (path, key)


TEXT = json.dumps(CERT[6])
ENDLESS = {}
ENDLESS["more"] = ENDLESS
BAD = {
    "an endless dictionary": ENDLESS,
    "empty": "",
    "truncated": TEXT[:-2],
    "more after it": TEXT + "{}",
    "a list": "[]",
    "a float": TEXT.replace('"c": 6', '"c": 6.0'),
    "NaN": TEXT.replace('"c": 6', '"c": NaN'),
    "an exponent": TEXT.replace('"c": 6', '"c": 6e0'),
    "a key twice": TEXT.replace('"c": 6', '"c": 6, "c": 6'),
    "a long integer": TEXT.replace('"c": 6', '"c": ' + "9" * 3000),
    "deep": "[" * 100000,
    "deep inside": TEXT.replace('"near": null', '"near": ' + "[" * 5000 + "]" * 5000),
    "bytes that are no text": b"\xff\xfe" + TEXT.encode(),
    "a wrong digest": TEXT.replace(CERT[6]["digest"], "0" * 64),
    "a digest in capitals": TEXT.replace(CERT[6]["digest"], CERT[6]["digest"].upper()),
    "a surrogate": TEXT.replace("kgon-global", "\\ud800"),
    "None": None,
    "a dictionary that is no JSON": {1: {2, 3}},
    "a dictionary with a float": {**CERT[6], "c": float("nan")},
}


@pytest.mark.parametrize("name", BAD)
def test_nothing_raises_on_bad_input(name):
    report = check(BAD[name])
    assert report.verdict == "REJECTED" and report.reason and "\n" not in report.reason


CODES = [
    (step, part, unpacked(CERT[6]["steps"][step][part]["tree"]))
    for step, part in ((0, "two"), (1, "two"), (1, "five"))
]


@given(st.sampled_from(CODES), st.integers(0, 10**9), st.sampled_from("01234hqnspvx"))
def test_a_tree_with_one_byte_less_more_or_of_another_kind_is_rejected(case, where, byte):
    step, part, code = case
    where %= len(code)
    mutants = [code[:where] + code[where + 1 :], code[:where] + byte + code[where:]]
    if byte.isalpha() != code[where].isalpha():
        mutants.append(code[:where] + byte + code[where + 1 :])
    for mutant in mutants:
        report = check(changed(f"steps.{step}.{part}.tree", packed(mutant)))
        assert report.verdict == "REJECTED" and f"{part}.tree: " in report.reason


def test_a_leaf_of_another_kind_is_rejected():
    """Only leaves at which the other bound fails, by the arithmetic of these tests: else it is as good."""
    for code, low, high, step, part, bound in trees(CERT[6]):
        seen = set()
        for place, (leaf, *box) in leaves(code, low, high).items():
            for other, value in bound(*box).items():
                if other != leaf and value < -1e-9 and (leaf, other) not in seen:
                    seen.add((leaf, other))
                    mutant = code[:place] + other + code[place + 1 :]
                    report = check(changed(f"steps.{step}.{part}.tree", packed(mutant)))
                    assert report.verdict == "REJECTED" and f"({other!r}) is not above zero" in report.reason
        assert len(seen) >= (6 if part == "five" else 2)


# side conditions, with all trees taken for good

WEAK = {"c": 6, "value": "3/20", "slope": "1/10", "two": {"theta": ["0", "21/16"], "near": None}}
SIDES = [  # what is changed, and what the checker says; None: it is enough
    ({}, {}, None),
    ({"value": "19/10"}, {}, "T must be below 1/3"),
    ({"slope": "-1", "theta": ["0", "1/2"]}, {}, "value and slope must be positive"),
    ({"value": "-1/10"}, {}, "value and slope must be positive"),
    ({"slope": "1/4"}, {}, None),
    ({"slope": "1/3"}, {}, "T must be below 1/3"),
    ({"theta": ["0", "1297/1000"]}, {}, "theta must not end before T/κ"),
    ({"theta": ["0", "649/500"]}, {}, None),
    ({"theta": ["0", "157/100"]}, {}, None),
    ({"theta": ["0", "79/50"]}, {}, "theta must be within [0, π/2)"),
    ({"theta": ["3/2", "3/2"]}, {}, "theta must be within [0, π/2)"),
    ({"theta": ["-1/10", "3/2"]}, {}, "theta must be within [0, π/2)"),
    ({"value": "37/100", "slope": "1/6", "theta": ["0", "3/2"]}, {"size": "16"}, None),
    ({"value": "371/1000", "slope": "1/6", "theta": ["0", "3/2"]}, {}, "a zero column is not excluded"),
    ({}, {"tau": "99/100"}, "tau must be 1 or more"),
    ({"theta": ["63/256", "21/16"]}, {"tau": "33/32", "size": "32"}, None),
    ({"theta": ["127/512", "21/16"]}, {"tau": "33/32", "size": "32"}, "tau is too small for theta"),
    ({}, {"size": "1"}, None),
    ({}, {"size": "1/2"}, "size is too small"),
    ({}, {"size": "-4"}, "size is too small"),
    ({}, {"tau": "33/32", "size": "51/10"}, None),
    ({}, {"tau": "33/32", "size": "5"}, "size is too small"),
]  # fmt: skip


@pytest.fixture(scope="module")
def fifth():
    return checker.check_step(CERT[5]["steps"][0], None, MINIMA.cells)[0]


@pytest.mark.parametrize(("change", "parts", "reason"), SIDES)
def test_side_conditions(monkeypatch, fifth, change, parts, reason):
    monkeypatch.setattr(covering, "walk", lambda *_: 0)
    step = copy.deepcopy(WEAK) | {name: value for name, value in change.items() if name != "theta"}
    step["two"] |= {"theta": change.get("theta", step["two"]["theta"]), "tree": packed("h")}
    step["five"] = {"tau": "1", "size": "4", "tree": packed("h")} | parts
    if reason is None:
        assert (found := checker.check_step(step, fifth, MINIMA.cells)[0]).c == 6
        assert found.bonus == 0  # no gap of π/2 is known to cost more after a step with twins
    else:
        with pytest.raises(ValueError, match=re.escape(f"c = 6: {reason}")):
            checker.check_step(step, fifth, MINIMA.cells)


def test_the_first_step_must_be_about_the_minimum(monkeypatch):
    monkeypatch.setattr(covering, "walk", lambda *_: 0)
    step = copy.deepcopy(CERT[5]["steps"][0]) | {"value": "1/20", "slope": "1/10"}
    step["two"]["near"] = None
    with pytest.raises(ValueError, match="c = 5: a value needs a step before it and no near"):
        checker.check_step(step, None, MINIMA.cells)


def test_a_wide_gap_costs_more_than_the_pentagon(fifth):
    assert fifth.bonus / Interval.one == pytest.approx(0.018373, abs=1e-6)


@pytest.mark.parametrize(
    ("V", "start", "reason"),
    [
        ("1/7", "0", None),
        ("1/7", "1/1000", "theta must begin at 0"),
        ("1/6", "0", "V be below 1/6"),
        ("1/5", "0", "V be below 1/6"),
    ],
)
def test_edges_alone_need_a_small_value(monkeypatch, V, start, reason):
    """The pentagon is far below 1/6; one that cost more would not be proved."""
    value = Interval.of(Fraction(V))
    monkeypatch.setattr(covering, "walk", lambda *_: 0)
    monkeypatch.setattr(checker, "polygon", lambda c, *_: (value / c, Interval.of(Fraction(1, 5))))
    step = copy.deepcopy(CERT[5]["steps"][0])
    step["two"]["theta"] = [start, "3/2"]
    if reason is None:
        bonus = checker.check_step(step, None, MINIMA.cells)[0].bonus
        assert bonus / Interval.one == pytest.approx(1 / 6 - 1 / 7)
    else:
        with pytest.raises(ValueError, match=reason):
            checker.check_step(step, None, MINIMA.cells)


# the command


def test_the_command_finds_the_checker_by_the_format(tmp_path, capsys):
    files = []
    for c, cert in CERT.items():
        files.append(str(tmp_path / f"{c}.json"))
        Path(files[-1]).write_text(json.dumps(cert))
    found = data_of(capsys, "check", *files)
    assert [(x["verdict"], x["label"]) for x in found] == [("PROVED", f"c = {c}") for c in CERT]
    for text, reason in (
        (TEXT.replace("minimum/1", "minimum/2"), "format 'kgon-global-minimum/2' is unknown; known are"),
        (TEXT.replace('"3/20"', '"4/20"'), "digest is wrong"),
        ('{"format": {}}', "format '{}' is unknown"),
        ("[]", "the keys must be"),
        (TEXT[:-1], "delimiter"),
    ):
        Path(files[0]).write_text(text)
        code, out, err = run(capsys, "check", files[0])
        assert (code, err) == (1, "")
        assert out.startswith("REJECTED") and reason in out
