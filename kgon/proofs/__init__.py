"""Certificates of points, what lies near a point, and the global minimum; ``check`` stands alone."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
