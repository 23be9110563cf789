"""Checkers of certificates, with the standard library alone and no code of the provers.

This folder runs by itself: ``python -m check file.json …`` from the folder above it or above a copy of it.
Exit status: 0 all proved, 1 some not, 2 a file cannot be read.

entry : the way in; the format of a certificate decides which of the three reads it
kgons : critical points (``kgon-certificate/1``)
minimum : global minima (``kgon-global-minimum/1``)
branch : curves of critical points over a parameter (``kgon-branch/1``)

They share ``reading`` of the file, arithmetic (``intervals``, ``circle``, ``matrices``), the integrals of the
potential (``pairs``, ``curvature``) and the two kinds of points (``polygon``, ``square``).
"""

from .entry import check_certificate as check_certificate
from .entry import check_file as check_file
from .report import Report as Report
