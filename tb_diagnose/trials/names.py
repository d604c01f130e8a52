"""Edits in the names of the model that is tried: Keras counts the layers of a process, so a model that is made again
has `dense_5` where the logged run had `dense_2`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from tb_diagnose.causes import Edit
from tb_diagnose.diagnosis.result import Diagnosis
from tb_diagnose.evidence.keras_config import walk_layers
from tb_diagnose.recorder import forward, model_facts
from tb_diagnose.trials.candidates import Candidate


def in_names_of(candidates: Sequence[Candidate], diagnosis: Diagnosis, model: Any) -> list[Candidate]:
    """The candidates with the layers called as in a model; as they are where it is another model.

    Args:
        candidates: Changes of a diagnosis.
        diagnosis: Of the logged run.
        model: The model to be copied.
    """
    logged = _called(diagnosis.evidence.facts)
    own = _called(model_facts.model_facts(model, list(forward.walk(model))))
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


def _called(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Names and classes of the layers: of all of them, where the model was logged, or of those that are measured."""
    if facts.get("model"):
        return [(layer.name, layer.kind) for layer in walk_layers(facts["model"])]
    return [(row["name"], row["class"]) for row in facts.get("layers") or []]
