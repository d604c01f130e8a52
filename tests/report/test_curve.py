"""The curve that the tab draws: where a run that diverged went."""

from __future__ import annotations

import pytest
import states

from tb_diagnose import diagnose
from tb_diagnose.report.curve import curve


def of(tmp_path, write):
    write(tmp_path / "run")
    (diagnosis,) = diagnose(tmp_path)
    return curve(diagnosis)


def test_a_run_that_diverged_says_where_its_loss_was_no_number(tmp_path):
    found = of(tmp_path, states.diverged)
    assert found["name"] == "accuracy" and None not in found["values"]
    assert found["not_finite"] == [{"epoch": epoch, "of": "loss", "value": "NaN"} for epoch in (4, 5)]


def test_an_infinite_loss_is_told_from_one_that_is_no_number(tmp_path):
    def write(folder):
        losses = [2.0, 90.0, float("inf"), float("nan"), float("nan")]
        states.record(folder, states.facts_of("sigmoid"), states.rows_of([0.5] * 5, loss=losses, probe_loss=losses))

    assert [(row["epoch"], row["value"]) for row in of(tmp_path, write)["not_finite"]] == [
        (3, "Infinity"),
        (4, "NaN"),
        (5, "NaN"),
    ]


def test_of_a_run_that_did_not_diverge_nothing_is_marked(tmp_path):
    assert of(tmp_path, states.stalled)["not_finite"] == []


@pytest.mark.parametrize(("said", "drawn"), [(float("nan"), []), (True, [1.0])])
def test_a_level_that_is_drawn_is_a_number(tmp_path, said, drawn):
    def write(folder):
        facts = states.facts_of("sigmoid") | {"baseline_accuracy": said}
        states.record(folder, facts, states.rows_of([0.6, 0.7, 0.8]))

    levels = [row["value"] for row in of(tmp_path, write)["levels"] if row["name"] == "majority share"]
    assert levels == drawn and not any(isinstance(level, bool) for level in levels)
