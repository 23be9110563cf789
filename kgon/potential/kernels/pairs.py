"""The pair functions in float64: region of (a, b), value and derivatives.

The formulas are the printed ones of ``_generated.py``; only the choice of region is made here.
All results are three times the pair integral (the paper's H = 3cL).
"""

from __future__ import annotations

from kgon.potential.kernels import _generated
from kgon.potential.kernels._jit import njit
from kgon.potential.kernels._lanes import choose, positive, share

OFF, ON, RISING, FALLING = 0, 1, 2, 3

off_on = njit(_generated.off_on)
off_rising = njit(_generated.off_rising)
off_falling = njit(_generated.off_falling)
diag_on = njit(_generated.diag_on)
diag_rising = njit(_generated.diag_rising)
off_shared = njit(_generated.off_shared)
diag_shared = njit(_generated.diag_shared)


@njit
def region(a, b):
    """Find the region code of (a, b): where the ReLU of a·μ + b is active for 0 < μ < 1."""
    end = a + b
    if b >= 0.0 and end >= 0.0:
        return ON
    if b <= 0.0 and end <= 0.0:
        return OFF
    return RISING if b < 0.0 else FALLING


@njit
def fraction(a, b):
    """Compute the active fraction t of the interval of μ; 1 where ``region`` is ON, 0 where OFF."""
    end = a + b
    on = (b >= 0.0) & (end >= 0.0)
    off = (b <= 0.0) & (end <= 0.0)
    switched = (end if b < 0.0 else -b) / a
    return 1.0 if on else (0.0 if off else switched)


@njit
def off_terms(a, b, start, weight):
    """Compute ``weight`` times 3·off, its derivative in a, and a third of that in b: of floats or of lanes.

    ``start`` is max(b, 0), which all pairs of an output share.
    """
    end = positive(a + b)
    return off_shared(start, end, share(start + end, a), weight)


@njit
def diag_terms(n, b, start, weight):
    """Compute what ``off_terms`` does of 3·diag at n = ‖W_j‖² ≥ 0."""
    end = positive(n + b)
    t = share(start + end, n)
    t = choose(b, choose(-end, t, end), t)  # end is 0 where the output is off, and n may be
    return diag_shared(start, end, t, weight)


@njit
def off_gradient(a, b):
    """Compute 3·off and its gradient (f, f_a, f_b)."""
    f, fa, third = off_terms(a, b, positive(b), 1.0)
    return f, fa, 3.0 * third


@njit
def diag_gradient(n, b):
    """Compute 3·diag and its gradient (f, f_n, f_b) at n = ‖W_j‖² ≥ 0."""
    f, fa, third = diag_terms(n, b, positive(b), 1.0)
    return f, fa, 3.0 * third


@njit
def off_jet(a, b):
    """Compute 3·off with derivatives up to order two, in the order of ``symbolic.JET_ORDERS``."""
    code = region(a, b)
    t = fraction(a, b)
    if code == ON:
        f, fa, fb, faa, fab, fbb = off_on(a, b, t)
        return f, fa, fb, float(faa), float(fab), float(fbb)
    if code == RISING:
        return off_rising(a, b, t)
    if code == FALLING:
        return off_falling(a, b, t)
    return 0.0, 0.0, 0.0, 0.0, 0.0, 0.0


@njit
def diag_jet(n, b):
    """Compute 3·diag with derivatives up to order two, in the order of ``symbolic.JET_ORDERS``."""
    code = region(n, b)
    t = fraction(n, b)
    if code == ON:
        f, fa, fb, faa, fab, fbb = diag_on(n, b, t)
        return f, fa, fb, float(faa), float(fab), float(fbb)
    if code == RISING:
        return diag_rising(n, b, t)
    return 1.0, 0.0, 0.0, 0.0, 0.0, 0.0
