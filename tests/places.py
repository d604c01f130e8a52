"""Where things are."""

from pathlib import Path

TESTS = Path(__file__).parent
ROOT = TESTS.parent
RECORDINGS = TESTS / "recordings"
SNAPSHOTS = TESTS / "snapshots"
PICTURES = TESTS / "pictures"
