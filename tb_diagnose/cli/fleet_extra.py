"""What the commands over an index need beyond tb_diagnose itself."""

from __future__ import annotations

from importlib.util import find_spec

NEEDED = ("pyarrow", "fsspec")


def missing(command: str, modules: tuple[str, ...] = NEEDED) -> str | None:
    """A sentence where something is not installed; None where all is there.

    Args:
        command: What was asked for.
        modules: What it needs.
    """
    absent = [name for name in modules if find_spec(name) is None]
    if not absent:
        return None
    return f'{command} needs {" and ".join(absent)}: pip install "tb-diagnose[fleet]"'
