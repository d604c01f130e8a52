"""Programs of the causes that show in what `fit` sees: the cause comes first, and the mended program has none."""

from __future__ import annotations

from collections import Counter

import keras
import pytest
from variants import VARIANTS

import tb_diagnose

SEED = 0


@pytest.mark.slow
@pytest.mark.parametrize("mended", [False, True], ids=["sick", "mended"])
@pytest.mark.parametrize("name", VARIANTS)
def test_the_cause_of_a_variant_comes_first_and_there_is_none_when_it_is_mended(tmp_path, name, mended):
    cause, make = VARIANTS[name]
    keras.utils.clear_session()
    keras.utils.set_random_seed(SEED)
    make(mended).train(str(tmp_path))
    (found,) = tb_diagnose.diagnose(str(tmp_path))
    named = [each.cause.id for each in found.probable_causes]
    assert not found.failed
    assert named == [] if mended else named[:1] == [cause], found.headline


def test_there_are_three_variants_of_each_cause():
    assert set(Counter(cause for cause, _ in VARIANTS.values()).values()) == {3}
