"""The name of a run as it is shown."""

from __future__ import annotations

import os

from tb_diagnose.diagnosis.result import Diagnosis


def name_of(diagnosis: Diagnosis, logdir: str, prefix: str | None = None) -> str:
    """Name of a run as it is shown: that of the logdir, where it is the logdir itself.

    Args:
        diagnosis: The run.
        logdir: Where it was found.
        prefix: What stands before it, where there are several logdirs.
    """
    name = diagnosis.run
    if prefix is not None:
        return prefix.rstrip("/") + (name[1:] if _is_logdir(name) else f"/{name}")
    here = os.path.basename(os.path.abspath(logdir)) or logdir
    return here + name[1:] if _is_logdir(name) else name


def _is_logdir(name: str) -> bool:
    return name == "." or name.startswith(". (")
