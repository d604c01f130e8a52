"""Runs pytest, and ends with its verdict before libraries are taken apart: `python tests/run_pytest.py [ARGS ...]`.

Dask and fsspec leave daemon threads, and TensorFlow, Arrow and JAX threads of their own. Python ends a daemon thread
that comes back to it while it shuts down, and where C++ is on that thread's stack the process aborts: exit status 134
after tests that all passed.
"""

from __future__ import annotations

import atexit
import os
import sys

import pytest

if __name__ == "__main__":
    verdict = int(pytest.main(sys.argv[1:]))
    atexit._run_exitfuncs()  # temporary folders go, and servers that tests have started
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(verdict)
