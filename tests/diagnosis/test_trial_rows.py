"""What a trial says of a run and of its causes, from the rows of its table."""

import dataclasses
import json

import pytest
from states import past

from tb_diagnose import diagnose, event_file
from tb_diagnose.diagnosis import trial as told
from tb_diagnose.diagnosis.trial import Row, Trial
from tb_diagnose.report import markdown, text
from tb_diagnose.report.serialize import as_json


def row(causes, skill, called, **more):
    titles = tuple(cause.upper() for cause in causes)
    changes = tuple(f"`{cause}=1`" for cause in causes)
    return Row(tuple(causes), titles, changes, called, (0.5 + skill / 2,) * 3, (skill,) * 3, 5, skill, 0.01, **more)


CONTROL = dataclasses.replace(row("", 0.0, "as it is"), gain=None, chance=None)


def table(*rows, **more):
    return Trial((CONTROL, *rows), samples=100, **{"epochs": 5, "planned_epochs": 5, **more})


def test_the_winner_has_no_change_that_brings_nothing():
    alone, both = row("a", 0.95, "proven"), row("ab", 0.97, "proven")
    assert table(alone, row("b", 0.0, "does not help"), both).winner == alone
    assert table(row("a", 0.88, "proven"), both).winner == both
    assert table(row("a", 0.9, "helps a little")).winner is None


def test_a_change_that_helps_only_with_another_is_not_taken_back():
    rows = row("a", 0.5, "proven"), row("b", 0.0, "does not help"), row("c", 0.0, "does not help")
    trial = table(*rows, row("ab", 0.99, "proven"))
    assert trial.taken_back == ("c",)
    assert trial.about("b") == 'Proven together with the change of "A": accuracy 0.50 -> 0.995; alone 0.50.'
    assert trial.about("c") == "Taken back: its change does not help, accuracy 0.50 -> 0.50."
    assert trial.about("d") is None
    assert trial.headline() == "Proven: with `a=1` and `b=1` accuracy is 0.995 after 5 epochs (0.50 as it is)."


def test_nothing_is_taken_back_on_less_than_the_run_itself_was():
    refuted = row("a", 0.0, "does not help")
    assert table(refuted).taken_back == ("a",)
    assert table(refuted, planned_epochs=50).taken_back == ()
    assert table(refuted, trained_on=50, training_samples=100).taken_back == ()
    assert "Each was trained on 50 of 100 samples" in table(refuted, trained_on=50, training_samples=100).sentence()
    streamed = table(refuted, of_first_epoch=True)
    assert streamed.taken_back == () and "batches of the run's first epoch" in streamed.sentence()
    once = dataclasses.replace(refuted, values=(0.5,), skills=(0.0,))
    assert table(once).taken_back == (), "One seed is not enough."
    together = dataclasses.replace(row("ab", 0.0, "not tried"), values=(), skills=())
    assert table(refuted, together).taken_back == (), "It may need the other."
    fine = dataclasses.replace(CONTROL, skills=(0.95,) * 3)
    assert Trial((fine, refuted), epochs=5, planned_epochs=5).taken_back == (), "There is nothing to gain."


def test_a_change_that_is_not_the_whole_fix_takes_nothing_back():
    part = row("a", 0.0, "does not help", reason="What it lacks is gone.")
    trial = table(part, row("b", 0.0, "does not help"))
    assert trial.taken_back == ("b",)
    assert trial.about("a") == "Tried: its change does not help, accuracy 0.50 -> 0.50. What it lacks is gone."
    assert "does not help. What it lacks is gone." in " ".join(str(trial).split())


def test_a_control_that_raises_is_said_to():
    raising = Row((), (), (), "as it is", reason="It raises ValueError: no")
    trial = Trial((raising, row("a", 0.9, "proven")), epochs=5, planned_epochs=5)
    assert "(it raises an error as it is)" in trial.headline()
    assert trial.about("a") == "Proven: accuracy an error -> 0.95."


def test_a_trial_stands_in_json_and_comes_back_as_it_was():
    trial = table(row("a", 0.5, "proven"), Row(("b",), ("B",), (), "not tried", reason="No."), stopped="budget")
    assert told.from_fact(json.loads(json.dumps(trial.as_fact(), allow_nan=False))) == trial
    later = trial.as_fact() | {"curves": [1]}
    assert told.from_fact(later) == trial, "What a later version adds is passed over."
    assert told.from_fact({}) is None and told.from_fact(None) is None


def tried(folder, trial):
    """The diagnosis of the run in a folder, before and after a trial was written to it."""
    (before,) = diagnose(folder)
    event_file.add_facts(str(folder / "run1" / "diagnosis"), {"trial": trial.as_fact()})
    (after,) = diagnose(folder)
    assert after.trial == trial
    return before, after


@pytest.fixture
def run(written, tmp_path):
    """`run(healthy=...)` is a folder with one earlier run."""

    def write(*, healthy):
        with past():
            written(tmp_path, healthy=healthy)
        return tmp_path

    return write


def test_a_headline_says_what_is_proven_and_what_is_taken_back(run):
    before, after = tried(run(healthy=False), table(row(("output_activation",), 0.9, "proven")))
    assert after.headline == (
        f"{before.headline} Proven: with `output_activation=1` accuracy is 0.95 after 5 epochs (0.50 as it is)."
    )
    assert (after.status, after.probable_causes) == (before.status, before.probable_causes)
    finding = as_json(after)["probable_causes"][0]
    assert finding["trial"] == "Proven: accuracy 0.50 -> 0.95."
    assert "trial     Proven: accuracy 0.50 -> 0.95." in text.text(after)
    assert "- **trial:** Proven: accuracy 0.50 → 0.95." in markdown.page(after)


def test_a_cause_whose_change_does_not_help_is_taken_back(run):
    refuted = table(row(("output_activation",), 0.0, "does not help"))
    before, after = tried(run(healthy=False), refuted)
    assert after.headline.startswith(before.headline) and "Taken back by a trial: output activation" in after.headline
    assert as_json(after)["trial"]["taken_back"] == ["output_activation"]


def test_a_healthy_run_keeps_its_verdict(run):
    before, after = tried(run(healthy=True), table(row(("output_activation",), 0.9, "proven")))
    assert (after.headline, after.status) == (before.headline, before.status) and not after.probable_causes


def test_a_table_says_that_one_seed_proves_nothing():
    one = dataclasses.replace(CONTROL, values=(0.5,), skills=(0.0,))
    assert "From one seed nothing is proven." in Trial((one,)).sentence()
    assert "From one seed" not in table().sentence()


def test_a_table_names_what_could_not_be_tried():
    lacking = Row(("a",), ("Title",), ("`a=1`",), "not tried", reason="The model has no layer 'a'.")
    shown = str(Trial((lacking,)))
    assert "Title: a=1" in shown and "The model has no layer 'a'." in " ".join(shown.split())
    assert str(Trial(())) == "There is nothing to try: no finding has a change."


@pytest.mark.parametrize(
    ("gain", "chance", "doubt"),
    [
        (0.3, 0.25, "more than a little, but with a probability of 0.25 by chance alone"),
        (0.3, None, "more than a little, but one seed cannot tell it from chance"),
        (0.02, 0.01, ""),
    ],
)
def test_a_large_gain_that_is_not_proven_says_why(gain, chance, doubt):
    little = dataclasses.replace(row("a", 0.8, "helps a little"), gain=gain, chance=chance)
    assert little.doubt == doubt
    assert dataclasses.replace(little, verdict="proven").doubt == ""
