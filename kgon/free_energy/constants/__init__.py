"""Constants of the local free energies: the leading term beyond λ log n, k-gon by k-gon."""
