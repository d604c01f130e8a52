"""Buckets: a real S3 server on this machine, and real requests to it."""

import os
import re
import subprocess
import sys
import time
import urllib.request

import pytest
from conftest import PATIENCE
from fleet_logs import beginning_with, command, copies

for _name in ("pyarrow", "s3fs", "moto"):
    pytest.importorskip(_name)

SERVER = """
import time
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer("127.0.0.1", 0)
server.start()
print(server.get_host_and_port()[1], flush=True)
time.sleep(3600)
"""


@pytest.fixture(scope="module")
def bucket(tmp_path_factory, written):
    """The environment for a server with the bucket `team`, in which there are three runs below `logs`."""
    folder = tmp_path_factory.mktemp("s3")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    with subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as server:
        try:
            port = next(int(line) for line in server.stdout if line.strip().isdigit())  # moto greets before
            address = f"http://127.0.0.1:{port}"
            for path in ("team", "empty"):
                _put(f"{address}/{path}", b"")
            runs = copies(written(folder / "first", "bad").folder, folder / "logs", 2)
            runs += copies(written(folder / "first", "good", healthy=True).folder, folder / "logs", 1)
            for path in (each for run in runs for each in run.rglob("*tfevents*")):
                _put(f"{address}/team/logs/{path.relative_to(folder / 'logs')}", path.read_bytes())
            yield {
                **environment,
                **{"AWS_ENDPOINT_URL": address, "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"},
                **{"AWS_DEFAULT_REGION": "us-east-1", "AWS_CONFIG_FILE": "/dev/null", "HOME": str(folder)},
            }
        finally:
            server.terminate()


@pytest.fixture
def on_bucket(bucket, monkeypatch):
    """The environment of this process and of those that it starts, as `bucket`; without instance data of EC2."""
    for name, value in {**bucket, "AWS_EC2_METADATA_DISABLED": "true"}.items():
        monkeypatch.setenv(name, value)


def _put(address, content):
    end = time.monotonic() + PATIENCE
    while True:
        try:
            request = urllib.request.Request(address, content, method="PUT")
            request.add_header("Content-Type", "application/octet-stream")
            request.add_header("Authorization", "AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/s3/aws4_request")
            urllib.request.urlopen(request, timeout=PATIENCE).close()
            return
        except ConnectionError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def test_a_bucket_is_reviewed_and_again_only_where_it_has_changed(bucket, tmp_path, written):
    options = ("review", "s3://team/logs", "--out", tmp_path / "index", "--jobs", 1)
    first = command(*options, environment=bucket)
    assert first.returncode == 0, first.stderr
    assert "Read 3 folders" in first.stdout and "3 runs: 2 stalled, 1 reached" in first.stdout
    run = written(tmp_path / "new", "run")
    _put(f"{bucket['AWS_ENDPOINT_URL']}/team/logs/late/diagnosis/events.out.tfevents.1.x", run.event_file.read_bytes())
    again = command(*options, environment=bucket)
    assert "Read 1 folder; 3 have not changed." in again.stdout, again.stderr
    listed = command("fleet", tmp_path / "index", "--csv").stdout
    assert re.findall(r"^s3://team/logs,([\w/]+),", listed, re.MULTILINE).count("late") == 1


def test_a_listing_comes_in_pages(bucket, monkeypatch):
    from tb_diagnose.fleet import listing
    from tb_diagnose.fleet.store import store_of

    for name, value in bucket.items():
        monkeypatch.setenv(name, value)
    filesystem, root = store_of("s3://team/logs")
    asked = []

    class Paged:
        def call_s3(self, method, **options):
            asked.append(options)
            return filesystem.call_s3(method, MaxKeys=1, **options)

    paged = list(listing._of_s3(Paged(), root))
    assert paged == list(listing.event_files("s3://team/logs", pytest.fail)) and len(paged) >= 3
    assert len(asked) == len(paged)  # one key a page, each asked for when the one before was used up


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("s3://gone/logs", "s3://gone/logs cannot be reached"),
        ("s3://team/nothing", "s3://team/nothing cannot be reached: there is nothing of that name"),
    ],
)
def test_what_cannot_be_reached_is_one_sentence(bucket, tmp_path, monkeypatch, capsys, address, sentence):
    from tb_diagnose.cli.main import main

    for name, value in bucket.items():
        monkeypatch.setenv(name, value)
    assert main(["review", address, "--out", str(tmp_path / "index"), "--jobs", "1"]) == 2
    said = capsys.readouterr().err
    assert sentence in said and len(said.splitlines()) == 1
    assert not (tmp_path / "index").exists()


def _ask_who_it_is(bucket, after):
    """Lets the server check credentials after so many requests: none that it knows there are."""
    request = urllib.request.Request(f"{bucket['AWS_ENDPOINT_URL']}/moto-api/reset-auth", str(after).encode())
    request.add_header("Content-Type", "text/plain")
    urllib.request.urlopen(request, timeout=PATIENCE).close()


@pytest.mark.parametrize("has_key", [True, False])
def test_credentials_that_are_missing_or_wrong_are_one_sentence(bucket, tmp_path, monkeypatch, capsys, has_key):
    for name, value in bucket.items():
        if has_key or name not in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    from tb_diagnose.cli.main import main

    _ask_who_it_is(bucket, after=0)
    try:
        assert main(["review", "s3://team/logs", "--out", str(tmp_path / "index"), "--jobs", "1"]) == 2
    finally:
        _ask_who_it_is(bucket, after=1_000_000)
    said = capsys.readouterr().err
    assert said.startswith("tb-diagnose: s3://team/logs cannot be reached") and len(said.splitlines()) == 1


def _parts(address):
    from tb_diagnose.fleet.store import store_of

    filesystem, path = store_of(address)
    return sorted(name[len(path) + 1 :].rpartition("/")[0] for name in filesystem.find(path))


def test_an_index_in_a_bucket_is_written_resumed_and_asked(on_bucket, tmp_path, written, tensorboard):
    index = "s3://team/index"
    options = ("review", tmp_path / "logs", "--out", index, "--jobs", 1)
    copies(written(tmp_path / "first", "bad").folder, tmp_path / "logs", 2)
    assert "3 runs: 2 stalled, 1 reached" in command("review", "s3://team/logs/group000", "--out", index).stdout
    assert "Read 2 folders; 0 have not changed." in command(*options).stdout
    copies(written(tmp_path / "first", "good", healthy=True).folder, tmp_path / "logs", 1, start=2)
    again = command(*options)
    assert "Read 1 folder; 2 have not changed." in again.stdout, again.stderr
    assert len(set(_parts(index))) == len(_parts(index)) and all(part[:4] in ("", "day=") for part in _parts(index))
    assert command("fleet", index, "--where", "status = 'stalled'").stdout.startswith("4 runs: 4 stalled")
    (tmp_path / "empty").mkdir()
    with tensorboard(tmp_path / "empty", "--diagnosis_index", index) as server:
        found = server.api("runs", where="status = 'reached'", sort="name").json
        assert found["index"] == {"total": 2, "statuses": {"reached": 2}, "offset": 0, "shown": 2}
        (far,) = server.api("runs", where="logdir = 's3://team/logs/group000' and status = 'reached'").json["runs"]
        assert server.api("diagnosis", run=far["run"]).json["status"] == "reached"


KILLED = """
import os, s3fs
_pipe_file = s3fs.S3FileSystem._pipe_file
async def pipe_file(self, path, data, *arguments, **options):
    if "/day=" in path:
        if {when!r} == "after":
            await _pipe_file(self, path, data, *arguments, **options)
        os._exit(9)
    return await _pipe_file(self, path, data, *arguments, **options)
s3fs.S3FileSystem._pipe_file = pipe_file
"""


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_review_that_is_killed_leaves_the_index_in_a_bucket_whole(on_bucket, tmp_path, when):
    index = f"s3://team/killed-{when}"
    options = ("review", "s3://team/logs/group000", "--out", index, "--jobs", 1)
    killed = command(*options, environment=beginning_with(tmp_path, KILLED.format(when=when)))
    assert killed.returncode == 9, killed.stderr
    assert command("fleet", index).stdout.startswith("3 runs: 2 stalled, 1 reached")
    again = command(*options)
    assert "Read 0 folders; 3 have not changed." in again.stdout, again.stderr
    assert command("fleet", index).stdout.startswith("3 runs: 2 stalled, 1 reached")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["review", "s3://team/logs", "--out", "s3://gone/index", "--jobs", "1"],
            "'s3://gone/index' cannot be written",
        ),
        (["review", "s3://team/logs", "--out", "s3://team/logs", "--jobs", "1"], "'s3://team/logs' holds something el"),
        (["fleet", "s3://gone/index"], "There is no index in 's3://gone/index'"),
        (["fleet", "s3://empty/index"], "There is no index in 's3://empty/index'"),
    ],
)
def test_a_bucket_that_is_gone_is_one_sentence(on_bucket, capsys, arguments, sentence):
    from tb_diagnose.cli.main import main

    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert sentence in said and len(said.splitlines()) == 1


@pytest.mark.parametrize("has_key", [True, False])
def test_without_credentials_for_the_index_nothing_is_written(
    bucket, on_bucket, tmp_path, written, monkeypatch, capsys, has_key
):
    from tb_diagnose.cli.main import main

    written(tmp_path / "logs", "run1")
    if not has_key:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.delenv(name)
    index = f"s3://team/refused-{has_key}"
    _ask_who_it_is(bucket, after=0)
    try:
        assert main(["review", str(tmp_path / "logs"), "--out", index, "--jobs", "1"]) == 2
    finally:
        _ask_who_it_is(bucket, after=1_000_000)
    said = capsys.readouterr().err
    assert said.startswith(f"tb-diagnose: {index} cannot be reached") and len(said.splitlines()) == 1
