"""Another batch size, in the form that the data have."""

from __future__ import annotations

from tb_diagnose.causes import Edit

ARRAYS = (None, "arrays")
"""Forms of data whose batches `fit` makes; what is not known is taken for arrays."""


def batch_advice(new: int, old: int, data_form: str | None) -> str:
    """The advice without a full stop; what brings its own batches is not changed by `batch_size` in fit."""
    if data_form in ARRAYS:
        return f"Change `batch_size={old}` to `batch_size={new}`"
    if data_form == "dataset":
        return f"Batch the Dataset otherwise, `dataset = dataset.unbatch().batch({new})`"
    return f"Put {new} samples instead of {old} into a batch where the batches are made"


def batch_edits(new: int, old: int, data_form: str | None) -> tuple[Edit, ...]:
    """The same as edits; none where `fit` does not make the batches."""
    return (Edit("fit", "batch_size", new, old=old),) if data_form in ARRAYS else ()
