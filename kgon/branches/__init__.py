"""Follow k-gons over a parameter, with their events and proofs."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
