"""How far a run has come, in words."""

from __future__ import annotations

import numpy as np
import pytest
from places import RECORDINGS

from tb_diagnose import diagnose
from tb_diagnose.diagnosis.engine import judge
from tb_diagnose.evidence import Evidence
from tb_diagnose.report import list_row, notebook, serialize, text
from tb_diagnose.report.extent import extent


def run(epochs=18, **facts):
    numbers = np.arange(1, epochs + 1)
    series = {"accuracy": 0.5 + 0.4 * numbers / 30, "seconds": np.full(epochs, 10.0)}
    return Evidence("run", numbers, series, {"planned_epochs": 30, **facts})


@pytest.mark.parametrize(
    ("evidence", "alive", "said"),
    [
        (run(), True, "epoch 18 of 30, running, 2 min left"),
        (run(), False, "epoch 18 of 30"),
        (run(28), True, "epoch 28 of 30, running, less than a minute left"),
        (run(planned_epochs=1000), True, "epoch 18 of 1,000, running, 2 h 44 min left"),
        (run(30), True, ""),
        (run(planned_epochs=None), True, ""),
        (run(error={"type": "ValueError", "message": ""}), True, ""),
    ],
)
def test_the_clause(evidence, alive, said):
    assert extent(evidence, lambda _: alive) == said


def test_it_is_said_in_the_report_and_in_the_answers():
    diagnosis = judge(run())
    assert serialize.as_json(diagnosis)["extent"] == list_row.row(diagnosis)["extent"] == "epoch 18 of 30"
    assert serialize.as_json(judge(run(30)))["extent"] is None
    assert text.text(diagnosis).startswith("run  learning  epoch 18 of 30")
    assert "run: learning, epoch 18 of 30" in notebook.block([("run", diagnosis)])


def test_a_row_has_the_loss_of_the_best_constant_answer_for_a_loss_alone():
    losses = Evidence(
        "run", np.arange(1, 9), {"loss": np.full(8, 0.88)}, {"baseline_loss": 0.8912, "perfect_loss": 0.0}
    )
    assert list_row.row(judge(losses))["constant"] == 0.891 and list_row.row(judge(run()))["constant"] is None


def test_of_a_healthy_run_nothing_is_an_order():
    """Notes are folded, and called what they are."""
    (diagnosis,) = diagnose(RECORDINGS / "keras3_learns")
    assert diagnosis.status.name == "reached" and [named.cause.id for named in diagnosis.notes]
    assert "change" not in text.text(diagnosis) and "if you want: --full" in text.text(diagnosis)
    assert "If you want: " in text.text(diagnosis, full=True) and "Note: " not in text.text(diagnosis, full=True)
    assert "<details><summary>If you want: " in notebook.block([("run", diagnosis)])
