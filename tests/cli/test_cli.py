"""The command line as a user meets it: its own process, its output, its exit status."""

import json
import os
import re
import signal
import subprocess
import sys
from xml.etree import ElementTree

import pytest
from places import RECORDINGS

import tb_diagnose
from tb_diagnose.report import text


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "tb_diagnose", *map(str, arguments)], capture_output=True, text=True, check=False
    )


def test_a_verdict_for_each_run_plain_in_a_pipe(tmp_path, written):
    written(tmp_path, "broken")
    written(tmp_path, "fine", healthy=True)
    done = run(tmp_path)
    assert done.returncode == 0 and done.stderr == ""
    assert "broken  stalled" in done.stdout and "fine  reached" in done.stdout
    assert "(output_activation)" in done.stdout
    assert "\x1b" not in done.stdout
    assert not [line for line in done.stdout.splitlines() if line.endswith(" ")]


def test_json_is_a_list_with_one_object_a_run(tmp_path, written):
    written(tmp_path, "broken")
    done = run("--json", tmp_path)
    (row,) = json.loads(done.stdout)
    assert (row["run"], row["status"]) == ("broken", "stalled")
    assert row["probable_causes"][0]["id"] == "output_activation"


def test_the_logdir_of_a_single_run_has_its_own_name(tmp_path, written):
    written(tmp_path, "run1")
    assert run(tmp_path / "run1").stdout.startswith("run1  stalled")


def test_what_cannot_be_read_is_one_sentence_and_status_2(tmp_path):
    (tmp_path / "file").write_text("")
    for path, word in ((tmp_path / "missing", "does not exist"), (tmp_path / "file", "is a file")):
        done = run(path)
        assert done.returncode == 2 and done.stdout == ""
        assert word in done.stderr and len(done.stderr.splitlines()) == 1


def test_a_logdir_without_runs_says_so(tmp_path):
    done = run(tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith("No run was found in")
    assert json.loads(run("--json", tmp_path).stdout) == []


def test_a_half_written_event_file_gives_what_is_whole(tmp_path, written):
    training = written(tmp_path, "run1")
    size = training.event_file.stat().st_size
    with training.event_file.open("rb+") as file:
        file.truncate(size - 20)
    (row,) = json.loads(run("--json", tmp_path).stdout)
    assert row["until"] == len(training.rows) - 1


def test_causes_and_explain():
    from tb_diagnose.causes import CATALOGUE

    listed = run("causes").stdout
    assert [id_ for id_ in CATALOGUE if id_ not in listed] == []
    assert "random.shuffle" in run("explain", "duplicate_rows").stdout
    wrong = run("explain", "nothing")
    assert wrong.returncode == 2 and "There is no cause 'nothing'" in wrong.stderr


def test_commands_are_commands_whatever_folders_there_are(tmp_path, written):
    for name in ("causes", "explain"):
        written(tmp_path / name, "run")

    def here(*words):
        command = [sys.executable, "-m", "tb_diagnose", *words]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)

    assert "output_activation" in here("causes").stdout and "run  stalled" not in here("causes").stdout
    assert here("explain", "dead_relu").stdout.startswith("# ")
    for name in ("causes", "explain"):
        assert "run  stalled" in here(f"./{name}").stdout
        wrong = here(name, "run")
        assert wrong.returncode == 2 and f"A folder of this name is ./{name}." in wrong.stderr
        assert f"./{name}" in here("--help").stdout


def test_two_runs_of_which_one_is_named_like_an_earlier_one(tmp_path, written):
    written(tmp_path, "x")
    written(tmp_path, "x (earlier 1)", healthy=True)
    done = run(tmp_path, "--compare", "x", "x (earlier 1)")
    assert done.returncode == 0 and "output.activation" in done.stdout


def test_neither_keras_nor_tensorflow_is_loaded(tmp_path, written):
    written(tmp_path, "run1")
    code = (
        "import sys; from tb_diagnose.__main__ import main; main([sys.argv[1]]); "
        "print([name for name in ('keras', 'tensorflow') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_many_get_a_line_each_and_a_summary(tmp_path, written):
    for number in range(24):
        written(tmp_path, f"run{number:02}", healthy=number > 1)
    done = run(tmp_path, "--jobs", 2)
    lines = done.stdout.splitlines()
    assert lines[27].startswith("24 runs: 2 stalled, 22 reached") and done.stderr == ""
    assert [line.split()[0] for line in lines[2:26]] == [f"run{number:02}" for number in (*range(2, 24), 0, 1)]
    assert lines[25].split()[-3:] == ["relu", "stalled", "output_activation"]
    assert run(tmp_path, "--full").stdout.count("Probable cause:") >= 2
    assert run(tmp_path, "--junit", tmp_path / "report.xml").stdout == done.stdout
    assert (tmp_path / "report.xml").read_text(encoding="utf-8").count("Probable cause:") >= 2


def test_several_logdirs(tmp_path, written):
    written(tmp_path / "a", "one")
    written(tmp_path / "b", "two", healthy=True)
    done = run("--json", tmp_path / "a", tmp_path / "b")
    assert [row["run"] for row in json.loads(done.stdout)] == ["one", "two"]


def test_status_1_where_a_status_was_asked_for(tmp_path, written):
    written(tmp_path, "broken")
    assert run(tmp_path, "--fail-on", "diverged,stalled").returncode == 1
    assert run(tmp_path, "--fail-on", "diverged").returncode == 0
    wrong = run(tmp_path, "--fail-on", "broken")
    assert wrong.returncode == 2 and "knows no status 'broken'" in wrong.stderr and "stalled" in wrong.stderr


def test_junit_for_a_ci(tmp_path, written):
    written(tmp_path / "logs", "broken <&\x07>")
    written(tmp_path / "logs", "fine", healthy=True)
    run(tmp_path / "logs", "--junit", tmp_path / "report.xml")
    suite = ElementTree.parse(tmp_path / "report.xml").getroot()
    assert suite.attrib | {"tests": "2", "failures": "1", "errors": "0"} == suite.attrib
    broken, fine = suite
    assert (broken.get("name"), broken[0].tag, broken[0].get("type")) == ("broken <&\u2407>", "failure", "stalled")
    assert "since epoch 1" in broken[0].get("message") and "change" in broken[0].text
    assert fine[0].tag == "system-out"
    assert run(tmp_path / "logs", "--junit", tmp_path / "no" / "report.xml").returncode == 2


def test_html_is_one_file_of_all_logdirs(tmp_path, written):
    written(tmp_path / "one", "run")
    written(tmp_path / "two", "run", healthy=True)
    done = run(tmp_path / "one", tmp_path / "two", "--html", tmp_path / "report.html", "--fail-on", "stalled")
    assert (done.returncode, done.stderr, done.stdout) == (1, "", f"Wrote {tmp_path / 'report.html'}\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "report.html", "two"]
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"""(?i)\b(src|href|action)\s*=\s*["']?\s*https?:|url\(\s*["']?https?:|<link""", page)
    embedded = json.loads(page.partition('id="tb-diagnose">')[2].partition("</script>")[0])
    rows = {one["row"]["run"]: one["row"]["status"] for one in embedded["runs"]}
    assert rows == {f"{tmp_path}/one/run": "stalled", f"{tmp_path}/two/run": "reached"}


def test_html_of_many_is_gathered_from_their_processes(tmp_path, written):
    for number in range(24):
        written(tmp_path / "logs", f"run{number:02}", 3)
    assert run(tmp_path / "logs", "--jobs", 2, "--html", tmp_path / "report.html").returncode == 0
    assert (tmp_path / "report.html").read_text(encoding="utf-8").count('{"row":') == 24


def test_html_that_cannot_be_made(tmp_path, written):
    written(tmp_path / "logs", "run")
    assert run(tmp_path / "logs", "--html", tmp_path / "no" / "report.html").returncode == 2
    same = run(tmp_path / "logs", "--html", tmp_path / "report", "--junit", tmp_path / "report")
    assert same.returncode == 2 and "cannot write the same file" in same.stderr
    (tmp_path / "none").mkdir()
    assert run(tmp_path / "none", "--html", tmp_path / "none.html").returncode == 0
    assert "No run was found" in (tmp_path / "none.html").read_text(encoding="utf-8")


def test_markdown_for_an_issue(tmp_path, written):
    written(tmp_path, "a_run*<b>")
    page = run("--markdown", tmp_path).stdout
    assert page.startswith("## a\\_run\\*\\<b\\>: stalled\n")
    assert "### Probable cause:" in page and "- **measured:** " in page
    assert '\n\n```diff\n-Dense(1, activation="relu")\n+Dense(1, activation="sigmoid")\n```\n' in page


def test_a_damaged_file_is_named_and_the_rest_is_read(tmp_path, written):
    written(tmp_path, "fine", healthy=True)
    damaged = written(tmp_path, "damaged", 30).event_file
    content = bytearray(damaged.read_bytes())
    content[len(content) // 2] ^= 0xFF
    damaged.write_bytes(content)
    done = run("--json", tmp_path)
    rows = {row["run"]: row for row in json.loads(done.stdout)}
    assert rows["fine"]["status"] == "reached" and 0 < rows["damaged"]["until"] < 30
    assert len(done.stderr.splitlines()) == 1 and str(damaged) in done.stderr and "damaged" in done.stderr


def test_links_in_a_circle_and_strange_files_are_no_trouble(tmp_path, written):
    written(tmp_path, "run1")
    (tmp_path / "run1" / "again").symlink_to(tmp_path)
    (tmp_path / "nowhere").symlink_to(tmp_path / "missing")
    (tmp_path / "events.out.tfevents.1").write_bytes(b"this is no event file")
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "events.out.tfevents.2").write_bytes(b"")
    (row,) = json.loads(run("--json", tmp_path).stdout)
    assert row["run"] == "run1"


def test_nothing_recognised_says_what_was_seen():
    done = run(RECORDINGS / "generator")
    assert done.returncode == 0
    assert "'critic_loss', 'generator_loss'" in done.stdout.replace("\n", " ") and "--loss-tag" in done.stdout


def test_watching_shows_what_is_new_until_it_is_stopped(tmp_path, written):
    training = written(tmp_path, "run1", 4)
    command = [sys.executable, "-u", "-m", "tb_diagnose", "--watch", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as watching:
        assert "since epoch 1" in "".join(iter(watching.stdout.readline, "\n"))
        training.add_epochs(1)
        training.rows.clear()
        shown = ""
        while "run1  stalled" not in shown:
            shown += watching.stdout.readline()
        watching.send_signal(signal.SIGINT)
        _, complaint = watching.communicate()
    assert watching.returncode == 130 and "Traceback" not in complaint


def test_watching_waits_for_a_folder_that_is_not_there_yet(tmp_path, written):
    command = [sys.executable, "-u", "-m", "tb_diagnose", "--watch", str(tmp_path / "logs")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as watching:
        assert watching.stdout.readline() == f"Waiting for {tmp_path / 'logs'}: there is no such folder yet.\n"
        written(tmp_path / "logs", "run1", 4)
        shown = ""
        while "run1  stalled" not in shown:
            shown += watching.stdout.readline()
        watching.send_signal(signal.SIGINT)
        watching.communicate()
    assert watching.returncode == 130


def test_what_is_wrong_comes_last_and_a_healthy_run_is_a_line(tmp_path, written):
    written(tmp_path, "a_broken")
    written(tmp_path, "b_fine", healthy=True)
    lines = run(tmp_path).stdout.splitlines()
    assert lines[0].startswith("b_fine  reached  Accuracy is at ")
    first = lines.index("") + 1
    assert first <= 3 and lines[first].startswith("a_broken  stalled")
    below = "\n".join(lines[first:])
    assert below.index("Others: ") < below.index("Probable cause: Output") < below.index("As lines of the program:")
    assert '    - Dense(1, activation="relu")\n    + Dense(1, activation="sigmoid")' in below


@pytest.mark.parametrize("width", [40, 80])
def test_reports_fit_the_terminal_and_code_is_not_broken(width):
    narrow = [text.text(diagnosis, width, full=True) for diagnosis in tb_diagnose.diagnose(RECORDINGS)]
    wide = [text.text(diagnosis, 10_000, full=True) for diagnosis in tb_diagnose.diagnose(RECORDINGS)]
    code = {each for report in wide for each in re.findall("`[^`]+`", report)}
    assert len([each for each in code if " " in each]) > 1
    lines = [line for report in narrow for line in report.splitlines()]
    assert code == {each for line in lines for each in re.findall("`[^`]+`", line)}
    longer = [line for line in lines if len(line) > width]
    assert [line for line in longer if "`" not in line and not re.match("    [-+#] |\\S", line)] == []


def test_a_notebook_shows_a_block_and_a_terminal_text(tmp_path, written):
    written(tmp_path, "<script>alert(1)</script>")
    found = tb_diagnose.diagnose(tmp_path)
    shown = found._repr_html_()
    assert "<script" not in shown and "&lt;script&gt;" in shown
    assert "<details open>" in shown and "+ Dense(1, activation=&quot;sigmoid&quot;)" in shown
    assert "Probable cause" in str(found) and "<" not in str(found).replace("<script>alert(1)</script>", "")
    (one,) = found
    assert "<svg" in one._repr_html_() and re.search(r"from 0\.\d+ in epoch 1 to 0\.504 in epoch 6", one._repr_html_())
    assert "<rect" in one._repr_html_()
    (tmp_path / "none").mkdir()
    assert "No run was found" in tb_diagnose.diagnose(tmp_path / "none")._repr_html_()


def test_two_runs_side_by_side(tmp_path, written):
    written(tmp_path, "broken")
    written(tmp_path, "fine", healthy=True)
    done = run(tmp_path, "--compare", "broken", "fine")
    rows = [line.split() for line in done.stdout.splitlines()]
    assert ["output.activation", "relu", "sigmoid"] in rows
    assert any(row[:2] == ["probe_loss", "2"] for row in rows) and any(row[:2] == ["accuracy", "1"] for row in rows)
    assert run(tmp_path, "--compare", "broken", "nowhere").returncode == 2


def test_names_and_values_are_no_markup(tmp_path, written):
    written(tmp_path, "[bold]a:100:", healthy=True)
    written(tmp_path, "[/b]")
    done = run(tmp_path, "--compare", "[bold]a:100:", "[/b]")
    assert done.returncode == 0 and done.stderr == ""
    assert "[bold]a:100:" in done.stdout and "[/b]" in done.stdout


def test_names_that_are_no_text(tmp_path, written):
    written(tmp_path, "fine")
    os.rename(tmp_path / "fine", os.fsencode(tmp_path) + b"/caf\xe9")
    written(tmp_path, "other", healthy=True)
    done = run("--json", tmp_path)
    assert done.returncode == 0 and "Traceback" not in done.stderr
    assert [row["status"] for row in json.loads(done.stdout)][-1] == "reached"


def test_the_same_name_in_two_logdirs(tmp_path, written):
    written(tmp_path / "one", "run")
    written(tmp_path / "two", "run", healthy=True)
    one, two = str(tmp_path / "one"), str(tmp_path / "two")
    rows = json.loads(run("--json", one, two).stdout)
    assert [(row["logdir"], row["run"]) for row in rows] == [(one, "run"), (two, "run")]
    shown = " ".join(run(one, two).stdout.split())
    assert f"{one}/run stalled" in shown and f"{two}/run reached" in shown
    wrong = run(one, two, "--compare", "run", "run")
    assert wrong.returncode == 2 and "2 runs have the name 'run'" in wrong.stderr
    assert "output.activation" in run(one, two, "--compare", f"{one}/run", f"{two}/run").stdout


def test_options_that_contradict_each_other(tmp_path):
    for options in (
        ("--watch", "--json"),
        ("--watch", "--html", "report.html"),
        ("--compare", "a", "b", "--fail-on", "stalled"),
        ("--compare", "a", "b", "--watch"),
    ):
        done = run(tmp_path, *options)
        assert done.returncode == 2 and "cannot be combined" in done.stderr


def test_junit_has_no_colours(tmp_path, written):
    written(tmp_path / "logs", "run")
    command = [sys.executable, "-m", "tb_diagnose", str(tmp_path / "logs"), "--junit", str(tmp_path / "report.xml")]
    subprocess.run(command, env={**os.environ, "FORCE_COLOR": "1"}, capture_output=True, check=True)
    text = (tmp_path / "report.xml").read_text()
    assert "[1m" not in text and "run  stalled" in text


def test_folders_named_like_parts(tmp_path):
    writer = RecordingWriter(tmp_path)
    for run_, tags in (
        ("a/train", ["loss"]),
        ("a/val", ["loss"]),
        ("test", ["acc"]),
        ("b/eval", ["acc"]),
        ("b/deep", ["acc"]),
    ):
        writer(run_, tags)
    for run_ in ("c/train", "c/test"):  # each a run of its own: both hold both
        writer(run_, ["train/loss", "val/loss"])
    found = [row["run"] for row in json.loads(run("--json", tmp_path).stdout)]
    assert sorted(found) == ["a", "b/deep", "b/eval", "c/test", "c/train", "test"]


class RecordingWriter:
    """Writes a few scalars into runs."""

    def __init__(self, root):
        self._root = root

    def __call__(self, run_, tags):
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary
        from tensorboard.summary.writer.event_file_writer import EventFileWriter

        writer = EventFileWriter(str(self._root / run_))
        for step in range(6):
            values = [Summary.Value(tag=tag, simple_value=0.1 * step) for tag in tags]
            writer.add_event(Event(wall_time=1.7e9 + step, step=step, summary=Summary(value=values)))
        writer.close()


def test_a_logdir_that_cannot_be_listed_is_status_2(tmp_path, monkeypatch):
    from tb_diagnose.reader import logdir

    def forbidden(path, **options):
        options["onerror"](PermissionError(13, "Permission denied", path))
        return iter(())

    monkeypatch.setattr(logdir.os, "walk", forbidden)
    with pytest.raises(PermissionError):
        logdir.folders(str(tmp_path))


def test_a_pipe_that_ends_early_costs_no_file(tmp_path, written):
    for name in ("a", "b", "c"):
        written(tmp_path / "logs", name)
    page = tmp_path / "page.html"
    command = f"{sys.executable} -m tb_diagnose {tmp_path / 'logs'} --full --html {page} | true"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=100)
    assert "Traceback" not in done.stderr and "BrokenPipe" not in done.stderr
    text = page.read_text()
    assert all(f'"run":"{name}"' in text for name in "abc")
