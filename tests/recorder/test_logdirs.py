"""Where a run may be logged: folders in all spellings, and addresses that TensorBoard reads."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from small_run import X, Y, model

import tb_diagnose
from tb_diagnose import event_file, storage


def fit(logdir, **options):
    model().fit(X, Y, epochs=3, verbose=0, callbacks=[tb_diagnose.KerasCallback(logdir, (X, Y), **options)])


def test_an_address_is_written_and_read(tmp_path, monkeypatch, capsys):
    """TensorFlow's `ram://` stands for every store that TensorBoard reads."""
    monkeypatch.chdir(tmp_path)
    fit("ram://bucket/run1")
    assert os.listdir(tmp_path) == []
    assert event_file.newest("ram://bucket/run1/diagnosis").finished_epochs == 3
    (found,) = tb_diagnose.diagnose("ram://bucket")
    assert (found.run, found.evidence.finished_epochs) == ("run1", 3)
    assert "tensorboard --logdir ram://bucket," in capsys.readouterr().out
    fit("ram://bucket/run1", verbose=0)
    assert len(tb_diagnose.diagnose("ram://bucket")) == 2  # behind what was there


def test_log_takes_addresses_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    net = model()
    for _ in range(2):
        net.train_on_batch(X, Y)
        tb_diagnose.log(net, (X, Y), "ram://bucket/loop")
    assert event_file.newest("ram://bucket/loop/diagnosis").epochs.tolist() == [1, 2]
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("address", ["strange://bucket/run1", "memory://run1"])
def test_an_address_that_cannot_be_reached_is_named_before_training(tmp_path, monkeypatch, address):
    monkeypatch.chdir(tmp_path)
    for attempt in (
        lambda: tb_diagnose.KerasCallback(address, (X, Y)),
        lambda: tb_diagnose.log(model(), (X, Y), address),
    ):
        with pytest.raises(ValueError, match="`logdir` is an address that cannot be reached") as caught:
            attempt()
        assert "Expected: a folder, or an address" in str(caught.value) and repr(address) in str(caught.value)
    assert os.listdir(tmp_path) == []


def test_the_home_folder_and_file_addresses(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    fit("~/logs/run1", verbose=0)
    fit(f"file://{tmp_path}/other/run2", verbose=0)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "other"]
    assert [found.run for found in tb_diagnose.diagnose("~/logs")] == ["run1"]
    assert [found.run for found in tb_diagnose.diagnose(f"file://{tmp_path}/other")] == ["run2"]


WITHOUT_TENSORFLOW = """
import sys
from tb_diagnose import event_file
from tb_diagnose.reader.logdir import read_plainly
read_plainly()
file = event_file.EventFile("memory://logs/run1/diagnosis", 0)
file.write(0, facts={"run_start": 0})
for epoch in (1, 2):
    file.write(epoch, epoch=epoch, series={"loss": 1 / epoch})
    print(event_file.newest("memory://logs/run1/diagnosis").epochs.tolist())
file.close()
print([name for name in ("keras", "tensorflow") if name in sys.modules])
"""


def test_stores_of_fsspec_are_written_without_tensorflow():
    done = subprocess.run([sys.executable, "-c", WITHOUT_TENSORFLOW], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[1]", "[1, 2]", "[]"]


@pytest.mark.parametrize(
    ("path", "remote", "parent"),
    [
        ("gs://bucket/logs/run1", True, "gs://bucket/logs"),
        ("gs://bucket/run1/", True, "gs://bucket"),
        ("gs://bucket", True, "gs://bucket"),
        ("simplecache::s3://bucket/run1", True, "simplecache::s3://bucket"),
        ("C://logs/run1", False, "C:/logs"),
        ("logs/run1", False, "logs"),
        ("run1", False, "."),
    ],
)
def test_addresses_are_told_from_paths(path, remote, parent):
    assert storage.is_remote(path) is remote
    assert storage.parent(path) == parent


def test_only_the_process_that_writes_needs_the_folder(tmp_path, monkeypatch, recwarn):
    (tmp_path / "file").write_text("no folder")
    cluster = {"worker": ["127.0.0.1:1", "127.0.0.1:2"]}

    def become(index):
        monkeypatch.setenv("TF_CONFIG", json.dumps({"cluster": cluster, "task": {"type": "worker", "index": index}}))

    become(1)
    fit(tmp_path / "file" / "run1")
    tb_diagnose.log(model(), (X, Y), tmp_path / "file" / "run2")
    assert not [warning for warning in recwarn if "tb_diagnose" in str(warning.message)]
    become(0)
    with pytest.raises(ValueError, match="`logdir` cannot be a folder"):
        fit(tmp_path / "file" / "run1")


def test_a_path_must_be_text(tmp_path):
    for wrong in (7, None, b"logs"):
        with pytest.raises(TypeError, match="`logdir` is not a path"):
            tb_diagnose.KerasCallback(wrong, (X, Y))
