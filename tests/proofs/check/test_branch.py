"""The checker of branches: its derivatives against exact ones, good certificates, what must be refused."""

import copy
import json
import random
import re
from fractions import Fraction

import pytest
from support.command import data_of, run
from support.followed import square_branch

from kgon.base.verdicts import KgonError
from kgon.branches.certificate import branch_certificate
from kgon.branches.follow import follow_branch
from kgon.proofs.certificates import digest
from kgon.proofs.check import check_certificate as check
from kgon.proofs.check.intervals import Interval96 as Interval

ONE = Interval.one
AROUND, SMALL = [(0.5).hex(), (2.0).hex()], [(0.1).hex(), (0.5).hex()]
WHERE = {
    "5": ("5", "vertex", 0.9, 1.05), "5 (dead)": ("5", "dead", 0.9, 1.1),
    "5+": ("5+", "positive", 0.9, 1.1), "5+ (vertex)": ("5+", "vertex", 1.0, 1.1),
    "6": ("6", "vertex", 0.8, 1.0),
}  # fmt: skip


@pytest.fixture(scope="module")
def certs():
    """Certificates of short branches."""
    return {
        name: branch_certificate(follow_branch(label, role=role, lower=low, upper=high, certify=True))
        for name, (label, role, low, high) in WHERE.items()
    }


@pytest.fixture(scope="module")
def crossed():
    """6 against 5+ (positive) and 4+, with Maxwell points."""
    options = {"lower": 0.64, "upper": 1.0, "certify": True}
    six = follow_branch("6", **options)
    other = follow_branch("5+", role="positive", **options)
    return branch_certificate(six, [other, follow_branch("4+", role="positive", **options)])


def sealed(document):
    return {**document, "digest": digest(document)}


def changed(document, path, new):
    """A copy with the entry at a path replaced by a value or by a function of it, with the right digest."""
    document = copy.deepcopy(document)
    *way, last = path
    at = document
    for key in way:
        at = at[key]
    at[last] = new(at[last]) if callable(new) else new
    return sealed(document)


def shifted(by):
    return lambda x: (float.fromhex(x) + by).hex()


# --- good certificates ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", WHERE)
def test_good_certificates_are_proved(certs, name):
    report = check(certs[name])
    assert (report.verdict, report.reason) == ("PROVED", "")
    label, role, *_ = WHERE[name]
    assert report.label == f"{label} ({role}) over importance[5]"
    assert report == check(json.dumps(certs[name])) == check(json.dumps(certs[name], indent=1).encode())
    count = len(certs[name]["branch"]["tubes"])
    assert f"{count} tubes hold one curve" in report.claims[0]
    who = f"{label} ({role})"
    assert f"{who}: sense of the parameter: 1 (certain on {count} of {count} tubes)" in report.claims
    assert f"{who}: negative eigenvalues: 0 (certain on {count} of {count} tubes)" in report.claims


@pytest.mark.parametrize(
    ("label", "parameter", "c", "low", "high"),
    [
        ("6", "importance[0,1,3]", 6, 0.98, 1.02),  # without a symmetry
        ("5", "probability[5]", 6, 0.15, 0.18),
        ("5++", "importance[6]", 7, 0.98, 1.02),
    ],
)
def test_other_parameters(label, parameter, c, low, high):
    found = follow_branch(label, parameter=parameter, c=c, lower=low, upper=high, certify=True)
    report = check(branch_certificate(found))
    assert report.verdict == "PROVED", report.reason


def test_maxwell_points_are_proved_with_both_branches(crossed):
    report = check(crossed)
    assert report.verdict == "PROVED", report.reason
    (said,) = [x for x in report.claims if "same loss" in x]
    assert said.startswith(
        "6 (vertex) and 5+ (positive) have the same loss at a parameter within [0.65819781268288"
    )


def test_a_4_gon_has_an_exact_loss():
    square = square_branch()
    report = check(square)
    assert report.verdict == "PROVED"
    assert report.claims[0] == (
        "4+ (positive), c = 6, importance[5] from 0.5 to 1.2: "
        "for every value p the gradient is zero and L = 1/18 + 7/144 p"
    )
    for path, new in (
        (("branch", "positive"), [4]),
        (("branch", "switched"), [0]),
        (("branch", "label"), "4"),
    ):
        assert check(changed(square, path, new)).verdict == "REJECTED"


@pytest.mark.parametrize("name", WHERE)
def test_it_is_said_how_far_the_parameter_goes_beyond_the_range(certs, name):
    """The ends of every tube, middle ± half times tangent up to its radius, are in what is printed."""
    document, claims = certs[name], check(certs[name]).claims
    (said,) = re.findall(r"parameter within \[(\S+), (\S+)\]$", claims[0])
    low, high = map(Fraction, said)
    reached = []
    for tube in document["branch"]["tubes"]:
        half, radius = (Fraction(float.fromhex(tube[key])) for key in ("half", "radius"))
        middle, tangent = (Fraction(float.fromhex(tube[key][-1])) for key in ("middle", "tangent"))
        reached += [middle - half * tangent, middle + half * tangent]
        assert low <= min(reached[-2:]) + radius and max(reached[-2:]) - radius <= high
    bottom, top = (Fraction(float.fromhex(x)) for x in document["range"])
    assert min(reached) < bottom or "lower" not in document["branch"]["ends"]
    assert max(reached) > top or "upper" not in document["branch"]["ends"]
    assert min(reached) - low < 0.1 and high - max(reached) < 0.1
    assert "leave" not in " ".join(claims)


def test_a_chain_that_reaches_no_end_is_undecided(certs):
    report = check(changed(certs["5"], ("branch", "ends", 1), None))
    assert (report.verdict, report.reason) == ("UNDECIDED", "")
    (said,) = re.findall(r"to a parameter within \[(\S+), (\S+)\], parameter within", report.claims[0])
    low, high = map(float, said)  # of the last tube, which goes beyond the upper end
    assert 1.01 < low < 1.05 < high < 1.2


def one_tube(document, ends, low, high, turned=False):
    """A certificate about the one tube that holds the start."""
    branch = copy.deepcopy(document["branch"])
    start = [float.fromhex(x) for x in branch["start"]]
    near = min(branch["tubes"], key=lambda x: abs(float.fromhex(x["middle"][-1]) - 1))
    assert start and abs(float.fromhex(near["middle"][-1]) - 1) < 1e-6
    if turned:
        near["tangent"] = [(-float.fromhex(x)).hex() for x in near["tangent"]]
        near["sense"] = -near["sense"]
    branch |= {"tubes": [near], "joins": "", "ends": ends}
    return sealed({**document, "branch": branch, "range": [low.hex(), high.hex()]})


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("end", ["start", None, "lower", "upper"])
@pytest.mark.parametrize("begin", ["start", None, "lower", "upper"])
def test_a_piece_does_not_pass_for_the_range(certs, begin, end, turned):
    """One tube about the start and a range far beyond it: a start is an end only where the range ends."""
    for low, high in ((1e-9, 1e6), (1.0, 1e6), (1e-9, 1.0)):
        report = check(one_tube(certs["5+"], [begin, end], low, high, turned))
        assert report.verdict in ("UNDECIDED", "REJECTED"), (low, high)
        if report.verdict == "UNDECIDED":
            assert f"importance[5] from {low!r} to {high!r}: 1 tubes hold" in report.claims[0]
    if None not in (begin, end):
        assert check(one_tube(certs["5+"], [begin, end], 0.5, 1e6, turned)).verdict != "PROVED"


@pytest.mark.parametrize(
    ("low", "high", "turned", "ends", "verdict"),
    [
        (1.0, 1.001, False, ["start", "upper"], "PROVED"),
        (0.999, 1.0, False, ["lower", "start"], "PROVED"),
        (1.0, 1.001, True, ["upper", "start"], "PROVED"),
        (0.999, 1.0, True, ["start", "lower"], "PROVED"),
        (0.999, 1.001, False, ["lower", "upper"], "PROVED"),
        (1.0, 1.001, False, ["lower", "start"], "UNDECIDED"),  # out of the range at once
        (0.999, 1.0, False, ["start", "upper"], "UNDECIDED"),
        (0.999, 1.001, False, ["start", "upper"], "UNDECIDED"),
        (0.999, 1.001, False, ["lower", "start"], "UNDECIDED"),
    ],
)
def test_a_start_at_an_end_of_the_range_is_that_end(certs, low, high, turned, ends, verdict):
    report = check(one_tube(certs["5+"], ends, low, high, turned))
    assert (report.verdict, report.reason) == (verdict, "")
    for end in ends:
        words = "the polygon itself, at 1" if end == "start" else f"beyond the {end} end"
        assert words in report.claims[0]


@pytest.mark.parametrize(("low", "high"), [(0.15, 1 / 6), (1 / 6, 0.18), (0.15, 0.18)])
def test_a_start_that_is_no_float_may_be_an_end(low, high):
    """The float nearest to 1/6 is below it."""
    found = follow_branch("5", parameter="probability[5]", lower=low, upper=high, certify=True)
    document = branch_certificate(found)
    assert None not in document["branch"]["ends"]
    report = check(document)
    assert report.verdict == "PROVED", report.reason
    assert f"probability[5] from {low!r} to {high!r}" in report.claims[0]


def test_probabilities_stay_below_one(certs):
    document = changed(certs["5 (dead)"], ("parameter",), "probability[5]")
    report = check(changed(document, ("range",), [(0.1).hex(), (1.0).hex()]))
    assert report.reason == "range: the probabilities must stay below 1, probability[5] below 1"


def test_a_branch_without_a_proof_has_no_certificate():
    with pytest.raises(KgonError, match="certify=True"):
        branch_certificate(follow_branch("5", lower=0.9, upper=1.0))


@pytest.mark.slow
def test_the_whole_branch_of_the_6_gon(tmp_path):
    options = {"lower": 0.25, "upper": 3.0, "certify": True}
    six = follow_branch("6", **options)
    others = [follow_branch("5+", role=role, **options) for role in ("positive", "vertex")]
    document = branch_certificate(six, others)
    assert len(json.dumps(document)) < 2e6
    report = check(document)
    assert report.verdict == "PROVED", report.reason
    text = "\n".join(report.claims)
    assert "from beyond the upper end to beyond the upper end" in text
    assert "sense of the parameter -1 → 1 within [0.390356" in text
    assert "negative eigenvalues 2 → 1 within [1.11455" in text
    assert "negative eigenvalues 1 → 0 within [0.390356" in text
    assert text.count("same loss") == 2
    tubes = document["branch"]["tubes"]
    fold = next(i for i, x in enumerate(tubes) if x["negative"] is None and i > 100)
    for key, wrong in (("negative", 0), ("negative", 1), ("sense", 1), ("sense", -1)):
        short = {**document, "branch": {**document["branch"], "tubes": tubes[fold : fold + 1], "joins": ""}}
        report = check(changed(sealed(short), ("branch", "tubes", 0, key), wrong))
        assert report.verdict == "REJECTED"


# --- what must be refused -------------------------------------------------------------------------------


def removed(i):
    return lambda tubes: tubes[:i] + tubes[i + 1 :]


BAD = {
    "tube removed": ("6", ("branch", "tubes"), removed(3), "tubes and joins"),
    "middle moved": ("6", ("branch", "tubes", 2, "middle", 3), shifted(1e-3), "tube 2"),
    "middle of p moved": ("6", ("branch", "tubes", 2, "middle", -1), shifted(1e-3), ""),
    "tangent turned": ("6", ("branch", "tubes", 2, "tangent", 3), shifted(3e-2), "tube 2"),
    "tangent reversed": ("5+", ("branch", "tubes", 1, "tangent", -1), shifted(-2), ""),
    "radius too small": ("6", ("branch", "tubes", 2, "radius"), (1e-9).hex(), "tube 2"),
    "radius too large": ("6", ("branch", "tubes", 2, "radius"), (0.5).hex(), "tube 2"),
    "half too large": ("6", ("branch", "tubes", 2, "half"), (0.5).hex(), "tube 2"),
    "half too small": ("6", ("branch", "tubes", 2, "half"), (1e-4).hex(), "not certainly joined"),
    "wrong sense": ("6", ("branch", "tubes", 2, "sense"), -1, "tube 2"),
    "wrong index": ("6", ("branch", "tubes", 2, "negative"), 1, "tube 2: 0 negative eigenvalues"),
    "negative index": ("6", ("branch", "tubes", 2, "negative"), -1, "must be an integer"),
    "wrong range": ("5", ("range", 0), (0.8).hex(), "lower end of the range is not reached"),
    "range too short": ("5+", ("range", 1), (1.01).hex(), "the chain leaves it"),
    "range without the start": ("5", ("range", 0), (1.01).hex(), "range must contain"),
    "wrong end": ("5", ("branch", "ends", 0), "upper", "upper end of the range is not reached"),
    "wrong beginning": ("5", ("branch", "ends", 0), "start", "does not begin"),
    "unknown end": ("5", ("branch", "ends", 0), {}, "ends are unknown"),
    "wrong label": ("6", ("branch", "label"), "5+", "must be a list of"),
    "other label": ("5+", ("branch", "label"), "5", "must be a list of"),
    "impossible label": ("6", ("branch", "label"), "5-", "label is impossible"),
    "wrong role": ("5+", ("branch", "role"), "vertex", "role must be positive"),
    "vertices in another order": ("5+", ("branch", "vertices"), [0, 2, 1, 4, 3], "regular polygon"),
    "a vertex is the positive one": ("5+", ("branch", "positive"), [0], "two roles"),
    "mirror of another axis": ("6", ("branch", "mirror"), [0, 5, 4, 3, 2, 1], "mirror is no symmetry"),
    "mirror is none": ("6", ("branch", "mirror"), None, "must be a list of"),
    "mirror no involution": ("6", ("branch", "mirror"), [1, 2, 3, 4, 5, 0], "mirror is no symmetry"),
    "weights differ in the mirror": ("6", ("parameter",), "importance[0]", "mirror is no symmetry"),
    "other parameter": ("6", ("parameter",), "probability[5]", "range must contain"),
    "unknown parameter": ("6", ("parameter",), "importance", "parameter is unknown"),
    "column out of range": ("6", ("parameter",), "importance[6]", "parameter: the columns"),
    "start moved": ("6", ("branch", "start", 0), shifted(1e-6), "no regular polygon near start"),
    "joins at zero": ("6", ("branch", "joins"), lambda x: "0" * len(x), "not certainly joined"),
    "unknown join": ("6", ("branch", "joins"), lambda x: "?" * len(x), "unknown join"),
    "other c": ("6", ("c",), 7, "branch"),
    "two tubes exchanged": ("6", ("branch", "tubes"), lambda x: [x[0], x[2], x[1], *x[3:]], "tubes 0 and 1"),
    "order reversed": ("5", ("branch", "tubes"), lambda x: x[::-1], "tubes 0 and 1"),
    "no tubes": ("5", ("branch", "tubes"), [], "tubes and joins"),
    "decimal": ("5", ("branch", "tubes", 0, "half"), "0.1", "floats in hexadecimal"),
    "float": ("5", ("branch", "tubes", 0, "half"), 0.1, "no integer"),
    "infinite": ("5", ("branch", "tubes", 0, "half"), "0x1.8p+1024", ""),
    "format": ("5", ("format",), "kgon-branch/2", "format 'kgon-branch/2' is unknown"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_certificates_are_refused(certs, name, monkeypatch):
    monkeypatch.setattr(random.Random, "shuffle", lambda *_: None)  # one tube after the other
    source, path, new, reason = BAD[name]
    report = check(changed(certs[source], path, new))
    assert report.verdict == "REJECTED", report.claims
    assert reason in report.reason
    assert "Traceback" not in report.reason


def test_a_missing_tube_is_noticed_though_the_joins_agree(certs):
    document = copy.deepcopy(certs["6"])
    del document["branch"]["tubes"][3]
    document["branch"]["joins"] = document["branch"]["joins"][1:]
    assert "not certainly joined" in check(sealed(document)).reason


def test_a_reversed_tube_is_noticed(certs):
    """The same set of points, and the same curve: but run through the other way."""
    document = copy.deepcopy(certs["5+"])
    tube = document["branch"]["tubes"][1]
    tube["tangent"] = [(-float.fromhex(x)).hex() for x in tube["tangent"]]
    tube["sense"] = -1
    assert check(sealed(document)).verdict == "REJECTED"


def test_claims_must_hold_for_the_branch_of_another_polygon(certs):
    """5 (dead) is 5+ (positive) without its positive column: the tubes of one are not those of the other."""
    document = copy.deepcopy(certs["5+"])
    document["branch"]["tubes"] = certs["5 (dead)"]["branch"]["tubes"]
    assert check(sealed(document)).verdict == "REJECTED"


def test_bad_maxwell_points_are_refused(crossed):
    end = len(crossed["maxwell"][0]["point"]) - 1
    quick = copy.deepcopy(crossed)
    for path, new, reason in (
        (("maxwell", 0, "point", end), shifted(1e-8), "no zero near"),
        (("maxwell", 0, "point", 3), shifted(1e-8), "no zero near"),
        (("maxwell", 0, "point"), lambda x: x[:-1], "must have"),
        (("maxwell", 0, "other"), 7, "must be an integer"),
        (("others",), [], "must be an integer"),
    ):
        report = check(changed(quick, path, new))
        assert report.verdict == "REJECTED"
        assert reason in report.reason, path


def test_every_entry_matters_and_the_digest_guards_it(certs):
    good = certs["5"]
    for key in good:
        rest = {name: x for name, x in good.items() if name != key}
        assert check(rest if key == "digest" else sealed(rest)).verdict == "REJECTED"
    for key in good["branch"]:
        rest = {name: x for name, x in good["branch"].items() if name != key}
        assert check(sealed({**good, "branch": rest})).verdict == "REJECTED"
    assert check({**good, "c": 7}).reason == "digest is wrong"
    assert "twice" in check(json.dumps(good)[:-1] + ', "c": 6}').reason


def leaves(value, path=()):
    if isinstance(value, (dict, list)):
        for key, x in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(x, (*path, key))
    yield path


def test_no_input_raises(certs):
    rng = random.Random(6)
    good = certs["5"]
    places = [path for path in leaves(good) if path]
    strange = [None, True, -1, 10**30, "", "x", "0x1.0p+0", [], [[]], {}, {"a": 1}, 0.5, "importance[0]"]
    for path in rng.sample(places, 40):
        report = check(changed(good, path, copy.deepcopy(rng.choice(strange))))
        assert report.verdict in ("REJECTED", "PROVED", "UNDECIDED")
    text = json.dumps(good)
    for _ in range(30):
        k = rng.randrange(len(text))
        assert check(text[:k] + rng.choice('0a{}[],"é') + text[k + 1 :]).verdict == "REJECTED"
    for bad in (b"\xff", "", "[]", "null", "[" * 100000, "{}", "1" * 5000, '{"branch": 3}'):
        assert check(bad).verdict == "REJECTED"


# --- commands ------------------------------------------------------------------------------------------


def test_the_commands_write_and_check_a_certificate(tmp_path, capsys):
    code, out, err = run(
        capsys, "continue", "5+", "--role", "positive", "--from", "0.95", "--to", "1.0", "--certify",
        "--out", str(tmp_path), "--no-progress",
    )  # fmt: skip
    assert code == 0, err
    path = tmp_path / "certificate.json"
    assert str(path) in out + err
    (found,) = data_of(capsys, "check", str(path))
    assert (found["verdict"], found["label"]) == ("PROVED", "5+ (positive) over importance[5]")
    path.write_text(path.read_text().replace('"+"', '"-"').replace('"label": "5+"', '"label": "5"'))
    (found,) = data_of(capsys, "check", str(path), code=1)
    assert found["reason"] == "digest is wrong"
