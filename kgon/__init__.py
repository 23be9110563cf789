"""kgon: the toy model of superposition seen through singular learning theory.

Names are loaded when first used, so that ``import kgon`` is quick.

Examples
--------
>>> import kgon
>>> kgon.Catalogue(6)["6"].loss_digits[:12]
'0.0481923760'
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kgon.branches.continuing import continue_branch
    from kgon.catalogue import Catalogue, CriticalPoint
    from kgon.classify import nearest, verify
    from kgon.crossings import dominant_phases, n_crit
    from kgon.experiments.llc import llc
    from kgon.experiments.posterior import sample_posterior
    from kgon.experiments.training import train
    from kgon.free_energy import occupancy, phase
    from kgon.geometry import Label, orbit_distance
    from kgon.global_minimum import prove_global_minimum, regular_excess
    from kgon.landscape import loss_landscape
    from kgon.learning import learning_coefficient
    from kgon.model import TMS
    from kgon.polygon_existence import existence
    from kgon.polygons import regular_polygons
    from kgon.potential import EmpiricalLoss, Potential
    from kgon.results import KgonError, Verdict
    from kgon.search import search_critical_points
    from kgon.simulate.data import sample

_HOMES = {
    "TMS": "model",
    "Catalogue": "catalogue",
    "CriticalPoint": "catalogue",
    "EmpiricalLoss": "potential",
    "KgonError": "results",
    "Label": "geometry",
    "Potential": "potential",
    "Verdict": "results",
    "continue_branch": "branches.continuing",
    "dominant_phases": "crossings",
    "existence": "polygon_existence",
    "loss_landscape": "landscape",
    "learning_coefficient": "learning",
    "llc": "experiments.llc",
    "n_crit": "crossings",
    "nearest": "classify",
    "occupancy": "free_energy",
    "orbit_distance": "geometry",
    "phase": "free_energy",
    "prove_global_minimum": "global_minimum",
    "regular_excess": "global_minimum",
    "regular_polygons": "polygons",
    "sample": "simulate.data",
    "sample_posterior": "experiments.posterior",
    "search_critical_points": "search",
    "train": "experiments.training",
    "verify": "classify",
}

__all__ = [
    "TMS",
    "Catalogue",
    "CriticalPoint",
    "EmpiricalLoss",
    "KgonError",
    "Label",
    "Potential",
    "Verdict",
    "continue_branch",
    "dominant_phases",
    "existence",
    "learning_coefficient",
    "llc",
    "loss_landscape",
    "n_crit",
    "nearest",
    "occupancy",
    "orbit_distance",
    "phase",
    "prove_global_minimum",
    "regular_excess",
    "regular_polygons",
    "sample",
    "sample_posterior",
    "search_critical_points",
    "train",
    "verify",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return importlib.import_module("kgon.results").kgon_version()
    if name in _HOMES:
        value = getattr(importlib.import_module(f"kgon.{_HOMES[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'kgon' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__, "__version__"])
