"""The fact `source`: where in the user's program the layers were made, and where `compile` and `fit` were called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Place:
    """A call in the user's program.

    Args:
        file: The file, relative to the folder in which the program was started where it is below it.
        line: Its first line, from 1.
        end_line: Its last line.
        end_column: Bytes of the last line up to the end of the call, as Python's `ast` counts them. None where this
            place is no call of the class or method itself: a config or another function made the object.
        repeated: Whether the call runs several times, or may: it makes other objects, too.
        positional: Names of the arguments that are given by place.
        text: Its lines; None where they were not to be logged.
    """

    file: str
    line: int
    end_line: int
    end_column: int | None
    repeated: bool
    positional: tuple[str, ...]
    text: str | None

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Source:
    """All places that were noted of one run.

    Args:
        files: SHA-256 of each file as it was, by its name.
        layers: Where each layer was made, by its name in the layer table.
        compile: Where `compile` was called.
        fit: Where `fit` was called.
        optimizer: Where the optimizer was made.
        loss: Where the loss was made.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    layers: Mapping[str, Place] = field(default_factory=dict)
    compile: Place | None = None
    fit: Place | None = None
    optimizer: Place | None = None
    loss: Place | None = None

    def layer(self, name: str) -> Place | None:
        """Where a layer was made; one of a nested model may be called by its own name, where no other has it."""
        if name in self.layers:
            return self.layers[name]
        nested = [place for path, place in self.layers.items() if path.endswith(f"/{name}")]
        return nested[0] if len(nested) == 1 else None


def read(facts: Mapping[str, Any]) -> Source:
    """The places in the facts of a run; none where they were not noted, or are not as this version writes them."""
    fact = facts.get("source")
    if not isinstance(fact, dict):
        return Source()
    try:
        places = [_place(place) for place in fact.get("places", [])]
        return Source(
            files={str(name): str(digest) for name, digest in fact.get("files", {}).items()},
            layers={str(name): places[index] for name, index in fact.get("layers", {}).items()},
            **{name: places[fact[name]] for name in ("compile", "fit", "optimizer", "loss") if name in fact},
        )
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return Source()


def _place(value: Mapping[str, Any]) -> Place:
    column, text = value["end_column"], value.get("text")
    return Place(
        str(value["file"]),
        int(value["line"]),
        int(value["end_line"]),
        None if column is None else int(column),
        bool(value["repeated"]),
        tuple(map(str, value["positional"])),
        None if text is None else str(text),
    )
