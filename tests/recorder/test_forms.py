"""Whatever form the samples have: the run is the same to the last bit, and what is recorded is the same."""

from __future__ import annotations

import random
import sys
import warnings
from typing import Any

import fit_forms
import keras
import numpy as np
import pytest

import tb_diagnose
from tb_diagnose import event_file


def trained(case: fit_forms.Case) -> dict[str, Any]:
    """Trains a program, and says all that logging must leave alone."""
    compiled = {"optimizer": "adam", "loss": "binary_crossentropy", "metrics": ["accuracy"], **case.compiled}
    model = case.model()
    model.compile(**compiled)
    history = model.fit(**{"epochs": fit_forms.EPOCHS, "verbose": 0, **case.arguments}).history
    variables = (*model.variables, *model.optimizer.variables, *model.metrics_variables)
    return {
        "variables": [np.array(keras.ops.convert_to_numpy(v.value)) for v in variables],
        "history": history,
        "python": random.getstate(),
        "numpy": str(np.random.get_state()),
        "keras": np.array(keras.random.normal((2,))).tolist(),
        "backend": backend_state(),
        "own": case.also(),
    }


def backend_state() -> Any:
    """What the next random operation of the backend draws."""
    drawn = []
    if "torch" in sys.modules:
        import torch

        drawn.append(torch.rand(2).tolist())
    if "tensorflow" not in sys.modules:
        return drawn
    import tensorflow as tf

    return *drawn, tf.random.uniform((2,)).numpy().tolist(), tf.random.get_global_generator().state.numpy().tolist()


QUICK = ("arrays", "pandas", "dataset, take and skip", "dataset of strings", "PyDataset", "generator")
"""Forms that are tried each time; all of them take minutes."""


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in QUICK else pytest.mark.slow) for name in fit_forms.FORMS]
)
def test_the_run_is_the_same_and_what_is_recorded_is(tmp_path, name):
    if not fit_forms.is_installed(name):
        pytest.skip(f"needs {fit_forms.NEEDS[name]}")
    results = []
    for log in (False, True):
        keras.utils.clear_session()
        keras.utils.set_random_seed(4)
        if fit_forms.NEEDS[name] == "torch" or "torch" in sys.modules:  # Keras seeds it under its own backend alone
            import torch

            torch.manual_seed(4)
        case = fit_forms.FORMS[name]()
        if log:
            with warnings.catch_warnings(record=True) as given, tb_diagnose.autolog(tmp_path, verbose=0):
                warnings.simplefilter("always")
                results.append(trained(case))
        else:
            results.append(trained(case))
    ours = [str(w.message) for w in given if "tb_diagnose" in str(w.message)]
    assert ours == [], ours
    without, with_log = results
    for part in without:
        if part != "variables" and not (case.is_read_ahead and part == "numpy"):
            assert without[part] == with_log[part], part
    assert len(without["variables"]) == len(with_log["variables"])
    for a, b in zip(without["variables"], with_log["variables"], strict=True):
        np.testing.assert_array_equal(a, b)
    check_record(case, tmp_path)


def check_record(case: fit_forms.Case, logdir: Any) -> None:
    """Compares what was recorded with what the program is."""
    (folder,) = logdir.iterdir()
    recorded = event_file.newest(str(folder / "diagnosis"))
    facts = recorded.facts
    expected = {"sample_count": case.samples, "batch_size": case.batch_size, **case.facts}
    if case.is_labelled:
        expected |= {"label_form": "binary", "classes": ["0", "1"]}
    if case.validation is not None:
        expected["validation_sample_count"] = case.validation
    found = {name: facts.get(name) for name in expected}
    assert found == expected, found
    # Other backends than TensorFlow build a model before its first step.
    first_epoch = case.first_epoch if keras.backend.backend() == "tensorflow" else 0
    assert recorded.epochs.tolist() == list(range(first_epoch, case.epochs + 1))
    assert np.isfinite(recorded.get("weight_norm")).any(axis=1).all()
    if case.is_labelled:
        assert np.isfinite(recorded.get("probe_loss")).all() and len(recorded.get("probe_loss")) == len(recorded.epochs)
    if case.finding:
        (diagnosis,) = tb_diagnose.diagnose(str(logdir))
        assert [named.cause.id for named in diagnosis.probable_causes][:1] == [case.finding], diagnosis
