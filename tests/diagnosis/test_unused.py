"""A compiled loss or optimizer that the training does not use is not judged as if it were."""

import dataclasses

import numpy as np
import pytest

from tb_diagnose.diagnosis.unused import without_unused
from tb_diagnose.evidence import Evidence

MSE = {"name": "mean_squared_error", "from_logits": False, "custom": False}
ADAM = {"name": "adam", "config": {"learning_rate": 1e-9}}


def run(step, **series):
    facts = {"training_step": step, "loss_function": MSE, "optimizer": ADAM, "baseline_loss": 1.0, "perfect_loss": 0.0}
    given = {"probe_loss": [1.0] * 4, "probe_training_loss": [1.0] * 4, "gradient_norm": [[0.0]] * 4} | series
    return Evidence("run", np.arange(4), {name: np.array(values, float) for name, values in given.items()}, facts)


def test_a_loss_that_the_step_never_calls_is_left_out():
    left = without_unused(run({"kind": "train_step", "uses_compiled_loss": False}, loss=[np.nan, 0.4, 0.3, 0.2]))
    assert left.get("loss") is not None
    assert all(
        left.get(name) is None
        for name in ("loss_function", "probe_loss", "gradient_norm", "baseline_loss", "perfect_loss")
    )


@pytest.mark.parametrize("step", [{"kind": "fit"}, {"kind": "train_step", "uses_compiled_loss": True}, None])
def test_one_that_it_uses_or_may_use_stays(step):
    assert without_unused(run(step)).get("probe_loss") is not None


def test_one_that_has_the_figures_of_the_reported_loss_stays():
    """A step may call `keras.losses.mean_squared_error`, which is what `loss="mse"` stands for."""
    step = {"kind": "train_step", "uses_compiled_loss": False}
    assert without_unused(run(step, loss=[np.nan, 1.02, 1.01, 1.0])).get("loss_function") == MSE


@pytest.mark.parametrize(("units", "classes", "judged"), [(4, 2, False), (1, 3, False), (3, 3, True), (1, 2, True)])
def test_outputs_that_do_not_fit_the_classes_are_no_answers(units, classes, judged):
    """A contrastive step does not read the labels that `fit` was given."""
    evidence = run({"kind": "train_step", "uses_compiled_loss": False}, probe_accuracy=[0.5] * 4)
    form = {"label_form": "binary" if classes == 2 else "integer", "label_unique_count": classes, "label_shape": []}
    facts = {**evidence.facts, **form, "output": {"name": "last", "units": units, "activation": "linear"}}
    left = without_unused(dataclasses.replace(evidence, facts=facts))
    assert (left.get("probe_accuracy") is not None) == judged


def test_an_optimizer_that_takes_no_step_while_weights_move_is_left_out():
    moving = {"epoch_update_ratio": [[np.nan], [0.1], [0.1], [0.1]], "learning_rate": [1e-9] * 4}
    loop = {"kind": "loop", "told": []}
    idle = without_unused(run(loop, iterations=[0.0] * 4, **moving))
    assert idle.get("optimizer") is None and idle.get("learning_rate") is None
    assert without_unused(run(loop, iterations=[0.0, 9, 18, 27], **moving)).get("optimizer") == ADAM
    assert without_unused(run({**loop, "told": ["optimizer"]}, iterations=[0.0] * 4, **moving)).get("optimizer") == ADAM
