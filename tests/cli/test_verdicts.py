"""What `tb-diagnose run` says, and when: from a journal and runs on disk, without a program."""

from __future__ import annotations

import io
import json

import pytest

from tb_diagnose.cli import verdicts
from tb_diagnose.cli.options import MANY
from tb_diagnose.cli.verdicts import Verdicts


class Program:
    """A program of which there are only its journal and its runs."""

    def __init__(self, folder, written, monkeypatch):
        self.logdir = folder / "logs"
        self.journal = folder / "journal"
        self.journal.write_text("")
        self.stream = io.StringIO()
        self.clock = 1000.0
        self._written = written
        monkeypatch.setattr(verdicts.time, "monotonic", lambda: self.clock)
        self.verdicts = Verdicts(str(self.journal), str(self.logdir), "logs", self.stream)

    def tell(self, event, name="", **more):
        run = self.logdir / name
        line = {"event": event, "folder": str(run / "diagnosis"), "logdir": str(run), **more}
        with self.journal.open("a") as file:
            file.write(json.dumps(line) + "\n")

    def trains(self, name, epochs=6, healthy=False):
        self.tell("begun", name)
        return self._written(self.logdir, name, epochs, healthy=healthy)

    def said(self, after=0.0):
        """What is said on a look, some seconds later."""
        self.clock += after
        self.verdicts.look()
        return self._new()

    def said_at_the_end(self):
        self.verdicts.close()
        return self._new()

    def _new(self):
        text = self.stream.getvalue()
        self.stream.seek(0), self.stream.truncate()
        return text


@pytest.fixture
def program(tmp_path, written, monkeypatch):
    return Program(tmp_path, written, monkeypatch)


def test_the_first_stall_is_said_while_the_run_trains(program):
    run = program.trains("a")
    said = program.said()
    assert said.startswith("\ntb-diagnose: logs/a, still training: Accuracy") and "tensorboard --logdir logs" in said
    run.add_epochs(1)
    assert program.said(after=1000) == ""
    program.tell("ended", "a")
    assert program.said_at_the_end().startswith("\ntb-diagnose: logs/a: Accuracy")


def test_a_change_that_can_be_made_is_offered_as_a_diff(program):
    program.trains("a")
    assert "\n  The same as a diff: tb-diagnose patch logs\n" in program.said()
    program.trains("b")
    assert "\n  The same as a diff: tb-diagnose patch logs --run b\n" in program.said(after=1000)
    program.trains("c", healthy=True)
    assert program.said_at_the_end().count("--run") == 2


@pytest.mark.parametrize("columns", ["80", "30"])
def test_lines_are_broken_between_words_on_a_terminal_alone(program, monkeypatch, columns):
    program.trains("a")
    whole = program.said()
    monkeypatch.setattr(program.stream, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", columns)
    program.tell("ended", "a")
    broken = program.said_at_the_end()
    assert broken.split() == whole.replace(", still training", "").split()
    assert all(len(line) <= max(int(columns), verdicts.NARROWEST) for line in broken.splitlines())


def test_a_contradiction_is_said_before_the_first_step_and_explained_once(program):
    run = program.trains("a", epochs=0)
    said = program.said()
    assert said.startswith("\ntb-diagnose: logs/a, before its first step: ") and said.count("What to change: ") == 1
    assert program.said(after=1000) == ""
    run.add_epochs(6)
    stalled = program.said(after=1000)
    assert "logs/a, still training: Accuracy" in stalled and "What to change: " not in stalled
    program.tell("ended", "a")
    assert "What to change: " not in program.said_at_the_end()


def test_nothing_is_said_of_a_healthy_run_while_it_trains(program):
    program.trains("a", healthy=True)
    assert program.said() == ""


def test_a_run_is_read_again_when_it_has_gone_on(program, monkeypatch):
    looks = []
    monkeypatch.setattr(program.verdicts, "_judge", lambda run: looks.append(run))
    run = program.trains("a", healthy=True)
    program.said(), program.said(after=1)
    assert len(looks) == 1
    run.add_epochs(1)
    program.said(after=1000)
    assert len(looks) == 2


def test_a_run_that_is_done_has_its_verdict_before_the_program_ends(program):
    program.trains("a")
    program.tell("ended", "a")
    assert program.said() == ""
    assert "logs/a: Accuracy" in program.said(after=verdicts.QUIET + 1)
    assert program.said(after=100) == program.said_at_the_end() == ""


def test_a_loop_of_fits_has_one_verdict(program):
    run = program.trains("a", 3)
    for _ in range(5):
        program.tell("ended", "a")
        program.said(after=1)
        program.tell("begun", "a")
        run.add_epochs(1)
    program.tell("ended", "a")
    assert program.said_at_the_end().count("tb-diagnose: ") == 1


def test_a_run_that_goes_on_later_is_said_again_at_the_end_alone(program):
    run = program.trains("a")
    program.tell("ended", "a")
    assert "logs/a" in program.said() + program.said(after=verdicts.QUIET + 1)
    program.tell("begun", "a"), program.said()
    run.add_epochs(1)
    program.tell("ended", "a")
    assert program.said(after=1) == program.said(after=100) == ""
    assert "logs/a" in program.said_at_the_end()


def test_a_run_that_never_ended_and_one_that_the_program_has_printed(program):
    """A killed program says of no run that it has ended."""
    program.trains("a", healthy=True)
    program.trains("b")
    program.tell("ended", "b", said=True)
    said = program.said_at_the_end()
    assert "logs/a: " in said and "logs/b" not in said


def test_many_get_a_line_each(program):
    for number in range(MANY + 1):
        program.trains(f"run{number:02}", 3, healthy=number > 0)
    lines = program.said_at_the_end().splitlines()
    assert lines[1:3] == ["tb-diagnose: logs/run00  stalled  output_activation", "tb-diagnose: logs/run01  learning"]
    assert len(lines) == MANY + 3 and "tensorboard --logdir logs" in lines[-1]


def test_no_run_is_one_sentence(program):
    said = program.said_at_the_end()
    assert said == (
        "\ntb-diagnose: No fit of Keras was called, and the program has not imported Keras 3: there is nothing to "
        "diagnose.\n"
    )
    program.tell("keras")
    assert program.said_at_the_end() == "\ntb-diagnose: No fit of Keras was called: there is nothing to diagnose.\n"


def test_a_problem_is_said_at_once(program):
    program.tell("problem", sentence="nothing is logged (ImportError: x)")
    assert program.said() == "\ntb-diagnose: nothing is logged (ImportError: x)\n"


def test_events_that_cannot_be_read(program):
    program.tell("begun", "a")
    assert "logs/a: Its events cannot be read." in program.said_at_the_end()


def test_a_running_tensorboard_is_linked(program, monkeypatch):
    from tb_diagnose.reader import open_tensorboard

    monkeypatch.setattr(open_tensorboard, "address", lambda folder: f"http://localhost:6006/#{folder[-1]}")
    program.trains("a")
    assert program.said_at_the_end().endswith("  The whole report: http://localhost:6006/#a\n")


def test_the_verdict_of_a_run_that_is_tried_waits_for_what_the_trial_shows(program):
    from tb_diagnose import event_file

    run = program.trains("a")
    program.tell("ended", "a"), program.tell("trying", "a")
    assert program.said(after=1000) == ""
    rows = [{"causes": [], "titles": [], "changes": [], "verdict": "as it is", "values": [0.5], "skills": [0.0]}]
    event_file.add_facts(str(run.folder / "diagnosis"), {"trial": {"rows": rows}})
    program.tell("tried", "a", said=False)
    said = program.said()
    assert said.startswith("\ntb-diagnose: logs/a: Accuracy") and "\n  What each change brings\n" in said
    assert program.said_at_the_end() == ""


def test_a_trial_that_the_program_has_said_itself_or_that_was_none_is_not_said(program):
    program.trains("a", healthy=True)
    program.tell("ended", "a", said=True), program.tell("trying", "a"), program.tell("tried", "a", said=True)
    assert program.said(after=1000) == program.said_at_the_end() == ""
    program.trains("b")
    program.tell("ended", "b"), program.tell("trying", "b"), program.tell("tried", "b")
    assert program.said() == ""
    said = program.said(after=1000)
    assert said.startswith("\ntb-diagnose: logs/b: Accuracy") and "What each change" not in said
