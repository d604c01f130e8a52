"""One of two workers of TensorFlow's MultiWorkerMirroredStrategy, which `TF_CONFIG` describes.

`python two_workers.py LOGDIR`; without a logdir, nothing is logged.
"""

from __future__ import annotations

import contextlib
import sys
import warnings

import keras
import tensorflow as tf
from small_run import X, Y, model

import tb_diagnose


def main(logdir: str | None) -> None:
    """Trains two epochs and prints the weights."""
    warnings.filterwarnings("error", message="tb_diagnose.*")
    strategy = tf.distribute.MultiWorkerMirroredStrategy()
    keras.utils.set_random_seed(0)
    with strategy.scope():
        net = model()
    log = contextlib.nullcontext() if logdir is None else tb_diagnose.autolog(logdir, verbose=0)
    with log:
        net.fit(X, Y, epochs=2, batch_size=16, verbose=0)
    print([v.numpy().tolist() for v in net.weights])


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
