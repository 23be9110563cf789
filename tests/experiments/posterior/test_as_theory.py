"""Sampled evidence in the place of a theory: consistent with the evidence it stands on."""

import numpy as np
import pytest

from kgon.base.verdicts import KgonError, Verdict
from kgon.cli.outcome import Outcome
from kgon.experiments.posterior.as_theory import (
    sampled_crossing,
    sampled_dominance,
    sampled_occupancy,
    sampled_phase,
)
from kgon.experiments.posterior.evidence import sample_evidence
from kgon.experiments.posterior.evidence_result import EvidenceEffort
from kgon.experiments.posterior.masses import Masses, shares_of
from kgon.free_energy.crossings import crossing
from kgon.free_energy.energies import standard_error

SIZES = (50.0, 150.0, 250.0, 350.0, 650.0)


@pytest.fixture(scope="module")
def sampled():
    return sample_evidence(sizes=SIZES, effort=EvidenceEffort(particles=256, replicates=4))


def test_occupancies_are_the_shares_and_sum_to_one(sampled):
    at = sampled_occupancy(sampled, SIZES)
    total = np.sum([values for values, _ in at.values()], axis=0)
    assert total == pytest.approx(np.ones(len(SIZES)), abs=1e-12) and "other" in at
    for label, (values, errors) in at.items():
        row = sampled.energies.shares[sampled.labels.index(label)]
        assert values == pytest.approx(row, abs=1e-12)
        assert (errors[values > 0] > 0).all()
    # between the sizes too
    between = sampled_occupancy(sampled, [100.0, 200.0, 300.0])
    assert np.sum([v for v, _ in between.values()], axis=0) == pytest.approx(np.ones(3), abs=1e-12)


def test_above_the_counted_sizes_shares_are_of_the_sum(sampled):
    """The whole is not a second, noisy estimate: where nothing else has weight, 6 has all that 5 has not."""
    assert sampled.marks.counted < 650
    at = sampled_occupancy(sampled, [650.0])
    (share,), (error,) = at["6"]
    parts = [sampled.free_energy(label, 650.0).value for label in sampled.targets]
    total = sum(np.exp(-part + parts[0]) for part in parts)
    assert share == pytest.approx(np.exp(parts[0] - sampled.free_energy("6", 650.0).value) / total, rel=1e-9)
    rest = {label: (p[0], e[0]) for label, (p, e) in at.items() if label != "6"}
    assert 1 - share == pytest.approx(sum(p for p, _ in rest.values()), rel=1e-9) and 1 - share < 0.01
    assert 0 < error <= sum(e for _, e in rest.values()) * (1 + 1e-9)  # that of the rest, the other way round


def test_errors_of_shares_are_those_of_a_ratio_with_common_replicates():
    """Masses of known mean that share most of their noise, many times over: a share is as uncertain as said.

    Masses of mean 3 and 1 with factors exp(σ_c z + σ x − variance/2).  To first order the logit of the share
    has the error √(2 σ²/R): the common noise drops out.  Taken as independent of their sum, the errors would
    be three times as large or more.
    """
    rng, tables, replicates, common, own = np.random.default_rng(3), 400, 32, 0.4, 0.1
    shape = (tables, replicates, 1)
    noise = common * rng.standard_normal(shape) + own * rng.standard_normal((tables, replicates, 2))
    log_mass = np.log([3.0, 1.0]) + noise - (common**2 + own**2) / 2
    shares, errors = [], []
    for table in log_mass:
        masses = Masses.of((1.0,), table[:, :, None], np.ones((replicates, 2, 1)))
        value, error = masses.jackknife_array(
            lambda w, masses=masses: shares_of(np.array([masses.nodes([k], w)[0] for k in (0, 1)]))
        )
        assert value.sum() == pytest.approx(1, abs=1e-12) and error[0] == pytest.approx(error[1], rel=1e-6)
        shares.append(value[0, 0])
        errors.append(error[0, 0])
    spread, said = np.std(shares, ddof=1), np.sqrt(np.mean(np.square(errors)))
    first_order = 0.75 * 0.25 * np.sqrt(2 * own**2 / replicates)
    # A standard deviation of 400 is known to 1/√800 = 3.5 %; second orders in 0.4/√32 are smaller.
    assert said == pytest.approx(spread, rel=4 * 0.036)
    assert said == pytest.approx(first_order, rel=0.15)
    assert abs(np.mean(shares) - 0.75) < 4 * spread / np.sqrt(tables) + first_order**2
    apart = 0.75 * 0.25 * np.hypot(common, own) / np.sqrt(replicates)  # of numerator alone
    assert apart > 2.5 * said


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
    assert root.stderr > 0 and standard_error(a.noise([root.n]))[0] > 0
    assert crossing(a, a, 6, theory="evidence").everywhere


def test_dominance_covers_the_sampled_range(sampled):
    ranges = sampled_dominance(sampled, beta="1/2")
    assert ranges[0].n_from == 100.0 and ranges[-1].n_to == pytest.approx(1300.0)
    assert ranges[-1].label == "6"
    assert [r.n_to for r in ranges[:-1]] == [r.n_from for r in ranges[1:]]


def test_what_is_no_target_is_counted_at_every_size(sampled):
    """Without any target the global run alone says what there is, and the rows still sum to one."""
    assert "4--" not in sampled.targets
    share, _ = sampled_occupancy(sampled, [50.0, 650.0])["4--"]
    assert share[0] > 0 and share[1] == 0
    apart = sample_evidence(
        sizes=(50.0, 100.0, 650.0), effort=EvidenceEffort(particles=64, replicates=2), targets=()
    )
    at = sampled_occupancy(apart, [100.0, 300.0, 650.0])
    assert np.sum([values for values, _ in at.values()], axis=0) == pytest.approx(np.ones(3), abs=1e-12)
    assert sampled_dominance(apart)[-1].n_to == pytest.approx(650.0)


def test_dominance_changes_where_the_shares_are_equal(sampled):
    """A second way: the crossing of the two free energies, found by bracketing."""
    first, second = sampled_dominance(sampled)[-2:]
    assert second.n_from == pytest.approx(sampled.find_crossing(first.label, second.label).value, rel=1e-3)


def test_no_crossing_is_no_root_and_says_where_both_were_measured(sampled):
    found = sampled_crossing(sampled, "5+", "4--")
    assert found.roots == () and not found.everywhere
    gap, _ = sampled.gap("5+", "4--")
    known = [s for s, x in zip(SIZES, gap, strict=True) if np.isfinite(x)]
    assert known[0] == 50.0 and known[-1] < 650.0
    assert f"at 50 <= beta n <= {known[-1]:g} (sampled: 50 to 650)" in found.note
    same = sampled_crossing(sampled, "5,5+", "5+,5")
    assert same.everywhere and same.roots == () and same.verdict is Verdict.CONFIRMED


def test_none_is_said_only_where_both_were_measured_at_every_size(sampled):
    """A basin without particles beyond some s may cross there: UNDECIDED, which is exit 1."""
    found = sampled_crossing(sampled, "4--", "5+")
    assert found.verdict is Verdict.UNDECIDED and not Outcome.of(found).holds
    assert "not measured: UNDECIDED" in found.headline() and "none" not in str(found)
    root = sampled_crossing(sampled, "5", "6")
    assert root.verdict is Verdict.CONFIRMED and Outcome.of(root).holds
    never = sampled_crossing(sampled, "5+", "5,5+")  # a part has less than the whole, at every size
    assert never.verdict is Verdict.CONFIRMED and never.roots == () and "none" in never.headline()


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
