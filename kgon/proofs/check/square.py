"""The 4-gon: four unit vertices at right angles, each live or switched off, and columns at zero."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from .pairs import slopes, value
from .reading import require

CORNERS = ((1, 0), (0, 1), (-1, 0), (0, -1))


@dataclass(frozen=True)
class Square:
    """The columns W_j and the biases b_j of a 4-gon."""

    W: list[tuple[int, int]]
    b: list[Fraction]

    @classmethod
    def of(cls, c: int, vertices: Sequence[int], positive: Sequence[int], switched: Sequence[int]) -> Square:
        """Return the 4-gon of c columns with these vertices; a column without a role is dead."""
        W, b = [(0, 0)] * c, [Fraction(1, 2 * c) if j in positive else Fraction(-1, 2) for j in range(c)]
        for j, corner in zip(vertices, CORNERS, strict=True):
            W[j], b[j] = corner, Fraction(-2 if j in switched else 0)
        return cls(W, b)

    @property
    def c(self) -> int:
        return len(self.b)

    def slope(self, i: int, j: int) -> int:
        """Return W_i·W_j."""
        return self.W[i][0] * self.W[j][0] + self.W[i][1] * self.W[j][1]

    def region(self, i: int, j: int) -> str:
        """Return the region of a pair; the loss has one gradient on the border of on and off."""
        a, b = self.slope(i, j), self.b[j]
        if i != j and a == b == 0:
            return "corner"
        if b <= 0 and a + b <= 0:
            return "off"
        require(b >= 0 and a + b >= 0, "a pair term of a 4-gon is neither on nor off")
        return "on"

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Go through all pairs of an input and an output."""
        return ((i, j) for i in range(self.c) for j in range(self.c))

    def loss_and_gradient(
        self, weight: Callable[[int, int], Fraction | int]
    ) -> tuple[Fraction, list[Fraction]]:
        """Return three times Σ weight·pair term and its gradient, in places 3j + (0, 1, 2) of W_j, b_j."""
        loss, gradient = Fraction(0), [Fraction(0)] * (3 * self.c)
        for i, j in self.pairs():
            name = self.region(i, j).replace("corner", "off")  # off is C¹ at the corner
            pair = Fraction(self.slope(i, j)), self.b[j], name, i == j
            factor, (first, bias) = weight(i, j), slopes(*pair)
            loss += factor * value(*pair)
            gradient[3 * j + 2] += factor * bias
            for axis in (0, 1):
                gradient[3 * i + axis] += factor * first * self.W[j][axis]
                gradient[3 * j + axis] += factor * first * self.W[i][axis]
        return loss, gradient
