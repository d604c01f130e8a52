"""What a trial makes where a fix leaves something to decide: samples chosen, layers put in or left out, a rate."""

import dataclasses
import json

import keras
import numpy as np
import pytest

from tb_diagnose.causes import CATALOGUE, Edit, Finding, Try
from tb_diagnose.causes._finding import RANGE_TEST
from tb_diagnose.causes._tries import NORMALIZATION, PAIRED, RATE, normalized, without, without_custom
from tb_diagnose.causes.too_little_data import HALF
from tb_diagnose.diagnosis.result import Diagnosis, Named
from tb_diagnose.diagnosis.trial import shown
from tb_diagnose.evidence import Evidence
from tb_diagnose.recorder.data import Data
from tb_diagnose.status.status import Status
from tb_diagnose.trials import known_run, running, sample_choice, trial
from tb_diagnose.trials.candidates import joined, singles
from tb_diagnose.trials.changed_copy import CannotApplyError, changed_copy, changed_data
from tb_diagnose.trials.held_out import split
from tb_diagnose.trials.scoring import Score, Scorer
from tb_diagnose.trials.training import Outcome, Setting, train

SIGMOID = Edit("out", "activation", "sigmoid")
KEPT = (Edit("training", "kept", "sample_choice.once(x, y)"), Edit("training", "x, y", "x[kept], y[kept]"))
FOREVER = float("inf")


def diagnosis(probable, notes=(), series=None):
    series = {name: np.array(values) for name, values in (series or {}).items()}
    evidence = Evidence("run", np.arange(max(map(len, series.values()), default=0)), series=series)
    return Diagnosis("run", Status("stalled"), "Stalled.", tuple(probable), tuple(notes), evidence=evidence)


def named(cause, *edits, attempt=None):
    return Named(CATALOGUE[cause], Finding(1.0, 1.0, "saw", edits=edits, attempt=attempt))


# Candidates


def test_a_row_says_of_a_try_that_it_is_in_no_patch():
    once = Try("each sample once", KEPT)
    found = singles(diagnosis([named("output_activation", SIGMOID), named("duplicate_rows", attempt=once)]))
    assert [each.changes for each in found] == [
        ('`activation="sigmoid"` in out',),
        ("each sample once (tried here, not in the patch)",),
    ]
    both = joined(found, diagnosis([named("output_activation"), named("duplicate_rows")]))
    assert both.edits == (SIGMOID, *KEPT) and len(both.changes) == 2


def test_edits_of_the_patch_go_before_a_try():
    (each,) = singles(diagnosis([named("output_activation", SIGMOID, attempt=RATE)]))
    assert each.edits == (SIGMOID,) and not each.tries


def test_what_cannot_be_tried_says_why():
    untold = Try(untold="There is nothing to try.")
    (each,) = singles(diagnosis([named("constant_inputs", attempt=untold)], [named("label_noise", attempt=untold)]))
    assert each.reason == "There is nothing to try." and not each.edits


def test_a_note_is_tried_by_no_shadow():
    half = Try("half of the samples", KEPT, untold="There are no more.", is_shadow=True)
    probable = singles(diagnosis([named("too_little_data", attempt=half)]))
    assert probable[0].shadow == half
    assert singles(diagnosis([], [named("too_little_data", attempt=half)])) == []


# Samples


def test_copies_are_dropped_and_the_order_stays():
    x, y = np.array([[3.0], [1], [3], [3], [1]]), np.array([0, 1, 0, 1, 1])
    assert sample_choice.once(x, y).tolist() == [0, 1, 3]


def test_half_of_the_samples_has_half_of_each_class():
    y = np.array([0] * 6 + [1] * 2)
    assert np.bincount(y[sample_choice.half(y)]).tolist() == [3, 1]
    assert len(sample_choice.half(np.linspace(0, 1, 9))) == 5


@pytest.mark.parametrize("columns", [False, True])
def test_samples_whose_label_is_that_of_their_neighbours_are_kept(columns):
    rng = np.random.default_rng(0)
    truth = np.repeat([0, 1, 2], 100)
    x = rng.normal(size=(300, 2)) + 8 * truth[:, None]
    y = truth.copy()
    wrong = rng.choice(300, 60, replace=False)
    y[wrong] = (y[wrong] + 1) % 3
    kept = sample_choice.agreeing(x, np.eye(3)[y] if columns else y)
    assert len(set(kept) & set(wrong)) <= 6 and len(kept) >= 210


def test_targets_far_from_those_of_their_neighbours_are_dropped():
    x = np.linspace(0, 1, 200)[:, None]
    y = x.ravel().copy()
    y[::10] += 5
    assert not set(sample_choice.agreeing(x, y)) & set(range(0, 200, 10))


@pytest.mark.parametrize("shape", [(500, 3), (500, 4, 4)])
def test_validation_inputs_are_brought_to_the_size_of_training_inputs(shape):
    rng = np.random.default_rng(0)
    x = rng.normal(3, 2, shape)
    assert sample_choice.like(x / 255 - 1, x) == pytest.approx(x, abs=1e-6)


def test_a_change_of_training_samples_leaves_the_others_alone():
    x, y = np.array([[1.0], [1], [2]]), np.array([0, 0, 1])
    new_x, new_y, (held_x, held_y) = changed_data(KEPT, x, y, (x, y))
    assert new_x.tolist() == [[1], [2]] and new_y.tolist() == [0, 1]
    assert held_x is x and held_y is y
    halved = [Edit("validation", "x", "x / 2")]
    assert changed_data(halved, x, y, (x, y))[2][0].tolist() == [[0.5], [0.5], [1.0]]


def test_a_split_is_drawn_anew_from_all_samples():
    x = np.arange(10.0)[:, None]
    edit = Edit("validation", "x, y, training_x, training_y", "sample_choice.drawn(x, y, training_x, training_y)")
    new_x, new_y, (held_x, _) = changed_data([edit], x[:8], x[:8], (x[8:], x[8:]))
    assert sorted([*new_x.ravel(), *held_x.ravel()]) == list(range(10)) and len(held_x) == 2
    assert (new_x == new_y).all() and set(held_x.ravel()) != {8, 9}


def test_pairs_of_the_source_tell_who_is_right():
    rng = np.random.default_rng(0)
    x = np.arange(40.0)[:, None]
    rightly, apart = Data(x, x.ravel()), Data(x, rng.permutation(40).astype(float))
    samples = split(apart, None, rightly)
    assert (samples.held.x.ravel() == samples.held.y).all() and samples.kept_aside
    assert not set(samples.training.x.ravel()) & set(samples.held.x.ravel())
    assert sorted(samples.paired.x.ravel()) == sorted(samples.training.x.ravel())
    new_x, new_y, _ = changed_data(PAIRED.edits, apart.x, apart.y, (x, x), samples.paired)
    assert (new_x.ravel() == new_y).all()


# Layers


def chain(*given, loss="mse", inputs=4):
    model = keras.Sequential([keras.Input((inputs,)), *given])
    model.compile(loss=loss)
    return model


def test_layers_are_put_beside_one_and_what_is_frozen_stays():
    first = keras.layers.Dense(8, "tanh", name="first", trainable=False)
    model = chain(first, keras.layers.Dense(2, name="out"))
    rows = [{"name": "first", "initializer": "glorot_uniform", "activation": "tanh"}]
    edits = [*normalized(rows, ["first"]).edits, Edit("out", "before", [NORMALIZATION])]
    copy = changed_copy(model, edits)
    inside = copy.get_layer("first")
    assert [type(layer).__name__ for layer in inside.layers] == ["Dense", "BatchNormalization", "Activation"]
    assert [type(layer).__name__ for layer in copy.get_layer("out").layers] == ["BatchNormalization", "Dense"]
    assert inside.layers[0].activation.__name__ == "linear" and inside.layers[2].activation.__name__ == "tanh"
    copy.fit(np.ones((8, 4)), np.ones((8, 2)), verbose=0)
    kept = chain(keras.layers.Dense(8, name="first", trainable=False), keras.layers.Dense(2, name="out"))
    copy = changed_copy(kept, [Edit("first", "behind", [NORMALIZATION])])
    assert (copy.get_layer("first").layers[0].kernel.numpy() == kept.get_layer("first").kernel.numpy()).all()
    assert not copy.get_layer("first").layers[0].trainable


class Cut(keras.layers.Layer):
    def call(self, x):
        return keras.ops.stop_gradient(x)


def test_a_custom_layer_is_left_out():
    model = chain(keras.layers.Dense(3, name="hidden"), Cut(name="cut"), keras.layers.Dense(1, name="out"))
    layers = [{"name": "hidden"}, {"name": "out"}]
    found = without_custom(json.loads(model.to_json()), layers)
    assert found == without(["cut"]) and found.words == "without cut"
    copy = changed_copy(model, found.edits)
    assert type(copy.get_layer("cut")).__name__ == "Identity" and type(model.get_layer("cut")) is Cut
    assert without_custom(json.loads(chain(keras.layers.Dense(1)).to_json()), []) is None


class Own(keras.Model):
    """A functional model of a class of its own, whose step reads what was set on it."""

    def train_step(self, data):
        return super().train_step(data) if self.ready else {}


def test_what_a_program_has_set_on_its_model_is_there_in_the_copy():
    x = keras.Input((2,))
    model = Own(x, keras.layers.Dense(1)(x))
    model.ready, model.total = True, keras.metrics.Mean(name="total")
    model.compile(loss="mse")
    copy = changed_copy(model, [])
    assert type(copy) is Own and copy.ready and copy.total is not model.total
    assert copy.fit(np.ones((4, 2)), np.ones(4), verbose=0).history["loss"]


# Trials


def setting(model, data, validation=None, paired=None, epochs=2, **more):
    fit = {"epochs": epochs, "batch_size": 16}
    return Setting(model, split(data, validation, paired), fit, epochs, False, **more)


def points(count=128):
    x = np.random.default_rng(0).normal(size=(count, 4)).astype("float32")
    return Data(x, (x.sum(axis=1) > 0).astype("float32"))


def classifier(**given):
    model = chain(keras.layers.Dense(1, "sigmoid", name="out"))
    model.compile(**{"loss": "binary_crossentropy", "optimizer": keras.optimizers.SGD(1e-6)} | given)
    return model


def test_a_range_test_finds_a_rate_that_learns():
    about = setting(classifier(), points(400), epochs=8)
    edits = [Edit("compile", "learning_rate", RANGE_TEST)]
    assert train(about, edits, 0, FOREVER).score.skill > 0.7 > train(about, [], 0, FOREVER).score.skill


@pytest.mark.parametrize(("left", "epochs"), [(48, 4), (24, 6), (2, 12)])
def test_fewer_samples_are_trained_for_as_many_steps(monkeypatch, left, epochs):
    """96 samples in batches of 16, for two epochs, are twelve steps."""
    given = {}
    monkeypatch.setattr(keras.Sequential, "fit", lambda self, x, y, **arguments: given.update(arguments, n=len(x)))
    few = Edit("training", "x, y", f"x[:{left}], y[:{left}]")
    train(setting(classifier(), points()), [few], 0, FOREVER)
    assert (given["n"], given["epochs"]) == (left, epochs)


def test_samples_with_weights_are_not_dropped():
    data = dataclasses.replace(points(), sample_weight=np.ones(128))
    with pytest.raises(CannotApplyError, match="these have weights"):
        train(setting(classifier(), data), [Edit("training", "x, y", "x[:24], y[:24]")], 0, FOREVER)


def test_without_validation_samples_nothing_of_them_is_changed():
    with pytest.raises(CannotApplyError, match="No validation samples were given"):
        train(setting(classifier(), points()), [Edit("validation", "x", "x / 2")], 0, FOREVER)


def test_copies_are_fed_as_the_run_was(monkeypatch):
    seen = []
    monkeypatch.setattr(keras.Sequential, "fit", lambda self, x, y, **arguments: seen.append(len(x)))
    about = setting(classifier(), points(), as_fed=(Edit("training", "x, y", "x[:16], y[:16]"),))
    for edits in ([], [Edit("out", "activation", "tanh")], [Edit("training", "as_given", "True")]):
        train(about, edits, 0, FOREVER)
    assert seen == [16, 16, about.samples.training.sample_count]


# Measuring


def distance(wanted, given):
    return keras.ops.mean(wanted * given + (1 - wanted) * keras.ops.maximum(1 - given, 0))


def test_a_distance_is_parted_where_training_samples_are_told_apart():
    model = chain(keras.layers.Dense(1, kernel_initializer="ones", name="out"), loss=distance, inputs=1)
    near, far = np.linspace(0, 1, 20), np.linspace(3, 9, 20)
    x = np.concatenate([near, far])[:, None].astype("float32")
    data = Data(x, np.repeat([1.0, 0.0], 20))
    found = Scorer(model, data, data, classes=False)()
    assert found.value == 1.0 and found.skill == pytest.approx(1)
    turned = dataclasses.replace(data, y=1 - data.y)
    assert Scorer(model, turned, data, classes=False)().value == 0.0, "Nothing is fitted to the held samples."


def of_two(size=1.0):
    x = keras.Input((2,))
    outputs = {
        "kind": keras.layers.Dense(1, "sigmoid", kernel_initializer="ones", name="kind")(x),
        "size": keras.layers.Dense(1, kernel_initializer="zeros", name="size")(x),
    }
    model = keras.Model(x, outputs)
    model.compile(loss={"kind": "binary_crossentropy", "size": "mse"}, loss_weights={"kind": 1.0, "size": size})
    return model


def samples_of_two():
    x = np.random.default_rng(1).normal(size=(64, 2)).astype("float32")
    several = {"kind": (x.sum(axis=1) > 0).astype("float32"), "size": 3 * x[:, 0]}
    return Data(x, np.zeros((64, 0)), several=several)


def test_the_named_one_of_several_outputs_is_measured():
    data = samples_of_two()
    kind, size = (Scorer(of_two(), data, data, False, output)() for output in ("kind", "size"))
    assert (kind.measure, kind.value) == ("accuracy", 1.0)
    assert size.measure == "explained variance" and size.skill == pytest.approx(0, abs=0.05)


def test_a_model_with_several_outputs_is_trained_with_changes_of_its_labels():
    edits = [Edit("data", "y", '{**y, "size": y["size"] / 3}')]
    about = setting(of_two(), samples_of_two(), output="size", epochs=1)
    assert train(about, edits, 0, FOREVER).score.measure == "explained variance of `size`"


# The whole, with outcomes that are given instead of trained


def tried(monkeypatch, skill_of, *findings, training=None, model=None, series=None, **about_samples):
    """The table of a trial in which a copy with these edits, of this setting, has this skill."""

    def given(setting, edits, seed, ends):
        skill = skill_of(setting, edits)
        return Outcome(Score(np.full(50, skill), (1 + skill) / 2, "accuracy"), 2, 0.0)

    monkeypatch.setattr(running, "train", given)
    about = diagnosis(findings, series=series)
    run = known_run.KnownRun(about, None)
    subject = trial.Subject(model or classifier(), training or points(), None, run, {"epochs": 2}, **about_samples)
    return trial.tried(subject, budget=600.0, seeds=3, verbose=0)


def half_of(edits):
    return any("half" in str(edit.new) for edit in edits)


@pytest.mark.parametrize(
    ("with_half", "told"), [(0.2, "the fix is likely to help"), (0.79, "the fix may bring little")]
)
def test_more_samples_are_told_by_fewer(monkeypatch, with_half, told):
    found = tried(
        monkeypatch,
        lambda setting, edits: with_half if half_of(edits) else 0.8,
        named("too_little_data", attempt=HALF),
        named("output_activation", SIGMOID),
    )
    assert [row.causes for row in found.rows] == [(), ("too_little_data",), ("output_activation",)], "No joint row."
    shadow = found.rows[1]
    assert shadow.verdict == "not tried" and found.taken_back == ("output_activation",)
    figure = shown((1 + with_half) / 2)
    assert shadow.reason.startswith(f"There are no more samples to try. With half of the samples accuracy is {figure}")
    assert "(0.90 as it is): " in shadow.reason and shadow.reason.endswith(f"{told}.")


@pytest.mark.parametrize(("with_them", "said"), [(0.3, "They are gone."), (0.9, "")])
def test_what_a_try_leaves_out_is_said_where_it_does_not_help(monkeypatch, with_them, said):
    once = Try("each sample once", KEPT, "They are gone.")
    found = tried(
        monkeypatch, lambda setting, edits: with_them if edits else 0.3, named("duplicate_rows", attempt=once)
    )
    assert found.rows[1].reason == said and found.taken_back == ()
    assert found.rows[1].verdict == ("proven" if said == "" else "does not help")


def test_the_control_is_fed_as_the_run_was(monkeypatch):
    fed = Try(
        "each sample of `data` once an epoch",
        (Edit("training", "as_given", "True"),),
        as_fed=(Edit("training", "x, y", "x[:16], y[:16]"),),
    )
    found = tried(
        monkeypatch,
        lambda setting, edits: 0.9 if any(edit.argument == "as_given" for edit in edits) else 0.1 * len(setting.as_fed),
        named("fit_data_differs", attempt=fed),
    )
    assert [row.skill for row in found.rows] == pytest.approx([0.1, 0.9]) and found.rows[1].verdict == "proven"
    assert found.headline().startswith("Proven: with each sample of `data` once an epoch (tried here")
    as_it_went = tried(monkeypatch, lambda *_: 0.9, named("fit_data_differs", attempt=fed), is_as_fed=True)
    assert [row.reason for row in as_it_went.rows] == [trial.AS_FED], "What it should have been given is not there."


def test_labels_are_paired_again_only_where_a_source_is_seen(monkeypatch):
    by_pairs = lambda setting, edits: 0.9 if edits else 0.0  # noqa: E731
    finding = named("shuffled_labels", attempt=PAIRED)
    assert tried(monkeypatch, by_pairs, finding).rows[0].reason == trial.NOT_PAIRED
    assert tried(monkeypatch, by_pairs, finding, paired=points()).rows[1].verdict == "proven"


def test_without_labels_for_the_outputs_nothing_is_tried(monkeypatch):
    found = tried(monkeypatch, lambda *_: 0.0, named("output_activation", SIGMOID), model=of_two())
    assert found.rows[0].reason == trial.NO_LABELS


def test_a_change_of_the_metric_is_told_by_the_run_as_it_is(monkeypatch):
    metric = Edit("compile", "metrics", "mae", old="accuracy")
    found = tried(monkeypatch, lambda *_: 0.8, named("metric_mismatch", metric), series={"accuracy": [0.1, 0.06]})
    assert [row.verdict for row in found.rows] == ["as it is", "not tried"]
    assert found.rows[1].reason == (
        "It changes what is reported, not what is learned. Copies of the run as it is have an accuracy of 0.90 by what "
        "they answer; fit reported 0.06."
    )
