"""Numba kernels over the printed pair functions: floats in, floats and integer flags out."""
