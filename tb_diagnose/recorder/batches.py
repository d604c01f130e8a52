"""The batches that a step consumed, noted in passing: the first epoch's samples within a bound, and counts of all."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tb_diagnose.recorder import measure
from tb_diagnose.recorder.data import (
    DATASET_BYTES,
    DATASET_SAMPLES,
    Data,
    concatenated,
    leaves,
    map_leaves,
    plain,
    single_labels,
    single_weight,
    with_several,
)

_EVERY_SAMPLE = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Batch:
    """One batch as it went into a step.

    Args:
        x: Inputs: one array, or a list, tuple or dict of arrays.
        y: Labels, of the same kinds; None where there are none.
        sample_weight: Weights, shape `(samples,)`, or None.
    """

    x: Any
    y: Any = None
    sample_weight: Any = None


def unpacked(element: Any) -> Batch:
    """A batch from what an iterator gave: `x`, `(x,)`, `(x, y)` or `(x, y, sample_weight)`, as Keras reads it."""
    if not isinstance(element, (tuple, list)):
        return Batch(element)
    return Batch(*element[:3])


class Batches:
    """Notes batches as they pass, from whichever thread they come. Never raises.

    Args:
        form: What makes them: a `data_form` of `evidence.FACTS`.
    """

    def __init__(self, form: str) -> None:
        self.form = form
        self.error: Exception | None = None
        self.on_close: list[Callable[[], object]] = []
        self._lock = threading.Lock()
        self.restart()

    def restart(self) -> None:
        """Forgets what was noted: Keras takes batches before the first step, to build a model."""
        with self._lock:
            self._kept: list[Batch] = []
            self._bytes = 0
            self._marks: list[tuple[int, int]] = []
            self.is_open = True

    def close(self) -> None:
        """Ends the noting: what comes later is not looked at."""
        self.is_open = False
        for then in self.on_close:
            then()

    def cut(self, count: int) -> None:
        """Leaves the first batches: a pipeline may be some batches ahead of the step."""
        with self._lock:
            del self._kept[count:], self._marks[count:]

    @property
    def batch_count(self) -> int:
        """Batches noted."""
        return len(self._marks)

    @property
    def distinct_batch_count(self) -> int:
        """Batches with other samples, or another number of them, than each one before."""
        return len(set(self._marks))

    @property
    def sample_count(self) -> int:
        """Samples noted."""
        return sum(samples for samples, _ in self._marks)

    def note(self, element: Any) -> None:
        """Notes one batch: a copy of it while there is room, and a mark that tells it from others."""
        if not self.is_open or self.error is not None:
            return
        try:
            batch = unpacked(element)
            with self._lock:
                self._note(Batch(*(None if part is None else _arrays(part) for part in vars(batch).values())))
        except Exception as error:  # noqa: BLE001 - whatever it is, the run goes on, and is told of it at its next epoch
            self.error = error

    def _note(self, batch: Batch) -> None:
        arrays = [array for part in vars(batch).values() if part is not None for array in leaves(part)]
        samples = len(arrays[0])
        keys = np.zeros(samples, np.uint64)
        for array in arrays:
            if array.ndim and len(array) == samples:
                keys = keys * _EVERY_SAMPLE + measure.sample_keys(array)
        self._marks.append((samples, int(keys.sum(dtype=np.uint64))))
        size = sum(array.nbytes for array in arrays)
        if self._has_room and (not self._kept or self._bytes + size <= DATASET_BYTES):
            self._kept.append(Batch(*(None if p is None else map_leaves(np.array, p) for p in vars(batch).values())))
            self._bytes += size

    @property
    def _has_room(self) -> bool:
        return len(self._kept) == len(self._marks) - 1 and self.sample_count <= DATASET_SAMPLES

    def data(self) -> Data | None:
        """The samples that were kept, in the order in which they came; None where there were none.

        Raises:
            ValueError: the batches differ in structure, or in the shape of a sample.
        """
        with self._lock:
            kept = list(self._kept)
        if not kept:
            return None
        x, y, weight = (
            None if getattr(kept[0], part) is None else concatenated([getattr(batch, part) for batch in kept])
            for part in ("x", "y", "sample_weight")
        )
        whole = len(kept) == len(self._marks)
        size = len(leaves(kept[0].x)[0])
        data = Data(x, single_labels(y, x), single_weight(weight), size, whole, form=self.form)
        return with_several(data, y, weight)


def _arrays(part: Any) -> Any:
    """Tensors of any backend as arrays, structures kept."""
    if isinstance(part, dict):
        return {name: _arrays(value) for name, value in part.items()}
    if isinstance(part, (list, tuple)):
        return [_arrays(value) for value in part]
    return plain(part)
