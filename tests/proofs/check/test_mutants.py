"""Every field of every format changed at random: no mutant raises, none is accepted that states more."""

import copy
import functools
import json
import random
import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from support.attack import diagonal, off
from support.followed import pentagon_branch, square_branch
from support.minimum_prover import certificates, sealed
from support.mutants import mutant, states_more

from kgon.branches.certificate import branch_certificate
from kgon.kgons.catalogue import Catalogue
from kgon.proofs.certificates import certify
from kgon.proofs.check import Report
from kgon.proofs.check import check_certificate as check
from kgon.proofs.global_minimum import regular_excess

pytestmark = pytest.mark.usefixtures("quick")


@functools.cache
def one_tube():
    """The part of a branch of 5⁺ that one tube covers."""
    whole = copy.deepcopy(pentagon_branch())
    branch = whole["branch"]
    tube = min(branch["tubes"], key=lambda x: abs(float.fromhex(x["middle"][-1]) - 1))
    branch |= {"tubes": [tube], "joins": "", "ends": ["lower", "upper"]}
    return sealed({**whole, "range": [(0.999).hex(), (1.001).hex()]})


SMALLEST = {
    "points 4": lambda: certify("4", 4),
    "points 4+-": lambda: certify("4+-", 6),
    "points 5": lambda: certify("5", 5),
    "minima 4": lambda: certificates()[4],
    "minima 6": lambda: certificates()[6],
    "branches 5+": one_tube,
    "branches 4+": square_branch,
}
LARGEST = {  # from the fixtures of the whole run
    "points 5+++": lambda _: certify("5+++", 8),
    "minima 8": lambda fixture: json.loads(Path(fixture("eight").certificate).read_text()),
    "branches 6": lambda fixture: branch_certificate(fixture("hexagon"), [fixture("pentagon")]),
}


def truth(document, report):
    """What is known by other means: how far regions reach, the lowest loss, how far the tubes go."""
    known = {"radius": 0, "bound": 0, "low": 0, "high": 0}
    if "label" in document:
        point = Catalogue(document["c"])[document["label"]]
        W, b = point.W, point.biases
        size = abs(W).sum(axis=0)
        gap = np.minimum(abs(W.T @ W + b), abs(np.broadcast_to(b, (len(b), len(b)))))
        known["radius"] = Fraction(float((gap / (size[:, None] + size + 1)).min()))
    elif "steps" in document:
        known["bound"] = document["c"] * Fraction(float(regular_excess(max(document["c"], 5)).lowest))
    else:
        hulls = re.findall(r"parameter within \[(\S+), (\S+)\]$", report.claims[0])
        known["low"], known["high"] = map(Fraction, hulls[0]) if hulls else (Fraction(0), Fraction(1 << 20))
    return known


def holds_of_its_square(document, claim):
    """Whether quadrature agrees with what is said of a 4-gon over a parameter; its file is just a name."""
    body, c = document["branch"], document["c"]
    W, b = np.zeros((2, c)), np.full(c, -0.5)
    W[:, body["vertices"]], b[body["positive"]] = [[1, 0, -1, 0], [0, 1, 0, -1]], 1 / (2 * c)
    b[body["vertices"]] = 0
    b[body["switched"]] = -2
    name, columns = re.fullmatch(r"(\w+)\[([\d,]+)\]", document["parameter"]).groups()
    varied = np.isin(np.arange(c), list(map(int, columns.split(","))))
    q, r = map(float, map(Fraction, re.search(r"L = (\S+) \+ (\S+) p", claim).groups()))

    def loss(W, b, p):
        importance, probability = np.ones(c), np.full(c, 1 / c)
        if name == "importance":
            importance[varied] = p
        else:
            each = p if varied.sum() == 1 else p / c
            probability = np.where(varied, each, (1 - each * varied.sum()) / (c - varied.sum()))
        pairs = np.where(np.eye(c), diagonal(W.T @ W, b), off(W.T @ W, b))
        return probability @ pairs @ importance

    for p in map(float.fromhex, document["range"]):
        right = abs(loss(W, b, p) - q - r * p) < 1e-12
        for move in 1e-6 * np.eye(3 * c):
            step = move.reshape(3, c)
            ends = [loss(W + sign * step[:2], b + sign * step[2], p) for sign in (1, -1)]
            right = right and abs(ends[0] - ends[1]) < 1e-6 * 1e-5
        if not right:
            return False
    return True


def attack(good, count, seed):
    """Check so many mutants; return how many were accepted."""
    rng, old = random.Random(seed), check(good)
    assert old.verdict == "PROVED", old.reason
    known, accepted = truth(good, old), 0
    for k in range(count):
        text = mutant(good, rng)
        new = check(text)
        assert isinstance(new, Report) and new.verdict in ("PROVED", "UNDECIDED", "REJECTED"), k
        assert "\n" not in new.reason and (new.verdict == "REJECTED") == bool(new.reason), k
        if new.verdict == "PROVED":
            accepted += 1
            if states_more(new, old, known):  # of another 4-gon, which needs no more than its name
                other = "for every value p" in old.claims[0] and len(new.claims) == len(old.claims)
                assert other and holds_of_its_square(json.loads(text), new.claims[0]), (k, new, old)
    return accepted


@pytest.mark.parametrize("name", SMALLEST)
def test_no_mutant_of_a_small_certificate_states_more(name):
    count = 100 if name in ("points 5", "minima 6", "branches 5+") else 300
    assert attack(SMALLEST[name](), count, name) < count / 2


@pytest.mark.slow
@pytest.mark.parametrize("name", ["points 4", "minima 4", "branches 5+", "branches 4+"])
def test_none_of_many_mutants_of_a_small_certificate_states_more(name):
    count = 10_000
    assert attack(SMALLEST[name](), count, f"many {name}") < count / 2


@pytest.mark.slow
@pytest.mark.parametrize("name", LARGEST)
def test_no_mutant_of_a_large_certificate_states_more(name, request):
    count = 15 if name == "branches 6" else 50  # a chain that is accepted takes seconds
    assert attack(LARGEST[name](request.getfixturevalue), count, f"large {name}") < count


def test_what_states_more_is_seen():
    """The order itself: another point, count, digit or range is more; what is weaker is not."""
    old, free = check(one_tube()), {"radius": 0, "bound": 0, "low": Fraction("0.999"), "high": 1}
    for change, more in (
        (("from 0.999 to 1.001", "from 0.9995 to 1.001"), False),
        (("from 0.999 to 1.001", "from 0.998 to 1.001"), True),
        (("from 0.999 to 1.001", "from 0.999 to 1.002"), True),
        (("5+", "5"), True),
        (("c = 6", "c = 7"), True),
        (("importance[5]", "importance[4]"), True),
        (("eigenvalues: 0", "eigenvalues: 1"), True),
        (("1 tubes hold", "2 tubes hold"), False),
        (("parameter: 1 (certain on 1", "parameter: unknown (certain on 0"), False),
    ):
        new = Report("PROVED", old.label, [x.replace(*change) for x in old.claims])
        assert new.claims != old.claims and states_more(new, old, free) is more, change
    old = check(certify("5", 5))
    none = dict.fromkeys(free, Fraction(0))
    for change, more in (
        ("1/8192", True), ("1/32768", False),
    ):  # fmt: skip
        new = Report("PROVED", old.label, [x.replace("1/16384", change) for x in old.claims])
        assert new.claims != old.claims and states_more(new, old, none) is more
    assert states_more(Report("PROVED", old.label, [*old.claims, "a saddle"]), old, none)
    assert not states_more(Report("PROVED", old.label, old.claims[:2]), old, none)
    said = check(square_branch()).claims[0]
    assert holds_of_its_square(square_branch(), said)
    assert not holds_of_its_square(square_branch(), said.replace("7/144", "1/18"))
