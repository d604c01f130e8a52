"""Whether batches come again in an epoch, whole or moved on by a sample: `repeated_batches`."""

from __future__ import annotations

from dataclasses import dataclass

from tb_diagnose.evidence import derived

WHOLE_BATCHES = 0.5
"""Share of different batches up to which it is the batches that repeat: the data are then not what is at fault."""
MOVED = 0.9
"""Share of samples in overlapping batches from which the batches overlap by construction: at random none does."""
ONE_SAMPLE = 1.5
"""New samples a batch below which each is another one moved on by a single sample."""
FEWEST_BATCHES, FEWEST_SAMPLES = 4, 4
"""Batches, and samples in them, from which they overlap by no chance."""


@dataclass(frozen=True)
class RepeatedBatches:
    """Batches that come again within an epoch.

    Args:
        count: Batches of the epoch.
        different: Of these, different ones.
        moved: Whether each is another one moved on by a sample, and none comes again as a whole.
    """

    count: int
    different: int
    moved: bool = False

    @property
    def saw(self) -> str:
        """The two in words."""
        if self.moved:
            return f"What repeats are parts of batches: each of {self.count:,} is another one moved on by one sample."
        return f"What repeats are whole batches: {self.different:,} of {self.count:,} are different ones."


@derived
def repeated_batches(
    observed_batch_count: int,
    observed_distinct_batch_count: int,
    observed_sample_count: int | None = None,
    observed_distinct_input_count: int | None = None,
    observed_moved_fraction: float | None = None,
) -> RepeatedBatches | None:
    """Batches that repeat within an epoch; None where they do not."""
    batches, different = observed_batch_count, observed_distinct_batch_count
    if 0 < different <= WHOLE_BATCHES * batches:
        return RepeatedBatches(batches, different)
    if observed_sample_count is None or observed_distinct_input_count is None or observed_moved_fraction is None:
        return None
    size = observed_sample_count / max(batches, 1)
    if batches < FEWEST_BATCHES or size < FEWEST_SAMPLES or observed_moved_fraction < MOVED:
        return None
    # The first batch brings all that it holds; data that were copied as a whole bring more a batch.
    new = (observed_distinct_input_count - size) / (batches - 1)
    return RepeatedBatches(batches, different, moved=True) if 0 < new < ONE_SAMPLE else None
