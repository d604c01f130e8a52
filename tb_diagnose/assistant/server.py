"""The server of the Model Context Protocol, over standard input and output: `tb-diagnose mcp`.

It is thin: what is asked becomes a call of `answers` in a thread, and what goes wrong becomes a sentence.
"""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote, unquote

import anyio
import jsonschema
import mcp.types as types
from anyio import from_thread, to_thread
from mcp import MCPError
from mcp.server.context import ServerRequestContext as Context
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server

from tb_diagnose._version import __version__
from tb_diagnose.assistant import answers, running
from tb_diagnose.assistant.brief import brief
from tb_diagnose.assistant.logdirs import Logdirs, UnknownError
from tb_diagnose.assistant.marking import cut, quoted, visible
from tb_diagnose.assistant.tools import BY_NAME, INSTRUCTIONS, TOOLS, Tool

REPORT = "tb-diagnose://report/"
"""What stands before the name of a run in the address of its report."""
PAGE = 20
"""Reports in a page of their list."""
OFTEN = 0.5
"""Seconds between two reports of progress."""
INVALID, UNKNOWN = -32602, -32002
"""Codes of the protocol: wrong parameters, and no such resource."""
Work = Callable[[Callable[[int, int], None]], dict[str, Any]]


class StoppedError(Exception):
    """Nobody waits for the answer any more."""


def serve(given: Sequence[str], allow_run: bool) -> None:
    """Serves one client until it goes.

    Args:
        given: The logdirs that may be read.
        allow_run: Whether programs of the working directory may be run, and read for diffs of them.
    """
    anyio.run(_serve, made(Logdirs(given), allow_run))


async def _serve(server: Server[Any]) -> None:
    async with stdio_server() as (reads, writes):
        await server.run(reads, writes, server.create_initialization_options())


def made(logdirs: Logdirs, allow_run: bool) -> Server[Any]:
    """The server of some logdirs."""
    tools = [tool for tool in TOOLS if allow_run or not tool.runs_programs]
    lock, program = anyio.Lock(), anyio.Lock()

    async def list_tools(context: Context, params: Any) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[_described(tool) for tool in tools])

    async def call_tool(context: Context, params: types.CallToolRequestParams) -> types.CallToolResult:
        tool = BY_NAME.get(params.name)
        if tool is None:
            raise MCPError(INVALID, f"There is no tool {params.name[:80]!r}.")
        if tool not in tools:
            return _failed(f"{tool.name} runs programs, which is off. Start the server with --allow-run to allow it.")
        arguments = dict(params.arguments or {})
        wrong = next(jsonschema.Draft202012Validator(tool.input_schema).iter_errors(arguments), None)
        if wrong is not None:
            where = f"`{wrong.path[0]}`: " if wrong.path else ""
            return _failed(f"{where}{wrong.message[:300]}.")
        try:
            answer = await _answered(tool, arguments, context)
        except UnknownError as error:
            return _failed(str(error))
        except Exception as error:  # noqa: BLE001 - one answer fails, the next question may be asked
            return _failed(f"tb_diagnose could not answer: {type(error).__name__} {quoted(cut(str(error), '.'))}.")
        text = json.dumps(answer, ensure_ascii=False)
        return types.CallToolResult(content=[types.TextContent(type="text", text=text)], structured_content=answer)

    async def _answered(tool: Tool, arguments: dict[str, Any], context: Context) -> dict[str, Any]:
        if tool.runs_programs:
            async with program:  # two at once would take each other's time
                return await running.RUNNERS[tool.name](logdirs, arguments, partial(_tell, context))
        async with lock:
            return await _in_thread(partial(_answer, logdirs, tool.name, arguments, allow_run), context)

    async def list_resources(context: Context, params: Any) -> types.ListResourcesResult:
        start = _cursor(params)

        def page(tell: Callable[[int, int], None]) -> dict[str, Any]:
            places = logdirs.places()
            chosen = places[start : start + PAGE]
            runs = [run for place in chosen for run in reversed(logdirs.runs_at(place))]
            rows = [(run.name, answers.headline(run)) for run in runs]
            return {"rows": rows, "next": start + PAGE if start + PAGE < len(places) else None}

        try:
            async with lock:
                found = await _in_thread(page, context)
        except UnknownError:
            found = {"rows": [], "next": None}
        listed = [
            types.Resource(
                uri=REPORT + quote(name, safe=""), name=name[:200], description=told, mime_type="text/markdown"
            )
            for name, told in found["rows"]
        ]
        return types.ListResourcesResult(
            resources=listed, next_cursor=None if found["next"] is None else str(found["next"])
        )

    async def list_templates(context: Context, params: Any) -> types.ListResourceTemplatesResult:
        template = types.ResourceTemplate(
            uri_template=f"{REPORT}{{run}}",
            name="report",
            description="The report of a run, by its name from list_runs (percent-encoded).",
            mime_type="text/markdown",
        )
        return types.ListResourceTemplatesResult(resource_templates=[template])

    async def read_resource(context: Context, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
        uri = str(params.uri)
        if not uri.startswith(REPORT):
            raise MCPError(UNKNOWN, f"There is no such resource. Expected: {REPORT}RUN. Received: {uri[:200]!r}.")
        name = unquote(uri.removeprefix(REPORT))

        def read(tell: Callable[[int, int], None]) -> dict[str, Any]:
            run = logdirs.run(name)
            return {"text": brief(run.diagnosis, run.name, from_files=allow_run)}

        try:
            async with lock:
                text = (await _in_thread(read, context))["text"]
        except UnknownError as error:
            raise MCPError(UNKNOWN, str(error)) from error
        return types.ReadResourceResult(
            contents=[types.TextResourceContents(uri=uri, text=text, mime_type="text/markdown")]
        )

    return Server(
        "tb_diagnose",
        version=__version__,
        title="Why the accuracy of a Keras model does not move",
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_resources,
        on_list_resource_templates=list_templates,
        on_read_resource=read_resource,
    )


def _answer(
    logdirs: Logdirs, name: str, arguments: Mapping[str, Any], allow_run: bool, tell: Callable[[int, int], None]
) -> dict[str, Any]:
    """The answer of a tool that only reads."""
    given = dict(arguments)
    if name == "list_runs":
        return answers.list_runs(logdirs, tell, **given)
    if name == "diagnose":
        return answers.diagnose(logdirs.run(given.pop("run", None)), from_files=allow_run, **given)
    if name == "evidence":
        return answers.evidence(logdirs.run(given.pop("run", None)), **given)
    if name == "compare":
        return answers.compare(logdirs.run(given["run"]), logdirs.run(given["other"]))
    if name == "since_last_run":
        return answers.since_last_run(logdirs, given.get("run"))
    if name == "sweep":
        return answers.sweep(logdirs, tell)
    return answers.explain(**given)


async def _in_thread(work: Work, context: Context) -> dict[str, Any]:
    """Work that may take long: it reports how far it is, and ends soon after nobody waits for it any more."""
    stopped = threading.Event()
    last = -math.inf

    def tell(done: int, total: int) -> None:
        nonlocal last
        if stopped.is_set():
            raise StoppedError
        if time.monotonic() - last >= OFTEN:
            from_thread.run(_tell, context, float(done), float(total), "runs read")
            last = time.monotonic()

    try:
        return await to_thread.run_sync(work, tell, abandon_on_cancel=True)
    finally:
        stopped.set()


async def _tell(context: Context, done: float, total: float | None, message: str) -> None:
    await context.session.report_progress(done, total, message)


def _described(tool: Tool) -> types.Tool:
    return types.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.input_schema,
        output_schema=tool.output_schema,
        annotations=types.ToolAnnotations(
            read_only_hint=not tool.runs_programs,
            destructive_hint=tool.runs_programs,
            idempotent_hint=not tool.runs_programs,
            open_world_hint=tool.runs_programs,
        ),
    )


def _failed(sentence: str) -> types.CallToolResult:
    """An answer that says what went wrong, and what to do."""
    return types.CallToolResult(content=[types.TextContent(type="text", text=visible(sentence))], is_error=True)


def _cursor(params: Any) -> int:
    cursor = getattr(params, "cursor", None)
    if cursor is None:
        return 0
    if not str(cursor).isdigit():
        raise MCPError(INVALID, f"There is no page {str(cursor)[:40]!r}.")
    return int(cursor)
