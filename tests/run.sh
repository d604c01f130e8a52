#!/usr/bin/env bash
# Installs what the tests need and runs all of them, in two halves side by side.
# Arguments go to pytest: bash tests/run.sh -m "not slow". With a file or folder among them, there is one process.
# PYTHON=... names the interpreter (3.11 or newer).
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/environment.sh

# On Linux the CPU build is enough, and a tenth of the download. PyTorch is held to a version of which there is one.
backend=tensorflow
[ "$(uname -s)" = Linux ] && backend=tensorflow-cpu
set_up_python -e ".[test]" "$backend" keras jax jaxlib torch==2.13.0
set_up_node
have chromium || have chromium-browser || have google-chrome || install chromium

pytest() { "$venv/bin/python" -m pytest "$@"; }

say "Running the tests ..."
for argument in "$@"; do
  [ -e "${argument%%::*}" ] && { pytest "$@"; exit; }
done

# They take about as long as each other. Both begin in tests/: its conftest.py is the one that is imported by its name.
second=(tests/recorder)
first=()
for folder in tests/*/; do
  [[ " ${second[*]} " == *" ${folder%/} "* ]] || first+=("${folder%/}")
done
output=$(mktemp)
pytest tests "${first[@]/#/--ignore=}" -o cache_dir=.pytest_cache/second "$@" >"$output" 2>&1 &
half=$!
trap 'kill $half 2>/dev/null || true; rm -f "$output"' EXIT
first_status=0 second_status=0
pytest tests "${second[@]/#/--ignore=}" "$@" || first_status=$?
say "The tests of ${second[*]} ..."
wait $half || second_status=$?
cat "$output"

# 5: nothing was collected, as with -k and a name of the other half.
[ $first_status = 5 ] && [ $second_status != 5 ] && first_status=0
[ $second_status = 5 ] && [ $first_status != 5 ] && second_status=0
[ $first_status = 0 ] || exit $first_status
exit $second_status
