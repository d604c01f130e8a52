"""Trains on two devices, with and without logging. Prints what differs, our warnings, and what was recorded.

A process of its own: the devices must be set before TensorFlow begins.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from small_run import X, Y

import tb_diagnose
from tb_diagnose import event_file


def trained(form: str) -> list[np.ndarray]:
    """Weights after two epochs."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(0)
    with tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope():
        net = keras.Sequential([keras.Input((3,)), keras.layers.Dropout(0.2), keras.layers.Dense(1, "sigmoid")])
        net.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    if form == "arrays":
        net.fit(X, Y, epochs=2, batch_size=16, verbose=0, validation_split=0.25)
    else:
        data = tf.data.Dataset.from_tensor_slices((X, Y)).shuffle(64, seed=1).batch(16)
        net.fit(data, epochs=2, verbose=0, validation_data=data)
    return [np.array(v.numpy()) for v in net.weights]


def main(logdir: Path) -> dict[str, Any]:
    """What each form showed."""
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    found: dict[str, Any] = {}
    for form in ("arrays", "dataset"):
        without = trained(form)
        with warnings.catch_warnings(record=True) as given:
            warnings.simplefilter("always")
            with tb_diagnose.autolog(logdir / form, verbose=0):
                with_log = trained(form)
        recorded = event_file.newest(str(next((logdir / form).iterdir()) / "diagnosis"))
        found[form] = {
            "same": all(np.array_equal(a, b) for a, b in zip(without, with_log, strict=True)),
            "warnings": [str(w.message) for w in given if "tb_diagnose" in str(w.message)],
            "epochs": recorded.epochs.tolist(),
            "probe_loss": recorded.get("probe_loss") is not None,
            "facts": {name: recorded.facts.get(name) for name in ("sample_count", "validation_sample_count", "error")},
            "fed": [name for name in recorded.facts if name.startswith("observed_")],
        }
    return found


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
