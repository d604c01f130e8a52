"""The parts of a trial: what is tried, which samples are kept aside, how a copy is measured, what a budget allows."""

import dataclasses

import keras
import numpy as np
import pytest

from tb_diagnose.causes import CATALOGUE, Edit, Finding
from tb_diagnose.diagnosis.result import Diagnosis, Named
from tb_diagnose.evidence import Evidence
from tb_diagnose.recorder.data import Data
from tb_diagnose.status.status import Status
from tb_diagnose.trials import progress, running, training
from tb_diagnose.trials.candidates import joined, singles
from tb_diagnose.trials.held_out import split
from tb_diagnose.trials.known_run import KnownRun
from tb_diagnose.trials.pace import STARTUP, Pace, epochs_within, usual_budget
from tb_diagnose.trials.scoring import CannotMeasureError, Score, Scorer, are_classes

SIGMOID = Edit("out", "activation", "sigmoid")
SCALED = Edit("data", "x", "x / 255")


def named(cause, *edits):
    return Named(CATALOGUE[cause], Finding(1.0, 1.0, "saw", edits=edits))


def diagnosis(probable, notes=()):
    evidence = Evidence("run", np.zeros(0, np.int64))
    return Diagnosis("run", Status("stalled"), "Stalled.", tuple(probable), tuple(notes), evidence=evidence)


def test_each_finding_with_a_change_is_tried_once():
    units = Edit("hidden", "units", 64)
    found = singles(
        diagnosis(
            [named("output_activation", SIGMOID), named("shuffled_labels")],
            [
                named("insufficient_capacity", units),
                named("hidden_activation", units),
                named("duplicate_rows"),
                named("metric_mismatch", Edit("compile", "metrics", "mae", old="accuracy")),
            ],
        )
    )
    assert [each.causes for each in found] == [("output_activation",), ("shuffled_labels",), ("insufficient_capacity",)]
    assert [bool(each.reason) for each in found] == [False, True, False]


def test_what_only_reports_otherwise_is_not_tried():
    (each,) = singles(diagnosis([named("metric_mismatch", Edit("compile", "metrics", "mae", old="accuracy"))]))
    assert each.reason == "It changes what is reported, not what is learned."


def test_joined_changes_stand_in_the_order_of_the_patch():
    about = diagnosis([named("output_activation", SIGMOID), named("unscaled_inputs", SCALED)])
    both = joined(reversed(singles(about)), about)
    assert both.causes == ("output_activation", "unscaled_inputs") and both.edits == (SIGMOID, SCALED)


def test_copies_of_a_sample_stay_on_one_side_and_the_order_stays():
    x = np.repeat(np.arange(100), 3).astype(float)
    samples = split(Data(x[:, None], x), None)
    held, training = samples.held.x.ravel(), samples.training.x.ravel()
    assert samples.kept_aside and not set(held) & set(training)
    assert sorted([*held, *training]) == x.tolist() and 60 <= len(held) <= 90
    assert (np.diff(training) >= 0).all()
    parts = [samples.of(seed).held.x.ravel() for seed in range(4)]
    assert sorted(np.concatenate(parts)) == x.tolist(), "Each sample is kept aside for one of four seeds."
    assert (samples.of(4).held.x == samples.held.x).all()


def test_samples_that_are_all_alike_are_split_all_the_same():
    samples = split(Data(np.ones((100, 2)), np.arange(100)), None)
    assert 10 < samples.held.sample_count < 40


def test_validation_samples_are_what_skill_is_measured_on():
    training, validation = Data(np.ones((9, 1)), np.ones(9)), Data(np.ones((4, 1)), np.ones(4))
    samples = split(training, validation)
    assert samples.held is validation and samples.training is training and not samples.kept_aside


def fixed(outputs, activation, loss):
    """A compiled model of one input that multiplies it by one and has so many outputs."""
    head = keras.layers.Dense(outputs, activation, kernel_initializer="ones")
    model = keras.Sequential([keras.Input((1,)), head])
    model.compile(loss=loss)
    return model


def column(*values):
    return np.array(values, "float32")[:, None]


def test_any_constant_answer_to_classes_has_skill_0_and_a_right_one_has_1():
    model = fixed(1, "sigmoid", "binary_crossentropy")
    right = Data(column(-9, -9, -9, 9), np.array([0, 0, 0, 1.0]))
    found = Scorer(model, right, right, classes=False)()
    assert (found.skill, found.value, found.measure) == (pytest.approx(1), 1.0, "accuracy")
    for answer, accuracy in ((-9.0, 0.75), (9.0, 0.25)):
        constant = dataclasses.replace(right, x=np.full((4, 1), answer, "float32"))
        found = Scorer(model, right, constant, classes=False)()
        assert found.skill == pytest.approx(0, abs=1e-9) and found.value == accuracy


def test_amounts_are_measured_by_what_is_explained_and_a_worse_answer_has_a_floor():
    model = fixed(1, None, "mse")
    data = Data(column(0.5, 1.5, 2.5, 8.25), np.array([0.5, 1.5, 2.5, 8.25]))
    found = Scorer(model, data, data, classes=False)()
    assert found.skill == pytest.approx(1) and found.measure == "explained variance"
    far = dataclasses.replace(data, x=column(1e9, 1, 1, np.nan))
    assert Scorer(model, data, far, classes=False)().skill == -1


def test_labels_that_a_change_takes_for_classes_are_classes_for_every_copy():
    assert are_classes([Edit("compile", "loss", "sparse_categorical_crossentropy")])
    assert not are_classes([Edit("compile", "loss", "mae")])
    data = Data(column(0.1, 1.2, 2.1, 2.9), np.array([0, 1, 2, 3]))
    found = Scorer(fixed(1, None, "mse"), data, data, classes=True)()
    assert (found.measure, found.value) == ("accuracy", 1.0)


def test_one_class_alone_cannot_be_measured():
    data = Data(column(1, 2), np.array([0.0, 1.0]))
    one = dataclasses.replace(data, y=np.zeros(2))
    with pytest.raises(CannotMeasureError, match="all of one class"):
        Scorer(fixed(1, "sigmoid", "binary_crossentropy"), data, one, classes=False)()


def test_a_budget_is_the_time_of_the_run_within_bounds():
    assert [usual_budget(seconds) for seconds in (3, 120, 9000)] == [60, 120, 300]


def test_trials_have_as_many_epochs_as_fit_but_not_too_few_steps():
    def expected(epochs):
        return 10 * epochs

    assert epochs_within(1000, 20, 50, expected) == 20
    assert epochs_within(75, 20, 50, expected) == 7
    assert epochs_within(1, 20, 50, expected) == 4, "200 steps."
    assert epochs_within(1, 2, 5, expected) == 2, "No more than the run has."


def test_the_pace_is_that_of_a_step_of_the_run_whatever_the_trial_is_made_with():
    series = {"seconds": np.array([9.0, 2.0, 2.0])}
    evidence = Evidence("run", np.arange(1, 4), series, {"steps_per_epoch": 2000, "batch_size": 5})
    known = KnownRun(dataclasses.replace(diagnosis([]), evidence=evidence), None)
    assert known.seconds_a_step(5, 94) == pytest.approx(0.001)
    assert known.seconds_a_step(20, 94) == pytest.approx(0.004)
    assert known.seconds_a_step(1, 94) == pytest.approx(0.001)
    unknown = KnownRun(dataclasses.replace(diagnosis([]), evidence=Evidence("run", np.arange(1, 4), series)), None)
    assert unknown.seconds_a_step(16, 100) == pytest.approx(0.02)


def test_the_pace_is_learned_from_what_was_done():
    pace = Pace(0.01)
    assert pace.seconds(100) == pytest.approx(STARTUP + 1)
    pace.learn(100, 6.0, 2.0)
    assert pace.seconds(100) == pytest.approx(6.0) and pace.seconds(200) == pytest.approx(8.0)
    pace.learn(1000, 4.0, 2.0)  # as it goes on, the mean of both
    assert pace.seconds(1000) == pytest.approx(3 + 11)
    assert Pace(0.051).seconds(100, 0.02) == pytest.approx(STARTUP + 0.2), "A small step takes less, but a millisecond."
    assert Pace(0.0005).seconds(100, 0.02) == pytest.approx(STARTUP + 0.05)
    pace.learn(1000, 60.0, 57.0, 40.0)  # steps of another size tell nothing of these
    assert pace.seconds(1000) == pytest.approx(3 + 11)
    assert Pace(0.01, 7.0).seconds(100) == pytest.approx(8), "A step that took long to build takes long again."


class Told:
    """What a `Runner` tells."""

    def __init__(self):
        self.lines = []

    def more(self, count): ...
    def begins(self, what): ...
    def ended(self): ...

    def left(self, seconds, epochs):
        self.lines.append((round(seconds), epochs))


def made(epochs, seconds, budget, planned=40, samples=3200):
    """What a `Runner` makes within a budget where building a copy takes 2 s and 3,200 samples take `seconds`."""
    now, trained, who = [0.0], [], Told()

    def train(setting, edits, seed, ends):
        epochs = setting.arguments(edits)["epochs"]
        stepping = seconds * setting.steps(edits) / 100
        began, now[0] = now[0], now[0] + 2 + stepping
        if now[0] > ends:
            steps = int((ends - began - 2) / seconds * 100)
            now[0] = ends
            raise running.OutOfTimeError(steps, ends - began, ends - began - 2)
        trained.append((len(edits), seed, epochs))
        return running.Outcome(Score(np.zeros(4), 0.5, "accuracy"), epochs, 2 + stepping, stepping)

    samples = split(Data(np.ones((samples, 1)), np.ones(samples)), Data(np.ones((4, 1)), np.ones(4)))
    setting = training.Setting(None, samples, {"epochs": planned, "batch_size": 32}, epochs, False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "train", train)
        patch.setattr(running.time, "monotonic", lambda: now[0])
        about = diagnosis([named("output_activation", SIGMOID)])
        runner = running.Runner(setting, about, Pace(0.001), 0.0, budget, who)
        run = runner.run(singles(about), 2)
    return run, trained, who.lines, now[0]


def test_after_the_control_the_trials_have_as_many_epochs_as_there_is_time_for():
    run, trained, told, used = made(epochs=40, seconds=0.75, budget=101)
    assert [count for *_, count in trained] == [40, 19, 19, 19, 19] and used == 32 + 4 * 16.25
    assert run.setting.epochs == 19 and run.stopped == "" and told == [(49, 19)]
    run, trained, told, used = made(epochs=40, seconds=10.0, budget=200)
    assert [count for *_, count in trained] == [2] * 4, "A control that takes too long shows what a trial takes, too."
    assert run.setting.epochs == 2 and used == pytest.approx(200 / 3 + 4 * 22) and told == [(66, 2)]


def test_of_a_large_data_set_some_samples_are_taken_where_there_is_no_time_for_one_epoch():
    run, trained, _, used = made(epochs=1, seconds=1.0, budget=100, samples=320_000)
    assert [count for *_, count in trained] == [1] * 4 and run.stopped == "" and used <= 100
    assert 40_000 < run.setting.samples.training.sample_count < 48_000


def test_more_epochs_than_were_thought_possible_are_made_where_there_is_time():
    run, trained, told, _ = made(epochs=2, seconds=0.1, budget=100)
    assert [count for *_, count in trained] == [2, 40, 40, 40, 40] and run.setting.epochs == 40


def test_a_budget_is_kept_and_a_trial_that_runs_over_is_given_up():
    run, trained, _, used = made(epochs=2, seconds=30.0, budget=100)
    assert [kind for kind, *_ in trained] == [0] and run.stopped == "budget"
    assert used <= 100 * running.LATE
    run, trained, _, used = made(epochs=40, seconds=60.0, budget=100)
    assert trained == [] and run.stopped == "budget" and used <= 100 * running.LATE


def skills(changed, budget=1_000):
    """Seeds of the control and of a change whose skill, by seed, is `changed`, where the control has 0."""
    now, asked, who = [0.0], [], Told()

    def train(setting, edits, seed, ends):
        now[0] += 3
        asked.append((len(edits), seed))
        level = np.full(100, changed[seed] if edits else 0.0)
        return running.Outcome(Score(level, 0.5, "accuracy"), 1, 3, 1)

    samples = split(Data(np.ones((32, 1)), np.ones(32)), Data(np.ones((4, 1)), np.ones(4)))
    setting = training.Setting(None, samples, {"epochs": 1, "batch_size": 32}, 1, False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "train", train)
        patch.setattr(running.time, "monotonic", lambda: now[0])
        about = diagnosis([named("output_activation", SIGMOID)])
        run = running.Runner(setting, about, Pace(0.001), 0.0, budget, who).run(singles(about), 3)
    assert len(set(asked)) == len(asked), "None is made twice."
    further = len(run.made[0].outcomes) > 3
    assert len(who.lines) == 1 + further, "It says how much longer that takes."
    return [len(each.outcomes) for each in run.made], run.stopped


def test_a_change_that_helps_gets_more_seeds_where_it_is_not_proven_by_the_first():
    steady, uneven = [0.5, 0.51, 0.5, 0.5, 0.5, 0.5], [0.9, 0.1, 0.5, 0.4, 0.6, 0.5]
    assert skills(steady) == ([3, 3], "")
    assert skills(uneven) == ([6, 6], "")
    assert skills([0.02, 0.0, 0.01]) == ([3, 3], ""), "What does not help has its verdict."
    assert skills(uneven, budget=25) == ([4, 4], ""), "All that was asked for is there."
    assert skills(uneven, budget=14) == ([2, 2], "budget")


def test_what_is_left_is_said_where_it_is_not_what_was_said_before(capsys):
    told = progress.Told(None, 5, 40.0, 1)
    told.left(50.0, 5)
    assert capsys.readouterr().err == ""
    told.left(170.0, 5), told.left(20.0, 2)
    assert capsys.readouterr().err == (
        "tb_diagnose: about 3 min left.\ntb_diagnose: about 20 s left, trials of 2 epochs.\n"
    )
