"""What the explorer knows beside the formulas: k-gons, saddles, paths, phases, as data that JSON can hold.

Everything that the page does not compute itself is a number of this package, none is written by hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from kgon.base.checks import Floats
from kgon.free_energy.constants.square import SquareConstant
from kgon.free_energy.energies import Phase
from kgon.free_energy.phases import laplace_phases, phases_of
from kgon.kgons.catalogue import Catalogue, CriticalPoint
from kgon.kgons.colours import family_colour
from kgon.kgons.labels import Label
from kgon.kgons.nearest_kgon import targets
from kgon.landscape.graph import Landscape, Transition
from kgon.landscape.paths import lengths

FEATURES = range(4, 9)
"""Numbers of features that the page offers."""
PROVED_AT = 6
"""The number of features of which it has certificates, saddles and all constants."""
PATH_POINTS, PATH_DIGITS = 61, 7
"""About so many points are kept of a path, with so many decimals; the saddle among them is exact."""
UNBOUNDED = 1e300
"""In the place of ±∞, which JSON has not."""

Data = dict[str, Any]


def explorer_data(
    landscape: Landscape,
    square_constants: Sequence[SquareConstant],
    point_certificates: Mapping[str, Mapping[str, Any]],
) -> Data:
    """Collect what the explorer shows: models of 4 to 8 features, with all that is proved of six.

    Parameters
    ----------
    landscape : Landscape
        Of ``PROVED_AT`` features.
    square_constants : sequence of SquareConstant
        Constants of the 4-gons, for the theory ``laplace``.
    point_certificates : mapping
        Label → the claims of its certificate, as it was checked.

    Returns
    -------
    dict
        Lists, texts and finite numbers.
    """
    models = [_model(c) for c in FEATURES]
    (six,) = (model for model in models if model["c"] == PROVED_AT)
    for point in six["points"]:
        point |= _proved(point_certificates[point["id"]], PROVED_AT)
    six["saddles"] = [_saddle(edge) for edge in landscape.saddles]
    six["theories"]["laplace"] = _theory(laplace_phases(square_constants, PROVED_AT))
    return {"start": PROVED_AT, "models": models}


def _model(c: int) -> Data:
    return {
        "c": c,
        "points": [_point(point) for point in sorted(Catalogue(c), key=lambda p: p.loss)],
        "saddles": [],
        "theories": {"prior": _theory(phases_of(c, theory="prior"))},
        "targets": _targets(c),
    }


def _point(point: CriticalPoint) -> Data:
    """A k-gon; λ is a text, as a fraction, where it is proved: of the 4-gons."""
    mark = "" if point.k == 4 else "~"
    kinds = {True: f"local minimum{mark}", False: f"no minimum{mark}", None: "undecided"}
    return {
        "id": str(point.name),
        "name": point.name.pretty,
        "k": point.k,
        "sigma": point.sigma,
        "phi": point.phi,
        "colour": family_colour(point.k),
        "kind": kinds[point.is_minimum],
        "loss": point.loss,
        "lambda": None if point.lambda_ is None else f"{point.lambda_}{mark}",
        "W": point.W.tolist(),
        "b": point.biases.tolist(),
    }


def _proved(claims: Mapping[str, Any], c: int) -> Data:
    """What a certificate says of a k-gon."""
    if claims["verdict"] == "minimum":
        coefficient = Fraction(3 * c - claims["flat_dimension"], 2)
        return {"kind": "local minimum, proved", "lambda": str(coefficient)}
    if claims["verdict"] == "not a minimum":
        return {"kind": "no minimum, proved", "lambda": None}
    return {}


def _saddle(edge: Transition) -> Data:
    first, second = (Label.parse(name) for name in (edge.first, edge.second))
    kept = _thinned(edge.path_W, edge.path_biases, edge.top)
    W, b = (np.round(array[kept], PATH_DIGITS) for array in (edge.path_W, edge.path_biases))
    top = int(np.flatnonzero(kept == edge.top)[0])
    W[top], b[top] = edge.W, edge.biases
    return {
        "id": f"{first}..{second}",
        "from": str(first),
        "to": str(second),
        "name": f"{first.pretty} → {second.pretty}",
        "loss": edge.saddle_loss,
        "proof": str(edge.proof),
        "curvature": edge.curvature,
        "W": edge.W.tolist(),
        "b": edge.biases.tolist(),
        "path": {"W": W.tolist(), "b": b.tolist(), "top": top},
    }


def _thinned(W: Floats, b: Floats, top: int) -> np.ndarray:
    """Positions of points of a path, about equally far apart, with both ends and the top."""
    arc = lengths(np.concatenate([W.reshape(len(W), -1), b], axis=1))
    wanted = np.linspace(0.0, arc[-1], PATH_POINTS)
    return np.unique([top, *np.searchsorted(arc, wanted).clip(max=len(arc) - 1)])


def _theory(phases: Sequence[Phase]) -> Data:
    """The phases of a theory: F_n = βnL + λ log n + c, or λ log(βn) where it goes by strength."""
    return {
        "byStrength": phases[0].by_strength,
        "phases": [
            {
                "id": p.name,
                "loss": float(p.loss),
                "lambda": float(p.lambda_),
                "constant": float(p.constant),
                "error": p.error,
            }
            for p in phases
        ],
    }


def _targets(c: int) -> Data:
    """What the distance to a k-gon needs, row by row, as ``kgon.potential.kernels.nearest`` takes it."""
    found = targets(c)
    by_row = {
        name: np.asarray(getattr(found, name))
        for name in ("k", "sigma", "length", "bias", "movable", "slots", "x", "y", "rival", "off")
    }
    labels = [str(label) for label in Catalogue(c).labels]
    box = np.clip(found.box, -UNBOUNDED, UNBOUNDED)
    return {
        "positive": found.positive,
        "rows": [
            {
                "id": label,
                **{name: array[t].tolist() for name, array in by_row.items()},
                "box": box[t].tolist(),
            }
            for t, label in enumerate(labels)
        ],
    }
