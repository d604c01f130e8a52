"""The first `fit` of a program is logged with its data, as the README writes it: `fit` is taken before the callback."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tb_diagnose import event_file

PROGRAM = """
{imports}
x = np.random.default_rng(0).random((64, 4)).astype("float32")
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, activation="sigmoid")])
model.compile("adam", "binary_crossentropy")
model.fit(x, (x.sum(axis=1) > 2) * 1, verbose=0, callbacks=[tb_diagnose.KerasCallback({folder!r}, verbose=0)])
"""
IMPORTS = (
    "import numpy as np\nimport keras\nimport tb_diagnose",
    "import tb_diagnose\nimport numpy as np\nimport keras",
)


@pytest.mark.parametrize("imports", IMPORTS)
def test_the_first_fit_is_logged_with_its_data(tmp_path, imports):
    program = PROGRAM.format(imports=imports, folder=str(tmp_path))
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    facts = event_file.newest(str(tmp_path / "diagnosis"), "run").facts
    assert (facts["sample_count"], facts["batch_size"]) == (64, 32)
