"""λ̂ against n: towards λ where the chains are held, and marked where they left."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kgon.base.text import with_error
from kgon.base.verdicts import KgonError, Verdict
from kgon.experiments.llc.at_kgons import estimate_runs, estimates_in
from kgon.experiments.llc.convergence import (
    FULL,
    PROTOCOL,
    PUBLISHED,
    SIZES,
    Convergence,
    measure_llc_convergence,
)
from kgon.experiments.llc.settings import Localiser

EXACT = {"5": 7.0, "5+": 8.5, "6": 8.5}
"""Proved elsewhere."""


@pytest.fixture
def found(llc):
    return llc


@pytest.mark.parametrize("label", EXACT)
def test_lambda_hat_tends_to_lambda_from_below_where_it_is_held(found, label):
    """γ = 100: healthy everywhere; within 0.25, half the spacing of λ, from n = 5·10⁵."""
    points = found.series(label, "hmc", "population", 100.0)
    assert [x.localiser.n for x in points] == list(SIZES) and len(SIZES) >= 7
    assert all(x.health.good for x in points)
    assert found.exact[label] == EXACT[label]
    assert all(x.stderr < 0.08 for x in points)
    assert all(abs(x.lambda_hat - EXACT[label]) < 0.25 for x in points if x.localiser.n >= 5e5)
    assert points[0].lambda_hat < EXACT[label] - 2
    data = found.series(label, "hmc", "data", 100.0)
    assert abs(data[-1].lambda_hat - EXACT[label]) < 0.35 and data[-1].localiser.n == 5e5


def test_chains_leave_5_and_5_plus_at_the_published_size_and_are_marked(found):
    for sampler, source in (("hmc", "population"), ("sgld", "population"), ("sgld", "data")):
        for label, gone in (("5", True), ("5+", True), ("6", False)):
            first = found.series(label, sampler, source, 1.0)[0]
            assert first.localiser.n == 5000 and first.gone is gone


def test_the_published_protocol_gives_values_within_the_published_errors_and_spreads_like_them(found):
    """γ = 0.1, ε = 5e-5, 10⁴ steps, the 5 % rule: ten chains, of which standard errors are 0.2 to 0.4."""
    protocol = [x for x in found.attempts if x.sampler.discard is not None]
    assert [x.label for x in protocol] == list(PUBLISHED)
    for x in protocol:
        published, used = PUBLISHED[x.label], x.sampler
        assert (x.localiser.n, x.localiser.gamma, used.step_size, used.steps) == (5000, 0.1, 5e-5, 10_000)
        assert (used.chains, used.discard, x.discarded) == (10, 0.05, x.discarded) and x.discarded <= 5
        # Two means of ten chains each, if the published error is the spread of the chains.
        error = np.hypot(published.error, x.spread) / np.sqrt(10)
        assert abs(x.lambda_hat - published.value) < 3 * error
        # The ratio of two such spreads, F with 9 and at least 4 degrees of freedom: 0.16 to 3.9 in 99.8 %.
        assert 0.25 < x.spread / published.error < 4
    assert protocol[2].discarded == 0  # nothing lower is near 6


def test_published_values_describe_short_chains(found):
    """ε·steps = 0.5 comes within 0.5, the spacing of λ, of all three; a run twenty times as long does not."""
    by = {
        (x.label, x.sampler.step_size, x.sampler.steps): a
        for x, a in zip(found.attempts, found.agreements, strict=True)
    }
    for label, (published, _) in PUBLISHED.items():
        for short in ((5e-4, 1000), (2e-4, 2500)):
            assert by[label, *short].stderr < 0.25
            assert abs(by[label, *short].estimate - published) < 0.5
        long = by[label, 1e-3, 10_000]
        assert long.verdict is not Verdict.CONFIRMED and abs(long.estimate - published) > 0.75
    assert by["6", 1e-3, 500].estimate > PUBLISHED["6"].value  # by about half of its step-size bias


def test_results_survive_json_and_bad_sizes_are_refused(found):
    assert Convergence.from_json(found.to_json()).to_json() == found.to_json()
    assert "left for lower losses" in repr(found)
    for sizes in ([1], [5000.5], ["many"]):
        with pytest.raises(KgonError, match="n must be an integer of at least 2"):
            measure_llc_convergence(sizes=sizes)


@pytest.mark.slow
def test_data_sets_scatter_about_the_population():
    """Ten data sets of n = 5000: the mean differs from the population's λ̂ by less than 0.3."""
    full = measure_llc_convergence(replace(FULL, attempts=0), sizes=[5000])
    for label in PUBLISHED:
        (data,) = full.series(label, "hmc", "data", 100.0)
        (population,) = full.series(label, "hmc", "population", 100.0)
        assert data.data_sets == 10 and data.health.good and population.health.good
        assert np.hypot(data.stderr, population.stderr) < 0.1
        assert abs(data.lambda_hat - population.lambda_hat) < 0.3


@pytest.mark.slow
def test_the_docs_quote_the_published_protocol_as_it_comes_out():
    """The three rows of docs/learning-coefficients.md on a hundred chains, digit by digit."""
    gamma, chains = PROTOCOL
    runs = [(label, Localiser(n=5000, gamma=gamma), chains.but(chains=100)) for label in PUBLISHED]
    found = estimates_in(estimate_runs(runs, None, 0))
    text = (Path(__file__).parents[3] / "docs/learning-coefficients.md").read_text(encoding="utf-8")
    rows = {
        "the same settings: λ̂": [with_error(x.lambda_hat, x.stderr) for x in found],
        "spread of its chains": [f"{x.estimate.spread:.2f}" for x in found],
        "chains discarded, of 100": [str(x.estimate.discarded) for x in found],
        "published, ten chains": [f"{x.value:.2f} ± {x.error:.2f}" for x in PUBLISHED.values()],
    }
    for name, cells in rows.items():
        assert f"| {name} | {' | '.join(cells)} |" in text
    left = [f"{x.estimate.left:.0%}".replace("%", " %") for x in found]
    assert f"{left[0]} at 5 and {left[1]} at 5⁺ end in the basin of something lower" in text
    for x, published in zip(found, PUBLISHED.values(), strict=True):
        assert x.stderr < 0.25 and abs(x.lambda_hat - published.value) < published.error
