#!/usr/bin/env bash
# Installs what the tests need and runs all of them, in two halves side by side: the tab, and everything else.
# Arguments go to pytest: bash tests/run.sh -m "not slow". With a file or folder among them, there is one process.
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

pytest() { "$venv/bin/python" -m pytest "$@"; }

say "Running the tests ..."
for argument in "$@"; do
  [ -e "${argument%%::*}" ] && { pytest "$@"; exit; }
done

tab=$(mktemp)
pytest tests/plugin -o cache_dir=.pytest_cache/tab "$@" >"$tab" 2>&1 &
half=$!
trap 'kill $half 2>/dev/null || true; rm -f "$tab"' EXIT
rest_status=0 tab_status=0
pytest tests --ignore tests/plugin "$@" || rest_status=$?
say "The tests of the tab ..."
wait $half || tab_status=$?
cat "$tab"

# 5: nothing was collected, as with -k and a name of the other half.
[ $rest_status = 5 ] && [ $tab_status != 5 ] && rest_status=0
[ $tab_status = 5 ] && [ $rest_status != 5 ] && tab_status=0
[ $rest_status = 0 ] || exit $rest_status
exit $tab_status
