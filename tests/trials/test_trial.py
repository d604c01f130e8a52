"""`trial`: what a person calls, on small real runs."""

import json
import random
from pathlib import Path

import keras
import numpy as np
import pytest
from states import past

import tb_diagnose
from demo import threshold
from tb_diagnose import event_file
from tb_diagnose.cli.main import main
from tb_diagnose.trials import known_run, running
from tb_diagnose.trials.scoring import Score
from tb_diagnose.trials.training import Outcome, train

LAYERS = ("dense", "dense_1", "dense_2")


def as_logged(output="relu", **given):
    """The model of `written`: relu before binary_crossentropy."""
    layers = [keras.layers.Dense(n, activation="relu", name=name) for n, name in zip((8, 4), LAYERS, strict=False)]
    last = keras.layers.Dense(1, activation=output, name=LAYERS[-1])
    model = keras.Sequential([keras.Input((2,)), *layers, last])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"], **given)
    return model


def points():
    x = np.random.default_rng(0).normal(size=(96, 2)).astype("float32")
    return x, (x.sum(axis=1) > 0).astype("float32")


QUICK = {"epochs": 1, "batch_size": 32, "seeds": 1, "budget": 600, "verbose": 0}


@pytest.fixture
def logged(written, tmp_path):
    """The folder of an earlier run whose probable cause is its output activation."""
    with past():
        written(tmp_path)
    return tmp_path / "run1"


def rows_of(trial):
    return {row.causes: row for row in trial.rows}


def state(model, arrays):
    """Everything that a trial must leave as it is."""
    import tensorflow as tf
    from keras.src.backend.common import global_state
    from tensorflow.python.eager import context

    seeds = vars(context.context())
    generator = global_state.get_global_attribute("global_seed_generator")
    return {
        "python": random.getstate(),
        "numpy": repr(np.random.get_state()),
        "tensorflow": (seeds["_seed"], seeds["_rng"].getstate()),
        "generator": tf.random.get_global_generator().state.numpy().tolist(),
        "keras": (global_state.get_global_attribute("global_random_seed"), np.asarray(generator.state).tolist()),
        "names": dict(global_state.get_global_attribute("object_name_uids")),
        "weights": [w.tobytes() for w in model.get_weights()],
        "optimizer": [np.asarray(v).tobytes() for v in model.optimizer.variables],
        "metrics": [np.asarray(v).tobytes() for v in model.metrics_variables],
        "config": json.dumps([model.get_config(), model.get_compile_config()], default=str),
        "arrays": [array.tobytes() for array in arrays],
    }


@pytest.mark.parametrize("from_logdir", [True, False])
def test_nothing_of_the_program_changes_to_the_last_bit(logged, from_logdir):
    x, y = points()
    keras.utils.set_random_seed(7)
    keras.random.normal((1,))
    model = as_logged()
    model.fit(x, y, epochs=1, verbose=0)
    before = state(model, (x, y))
    tb_diagnose.trial(model, (x, y), logdir=logged if from_logdir else None, **QUICK)
    after = state(model, (x, y))
    assert {name: after[name] == value for name, value in before.items()} == dict.fromkeys(before, True)


def test_autolog_does_not_log_the_copies(logged, tmp_path):
    with tb_diagnose.autolog(tmp_path / "auto", verbose=0):
        tb_diagnose.trial(as_logged(), points(), logdir=logged, **QUICK)
    assert not list((tmp_path / "auto").glob("*"))


def test_the_result_is_in_the_run_and_in_its_reports(logged, capsys):
    trial = tb_diagnose.trial(as_logged(), points(), logdir=logged, **QUICK)
    assert rows_of(trial)[("output_activation",)].changes == ('`activation="sigmoid"` in dense_2',)
    (diagnosis,) = tb_diagnose.diagnose(logged)
    assert diagnosis.trial == trial
    assert diagnosis.status.name == "stalled" and [n.cause.id for n in diagnosis.probable_causes]
    assert main([str(logged)]) == 0
    shown = capsys.readouterr().out
    assert "What each change brings" in shown and "trial     Tried: " in shown
    assert main([str(logged), "--json"]) == 0
    (report,) = json.loads(capsys.readouterr().out)
    assert [row["verdict"] for row in report["trial"]["rows"]][:1] == ["as it is"]
    assert main([str(logged), "--markdown"]) == 0
    assert "### What each change brings\n\n| change | accuracy | verdict |" in capsys.readouterr().out


def test_a_trial_is_no_sign_of_life_and_the_next_run_goes_on_behind_it(logged):
    before = event_file.newest(str(logged / "diagnosis"))
    event_file.add_facts(str(logged / "diagnosis"), {"trial": {"rows": []}})
    after = event_file.newest(str(logged / "diagnosis"))
    assert after.last_sign == before.last_sign and after.last_step == before.last_step + 1
    assert (after.epochs == before.epochs).all() and after.facts["trial"] == {"rows": []}
    callback = tb_diagnose.KerasCallback(logged, points(), verbose=0)
    as_logged().fit(*points(), verbose=0, callbacks=[callback])
    first, second = tb_diagnose.diagnose(logged)
    assert first.trial is not None and second.trial is None


def test_without_a_logdir_a_control_run_tells_what_to_try(monkeypatch, tmp_path):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    trial = tb_diagnose.trial(as_logged(), points(), **QUICK | {"epochs": 3})
    assert ("output_activation",) in rows_of(trial)
    assert trial.kept_aside and 0 < trial.samples < 48
    assert not list(Path(tmp_path).iterdir())


def test_layers_of_a_model_that_was_made_again_are_found(logged):
    keras.layers.Dense(1)  # counts one up
    model = keras.Sequential([keras.Input((2,)), *(keras.layers.Dense(n, "relu") for n in (8, 4, 1))])
    model.compile("adam", "binary_crossentropy")
    assert model.layers[-1].name != "dense_2"
    row = rows_of(tb_diagnose.trial(model, points(), logdir=logged, **QUICK))[("output_activation",)]
    assert row.values and row.changes == (f'`activation="sigmoid"` in {model.layers[-1].name}',)


# Bad input: a row says why, and the others go on.


class Own(keras.Model):
    """A subclassed model without a config."""

    def __init__(self, units, **more):
        super().__init__(**more)
        self.units = units
        self.part, self.last = keras.layers.Dense(units), keras.layers.Dense(1, "relu")

    def call(self, x):
        return self.last(self.part(x))


class WithConfig(Own):
    """The same with one."""

    def get_config(self):
        return {"units": self.units}


@pytest.mark.parametrize(("kind", "reason"), [(WithConfig, ""), (Own, "A subclassed model without a config")])
def test_a_subclassed_model_is_copied_by_its_config_or_a_row_says_that_it_has_none(logged, kind, reason):
    model = kind(4)
    model.compile("adam", "binary_crossentropy")
    model(points()[0])
    trial = tb_diagnose.trial(model, points(), logdir=logged, **QUICK)
    control, changed = trial.rows[0], rows_of(trial)[("output_activation",)]
    assert control.reason.startswith(reason) and bool(control.values) == (not reason)
    assert changed.verdict == "not tried" and changed.reason == "The model has no layer 'dense_2'."


def test_an_edit_that_does_not_apply_is_one_row(logged):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, "relu", name="another")])
    model.compile("adam", "binary_crossentropy")
    trial = tb_diagnose.trial(model, points(), logdir=logged, **QUICK)
    assert trial.control.values
    assert rows_of(trial)[("output_activation",)].reason == "The model has no layer 'dense_2'."


def test_a_trial_that_raises_is_one_row(logged, monkeypatch):
    def raising(setting, edits, *rest):
        if edits:
            raise MemoryError("out of memory")
        return train(setting, edits, *rest)

    monkeypatch.setattr(running, "train", raising)
    trial = tb_diagnose.trial(as_logged(), points(), logdir=logged, **QUICK)
    assert trial.control.values
    assert rows_of(trial)[("output_activation",)].reason == "It raises MemoryError: out of memory"


def test_data_that_cannot_be_read_twice_are_refused_before_anything_is_trained(logged):
    def batches():
        yield points()

    with pytest.raises(TypeError, match="`data` is not training data"):
        tb_diagnose.trial(as_logged(), batches(), logdir=logged, **QUICK)


def test_a_budget_too_small_for_one_trial_trains_nothing(logged, monkeypatch):
    monkeypatch.setattr(running, "train", lambda *_: pytest.fail("trained"))
    trial = tb_diagnose.trial(as_logged(), points(), logdir=logged, **QUICK | {"budget": 0.01})
    assert {row.verdict for row in trial.rows} == {"not tried"}
    assert all("The budget of 0.01 s is too small for one trial" in row.reason for row in trial.rows)
    assert tb_diagnose.diagnose(logged)[0].trial is None, "It would replace one that tells something."
    known = known_run.KnownRun(known_run.newest(logged).diagnosis, None)
    monkeypatch.setattr(known_run, "control", lambda *_: known)
    trial = tb_diagnose.trial(as_logged(), points(), **QUICK | {"budget": 1e-6})
    assert all("The budget of 1e-06 s was over when it was known what to try" in row.reason for row in trial.rows)


def test_ctrl_c_keeps_what_is_done(logged, monkeypatch):
    made = []

    def interrupted(*given):
        if len(made) == 1:
            raise KeyboardInterrupt
        made.append(train(*given))
        return made[-1]

    monkeypatch.setattr(running, "train", interrupted)
    trial = tb_diagnose.trial(as_logged(), points(), logdir=logged, **QUICK)
    assert trial.stopped == "interrupted" and trial.control.values
    assert rows_of(trial)[("output_activation",)].reason == "It was interrupted."
    assert tb_diagnose.diagnose(logged)[0].trial == trial


def test_a_trial_that_was_stopped_goes_on_where_it_was(logged, monkeypatch, capsys):
    def call(data, stop=None):
        """A trial whose copies learn by chance; with what was trained for it."""
        trained = []

        def by_chance(setting, edits, seed, ends):
            if len(trained) == stop:
                raise KeyboardInterrupt
            trained.append((edits, seed))
            skills = np.random.default_rng([len(edits), seed]).integers(0, 2, 24).astype(float)
            return Outcome(Score(skills, float(skills.mean()), "accuracy"), setting.epochs, 0.1, 0.05)

        monkeypatch.setattr(running, "train", by_chance)
        return tb_diagnose.trial(as_logged(), data, logdir=logged, **QUICK | {"seeds": 2, "verbose": 1}), trained

    x, y = points()
    stopped, first = call((x, y), stop=3)
    assert stopped.stopped == "interrupted" and len(first) == 3
    capsys.readouterr()
    whole, second = call((x, y))
    assert "3 trials were made before" in capsys.readouterr().err
    assert whole.stopped == "" and second and not [each for each in second if each in first]
    again, third = call((x, y))
    assert again.rows == whole.rows and third == []
    of_others, fourth = call((x + 1, y))
    assert len(fourth) == len(first) + len(second), "Other samples begin anew."
    assert of_others.rows == whole.rows, "What was kept is what was made."


@pytest.mark.parametrize(("argument", "value"), [("seeds", 0), ("seeds", True), ("budget", -1), ("budget", "long")])
def test_an_argument_that_is_no_number_is_named(argument, value):
    with pytest.raises(ValueError, match=f"`{argument}`"):
        tb_diagnose.trial(as_logged(), points(), **QUICK | {argument: value})


def test_a_folder_without_a_run_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="`logdir` has no run"):
        tb_diagnose.trial(as_logged(), points(), logdir=tmp_path, **QUICK)


def test_it_says_beforehand_what_is_to_come(logged, capsys):
    tb_diagnose.trial(as_logged(), points(), logdir=logged, **QUICK | {"verbose": 1})
    told = capsys.readouterr()
    assert told.out == "" and "trials of 1 epoch, about" in told.err


@pytest.mark.slow
def test_the_founding_question_answers_itself():
    """relu at the output and inputs up to 99,999: one change is not enough, both are."""
    x, y = (part[:2000] for part in threshold.samples(0))
    keras.utils.set_random_seed(0)
    trial = tb_diagnose.trial(
        threshold.model("as_asked"), (x, y), epochs=15, batch_size=16, budget=1200, seeds=3, verbose=0
    )
    rows, both = rows_of(trial), ("output_activation", "unscaled_inputs")
    assert trial.epochs == trial.planned_epochs == 15
    assert rows[()].value == pytest.approx(0.5, abs=0.08)
    assert not any(rows[(cause,)].verdict == "makes it worse" for cause in both)
    assert max(rows[(cause,)].value for cause in both) > 0.7
    assert rows[both].value > 0.95 and rows[both].verdict == "proven"
    assert set(trial.winner.causes) & set(both)
    assert trial.headline().startswith("Proven: with ")
