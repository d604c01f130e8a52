"""Whether whole batches come again in an epoch: `repeated_batches`."""

from __future__ import annotations

from dataclasses import dataclass

from tb_diagnose.evidence import derived

WHOLE_BATCHES = 0.5
"""Share of different batches up to which it is the batches that repeat: the data are then not what is at fault."""


@dataclass(frozen=True)
class RepeatedBatches:
    """Batches that come again within an epoch.

    Args:
        count: Batches of the epoch.
        different: Of these, different ones.
    """

    count: int
    different: int

    @property
    def saw(self) -> str:
        """The two in words."""
        return f"What repeats are whole batches: {self.different:,} of {self.count:,} are different ones."


@derived
def repeated_batches(observed_batch_count: int, observed_distinct_batch_count: int) -> RepeatedBatches | None:
    """Whole batches that repeat within an epoch; None where they do not."""
    repeated = RepeatedBatches(observed_batch_count, observed_distinct_batch_count)
    return repeated if 0 < repeated.different <= WHOLE_BATCHES * repeated.count else None
