"""What the lines that change say is not said a second time."""

import pytest

from tb_diagnose.fixes.beside_code import beside_code
from tb_diagnose.fixes.line import line

RATE = line("compile", "optimizer=keras.optimizers.Adam(1.0)", "optimizer=keras.optimizers.Adam(0.001)")
LOSS = line("compile", 'loss="mse"', 'loss="binary_crossentropy"')
DROP = [line("data", None, "samples = x > 0"), line("data", None, "x, y = x[samples], y[samples]")]


@pytest.mark.parametrize(
    ("fix", "lines", "said"),
    [
        (
            "Divide it by 10: `optimizer=keras.optimizers.Adam(0.001)`. Two epochs show it.",
            [RATE],
            "Divide it by 10. Two epochs show it.",
        ),
        ('`loss="mse"` -> `loss="binary_crossentropy"`.', [LOSS], ""),
        ("Drop the samples: `samples = x > 0; x, y = x[samples], y[samples]`.", DROP, "Drop the samples."),
        ("Change it: `Adam(0.001)`, or this one: `Adadelta(1.0)`.", [RATE], "Change it, or this one: `Adadelta(1.0)`."),
        ("Divide it by 10: `optimizer=keras.optimizers.Adam(0.001)`.", [], None),
        ("Give dense 64 units.", [RATE], None),
        ("Set `trainable = True` in dense.", [line("dense", None, "trainable = True")], None),
    ],
)
def test_what_is_left_of_a_fix(fix, lines, said):
    assert beside_code(fix, lines) == (fix if said is None else said)
