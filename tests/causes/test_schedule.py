"""A rate that falls too early, told from a run that still gets better at a small one."""

import numpy as np
import pytest

from tb_diagnose.causes import Finding, Fine
from tb_diagnose.causes.learning_rate_schedule import learning_rate_schedule

EPOCHS = np.arange(9)
RATES = np.array([np.nan, 1e-2, *np.full(7, 1e-6)])
STILL, FALLING = np.full(9, 2.0), 2.0 * 0.98 ** np.arange(9)


@pytest.mark.parametrize(
    ("probe_loss", "loss", "ended"),
    [
        (STILL, STILL, True),
        (STILL, None, True),
        (None, STILL, True),
        # Averages of BatchNormalization come to their values, and nothing is learned.
        (FALLING, STILL, True),
        (FALLING, FALLING, False),
        (FALLING, None, False),
    ],
)
def test_progress_has_ended_where_the_loss_of_training_stands_still(probe_loss, loss, ended):
    found = learning_rate_schedule.judge(RATES, EPOCHS, None, 8, 800, probe_loss, None, loss)
    assert isinstance(found, Finding if ended else Fine), found
