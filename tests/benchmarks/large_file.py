"""One event file of 50 MB: what `tb-diagnose LOGDIR` takes, beside TensorBoard's own ways to read it, in one run.

    python tests/benchmarks/large_file.py [MEGABYTES] [ROUNDS]

Of a log as a `SummaryWriter` writes it and of one of `keras.callbacks.TensorBoard`: scalars of each batch, histograms
of the weights, images and a graph. Prints the least seconds of some rounds, of the clock and of the processors, and
each as a ratio to `tb-diagnose`. TensorBoard's reader in Python is that of `--load_fast=false`, without TensorFlow;
`--inspect` takes TensorFlow's where it is installed, and says only which tags there are. No test asserts these figures.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import HistogramProto, Summary, SummaryMetadata
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.compat.proto.types_pb2 import DT_FLOAT
from tensorboard.summary.writer.record_writer import RecordWriter
from tensorboard.util.tensor_util import make_tensor_proto

SCALARS = ("loss", "accuracy", "learning_rate", "gradient_norm", "samples_per_second")
BATCHES = 500
"""An epoch."""
LAYERS = 6
BINS = 500
IMAGES = 4
IMAGE_BYTES = 40_000
GRAPH_BYTES = 2_000_000
END = "end"
"""The last scalar."""
PYTHON_READER = """
import sys, types
sys.modules["tensorboard.compat.notf"] = types.ModuleType("tensorboard.compat.notf")
from tensorboard import context
from tensorboard.backend.event_processing.data_provider import MultiplexerDataProvider
from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
multiplexer = EventMultiplexer(size_guidance={"tensors": 0}).AddRunsFromDirectory(sys.argv[1]).Reload()
MultiplexerDataProvider(multiplexer, "").read_scalars(
    context.RequestContext(), downsample=10**9, experiment_id="", plugin_name="scalars"
)
"""
DATA_SERVER = f"""
import os, sys, time
from tensorboard import context
from tensorboard.data import server_ingester
from tensorboard.util.grpc_util import ChannelCredsType
options = dict(reload_interval=0, channel_creds_type=ChannelCredsType.LOCAL, samples_per_plugin={{"scalars": 0}})
binary, ctx = server_ingester.get_server_binary(), context.RequestContext()
ingester = server_ingester.SubprocessServerDataIngester(binary, sys.argv[1], **options)
ingester.start()
provider, scalars = ingester.data_provider, dict(experiment_id="", plugin_name="scalars")
while {END!r} not in provider.list_scalars(ctx, **scalars).get(".", ()):
    time.sleep(0.02)
provider.read_scalars(ctx, downsample=10**9, **scalars)
ingester._stdin_handle.close()  # ends the server
os.wait()
"""


def summaries(keras: bool) -> Iterator[tuple[int, Summary]]:
    """Steps and summaries without an end: each value is an event of its own, as both libraries write them."""
    generator = np.random.default_rng(0)
    described: set[str] = set()

    def tensor(tag: str, plugin: str, content: TensorProto) -> Summary:
        metadata = None if tag in described else SummaryMetadata(plugin_data={"plugin_name": plugin})
        described.add(tag)
        return Summary(value=[Summary.Value(tag=tag, tensor=content, metadata=metadata)])

    def scalar(tag: str, number: float) -> Summary:
        if keras:  # as TensorFlow writes a number
            return tensor(tag, "scalars", TensorProto(dtype=DT_FLOAT, tensor_content=np.float32(number).tobytes()))
        return Summary(value=[Summary.Value(tag=tag, simple_value=number)])

    def histogram(tag: str) -> Summary:
        edges = np.sort(generator.normal(size=BINS + 1))
        counts = generator.integers(1, 100, BINS).astype(float)
        if keras:
            return tensor(tag, "histograms", make_tensor_proto(np.stack([edges[:-1], edges[1:], counts], axis=1)))
        proto = HistogramProto(min=edges[0], max=edges[-1], bucket_limit=edges[1:], bucket=counts)
        return Summary(value=[Summary.Value(tag=tag, histo=proto)])

    if keras:
        layers = [
            {"class_name": "Dense", "config": {"name": f"dense_{number}", "units": 4, "activation": "relu"}}
            for number in range(LAYERS)
        ]
        model = {"class_name": "Sequential", "config": {"name": "sequential", "layers": layers}}
        yield 0, tensor("keras", "graph_keras_model", make_tensor_proto([json.dumps(model).encode()]))
    for epoch in range(10**6):
        accuracy = 0.95 - 0.45 * 0.9**epoch
        values = dict.fromkeys(SCALARS, 0.001) | {"accuracy": accuracy, "loss": 1.2 - accuracy}
        for batch in range(epoch * BATCHES, (epoch + 1) * BATCHES):
            for name, number in values.items():
                yield batch, scalar(f"batch_{name}" if keras else f"train/{name}", number)
        step = epoch if keras else (epoch + 1) * BATCHES
        for name in ("loss", "accuracy"):
            yield step, scalar(f"epoch_{name}" if keras else f"val/{name}", values[name])
        for number in range(LAYERS):
            yield step, histogram(f"dense_{number}/kernel/histogram")
        for number in range(IMAGES):
            image = Summary.Image(height=64, width=64, colorspace=3, encoded_image_string=generator.bytes(IMAGE_BYTES))
            yield step, Summary(value=[Summary.Value(tag=f"samples/{number}", image=image)])


def write(folder: Path, size: int, keras: bool) -> None:
    """One event file of so many bytes."""
    folder.mkdir(parents=True)
    with (folder / "events.out.tfevents.1700000000.host.1.0").open("wb") as file:
        writer = RecordWriter(file)

        def event(number: int, **what: object) -> None:
            writer.write(Event(wall_time=1.7e9 + number / 100, **what).SerializeToString())

        event(0, file_version="brain.Event:2")
        event(0, graph_def=bytes(GRAPH_BYTES))
        for number, (step, summary) in enumerate(summaries(keras)):
            event(number, step=step, summary=summary)
            if file.tell() > size:
                event(number, step=step, summary=Summary(value=[Summary.Value(tag=END, simple_value=1)]))
                return


def seconds(command: list[str]) -> tuple[float, float]:
    """What a command takes with all its children: of the clock, and of the processors."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    took, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure(logdir: Path, rounds: int) -> None:
    """Prints what each way of reading takes."""
    python = [sys.executable, "-c"]
    ways = {
        "tb-diagnose LOGDIR": [sys.executable, "-m", "tb_diagnose", str(logdir)],
        "tensorboard --inspect": [sys.executable, "-m", "tensorboard.main", "--inspect", "--logdir", str(logdir)],
        "TensorBoard's data server, and all scalars from it": [*python, DATA_SERVER, str(logdir)],
        "TensorBoard's reader in Python, and all scalars from it": [*python, PYTHON_READER, str(logdir)],
    }
    took = {name: min(seconds(command) for _ in range(rounds)) for name, command in ways.items()}
    own = took["tb-diagnose LOGDIR"]
    for name, (clock, processors) in took.items():
        print(
            f"  {name}: {clock:.2f} s ({clock / own[0]:.1f} x), {processors:.2f} s of the processors "
            f"({processors / own[1]:.1f} x)",
            flush=True,
        )


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    megabytes, rounds = (*given, *(50, 3)[len(given) :])
    with tempfile.TemporaryDirectory() as folder:
        for name, keras in (("a SummaryWriter", False), ("keras.callbacks.TensorBoard", True)):
            logdir = Path(folder) / name / "train"
            write(logdir, megabytes * 10**6, keras)
            print(f"{megabytes} MB as of {name}, on {os.cpu_count()} cores:", flush=True)
            measure(logdir, rounds)
