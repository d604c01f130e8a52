"""One cause asked about evidence that a test spells out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tb_diagnose.causes import CATALOGUE, Answer
from tb_diagnose.diagnosis.trying import ask
from tb_diagnose.evidence import SERIES, Evidence


def evidence_of(given: Mapping[str, Any]) -> Evidence:
    """The evidence of a run of which this is known.

    Args:
        given: Series and facts by name, and `epochs`, which count from 0 by default.
    """
    series = {name: np.array(value, float) for name, value in given.items() if name in SERIES}
    longest = max((len(values) for values in series.values()), default=1)
    epochs = np.array(given.get("epochs", np.arange(longest)))
    facts = {name: value for name, value in given.items() if name not in SERIES and name != "epochs"}
    return Evidence("run", epochs, series, facts)


def answer(id_: str, given: Mapping[str, Any]) -> Answer:
    """What the cause of this id says of it."""
    return ask(CATALOGUE[id_], evidence_of(given))
