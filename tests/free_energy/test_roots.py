"""How many roots there are, where numbers are estimates."""

import math
from itertools import pairwise, product

import numpy as np

from kgon.free_energy.crossings import n_crit
from kgon.free_energy.energies import Phase


def zeros_of(energy: float, slope: float, constant: float) -> int:
    """How often E n + Λ log n + C changes its sign on n > 0: it is monotonic on either side of −Λ/E."""
    ends = [-np.sign(slope) or np.sign(constant), np.sign(energy) or np.sign(slope) or np.sign(constant)]
    if energy * slope < 0:
        turn = -slope / energy
        ends.insert(1, np.sign(energy * turn + slope * math.log(turn) + constant))
    return sum(a * b < 0 for a, b in pairwise(ends))


def test_estimates_say_whether_the_number_of_roots_is_open() -> None:
    rng = np.random.default_rng(3)
    said = []
    for _ in range(60):
        numbers = np.round([rng.normal(0, 0.05), rng.normal(0, 2), rng.normal(0, 4)], 3)
        errors = np.round(np.abs(numbers) * rng.choice([0, 0.05, 0.3, 1], 3), 4)
        a = Phase(name="A", loss=1, lambda_=20, constant=0)
        values = [f"{x + y:.4f}±{e}" for x, y, e in zip(numbers, (1, 20, 0), errors, strict=True)]
        b = Phase(name="B", loss=values[0], lambda_=values[1], constant=values[2])
        found = n_crit(a, b)
        drawn = numbers + 2 * errors * rng.uniform(-1, 1, (1000, 3))
        corners = numbers + 2 * errors * np.array(list(product((-1, 1), repeat=3)))
        counts = {zeros_of(*map(float, row)) for row in (*drawn, *corners)}
        assert len(found.roots) in counts
        said.append(found.open is not None)
        if len(counts) > 1:
            assert found.open and "within 2 standard errors" in found.open and "open" in str(found)
        if not found.open:
            assert len(counts) == 1 and "open" not in found.to_dict()
    assert 10 < sum(said) < 50


def test_what_is_open_between_estimates_has_its_ends() -> None:
    """C from −11 to 9: −n/100 + C is 0 at n = 100 C, up to 900."""
    found = n_crit("A=0.1,4,0", "B=0.09,4,-1±5")
    assert found.roots == () and found.open is not None
    assert found.open.endswith("agree at n in [0, 900.001]")
    assert n_crit("A=0.1,4,0", "B=0.09,4,-1±0.49").open is None
    assert n_crit("A=0.1,4,0", "B=0.09,4,-1±0.51").open is not None
    assert n_crit("A=0.1,4,0±1", "B=0.1,4,0").everywhere and n_crit("A=0.1,4,0±1", "B=0.1,4,0").open
