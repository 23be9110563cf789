"""Mutants of certificates: any entry changed in any way; and what it means that one states more."""

import base64
import copy
import json
import re
import zlib
from fractions import Fraction

from support.minimum_prover import sealed

STRANGE = (
    None, True, False, 0, -1, 1, 10**30, 0.5, -0.0, 1e400, float("nan"), "", "0", "1", "-0", "1/3", "x", "5+",
    "0x1.0p+0", "０", "importance[0]", "start", "upper", [], [[]], {}, {"a": 1},
)  # fmt: skip
SHIFTS = [Fraction(sign, 10**k) for k in (0, 1, 2, 3, 5, 8, 12, 20, 31, 35) for sign in (1, -1)]


def places(value, path=()):
    """Paths of all entries below the whole."""
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield (*path, key)
        yield from places(value[key], (*path, key))


def near(old, rng):
    """Another value of the same type, often a close one."""
    if old is None or isinstance(old, bool | float):
        return rng.choice(STRANGE)
    if isinstance(old, int):
        return rng.choice([old + 1, old - 1, -old, 2 * old, old << 1 | 1, float(old), str(old), bool(old)])
    if isinstance(old, list):
        return rng.choice(
            [old[::-1], old[1:], old[:-1], old * 2, old + old[-1:], old[1:] + old[:1], {"0": old}]
        )
    if isinstance(old, dict):
        return rng.choice([list(old.values()), {**old, "note": 1}, {k: old[k] for k in list(old)[1:]}])
    if re.fullmatch("-?[0-9]+(/[0-9]+)?", old):
        return rng.choice(
            [str(Fraction(old) + rng.choice(SHIFTS)), "-" + old, old + "0", old + "/2", f" {old}"]
        )
    if re.fullmatch(r"-?0x[01]\.[0-9a-f]{1,13}p[+-][0-9]{1,2}", old):
        x = float.fromhex(old)
        return rng.choice([(x * (1 + rng.choice([1, -1]) * 10.0 ** -rng.randrange(16))).hex(), (-x).hex()])
    if len(old) > 100:
        return tree_like(old, rng)
    return rng.choice(
        [old + "+", old + "-", old[:-1], old.upper(), old + " ", old.replace("5", "6"), "6", "4+-"]
    )


def tree_like(old, rng):
    """A packed tree with one byte changed, inserted or removed, or a longer or shorter string."""
    try:
        code = bytearray(zlib.decompress(base64.b64decode(old)))
    except (ValueError, zlib.error):
        return old[:-1]
    k = rng.randrange(len(code))
    code[k : k + rng.randrange(2)] = rng.choice([b"", b"0", b"1", b"2", b"h", b"n", b"q", b"s", b"p", b"v"])
    return base64.b64encode(zlib.compress(bytes(code), 9)).decode()


def mutant(good, rng):
    """A copy with one or two entries changed, exchanged, dropped, doubled or added, with the right digest."""
    new = copy.deepcopy(good)
    for _ in range(rng.choice([1, 1, 1, 2])):
        paths = [path for path in places(new) if path != ("digest",)]
        tops = [path for path in paths if len(path) <= 3]
        *way, last = rng.choice(rng.choice([paths, tops]))
        at = new
        for key in way:
            at = at[key]
        others = list(at) if isinstance(at, dict) else list(range(len(at)))
        how = rng.randrange(8)
        if how == 0:
            at[last] = copy.deepcopy(rng.choice(STRANGE))
        elif how == 1:
            second = rng.choice(others)
            at[last], at[second] = at[second], at[last]
        elif how == 2:
            del at[last]
        elif how == 3 and isinstance(at, list):
            at.insert(rng.randrange(len(at)), copy.deepcopy(at[last]))
        elif how == 3:
            at[rng.choice(["note", f"{last} ", str(last).upper()])] = copy.deepcopy(at[last])
        else:
            at[last] = near(at[last], rng)
    return json.dumps(sealed(new), ensure_ascii=rng.random() < 0.5)


NUMBER = r"-?[0-9][0-9./e+-]*…?"
SLACK = [  # what may be larger in an accepted mutant only as far as the truth allows, which is given for each
    ("radius", rf"(?:within|as far as) ({NUMBER}) (?:of|in) "),
    ("bound", rf"c L >= ({NUMBER}) for"),
    ("low", rf"from ({NUMBER}) to {NUMBER}: "),
    ("high", rf"from (?:#|{NUMBER}) to ({NUMBER}): "),
]
FREE = [  # how it was proved, which is no strength: numbers of boxes and tubes, enclosures of the same values
    r"[0-9+ ]+ boxes cover", r"[0-9]+ tubes hold", r"\(certain on [0-9]+ of [0-9]+ tubes\)",
    rf"within \[{NUMBER}, {NUMBER}\]", rf"up to rotation.* between {NUMBER} and {NUMBER}",
]  # fmt: skip


def form(claim):
    """A statement without the numbers that are compared and those that are free."""
    for _, pattern in SLACK:
        claim = re.sub(pattern, lambda m: m[0].replace(m[1], "#", 1), claim)
    for pattern in FREE:
        claim = re.sub(pattern, "…", claim)
    return claim


def states_more(new, old, truth):
    """Whether a report states anything that another does not.

    Each of its statements must be one of the other's, word for word, but for two kinds of numbers. Those of
    ``FREE`` say how something was proved. Those of ``SLACK`` are bounds that the same data may prove a little
    beyond what was claimed; they are weaker than the other's, or within ``truth``: what is known to hold by
    other means.  What is said to be unknown is no statement.
    """
    known = {form(claim): claim for claim in old.claims}
    for mine in new.claims:
        if new.label != old.label or (form(mine) not in known and ": unknown (" not in mine):
            return True
        if form(mine) not in known:
            continue
        for name, pattern in SLACK:
            pairs = zip(*(re.findall(pattern, x) for x in (mine, known[form(mine)])), strict=True)
            for x, y in (map(Fraction, pair) for pair in pairs):
                if x < min(y, truth[name]) if name == "low" else x > max(y, truth[name]):
                    return True
    return False
