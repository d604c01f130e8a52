"""The command line as a user meets it: its own process, its output, its exit status."""

import json
import subprocess
import sys


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "tb_diagnose", *map(str, arguments)], capture_output=True, text=True, check=False
    )


def test_a_verdict_for_each_training_plain_in_a_pipe(tmp_path, written):
    written(tmp_path, "broken")
    written(tmp_path, "fine", healthy=True)
    done = run(tmp_path)
    assert done.returncode == 0 and done.stderr == ""
    assert "broken  stalled" in done.stdout and "fine  reached" in done.stdout
    assert "(output_activation)" in done.stdout
    assert "\x1b" not in done.stdout
    assert not [line for line in done.stdout.splitlines() if line.endswith(" ")]


def test_json_is_a_list_with_one_object_a_training(tmp_path, written):
    written(tmp_path, "broken")
    done = run("--json", tmp_path)
    (row,) = json.loads(done.stdout)
    assert (row["training"], row["status"]) == ("broken", "stalled")
    assert row["probable_causes"][0]["id"] == "output_activation"


def test_the_logdir_of_a_single_training_has_its_own_name(tmp_path, written):
    written(tmp_path, "run1")
    assert run(tmp_path / "run1").stdout.startswith("run1  stalled")


def test_what_cannot_be_read_is_one_sentence_and_status_2(tmp_path):
    (tmp_path / "file").write_text("")
    for path, word in ((tmp_path / "missing", "does not exist"), (tmp_path / "file", "is a file")):
        done = run(path)
        assert done.returncode == 2 and done.stdout == ""
        assert word in done.stderr and len(done.stderr.splitlines()) == 1


def test_a_logdir_without_trainings_says_so(tmp_path):
    done = run(tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith("No training was found in")
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


def test_neither_keras_nor_tensorflow_is_loaded(tmp_path, written):
    written(tmp_path, "run1")
    code = (
        "import sys; from tb_diagnose.__main__ import main; main([sys.argv[1]]); "
        "print([name for name in ('keras', 'tensorflow') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
