"""Which features are active at once: one, each independently, or exactly so many.

An input has x_j = U_j ~ U[0, 1] where feature j is active, and x_j = 0 elsewhere.  As text: ``one`` (the
high-sparsity limit), ``bernoulli:P`` (each with probability P, independently; plain ``bernoulli`` where the
probabilities are listed) and ``exactly:S`` (S of them, every set alike).
"""

from __future__ import annotations

from dataclasses import dataclass

from kgon.base.checks import check_integer, refusal

KINDS = ("one", "bernoulli", "exactly")
WANTED = "one, bernoulli:P with 0 <= P <= 1 (or bernoulli and a list of probabilities) or exactly:S"


@dataclass(frozen=True, slots=True)
class Inputs:
    """How many features are active at once.

    Attributes
    ----------
    kind : str
        ``one``, ``bernoulli`` or ``exactly``.
    count : int
        How many are active; 0 where that is random.
    """

    kind: str = "one"
    count: int = 1

    @property
    def one(self) -> bool:
        """Whether one feature is active at a time, with a probability of its own."""
        return self.kind == "one"

    @property
    def independent(self) -> bool:
        """Whether features are active independently."""
        return self.kind == "bernoulli"

    def __str__(self) -> str:
        return f"{self.kind}:{self.count}" if self.kind == "exactly" else self.kind


def read_inputs(value: str | Inputs, c: int) -> tuple[Inputs, float | None]:
    """Read ``bernoulli:0.05`` and the like for c features: the inputs, and the probability if one is said.

    Raises
    ------
    KgonError
        It is none of these, no probability, or more than c features are to be active.

    Examples
    --------
    >>> read_inputs("bernoulli:0.05", 6), str(read_inputs("exactly:2", 6)[0])
    ((Inputs(kind='bernoulli', count=0), 0.05), 'exactly:2')
    """
    if isinstance(value, Inputs):
        value = str(value)
    if not isinstance(value, str):
        raise refusal("inputs", WANTED, value)
    kind, colon, number = value.partition(":")
    if kind not in KINDS or (kind == "one" and colon) or (kind == "exactly" and not number.isdecimal()):
        raise refusal("inputs", WANTED, value)
    if kind == "one":
        return Inputs(), None
    try:
        count = int(number) if kind == "exactly" else 0
        p = float(number) + 0.0 if kind == "bernoulli" and colon else None  # no -0
    except ValueError:  # no number, or one of thousands of digits
        raise refusal("inputs", WANTED, value) from None
    if kind == "exactly":
        return Inputs(kind, check_integer("the number of active features", count, 1, c)), None
    if p is not None and not 0 <= p <= 1:
        raise refusal("inputs", WANTED, value)
    return Inputs(kind, 0), p
