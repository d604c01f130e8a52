"""What was measured in one run, without the arrays."""

from __future__ import annotations

from typing import Any

from tb_diagnose.diagnosis.result import Diagnosis
from tb_diagnose.evidence import SERIES, known
from tb_diagnose.report.plain import plain
from tb_diagnose.report.schema import SCHEMA

LEFT_OUT = ("model", "source")
"""Facts that are long, and that nobody looks at."""


def evidence_index(diagnosis: Diagnosis) -> dict[str, Any]:
    """An Evidence of `answers.schema.json`: each series with its axes, labels and shape, each fact with its value."""
    evidence = diagnosis.evidence
    series = {
        name: {
            **_about(name),
            "labels": evidence.labels(SERIES[name].axes[-1], array.shape[-1]),
            "shape": list(array.shape),
        }
        for name, array in sorted(evidence.series.items())
    }
    facts = {
        name: {
            **_about(name),
            "labels": evidence.labels("class", len(value)) if known(name).axes == ("class",) else None,
            "value": plain(value),
        }
        for name, value in sorted(evidence.facts.items())
        if name not in LEFT_OUT
    }
    return {
        "schema": SCHEMA,
        "run": diagnosis.run,
        "unit": evidence.unit,
        "epochs": evidence.epochs.tolist(),
        "series": series,
        "facts": facts,
    }


def _about(name: str) -> dict[str, Any]:
    quantity = known(name)
    return {"axes": list(quantity.axes), "unit": quantity.unit, "meaning": quantity.meaning}
