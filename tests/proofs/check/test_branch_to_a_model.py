"""Branches from equal weights to a model: their certificates, the words for columns, what must be refused."""

import copy
import random

import numpy as np
import pytest
from support.command import run
from support.exhaustive import exhaustive

from kgon.base.verdicts import KgonError
from kgon.branches.certificate import branch_certificate
from kgon.branches.compare import continue_branch
from kgon.branches.energy import SampleSize
from kgon.branches.follow import follow_branch
from kgon.kgons.arrangements import name_arranged
from kgon.kgons.catalogue import Catalogue
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.potential.parameters import Toward
from kgon.proofs.certificates import digest
from kgon.proofs.check import check_certificate as check
from kgon.proofs.check.branch.start import Family, parts_of

LAST = [1, 1, 1, 1, 1, 0.9]
UNLIKE = {"probability": [0.16, 0.17, 0.16, 0.18, 0.16, 0.17]}
WAYS = [
    ("5+", {"importance": LAST}, None, "positive column 5"),
    ("6", {"importance": LAST}, None, "columns in order"),
    ("5+", {"importance": LAST}, "positive column 2", "positive column 2"),
    ("6", {"importance": [2, 2.1, 2, 2, 2.05, 1 / 3 + 1.6]}, None, "vertices 0 1 2 3 4 5"),
    ("5", UNLIKE, None, "vertices 0 1 2 3 4; dead column 5"),
    ("5++", {"importance": [1, 1, 1, 1, 1, 1.01, 0.98]}, None, "positive columns 5 6"),
    ("4+", {"importance": LAST}, "positive column 5; dead column 4", "positive column 5; dead column 4"),
    ("4-", {"importance": [0.5, 0.5, 0.5, 0.5, 1, 1]}, None, "live columns 1 2 3"),
]


def followed(label, weights, role=None, **options):
    model = TMS(len(next(iter(weights.values()))), **weights)
    return follow_branch(
        label, parameter=Toward(model), lower=0.0, upper=1.0, role=role, c=model.c, certify=True, **options
    )


@pytest.mark.parametrize(("label", "weights", "role", "words"), exhaustive(WAYS, quick=WAYS[:1] + WAYS[-2:]))
def test_a_way_to_a_model_is_proved_and_checked(label, weights, role, words):
    branch = followed(label, weights, role)
    report = check(branch_certificate(branch))
    assert report.verdict == "PROVED", report.reason
    assert report.label == f"{label} ({words}) over {branch.parameter}"
    held = (
        "for every value p the gradient is zero" if label[0] == "4" else "hold one curve of critical points"
    )
    assert held in report.claims[0] and "from 0.0 to 1.0" in report.claims[0]
    last = branch.points[-1]
    potential = Potential(TMS(branch.c, **weights))  # of the model itself
    assert last.parameter == 1 and last.loss == pytest.approx(potential.loss(last.W, last.b), rel=1e-12)
    assert potential.gradient_norm(last.W, last.b) < 1e-12


def test_equal_losses_on_the_way_are_checked(tmp_path):
    way = Toward(TMS(6, importance=[1, 1, 1, 1, 1, 0.6]))
    found = continue_branch("6", parameter=way, lower=0.0, upper=1.0, against=["4"], certify=True)
    assert found.proof is not None
    other = follow_branch("4", parameter=way, lower=0.0, upper=1.0, certify=True)
    assert check(branch_certificate(found, [other])).verdict == "PROVED"


def test_the_words_are_those_of_the_names():
    """Two programs that know nothing of one another name random arrangements at random weights."""
    rng, count = random.Random(4), 0
    for _ in range(300):
        c = rng.randint(4, 8)
        label = rng.choice([x.label for x in Catalogue(c).labels if x.configuration == "adjacent"])
        weights = [rng.choice([1, 1, 2, 3]) for _ in range(c)]
        classes = TMS(c, importance=weights).classes
        if len(classes) == 1:
            continue
        columns = rng.sample(range(c), c)
        at = {
            role: [columns[j] for j, x in enumerate(label.roles(c)) if x == role] for role in label.roles(c)
        }
        turn, way = rng.randrange(label.k), rng.choice([1, -1])
        around = columns[: label.k]
        around = [around[(way * j + turn) % label.k] for j in range(label.k)]
        name = f"importance={','.join(map(str, weights))}"
        family = Family.of(name, c, [(0.0).hex(), (1.0).hex()])
        words = parts_of(family, around, at.get("positive", []), at.get("switched-off", []))
        named = name_arranged(label, columns, classes)
        assert words == (getattr(named, "words", "") or "columns in order"), (str(named), words)
        count += 1
    assert count > 200


BAD = {
    "other positive column": (("branch", "role"), "positive column 4", "role must be positive column 5"),
    "role of one parameter": (("branch", "role"), "positive", "role must be positive column 5"),
    "another column": (("parameter",), "importance=1,1,1,1,0.9,1", ""),
    "probabilities": (("parameter",), "probability=1,1,1,1,1,0.9", "probabilities must add up to 1"),
    "too few weights": (("parameter",), "importance=1,1,1,1,0.9", "parameter is unknown"),
    "weight 0": (("parameter",), "importance=1,1,1,1,1,0", "the weights must be positive"),
    "weight below 0": (("parameter",), "importance=1,1,1,1,1,-1", "parameter is unknown"),
    "huge weight": (("parameter",), "importance=1,1,1,1,1,1e30", "parameter is unknown"),
    "no weight": (("parameter",), "importance=1,1,1,1,1,nan", "parameter is unknown"),
    "equal weights": (("parameter",), "importance=1,1,1,1,1,1", "must be positive, and change"),
    "both": (("parameter",), "importance=1,1,1,1,1,0.9;probability=1,1,1,1,1,1", "parameter is unknown"),
    "range without 0": (("range", 0), (0.1).hex(), "range must contain the value at the start"),
    "range too long": (("range", 1), (1.5).hex(), "upper end of the range is not reached"),
    "range beyond the weights": (("range", 1), (11.0).hex(), "the weights must be positive"),
}  # fmt: skip


@pytest.fixture(scope="module")
def good():
    return branch_certificate(followed("5+", {"importance": LAST}))


@pytest.mark.parametrize("name", BAD)
def test_bad_certificates_are_refused(good, name):
    path, new, reason = BAD[name]
    document = copy.deepcopy(good)
    *way, last = path
    at = document
    for key in way:
        at = at[key]
    at[last] = new
    report = check({**document, "digest": digest(document)})
    assert report.verdict == "REJECTED", report.claims
    assert reason in report.reason and "Traceback" not in report.reason


def test_tubes_of_another_model_are_refused():
    """The vertices of 6 move with the importance of one of them; those of 5+ not with that of the other."""
    document = branch_certificate(followed("6", {"importance": LAST}))
    document["parameter"] = "importance=1,1,1,1,1,0.5"
    report = check({**document, "digest": digest(document)})
    assert report.verdict == "REJECTED" and "tube" in report.reason


def test_the_weights_are_the_floats_that_are_written():
    """1/3 needs 16 digits; one digit less is another float, and another model."""
    weights = [1.0, 1.0, 1.0, 1 / 3, 2 / 3, 1e-5]
    way = Toward(TMS(6, importance=weights))
    family = Family.of(way.name, 6, [(0.0).hex(), (1.0).hex()])
    assert [float(at + slope) for at, slope in family.importance] == weights
    at, slope = way.affine[0][1], way.affine[1][1]
    assert [(x, y) for x, y in zip(at, slope, strict=True)] == family.importance
    rng = np.random.default_rng(0)
    for _ in range(50):
        c = int(rng.integers(4, 9))
        own = (
            {"importance": rng.uniform(0.1, 3, c)}
            if rng.random() < 0.5
            else {"probability": rng.dirichlet([5] * c)}
        )
        way = Toward(TMS(c, **own))
        family = Family.of(way.name, c, [(0.0).hex(), (1.0).hex()])
        for k, lines in enumerate((family.probability, family.importance)):
            assert [x for x, _ in lines] == way.affine[0][k] and [y for _, y in lines] == way.affine[1][k]


def test_what_is_not_affine_is_refused_before_it_is_followed():
    both = Toward(TMS(6, importance=LAST, probability=UNLIKE["probability"]))
    with pytest.raises(
        KgonError, match="a branch is proved where importances or probabilities change, not both"
    ):
        continue_branch("6", parameter=both, lower=0.0, upper=1.0, certify=True)
    one = Toward(TMS(6, importance=LAST))
    with pytest.raises(KgonError, match="equal free energies are for one parameter"):
        continue_branch("6", parameter=one, lower=0.0, upper=1.0, at=SampleSize(400))


def test_the_commands_write_and_check_it(tmp_path, capsys):
    weights = ("--importance", "1,1,1,1,1,0.95")
    code, out, _ = run(
        capsys, "continue", "5", *weights, "--certify", "--out", str(tmp_path), "--no-progress"
    )
    assert code == 0 and "accepted by kgon.proofs.check" in out and "PROVED" in out
    code, out, _ = run(capsys, "check", str(tmp_path / "certificate.json"))
    assert code == 0 and "5 (dead column 5), c = 6, importance=1,1,1,1,1,0.95 from 0.0 to 1.0" in out
