"""Validation inputs are prepared in another way than training inputs.

Training images are scaled to -1..1 and validation images are left at 0..255; a `preprocess_input` is applied on one
side alone; one of the two generators has a `rescale`. The model has never seen such numbers: validation accuracy stands
at chance, or far below training accuracy, however well the model learns.

Not this: the small differences between two samples of one source, a shift by a few percent, and features that are
seldom other than 0.
"""

from __future__ import annotations

from tb_diagnose.causes import Answer, CouldNotTell, Edit, Finding, Fine, Try, cause
from tb_diagnose.causes._input_shift import HEALTHY_SCALE, HEALTHY_SHIFT, InputShift

CERTAIN, LIKELY = 0.95, 0.7
"""Certainty where no drawn sample can be so, and where it might come from elsewhere."""


@cause(
    title="Validation inputs are prepared otherwise",
    family="data",
    fix="Prepare both alike: put the scaling into the model, as `keras.layers.Rescaling` or `Normalization`.",
    looks_like=("bad_split", "too_little_data"),
    harms="validation",
    explains=("validation",),
    sources=("https://keras.io/guides/preprocessing_layers/: preprocessing inside the model serves both alike",),
)
def validation_preprocessing(validation_sample_count: int, input_shift: InputShift | None = None) -> Answer:
    if input_shift is None:
        return CouldNotTell(("validation_input_std",))
    if not input_shift.harm:
        return Fine(f"{input_shift.short}.")
    return Finding(
        input_shift.harm,
        CERTAIN if input_shift.certain else LIKELY,
        f"{input_shift.saw}.",
        f"a factor below {HEALTHY_SCALE:g}, and less than {HEALTHY_SHIFT:g} standard deviation.",
        "Prepare both alike: put the scaling into the model, `keras.layers.Rescaling(1 / 255)` or an adapted "
        "`keras.layers.Normalization()`, and feed both as they are read; or call the same function on both.",
        picture="validation_input_std",
        attempt=Try(
            "validation inputs brought to the mean and standard deviation of the training inputs",
            (Edit("validation", "x", "sample_choice.like(x, training_x)"),),
        ),
    )
