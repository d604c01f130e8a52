"""Runs that no program of ours has written: event files, tensors and facts changed at random, and all that reads them.

`through_everything` reads and judges a logdir, and reports it by one of the ways that there are. Nothing may be raised
on any of them.
"""

from __future__ import annotations

import copy
import json
import struct
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any
from xml.etree import ElementTree

import google_crc32c
import numpy as np
import recorded
from conftest import epoch_of, facts_of
from hypothesis import strategies as st
from places import RECORDINGS
from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.util.tensor_util import make_tensor_proto
from test_schema import Routes, check

from tb_diagnose import api
from tb_diagnose.cli import rendering
from tb_diagnose.event_file import EPOCH_TAG, FACT_TAG, METRIC_TAG, PLUGIN, SCHEMA, SCHEMA_TAG, SERIES_TAG
from tb_diagnose.evidence import FACTS, SERIES
from tb_diagnose.reader import logdir
from tb_diagnose.records import records
from tb_diagnose.report import junit

EPOCHS = 4
"""Epochs of each run: a few, so that many runs can be tried."""
FORMS = ("text", "full", "json", "markdown", "line")
ODD_NUMBERS = (0, 1, -1, 2, 0.5, -0.5, 1e-300, 1e300, -1e300, 2**31, 2**63, 10**400, float("nan"), float("inf"), True)
ODD_TEXTS = ("", "adam", "relu", "\0", "\x1b[2J", "<script>", "\u202e", "\ud800", "../..", "%s {0} {{}}", "a" * 10_000)
ODD_VALUES = (None, [], {}, [None], [[]], [{}], {"": None}, [1, "a", None], *ODD_NUMBERS, *ODD_TEXTS)
ODD_STEPS = (0, 1, 2, 5, -1, 2**31, 2**62, -(2**63), 2**63 - 1)
ODD_SIZES = (0, 1, 2, 3, 7, -1, 2**20, 2**31, 2**40, 2**62)

Run = tuple[dict[str, Any], list[tuple[dict[str, Any], dict[str, float]]]]


@lru_cache(maxsize=1)
def runs() -> list[Run]:
    """What runs of all kinds say: facts, and series and metrics of a few epochs."""
    made = [
        (facts_of(name), [epoch_of(n, name == "sigmoid") for n in range(1, EPOCHS)]) for name in ("relu", "sigmoid")
    ]
    by_setup = {job.setup: job for job in (*recorded.shown(), *recorded.twins())}
    for job in by_setup.values():
        evidence = recorded.load(job).evidence
        some = range(min(EPOCHS, len(evidence.epochs)))
        rows = [
            ({k: v[i] for k, v in evidence.series.items()}, {k: float(v[i]) for k, v in evidence.metrics.items()})
            for i in some
        ]
        made.append((dict(evidence.facts), rows))
    return made


@lru_cache(maxsize=1)
def files() -> list[list[bytes]]:
    """The records of what other programs and earlier versions wrote, where a file is small."""
    small = [path for path in sorted(RECORDINGS.rglob("*tfevents*")) if path.stat().st_size < 20_000]
    return [list(records(str(path))) for path in small]


@lru_cache(maxsize=1)
def written() -> list[list[bytes]]:
    """The same as records, each run with its metadata as `EventFile` writes it."""
    return [[*head(facts), *epochs(rows)] for facts, rows in runs()]


def head(facts: dict[str, Any]) -> list[bytes]:
    """What stands before the first epoch."""
    version = Event(wall_time=1.7e9, file_version="brain.Event:2")
    start = Event(wall_time=1.7e9, step=0, session_log=SessionLog(status=SessionLog.START))
    texts = {name: json.dumps(value) for name, value in {"run_start": 0, **facts}.items()}
    tensors = {FACT_TAG + name: np.array(text.encode(), object) for name, text in texts.items()}
    told = event(0, {SCHEMA_TAG: np.float32(SCHEMA), **tensors})
    return [each.SerializeToString() for each in (version, start, told)]


def epochs(rows: list[tuple[dict[str, Any], dict[str, float]]]) -> list[bytes]:
    """What is written at the end of each epoch."""
    made = []
    for number, (series, metrics) in enumerate(rows, 1):
        values = {SERIES_TAG + name: np.asarray(array, np.float32) for name, array in series.items()}
        values |= {METRIC_TAG + name: np.float32(value) for name, value in metrics.items()}
        made.append(event(number, {EPOCH_TAG: np.float32(number), **values}).SerializeToString())
    return made


def event(step: int, values: dict[str, Any]) -> Event:
    """One event with a tensor for each tag."""
    made = Event(wall_time=1.7e9 + 60 * step, step=step)
    for tag, value in values.items():
        entry = made.summary.value.add(tag=tag, tensor=make_tensor_proto(value))
        entry.metadata.data_class = 2
        entry.metadata.plugin_data.plugin_name = PLUGIN
        entry.metadata.plugin_data.content = json.dumps({"schema": SCHEMA}).encode()
    return made


def framed(contents: Iterable[bytes]) -> bytes:
    """Records as a file holds them, each with the checksum that fits."""

    def whole() -> Iterator[bytes]:
        for content in contents:
            length = struct.pack("<Q", len(content))
            yield length + checksum(length) + content + checksum(content)

    return b"".join(whole())


def checksum(data: bytes) -> bytes:
    """The checksum of a record as a file holds it."""
    crc = google_crc32c.value(data)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


# What is changed: each takes a source of random choices and gives the bytes of a file.


def _changed_bytes(chance: Random, content: bytes) -> bytes:
    """A few bytes are other ones, are gone, or are there twice."""
    data = bytearray(content)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(4):
            case 0 if at < len(data):
                data[at] = chance.randrange(256)
            case 1:
                del data[at : at + chance.randint(1, 20)]
            case 2:
                data[at:at] = data[at : at + chance.randint(1, 20)]
            case _:
                del data[at:]
    return bytes(data)


def raw_file(chance: Random) -> bytes:
    """A file in which bytes have changed, checksums not."""
    return _changed_bytes(chance, framed(chance.choice(files())))


def changed_records(chance: Random) -> bytes:
    """Records of which the bytes have changed, with checksums that fit; some are lost, or in another order."""
    own = chance.random() < 0.5
    whole = list(chance.choice(written() if own else files()))
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(whole))
        match chance.randrange(6):
            case 0:
                del whole[at]
            case 1:
                whole.insert(chance.randrange(len(whole)), whole[at])
            case _:
                whole[at] = _changed_bytes(chance, whole[at])
        if not whole:
            break
    return framed(whole)


def changed_tensors(chance: Random) -> bytes:
    """Events whose tags, steps, times, shapes, types and contents are other ones."""
    made = [Event.FromString(record) for record in chance.choice(written() if chance.random() < 0.7 else files())]
    for _ in range(chance.randint(1, 4)):
        event = chance.choice(made)
        match chance.randrange(10):
            case 0:
                event.step = chance.choice(ODD_STEPS)
            case 1:
                event.wall_time = chance.choice((0.0, -1e300, 1e300, float("nan"), float("inf"), 1.7e9))
            case _ if event.summary.value:
                _change_value(chance, chance.choice(event.summary.value))
            case _:
                event.session_log.status = chance.randrange(5)
    return framed(event.SerializeToString() for event in made)


def _change_value(chance: Random, value: Summary.Value) -> None:
    match chance.randrange(7):
        case 0:
            value.tag = chance.choice(_tags())
        case 1:
            value.metadata.plugin_data.plugin_name = chance.choice(
                ("diagnosis", "scalars", "histograms", "hparams", "")
            )
        case 2:
            value.metadata.plugin_data.content = chance.choice(
                (b"", b"{", b'{"schema": 1e999}', b"\xff", b'{"schema": []}')
            )
        case 3:
            value.metadata.data_class = chance.randrange(5)
        case 4:
            value.simple_value = chance.choice((0.0, -1.0, 1e38, float("nan"), float("inf")))
        case 5:
            numbers = chance.choices((0.0, 1.0, -1.0, 1e4, float("nan"), float("inf")), k=chance.randrange(7))
            shape = chance.choice(((-1,), (1, -1), (-1, 1), (1, 1, -1)))
            array = np.array(numbers, chance.choice(("<f4", "<f8", "<f2"))).reshape(shape)
            value.tensor.CopyFrom(make_tensor_proto(array))
        case _:
            _change_tensor(chance, value.tensor)


def _change_tensor(chance: Random, tensor: Any) -> None:
    match chance.randrange(5):
        case 0:
            tensor.dtype = chance.randrange(24)
        case 1:
            del tensor.tensor_shape.dim[:]
            for _ in range(chance.randrange(5)):
                tensor.tensor_shape.dim.add(size=chance.choice(ODD_SIZES))
        case 2:
            tensor.tensor_content = _changed_bytes(chance, tensor.tensor_content)
        case 3:
            del tensor.string_val[:]
            texts = (b"", b"0", b"1e999", b"[]", b"{}", b"\xff", b"null", b"[" * 100_000)
            tensor.string_val.extend(chance.choices(texts, k=chance.randrange(3)))
        case _:
            tensor.tensor_content = b""
            tensor.float_val.extend(chance.choices((0.0, 1.0, float("nan")), k=chance.randrange(3)))


@lru_cache(maxsize=1)
def _tags() -> list[str]:
    """Tags with a meaning, and some without."""
    own = [SERIES_TAG + name for name in SERIES] + [FACT_TAG + name for name in FACTS]
    others = [
        EPOCH_TAG,
        SCHEMA_TAG,
        METRIC_TAG,
        METRIC_TAG + "val_accuracy",
        "loss",
        "epoch_loss",
        "val_acc",
        "train/f1",
    ]
    return [*own, *others, *(text for text in ODD_TEXTS if text.isascii() or text == "\u202e")]


def changed_facts(chance: Random) -> bytes:
    """Facts and series of which some values are others: of another type, of another size, missing."""
    which = chance.randrange(len(runs()))
    facts, rows = runs()[which]
    facts = copy.deepcopy(facts)
    changed: dict[str, Any] = {}
    for _ in range(chance.randint(1, 4)):
        if chance.random() < 0.7:
            if chance.random() < 0.3:
                facts[chance.choice(sorted(FACTS))] = copy.deepcopy(chance.choice(ODD_VALUES))
            else:
                _change_within(chance, facts)
        else:
            name = chance.choice(sorted(SERIES))
            changed[name] = _odd_array(chance, rows[0][0].get(name, 0.0))
    if not changed:
        return framed([*head(facts), *written()[which][3:]])
    since = chance.randrange(len(rows))
    rows = [(series | changed if at >= since else series, metrics) for at, (series, metrics) in enumerate(rows)]
    return framed([*head(facts), *epochs(rows)])


def _change_within(chance: Random, value: Any) -> None:
    """Changes one value somewhere inside of lists and dictionaries."""
    while True:
        keys = sorted(value) if isinstance(value, dict) else list(range(len(value)))
        if not keys:
            return
        key = chance.choice(keys)
        inner = value[key]
        if isinstance(inner, (dict, list)) and inner and chance.random() < 0.75:
            value = inner
            continue
        match chance.randrange(4):
            case 0:
                del value[key]
            case 1 if isinstance(inner, list) and inner:
                value[key] = inner * chance.randint(0, 3)
            case _:
                value[key] = copy.deepcopy(chance.choice(ODD_VALUES))
        return


def _odd_array(chance: Random, array: Any) -> np.ndarray:
    array = np.array(array, float)
    match chance.randrange(4):
        case 0:
            return np.full(array.shape, chance.choice((np.nan, np.inf, -np.inf, 0.0, -1.0, 1e30)))
        case 1:
            return np.array(chance.choices((0.0, 0.5, np.nan, 1e30), k=chance.randrange(9)))
        case 2:
            return array * chance.choice((-1.0, 1e10, 1e-30))
        case _:
            return np.atleast_1d(array)[None]


KINDS: dict[str, Callable[[Random], bytes]] = {
    "raw_file": raw_file,
    "changed_records": changed_records,
    "changed_tensors": changed_tensors,
    "changed_facts": changed_facts,
}


def chances() -> st.SearchStrategy[Random]:
    """Where random choices come from."""
    return st.randoms(use_true_random=True)


def write(root: Path, content: bytes, part: str = "run/diagnosis") -> Path:
    """Puts a file where a run is looked for."""
    folder = root / part
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "events.out.tfevents.1700000000.host"
    path.write_bytes(content)
    return path


def through_everything(root: Path, chance: Random) -> list[str]:
    """Reads and judges all runs of a logdir, and reports them by one way that the command line has, or by one route.

    Returns:
        The status of each run.
    """
    if chance.random() < 0.5:
        return through_a_report(root, chance)
    return through_a_route(root, chance)


def through_a_report(root: Path, chance: Random) -> list[str]:
    """The command line's way."""
    statuses = []
    form = chance.choice(FORMS)
    for folder in logdir.folders(str(root))[0]:
        rendered = rendering.render(api.look(folder), str(root), form, 80, form == "text", with_html=form == "line")
        statuses += [run.status for run in rendered.runs]
        if form == "full":
            cases = [junit.Case(run.logdir, run.run, run.status, run.headline, run.rendered) for run in rendered.runs]
            junit.write(str(root / "report.xml"), cases, ("stalled",))
            ElementTree.parse(root / "report.xml")
        for run in rendered.runs:
            if form == "json":
                check(json.loads(run.rendered, parse_constant=_no_json), "Report")
            if run.part is not None:
                json.loads(run.part.data, parse_constant=_no_json)
    return statuses


def through_a_route(root: Path, chance: Random) -> list[str]:
    """The tab's way: the list, which judges, and one more route about each run."""
    routes = Routes(root)
    names = routes.names()
    for name in names[:3]:
        match chance.randrange(6):
            case 0:
                check(routes.json("diagnosis", run=name), "Diagnosis")
            case 1:
                check(routes.json("compare", run=name, other=chance.choice(names)), "Comparison")
            case 2:
                check(routes.json("sweep"), "Sweep")
            case 3:
                index = routes.json("evidence", run=name)
                check(index, "Evidence")
                for series in list(index["series"])[:3]:
                    assert routes.get("series", run=name, name=series).status_code == 200
            case n:
                form = ("html", "markdown")[n - 4]
                assert routes.get("export", run=name, form=form).status_code == 200
    rows = routes.json("runs")
    check(rows, "RunList")
    return [row["status"] for row in rows["runs"]]


def _no_json(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")
