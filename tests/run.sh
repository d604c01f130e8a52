#!/usr/bin/env bash
# Installs what the tests need and runs all of them, in four shares side by side.
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

pytest() { "$venv/bin/python" -X faulthandler tests/run_pytest.py "$@"; }

say "Running the tests ..."
for argument in "$@"; do
  [ -e "${argument%%::*}" ] && { pytest "$@"; exit; }
done

# Shares that take about as long as each other; the first is what is left. Those of folders begin in tests/: its conftest.py
# is the one that is imported by its name.
files="tests/recorder/test_kinds.py tests/recorder/test_failing_calls.py"
shares=("" "tests/recorder" "tests/causes tests/trials" "$files")
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
  local number=$1 taken=() path
  shift
  if [ "${shares[number]}" = "$files" ]; then
    for path in $files; do taken+=("$path"); done
  else
    taken=(tests)
    for path in "${folders[@]}" $files; do
      [[ " ${shares[number]} " == *" $path "* ]] || taken+=("--ignore=$path")
    done
  fi
  pytest "${taken[@]}" -o cache_dir=".pytest_cache/$number" "$@"
}
others=("${!shares[@]}")
others=("${others[@]:1}")
for number in "${others[@]}"; do
  share "$number" "$@" >"$outputs/$number" 2>&1 &
  running+=($!)
done
statuses=(0)
share 0 "$@" 2>&1 | tee "$outputs/0" || statuses[0]=$?
for number in "${others[@]}"; do
  statuses[number]=0
  wait "${running[number - 1]}" || statuses[number]=$?
  say "The tests of ${shares[number]} ..."
  cat "$outputs/$number"
done

# 5: nothing was collected, as with -k and a name of another share; where that is so of all, it is what is returned.
# What failed is shown once more at the end: where little is kept of a long output, it is the end of it.
failed=0
for number in "${!shares[@]}"; do
  status=${statuses[number]}
  [ "$status" = 0 ] || [ "$status" = 5 ] || {
    failed=$status
    say "Exit status $status from the tests of ${shares[number]}. They end with:"
    tail -n 60 "$outputs/$number"
  }
done
[ "$failed" = 0 ] || exit "$failed"
[[ " ${statuses[*]} " == *" 0 "* ]] || exit 5
