"""The search for critical points, saddles, paths, and the graph of the minima."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
