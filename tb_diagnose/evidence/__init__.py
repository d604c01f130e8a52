"""The vocabulary: every series and fact by name, and `Evidence`, all of one run.

A *series* is measured once an epoch, a *fact* once a run. Axes are always (epoch, layer), (epoch, class) and so on,
epoch first. Epoch 0 is the state before the first step; epoch 1 is what Keras prints as "Epoch 1". NaN means: not
measured.
"""

from tb_diagnose.evidence.derived import DERIVED, derived
from tb_diagnose.evidence.evidence import Evidence, known
from tb_diagnose.evidence.facts import FACTS
from tb_diagnose.evidence.series import SERIES, Quantity

__all__ = ["DERIVED", "FACTS", "SERIES", "Evidence", "Quantity", "derived", "known"]
