"""Trains on four devices of JAX, with and without logging. Prints what differs, our warnings, and what was recorded.

`python sharded.py FOLDER data|model`. A process of its own: the devices must be set before JAX begins.
"""

from __future__ import annotations

import os

os.environ["KERAS_BACKEND"] = "jax"
os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=4"

import json
import sys
import warnings
from typing import Any

import keras
import numpy as np
from keras import layers
from small_run import X, Y

import tb_diagnose


def distribution(kind: str) -> Any:
    """`DataParallel`, or `ModelParallel` with the kernels parted over two devices."""
    devices = keras.distribution.list_devices()
    if kind == "data":
        return keras.distribution.DataParallel(devices=devices)
    mesh = keras.distribution.DeviceMesh((2, 2), ["batch", "model"], devices)
    layout = keras.distribution.LayoutMap(mesh)
    layout["dense.*kernel"] = (None, "model")
    return keras.distribution.ModelParallel(layout_map=layout, batch_dim_name="batch")


def trained() -> tuple[list[bytes], dict[str, Any]]:
    """Variables and history after three epochs."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(1)
    hidden = [layers.Dense(8, "relu"), layers.BatchNormalization(), layers.Dropout(0.1)]
    net = keras.Sequential([keras.Input((3,)), *hidden, layers.Dense(2, "softmax")])
    net.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = net.fit(X, Y, epochs=3, batch_size=16, verbose=0).history
    return [np.array(v.value).tobytes() for v in (*net.variables, *net.optimizer.variables)], history


def main(folder: str, kind: str) -> dict[str, Any]:
    """What differs, and what was recorded."""
    keras.distribution.set_distribution(distribution(kind))
    without = trained()
    with warnings.catch_warnings(record=True) as given, tb_diagnose.autolog(folder, verbose=0):
        warnings.simplefilter("always")
        with_log = trained()
    (diagnosis,) = tb_diagnose.diagnose(folder)
    norms, count = diagnosis.evidence.get("gradient_norm"), diagnosis.evidence.get("sample_count")
    return {
        "devices": len(keras.distribution.list_devices()),
        "same": without == with_log,
        "warnings": [str(w.message) for w in given if "tb_diagnose" in str(w.message)],
        "epochs": diagnosis.evidence.epochs.tolist(),
        "sample_count": count,
        "has_gradients": norms is not None and bool(np.isfinite(norms).any(axis=1).all()),
    }


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
