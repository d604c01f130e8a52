"""A few bytes that ask for gigabytes: they are refused, and what else is in the logdir is read."""

from __future__ import annotations

import struct
import tracemalloc

import fuzzing
import numpy as np
import pytest
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.types_pb2 import DT_BOOL, DT_DOUBLE, DT_FLOAT, DT_INT64, DT_STRING

import tb_diagnose
from tb_diagnose.event_file import EPOCH_TAG, SERIES_TAG, EventFile

MOST = 100 * 2**20
"""Bytes in memory at once. What is written here is some kilobytes; what it asks for, a gigabyte and more."""


@pytest.fixture
def memory():
    """What was allocated within the test stays below `MOST`."""
    tb_diagnose.diagnose  # noqa: B018 - what is imported once does not count
    tracemalloc.start()
    yield
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < MOST, f"{peak / 2**20:.0f} MB"


def statuses(root):
    return {run.run: run.status.name for run in tb_diagnose.diagnose(root)}


@pytest.mark.parametrize("shape", [(2**31,), (2**20, 2**20), (2**16, 2**16, 2**16), (-1, -(2**31)), (2**62, 2**62)])
@pytest.mark.parametrize("type_", [DT_FLOAT, DT_DOUBLE, DT_INT64, DT_BOOL, DT_STRING])
def test_a_shape_that_is_larger_than_its_tensor(tmp_path, written, memory, shape, type_):
    written(tmp_path, "healthy", 6, healthy=True)
    records = list(fuzzing.written()[0])
    event = Event.FromString(records[-1])
    for value in event.summary.value:
        if value.tag == SERIES_TAG + "gradient_norm":
            value.tensor.Clear()
            value.tensor.dtype = type_
            for size in shape:
                value.tensor.tensor_shape.dim.add(size=size)
            field = {DT_STRING: "string_val", DT_INT64: "int64_val", DT_DOUBLE: "double_val", DT_BOOL: "bool_val"}
            getattr(value.tensor, field.get(type_, "float_val")).append(b"1" if type_ == DT_STRING else 1)
    fuzzing.write(tmp_path, fuzzing.framed([*records[:-1], event.SerializeToString()]))
    assert statuses(tmp_path) == {"healthy": "reached", "run": "unreadable"}


@pytest.mark.parametrize("length", [2**28, 2**31, 2**40, 2**63, 2**64 - 1])
def test_a_record_that_is_longer_than_its_file(tmp_path, written, memory, length):
    run = written(tmp_path, "healthy", 6, healthy=True)
    head = struct.pack("<Q", length)
    with run.event_file.open("ab") as file:
        file.write(head + fuzzing.checksum(head) + b"\0" * 50)
    assert statuses(tmp_path) == {"healthy": "reached"}


def test_a_large_array_at_the_end_of_many_steps(tmp_path, written, memory):
    written(tmp_path, "healthy", 6, healthy=True)
    file = EventFile(str(tmp_path / "run" / "diagnosis"), 0)
    file.write(0, facts={"run_start": 0})
    file.close()
    (path,) = (tmp_path / "run" / "diagnosis").iterdir()
    step = [
        fuzzing.event(step, {EPOCH_TAG: np.float32(step), SERIES_TAG + "loss": np.float32(1)}) for step in range(3000)
    ]
    step.append(fuzzing.event(3000, {EPOCH_TAG: np.float32(3000), SERIES_TAG + "loss": np.zeros(20_000, np.float32)}))
    with path.open("ab") as file:
        file.write(fuzzing.framed(event.SerializeToString() for event in step))
    (run,) = (run for run in tb_diagnose.diagnose(tmp_path) if run.run == "run")
    assert run.status.name == "unreadable" and "a series of 3,001 steps" in run.headline
