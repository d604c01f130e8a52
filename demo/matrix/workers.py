"""Runs jobs in processes of their own. One that hangs, dies or grows is replaced; the others go on."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any

PATIENCE = 600.0
"""Seconds after which a job hangs: the longest takes some 20 s, and some minutes on a busy machine."""
LIFE = 60
"""Jobs after which a process is replaced: TensorFlow gives back little of the memory of earlier models."""
ENVIRONMENT = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "CUDA_VISIBLE_DEVICES": "-1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "JAX_PLATFORMS": "cpu",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
}
"""Settings that a process must have before it imports a backend and numpy."""

Work = Callable[..., Any]


@dataclass
class _Worker:
    process: Any
    connection: Connection
    done: int = 0
    index: int | None = None
    deadline: float = 0.0


def run(
    work: Work, arguments: Sequence[tuple[Any, ...]], processes: int, patience: float = PATIENCE, life: int = LIFE
) -> Iterator[tuple[int, Any]]:
    """Calls `work(*arguments[i])` for each i.

    Args:
        work: A function of a module; what it returns can be pickled.
        arguments: Its arguments, one tuple a job.
        processes: How many work side by side.
        patience: Seconds after which a job is given up.
        life: Jobs after which a process is replaced.

    Yields:
        `(i, result)` in the order in which they are done; the result is a `Lost` where there is none.
    """
    ahead = iter(range(len(arguments)))
    workers: list[_Worker] = []
    try:
        for _ in range(min(processes, len(arguments))):
            workers.append(_start(work))
            _give(workers[-1], ahead, arguments, patience)
        while workers:
            wait([w.connection for w in workers], timeout=1.0)
            for worker in list(workers):
                result = _result(worker, patience)
                if result is _NOTHING:
                    continue
                index = worker.index
                assert index is not None
                worker.index = None
                worker.done += 1
                replaced = isinstance(result, Lost) or worker.done >= life
                if replaced:
                    _end(worker)
                    workers.remove(worker)
                yield index, result
                if replaced:
                    worker = _start(work)
                    workers.append(worker)
                if not _give(worker, ahead, arguments, patience):
                    _end(worker)
                    workers.remove(worker)
    finally:
        for worker in workers:
            _end(worker)


@dataclass(frozen=True)
class Lost:
    """What stands for the result of a job that hung, died or raised."""

    reason: str


_NOTHING = object()


def _start(work: Work) -> _Worker:
    context = multiprocessing.get_context("spawn")
    near, far = context.Pipe()
    before = {name: os.environ.get(name) for name in ENVIRONMENT}
    os.environ.update(ENVIRONMENT)
    try:
        process = context.Process(target=_serve, args=(work, far), daemon=True)
        process.start()
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
    far.close()
    return _Worker(process, near)


def _serve(work: Work, connection: Connection) -> None:
    """What a process does: one job after the other, until None comes or the connection ends."""
    try:
        while (arguments := connection.recv()) is not None:
            try:
                result = work(*arguments)
            except Exception as error:  # noqa: BLE001 - one bad job must not stop the rest
                result = Lost(f"{type(error).__name__}: {error}")
            connection.send(result)
    except (EOFError, OSError, KeyboardInterrupt):
        pass


def _give(worker: _Worker, ahead: Iterator[int], arguments: Sequence[tuple[Any, ...]], patience: float) -> bool:
    """Gives a worker its next job. Returns False when there is none."""
    index = next(ahead, None)
    if index is None:
        return False
    worker.index, worker.deadline = index, time.monotonic() + patience
    with suppress(OSError):  # it died at rest, which `_result` notices
        worker.connection.send(arguments[index])
    return True


def _result(worker: _Worker, patience: float) -> Any:
    """What a worker has done, `_NOTHING` while it is at work."""
    try:
        if worker.connection.poll():
            return worker.connection.recv()
    except (EOFError, OSError):
        worker.process.join(5)
        return Lost(f"the process died (exit code {worker.process.exitcode})")
    if time.monotonic() > worker.deadline:
        return Lost(f"no answer within {patience:g} s")
    return _NOTHING


def _end(worker: _Worker) -> None:
    """Ends a process: asks it, then terminates it, then kills it."""
    with suppress(OSError):
        worker.connection.send(None)
    worker.connection.close()
    if worker.index is None:
        worker.process.join(5)
    worker.process.terminate()
    worker.process.join(5)
    if worker.process.is_alive():
        worker.process.kill()
        worker.process.join()
