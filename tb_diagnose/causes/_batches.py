"""Another batch size, in the form that the data have."""

from __future__ import annotations

from tb_diagnose.causes import Edit, Try

ARRAYS = (None, "arrays")
"""Forms of data whose batches `fit` makes; what is not known is taken for arrays."""


def batch_advice(new: int, old: int, data_form: str | None, inferred: bool | None = None) -> str:
    """The advice without a full stop; what brings its own batches is not changed by `batch_size` in fit.

    Args:
        new: Samples a batch that are proposed.
        old: Those that there are.
        data_form: What the data are.
        inferred: Whether `old` was worked out, and is not what the program says.
    """
    if data_form in ARRAYS and inferred:
        return f"Give fit `batch_size={new}`; samples and steps tell of about {old:,} a batch"
    if data_form in ARRAYS:
        return f"Change `batch_size={old}` to `batch_size={new}`"
    if data_form == "dataset":
        return f"Batch the Dataset otherwise, `dataset = dataset.unbatch().batch({new})`"
    return f"Put {new} samples instead of {old} into a batch where the batches are made"


def batch_edits(new: int, old: int, data_form: str | None, inferred: bool | None = None) -> tuple[Edit, ...]:
    """The same as edits; none where `fit` does not make the batches. What was worked out is not shown as a line."""
    return (Edit("fit", "batch_size", new, old=None if inferred else old),) if data_form in ARRAYS else ()


def batch_attempt(new: int, old: int, data_form: str | None) -> Try | None:
    """What a trial makes where the data have batches of their own: it has their samples in arrays."""
    if data_form in ARRAYS:
        return None
    return Try(f"batches of {new}", (Edit("fit", "batch_size", new, old=old),))
