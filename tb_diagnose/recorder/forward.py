"""The probe batch through the model, leaving the model as it was.

Keras 3's stateless calls work on copies of the variables: weights, batch-norm statistics, random
state, metric and optimizer state stay the same to the last bit.
"""

from __future__ import annotations

import inspect
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import numpy as np

from tb_diagnose.evidence import keras_config
from tb_diagnose.recorder import backend, compiled, objective
from tb_diagnose.recorder.data import Data, map_leaves

LARGEST_PART = 128
"""Samples whose gradients are taken at once; fewer where one sample is large."""
LARGEST_PASS = 1024
"""Samples whose outputs are: a pass costs by the call."""
PART_BYTES = 64 * 2**20
FEWEST_PARTS = 4
"""Parts of the probe batch whose gradients are compared."""


class SeveralOutputsError(Exception):
    """What is measured of one output was asked of a model with several."""


def walk(model: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Names and layers of a model, nested models opened: what a user sees as the layers."""
    for layer in model.layers:
        if hasattr(layer, "layers") and hasattr(layer, "compile"):
            yield from walk(layer, f"{prefix}{layer.name}/")
        elif type(layer).__name__ != "InputLayer":
            yield prefix + layer.name, layer


def parts(data: Data, model: Any, fewest: int = FEWEST_PARTS, largest: int = LARGEST_PART) -> list[Data]:
    """The probe batch in at least `fewest` parts of at most `largest` samples, as far as there are samples.

    Samples are dealt out in turn, so that each part has its share of each class even where samples are sorted. A model
    of a fixed batch size gets parts of that size.
    """
    fixed = fixed_batch_size(model)
    if fixed is not None and data.sample_count >= fixed:
        count = data.sample_count // fixed
        return [data.take(np.arange(first, count * fixed, count)) for first in range(count)]
    sample_bytes = max(sum(a.nbytes // len(a) for a in data.inputs), data.sample_bytes, 1)
    most = int(np.clip(PART_BYTES // sample_bytes, 1, largest))
    count = min(max(fewest, -(-data.sample_count // most)), data.sample_count)
    return [data.take(np.arange(first, data.sample_count, count)) for first in range(count)]


def passes(data: Data, model: Any) -> list[Data]:
    """The probe batch in as few parts as outputs can be had of: these do not depend on the others of a batch."""
    return parts(data, model, 1, LARGEST_PASS)


def fixed_batch_size(model: Any) -> int | None:
    """The only batch size that a model takes; None where it takes any.

    A Sequential model that `fit` builds is given the size of the first batch, and takes any other all the same.
    """
    if _is_plain_stack(model):
        return None
    sizes = {None if shape is None else shape[0] for shape in _input_shapes(model)}
    size = sizes.pop() if len(sizes) == 1 else None
    return None if size is None else int(size)


def _is_plain_stack(model: Any) -> bool:
    """Whether a model is a Sequential one, of layers of which none can depend on the size of a batch."""
    import keras

    return isinstance(model, keras.Sequential) and not any(
        getattr(layer, "stateful", False)
        or isinstance(layer, keras.layers.Lambda)
        or not type(layer).__module__.startswith("keras.")
        for layer in model._flatten_layers()
    )


def few(data: Data, model: Any) -> Data:
    """As few samples as a model takes: one, or a batch of its fixed size."""
    return data.take(np.arange(fixed_batch_size(model) or 1) % data.sample_count)


def whole_batches(data: Data, model: Any) -> Data:
    """The samples that fill batches of a model's fixed size; all of them where it has none."""
    count = data.sample_count // (fixed_batch_size(model) or 1) * (fixed_batch_size(model) or 1)
    if count in (0, data.sample_count):
        return data
    return data.take(np.linspace(0, data.sample_count - 1, count).round().astype(int))


def _input_shapes(model: Any) -> list[Any]:
    try:
        return [tensor.shape for tensor in model.inputs or []]
    except AttributeError:  # a subclassed model has none
        return []


def model_input(x: Any) -> Any:
    """Inputs as `fit` hands them on: floats in Keras's own precision, all else as it is."""
    import keras

    return map_leaves(lambda a: a.astype(keras.config.floatx()) if a.dtype.kind == "f" else a, x)


def to_numpy(tensor: Any) -> np.ndarray:
    """A tensor or variable as a numpy array, half precision widened."""
    value = getattr(tensor, "value", tensor)
    array = _as_numpy(tensor if callable(value) else value)  # TensorFlow's own variables have a method of that name
    return array if array.dtype.kind in "biu" or array.dtype == np.float64 else array.astype(np.float32)


def _as_numpy(value: Any) -> np.ndarray:
    import keras

    # Keras copies TensorFlow's arrays in a way that numpy 2 warns of; np.asarray does not.
    if isinstance(value, np.ndarray) or keras.backend.backend() == "tensorflow":
        return np.asarray(value)
    return np.asarray(keras.ops.convert_to_numpy(value))


State = dict[int, np.ndarray]
"""Values of variables, by the id of the variable."""
_EARLIER: ContextVar[State] = ContextVar("earlier_state", default={})  # noqa: B039 - never written to


def variables(model: Any) -> tuple[list[Any], list[Any]]:
    """Values of the trainable and the other variables, as tensors that are not the variables themselves."""
    return (
        [_value(v) for v in model.trainable_variables],
        [_value(v) for v in model.non_trainable_variables],
    )


def _value(variable: Any) -> Any:
    import keras

    earlier = _EARLIER.get().get(id(variable))
    return keras.ops.convert_to_tensor(variable.value if earlier is None else earlier)


def copied_state(model: Any) -> State:
    """A copy of the values of all variables, to the last bit, in the memory of this machine."""
    return {id(v): np.array(_as_numpy(v.value)) for v in model.variables}


@contextmanager
def earlier_state(state: State) -> Iterator[None]:
    """Within it, variables are read with the values that they had, and stay as they are."""
    token = _EARLIER.set(state)
    try:
        yield
    finally:
        _EARLIER.reset(token)


def blank(model: Any) -> Data:
    """A sample of zeros of the shape that a model takes, or a batch of its fixed size.

    Raises:
        AttributeError, TypeError, ValueError: the model does not say what it takes, or leaves a size open.
    """
    import keras

    count = fixed_batch_size(model) or 1
    zeros = keras.tree.map_structure(lambda t: np.zeros((count, *t.shape[1:]), t.dtype), model.input)
    return Data(zeros, np.zeros((count, 0)))


@contextmanager
def taps(layers: list[tuple[str, Any]]) -> Iterator[dict[str, list[tuple[Any, Any]]]]:
    """Notes what each layer gives while the model runs: `{name: [(output, pre-activation or None)]}`.

    `call` and `activation` are shadowed on the instances and put back, whatever happens.
    """
    calls_of: dict[str, list[tuple[Any, Any]]] = {}
    shadowed: list[tuple[Any, str, Any]] = []
    graph = backend.graph()

    def shadow(layer: Any, attribute: str, value: Any) -> None:
        shadowed.append((layer, attribute, layer.__dict__.get(attribute, _ABSENT)))
        layer.__dict__[attribute] = value

    try:
        for name, layer in layers:
            before: list[Any] = []
            activation = layer.__dict__.get("activation")
            if callable(activation):
                shadow(layer, "activation", _noting(activation, before))
            shadow(layer, "call", _calling(layer, layer.call, before, calls_of, name, graph))
        yield calls_of
    finally:
        for layer, attribute, value in reversed(shadowed):
            if value is _ABSENT:
                del layer.__dict__[attribute]
            else:
                layer.__dict__[attribute] = value


_ABSENT = object()


def _noting(activation: Any, before: list[Any]) -> Any:
    def noted(x: Any, *args: Any, **kwargs: Any) -> Any:
        before.append(x)
        return activation(x, *args, **kwargs)

    return noted


def _calling(
    layer: Any, call: Any, before: list[Any], calls_of: dict[str, list[tuple[Any, Any]]], name: str, graph: Any
) -> Any:
    is_activation_layer = type(layer).__name__ in keras_config.ACTIVATION_LAYERS

    def called(*args: Any, **kwargs: Any) -> Any:
        before.clear()
        output = call(*args, **kwargs)
        pre = before[-1] if before else (args[0] if is_activation_layer and args else None)
        # Inside a custom tf.function there are no values to look at, only symbols.
        if _has_values(output, graph):
            calls_of.setdefault(name, []).append((output, pre if _has_values(pre, graph) else None))
        return output

    return called


def _has_values(tensor: Any, graph: Any) -> bool:
    """Whether a tensor has values, or will have some when the graph that is traced here is run."""
    if type(tensor).__name__ != "SymbolicTensor":
        return hasattr(tensor, "shape") and type(tensor).__name__ != "KerasTensor"
    if graph is not None and tensor.graph is not graph:
        # Run eagerly, a branch or a loop would show its values.
        raise ValueError("a layer is called in a graph inside the one that is traced")
    return graph is not None


@dataclass(frozen=True)
class Head:
    """What the model's output comes from.

    Args:
        name: Name of the last layer called.
        shape: Shape of the output of one sample.
        is_layer: Whether the output is that layer's own; otherwise an operation stands behind it.
    """

    name: str
    shape: tuple[int, ...]
    is_layer: bool

    @property
    def units(self) -> int:
        """Size of the output's last axis; 1 for a single number a sample."""
        return self.shape[-1] if self.shape else 1


def explore(model: Any, sample: Data) -> tuple[list[tuple[str, Any]], Head, int]:
    """Runs few samples through the model.

    Returns:
        The layers in the order of their calls, the head, and the bytes that a sample takes.
    """
    layers = list(walk(model))
    output, calls_of = predict(model, sample.x, layers)
    order = {name: place for place, name in enumerate(calls_of)}
    ordered = sorted(layers, key=lambda pair: order.get(pair[0], -1))
    last = next(reversed(calls_of), model.name)
    operation = getattr(
        getattr((getattr(model, "outputs", None) or [None])[0], "_keras_history", None), "operation", None
    )
    is_layer = (
        not calls_of or any(given is output for given, _ in calls_of[last]) or hasattr(operation, "trainable_variables")
    )
    batch_bytes = sum(int(np.prod(given.shape)) * 4 for calls in calls_of.values() for given, _ in calls)
    sample_bytes = batch_bytes // sample.sample_count
    return ordered, Head(last, tuple(int(size) for size in output.shape[1:]), is_layer), sample_bytes


def mode(model: Any, training: bool) -> dict[str, bool]:
    """`{"training": training}` for a model whose `call` takes it; a subclassed one may not."""
    parameters = inspect.signature(model.call).parameters.values()
    takes = any(p.name == "training" or p.kind is p.VAR_KEYWORD for p in parameters)
    return {"training": training} if takes else {}


def predict(model: Any, x: Any, layers: list[tuple[str, Any]]) -> tuple[Any, dict[str, list[tuple[Any, Any]]]]:
    """Output and tapped layers of one part in inference mode."""
    output, calls_of = predict_all(model, x, layers)
    if isinstance(output, (list, tuple)) and len(output) == 1:
        output = output[0]
    if isinstance(output, dict) and len(output) == 1:
        output = next(iter(output.values()))
    if not hasattr(output, "shape"):
        raise SeveralOutputsError(f"this model has {len(output)} outputs: each is measured by itself")
    return output, calls_of


def predict_all(model: Any, x: Any, layers: list[tuple[str, Any]]) -> tuple[Any, dict[str, list[tuple[Any, Any]]]]:
    """The same with the output as the model gives it: a structure of several, where it has several."""
    holds_for = compiled.holds_for(model)
    if holds_for is None:
        with taps(layers) as calls_of:
            output, _, _ = inference(model, x)
        return output, calls_of
    if model not in _MADE or _MADE[model][0] != holds_for:
        _MADE[model] = holds_for, compiled.Compiled(_tapped(weakref.ref(model)))
    trainable, other = variables(model)
    with backend.modules_kept(model):
        output, calls_of = _MADE[model][1](trainable, other, model_input(x))
    names = {name for name, _ in layers}
    return output, {name: calls for name, calls in calls_of.items() if name in names}


_MADE: weakref.WeakKeyDictionary[Any, tuple[Any, compiled.Compiled]] = weakref.WeakKeyDictionary()
"""Of each model whose passes are compiled what they hold for, and the pass."""


def _tapped(of: weakref.ref[Any]) -> Any:
    """A pass in inference mode with all layers tapped, of a model that it does not keep alive."""

    def tapped(trainable: list[Any], other: list[Any], x: Any) -> Any:
        model: Any = of()
        with taps(list(walk(model))) as calls_of:
            output, _, _ = stateless(model, trainable, other, x, training=False)
        return output, calls_of

    return tapped


def inference(model: Any, x: Any, **more: Any) -> tuple[Any, list[Any], list[Any]]:
    """Runs a model in inference mode, its own calls and those of its layers included, and leaves it as it is.

    Args:
        model: The model.
        x: Its inputs.
        **more: More arguments of its `call`.

    Returns:
        Its output, and the variables that are not trained as they are and as the pass would leave them.
    """
    import keras

    def run(trainable: list[Any], other: list[Any], x: Any, more: dict[str, Any]) -> tuple[Any, list[Any]]:
        more = {name: keras.ops.convert_to_tensor(value) for name, value in more.items()}
        output, after, _ = stateless(model, trainable, other, x, training=False, **more)
        return output, after

    is_compiled = compiled.holds_for(model) is not None
    trainable, other = variables(model)
    with backend.no_gradients(), backend.modules_kept(model):
        output, after = (compiled.Compiled(run) if is_compiled else run)(trainable, other, model_input(x), more)
    return output, other, after


def stateless(
    model: Any, trainable: list[Any], other: list[Any], x: Any, training: bool, **more: Any
) -> tuple[Any, list[Any], list[Any]]:
    """Runs a model on values of its variables, and leaves these as they are.

    Returns:
        Its output, the variables that are not trained as the pass would leave them, and its own losses.
    """
    output, after, losses = model.stateless_call(
        trainable, other, x, return_losses=True, **mode(model, training), **more
    )
    return output, after, losses


def data_loss(model: Any, y: np.ndarray, output: Any, weight: np.ndarray | None = None) -> float:
    """The loss of some predictions, regularization left out: that of the loop, or the compiled one."""
    import keras

    used = objective.of(model)
    if used.loss_fn is not None:
        y_true, y_pred = keras.ops.convert_to_tensor(as_fit(y)), keras.ops.convert_to_tensor(output)
        return backend.number(objective.loss_of(used.loss_fn, y_true, y_pred, used.in_shape))
    if not objective.has_loss(model):
        return float("nan")  # compiled without a loss, for a custom train_step
    loss = getattr(model, "_compile_loss", None)
    with keras.StatelessScope():
        if loss is None:
            return backend.number(model.compute_loss(None, y, output, weight))
        return backend.number(loss(keras.ops.convert_to_tensor(as_fit(y)), keras.ops.convert_to_tensor(output), weight))


def as_fit(y: np.ndarray) -> np.ndarray:
    """An array as `fit` hands it on: floats in Keras's own precision."""
    import keras

    return y.astype(keras.config.floatx()) if y.dtype.kind == "f" else y
