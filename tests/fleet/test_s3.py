"""Buckets: a real S3 server on this machine, and real requests to it."""

import os
import re
import subprocess
import sys
import time
import urllib.request

import pytest
from conftest import PATIENCE
from fleet_logs import command, copies

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
