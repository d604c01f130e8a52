"""Edits in the names of the model that is tried: Keras counts the layers of a process, so a model that is made again
has `dense_5` where the logged run had `dense_2`."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from tb_diagnose.causes import Edit
from tb_diagnose.diagnosis.result import Diagnosis
from tb_diagnose.recorder import forward, model_facts
from tb_diagnose.trials.candidates import Candidate


def in_names_of(candidates: Sequence[Candidate], diagnosis: Diagnosis, model: Any) -> list[Candidate]:
    """The candidates with the layers called as in a model; as they are where it is another model.

    Args:
        candidates: Changes of a diagnosis.
        diagnosis: Of the logged run.
        model: The model to be copied.
    """
    logged = _rows(diagnosis.evidence.get("layers") or [])
    own = _rows(model_facts.model_facts(model, list(forward.walk(model))).get("layers") or [])
    if [kind for _, kind in logged] != [kind for _, kind in own]:
        return list(candidates)
    called = {old: new for (old, _), (new, _) in zip(logged, own, strict=True)}

    def renamed(edits: Sequence[Edit]) -> tuple[Edit, ...]:
        return tuple(dataclasses.replace(edit, where=called.get(edit.where, edit.where)) for edit in edits)

    return [
        dataclasses.replace(
            each,
            edits=renamed(each.edits),
            tries=tuple(dataclasses.replace(one, edits=renamed(one.edits)) for one in each.tries),
        )
        for each in candidates
    ]


def _rows(layers: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(row["name"], row["class"]) for row in layers]
