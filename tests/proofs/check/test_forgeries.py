"""Forgeries by hand, of all three formats: each tries to have something accepted that was not proved."""

import copy
import functools
import json
from fractions import Fraction

import pytest
from support.followed import pentagon_branch as branch
from support.followed import square_branch
from support.minimum_prover import certificates, packed, sealed, unpacked

from kgon.proofs.certificates import certify
from kgon.proofs.check import check_certificate as check

pytestmark = pytest.mark.usefixtures("quick")


def point(label, c=6):
    return functools.partial(certify, label, c)


def put(*path):
    """A change: the entry at a path gets a value, or what a function makes of the old one."""
    *way, last, new = path

    def change(whole):
        at = functools.reduce(lambda place, key: place[key], way, whole)
        at[last] = new(at[last]) if callable(new) else new

    return change


def text(old, new):
    """A change of the JSON itself, after it is sealed."""
    return old, new


def one_tube(whole):
    """One tube about the start, said to be the whole range."""
    body = whole["branch"]
    tube = min(body["tubes"], key=lambda x: abs(float.fromhex(x["middle"][-1]) - 1))
    body |= {"tubes": [tube], "joins": "", "ends": ["start", "start"]}
    whole["range"] = [(1e-9).hex(), (1e6).hex()]


def twice(whole):
    """Every tube twice, joined to itself."""
    body = whole["branch"]
    body["tubes"] = [tube for tube in body["tubes"] for _ in (0, 1)]
    body["joins"] = "0" + "".join(join + "0" for join in body["joins"])


def back_and_forth(whole):
    """The chain goes on from its end back to its beginning."""
    body = whole["branch"]
    body["tubes"] += body["tubes"][-2::-1]
    body["joins"] += "-" * (len(body["tubes"]) - len(body["joins"]) - 1)


def without_the_middle(whole):
    body = whole["branch"]
    del body["tubes"][1:-1]
    body["joins"] = body["joins"][:1]


def borrowed(whole):
    """The bound of eight columns after the step for five."""
    whole["c"] = 8
    whole["steps"] = [whole["steps"][0], {**whole["steps"][1], "c": 8}]


def three_steps(whole):
    """A step that is there twice, under the next number and with a larger bound."""
    whole["c"] = 7
    whole["steps"].append({**whole["steps"][1], "c": 7, "value": "1/5"})


def swapped_trees(whole):
    two, five = (whole["steps"][1][part] for part in ("two", "five"))
    two["tree"], five["tree"] = five["tree"], two["tree"]


def one_leaf(letter):
    return put("steps", 1, "five", "tree", packed(letter))


def all_but_the_last(tree):
    """The last leaf is left out, and its cut with it."""
    code = unpacked(tree)
    return packed(code[1:] if code[0].isdigit() else code)


def inside_out(whole):
    """ρ so large that the ball holds the origin."""
    whole["claims"]["radius"] = [1, 0]


def identity(n):
    return [[[int(i == j), 0] for j in range(n)] for i in range(n)]


def saddle_as_minimum(whole):
    claims = whole["claims"]
    claims |= {"verdict": "minimum", "descent": None, "negative": 0}
    claims["positive"] += 1


def other_column(whole):
    whole["claims"]["descent"]["column"] = len(whole["witness"]["congruence"]) - 1


def repeated_direction(whole):
    """A congruence whose columns are all the same direction of positive curvature."""
    for row in whole["witness"]["congruence"]:
        row[:] = [row[-1]] * len(row)


def lower_bound_with_a_positive_column(whole):
    whole["claims"] |= {"proof": "lower-bound", "verdict": "minimum", "flat_dimension": 3, "growth": None}
    whole["witness"] = certify("4", 6)["witness"]


LIKE_ZERO = "\uff10"  # a digit for str.isdigit and int, but not in ASCII
FORGED = {
    # faults.md C1 … C5
    "C1: both ends are the start": (branch, one_tube),
    "C1: the start, far from the end": (branch, put("branch", "ends", ["start", "upper"])),
    "C2: a 4-gon over a probability": (square_branch, put("parameter", "probability[5]")),
    "C2: a range that the inner tubes leave": (branch, put("range", [(0.99).hex(), (1.01).hex()])),
    "C3: a lower end with false digits": (
        point("6"), put("claims", "loss", 0, lambda x: str(Fraction(x) - Fraction(1, 10**20)))),
    "C4: a surrogate as a label": (point("6"), put("label", "\ud800")),
    "C5: an end that is nowhere": (branch, put("branch", "ends", [None, "upper"])),
    # branches: ranges, ends, tubes
    "a longer range": (branch, put("range", 1, (1.5).hex())),
    "a range that ends in nothing": (branch, put("range", 1, "0x1.0p+1024")),
    "a range from zero": (branch, put("range", 0, "0x0.0p+0")),
    "a range backwards": (branch, put("range", lambda ends: ends[::-1])),
    "a range of NaN": (branch, put("range", 1, "nan")),
    "the ends exchanged": (branch, put("branch", "ends", ["upper", "lower"])),
    "both ends are one": (branch, put("branch", "ends", ["upper", "upper"])),
    "every tube twice": (branch, twice),
    "there and back": (branch, back_and_forth),
    "the middle left out": (branch, without_the_middle),
    "a negative radius": (branch, put("branch", "tubes", 0, "radius", lambda x: f"-{x}")),
    "a radius of zero": (branch, put("branch", "tubes", 0, "radius", "0x0.0p+0")),
    "a negative half": (branch, put("branch", "tubes", 0, "half", lambda x: f"-{x}")),
    "a tangent of zero": (branch, put("branch", "tubes", 0, "tangent", lambda v: ["0x0.0p+0"] * len(v))),
    "another role": (branch, put("branch", "role", "dead")),
    "another label": (branch, put("branch", "label", "6")),
    "the parameter of another feature": (branch, put("parameter", "importance[0]")),
    "a parameter with a zero before it": (branch, put("parameter", "importance[05]")),
    "a parameter of the free energy": (branch, put("parameter", "betan")),
    "an index that is true": (branch, put("branch", "tubes", 0, "negative", False)),
    "an index of minus zero": (branch, put("branch", "tubes", 0, "negative", -0.0)),
    "a sense that is true": (branch, put("branch", "tubes", 0, "sense", True)),
    "a point of equal loss with oneself": (
        branch, put("maxwell", lambda _: [{"other": -1, "point": branch()["branch"]["tubes"][0]["middle"]}])),
    "more columns": (branch, put("c", 7)),
    # minima
    "a step left out": (lambda: certificates()[6], borrowed),
    "a step twice": (lambda: certificates()[6], three_steps),
    "no steps": (lambda: certificates()[6], put("steps", [])),
    "the square's proof for five": (lambda: certificates()[4], put("c", 5)),
    "a larger bound": (lambda: certificates()[6], put("steps", 1, "value", "1/5")),
    "an infinite bound": (lambda: certificates()[6], put("steps", 1, "value", "1/0")),
    "a bound in other digits": (lambda: certificates()[6], put("steps", 1, "value", f"3/2{LIKE_ZERO}")),
    "the trees exchanged": (lambda: certificates()[6], swapped_trees),
    "one leaf, star": (lambda: certificates()[6], one_leaf("s")),
    "one leaf, pair": (lambda: certificates()[6], one_leaf("p")),
    "one leaf, near": (lambda: certificates()[6], put("steps", 0, "two", "tree", packed("n"))),
    "half of a tree": (lambda: certificates()[6], put("steps", 1, "five", "tree", all_but_the_last)),
    "near is everything": (
        lambda: certificates()[6], put("steps", 0, "two", "near", ["0", "1", "0", "45/32"])),
    "near has no inside": (
        lambda: certificates()[6], put("steps", 0, "two", "near", lambda x: [x[1], x[0], x[3], x[2]])),
    "theta from beyond its end": (
        lambda: certificates()[6], put("steps", 1, "two", "theta", lambda x: [x[1], x[1]])),
    "a smaller box": (lambda: certificates()[6], put("steps", 1, "five", "size", "1")),
    "a negative size": (lambda: certificates()[6], put("steps", 1, "five", "size", "-4")),
    "a negative slope": (lambda: certificates()[6], put("steps", 1, "slope", "-1/10")),
    # points
    "a ball around the origin": (point("6"), inside_out),
    "a negative radius of a point": (point("6"), put("claims", "radius", [-1, -14])),
    "a radius of minus zero": (point("6"), put("claims", "radius", [-0.0, -14])),
    "a saddle as a minimum": (point("5+", 7), saddle_as_minimum),
    "a fall along another column": (point("5+", 7), other_column),
    "a fall that reaches too far": (point("5+", 7), put("claims", "descent", "reach", "1")),
    "a fall to nowhere": (point("5+", 7), put("claims", "descent", "reach", "-1/65536")),
    "one direction for all": (point("5+", 7), repeated_direction),
    "the identity for an inverse": (point("6"), put("witness", "inverse", identity(17))),
    "the identity for a congruence": (point("6"), put("witness", "congruence", identity(17))),
    "a box of negative radius": (point("6"), put("witness", "box", "radius", [[-1, -100], [1, -100]])),
    "a box of everything": (point("6"), put("witness", "box", "radius", [[1, 2], [1, 2]])),
    "the statement of another label": (point("6"), put("label", "5+")),
    "the claims of another label": (point("6"), put("claims", lambda _: certify("5+", 6)["claims"])),
    "the kind of another label": (point("6"), put("kind", "exact")),
    "4 as 4+": (point("4"), put("label", "4+")),
    "a lower bound with a positive column": (point("4+"), lower_bound_with_a_positive_column),
    "the other configuration": (point("4--"), put("configuration", "opposite")),
    "opposite where there is none": (point("6"), put("configuration", "opposite")),
    "a label in other digits": (point("6"), put("label", "\uff16")),
    "a label with a dash": (point("4-"), put("label", "4\u2212")),
    "a label with a space": (point("6"), put("label", "6 ")),
    "c is true": (point("6"), put("c", True)),
    "c is a float": (point("6"), text('"c": 6', '"c": 6.0')),
    "c has an exponent": (point("6"), text('"c": 6', '"c": 6e0')),
    "c twice": (point("6"), text('"c": 6', '"c": 7, "c": 6')),
    "a key twice, once escaped": (point("6"), text('"c": 6', '"c": 6, "\\u0063": 6')),
    "claims that are NaN": (point("6"), text('"negative": 0', '"negative": NaN')),
    "minus zero eigenvalues": (point("6"), text('"negative": 0', '"negative": -0.0')),
    "the parameter of another format": (point("6"), put("parameter", "importance[5]")),
    "the format of another": (point("6"), put("format", "kgon-branch/1")),
    "a format in capitals": (point("6"), put("format", "KGON-CERTIFICATE/1")),
    "growth from nothing": (point("4+"), put("claims", "growth", "1/2")),
    "more flat directions": (point("4"), put("claims", "flat_dimension", 4)),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
def test_forgeries_are_refused(name):
    source, change = FORGED[name]
    whole = copy.deepcopy(source())
    if isinstance(change, tuple):
        forged = json.dumps(whole).replace(*change)
        assert forged != json.dumps(whole)
    else:
        change(whole)
        forged = json.dumps(sealed(whole))
        assert json.loads(forged) != source()
    report = check(forged)
    if report.verdict != "UNDECIDED":
        assert report.verdict == "REJECTED" and report.reason and report.claims == []
    else:  # a chain that is one, but not over the range: it is said to end where it does
        assert name.startswith(("C1", "C5")) or "a parameter within" in report.claims[0]


def test_what_is_forged_was_good():
    for source in {source for source, _ in FORGED.values()}:
        assert check(source()).verdict in ("PROVED", "UNDECIDED")
