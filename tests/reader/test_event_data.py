"""What is read of event files is what TensorBoard's own reader reads, of whole files, cut ones and damaged ones."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from places import RECORDINGS
from tensorboard import context
from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import HistogramProto, Summary, SummaryMetadata
from tensorboard.compat.proto.types_pb2 import DT_RESOURCE
from tensorboard.data.provider import RunTagFilter
from tensorboard.summary.writer.record_writer import RecordWriter
from tensorboard.util.tensor_util import make_tensor_proto

from tb_diagnose.event_data import EventData
from tb_diagnose.reader import logdir

CTX = context.RequestContext()
TENSORS = ("diagnosis", "hparams", "histograms")
FILES = sorted(path.relative_to(RECORDINGS) for path in RECORDINGS.rglob("*tfevents*"))
EVERY = {"ctx": CTX, "experiment_id": "", "downsample": 10**9}


def reference(folders):
    """TensorBoard's reader in Python, which checks every checksum, and keeps all that it reads."""
    from tensorboard.backend.event_processing import data_provider, plugin_event_multiplexer

    logdir.read_plainly()
    multiplexer = plugin_event_multiplexer.EventMultiplexer(
        size_guidance={"tensors": 0}, tensor_size_guidance={"graph_keras_model": 1}
    )
    for run, path in folders.items():
        multiplexer.AddRun(str(path), run)
    multiplexer.Reload()
    return data_provider.MultiplexerDataProvider(multiplexer, "")


def everything(provider):
    """All that a data provider says, in a form that can be compared."""

    def of_each(by_run, take):
        return {run: {tag: take(one) for tag, one in tags.items()} for run, tags in by_run.items()}

    def listed(plugin, form):
        series = getattr(provider, f"list_{form}")(CTX, experiment_id="", plugin_name=plugin)
        return of_each(series, lambda one: (one.max_step, one.max_wall_time, one.plugin_content))

    found = {
        "scalars": of_each(
            provider.read_scalars(plugin_name="scalars", **EVERY),
            lambda data: [(d.step, d.wall_time, d.value) for d in data],
        ),
        "listed scalars": listed("scalars", "scalars"),
    }
    for plugin in TENSORS:
        found[f"listed {plugin}"] = listed(plugin, "tensors")
        if plugin != "hparams":  # they have no values, which TensorBoard fills with a tensor of its own
            found[plugin] = of_each(
                provider.read_tensors(plugin_name=plugin, **EVERY),
                lambda data: [(d.step, d.wall_time, d.numpy.dtype.kind, d.numpy) for d in data],
            )
    blobs = provider.read_blob_sequences(**{**EVERY, "downsample": 1}, plugin_name="graph_keras_model")
    found["models"] = of_each(
        blobs,
        lambda data: [(d.step, d.wall_time, provider.read_blob(CTX, blob_key=d.values[0].blob_key)) for d in data],
    )
    return found


def assert_same(folders):
    np.testing.assert_equal(
        everything(EventData({run: str(path) for run, path in folders.items()})), everything(reference(folders))
    )


@pytest.mark.parametrize("path", sorted({path.parent for path in FILES}), ids=str)
def test_what_other_libraries_wrote(path):
    assert_same({"run": RECORDINGS / path})


@pytest.mark.parametrize("path", FILES, ids=str)
def test_cut_and_damaged_files(path, tmp_path):
    content = (RECORDINGS / path).read_bytes()
    generator = np.random.default_rng(0)
    folders = {}
    for kind in ("cut", "damaged"):
        for position in generator.integers(0, len(content), 12):
            changed = bytearray(content[:position] if kind == "cut" else content)
            if kind == "damaged":
                changed[position] ^= 1 << generator.integers(8)
            folders[f"{kind}{position}"] = tmp_path / f"{kind}{position}"
            folders[f"{kind}{position}"].mkdir()
            (folders[f"{kind}{position}"] / path.name).write_bytes(changed)
    assert_same(folders)
    data = EventData({run: str(folder) for run, folder in folders.items()})
    # A bit that is turned is always found, and a file that is cut is one that is being written.
    assert len(data.damaged) == len([run for run in folders if run.startswith("damaged")])
    assert not data.unreadable and all("damaged" in sentence for sentence in data.damaged)


def values(generator, described):
    """Values of one event: of every form that a scalar has, and of what is passed over."""
    for _ in range(generator.integers(1, 4)):
        number = float(generator.normal())
        kind = generator.choice(
            ["simple", "float", "double", "half", "int", "one of one", "histogram", "text", "image", "old histogram"]
        )
        tag = f"{kind}/{generator.integers(2)}/µ"
        metadata = SummaryMetadata(
            plugin_data={"plugin_name": {"histogram": "histograms", "text": "text"}.get(kind, "scalars")}
        )
        metadata = None if tag in described else metadata
        if kind == "simple":
            yield Summary.Value(tag=tag, simple_value=generator.choice([number, np.nan, np.inf]))
            continue
        if kind == "image":
            yield Summary.Value(tag=tag, image=Summary.Image(encoded_image_string=b"\x00" * 100))
            continue
        if kind == "old histogram":
            yield Summary.Value(tag=tag, histo=HistogramProto(min=0, max=1, bucket=[1, 2], bucket_limit=[0, 1]))
            continue
        described.add(tag)
        array = {
            "float": np.float32(number),
            "double": np.float64(number),
            "half": np.float16(number),
            "int": np.int64(number * 100),
            "one of one": np.array([number], np.float32),
            "histogram": generator.normal(size=(3, 3)),
            "text": np.array(b"text", object),
        }[kind]
        yield Summary.Value(tag=tag, tensor=make_tensor_proto(array), metadata=metadata)


def write(path, events):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        writer = RecordWriter(file)
        for number, event in enumerate(events):
            event.wall_time = 1.7e9 + number
            writer.write(event if isinstance(event, bytes) else event.SerializeToString())


@pytest.mark.parametrize("seed", range(20))
def test_files_of_every_form(seed, tmp_path):
    generator = np.random.default_rng(seed)
    for file in range(generator.integers(1, 4)):
        described = set()  # each writer describes its tags anew
        events = [Event(file_version="brain.Event:2")]
        start = int(generator.integers(0, 20))
        if generator.random() < 0.5:
            events.append(Event(step=start, session_log=SessionLog(status=SessionLog.START)))
        for step in range(start, start + int(generator.integers(0, 30))):
            events.append(Event(step=step, summary=Summary(value=list(values(generator, described)))))
            if generator.random() < 0.1:
                events.append(Event(step=step, graph_def=b"graph"))
        write(tmp_path / f"events.out.tfevents.{file:010}.host", events)
    write(tmp_path / "events.out.tfevents.9999999999.host.profile-empty", steps(1))  # TensorBoard reads none such
    own, theirs = everything(EventData({".": str(tmp_path)})), everything(reference({".": tmp_path}))
    for name in ("histograms", "listed histograms"):
        old = {tag for tag in theirs[name].get(".", {}) if tag.startswith("old")}
        theirs[name] = {
            run: rest
            for run, tags in theirs[name].items()
            if (rest := {tag: one for tag, one in tags.items() if tag not in old})
        }
    np.testing.assert_equal(own, theirs)


def steps(*numbers):
    return [Event(step=step, summary=Summary(value=[Summary.Value(tag="loss", simple_value=step)])) for step in numbers]


def read(folder, **asked):
    data = EventData({"run": str(folder)})
    return data, data.read_scalars(plugin_name="scalars", **(EVERY | asked)).get("run", {})


def test_a_second_run_overwrites_nothing(tmp_path):
    """Without a version in the file, as some writers leave it out, TensorBoard would drop the first one."""
    write(tmp_path / "events.out.tfevents.1", steps(0, 1, 2, 3))
    write(tmp_path / "events.out.tfevents.2", steps(0, 1))
    _, scalars = read(tmp_path)
    assert scalars["loss"].steps.tolist() == [0, 1, 2, 3, 0, 1]


def test_what_is_no_event_ends_its_file_alone(tmp_path):
    write(tmp_path / "events.out.tfevents.1", [*steps(0, 1), *steps(2)])
    with (tmp_path / "events.out.tfevents.1").open("ab") as file:
        RecordWriter(file).write(b"\xff\xff\xff")
    write(tmp_path / "events.out.tfevents.2", steps(3))
    data, scalars = read(tmp_path)
    assert scalars["loss"].steps.tolist() == [0, 1, 2, 3]
    (sentence,) = data.damaged
    assert sentence.startswith(str(tmp_path / "events.out.tfevents.1"))


def test_what_cannot_be_read_is_a_sentence(tmp_path):
    (tmp_path / "events.out.tfevents.1").mkdir()
    write(tmp_path / "events.out.tfevents.2", steps(3))
    data, scalars = read(tmp_path)
    assert scalars["loss"].steps.tolist() == [3]
    (sentence,) = data.unreadable
    assert sentence == f"{tmp_path / 'events.out.tfevents.1'} could not be read (Is a directory)."
    assert read(tmp_path / "nowhere")[1] == {}


def test_a_scalar_of_a_type_that_no_array_has_is_passed_over(tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    odd = Summary.Value(tag="odd", metadata=SummaryMetadata(plugin_data={"plugin_name": "scalars"}))
    odd.tensor.dtype = DT_RESOURCE
    write(folder / "events.out.tfevents.1", [Event(summary=Summary(value=[odd])), *steps(1)])
    data, scalars = read(folder)
    assert scalars["loss"].steps.tolist() == [1] and not len(scalars["odd"].steps)
    assert data.damaged == data.unreadable == []


def test_a_file_that_grows_only_ever_gains(tmp_path):
    write(tmp_path / "whole", steps(*range(20)))
    content = (tmp_path / "whole").read_bytes()
    seen = []
    for size in range(0, len(content) + 1, 7):
        (tmp_path / "run").mkdir(exist_ok=True)
        (tmp_path / "run" / "events.out.tfevents.1").write_bytes(content[:size])
        data, scalars = read(tmp_path / "run")
        now = scalars["loss"].steps.tolist() if scalars else []
        assert now[: len(seen)] == seen and data.damaged == data.unreadable == []
        seen = now
    assert len(seen) >= 19


def test_only_what_is_asked_for(tmp_path):
    shutil.copytree(RECORDINGS / "keras3_stalled", tmp_path / "logs")
    data = EventData({part: str(tmp_path / "logs" / part) for part in ("train", "validation")})
    asked = EVERY | {"plugin_name": "scalars"}
    some = data.read_scalars(run_tag_filter=RunTagFilter(runs=["train"], tags=["epoch_loss"]), **asked)
    assert {run: list(tags) for run, tags in some.items()} == {"train": ["epoch_loss"]}
    assert data.read_scalars(run_tag_filter=RunTagFilter(runs=["nowhere"]), **asked) == {}
    few, whole = (data.read_scalars(**asked | {"downsample": most})["train"]["epoch_loss"] for most in (3, 10**9))
    assert few.steps.tolist() == [0, 3, 7] and [datum.step for datum in few] == [0, 3, 7]
    assert whole.steps.tolist() == list(range(8))
