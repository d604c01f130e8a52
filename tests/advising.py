"""Advice, followed: the edits of a finding made on the program that they are for, and the code in its `fix` run."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tb_diagnose.causes import Edit
from tb_diagnose.diagnosis.result import Diagnosis
from tb_diagnose.trials import changed_copy
from tb_diagnose.trials.candidates import edits_together

CODE = re.compile(r"`([^`]+)`( ->)?")
"""Code in advice; what stands before an arrow is how it is now."""
ARGUMENTS = re.compile(r"\w+=[^=]")
"""Keyword arguments by themselves, such as `batch_size=32`."""
OF_FIT = ("batch_size", "shuffle", "class_weight", "sample_weight")
"""Arguments that `fit` must take; the others are made and looked at."""
WORDS = re.compile(r"[\w.]+")
"""A name by itself, such as `fit`."""
STEPS = 4
"""Steps that a changed program is trained for: advice that does not run fails at the first one."""


@dataclass(frozen=True)
class Program:
    """What somebody runs.

    Args:
        model: Makes the compiled model.
        x: Inputs.
        y: Labels.
        fit: Keyword arguments of `fit`.
    """

    model: Callable[[], Any]
    x: Any
    y: Any
    fit: Mapping[str, Any] = field(default_factory=dict)

    def fresh(self) -> Any:
        """The model, with the names that its layers have in a process of their own."""
        import keras

        keras.backend.clear_session()
        return self.model()


def advised(diagnosis: Diagnosis) -> dict[str, tuple[str, tuple[Edit, ...]]]:
    """The advice of each cause by its id, and that of all probable causes together where there are several."""
    probable = diagnosis.probable_causes
    found = {n.cause.id: (n.finding.fix or n.cause.fix, n.finding.edits) for n in (*probable, *diagnosis.notes)}
    if len(probable) > 1:
        found["all"] = "", tuple(edits_together(n.finding.edits for n in probable))
    return found


def follow(program: Program, fix: str, edits: Sequence[Edit]) -> None:
    """Makes the edits and trains for a few steps; then runs the code in the sentence. Raises what goes wrong."""
    if edits:
        x, y, _ = changed_copy.changed_data(edits, program.x, program.y, (program.x, program.y))
        _train(changed_copy.changed_copy(program.fresh(), edits), x, y, changed_copy.changed_fit(program.fit, edits))
    names = dict(_names(program))  # one piece of code goes on from the one before
    for code, is_old in CODE.findall(fix):
        if not is_old:
            _run(code, program, names)
    if "model.compile(" in fix:
        for y in _in_each_type(program.y):
            _train(names["model"], program.x, y, program.fit)


def _in_each_type(y: Any) -> list[Any]:
    """Labels as they are, and as the other type in which whole numbers come."""
    if not isinstance(y, np.ndarray) or y.dtype.kind not in "biuf" or (y != y.round()).any():
        return [y]
    return [y, y.astype("int64" if y.dtype.kind == "f" else "float32")]


def _train(model: Any, x: Any, y: Any, fit: Mapping[str, Any]) -> None:
    arguments = {**fit, "epochs": 1}
    model.run_eagerly = True  # for so few steps tracing takes longer
    if not isinstance(x, np.ndarray):
        model.fit(x, y, verbose=0, **arguments)
        return
    samples = np.linspace(0, len(x) - 1, min(len(x), STEPS * min(arguments.get("batch_size") or 32, 64))).astype(int)
    some = {name: labels[samples] for name, labels in y.items()} if isinstance(y, dict) else y[samples]
    model.fit(x[samples], some, verbose=0, **arguments)


def _run(code: str, program: Program, names: dict[str, Any]) -> None:
    if WORDS.fullmatch(code):
        return
    if ARGUMENTS.match(code):
        arguments = eval(f"dict({code})", names)  # noqa: S307 - the code of advice
        of_fit = {name: value for name, value in arguments.items() if name in OF_FIT}
        if of_fit:
            _train(program.fresh(), program.x, program.y, {**program.fit, **of_fit})
        return
    if code.startswith("."):
        code = f"dataset{code}"
    code = re.sub(r"fit\(\.\.\., ", "fit(x, y, verbose=0, ", code)
    code = re.sub(r"compile\(\.\.\., ", "compile(model.optimizer, model.loss, ", code)
    code = re.sub(r"(?<=\()\.\.\.(, )?", lambda match: "" if match[1] else "8", code)
    with suppress(NameError):  # a column or a function of the user's own
        exec(code, names)  # noqa: S102 - the code of advice


def _names(program: Program) -> Iterator[tuple[str, Any]]:
    """What advice may take for granted: the arrays, the model, and the usual imports."""
    import keras
    import sklearn.model_selection
    import tensorflow as tf

    yield from {"keras": keras, "np": np, "tf": tf, "sklearn": sklearn, "random": random}.items()
    yield from {name: getattr(keras.layers, name) for name in dir(keras.layers)}.items()
    yield from {"x": program.x, "y": program.y, "model": program.fresh()}.items()
    if isinstance(program.x, np.ndarray) and program.x.dtype != object:
        yield "dataset", tf.data.Dataset.from_tensor_slices((program.x, program.y)).batch(8)
