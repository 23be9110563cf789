"""The model and its losses in every number type; ``kernels`` holds all compiled code."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
