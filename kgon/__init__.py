"""kgon: the toy model of superposition seen through singular learning theory.

The package is twelve rooms on eight floors; each imports only from the floors below its own:

base : verdicts, results, tables as text, checks of options, files, random streams, work.
numerics, potential : mathematics that knows no toy model; the model and its losses.
kgons, sampling : labels, symmetry, the catalogue; SGD, Langevin, HMC, SMC, tempering.
proofs : certificates, what lies near a point, the global minimum, and checkers that stand alone.
free_energy, landscape : λ, constants, phases, n_crit, occupancy; search, saddles, paths.
branches, experiments : k-gons followed over a parameter; theory held against simulation.
report : claims, tables, figures and the main job.
cli : the command line.

Names are loaded when first used, so that ``import kgon`` is quick.  What is public here and in each package
is listed once, in the ``__init__.pyi`` beside each ``__init__.py``.

Examples
--------
>>> import kgon
>>> kgon.Catalogue(6)["6"].loss_digits[:12]
'0.0481923760'
"""

from pathlib import Path

import lazy_loader

__getattr__, __dir__, _listed = lazy_loader.attach_stub(__name__, __file__)
__all__ = [name for name in _listed if not (Path(__file__).parent / name).is_dir()]
