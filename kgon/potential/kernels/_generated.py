"""Pair functions of the potential, printed by ``kgon.potential.symbolic``.  Do not edit.

Each function takes (a, b, t), with t the active fraction of its region, and returns the jet
(f, f_a, f_b, f_aa, f_ab, f_bb) of three times the pair integral; those named ``_high`` return
(f_aaa, f_aab, f_abb, f_bbb, f_aaaa, f_aaab, f_aabb, f_abbb, f_bbbb), which vanish where a region is
on or off.  Those named ``_shared`` hold in every region: they take s = max(b, 0), e = max(a + b, 0), t and
a weight w, and return w times (f, f_a, f_b/3).  Integers are the only constants and + − * / the only
operations, so one source runs in float64, exact rationals and balls.
"""


def off_on(a, b, t):
    """3 × off, on."""
    x0 = 3*b
    return a*a + a*x0 + 3*b*b, 2*a + x0, 3*a + 6*b, 2, 3, 6


def off_rising(a, b, t):
    """3 × off, rising."""
    x0 = t*t
    x1 = a*x0
    x2 = 3*t
    return a*a*t*t*t, -x1*(t - 3), 3*x1, 2*t*(x0 - x2 + 3), -x2*(t - 2), 6*t


def off_falling(a, b, t):
    """3 × off, falling."""
    x0 = t*t*t
    x1 = 3*t*t
    return a*a*x0, -a*x0, -a*x1, 2*x0, x1, 6*t


def diag_on(a, b, t):
    """3 × diag, on."""
    x0 = a - 1
    x1 = 3*b
    return 3*b*b + x0*x0 + x0*x1, 2*x0 + x1, 6*b + 3*x0, 2, 3, 6


def diag_rising(a, b, t):
    """3 × diag, rising."""
    x0 = t*t
    x1 = a*x0
    x2 = x1*(t - 3)
    x3 = 3*t
    x4 = 2*t*(x0 - x3 + 3)
    x5 = x3*(t - 2)
    x6 = t - 1
    x7 = 6/(a)
    return a*a*t*t*t + x2 + 1, -x2 - x4, 3*x1 + x5, x4 + x6*x6*x6*x7, -x5 - x6*x6*x7, 6*t + x6*x7


def off_rising_high(a, b, t):
    """3 × off, rising: third and fourth derivatives."""
    x0 = t - 1
    x1 = x0*x0*x0
    x2 = 6/(a)
    x3 = x0*x0
    x4 = 1/(a*a)
    return -x1*x2, x2*x3, -x0*x2, x2, 24*x1*x4, -18*x3*x4, 12*x0*x4, -6*x4, 0


def off_falling_high(a, b, t):
    """3 × off, falling: third and fourth derivatives."""
    x0 = t*t*t
    x1 = 6/(a)
    x2 = t*t
    x3 = 1/(a*a)
    return -x0*x1, -x1*x2, -t*x1, -x1, 24*x0*x3, 18*x2*x3, 12*t*x3, 6*x3, 0


def diag_rising_high(a, b, t):
    """3 × diag, rising: third and fourth derivatives."""
    x0 = 1/(a*a)
    x1 = t - 1
    x2 = x1*x1*x1
    x3 = 24*x0*x2
    x4 = 6/(a)
    x5 = x1*x1
    x6 = 18*x0*x5
    x7 = 12*x0*x1
    x8 = 6*x0
    x9 = 1/(a*a*a)
    return -x2*x4 - x3, x4*x5 + x6, -x1*x4 - x7, x4 + x8, 120*x2*x9 + x3, -72*x5*x9 - x6, 36*x1*x9 + x7, -x8 - 12*x9, 0


def off_shared(s, e, t, w):
    """3 × off, every region: f, f_a and f_b/3, times w."""
    m = t*w
    p = m*(e + s)
    q = e*m
    v = 3*q + t*(p - 2*q)
    return e*q + p*s, v, p


def diag_shared(s, e, t, w):
    """3 × diag, every region: f, f_a and f_b/3, times w."""
    m = t*w
    p = m*(e + s)
    q = e*m
    v = 3*q + t*(p - 2*q)
    return e*q + p*s - v + w, -2*m*(-t*(3 - t) + 3) + v, -m*(2 - t) + p
