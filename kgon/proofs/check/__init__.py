"""Checkers of certificates, with the standard library alone."""
