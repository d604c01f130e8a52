"""A claim that the run itself refutes is never made."""

import numpy as np
import pytest

from tb_diagnose.causes import CATALOGUE, Finding
from tb_diagnose.diagnosis.refuting import refuted
from tb_diagnose.diagnosis.trying import Tried
from tb_diagnose.evidence import Evidence

NOISE = CATALOGUE["label_noise"]


def left(ceiling, training, validation, **facts):
    """Whether a finding with this ceiling stands, in a run that ends at these accuracies."""
    series = {"probe_accuracy": np.array([0.1, training, training, training])}
    if validation is not None:
        series["probe_val_accuracy"] = np.array([0.1, validation, validation, validation])
    evidence = Evidence("run", np.arange(4), series, {"validation_sample_count": 400, **facts})
    tried = Tried([(NOISE, Finding(1.0, 0.9, "68 % of the labels are wrong.", ceiling=ceiling))])
    answers = refuted(tried, evidence)
    assert len(answers.found) + len(answers.fine) == 1
    return bool(answers.found)


@pytest.mark.parametrize(
    ("ceiling", "training", "validation", "stands"),
    [
        (0.32, 0.39, 0.39, False),  # passed where the training samples are not memorized
        (0.32, 0.30, 0.39, False),  # passed on other samples
        (0.32, 0.90, 0.31, True),  # passed by memorizing only
        (0.32, 0.33, 0.33, True),  # within the errors of 400 samples
        (0.32, 0.39, None, True),  # nothing tells how other samples fare
        (None, 0.9, 0.9, True),  # no ceiling was claimed
    ],
)
def test_a_ceiling_that_was_passed_clears_the_cause(ceiling, training, validation, stands):
    assert left(ceiling, training, validation) is stands


def test_validation_samples_that_were_trained_on_refute_nothing():
    assert left(0.32, 0.95, 0.95, validation_overlap_fraction=1.0)
    assert not left(0.32, 0.95, 0.95, validation_overlap_fraction=0.0)


def test_the_answer_says_what_was_reached():
    tried = Tried([(NOISE, Finding(1.0, 0.9, "68 % of the labels are wrong.", ceiling=0.32))])
    series = {"probe_val_accuracy": np.full(4, 0.5)}
    (_, saw), *_ = refuted(tried, Evidence("run", np.arange(4), series, {"validation_sample_count": 400})).fine
    assert saw == "68 % of the labels are wrong; but accuracy is 0.50, which this would not allow."
