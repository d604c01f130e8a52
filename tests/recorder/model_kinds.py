"""Programs of every kind of model that Keras 3 trains, the same on each backend: small, and none of them at fault.

A kind that only some backends have says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
from keras import layers, ops

SAMPLES, EPOCHS, BATCH = 192, 6, 32
_DRAWN = np.random.default_rng(0)
X = _DRAWN.normal(size=(SAMPLES, 8)).astype("float32")
Y = (X[:, 0] + X[:, 1] > 0).astype("int64")
Y3 = np.digitize(X[:, 0], [-0.4, 0.4])
IMAGES = (np.ones((SAMPLES, 12, 12, 3)) * Y[:, None, None, None] + _DRAWN.normal(size=(SAMPLES, 12, 12, 3))).astype(
    "float32"
)
_LOW = _DRAWN.integers(1, 15, (SAMPLES, 10))
IDS = np.where(np.arange(10) < _DRAWN.integers(3, 11, (SAMPLES, 1)), _LOW + 15 * Y[:, None], 0)
SIGNALS = _DRAWN.normal(size=(SAMPLES, 10, 4)).astype("float32") + 0.5 * Y[:, None, None].astype("float32")


@dataclass
class Program:
    """One program.

    Args:
        model: A compiled model.
        x: Inputs of `fit`.
        y: Labels of `fit`.
        fit: More arguments of `fit`.
    """

    model: keras.Model
    x: Any = field(default_factory=lambda: X)
    y: Any = field(default_factory=lambda: Y)
    fit: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Kind:
    """A kind of model.

    Args:
        make: Makes a program of it.
        without: Backends that do not have it, and why.
        named: Causes that are rightly named.
        has_loss: Whether the loss that it lowers is the compiled one, so that gradients of it tell something.
    """

    make: Callable[[], Program]
    without: dict[str, str]
    named: tuple[str, ...]
    has_loss: bool


BACKENDS = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch"}
KINDS: dict[str, Kind] = {}


def kind(
    name: str, without: dict[str, str] | None = None, named: tuple[str, ...] = (), has_loss: bool = True
) -> Callable[[Callable[[], Program]], Callable[[], Program]]:
    """Enters a kind under a name."""

    def enter(make: Callable[[], Program]) -> Callable[[], Program]:
        assert name not in KINDS
        KINDS[name] = Kind(make, without or {}, named, has_loss)
        return make

    return enter


def of(backend: str) -> list[str]:
    """The kinds that a backend has."""
    return [name for name, entry in KINDS.items() if backend not in entry.without]


def table() -> str:
    """The kinds and the backends on which they are tried, as README shows it."""
    head = ["Kind of model", *BACKENDS.values()]
    rows = [
        [name.capitalize() if name[0].islower() else name]
        + ["" if backend in entry.without else "yes" for backend in BACKENDS]
        + [" ".join(f"{BACKENDS[backend]}: {why}." for backend, why in entry.without.items())]
        for name, entry in KINDS.items()
    ]
    lines = [[*head, "Where not, why"], ["---"] * (len(head) + 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def compiled(model: keras.Model, loss: Any = "binary_crossentropy", **arguments: Any) -> keras.Model:
    """The model, compiled with Adam and accuracy."""
    model.compile(**{"optimizer": keras.optimizers.Adam(0.01), "loss": loss, "metrics": ["accuracy"], **arguments})
    return model


def dense(*body: Any, units: int = 1, activation: Any = "sigmoid") -> keras.Model:
    """A Sequential over the eight inputs."""
    return keras.Sequential([keras.Input((8,)), *body, layers.Dense(units, activation=activation)])


@kind("sequential")
def _sequential() -> Program:
    return Program(compiled(dense(layers.Dense(8, "relu"), layers.Dropout(0.2))), fit={"validation_split": 0.25})


@kind("built by its first step")
def _deferred() -> Program:
    return Program(compiled(keras.Sequential([layers.Dense(8, "relu"), layers.Dense(1, "sigmoid")])))


@kind("logits")
def _logits() -> Program:
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return Program(compiled(dense(layers.Dense(8, "relu"), units=3, activation=None), loss), y=Y3)


@kind("convolutions and batch normalization")
def _convolutions() -> Program:
    body = [
        layers.Conv2D(4, 3),
        layers.BatchNormalization(momentum=0.8),
        layers.ReLU(),
        layers.GlobalAveragePooling2D(),
    ]
    model = keras.Sequential([keras.Input((12, 12, 3)), *body, layers.Dense(1, "sigmoid")])
    return Program(compiled(model), x=IMAGES)


@kind("augmentation and noise")
def _augmentation() -> Program:
    body = [layers.RandomFlip(seed=1), layers.GaussianNoise(0.1, seed=2), layers.Conv2D(4, 3, activation="relu")]
    model = keras.Sequential([keras.Input((12, 12, 3)), *body, layers.Flatten(), layers.Dense(1, "sigmoid")])
    return Program(compiled(model), x=IMAGES)


@kind("embedding, mask and LSTM")
def _lstm() -> Program:
    body = [layers.Embedding(30, 4, mask_zero=True), layers.LSTM(6), layers.Dense(1, "sigmoid")]
    return Program(compiled(keras.Sequential([keras.Input((10,), dtype="int32"), *body])), x=IDS)


@kind("bidirectional GRU with recurrent dropout")
def _gru() -> Program:
    body = [layers.Bidirectional(layers.GRU(4, recurrent_dropout=0.1, seed=1)), layers.Dense(1, "sigmoid")]
    return Program(compiled(keras.Sequential([keras.Input((10, 4)), *body])), x=SIGNALS)


@kind("stateful, fixed batch", without={"torch": "Keras's own step raises there"})
def _stateful() -> Program:
    inputs = keras.Input(batch_shape=(BATCH, 10, 4))
    model = keras.Model(inputs, layers.Dense(1, "sigmoid")(layers.LSTM(4, stateful=True)(inputs)))
    return Program(compiled(model), x=SIGNALS, fit={"shuffle": False})


@kind("attention")
def _attention() -> Program:
    inputs = keras.Input((10, 4))
    found = layers.MultiHeadAttention(2, 4, dropout=0.1)(inputs, inputs)
    found = layers.LayerNormalization()(layers.Add()([inputs, found]))
    outputs = layers.Dense(1, "sigmoid")(layers.GlobalAveragePooling1D()(found))
    return Program(compiled(keras.Model(inputs, outputs)), x=SIGNALS)


@kind("causal language model")
def _language() -> Program:
    inputs = keras.Input((9,), dtype="int32")
    found = layers.Embedding(30, 8)(inputs)
    found = layers.Add()([found, layers.MultiHeadAttention(2, 4)(found, found, use_causal_mask=True)])
    outputs = layers.Dense(30)(found)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return Program(compiled(keras.Model(inputs, outputs), loss), x=IDS[:, :-1], y=IDS[:, 1:])


@kind("shared layers, two inputs")
def _siamese() -> Program:
    left, right = keras.Input((4,), name="left"), keras.Input((4,), name="right")
    body = keras.Sequential([layers.Dense(6, "relu"), layers.Dense(6)], name="body")
    outputs = layers.Dense(1, "sigmoid")(ops.abs(body(left) - body(right)))
    model = keras.Model([left, right], outputs)
    return Program(compiled(model), x={"left": X[:, :4], "right": X[:, 4:]})


@kind("nested model, frozen", named=("frozen_layers",))
def _nested() -> Program:
    body = dense(layers.Dense(6, "relu"), layers.BatchNormalization(), units=4, activation="tanh")
    body.trainable = False
    return Program(compiled(keras.Sequential([keras.Input((8,)), body, layers.Dense(1, "sigmoid")])))


@kind("subclassed with training")
def _subclassed() -> Program:
    class Net(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.hidden, self.drop, self.last = layers.Dense(6, "relu"), layers.Dropout(0.2), layers.Dense(1)
            self.bias = self.add_weight(shape=(1,), initializer="zeros", name="own")

        def call(self, inputs: Any, training: bool = False) -> Any:
            return ops.sigmoid(self.last(self.drop(self.hidden(inputs), training=training)) + self.bias)

    return Program(compiled(Net()))


@kind("subclassed without training")
def _subclassed_plain() -> Program:
    class Net(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.hidden, self.last = layers.Dense(6, "relu"), layers.Dense(1, "sigmoid")

        def call(self, inputs: Any) -> Any:
            return self.last(self.hidden(inputs))

    return Program(compiled(Net()))


@kind("add_loss and activity regularizer")
def _add_loss() -> Program:
    class Penalty(layers.Layer):
        def call(self, inputs: Any) -> Any:
            self.add_loss(0.001 * ops.mean(ops.square(inputs)))
            return inputs

    return Program(compiled(dense(layers.Dense(6, "relu", activity_regularizer="l2"), Penalty())))


@kind("loss and metric of its own")
def _own_loss() -> Program:
    def distance(y_true: Any, y_pred: Any) -> Any:
        return ops.mean(ops.square(ops.cast(y_true, y_pred.dtype) - y_pred), axis=-1)

    def near(y_true: Any, y_pred: Any) -> Any:
        return ops.mean(ops.cast(ops.abs(ops.cast(y_true, y_pred.dtype) - y_pred) < 0.5, "float32"))

    y = Y[:, None].astype("float32")
    return Program(compiled(dense(layers.Dense(6, "relu")), distance, metrics=[near]), y=y)


@kind("add_loss alone", has_loss=False)
def _no_loss() -> Program:
    class Net(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.encoder, self.decoder = layers.Dense(6, "relu"), layers.Dense(8)

        def call(self, inputs: Any) -> Any:
            outputs = self.decoder(self.encoder(inputs))
            self.add_loss(ops.mean(ops.square(outputs - inputs)))
            return outputs

    return Program(compiled(Net(), None, metrics=[]), y=None)


def _autoencoder_step(backend: str) -> type[keras.Model]:
    class Tensorflow(keras.Model):
        def train_step(self, data: Any) -> Any:
            import tensorflow as tf

            x, y = data
            with tf.GradientTape() as tape:
                loss = ops.mean(ops.square(self(x, training=True)[:, 0] - ops.cast(y, "float32")))
            gradients = tape.gradient(loss, self.trainable_variables)
            self.optimizer.apply(gradients, self.trainable_variables)
            return {"loss": loss}

    class Torch(keras.Model):
        def train_step(self, data: Any) -> Any:
            import torch

            x, y = data
            self.zero_grad()
            loss = ops.mean(ops.square(self(x, training=True)[:, 0] - ops.cast(y, "float32")))
            loss.backward()
            with torch.no_grad():
                self.optimizer.apply([v.value.grad for v in self.trainable_variables], self.trainable_variables)
            return {"loss": loss.detach()}

    class Jax(keras.Model):
        def train_step(self, state: Any, data: Any) -> Any:
            import jax

            trainable, other, optimizer, metrics = state
            x, y = data

            def loss_of(trainable: Any, other: Any) -> Any:
                outputs, other = self.stateless_call(trainable, other, x, training=True)
                return ops.mean(ops.square(outputs[:, 0] - ops.cast(y, "float32"))), other

            (loss, other), gradients = jax.value_and_grad(loss_of, has_aux=True)(trainable, other)
            trainable, optimizer = self.optimizer.stateless_apply(optimizer, gradients, trainable)
            return {"loss": loss}, (trainable, other, optimizer, metrics)

    return {"tensorflow": Tensorflow, "torch": Torch, "jax": Jax}[backend]


@kind("train_step of its own, compile without a loss", has_loss=False)
def _own_step() -> Program:
    inputs = keras.Input((8,))
    outputs = layers.Dense(1)(layers.Dense(6, "relu")(inputs))
    model = _autoencoder_step(keras.backend.backend())(inputs, outputs)
    model.compile(keras.optimizers.Adam(0.01))
    return Program(model)


@kind("two outputs, a dict", has_loss=False)
def _two_outputs() -> Program:
    inputs = keras.Input((8,))
    hidden = layers.Dense(8, "relu")(inputs)
    outputs = {"sign": layers.Dense(1, "sigmoid", name="sign")(hidden), "size": layers.Dense(1, name="size")(hidden)}
    model = keras.Model(inputs, outputs)
    model.compile(
        keras.optimizers.Adam(0.01), {"sign": "binary_crossentropy", "size": "mse"}, metrics={"sign": ["accuracy"]}
    )
    return Program(model, y={"sign": Y[:, None], "size": X[:, :1]})


@kind("two outputs, a list", has_loss=False)
def _two_outputs_list() -> Program:
    inputs = keras.Input((8,))
    hidden = layers.Dense(8, "relu")(inputs)
    model = keras.Model(inputs, [layers.Dense(1, "sigmoid", name="a")(hidden), layers.Dense(3, "softmax")(hidden)])
    losses = ["binary_crossentropy", "sparse_categorical_crossentropy"]
    model.compile(keras.optimizers.Adam(0.01), losses, metrics=[["accuracy"], ["accuracy"]])
    return Program(model, y=[Y[:, None], Y3])


@kind("more outputs than labels", has_loss=False)
def _features_too() -> Program:
    inputs = keras.Input((8,))
    hidden = layers.Dense(8, "relu", name="features")(inputs)
    model = keras.Model(inputs, {"features": hidden, "answer": layers.Dense(1, "sigmoid", name="answer")(hidden)})
    model.compile(keras.optimizers.Adam(0.01), {"answer": "binary_crossentropy"}, metrics={"answer": ["accuracy"]})
    return Program(model, y={"answer": Y[:, None], "features": None})


@kind("variational autoencoder")
def _variational() -> Program:
    class Sampling(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.seed_generator = keras.random.SeedGenerator(3)

        def call(self, inputs: Any) -> Any:
            mean, log_variance = inputs[:, :3], inputs[:, 3:]
            self.add_loss(-0.005 * ops.mean(1 + log_variance - ops.square(mean) - ops.exp(log_variance)))
            return mean + ops.exp(log_variance / 2) * keras.random.normal(ops.shape(mean), seed=self.seed_generator)

    inputs = keras.Input((8,))
    outputs = layers.Dense(8)(Sampling()(layers.Dense(6)(inputs)))
    return Program(compiled(keras.Model(inputs, outputs), "mse", metrics=[]), y=X)


@kind("contrastive distance")
def _contrastive() -> Program:
    def contrastive(y_true: Any, distance: Any) -> Any:
        y_true = ops.cast(y_true, distance.dtype)
        return ops.mean(y_true * ops.square(distance) + (1 - y_true) * ops.square(ops.maximum(1 - distance, 0)))

    left, right = keras.Input((4,)), keras.Input((4,))
    body = keras.Sequential([layers.Dense(6, "relu"), layers.Dense(3)])
    distance = ops.sqrt(ops.sum(ops.square(body(left) - body(right)), axis=-1, keepdims=True) + 1e-6)
    same = (np.abs(X[:, :4] - X[:, 4:]).mean(axis=1) < 1).astype("float32")
    model = keras.Model([left, right], distance)
    return Program(compiled(model, contrastive, metrics=[]), x=[X[:, :4], X[:, 4:]], y=same[:, None])


class _Pair(keras.Model):
    """A generator and a critic of what it makes, each with an optimizer."""

    def __init__(self) -> None:
        super().__init__()
        self.generator = keras.Sequential([keras.Input((4,)), layers.Dense(8)])
        self.critic = dense(layers.Dense(8, "relu"), activation=None)
        self.noise = keras.random.SeedGenerator(5)

    def compile(self, first: Any, second: Any) -> None:
        super().compile()
        self.first, self.second = first, second

    def call(self, inputs: Any) -> Any:
        return self.critic(inputs)

    def made(self, data: Any) -> Any:
        return self.generator(keras.random.normal((ops.shape(data)[0], 4), seed=self.noise))

    def apart(self, data: Any) -> Any:
        """What the critic lowers."""
        return ops.mean(ops.softplus(-self.critic(data))) + ops.mean(ops.softplus(self.critic(self.made(data))))

    def fooled(self, data: Any) -> Any:
        """What the generator lowers."""
        return ops.mean(ops.softplus(-self.critic(self.made(data))))

    def parts(self) -> Any:
        """The networks with their optimizers and losses, in the order in which a step trains them."""
        return (self.critic, self.first, self.apart), (self.generator, self.second, self.fooled)


def _pair_of(backend: str) -> type[_Pair]:
    class Tensorflow(_Pair):
        def train_step(self, data: Any) -> Any:
            import tensorflow as tf

            found = {}
            for own, optimizer, loss in self.parts():
                with tf.GradientTape() as tape:
                    found[f"{loss.__name__}_loss"] = value = loss(data)
                optimizer.apply(tape.gradient(value, own.trainable_variables), own.trainable_variables)
            return found

    class Torch(_Pair):
        def train_step(self, data: Any) -> Any:
            import torch

            found = {}
            for own, optimizer, loss in self.parts():
                self.zero_grad()
                value = loss(data)
                value.backward()
                with torch.no_grad():
                    optimizer.apply([v.value.grad for v in own.trainable_variables], own.trainable_variables)
                found[f"{loss.__name__}_loss"] = value.detach()
            return found

    class Jax(_Pair):
        def compile(self, first: Any, second: Any) -> None:
            super().compile(first, second)
            first.build(self.critic.trainable_variables)
            second.build(self.generator.trainable_variables)
            # Keras carries along the state of one optimizer: that of the two is a part of the model.
            self.kept = [*first.variables, *second.variables]

        def train_step(self, state: Any, data: Any) -> Any:
            import jax

            trainable, other, unused, metrics = state
            variables = [*self.trainable_variables, *self.non_trainable_variables]
            values = dict(zip([id(v) for v in variables], [*trainable, *other], strict=True))
            found = {}

            def lowered(given: Any, own: Any, loss: Any) -> Any:
                mapping = [(v, values[id(v)]) for v in variables] + list(zip(own, given, strict=True))
                with keras.StatelessScope(state_mapping=mapping) as scope:
                    return loss(data), scope.get_current_value(self.noise.state)

            for part, optimizer, loss in self.parts():
                own, kept = part.trainable_variables, optimizer.variables
                before = [values[id(v)] for v in own]
                (value, seed), gradients = jax.value_and_grad(lowered, has_aux=True)(before, own, loss)
                after = optimizer.stateless_apply([values[id(v)] for v in kept], gradients, before)
                values |= zip([id(v) for v in (*own, *kept)], [*after[0], *after[1]], strict=True)
                values[id(self.noise.state)] = seed
                found[f"{loss.__name__}_loss"] = value
            new = [[values[id(v)] for v in part] for part in (self.trainable_variables, self.non_trainable_variables)]
            return found, (*new, unused, metrics)

    return {"tensorflow": Tensorflow, "torch": Torch, "jax": Jax}[backend]


@kind("two networks, a step of its own", has_loss=False)
def _adversarial() -> Program:
    model = _pair_of(keras.backend.backend())()
    model.compile(keras.optimizers.Adam(0.001), keras.optimizers.Adam(0.001))
    return Program(model, y=None)


@kind("strings into TextVectorization", without={"jax": "it has no strings", "torch": "it has no strings"})
def _strings() -> Program:
    import tensorflow as tf

    words = np.array([" ".join(f"w{number}" for number in row if number) for row in IDS])
    vectorize = layers.TextVectorization(output_sequence_length=10)
    vectorize.adapt(words)
    inputs = keras.Input((1,), dtype="string")
    found = layers.GlobalAveragePooling1D()(layers.Embedding(40, 4, mask_zero=True)(vectorize(inputs)))
    return Program(compiled(keras.Model(inputs, layers.Dense(1, "sigmoid")(found))), x=tf.constant(words[:, None]))


@kind("int8 weights with low-rank adaptation")
def _quantized() -> Program:
    hidden = layers.Dense(8, "relu")
    model = dense(hidden)
    hidden.quantize("int8")
    hidden.enable_lora(2)
    return Program(compiled(model))


@kind("U-Net, a label a pixel")
def _unet() -> Program:
    inputs = keras.Input((12, 12, 3))
    down = layers.Conv2D(4, 3, padding="same", activation="relu")(inputs)
    low = layers.Conv2D(8, 3, padding="same", activation="relu")(layers.MaxPooling2D()(down))
    up = layers.Conv2DTranspose(4, 2, strides=2)(low)
    outputs = layers.Conv2D(1, 1, activation="sigmoid")(layers.Concatenate()([up, down]))
    masks = (IMAGES.mean(axis=-1, keepdims=True) > 0.5).astype("float32")
    return Program(compiled(keras.Model(inputs, outputs)), x=IMAGES, y=masks)


@kind("a layer that keeps its last outputs")
def _keeping() -> Program:
    class Keeping(layers.Layer):
        def call(self, inputs: Any) -> Any:
            self.last = inputs
            return inputs

    return Program(compiled(dense(layers.Dense(8, "relu"), Keeping(), layers.Dense(4, "relu"))))


@kind("spectral normalization")
def _spectral() -> Program:
    return Program(compiled(dense(layers.SpectralNormalization(layers.Dense(8, "relu")))))


@kind("unit normalization and weight constraints")
def _constraints() -> Program:
    return Program(compiled(dense(layers.Dense(8, "relu", kernel_constraint="unit_norm"), layers.UnitNormalization())))


@kind("mixed precision")
def _mixed() -> Program:
    policy = "mixed_bfloat16"
    body = [layers.Dense(8, "relu", dtype=policy), layers.Dense(1, "sigmoid", dtype="float32")]
    return Program(compiled(keras.Sequential([keras.Input((8,)), *body])))


@kind("loss scaling")
def _loss_scaling() -> Program:
    optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(0.01), initial_scale=256.0)
    return Program(compiled(dense(layers.Dense(8, "relu")), optimizer=optimizer))


@kind("jit_compile", without={"torch": "not tried, it compiles for minutes"})
def _jit() -> Program:
    return Program(compiled(dense(layers.Dense(8, "relu")), jit_compile=True))


@kind("run_eagerly")
def _eager() -> Program:
    return Program(compiled(dense(layers.Dense(8, "relu"), layers.Dropout(0.1)), run_eagerly=True))


@kind("several steps at once", without={"torch": "Keras refuses `steps_per_execution` there"})
def _several_steps() -> Program:
    return Program(compiled(dense(layers.Dense(8, "relu")), steps_per_execution=3))


@kind("gradient accumulation")
def _accumulation() -> Program:
    optimizer = keras.optimizers.Adam(0.02, gradient_accumulation_steps=2)
    return Program(compiled(dense(layers.Dense(8, "relu")), optimizer=optimizer))


@kind("moving average of the weights")
def _average() -> Program:
    optimizer = keras.optimizers.Adam(0.02, use_ema=True, ema_momentum=0.9, ema_overwrite_frequency=4)
    return Program(compiled(dense(layers.Dense(8, "relu")), optimizer=optimizer))


@kind("gradient clipping and a schedule")
def _schedule() -> Program:
    rate = keras.optimizers.schedules.CosineDecay(0.3, 36)
    return Program(compiled(dense(layers.Dense(8, "relu")), optimizer=keras.optimizers.SGD(rate, clipnorm=1.0)))


@kind("low-rank adaptation")
def _lora() -> Program:
    hidden = layers.Dense(8, "relu")
    model = dense(hidden)
    hidden.enable_lora(2)
    return Program(compiled(model))


@kind("class and sample weights")
def _weights() -> Program:
    weight = np.where(Y == 1, 2.0, 1.0).astype("float32")
    return Program(compiled(dense(layers.Dense(8, "relu"))), fit={"sample_weight": weight, "batch_size": 16})


@kind("a torch module inside", without={"tensorflow": "it has none", "jax": "it has none"})
def _torch_module() -> Program:
    import torch

    class Counting(torch.nn.Module):
        """Binds its buffer anew in each pass."""

        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("passes", torch.zeros(()))

        def forward(self, inputs: Any) -> Any:
            self.passes = self.passes + 1
            return inputs * (1 + 0.001 * self.passes)

    parts = torch.nn.Linear(8, 6), torch.nn.BatchNorm1d(6), Counting(), torch.nn.ReLU(), torch.nn.Dropout(0.1)
    module = torch.nn.Sequential(*parts)
    inputs = keras.Input((8,))
    outputs = layers.Dense(1, "sigmoid")(keras.layers.TorchModuleWrapper(module, output_shape=(None, 6))(inputs))
    return Program(compiled(keras.Model(inputs, outputs)))


@kind("a body of keras.applications, frozen", named=("frozen_layers",))
def _application() -> Program:
    body = keras.applications.MobileNetV2((32, 32, 3), alpha=0.35, include_top=False, weights=None, pooling="avg")
    body.trainable = False
    inputs = keras.Input((32, 32, 3))
    model = keras.Model(inputs, layers.Dense(1, "sigmoid")(body(inputs, training=False)))
    x = np.repeat(np.repeat(IMAGES[:64, :8, :8], 4, axis=1), 4, axis=2)
    return Program(compiled(model), x=x, y=Y[:64])
