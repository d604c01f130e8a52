"""Makes a small recording of an event file of tb_diagnose: fewer epochs, each fact once, and without bulky tags.

    python thin.py EVENT_FILE FOLDER LAST_EPOCH

What is kept is kept as it was written, tag names and metadata included: recordings of older schemas cannot be made
anew.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.summary.writer.record_writer import RecordWriter

LEFT_OUT = ("prediction_histogram", "prediction_edges", "saturated_fraction")
"""Series that take much room, and whose names never changed."""
MODEL = "diagnosis/fact/model"
EPOCH = "diagnosis/epoch"


def thinned(events: list[Event], last_epoch: int) -> list[Event]:
    """The events of the first epochs."""
    latest = {value.tag: value for event in events for value in event.summary.value if "/fact/" in value.tag}
    kept, written = [], set()
    for event in events:
        epochs = [value.tensor.float_val[0] for value in event.summary.value if value.tag == EPOCH]
        if epochs and epochs[0] > last_epoch:
            break
        small = Event.FromString(event.SerializeToString())
        del small.summary.value[:]
        for value in event.summary.value:
            name = value.tag.rpartition("/")[2]
            if name in LEFT_OUT or value.tag == MODEL or value.tag in written:
                continue
            copy = small.summary.value.add()
            copy.CopyFrom(value)
            if "/fact/" in value.tag:  # a fact that was written again counts as it was in the end
                written.add(value.tag)
                copy.tensor.CopyFrom(latest[value.tag].tensor)
        if small.summary.value or event.WhichOneof("what") != "summary":
            kept.append(small)
    return kept


def main(source: str, folder: str, last_epoch: str) -> None:
    events = [Event.FromString(record) for record in RawEventFileLoader(source).Load()]
    target = Path(folder) / Path(source).name
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        records = RecordWriter(file)
        for event in thinned(events, int(last_epoch)):
            records.write(event.SerializeToString())


if __name__ == "__main__":
    main(*sys.argv[1:])
