"""What was made of one change of a trial."""

from __future__ import annotations

from dataclasses import dataclass, field

from tb_diagnose.trials.candidates import Candidate
from tb_diagnose.trials.training import Outcome


@dataclass(eq=False)
class Made:
    """What was made of one candidate.

    Args:
        candidate: The candidate.
        outcomes: By seed.
        reason: Why it cannot be tried, one sentence; "" where it can.
    """

    candidate: Candidate
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    reason: str = ""

    @property
    def first_skill(self) -> float:
        """Skill from the first seed; less than any other where there is none."""
        return self.outcomes[0].score.skill if 0 in self.outcomes else float("-inf")
