"""The checker of certificates: a small prover of its own, and what must be refused."""

import copy
import hashlib
import json
import math
import re
from fractions import Fraction
from functools import cache

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgon.proofs.check import check_certificate as check
from kgon.proofs.check import pairs
from kgon.proofs.check.circle import roots_of_unity
from kgon.proofs.check.intervals import Interval512 as Interval
from kgon.proofs.check.kgons.smooth import shared_digits


def dyadic(x, bits=None):
    if bits is not None:
        return [int(mpmath.nint(mpmath.ldexp(x, bits))), -bits]
    m, q = float(x).as_integer_ratio()
    return [m, 1 - q.bit_length()]


def interval(x):
    low = int(mpmath.floor(x * 10**32)) - 1
    return [str(Fraction(low + shift, 10**32)) for shift in (0, 3)]


def sealed(cert):
    rest = {name: value for name, value in cert.items() if name != "digest"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"))
    return {**rest, "digest": hashlib.sha256(text.encode()).hexdigest()}


@cache
def polygon(k, s):
    """τ, b, R and the Jacobian of ∇R, from derivation 2: A(m), B(m) and the bracketed root of g."""
    with mpmath.workdps(60):
        x = [mpmath.cos(2 * mpmath.pi * j / k) for j in range(1, s + 1)]
        F, G, M = 1 + 2 * sum(y * y for y in x), 1 + 2 * sum(x), 1 + 2 * s
        H = 1 + 2 * sum(1 / y for y in x)

        def a_of(m):
            return (F - 3 * G * m + 3 * M * m**2 - H * m**3) / 3

        def reduced(tau, b):
            m = -b / tau
            return mpmath.mpf(1) / 3 - tau * (1 - m) ** 2 * (2 + m) / 3 + tau**2 * a_of(m)

        g = [-H, 4 * M - H, 4 * M - 5 * G - 2 * H, 2 * F - 5 * G + 4 * M, 2 * (F - G)]
        low = max(mpmath.cos(2 * mpmath.pi * (s + 1) / k), 0)
        m = mpmath.findroot(lambda m: mpmath.polyval(g, m), (low, x[-1]), solver="anderson")
        tau = (1 - m) ** 2 * (2 + m) / 6 / a_of(m)
        b = -m * tau
        J = [[mpmath.diff(reduced, (tau, b), (2 - i - j, i + j)) for i in (0, 1)] for j in (0, 1)]
        return tau, b, reduced(tau, b), mpmath.matrix(J) ** -1


def gradient(point):
    """The gradient of cL in floating point; the order is x, y, b of column 0, then of column 1, …"""
    W, b = point.reshape(-1, 3)[:, :2].T, point[2::3]
    a = W.T @ W
    bias = np.broadcast_to(b, a.shape)
    rising, on = (bias < 0) & (a + bias > 0), (bias > 0) & (a + bias > 0)
    u = np.where(rising, -bias / np.where(rising, a, 1), 0)
    fa = np.where(rising, a * (1 - u) ** 2 * (2 + u) / 3, on * (2 * a / 3 + bias))
    fb = np.where(rising, a * (1 - u) ** 2, on * (a + 2 * bias))
    diagonal = np.eye(len(b)) * (rising | on)
    A, D = fa - diagonal * 2 * (1 - u**3) / 3, fb - diagonal * (1 - u**2)
    return np.vstack([W @ (A + A.T), D.sum(axis=0)]).T.ravel()


@cache
def smooth(label, c, s=1):
    k, sigma = int(label.rstrip("+")), label.count("+")
    delta = c - k - sigma
    tau, b, R, inverse = polygon(k, s)
    angle, length = 2 * np.pi * np.arange(k) / k, math.sqrt(tau)
    W = np.zeros((2, c))
    W[:, :k] = length * np.cos(angle), length * np.sin(angle)
    bias = np.array([float(b)] * k + [1 / (2 * c)] * sigma + [-0.5] * delta)
    unknowns = [q for q in range(min(3 * c, 3 * (k + sigma) + 2 * (sigma > 0))) if q != 1]
    point, E = np.vstack([W, bias]).T.ravel(), 1e-6 * np.eye(3 * c)[unknowns]
    H = np.array([gradient(point + e) - gradient(point - e) for e in E])[:, unknowns] / (2e-6 * c)
    values, vectors = np.linalg.eigh((H + H.T) / 2)
    C = vectors / np.sqrt(abs(values))
    negative, rho = int((values < 0).sum()), Fraction(1, 2**15)
    reach = rho / 2 / Fraction(float(abs(C[:, 0]).max()))
    a = W.T @ W + bias
    table = np.where(bias > 0, "on", np.where(a > 0, "rising", "off"))
    with mpmath.workdps(60):
        L = mpmath.mpf(k) / c * R + mpmath.mpf(delta + sigma) / (3 * c) - mpmath.mpf(sigma) / (4 * c * c)
        claims = {"s": s, "length_squared": interval(tau), "bias": interval(b), "loss": interval(L)}
        claims |= {"regions": table.tolist(), "radius": [1, -15], "flat_dimension": 3 * c - len(unknowns)}
        claims |= {"negative": negative, "positive": len(unknowns) - negative}
        claims["verdict"] = "saddle" if negative else "minimum"
        claims["descent"] = {"column": 0, "reach": str(reach)} if negative else None
        witness = {
            "box": {"midpoint": [dyadic(tau, 180), dyadic(b, 180)], "radius": [[1, -100], [1, -100]]},
            "reduced_inverse": [[dyadic(inverse[i, j]) for j in (0, 1)] for i in (0, 1)],
            "inverse": [[dyadic(x) for x in row] for row in np.linalg.inv(H)],
            "congruence": [[dyadic(x) for x in row] for row in C],
        }
    return certificate(label, "adjacent", c, "smooth", claims, witness)


def certificate(label, configuration, c, kind, claims, witness):
    head = {"format": "kgon-certificate/1", "label": label, "configuration": configuration, "c": c}
    return sealed({**head, "kind": kind, "claims": claims, "witness": witness})


def square(label, c, proof, witness, configuration="adjacent", flat=None, growth=None):
    sigma, phi = label.count("+"), label.count("-")
    off = (0, 2) if configuration == "opposite" else range(phi)
    W = [(1, 0), (0, 1), (-1, 0), (0, -1)] + [(0, 0)] * (c - 4)
    kinds = ["off" if j in off else "live" for j in range(4)] + ["positive"] * sigma
    kinds += ["off"] * (c - 4 - sigma)

    def region(i, j):
        a = W[i][0] * W[j][0] + W[i][1] * W[j][1]
        return {"off": "off", "positive": "on"}.get(kinds[j], {0: "corner", 1: "on", -1: "off"}[a])

    verdict = {None: "UNDECIDED", "lower-bound": "minimum", "cone": "minimum"}.get(proof, "not a minimum")
    loss = Fraction(phi + c - 4, 3 * c) - Fraction(sigma, 4 * c * c)
    claims = {"length_squared": "1", "bias": "0", "loss": str(loss), "verdict": verdict, "proof": proof}
    claims["regions"] = [[region(i, j) for j in range(c)] for i in range(c)]
    claims |= {"flat_dimension": flat, "growth": growth}
    return certificate(label, configuration, c, "exact", claims, witness)


def falls(label, c, configuration="adjacent"):
    witness = {"moved": 0, "pulled": 4, "velocity": ["1", "0"], "pull": f"1/{4 * c}"}
    witness |= {"lift": "3", "reach": "1/2"}
    return square(label, c, "descent", witness, configuration)


def node(k, tau, share):
    names = ["pos0", "pos1", "gap11", "gap12", "gap22", "gap23", "gap33", "gap30"]
    share = dict(zip(["gap1", "gap2", "gap3"], share.split(), strict=True))
    return {"k": k.split(), "tau": dict(zip(names, tau.split(), strict=True)), "share": share}


@cache
def valid():
    bound = {"multipliers": ["1"] * 12, "interior": ["0"] * 10}
    empty = {"multipliers": [], "interior": ["0"] * 18}
    first = node("1/2 0", "1/2 1/2 1/2 7/10 7/10 1/2 1/2 1/2", "7/10 3/10 1/2")
    second = node("1/2 1/2", "3/5 3/5 1/2 4/5 3/5 3/5 4/5 1/2", "9/10 1/2 1/10")
    cone = {"epsilon": "1/2", "nodes": [first, second]}
    direction = {"direction": ["2/3", "2/3", "1", "1/3", "2/3", "-1/3", "1", "-2/3"]}
    more = {f"5+ in {c}": smooth("5+", c) for c in (7, 8, 9)}
    return (
        {f"{k}": smooth(f"{k}", max(k, 6)) for k in range(5, 9)}
        | more
        | {
            "5+": smooth("5+", 6),
            "4": square("4", 6, "lower-bound", bound, flat=3),
            "4----": square("4----", 6, "lower-bound", empty, flat=18),
            "4+-": falls("4+-", 6),
            "4+--:opposite": falls("4+--", 7, "opposite"),
            "4++": square("4++", 6, "cone", cone, flat=1, growth="1/576"),
            "4+ in 24": square("4+", 24, "direction", direction),
        }
    )


@pytest.mark.parametrize("name", valid())
def test_valid_certificates_are_proved(name):
    cert = valid()[name]
    report = check(cert)
    assert (report.verdict, report.reason, report.label) == ("PROVED", "", cert["label"])
    assert report == check(json.dumps(cert)) == check(json.dumps(cert, indent=1).encode())


@pytest.mark.parametrize(
    ("lower", "upper", "said"),
    [
        ("0.123456", "0.123457", "= 0.12345…"),
        ("-0.123457", "-0.123456", "= -0.12345…"),
        ("0.1999999", "0.2000001", "in [1999999/10000000, 2000001/10000000]"),
        ("1.39999999", "1.40000001", "in [139999999/100000000, 140000001/100000000]"),
        ("1.3199999", "1.3200001", "= 1.3…"),
        ("-0.1", "0.1", "in [-1/10, 1/10]"),
        ("0", "0.0001", "in [0, 1/10000]"),
        ("0.25", "0.25", "= 0.25000000000000000000000000000…"),
    ],
)
def test_only_digits_that_both_ends_share_are_printed(lower, upper, said):
    assert shared_digits(Fraction(lower), Fraction(upper)) == said


@pytest.mark.parametrize("name", ["length_squared", "bias", "loss"])
def test_every_digit_that_is_printed_is_right(name):
    """Wherever the claimed ends lie around the exact value, digits of it alone are shown."""
    cert = smooth("6", 6)
    exact = Fraction(cert["claims"][name][0]) + Fraction(1, 10**32)
    for shift_ in range(-9, 10, 3):
        ends = [exact + Fraction(shift_ - 10, 2 * 10**31), exact + Fraction(shift_ + 10, 2 * 10**31)]
        report = check(changed(cert, ["claims", name], [str(x) for x in ends]))
        assert report.verdict == "PROVED"
        (said,) = [claim for claim in report.claims if claim.startswith(name)]
        shown = Fraction(said.removeprefix(f"{name} = ").removesuffix("…"))
        places = len(said.partition(".")[2]) - 1
        assert 25 < places < 30 and 0 <= abs(exact) - abs(shown) < Fraction(1, 10**places)


def test_what_the_reports_say():
    claims = check(smooth("5", 6)).claims
    assert "inertia (negative, flat, positive) = (0, 4, 14)" in claims
    assert any(claim.startswith("bias = -0.2822972831267716") for claim in claims)
    assert "a saddle" in check(smooth("5+", 7)).claims[-1]
    assert check(square("4+", 6, None, None)).verdict == "UNDECIDED"
    assert "flat dimension 3" in check(valid()["4"]).claims


def at(cert, path):
    for step in path:
        cert = cert[step]
    return cert


def leaves(value, path=()):
    if isinstance(value, dict | list) and value:
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from leaves(value[key], (*path, key))
    else:
        yield path


def changed(cert, path, value, seal=True):
    """Return a copy in which one entry is replaced (by a function of the old one, if it is callable)."""
    new = copy.deepcopy(cert)
    place = at(new, path[:-1])
    place[path[-1]] = value(place[path[-1]]) if callable(value) else value
    return sealed(new) if seal else new


def shift(amount):
    return lambda ends: [str(Fraction(end) + Fraction(amount)) for end in ends]


# Certificate, dotted path, values: each must be refused, with a reason that names the path.
FINE = Fraction(1, 10**20)
HOPELESS = {
    "6": {
        "claims.length_squared": [shift(FINE), shift(-FINE), ["1", "2"]],
        "claims.length_squared.0": ["-1", lambda x: str(Fraction(x) - Fraction(1, 10**30))],
        "claims.bias": [shift(FINE), lambda x: [str(-Fraction(y)) for y in x[::-1]], lambda x: x[::-1]],
        "claims.loss": [shift(FINE), shift(Fraction(4, 10**32)), lambda ends: ends[::-1], ["1/20"]],
        "claims.loss.0": ["1/0", "0.04", " 1/30", "1_0/30", "4e-2", "١/٣٠", 0, None],
        "claims.s": [0, 2, -1, True, "1"],
        "claims.regions.0.1": ["off", "on"],
        "claims.regions.2": [lambda row: row[:-1], lambda row: [*row, "off"], "rising"],
        "claims.radius": [[1, -2], [1, 20], [0, 0], [-1, -15], [1], "1/32768"],
        "claims.flat_dimension": [2, 0, True],
        "claims.negative": [1, False],
        "claims.positive": [16, 18],
        "claims.verdict": ["saddle", "UNDECIDED", None],
        "claims.descent": [{"column": 0, "reach": "1/1000000"}],
        "label": ["6-", "06", "6\n", "3", "+", "", 6, None, "6-+"],
        "c": [5, 10**6, True, "6"],
        "configuration": ["opposite", "", None],
        "kind": ["exact"],
        "format": ["kgon-certificate/2"],
        "witness.box.radius": [[[0, 0], [0, 0]], [[1, -3], [1, -3]], [[-1, -90], [1, -90]], [[1, -900]] * 2],
        "witness.box.midpoint.0.0": [lambda m: m + 2**90, lambda m: -m, lambda m: 2 * m],
        "witness.reduced_inverse": [[[[0, 0]] * 2] * 2],
        "witness.inverse.3.3.0": [lambda m: -m, lambda m: 2 * m],
        "witness.inverse": [lambda rows: rows[:-1], lambda rows: rows[::-1], [[[0, 0]] * 17] * 17],
        "witness.inverse.0.0.1": [10**9, -(10**9)],
        "witness.congruence": [lambda rows: [rows[0], *rows[:-1]], [[[0, 0]] * 17] * 17],
    },
    "5": {"claims.flat_dimension": [1], "label": ["5+", "6"], "c": [7]},
    "5+": {"label": ["5", "5++"], "c": [5, 7]},
    "5+ in 7": {
        "claims.verdict": ["minimum"],
        "claims.negative": [0, 1],
        "claims.descent": [None],
        "claims.descent.column": [2, -19, 10**9, False],
        "claims.descent.reach": [lambda x: str(3 * Fraction(x)), "0", "-1/100000000"],
    },
    "4": {
        "claims.loss": ["1/8", "100/901", "1/9 "],
        "claims.length_squared": ["2"],
        "claims.bias": ["-1/1000000"],
        "claims.regions.0.1": ["on", "off"],
        "claims.verdict": ["not a minimum", "UNDECIDED"],
        "claims.proof": [["cone"], "descent", "cone", "direction", "trust me", None],
        "claims.flat_dimension": [4, 2, None],
        "claims.growth": ["1/100"],
        "configuration": ["opposite"],
        "label": ["4+", "4-", "4-----"],
        "witness.multipliers": [["-1"] * 12, ["2"] + ["1"] * 11, ["0"] * 12],
        "witness.interior.0": ["1"],
    },
    "4----": {"claims.flat_dimension": [17], "witness.interior": [["0"] * 17]},
    "4+-": {
        "label": ["4-", "4++-"],
        "witness.reach": ["5", "0", "-1/2"],
        "witness.pull": ["-1/24", "0"],
        "witness.velocity": [["0", "0"], ["0"]],
        "witness.moved": [4, 6, -6],
        "witness.pulled": [1, 0],
        "claims.verdict": ["minimum"],
        "claims.proof": ["lower-bound", "cone", "direction"],
    },
    "4+--:opposite": {"configuration": ["adjacent"]},
    "4++": {
        "claims.growth": ["1/575", None],
        "claims.flat_dimension": [True, 2],
        "witness.epsilon": ["0", "9", "-1/2"],
        "witness.nodes.0.k.0": ["9", "-1/2"],
        "witness.nodes.1.tau.gap12": ["1", "-1"],
        "witness.nodes.1.share.gap1": ["11/10", "-1"],
    },
    "4+ in 24": {
        "witness.direction": [["0"] * 8, ["1"] * 7],
        "witness.direction.0": ["-2/3"],
        "claims.proof": ["cone", "lower-bound"],
        "claims.verdict": ["minimum"],
    },
}


@pytest.mark.parametrize(("name", "path"), [(n, path) for n, paths in HOPELESS.items() for path in paths])
def test_near_misses_are_rejected(name, path):
    steps = [int(step) if step.isdigit() else step for step in path.split(".")]
    for value in HOPELESS[name][path]:
        report = check(changed(valid()[name], steps, value))
        assert report.verdict == "REJECTED", value
        assert report.claims == []
        pattern = r"witness|claims\.radius" if steps[0] == "witness" else ".".join(path.split(".")[:2])
        if path not in (
            "label",
            "c",
            "configuration",
            "claims.proof",
        ):  # these fail by what follows from them
            assert re.search(pattern, report.reason)


@pytest.mark.parametrize("name", ["6", "5+ in 7", "4", "4+-", "4++"])
def test_every_object_has_exactly_its_keys(name):
    cert = valid()[name]
    prefixes = {path[:n] for path in leaves(cert) for n in range(len(path))}
    for path in [path for path in prefixes if isinstance(at(cert, path), dict)]:
        for key in at(cert, path):
            new = copy.deepcopy(cert)
            del at(new, path)[key]
            assert check(sealed(new) if key != "digest" else new).verdict == "REJECTED", (path, key)
        new = copy.deepcopy(cert)
        at(new, path)["note"] = "harmless"
        assert check(sealed(new)).verdict == "REJECTED", path


TEXT = json.dumps(smooth("6", 6))
ENDLESS = {}
ENDLESS["more"] = ENDLESS
BAD = {
    "an endless dictionary": ENDLESS,
    "empty": "",
    "truncated": TEXT[:-2],
    "more after it": TEXT + "{}",
    "a list": "[]",
    "a float": TEXT.replace('"negative": 0', '"negative": 0.0'),
    "NaN": TEXT.replace('"negative": 0', '"negative": NaN'),
    "infinity": TEXT.replace('"negative": 0', '"negative": -Infinity'),
    "a key twice": TEXT.replace('"c": 6', '"c": 6, "c": 6'),
    "a key twice below": TEXT.replace('"s": 1', '"s": 1, "s": 1'),
    "a huge integer": TEXT.replace('"c": 6', '"c": ' + "9" * 30000),
    "a long integer": TEXT.replace('"c": 6', '"c": ' + "9" * 3000),
    "deep": "[" * 100000,
    "deep inside": TEXT.replace('"witness": {', '"witness": {"a":' + "[" * 5000 + "]" * 5000 + ","),
    "bytes that are no text": b"\xff\xfe" + TEXT.encode(),
    "a wrong digest": TEXT.replace(smooth("6", 6)["digest"], "0" * 64),
    "a digest in capitals": TEXT.replace(smooth("6", 6)["digest"], smooth("6", 6)["digest"].upper()),
    "a surrogate": TEXT.replace('"label": "6"', '"label": "\\ud800"'),
    "None": None,
    "a dictionary that is no JSON": {1: {2, 3}},
    "a dictionary with a float": {**smooth("6", 6), "c": float("nan")},
    "a dictionary with a huge integer": {**smooth("6", 6), "c": 10**20000},
}


@pytest.mark.parametrize("name", BAD)
def test_nothing_raises_on_bad_input(name):
    report = check(BAD[name])
    assert report.verdict == "REJECTED" and report.reason and "\n" not in report.reason


def test_an_almost_critical_point_is_rejected():
    cert = copy.deepcopy(smooth("6", 6))
    cert["witness"]["box"]["midpoint"][0][0] += 2 ** (180 - 60)
    for name in ("length_squared", "bias"):
        cert["claims"][name] = shift(Fraction(1, 2**60))(cert["claims"][name])
    assert "witness.box" in check(sealed(cert)).reason


CLAIMED = {name: [p for p in leaves(c) if p[0] not in ("witness", "digest")] for name, c in valid().items()}
WITNESS = {name: [p for p in leaves(c) if p[0] == "witness"] for name, c in valid().items()}


@st.composite
def mutation(draw, paths):
    name = draw(st.sampled_from(sorted(paths)))
    path = draw(st.sampled_from(paths[name]))
    old = at(valid()[name], path)
    options = [None, True, [], {}, "", "off", "1", 0, 1, -1, 1.5, 10**30]
    if type(old) is int:
        options += [old + 1, old - 1, -old, 2 * old, bool(old)]
    if isinstance(old, str):
        options += [old + "0", old[:-1], "-" + old, old + "+", "rising"]
        if re.fullmatch("-?[0-9]+(/[0-9]+)?", old):
            changes = ("1e-5", "-1e-20", "1e-31", "-1e-31", "1e-35")
            options += [str(Fraction(old) + Fraction(x)) for x in changes]
    new = draw(st.sampled_from([x for x in options if (type(x), x) != (type(old), old)]))
    return name, list(path), new


@given(mutation({name: CLAIMED[name] + WITNESS[name] for name in CLAIMED}))
def test_the_digest_notices_every_leaf(case):
    assert check(changed(valid()[case[0]], *case[1:], seal=False)).verdict == "REJECTED"


@given(mutation(CLAIMED))
def test_a_changed_claim_is_rejected_unless_it_is_still_true(case):
    """True may be another enclosure within 10^-30, another spelling of a number, a radius, a descent."""
    name, path, new = case
    cert = changed(valid()[name], path, new)
    if check(cert).verdict == "REJECTED":
        return
    assert path[0] == "claims"
    if path[1] in ("length_squared", "bias", "loss") and cert["kind"] == "smooth":
        low, high = map(Fraction, at(cert, path[:-1]))
        core = [Fraction(end) for end in at(valid()[name], path[:-1])]
        exact = core[0] + Fraction(1, 10**32)  # see interval(): the value is between this and 10^-32 more
        assert high - low <= Fraction(1, 10**30)
        assert low <= exact + Fraction(1, 10**32) and exact <= high
    elif path[1] == "radius":
        assert cert["claims"]["radius"][0] > 0 and cert["claims"]["radius"][1] < -10
    elif path[1] == "descent":
        assert Fraction(cert["claims"]["descent"]["reach"]) > 0
    else:
        assert Fraction(new) == Fraction(at(valid()[name], path))


@given(mutation(WITNESS))
def test_a_changed_witness_fails_or_proves_the_same(case):
    report = check(changed(valid()[case[0]], *case[1:]))
    assert report.verdict == "REJECTED" or report == check(valid()[case[0]])


@pytest.mark.parametrize("k", [5, 6, 7, 12, 61])
def test_cosines_and_square_roots(k):
    with mpmath.workdps(170):
        for j, point in enumerate(roots_of_unity(k, Interval)):
            angle = 2 * mpmath.pi * j / k
            for mine, value in zip(point, (mpmath.cos(angle), mpmath.sin(angle)), strict=True):
                assert mine.lo <= mpmath.ldexp(value, Interval.bits) <= mine.hi
                assert mine.hi - mine.lo < 1 << 40
        root = Interval.of(k).sqrt()
        assert root.lo <= mpmath.ldexp(mpmath.sqrt(k), Interval.bits) <= root.hi <= root.lo + 2


@pytest.mark.parametrize(
    ("a", "b", "name"), [("2", "-1/2", "rising"), ("1/3", "1/5", "on"), ("1/2", "-2", "off")]
)
@pytest.mark.parametrize("same", [False, True])
def test_the_pair_functions_are_the_integrals(a, b, name, same):
    def f(a, b):
        cut = min(max(-b / a, 0), 1)
        return mpmath.quad(lambda x: (x * same - max(a * x + b, 0)) ** 2, sorted({0, cut, 1}))

    with mpmath.workdps(40):
        point = [mpmath.mpf(x.numerator) / x.denominator for x in (Fraction(a), Fraction(b))]
        orders = [(0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2)]
        at = Interval.of(Fraction(a)), Interval.of(Fraction(b)), name, same
        for order, mine in zip(
            orders, [pairs.value(*at), *pairs.slopes(*at), *pairs.curvatures(*at)], strict=True
        ):
            true = mpmath.diff(f, point, order) if any(order) else f(*point)
            assert abs(3 * true - mpmath.ldexp(mine.lo, -Interval.bits)) < 1e-12
            assert mine.hi - mine.lo < 1 << 20


LABELS = ["6", "5", "5+"] + ["4" + "+" * s + "-" * f for s in range(3) for f in range(5)]


@pytest.mark.parametrize("label", LABELS)
def test_kgons_certificates_are_proved(label):
    certify = pytest.importorskip("kgon.proofs.certificates").certify
    report = check(certify(label, 6))
    assert (report.verdict, report.reason, report.label) == ("PROVED", "", label)
