"""The table of the transitions of SGD."""

from __future__ import annotations

import pytest

from kgon.experiments.antecedent import assess_antecedent
from kgon.report import tables


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
