"""The batches that a step consumed, noted in passing: the first epoch's samples within a bound, and keys of some later.

Of the first epoch every batch is noted, with its samples while there is room. Of later epochs a few batches are, by
their keys alone: they tell whether samples come again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tb_diagnose.recorder import measure, memory, repeats
from tb_diagnose.recorder.data import (
    DATASET_SAMPLES,
    KEY_FACTOR,
    Data,
    concatenated,
    is_structure,
    keys_of,
    leaves,
    map_leaves,
    plain,
    single_labels,
    single_weight,
    with_several,
)

MOST_KEYS = 2**21
"""Samples of the first epoch whose keys are kept: 32 MiB."""
LATER_BATCHES = 8
"""Batches that are noted of each later epoch, at most."""
PACE = 10
"""Of later epochs every tenth batch is noted, of long ones fewer: a hash of 64 images takes some 0.2 ms."""


@dataclass(frozen=True)
class Batch:
    """One batch as it went into a step.

    Args:
        x: Inputs: one array, or lists, tuples and dicts of arrays.
        y: Labels, of the same kinds; None where there are none.
        sample_weight: Weights, shape `(samples,)`, or None.
    """

    x: Any
    y: Any = None
    sample_weight: Any = None

    @property
    def arrays(self) -> list[np.ndarray]:
        """All arrays."""
        return [array for part in vars(self).values() if part is not None for array in leaves(part)]

    def map(self, function: Callable[[Any], Any]) -> Batch:
        """The same with `function` applied to each part that is there."""
        return Batch(*(None if part is None else function(part) for part in vars(self).values()))


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
        self.is_watched = False
        """Whether they can be noted at all."""
        self.on_pace: list[Callable[[int], object]] = []
        """Told which share of the batches is noted: each so-many-th, none at 0."""
        self._lock = threading.Lock()
        self.restart()

    def restart(self) -> None:
        """Forgets what was noted: Keras takes batches before the first step, to build a model."""
        with self._lock:
            self._kept: list[Batch] = []
            self._bytes = 0
            self._known: repeats.Known | None = None
            self._is_first = True
            self._forget()
        self._set_pace(1)

    def _forget(self) -> None:
        self._marks: list[tuple[int, int]] = []
        self._keys: list[repeats.Keys] = []

    def _set_pace(self, pace: int) -> None:
        self.pace = pace
        for then in self.on_pace:
            then(pace)

    def close(self) -> None:
        """Ends the noting: what comes later is not looked at."""
        self._set_pace(0)

    def cut(self, count: int | None) -> None:
        """Leaves the first batches, and notes no more: a pipeline is some batches ahead of the step.

        Args:
            count: Batches that were consumed; None for all.
        """
        self.close()
        with self._lock:
            count = len(self._marks) if count is None else count
            del self._kept[count:], self._marks[count:], self._keys[count:]

    def go_on(self, steps: int) -> None:
        """Ends the first epoch; of later ones a few batches are noted.

        Args:
            steps: Batches that an epoch consumes.
        """
        with self._lock:
            self._known = repeats.known(self._keys) if len(self._keys) == len(self._marks) else None
            self._kept = []
            self._is_first = False
            self._forget()
        # At least two of an epoch, so that a batch that comes again and again is seen.
        self._set_pace(max(min(PACE, steps // 2), -(-steps // LATER_BATCHES), 1))

    def begin_epoch(self) -> None:
        """Forgets the batches of the epoch before, unless that was none."""
        if not self._is_first:
            with self._lock:
                self._forget()

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

    @property
    def distinct_input_count(self) -> int | None:
        """Samples of other inputs than all before; None where there are too many to know."""
        with self._lock:
            whole = len(self._keys) == len(self._marks)
            return len(repeats.known(self._keys).inputs) if whole else None

    @property
    def moved_fraction(self) -> float | None:
        """Share of the samples that overlapping batches give; None where there are too many to know."""
        with self._lock:
            keys = list(self._keys) if len(self._keys) == len(self._marks) else []
        return repeats.moved_fraction(keys)

    def wants(self, index: int) -> bool:
        """Whether a batch is to be noted, by its number."""
        return self.pace > 0 and index % self.pace == 0

    def note(self, element: Any) -> None:
        """Notes one batch: a copy of it while there is room, and keys that tell its samples from others."""
        if not self.pace or self.error is not None:
            return
        try:
            batch = unpacked(element).map(_arrays)
            with self._lock:
                if self.pace:  # it may have been closed meanwhile
                    self._note(batch)
        except Exception as error:  # noqa: BLE001 - whatever it is, the run goes on, and is told of it at its next epoch
            self.error = error

    def _note(self, batch: Batch) -> None:
        if not self._is_first and len(self._marks) == LATER_BATCHES:
            return
        arrays = batch.arrays
        samples = len(arrays[0])
        inputs = keys_of(leaves(batch.x))
        labels = [] if batch.y is None else leaves(batch.y)
        pairs = inputs * KEY_FACTOR + measure.sample_keys(labels[0]) if len(labels) == 1 else None
        others = keys_of([a for a in (labels if pairs is None else []) if a.ndim and len(a) == samples], samples)
        mark = inputs * KEY_FACTOR + others if pairs is None else pairs
        self._marks.append((samples, int(mark.sum(dtype=np.uint64))))
        if not self._is_first or self.sample_count <= MOST_KEYS:
            self._keys.append(repeats.Keys(inputs, pairs))
        if not self._is_first:
            return
        size = self._bytes + sum(_bytes(array) for array in arrays)
        if self._has_room and (not self._kept or memory.may_keep(self.sample_count, size)):
            self._kept.append(batch.map(lambda part: map_leaves(np.array, part)))
            self._bytes = size

    @property
    def _has_room(self) -> bool:
        return len(self._kept) == len(self._marks) - 1 and self.sample_count <= DATASET_SAMPLES

    def data(self) -> Data | None:
        """The samples that were kept, in the order in which they came; None where there were none.

        They are handed over: a second call finds none. Batches of another structure than the first, or of samples of
        another shape, are left out.
        """
        with self._lock:
            kept, self._kept = self._kept, []
        if not kept:
            return None
        batch_size, alike = len(leaves(kept[0].x)[0]), _alike(kept)
        whole = len(alike) == len(self._marks)
        parts = [None if first is None else [vars(b)[name] for b in alike] for name, first in vars(alike[0]).items()]
        del kept, alike  # each array is let go as soon as it is joined
        x, y, weight = (None if part is None else concatenated(part) for part in parts)
        data = Data(x, single_labels(y, x), single_weight(weight), batch_size, whole, form=self.form)
        return with_several(data, y, weight)

    def series(self) -> Mapping[str, float]:
        """How the samples of this epoch repeat, as far as that is known."""
        with self._lock:
            keys, known = list(self._keys), self._known
        found = {"observed_repeat_fraction": repeats.repeat_fraction(keys)}
        if known is not None:
            found["observed_new_input_fraction"] = repeats.new_input_fraction(keys, known)
            found["observed_label_change_fraction"] = repeats.label_change_fraction(keys, known)
        return {name: value for name, value in found.items() if value is not None}


def _alike(batches: list[Batch]) -> list[Batch]:
    """The batches of one form: that of the first, with the shape of a sample that most have."""
    forms = [(_form(batch), _shapes(batch)) for batch in batches]
    first = forms[0][0]
    shapes = [shape for form, shape in forms if form == first]
    common = max(dict.fromkeys(shapes), key=shapes.count)
    return [batch for batch, form in zip(batches, forms, strict=True) if form == (first, common)]


def _form(batch: Batch) -> Any:
    return [
        None if part is None else map_leaves(lambda a: (a.dtype.kind, a.ndim), part) for part in vars(batch).values()
    ]


def _shapes(batch: Batch) -> tuple[tuple[int, ...], ...]:
    """Shapes of a sample, but for the length of sequences, which is filled up."""
    return tuple(array.shape[2:] for array in batch.arrays)


def _bytes(array: np.ndarray) -> int:
    """Memory that an array takes, with the strings that it holds."""
    strings = array.ravel() if array.dtype == object else ()
    return array.nbytes + sum(len(value) for value in strings if isinstance(value, (bytes, str)))


def _arrays(part: Any) -> Any:
    """Tensors of any backend as arrays, structures kept."""
    return map_leaves(plain, part) if is_structure(part) else plain(part)
