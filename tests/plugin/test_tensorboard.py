"""The plugin inside a real TensorBoard, with both of its loaders."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

LOADERS = [pytest.param((), id="fast"), pytest.param(("--load_fast=false",), id="legacy")]
STATIC = "data/plugin/diagnosis/static/"
STALLED = "Accuracy has been stalled at 0.504 since epoch 1"


@pytest.fixture(scope="module", params=LOADERS)
def live(request, tmp_path_factory, tensorboard, written):
    """A TensorBoard that reads its logdir every second: `.server`, `.logdir` and what was `.written` there."""
    logdir = tmp_path_factory.mktemp("logs")
    runs = {
        "stalled": written(logdir, "stalled"),
        "healthy": written(logdir, "healthy", 8, healthy=True),
        "long": written(logdir, "long", 2000),
    }
    with tensorboard(logdir, "--reload_interval", "1", *request.param) as server:
        server.runs(stalled=6, healthy=8, long=2000)
        yield SimpleNamespace(server=server, logdir=logdir, written=runs)


@pytest.fixture(scope="module")
def server(live):
    return live.server


def test_the_tab_is_listed_and_enabled(server):
    entry = server.get("data/plugins_listing").json["diagnosis"]
    assert entry["enabled"] is True
    assert entry["tab_name"] == "Diagnosis"
    assert entry["loading_mechanism"]["module_path"].endswith("/static/index.js")


def test_every_epoch_is_in_the_evidence(server):
    evidence = server.api("evidence", run="long").json
    assert evidence["epochs"] == list(range(1, 2001))
    assert evidence["series"]["gradient_norm"]["shape"] == [2000, 3]
    assert evidence["series"]["gradient_norm"]["labels"] == ["dense", "dense_1", "dense_2"]


@pytest.mark.parametrize("name", ["probe_loss", "accuracy", "gradient_norm", "prediction_histogram"])
def test_series_are_little_endian_float32(live, name):
    expected = live.written["long"].column(name)
    answer = live.server.api("series", run="long", name=name)
    np.testing.assert_array_equal(np.frombuffer(answer.body, "<f4").reshape(expected.shape), expected)


def test_statuses(server):
    rows = server.runs()
    assert (rows["stalled"]["status"], rows["stalled"]["since"], rows["stalled"]["until"]) == ("stalled", 1, 6)
    assert rows["stalled"]["cause"]["id"] == "output_activation"
    assert (rows["healthy"]["status"], rows["healthy"]["cause"]) == ("reached", None)


def test_diagnosis_names_the_cause(server):
    report = server.api("diagnosis", run="stalled").json
    assert [cause["id"] for cause in report["probable_causes"]] == ["output_activation"]
    assert "relu" in report["probable_causes"][0]["saw"]
    assert report["curve"]["epochs"] == [1, 2, 3, 4, 5, 6]


def test_rows_are_judged_when_they_are_asked_for(server):
    answer = server.api("rows", name=["healthy", "nowhere"]).json["rows"]
    assert [row["status"] for row in answer["healthy"]] == ["reached"] and answer["nowhere"] == []
    listed = {row["run"]: row for row in server.api("runs").json["runs"]}
    assert listed["healthy"] == answer["healthy"][0]


def test_a_sweep_is_of_what_was_judged(server):
    names = [row["run"] for row in server.api("runs").json["runs"]]
    server.api("rows", name=names)
    answer = server.api("sweep").json
    assert answer["judged"] == len(names)
    assert sorted(run["run"] for run in answer["runs"]) == sorted(names)


def test_two_runs_are_compared(server):
    answer = server.api("compare", run="stalled", other="healthy").json
    assert {"name": "output.activation", "values": ["relu", "sigmoid"]} in answer["differences"]
    assert {"name", "since", "values"} == set(answer["partings"][0])
    assert server.api("compare", run="stalled", other="nowhere").status == 404
    assert server.api("compare", run="stalled").status == 400


def test_a_report_is_taken_away(server):
    page = server.api("export", run="stalled", form="html")
    assert page.headers["content-disposition"] == 'attachment; filename="diagnosis-stalled.html"'
    assert page.headers["content-type"].startswith("text/html") and STALLED in page.text
    text = server.api("export", run="stalled", form="markdown")
    assert text.headers["content-type"].startswith("text/plain") and text.text.startswith("## stalled: stalled\n")
    wrong = server.api("export", run="stalled", form="pdf")
    assert wrong.status == 400 and "'html' or 'markdown'" in wrong.text and "'pdf'" in wrong.text
    assert server.api("export", run="stalled").status == 400
    assert server.api("export", run="nowhere", form="html").status == 404


@pytest.mark.parametrize("names", [[], ["a"] * 101])
def test_rows_of_no_name_or_of_too_many_are_a_mistake(server, names):
    answer = server.api("rows", name=names)
    assert answer.status == 400 and f"Received: {len(names)}" in answer.text


@pytest.mark.parametrize("route", ["diagnosis", "evidence", "series"])
def test_an_unknown_run_is_not_found(server, route):
    answer = server.api(route, run="nowhere", name="loss")
    assert answer.status == 404
    assert "no run 'nowhere'" in answer.text


def test_an_unknown_series_is_not_found(server):
    answer = server.api("series", run="stalled", name="nonsense")
    assert answer.status == 404
    assert "no series 'nonsense'" in answer.text and "gradient_norm" in answer.text


@pytest.mark.parametrize(
    ("route", "query", "missing"),
    [
        ("diagnosis", {}, "run"),
        ("evidence", {"run": ""}, "run"),
        ("series", {"run": "stalled"}, "name"),
    ],
)
def test_a_missing_argument_is_named(server, route, query, missing):
    answer = server.api(route, **query)
    assert answer.status == 400
    assert f"'{missing}'" in answer.text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "NONSENSE"])
@pytest.mark.parametrize("path", ["api/runs", "api/diagnosis?run=stalled", "static/index.js"])
def test_other_methods_are_refused(server, path, method):
    answer = server.get(f"data/plugin/diagnosis/{path}", method=method)
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")
    assert "GET" in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "../loader.py",
        "%2e%2e/loader.py",
        "..%2floader.py",
        "..%5cloader.py",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "",
        "nothing.js",
    ],
)
def test_static_serves_nothing_but_its_own_files(server, path):
    assert server.get(STATIC + path).status == 404


@pytest.mark.parametrize(
    ("route", "query", "status"),
    [
        ("diagnosis", {"run": "x" * 50_000}, 404),
        ("diagnosis", {"run": "x" * 100_000}, 414),  # Python's own server takes no longer address
        ("diagnosis", {"run": ["stalled", "healthy"]}, 400),
        ("compare", {"run": "stalled", "other": ["healthy"] * 1000}, 400),
        ("rows", {"name": ["stalled"] * 100}, 200),
        ("rows", {"name": ["stalled"] * 101}, 400),
        ("runs", {"run": "ignored"}, 200),
        ("diagnosis", {"run": "../../../etc/passwd"}, 404),
        ("diagnosis", {"run": "\0\r\nSet-Cookie: a=b"}, 404),
    ],
)
def test_odd_arguments(server, route, query, status):
    answer = server.api(route, **query)
    assert answer.status == status and "set-cookie" not in answer.headers


def test_below_a_prefix(tensorboard, tmp_path, written):
    """As behind a reverse proxy that serves several programs: addresses are relative, and nothing is outside."""
    written(tmp_path, "stalled")
    with tensorboard(tmp_path, "--path_prefix", "/one/two") as server:
        server.runs(stalled=6)
        plugin = "data/plugin/diagnosis/"
        assert server.api("diagnosis", run="stalled").json["status"] == "stalled"
        assert server.get(plugin + "static/index.js").status == 200
        assert server.get(plugin + "static/../../../loader.py").status == 404
        assert server.get("../../" + plugin + "api/runs").status == 404
        assert server.get("data/plugins_listing").json["diagnosis"]["enabled"] is True


def test_content_types(server):
    types = {
        STATIC + "index.js": "text/javascript",
        STATIC + "LICENSES.txt": "text/plain",
        "data/plugin/diagnosis/api/runs": "application/json",
        "data/plugin/diagnosis/api/diagnosis?run=stalled": "application/json",
        "data/plugin/diagnosis/api/evidence?run=stalled": "application/json",
        "data/plugin/diagnosis/api/series?run=stalled&name=loss": "application/octet-stream",
        "data/plugin/diagnosis/api/diagnosis?run=nowhere": "text/plain",
    }
    answers = {path: server.get(path) for path in types}
    assert {path: answer.headers["content-type"].partition(";")[0] for path, answer in answers.items()} == types
    assert {answer.headers.get("x-content-type-options") for answer in answers.values()} == {"nosniff"}


def test_a_new_epoch_is_seen(live, written):
    growing = written(live.logdir, "growing", 4)
    live.server.runs(growing=4)
    growing.add_epochs(1)
    live.server.runs(growing=5)
    assert live.server.api("diagnosis", run="growing").json["curve"]["epochs"] == [1, 2, 3, 4, 5]


def test_a_half_written_epoch_is_left_out_until_it_is_whole(live, written, tmp_path):
    original = written(tmp_path, epochs=5)
    five_epochs = original.event_file.stat().st_size
    original.add_epochs(1)
    content = original.event_file.read_bytes()
    half = (five_epochs + len(content)) // 2
    copy = live.logdir / "cut" / "diagnosis" / original.event_file.name
    copy.parent.mkdir(parents=True)
    copy.write_bytes(content[:half])
    assert live.server.runs(cut=5)["cut"]["epochs"] == 5
    with copy.open("ab") as file:
        file.write(content[half:])
    live.server.runs(cut=6)


@pytest.mark.parametrize("flags", LOADERS)
def test_a_logdir_without_runs_answers_in_words(tensorboard, tmp_path, flags):
    from tensorboard.summary import Writer

    with tensorboard(tmp_path, "--reload_interval", "1", *flags) as server:
        empty = server.api("runs").json
        assert empty["runs"] == []
        assert str(tmp_path) in empty["message"]
        assert server.get("data/plugins_listing").json["diagnosis"]["enabled"] is False

        writer = Writer(str(tmp_path / "other"))
        writer.add_scalar("temperature", 20.0, step=0)
        writer.close()
        server.scalars("other")
        other = server.api("runs").json
        assert other["runs"] == [] and "'temperature'" in other["message"]


def test_names_of_ones_own_are_flags_of_tensorboard(tensorboard):
    from test_third_party import RECORDINGS

    with tensorboard(RECORDINGS / "unrecognised", "--diagnosis_accuracy_tag", "reward") as server:
        server.scalars(".")
        assert server.runs(**{".": 5})["."]["headline"].startswith("Accuracy ")


@pytest.mark.parametrize("flags", LOADERS)
def test_what_other_programs_wrote_is_read_alike(tensorboard, flags):
    from test_third_party import EXPECTED, RECORDINGS

    with tensorboard(RECORDINGS, *flags) as server:
        server.scalars("torch_epochs")
        rows = server.runs(**{"torch_epochs": 12, "keras3_stalled": 8, "lightning": 7})
        found = {name: (row["status"], row["cause"] and row["cause"]["id"]) for name, row in rows.items()}
    assert found == EXPECTED


def add_scalars(writer, values, began):
    """Accuracy and loss at steps from 0, by one writer of TensorBoard's own."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary

    for step, accuracy in enumerate(values):
        numbers = {"accuracy": accuracy, "loss": 1.2 - accuracy}
        summary = Summary(value=[Summary.Value(tag=f"epoch_{tag}", simple_value=n) for tag, n in numbers.items()])
        writer.add_event(Event(wall_time=began + 60 * step, step=step, summary=summary))


@pytest.mark.parametrize("flags", LOADERS)
def test_runs_in_one_folder_are_listed_as_on_the_command_line(tensorboard, tmp_path, flags):
    """A longer run and a shorter one over its steps: each with a file of its own, or one file for both."""
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    from tb_diagnose import diagnose

    one_file = EventFileWriter(str(tmp_path / "file" / "train"))
    for number, (epochs, began) in enumerate(((30, 1.6e9), (4, 1.6e9 + 9e4))):
        own_file = EventFileWriter(str(tmp_path / "files" / "train"), filename_suffix=f".{number}")
        for writer in (one_file, own_file):
            add_scalars(writer, np.linspace(0.6, 0.9, epochs), began)
        own_file.close()
    one_file.close()
    with tensorboard(tmp_path, *flags) as server:
        server.scalars("file/train"), server.scalars("files/train")
        rows = server.runs(file=4, files=4)
        report = server.api("diagnosis", run="file (earlier 1)").json
    expected = {found.run: (found.evidence.finished_epochs, found.headline) for found in diagnose(tmp_path)}
    assert {name: (row["epochs"], row["headline"]) for name, row in rows.items()} == expected
    assert {name: epochs for name, (epochs, _) in expected.items()} == {
        "file": 4,
        "file (earlier 1)": 30,
        "files": 4,
        "files (earlier 1)": 30,
    }
    assert len(report["curve"]["epochs"]) == 30


@pytest.mark.parametrize("flags", LOADERS)
def test_files_of_schema_1_have_todays_names(tensorboard, flags):
    from test_third_party import RECORDINGS

    with tensorboard(RECORDINGS / "schema1", *flags) as server:
        server.runs(healthy=6, rounded=6)
        evidence = server.api("evidence", run="healthy").json
        assert {"prediction_std", "predicted_fraction", "activation_std"} <= set(evidence["series"])
        assert {"sample_count", "run_start", "label_counts"} <= set(evidence["facts"])
        assert not {"prediction_spread", "row_count", "training_start"} & {*evidence["series"], *evidence["facts"]}
        assert all("std" in row for row in evidence["facts"]["initial_weights"]["value"] if row is not None)
        values = np.frombuffer(server.api("series", run="healthy", name="activation_std").body, "<f4")
        assert values.size == np.prod(evidence["series"]["activation_std"]["shape"]) and np.isfinite(values).all()
        report = server.api("diagnosis", run="rounded").json
        assert (report["status"], report["probable_causes"][0]["id"]) == ("stalled", "disconnected_gradient")
        assert server.api("diagnosis", run="healthy").json["probable_causes"] == []


@pytest.fixture(scope="module")
def keras_logs(tmp_path_factory):
    """Tiny runs: `stock` with Keras's own TensorBoard callback alone, `both` with ours beside it, `ours` with ours."""
    import keras

    import tb_diagnose

    logdir = tmp_path_factory.mktemp("keras")
    x = np.random.default_rng(0).normal(size=(64, 3)).astype("float32")
    y = (x[:, 0] > 0).astype("float32")
    for name in ("stock", "both", "ours"):
        model = keras.Sequential(
            [keras.Input((3,)), keras.layers.Dense(4, activation="relu"), keras.layers.Dense(1, activation="relu")]
        )
        model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
        callbacks = [] if name == "ours" else [keras.callbacks.TensorBoard(logdir / name)]
        if name != "stock":
            callbacks.append(tb_diagnose.KerasCallback(logdir / name, (x, y), verbose=0))
        model.fit(x, y, epochs=4, verbose=0, validation_data=(x, y), callbacks=callbacks)
    return logdir


@pytest.fixture(scope="module", params=LOADERS)
def keras_server(request, keras_logs, tensorboard):
    with tensorboard(keras_logs, *request.param) as server:
        server.runs(stock=4, both=4, ours=4)
        yield server


@pytest.mark.slow
def test_stock_keras_logs_are_diagnosed(keras_server):
    report = keras_server.api("diagnosis", run="stock").json
    assert report["curve"]["epochs"] == [1, 2, 3, 4]
    assert report["curve"]["validation"] is not None
    found = [*report["probable_causes"], *report["notes"]]
    assert "output_activation" in [finding["id"] for finding in found]
    assert "KerasCallback" in report["advice"]


@pytest.mark.slow
def test_two_callbacks_in_one_folder_are_one_run(keras_server):
    assert sorted(keras_server.runs()) == ["both", "ours", "stock"]
    for run in ("both", "ours"):
        assert keras_server.api("evidence", run=run).json["epochs"] == [0, 1, 2, 3, 4]


@pytest.mark.slow
@pytest.mark.parametrize("part", ["train", "validation"])
def test_time_series_shows_a_run_of_our_callback_alone(keras_server, part):
    """In the charts of a run of Keras's callback, as lines beside its own."""
    keras_server.scalars(f"ours/{part}")
    for tag in ("epoch_loss", "epoch_accuracy"):
        steps = {}
        for run in ("ours", "stock"):
            points = keras_server.get("data/plugin/scalars/scalars", run=f"{run}/{part}", tag=tag).json
            steps[run] = [step for _, step, _ in points]
        assert steps["ours"] == steps["stock"] == [0, 1, 2, 3]


@pytest.mark.slow
def test_the_scalars_tab_keeps_its_data(keras_server):
    tags = keras_server.scalars("both/train")
    assert {"epoch_loss", "epoch_accuracy", "epoch_learning_rate"} <= set(tags["both/train"])
    assert not [tag for found in tags.values() for tag in found if tag.startswith("diagnosis/")]
    points = keras_server.get("data/plugin/scalars/scalars", run="both/train", tag="epoch_loss").json
    assert [step for _, step, _ in points] == [0, 1, 2, 3]


@pytest.mark.slow
def test_tensorboard_active_for_stock_logs_alone(tensorboard, keras_logs):
    with tensorboard(keras_logs / "stock") as server:
        server.scalars("train")
        assert server.get("data/plugins_listing").json["diagnosis"]["enabled"] is True


def test_inspect_reads_the_files(tmp_path, written):
    written(tmp_path)
    command = [sys.executable, "-m", "tensorboard.main", "--inspect", "--logdir", str(tmp_path)]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path).stdout
    assert "diagnosis/series/gradient_norm" in shown
    assert "num_steps            7" in shown  # the facts and six epochs


def test_tensorboard_has_nothing_to_complain_about(server):
    """The last test that a server sees: its log is that of every request above."""
    assert "this warning will become an error" not in server.log
    assert "Traceback" not in server.log
