"""How far the posterior is from critical points; energies that must be the learning coefficient."""

import numpy as np
import pytest

from kgon.base.verdicts import Verdict
from kgon.experiments.posterior.chains import Chains
from kgon.experiments.posterior.concentration import measure_concentration


def test_the_distance_falls_like_the_root_of_n_and_the_energy_is_lambda():
    """Beyond n = 10⁴ the 6-gon has all mass: s E[L − L*] → λ = 8.5, which the sampler does not know.

    Tolerance 0.4: halves of λ must be told apart; about 4 standard errors.
    """
    found = measure_concentration((1e4, 1e5), chains=Chains(ensembles=16, draws=60))
    assert found.excess == pytest.approx([8.5, 8.5], abs=0.4)
    assert found.median[0] / found.median[1] == pytest.approx(np.sqrt(10), rel=0.15)
    assert np.all(found.in_catalogue == 1) and found.verdict is Verdict.CONFIRMED


def test_a_slower_fall_is_refuted(monkeypatch):
    from kgon.experiments.posterior import concentration as module

    monkeypatch.setattr(module, "FALL", 4.0)
    assert measure_concentration((1e3, 1e4), chains=Chains(ensembles=4, draws=20)).verdict is Verdict.REFUTED


def test_noise_is_undecided():
    found = measure_concentration((1e3, 2e3), chains=Chains(ensembles=2, draws=4))
    assert found.verdict is not Verdict.REFUTED


@pytest.mark.parametrize(
    ("median", "error", "verdict"),
    [
        ([1.0, 0.3], [0.01, 0.01], Verdict.CONFIRMED),
        ([1.0, 0.3], [0.3, 0.1], Verdict.UNDECIDED),
        ([1.0, 0.8], [0.01, 0.01], Verdict.REFUTED),
    ],
)
def test_the_verdict_takes_the_errors_into_account(median, error, verdict):
    from kgon.experiments.posterior.concentration import _verdict

    assert _verdict(np.array([10.0, 100.0]), np.array(median), np.array(error)) is verdict
