"""β is read exactly, from every kind of number and text."""

from fractions import Fraction

import numpy as np
import pytest

from kgon.free_energy.conventions import check_beta
from kgon.free_energy.crossings import n_crit


def test_a_beta_is_read_exactly():
    assert check_beta("0.1") == Fraction(1, 10) and check_beta(0.1) != Fraction(1, 10)
    assert check_beta("1/3") == Fraction(1, 3)


@pytest.mark.parametrize("beta", [np.int64(1), np.float32(0.5), "5e-1", "1/2", 0.5, Fraction(1, 2), "1e-100"])
def test_every_kind_of_number_is_a_beta(beta):
    exact = n_crit("5", "6", beta=Fraction(beta.item() if isinstance(beta, np.generic) else beta))
    assert n_crit("5", "6", beta=beta).roots[-1].n == exact.roots[-1].n
