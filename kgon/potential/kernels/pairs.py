"""The pair functions in float64: region of (a, b), value and derivatives.

The formulas are the printed ones of ``_generated.py``; only the choice of region is made here.
All results are three times the pair integral (the paper's H = 3cL).
"""

from __future__ import annotations

from kgon.potential.kernels import _generated
from kgon.potential.kernels._jit import njit

OFF, ON, RISING, FALLING = 0, 1, 2, 3

off_on = njit(_generated.off_on)
off_rising = njit(_generated.off_rising)
off_falling = njit(_generated.off_falling)
diag_on = njit(_generated.diag_on)
diag_rising = njit(_generated.diag_rising)


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
def off_gradient(a, b):
    """Compute 3·off and its gradient (f, f_a, f_b), without a branch so that batches vectorise."""
    t = fraction(a, b)
    on = (b >= 0.0) & (a + b >= 0.0)
    fo, ao, bo, _, _, _ = off_on(a, b, t)
    fr, ar, br, _, _, _ = off_rising(a, b, t)
    ff, af, bf, _, _, _ = off_falling(a, b, t)
    falling = b > 0.0
    f = fo if on else (ff if falling else fr)
    fa = ao if on else (af if falling else ar)
    fb = bo if on else (bf if falling else br)
    return f, fa, fb


@njit
def diag_gradient(n, b):
    """Compute 3·diag and its gradient (f, f_n, f_b) at n = ‖W_j‖² ≥ 0, without a branch."""
    t = fraction(n, b)
    on = b >= 0.0
    fo, ao, bo, _, _, _ = diag_on(n, b, t)
    fr, ar, br, _, _, _ = diag_rising(n, b, t)
    return (fo if on else fr), (ao if on else ar), (bo if on else br)


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
