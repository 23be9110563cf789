"""Certificates: everything is decided, checker and third computations agree, near-misses are refused."""

import json
from fractions import Fraction

import numpy as np
import pytest
from flint import arb, fmpq

from kgon.base.verdicts import KgonError, UndecidedError
from kgon.kgons.algebraic import exact as algebraic
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.labels import Label, representative
from kgon.potential import any_number
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.proofs import squares
from kgon.proofs.certificates import certify, digest
from kgon.proofs.check import check_certificate as check
from kgon.proofs.smooth import unknowns, widened

SQUARE = ((1, 0), (0, 1), (-1, 0), (0, -1))


def number(text):
    return Fraction(text)


def dyadic(pair):
    return pair[0] * Fraction(2) ** pair[1]


@pytest.mark.parametrize("c", [4, 5, 6, 7, 8])
def test_everything_is_proved_by_prover_and_checker(c):
    for label in Catalogue(c).labels:
        document = certify(label, c)
        assert document["claims"]["verdict"] != "UNDECIDED", label
        report = check(json.dumps(document))
        assert report.verdict == "PROVED", (label, report.reason)


def test_ten_of_the_eighteen_labels_are_minima():
    verdicts = {label.name: certify(label, 6)["claims"]["verdict"] for label in Catalogue(6).labels}
    minima = {name for name, verdict in verdicts.items() if verdict == "minimum"}
    assert minima == {"4", "4-", "4--", "4---", "4----", "4+", "4++", "5", "5+", "6"}
    for point in Catalogue(6):
        assert point.is_minimum == (verdicts[point.label] == "minimum")


@pytest.mark.slow
def test_twelve_features():
    for label in Catalogue(12).labels:
        document = certify(label, 12)
        assert check(json.dumps(document)).verdict == "PROVED", label
        point = Catalogue(12)[label]
        assert (document["claims"]["verdict"] == "minimum") == point.is_minimum


@pytest.mark.parametrize("text", ["5", "6", "7", "5+", "8"])
def test_the_enclosures_agree_with_the_minimal_polynomials(text):
    """A third computation: the exact polynomial changes sign on each interval, in fractions."""
    label = Label.parse(text)
    c = max(6, label.k + label.sigma)
    claims, numbers = certify(label, c)["claims"], algebraic(label, c)
    for key in ("length_squared", "bias", "loss"):
        low, high = map(number, claims[key])
        assert 0 < high - low <= Fraction(1, 10**30)
        coefficients = getattr(numbers, key).minimal_polynomial

        def value(x, coefficients=coefficients):
            total = Fraction(0)
            for coefficient in coefficients:
                total = total * x + coefficient
            return total

        assert value(low) * value(high) < 0


def test_the_claims_of_the_squares_are_exact_evaluations():
    for label in Catalogue(6).labels:
        if label.k != 4:
            continue
        W, b = representative(label, 6, Fraction(1), Fraction(0), SQUARE, Fraction)
        claims = certify(label, 6)["claims"]
        assert number(claims["loss"]) == any_number.loss(W, b)
        grad_W, grad_b = any_number.gradient(W, b)
        assert not any(x for row in [*grad_W, grad_b] for x in row)


@pytest.mark.parametrize(("text", "c"), [("5", 6), ("5+", 7), ("5++", 9), ("6", 6), ("10", 10), ("12", 12)])
def test_inertia_agrees_with_floating_point(text, c):
    document = certify(text, c)
    claims = document["claims"]
    point = Catalogue(c)[text]
    assert (point.eigenvalues_negative, point.eigenvalues_zero) == (
        claims["negative"],
        claims["flat_dimension"],
    )
    assert claims["negative"] + claims["positive"] + claims["flat_dimension"] == 3 * c


@pytest.mark.parametrize(("text", "c"), [("5+", 7), ("10", 10), ("12", 12)])
def test_the_loss_falls_along_the_descent_direction(text, c):
    document = certify(text, c)
    descent, C = document["claims"]["descent"], document["witness"]["congruence"]
    column = [float(dyadic(row[descent["column"]])) for row in C]
    point = Catalogue(c)[text]
    potential = Potential(TMS(c))
    W, b = point.W.copy(), point.biases.copy()
    scale = 1e-3 / max(abs(x) for x in column)  # far enough for float64 to see it
    assert float(number(descent["reach"])) <= scale
    for (j, i), x in zip(unknowns(point.name, c), column, strict=True):
        if i < 2:
            W[i, j] += scale * x
        else:
            b[j] += scale * x
    # the quadratic term is −scale²/2, as CᵀHC is −1 there
    assert potential.loss(W, b) - point.loss == pytest.approx(-(scale**2) / 2, rel=0.05)


def test_the_curve_of_the_squares_falls():
    document = certify("4+-", 6)
    witness = document["witness"]
    label = Label.parse("4+-")
    star = number(document["claims"]["loss"])
    for fraction in (1, Fraction(1, 10), Fraction(1, 1000)):
        W, b = representative(label, 6, Fraction(1), Fraction(0), SQUARE, Fraction)
        u = number(witness["reach"]) * fraction
        for axis in (0, 1):
            W[axis][witness["moved"]] += u * number(witness["velocity"][axis])
            W[axis][witness["pulled"]] -= u * number(witness["pull"]) * number(witness["velocity"][axis])
        b[witness["moved"]] -= u * number(witness["lift"])
        assert any_number.loss(W, b) < star


def test_a_curve_that_does_not_fall_is_refused():
    W, b = representative(Label(4, 1, 1), 6, Fraction(1), Fraction(0), SQUARE, Fraction)
    velocity = [Fraction(1), Fraction(0)]
    falls = squares._falls
    assert falls((W, b), 0, 4, velocity, Fraction(1, 24), Fraction(1, 2))
    assert not falls((W, b), 0, 4, velocity, Fraction(-1, 24), Fraction(1, 2))  # pushed instead of pulled
    assert not falls((W, b), 0, 4, velocity, Fraction(2), Fraction(1, 2))  # too far
    assert not falls((W, b), 0, 5, velocity, Fraction(1, 24), Fraction(1, 2))  # a dead column instead


def test_a_wrong_polygon_is_not_certified(monkeypatch):
    from kgon.kgons.polygons import RegularPolygon, regular_polygons
    from kgon.proofs import smooth as module

    (true,) = regular_polygons(5)
    for shift in (1e-25, 1e-12, 1e-3):
        near = RegularPolygon(
            k=5, s=1, m=true.m, length_squared=true.length_squared + shift, length=true.length,
            bias=true.bias, cost=true.cost,
        )  # fmt: skip
        monkeypatch.setattr(module, "polygon", lambda k, digits=60, near=near: near)
        with pytest.raises(UndecidedError):
            certify("5", 6)


def test_wrong_s_is_not_certified(monkeypatch):
    import dataclasses

    from kgon.kgons.polygons import regular_polygons
    from kgon.proofs import smooth as module

    (true,) = regular_polygons(9)
    monkeypatch.setattr(module, "polygon", lambda k, digits=60: dataclasses.replace(true, s=2))
    with pytest.raises(UndecidedError, match="neighbour"):
        certify("9", 9)


def test_impossible_labels():
    for label in ("5-", "7", "4+++"):
        with pytest.raises(KgonError):
            certify(label, 6)


def test_the_digest_covers_everything():
    document = certify("5", 6)
    assert document["digest"] == digest(document)
    document["claims"]["negative"] = 1
    assert document["digest"] != digest(document)


@pytest.mark.parametrize("text", ["5", "5+", "5++", "9", "10"])
def test_the_prover_s_box_has_room_for_what_the_checker_turns_and_moves(text):
    """In fractions: ρ(1 + ρ²/l²) in live columns, (δ − 1)ρ in the first dead one beside a positive one."""
    c, label, radius = 10, Label.parse(text), Fraction(1, 8)
    tau, bias = Fraction(5, 4), Fraction(-1, 3)
    dead = c - label.k - label.sigma
    columns = widened(label, c, arb(fmpq(5, 4)), arb(fmpq(-1, 3)), arb(2) ** -3)
    roles = label.roles(c)
    for j, (x, y, z) in enumerate(columns):
        least = radius
        if roles[j] == "live":
            least = radius * (1 + radius**2 / tau)
        elif label.sigma and j == label.k + label.sigma:
            least = radius * max(1, dead - 1)
        for ball, size in ((x, least), (y, least), (z, radius)):
            low, high = (end.fmpq() for end in (ball.lower(), ball.upper()))
            width = (Fraction(int(high.p), int(high.q)) - Fraction(int(low.p), int(low.q))) / 2
            assert size <= width < size * (1 + Fraction(1, 10**6))
    assert columns[0][2].contains(fmpq(bias.numerator, bias.denominator))
    with pytest.raises(UndecidedError, match="not below the length"):
        widened(label, c, arb(fmpq(5, 4)), arb(fmpq(-1, 3)), arb(2))


@pytest.mark.parametrize("text", ["5+", "5++"])
def test_several_dead_columns_beside_a_positive_one(text):
    assert check(json.dumps(certify(text, 11))).verdict == "PROVED"


def test_random_gradients_do_not_vanish_in_the_uniqueness_box():
    """The statement of uniqueness, sampled: no other point of the box has a small gradient."""
    document = certify("6", 6)
    radius = float(dyadic(document["claims"]["radius"]))
    point = Catalogue(6)["6"]
    potential = Potential(TMS(6))
    rng = np.random.default_rng(3)
    for _ in range(200):
        step = rng.uniform(-radius, radius, (3, 6))
        step[1, 0] = 0  # the gauge
        norm = potential.gradient_norm(point.W + step[:2], point.biases + step[2])
        assert norm > 1e-3 * np.linalg.norm(step)
