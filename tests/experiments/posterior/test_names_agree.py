"""Evidence, occupancy, classify and search give a minimum one name where there are irregular ones."""

import numpy as np
import pytest

from kgon.experiments.posterior.as_theory import sampled_occupancy
from kgon.experiments.posterior.chains import Chains
from kgon.experiments.posterior.evidence import sample_evidence
from kgon.experiments.posterior.evidence_result import EvidenceEffort
from kgon.experiments.posterior.occupancy import OccupancyEffort, posterior_occupancy
from kgon.kgons.basins import Basins
from kgon.kgons.classification import classify
from kgon.kgons.irregular import Irregular, irregular_minima
from kgon.kgons.labels import Label
from kgon.kgons.names import SEARCHED, identify, parse_known
from kgon.landscape.search import search_critical_points


def assert_one_name_for_each_minimum(c, starts, seed):
    """Every minimum that a search finds is the basin of that name; returns the names."""
    found = [x for x in search_critical_points(c, starts=starts, seed=seed).points if x.index == 0]
    assert all(x.label is not None for x in found)
    known = [parse_known(str(x.label)) for x in found]
    names = [x.name if isinstance(x, Label) else str(x) for x in known]
    W, b = np.array([x.W for x in found]), np.array([x.b for x in found])
    assert classify(W, b, hull=False, nearest=False).basin.tolist() == names
    # From beside the minimum as well, as draws of a posterior are.
    beside = 0.01 * np.random.default_rng(seed).standard_normal((len(found), 3 * c))
    moved = Basins(c).tms.pack(W, b) + beside
    at = Basins(c).of(moved)
    assert [Basins(c).phases[k] for k in at] == names
    return set(names)


@pytest.mark.parametrize("c", [7, 8])
def test_irregular_minima_have_one_name_in_search_and_classify(c):
    points = irregular_minima(c)
    names = [str(point.name) for point in points]
    assert len(set(names)) == len(names) > 0 and set(names) < set(Basins(c).labels)
    W, b = np.array([point.W for point in points]), np.array([point.b for point in points])
    assert classify(W, b, hull=False, nearest=False).basin.tolist() == names
    pack = Basins(c).tms.pack
    assert [str(identify(pack(x.W, x.b), within=SEARCHED)) for x in points] == names


def test_every_minimum_found_by_a_search_is_the_basin_of_its_name():
    names = assert_one_name_for_each_minimum(7, 800, 1)
    assert len(names) > 5 and any(isinstance(parse_known(name), Irregular) for name in names)


@pytest.mark.slow
@pytest.mark.parametrize(("c", "starts"), [(7, 4000), (8, 4000)])
def test_every_minimum_found_by_a_long_search_is_the_basin_of_its_name(c, starts):
    names = assert_one_name_for_each_minimum(c, starts, 2)
    # The c-gon itself is rare: 4000 starts may miss it.
    assert len(names) > 8 and any(isinstance(parse_known(name), Irregular) for name in names)


def shares_of_both(c, particles, chains, sizes):
    effort = EvidenceEffort(particles=particles, replicates=3)
    evidence = sample_evidence(c, sizes=sizes, effort=effort, targets=())
    occupancy = posterior_occupancy(
        OccupancyEffort(n=sizes, sets=0, chains=chains, population=chains), c=c, betas=[1]
    )
    assert evidence.labels[:-1] == occupancy.labels == Basins(c).phases
    by_evidence, by_tempering = sampled_occupancy(evidence, sizes), occupancy.shares()
    for shares in (by_evidence, by_tempering):
        total = np.sum([values for values, _ in shares.values()], axis=0)
        assert total == pytest.approx(np.ones(len(sizes)), abs=1e-12) and "other" in shares
    return by_evidence, by_tempering


def test_evidence_and_occupancy_have_the_same_rows_and_sum_to_one():
    few = Chains(ensembles=2, draws=8)
    shares_of_both(7, 32, few, (20.0, 40.0))


@pytest.mark.slow
@pytest.mark.parametrize("c", [7, 8])
def test_evidence_and_occupancy_agree_on_irregular_minima(c):
    """Within the errors of both; ``other`` is at most 2 % where 11 to 31 % once were."""
    one, two = shares_of_both(c, 768, Chains(ensembles=16, draws=60), (100.0, 300.0, 600.0))
    irregular = [name for name in one if name != "other" and isinstance(parse_known(name), Irregular)]
    assert max(one[name][0].max() for name in irregular) > 0.02
    for name, (value, error) in one.items():
        gap, joint = value - two[name][0], np.hypot(error, two[name][1])
        assert (np.abs(gap) < 5 * joint + 0.01).all(), name
    assert one["other"][0].max() < 0.02 and two["other"][0].max() < 0.02
