"""Trees of boxes: each leaf is closed by a bound, and together they cover the root."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..budget import MINIMA
from ..intervals import Interval96 as Interval
from ..reading import require
from .bounds import Box

AXES = b"01234"  # of a cut
Bound = Callable[[str, Box, Box], int]  # of a leaf and its box, given by two corners


@dataclass(frozen=True)
class Covering:
    """A tree over a box, with the bound that closes its leaves."""

    code: bytes
    low: Box
    high: Box
    bound: Bound
    where: str

    def leaves(self) -> int:
        """Follow the tree in preorder; return how many leaves cover the box, each with a bound above zero."""
        return walk(self.code, self.low, self.high, self.bound, self.where)


def unpack(value: Any, where: str, most: int = MINIMA.nodes) -> bytes:
    """Return the bytes of a tree, one for each node."""
    require(type(value) is str, f"{where} must be a string")
    data, stream = base64.b64decode(value), zlib.decompressobj()
    require(base64.b64encode(data) == value.encode(), f"{where} must be in base64")
    code = stream.decompress(data, most + 1)
    require(len(code) <= most, f"{where}: the trees of a file have more than {MINIMA.nodes} nodes")
    require(stream.eof and not stream.unused_data, f"{where} is cut off, or followed by more")
    count_pending(code, where)
    return code


def count_pending(code: bytes, where: str) -> None:
    """Refuse a tree that ends too early or too late, or of which too many boxes wait for their turn."""
    waiting = most = 1
    for byte in code:
        require(waiting > 0, f"{where}: there is more after the end of the tree")
        waiting += 1 if byte in AXES else -1
        most = max(most, waiting)
    require(most <= MINIMA.pending, f"{where}: more than {MINIMA.pending} boxes wait for their turn")
    require(waiting == 0, f"{where}: the tree ends too early")


def walk(code: bytes, low: Box, high: Box, bound: Bound, where: str) -> int:
    """Follow a tree in preorder from its root box; return how many leaves there are."""
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
            one = Interval.one
            sides = ", ".join(f"[{x / one:.6g}, {y / one:.6g}]" for x, y in zip(low, high, strict=True))
            raise ValueError(f"{where}: leaf {leaves} ({chr(byte)!a}) is not above zero on {sides}")
    require(not stack, f"{where}: the tree ends too early")
    return leaves
