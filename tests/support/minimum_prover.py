"""A small prover of global minima in floating point: it writes certificates that the checker must decide."""

import base64
import functools
import hashlib
import json
import math
import zlib
from fractions import Fraction

SAFE = 1e-9  # by so much a bound must be positive here; the checker needs more than 0


def off(a, b):
    if b >= 0:
        return a * a / 3 + a * b + b * b if a + b >= 0 else -(b**3) / (3 * a)
    return (a + b) ** 3 / (3 * a) if a + b > 0 else 0.0


def diag(n, b):
    if b >= 0:
        return (1 - n) ** 2 / 3 - b * (1 - n) + b * b
    s = n + b
    return 1 / 3 - s * s * (2 * n - b - s * n) / (3 * n * n) if s > 0 else 1 / 3


def least(n0, n1, b0, b1):
    return max(diag(n1, b1) - off(n1 - 1, b1), 0.0) + off(n0 - 1, b0)


def two(step, low, high):
    (m0, t0), (m1, t1) = low, high
    near = step["near"]
    if near and near[0] <= m0 and m1 <= near[1] and near[2] <= t0 and t1 <= near[3]:
        return {"n": 1.0}
    rest, t, q = step["kappa"] * t0 - step["T"], math.cos(t1), 1 - m0
    bottom = 12 * ((1 - m1) ** 3 + 2 * max(t - m1, 0.0) ** 3 / t)
    h = 1 / 3 - (q * q * (2 + m0)) ** 2 / bottom if bottom > 0 else -1.0
    return {"q": 1 / 3 - q * (2 + m0) ** 2 / 12 + rest, "h": h + rest}


def five(step, low, high):
    (B0, t0, a0, b0, y0), (B1, t1, a1, b1, y1) = low, high
    x = least(B0 * t0**2, B1 * t1**2, b0, b1)
    y = least(B0 / math.cos(a0) ** 2, B1 / math.cos(a1) ** 2, y0, y1)
    cross = off(B0 * t0, b0) + off(B0 * t0, y0)
    star = x + cross + min(max(b0, 0.0) ** 2, step["bonus"]) - step["gain"]
    return {
        "s": star,
        "p": x + y + cross - step["V"],
        "v": (x + y) / 2 + cross + step["kappa"] * a0 - step["T"],
    }


def cover(bound, step, low, high):
    """The tree of a box: cut along the axis that gains most until one bound is positive."""
    stack, code = [(low, high)], ""
    while stack:
        low, high = stack.pop()
        leaf, value = max(bound(step, low, high).items(), key=lambda item: item[1])
        if value > SAFE:
            code += leaf
            continue
        best = None
        for axis, (x, y) in enumerate(zip(low, high, strict=True)):
            cut = ((x + y) / 2,)
            lower, upper = (
                (low, high[:axis] + cut + high[axis + 1 :]),
                (low[:axis] + cut + low[axis + 1 :], high),
            )
            gain = sum(min(max(bound(step, *half).values()), 0.0) for half in (lower, upper)) + (y - x) / 100
            if best is None or gain > best[0]:
                best = gain, axis, upper, lower
        code += str(best[1])
        stack += best[2:]
    return code


def packed(code):
    return base64.b64encode(zlib.compress(code.encode(), 9)).decode()


def unpacked(tree):
    return zlib.decompress(base64.b64decode(tree)).decode()


def reduced(m, theta):
    t, q = math.cos(theta), 1 - m
    return (1 - q**4 * (2 + m) ** 2 / (4 * (q**3 + 2 * max(t - m, 0.0) ** 3 / t))) / 3


def grid(x, size=1024):
    return Fraction(round(x * size), size)


def pentagon():
    """The step c = 5, edges only, and its numbers."""
    theta, low, high, h = 2 * math.pi / 5, 0.0, 0.3, 1e-5
    while high - low > 1e-12:
        m = (low + high) / 2
        low, high = (low, m) if reduced(m + h, theta) > reduced(m - h, theta) else (m, high)
    kappa = (reduced(m, theta - h) - reduced(m, theta + h)) / (2 * h)
    V = 5 * reduced(m, theta)
    near = [grid(m - 0.04), grid(m + 0.04), grid(theta - 0.04), grid(theta + 0.04)]
    T, end = (V + 2 * math.pi * kappa) / 5, Fraction(45, 32)
    numbers = {"V": V, "kappa": kappa, "T": T, "near": [float(x) for x in near]}
    tree = cover(two, numbers, (0.0, 0.0), (1.0, float(end)))
    part = {"theta": ["0", str(end)], "near": [str(x) for x in near], "tree": packed(tree)}
    numbers["bonus"] = min(kappa * math.pi / 2 - T, 1 / 6 - V)
    return {"c": 5, "value": None, "slope": None, "two": part, "five": None}, numbers


WEAK = Fraction(3, 20), Fraction(1, 10), 4, Fraction(21, 16)
"""Value, slope, size and θ₁ of a step c = 6 far below the minimum, so that its trees are small."""


def weak_numbers(before):
    V, kappa = map(float, WEAK[:2])
    T = (V + 2 * math.pi * kappa) / 6
    return {"V": V, "kappa": kappa, "T": T, "near": None, "bonus": before["bonus"], "gain": V - before["V"]}


def five_root(size, end):
    return (0.0, 0.0, 0.0, -size, -size), (size, 1.0, end, 1.0, 1.0)


def weak_hexagon(before):
    value, slope, size, end = WEAK
    step = weak_numbers(before)
    first = cover(two, step, (0.0, 0.0), (1.0, float(end)))
    second = cover(five, step, *five_root(float(size), float(end)))
    part = {"theta": ["0", str(end)], "near": None, "tree": packed(first)}
    five_ = {"tau": "1", "size": str(size), "tree": packed(second)}
    return {"c": 6, "value": str(value), "slope": str(slope), "two": part, "five": five_}


def leaves(code, low, high):
    """{place in the tree: (leaf, low, high)}."""
    stack, found = [(low, high)], {}
    for place, letter in enumerate(code):
        low, high = stack.pop()
        if letter.isalpha():
            found[place] = letter, low, high
            continue
        axis = int(letter)
        cut = ((low[axis] + high[axis]) / 2,)
        stack += [(low[:axis] + cut + low[axis + 1 :], high), (low, high[:axis] + cut + high[axis + 1 :])]
    return found


def trees(cert):
    """Code, root box, step, part and bound of each tree of the weak certificate."""
    _, numbers = pentagon()
    second = weak_numbers(numbers)
    for step, part, bound, values in (
        (0, "two", two, numbers),
        (1, "two", two, second),
        (1, "five", five, second),
    ):
        data = cert["steps"][step]
        end = float(Fraction(data["two"]["theta"][1]))
        root = ((0.0, 0.0), (1.0, end)) if part == "two" else five_root(float(data["five"]["size"]), end)
        yield unpacked(data[part]["tree"]), *root, step, part, functools.partial(bound, values)


def sealed(cert):
    rest = {name: value for name, value in cert.items() if name != "digest"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"))
    return {**rest, "digest": hashlib.sha256(text.encode()).hexdigest()}


@functools.cache
def certificates():
    """The certificates for 4, 5 and (a weak bound) 6 columns."""
    first, numbers = pentagon()
    steps = [first, weak_hexagon(numbers)]
    return {
        c: sealed({"format": "kgon-global-minimum/1", "c": c, "steps": steps[: c - 4]}) for c in (4, 5, 6)
    }
