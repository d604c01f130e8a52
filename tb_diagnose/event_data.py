"""What is in the event files of some folders, by the interface of a TensorBoard data provider, without a TensorBoard.

Every value that a diagnosis may need is kept, as often as it was written. TensorBoard thins long series, and its fast
data server drops what a restarted count of steps overwrites. Images, sounds, texts and graphs are passed over, and so
are the histograms of other libraries than Keras, which nothing here can read.
"""

from __future__ import annotations

import json
import struct
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from google.protobuf.message import DecodeError
from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import DATA_CLASS_BLOB_SEQUENCE, DATA_CLASS_SCALAR, DATA_CLASS_TENSOR
from tensorboard.compat.proto.types_pb2 import DT_DOUBLE, DT_FLOAT, DT_STRING, DT_UINT16
from tensorboard.data import provider

from tb_diagnose import storage
from tb_diagnose.records import DamagedError, records

SCALARS = "scalars"
PLUGINS = {
    SCALARS: DATA_CLASS_SCALAR,
    "diagnosis": DATA_CLASS_TENSOR,
    "hparams": DATA_CLASS_TENSOR,
    "histograms": DATA_CLASS_TENSOR,
    "graph_keras_model": DATA_CLASS_BLOB_SEQUENCE,
}
"""Plugins of which values are kept, with the class of their data, which files of Keras do not say."""
EMPTY = ".profile-empty"
"""End of the name of an event file that only tells TensorBoard's profiler that there is something to show."""
FLOAT = struct.Struct("<f")
MOST_REPEATED = 10_000
"""Values of a tensor that are not written one by one: one may stand for a whole shape, which anybody can make up."""
FORMS = {DT_FLOAT: "<f4", DT_DOUBLE: "<f8", DT_UINT16: "<u2"}


@dataclass(frozen=True, eq=False)
class Scalars:
    """One scalar in the order of writing: as columns, and point by point as of a data provider.

    Args:
        steps: TensorBoard steps, shape `(point,)`.
        wall_times: Wall times in s.
        values: Values.
    """

    steps: np.ndarray
    wall_times: np.ndarray
    values: np.ndarray

    def __iter__(self) -> Iterator[Any]:
        columns = (self.steps.tolist(), self.wall_times.tolist(), self.values.tolist())
        return map(provider.ScalarDatum, *columns)


class EventData:
    """Reads the event files in some folders, once.

    Args:
        folders: Paths by the name of the TensorBoard run that each is.

    Attributes:
        damaged: Files of which the end was not read, because a record does not fit its checksum; a sentence each.
        unreadable: What could not be read at all, a sentence each.
    """

    def __init__(self, folders: Mapping[str, str]) -> None:
        self.damaged: list[str] = []
        self.unreadable: list[str] = []
        self._runs = {run: self._read(folder) for run, folder in folders.items()}

    # What the readers ask of a data provider:

    def list_scalars(self, ctx: Any = None, **asked: Any) -> dict[str, dict[str, Any]]:
        return self._asked(DATA_CLASS_SCALAR, lambda _, series: series.listed(provider.ScalarTimeSeries), **asked)

    def list_tensors(self, ctx: Any = None, **asked: Any) -> dict[str, dict[str, Any]]:
        return self._asked(DATA_CLASS_TENSOR, lambda _, series: series.listed(provider.TensorTimeSeries), **asked)

    def read_scalars(self, ctx: Any = None, *, downsample: int, **asked: Any) -> dict[str, dict[str, Scalars]]:
        return self._asked(DATA_CLASS_SCALAR, lambda _, series: series.scalars(downsample), **asked)

    def read_tensors(self, ctx: Any = None, *, downsample: int, **asked: Any) -> dict[str, dict[str, list[Any]]]:
        return self._asked(DATA_CLASS_TENSOR, lambda _, series: series.tensors(downsample), **asked)

    def read_blob_sequences(self, ctx: Any = None, *, downsample: int, **asked: Any) -> dict[str, dict[str, list[Any]]]:
        return self._asked(DATA_CLASS_BLOB_SEQUENCE, lambda key, series: series.blobs(downsample, key), **asked)

    def read_blob(self, ctx: Any = None, *, blob_key: str) -> bytes:
        run, tag, index = json.loads(blob_key)
        return bytes(self._runs[run][tag].values[index].string_val[0])

    def _asked(
        self,
        data_class: int,
        view: Callable[[tuple[str, str], Any], Any],
        *,
        plugin_name: str,
        experiment_id: str = "",
        run_tag_filter: Any = None,
    ) -> dict[str, dict[str, Any]]:
        """What a view gives of each series of a plugin, by run and tag; there is one experiment only."""
        runs, tags = (None, None) if run_tag_filter is None else (run_tag_filter.runs, run_tag_filter.tags)
        found: dict[str, dict[str, Any]] = {}
        for run, by_tag in self._runs.items():
            if runs is not None and run not in runs:
                continue
            for tag, series in by_tag.items():
                if series is not None and series.kind == (plugin_name, data_class) and (tags is None or tag in tags):
                    found.setdefault(run, {})[tag] = view((run, tag), series)
        return found

    def _read(self, folder: str) -> dict[str, Any]:
        """The series of one folder by tag; None for tags that are passed over."""
        by_tag: dict[str, Any] = {}
        is_begun = False
        parse = Event.FromString
        for path in self._files(folder):
            try:
                for record in records(path):
                    event = parse(record)
                    values = event.summary.value
                    if values:
                        _add(by_tag, event.step, event.wall_time, values)
                    elif event.session_log.status == SessionLog.START:
                        if is_begun:
                            _drop_from(by_tag, event.step)
                        is_begun = True
            except (DamagedError, DecodeError):
                self.damaged.append(f"{path} is damaged: what comes behind the damage was not read.")
            except OSError as error:
                self._complain(path, error)
        return by_tag

    def _files(self, folder: str) -> list[str]:
        """Its event files in the order in which TensorBoard reads them."""
        try:
            names = sorted(storage.names_in(folder))
        except OSError as error:
            self._complain(folder, error)
            return []
        return [storage.join(folder, name) for name in names if "tfevents" in name and not name.endswith(EMPTY)]

    def _complain(self, path: str, error: OSError) -> None:
        self.unreadable.append(f"{path} could not be read ({error.strerror or error}).")


class _Series:
    """The values of one tag in the order of writing.

    Args:
        plugin: The plugin that it belongs to.
        data_class: Class of its data.
        content: What the plugin wrote beside it.
    """

    def __init__(self, plugin: str, data_class: int, content: bytes = b"") -> None:
        self.kind = plugin, data_class
        self.is_scalar = data_class == DATA_CLASS_SCALAR
        self.steps, self.times = array("q"), array("d")
        self.values: list[Any] = []
        self._content = content

    def add(self, step: int, time: float, value: Any) -> None:
        """One more point: a number, or a tensor as it was written."""
        self.steps.append(step)
        self.times.append(time)
        self.values.append(value)

    def keep(self, indices: Sequence[int]) -> None:
        """Drops all other points."""
        self.steps = array("q", [self.steps[index] for index in indices])
        self.times = array("d", [self.times[index] for index in indices])
        self.values = [self.values[index] for index in indices]

    def listed(self, form: Callable[..., Any]) -> Any:
        """What a list of series says of it."""
        return form(
            max_step=max(self.steps, default=None),
            max_wall_time=max(self.times, default=None),
            plugin_content=self._content,
            description="",
            display_name="",
        )

    def scalars(self, most: int) -> Scalars:
        kept = self._thinned(most)
        return Scalars(np.array(self.steps)[kept], np.array(self.times)[kept], np.array(self.values, float)[kept])

    def tensors(self, most: int) -> list[Any]:
        return [
            provider.TensorDatum(self.steps[index], self.times[index], _array(self.values[index]))
            for index in self._thinned(most)
        ]

    def blobs(self, most: int, key: tuple[str, str]) -> list[Any]:
        return [
            provider.BlobSequenceDatum(
                self.steps[index], self.times[index], (provider.BlobReference(json.dumps([*key, int(index)])),)
            )
            for index in self._thinned(most)
        ]

    def _thinned(self, most: int) -> np.ndarray:
        """Indices of at most so many points: all, or some at equal distances, the last one among them."""
        count = len(self.steps)
        return np.arange(count) if count <= most else np.linspace(count - 1, 0, most).astype(int)[::-1]


def _add(by_tag: dict[str, Any], step: int, time: float, values: Any) -> None:
    """Adds the values of an event to the series of their tags."""
    for value in values[:]:  # a copy is quicker to walk through
        tag = value.tag
        if tag not in by_tag:
            by_tag[tag] = _series_of(value)
        series = by_tag[tag]
        if series is None:
            continue
        if not series.is_scalar:
            series.add(step, time, value.tensor)
        elif value.HasField("simple_value"):
            series.add(step, time, value.simple_value)
        else:
            number = _number(value.tensor)
            if number is not None:
                series.add(step, time, number)


def _drop_from(by_tag: dict[str, Any], step: int) -> None:
    """A session that goes on at a step writes anew what comes from there on."""
    for series in by_tag.values():
        if series is not None:
            series.keep([index for index, other in enumerate(series.steps) if other < step])


def _series_of(value: Any) -> _Series | None:
    """An empty series for the tag of its first value; None where it is passed over."""
    if value.HasField("simple_value"):
        return _Series(SCALARS, DATA_CLASS_SCALAR)
    about = value.metadata.plugin_data
    if about.plugin_name not in PLUGINS:
        return None
    return _Series(about.plugin_name, value.metadata.data_class or PLUGINS[about.plugin_name], about.content)


def _number(tensor: Any) -> float | None:
    """The number in a tensor; None where there is none, or more than one."""
    content = tensor.tensor_content
    if len(content) == FLOAT.size and tensor.dtype == DT_FLOAT:
        return FLOAT.unpack(content)[0]  # type: ignore[no-any-return]  # as Keras writes millions of them
    try:
        return float(_array(tensor).item())
    except (TypeError, ValueError):
        return None


def _array(tensor: Any) -> np.ndarray:
    """What is in a tensor. The usual forms are read here: in a tenth of the time, and there is less to import."""
    shape = [dim.size for dim in tensor.tensor_shape.dim]
    if tensor.dtype == DT_STRING:
        return np.array(list(tensor.string_val), object).reshape(shape)
    form = FORMS.get(tensor.dtype)
    if form is not None and tensor.tensor_content:
        return np.frombuffer(tensor.tensor_content, form).reshape(shape)
    if form is not None and len(tensor.float_val) == 1 and not shape:
        return np.array(tensor.float_val[0], form)
    if not 0 <= prod(shape) <= MOST_REPEATED + tensor.ByteSize():
        raise ValueError(f"A tensor says that its shape is {shape}, and holds {tensor.ByteSize():,} bytes.")
    from tensorboard.util.tensor_util import make_ndarray

    try:
        return np.asarray(make_ndarray(tensor))
    except KeyError as error:  # a handle of TensorFlow's own
        raise ValueError(f"A tensor says that its type is {tensor.dtype}, of which no array is.") from error
