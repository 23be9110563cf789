"""What a toy model of superposition is: sizes, data distribution, forward pass, slow loss.

Conventions (docs, page *Conventions*): W is (r, c) with columns W_i, b is (c,),
``f(x) = relu(WᵀW x + b)``, inputs are ``x = μ e_i`` with i ~ ``probability`` and μ ~ U[0, 1] (or several
features are active at once, see ``kgon.potential.inputs``), and the loss ``L = E Σ_j I_j (x_j − f_j(x))²`` is
not halved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from kgon.base.checks import (
    Floats,
    assign,
    check_integer,
    real_array,
    rectangular,
    refusal,
    rounding_of,
)
from kgon.base.verdicts import KgonError
from kgon.potential.inputs import Inputs, read_inputs

LARGEST_PARAMETER = 1e30
"""Largest magnitude of a parameter, so that no loss or gradient overflows."""
MOST_FEATURES = 100_000
"""Largest c, so that arrays of pairs are not refused by the machine first."""
PROBABILITY_SUM = 1e-9
"""Distance of Σ p_i from 1 that is let pass in float64."""


def check_weights(name: str, value: ArrayLike, c: int) -> Floats:
    """Read probabilities or importances: c real numbers, finite and not negative; a bool is no number."""
    if rectangular(name, value).dtype.kind == "b":
        raise refusal(name, "finite and not negative numbers", value)
    vector = real_array(name, value).copy()
    if vector.shape != (c,):
        raise KgonError(f"{name} must have shape ({c},), got {vector.shape}")
    if not (np.isfinite(vector).all() and (vector >= 0).all()):
        raise refusal(name, "finite and not negative", vector.tolist())
    if (vector > LARGEST_PARAMETER).any():
        raise refusal(name, f"at most {LARGEST_PARAMETER:g}", vector.tolist())
    vector.flags.writeable = False
    return vector


def _probability(value: ArrayLike, c: int) -> Floats:
    """Probabilities that sum to 1 up to the rounding of their type; narrow floats are scaled to do so."""
    vector = check_weights("probability", value, c)
    total, eps = float(vector.sum()), rounding_of(value)
    if abs(total - 1.0) > max(PROBABILITY_SUM, c * eps):
        raise KgonError(f"probability must sum to 1, got a sum of {total!r}")
    if eps <= np.finfo(np.float64).eps:
        return vector
    scaled = vector / total
    scaled.flags.writeable = False
    return scaled


def _active(value: ArrayLike | None, inputs: Inputs, said: float | None, c: int) -> Floats:
    """The probability of each feature to be active, as the inputs say it or as it is given beside them."""
    if inputs.one:
        return _probability(np.full(c, 1.0 / c) if value is None else value, c)
    if not inputs.independent:
        said = inputs.count / c
    if value is None and said is None:
        raise KgonError("inputs bernoulli needs probabilities: bernoulli:0.05, or a list of them")
    vector = check_weights("probability", np.full(c, said) if value is None else value, c)
    if (vector > 1).any():
        raise refusal("probability", "at most 1", vector.tolist())
    if said is not None and (vector != said).any():
        raise KgonError(f"inputs {inputs} say a probability of {said!r}, the list {vector.tolist()}")
    return vector


def _shortest(x: float) -> str:
    """Write a float in 15 digits, in more only where these are another float."""
    short = f"{x:.15g}"
    return short if float(short) == x else repr(x)


@dataclass(frozen=True, slots=True, init=False, eq=False)
class TMS:
    """A toy model of superposition.

    Parameters
    ----------
    c : int
        Number of features.
    r : int
        Hidden dimensions, 1 ≤ r ≤ c.
    probability : (c,) array_like, optional
        p_i with which feature i is the active one; sums to 1, up to the rounding of its type.  Default 1/c.
        Where several features may be active, the probability that i is, which the inputs may say instead.
    importance : (c,) array_like, optional
        Weights I_j of the outputs.  Default 1.
    inputs : str or Inputs, optional
        Which features are active at once: ``one``, the default, ``bernoulli:P`` or ``exactly:S``, see
        ``kgon.potential.inputs``.

    Examples
    --------
    >>> TMS(6)
    TMS(c=6, r=2)
    >>> TMS(6, inputs="bernoulli:0.05")
    TMS(c=6, r=2, inputs='bernoulli:0.05')
    >>> TMS(2, r=3)
    Traceback (most recent call last):
        ...
    kgon.KgonError: r must be an integer from 1 to 2, got 3
    """

    c: int
    r: int
    probability: Floats
    importance: Floats
    inputs: Inputs

    def __init__(
        self,
        c: int = 6,
        r: int = 2,
        *,
        probability: ArrayLike | None = None,
        importance: ArrayLike | None = None,
        inputs: str | Inputs = "one",
    ) -> None:
        c = check_integer("c", c, 1, MOST_FEATURES)
        r = check_integer("r", r, 1, c)
        active, said = read_inputs(inputs, c)
        p = _active(probability, active, said, c)
        weights = check_weights("importance", np.ones(c) if importance is None else importance, c)
        assign(self, c=c, r=r, probability=p, importance=weights, inputs=active)

    def __repr__(self) -> str:
        parts = [f"c={self.c}", f"r={self.r}"]
        if not self.inputs.one:
            parts.append(f"inputs={self.inputs_text!r}")
        plain = self.probability == self.probability[0]  # which the inputs say
        if not (self.uniform if self.inputs.one else np.all(plain & (self.importance == 1.0))):
            parts.append(f"probability={self.probability.tolist()}")
            parts.append(f"importance={self.importance.tolist()}")
        return f"TMS({', '.join(parts)})"

    def __str__(self) -> str:
        return self.weights_text or repr(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TMS) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[object, ...]:
        return (self.c, self.r, self.probability.tobytes(), self.importance.tobytes(), self.inputs)

    @classmethod
    def of(cls, model: int | TMS, r: int | None = None) -> TMS:
        """Make the uniform model of a number of features, r = 2 unless told; or take the model given.

        Refused is one with several active features at once, see ``check_tms``.
        """
        if not isinstance(model, TMS):
            return cls(model, 2 if r is None else r)
        check_tms(model)
        if r not in (None, model.r):
            raise KgonError(f"{model!r} has r = {model.r}, not {r}")
        return model

    @classmethod
    def of_point(cls, W: ArrayLike) -> TMS:
        """Make the uniform model of one point, from the shape (r, c) of its W."""
        shape = tuple(np.shape(W if hasattr(W, "shape") else rectangular("W", W)))
        if len(shape) != 2:
            raise KgonError(f"one point is wanted, W of shape (r, c); got {shape}")
        if shape[0] > shape[1]:
            raise KgonError(f"W must have shape (r, c) with r <= c, got {shape}; its transpose has")
        return cls(shape[1], shape[0])

    @property
    def inputs_text(self) -> str:
        """The inputs as an option of a command: ``one``, ``bernoulli:0.05``, ``exactly:2``.

        Where probabilities differ, ``bernoulli`` alone.
        """
        first = float(self.probability[0])
        if self.inputs.independent and (self.probability == first).all():
            return f"{self.inputs}:{_shortest(first)}"
        return str(self.inputs)

    @property
    def _even(self) -> bool:
        """Whether one feature is active at a time, each as often as any other."""
        return self.inputs.one and bool(np.all(self.probability == 1.0 / self.c))

    @property
    def uniform(self) -> bool:
        """Whether one feature is active, p is uniform and I = 1, the case of the paper."""
        return self._even and bool(np.all(self.importance == 1.0))

    @property
    def equal(self) -> bool:
        """Whether it is the case of the paper but for one positive I_j, a factor of L that moves no point."""
        first = float(self.importance[0])
        return first > 0 and self._even and bool(np.all(self.importance == first))

    @property
    def unit(self) -> float:
        """The size of L that tolerances are relative to: the median importance above 0, or 1.

        Where less than one feature is active on average, it is that part of this.
        """
        known = self.importance[self.importance > 0]
        active = 1.0 if self.inputs.one else min(1.0, float(self.probability.sum())) or 1.0
        return (float(np.median(known)) if len(known) else 1.0) * active

    @property
    def strength(self) -> float:
        """The largest importance times the largest c p_i: L divided by it is as steep as for weights of 1."""
        return float(self.importance.max() * (self.probability.max() / (1.0 / self.c))) or 1.0

    @property
    def scaled(self) -> TMS:
        """The model with importances divided by ``strength``: a factor of L that moves no critical point."""
        if self.strength == 1.0:
            return self
        importance = self.importance / self.strength
        return TMS(self.c, self.r, probability=self.probability, importance=importance, inputs=self.inputs)

    @property
    def own(self) -> TMS | None:
        """The model itself where it is not the uniform one, which goes without saying."""
        return None if self.uniform else self

    @property
    def classes(self) -> tuple[tuple[int, ...], ...]:
        """The columns that may be exchanged, as their weights are the same, by the first of each class."""
        found: dict[tuple[float, float], list[int]] = {}
        for j, weights in enumerate(zip(self.probability.tolist(), self.importance.tolist(), strict=True)):
            found.setdefault(weights, []).append(j)
        return tuple(map(tuple, found.values()))

    @property
    def weights_text(self) -> str:
        """The weights that are not the default, as options of a command: ``importance 1,1,1,1,1,0.5``.

        They are read back as these floats.
        """
        plain = TMS(self.c, self.r)
        said = plain.probability if self.inputs.one else self.probability[0]  # by the inputs
        parts = [
            f"{name} {','.join(map(_shortest, own.tolist()))}"
            for name, own, usual in (
                ("importance", self.importance, plain.importance),
                ("probability", self.probability, said),
            )
            if (own != usual).any()
        ]
        return ", ".join(parts if self.inputs.one else [*parts, f"inputs {self.inputs_text}"])

    def with_weights(self, weights: Mapping[str, ArrayLike], where: str) -> TMS:
        """Put importances and probabilities that are asked for into a model that has none other.

        Parameters
        ----------
        weights : mapping
            ``importance`` and ``probability``, those that are asked for.
        where : str
            Whose model it is, for the error.

        Raises
        ------
        KgonError
            The model has others of its own already, or the weights cannot be those of c features.
        """
        if not weights:
            return self
        own = {name: getattr(self, name) for name in ("importance", "probability")}
        check_tms(self)
        asked, plain = TMS(self.c, self.r, **{**own, **weights}), TMS(self.c, self.r)
        for name in weights:
            if (own[name] != getattr(plain, name)).any() and (own[name] != getattr(asked, name)).any():
                raise KgonError(f"{where} has another {name} than --{name} says: leave one of them out")
        return asked

    def with_inputs(self, inputs: str, probability: ArrayLike | None = None) -> TMS:
        """Let several features be active at once in a model that says nothing of its inputs.

        Raises
        ------
        KgonError
            Its probabilities are those of one active feature at a time, and not 1/c.
        """
        if not self._even:
            raise KgonError(
                f"{self!r} has probabilities of one active feature, which are not those of {inputs}"
            )
        return TMS(self.c, self.r, probability=probability, importance=self.importance, inputs=inputs)

    def data(self) -> dict[str, Any]:
        """The sizes and weights as JSON types."""
        weights = {name: getattr(self, name).tolist() for name in ("importance", "probability")}
        inputs = {} if self.inputs.one else {"inputs": str(self.inputs)}
        return {"c": self.c, "r": self.r, **weights, **inputs}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> TMS:
        """Rebuild a model from ``data()``."""
        return cls(**data)

    @property
    def dimension(self) -> int:
        """Number of parameters, d = c(r + 1)."""
        return self.c * (self.r + 1)

    def point(self, W: ArrayLike, b: ArrayLike) -> tuple[Floats, Floats]:
        """Validate W (…, r, c) and b (…, c): real, finite, matching shapes."""
        weights, biases = self.shaped(W, b)
        for name, array in (("W", weights), ("b", biases)):
            fine = np.abs(array) <= LARGEST_PARAMETER
            if not fine.all():
                where = tuple(int(k) for k in np.argwhere(~fine)[0])
                large = f"at most {LARGEST_PARAMETER:g} in magnitude"
                bound = large if np.isfinite(array[where]) else "finite"
                raise KgonError(f"{name} must be {bound}, got {array[where]} at index {where}")
        return weights, biases

    def shaped(self, W: ArrayLike, b: ArrayLike) -> tuple[Floats, Floats]:
        """Read W (…, r, c) and b (…, c), real and of matching shapes, the numbers not looked at."""
        weights, biases = real_array("W", W), real_array("b", b)
        if weights.ndim < 2 or weights.shape[-2:] != (self.r, self.c):
            raise KgonError(f"W must have shape (..., {self.r}, {self.c}), got {weights.shape}")
        if biases.shape != (*weights.shape[:-2], self.c):
            expected = (*weights.shape[:-2], self.c)
            raise KgonError(f"b must have shape {expected} to match W, got {biases.shape}")
        return weights, biases

    def one_point(self, W: ArrayLike, b: ArrayLike) -> tuple[Floats, Floats]:
        """Validate one point W (r, c), b (c,), as ``point`` does; refuse a batch."""
        weights, biases = self.point(W, b)
        if weights.ndim != 2:
            raise KgonError(f"one point is wanted, W of shape (r, c); got {weights.shape}")
        return weights, biases

    def pack(self, W: ArrayLike, b: ArrayLike) -> Floats:
        """Join W (…, r, c) and b (…, c) to the flat parameter w (…, d): W row-major, then b."""
        weights, biases = self.point(W, b)
        flat = weights.reshape(*weights.shape[:-2], self.r * self.c)
        return np.concatenate([flat, biases], axis=-1)

    def unpack(self, w: ArrayLike) -> tuple[Floats, Floats]:
        """Split a flat parameter w (…, d) into W (…, r, c) and b (…, c)."""
        flat = real_array("w", w)
        if flat.ndim < 1 or flat.shape[-1] != self.dimension:
            raise KgonError(f"w must have shape (..., {self.dimension}), got {flat.shape}")
        split = self.r * self.c
        return flat[..., :split].reshape(*flat.shape[:-1], self.r, self.c), flat[..., split:]

    def one_flat(self, w: ArrayLike) -> Floats:
        """Validate one flat parameter w (d,), as ``one_point`` does."""
        return self.pack(*self.one_point(*self.unpack(w)))

    def forward(self, x: ArrayLike, W: ArrayLike, b: ArrayLike) -> Floats:
        """Compute f(x) = relu(WᵀW x + b) for inputs x (…, c) and one point (W, b)."""
        weights, biases = self.point(W, b)
        inputs = real_array("x", x)
        if inputs.ndim < 1 or inputs.shape[-1] != self.c or weights.ndim != 2:
            raise KgonError(
                f"x must have shape (..., {self.c}) and (W, b) be one point, got {inputs.shape} and "
                f"{weights.shape}"
            )
        return np.maximum(inputs @ (weights.T @ weights) + biases, 0.0)

    def loss_by_quadrature(self, W: ArrayLike, b: ArrayLike) -> float:
        """Compute the loss by integrating ‖x − f(x)‖² over μ; slow, and independent of Lemma 3.1.

        Gauss–Legendre quadrature on the intervals between the amplitudes at which an output
        switches: on each the integrand is a polynomial of degree 2, for which two nodes are exact.  Where
        several features are active at once, see ``kgon.potential.quadrature``.
        """
        check_tms(self)
        weights, biases = self.point(W, b)
        gram = weights.T @ weights
        nodes, node_weights = np.polynomial.legendre.leggauss(3)
        total = 0.0
        for i in range(self.c):
            with np.errstate(divide="ignore", invalid="ignore"):
                kinks = -biases / gram[i]
            inner = np.unique(kinks[(kinks > 0) & (kinks < 1)])
            edges = np.concatenate([[0.0], inner, [1.0]])
            half = np.diff(edges) / 2
            mu = (edges[:-1] + half)[:, None] + half[:, None] * nodes
            x = np.zeros((*mu.shape, self.c))
            x[..., i] = mu
            error = (x - self.forward(x, weights, biases)) ** 2 @ self.importance
            total += float(self.probability[i] * np.sum(half[:, None] * node_weights * error))
        return total


def check_tms(tms: Any) -> TMS:
    """Return the model that was given, of one active feature at a time.

    Raises
    ------
    KgonError
        It is no model, but a number of features, say; or several features of it may be active at once.
    """
    found = check_any_tms(tms)
    if not found.inputs.one:
        raise KgonError(
            f"{found!r} has several active features at once, which this does not compute yet; "
            "kgon.potential.SparsePotential and kgon.proofs.certify_near do"
        )
    return found


def check_any_tms(tms: Any) -> TMS:
    """Return the model that was given, whatever its inputs; refuse anything else."""
    if not isinstance(tms, TMS):
        raise refusal("tms", "a model such as TMS(6)", tms)
    return tms
