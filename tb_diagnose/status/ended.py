"""Is a run over?"""

from __future__ import annotations

import numpy as np

from tb_diagnose.evidence import derived


@derived
def last_epoch(epochs: np.ndarray, planned_epochs: int | None = None, silent: bool | None = None) -> int | None:
    """The epoch that a run is over after: the planned one, or the last of a log that has been silent for long.

    None while it may go on.
    """
    if planned_epochs is not None:
        return planned_epochs
    return int(epochs[-1]) if silent and len(epochs) else None
