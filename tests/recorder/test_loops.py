"""Custom loops and steps: what they use is judged, and not what was compiled."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from small_run import X, Y

import tb_diagnose
from tb_diagnose import event_file
from tb_diagnose.recorder import model_facts
from tb_diagnose.recorder.compiled import settings_of
from tb_diagnose.recorder.loop_loss import is_crossed, loss_facts


def net(units=1, activation="sigmoid"):
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(units, activation=activation)])


def squared(y, output):
    return tf.reduce_mean((tf.cast(y, output.dtype) - output) ** 2)


def twice(y, output):
    return tf.nn.sparse_softmax_cross_entropy_with_logits(y, output)


def train(model, logdir, loss_fn, y=Y, epochs=4, *, applies=True, before=True, told=True):
    """A loop over one batch an epoch; returns the diagnosis and the weights at the end."""
    optimizer = keras.optimizers.SGD(0.5)
    given = {"loss_fn": loss_fn, "optimizer": optimizer} if told else {}
    if logdir is not None and before:
        tb_diagnose.log(model, (X, y), logdir, **given)
    for _ in range(epochs):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(loss_fn(tf.constant(y), model(X, training=True)))
        gradients = tape.gradient(loss, model.trainable_variables)
        if applies:
            optimizer.apply(gradients, model.trainable_variables)
        if logdir is not None:
            tb_diagnose.log(model, (X, y), logdir, loss=float(loss), **given)
    found = None if logdir is None else tb_diagnose.diagnose(logdir)[0]
    return found, model.get_weights()


def named(found):
    return [cause.cause.id for cause in found.probable_causes]


def test_a_model_that_was_never_compiled_is_logged(tmp_path):
    found, logged = train(net(), tmp_path, keras.losses.BinaryCrossentropy(), Y[:, None])
    _, alone = train(net(), None, keras.losses.BinaryCrossentropy(), Y[:, None])
    assert all((a == b).all() for a, b in zip(logged, alone, strict=True))
    evidence = found.evidence
    assert evidence.facts["loss_function"]["name"] == "binary_crossentropy" and not named(found)
    assert evidence.facts["optimizer"]["name"] == "sgd"
    assert evidence.epochs.tolist() == [0, 1, 2, 3, 4] and evidence.get("iterations").tolist() == [0, 1, 2, 3, 4]
    assert np.isfinite(evidence.get("loss")[1:]).all() and np.isfinite(evidence.get("gradient_norm")).any()


@pytest.mark.parametrize("told", [True, False])
def test_the_first_call_may_come_after_the_first_epoch(tmp_path, told):
    found, _ = train(net(), tmp_path, keras.losses.BinaryCrossentropy(), Y[:, None], before=False, told=told)
    assert found.evidence.epochs.tolist() == [1, 2, 3, 4]


def test_without_any_loss_it_could_not_be_told(tmp_path):
    found, _ = train(net(), tmp_path, keras.losses.BinaryCrossentropy(), Y[:, None], told=False)
    assert found.evidence.epochs.tolist() == [0, 1, 2, 3, 4] and not found.failed
    assert {"output_activation", "loss_mismatch"} <= {cause.id for cause, _ in found.could_not_tell}


def test_the_optimizer_of_the_loop_is_logged_not_a_compiled_one(tmp_path):
    model = net()
    model.compile("adam", "mse")
    found, _ = train(model, tmp_path, keras.losses.BinaryCrossentropy(), Y[:, None])
    assert found.evidence.get("learning_rate")[-1] == 0.5 and found.evidence.facts["optimizer"]["name"] == "sgd"
    assert found.evidence.facts["loss_function"]["name"] == "binary_crossentropy"


def test_a_loss_that_broadcasts_is_named(tmp_path):
    found, _ = train(net(), tmp_path, squared, Y.astype("float32"), epochs=8)
    assert named(found)[:1] == ["loop_loss"]
    pairing = found.evidence.facts["loss_pairing"]
    assert is_crossed(pairing) and pairing["label_shape"] == [] and pairing["output_shape"] == [1]


def asked(model, loss_fn, y):
    from tb_diagnose.recorder import objective
    from tb_diagnose.recorder.data import Data

    objective.use(model, objective.Objective(loss_fn))
    return loss_facts(model, Data(X, y))


@pytest.mark.parametrize(
    ("loss_fn", "y"),
    [
        (squared, Y.astype("float32")[:, None]),
        (keras.losses.MeanSquaredError(), Y.astype("float32")),  # Keras brings them into one shape
        (lambda y, output: squared(y, output[:, 0]), Y.astype("float32")),
        (lambda y, output: tf.reduce_mean(output), Y.astype("float32")),  # reads no labels
        (lambda y, output: (tf.reduce_mean(y) - tf.reduce_mean(output)) ** 2, Y.astype("float32")),  # of the batch
    ],
)
def test_a_loss_of_right_shape_is_not(loss_fn, y):
    assert not is_crossed(asked(net(), loss_fn, y)["loss_pairing"])


def test_weights_that_never_move_are_named(tmp_path):
    found, _ = train(net(), tmp_path, keras.losses.BinaryCrossentropy(), Y[:, None], applies=False)
    assert named(found)[:1] == ["loop_loss"] and "No weight has moved in 4 epochs" in str(found)


@pytest.mark.parametrize(
    ("loss_fn", "activation", "from_logits"),
    [
        (twice, "softmax", True),
        (twice, None, True),
        (keras.losses.SparseCategoricalCrossentropy(), "softmax", False),
        (keras.losses.SparseCategoricalCrossentropy(from_logits=True), "softmax", False),  # Keras looks behind it
    ],
)
def test_a_cross_entropy_is_known_by_what_it_gives(loss_fn, activation, from_logits):
    loss = asked(net(3, activation), loss_fn, Y + (X[:, 1] > 0))["loss_function"]
    assert (loss["name"], loss["from_logits"]) == ("sparse_categorical_crossentropy", from_logits)


@pytest.mark.parametrize(("argument", "value"), [("loss_fn", "mse"), ("loss", [0.1, 0.2]), ("optimizer", "adam")])
def test_arguments_are_checked(tmp_path, argument, value):
    with pytest.raises(TypeError, match=f"`{argument}` is not"):
        tb_diagnose.log(net(), (X, Y), tmp_path, **{argument: value})


def own_step(loss_fn, *, loss=None):
    class Own(keras.Model):
        def train_step(self, data):
            x, y = data
            with tf.GradientTape() as tape:
                value = tf.reduce_mean(loss_fn(self, x, y, self(x, training=True)))
            gradients = tape.gradient(value, self.trainable_variables)
            self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
            return {"loss": value}

    keras.utils.set_random_seed(0)
    inputs = keras.Input((3,))
    model = Own(inputs, keras.layers.Dense(2, activation="softmax", name="answers")(inputs))
    model.compile("adam", loss)
    return model


def seen(model, tmp_path):
    callback = tb_diagnose.KerasCallback(tmp_path, (X, Y), verbose=0)
    model.fit(X, Y, epochs=1, verbose=0, callbacks=[callback])
    return event_file.newest(str(tmp_path / "diagnosis")).facts.get("training_step")


def test_a_step_that_takes_a_softmax_for_logits_is_seen(tmp_path):
    step = seen(own_step(lambda model, x, y, output: twice(tf.reshape(y, [-1]), output)), tmp_path)
    assert step["reads"] == "softmax" and step["layer"] == "answers" and step["uses_compiled_loss"] is False
    assert step["loss"] == "sparse_categorical_crossentropy"


def test_keras_own_loss_in_a_step_looks_behind_the_softmax(tmp_path):
    loss = keras.losses.SparseCategoricalCrossentropy()
    step = seen(own_step(lambda model, x, y, output: loss(y, output)), tmp_path)
    assert step["reads"] is None and step["kind"] == "train_step"


def test_a_step_that_uses_the_compiled_loss_is_seen(tmp_path):
    model = own_step(
        lambda model, x, y, output: model.compute_loss(x=x, y=y, y_pred=output), loss="sparse_categorical_crossentropy"
    )
    assert seen(model, tmp_path)["uses_compiled_loss"] is True
    assert "call" not in model.__dict__ and "compute_loss" not in model.__dict__


@pytest.mark.parametrize("reshaped", [True, False])
@pytest.mark.parametrize(
    "loss_fn",
    [
        lambda y, output: (y - output) ** 2,
        lambda y, output: tf.math.squared_difference(output, y),
        lambda y, output: -(y * tf.math.log(output + 1e-7) + (1 - y) * tf.math.log(1 - output + 1e-7)),
    ],
)
def test_labels_that_broadcast_in_a_step_are_seen(tmp_path, loss_fn, reshaped):
    def loss(model, x, y, output):
        y = tf.cast(tf.reshape(y, (-1, 1)) if reshaped else y, "float32")
        return loss_fn(y, output[:, :1])

    assert seen(own_step(loss), tmp_path)["broadcasts"] is not reshaped


@pytest.mark.parametrize(
    "loss_fn",
    [
        lambda y, output: (y - output[:, 0]) ** 2,
        lambda y, output: tf.cast(y[:, None] == y, "float32") * (output @ tf.transpose(output)),  # all pairs of a batch
        lambda y, output: (output[:, :1] - output[:, 1]) ** 2,
        lambda y, output: (y - output[:, 0]) ** 2 + tf.stop_gradient(y - output[:, :1]),
    ],
)
def test_what_compares_samples_on_purpose_is_not(tmp_path, loss_fn):
    model = own_step(lambda model, x, y, output: loss_fn(tf.cast(y, "float32"), output))
    assert seen(model, tmp_path)["broadcasts"] is False


def test_a_second_fit_knows_what_the_first_has_seen(tmp_path):
    model = own_step(lambda model, x, y, output: twice(tf.reshape(y, [-1]), output))
    assert seen(model, tmp_path / "one") == seen(model, tmp_path / "two")


def test_watching_changes_no_weight(tmp_path):
    weights = []
    for logged in (True, False):
        model = own_step(lambda model, x, y, output: twice(tf.reshape(y, [-1]), output))
        callbacks = [tb_diagnose.KerasCallback(tmp_path, (X, Y), verbose=0)] if logged else []
        model.fit(X, Y, epochs=2, verbose=0, callbacks=callbacks)
        weights.append(model.get_weights())
    assert all((a == b).all() for a, b in zip(*weights, strict=True))


def test_only_code_of_keras_is_compiled_for_a_loop_and_anew_for_other_settings():
    """A loop runs its own code eagerly, and that may read anything."""
    loss_fn = keras.losses.SparseCategoricalCrossentropy()
    drop = keras.layers.Dropout(0.2)
    model = keras.Sequential([keras.Input((3,)), drop, keras.layers.Dense(2, activation="softmax")])
    before = settings_of(model, loss_fn)
    assert before is not None and before == settings_of(model, loss_fn)
    drop.rate = 0.5
    assert settings_of(model, loss_fn) not in (None, before)
    assert settings_of(model, lambda y, output: loss_fn(y, output)) is None
    assert settings_of(own_step(twice), loss_fn) is None


def test_biases_tell_whether_a_model_without_an_optimizer_is_trained():
    model = net()
    assert model_facts.is_untrained(model)
    model.layers[0].bias.assign([0.1])
    assert not model_facts.is_untrained(model)
