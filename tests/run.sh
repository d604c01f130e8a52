#!/usr/bin/env bash
# Installs what the tests need and runs all of them. Arguments go to pytest: bash tests/run.sh -m "not slow"
# PYTHON=... names the interpreter (3.11 or newer).
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/environment.sh

# On Linux the CPU build is enough, and a tenth of the download.
backend=tensorflow
[ "$(uname -s)" = Linux ] && backend=tensorflow-cpu
set_up_python -e ".[test]" "$backend" keras
set_up_node
have chromium || have chromium-browser || have google-chrome || install chromium

say "Running the tests ..."
exec "$venv/bin/python" -m pytest "$@"
