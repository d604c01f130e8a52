"""`trial=True`: what a `fit` that has not learned is followed by, and that the program goes on as without it."""

import functools
import json
import random

import keras
import numpy as np
import pytest
import recorded
from states import past

import tb_diagnose
from tb_diagnose.diagnosis.engine import judge
from tb_diagnose.recorder import fit_hook, notebook, processes, watchers
from tb_diagnose.recorder.data import Data
from tb_diagnose.recorder.feed import Given
from tb_diagnose.trials import after_fit, running
from tb_diagnose.trials.trial import tried

X = np.random.default_rng(0).normal(size=(96, 2)).astype("float32")
Y = (X.sum(axis=1) > 0).astype("float32")


@pytest.fixture(autouse=True)
def off():
    tb_diagnose.autolog(disable=True)
    yield
    tb_diagnose.autolog(disable=True)


@pytest.fixture
def short(monkeypatch):
    """Trials from one seed, whatever the load of the machine."""
    monkeypatch.setattr(after_fit, "tried", functools.partial(tried, budget=600, seeds=1))


@pytest.fixture
def asked(monkeypatch):
    """What would be tried: the subjects of the trials, which are not made."""
    subjects = []

    def note(subject, **how):
        subjects.append(subject)
        raise after_fit.CannotTryError("it is only noted.")

    monkeypatch.setattr(after_fit, "tried", note)
    return subjects


def sick(output="relu"):
    """As in the run of `written`: relu before binary_crossentropy."""
    layers = [keras.layers.Dense(8, "relu", name="dense"), keras.layers.Dense(4, "relu", name="dense_1")]
    model = keras.Sequential([keras.Input((2,)), *layers, keras.layers.Dense(1, output, name="dense_2")])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model


@pytest.fixture
def ended(written, tmp_path):
    """`ended(model, training, **arguments)`: a call of `fit` has returned, and its run has stalled."""
    count = iter(range(100))

    def end(model, training, named=(None, None), verbose=1, healthy=False, **arguments):
        name = f"run{next(count)}"
        with past():
            written(tmp_path, name, healthy=healthy)
        call = fit_hook.FitCall(model, {"epochs": 6, **arguments}, None)
        call.training = training
        run = watchers.Run(str(tmp_path / name / "diagnosis"), str(tmp_path / name))
        after_fit.after_fit(after_fit.Ended(call, run, Given(*named), None), verbose)
        return tb_diagnose.diagnose(tmp_path / name)[0]

    return end


def program(folder, trial):
    """What a program has at its end that goes on after its first `fit`."""
    from keras.src.backend.common import global_state

    keras.utils.clear_session()
    keras.utils.set_random_seed(3)
    with tb_diagnose.autolog(folder, trial=trial):
        first = sick("softmax")
        history = first.fit(X, Y, epochs=4, validation_split=0.25, verbose=0)
    second = sick("sigmoid")
    second.fit(X, Y, epochs=1, verbose=0)
    models = first, second
    return {
        "history": history.history,
        "draws": (random.random(), np.random.rand(), np.asarray(keras.random.normal((2,))).tolist()),
        "weights": [w.tobytes() for model in models for w in model.get_weights()],
        "optimizer": [np.asarray(v).tobytes() for model in models for v in model.optimizer.variables],
        "config": json.dumps([first.get_config(), second.get_config(), first.get_compile_config()], default=str),
        "names": dict(global_state.get_global_attribute("object_name_uids")),
        "data": (X.tobytes(), Y.tobytes()),
    }


def test_the_program_goes_on_as_without_it_and_the_result_is_in_the_run(tmp_path, short, capsys):
    states, shown = [], []
    for trial in (False, True):
        states.append(program(tmp_path / str(trial), trial))
        shown.append(capsys.readouterr())
    without, with_it = states
    assert {name: with_it[name] == value for name, value in without.items()} == dict.fromkeys(without, True)
    assert shown[1].out.replace("True", "False") == shown[0].out and shown[0].err == ""
    assert "trials of 4 epochs, about" in shown[1].err and "What each change brings" in shown[1].err
    assert [path.name for path in (tmp_path / "True").iterdir()] == ["sequential_1"], "No copy is logged."
    (diagnosis,) = tb_diagnose.diagnose(tmp_path / "True")
    assert ("output_activation",) in {row.causes for row in diagnosis.trial.rows}
    assert diagnosis.trial.control.values and diagnosis.trial.samples == 24 and not diagnosis.trial.kept_aside
    assert tb_diagnose.diagnose(tmp_path / "False")[0].trial is None


def test_what_fit_was_given_is_tried_once(tmp_path, asked):
    weight = np.linspace(0.5, 1.5, 96).astype("float32")
    model = sick("softmax")
    own = tb_diagnose.KerasCallback(tmp_path, verbose=0, trial=True)
    slower = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 10)
    given = {"sample_weight": weight, "batch_size": 16, "shuffle": False, "validation_split": 0.25, "verbose": 0}
    model.fit(X, Y, epochs=4, callbacks=[own, slower], **given)
    (subject,) = asked
    assert subject.model is model and dict(subject.fit) == {"batch_size": 16, "shuffle": False, "epochs": 4}
    training, validation = subject.training, subject.validation
    assert training.sample_count == 72 and validation.sample_count == 24
    assert np.shares_memory(training.x, X) and np.shares_memory(training.y, Y), "No copy."
    assert not subject.is_as_fed
    assert (training.sample_weight == weight[:72]).all() and (validation.x == X[72:]).all()
    begun, now = (made["optimizer"]["config"] for made in (subject.compiled, model.get_compile_config()))
    assert begun["learning_rate"] == pytest.approx(1e-3) and now["learning_rate"] == pytest.approx(1e-7)
    model.fit(X, Y, epochs=2, callbacks=[own], **given)  # the run goes on
    assert len(asked) == 1


def test_class_weights_and_steps_are_those_of_the_call(ended, asked):
    weights = {0: 1.0, 1: 2.0}
    ended(sick(), Data(X, Y, batch_size=8), class_weight=weights, batch_size=8, steps_per_epoch=6)
    assert dict(asked[0].fit) == {"batch_size": 8, "shuffle": True, "class_weight": weights, "epochs": 3}


def test_a_dataset_is_read_again_and_what_python_makes_is_not(ended, asked, capsys):
    tf = pytest.importorskip("tensorflow")
    dataset = tf.data.Dataset.from_tensor_slices((X, Y)).batch(24)
    ended(sick(), None, x=dataset, validation_data=dataset.take(1))
    assert asked[0].training.sample_count == 96 and asked[0].validation.sample_count == 24
    assert dict(asked[0].fit) == {"batch_size": 24, "shuffle": False, "epochs": 6}
    kind = tf.TensorSpec((None, 2)), tf.TensorSpec((None,))
    made = tf.data.Dataset.from_generator(lambda: iter([(X, Y)] * 3), output_signature=kind)
    capsys.readouterr()
    for given in (made, iter([(X, Y)])):
        ended(sick(), None, x=given)
        said = capsys.readouterr().err
        assert "cannot be read twice without a trace, and what it gave was not kept. Give arrays of its samples" in said
    assert len(asked) == 1
    ended(sick(), None, named=((X, Y), None), x=made)
    assert (asked[1].training.x == X).all(), "What was named is tried in its place."


def batches(seed, count=None):
    """A generator of batches that no second one gives again: its numbers come from a state of its own."""
    rng = np.random.default_rng(seed)
    while count is None or count:
        x = rng.normal(size=(16, 2)).astype("float32")
        yield x, (x.sum(axis=1) > 0).astype("float32")
        count = None if count is None else count - 1


class Counted(keras.utils.PyDataset):
    """Twelve batches, each with its number in it."""

    def __len__(self):
        return 6

    def __getitem__(self, index):
        return np.full((16, 2), index, "float32") + X[:16], Y[:16]


def test_of_what_cannot_be_read_twice_the_first_epoch_is_tried_as_it_went_into_the_steps(tmp_path, asked):
    own = tb_diagnose.KerasCallback(tmp_path, trial=True, verbose=0)
    given = {"validation_data": batches(1), "validation_steps": 2, "steps_per_epoch": 6, "epochs": 4, "verbose": 0}
    sick("softmax").fit(batches(0), callbacks=[own], **given)
    (subject,) = asked
    x, y = (np.concatenate(parts) for parts in zip(*batches(0, 6), strict=True))
    assert (subject.training.x == x).all() and (subject.training.y == y).all()
    assert (subject.validation.x == np.concatenate([x for x, _ in batches(1, 2)])).all()
    assert dict(subject.fit) == {"batch_size": 16, "shuffle": False, "epochs": 4} and subject.is_as_fed
    sick("softmax").fit(
        Counted(), epochs=4, verbose=0, callbacks=[tb_diagnose.KerasCallback(tmp_path / "b", trial=True)]
    )
    assert asked[1].training.sample_count == 96 and asked[1].validation is None
    assert dict(asked[1].fit) == {"batch_size": 16, "shuffle": False, "epochs": 4}


def test_samples_that_passed_are_kept_where_a_trial_may_follow_alone(tmp_path):
    calls = []
    for trial in (False, True):
        own = tb_diagnose.KerasCallback(tmp_path / str(trial), trial=trial, verbose=0)
        own.returned = calls.append
        sick("softmax").fit(batches(0), callbacks=[own], steps_per_epoch=6, verbose=0)
    assert calls[0].kept_training is None and calls[1].kept_training.sample_count == 96


def test_a_trial_of_a_generator_is_made(tmp_path, short):
    own = tb_diagnose.KerasCallback(tmp_path, trial=True, verbose=0)
    sick("softmax").fit(batches(0), callbacks=[own], steps_per_epoch=6, epochs=4, verbose=0)
    (diagnosis,) = tb_diagnose.diagnose(tmp_path)
    assert diagnosis.trial.control.values and diagnosis.trial.kept_aside and diagnosis.trial.trained_on == 72


def test_nothing_is_tried_of_a_run_that_learns_or_is_shared_or_goes_on(ended, asked, monkeypatch, capsys):
    ended(sick(), Data(X, Y), healthy=True)
    ended(sick(), Data(X, Y), epochs=1)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(processes, "is_alone", lambda: False)
    ended(sick(), Data(X, Y))
    assert "no trial is made of" in capsys.readouterr().err
    monkeypatch.undo()
    monkeypatch.setattr(fit_hook, "_CALLS", [None])
    ended(sick(), Data(X, Y))
    assert "inside another fit" in capsys.readouterr().err
    assert asked == []


class Interrupting(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        raise KeyboardInterrupt


def test_a_fit_that_does_not_return_is_not_tried_and_an_error_inside_is_one_warning(tmp_path, monkeypatch):
    def broken(*given):
        raise RuntimeError("broken")

    monkeypatch.setattr(after_fit, "after_fit", broken)
    own, model = tb_diagnose.KerasCallback(tmp_path, verbose=0, trial=True), sick()
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, verbose=0, callbacks=[own, Interrupting()])
    with pytest.warns(RuntimeWarning, match="trying what each change brings failed") as caught:
        model.fit(X, Y, verbose=0, callbacks=[own])
    assert len(caught) == 1


class WithoutConfig(keras.Model):
    def __init__(self, units):
        super().__init__()
        self.last = keras.layers.Dense(units, "softmax")

    def call(self, x):
        return self.last(x)


def test_a_model_that_cannot_be_copied_is_one_line(ended, capsys):
    model = WithoutConfig(1)
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    model(X)
    ended(model, Data(X, Y))
    told = capsys.readouterr().err
    assert "no trial is made of" in told and "A subclassed model" in told and "What each change" not in told


def test_ctrl_c_keeps_what_is_done_and_the_program_goes_on(ended, short, monkeypatch, capsys):
    train, made = running.train, []

    def interrupted(*given):
        if made:
            raise KeyboardInterrupt
        made.append(train(*given))
        return made[-1]

    monkeypatch.setattr(running, "train", interrupted)
    diagnosis = ended(sick(), Data(X, Y))
    assert diagnosis.trial.stopped == "interrupted" and diagnosis.trial.control.values
    assert "It was interrupted." in capsys.readouterr().err
    monkeypatch.setattr(after_fit, "tried", lambda subject, verbose: interrupted())  # before the first copy
    assert ended(sick(), Data(X, Y)).trial is None
    assert "was interrupted." in capsys.readouterr().err


def test_in_a_notebook_it_is_shown_under_its_cell():
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    InteractiveShell.instance()  # `display` looks for it
    with capture_output() as shown:
        for verbose in (0, 1):
            notebook._shown_trial(watchers.Run("", ""), "What each change brings", verbose)
    InteractiveShell.clear_instance()
    assert [output.data for output in shown.outputs] == [{"text/plain": "What each change brings"}]


def test_of_several_processes_none_is_alone(monkeypatch):
    assert processes.is_alone()
    cluster = {"cluster": {"worker": ["a:1", "b:1"]}, "task": {"type": "worker", "index": 0}}
    monkeypatch.setenv("TF_CONFIG", json.dumps(cluster))
    assert processes.is_chief() and not processes.is_alone()


@pytest.mark.parametrize("status", ["reached", "misreported", "stalled"])
def test_which_runs_are_tried(status):
    jobs = [job for job in (*recorded.shown(), *recorded.twins()) if recorded.path_of(job).exists()]
    found = [each for each in (judge(recorded.load(job).evidence) for job in jobs) if each.status.name == status]
    tried = {after_fit._asks_for_one(each) for each in found}
    assert tried == {"reached": {False}, "misreported": {False, True}, "stalled": {True}}[status]
    for each in found if status == "misreported" else []:
        changed = {edit.argument for named in each.probable_causes for edit in named.finding.edits}
        assert after_fit._asks_for_one(each) == bool(changed - {"metrics"})
