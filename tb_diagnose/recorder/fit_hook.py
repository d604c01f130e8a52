"""Where `fit` takes its data: the arrays or the batches of the calls that are logged, known without a second reading.

`Model.fit` and the iterator that Keras makes inside it are wrapped once. A call that is not logged goes straight
through. Keras's iterator is not a public name: where it has moved, `fit` is logged all the same, by what it was given.
"""

from __future__ import annotations

import functools
import inspect
import math
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from typing import Any

from tb_diagnose.recorder import own_frames, passing
from tb_diagnose.recorder.batches import Batches
from tb_diagnose.recorder.data import Data, is_stream, read_arrays
from tb_diagnose.recorder.guard import warn

_PARTS = ("x", "y", "sample_weight")
MOST_FRAMES = 4
"""Constructors between Keras's iterator and the `fit` that makes it."""


class FitCall:
    """One call of `fit`, and what it takes its samples from.

    Args:
        model: The model.
        arguments: The arguments of the call by name.
        callback: Its callback, told when the call fails.
    """

    def __init__(self, model: Any, arguments: Mapping[str, Any], callback: Any) -> None:
        self.model = model
        self.arguments = arguments
        self.callback = callback
        self.training: Data | Batches | None = None
        self.validation: Data | Batches | None = None
        self.dataset: Any = None
        self.kept_training: Data | None = None
        self.kept_validation: Data | None = None
        """What passed in batches, where a trial may follow: it cannot be asked for again."""
        self._ends: list[Callable[[], None]] = []
        self._is_begun = False
        self._has_raised = False

    @property
    def callbacks(self) -> list[Any]:
        """The callbacks that were given to it."""
        callbacks = self.arguments.get("callbacks")
        return _flat(getattr(callbacks, "callbacks", callbacks))

    @property
    def class_weight(self) -> dict[str, float] | None:
        """Weights of the classes that it was given, by label; None for none."""
        weights = self.arguments.get("class_weight")
        if not isinstance(weights, Mapping):  # Keras says what is wrong with other forms
            return None
        finite = {str(label): float(weight) for label, weight in weights.items() if math.isfinite(weight)}
        return finite or None

    def iterates(self, iterator: Any, given: Mapping[str, Any]) -> None:
        """Takes note of an iterator that this call has made: the first is over training samples, the next is not.

        Args:
            iterator: Keras's iterator.
            given: `x`, `y` and `sample_weight` that it was made of; with `validation_split`, parts of what was given.
        """
        source = self._source(iterator.data_adapter, given) if self.callback.looks_at_data else None
        if self._is_begun:
            self.validation = source if self.validation is None else self.validation
            return
        self._is_begun = True
        if not self.callback.looks_at_data:
            return
        self.training = source
        self.dataset = given.get("x")
        with self._reading():
            self.validation = self._held_out()

    def read_unseen(self) -> None:
        """Takes the arrays of the call's own arguments, where Keras made no iterator that could be seen."""
        x, y, weight = (self.arguments.get(name) for name in _PARTS)
        if self._is_begun or x is None or is_stream(x) or not self.callback.looks_at_data:
            return
        with self._reading():
            everything = read_arrays(x, y, weight)
            share = 0.0 if self.arguments.get("validation_data") is not None else self.arguments.get("validation_split")
            count = math.floor(everything.sample_count * (1 - (share or 0.0)))
            if count:
                self.training = everything.take(slice(0, count))
                self.validation = self._held_out()

    def _source(self, adapter: Any, given: Mapping[str, Any]) -> Data | Batches | None:
        form = passing.form_of(adapter)
        if form == "arrays":
            with self._reading():
                arrays = read_arrays(*(given.get(name) for name in _PARTS))
                return replace(arrays, batch_size=adapter.batch_size)
            return None
        if passing.is_distributed(self.model):
            return None
        batches = Batches(form)
        try:
            self._ends.append(passing.observe(adapter, batches))
        except passing.MovedError as error:
            _say_moved(error)
            return None
        return batches

    def _reading(self) -> AbstractContextManager[None]:
        """Within it, what cannot be read is not known; it is told unless Keras refuses it, in its own words."""
        if self._has_raised:
            return suppress(Exception)
        guarded: AbstractContextManager[None] = self.callback.guarded("reading what fit takes")
        return guarded

    def failed(self, error: BaseException) -> None:
        """Tells the callback that the call has raised."""
        self._has_raised = True
        self.callback.failed(self, error)

    def returned(self) -> None:
        """Tells the callback that the call has returned, and is over."""
        self.callback.returned(self)

    def _held_out(self) -> Data | None:
        """Validation arrays, known before the first step; None for other forms, which are noted as they come."""
        given = self.arguments.get("validation_data")
        if given is not None:
            arrays = isinstance(given, (tuple, list)) and 1 < len(given) < 4 and not is_stream(given[0])
            return read_arrays(*given) if arrays else None
        share = self.arguments.get("validation_split")
        if not share or not isinstance(self.training, Data):
            return None
        everything = read_arrays(*(self.arguments.get(name) for name in _PARTS))
        return everything.take(slice(self.training.sample_count, None))

    def at_end(self, then: Callable[[], None]) -> None:
        """Something to put back when the call is over."""
        self._ends.append(then)

    def end(self) -> None:
        """Leaves the iterators as they were."""
        for then in self._ends:
            then()


_CALLS: list[FitCall] = []
"""Logged calls that are running, the innermost last: a callback may call `fit` of another model."""


def current(model: Any) -> FitCall | None:
    """The logged call of `fit` that trains a model now."""
    return next((call for call in reversed(_CALLS) if call.model is model), None)


CallbackFor = Callable[[Any, Mapping[str, Any]], Any]
_automatic: list[CallbackFor] = []
"""Makes the callback of a call that has none of ours, while `autolog` is on; it returns None to leave one out."""


def is_any() -> bool:
    """Whether a logged call of `fit` runs now, of whatever model."""
    return bool(_CALLS)


def start_automatic(make: CallbackFor) -> None:
    """Gives calls without a callback of ours one that `make` makes of the model and the arguments."""
    install()
    _automatic[:] = [make]


def stop_automatic() -> None:
    """Ends it."""
    _automatic.clear()


@contextmanager
def not_automatic() -> Iterator[None]:
    """Within it, no call is given a callback: it is not one of the program's."""
    kept = list(_automatic)
    _automatic.clear()
    try:
        yield
    finally:
        _automatic[:] = kept


def is_automatic() -> CallbackFor | None:
    """What makes the callbacks now; None where nothing does."""
    return _automatic[0] if _automatic else None


def install(*, say: bool = True) -> None:
    """Wraps `fit` and the iterator that Keras makes in it, once for a process.

    Args:
        say: Whether to warn of a Keras whose iterator has moved.
    """
    import keras

    if not getattr(keras.Model.fit, "_tb_diagnose", False):
        keras.Model.fit = _fit(keras.Model.fit)
    own_frames.hide_in_keras()
    try:
        from keras.src.trainers.epoch_iterator import EpochIterator
    except ImportError as error:
        if say:
            _say_moved(error)
        return
    if not getattr(EpochIterator.__init__, "_tb_diagnose", False):
        EpochIterator.__init__ = _noting(EpochIterator.__init__)


_moved: list[str] = []
"""What was found to have moved inside of Keras, and said."""


def _say_moved(error: Exception) -> None:
    """Says, once, that batches cannot be noted."""
    if str(error) in _moved:
        return
    _moved.append(str(error))
    warn(
        f"tb_diagnose: this Keras takes its batches in another way ({error}). What fit consumes is not noted; arrays "
        "are still measured as they are given."
    )


def _fit(original: Any) -> Any:
    signature = inspect.signature(original)

    @functools.wraps(original)
    def fit(self: Any, *args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        call, given = _begun(signature, self, args, kwargs)
        if call is not None:
            call.callback.guarded.hold()
            _CALLS.append(call)
        try:
            history = original(self, *args, **kwargs) if call is None else original(**given)
        except BaseException as error:
            with suppress(Exception):  # the error of the program is what counts
                own_frames.hide(fit.__code__)  # type: ignore[attr-defined]
            if call is not None:
                call.failed(error)
            raise
        finally:
            if call is not None:
                _CALLS.remove(call)
                with call.callback.guarded("leaving what fit takes as it was"):
                    call.end()
        if call is not None:
            with call.callback.guarded("trying what each change brings"):
                call.returned()
        return history

    fit._tb_diagnose = True  # type: ignore[attr-defined]
    return fit


def _begun(
    signature: inspect.Signature, model: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[FitCall | None, dict[str, Any]]:
    """The call to log, and its arguments with the callback among them; None where it is not to be logged."""
    from tb_diagnose.recorder.callback import KerasCallback

    try:
        given = dict(signature.bind(model, *args, **kwargs).arguments)
    except TypeError:
        return None, {}  # Keras says what is wrong with the arguments
    try:
        callbacks = given.get("callbacks")
        several: Any = getattr(callbacks, "callbacks", callbacks)  # of a CallbackList
        own = next((callback for callback in _flat(several) if isinstance(callback, KerasCallback)), None)
        if own is not None:
            if several is callbacks:
                given["callbacks"] = _behind_restoring(_flat(several), own)
            return FitCall(model, given, own), given
        own = _automatic[0](model, given) if _automatic else None
        if own is None:
            return None, {}
        call = FitCall(model, given, own)
        if several is callbacks:
            given["callbacks"] = [*_flat(several), own]
        else:  # the user's object, which may serve other calls
            own.set_model(model)
            several.append(own)
            call.at_end(lambda: several.remove(own))
        return call, given
    except Exception as error:  # noqa: BLE001 - a fit is worth more than its diagnosis
        warn(f"tb_diagnose: this fit is not logged ({type(error).__name__}: {error}). It goes on as without it.")
        return None, {}


def _behind_restoring(callbacks: list[Any], own: Any) -> list[Any]:
    """The callbacks with ours behind one that restores an earlier run: that run goes on, and ours must see it."""
    import keras

    restoring = [place for place, each in enumerate(callbacks) if isinstance(each, keras.callbacks.BackupAndRestore)]
    if not restoring or restoring[-1] < callbacks.index(own):
        return callbacks
    before, behind = callbacks[: restoring[-1] + 1], callbacks[restoring[-1] + 1 :]
    return [*(each for each in before if each is not own), own, *behind]


def _flat(callbacks: Any) -> list[Any]:
    """The callbacks in what `fit` takes: one, or lists of them in lists."""
    if isinstance(callbacks, (list, tuple)):
        return [inner for each in callbacks for inner in _flat(each)]
    return [] if callbacks is None else [callbacks]


def _noting(original: Any) -> Any:
    signature = inspect.signature(original)

    @functools.wraps(original)
    def noting(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        if not _CALLS:
            return
        with _CALLS[-1].callback.guarded("noting the batches of fit"):
            call = _caller()
            if call is not None:
                call.iterates(self, signature.bind(self, *args, **kwargs).arguments)

    noting._tb_diagnose = True  # type: ignore[attr-defined]
    return noting


def _caller() -> FitCall | None:
    """The logged call whose `fit` makes an iterator; None for `evaluate` and `predict`."""
    frame = sys._getframe(2)
    for _ in range(MOST_FRAMES):
        name, itself = frame.f_code.co_name, frame.f_locals.get("self")
        if name != "__init__":
            return current(itself) if name == "fit" else None
        if frame.f_back is None:
            return None
        frame = frame.f_back
    return None
