"""The curves of a trial: measured while copies are trained, and without a trace in what is trained."""

import dataclasses

import keras
import numpy as np
import pytest

from tb_diagnose.recorder.data import Data
from tb_diagnose.trials import scoring, training
from tb_diagnose.trials.curve import MOST_POINTS, MOST_SAMPLES, epochs_of, follower, left_as_it_is, mean_of
from tb_diagnose.trials.held_out import Split
from tb_diagnose.trials.scoring import Scorer


class Noisy(keras.layers.Layer):
    """Draws in inference mode, too, and counts how often it was called."""

    def __init__(self, **given):
        super().__init__(**given)
        self.generator = keras.random.SeedGenerator(3)
        self.calls = self.add_weight(shape=(), initializer="zeros", trainable=False)

    def call(self, inputs):
        self.calls.assign(self.calls + 1)
        return inputs + 0.1 * keras.random.normal(keras.ops.shape(inputs), seed=self.generator)


def restless():
    """A model in which a pass in inference mode leaves traces."""
    layers = [keras.layers.Dense(4, "relu"), keras.layers.BatchNormalization(), Noisy(), keras.layers.Dropout(0.3)]
    model = keras.Sequential([keras.Input((2,)), *layers, keras.layers.Dense(1, "sigmoid")])
    model.compile("adam", "binary_crossentropy")
    return model


def points(count):
    x = np.random.default_rng(0).normal(size=(count, 2)).astype("float32")
    return Data(x, (x.sum(axis=1) > 0).astype("float32"))


def setting(model, epochs, held=80):
    fit = {"epochs": epochs, "batch_size": 32}
    return training.Setting(model, Split(points(96), points(held), False), fit, epochs, False)


def state_of(model):
    variables = [*model.variables, *model.optimizer.variables]
    return [np.asarray(keras.ops.convert_to_numpy(v)).tobytes() for v in variables]


def weights_after(monkeypatch, given, *, curve):
    """Everything that a copy holds when it is trained, with and without a curve."""
    kept = {}

    class Keeping(Scorer):
        def __call__(self, part=None):
            if part is None:  # it is trained
                kept["state"] = state_of(self._model)
            return super().__call__(part)

    with monkeypatch.context() as patch:
        patch.setattr(training, "Scorer", Keeping)
        if not curve:
            patch.setattr(training, "follower", lambda *_: keras.callbacks.Callback())
        outcome = training.train(given, [], 0, float("inf"))
    return outcome, kept["state"]


def test_what_is_trained_is_the_same_with_and_without_a_curve(monkeypatch):
    given = setting(restless(), 4)
    followed, with_curve = weights_after(monkeypatch, given, curve=True)
    alone, without = weights_after(monkeypatch, given, curve=False)
    assert list(followed.curve) == [1, 2, 3, 4] and list(alone.curve) == [4]
    assert with_curve == without
    assert (followed.score.skills == alone.score.skills).all()


def test_a_pass_that_leaves_traces_would_be_seen(monkeypatch):
    """The test above can fail: this model does change by a pass that is not put back."""
    model = restless()
    x = points(8).x
    before = [np.array(v.value) for v in model.non_trainable_variables]
    with left_as_it_is(model):
        model.predict_on_batch(x)
    assert all((old == np.array(v.value)).all() for old, v in zip(before, model.non_trainable_variables, strict=True))
    model.predict_on_batch(x)
    assert any((old != np.array(v.value)).any() for old, v in zip(before, model.non_trainable_variables, strict=True))


def test_short_steps_in_fewer_calls_train_the_same(monkeypatch):
    calls, kept = [], []
    scored = Scorer.__call__
    whole = training._in_fewer_calls
    monkeypatch.setattr(training, "_in_fewer_calls", lambda model, *a: (whole(model, *a), calls.append(model))[0])
    monkeypatch.setattr(
        Scorer, "__call__", lambda self, part=None: (kept.append(state_of(self._model)), scored(self))[1]
    )
    for seconds in (None, 1.0, 0.001):
        given = dataclasses.replace(setting(restless(), 4), seconds_a_step=seconds)
        kept.append(training.train(given, [], 0, float("inf")).score.skills.tobytes())
    at_once = training.AT_ONCE if keras.backend.backend() == "tensorflow" else 1
    assert [model.steps_per_execution for model in calls] == [1, 1, at_once]
    each = len(kept) // 3
    assert kept[:each] == kept[each : 2 * each] == kept[2 * each :]


def test_the_last_point_is_what_the_table_says():
    outcome = training.train(setting(restless(), 3), [], 0, float("inf"))
    assert outcome.curve[3] == outcome.score.value
    assert all(0 <= value <= 1 for value in outcome.curve.values())


def test_a_point_is_measured_on_few_samples_and_a_long_run_at_few_epochs():
    assert epochs_of(5) == [1, 2, 3, 4, 5]
    long = epochs_of(1000)
    assert len(long) == MOST_POINTS and long[0] == 1 and long[-1] == 1000
    model, seen = restless(), []
    model.predict_on_batch = lambda x: seen.append(len(x)) or np.full((len(x), 1), 0.6)
    curve = {}
    held = points(3000)
    one = follower(Scorer(model, points(96), held, False), held, 2, curve)
    one.set_model(model)
    one.on_epoch_end(0)
    one.on_epoch_end(1)
    assert sum(seen) == MOST_SAMPLES and list(curve) == [1]
    assert curve[1] == pytest.approx(points(3000).y.mean(), abs=0.05), "It answers 1 to everything."


def test_what_training_does_not_change_is_worked_out_once(monkeypatch):
    calls = []
    found = scoring.model_facts.model_facts
    monkeypatch.setattr(scoring.model_facts, "model_facts", lambda *given: calls.append(given) or found(*given))
    assert len(training.train(setting(restless(), 5), [], 0, float("inf")).curve) == 5
    assert len(calls) == 1


def test_a_copy_that_cannot_be_measured_while_it_is_trained_has_its_last_point(monkeypatch):
    class Refusing(Scorer):
        def __call__(self, part=None):
            if part is not None:
                raise MemoryError("too many samples at once")
            return super().__call__()

    monkeypatch.setattr(training, "Scorer", Refusing)
    outcome = training.train(setting(restless(), 2), [], 0, float("inf"))
    assert outcome.curve == {2: outcome.score.value}


def test_a_curve_is_the_mean_over_the_seeds_where_all_of_them_were_measured():
    assert mean_of([{1: 0.5, 2: 0.7}, {1: 0.6, 2: 0.9, 3: 1.0}]) == {1: pytest.approx(0.55), 2: pytest.approx(0.8)}
    assert mean_of([]) == {}
