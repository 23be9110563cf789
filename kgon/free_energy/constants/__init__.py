"""Compute the constants of local free energies, the leading term beyond λ log n, k-gon by k-gon."""
