"""Exact confidence intervals of a chance and of a rate, of use where nothing or next to nothing was seen."""

from __future__ import annotations

from scipy import special

from kgon.base.checks import check_integer, check_number, check_positive

LEVEL = 0.95
"""Confidence level where none is given."""


def binomial_interval(seen: int, trials: int, *, level: float = LEVEL) -> tuple[float, float]:
    """Bound the chance of an event that was seen in some of a number of independent trials.

    The central interval of Clopper and Pearson (1934): each of its ends is the chance at which what was seen,
    or what is further off, has the probability (1 − level)/2.  It holds the true chance at least so often as
    ``level`` says.  Without a trial it is from 0 to 1.

    Parameters
    ----------
    seen, trials : int
    level : float
        Above 0 and below 1.

    Returns
    -------
    lower, upper : float

    Examples
    --------
    >>> lower, upper = binomial_interval(0, 100)
    >>> lower, round(upper, 6), round(1 - 0.025 ** (1 / 100), 6)
    (0.0, 0.036217, 0.036217)
    """
    check_integer("trials", trials, 0)
    check_integer("seen", seen, 0, trials)
    tail = _tail(level)
    lower = special.betaincinv(seen, trials - seen + 1, tail) if seen else 0.0
    upper = special.betainccinv(seen + 1, trials - seen, tail) if seen < trials else 1.0
    return float(lower), float(upper)


def poisson_interval(seen: int, exposure: float, *, level: float = LEVEL) -> tuple[float, float]:
    """Bound the rate of events of which some were seen in a time, or another amount, in which they could be.

    The central interval of Garwood (1936), exact for events at a constant rate.

    Parameters
    ----------
    seen : int
    exposure : float
        Positive; the rate is per unit of it.
    level : float
        Above 0 and below 1.

    Returns
    -------
    lower, upper : float

    Examples
    --------
    >>> lower, upper = poisson_interval(0, 1.0)
    >>> lower, round(upper, 4)
    (0.0, 3.6889)
    """
    check_integer("seen", seen, 0)
    amount, tail = check_positive("exposure", exposure), _tail(level)
    lower = special.gammaincinv(seen, tail) if seen else 0.0
    return float(lower) / amount, float(special.gammainccinv(seen + 1, tail)) / amount


def _tail(level: float) -> float:
    """Half of what a level leaves."""
    return (1.0 - check_number("level", level, 1e-9, 1 - 1e-9)) / 2
