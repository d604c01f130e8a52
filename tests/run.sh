#!/usr/bin/env bash
# Installs what the tests need and runs all of them, in three shares side by side.
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

# Shares that take about as long as each other; the first is what is left. Each begins in tests/: its conftest.py is the
# one that is imported by its name.
shares=("" "tests/recorder" "tests/causes tests/trials")
folders=(tests/*/)
folders=("${folders[@]%/}")
apart="${shares[*]}"
for folder in "${folders[@]}"; do
  [[ " $apart " == *" $folder "* ]] || shares[0]+=" $folder"
done

outputs=$(mktemp -d)
running=()
trap 'kill "${running[@]}" 2>/dev/null || true; rm -rf "$outputs"' EXIT
share() {
  local number=$1 others=() folder
  shift
  for folder in "${folders[@]}"; do
    [[ " ${shares[number]} " == *" $folder "* ]] || others+=("--ignore=$folder")
  done
  pytest tests "${others[@]}" -o cache_dir=".pytest_cache/$number" "$@"
}
for number in 1 2; do
  share $number "$@" >"$outputs/$number" 2>&1 &
  running+=($!)
done
statuses=(0)
share 0 "$@" || statuses[0]=$?
for number in 1 2; do
  statuses[number]=0
  wait "${running[number - 1]}" || statuses[number]=$?
  say "The tests of ${shares[number]} ..."
  cat "$outputs/$number"
done

# 5: nothing was collected, as with -k and a name of another share; where that is so of all, it is what is returned.
for status in "${statuses[@]}"; do
  [ "$status" = 0 ] || [ "$status" = 5 ] || exit "$status"
done
[[ " ${statuses[*]} " == *" 0 "* ]] || exit 5
