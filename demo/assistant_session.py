"""A session as a coding assistant has it: a stalled run, its diagnosis, the patch, the proof, the run again.

`python demo/assistant_session.py` plays it with the client of the Model Context Protocol's own SDK against the real
server, in a folder of its own, and prints each step. It needs `tb-diagnose[mcp]`, Keras and its backend.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from mcp import Client, StdioServerParameters

PROGRAM = Path(__file__).with_name("stalled.py")
ENVIRONMENT = {name: value for name, value in os.environ.items() if name in ("KERAS_BACKEND", "PYTHONPATH")}


async def ask(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """The answer of a tool; its own sentence as an error, where it has none."""
    result = await client.call_tool(tool, arguments)
    if result.is_error:
        raise SystemExit(f"{tool}: {result.content[0].text}")
    answer: dict[str, Any] = result.structured_content or {}
    return answer


async def session(folder: Path) -> None:
    """Plays it in a folder."""
    shutil.copy(PROGRAM, folder / "train.py")
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "tb_diagnose", "mcp", "logs", "--allow-run"],
        env={**ENVIRONMENT, "TF_CPP_MIN_LOG_LEVEL": "3"},
        cwd=folder,
    )
    async with Client(server) as client:
        first = await ask(client, "run_script", script="train.py")
        if not first["runs"]:
            raise SystemExit(f"run_script: {first['output']}")
        print("1. run:", first["runs"][0]["status"], "-", first["runs"][0]["sentence"])

        found = await ask(client, "diagnose")
        for cause in found["probable_causes"]:
            print("2. diagnose:", cause["id"], "-", cause["measured"])

        tried = await ask(client, "trial", script="train.py", budget=600)
        if tried["trial"] is None:
            raise SystemExit(f"trial: {tried['output']}")
        for row in tried["trial"]["rows"]:
            print("3. trial:", " + ".join(row["causes"]) or "as it is", row["value"], row["verdict"])

        patch = found["patch"]
        print("4. patch:", "applies" if patch["applies"] else "by hand")
        print(patch["diff"])
        subprocess.run(["git", "apply"], input=patch["diff"].encode(), cwd=folder, check=True)

        await ask(client, "run_script", script="train.py")
        since = await ask(client, "since_last_run")
        before, after = since["score"]["values"]
        print(
            "5. since the last run:",
            since["runs"][1]["status"],
            f"- {since['score']['of']} {before} -> {after};",
            "gone:",
            *since["gone"],
        )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        asyncio.run(session(Path(made)))
