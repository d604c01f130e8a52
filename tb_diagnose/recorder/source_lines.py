"""Where in the user's program layers are made, and where `compile` and `fit` are called.

While it is started, Keras notes of each layer, optimizer and loss the line of the user's own that made it. Nothing
of that changes the program: what is noted is a code object and a position, beside the objects and not in them.
"""

from __future__ import annotations

import functools
import inspect
import os
import sys
import sysconfig
import tokenize
import weakref
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any

from tb_diagnose.evidence.syntax import Program, digest
from tb_diagnose.recorder.forward import walk

PACKAGES = ("site-packages", "dist-packages")
"""Folders that installed packages lie in."""
OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


@dataclass(frozen=True)
class Spot:
    """A position in the user's code, as it was run.

    Args:
        code: The code.
        instruction: The instruction that it was at, in bytes.
        line: Its line.
        overridden: Whether a method of the user's own stands between this place and Keras's method.
    """

    code: CodeType
    instruction: int
    line: int
    overridden: bool = False


class Notes:
    """What was noted since the start.

    Args:
        source: Whether the lines may be written down, and not only their numbers.
    """

    def __init__(self, source: bool) -> None:
        self.source = source
        self._folder = os.getcwd()
        self._spots: dict[tuple[int, str], tuple[weakref.ref[Any], Spot]] = {}
        self._times: Counter[tuple[Spot, str]] = Counter()
        self._programs: dict[str, tuple[Program, str] | None] = {}

    def note(self, thing: Any, method: str, frame: FrameType | None) -> None:
        """Notes the user's line for an object.

        Args:
            thing: The object; nothing is stored in it, and it is not kept alive.
            method: "__init__" for its making, or the method that was called, such as "compile".
            frame: Where the stack is walked from.
        """
        spot = _user_spot(frame, thing, method)
        if spot is None:
            return
        self._times[spot, type(thing).__name__] += 1
        key = (id(thing), method)
        self._spots[key] = (weakref.ref(thing, lambda _: self._spots.pop(key, None)), spot)

    def fact(self, model: Any) -> dict[str, Any]:
        """The fact `source` of a model."""
        optimizer = getattr(model, "optimizer", None)
        optimizer = getattr(optimizer, "inner_optimizer", optimizer)
        loss = getattr(model, "loss", None)
        fit = _fit_spot(model)
        if fit is not None:
            self._times[fit, type(model).__name__] += 1
        calls = {
            "compile": self._place(model, "compile", self._noted(model, "compile")),
            "fit": self._place(model, "fit", fit),
            "optimizer": self._place(optimizer, "__init__", self._noted(optimizer, "__init__")),
            "loss": self._place(loss, "__init__", self._noted(loss, "__init__")),
        }
        layers = {name: self._place(layer, "__init__", self._noted(layer, "__init__")) for name, layer in walk(model)}
        places: list[dict[str, Any]] = []  # each once: a line may make a hundred layers
        for place in (*calls.values(), *layers.values()):
            if place is not None and place not in places:
                places.append(place)
        if not places:
            return {}
        named = {place["file"] for place in places}
        files = {self._name(path): entry[1] for path, entry in self._programs.items() if entry is not None}
        return {
            "files": {name: sha for name, sha in files.items() if name in named},
            "places": places,
            "layers": {name: places.index(place) for name, place in layers.items() if place is not None},
            **{name: places.index(place) for name, place in calls.items() if place is not None},
        }

    def _noted(self, thing: Any, method: str) -> Spot | None:
        held = self._spots.get((id(thing), method))
        return held[1] if held is not None and held[0]() is thing else None

    def _place(self, thing: Any, method: str, spot: Spot | None) -> dict[str, Any] | None:
        """The JSON form of a `Place`; None where there is no file that can be read."""
        if spot is None:
            return None
        path = os.path.normpath(os.path.join(self._folder, spot.code.co_filename))
        read = self._program(path)
        if read is None or spot.line > len(read[0].lines):
            return None
        program = read[0]
        name = type(thing).__name__ if method == "__init__" else method
        call = None if spot.overridden else _call(program, spot, name)
        place: dict[str, Any] = {"file": self._name(path), "line": spot.line, "end_line": spot.line}
        place |= {"end_column": None, "repeated": self._times[spot, type(thing).__name__] > 1, "positional": []}
        if call is not None:
            place |= {"line": call.func.end_lineno, "end_line": call.end_lineno, "end_column": call.end_col_offset}
            place["repeated"] = place["repeated"] or program.is_repeated(call)
            place["positional"] = _parameters(thing, method)[: len(call.args)]
        if self.source:
            place["text"] = program.text_of(place["line"], place["end_line"])
        return place

    def _program(self, path: str) -> tuple[Program, str] | None:
        if path not in self._programs:
            self._programs[path] = None
            # A notebook's cell, a console or `exec` have no file; one in ruins has no places.
            with suppress(OSError, SyntaxError, ValueError), open(path, "rb") as file:
                raw = file.read()
                file.seek(0)
                encoding, _ = tokenize.detect_encoding(file.readline)
                self._programs[path] = (Program(raw.decode(encoding)), digest(raw))
        return self._programs[path]

    def _name(self, path: str) -> str:
        below = path.startswith(os.path.join(self._folder, ""))
        return (os.path.relpath(path, self._folder) if below else path).replace(os.sep, "/")


_notes: Notes | None = None
_undo: list[Callable[[], None]] = []


def start(source: bool) -> None:
    """Begins to note; what was made before stays unknown.

    Args:
        source: Whether the lines themselves may be written into the event file, and not only their numbers.
    """
    global _notes
    if _notes is not None:
        _notes.source = source
        return
    _notes = Notes(source)
    for patch in (_watch_layers, _watch_optimizers, _watch_losses, _watch_compile):
        with suppress(Exception):  # a Keras whose internals moved: what can be noted is noted
            patch()


def stop() -> None:
    """Ends it, and takes every hook out of Keras."""
    global _notes
    while _undo:
        with suppress(Exception):
            _undo.pop()()
    _notes = None


def facts(model: Any) -> dict[str, Any]:
    """The fact `source` of a model that is about to be trained; nothing where it was not started."""
    fact = _notes.fact(model) if _notes is not None else {}
    return {"source": fact} if fact else {}


def _note(thing: Any, method: str, frame: FrameType | None) -> None:
    with suppress(Exception):  # whatever it is, the user's program goes on
        if _notes is not None:
            _notes.note(thing, method, frame)


def _watch_layers() -> None:
    from keras.src.layers.layer import Layer

    # In __new__, before any constructor of the user's own has called another one.
    original = Layer.__dict__["__new__"]
    make = original.__func__

    @functools.wraps(make)
    def __new__(cls: type, *args: Any, **kwargs: Any) -> Any:  # noqa: N807
        made = make(cls, *args, **kwargs)
        _note(made, "__init__", sys._getframe().f_back)
        return made

    _put(Layer, "__new__", staticmethod(__new__), original)


def _watch_optimizers() -> None:
    from keras.src.optimizers.base_optimizer import BaseOptimizer

    _watch_method(BaseOptimizer, "__init__")


def _watch_losses() -> None:
    from keras.src.losses.loss import Loss

    _watch_method(Loss, "__init__")


def _watch_compile() -> None:
    from keras.src.trainers.trainer import Trainer

    _watch_method(Trainer, "compile")


def _watch_method(owner: type, method: str) -> None:
    original = owner.__dict__[method]

    @functools.wraps(original)
    def noted(self: Any, *args: Any, **kwargs: Any) -> Any:
        _note(self, method, sys._getframe().f_back)
        return original(self, *args, **kwargs)

    _put(owner, method, noted, original)


def _put(owner: type, name: str, hook: Any, original: Any) -> None:
    setattr(owner, name, hook)

    def undo() -> None:
        if owner.__dict__.get(name) is hook:  # somebody else's hook over ours is left where it is
            setattr(owner, name, original)

    _undo.append(undo)


@functools.cache
def _libraries() -> tuple[str, ...]:
    import keras

    folders = [OURS, os.path.dirname(os.path.abspath(keras.__file__)), *_standard()]
    return tuple(os.path.join(folder, "") for folder in folders)


def _standard() -> set[str]:
    return {sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib")}


@functools.lru_cache(maxsize=4096)
def _is_library(filename: str) -> bool:
    """Whether code is of an installed package, and not of the user's own program."""
    if filename.startswith("<frozen "):
        return True
    parts = filename.replace("\\", "/").split("/")
    return any(folder in parts for folder in PACKAGES) or filename.startswith(_libraries())


def _user_spot(frame: FrameType | None, thing: Any, method: str) -> Spot | None:
    """The user's nearest line, outside of methods of this name of the object itself."""
    overridden = False
    while frame is not None:
        code = frame.f_code
        if not _is_library(code.co_filename):
            if not (code.co_name == method and _is_self(frame, thing)):
                return Spot(code, frame.f_lasti, frame.f_lineno, overridden)
            overridden = method != "__init__"
        frame = frame.f_back
    return None


def _is_self(frame: FrameType, thing: Any) -> bool:
    names = frame.f_code.co_varnames
    return bool(names) and frame.f_locals.get(names[0]) is thing


def _fit_spot(model: Any) -> Spot | None:
    """Where `fit` was called, if it is running."""
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        if frame.f_code.co_name == "fit" and _is_library(frame.f_code.co_filename) and _is_self(frame, model):
            return _user_spot(frame.f_back, model, "fit")
        frame = frame.f_back
    return None


def _call(program: Program, spot: Spot, name: str) -> Any:
    """The call of this name at a position; None where there is none, or which one it is cannot be told."""
    positions = list(spot.code.co_positions())
    _, end_line, _, end_column = positions[spot.instruction // 2]
    if end_line is not None and end_column is not None:
        call = program.call_ending(end_line, end_column)
        return call if call is not None and program.called(call) == name else None
    calls = program.calls_of(name, spot.line)  # Python was told to keep no columns
    return calls[0] if len(calls) == 1 else None


def _parameters(thing: Any, method: str) -> list[str]:
    """Names of the parameters that may be given by place."""
    parameters: Mapping[str, inspect.Parameter] = inspect.signature(getattr(type(thing), method)).parameters
    by_place = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [name for name, parameter in parameters.items() if parameter.kind in by_place][1:]
