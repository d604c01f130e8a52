"""What a trial has made so far, kept beside its table in the event file: the next call goes on where it was stopped.

A trial of one seed comes out the same again, so what was made for the same copies and samples need not be made anew.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from tb_diagnose.causes import Edit
from tb_diagnose.recorder.data import Data
from tb_diagnose.trials.scoring import Score
from tb_diagnose.trials.training import Outcome, Setting

ENTRY = "done"
"""Name in the fact `trial`, beside the fields of a `Trial`."""
MOST_CHARACTERS = 1_000_000
"""Characters that are kept at most: the tab reads the event file, too. More of it is made anew."""
SAMPLES = 1_000
"""Samples by which data are known again."""

Key = tuple[str, int]
"""The edits of a copy, in short, and its seed."""


@dataclass(frozen=True)
class Done:
    """What was made before.

    Args:
        epochs: Epochs of the control.
        samples: Training samples.
        outcomes: By edits and seed.
    """

    epochs: int = 0
    samples: int = 0
    outcomes: Mapping[Key, Outcome] = dataclasses.field(default_factory=dict)


def key(edits: Sequence[Edit], seed: int) -> Key:
    """What one trial is known by."""
    return _short(repr(list(edits))), seed


def read(fact: Mapping[str, Any] | None, setting: Setting) -> Done:
    """What a run's earlier trial has made that holds for this one; nothing where model, samples or settings differ."""
    with suppress(Exception):  # another version wrote it, or the model cannot be described
        told = (fact or {})[ENTRY]
        if told["of"] == _about(setting):
            made = {(each["edits"], int(each["seed"])): _outcome(each["outcome"]) for each in told["made"]}
            return Done(int(told["epochs"]), int(told["samples"]), made)
    return Done()


def as_entry(setting: Setting, ended: Setting, outcomes: Mapping[Key, Outcome]) -> dict[str, Any]:
    """The entry in the fact `trial`; empty where the model cannot be described, or it would be too long.

    Args:
        setting: What was to be tried, with all samples.
        ended: The same with the epochs and samples of the trials.
        outcomes: What was made.
    """
    with suppress(Exception):
        made = [{"edits": edits, "seed": seed, "outcome": _plain(each)} for (edits, seed), each in outcomes.items()]
        samples = ended.samples.training.sample_count
        entry = {"of": _about(setting), "epochs": ended.epochs, "samples": samples, "made": made}
        if len(json.dumps(entry)) <= MOST_CHARACTERS:
            return {ENTRY: entry}
    return {}


def _about(setting: Setting) -> str:
    """In short, all that the outcome of a copy depends on but its edits, its seed and its epochs."""
    model, samples = setting.model, setting.samples
    compiled = setting.compiled or model.get_compile_config()
    settings = {
        field.name: getattr(setting, field.name)
        for field in dataclasses.fields(setting)
        if field.name not in ("model", "samples", "epochs", "compiled", "fit", "seconds_a_step")
    }
    fit = {"shuffle": True, **setting.fit}
    described = json.dumps([model.get_config(), compiled], sort_keys=True, default=str)
    described = re.sub(r'_\d+"', '"', described)  # Keras counts the models, layers and optimizers of a process
    parts = [described, fit, repr(settings), _of(samples.training), _of(samples.held)]
    return _short(json.dumps(parts, sort_keys=True, default=str))


def _of(data: Data) -> list[Any]:
    first = data.take(slice(0, SAMPLES))
    weight = first.sample_weight
    return [data.sample_count, first.sample_keys.tolist(), None if weight is None else weight.tolist()]


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _plain(outcome: Outcome) -> dict[str, Any]:
    """An outcome in a form that JSON can hold: the skills in single precision."""
    fields = {field.name: getattr(outcome, field.name) for field in dataclasses.fields(outcome)}
    skills = base64.b64encode(zlib.compress(outcome.score.skills.astype("<f4").tobytes())).decode()
    return {**fields, "score": {"skills": skills, "value": outcome.score.value, "measure": outcome.score.measure}}


def _outcome(given: Mapping[str, Any]) -> Outcome:
    told = given["score"]
    skills = np.frombuffer(zlib.decompress(base64.b64decode(told["skills"])), "<f4").astype(float)
    # JSON has no numbers as names.
    fields: dict[str, Any] = {
        name: {int(number): inner for number, inner in value.items()} if isinstance(value, dict) else value
        for name, value in given.items()
        if name != "score"
    }
    return Outcome(score=Score(skills, told["value"], told["measure"]), **fields)
