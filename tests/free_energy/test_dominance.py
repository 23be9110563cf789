"""Occupancy and dominance against mpmath and dense grids."""

import itertools
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from support.phases import phase_in_mpmath

from kgon.base.verdicts import KgonError
from kgon.free_energy.crossings import n_crit
from kgon.free_energy.diagram import in_beta
from kgon.free_energy.dominance import dominant_phases, occupancy, occupancy_curves
from kgon.free_energy.energies import Phase
from kgon.free_energy.phases import TEXT_PHASES, phases_of
from kgon.report import make_figure


@pytest.mark.parametrize("theory", ["none", "prior"])
@pytest.mark.parametrize("beta", [1, "1/2"])
def test_occupancy_is_the_softmax_of_the_free_energies(theory, beta):
    sizes = [1.0, 10.0, 100.0, 601.0, 5000.0, 1e6]
    shares = occupancy(sizes, theory=theory, beta=beta, among=TEXT_PHASES)
    assert set(shares) == {"5", "5+", "6"}
    with mpmath.workdps(40):
        inverse = mpmath.mpf(Fraction(beta).numerator) / Fraction(beta).denominator
        phases = {name: phase_in_mpmath(name, theory) for name in shares}
        for at, n in enumerate(sizes):
            weights = {
                name: mpmath.exp(-(inverse * n * L + lam * mpmath.log(n) + c))
                for name, (L, lam, c) in phases.items()
            }
            total = sum(weights.values())
            for name in shares:
                true = weights[name] / total
                # exp turns an absolute error of F (up to n·L·2⁻⁵²) into a relative one.
                assert abs(shares[name][at] - true) <= 4 * 2.0**-52 * (10 + n) * true + 1e-300
    assert np.allclose(sum(shares.values()), 1, rtol=0, atol=1e-15)


def test_occupancies_cross_at_n_crit():
    root = n_crit("5", "6").roots[-1].n
    sizes = (root * (1 - 1e-6), root, root * (1 + 1e-6))
    before, at, after = (occupancy([n], among=TEXT_PHASES) for n in sizes)
    assert abs(at["5"][0] / at["6"][0] - 1) < 1e-11
    assert before["5"][0] > before["6"][0] and after["5"][0] < after["6"][0]


@pytest.mark.parametrize("c", [5, 6, 7, 8])
@pytest.mark.parametrize("theory", ["none", "prior"])
@pytest.mark.parametrize("beta", [1, "1/2"])
def test_dominance_is_the_argmin_on_a_dense_grid(c, theory, beta):
    ranges = dominant_phases(c, theory=theory, beta=beta)
    assert ranges[0].n_from is None and ranges[-1].n_to is None
    assert [r.n_to for r in ranges[:-1]] == [r.n_from for r in ranges[1:]]
    assert all(x.label != y.label for x, y in itertools.pairwise(ranges))
    grid = np.geomspace(1, 1e7, 4001)
    edges = np.array([1.0, *(r.n_from for r in ranges[1:])])
    assert np.all(np.diff(edges) > 0)
    phases = phases_of(c, theory=theory)
    energies = np.array([p.free_energy(grid, beta=float(Fraction(beta))) for p in phases])
    lowest = [str(phases[k].label) for k in np.argmin(energies, axis=0)]
    clear = np.abs(grid[:, None] / edges - 1).min(axis=1) > 1e-9  # at an edge two phases tie
    assert clear.sum() >= 3990
    for n, name in zip(grid[clear], np.array(lowest)[clear], strict=True):
        assert ranges[int(np.searchsorted(edges, n)) - 1].label == name


def test_dominance_among_all_minima_and_among_those_of_the_text():
    everything = {x.label for x in dominant_phases(theory="prior")}
    assert "4--" in everything  # the published constant lets a flat 4-gon win at small n
    assert [x.label for x in dominant_phases(theory="laplace")][-1] == "6"
    assert {x.label for x in dominant_phases(among=["5", "5+", "6"])} == {"5", "5+", "6"}


def test_the_next_order_says_nothing_below_its_range():
    first = dominant_phases(theory="laplace2", beta="1/2")[0]
    assert first.n_from == 100.0  # βn = 50


def test_an_expansion_says_nothing_below_its_range():
    """One rule for n_crit, dominance, occupancy and the diagram: laplace2 begins at βn = 50."""
    assert occupancy([50.0], theory="laplace2")["5"][0] > 0
    for n, beta in (([49.0, 100.0], 1), ([99.0], "1/2")):
        with pytest.raises(KgonError, match=r"theory laplace2 .* says nothing below beta n = 50, got 49"):
            occupancy(n, theory="laplace2", beta=beta)
    assert dominant_phases(theory="laplace2")[0].n_from == 50.0
    found = in_beta([50.0, 100.0], ["1/2", 1], theory="laplace2")
    assert found.lowest[0].tolist()[0] == -1 and (found.lowest[1] >= 0).all() and found.lowest[0][1] >= 0
    assert (in_beta([1.0], [1], theory="laplace").lowest >= 0).all()


def test_the_ends_of_ranges_have_the_errors_of_estimates():
    """n* of n ΔL + Δλ log n + Δc = 0 moves by −log n / (ΔL + Δλ/n) for a change of Δλ, here of 0.1."""
    rough = dominant_phases(among=["A=0.07,7±0.1,3.6", "B=0.05,8.5,6.4", "C=0.09,20,10"])
    n, error = 622.53498735, 0.1 * np.log(622.53498735) / (0.02 - 1.5 / 622.53498735)
    assert [p.headline() for p in rough] == ["A: n from 1 to 623 ± 37", "B: n from 623 ± 37 to ∞"]
    assert rough[0].n_to_stderr == rough[1].n_from_stderr == pytest.approx(error, rel=1e-6)
    assert rough[0].n_to == pytest.approx(n, rel=1e-9) and rough[0].n_from_stderr is None
    assert rough[0].table().rows[0]["high"] == "623 ± 37"
    assert rough[1].to_dict()["data"]["n_from_stderr"] == rough[1].n_from_stderr
    exact = dominant_phases(among=["A=0.07,7,3.6", "B=0.05,8.5,6.4"])
    assert exact[0].headline() == "A: n from 1 to 622.535" and "n_to_stderr" not in exact[0].to_dict()["data"]


@pytest.mark.parametrize("errors", [(0.2, 0.1), (0.1, 0.2), (0.2, None), (None, 0.2)])
def test_of_phases_that_share_an_end_the_least_certain_gives_its_error(errors):
    a = Phase(name="A", loss=0.07, lambda_=7)
    b, c = (
        Phase(name=name, loss=0.08, lambda_="5" if error is None else f"5±{error}")
        for name, error in zip("BC", errors, strict=True)
    )
    shared = dominant_phases(among=[a, b, c])
    alone = [dominant_phases(among=[a, x]) for x in (b, c)]
    assert [x.label for x in shared] == ["A", "B or C", "A"]
    for k in range(3):
        assert shared[k].n_to_stderr == max((x[k].n_to_stderr for x in alone), key=lambda x: x or 0.0)
        assert shared[k].n_from_stderr == max((x[k].n_from_stderr for x in alone), key=lambda x: x or 0.0)


def test_no_range_of_n_begins_below_one():
    """At β = 10⁴ the expansion holds from n = 0.005 on, and 5 → 6 lies at n = 0.027, below 1."""
    assert n_crit("5", "6", theory="laplace2", beta=10_000).roots[0].n < 1
    found = dominant_phases(theory="laplace2", beta=10_000, among=["5", "5+", "6"])
    assert [x.headline() for x in found] == ["6: n from 1 to ∞"]


def test_a_multiplicity_begins_where_log_log_does():
    """F = βnL + λ log βn − log log βn + c is for βn > 1: at β = 1/2 for n > 2."""
    twice = Phase(name="A", loss="0.1", lambda_=2, constant=0, multiplicity=2)
    found = dominant_phases(theory="laplace", beta="1/2", among=[twice, "B=0.05,4,0"])
    roots = [root.n for root in n_crit(twice, "B=0.05,4,0", theory="laplace", beta="1/2").roots]
    assert [x.label for x in found] == ["B", "A", "B"]
    assert [x.n_from for x in found] == [2.0, *roots]

    def gap(strength):
        log = mpmath.log(strength)
        return -0.05 * strength + 2 * log + mpmath.log(log)

    assert roots == pytest.approx([float(2 * mpmath.findroot(gap, x)) for x in (1.6, 256)], rel=1e-9)


def test_phases_that_agree_for_every_n_share_their_range():
    twins = ["A=0.1,2,0", "B=0.1,2,0"]
    assert [x.headline() for x in dominant_phases(among=twins)] == ["A or B: n from 1 to ∞"]
    assert [x.label for x in dominant_phases(among=[*twins, "C=0.05,4,0"])] == ["C", "A or B", "C"]
    pytest.importorskip("matplotlib")
    assert make_figure("free-energy", among=[*twins, "C=0.05,4,0"]).axes
    near = dominant_phases(among=["A=0.1,2,0", "B=0.1,2,1e-9"])
    assert [x.headline() for x in near] == ["A: n from 1 to ∞"]


def test_occupancy_of_given_phases_names_no_theory():
    """As n_crit and phases say: only the catalogue's phases have a theory."""
    own = occupancy_curves([10.0], among=["A=0.1,2,0", "B=0.05,4,0"])
    assert own.headline() == "Theoretical occupancy, c = 6, given phases, β = 1"
    mixed = occupancy_curves([10.0], among=["A=0.1,2,0", "6"])
    assert mixed.headline() == "Theoretical occupancy, c = 6, theory prior, β = 1"
