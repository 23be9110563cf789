"""The tables of the transitions of SGD and of other optimisers."""

from __future__ import annotations

import pytest

from kgon.base.text import rounded_up
from kgon.experiments.antecedent import assess_antecedent
from kgon.experiments.training.runs import train
from kgon.numerics.exact_intervals import binomial_interval
from kgon.report import tables
from kgon.sampling.optimiser import Optimiser
from kgon.sampling.sgd import Protocol


@pytest.mark.slow
def test_the_table_judges_each_transition(study):
    training = study("training")
    rows = tables.make_table("sgd-transitions", training=training).rows
    counted = sum(len(run.stages) - 1 for found in training.values() for run in found.trajectories)
    assert sum(int(row["count"]) for row in rows) == counted > 0
    for row in rows:
        if row["first"].startswith("L=") or row["second"].startswith("L="):
            assert row["verdict"] == "" and row["delta_lambda"] == "undefined"
            continue
        item = assess_antecedent([row["first"], row["second"]]).transitions[0]
        assert row["verdict"] == item.verdict
        assert float(row["delta_loss"]) == pytest.approx(item.delta_loss, abs=1e-6)


def test_every_optimiser_has_a_bound_on_what_was_never_seen():
    def trained(trajectories, start, **optimiser):
        protocol = Protocol(n=200, epochs=60, learning_rate=0.001, optimiser=Optimiser(**optimiser))
        return {start: train(trajectories=trajectories, start=start, protocol=protocol)}

    optimisers = {"SGD": trained(2, "5"), "Adam": trained(4, "5", kind="adam"), "none": trained(1, "6")}
    table = tables.make_table("transition-rates", optimisers=optimisers)
    found = {row["method"]: row for row in table.rows}
    assert found.keys() == {"SGD", "Adam"}  # no run of the third rested at 5
    assert {(row["first"], row["second"]) for row in table.rows} == {("5", "6")}
    assert [(row["runs"], row["moved"]) for row in table.rows] == [("2", "0"), ("4", "0")]
    for row in table.rows:
        upper = binomial_interval(0, int(row["runs"]))[1]
        assert row["chance"] == f"at most {rounded_up(upper, 2)}" and row["rate"].startswith("at most ")
    text = table.text()
    assert "never seen is not impossible" in text and "Adam: Adam; n = 200, batch 20" in text
