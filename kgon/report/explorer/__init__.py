"""The explorer: one page on which a point is dragged about, and everything that is known of it is seen.

``data`` collects what the page has to be told, ``page`` puts it and the parts of the page (``parts/``: HTML,
style, scripts) into one file.  The scripts compute loss, gradient, regions, nearest k-gon and free energies
themselves; the pair functions among them, ``parts/pairs.js``, are printed by ``kgon.potential.symbolic``.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
