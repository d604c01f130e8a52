"""Makes each function of the recorder raise once while small programs train, and prints what became of them.

In each round every function raises at its first call that has not raised in a round before: first the outermost ones,
then those that they call. A process of its own: Keras takes its backend when it is imported.
`python failing_calls.py FOLDER` lets every function fail, which takes ten minutes or more;
`python failing_calls.py FOLDER PART PARTS` one part of them.
"""

from __future__ import annotations

import json
import sys
import warnings
import zlib
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

import keras
import numpy as np
import watched_calls
from keras import layers
from watched_calls import Name

watched_calls.watch("tb_diagnose.recorder")
import tb_diagnose  # noqa: E402

Note = Callable[[Name], None]
EPOCHS, SAMPLES, BATCH = 2, 48, 16
MOST_ROUNDS = 150
_DRAWN = np.random.default_rng(0)
Y = _DRAWN.integers(0, 2, SAMPLES)
IDS = np.where(
    np.arange(6) < _DRAWN.integers(2, 5, (SAMPLES, 1)), _DRAWN.integers(1, 9, (SAMPLES, 6)) + 9 * Y[:, None], 0
)
X = _DRAWN.normal(size=(SAMPLES, 4)).astype("float32")


class Batches(keras.utils.PyDataset):
    """Batches for two outputs."""

    def __len__(self) -> int:
        return SAMPLES // BATCH

    def __getitem__(self, index: int) -> Any:
        some = slice(index * BATCH, (index + 1) * BATCH)
        return X[some], {"sign": Y[some, None], "size": X[some, :1]}


def arrays(folder: Path | None, note: Note) -> keras.Model:
    """`fit` with arrays: padding without a mask, statistics of the batch, validation samples."""
    body = [layers.Embedding(20, 4), layers.GlobalAveragePooling1D(), layers.BatchNormalization(), layers.Dropout(0.1)]
    model = keras.Sequential([keras.Input((6,), dtype="int32"), *body, layers.Dense(1, "sigmoid")])
    model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy", metrics=["accuracy"])
    fitted(model, folder, note, x=IDS, y=Y, validation_split=0.25, batch_size=BATCH)
    return model


def batches(folder: Path | None, note: Note) -> keras.Model:
    """`fit` with batches that are noted as they pass, for a model with two outputs."""
    inputs = keras.Input((4,))
    hidden = layers.Dense(4, "relu")(inputs)
    outputs = {"sign": layers.Dense(1, "sigmoid", name="sign")(hidden), "size": layers.Dense(1, name="size")(hidden)}
    model = keras.Model(inputs, outputs)
    model.compile(keras.optimizers.Adam(0.01), {"sign": "binary_crossentropy", "size": "mse"})
    fitted(model, folder, note, x=Batches(), validation_data=Batches())
    return model


def crash(folder: Path | None, note: Note) -> keras.Model:
    """`fit` that ends with an error of the program's own."""
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1, "sigmoid")])
    model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy")

    class Ending(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            raise KeyError("of the program")

    with suppress(KeyError):
        fitted(model, folder, note, [Ending()], x=X, y=Y)
    return model


def fitted(
    model: keras.Model, folder: Path | None, note: Note, callbacks: Sequence[Any] = (), **arguments: Any
) -> None:
    """Trains a model, logged where there is a folder."""
    with nullcontext() if folder is None else tb_diagnose.autolog(folder, verbose=0), watched_calls.noted(note):
        model.fit(epochs=EPOCHS, verbose=0, callbacks=list(callbacks), **arguments)


def loop(folder: Path | None, note: Note) -> keras.Model:
    """A custom loop."""
    model = keras.Sequential([keras.Input((4,)), layers.Dense(4, "relu"), layers.Dense(1, "sigmoid")])
    loss_fn = keras.losses.BinaryCrossentropy()
    model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy")
    for epoch in range(EPOCHS + 1):
        loss = model.train_on_batch(X, Y[:, None]) if epoch else None
        if folder is not None:
            # Of the first call, mistakes in arguments are errors.
            with watched_calls.noted(note) if epoch else nullcontext():
                tb_diagnose.log(model, (X, Y[:, None]), folder, loss_fn=loss_fn, optimizer=model.optimizer, loss=loss)
    return model


SHELLS = {
    *(f"callback.KerasCallback.{name}" for name in ("on_train_begin", "on_epoch_begin", "on_train_batch_begin")),
    *(f"callback.KerasCallback.{name}" for name in ("on_train_batch_end", "on_epoch_end", "on_train_end", "failed")),
    "callback.KerasCallback._close",
    "fit_hook._fit.<locals>.fit",
    "fit_hook._begun",
    "fit_hook.FitCall.failed",
    "fit_hook._noting.<locals>.noting",
    "log.log",
    "log._guard_of",
    "passing._wrapping.<locals>.wrapped",
    "passing._Loader.__iter__",
    "passing._iterator",
    "passing._noting",
    "own_step.StepWatch._shadow.<locals>.noted",
    "own_step.StepWatch._noted.<locals>.guarded",
    "source_lines._watch_method.<locals>.noted",
    "source_lines._note",
    "step_graph_torch.watch.<locals>.noting.<locals>.noted",
}
"""What Keras or the program itself calls, which guards all else. So does the guard."""
PROGRAMS: dict[str, Any] = {"arrays": arrays, "batches": batches, "crash": crash, "loop": loop}


def trained(program: str, folder: Path | None, note: Note) -> tuple[list[bytes], list[str]]:
    """All variables after training, and our warnings."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(3)
    with warnings.catch_warnings(record=True) as given:
        warnings.simplefilter("always")
        model = PROGRAMS[program](folder, note)
    values = [keras.ops.convert_to_numpy(v.value).tobytes() for v in (*model.variables, *model.optimizer.variables)]
    return values, [str(w.message) for w in given if "tb_diagnose" in str(w.message)]


def is_guarded(name: Name) -> bool:
    """Whether there is something around a function that catches what it raises."""
    return name[0] != "guard" and ".".join(name) not in SHELLS


def functions_of(program: str, folder: Path) -> set[Name]:
    """The functions of the recorder that a program calls."""
    trained(program, folder, lambda name: None)  # what is imported and kept is found then
    found: set[Name] = set()
    _, told = trained(program, folder, found.add)
    assert told == [], told
    return set(filter(is_guarded, found))


def in_part(name: Name, part: int, parts: int) -> bool:
    """Whether a function is in one of some parts of about the same size, the same on every machine."""
    return zlib.crc32(".".join(name).encode()) % parts == part


def a_round(program: str, folder: Path, done: set[Name]) -> dict[str, Any]:
    """What a program does where all functions raise that have not raised before; those that did are done then."""
    raised: list[str] = []

    def note(name: Name) -> None:
        if is_guarded(name) and name not in done:
            done.add(name)
            raised.append(".".join(name))
            raise RuntimeError("out of order")

    try:
        values, told = trained(program, folder, note)
    except Exception as error:  # noqa: BLE001 - said in the result
        return {"raised": raised, "error": f"{type(error).__name__}: {error}"}
    return {"raised": raised, "values": values, "told": told}


def main(folder: Path, part: int, parts: int) -> None:
    """Prints a line a round, and at last the functions that have not raised, though they are called."""
    wanted: set[Name] = set()
    done: set[Name] = set()
    for program in PROGRAMS:
        without, _ = trained(program, None, lambda name: None)
        called = functions_of(program, folder / program)
        asked = {name for name in called if in_part(name, part, parts)}
        wanted |= asked
        done |= called - asked
        for number in range(MOST_ROUNDS):
            found = a_round(program, folder / f"{program}-{number}", done)
            found["same"] = found.pop("values", None) == without
            print(json.dumps({"program": program, **found}), flush=True)
            if not found["raised"]:
                break
    print(json.dumps({"wanted": len(wanted), "missed": sorted(".".join(name) for name in wanted - done)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *(map(int, sys.argv[2:]) if sys.argv[2:] else (0, 1)))
