"""A report in the words of its reader: the unit that the log counts, and no Keras where the log is not of Keras.

Causes speak of epochs and of Keras, as most of their readers do. What other programs wrote may count steps, and their
users have no `fit`: here, in one place, every sentence of a diagnosis is put into their words.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable

from tb_diagnose.diagnosis.result import Diagnosis, Named
from tb_diagnose.evidence import Evidence

EPOCH = "epoch"
KERAS_FACTS = ("environment", "model", "layers", "optimizer", "loss_function")
"""Facts that only a Keras model tells; a log with one of them is of Keras."""
CODE = re.compile(r"(`[^`\n]*`)")
NUMBER = r"\d[\d,]*"
SHARE = re.compile(r"(\d)%")

KERAS_PHRASES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"`keras\.callbacks\.EarlyStopping\([^`]*\)`"), "early stopping"),
    (re.compile(r"`epochs=(\d+)`"), r"\1"),
    (re.compile(r"`(?:\w+=)?keras\.(?:\w+\.)*(\w+\([^`]*\))`"), r"`\1`"),
)
"""Code of Keras, and the same for everybody."""


def is_keras(evidence: Evidence) -> bool:
    """Whether a log is known to be of a Keras model."""
    return any(name in evidence.facts for name in KERAS_FACTS)


def worded(diagnosis: Diagnosis) -> Diagnosis:
    """The diagnosis in the words of its reader."""
    evidence = diagnosis.evidence

    def put(text: str) -> str:
        return spaced(in_unit(text if is_keras(evidence) else without_keras(text), evidence))

    return dataclasses.replace(
        diagnosis,
        headline=put(diagnosis.headline),
        probable_causes=tuple(_named(named, put, evidence) for named in diagnosis.probable_causes),
        notes=tuple(_named(named, put, evidence) for named in diagnosis.notes),
        fine=tuple((cause, put(saw)) for cause, saw in diagnosis.fine),
        does_not_apply=tuple((cause, put(saw)) for cause, saw in diagnosis.does_not_apply),
    )


def _named(named: Named, put: Callable[[str], str], evidence: Evidence) -> Named:
    finding = named.finding
    return dataclasses.replace(
        named,
        finding=dataclasses.replace(
            finding,
            saw=put(finding.saw),
            expected=put(finding.expected),
            fix=put(finding.fix or named.cause.fix),
            # Edits become lines of a Keras program.
            edits=finding.edits if is_keras(evidence) else (),
        ),
        consequences=tuple(_named(consequence, put, evidence) for consequence in named.consequences),
    )


def without_keras(text: str) -> str:
    """A sentence without code of Keras."""
    for pattern, plain in KERAS_PHRASES:
        text = pattern.sub(plain, text)
    return text


def spaced(text: str) -> str:
    """`10%` as `10 %`, as the charts have it; code between backticks is left alone."""
    return "".join(part if index % 2 else SHARE.sub(r"\1 %", part) for index, part in enumerate(CODE.split(text)))


def in_unit(text: str, evidence: Evidence) -> str:
    """A sentence about epochs as one about what the log counts; code between backticks is left alone."""
    if evidence.unit == EPOCH:
        return text
    return "".join(
        part if index % 2 else _counting(part, evidence.unit, evidence.finished_epochs, _last(evidence))
        for index, part in enumerate(CODE.split(text))
    )


def _counting(text: str, unit: str, points: int, last: int) -> str:
    def counted(match: re.Match[str]) -> str:
        count = int(match[1].replace(",", ""))
        # The numbers of epochs are steps here: a length is in steps, but a few of the epochs are points of the curve.
        word = unit if count == last or count > points else "point"
        return f"{match[1]} {word}{'' if count == 1 else 's'}"

    text = re.sub(rf"\b({NUMBER}) epochs?\b", counted, text)
    text = re.sub(r"\btrain (?:two|three|a few) epochs\b", f"train for a few hundred {unit}s", text)
    text = re.sub(r"\bwithin an epoch\b", f"within a few hundred {unit}s", text)
    text = re.sub(r"\ban epoch\b", f"a {unit}", text)
    text = re.sub(r"\bepoch(s?)\b", rf"{unit}\1", text)
    return re.sub(r"\bEpoch(s?)\b", rf"{unit.capitalize()}\1", text)


def _last(evidence: Evidence) -> int:
    return int(evidence.epochs[-1]) if len(evidence.epochs) else 0
