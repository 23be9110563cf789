"""The loss with several active features by truncated powers, to 50 digits; nothing here is the package's.

∫_{[0,1]^s} relu(b + a·x)^k dx = k!/((k+s)! ∏a) Σ_T (−1)^(s−|T|) relu(b + Σ_T a)^(k+s), for every set of s
active features; those with a_i = 0 play no part in it.  Its terms cancel when slopes are small: the digits of
all of them are carried.
"""

from itertools import combinations
from math import comb, factorial

import mpmath
from mpmath import mpf

DIGITS = 50


def subsets(items):
    items = list(items)
    return [chosen for size in range(len(items) + 1) for chosen in combinations(items, size)]


def power_integral(slopes, b, k):
    """∫_{[0,1]^s} relu(b + a·x)^k dx."""
    a = [x for x in slopes if x]
    s = len(a)
    total = mpf(0)
    for chosen in subsets(range(s)):
        y = b + sum((a[i] for i in chosen), mpf(0))
        if y > 0:
            total += (-1) ** (s - len(chosen)) * y ** (k + s)
    return total * factorial(k) / (factorial(k + s) * mpmath.fprod(a))


def by_own_input(slopes, b, at):
    """∫ x_at relu(b + a·x) dx, by parts in this feature."""
    a, rest = slopes[at], [x for i, x in enumerate(slopes) if i != at]
    if not a:
        return power_integral(rest, b, 1) / 2
    return (power_integral(rest, b + a, 2) / 2 - power_integral(slopes, b, 2) / 2) / a


def chances(c, *, p=None, s=None):
    """The sets of active features with their probabilities, for Bernoulli p_i or exactly s."""
    for chosen in subsets(range(c)):
        if s is not None:
            chance = mpf(int(len(chosen) == s)) / comb(c, s)
        else:
            chance = mpmath.fprod(p[i] if i in chosen else 1 - p[i] for i in range(c))
        if chance:
            yield chosen, chance


def cost(a, b, j, **law):
    """E relu(y)² − 2 E x_j relu(y) of one output, y = b + Σ a_i x_i."""
    total = mpf(0)
    for chosen, chance in chances(len(a), **law):
        slopes = [a[i] for i in chosen]
        term = power_integral(slopes, b, 2)
        if j in chosen:
            term -= 2 * by_own_input(slopes, b, chosen.index(j))
        total += chance * term
    return total


def digits(a):
    """Digits to carry so that ``DIGITS`` are left when the terms have cancelled."""
    return DIGITS + 2 * sum(max(0, 10 - mpmath.floor(mpmath.log10(abs(x)))) for x in a if x)


def output_cost(a, b, j, **law):
    """``cost`` of floats, taken for what they are, to 50 digits."""
    with mpmath.workdps(int(digits([mpf(x) for x in a]))):
        exact = {name: [mpf(x) for x in v] if name == "p" else v for name, v in law.items()}
        return cost([mpf(float(x)) for x in a], mpf(float(b)), j, **exact)


def output_slopes(a, b, j, **law):
    """Its derivatives in a and b, by central differences far below every slope."""
    small = [abs(x) for x in (*a, b) if x]
    step = mpf(10) ** (int(mpmath.floor(mpmath.log10(min(small)))) - 30)
    with mpmath.workdps(
        int(digits([*map(mpf, a), *[step] * sum(not x for x in a)]) - 4 * mpmath.log10(step))
    ):
        exact = {name: [mpf(x) for x in v] if name == "p" else v for name, v in law.items()}
        found = []
        for k in range(len(a) + 1):
            ends = []
            for sign in (1, -1):
                at = [*(mpf(float(x)) for x in a), mpf(float(b))]
                at[k] += sign * step
                ends.append(cost(at[:-1], at[-1], j, **exact))
            found.append((ends[0] - ends[1]) / (2 * step))
        return found
