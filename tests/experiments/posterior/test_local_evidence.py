"""Laplace constants against importance sampling with the true potential: the powers of n that are left."""

import numpy as np
import pytest

from kgon.base.verdicts import KgonError
from kgon.base.work import Work
from kgon.experiments.posterior.local_evidence import LocalEvidence, sample_local_evidence
from kgon.free_energy.phases import phase


@pytest.mark.parametrize("label", ["6", "5+"])
def test_isolated_orbits_differ_by_k_over_n(label):
    """From 1e4 on: D/(K/s) → 1, with the stated error below a tenth of D."""
    found = sample_local_evidence(label, strengths=[1e4, 3e4, 1e5], log2_pairs=12, replicates=8)
    assert (found.stderr < 0.1 * found.excess).all()
    ratio = found.excess / found.leading
    assert (np.abs(ratio - 1) < 4 * found.stderr / found.leading + [0.12, 0.05, 0.02]).all()
    # A constant that is off by one per cent would be seen at every n.
    assert (found.stderr < 0.01 / 4).all()


def test_with_the_next_order_the_rest_falls_like_the_square():
    found = sample_local_evidence("6", strengths=[1e3, 3e3, 1e4], log2_pairs=14, replicates=8)
    rest = found.excess - found.second
    assert (rest > 2 * found.stderr).all()
    power = np.log(rest[0] / rest[2]) / np.log(10)
    error = np.hypot(found.stderr[0] / rest[0], found.stderr[2] / rest[2]) / np.log(10)
    assert abs(power - 2) < 4 * error < 1


def test_the_pentagon_differs_by_the_edge():
    """D → (A/P) s^{−1/3}: within the next power, s^{−1/3}, of it; the power itself between −0.36 and −0.3."""
    found = sample_local_evidence("5", strengths=[1e5, 1e6], log2_pairs=13, replicates=8)
    assert np.abs(found.excess / found.leading - 1).max() < 0.05
    power = np.log(found.excess[1] / found.excess[0]) / np.log(10)
    assert -0.36 < power < -0.3
    assert (np.abs(found.excess - found.second) < 4 * found.stderr + 600 / found.strengths).all()


@pytest.mark.parametrize(("label", "error"), [("6", 4e-4), ("5+", 1.5e-3), ("5", 0.03)])
def test_the_theories_of_the_free_energy_are_what_the_sampling_confirms(label, error):
    """F_laplace − F_laplace2 against log Z − log Z_laplace at βn = 2·10⁴, sampled; the rest is of order 1/s²,
    at 5 of order 1/s."""
    found = sample_local_evidence(label, strengths=[2e4], log2_pairs=12, replicates=8)
    low, high = (phase(label, theory=theory) for theory in ("laplace", "laplace2"))
    gain = float(low.free_energy(4e4, beta="1/2") - high.free_energy(4e4, beta="1/2"))
    assert gain > 0 and abs(gain - found.excess[0]) < error + 4 * found.stderr[0] < 0.2 * gain


def test_seeds_replicates_and_round_trip():
    one, same, other = (
        sample_local_evidence("6", strengths=[1e5], log2_pairs=8, replicates=4, seed=seed)
        for seed in (1, 1, 2)
    )
    assert one.excess[0] == same.excess[0] != other.excess[0]
    assert LocalEvidence.from_json(one.to_json()).excess[0] == one.excess[0]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: sample_local_evidence("4"), "k >= 5"),
        (lambda: sample_local_evidence("5+", 7), "k >= 5 without both"),
        (
            lambda: sample_local_evidence("6", replicates=1),
            "replicates must be an integer of at least 2",
        ),
        (
            lambda: sample_local_evidence("6", log2_pairs=2),
            "log2_pairs must be an integer from 4 to 24",
        ),
    ],
)
def test_refusals(call, words):
    with pytest.raises(KgonError, match=words):
        call()


def test_each_size_is_a_task():
    def sampled(**how):
        return sample_local_evidence("6", strengths=[1e4, 1e5], log2_pairs=6, replicates=2, **how)

    shared = []

    def workers(function, tasks):
        shared.extend(tasks)
        return [function(task) for task in reversed(tasks)][::-1]  # whatever was done before

    assert sampled(work=Work(workers=workers)).to_json() == sampled().to_json()
    assert [task[3] for task in shared] == [1e4, 1e5]
