"""The table of the losses and λ̂ of every k-gon."""

from __future__ import annotations

from kgon.report import tables


def test_table_of_loss_and_lambda_hat(study):
    table = tables.make_table("loss-lambda-hat", loss_lambda_hat=study("loss_lambda_hat"))
    assert len(table.rows) == 18
    assert [row["exact"] for row in table.rows if row["label"] in ("4++-", "5")] == ["", "7"]
    assert sum("Spearman" in note or "rho" in note for note in table.notes) == 3
