"""Counts take half of the bytes, and are read as the same numbers, however an event file is read."""

from __future__ import annotations

import numpy as np
import pytest
from tensorboard.context import RequestContext
from test_event_data import reference

from tb_diagnose import event_file

COUNTS = np.arange(60, dtype=np.float32).reshape(2, 30) * 1_000


@pytest.mark.parametrize(
    "histogram, packed",
    [
        (COUNTS, True),
        (COUNTS + 10_000, False),  # more than 65,535 in a bin
        (COUNTS + 0.5, False),
        (COUNTS - 1, False),
        (np.where(COUNTS == 0, np.nan, COUNTS), False),
    ],
)
def test_what_is_packed_is_read_as_it_was(tmp_path, histogram, packed):
    folder = tmp_path / "run" / event_file.RUN
    file = event_file.EventFile(str(folder), 0)
    file.write(0, facts={"run_start": 0})
    file.write(1, epoch=1, series={"prediction_histogram": histogram, "prediction_edges": np.arange(31)})
    file.close()
    read = event_file.newest(str(folder), "run")
    np.testing.assert_array_equal(read.series["prediction_histogram"], [histogram])
    found = event_file.read(reference({"run": folder}), RequestContext(), "", "run", "run")
    np.testing.assert_array_equal(found[0].series["prediction_histogram"], [histogram])
    (written,) = folder.iterdir()
    assert (histogram.astype("<f4").tobytes() in written.read_bytes()) != packed
