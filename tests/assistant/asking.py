"""The SDK's own client against the real server over standard input and output, for tests that are not asynchronous."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
from anyio.from_thread import BlockingPortal, start_blocking_portal
from jsonschema import Draft202012Validator
from mcp import Client, StdioServerParameters
from places import ROOT

from tb_diagnose.assistant.tools import BY_NAME

MOST = 6_000
"""Characters of an answer: 2,000 tokens of three characters each."""


class Assistant:
    """One client."""

    def __init__(self, portal: BlockingPortal, client: Client) -> None:
        self._portal, self._client = portal, client

    def ask(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The answer of a tool, which has its form and its size."""
        result = self._portal.call(self._client.call_tool, tool, arguments)
        assert not result.is_error, result.content[0].text
        answer = result.structured_content
        assert json.loads(result.content[0].text) == answer
        assert list(Draft202012Validator(BY_NAME[tool].output_schema).iter_errors(answer)) == []
        assert len(result.content[0].text) <= MOST
        return dict(answer)

    def refused(self, tool: str, **arguments: Any) -> str:
        """The sentence with which a tool says that it cannot answer."""
        result = self._portal.call(self._client.call_tool, tool, arguments)
        assert result.is_error and len(result.content) == 1
        return str(result.content[0].text)

    def call(self, name: str, *arguments: Any) -> Any:
        """What a method of the client returns."""
        return self._portal.call(getattr(self._client, name), *arguments)

    def cancelled(
        self, tool: str, when: Callable[[], bool] = lambda: True, **arguments: Any
    ) -> list[tuple[float, float | None]]:
        """Asks, waits for a report of progress at which `when()` is true, and asks no more; returns the reports."""
        seen: list[tuple[float, float | None]] = []

        async def begin() -> None:
            with anyio.CancelScope() as scope:

                async def told(progress: float, total: float | None, message: str | None) -> None:
                    seen.append((progress, total))
                    if when():
                        scope.cancel()

                await self._client.call_tool(tool, arguments, progress_callback=told)
            assert scope.cancelled_caught

        self._portal.call(begin)
        return seen


@contextmanager
def assistant(
    *logdirs: str | Path, options: Sequence[str] = (), command: Sequence[str] = (), cwd: Path | None = None
) -> Iterator[Assistant]:
    """A client with a server of its own, or with the one that a command starts."""
    first, *rest = command or [sys.executable, "-m", "tb_diagnose", "mcp", *map(str, logdirs), *options]
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    parameters = StdioServerParameters(
        command=first,
        args=rest,
        env={"PYTHONPATH": path, "TF_CPP_MIN_LOG_LEVEL": "3"},
        cwd=cwd,
    )
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(Client(parameters)) as client:
        yield Assistant(portal, client)
