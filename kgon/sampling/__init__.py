"""Samplers and their diagnostics: SGD, Langevin, HMC, SMC, tempering; none sees the theory it checks."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
