"""A Dask cluster that reads: one that is there, by the address of its scheduler, or one on this machine."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import Any

from tb_diagnose._version import __version__
from tb_diagnose.fleet.engine import AHEAD
from tb_diagnose.fleet.group import Group
from tb_diagnose.fleet.task import NotSeenError, OtherVersionError, Read, read_group
from tb_diagnose.reader.tag_names import NO_TAGS, UserTags

LOCAL = "local"
"""In place of an address: a cluster on this machine, for as long as the review takes."""
TIMEOUT = 10.0
"""Seconds within which a scheduler answers."""
RECOUNT = 2.0
"""Seconds for which the number of workers is taken to be the same."""


class Cluster:
    """Reads on the workers of a Dask cluster. What a worker that dies was reading, Dask hands to another one.

    Args:
        address: Of the scheduler, such as `tcp://host:8786`, or `LOCAL`.
        complain: Takes a sentence, when there is no worker.
        processes: Workers of a local cluster.
        user_tags: Names of scalars that the user has given.

    Raises:
        OSError: the scheduler does not answer, or a worker has another tb_diagnose, or none.
    """

    def __init__(
        self, address: str, complain: Callable[[str], None], processes: int = 1, user_tags: UserTags = NO_TAGS
    ) -> None:
        from distributed import Client, LocalCluster

        self._address = address
        self._complain = complain
        self._user_tags = user_tags
        self._own = None
        if address == LOCAL:
            self._own = LocalCluster(n_workers=processes, threads_per_worker=1, dashboard_address=None)
        try:
            self._client = Client(self._own or address, timeout=TIMEOUT, set_as_default=False)
        except (OSError, ValueError) as error:  # a timeout is an OSError, too
            raise OSError(
                f"There is no Dask scheduler at {address!r}. Expected: the address that `dask scheduler` prints, such "
                f"as tcp://host:8786 ({_first_line(error)})."
            ) from error
        try:
            _check_versions(self._client)
        except BaseException:
            self.close()
            raise
        self._executor = self._client.get_executor(pure=False)
        self._slots, self._counted, self._said = 0, 0.0, False

    def submit(self, group: Group) -> Future[Read]:
        future: Future[Read] = self._executor.submit(read_group, group, __version__, self._user_tags)
        return future

    @property
    def slots(self) -> int:
        now = time.monotonic()
        if now > self._counted + RECOUNT:
            self._counted = now
            self._slots = AHEAD * sum(self._client.nthreads().values())
            if not self._slots and not self._said:
                self._complain(f"the cluster at {self._address} has no worker; waiting for one.")
            self._said = not self._slots
        return self._slots

    def is_death(self, error: BaseException) -> bool:
        from distributed import KilledWorker

        return isinstance(error, KilledWorker)

    def explained(self, error: BaseException) -> BaseException:
        if isinstance(error, OtherVersionError):
            return _other_version("A worker", str(error))
        if isinstance(error, NotSeenError):
            return OSError(
                f"A worker does not see {str(error)!r}. Expected: an address such as s3://bucket/logs, or a folder "
                "that all workers share."
            )
        if isinstance(error, ImportError) or "deserializ" in str(error):
            cause = error.__cause__ or error
            return OSError(
                f"A worker lacks what it needs ({_first_line(cause)}). Expected: on all workers "
                f'pip install "tb-diagnose[fleet]=={__version__}".'
            )
        if isinstance(error, CancelledError):
            return OSError(
                f"The scheduler at {self._address} is gone. What was read before is kept; the same command goes on."
            )
        return error

    def close(self) -> None:
        self._client.close()
        if self._own is not None:
            self._own.close()


def _check_versions(client: Any) -> None:
    """Raises OSError where a worker has another tb_diagnose than this one, or none."""

    def installed() -> str | None:  # is sent as it is: a worker may have no tb_diagnose
        try:
            from tb_diagnose._version import __version__
        except ImportError:
            return None
        return __version__

    for worker, version in client.run(installed, on_error="return").items():
        if version is None:
            raise OSError(
                f"The worker {worker} has no tb_diagnose. Expected: on all workers "
                f'pip install "tb-diagnose[fleet]=={__version__}".'
            )
        if version != __version__:
            raise _other_version(f"The worker {worker}", str(version))


def _other_version(who: str, version: str) -> OSError:
    return OSError(f"{who} has tb_diagnose {version}, and this is {__version__}. Expected: the same on all workers.")


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
