"""Checkers under attack by size: what a file may hold, and that whatever holds more is refused cheaply."""

import base64
import copy
import dataclasses
import json
import math
import os
import random
import re
import resource
import socket
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from support.followed import pentagon_branch
from support.minimum_prover import certificates, packed, sealed, unpacked

import kgon.proofs.check
from kgon.proofs.certificates import certify
from kgon.proofs.check import check_certificate as check
from kgon.proofs.check import check_file
from kgon.proofs.check.branch import prove_tubes, tubes
from kgon.proofs.check.branch.tubes import Effort
from kgon.proofs.check.budget import ALLOWANCE, BRANCHES, EACH, LARGEST, LIMITS, MINIMA, NEEDS, POINTS
from kgon.proofs.check.minimum import count_boxes, covering, steps

FOLDER = Path(kgon.proofs.check.__file__).parent
ALONE = "import sys; sys.path.insert(0, {!r}); from check.entry import main; sys.exit(main())"
MEMORY, SECONDS = 300_000_000, 60
"""Limits of a process that checks a hostile file; the time is processor time, and only against hanging."""


@pytest.mark.parametrize("name", LIMITS)
def test_limits_are_at_most_four_times_what_the_largest_certificate_needs(name):
    for field, most in dataclasses.asdict(LIMITS[name]).items():
        need = getattr(NEEDS[name], field)
        assert need <= most <= 4 * need, field


def test_the_table_in_the_docs_is_that_of_the_code():
    text = (Path(__file__).parents[3] / "docs" / "certificates.md").read_text()
    found = re.findall(r"^\| [^|]+ \| `(\w+)` \|(.+)\|$", text, re.MULTILINE)
    written = {
        name: [re.sub(r"\D+", " ", cell).split() for cell in cells.split("|")] for name, cells in found
    }
    for field in (x.name for x in dataclasses.fields(POINTS)):
        cells = []
        for name, limit in LIMITS.items():
            most, need = getattr(limit, field), getattr(NEEDS[name], field)
            cells.append([str(most), str(need)] if most else [])
        assert written[field] == cells, field
    assert set(written) == {x.name for x in dataclasses.fields(POINTS)}


def test_what_kgon_writes_fits():
    """The largest points of eight features need what is listed."""
    need, sizes = NEEDS["points"], []
    for label in ("5+++", "7+", "8"):
        text = json.dumps(certify(label, 8), indent=1, sort_keys=True) + "\n"
        sizes.append((len(text), sum(text.count(x) for x in ",[{")))
        assert check(text).verdict == "PROVED"
    assert max(sizes) == (need.bytes, need.values)


# --- hostile files ------------------------------------------------------------------------------------------


def full(depth, leaf="h"):
    return leaf if depth == 0 else f"{depth % 2}{full(depth - 1, leaf) * 2}"


def minimum(tree, part="two", c=5):
    new = copy.deepcopy(certificates()[max(c, 5)])
    new["steps"][c - 5][part]["tree"] = tree
    return json.dumps(sealed(new))


def bomb(nodes):
    return base64.b64encode(zlib.compress(b"0" * nodes, 9)).decode()


def refined():
    """Every leaf of a good tree is cut into 4096, which are all as good."""
    code = unpacked(certificates()[5]["steps"][0]["two"]["tree"])
    return minimum(packed(re.sub("[hqn]", lambda leaf: full(12, leaf[0]), code)))


def two_trees():
    new = copy.deepcopy(certificates()[6])
    for part in ("two", "five"):
        new["steps"][1][part]["tree"] = packed(full(20))  # each within the limit
    return json.dumps(sealed(new))


def branch(**changes):
    body = {"label": "6", "role": "vertex", "ends": ["start", "upper"], "vertices": list(range(6)),
            "positive": [], "mirror": None, "start": [], "tubes": [], "joins": ""}  # fmt: skip
    whole = {"format": "kgon-branch/1", "c": 6, "parameter": "importance[5]", "others": [], "maxwell": [],
             "range": [(1.0).hex(), (2.0).hex()], "branch": {**body, **changes}}  # fmt: skip
    return json.dumps(sealed(whole))


def point(change):
    new = copy.deepcopy(certify("6", 6))
    change(new)
    return json.dumps(sealed(new))


def wide(new):
    new["witness"]["inverse"] = [[[1 << 4000, -4000]] * 17 for _ in range(17)]


def far(new):
    new["witness"]["inverse"][0][0] = [1, 10**9]


HOSTILE = {
    "many empty lists": (lambda: "[" + "[]," * (64 << 20 >> 4), f"more than {LARGEST.bytes} bytes"),
    "empty lists": (lambda: "[" + "[]," * (LARGEST.bytes // 3 - 1), f"more than {LARGEST.values} values"),
    "empty objects": (lambda: "[" + "{}," * 150_000, "no JSON"),
    "deep": (lambda: "[" * 300_000, "nested more than"),
    "deep to the end": (lambda: "[" * 100_000 + "]" * 100_000, "nested more than"),
    "spaces": (lambda: " " * LARGEST.bytes, "empty"),
    "a long number": (lambda: '{"c": ' + "9" * (LARGEST.bytes // 2) + "}", "a number is too long"),
    "a long string": (lambda: '{"format": "' + "x" * (LARGEST.bytes // 2) + '"}', "is unknown"),
    "zeros": (lambda: minimum(bomb(1 << 24)), f"more than {MINIMA.nodes} nodes"),
    "zeros within the limit": (lambda: minimum(bomb(MINIMA.nodes)), "boxes wait"),
    "two trees within the limit": (two_trees, f"more than {MINIMA.nodes} nodes"),
    "refined leaves": (refined, f"more than {MINIMA.nodes} nodes"),
    "a full tree": (lambda: minimum(packed(full(21))), f"more than {MINIMA.nodes} nodes"),
    "a long tree": (lambda: minimum("A" * 2_000_000), f"longer than {MINIMA.bytes} bytes"),
    "a bomb behind a label": (lambda: minimum(bomb(1 << 27)), "nodes"),
    "copies of a tube": (lambda: branch(tubes=[{"half": "0x1.0p+0"}] * 16384), "tubes are there twice"),
    "many tubes": (lambda: branch(tubes=[{"half": i % 9, "a": str(i)} for i in range(16384)]),
                   f"more than {BRANCHES.tubes} tubes"),
    "tubes of many columns": (lambda: branch(vertices=[0] * 16, tubes=[[str(i)] for i in range(1000)]),
                              "too many tubes for so many columns"),
    "dyadics of 4000 bits": (lambda: point(wide), "a number is too long"),
    "an exponent": (lambda: point(far), "an exponent is too large"),
    "many columns": (lambda: point(lambda new: new.update(c=64)), f"an integer from 4 to {POINTS.columns}"),
    "a long label": (lambda: point(lambda new: new.update(label="6" + "+" * 100_000)), "label is impossible"),
}  # fmt: skip


def limited():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


def refused(*files):
    """What the folder alone says of files, in a process with little memory and time."""
    command = [sys.executable, "-I", "-S", "-c", ALONE.format(str(FOLDER.parent)), *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, preexec_fn=limited)
    assert "Traceback" not in done.stderr and "Memory" not in done.stdout + done.stderr, done.stderr
    return done


def test_hostile_files_are_refused_in_little_memory(tmp_path):
    files = []
    for name, (text, _) in HOSTILE.items():
        files.append(tmp_path / name.replace(" ", "_"))
        files[-1].write_text(text())
    sparse = tmp_path / "sparse"
    with sparse.open("wb") as file:
        file.truncate(1 << 40)
    done = refused(*files, sparse)
    assert done.returncode == 1
    *lines, last = done.stdout.splitlines()
    assert len(lines) == len(HOSTILE) and f"longer than {LARGEST.bytes} bytes" in last
    for (name, (_, reason)), line in zip(HOSTILE.items(), lines, strict=True):
        reason = reason.replace("more than", "longer than") if "bytes" in reason else reason
        assert ": REJECTED " in line and reason in line and len(line) < 600, (name, line)


def test_only_regular_files_are_read(tmp_path):
    fifo, folder, door = (tmp_path / name for name in ("fifo", "folder", "door"))
    os.mkfifo(fifo)
    folder.mkdir()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(door))
        names = [fifo, folder, door, *(x for x in (Path("/dev/zero"), Path("/dev/null")) if x.exists())]
        done = refused(*names, tmp_path / "none")
        assert (done.returncode, done.stdout) == (2, "")
        lines = done.stderr.splitlines()
        assert len(lines) == len(names) + 1 and all(": cannot be read: " in line for line in lines)
        assert sum("not a regular file" in line for line in lines) >= len(names) - 1
        for name in names:
            with pytest.raises(OSError, match=re.escape(str(name))):
                check_file(str(name))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (b" \n", "the file is empty"),
        (b"\xef\xbb\xbf{}", "the file is no JSON"),
        (b"\xff\xfe{\x00}\x00", "the file is no UTF-8 text"),
        (b"kgon", "the file is no JSON: Expecting value, line 1, column 1"),
        (b'{"a": 1,}', "the file is no JSON"),
        (b"\x89PNG", "the file is no UTF-8 text"),
    ],
)
def test_what_is_no_certificate_is_named(tmp_path, data, reason):
    path = tmp_path / "file.json"
    path.write_bytes(data)
    report = check_file(str(path))
    assert report.verdict == "REJECTED" and report.reason.startswith(reason)


def test_pieces_are_counted(monkeypatch):
    """Tubes that need far too many pieces are given up early, however many there are."""
    whole = pentagon_branch()
    tried = []
    monkeypatch.setattr(tubes, "piece", lambda *_: tried.append(1))
    report = check(whole)
    assert "what is claimed of it is not seen to hold" in report.reason and len(tried) == BRANCHES.cuts + 1
    deep = iter(range(10**9))
    good = tubes.Piece(tubes.Interval(1, 1), 0)
    tried.clear()

    def costly(system, tube, low, high):  # so many cuts that every tube comes in 64 pieces
        tried.append(next(deep))
        return good if (high - low) * 50 < 2 * tube.half else None

    monkeypatch.setattr(tubes, "piece", costly)
    assert "need more than" in check(whole).reason
    assert BRANCHES.pieces == ALLOWANCE + EACH * BRANCHES.tubes
    assert ALLOWANCE < len(tried) <= ALLOWANCE + EACH * len(whole["branch"]["tubes"])


def test_a_surrogate_in_a_label_is_no_traceback(tmp_path):
    path = tmp_path / "file.json"
    path.write_text(json.dumps({**certify("6", 6), "label": "\ud800"}))
    for arguments in ([], ["--json"]):
        done = refused(*arguments, path)
        assert done.returncode == 1 and "\\ud800" not in done.stdout
        assert "digest is wrong" in done.stdout


def test_what_is_heavy_at_its_end_is_met_early():
    """Tubes are proved in an order of the file's own: the last tenth of a long chain cannot hide."""
    order, tried = random.Random("a digest"), []

    class Chain:
        tubes = range(4000)

        def prove(self, i, effort):
            effort.begin(8)
            for _ in range(64 if i >= 3600 else 1):
                effort.spend(8, "here")
                tried.append(i)

    with pytest.raises(ValueError, match="need more than"):
        prove_tubes([Chain()], order)
    assert len(tried) < 500
    Chain.tubes = range(3600)
    tried.clear()
    prove_tubes([Chain()], order)
    assert sorted(tried) == list(range(3600))


@pytest.mark.parametrize(("columns", "pieces", "most"), [(6, 4, 200), (8, 4, 200), (8, 5, 125), (16, 5, 20)])
def test_tubes_that_all_need_too_many_pieces_are_given_up_soon(columns, pieces, most):
    """With c = 8 a piece takes 0.02 s, with 16 columns eight times that: never more than 5 s."""
    effort = Effort()

    def prove_all():
        for _ in range(BRANCHES.tubes):
            effort.begin(columns)
            for _ in range(pieces):
                effort.spend(columns, "here")

    with pytest.raises(ValueError, match="need more than"):
        prove_all()
    assert effort.pieces <= most


def test_a_long_tube_is_refused_at_once(monkeypatch):
    """What would need many pieces by its length alone is not begun."""
    monkeypatch.setattr(tubes, "piece", None)
    whole = copy.deepcopy(pentagon_branch())
    whole["branch"]["tubes"][-1]["half"] = math.nextafter(0.25, 1).hex()
    last = len(whole["branch"]["tubes"]) - 1
    assert check(sealed(whole)).reason == f"branch: tube {last}: it is longer than 1/2"


def test_trees_are_counted_before_any_box_is_bounded(monkeypatch):
    monkeypatch.setattr(covering, "walk", None)
    deep = MINIMA.pending
    for code, reason in (
        (f"0{full(10)}{'0' * deep}{'h' * (deep + 1)}", "boxes wait"),
        (f"0{full(10)}0h", "ends too early"),
        (f"{full(10)}h", "more after the end"),
    ):
        assert reason in check(minimum(packed(code))).reason


def test_boxes_near_polygons_share_the_cells_of_a_file(monkeypatch):
    """The second step may have a box of its own, which then has half of the cells."""
    new = copy.deepcopy(certificates()[6])
    assert count_boxes(new["steps"]) == 1 and count_boxes([None, {"two": 3}, {"two": {}}]) == 0
    new["steps"][1]["two"]["near"] = new["steps"][0]["two"]["near"]
    seen = []
    monkeypatch.setattr(steps, "polygon", lambda c, near, most: seen.append(most) or 1 / 0)
    check(sealed(new))
    assert seen == [MINIMA.cells // 2]
