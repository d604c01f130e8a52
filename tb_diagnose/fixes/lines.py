"""What a cause would change -> the lines of a user's own code, old and new.

Lines are pasted into programs: a line that is not sure to be right is not written. The edits of one finding belong
together (more units, and the loss that reads them), so where one of them cannot be written, none is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tb_diagnose.causes import Edit
from tb_diagnose.causes._finding import distinct
from tb_diagnose.fixes.call_lines import compile_lines, data_lines, fit_lines
from tb_diagnose.fixes.front_layer import front_lines
from tb_diagnose.fixes.keras_signatures import LAYERS, OPTIONS, SHARED
from tb_diagnose.fixes.layer_lines import layer_lines, trainable_lines
from tb_diagnose.fixes.line import WHOLE
from tb_diagnose.fixes.line import Line as Line
from tb_diagnose.fixes.literals import UnwritableError
from tb_diagnose.fixes.places import place

Writer = Callable[[str, Sequence[Edit], Mapping[str, Any]], list[Line]]
"""Writes the lines of one place: its name, its edits, and the facts of the run."""
WRITERS: Mapping[str, Writer] = {
    "compile": compile_lines,
    "fit": fit_lines,
    "data": data_lines,
    "in front": front_lines,
}


def lines(edits: Sequence[Edit], facts: Mapping[str, Any]) -> list[Line]:
    """The lines that change, one for each place: where, the old and the new one, and the place where it was noted.

    Args:
        edits: What a finding would change.
        facts: The facts of its run, by the names in `evidence.FACTS`.
    """
    places: dict[tuple[Writer, str], list[Edit]] = {}
    for edit in distinct(edits):
        places.setdefault((_writer(edit), edit.where), []).append(edit)
    try:
        written = [
            line | {"place": place(together, facts)}
            for (writer, where), together in places.items()
            for line in writer(where, together, facts)
        ]
    except (UnwritableError, AttributeError, KeyError, TypeError, ValueError):
        return []  # a model that is not what Keras writes: others write logs, too
    if any(edit.where == "in front" for edit in edits):
        # A layer in front is adapted to what the arrays are to be.
        of_data = [line | {"where": WHOLE} for line in written if line["where"] == "data"]
        written = [*of_data, *(line for line in written if line["where"] != "data")]
    changed = [line for line in written if line["old"] != line["new"]]
    return [line for place, line in enumerate(changed) if line not in changed[:place]]


def _writer(edit: Edit) -> Writer:
    # By the argument first: nothing keeps a user from calling a layer "fit".
    if edit.argument == "trainable":
        return trainable_lines
    if edit.argument in SHARED and edit.where in WRITERS:
        return WRITERS[edit.where]
    if edit.argument in OPTIONS or any(edit.argument in given for given in LAYERS.values()):
        return layer_lines
    return WRITERS[edit.where]
