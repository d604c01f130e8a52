"""What tells that two runs are of the same data, and of the same model: only such runs say something of one another.

What a fix changes must not count: inputs are scaled, labels written otherwise, activations and widths replaced.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from tb_diagnose.evidence import Evidence

DIGITS = 12
"""Hexadecimal digits of a name: enough for all runs that one person has."""
SCALING = "Normalization"
"""Ending of the classes of layers that only scale: a fix may add one."""


def data_of(evidence: Evidence) -> str | None:
    """A short name of the training data, whatever its inputs were scaled by; None where the log does not tell.

    It is made from the number of samples, the shape of the inputs, and how often each label occurs; of continuous
    labels, how many different ones there are.
    """
    facts = evidence.facts
    samples, counts = facts.get("sample_count"), facts.get("label_counts")
    labels = sorted(int(count) for count in counts if count) if counts else facts.get("label_unique_count")
    if samples is None or labels is None:
        return None
    return _short([samples, facts.get("input_shape"), labels])


def model_of(evidence: Evidence) -> str | None:
    """A short name of the kind of model: the classes of its layers with weights, in their order; None where unknown."""
    layers = evidence.facts.get("layers")
    if not layers:
        return None
    classes = [str(row.get("class")) for row in layers if row.get("weighted", True)]
    return _short([name for name in classes if not name.endswith(SCALING)])


def _short(value: Any) -> str:
    text = json.dumps(value, default=str, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]
