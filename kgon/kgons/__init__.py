"""Labels, symmetry, regular polygons, the catalogue, k-gons of a model, and which k-gon a point is."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
