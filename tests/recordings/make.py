"""Writes the recordings beside this file: small logdirs, each by the real library that it stands for.

Not part of the tests, which only read what it wrote: `python make.py keras3 torch ...` in an environment that has the
library. What was used is in README.md.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent


def fresh(name: str) -> str:
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    return str(folder)


def rows(count: int = 128):
    x = np.random.default_rng(0).normal(size=(count, 4)).astype("float32")
    return x, (x[:, 0] > 0).astype("float32")


def learned(epochs: int, at: float = 0.95) -> list[float]:
    """An accuracy that rises from chance."""
    return [0.5 + (at - 0.5) * (1 - 0.6**epoch) for epoch in range(1, epochs + 1)]


def keras_model(head: str, optimizer: str = "adam"):
    import keras

    model = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(8, activation="relu"), keras.layers.Dense(1, activation=head)]
    )
    model.compile(optimizer, "binary_crossentropy", metrics=["accuracy"])
    return model


def keras3() -> None:
    import keras

    x, y = rows()
    for name, head, options in (
        ("keras3_stalled", "relu", {}),
        ("keras3_learns", "sigmoid", {}),
        ("keras3_batches", "sigmoid", {"update_freq": "batch"}),
        ("keras3_histograms", "relu", {"histogram_freq": 4}),
    ):
        keras.utils.set_random_seed(0)
        model = keras_model(head)
        model.optimizer.learning_rate = 0.05
        model.fit(
            x,
            y,
            epochs=8,
            verbose=0,
            validation_data=(x, y),
            callbacks=[keras.callbacks.TensorBoard(fresh(name), **options)],
        )
    for name, layers in (
        (
            "keras3_dead",
            [
                keras.layers.Dense(4, activation="relu", bias_initializer=keras.initializers.Constant(-50)),
                keras.layers.Dense(1, activation="sigmoid"),
            ],
        ),
        (
            "keras3_cut",
            [
                keras.layers.Dense(4, activation="relu"),
                keras.layers.Lambda(keras.ops.round, name="rounded"),
                keras.layers.Dense(1, activation="sigmoid"),
            ],
        ),
    ):
        keras.utils.set_random_seed(0)
        model = keras.Sequential([keras.Input((4,)), *layers])
        model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy", metrics=["accuracy"])
        model.fit(x, y, epochs=6, verbose=0, callbacks=[keras.callbacks.TensorBoard(fresh(name), histogram_freq=4)])
    folder = fresh("keras3_reused_folder")
    for head in ("sigmoid", "softmax"):
        keras.utils.set_random_seed(0)
        keras_model(head).fit(x, y, epochs=6, verbose=0, callbacks=[keras.callbacks.TensorBoard(folder)])
    folder = fresh("keras3_resumed")
    keras.utils.set_random_seed(0)
    model = keras_model("sigmoid")
    model.fit(x, y, epochs=5, verbose=0, callbacks=[keras.callbacks.TensorBoard(folder)])
    model.fit(x, y, epochs=9, initial_epoch=3, verbose=0, callbacks=[keras.callbacks.TensorBoard(folder)])


def keras3_hparams() -> None:
    import keras
    from tensorboard.plugins.hparams import api as hp

    x, y = rows()
    folder = fresh("keras3_hparams")
    for rate in (1e-5, 0.05):
        keras.utils.set_random_seed(0)
        model = keras_model("sigmoid")
        model.optimizer.learning_rate = rate
        logdir = f"{folder}/rate_{rate:g}"
        callbacks = [keras.callbacks.TensorBoard(logdir), hp.KerasCallback(logdir, {"learning_rate": rate, "units": 8})]
        model.fit(x, y, epochs=6, verbose=0, callbacks=callbacks)


def keras2() -> None:
    import tensorflow as tf

    assert tf.__version__ < "2.16", f"TensorFlow {tf.__version__} has Keras 3"
    x, y = rows()
    tf.keras.utils.set_random_seed(0)
    model = tf.keras.Sequential(
        [tf.keras.layers.Dense(8, activation="relu", input_shape=(4,)), tf.keras.layers.Dense(1, activation="relu")]
    )
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    model.fit(
        x,
        y,
        epochs=8,
        verbose=0,
        validation_data=(x, y),
        callbacks=[tf.keras.callbacks.TensorBoard(fresh("keras2_stalled"))],
    )
    with tf.summary.create_file_writer(fresh("tf2_own_loop")).as_default():
        for epoch, accuracy in enumerate(learned(10)):
            tf.summary.scalar("train_accuracy", accuracy, step=epoch)
            tf.summary.scalar("train_loss", 1 - accuracy, step=epoch)
    with tf.Graph().as_default():
        writer = tf.compat.v1.summary.FileWriter(fresh("tf1_simple_values"))
        for step in range(0, 2000, 100):
            values = [("accuracy_1", 0.1), ("loss", 2.3), ("accuracy", 0.1 + 0.003 * (step % 300 == 0))]
            summary = tf.compat.v1.Summary(
                value=[tf.compat.v1.Summary.Value(tag=tag, simple_value=value) for tag, value in values]
            )
            writer.add_summary(summary, step)
        writer.close()


def torch() -> None:
    from torch.utils.tensorboard import SummaryWriter

    rng = np.random.default_rng(0)
    with SummaryWriter(fresh("torch_epochs")) as writer:
        for epoch in range(12):
            writer.add_scalar("Loss/train", 2.3 + 0.01 * rng.normal(), epoch)
            writer.add_scalar("Accuracy/train", 0.1 + 0.005 * rng.normal(), epoch)
            writer.add_scalar("Accuracy/test", 0.1 + 0.005 * rng.normal(), epoch)
    with SummaryWriter(fresh("torch_batches")) as writer:
        for step in range(160):
            writer.add_scalar("train/loss", 2.3 * 0.97**step + 0.05 * rng.random(), step)
            if step % 16 == 15:
                writer.add_scalar("val/acc", 100 * learned(10)[step // 16], step)
    with SummaryWriter(fresh("torch_add_scalars")) as writer:
        for epoch, accuracy in enumerate(learned(8)):
            writer.add_scalars("Accuracy", {"train": accuracy, "val": accuracy - 0.02}, epoch)
            writer.add_scalars("Loss", {"train": 1 - accuracy, "val": 1.02 - accuracy}, epoch)
    with SummaryWriter(fresh("torch_hparams")) as writer:
        for epoch, accuracy in enumerate(learned(8, 0.52)):
            writer.add_scalar("train_acc", accuracy, epoch)
        writer.add_hparams({"lr": 1e-5, "batch_size": 32}, {"hparam/accuracy": 0.52})


def lightning() -> None:
    import lightning
    import torch as t
    from lightning.pytorch.loggers import TensorBoardLogger

    class Net(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.layer = t.nn.Linear(4, 1)

        def _step(self, batch, part):
            x, y = batch
            answers = self.layer(x)[:, 0]
            loss = t.nn.functional.binary_cross_entropy_with_logits(answers, y)
            epochs = {"on_step": part == "train", "on_epoch": True}
            self.log(f"{part}_loss", loss, **epochs)
            self.log(f"{part}_acc", ((answers > 0) == (y > 0)).float().mean(), on_step=False, on_epoch=True)
            return loss

        def training_step(self, batch, _):
            return self._step(batch, "train")

        def validation_step(self, batch, _):
            return self._step(batch, "val")

        def configure_optimizers(self):
            return t.optim.SGD(self.parameters(), 0.5)

    lightning.seed_everything(0)
    x, y = map(t.tensor, rows())
    data = t.utils.data.DataLoader(t.utils.data.TensorDataset(x, y), 16)
    trainer = lightning.Trainer(
        max_epochs=7,
        logger=TensorBoardLogger(fresh("lightning"), name="", version=""),
        enable_checkpointing=False,
        enable_progress_bar=False,
        log_every_n_steps=4,
    )
    trainer.fit(Net(), data, data)


def lightning_memorized() -> None:
    """Labels drawn at random: the training samples are memorized, with AdamW and its rate logged."""
    import lightning
    import torch as t
    from lightning.pytorch.callbacks import LearningRateMonitor
    from lightning.pytorch.loggers import TensorBoardLogger

    class Net(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.layers = t.nn.Sequential(t.nn.Linear(4, 256), t.nn.ReLU(), t.nn.Linear(256, 1))

        def _step(self, batch, part):
            x, y = batch
            answers = self.layers(x)[:, 0]
            loss = t.nn.functional.binary_cross_entropy_with_logits(answers, y)
            self.log(f"{part}_loss", loss, on_step=False, on_epoch=True)
            self.log(f"{part}_acc", ((answers > 0) == (y > 0)).float().mean(), on_step=False, on_epoch=True)
            return loss

        def training_step(self, batch, _):
            return self._step(batch, "train")

        def validation_step(self, batch, _):
            return self._step(batch, "val")

        def configure_optimizers(self):
            return t.optim.AdamW(self.parameters(), 0.02)

    lightning.seed_everything(0)
    x, _ = rows(256)
    y = np.random.default_rng(1).integers(0, 2, 256).astype("float32")
    parts = [t.utils.data.TensorDataset(t.tensor(x[half]), t.tensor(y[half])) for half in (slice(64), slice(64, None))]
    lightning.Trainer(
        max_epochs=20,
        logger=TensorBoardLogger(fresh("lightning_memorized"), name="", version=""),
        callbacks=[LearningRateMonitor("epoch")],
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    ).fit(Net(), *(t.utils.data.DataLoader(part, 16) for part in parts))


def transformers() -> None:
    """A classifier of the library's own trainer, from random weights: parts of epochs, and evaluations by epoch."""
    import os

    import torch as t
    from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments, set_seed

    os.environ["TENSORBOARD_LOGGING_DIR"] = folder = os.path.relpath(fresh("transformers"))  # it is written down
    set_seed(0)
    tokens = np.random.default_rng(0).integers(5, 50, (512, 6))
    labels = (tokens[:, 0] > 27).astype(int)
    samples = [
        {"input_ids": t.tensor(row), "attention_mask": t.ones(6, dtype=t.long), "labels": int(label)}
        for row, label in zip(tokens, labels, strict=True)
    ]
    config = BertConfig(
        vocab_size=50, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32, num_labels=2
    )
    Trainer(
        BertForSequenceClassification(config),
        TrainingArguments(
            folder,
            num_train_epochs=8,
            learning_rate=5e-3,
            per_device_train_batch_size=32,
            eval_strategy="epoch",
            logging_steps=6,
            save_strategy="no",
            report_to="tensorboard",
            use_cpu=True,
            disable_tqdm=True,
        ),
        train_dataset=samples[:384],
        eval_dataset=samples[384:],
        compute_metrics=lambda found: {"accuracy": float((found.predictions.argmax(-1) == found.label_ids).mean())},
    ).train()


def estimator() -> None:
    """`train_and_evaluate` of TensorFlow 2.15: training by step, evaluations in a folder of their own."""
    import tensorflow as tf

    x, y = rows(512)
    columns = [tf.feature_column.numeric_column(f"x{i}") for i in range(4)]

    def data(part, repeats):
        inputs = {f"x{i}": x[part, i] for i in range(4)}
        return tf.data.Dataset.from_tensor_slices((inputs, y[part].astype("int64"))).repeat(repeats).batch(32)

    folder = fresh("estimator")
    config = tf.estimator.RunConfig(tf_random_seed=0, save_summary_steps=20, save_checkpoints_steps=60)
    model = tf.estimator.DNNClassifier([8], columns, model_dir=folder, config=config)
    for _ in range(6):
        model.train(lambda: data(slice(384), None), steps=60)
        model.evaluate(lambda: data(slice(384, None), 1), steps=4)
    keep_scalars(Path(folder))


def keep_scalars(folder: Path) -> None:
    """Leaves of a log only its event files, and of these the scalars as they were written: graphs take a megabyte."""
    from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.summary.writer.record_writer import RecordWriter

    for path in [path for path in folder.rglob("*") if path.is_file()]:
        events = (
            [Event.FromString(raw) for raw in RawEventFileLoader(str(path)).Load()] if "tfevents" in path.name else []
        )
        path.unlink()
        if not events:
            continue
        with path.open("wb") as file:
            writer = RecordWriter(file)
            for event in events:
                scalars = [value for value in event.summary.value if value.HasField("simple_value")]
                del event.summary.value[:]
                event.summary.value.extend(scalars)
                if scalars or event.file_version:
                    writer.write(event.SerializeToString())


def stable_baselines3() -> None:
    from stable_baselines3 import PPO

    PPO(
        "MlpPolicy", "CartPole-v1", n_steps=256, seed=0, tensorboard_log=fresh("stable_baselines3"), device="cpu"
    ).learn(256 * 10, tb_log_name="PPO")


def tensorboardx() -> None:
    from tensorboardX import SummaryWriter

    writer = SummaryWriter(fresh("tensorboardx"))
    for epoch in range(1, 11):
        writer.add_scalar("train/loss", 0.7 / epoch, epoch)
        writer.add_scalar("valAcc", learned(10)[epoch - 1], epoch)
        writer.add_scalar("lr", 0.001, epoch)
    writer.close()


def by_hand() -> None:
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    for name, tags in (("unrecognised", ("reward", "temperature")), ("generator", ("generator_loss", "critic_loss"))):
        writer = EventFileWriter(fresh(name))
        for step in range(5):
            values = [Summary.Value(tag=tag, simple_value=float(step)) for tag in tags]
            writer.add_event(Event(wall_time=1e9 + step, step=step, summary=Summary(value=values)))
        writer.close()


if __name__ == "__main__":
    for word in sys.argv[1:]:
        globals()[word]()
