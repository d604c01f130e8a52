"""`tb-diagnose run`: the program as without it, with its own words, exit status, signals and surroundings."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tb_diagnose.cli.run import interpreter_options, split

PATIENCE = 300.0
OURS = "\ntb-diagnose: "
"""Where our own words begin, on a line of their own."""


def plain(*words, cwd, **more):
    return finished([sys.executable, *words], cwd, **more)


def run(*words, cwd, **more):
    return finished([sys.executable, "-m", "tb_diagnose", "run", *words], cwd, **more)


def finished(command, cwd, **more):
    return subprocess.run(
        [str(word) for word in command], cwd=cwd, capture_output=True, text=True, timeout=PATIENCE, check=False, **more
    )


def script(folder: Path, text: str, name: str = "train.py") -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text(textwrap.dedent(text))
    return path


ENDS = {
    "returns": "print(sys.argv, sys.path, __name__, __file__, sys.stdin.readline(), end='')",
    "a number": "sys.exit(7)",
    "a sentence": "print('half a line', end=''); sys.exit('not today')",
    "an exception": "def f():\n    raise ValueError('wrong')\nf()",
    "from an exception": "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise KeyError('wrong') from e",
    "an interrupt": "raise KeyboardInterrupt",
    "a signal": "os.kill(os.getpid(), signal.SIGTERM)",
    "another signal": "os.kill(os.getpid(), signal.SIGKILL)",
    "no Python": "def",
    "another folder": "os.chdir('/'); os._exit(3)",
}


@pytest.mark.parametrize("end", ENDS)
def test_a_program_ends_as_without_us(tmp_path, end):
    script(tmp_path, f"import os, signal, sys\n{ENDS[end]}\n")
    words = ("train.py", "--logdir", "of the program", "-m", "--", "x")
    expected, done = (call(*words, cwd=tmp_path, input="a line\nmore\n") for call in (plain, run))
    assert (done.returncode, done.stdout) == (expected.returncode, expected.stdout)
    own, _, ours = done.stderr.partition(OURS)
    assert own == expected.stderr
    assert ours.startswith("No fit of Keras was called") and len(ours.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["train.py"]


def test_a_module_of_a_package(tmp_path):
    script(tmp_path, "X = 5", "package/other.py")
    script(tmp_path, "from .other import X\nimport sys\nprint(X, sys.argv, __name__, __spec__.name)", "package/main.py")
    words = ("-m", "package.main", "--lr", "3")
    expected, done = plain(*words, cwd=tmp_path), run(*words, cwd=tmp_path)
    assert expected.stdout.startswith("5 ") and (done.returncode, done.stdout) == (0, expected.stdout)


def test_a_program_that_is_not_there(tmp_path):
    expected, done = (call("nothing.py", cwd=tmp_path) for call in (plain, run))
    assert done.returncode == expected.returncode == 2
    assert done.stderr == expected.stderr and "can't open file" in done.stderr


def test_what_a_program_sets_before_its_imports_takes_effect(tmp_path):
    """Nothing that reads the environment is loaded before the program: neither Keras nor numpy."""
    script(tmp_path, "import sys\nprint([m for m in ('keras', 'tensorflow', 'numpy', 'tempfile') if m in sys.modules])")
    assert run("train.py", cwd=tmp_path).stdout == "[]\n"


def test_the_surroundings_stay(tmp_path):
    """The user's own `sitecustomize`, and the options of Python itself."""
    script(tmp_path, "MINE = True", "site/sitecustomize.py")
    script(
        tmp_path,
        "import sys, sitecustomize as s\nprint(s.MINE, sys.path, sys.flags.optimize, sys.warnoptions, sys._xoptions)",
    )
    path = [str(tmp_path / "site"), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, path))}
    flags = ("-OW", "error", "-X", "faulthandler")
    expected = plain(*flags, "train.py", cwd=tmp_path, env=environment)
    done = finished(
        [sys.executable, *flags, "-m", "tb_diagnose", "run", "--quiet", "train.py"], tmp_path, env=environment
    )
    assert expected.stdout.startswith("True ")
    assert (done.stdout, done.stderr) == (expected.stdout, expected.stderr)


def test_interpreter_options():
    for words, expected in {
        "python -m tb_diagnose run x -u": "",
        "python -u -W error -Xdev -m tb_diagnose run": "-u -Werror -Xdev",
        "python -OW error -m x": "-O -Werror",
        "python -uBm tb_diagnose run": "-uB",
        "python -Wignore /bin/tb-diagnose run -m x": "-Wignore",
    }.items():
        assert interpreter_options(words.split()) == expected.split()


def test_where_the_program_begins():
    for words, expected in {
        "train.py --logdir x": ([], ["train.py", "--logdir", "x"]),
        "--logdir a b c": (["--logdir", "a"], ["b", "c"]),
        "--logdir=a --quiet -m b c": (["--logdir=a", "--quiet"], ["-m", "b", "c"]),
        "--quiet -- -odd.py": (["--quiet"], ["-odd.py"]),
        "--quiet": (["--quiet"], []),
    }.items():
        assert split(words.split()) == expected


def test_what_is_wrong_is_said_before_the_program_starts(tmp_path):
    script(tmp_path, "print('started')")
    (tmp_path / "file").write_text("")
    for words, what in {
        ("--logdir", "file/logs", "train.py"): "is a file",
        ("--logdir", "/proc/logs", "train.py"): "cannot be written",
        ("--probe-samples", "-1", "train.py"): "`--probe-samples` must be",
        (): "the program is missing",
        ("--unknown", "train.py"): "--unknown",
    }.items():
        done = run(*words, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (2, "") and what in done.stderr, words


def test_signals_go_to_the_program(tmp_path):
    script(
        tmp_path,
        """
        import signal, sys, time
        def handle(number, frame):
            print(signal.Signals(number).name, flush=True)
            sys.exit(5)
        signal.signal(signal.SIGTERM, handle)
        print("ready", flush=True)
        time.sleep(100)
        """,
    )
    for sent, status, last in ((signal.SIGTERM, 5, "SIGTERM"), (signal.SIGINT, -signal.SIGINT, "")):
        process = subprocess.Popen(
            [sys.executable, "-m", "tb_diagnose", "run", "--quiet", "train.py"],
            cwd=tmp_path,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # a session without a terminal, which would send its signals by itself
        )
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        process.send_signal(sent)
        assert (process.stdout.read().strip(), process.wait(PATIENCE)) == (last, status)


TRAINS = """
import sys
import keras, numpy as np

keras.utils.set_random_seed(0)
x = np.random.default_rng(0).normal(size=(256, 4)).astype("float32")
y = (x[:, 0] > 0).astype("int64")


def trained(activation, epochs=6):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(8, "relu"), keras.layers.Dense(1, activation)])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    model.fit(x, y, epochs=epochs, verbose=0)
    print(activation, repr(float(sum(np.abs(weights).sum() for weights in model.get_weights()))))
    return model
"""
OUR_LINES = re.compile("\ntb-diagnose: .*\n(?:(?:  |tb-diagnose: ).*\n)*")
"""What we say at once; on a slow machine the program is not yet done then."""
QUIET = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}


def own_words(stderr: str) -> str:
    """Without the notes of TensorFlow, which have the time in them."""
    return "".join(line for line in stderr.splitlines(keepends=True) if not line.startswith(("WARNING: All", "I0000")))


@pytest.mark.slow
def test_every_fit_is_logged_and_nothing_changes(tmp_path):
    script(
        tmp_path,
        TRAINS
        + """
import os

trained("softmax")
os.mkdir("elsewhere"), os.chdir("elsewhere")
model = trained("sigmoid", 1)
print("half a line", end="", flush=True)
model.fit(x, y[:10], verbose=0)
""",
    )
    expected = plain("train.py", cwd=tmp_path, env=QUIET)
    (tmp_path / "elsewhere").rmdir()
    done = run("--logdir", "kept", "train.py", cwd=tmp_path, env=QUIET)
    assert (done.returncode, done.stdout) == (expected.returncode, expected.stdout)
    own, ours = OUR_LINES.sub("", done.stderr), "".join(OUR_LINES.findall(done.stderr))
    assert own_words(own) == own_words(expected.stderr) and "ValueError" in own
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == ["sequential_1", "sequential_2"]
    assert not (tmp_path / "elsewhere" / "kept").exists()
    assert "tb-diagnose: kept/sequential_1: " in ours and 'Dense(1, activation="sigmoid")' in ours
    assert "tb-diagnose: kept/sequential_2: " in ours
    assert ours.endswith("  The whole report: tensorboard --logdir kept, then the Diagnosis tab.\n")


@pytest.mark.slow
def test_processes_of_a_program_are_logged_too(tmp_path):
    """One that is spawned, one that is started, and the one that the program turns into."""
    script(tmp_path, TRAINS, "common.py")
    script(tmp_path, "from common import trained\ntrained('sigmoid', 1)", "other.py")
    script(
        tmp_path,
        """
        import multiprocessing, os, subprocess, sys

        if __name__ == "__main__":
            from common import trained

            worker = multiprocessing.get_context("spawn").Process(target=trained, args=("softmax",))
            worker.start(), worker.join()
            subprocess.run([sys.executable, "other.py"], check=True)
            os.execv(sys.executable, [sys.executable, "other.py"])
        """,
    )
    done = run("train.py", cwd=tmp_path, env=QUIET)
    assert done.returncode == 0 and len(done.stdout.splitlines()) == 3, done.stderr
    assert sorted(path.name for path in (tmp_path / "logs").iterdir()) == [f"sequential_{n}" for n in (1, 2, 3)]
    assert {*re.findall("tb-diagnose: logs/sequential_(.)", done.stderr)} == {"1", "2", "3"}


@pytest.mark.slow
def test_a_program_that_logs_by_itself(tmp_path):
    """Its own callback and its own settings win, and what they print is not said twice."""
    script(
        tmp_path,
        TRAINS
        + """
import tb_diagnose

model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, "sigmoid")])
model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
model.fit(x, y, epochs=3, verbose=0, callbacks=[tb_diagnose.KerasCallback("mine/run")])
with tb_diagnose.autolog("others", verbose=0):
    trained("sigmoid", 1)
tb_diagnose.autolog(disable=True)
trained("sigmoid", 1)
""",
    )
    expected = plain("train.py", cwd=tmp_path, env=QUIET)
    done = run("train.py", cwd=tmp_path, env=QUIET)
    assert done.returncode == expected.returncode == 0, done.stderr
    without_verdict = [line for line in expected.stdout.splitlines() if line.startswith("sigmoid")]
    assert [line for line in done.stdout.splitlines() if line.startswith("sigmoid")] == without_verdict
    assert "tb_diagnose: " in done.stdout and not (tmp_path / "logs").exists()
    _, _, ours = done.stderr.partition(OURS)
    assert ours.startswith("others/sequential_1: ") or ours.startswith("others/sequential_2: ")
    assert "mine/run" not in ours and "tensorboard --logdir others" in ours


@pytest.mark.slow
def test_a_trial_leaves_the_output_and_the_exit_status_as_they_are(tmp_path):
    script(tmp_path, TRAINS + "\ntrained('softmax')\nprint(np.random.rand())\nsys.exit(4)\n")
    expected = plain("train.py", cwd=tmp_path, env=QUIET)
    done = run("--trial", "train.py", cwd=tmp_path, env=QUIET)
    assert (done.returncode, done.stdout) == (expected.returncode, expected.stdout) and done.returncode == 4
    assert re.search("tb_diagnose: .* trials of 6 epochs, about .* s", done.stderr)
    assert "tb-diagnose: logs/sequential_1:" in done.stderr and done.stderr.count("What each change brings") == 1
    assert [path.name for path in (tmp_path / "logs").iterdir()] == ["sequential_1"]


def test_the_journal_survives_a_torn_line():
    from tb_diagnose.recorder.program import Line, read_journal

    lines = [json.dumps({"event": "keras"}), '{"event": "beg', json.dumps({"event": "x", "unknown": 1}), "null"]
    assert read_journal("\n".join(lines)) == [Line("keras")]
