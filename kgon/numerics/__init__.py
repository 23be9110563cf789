"""Mathematics that knows no toy model: Newton, zeros, isolation, Krawczyk, inertia, continuation, chances."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
