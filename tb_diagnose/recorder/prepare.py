"""Arguments in, a session out: what a user must correct is said here, before training."""

from __future__ import annotations

from typing import Any

import numpy as np

from tb_diagnose.recorder import arguments
from tb_diagnose.recorder.data import read_data
from tb_diagnose.recorder.session import Session

NUMBERS = "biuf"
"""Kinds of numpy's data types that hold numbers."""


def prepare(logdir: Any, data: Any, validation_data: Any, probe_samples: int) -> Session:
    """A session for checked arguments.

    What `fit` cannot read is written down before anybody refuses it: the fit that raises on it has a diagnosis too.

    Args:
        logdir: Folder of the run.
        data: Training data; None where `fit` tells what it takes.
        validation_data: Validation data, or None.
        probe_samples: Samples of the probe batch; with 0 the data are not read.

    Raises:
        TypeError, ValueError: an argument is not what it should be; the message names it.
    """
    path = arguments.check_logdir(logdir)
    if probe_samples == 0:
        return Session(path, None, None, 0)
    training = None if data is None else read_data(data, "data")
    validation = None if validation_data is None else read_data(validation_data, "validation_data")
    session = Session(path, training, validation, probe_samples)
    if training is None:
        return session
    arguments.check_alike(training, validation)
    dtypes = [*training.input_dtypes, training.label_dtype]
    if any(np.dtype(name).kind not in NUMBERS for name in dtypes):
        # `fit` refuses them before it calls any callback, unless the model begins with a layer that reads strings.
        with session.guarded("writing the facts of the data"):
            session.write_data_facts(training)
    if training.y.dtype.kind not in NUMBERS:
        session.close()
        first = training.y.reshape(-1)[0]
        raise TypeError(
            "`data` has labels that are not numbers. Expected: class numbers 0, 1, 2 ... or one-hot labels, as the "
            "loss takes them; np.unique(y, return_inverse=True)[1] makes them. "
            f"Received: labels of dtype {training.y.dtype}, such as {str(first)!r}."
        )
    return session
