"""The output layer as its user wrote it: one layer, or one with units and an activation layer behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tb_diagnose.causes import Edit
from tb_diagnose.evidence.keras_config import ACTIVATION_LAYERS

PLAIN = (None, "linear")


@dataclass(frozen=True)
class Head:
    """Where the activation and the units of the output are given.

    Args:
        name: Name of the layer with the activation.
        kind: Its class.
        counted: Name of the layer with the units; the same for one layer.
        counted_kind: Its class.
        units: Its units.
        activation: The activation.
    """

    name: str
    kind: str
    counted: str
    counted_kind: str
    units: int
    activation: str | None

    @property
    def is_one(self) -> bool:
        """Whether one layer has both."""
        return self.name == self.counted

    def change(self, activation: str, units: int | None = None) -> tuple[str, tuple[Edit, ...]]:
        """Another activation, and other units where they are given: as code, old -> new, and as edits."""
        widened = () if units is None else (Edit(self.counted, "units", units),)
        edits = (*widened, Edit(self.name, "activation", activation))
        count = self.units if units is None else units
        if self.is_one and self.kind == "Dense":
            return f"`{_dense(self.units, self.activation)}` -> `{_dense(count, activation)}`", edits
        changes = []
        if units is not None and self.counted_kind == "Dense":
            changes.append(f"`{_dense(self.units)}` -> `{_dense(units)}`")
        elif units is not None:
            argument = "filters" if "Conv" in self.counted_kind else "units"
            changes.append(f"`{argument}={self.units}` -> `{argument}={units}`")
        if self.is_one:
            changes.append(f'`activation="{self.activation}"` -> `activation="{activation}"`')
        else:
            now = f"{self.kind}()" if self.kind in ACTIVATION_LAYERS else f'Activation("{self.activation}")'
            changes.append(f'`{now}` -> `Activation("{activation}")`')
        return " and ".join(changes), edits


def head_of(output: Mapping[str, Any], layers: Sequence[Mapping[str, Any]] | None) -> Head:
    """The head of a model; one Dense layer where the layers were not logged.

    Args:
        output: The fact of that name.
        layers: The fact of that name.
    """
    name, rows = str(output["name"]), list(layers or ())
    place = next((index for index, row in enumerate(rows) if row["name"] == name), None)
    row = {} if place is None else rows[place]
    # A user changes the layer in front where the activation is a layer of its own.
    counted = row
    if place is not None and not row.get("units"):
        counted = next((each for each in reversed(rows[:place]) if each.get("units")), row)
    return Head(
        name,
        str(row.get("class") or "Dense"),
        str(counted.get("name", name)),
        str(counted.get("class") or "Dense"),
        int(output["units"]),
        output["activation"],
    )


def _dense(units: int, activation: str | None = None) -> str:
    return f"Dense({units})" if activation in PLAIN else f'Dense({units}, activation="{activation}")'
