"""`tb-diagnose review` and `tb-diagnose fleet` as a user meets them: processes, files, exit statuses."""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from xml.etree import ElementTree

import pytest
from fleet_logs import command, copies, deadly, stopping
from places import ROOT

pytest.importorskip("pyarrow")


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory, written):
    """A logdir with 3 stalled runs, 2 healthy ones, one that is damaged and one that ends whoever reads it; its index,
    and what the command said."""
    folder = tmp_path_factory.mktemp("fleet")
    bad, good = written(folder / "first", "bad"), written(folder / "first", "good", healthy=True)
    logs = folder / "logs"
    copies(bad.folder, logs, 3)
    copies(good.folder, logs, 2)
    (damaged,) = copies(bad.folder, logs, 1, start=10)
    event_file = next(damaged.rglob("*tfevents*"))
    event_file.write_bytes(b"damaged" + event_file.read_bytes())
    shutil.copytree(bad.folder, logs / "deadly")
    done = command("review", logs, "--out", folder / "index", "--jobs", 2, environment=deadly(folder / "site"))
    return logs, folder / "index", done


def rows(index, *options):
    return list(csv.DictReader(io.StringIO(command("fleet", index, "--csv", *options).stdout)))


def test_every_run_is_a_row_and_what_cannot_be_read_is_one_too(reviewed):
    logs, index, done = reviewed
    assert done.returncode == 0, done.stderr
    assert "7 runs: 3 stalled, 2 unreadable, 2 reached" in done.stdout
    found = {row["folder"]: row for row in rows(index)}
    assert len(found) == 7 and {row["logdir"] for row in found.values()} == {str(logs)}
    assert found["group000/bad00000"]["cause"] == "output_activation"
    assert "is damaged" in found["group000/bad00010"]["headline"]
    assert "each process that read it was ended by it" in found["deadly"]["headline"]
    assert sorted(path.parent.name[:4] for path in index.rglob("*.parquet")) == ["day="]


def test_only_what_has_changed_is_read_again(reviewed, tmp_path, written):
    logs, index = tmp_path / "logs", tmp_path / "index"
    run = written(logs, "run1")
    written(logs, "run2", healthy=True)
    first = command("review", logs, "--out", index, "--jobs", 1, "--fail-on", "reached")
    assert first.returncode == 1 and "Read 2 folders; 0 have not changed." in first.stdout
    run.add_epochs(2)
    report = tmp_path / "report.xml"
    options = ("--jobs", 1, "--new-only", "--fail-on", "reached", "--junit", report)
    again = command("review", logs, "--out", index, *options)
    assert again.returncode == 0 and "Read 1 folder; 1 have not changed." in again.stdout
    assert [case.get("name") for case in ElementTree.parse(report).iter("testcase")] == ["run1"]
    assert {row["run"]: row["epochs"] for row in rows(index)} == {"run1": "8", "run2": "6"}
    assert "Read 0 folders; 2 have not changed." in command("review", logs, "--out", index, "--jobs", 1).stdout


def test_what_was_read_before_ctrl_c_is_kept(tmp_path, written):
    copies(written(tmp_path / "first", "bad").folder, tmp_path / "logs", 40)
    options = ("review", tmp_path / "logs", "--out", tmp_path / "index", "--jobs", 1)
    stopped = command(*options, environment=stopping(tmp_path / "site", at=36))
    assert stopped.returncode == 130 and "stopped after 32 runs" in stopped.stderr  # a group was whole
    again = command(*options)
    assert "Read 8 folders; 32 have not changed." in again.stdout and "40 runs: 40 stalled" in again.stdout


def test_the_summary_counts_what_the_rows_say(reviewed):
    _, index, _ = reviewed
    found = json.loads(command("fleet", index, "--json").stdout)
    listed = rows(index)
    assert found["runs"] == len(listed)
    assert found["statuses"] == {"stalled": 3, "unreadable": 2, "reached": 2}
    assert [(each["cause"], each["runs"], each["all_runs"]) for each in found["causes_by_model"]] == [
        ("output_activation", 3, 5)
    ]
    lost = sum(float(row["lost_seconds"] or 0) for row in listed)
    assert found["lost_hours"] == pytest.approx(lost / 3600) and lost > 0
    assert len(found["look_at"]) == 5 and found["look_at"][0]["status"] == "stalled"
    shown = command("fleet", index, "--where", "cause = 'output_activation'", "--fail-on", "stalled")
    assert shown.returncode == 1 and shown.stdout.startswith("3 runs: 3 stalled")
    assert command("fleet", index, "--since", "2100-01-01").stdout == "No run fits.\n"


def test_who_reads_only_the_first_rows_is_no_mistake(reviewed):
    _, index, _ = reviewed
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "tb_diagnose", "fleet", str(index), "--csv"],
        stdout=write,
        stderr=subprocess.PIPE,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["review", "missing", "--out", "index"], "does not exist"),
        (["review", ".", "--out", "nowhere://bucket/index"], "nowhere://bucket/index cannot be reached"),
        (["review", ".", "--out", "index", "--fail-on", "sad"], "knows no status 'sad'"),
        (["review", ".", "--out", "."], "holds something else"),
        (["review", ".", "--out", "index", "--scheduler", "tcp://127.0.0.1:9"], "There is no Dask scheduler"),
        (["fleet", "missing"], "There is no index in 'missing'"),
        (["fleet", "newer"], "was written by a newer tb_diagnose"),
        (["fleet", "empty", "--where", "status ="], "cannot be understood at its end"),
        (["fleet", "empty", "--since", "soon"], "`--since` takes"),
    ],
)
def test_a_mistake_is_one_sentence_and_status_2(tmp_path, monkeypatch, capsys, arguments, sentence):
    from tb_diagnose.cli.main import main

    monkeypatch.chdir(tmp_path)
    for name, schema in (("newer", 99), ("empty", 1)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "index.json").write_text(json.dumps({"schema": schema, "files": []}))
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert said.out == "" and sentence in said.err and len(said.err.splitlines()) == 1


def test_without_the_extra_the_commands_say_what_to_install_and_nothing_else_changes(tmp_path, written):
    written(tmp_path / "logs", "run1")
    for name in ("pyarrow", "fsspec", "distributed", "dask", "s3fs"):
        (tmp_path / "site" / name).mkdir(parents=True)
        (tmp_path / "site" / name / "__init__.py").write_text("raise ImportError('not installed')")
    program = (
        "import importlib.util, sys; real = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *a: None if name in ('pyarrow', 'fsspec', 'distributed') "
        "else real(name, *a)\n"
        "from tb_diagnose.cli.main import main; import tb_diagnose.plugin.routes\n"
        "print([main(words.split()) for words in ('review logs --out index', 'fleet index', 'logs')])\n"
        "print([name for name in ('pyarrow', 'fsspec', 'distributed', 'dask') if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path / "site"), str(ROOT)])},
    )
    assert "run1  stalled" in done.stdout
    assert done.stdout.splitlines()[-2:] == ["[2, 2, 0]", "[]"]
    assert done.stderr.count('pip install "tb-diagnose[fleet]"') == 2
