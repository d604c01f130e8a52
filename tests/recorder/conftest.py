"""The recorder writes from inside a run, where TensorBoard reads and writes through TensorFlow."""

from __future__ import annotations

import sys

import pytest


@pytest.fixture(autouse=True)
def file_access_of_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """TensorFlow's file access, whatever ran before in this process.

    Reading plain files (`reader.logdir.read_plainly`) keeps TensorBoard from loading TensorFlow,
    for as long as the process lives: it then knows other addresses, and Keras's own TensorBoard callback fails.
    """
    if "tensorboard.compat.notf" not in sys.modules:
        return
    import tensorflow
    from tensorboard import compat

    monkeypatch.delitem(sys.modules, "tensorboard.compat.notf")
    if compat.tf.__version__ == "stub":
        for name in ("__version__", "compat", "errors", "io"):
            monkeypatch.setattr(compat.tf, name, getattr(tensorflow, name))
