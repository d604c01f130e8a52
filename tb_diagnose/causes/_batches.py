"""Another batch size, in the form that the data have."""

from __future__ import annotations

from tb_diagnose.causes import Edit

ARRAYS = (None, "arrays")
"""Forms of data whose batches `fit` makes; what is not known is taken for arrays."""


def batch_advice(new: int, old: int, data_form: str | None) -> str:
    """The advice without a full stop; a Dataset has batches of its own, which `batch_size` in fit does not change."""
    if data_form in ARRAYS:
        return f"Change `batch_size={old}` to `batch_size={new}`"
    return f"Batch the data otherwise, for a Dataset `dataset = dataset.unbatch().batch({new})`"


def batch_edits(new: int, old: int, data_form: str | None) -> tuple[Edit, ...]:
    """The same as edits; none where `fit` does not make the batches."""
    return (Edit("fit", "batch_size", new, old=old),) if data_form in ARRAYS else ()
