"""The one line of an error that tells what is wrong."""

from __future__ import annotations

import re

LONGEST = 300
"""Characters of a line that are kept."""
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_WRAPPERS = ("Exception encountered when calling", "Graph execution error", "Arguments received by")
"""How Keras and TensorFlow begin a message around the error of a layer or of the user's own code."""
_FRAMES = ("Detected at node", 'File "', "[[{{node", "Stack trace for op")
"""How TensorFlow begins the lines on where in a graph an error was raised."""
_VALUES = re.compile(r"\s+Label values: .*")
"""The labels of a whole batch, which TensorFlow shows behind the one that it refuses."""
_RAISED = re.compile(r"(?:^|\s)(\w+(?:Error|Exception): .+)")


def error_line(error: BaseException) -> str:
    """The first line of a message that is not a frame around another error, without its full stop."""
    lines = [line.strip() for line in _COLOURS.sub("", str(error)).splitlines() if line.strip()]
    if not lines:
        return ""
    if lines[0].startswith(_WRAPPERS):
        raised = [match[1] for line in lines if (match := _RAISED.search(line))]
        lines = raised[:1] or [line for line in lines if not line.startswith((*_WRAPPERS, *_FRAMES))] or lines
    return _VALUES.sub("", lines[0])[:LONGEST].rstrip(".")
