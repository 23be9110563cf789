"""Sampled evidence in the place of a theory: consistent with the evidence it stands on."""

import numpy as np
import pytest

from kgon.base.verdicts import KgonError
from kgon.experiments.posterior.as_theory import (
    sampled_crossing,
    sampled_dominance,
    sampled_occupancy,
    sampled_phase,
)
from kgon.experiments.posterior.evidence import sample_evidence
from kgon.experiments.posterior.evidence_result import EvidenceEffort
from kgon.experiments.posterior.masses import Masses
from kgon.free_energy.crossings import crossing

SIZES = (50.0, 150.0, 250.0, 350.0, 650.0)


@pytest.fixture(scope="module")
def sampled():
    return sample_evidence(sizes=SIZES, effort=EvidenceEffort(particles=256, replicates=4))


def test_occupancies_are_the_shares_and_sum_to_one(sampled):
    at = sampled_occupancy(sampled, SIZES)
    counted = [k for k, s in enumerate(SIZES) if s <= sampled.marks.counted]
    total = np.sum([values for values, _ in at.values()], axis=0)
    assert total[counted] == pytest.approx(np.ones(len(counted)), abs=1e-12)
    for label, (values, errors) in at.items():
        row = sampled.energies.shares[sampled.labels.index(label)]
        for k in counted:
            assert values[k] == pytest.approx(np.nan_to_num(row[k]), abs=1e-12)
            assert values[k] == 0 or np.isnan(errors[k]) or errors[k] >= 0
    # between the sizes too
    between = sampled_occupancy(sampled, [100.0, 200.0, 300.0])
    assert np.sum([v for v, _ in between.values()], axis=0) == pytest.approx(np.ones(3), abs=1e-12)


def test_above_the_counted_sizes_shares_are_of_the_whole(sampled):
    assert sampled.marks.counted < 650
    (share,), _ = sampled_occupancy(sampled, [650.0])["5+"]
    whole = sampled.free_energy("all", 650.0).value
    parts = [sampled.free_energy(label, 650.0).value for label in sampled.targets]
    total = max(1.0, sum(np.exp(whole - part) for part in parts))
    assert share == pytest.approx(np.exp(whole - sampled.free_energy("5+", 650.0).value) / total, rel=1e-9)
    assert share < 0.05


def test_beta_scales_n_and_nothing_else(sampled):
    one, half = sampled_crossing(sampled, "5,5+", "6"), sampled_crossing(sampled, "5,5+", "6", beta="1/2")
    assert half.roots[0].n == pytest.approx(2 * one.roots[0].n, rel=1e-12)
    assert half.roots[0].stderr == pytest.approx(2 * one.roots[0].stderr, rel=1e-12)
    assert (one.roots[0].below, one.roots[0].above) == ("5,5+", "6")


def test_the_crossing_is_where_the_two_curves_meet(sampled):
    """A second way: the protocol of free energies and the search for changes of sign."""
    a, b = sampled_phase(sampled, "5"), sampled_phase(sampled, "6")
    root = sampled_crossing(sampled, "5", "6").roots[0]
    gap = [float(b.free_energy(n) - a.free_energy(n)) for n in (root.n * 0.999, root.n, root.n * 1.001)]
    assert gap[0] > 0 > gap[2] and abs(gap[1]) < 1e-6
    assert root.stderr > 0 and a.stderr([root.n])[0] > 0
    assert crossing(a, a, 6, theory="evidence").everywhere


def test_dominance_covers_the_sampled_range(sampled):
    ranges = sampled_dominance(sampled, beta="1/2")
    assert ranges[0].n_from == 100.0 and ranges[-1].n_to == pytest.approx(1300.0)
    assert ranges[-1].label == "6"
    assert [r.n_to for r in ranges[:-1]] == [r.n_from for r in ranges[1:]]


def test_what_was_not_measured_has_no_share(sampled):
    """Above the counted sizes only targets are followed; with no target nothing is known there."""
    assert "4--" not in sampled.targets
    share, error = sampled_occupancy(sampled, [50.0, 650.0])["4--"]
    assert share[0] > 0 and np.isnan(share[1]) and np.isnan(error[1])
    apart = sample_evidence(
        sizes=(50.0, 100.0, 650.0), effort=EvidenceEffort(particles=64, replicates=2), targets=()
    )
    ranges = sampled_dominance(apart)
    assert ranges[-1].n_to <= 100.0


def test_dominance_changes_where_the_shares_are_equal(sampled):
    """A second way: the crossing of the two free energies, found by bracketing."""
    first, second = sampled_dominance(sampled)[-2:]
    assert second.n_from == pytest.approx(sampled.find_crossing(first.label, second.label).value, rel=1e-3)


def test_no_crossing_is_no_root_and_says_where_both_were_measured(sampled):
    found = sampled_crossing(sampled, "5+", "4--")
    assert found.roots == () and not found.everywhere
    low, high = sampled.measured("5+", "4--")
    assert low == 50.0 and high < 650.0 and f"at {low:g} <= beta n <= {high:g}" in found.note
    same = sampled_crossing(sampled, "5,5+", "5+,5")
    assert same.everywhere and same.roots == ()


def test_a_crossing_that_a_subset_lacks_is_undecided():
    """Four replicates; in three the masses cross, in one that is left out of none they do not."""
    log_mass = np.zeros((4, 2, 2))
    log_mass[:, 0, 1] = [-0.1, -0.1, -0.1, 5.0]  # without the last, row 0 stays below row 1
    log_mass[:, 0, 0] = -1.0
    masses = Masses.of((1.0, 2.0), log_mass, np.ones((4, 2, 2)))
    found = masses.jackknife(lambda weights: masses.crossing([0], [1], weights))
    assert np.isfinite(found.value) and np.isnan(found.stderr)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda e: sampled_phase(e, "7"), "'7' is none of the sampled basins"),
        (lambda e: sampled_occupancy(e, [10.0]), "from 50 to 650"),
        (lambda e: sampled_occupancy(e, [1e4]), "from 50 to 650"),
        (lambda e: sampled_crossing(e, "5", "6", beta=0), "beta must be a positive number"),
    ],
)
def test_refusals(sampled, call, words):
    with pytest.raises(KgonError, match=words):
        call(sampled)
