#!/usr/bin/env bash
# Trains the demo, prints the verdicts and serves TensorBoard with the Diagnosis tab on them.
# Needs Python 3.11 or newer, nothing else. `--once`: the same without serving. PORT=6007 chooses another port.
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}
venv=demo/.venv
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "The demo needs Python 3.11 or newer; PYTHON=... names one." >&2; exit 2; }
if [ ! -x "$venv/bin/python" ]; then
  echo "Making a virtual environment in $venv ..."
  "$python" -m venv "$venv"
fi
# On Linux the CPU build is enough, and a tenth of the download.
keras_backend=tensorflow
[ "$(uname -s)" = Linux ] && keras_backend=tensorflow-cpu
echo "Installing tb_diagnose, Keras and $keras_backend (a few minutes the first time) ..."
"$venv/bin/pip" install --quiet --disable-pip-version-check . "$keras_backend" keras scikit-learn

"$venv/bin/python" demo/train.py
echo
"$venv/bin/tb-diagnose" demo/logs
if [ "${1:-}" = --once ]; then
  exit 0
fi
echo
echo "Open http://localhost:${PORT:-6006}/#diagnosis and look at the Diagnosis tab. Ctrl+C ends it."
exec "$venv/bin/tensorboard" --logdir demo/logs --port "${PORT:-6006}"
