"""The independent checker of global minima: the standard library alone, no code of kgon, integers only.

With off(a, b) = ∫₀¹ relu(aμ + b)² dμ, D(N, b) = ∫₀¹ (μ − relu(Nμ + b))² dμ and c columns of the plane
cL = Σ_j (D(|W_j|², b_j) + Σ_{i≠j} off(W_i·W_j, b_j)). A certificate is a chain of steps c = 5, 6, …; each
proves cL ≥ V from the one before, with a slope κ and T = (V + 2πκ)/c (derivation 6). Let x and y be next to
each other, α the gap, a = x·y, A = |x|² ≤ A_y = |y|². It is enough that w = (D(A, b_x) + D(A_y, b_y))/2 +
off(a, b_x) + off(a, b_y) ≥ T − κα, as the gaps add up to 2π. Two trees of boxes prove it; with a = A cos θ,

- *two*, for θ ≥ θ₀: H(m, cos θ) + κθ ≥ T, H(m, t) the least D(A, −mA) + 2 off(tA, −mA) for any A;
- *five*, for A < τ₁a: deleting x (*star*), or x and y alone (*pair*), gives cL > V, or w > T − κα (*viol*).

Numbers are multiples of 2^-BITS. What bounds a box is rounded outwards on reading, and the proof is about the
rounded box; it is cut at a multiple, so that the halves cover it.

Run it alone: ``python check_minimum.py file.json …``. Exit status: 0 all proved, 1 some not, 2 unreadable.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

FORMAT = "kgon-global-minimum/1"
BITS = 96
ONE = 1 << BITS
DIGITS, COLUMNS, LENGTH, NODES, CELLS = 100, 64, 1 << 26, 1 << 24, 1 << 14  # the largest that is looked at
Box = tuple[int, ...]


@dataclass
class Report:
    """What the checker found."""

    verdict: str  # PROVED or REJECTED
    label: str = ""
    claims: list[str] = field(default_factory=list)
    reason: str = ""  # why it was rejected


def require(condition: bool, reason: str) -> None:
    """Reject unless the condition holds."""
    if not condition:
        raise ValueError(reason)


def parse(text: str) -> Any:
    """Read JSON; floats, duplicate keys and over-long integers are refused."""

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        require(len(dict(items)) == len(items), "a key occurs twice in one object")
        return dict(items)

    def whole(digits: str) -> int:
        require(len(digits) <= DIGITS and digits.lstrip("-").isdigit(), "a number is too long or no integer")
        return int(digits)

    require(len(text) <= LENGTH, "the file is too long")
    return json.loads(text, object_pairs_hook=pairs, parse_int=whole, parse_float=whole, parse_constant=whole)


def keys(value: Any, names: str, where: str) -> list[Any]:
    """Return the values of an object whose keys are exactly these."""
    require(type(value) is dict and set(value) == set(names.split()), f"{where}: the keys must be {names}")
    return [value[name] for name in names.split()]


def numbers(values: Any, length: int, where: str) -> list[Fraction]:
    """Return p/q from each ``"p/q"`` or ``"p"`` of a list, in lowest terms."""
    require(type(values) is list and len(values) == length, f"{where} must be a list of {length}")
    for x in values:
        good = type(x) is str and len(x) <= DIGITS and re.fullmatch("-?[0-9]+(/0*[1-9][0-9]*)?", x)
        require(bool(good) and str(Fraction(x)) == x, f"{where} must hold reduced rationals in strings")
    return [Fraction(x) for x in values]


def unpack(value: Any, where: str) -> bytes:
    """Return the bytes of a tree."""
    require(type(value) is str, f"{where} must be a string")
    data, stream = base64.b64decode(value), zlib.decompressobj()
    require(base64.b64encode(data) == value.encode(), f"{where} must be in base64")
    code = stream.decompress(data, NODES)
    require(stream.eof and not stream.unused_data, f"{where} is too long, cut off, or followed by more")
    return code


def down(x: Fraction | int) -> int:
    """Return the largest multiple of 2^-BITS that is not above x."""
    return (x.numerator << BITS) // x.denominator


def up(x: Fraction | int) -> int:
    """Return the smallest multiple of 2^-BITS that is not below x."""
    return -down(-x)


def outwards(values: Any, length: int, where: str) -> Box:
    """Return [lower, upper, …] rounded to multiples of 2^-BITS."""
    return tuple((down, up)[i % 2](x) for i, x in enumerate(numbers(values, length, where)))


class Interval:
    """A closed interval [lo, hi]·2^-BITS of real numbers; every operation rounds outwards."""

    __slots__ = ("hi", "lo")

    def __init__(self, lo: int, hi: int) -> None:
        self.lo, self.hi = lo, hi

    @staticmethod
    def of(value: Interval | Fraction | int) -> Interval:
        return value if isinstance(value, Interval) else Interval(down(value), up(value))

    def __neg__(self) -> Interval:
        return Interval(-self.hi, -self.lo)

    def __add__(self, other: Interval | Fraction | int) -> Interval:
        other = Interval.of(other)
        return Interval(self.lo + other.lo, self.hi + other.hi)

    def __sub__(self, other: Interval | Fraction | int) -> Interval:
        return self + -Interval.of(other)

    def __mul__(self, other: Interval | Fraction | int) -> Interval:
        other = Interval.of(other)
        ends = (self.lo * other.lo, self.lo * other.hi, self.hi * other.lo, self.hi * other.hi)
        return Interval(min(ends) >> BITS, -(-max(ends) >> BITS))

    __radd__, __rmul__ = __add__, __mul__

    def __truediv__(self, other: Interval | Fraction | int) -> Interval:
        other = Interval.of(other)
        require(other.lo > 0 or other.hi < 0, "division by an interval that contains zero")
        ends = [(x << BITS, y) for x in (self.lo, self.hi) for y in (other.lo, other.hi)]
        return Interval(min(x // y for x, y in ends), max(-(-x // y) for x, y in ends))


ZERO = Interval(0, 0)


def arctan(n: int) -> Interval:
    """Enclose arctan(1/n): the series alternates, so that its last term bounds the rest."""
    terms = [Fraction((-1) ** i, (2 * i + 1) * n ** (2 * i + 1)) for i in range(BITS // 4)]
    return Interval.of(sum(terms)) + Interval(-up(abs(terms[-1])), up(abs(terms[-1])))


PI = 16 * arctan(5) - 4 * arctan(239)


@lru_cache(1 << 16)
def circle(x: int) -> tuple[Interval, Interval]:
    """Enclose the cosine and the sine of x·2^-BITS in [0, 2]."""
    require(0 <= x <= 2 * ONE, "an angle is out of range")
    low, high, parts = ONE, ONE, [ZERO] * 4  # the term xⁱ/i!, by its two bounds
    for i in range(40):
        parts[i % 4] += Interval(low, high)
        low, high = (low * x) // (i + 1 << BITS), -((-high * x) // (i + 1 << BITS))
    rest = Interval(-2 * high, 2 * high)  # the following terms fall by 2/41 at least
    return parts[0] - parts[2] + rest, parts[1] - parts[3] + rest


def cos_sin(angle: Interval) -> tuple[Interval, Interval]:
    """Enclose the cosine and the sine of all angles of an interval in [0, π/2]; they are monotone there."""
    require(2 * angle.hi <= PI.lo, "an angle is not acute")
    (cos_high, sin_low), (cos_low, sin_high) = circle(angle.lo), circle(angle.hi)
    return Interval(cos_low.lo, cos_high.hi), Interval(sin_low.lo, sin_high.hi)


Jet = list[Interval]  # f, f_m, f_θ, f_mm, f_mθ, f_θθ


def product(f: Jet, g: Jet) -> Jet:
    """Return the jet of f·g."""
    first = [f[i] * g[0] + f[0] * g[i] for i in range(1, 6)]
    mixed = [2 * f[1] * g[1], f[1] * g[2] + f[2] * g[1], 2 * f[2] * g[2]]
    return [f[0] * g[0], *first[:2], *(x + y for x, y in zip(first[2:], mixed, strict=True))]


def ratio(f: Jet, g: Jet) -> Jet:
    """Return the jet of f/g."""
    h = [f[0] / g[0]]
    h += [(f[i] - h[0] * g[i]) / g[0] for i in (1, 2)]
    mixed = [2 * h[1] * g[1], h[1] * g[2] + h[2] * g[1], 2 * h[2] * g[2]]
    return h + [(f[i + 3] - mixed[i] - h[0] * g[i + 3]) / g[0] for i in range(3)]


def reduced(m: Interval, theta: Interval) -> Jet:
    """Enclose H(m, t) = 1/3 − q(2 + m)²/(12 + 24y³/t), t = cos θ > m, q = 1 − m, y = 1 + (t − 1)/q."""
    cos, sin = cos_sin(theta)
    require(cos.lo > m.hi, "near: cos θ must be above m")
    t = [cos, ZERO, -sin, ZERO, ZERO, -cos]
    p = [m + 2, Interval.of(1), ZERO, ZERO, ZERO, ZERO]
    q = [-m + 1, Interval.of(-1), ZERO, ZERO, ZERO, ZERO]
    y = ratio([cos - 1, *t[1:]], q)
    y[0] += 1
    bottom = [24 * x for x in ratio(product(product(y, y), y), t)]
    bottom[0] += 12
    H = [-x for x in ratio(product(q, product(p, p)), bottom)]
    return [H[0] + Fraction(1, 3), *H[1:]]


def convex(near: Box) -> None:
    """Prove that the Hessian of H(m, cos θ) is positive definite on near, cut as often as needed."""
    cells, seen = [near], 0
    while cells:
        m0, m1, t0, t1 = cells.pop()
        seen += 1
        require(seen <= CELLS, "near: the Hessian is not seen to be positive definite on all of it")
        _, _, _, mm, mt, tt = reduced(Interval(m0, m1), Interval(t0, t1))
        m, t = (m0 + m1) >> 1, (t0 + t1) >> 1
        if mm.lo <= 0 or (mm * tt - mt * mt).lo <= 0:
            halves = [(m0, m, t0, t1), (m, m1, t0, t1)], [(m0, m1, t0, t), (m0, m1, t, t1)]
            cells += halves[m1 - m0 < t1 - t0]


def polygon(c: int, near: Box) -> tuple[Interval, Interval]:
    """Enclose φ and κ of the regular c-gon; prove that on near H(m, cos θ) + κθ is least only there.

    At (m*, θ*), θ* = 2π/c, m* a zero of ∂H/∂m and κ = −∂H/∂θ, the gradient is zero. φ = H is what a column of
    it costs, if only next neighbours are active (m* < cos θ*, as on all of near, and cos 2θ* ≤ m*).
    """
    m0, m1, t0, t1 = near
    theta = 2 * PI / c
    require(0 <= m0 < m1 and 0 <= t0 < t1, "near must be a box with m ≥ 0 and θ ≥ 0")
    convex(near)

    def slope(m: int) -> int:  # the sign of ∂H/∂m at θ*, 0 if unknown
        x = reduced(Interval(m, m), theta)[1]
        return (x.lo > 0) - (x.hi < 0)

    inside = t0 < theta.lo and theta.hi < t1 and slope(m0) < 0 < slope(m1)
    require(inside, "near: the regular polygon is not inside")
    while m1 - m0 > 1 and (sign := slope((m0 + m1) >> 1)):
        m0, m1 = (m0, (m0 + m1) >> 1) if sign > 0 else ((m0 + m1) >> 1, m1)
    cos, _ = cos_sin(theta)
    require((2 * cos * cos - 1).hi <= m0, "near: a second neighbour in the regular polygon is active")
    phi, _, fall, *_ = reduced(Interval(m0, m1), theta)
    return phi, -fall


def walk(code: bytes, low: Box, high: Box, bound: Callable[[str, Box, Box], int], where: str) -> int:
    """Follow a tree in preorder from its root box; its leaves cover the box; return how many there are."""
    stack, leaves = [(low, high)], 0
    for byte in code:
        require(bool(stack), f"{where}: there is more after the end of the tree")
        low, high = stack.pop()
        axis = byte - ord("0")
        if 0 <= axis < len(low):
            cut = ((low[axis] + high[axis]) >> 1,)
            stack.append((low[:axis] + cut + low[axis + 1 :], high))
            stack.append((low, high[:axis] + cut + high[axis + 1 :]))
        elif bound(chr(byte), low, high) > 0:
            leaves += 1
        else:
            sides = ", ".join(f"[{x / ONE:.6g}, {y / ONE:.6g}]" for x, y in zip(low, high, strict=True))
            raise ValueError(f"{where}: leaf {leaves} ({chr(byte)!a}) is not above zero on {sides}")
    require(not stack, f"{where}: the tree ends too early")
    return leaves


def off(a: int, b: int) -> int:
    """Bound off(a, b) from below, by less than one unit."""
    if b >= 0:
        return (a * a + 3 * b * (a + b)) // (3 << BITS) if a + b >= 0 else b**3 // (-3 * a << BITS)
    return (a + b) ** 3 // (3 * a << BITS) if a + b > 0 else 0


def diag(N: int, b: int) -> int:
    """Bound D(N, b), N ≥ 0, from below, by less than one unit."""
    s, rest = N + b, ONE - N
    if b >= 0:
        return (rest * rest - 3 * b * (rest - b)) // (3 << BITS)
    if s <= 0:
        return ONE // 3
    return ((N * N << 2 * BITS) - s * s * ((2 * N - b << BITS) - s * N)) // (3 * N * N << BITS)


def least(N0: int, N1: int, b0: int, b1: int) -> int:
    """Bound D from below on a box: ∫ (relu(Nμ + b) − μ)₊² = off(N − 1, b) rises in N, b, the rest falls."""
    return max(diag(N1, b1) - off(N1 - ONE, b1) - 1, 0) + off(N0 - ONE, b0)


@dataclass(frozen=True)
class Step:
    """What a step proves and needs."""

    c: int
    V: Interval
    kappa: Interval
    T: Interval
    bonus: int = 0  # cL ≥ V + bonus if some gap is π/2 or more


def bound_two(step: Step, near: Box | None, leaf: str, low: Box, high: Box) -> int:
    """Bound H(m, cos θ) + κθ − T from below on a box; 1 for a box inside near."""
    (m0, t0), (m1, t1) = low, high  # m and θ
    if leaf == "n" and near is not None:
        return 1 if near[0] <= m0 and m1 <= near[1] and near[2] <= t0 and t1 <= near[3] else -ONE
    q, p, rest = ONE - m0, 2 * ONE + m0, (step.kappa.lo * t0 >> BITS) - step.T.hi
    if leaf == "q":  # without neighbours: q(2 + m)² falls in m
        return ONE // 3 - -(-q * p * p // (12 << 2 * BITS)) + rest
    t = circle(t1)[0].lo  # q²(2 + m) and q³ fall in m; (t − m)₊³/t falls in m and rises in t = cos θ
    bottom = (ONE - m1) ** 3 + (2 * max(t - m1, 0) ** 3 << BITS) // t
    if leaf != "h" or bottom <= 0:
        return -ONE
    return (ONE - -(-((q * q * p) ** 2) // (bottom << 2 * BITS + 2))) // 3 + rest


def bound_five(step: Step, before: Step, leaf: str, low: Box, high: Box) -> int:
    """Bound star, pair or viol from below on a box of (B, τ, α, b_x, b_y), B = A_y cos² α, τ = A/a."""
    (B0, t0, alpha0, b0, y0), (B1, t1, alpha1, b1, y1) = low, high
    a = B0 * t0 >> BITS
    cost = least(B0 * t0 * t0 >> 2 * BITS, -(-B1 * t1 * t1 >> 2 * BITS), b0, b1)
    cross = off(a, b0) + off(a, y0)
    if leaf == "s":  # the other neighbour costs b₊² at x, or leaves y a gap of π/2 or more without x
        return cost + cross + min(max(b0, 0) ** 2 >> BITS, before.bonus) - (step.V.hi - before.V.lo)
    cos0, cos1 = circle(alpha0)[0].hi, circle(alpha1)[0].lo
    require(cos1 > 0, "an angle is not acute")
    cost += least((B0 << 2 * BITS) // cos0**2, -((-B1 << 2 * BITS) // cos1**2), y0, y1)
    if leaf == "p":
        return cost + cross - step.V.hi
    return (cost >> 1) + cross + (step.kappa.lo * alpha0 >> BITS) - step.T.hi if leaf == "v" else -ONE


SQUARE = [(1, 0), (0, 1), (-1, 0), (0, -1)]
UNIQUE = "is the global minimum of L, unique up to rotation, reflection and permutation; there L"
NAMES = {5: "pentagon", 6: "hexagon", 7: "heptagon", 8: "octagon"}


def check_step(data: Any, before: Step | None) -> tuple[Step, list[str]]:
    """Re-derive one step of the chain from the one before."""
    c = 5 if before is None else before.c + 1
    at = f"c = {c}"
    c_, value_, slope_, two_, five_ = keys(data, "c value slope two five", f"{at}: the step")
    theta_, near_, tree_ = keys(two_, "theta near tree", f"{at}: two")
    require(type(c_) is int and c_ == c, f"{at}: the steps must be 5, 6, … in order")
    require((five_ is None) == (before is None), f"{at}: five must be null in the first step, and only there")
    theta, near = outwards(theta_, 2, f"{at}: theta"), None
    if value_ is None and slope_ is None:
        near = outwards(near_, 4, f"{at}: near")
        phi, kappa = polygon(c, near)
        V = c * phi
        name, *ends = NAMES.get(c, f"{c}-gon"), phi.lo * 10**24 >> BITS, -(-phi.hi * 10**24 >> BITS)
        said = f"the regular {name} {UNIQUE} is between 0.{ends[0]:024d} and 0.{ends[1]:024d}"
    else:
        require(before is not None and near_ is None, f"{at}: a value needs a step before it and no near")
        V, kappa = map(Interval.of, numbers([value_, slope_], 2, f"{at}: value, slope"))
        said = f"c L >= {value_} for all W and b"
    T = (V + 2 * PI * kappa) / c
    room, bonus = ONE // 6 - V.hi, (kappa * PI / 2 - T).lo
    step = Step(c, V, kappa, T, min(room, bonus) if before is None else 0)
    require(V.lo > 0 and kappa.lo > 0, f"{at}: value and slope must be positive")
    require(3 * T.hi < ONE, f"{at}: T must be below 1/3")  # the cost of a column with b ≤ −A
    require(0 <= theta[0] < theta[1] and 2 * theta[1] < PI.lo, f"{at}: theta must be within [0, π/2)")
    # From θ₁ on, and a fortiori from π/2 on, κα ≥ T and w ≥ 0 are enough.
    require(kappa.lo * theta[1] >= T.hi << BITS, f"{at}: theta must not end before T/κ")
    code, bound = unpack(tree_, f"{at}: two.tree"), partial(bound_two, step, near)
    trees = [partial(walk, code, (0, theta[0]), (ONE, theta[1]), bound, f"{at}: two.tree")]
    if before is None:  # a column with W_i·W_j ≥ |W_j|² costs 1/6 or more
        require(theta[0] == 0 and step.bonus > 0, f"{at}: theta must begin at 0, and V be below 1/6")
    else:
        tau_, size_, tree_ = keys(five_, "tau size tree", f"{at}: five")
        tau, size = map(up, numbers([tau_, size_], 2, f"{at}: tau, size"))
        zero = down(Fraction(1, 3) - Fraction(1, 4 * c)) + before.V.lo
        require(zero > V.hi, f"{at}: a zero column is not excluded")  # it costs 1/3 − b₊ + c·b₊² or more
        require(tau >= ONE, f"{at}: tau must be 1 or more")
        require(tau * circle(theta[0])[0].lo >= ONE * ONE, f"{at}: tau is too small for theta")
        # If A_y > size: D(N, ·) ≥ (N − 1)²/(3(N + 1)²), which rises for N ≥ 1; D + off ≥ 1/6 at x if τ ≤ 1.
        tail = ((size - ONE) ** 2 << BITS) // (3 * (size + ONE) ** 2) + (ONE // 6 if tau <= ONE else 0)
        require(size >= ONE and tail > min(V.hi, 2 * T.hi), f"{at}: size is too small")
        low, high = (0, 0, 0, -size, -size), (size, tau, theta[1], ONE, ONE)
        code, bound = unpack(tree_, f"{at}: five.tree"), partial(bound_five, step, before)
        trees.append(partial(walk, code, low, high, bound, f"{at}: five.tree"))
    leaves = " + ".join(str(tree()) for tree in trees)
    return step, [f"{at}: {leaves} boxes cover all cases", f"{at}: {said}"]


def check_parsed(data: Any) -> Report:
    """Check a parsed certificate; raise ValueError where it fails."""
    form, c, steps, digest = keys(data, "format c steps digest", "the certificate")
    require(form == FORMAT, "format is unknown")
    others = {name: value for name, value in data.items() if name != "digest"}
    text = json.dumps(others, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    require(digest == hashlib.sha256(text.encode("ascii")).hexdigest(), "digest is wrong")
    require(type(c) is int and 4 <= c <= COLUMNS, f"c must be an integer from 4 to {COLUMNS}")
    require(type(steps) is list and len(steps) == c - 4, "steps must be those for 5, 6, …, c columns")
    step, claims = None, []
    for item in steps:
        step, said = check_step(item, step)
        claims += said
    if c == 4:  # D = 0 needs |W_j| = 1, b_j = 0; then off = 0 needs W_i·W_j ≤ 0 for i ≠ j
        errors = [max(x * p + y * q, 0) - int((x, y) == (p, q)) for x, y in SQUARE for p, q in SQUARE]
        require(not any(errors), "the loss of the square is not zero")
        claims = [f"c = 4: the square {UNIQUE} is 0"]
    return Report("PROVED", f"c = {c}", claims)


def check(certificate: str | bytes | dict[str, Any]) -> Report:
    """Check a certificate, given as JSON or as a dictionary; nothing raises, every error rejects."""
    label = ""
    try:
        if isinstance(certificate, bytes):
            certificate = certificate.decode()
        data = parse(certificate if isinstance(certificate, str) else json.dumps(certificate))
        found = data.get("c") if isinstance(data, dict) else None
        label = f"c = {found}" if type(found) is int else ""
        return check_parsed(data)
    except Exception as error:  # nothing that goes wrong may count as a proof
        return Report("REJECTED", label, reason=str(error)[:300] or type(error).__name__)


def main(argv: list[str] | None = None) -> int:
    """Check the files named on the command line, one line of output for each."""
    parser = argparse.ArgumentParser(prog="check_minimum", description="Verify global minima proved by kgon.")
    parser.add_argument("files", nargs="+", metavar="file.json")
    status = 0
    for name in parser.parse_args(argv).files:
        try:
            report = check(Path(name).read_bytes())
        except OSError as error:
            print(f"{name}: cannot be read: {error.strerror}", file=sys.stderr)
            status = 2
            continue
        said = report.reason or "; ".join(report.claims)
        print(ascii(f"{name}: {report.verdict} {said}")[1:-1])
        status = max(status, int(report.verdict != "PROVED"))
    return status


if __name__ == "__main__":
    sys.exit(main())
