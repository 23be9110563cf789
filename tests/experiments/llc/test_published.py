"""The published λ̂: their own protocol gives them, and what of them is not λ adds up."""

import numpy as np
import pytest

from kgon.base.verdicts import Verdict
from kgon.experiments.llc.at_kgons import estimate_runs, estimates_in
from kgon.experiments.llc.bias import CAUSES
from kgon.experiments.llc.falls import measure_falls
from kgon.experiments.llc.published import (
    FULL,
    OTHERS,
    PublishedCheck,
    as_published,
    measure_published,
)
from kgon.experiments.llc.settings import PUBLISHED, Localiser
from kgon.report import tables

EXACT = {"5": 7.0, "5+": 8.5, "6": 8.5}
"""Proved elsewhere."""


def test_the_published_protocol_gives_values_within_the_published_errors_and_spreads_like_them(published):
    """γ = 0.1, ε = 5e-5, 10⁴ steps, the 5 % rule: ten chains, of which standard errors are 0.2 to 0.4."""
    assert [(x.label, x.source) for x in published.points] == [
        (label, source) for source in ("population", "data") for label in PUBLISHED
    ]
    for x in published.points:
        value, used = PUBLISHED[x.label], x.sampler
        assert (x.localiser.n, x.localiser.gamma, used.step_size, used.steps) == (5000, 0.1, 5e-5, 10_000)
        assert (used.chains, used.discard) == (10, 0.05) and x.discarded <= 5
        # Two means of ten chains each, if the published error is the spread of the chains.
        error = np.hypot(value.error, x.spread) / np.sqrt(10)
        assert abs(x.lambda_hat - value.value) < 3 * error
        # The ratio of two such spreads, F with 9 and at least 4 degrees of freedom: 0.16 to 3.9 in 99.8 %.
        assert 0.25 < x.spread / value.error < 4
        assert x.label != "6" or x.discarded == 0  # nothing lower is near 6


def test_a_value_is_as_published_within_the_error_of_both():
    """5: 7.705 ± 0.85/√10, which is 0.27; a λ̂ with a large error of its own decides nothing."""
    assert as_published("5", 7.705, 0.1).stderr == pytest.approx(np.sqrt(0.85**2 / 10 + 0.01))
    for off, error, verdict in (
        (0.8, 0.01, Verdict.CONFIRMED),
        (0.82, 0.01, Verdict.REFUTED),
        (-0.82, 0.01, Verdict.REFUTED),
        (0.82, 0.1, Verdict.CONFIRMED),
        (0.0, 0.43, Verdict.UNDECIDED),
        (5.0, 0.43, Verdict.UNDECIDED),
    ):
        assert as_published("5", 7.705 + off, error).verdict is verdict, off


@pytest.mark.parametrize(
    ("label", "value", "error"), [("5", 7.71, 0.85), ("5+", 9.91, 1.27), ("6", 9.03, 0.59)]
)
def test_a_value_is_judged_by_the_error_bar_of_its_own_label(label, value, error):
    """The quoted bars, of ten chains: 2.9 errors of the mean are as published, 3.1 are not."""
    for sign in (-1, 1):
        near, far = (as_published(label, value + sign * k * error / np.sqrt(10), 1e-6) for k in (2.9, 3.1))
        assert (near.verdict, far.verdict) == (Verdict.CONFIRMED, Verdict.REFUTED)


def test_the_split_adds_up_and_finite_n_alone_overshoots(published):
    assert [x.label for x in published.splits] == list(PUBLISHED)
    for x in published.splits:
        assert x.exact == EXACT[x.label] and tuple(part.name for part in x.parts) == CAUSES
        assert sum(part.value for part in x.parts) == pytest.approx(x.whole.value, abs=1e-12)
        assert x.density.value + x.sampling.value == pytest.approx(x.whole.value, abs=1e-12)
        finite, gamma, time, step = x.parts[:4]
        assert finite.value + gamma.value == pytest.approx(x.density.value, abs=1e-12)
        assert finite.value > 5 * finite.stderr and time.value < -3 * time.stderr
        assert 0 < step.value < 0.05  # 17 directions of curvature below 1.26: ε s h/8 each
        assert x.health.good and x.sampler.chains == 48
    hexagon = published.splits[-1]  # nothing is lower
    assert hexagon.inside == 1 and hexagon.discarded == 0
    assert [(part.value, part.stderr) for part in hexagon.parts[-2:]] == [(0, 0), (0, 0)]
    assert all(x.inside < 0.9 for x in published.splits[:-1])


def test_a_weaker_localiser_lifts_the_density(published):
    """γ = 0.1 in place of 1 adds to λ̂ of every direction, ½ s h/(s h + γ): beyond the errors."""
    gammas = [x.parts[1] for x in published.splits]
    error = float(np.linalg.norm([part.stderr for part in gammas]))
    assert sum(part.value for part in gammas) > 3 * error


def test_results_survive_json(published):
    again = PublishedCheck.from_json(published.to_json())
    assert again.to_json() == published.to_json()
    assert [x.lambda_hat for x in again.splits] == [x.lambda_hat for x in published.splits]
    assert "agree with them" in repr(published) and "the density" in repr(published.splits[0])


@pytest.mark.slow
def test_published_values_describe_short_chains():
    """ε·steps = 0.5 comes within 0.5, the spacing of λ, of all three; a run twenty times as long does not."""
    wide = Localiser(n=5000, gamma=1.0)
    runs = [(label, wide, sampler) for sampler in OTHERS for label in PUBLISHED]
    by = {
        (label, sampler.step_size, sampler.steps): x
        for (label, _, sampler), x in zip(runs, estimates_in(estimate_runs(runs, None, 0)), strict=True)
    }
    for label, (value, _) in PUBLISHED.items():
        for short in ((5e-4, 1000), (2e-4, 2500)):
            assert by[label, *short].stderr < 0.25
            assert abs(by[label, *short].lambda_hat - value) < 0.5
        long = by[label, 1e-3, 10_000]
        assert as_published(label, long.lambda_hat, long.stderr).verdict is not Verdict.CONFIRMED
        assert abs(long.lambda_hat - value) > 0.75
    assert by["6", 1e-3, 500].lambda_hat > PUBLISHED["6"].value  # by about half of its step-size bias


def rows(table, kept):
    """The cells of a table that are kept, as they come out now and as the pages quote them."""
    before = kept.kept(table.name)
    now = [
        {key: row[key] for key in kept_row} for row, kept_row in zip(table.rows, before["rows"], strict=True)
    ]
    return (now, list(table.notes)), (before["rows"], before["notes"])


@pytest.mark.slow
def test_the_docs_quote_the_published_protocol_as_it_comes_out(kept):
    """Every cell of the full run that docs/lambda-hat.md shows, digit by digit; a minute and more."""
    found = measure_published(FULL)
    for name in ("llc-published", "llc-bias"):
        now, before = rows(tables.make_table(name, llc_published=found), kept)
        assert now == before
    for x in found.splits:
        assert x.stderr < 0.25 and abs(x.lambda_hat - PUBLISHED[x.label].value) < PUBLISHED[x.label].error


@pytest.mark.slow
def test_the_docs_quote_the_falls_as_they_come_out(kept):
    """The rows of the 4-gons in docs/lambda-hat.md, digit by digit."""
    now, before = rows(tables.make_table("llc-falls", llc_falls=measure_falls()), kept)
    assert now == before
