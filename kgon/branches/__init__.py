"""Branches of critical points of the potential: systems, proofs, following, crossings of two branches."""
