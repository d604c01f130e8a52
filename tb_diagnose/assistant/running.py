"""Runs the user's programs for an assistant, where that was allowed: ended with the request that asked for them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import anyio
from anyio import to_thread

from tb_diagnose import storage
from tb_diagnose.assistant import answers
from tb_diagnose.assistant.logdirs import Logdirs, Run, UnknownError
from tb_diagnose.assistant.marking import CLOSING, OPENING, Marker, quoted
from tb_diagnose.assistant.summary import sentence, trial_of

LOOK = 1.0
"""Seconds between two looks at a program."""
LIMIT = 3_600.0
"""Seconds after which a program is ended, unless the asker says otherwise."""
PATIENCE = 5.0
"""Seconds that a program has to end when it is asked to."""
OUTPUT = 2_000
"""Characters of a program's output that are told: its end."""
Tell = Callable[[float, float | None, str], Awaitable[None]]


async def run_script(logdirs: Logdirs, arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """Runs a program under `tb-diagnose run`, and says which runs it has logged."""
    script = _below_here(arguments["script"])
    before = time.time()
    command = [
        "-m",
        "tb_diagnose",
        "run",
        "--quiet",
        "--logdir",
        _target(logdirs),
        script,
        *arguments.get("arguments", []),
    ]
    status, output, seconds = await _run(command, arguments.get("seconds", LIMIT), tell)
    runs = await to_thread.run_sync(_written_since, logdirs, before)
    told = [
        {
            "run": run.name,
            "status": run.diagnosis.status.name,
            "sentence": sentence(run.diagnosis, Marker(run.diagnosis.evidence, os.getcwd())),
            "probable_causes": [named.cause.id for named in run.diagnosis.probable_causes],
        }
        for run in runs[:10]
    ]
    return answers.noted({"exit_status": status, "seconds": round(seconds, 1), "output": _end(output), "runs": told})


async def trial(logdirs: Logdirs, arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """Runs a program, and then trains copies of its last model with each change."""
    settings = {
        "script": _below_here(arguments["script"]),
        "arguments": arguments.get("arguments", []),
        "logdir": _target(logdirs),
        "budget": arguments.get("budget"),
        "seeds": arguments.get("seeds", 3),
    }
    before = time.time()
    command = ["-m", "tb_diagnose.trials.of_program", json.dumps(settings)]
    status, output, _ = await _run(command, LIMIT, tell)
    runs = await to_thread.run_sync(_written_since, logdirs, before)
    run = next((each for each in runs if each.diagnosis.trial is not None), None)
    return answers.noted(
        {
            "exit_status": -1 if status is None else status,
            "run": None if run is None else run.name,
            "trial": None if run is None else trial_of(run.diagnosis),
            "output": _end(output),
        }
    )


RUNNERS: Mapping[str, Callable[[Logdirs, Mapping[str, Any], Tell], Awaitable[dict[str, Any]]]] = {
    "run_script": run_script,
    "trial": trial,
}


async def _run(words: Sequence[str], limit: float, tell: Tell) -> tuple[int | None, str, float]:
    """The exit status of a Python command (None where it was ended at its limit), its output, and what it took (s)."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="tb-diagnose-") as folder:
        path = Path(folder) / "output"
        with path.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-u", *words],  # what it prints is seen at once, and in its order
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=os.name != "nt",  # what the program starts ends with it
            )
        try:
            while process.poll() is None:
                seconds = time.monotonic() - began
                if seconds > limit:
                    break
                await tell(round(seconds, 1), None, _last_line(_tail(path, 400)))
                await anyio.sleep(LOOK)
            status = process.poll()
        finally:
            _end_process(process)
        return status, _tail(path, 4 * OUTPUT), time.monotonic() - began


def _end_process(process: subprocess.Popen[bytes]) -> None:
    """Ends a program and what it has started, if it has not ended: asked first, then without asking."""
    if process.poll() is not None:
        return
    import signal

    for number in (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
        try:
            if os.name == "nt":
                process.terminate()
            else:
                os.killpg(process.pid, number)
            process.wait(PATIENCE)
            return
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue


def _below_here(script: str) -> str:
    """A script in the working directory.

    Raises:
        UnknownError: it is none, or lies elsewhere.
    """
    here, path = Path.cwd().resolve(), Path(script).resolve()
    if not path.is_relative_to(here) or path.suffix != ".py" or not path.is_file():
        raise UnknownError(f"Expected: a Python file below the working directory. Received: {script[:200]!r}.")
    return str(path.relative_to(here))


def _target(logdirs: Logdirs) -> str:
    """Where runs are logged to: the first logdir."""
    given = logdirs.given[0]
    return given if storage.is_remote(given) else os.path.abspath(given)


def _written_since(logdirs: Logdirs, moment: float) -> list[Run]:
    try:
        places = [place for place in logdirs.places() if place.newest >= moment - 1]
    except UnknownError:
        return []
    return [run for place in places for run in reversed(logdirs.runs_at(place))]


def _tail(path: Path, most: int) -> str:
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - most, 0))
        return file.read(most).decode("utf-8", "replace")


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return quoted(lines[-1]) if lines else "running"


def _end(text: str) -> str:
    """The end of an output between its marks, with nothing in it that is not seen but line breaks and tabs."""
    kept = "".join(letter for letter in text if letter.isprintable() or letter in "\n\t")
    inner = kept.replace(OPENING, "‹").replace(CLOSING, "›")[-OUTPUT:].strip()
    return f"{OPENING}{inner}{CLOSING}" if inner else ""
